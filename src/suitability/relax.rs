//! How far a bound must move to admit carriers that fail nothing else: tidy values that really admit, with exact counts.

/// Which bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The lower one; it has to fall.
    Min,
    /// The upper one; it has to rise.
    Max,
}

/// A carrier that fails at the bound and at nothing else.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Needed {
    /// What the bound must reach, base unit.
    pub value: f64,
    /// Whether reaching it is enough, or it has to go beyond (an open end of a range).
    pub closed: bool,
    /// Whether the carrier is unknown in another gate: it would then be open, not admitted.
    pub open: bool,
    /// What the bound must reach for the carrier to be unknown instead of failing, where that is nearer: a price of which nobody says whether tax
    /// is in it.
    pub eases: Option<f64>,
}

impl Needed {
    /// A carrier that is in no other gate unknown.
    pub fn at(value: f64, closed: bool) -> Self {
        Self {
            value,
            closed,
            open: false,
            eases: None,
        }
    }
}

/// A value for the bound, and what it does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Offer {
    /// The value, in the asker's unit.
    pub to: f64,
    /// Carriers that it admits.
    pub adds: usize,
    /// Carriers that would then be open.
    pub opens: usize,
}

/// At which number of carriers a value is offered: the nearest, and where it begins to be worth more.
const TARGETS: [usize; 3] = [1, 5, 20];

/// Digits to which an offered value is rounded, away from the bound.
const DIGITS: f64 = 3.0;

impl Side {
    /// Whether a bound at this value (base unit) admits the carrier; the same comparison as the gate's own.
    pub fn admits(self, bound: f64, needed: &Needed) -> bool {
        match (self, needed.closed) {
            (Self::Min, true) => needed.value >= bound,
            (Self::Min, false) => needed.value > bound,
            (Self::Max, true) => needed.value <= bound,
            (Self::Max, false) => needed.value < bound,
        }
    }

    /// Below 0 for the value that is nearer to the bound.
    fn order(self, one: f64, two: f64) -> std::cmp::Ordering {
        match self {
            Self::Min => two.total_cmp(&one),
            Self::Max => one.total_cmp(&two),
        }
    }
}

/// Values for a bound asked in a unit of `factor` base units.
pub fn offers(side: Side, factor: f64, mut needed: Vec<Needed>) -> Vec<Offer> {
    needed.retain(|needed| needed.value.is_finite());
    let nearest = nearest(side, &needed);
    let mut offers: Vec<Offer> = Vec::new();
    for target in TARGETS {
        let Some(last) = nearest.get(target - 1).map(|at| &needed[*at]) else {
            break;
        };
        if offers.last().is_some_and(|before| side.admits(before.to * factor, last)) {
            continue;
        }
        let Some(to) = tidy(side, factor, last) else { continue };
        let admits = |needed: &&Needed| side.admits(to * factor, needed);
        let eases = |needed: &&Needed| {
            let value = needed.eases.unwrap_or(needed.value);
            side.admits(to * factor, &Needed { value, ..**needed })
        };
        offers.push(Offer {
            to,
            adds: needed.iter().filter(admits).filter(|needed| !needed.open).count(),
            opens: needed.iter().filter(eases).filter(|needed| needed.open || !admits(needed)).count(),
        });
    }
    offers
}

/// Which are nearest to the bound, in order; of equally near ones the first. No more than the largest target looks at.
fn nearest(side: Side, needed: &[Needed]) -> Vec<usize> {
    const MOST: usize = TARGETS[TARGETS.len() - 1];
    let order = |one: &usize, two: &usize| side.order(needed[*one].value, needed[*two].value).then_with(|| one.cmp(two));
    let mut nearest: Vec<usize> = (0..needed.len()).collect();
    if nearest.len() > MOST {
        nearest.select_nth_unstable_by(MOST - 1, order);
        nearest.truncate(MOST);
    }
    nearest.sort_unstable_by(order);
    nearest
}

/// The nearest value of three digits in the asker's unit that admits; `None` where there is none.
fn tidy(side: Side, factor: f64, needed: &Needed) -> Option<f64> {
    const STEPS: usize = 4;
    let asked = needed.value / factor;
    let decimals = if asked == 0.0 {
        DIGITS
    } else {
        DIGITS - 1.0 - asked.abs().log10().floor()
    };
    let power = 10f64.powf(decimals.abs());
    let (up, down) = if decimals >= 0.0 { (power, 1.0) } else { (1.0, power) };
    let count = asked * up / down;
    let away = match side {
        Side::Min => -1.0,
        Side::Max => 1.0,
    };
    let mut count = match side {
        Side::Min => count.floor(),
        Side::Max => count.ceil(),
    };
    // A unit's factor is rounded, and an open end has to be passed: the next value does it.
    for _ in 0..STEPS {
        let to = count * down / up + 0.0;
        if side.admits(to * factor, needed) {
            return Some(to);
        }
        count += away;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn closed(value: f64) -> Needed {
        Needed::at(value, true)
    }

    #[test]
    fn values_are_tidy_and_counted() {
        let heights = [7.62, 7.6, 5.0, 6.999, 7.8, 3.0].map(closed);
        let found = offers(Side::Min, 1.0, heights.to_vec());
        assert_eq!(
            found,
            [
                Offer {
                    to: 7.8,
                    adds: 1,
                    opens: 0
                },
                Offer {
                    to: 5.0,
                    adds: 5,
                    opens: 0
                }
            ]
        );
        let mu = 2000.0 / 3.0;
        let areas = [Needed {
            open: true,
            ..closed(95.013 * mu)
        }];
        assert_eq!(
            offers(Side::Max, mu, areas.to_vec()),
            [Offer {
                to: 95.1,
                adds: 0,
                opens: 1
            }]
        );
        let open_end = Needed {
            closed: false,
            ..closed(1.5)
        };
        assert!((offers(Side::Min, 1.0, vec![open_end])[0].to - 1.49).abs() < 1e-12);
        assert!((offers(Side::Min, 1.0, vec![closed(0.0)])[0].to).abs() < 1e-12);
        assert!(offers(Side::Min, 1.0, vec![closed(f64::NEG_INFINITY)]).is_empty());
    }

    proptest! {
        #![proptest_config(super::super::seeded::cases(500))]

        #[test]
        fn offered_values_admit_what_is_counted(
            values in proptest::collection::vec((-1e5..1e5f64, any::<bool>()), 1..40), factor in 1e-3..1e3f64, min in any::<bool>()
        ) {
            let side = if min { Side::Min } else { Side::Max };
            let needed: Vec<_> = values.iter().map(|(value, closed)| Needed::at(*value, *closed)).collect();
            let found = offers(side, factor, needed.clone());
            prop_assert!(!found.is_empty());
            for offer in found {
                let admitted = needed.iter().filter(|needed| side.admits(offer.to * factor, needed)).count();
                prop_assert_eq!(offer.adds, admitted);
                prop_assert!(admitted > 0);
            }
        }
    }
}
