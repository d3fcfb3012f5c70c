//! What "available by a day" means, from the life-cycle's data.
use std::sync::Arc;

use jiff::civil::Date;

use super::attributes::day;
use super::{ParameterError, Scope};
use crate::domain::ids::AttributeKey;
use crate::domain::lifecycle::{Availability, Lifecycle, State};
use crate::domain::query::{Filter, Test};

const STATUS: &str = "status";
const AVAILABLE_FROM: &str = "available_from";

/// Whether the collection has what the question needs, and the asker may see it.
pub(super) fn is_offered(scope: &Scope<'_>) -> bool {
    let seen = |key| scope.attribute(key).is_some();
    scope.catalogue.lifecycle(scope.collection).is_some() && seen(STATUS) && seen(AVAILABLE_FROM)
}

/// A carrier can be had by a day when its state is one that can be had now and no later date is known; or when its state is one that can be had
/// from a date, and that date is known and not later; or when it is reserved, the reservation ends by then, and the same holds of the state after it.
///
/// The end of a reservation counts only for those who may see it: else it could be found by asking for one day after the other.
pub(super) fn by(scope: &Scope<'_>, text: &str) -> Result<Filter, ParameterError> {
    let refuse = || ParameterError::bad("available_by", text, "a day such as 2027-03-01");
    let lifecycle = scope.catalogue.lifecycle(scope.collection).ok_or_else(refuse)?;
    let attribute = scope.attribute(AVAILABLE_FROM).ok_or_else(refuse)?;
    let day = day(scope, attribute, ("available_by", text))?;
    let mut ways = Vec::new();
    for availability in [Availability::Now, Availability::FromDate] {
        let states = lifecycle.states.iter().filter(|state| state.availability == availability);
        let codes: Vec<_> = states.map(|state| state.code.clone()).collect();
        if let (false, Some(dated)) = (codes.is_empty(), dated(availability, day)) {
            ways.push(Filter::All(vec![in_states(codes), dated]));
        }
    }
    ways.extend(lifecycle.states.iter().filter_map(|state| lapsed(scope, lifecycle, state, day)));
    Ok(Filter::Any(ways))
}

fn lapsed(scope: &Scope<'_>, lifecycle: &Lifecycle, state: &State, day: Date) -> Option<Filter> {
    let lapse = state.lapse.as_ref()?;
    scope.attribute(lapse.on.as_str())?;
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
