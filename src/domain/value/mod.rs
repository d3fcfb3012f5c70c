//! Values of catalogue attributes, always in the attribute's base unit.
//!
//! `json` reads and writes them as stored and sent, `text` reads what people write in ledgers and parameters, `check` holds them against the catalogue.
mod check;
mod date;
mod json;
mod number;
#[cfg(test)]
mod tests;
mod text;

use std::sync::Arc;

use jiff::civil::Date;

use super::catalogue::Attribute;
use super::ids::AttributeKey;

pub use json::{attributes_from_json, attributes_to_json};

/// A known value. "Unknown" is the absence of a value, never a variant and never zero.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A finite number in the attribute's base unit.
    Number(f64),
    /// Lower and upper bound in the base unit; at least one is present.
    Range(Range),
    /// A code of the attribute's code list.
    Code(Arc<str>),
    /// Yes or no.
    Flag(bool),
    /// Free text, trimmed, not empty.
    Text(Arc<str>),
    /// A calendar day.
    Date(Date),
}

/// An interval such as a plot ratio of "1.2 to 2.0" or "at least 1.2".
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// Lower bound; `None` is open.
    pub min: Option<f64>,
    /// Upper bound; `None` is open.
    pub max: Option<f64>,
    /// Whether the lower bound itself belongs to the interval.
    pub min_inclusive: bool,
    /// Whether the upper bound itself belongs to the interval.
    pub max_inclusive: bool,
}

/// A value that is not one of its attribute.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{attribute}: given {given}, expected {expected}")]
pub struct ValueError {
    /// The attribute.
    pub attribute: AttributeKey,
    /// As given, shortened.
    pub given: String,
    /// What would have been right.
    pub expected: String,
}

/// Longest piece of a given value that an error repeats, characters.
const GIVEN_CHARS: usize = 80;

impl ValueError {
    fn new(attribute: &Attribute, given: &str, expected: impl Into<String>) -> Self {
        let mut shown: String = given.chars().take(GIVEN_CHARS).collect();
        if shown.len() < given.len() {
            shown.push('…');
        }
        Self {
            attribute: attribute.key.clone(),
            given: shown,
            expected: expected.into(),
        }
    }
}
