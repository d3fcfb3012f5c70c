//! Vector tiles.
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use sha2::{Digest, Sha256};

use crate::domain::query::Query;
use crate::domain::viewer::Role;
use crate::filter::{Mistake, ParameterError};
use crate::tiles::{self, TileRequest};

use super::View;
use crate::inventory::error::ReadError;

/// Largest zoom.
const MOST_ZOOM: u8 = 24;

/// Which tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TileAddress {
    /// Zoom, 0 to 24.
    pub z: u8,
    /// Column from the west.
    pub x: u32,
    /// Row from the north.
    pub y: u32,
}

/// An encoded tile.
#[derive(Clone, Debug)]
pub struct Tile {
    /// The bytes, not compressed; empty when nothing is in it.
    pub bytes: Bytes,
    /// Changes with the collection, with what the viewer may see, and with the filter. Without quotes.
    pub etag: String,
}

impl View {
    /// The tag that [`Self::tile`] would give, without making the tile.
    pub fn tile_etag(&self, address: TileAddress, query: &Query) -> Result<String, ReadError> {
        check(address)?;
        self.check(query)?;
        let circle = match self.role {
            Role::Public => "public",
            Role::Surveyor | Role::Staff => "staff",
            Role::Steward | Role::Admin => "steward",
        };
        let TileAddress { z, x, y } = address;
        let revision = self.collection_revision(&query.collection);
        let asked = format!("{}/{z}/{x}/{y}/{circle}/{:?}", query.collection, query.conditions);
        let hash = Sha256::digest(asked.as_bytes());
        Ok(format!("{revision}-{}", URL_SAFE_NO_PAD.encode(&hash[..12])))
    }

    /// A tile of the records that match. Order, page and cursor of the query do not matter.
    pub fn tile(&self, address: TileAddress, query: &Query) -> Result<Tile, ReadError> {
        let etag = self.tile_etag(address, query)?;
        let bytes = self
            .tiles
            .find_or_make(&etag, || tiles::encode(self.snapshot(), &self.request(address, query)));
        Ok(Tile { bytes, etag })
    }

    fn request(&self, address: TileAddress, query: &Query) -> TileRequest {
        let carried = self
            .catalogue()
            .attributes_of(query.collection.as_str())
            .filter(|each| each.tile && self.sees(each));
        TileRequest {
            collection: query.collection.clone(),
            z: address.z,
            x: address.x,
            y: address.y,
            conditions: query.conditions.clone(),
            attributes: carried.map(|each| each.key.clone()).collect(),
            budget_bytes: self.tile_budget_bytes,
        }
    }
}

fn check(address: TileAddress) -> Result<(), ReadError> {
    let TileAddress { z, x, y } = address;
    let side = 1u32.checked_shl(u32::from(z)).filter(|_| z <= MOST_ZOOM);
    if side.is_some_and(|side| x < side && y < side) {
        return Ok(());
    }
    Err(ReadError::Parameter(ParameterError {
        parameter: "tile".to_owned(),
        given: format!("{z}/{x}/{y}"),
        expected: format!("zoom 0 to {MOST_ZOOM}, column and row below 2^zoom"),
        kind: Mistake::BadValue,
    }))
}
