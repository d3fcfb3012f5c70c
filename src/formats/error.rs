//! What can be wrong with a file or with one of its features.
use std::fmt;
use std::io;

/// Where in a file something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Line and column of a text, both from 1; columns count characters.
    Line {
        /// Line.
        line: u64,
        /// Column.
        column: u64,
    },
    /// Row of a table, from 1.
    Row(u64),
    /// The file as a whole.
    File,
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line { line, column } => write!(out, "line {line}, column {column}"),
            Self::Row(row) => write!(out, "row {row}"),
            Self::File => out.write_str("the file"),
        }
    }
}

/// Why a file cannot be read at all.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum FormatError {
    /// The operating system does not give it.
    #[error("{file} cannot be read: {reason}")]
    Unreadable {
        /// Name of the file.
        file: String,
        /// What the system said.
        reason: String,
    },
    /// No reader knows it.
    #[error("{file} is in no known format; expected {expected}")]
    Unknown {
        /// Name of the file.
        file: String,
        /// The known formats.
        expected: String,
    },
    /// Its content breaks the rules of its format.
    #[error("{place}: given {given}, expected {expected}")]
    Broken {
        /// Where.
        place: Place,
        /// What stands there.
        given: String,
        /// What should stand there.
        expected: String,
    },
    /// It is beyond a limit of [`super::Limits`].
    #[error("{place}: {limit} is limited to {allowed}, given {given}")]
    Limit {
        /// Where it was noticed.
        place: Place,
        /// Name of the limit.
        limit: &'static str,
        /// The limit.
        allowed: u64,
        /// What the file asks for.
        given: String,
    },
    /// The asked layer is not there, or none was asked for and there are several.
    #[error("layer {given}; the file has: {}", layers.join(", "))]
    Layer {
        /// What was asked for.
        given: String,
        /// The layers of the file.
        layers: Vec<String>,
    },
    /// Something was asked for that the format does not have.
    #[error("given the {option} {given}, expected none: {reason}")]
    Unsuited {
        /// What was asked for.
        option: &'static str,
        /// As given.
        given: String,
        /// Why it cannot be.
        reason: &'static str,
    },
    /// Its coordinates are in a reference system that is not known here.
    #[error("reference system {given}, expected {expected}")]
    Crs {
        /// What the file says.
        given: String,
        /// What can be read.
        expected: String,
    },
}

impl FormatError {
    /// Something broken at a place.
    pub fn broken(place: Place, given: impl Into<String>, expected: impl Into<String>) -> Self {
        Self::Broken {
            place,
            given: given.into(),
            expected: expected.into(),
        }
    }

    /// From an error of reading. What a guard put into an [`io::Error`] comes out again as it was.
    pub fn from_io(file: &str, error: &io::Error) -> Self {
        match error.get_ref().and_then(|inner| inner.downcast_ref::<Self>()) {
            Some(own) => own.clone(),
            None => Self::Unreadable {
                file: file.to_owned(),
                reason: error.to_string(),
            },
        }
    }
}

/// One feature that cannot be read; the others can, unless it [ends the file](BadFeature::ends_file).
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{place}{}: given {given}, expected {expected}", field.as_ref().map(|name| format!(", {name}")).unwrap_or_default())]
pub struct BadFeature {
    /// Where.
    pub place: Place,
    /// Column or member, where one is to blame.
    pub field: Option<String>,
    /// What stands there.
    pub given: String,
    /// What should stand there.
    pub expected: String,
    /// Nothing after this place can be read.
    pub ends_file: bool,
}

impl BadFeature {
    /// A feature that is skipped.
    pub fn new(place: Place, given: impl Into<String>, expected: impl Into<String>) -> Self {
        Self {
            place,
            field: None,
            given: given.into(),
            expected: expected.into(),
            ends_file: false,
        }
    }

    /// The same, blaming a field.
    #[must_use]
    pub fn in_field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }
}

impl From<FormatError> for BadFeature {
    /// The end of a file met while its features were read.
    fn from(error: FormatError) -> Self {
        let (place, given, expected) = match error {
            FormatError::Broken { place, given, expected } => (place, given, expected),
            FormatError::Limit {
                place,
                limit,
                allowed,
                given,
            } => (place, given, format!("{limit} of at most {allowed}")),
            FormatError::Unreadable { .. }
            | FormatError::Unknown { .. }
            | FormatError::Layer { .. }
            | FormatError::Unsuited { .. }
            | FormatError::Crs { .. } => (Place::File, error.to_string(), "a readable file".to_owned()),
        };
        Self {
            ends_file: true,
            ..Self::new(place, given, expected)
        }
    }
}
