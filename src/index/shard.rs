//! Some thousand neighbouring rows: the unit of copying on write, cut into blocks of 256, the unit of skipping.
use std::sync::{Arc, OnceLock};

use super::arena::Outline;
use super::columns::{BLOCK, BLOCK_WORDS, Bits, pack};
use super::grid::{Frame, FrameBox, NOWHERE, Span, hilbert};
use super::schema::Schema;
use super::table::{Stamp, Table};
use super::totals::Totals;
use crate::domain::record::Record;

/// Rows a shard is built with, and rows at which it is split.
pub(super) const SHARD_ROWS: usize = 4096;
pub(super) const SPLIT_ROWS: usize = 6000;

/// A shard.
#[derive(Clone, Debug)]
pub(super) struct Shard {
    pub table: Table,
    /// Rows that are neither moved away nor closed.
    pub live: Bits,
    pub open: usize,
    /// Box around all shapes.
    pub hull: Span,
    frame: Frame,
    boxes: Arc<[Vec<i32>; 4]>,
    blocks: Vec<FrameBox>,
    /// Boxes of single parts, where shapes have parts far apart: then these say which rows are near, not the rows' own boxes.
    pieces: Option<Arc<Vec<(FrameBox, u16)>>>,
    /// Rows not in the order of the ground.
    loose: usize,
    totals: Vec<OnceLock<Arc<Totals>>>,
}

impl Shard {
    /// A shard of all rows of a table, which lie in the order of the ground.
    pub(super) fn new(table: Table, spread: Spread) -> Self {
        let spans: Vec<Span> = table.places.iter().map(|place| table.arena.span(*place)).collect();
        let hull = spans.iter().fold(Span::EMPTY, |hull, span| hull.union(span));
        let frame = Frame::around(&hull);
        let boxed: Vec<FrameBox> = spans.iter().map(|span| frame.boxed(span).unwrap_or(NOWHERE)).collect();
        let mut live = Bits::default();
        (0..table.len()).for_each(|row| live.on(row));
        let side = |axis: usize| boxed.iter().map(|each| each[axis]).collect::<Vec<i32>>();
        let mut shard = Self {
            open: table.len(),
            live,
            hull,
            frame,
            blocks: boxed.chunks(BLOCK).map(|block| block.iter().fold(NOWHERE, around)).collect(),
            boxes: Arc::new([side(0), side(1), side(2), side(3)]),
            pieces: None,
            loose: 0,
            totals: vec![OnceLock::new(); table.columns.len()],
            table,
        };
        if spread == Spread::Wide {
            shard.pieces = Some(Arc::new((0..shard.table.len()).flat_map(|row| shard.pieces_of(row)).collect()));
        }
        shard
    }

    pub(super) fn is_wide(&self) -> bool {
        self.pieces.is_some()
    }

    pub(super) fn blocks(&self) -> usize {
        self.table.len().div_ceil(BLOCK)
    }

    /// Rows still in search, as bits of a block.
    pub(super) fn live_words(&self, block: usize) -> [u64; BLOCK_WORDS] {
        std::array::from_fn(|word| self.live.word(block * BLOCK_WORDS + word))
    }

    /// Box of a row, exact unless the shard is wider than about two degrees; then it may be a little too large.
    pub(super) fn row_span(&self, row: usize) -> Span {
        self.frame.span(std::array::from_fn(|axis| self.boxes[axis][row]))
    }

    /// Exact box of a row.
    pub(super) fn exact_span(&self, row: usize) -> Span {
        if self.frame.is_exact() {
            self.row_span(row)
        } else {
            self.table.arena.span(self.table.places[row])
        }
    }

    /// Blocks with rows near an area, and those rows as bits.
    pub(super) fn near(&self, area: &Span, mut visit: impl FnMut(usize, [u64; BLOCK_WORDS])) {
        let asked = self.frame.clamped(area);
        if let Some(pieces) = &self.pieces {
            self.near_pieces(asked, pieces, visit);
            return;
        }
        for (block, around) in self.blocks.iter().enumerate() {
            if !touch(around, &asked) {
                continue;
            }
            let mut words = self.live_words(block);
            if !holds(&asked, around) {
                for (at, word) in words.iter_mut().enumerate() {
                    if *word != 0 {
                        *word &= self.touching(block * BLOCK + at * 64, &asked);
                    }
                }
            }
            if words != [0; BLOCK_WORDS] {
                visit(block, words);
            }
        }
    }

    /// Rows of a block whose box lies in an area. Rows without shape lie nowhere; none is said to where boxes are not exact.
    #[expect(clippy::needless_bitwise_bool, reason = "no branch: the compiler makes vectors of it")]
    pub(super) fn contained(&self, block: usize, area: &Span) -> [u64; BLOCK_WORDS] {
        if area.is_empty() || !self.frame.is_exact() {
            return [0; BLOCK_WORDS];
        }
        let asked = self.frame.clamped(area);
        std::array::from_fn(|word| {
            let start = (block * BLOCK + word * 64).min(self.boxes[0].len());
            let end = (start + 64).min(self.boxes[0].len());
            let [west, south, east, north] = std::array::from_fn(|axis| &self.boxes[axis][start..end]);
            let mut hits = [0u8; 64];
            for (at, hit) in hits.iter_mut().enumerate().take(west.len()) {
                let inside = (west[at] >= asked[0]) & (south[at] >= asked[1]) & (east[at] <= asked[2]) & (north[at] <= asked[3]);
                *hit = u8::from(inside & (west[at] <= east[at]));
            }
            pack(&hits)
        })
    }

    /// Rows of 64 whose box touches the area asked for. Four comparisons a row without a branch, so that the compiler makes vectors of it.
    #[expect(clippy::needless_bitwise_bool, reason = "no branch: the compiler makes vectors of it")]
    fn touching(&self, start: usize, asked: &FrameBox) -> u64 {
        let end = (start + 64).min(self.boxes[0].len());
        let [west, south, east, north] = std::array::from_fn(|axis| &self.boxes[axis][start..end]);
        let mut hits = [0u8; 64];
        for (at, hit) in hits.iter_mut().enumerate().take(west.len()) {
            *hit = u8::from((west[at] <= asked[2]) & (east[at] >= asked[0]) & (south[at] <= asked[3]) & (north[at] >= asked[1]));
        }
        pack(&hits)
    }

    fn near_pieces(&self, asked: FrameBox, pieces: &[(FrameBox, u16)], mut visit: impl FnMut(usize, [u64; BLOCK_WORDS])) {
        let mut bits = vec![[0u64; BLOCK_WORDS]; self.blocks()];
        for (piece, row) in pieces {
            if touch(piece, &asked) {
                let row = usize::from(*row);
                bits[row / BLOCK][row % BLOCK / 64] |= 1 << (row % 64);
            }
        }
        for (block, mut words) in bits.into_iter().enumerate() {
            words.iter_mut().zip(self.live_words(block)).for_each(|(word, live)| *word &= live);
            if words != [0; BLOCK_WORDS] {
                visit(block, words);
            }
        }
    }

    fn pieces_of(&self, row: usize) -> Vec<(FrameBox, u16)> {
        let Ok(number) = u16::try_from(row) else { return Vec::new() };
        let rings = self.table.arena.rings(self.table.places[row]);
        let span = |points: super::arena::GridPoints<'_>| {
            let mut span = Span::EMPTY;
            points.for_each(|point| span.add(point));
            span
        };
        rings
            .filter_map(|ring| Some((self.frame.boxed(&span(ring.points))?, number)))
            .collect()
    }

    /// Counts of a column over all live rows, computed once per state of the shard.
    pub(super) fn totals(&self, column: usize, compute: impl FnOnce() -> Totals) -> Arc<Totals> {
        self.totals.get(column).map_or_else(
            || Arc::new(Totals::default()),
            |cell| Arc::clone(cell.get_or_init(|| Arc::new(compute()))),
        )
    }

    /// Whether a shape of this extent can be written here in place.
    pub(super) fn takes(&self, span: &Span) -> bool {
        self.frame.boxed(span).is_some()
    }

    /// Takes a row out of search. Its values stay until the shard is put in order.
    pub(super) fn drop_row(&mut self, row: usize) {
        self.forget_totals();
        self.live.off(row);
        self.open -= 1;
    }

    /// Writes a record over its row.
    pub(super) fn update(&mut self, schema: &Schema, row: usize, record: &Record, outline: &Outline) {
        self.forget_totals();
        self.table.put_values(schema, row, record);
        self.table.set_stamp(row, Stamp::of(record));
        if self.table.codes.text(row) != record.code {
            Arc::make_mut(&mut self.table.codes).put(row, &record.code);
        }
        let mut before = Outline::default();
        self.table.arena.outline(self.table.places[row], &mut before);
        if before != *outline {
            self.table.set_shape(row, outline);
            self.set_box(row, &outline.span);
            self.loose += 1;
        }
    }

    /// Adds a record behind the last row.
    pub(super) fn append(&mut self, schema: &Schema, record: &Record, outline: &Outline) -> usize {
        self.forget_totals();
        let row = self.table.begin(record.id, &record.code, Stamp::of(record));
        self.table.set_shape(row, outline);
        self.table.put_values(schema, row, record);
        self.set_box(row, &outline.span);
        self.live.on(row);
        self.open += 1;
        self.loose += 1;
        row
    }

    fn set_box(&mut self, row: usize, span: &Span) {
        let boxed = self.frame.boxed(span).unwrap_or(NOWHERE);
        for (side, value) in Arc::make_mut(&mut self.boxes).iter_mut().zip(boxed) {
            side.resize(side.len().max(row + 1), 0);
            side[row] = value;
        }
        let block = row / BLOCK;
        self.blocks.resize(self.blocks.len().max(block + 1), NOWHERE);
        self.blocks[block] = around(self.blocks[block], &boxed);
        self.hull = self.hull.union(span);
        if let Some(pieces) = &self.pieces {
            let mut pieces = (**pieces).clone();
            pieces.retain(|(_, owner)| usize::from(*owner) != row);
            pieces.extend(self.pieces_of(row));
            self.pieces = Some(Arc::new(pieces));
        }
    }

    fn forget_totals(&mut self) {
        self.totals.iter_mut().for_each(|cell| *cell = OnceLock::new());
    }

    /// Whether so much has been moved, added or dropped that the rows should be put in order again.
    pub(super) fn is_worn(&self) -> bool {
        const LOOSE: usize = 3 * BLOCK;
        const SEGMENTS: usize = 512;
        let dropped = self.table.len() - self.open;
        self.table.len() >= SPLIT_ROWS
            || self.loose > LOOSE + self.open / 4
            || dropped > BLOCK + self.open / 4
            || self.table.arena.segments() > SEGMENTS
            || self.table.stamp_count() > 4 * SHARD_ROWS
    }

    /// Live rows in the order of the ground, cut in two when there are too many for one shard.
    pub(super) fn put_in_order(&self, schema: &Schema) -> Vec<Self> {
        let mut rows: Vec<(u64, u32)> = (0u32..)
            .take(self.table.len())
            .filter(|row| self.live.get(*row as usize))
            .map(|row| (order_of(&self.row_span(row as usize)), row))
            .collect();
        rows.sort_unstable();
        let spread = if self.is_wide() { Spread::Wide } else { Spread::Compact };
        let parts = if rows.len() >= SPLIT_ROWS - BLOCK { 2 } else { 1 };
        let sources = std::slice::from_ref(&self.table);
        let part = |rows: &[(u64, u32)]| {
            let mut table = Table::new(schema);
            table.gather(sources, &rows.iter().map(|(_, row)| (0, *row)).collect::<Vec<_>>());
            table.shrink();
            Self::new(table, spread)
        };
        if rows.is_empty() {
            vec![part(&[])]
        } else {
            rows.chunks(rows.len().div_ceil(parts)).map(part).collect()
        }
    }
}

/// Whether shapes have parts far apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spread {
    Compact,
    Wide,
}

/// Place of a row in the order of the ground; rows without shape come last.
pub(super) fn order_of(span: &Span) -> u64 {
    if span.is_empty() { u64::MAX } else { hilbert(span.centre()) }
}

fn around(left: FrameBox, right: &FrameBox) -> FrameBox {
    [
        left[0].min(right[0]),
        left[1].min(right[1]),
        left[2].max(right[2]),
        left[3].max(right[3]),
    ]
}

fn touch(left: &FrameBox, right: &FrameBox) -> bool {
    left[0] <= right[2] && right[0] <= left[2] && left[1] <= right[3] && right[1] <= left[3]
}

fn holds(outer: &FrameBox, inner: &FrameBox) -> bool {
    outer[0] <= inner[0] && inner[2] <= outer[2] && outer[1] <= inner[1] && inner[3] <= outer[3]
}
