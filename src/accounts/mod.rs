//! People and programs that may log in: accounts, sessions (cookie) and tokens (bearer).
//!
//! Read in this order: [`Accounts`], `password` (what is kept of a password), `secret` (what is kept of a session), `throttle` (how often one may try).
//!
//! A secret has 256 random bits; the store has only its SHA-256. Grants are kept in memory, so that a request costs no look into the store;
//! what another process has changed is seen within a minute.
//!
//! Deliberately absent: cookies and headers (`http` has them), and what a role may see or do (`inventory`).
mod cache;
mod error;
mod open;
mod password;
mod secret;
mod throttle;

pub use error::AccountError;
pub use open::{Accounts, NewAccount, Session, Token};
pub use password::LEAST_PASSWORD_CHARS;
