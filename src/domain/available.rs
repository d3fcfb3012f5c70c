//! What "can be had by a day" means, from the life-cycle's data: shared by the search and by suitability.
use std::sync::Arc;

use jiff::civil::Date;

use super::ids::AttributeKey;
use super::lifecycle::{Availability, Lifecycle, State};
use super::query::{Filter, Test};

/// Key of the attribute that holds the state.
pub const STATUS: &str = "status";

/// Key of the attribute that holds the day from which a carrier can be had.
pub const AVAILABLE_FROM: &str = "available_from";

/// A carrier can be had by a day when its state is one that can be had now and no later date is known; or when its state is one that can be had
/// from a date, and that date is known and not later; or when it is reserved, the reservation ends by then, and the same holds of the state after it.
///
/// The end of a reservation counts only for those who may see it (`sees`): else it could be found by asking for one day after the other.
pub fn by(lifecycle: &Lifecycle, day: Date, sees: impl Fn(&AttributeKey) -> bool) -> Filter {
    let mut ways = Vec::new();
    for availability in [Availability::Now, Availability::FromDate] {
        let states = lifecycle.states.iter().filter(|state| state.availability == availability);
        let codes: Vec<_> = states.map(|state| state.code.clone()).collect();
        if let (false, Some(dated)) = (codes.is_empty(), dated(availability, day)) {
            ways.push(Filter::All(vec![in_states(codes), dated]));
        }
    }
    let lapsing = lifecycle.states.iter().filter_map(|state| lapsed(lifecycle, state, day, &sees));
    ways.extend(lapsing);
    Filter::Any(ways)
}

fn lapsed(lifecycle: &Lifecycle, state: &State, day: Date, sees: impl Fn(&AttributeKey) -> bool) -> Option<Filter> {
    let lapse = state.lapse.as_ref().filter(|lapse| sees(&lapse.on))?;
    let after = lifecycle.state(&lapse.to)?;
    Some(Filter::All(vec![
        in_states(vec![state.code.clone()]),
        until(lapse.on.clone(), day),
        dated(after.availability, day)?,
    ]))
}

fn dated(availability: Availability, day: Date) -> Option<Filter> {
    let from = AttributeKey::from(AVAILABLE_FROM);
    match availability {
        Availability::Now => {
            let unknown = Filter::Test {
                attribute: from.clone(),
                test: Test::Known(false),
            };
            Some(Filter::Any(vec![unknown, until(from, day)]))
        }
        Availability::FromDate => Some(until(from, day)),
        Availability::Never => None,
    }
}

fn in_states(codes: Vec<Arc<str>>) -> Filter {
    Filter::Test {
        attribute: AttributeKey::from(STATUS),
        test: Test::Code(codes),
    }
}

fn until(attribute: AttributeKey, day: Date) -> Filter {
    let test = Test::Date { from: None, to: Some(day) };
    Filter::Test { attribute, test }
}

/// The first day by which a carrier can be had, and why then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// The day; `None` when it could always be had.
    pub day: Option<Date>,
    /// The reservation that ends before, if there is one: the attribute with its last day.
    pub lapse: Option<AttributeKey>,
}

/// The first day for which [`by`] is true of a carrier in a state; `None` when there is none, or it is unknown.
/// `day_of` gives the days that the asker may see.
pub fn opening(lifecycle: &Lifecycle, state: &str, day_of: impl Fn(&AttributeKey) -> Option<Date>) -> Option<Opening> {
    let state = lifecycle.state(state)?;
    let from = day_of(&AttributeKey::from(AVAILABLE_FROM));
    let open = |availability: Availability| match availability {
        Availability::Now => Some(from),
        Availability::FromDate => from.map(Some),
        Availability::Never => None,
    };
    if let Some(day) = open(state.availability) {
        return Some(Opening { day, lapse: None });
    }
    let lapse = state.lapse.as_ref()?;
    let ends = day_of(&lapse.on)?;
    let after = open(lifecycle.state(&lapse.to)?.availability)?;
    Some(Opening {
        day: Some(after.map_or(ends, |day| day.max(ends))),
        lapse: Some(lapse.on.clone()),
    })
}

/// For a carrier of which [`opening`] knows no day: the first day for which [`by`] is unknown instead of false, if there is one. `state` is `None` while it
/// is unknown; `sees` as for [`by`].
pub fn open_from(
    lifecycle: &Lifecycle,
    state: Option<&str>,
    day_of: impl Fn(&AttributeKey) -> Option<Date>,
    sees: impl Fn(&AttributeKey) -> bool,
) -> Option<Date> {
    let from = day_of(&AttributeKey::from(AVAILABLE_FROM));
    let Some(state) = state else { return from };
    let lapse = lifecycle.state(state)?.lapse.as_ref().filter(|lapse| sees(&lapse.on))?;
    match (lifecycle.state(&lapse.to)?.availability, day_of(&lapse.on)) {
        (Availability::Never, _) => None,
        (Availability::Now | Availability::FromDate, None) => from,
        (Availability::Now | Availability::FromDate, ends) => ends,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::catalogue::Catalogue;

    #[test]
    fn the_opening_is_the_first_day() {
        let catalogue = Catalogue::builtin().unwrap();
        let parcels = catalogue.lifecycle("parcels").unwrap();
        let day = |text: &str| text.parse::<Date>().unwrap();
        let cases = [
            ("AVAILABLE", None, None, Some(None)),
            ("AVAILABLE", Some("2027-03-01"), None, Some(Some("2027-03-01"))),
            ("PLANNED", None, None, None),
            ("PLANNED", Some("2028-01-01"), None, Some(Some("2028-01-01"))),
            ("HELD", None, Some("2027-01-31"), Some(Some("2027-01-31"))),
            ("HELD", Some("2027-06-01"), Some("2027-01-31"), Some(Some("2027-06-01"))),
            ("HELD", None, None, None),
            ("BUILT", None, None, None),
        ];
        for (state, from, held, expected) in cases {
            let found = opening(parcels, state, |key| match key.as_str() {
                AVAILABLE_FROM => from.map(day),
                "hold_until" => held.map(day),
                _ => None,
            });
            assert_eq!(
                found.map(|opening| opening.day),
                expected.map(|expected| expected.map(day)),
                "{state} {from:?} {held:?}"
            );
        }
    }
}
