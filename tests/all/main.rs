//! All integration tests in one binary, because linking is what costs time.
#![expect(clippy::unwrap_used, clippy::panic, reason = "here that is how a test fails")]
mod architecture;
mod cli_hostile;
mod cli_import;
mod cli_other;
mod demo;
mod formats;
mod geometry;
mod http;
mod import;
mod index;
mod licences;
mod past;
mod site;
mod store_conformance;
mod suit;
mod suitability;
mod support;
mod tiles;
