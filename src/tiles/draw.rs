//! Which records are drawn and which are counted.
use super::counts::Counts;
use super::frame::{CELLS, Frame};
use super::layer::Layer;
use super::pen::Pen;
use super::request::TileRequest;
use crate::index::{RingKind, Row, RowRef, Snapshot};

/// What is smaller on both sides is small: a screen pixel, where a tile fills 512 of them.
const LEAST_UNITS: f64 = 8.0;

/// Bytes kept free for counts, or a quarter of the budget if that is less.
const COUNT_BYTES: usize = 2_500;

/// Coarsest snapping of a shape that has too many bytes: 64 units, a sixty-fourth of the tile.
const COARSEST: u32 = 6;

/// A feature of more bytes than this takes at most half of what is left.
const LARGE_BYTES: usize = 4_096;

/// So many features tell how large the others will be.
const SAMPLE: usize = 256;

/// After this many features that found no room, the rest, smaller still, is only counted.
const PATIENCE: usize = 16;

/// A record large enough to be drawn.
struct Candidate {
    row: RowRef,
    /// Area of its box in units, for choosing where not all fits.
    size: f64,
}

/// What a tile is made from.
struct Sheet<'a> {
    snapshot: &'a Snapshot,
    request: &'a TileRequest,
    frame: &'a Frame,
    pen: Pen,
    counts: Counts,
}

/// The tile's bytes.
pub(super) fn tile(snapshot: &Snapshot, request: &TileRequest, frame: &Frame) -> Vec<u8> {
    let mut sheet = Sheet {
        snapshot,
        request,
        frame,
        pen: Pen::default(),
        counts: Counts::default(),
    };
    let candidates = sheet.gather();
    let counted = sheet.counts.clone();
    let layer = sheet.draw_all(&candidates).unwrap_or_else(|| {
        sheet.counts = counted;
        sheet.draw_largest(candidates)
    });
    let used = layer.bytes();
    let mut out = Vec::with_capacity(used);
    layer.finish(&mut out);
    let left = request.budget_bytes.saturating_sub(used);
    out.extend_from_slice(&sheet.counts.layer(request.collection.as_str(), frame, left));
    out
}

impl<'a> Sheet<'a> {
    /// Counts the small ones where they are many and gives the others, in the order of memory, small ones last.
    fn gather(&mut self) -> Vec<Candidate> {
        let (mut large, mut small) = (Vec::new(), Vec::new());
        let (snapshot, request, frame) = (self.snapshot, self.request, self.frame);
        snapshot.visit_box(&request.collection, frame.area, &request.conditions, |found| {
            let row = snapshot.row(found);
            let Some(bounds) = row.grid_bounds() else { return };
            if frame.is_below(bounds, LEAST_UNITS) && !is_points(&row) {
                small.extend(self.home(&row).map(|anchor| (found, anchor)));
            } else {
                let [wide, high] = frame.size(bounds);
                large.push(Candidate {
                    row: found,
                    size: wide * high,
                });
            }
        });
        self.sort_out(&small, &mut large);
        large
    }

    /// A cell shows either a number or shapes: small records are counted where they outnumber the large ones, and drawn among them elsewhere.
    fn sort_out(&mut self, small: &[(RowRef, [i64; 2])], large: &mut Vec<Candidate>) {
        if small.is_empty() {
            return;
        }
        let mut surplus = [[0i64; CELLS]; CELLS];
        for (_, anchor) in small {
            let [column, row] = self.frame.cell(*anchor);
            surplus[row][column] += 1;
        }
        for candidate in large.iter() {
            if let Some(anchor) = self.home(&self.snapshot.row(candidate.row)) {
                let [column, row] = self.frame.cell(anchor);
                surplus[row][column] -= 1;
            }
        }
        for (found, anchor) in small {
            let [column, row] = self.frame.cell(*anchor);
            if surplus[row][column] > 0 {
                self.counts.add(self.frame, *anchor);
            } else {
                large.push(Candidate { row: *found, size: 0.0 });
            }
        }
    }

    /// The anchor of a record that is at home here.
    fn home(&self, row: &Row<'_>) -> Option<[i64; 2]> {
        row.anchor().filter(|anchor| self.frame.is_home_of(*anchor))
    }

    /// Counts a record if it is at home here.
    fn count(&mut self, row: &Row<'_>) {
        if let Some(anchor) = self.home(row) {
            self.counts.add(self.frame, anchor);
        }
    }

    /// Bytes for drawn features.
    fn room(&self) -> usize {
        let budget = self.request.budget_bytes;
        budget - COUNT_BYTES.min(budget / 4)
    }

    /// All candidates as they come; `None` when there is no room for all.
    fn draw_all(&mut self, candidates: &[Candidate]) -> Option<Layer<'a>> {
        let mut layer = Layer::new(self.snapshot, self.request, candidates.len());
        let room = self.room();
        for (at, candidate) in candidates.iter().enumerate() {
            // Choosing gives the same tile in another order where all fits after all, so a guess will do.
            if at == SAMPLE && layer.bytes() / SAMPLE * candidates.len() > room {
                return None;
            }
            let row = self.snapshot.row(candidate.row);
            match self.pen.draw(self.frame, &row, 0) {
                Some(kind) if layer.add(&row, (kind, &self.pen.commands), room) => {}
                Some(_) => return None,
                None => self.count(&row),
            }
        }
        Some(layer)
    }

    /// The largest candidates that there is room for.
    fn draw_largest(&mut self, mut candidates: Vec<Candidate>) -> Layer<'a> {
        candidates.sort_by(|one, two| two.size.total_cmp(&one.size).then(one.row.cmp(&two.row)));
        let mut layer = Layer::new(self.snapshot, self.request, candidates.len());
        let mut failures = 0;
        for candidate in candidates {
            let row = self.snapshot.row(candidate.row);
            if failures >= PATIENCE {
                self.count(&row);
                continue;
            }
            match self.squeeze(&mut layer, &row) {
                Squeezed::Drawn => {}
                Squeezed::Nothing => self.count(&row),
                Squeezed::NoRoom => {
                    failures += 1;
                    self.count(&row);
                }
            }
        }
        layer
    }

    /// Draws a row as finely as there is room for.
    fn squeeze(&mut self, layer: &mut Layer<'a>, row: &Row<'_>) -> Squeezed {
        let room = self.room();
        for coarse in 0..=COARSEST {
            let Some(kind) = self.pen.draw(self.frame, row, coarse) else {
                return Squeezed::Nothing;
            };
            let used = layer.bytes();
            let free = room.saturating_sub(used);
            let length = self.pen.commands.len();
            let share = if length > LARGE_BYTES { free / 2 } else { free };
            if length < share && layer.add(row, (kind, &self.pen.commands), used + share) {
                return Squeezed::Drawn;
            }
        }
        Squeezed::NoRoom
    }
}

/// How an attempt to draw a row within the budget ended.
enum Squeezed {
    Drawn,
    /// Nothing of it is to be seen here.
    Nothing,
    NoRoom,
}

fn is_points(row: &Row<'_>) -> bool {
    row.outline().next().is_some_and(|ring| ring.kind == RingKind::Points)
}
