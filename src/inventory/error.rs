//! What can go wrong here, in the caller's words.
use crate::filter::ParameterError;
use crate::store::StoreError;

/// Why the inventory could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The store said no.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The thread of the writer could not be started.
    #[error("the writer could not be started: {0}")]
    Writer(std::io::Error),
}

/// Why an edit has no receipt. Whoever gets this may send the same edit again: the same id has one effect.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// The public may not edit.
    #[error("editing needs an account")]
    NotAllowed,
    /// Too many edits in one request.
    #[error("{given} edits in one request, at most {limit} are taken")]
    TooMany {
        /// Edits sent.
        given: usize,
        /// Most that are taken.
        limit: usize,
    },
    /// Too many edits wait already.
    #[error("too many edits are waiting, try again in a moment")]
    Busy,
    /// The store cannot be written now, or the writer has stopped. Nothing was written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The program is stopping; what was sent was not acknowledged.
    #[error("the program is stopping; the edit was not acknowledged, send it again")]
    Stopping,
}

/// Why a read has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// A parameter is unknown (to this viewer) or has a value that it cannot have.
    #[error(transparent)]
    Parameter(#[from] ParameterError),
    /// No such collection.
    #[error("there is no collection {given}; expected one of {}", .expected.join(", "))]
    UnknownCollection {
        /// As given.
        given: String,
        /// Those that exist.
        expected: Vec<String>,
    },
    /// The store cannot be read now (history and changes are read from it).
    #[error(transparent)]
    Store(#[from] StoreError),
}
