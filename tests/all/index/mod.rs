//! The index against a plain scan of records that shares no code with it.
mod laws;
pub mod scalar;
pub mod world;
