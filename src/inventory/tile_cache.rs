//! Encoded tiles, as many as fit into a number of bytes; the least lately asked for go first.
use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;

/// Memory that an entry takes beside its bytes, roughly.
const ENTRY_BYTES: usize = 200;

/// The cache. The key holds the revision, so that nothing in it can be too old.
pub struct TileCache {
    most_bytes: usize,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    bytes: usize,
    tick: u64,
    tiles: HashMap<String, (u64, Bytes)>,
    order: BTreeMap<u64, String>,
}

impl TileCache {
    /// A cache of at most this many bytes.
    pub fn new(most_bytes: usize) -> Self {
        Self {
            most_bytes,
            kept: Mutex::default(),
        }
    }

    /// The tile of this key; made outside the lock when it is not there.
    pub fn find_or_make(&self, key: &str, make: impl FnOnce() -> Vec<u8>) -> Bytes {
        if let Some(tile) = self.lock().find(key) {
            return tile;
        }
        let tile = Bytes::from(make());
        self.lock().add(key, &tile, self.most_bytes);
        tile
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn find(&mut self, key: &str) -> Option<Bytes> {
        self.tick += 1;
        let (tick, tile) = self.tiles.get_mut(key)?;
        self.order.remove(tick);
        self.order.insert(self.tick, key.to_owned());
        *tick = self.tick;
        Some(tile.clone())
    }

    fn add(&mut self, key: &str, tile: &Bytes, most_bytes: usize) {
        self.tick += 1;
        if let Some((tick, before)) = self.tiles.insert(key.to_owned(), (self.tick, tile.clone())) {
            self.order.remove(&tick);
            self.bytes -= before.len() + ENTRY_BYTES;
        }
        self.order.insert(self.tick, key.to_owned());
        self.bytes += tile.len() + ENTRY_BYTES;
        while self.bytes > most_bytes {
            let Some((_, oldest)) = self.order.pop_first() else { break };
            if let Some((_, gone)) = self.tiles.remove(&oldest) {
                self.bytes -= gone.len() + ENTRY_BYTES;
            }
        }
    }
}
