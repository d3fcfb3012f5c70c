//! What can go wrong in a store, named after what it means for the caller, whatever the database calls it.
use crate::domain::ids::{CarrierId, Version};

/// What can go wrong in a store. `store` is always what [`super::Store::describe`] says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// A record has moved on; nothing was written.
    #[error("record {record} is at version {found:?}, not at {expected:?}")]
    Stale {
        /// The record.
        record: CarrierId,
        /// Version the writer expected.
        expected: Option<Version>,
        /// Version found.
        found: Option<Version>,
    },
    /// A code or id is taken; nothing was written.
    #[error("{what} {value} is already taken")]
    Duplicate {
        /// `code`, `record id` or `edit id`.
        what: &'static str,
        /// The taken value.
        value: String,
    },
    /// The file or server cannot be reached or written now; nothing was written; trying again may work.
    #[error("the store {store} cannot be used now: {reason}")]
    Unavailable {
        /// Which store.
        store: String,
        /// What the database said.
        reason: String,
    },
    /// There is no room left for what was to be written; nothing was written; trying again works once somebody has made room.
    #[error("the store {store} has no more room: {reason}; make room where it lies")]
    Full {
        /// Which store.
        store: String,
        /// What the database said.
        reason: String,
    },
    /// The database refuses what it was given, and would refuse it again; nothing was written.
    #[error("the store {store} refuses this: {reason}")]
    Refused {
        /// Which store.
        store: String,
        /// What the database said.
        reason: String,
    },
    /// It exists but was not made by this program; it is left as it is.
    #[error("{store} is not a store of Zaiti: {reason}; name a new file or an empty database")]
    Foreign {
        /// Which store.
        store: String,
        /// What was found.
        reason: String,
    },
    /// Made by a newer program.
    #[error("the store {store} has schema {found}, this program knows up to {known}: use the newer program")]
    Newer {
        /// Which store.
        store: String,
        /// Schema found.
        found: u32,
        /// Newest schema known.
        known: u32,
    },
    /// Its content cannot be read.
    #[error("the store {store} is damaged: {reason}; restore the last backup")]
    Damaged {
        /// Which store.
        store: String,
        /// What was found.
        reason: String,
    },
}
