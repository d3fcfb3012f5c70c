//! All integration tests in one binary, because linking is what costs time.
#![expect(clippy::unwrap_used, reason = "here that is how a test fails")]
mod architecture;
mod formats;
mod geometry;
mod import;
mod index;
mod licences;
mod store_conformance;
mod suitability;
mod support;
