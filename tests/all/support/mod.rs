//! What the integration tests stand on.
pub mod catalogue;
pub mod client;
pub mod park;
pub mod postgres;
pub mod records;
pub mod service;
pub mod shared;
pub mod zaiti;
