//! Vector tiles (MVT 2.1) from a snapshot.
mod request;

pub use request::TileRequest;

use crate::index::Snapshot;

/// Encodes one tile, uncompressed. Empty when nothing is in it. The same snapshot and request give the same bytes.
pub fn encode(_snapshot: &Snapshot, _request: &TileRequest) -> Vec<u8> {
    Vec::new()
}
