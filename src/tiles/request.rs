//! What is asked of a tile.
use crate::domain::ids::{AttributeKey, CollectionKey};
use crate::domain::query::Condition;

/// A tile of one collection.
#[derive(Clone, Debug)]
pub struct TileRequest {
    /// Collection; also the name of the layer.
    pub collection: CollectionKey,
    /// Zoom, 0 to 24.
    pub z: u8,
    /// Column from the west, below 2^z.
    pub x: u32,
    /// Row from the north, below 2^z.
    pub y: u32,
    /// Conditions that all must hold.
    pub conditions: Vec<Condition>,
    /// Attributes to carry; only such as the asker may see.
    pub attributes: Vec<AttributeKey>,
    /// Most bytes before compression (500,000 is usual). What does not fit is told as counts.
    pub budget_bytes: usize,
}
