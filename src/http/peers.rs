//! How much one address may ask for.
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// A bucket per address that fills at a steady rate; each request takes one.
pub struct Peers {
    per_s: f64,
    burst: f64,
    buckets: Mutex<HashMap<IpAddr, Bucket>>,
}

struct Bucket {
    left: f64,
    seen: Instant,
}

/// When there are more addresses than this, those with a full bucket are forgotten.
const MOST_REMEMBERED: usize = 100_000;

impl Peers {
    /// `per_s` of 0 lets everything pass.
    pub fn new(per_s: u32, burst: u32) -> Self {
        Self {
            per_s: f64::from(per_s),
            burst: f64::from(burst.max(1)),
            buckets: Mutex::default(),
        }
    }

    /// Takes one; else says after how many seconds there will be one.
    pub fn take(&self, peer: IpAddr, now: Instant) -> Result<(), u64> {
        if self.per_s == 0.0 {
            return Ok(());
        }
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MOST_REMEMBERED {
            buckets.retain(|_, bucket| bucket.left + now.duration_since(bucket.seen).as_secs_f64() * self.per_s < self.burst);
        }
        let bucket = buckets.entry(whole_network(peer)).or_insert(Bucket {
            left: self.burst,
            seen: now,
        });
        bucket.left = (bucket.left + now.duration_since(bucket.seen).as_secs_f64() * self.per_s).min(self.burst);
        bucket.seen = now;
        if bucket.left < 1.0 {
            let wait_s = ((1.0 - bucket.left) / self.per_s).ceil();
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few seconds, never negative")]
            return Err(wait_s as u64);
        }
        bucket.left -= 1.0;
        Ok(())
    }
}

/// One household has a whole /64 of IPv6 addresses.
fn whole_network(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((u128::from(address) & !u128::from(u64::MAX)).into()),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_burst_passes_then_the_rate_holds() {
        let peers = Peers::new(2, 3);
        let (one, other): (IpAddr, IpAddr) = ("10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap());
        let start = Instant::now();
        for _ in 0..3 {
            assert_eq!(peers.take(one, start), Ok(()));
        }
        assert_eq!(peers.take(one, start), Err(1));
        assert_eq!(peers.take(other, start), Ok(()));
        assert_eq!(peers.take(one, start + Duration::from_millis(500)), Ok(()));
        assert!(peers.take(one, start + Duration::from_millis(500)).is_err());
    }

    #[test]
    fn one_household_is_one_peer() {
        let peers = Peers::new(1, 1);
        let now = Instant::now();
        assert_eq!(peers.take("2001:db8::1".parse().unwrap(), now), Ok(()));
        assert!(peers.take("2001:db8::2".parse().unwrap(), now).is_err());
        assert_eq!(peers.take("2001:db8:0:1::1".parse().unwrap(), now), Ok(()));
    }
}
