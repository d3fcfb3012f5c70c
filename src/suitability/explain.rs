//! Why this order: what one carrier has before another, and at which weights another comes first.
use super::Scale;

/// Wishes in which two carriers differ, with the first one's points less the other's; the largest differences first.
pub fn differences(scale: &Scale, one: &[f64], other: &[f64]) -> Vec<(usize, f64)> {
    let pairs = scale.points(one).zip(scale.points(other));
    let mut found: Vec<_> = pairs
        .map(|(one, other)| one - other)
        .enumerate()
        .filter(|(_, difference)| *difference != 0.0)
        .collect();
    found.sort_by(|one, two| two.1.abs().total_cmp(&one.1.abs()));
    found
}

/// A weight at which another carrier takes the first place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tipping {
    /// Share of all weights.
    pub weight: f64,
    /// Which carrier, by its number.
    pub carrier: usize,
}

/// How far one weight can go either way before the first place changes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Hold {
    /// Nearest lower weight at which it does.
    pub below: Option<Tipping>,
    /// Nearest higher weight at which it does.
    pub above: Option<Tipping>,
}

/// For each wish, how far its weight can go while the others keep their proportion. The first carrier is the one with the first place.
///
/// With share t for one wish, a carrier's score is t u + (1 - t) r, where u is its worth there and r its mean worth in the others: a line. Two lines
/// cross at one t, so there is nothing to search.
pub fn holds(scale: &Scale, worths: &[&[f64]]) -> Vec<Hold> {
    let weights = scale.weights();
    (0..weights.len()).map(|wish| hold(weights, wish, worths)).collect()
}

fn hold(weights: &[f64], wish: usize, worths: &[&[f64]]) -> Hold {
    let now = weights[wish];
    let rest: f64 = weights
        .iter()
        .enumerate()
        .filter(|(at, _)| *at != wish)
        .map(|(_, weight)| weight)
        .sum();
    let Some((first, others)) = worths.split_first().filter(|_| rest > 0.0) else {
        return Hold::default();
    };
    let in_others = |worths: &[f64]| {
        let parts = weights.iter().zip(worths).enumerate().filter(|(at, _)| *at != wish);
        parts.map(|(_, (weight, worth))| weight * worth).sum::<f64>() / rest
    };
    let mut hold = Hold::default();
    let own = in_others(first);
    for (at, other) in others.iter().enumerate() {
        let (here, elsewhere) = (first[wish] - other[wish], own - in_others(other));
        let slope = here - elsewhere;
        if slope == 0.0 {
            continue;
        }
        let tipping = Tipping {
            weight: -elsewhere / slope,
            carrier: at + 1,
        };
        // Behind the crossing the other one leads: above it on a falling lead, below it on a rising one.
        if slope < 0.0 && here < 0.0 {
            let weight = tipping.weight.max(now);
            if hold.above.is_none_or(|known| weight < known.weight) {
                hold.above = Some(Tipping { weight, ..tipping });
            }
        } else if slope > 0.0 && elsewhere < 0.0 {
            let weight = tipping.weight.min(now);
            if hold.below.is_none_or(|known| weight > known.weight) {
                hold.below = Some(Tipping { weight, ..tipping });
            }
        }
    }
    hold
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn differences_are_told_largest_first() {
        let scale = Scale::new(&[30.0, 20.0, 50.0]).unwrap();
        let found = differences(&scale, &[1.0, 0.0, 0.5], &[0.7, 0.5, 0.5]);
        assert_eq!(found.iter().map(|(wish, _)| *wish).collect::<Vec<_>>(), [1, 0]);
        assert!((found[0].1 + 10.0).abs() < 1e-9 && (found[1].1 - 9.0).abs() < 1e-9);
    }

    #[test]
    fn two_carriers_change_places_where_their_lines_cross() {
        let scale = Scale::new(&[0.6, 0.4]).unwrap();
        let holds = holds(&scale, &[&[0.9, 0.1], &[0.3, 0.8]]);
        let below = holds[0].below.unwrap();
        assert!((below.weight - 0.7 / 1.3).abs() < 1e-12 && below.carrier == 1);
        assert_eq!(holds[0].above, None);
        assert!((holds[1].above.unwrap().weight - 0.6 / 1.3).abs() < 1e-12);
        assert_eq!(super::holds(&Scale::new(&[1.0]).unwrap(), &[&[0.5], &[0.4]]), [Hold::default()]);
    }

    proptest! {
        #![proptest_config(super::super::seeded::cases(500))]

        /// Up to the weight the first stays first; a little beyond it the other leads.
        #[test]
        fn the_first_place_changes_there_and_not_before(
            weights in proptest::collection::vec(0.05..1.0f64, 3), carriers in proptest::collection::vec(proptest::collection::vec(0.0..1.0f64, 3), 2..6)
        ) {
            let scale = Scale::new(&weights).unwrap();
            let mut carriers = carriers;
            carriers.sort_by(|one, two| scale.score(two).total_cmp(&scale.score(one)));
            let worths: Vec<&[f64]> = carriers.iter().map(Vec::as_slice).collect();
            for (wish, hold) in holds(&scale, &worths).iter().enumerate() {
                let lead = |share: f64| {
                    let share = share.clamp(0.0, 1.0);
                    let rest: f64 = 1.0 - scale.weights()[wish];
                    let moved: Vec<f64> = scale.weights().iter().enumerate()
                        .map(|(at, weight)| if at == wish { share } else { weight * (1.0 - share) / rest }).collect();
                    let moved = Scale::new(&moved).unwrap();
                    let best = worths[1..].iter().map(|worths| moved.score(worths)).fold(f64::NEG_INFINITY, f64::max);
                    moved.score(worths[0]) - best
                };
                let now = scale.weights()[wish];
                let (low, high) = (hold.below.map_or(0.0, |tipping| tipping.weight), hold.above.map_or(1.0, |tipping| tipping.weight));
                for step in 0..=10 {
                    let share = low + (high - low) * f64::from(step) / 10.0;
                    prop_assert!(lead(share) >= -1e-7, "{wish} at {share} of {now}");
                }
                for (tipping, towards) in [(hold.below, 0.0), (hold.above, 1.0)] {
                    if let Some(tipping) = tipping {
                        prop_assert!(lead(tipping.weight + (towards - tipping.weight) * 1e-3) < 1e-9);
                    }
                }
            }
        }
    }
}
