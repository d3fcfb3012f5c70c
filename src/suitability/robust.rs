//! How firm the first place is: seeded samples of plausible weightings.
use super::Scale;

/// Weightings drawn.
pub const SAMPLES: usize = 2_000;

/// Seed of the drawing. Always the same, so that the same requirement gets the same answer.
pub const SEED: u64 = 0x5a61_6974_6931;

/// How near the drawn weightings are to the given one: the sum of the parameters of the Dirichlet distribution that they follow.
/// At 20 a weight of 50 % is drawn between some 30 and 70 %.
const CONCENTRATION: f64 = 20.0;

/// A small generator of random numbers (splitmix64: Steele, Lea, Flood 2014, doi 10.1145/2714064.2660195).
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// A generator that gives the same numbers for the same seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Above 0, at most 1.
    fn share(&mut self) -> f64 {
        const STEPS: f64 = (1u64 << 53) as f64;
        ((self.next() >> 11) as f64 + 1.0) / STEPS
    }

    /// A sum of so many exponential numbers.
    fn erlang(&mut self, shape: u32) -> f64 {
        let product: f64 = (0..shape).map(|_| self.share()).product();
        -product.ln()
    }
}

/// One weighting near the given one; weights of 0 stay 0. Parameters are whole numbers, at least 1, so that sums of exponential numbers make them.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between 1 and the concentration"
)]
fn draw(scale: &Scale, random: &mut Random) -> Vec<f64> {
    let weight = |share: &f64| {
        if *share > 0.0 {
            random.erlang((share * CONCENTRATION).round().max(1.0) as u32)
        } else {
            0.0
        }
    };
    scale.weights().iter().map(weight).collect()
}

/// In how many of the samples each carrier is first; equal sums go to the one that stands first here.
pub fn firsts(scale: &Scale, worths: &[&[f64]], samples: usize, seed: u64) -> Vec<usize> {
    let mut counts = vec![0; worths.len()];
    let front = undominated(worths);
    let mut random = Random::new(seed);
    for _ in 0..samples {
        let weights = draw(scale, &mut random);
        let sum = |carrier: usize| {
            weights
                .iter()
                .zip(worths[carrier])
                .map(|(weight, worth)| weight * worth)
                .sum::<f64>()
        };
        let mut best: Option<(usize, f64)> = None;
        for carrier in &front {
            let sum = sum(*carrier);
            if best.is_none_or(|(_, known)| sum > known) {
                best = Some((*carrier, sum));
            }
        }
        if let Some((carrier, _)) = best {
            counts[carrier] += 1;
        }
    }
    counts
}

/// Carriers that no other one equals or beats in everything, of equal ones the first: only they can be first under any weights.
fn undominated(worths: &[&[f64]]) -> Vec<usize> {
    let beats = |one: &[f64], other: &[f64]| one.iter().zip(other).all(|(one, other)| one >= other);
    let mut front: Vec<usize> = Vec::new();
    for (at, own) in worths.iter().enumerate() {
        if front.iter().any(|known| beats(worths[*known], own)) {
            continue;
        }
        front.retain(|known| !beats(own, worths[*known]));
        front.push(at);
    }
    front.sort_unstable();
    front
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_same_seed_draws_the_same() {
        let scale = Scale::new(&[3.0, 1.0, 0.0]).unwrap();
        let worths: [&[f64]; 3] = [&[0.6, 0.5, 0.1], &[0.9, 0.1, 0.0], &[0.1, 1.0, 1.0]];
        let one = firsts(&scale, &worths, SAMPLES, SEED);
        assert_eq!(one, firsts(&scale, &worths, SAMPLES, SEED));
        assert_ne!(one, firsts(&scale, &worths, SAMPLES, SEED + 1));
        assert_eq!(one.iter().sum::<usize>(), SAMPLES);
        assert!(one[1] > one[2], "{one:?}");
    }

    #[test]
    fn drawn_weights_are_near_the_given_ones() {
        let scale = Scale::new(&[0.5, 0.3, 0.2]).unwrap();
        let mut random = Random::new(7);
        let mut sums = [0.0; 3];
        for _ in 0..4_000 {
            let drawn = Scale::new(&draw(&scale, &mut random)).unwrap();
            sums.iter_mut()
                .zip(drawn.weights())
                .for_each(|(sum, weight)| *sum += weight / 4_000.0);
        }
        for (mean, weight) in sums.iter().zip(scale.weights()) {
            assert!((mean - weight).abs() < 0.01, "{sums:?}");
        }
    }

    proptest! {
        #![proptest_config(super::super::seeded::cases(500))]

        /// Leaving out the dominated ones changes nothing.
        #[test]
        fn only_the_undominated_are_ever_first(carriers in proptest::collection::vec(proptest::collection::vec(0..4u8, 3), 1..12)) {
            let carriers: Vec<Vec<f64>> = carriers.iter().map(|worths| worths.iter().map(|worth| f64::from(*worth) / 3.0).collect()).collect();
            let worths: Vec<&[f64]> = carriers.iter().map(Vec::as_slice).collect();
            let scale = Scale::new(&[2.0, 1.0, 1.0]).unwrap();
            let found = firsts(&scale, &worths, 50, 3);
            let mut random = Random::new(3);
            let mut expected = vec![0.0; worths.len()];
            for _ in 0..50 {
                let weights = draw(&scale, &mut random);
                let sums: Vec<f64> = worths.iter().map(|own| weights.iter().zip(*own).map(|(weight, worth)| weight * worth).sum()).collect();
                let best = sums.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                // Equal worths give equal sums; sums that differ by rounding alone count as either's.
                let at = sums.iter().position(|sum| sum.total_cmp(&best).is_eq()).unwrap();
                expected[at] += 1.0;
            }
            let found: Vec<f64> = found.iter().map(|count| f64::from(u32::try_from(*count).unwrap())).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
