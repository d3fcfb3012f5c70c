//! Whether a value is one of its attribute: in limits, of the list, not too long.
use std::sync::Arc;

use super::{Range, Value, ValueError};
use crate::domain::catalogue::{Attribute, Catalogue, Kind, Measure};

impl Value {
    /// Holds the value against the attribute: its kind, limits (base unit), code list, length. `given` is what an error repeats.
    pub fn check(self, attribute: &Attribute, catalogue: &Catalogue, given: &str) -> Result<Self, ValueError> {
        let refuse = |expected: String| Err(ValueError::new(attribute, given, expected));
        match (&self, &attribute.kind) {
            (Self::Number(number), Kind::Number(measure)) if within(*number, measure) => Ok(self),
            (Self::Number(_), Kind::Number(measure)) => refuse(limits(catalogue, measure)),
            (Self::Range(range), Kind::Range(measure)) => match range_fault(range, measure) {
                None => Ok(self),
                Some(RangeFault::Empty) => refuse("a range with a bound, the lower one not above the upper one".to_owned()),
                Some(RangeFault::Outside) => refuse(limits(catalogue, measure)),
            },
            (Self::Code(code), Kind::Code { list }) => match catalogue.list(list) {
                Some(list) if list.get(code).is_some() => Ok(self),
                Some(list) => refuse(list.sample()),
                None => refuse(format!("a code of {list}")),
            },
            (Self::Text(text), Kind::Text { max_chars }) => match tidy(text) {
                Some(text) if text.chars().count() <= *max_chars => Ok(Self::Text(text)),
                Some(_) => refuse(format!("a text of at most {max_chars} characters")),
                None => refuse("a text that is not empty, without control characters".to_owned()),
            },
            (Self::Flag(_), Kind::Flag) | (Self::Date(_), Kind::Date) => Ok(self),
            (_, kind) => refuse(form(kind).to_owned()),
        }
    }
}

/// What a kind looks like in JSON.
pub(super) fn form(kind: &Kind) -> &'static str {
    match kind {
        Kind::Number(_) => "a number",
        Kind::Range(_) => "a range {\"min\": number, \"max\": number}",
        Kind::Code { .. } => "a code as a string",
        Kind::Flag => "true or false",
        Kind::Text { .. } => "a text",
        Kind::Date => "a day as \"2027-03-01\"",
    }
}

/// What the limits of a measure are, for people.
pub(super) fn limits(catalogue: &Catalogue, measure: &Measure) -> String {
    let unit = catalogue
        .quantity(&measure.quantity)
        .map_or("", |quantity| &*quantity.base().names.en);
    format!("a number from {} to {} {unit}", measure.min, measure.max)
        .trim_end()
        .to_owned()
}

fn within(number: f64, measure: &Measure) -> bool {
    number.is_finite() && (measure.min..=measure.max).contains(&number)
}

enum RangeFault {
    Empty,
    Outside,
}

fn range_fault(range: &Range, measure: &Measure) -> Option<RangeFault> {
    let ends = [range.min, range.max];
    if ends.iter().flatten().any(|end| !within(*end, measure)) {
        return Some(RangeFault::Outside);
    }
    let empty = match ends {
        [None, None] => true,
        [Some(min), Some(max)] if range.min_inclusive && range.max_inclusive => min > max,
        [Some(min), Some(max)] => min >= max,
        [Some(_), None] | [None, Some(_)] => false,
    };
    empty.then_some(RangeFault::Empty)
}

fn tidy(text: &Arc<str>) -> Option<Arc<str>> {
    let trimmed = text.trim();
    let bad = |c: char| c.is_control() && !matches!(c, '\n' | '\t' | '\r');
    if trimmed.is_empty() || trimmed.contains(bad) {
        return None;
    }
    Some(if trimmed.len() == text.len() {
        text.clone()
    } else {
        Arc::from(trimmed)
    })
}
