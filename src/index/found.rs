//! What a search gives back.
use super::lookup::Locator;
use crate::domain::query::Cursor;

/// A row of one snapshot. Means nothing in another snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowRef {
    pub(super) layer: u16,
    pub(super) row: u16,
    pub(super) shard: u32,
}

/// One page of a search.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// Number of all rows that match, exact, whatever the page.
    pub matched: usize,
    /// Rows of this page, in the order asked for.
    pub rows: Vec<RowRef>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<Cursor>,
}

/// All rows of a collection that match, as bitmaps.
#[derive(Clone, Debug, Default)]
pub struct Matches {
    pub(super) layer: u16,
    /// One bitmap per shard; an empty one has no match.
    pub(super) shards: Vec<Vec<u64>>,
    pub(super) count: usize,
}

impl Matches {
    /// How many rows match.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Whether this row matches.
    pub fn contains(&self, row: RowRef) -> bool {
        row.layer == self.layer
            && self
                .shards
                .get(row.shard as usize)
                .and_then(|words| words.get(usize::from(row.row) / 64))
                .is_some_and(|word| word >> (row.row % 64) & 1 == 1)
    }

    /// The rows, in the order in which they lie in memory (neighbours on the ground are mostly near each other).
    pub fn iter(&self) -> impl Iterator<Item = RowRef> + '_ {
        (0u32..).zip(&self.shards).flat_map(move |(shard, words)| {
            (0u16..).zip(words).flat_map(move |(at, word)| {
                ones(*word).map(move |bit| RowRef {
                    layer: self.layer,
                    row: at * 64 + bit,
                    shard,
                })
            })
        })
    }
}

/// Positions of the set bits, lowest first.
pub(super) fn ones(mut word: u64) -> impl Iterator<Item = u16> {
    std::iter::from_fn(move || {
        if word == 0 {
            return None;
        }
        let bit = word.trailing_zeros();
        word &= word - 1;
        u16::try_from(bit).ok()
    })
}

/// The row at a place of a layer.
pub(super) fn row_at(layer: u16, place: Locator) -> RowRef {
    RowRef {
        layer,
        row: u16::try_from(place.row()).unwrap_or(u16::MAX),
        shard: u32::try_from(place.shard()).unwrap_or(u32::MAX),
    }
}
