//! How often one may try to log in: a bucket of tries per account name and per peer address, filled slowly.
use std::collections::HashMap;

use jiff::Timestamp;

/// Tries that a full bucket holds, and seconds until one is added.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    /// Tries at once.
    pub burst: f64,
    /// Seconds per further try.
    pub every_s: f64,
}

/// Per account name: ten tries, then one a minute. Whoever knows a name can thereby lock its owner out of *logging in*, never out of a session.
pub const PER_ACCOUNT: Rate = Rate {
    burst: 10.0,
    every_s: 60.0,
};
/// Per address: an office may share one.
pub const PER_PEER: Rate = Rate {
    burst: 30.0,
    every_s: 10.0,
};

/// Names or addresses remembered; beyond, those with full buckets are forgotten first, then all.
const MOST_BUCKETS: usize = 50_000;

/// Buckets by name.
pub struct Throttle {
    rate: Rate,
    buckets: HashMap<String, (f64, Timestamp)>,
}

impl Throttle {
    /// Full buckets for everybody.
    pub fn new(rate: Rate) -> Self {
        Self {
            rate,
            buckets: HashMap::new(),
        }
    }

    /// Takes one try; `Err` says how many seconds to wait for the next.
    pub fn take(&mut self, name: &str, now: Timestamp) -> Result<(), u64> {
        self.make_room(now);
        let left = self.left(name, now);
        if left < 1.0 {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "between 1 and the time of one try"
            )]
            return Err(((1.0 - left) * self.rate.every_s).ceil().max(1.0) as u64);
        }
        self.buckets.insert(name.to_owned(), (left - 1.0, now));
        Ok(())
    }

    /// Gives the tries back, after one that succeeded.
    pub fn forgive(&mut self, name: &str) {
        self.buckets.remove(name);
    }

    fn left(&self, name: &str, now: Timestamp) -> f64 {
        self.buckets
            .get(name)
            .map_or(self.rate.burst, |(left, at)| self.filled(*left, *at, now))
    }

    fn filled(&self, left: f64, at: Timestamp, now: Timestamp) -> f64 {
        let passed_s = now.duration_since(at).as_secs_f64().max(0.0);
        (left + passed_s / self.rate.every_s).min(self.rate.burst)
    }

    fn make_room(&mut self, now: Timestamp) {
        if self.buckets.len() < MOST_BUCKETS {
            return;
        }
        let rate = self.rate;
        self.buckets
            .retain(|_, (left, at)| *left + now.duration_since(*at).as_secs_f64().max(0.0) / rate.every_s < rate.burst);
        if self.buckets.len() >= MOST_BUCKETS {
            self.buckets.clear();
        }
    }
}
