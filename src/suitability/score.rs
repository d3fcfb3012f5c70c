//! From worths to points: a weighted sum, so that points add up.
use std::cmp::Ordering;

/// Points of a carrier that is best in every wish.
const FULL: f64 = 100.0;

/// Weights, made to add up to one.
#[derive(Clone, Debug, PartialEq)]
pub struct Scale {
    weights: Vec<f64>,
}

impl Scale {
    /// Of weights that are finite and not negative; `None` when none is above 0.
    pub fn new(given: &[f64]) -> Option<Self> {
        let sum: f64 = given.iter().sum();
        let sound = given.iter().all(|weight| *weight >= 0.0) && sum.is_finite() && (sum > 0.0 || given.is_empty());
        sound.then(|| Self {
            weights: given.iter().map(|weight| weight / sum).collect(),
        })
    }

    /// The weights; they add up to one.
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// Points of each wish, 100 in all for a carrier that is best in each.
    pub fn points<'a>(&'a self, worths: &'a [f64]) -> impl Iterator<Item = f64> + 'a {
        self.weights.iter().zip(worths).map(|(weight, worth)| FULL * weight * worth)
    }

    /// The sum of the points, in their order.
    pub fn score(&self, worths: &[f64]) -> f64 {
        // A sum of nothing is -0.
        self.points(worths).sum::<f64>() + 0.0
    }
}

/// A carrier with its worths and score. `T` is how the caller finds it again.
#[derive(Clone, Debug, PartialEq)]
pub struct Scored<'a, T> {
    /// The carrier.
    pub carrier: T,
    /// Its code, by which equal scores are ordered.
    pub code: &'a str,
    /// Worth by wish, 0 to 1; what is unknown is worth 0.
    pub worths: Vec<f64>,
    /// Sum of its points.
    pub score: f64,
}

impl<T> Scored<'_, T> {
    /// Higher score first, then the lower code.
    pub fn order(&self, other: &Self) -> Ordering {
        other.score.total_cmp(&self.score).then_with(|| self.code.cmp(other.code))
    }
}

/// The first `most` in order, and those behind them in no order.
pub fn rank<T>(carriers: &mut [Scored<'_, T>], most: usize) {
    if most > 0 && most < carriers.len() {
        carriers.select_nth_unstable_by(most - 1, Scored::order);
        carriers[..most].sort_unstable_by(Scored::order);
    } else {
        carriers.sort_unstable_by(Scored::order);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_add_up_and_weights_are_shares() {
        let scale = Scale::new(&[30.0, 20.0, 0.0]).unwrap();
        let worths = [0.5, 1.0, 0.3];
        let points: Vec<f64> = scale.points(&worths).collect();
        assert!((points[0] - 30.0).abs() < 1e-12 && (points[1] - 40.0).abs() < 1e-12 && points[2].abs() < 1e-12);
        assert!((points.iter().sum::<f64>() - scale.score(&worths)).abs() < 1e-9);
        assert_eq!(Scale::new(&[0.0, 0.0]), None);
        assert_eq!(Scale::new(&[-1.0, 2.0]), None);
        assert_eq!(Scale::new(&[f64::NAN]), None);
        assert!(Scale::new(&[]).unwrap().score(&[]).abs() < 1e-12);
    }

    #[test]
    fn equal_scores_are_ordered_by_code() {
        let one = |code, score| Scored {
            carrier: (),
            code,
            worths: Vec::new(),
            score,
        };
        let mut all = vec![one("C", 1.0), one("B", 5.0), one("A", 1.0), one("D", 5.0)];
        rank(&mut all, 3);
        let codes: Vec<_> = all.iter().map(|each| each.code).collect();
        assert_eq!(codes, ["B", "D", "A", "C"]);
    }
}
