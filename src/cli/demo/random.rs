//! Chance that is the same on every machine: `SplitMix64` (Steele, Lea and Flood 2014), begun anew for every record by its name,
//! so that a change to one record does not move all that come after it.
use jiff::ToSpan;
use jiff::civil::Date;

/// Of the whole demo park. Another seed is another park.
pub const SEED: u64 = 20_261_125;

const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0100_0000_01b3;

/// A stream of chance.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// The stream of this name.
    pub fn of(name: &str) -> Self {
        let hash = name
            .bytes()
            .fold(FNV_OFFSET, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(FNV_PRIME));
        Self(hash ^ SEED)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 up to, but not, 1.
    pub fn share(&mut self) -> f64 {
        const STEPS: f64 = (1_u64 << 53) as f64;
        (self.next() >> 11) as f64 / STEPS
    }

    /// A number in between.
    pub fn between(&mut self, least: f64, most: f64) -> f64 {
        least + (most - least) * self.share()
    }

    /// A number in between, on a step: `stepped(12.0, 25.0, 0.5)`.
    pub fn stepped(&mut self, least: f64, most: f64, step: f64) -> f64 {
        round_to(self.between(least, most), step)
    }

    /// A whole number, both ends included.
    pub fn whole(&mut self, least: i64, most: i64) -> i64 {
        let wide = u64::try_from(most - least).unwrap_or(0) + 1;
        least + i64::try_from(self.next() % wide).unwrap_or(0)
    }

    /// True in this share of cases.
    pub fn chance(&mut self, share: f64) -> bool {
        self.share() < share
    }

    /// One of them.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.index(from.len())]
    }

    /// The place of one of so many, at least one.
    pub fn index(&mut self, count: usize) -> usize {
        usize::try_from(self.next() % (count.max(1) as u64)).unwrap_or(0)
    }

    /// One of them, each as often as its weight says.
    pub fn weighted<T: Copy>(&mut self, from: &[(T, u32)]) -> T {
        let total: u32 = from.iter().map(|(_, weight)| weight).sum();
        let mut left = self.next() % u64::from(total);
        for (one, weight) in from {
            if left < u64::from(*weight) {
                return *one;
            }
            left -= u64::from(*weight);
        }
        from[0].0
    }

    /// A day, both ends included.
    pub fn day(&mut self, from: Date, to: Date) -> Date {
        let days = from.until(to).map_or(0, |span| i64::from(span.get_days()));
        from.saturating_add(self.whole(0, days).days())
    }
}

/// The nearest multiple of a step, without the noise of binary fractions for steps that are decimal fractions.
pub fn round_to(number: f64, step: f64) -> f64 {
    let per_one = 1.0 / step;
    if per_one >= 1.0 {
        (number * per_one).round() / per_one
    } else {
        (number / step).round() * step
    }
}
