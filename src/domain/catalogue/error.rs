//! What can be wrong with catalogue files: each fault names its file and line.
use std::fmt;

/// All faults found in the files, in order of file and line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogueError {
    /// At least one.
    pub faults: Vec<Fault>,
}

/// One fault at one place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("{file}:{line}: {problem}")]
pub struct Fault {
    /// File name as it was handed in.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// What is wrong.
    pub problem: Problem,
}

/// What is wrong at one place of a catalogue file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Problem {
    /// Not TOML, or not the form of a catalogue file: unknown or missing fields, missing languages, wrong types.
    #[error("{0}")]
    Form(String),
    /// Said twice.
    #[error("{what} {key} is there twice")]
    Duplicate {
        /// Kind of thing.
        what: &'static str,
        /// Its key.
        key: String,
    },
    /// Points to something that is nowhere.
    #[error("{what} {given} is not known{}", known(.expected))]
    Unknown {
        /// Kind of thing.
        what: &'static str,
        /// Key as given.
        given: String,
        /// Keys that exist; empty where there are too many to say.
        expected: Vec<String>,
    },
    /// A key that cannot be one.
    #[error("{given} cannot be a key: expected {expected}")]
    BadKey {
        /// As given.
        given: String,
        /// The rule.
        expected: &'static str,
    },
    /// A text that must not be empty.
    #[error("the text in {language} is empty")]
    EmptyText {
        /// `zh`, `en` or `de`.
        language: &'static str,
    },
    /// Not a colour.
    #[error("{given} is not a colour: expected #rrggbb")]
    BadColour {
        /// As given.
        given: String,
    },
    /// A number or combination that makes no sense.
    #[error("{what}: given {given}, expected {expected}")]
    BadValue {
        /// Which field.
        what: &'static str,
        /// As given.
        given: String,
        /// The rule.
        expected: &'static str,
    },
    /// A state that no way leads to and that is not the first.
    #[error("state {state} cannot be reached from {first}, the first state")]
    Unreachable {
        /// The state.
        state: String,
        /// Where the life-cycle begins.
        first: String,
    },
    /// Parents, or derivations, that lead back to where they began.
    #[error("{what} {key} leads back to itself")]
    Cycle {
        /// Kind of thing.
        what: &'static str,
        /// Its key.
        key: String,
    },
}

fn known(expected: &[String]) -> String {
    if expected.is_empty() {
        String::new()
    } else {
        format!(": expected one of {}", expected.join(", "))
    }
}

impl fmt::Display for CatalogueError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, fault) in self.faults.iter().enumerate() {
            if at > 0 {
                out.write_str("\n")?;
            }
            fault.fmt(out)?;
        }
        Ok(())
    }
}

impl std::error::Error for CatalogueError {}
