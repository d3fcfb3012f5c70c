//! A second opinion: order by nearness to the ideal (TOPSIS: Hwang, Yoon 1981), and how far two orders agree.
//!
//! The ideal is worth 1 in everything and its contrary worth 0, both fixed by the requirement's anchors; so a carrier's nearness, like its score, does
//! not change when another appears. It is never mixed into the score.
use super::Scale;

/// Nearness to the ideal, 0 to 1.
pub fn nearness(scale: &Scale, worths: &[f64]) -> f64 {
    let to = |ideal: f64| {
        let parts = scale.weights().iter().zip(worths);
        parts.map(|(weight, worth)| (weight * (ideal - worth)).powi(2)).sum::<f64>().sqrt()
    };
    let (best, worst) = (to(1.0), to(0.0));
    if best + worst > 0.0 { worst / (best + worst) } else { 0.0 }
}

/// Kendall's tau between the order 0, 1, 2, ... and another order of the same numbers: 1 when equal, -1 when reversed. `None` below two.
pub fn kendall_tau(order: &[usize]) -> Option<f64> {
    let pairs = order.len() * order.len().saturating_sub(1) / 2;
    let mut order = order.to_vec();
    let swaps = inversions(&mut order);
    (pairs > 0).then(|| 1.0 - 2.0 * swaps as f64 / pairs as f64)
}

/// Sorts, and counts pairs in the wrong order.
fn inversions(order: &mut [usize]) -> usize {
    if order.len() < 2 {
        return 0;
    }
    let (left, right) = order.split_at_mut(order.len() / 2);
    let mut count = inversions(left) + inversions(right);
    let mut merged = Vec::with_capacity(left.len() + right.len());
    let (mut one, mut two) = (0, 0);
    while one < left.len() && two < right.len() {
        if left[one] <= right[two] {
            merged.push(left[one]);
            one += 1;
        } else {
            count += left.len() - one;
            merged.push(right[two]);
            two += 1;
        }
    }
    merged.extend_from_slice(&left[one..]);
    merged.extend_from_slice(&right[two..]);
    order.copy_from_slice(&merged);
    count
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nearness_has_its_ends() {
        let scale = Scale::new(&[2.0, 1.0]).unwrap();
        assert!((nearness(&scale, &[1.0, 1.0]) - 1.0).abs() < 1e-12);
        assert!(nearness(&scale, &[0.0, 0.0]).abs() < 1e-12);
        // d+ = (1/3), d- = (2/3): the heavier wish is met.
        assert!((nearness(&scale, &[1.0, 0.0]) - 2.0 / 3.0).abs() < 1e-12);
        assert_eq!(kendall_tau(&[0]), None);
    }

    proptest! {
        #![proptest_config(super::super::seeded::cases(500))]

        #[test]
        fn tau_is_what_counting_pairs_gives(order in Just((0..9usize).collect::<Vec<_>>()).prop_shuffle()) {
            let mut balance = 0.0;
            for one in 0..order.len() {
                for two in one + 1..order.len() {
                    balance += if order[one] < order[two] { 1.0 } else { -1.0 };
                }
            }
            prop_assert!((kendall_tau(&order).unwrap() - balance / 36.0).abs() < 1e-12);
        }
    }
}
