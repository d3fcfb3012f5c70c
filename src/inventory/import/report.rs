//! What came of an import.
use std::fmt;

use crate::domain::ids::Revision;
use crate::formats::{BadFeature, Place};

/// What came of an import, or would come of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ImportReport {
    /// Rows read.
    pub rows: u64,
    /// Records that are new.
    pub added: u64,
    /// Records that were there and get other values or another outline.
    pub changed: u64,
    /// Records that are as the file says already.
    pub unchanged: u64,
    /// Rows that cannot be taken.
    pub refused: u64,
    /// The first of them, with reasons.
    pub refusals: Vec<Refusal>,
    /// Rows whose outline was mended.
    pub mended: u64,
    /// The first of them.
    pub mends: Vec<Mend>,
    /// Revision in which all was written; `None` when nothing was.
    pub revision: Option<Revision>,
    /// What a person should know about how the file was read.
    pub notes: Vec<String>,
    /// What became of each field: its attribute, or nothing.
    pub fields: Vec<(String, Option<String>)>,
}

/// Most refusals and mends that a report lists; all are counted.
pub const LISTED: usize = 100_000;

/// A row that cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Where it stands.
    pub place: Place,
    /// Field to blame.
    pub column: Option<String>,
    /// What stands there.
    pub given: String,
    /// What should stand there.
    pub expected: String,
}

/// Longest piece of a file that a report repeats, characters.
const SHOWN_CHARS: usize = 200;

/// A text of a file as it can be shown: no signs that steer a terminal, and not a book of it.
fn shown(text: &str) -> String {
    let mut out = String::new();
    for (at, c) in text.chars().enumerate() {
        if at == SHOWN_CHARS {
            out.push('…');
            break;
        }
        if c.is_control() {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    out
}

impl Refusal {
    /// A refusal.
    pub fn new(place: Place, column: Option<&str>, given: impl Into<String>, expected: impl Into<String>) -> Self {
        Self {
            place,
            column: column.map(shown),
            given: shown(&given.into()),
            expected: expected.into(),
        }
    }
}

impl From<BadFeature> for Refusal {
    fn from(bad: BadFeature) -> Self {
        Self {
            place: bad.place,
            column: bad.field.as_deref().map(shown),
            given: shown(&bad.given),
            expected: bad.expected,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.place)?;
        if let Some(column) = &self.column {
            write!(out, ", {column}")?;
        }
        write!(out, ": given {}, expected {}", self.given, self.expected)
    }
}

/// An outline that was mended, as somebody asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Mend {
    /// Where it stands.
    pub place: Place,
    /// What was wrong.
    pub fault: String,
    /// Its area as given, m².
    pub area_before_m2: f64,
    /// Its area now, m².
    pub area_after_m2: f64,
}

impl fmt::Display for Mend {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            place,
            fault,
            area_before_m2,
            area_after_m2,
        } = self;
        write!(
            out,
            "{place}: {fault}; area {area_before_m2:.2} m² before, {area_after_m2:.2} m² after"
        )
    }
}
