//! What is not drawn, counted on a coarse grid.
use super::frame::{CELLS, EXTENT, Frame};
use super::layer::write;
use super::values::Values;
use super::wire::{sized, varint, zigzag};

/// Records of one cell.
#[derive(Clone, Copy, Default)]
struct Cell {
    count: u64,
    /// Sums of positions: the point stands in the middle of those that it counts.
    sums: [i128; 2],
}

/// Counts of the records at home in a tile.
#[derive(Clone, Default)]
pub(super) struct Counts {
    cells: [[Cell; CELLS]; CELLS],
}

impl Counts {
    /// Counts a record by its position, which must be at home in the tile.
    pub(super) fn add(&mut self, frame: &Frame, position: [i64; 2]) {
        let [column, row] = frame.cell(position);
        let cell = &mut self.cells[row][column];
        cell.count += 1;
        cell.sums[0] += i128::from(position[0]);
        cell.sums[1] += i128::from(position[1]);
    }

    /// The layer; of larger cells where the bytes do not allow for these. Empty when there is nothing, or no room for even one.
    pub(super) fn layer(&self, collection: &str, frame: &Frame, most_bytes: usize) -> Vec<u8> {
        let mut side = 1;
        while side <= CELLS {
            let layer = self.encode(collection, frame, side);
            if layer.len() <= most_bytes {
                return layer;
            }
            side *= 2;
        }
        Vec::new()
    }

    fn encode(&self, collection: &str, frame: &Frame, side: usize) -> Vec<u8> {
        const FEATURE: u8 = 2 << 3 | 2;
        const TYPE_POINT: [u8; 2] = [3 << 3, 1];
        const TAGS: u8 = 2 << 3 | 2;
        const GEOMETRY: u8 = 4 << 3 | 2;
        const KEY: u8 = 3 << 3 | 2;
        const ONE_POINT: u8 = 1 << 3 | 1;
        let (mut features, mut keys, mut values) = (Vec::new(), Vec::new(), Values::default());
        let (mut feature, mut tags, mut point) = (Vec::new(), Vec::new(), Vec::new());
        for cell in self.merged(side).filter(|cell| cell.count > 0) {
            for scratch in [&mut feature, &mut tags, &mut point] {
                scratch.clear();
            }
            point.push(ONE_POINT);
            for value in cell.place(frame) {
                varint(zigzag(value), &mut point);
            }
            tags.push(0);
            varint(u64::from(values.number(cell.count as f64)), &mut tags);
            sized(TAGS, &tags, &mut feature);
            feature.extend_from_slice(&TYPE_POINT);
            sized(GEOMETRY, &point, &mut feature);
            sized(FEATURE, &feature, &mut features);
        }
        let mut layer = Vec::new();
        if !features.is_empty() {
            sized(KEY, b"count", &mut keys);
            write(&format!("{collection}_counts"), [&features, &keys, &values.bytes], &mut layer);
        }
        layer
    }

    /// Cells of this many of the finest in both directions.
    fn merged(&self, side: usize) -> impl Iterator<Item = Cell> + '_ {
        let starts = move || (0..CELLS).step_by(side);
        starts().flat_map(move |row| {
            starts().map(move |column| {
                let rows = self.cells[row..row + side].iter();
                rows.flat_map(|cells| &cells[column..column + side])
                    .fold(Cell::default(), |sum, cell| Cell {
                        count: sum.count + cell.count,
                        sums: [sum.sums[0] + cell.sums[0], sum.sums[1] + cell.sums[1]],
                    })
            })
        })
    }
}

impl Cell {
    fn place(&self, frame: &Frame) -> [i64; 2] {
        let middle = self.sums.map(|sum| i64::try_from(sum / i128::from(self.count.max(1))).unwrap_or(0));
        frame.point(middle).map(|value| value.clamp(0, EXTENT - 1))
    }
}
