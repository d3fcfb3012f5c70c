//! What can go wrong with accounts, in the caller's words.
use crate::store::StoreError;

/// What can go wrong with accounts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccountError {
    /// Name or password is wrong, or the account is disabled: the same words for all three.
    #[error("name or password is wrong")]
    WrongPassword,
    /// Too many attempts.
    #[error("too many attempts, try again in {after_s} seconds")]
    TooMany {
        /// Seconds to wait.
        after_s: u64,
    },
    /// The password is too short or too long.
    #[error("given a password of {given} characters, expected {least} to {most}")]
    BadPassword {
        /// Characters given.
        given: usize,
        /// Fewest.
        least: usize,
        /// Most.
        most: usize,
    },
    /// The name cannot be one.
    #[error("given the name {given:?}, expected 1 to 64 letters, digits and . _ - @, lower case")]
    BadName {
        /// As given.
        given: String,
    },
    /// A role that no account can have.
    #[error("an account cannot have the role public; expected surveyor, staff, steward or admin")]
    BadRole,
    /// There is no account of this name.
    #[error("there is no account {name}")]
    UnknownAccount {
        /// The name.
        name: String,
    },
    /// The account may not log in any more.
    #[error("the account {name} is disabled, so a token of it would open nothing")]
    Disabled {
        /// The name.
        name: String,
    },
    /// An account of this name exists.
    #[error("there is an account {name} already")]
    Exists {
        /// The name.
        name: String,
    },
    /// A token may last from one day to this many.
    #[error("given {given} days, expected 1 to {most}")]
    BadDays {
        /// Days given.
        given: u32,
        /// Most days.
        most: u32,
    },
    /// Hashing a password, or drawing random bytes, failed.
    #[error("the machine could not make or check a secret: {reason}")]
    Machine {
        /// What it said.
        reason: String,
    },
    /// The store cannot be used now.
    #[error(transparent)]
    Store(#[from] StoreError),
}
