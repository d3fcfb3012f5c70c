//! The parameter `available_by`; what it means is said in [`crate::domain::available`].
use super::attributes::day;
use super::{ParameterError, Scope};
use crate::domain::available::{self, AVAILABLE_FROM, STATUS};
use crate::domain::query::Filter;

/// Whether the collection has what the question needs, and the asker may see it.
pub(super) fn is_offered(scope: &Scope<'_>) -> bool {
    let seen = |key| scope.attribute(key).is_some();
    scope.catalogue.lifecycle(scope.collection).is_some() && seen(STATUS) && seen(AVAILABLE_FROM)
}

/// The filter for a day as it was given.
pub(super) fn by(scope: &Scope<'_>, text: &str) -> Result<Filter, ParameterError> {
    let refuse = || ParameterError::bad("available_by", text, "a day such as 2027-03-01");
    let lifecycle = scope.catalogue.lifecycle(scope.collection).ok_or_else(refuse)?;
    let attribute = scope.attribute(AVAILABLE_FROM).ok_or_else(refuse)?;
    let day = day(scope, attribute, ("available_by", text))?;
    Ok(available::by(lifecycle, day, |key| scope.attribute(key.as_str()).is_some()))
}
