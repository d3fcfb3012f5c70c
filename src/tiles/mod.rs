//! Vector tiles (MVT 2.1) straight from a snapshot: no record is made, no protobuf library runs.
//!
//! What a tile says is a law, and tests hold it. Every record has one place, the first position of its shape, and that lies in exactly one tile of each zoom, its *home*.
//! In its home a record that matches is either drawn or counted, never both, never neither. Elsewhere it is drawn where it touches, and never counted.
//! So the counts of a tile, plus the drawn features that are at home in it, are the matches at home in it.
//!
//! Counted is what is too small to see where such records outnumber the larger ones, what snapping leaves nothing of, and what the byte budget has no
//! room for, smallest first.
//! Vertices are left out only by snapping to the grid, and shared vertices snap alike: no gap opens between neighbours.
//!
//! Read in this order: [`TileRequest`], `frame` (where), `draw` (which), `pen` and `clip` (shape to commands), `layer` and `values` (features), `counts`, `wire`.
//!
//! Deliberately absent: who may see what, caching, compression.
mod clip;
mod counts;
mod draw;
mod frame;
mod layer;
mod pen;
mod request;
mod values;
mod wire;

pub use request::TileRequest;

use crate::index::Snapshot;

/// Encodes one tile, uncompressed. Empty when nothing is in it, or when there is no such tile. The same snapshot and request give the same bytes.
///
/// Never more than the budget; a budget too small for even one count gives an empty tile.
pub fn encode(snapshot: &Snapshot, request: &TileRequest) -> Vec<u8> {
    frame::Frame::of(request.z, request.x, request.y).map_or_else(Vec::new, |frame| draw::tile(snapshot, request, &frame))
}
