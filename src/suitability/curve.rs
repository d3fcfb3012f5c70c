//! Value functions: how good a value is, from 0 to 1, on anchors that the asker fixes.

/// A trapezoid: 0 up to `zero_from`, rising to 1 at `full_from`, 1 up to `full_to`, falling to 0 at `zero_to`. Infinite ends make it one-sided.
///
/// The anchors come from the requirement, never from the carriers, so that a carrier's worth does not change when another appears.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Curve {
    zero_from: f64,
    full_from: f64,
    full_to: f64,
    zero_to: f64,
}

impl Curve {
    /// 0 at `worst` and beyond, 1 at `best` and beyond. `None` when both are the same.
    pub fn between(worst: f64, best: f64) -> Option<Self> {
        if worst < best {
            Self::trapezoid([worst, best, f64::INFINITY, f64::INFINITY])
        } else if best < worst {
            Self::trapezoid([f64::NEG_INFINITY, f64::NEG_INFINITY, best, worst])
        } else {
            None
        }
    }

    /// 1 at `target`, 0 at a distance of `tolerance`. `None` unless the tolerance is above 0.
    pub fn near(target: f64, tolerance: f64) -> Option<Self> {
        (tolerance > 0.0)
            .then(|| Self::trapezoid([target - tolerance, target, target, target + tolerance]))
            .flatten()
    }

    /// From four anchors in rising order. `None` when they are not, or not numbers.
    pub fn trapezoid(anchors: [f64; 4]) -> Option<Self> {
        let [zero_from, full_from, full_to, zero_to] = anchors;
        (zero_from <= full_from && full_from <= full_to && full_to <= zero_to).then_some(Self {
            zero_from,
            full_from,
            full_to,
            zero_to,
        })
    }

    /// Worth of a value.
    pub fn worth(&self, value: f64) -> f64 {
        if value >= self.full_from && value <= self.full_to {
            return 1.0;
        }
        if value < self.full_from {
            rise(self.zero_from, self.full_from, value)
        } else {
            1.0 - rise(self.full_to, self.zero_to, value)
        }
    }

    /// Worth of the best value within a closed interval: a plot ratio of 1.2 to 2.0 can be used anywhere in between.
    pub fn worth_within(&self, low: f64, high: f64) -> f64 {
        self.worth(self.best_within(low, high))
    }

    /// The value within a closed interval that is worth most; the one nearest to the full part.
    pub fn best_within(&self, low: f64, high: f64) -> f64 {
        if high < self.full_from {
            high
        } else if low > self.full_to {
            low
        } else {
            low.max(self.full_from)
        }
    }

    /// The four anchors; infinite ones are open.
    pub fn anchors(&self) -> [f64; 4] {
        [self.zero_from, self.full_from, self.full_to, self.zero_to]
    }
}

fn rise(from: f64, to: f64, value: f64) -> f64 {
    if value <= from {
        0.0
    } else {
        ((value - from) / (to - from)).clamp(0.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn worth_at_the_anchors() {
        let rent = Curve::between(25.0, 12.0).unwrap();
        let height = Curve::between(6.0, 10.0).unwrap();
        let near = Curve::near(75.0, 15.0).unwrap();
        let step = Curve::trapezoid([5.0, 5.0, 8.0, 12.0]).unwrap();
        let cases = [
            (rent, 25.0, 0.0),
            (rent, 12.0, 1.0),
            (rent, 18.5, 0.5),
            (rent, 3.0, 1.0),
            (rent, 90.0, 0.0),
            (height, 5.0, 0.0),
            (height, 7.0, 0.25),
            (height, 20.0, 1.0),
            (near, 75.0, 1.0),
            (near, 60.0, 0.0),
            (near, 82.5, 0.5),
            (step, 4.9, 0.0),
            (step, 5.0, 1.0),
            (step, 10.0, 0.5),
        ];
        for (curve, value, expected) in cases {
            let worth = curve.worth(value);
            assert!(
                (worth - expected).abs() < 1e-12,
                "{curve:?} at {value}: {worth}, expected {expected}"
            );
        }
        assert_eq!(Curve::between(3.0, 3.0), None);
        assert_eq!(Curve::trapezoid([1.0, 3.0, 2.0, 4.0]), None);
        assert_eq!(Curve::near(1.0, f64::NAN), None);
    }

    #[test]
    fn an_interval_is_worth_its_best_value() {
        let ratio = Curve::between(1.0, 2.0).unwrap();
        assert!((ratio.worth_within(f64::NEG_INFINITY, 1.5) - 0.5).abs() < 1e-12);
        assert!((ratio.worth_within(1.2, f64::INFINITY) - 1.0).abs() < 1e-12);
        assert!((ratio.worth_within(0.2, 0.8)).abs() < 1e-12);
    }

    proptest! {
        #![proptest_config(super::super::seeded::cases(500))]

        #[test]
        fn worth_is_between_0_and_1_and_never_falls_towards_the_best(
            mut anchors in proptest::array::uniform4(-1e3..1e3f64), low in -2e3..2e3f64, step in 0.0..1e3f64
        ) {
            anchors.sort_by(f64::total_cmp);
            let curve = Curve::trapezoid(anchors).unwrap();
            let (one, two) = (curve.worth(low), curve.worth(low + step));
            prop_assert!((0.0..=1.0).contains(&one) && (0.0..=1.0).contains(&two));
            if low + step <= anchors[2] {
                prop_assert!(two >= one);
            }
            if low >= anchors[1] {
                prop_assert!(two <= one);
            }
        }
    }
}
