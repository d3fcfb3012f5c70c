//! What the integration tests stand on.
pub mod postgres;
pub mod records;
pub mod shared;
pub mod zaiti;
