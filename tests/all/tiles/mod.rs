//! Vector tiles, read back by a strict decoder of the tests' own.
#![expect(clippy::panic, reason = "here that is how a test fails")]
pub mod decoder;
mod fixtures;
mod hard;
mod laws;
mod real;
