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

/// Keeps the first of many carriers without keeping the others.
#[derive(Debug)]
pub struct Best<'a, T> {
    most: usize,
    kept: Vec<Scored<'a, T>>,
    /// Whoever has less is not among the first.
    bar: f64,
}

impl<'a, T> Best<'a, T> {
    /// Keeps so many.
    pub fn new(most: usize) -> Self {
        Self {
            most,
            kept: Vec::new(),
            bar: f64::NEG_INFINITY,
        }
    }

    /// Whether a carrier with this score may be among the first. Asked before it is made ready, which takes longer.
    pub fn takes(&self, score: f64) -> bool {
        self.most > 0 && score.total_cmp(&self.bar).is_ge()
    }

    /// Adds a carrier.
    pub fn add(&mut self, carrier: Scored<'a, T>) {
        if self.takes(carrier.score) {
            self.kept.push(carrier);
            // Cut now and then: so each carrier costs the same, however many are kept.
            if self.kept.len() >= 2 * self.most {
                self.cut();
            }
        }
    }

    fn cut(&mut self) {
        if self.kept.len() > self.most {
            let (_, last, _) = self.kept.select_nth_unstable_by(self.most - 1, Scored::order);
            self.bar = last.score;
            self.kept.truncate(self.most);
        }
    }

    /// The first, in order.
    pub fn into_sorted(mut self) -> Vec<Scored<'a, T>> {
        self.cut();
        self.kept.sort_unstable_by(Scored::order);
        self.kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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
        let mut best = Best::new(3);
        for carrier in [one("C", 1.0), one("B", 5.0), one("A", 1.0), one("D", 5.0)] {
            best.add(carrier);
        }
        let codes: Vec<_> = best.into_sorted().iter().map(|each| each.code).collect();
        assert_eq!(codes, ["B", "D", "A"]);
        assert!(Best::<()>::new(0).into_sorted().is_empty());
    }

    proptest! {
        #![proptest_config(super::super::seeded::cases(500))]

        /// Against sorting all of them.
        #[test]
        fn the_first_are_those_of_the_whole_order(scores in proptest::collection::vec(0..6u8, 0..60), most in 1..9usize) {
            let codes: Vec<String> = (0..scores.len()).map(|nth| format!("{:02}", nth * 37 % 100)).collect();
            let carrier = |(score, code): (&u8, &'_ String)| (f64::from(*score), code.clone());
            let mut all: Vec<(f64, String)> = scores.iter().zip(&codes).map(carrier).collect();
            let mut best = Best::new(most);
            for (score, code) in scores.iter().zip(&codes) {
                best.add(Scored { carrier: (), code, worths: Vec::new(), score: f64::from(*score) });
            }
            all.sort_by(|one, two| two.0.total_cmp(&one.0).then_with(|| one.1.cmp(&two.1)));
            all.truncate(most);
            let found: Vec<(f64, String)> = best.into_sorted().iter().map(|each| (each.score, each.code.to_owned())).collect();
            prop_assert_eq!(found, all);
        }
    }
}
