//! Where a tile lies, and how positions become its units: Web Mercator, 4096 units a side, y down.
use std::f64::consts::PI;

use geo_types::Rect;

/// Units of a tile's side.
pub(super) const EXTENT: i64 = 4096;
/// Units that a tile reaches beyond its sides, so that outlines do not break at them.
pub(super) const BUFFER: i64 = 64;

/// Cells of a side of the counting grid.
pub(super) const CELLS: usize = 8;

const MOST_ZOOM: u8 = 24;
/// Half a turn in counts of 1e-9 degree.
const HALF_TURN: i64 = 180_000_000_000;
const QUARTER_TURN: f64 = 90e9;
/// Beyond this, Mercator runs off to infinity; far outside of every tile, yet finite.
const NEAR_POLE: f64 = 89.9e9;
const RADIANS: f64 = PI / 180e9;

/// From this zoom on a tile is so flat that a cubic gives its rows within 0.003 units.
const FLAT_ZOOM: u8 = 8;

/// One tile.
#[derive(Debug)]
pub(super) struct Frame {
    /// West and east, half-open: a position on a border belongs to one tile only.
    sides: [i64; 2],
    /// From the north to the south, borders of the rows of counting cells.
    steps: [i64; CELLS + 1],
    /// Degrees that a visitor must look at.
    pub area: Rect<f64>,
    /// Units in the whole world's side.
    world: f64,
    origin: [i64; 2],
    per_count: f64,
    cubic: Option<Cubic>,
}

/// Rows near a middle latitude as a cubic.
#[derive(Debug)]
struct Cubic {
    middle: i64,
    reach: i64,
    terms: [f64; 4],
}

impl Cubic {
    fn reaches(&self, y: i64) -> bool {
        (y - self.middle).abs() <= self.reach
    }

    #[inline]
    fn row(&self, away: f64) -> f64 {
        let terms = &self.terms;
        terms[0] + away * (terms[1] + away * (terms[2] + away * terms[3]))
    }
}

impl Frame {
    /// `None` where there is no such tile.
    pub(super) fn of(z: u8, x: u32, y: u32) -> Option<Self> {
        let side = 1i64.checked_shl(u32::from(z)).filter(|_| z <= MOST_ZOOM)?;
        let (x, y) = (i64::from(x), i64::from(y));
        if x >= side || y >= side {
            return None;
        }
        let meridian = |x: i64| -((-x * 2 * HALF_TURN).div_euclid(side)) - HALF_TURN;
        let parallel = |rows: f64| latitude(rows / side as f64);
        let (first, last) = (y == 0, y == side - 1);
        let steps = std::array::from_fn(|at| match at {
            0 if first => i64::MAX,
            CELLS if last => i64::MIN,
            at => snap(parallel(y as f64 + at as f64 / CELLS as f64)),
        });
        // One unit more than the buffer, because snapping may move a vertex into it.
        let margin = (BUFFER + 1) as f64 / EXTENT as f64;
        let north = if first { QUARTER_TURN } else { parallel(y as f64 - margin) };
        let south = if last { -QUARTER_TURN } else { parallel((y + 1) as f64 + margin) };
        let wide = 2.0 * HALF_TURN as f64 / side as f64;
        let (west, east) = (meridian(x), meridian(x + 1));
        let area = Rect::new(
            ((west as f64 - wide * margin) / 1e9, south / 1e9),
            ((east as f64 + wide * margin) / 1e9, north / 1e9),
        );
        let mut frame = Self {
            sides: [west, if x == side - 1 { i64::MAX } else { east }],
            steps,
            area,
            world: (EXTENT * side) as f64,
            origin: [x * EXTENT, y * EXTENT],
            per_count: (EXTENT * side) as f64 / (2.0 * HALF_TURN as f64),
            cubic: None,
        };
        if z >= FLAT_ZOOM {
            frame.cubic = Some(frame.flatten(parallel(y as f64 + 0.5), north - south));
        }
        Some(frame)
    }

    /// Taylor series of the Mercator latitude about the middle of the tile.
    fn flatten(&self, middle: f64, high: f64) -> Cubic {
        let at = middle.round();
        let secant = 1.0 / (at * RADIANS).cos();
        let slope = -self.world / (2.0 * PI) * secant * RADIANS;
        Cubic {
            middle: snap(at),
            reach: snap(high * 0.6),
            terms: [
                self.exact_row(at) - self.origin[1] as f64,
                slope,
                slope * (at * RADIANS).tan() * RADIANS / 2.0,
                slope * (2.0 * secant * secant - 1.0) * RADIANS * RADIANS / 6.0,
            ],
        }
    }

    /// Whether a position belongs to this tile. Every position belongs to exactly one tile of a zoom, also beyond the reach of Mercator.
    #[inline]
    pub(super) fn is_home_of(&self, [x, y]: [i64; 2]) -> bool {
        self.sides[0] <= x && x < self.sides[1] && self.steps[CELLS] < y && y <= self.steps[0]
    }

    /// Column and row of the counting cell of a position of this tile.
    pub(super) fn cell(&self, [x, y]: [i64; 2]) -> [usize; 2] {
        let wide = 1.0 / self.per_count * EXTENT as f64;
        let across = (x - self.sides[0]) as f64 / wide * CELLS as f64;
        let column = usize::try_from(snap(across.floor())).unwrap_or(0);
        let row = self.steps[1..CELLS].iter().filter(|step| y <= **step).count();
        [column.min(CELLS - 1), row]
    }

    /// A position in whole units of the tile, which may lie far outside of it.
    #[inline]
    pub(super) fn point(&self, [x, y]: [i64; 2]) -> [i64; 2] {
        let across = snap((x + HALF_TURN) as f64 * self.per_count) - self.origin[0];
        [across, snap(self.row(y))]
    }

    /// Fills a list with positions that are given as steps from an origin, as [`Self::point`] would, and gives their box.
    pub(super) fn points(&self, (origin, steps): ([i64; 2], &[[i32; 2]]), into: &mut Vec<[i64; 2]>) -> [[i64; 2]; 2] {
        into.clear();
        let (mut low, mut high) = ([i32::MAX; 2], [i32::MIN; 2]);
        for step in steps {
            low = [low[0].min(step[0]), low[1].min(step[1])];
            high = [high[0].max(step[0]), high[1].max(step[1])];
        }
        let at = |step: [i32; 2]| [origin[0] + i64::from(step[0]), origin[1] + i64::from(step[1])];
        if steps.is_empty() {
            return [[i64::MAX; 2], [i64::MIN; 2]];
        }
        let (low, high) = (at(low), at(high));
        match &self.cubic {
            Some(cubic) if cubic.reaches(low[1]) && cubic.reaches(high[1]) => {
                // Whole numbers of this size are exact in a double, so that the sums are the same as those of `point`.
                let base = [(origin[0] + HALF_TURN) as f64, (origin[1] - cubic.middle) as f64];
                into.extend(steps.iter().map(|[x, y]| {
                    let across = snap((base[0] + f64::from(*x)) * self.per_count) - self.origin[0];
                    [across, snap(cubic.row(base[1] + f64::from(*y)))]
                }));
            }
            Some(_) | None => into.extend(steps.iter().map(|step| self.point(at(*step)))),
        }
        // Rows count from the north.
        let (first, last) = (self.point([low[0], high[1]]), self.point([high[0], low[1]]));
        [first, last]
    }

    /// Width and height of a box in units.
    pub(super) fn size(&self, [west, south, east, north]: [i64; 4]) -> [f64; 2] {
        [(east - west) as f64 * self.per_count, self.row(south) - self.row(north)]
    }

    /// Whether a box is smaller than this many units on both sides.
    pub(super) fn is_below(&self, bounds: [i64; 4], units: f64) -> bool {
        // Inside the reach of Mercator nothing is stretched more than this: most boxes need no more at low zooms.
        const MOST_STRETCH: f64 = 12.0;
        let [west, south, east, north] = bounds;
        let wide = (east - west) as f64 * self.per_count;
        let high = (north - south) as f64 * self.per_count;
        wide < units && (high * MOST_STRETCH < units || self.size(bounds)[1] < units)
    }

    #[inline]
    fn row(&self, y: i64) -> f64 {
        if let Some(cubic) = self.cubic.as_ref().filter(|cubic| cubic.reaches(y)) {
            return cubic.row((y - cubic.middle) as f64);
        }
        self.exact_row(y as f64) - self.origin[1] as f64
    }

    fn exact_row(&self, y: f64) -> f64 {
        let latitude = y.clamp(-NEAR_POLE, NEAR_POLE) * RADIANS;
        self.world * (0.5 - latitude.sin().atanh() / (2.0 * PI))
    }
}

/// Latitude, in counts, of a fraction of the world's height from the north.
fn latitude(fraction: f64) -> f64 {
    (PI * (1.0 - 2.0 * fraction)).sinh().atan() / RADIANS
}

/// Nearest whole number, for numbers below 2^51: adding 1.5 * 2^52 leaves no room for a fraction in a double. Without a call and without a branch.
#[inline]
pub(super) fn snap(number: f64) -> i64 {
    const SHIFT: f64 = 6_755_399_441_055_744.0;
    (number + SHIFT).to_bits().cast_signed().wrapping_sub(SHIFT.to_bits().cast_signed())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snapping_is_rounding() {
        for (number, whole) in [(0.2, 0), (0.7, 1), (-0.7, -1), (-3.2, -3), (6.8e10 + 0.6, 68_000_000_001)] {
            assert_eq!(snap(number), whole, "{number}");
        }
    }

    #[test]
    fn corners_of_the_world_are_corners_of_the_first_tile() {
        let frame = Frame::of(0, 0, 0).unwrap();
        assert_eq!(frame.point([-HALF_TURN, 85_051_128_780]), [0, 0]);
        assert_eq!(frame.point([HALF_TURN, -85_051_128_780]), [4096, 4096]);
        assert_eq!(frame.point([0, 0]), [2048, 2048]);
    }

    #[test]
    fn every_position_is_at_home_in_one_tile_of_each_zoom() {
        let positions = [
            [-HALF_TURN, 90_000_000_000],
            [HALF_TURN, -90_000_000_000],
            [0, 0],
            [120_937_500_000, 31_952_162_238],
            [-1, 85_051_128_780],
        ];
        for position in positions {
            for z in 0..6u8 {
                let side = 1 << z;
                let homes = (0..side).flat_map(|x| (0..side).map(move |y| (x, y)));
                let homes = homes.filter(|(x, y)| Frame::of(z, *x, *y).unwrap().is_home_of(position));
                assert_eq!(homes.count(), 1, "{position:?} at {z}");
            }
        }
    }

    #[test]
    fn borders_of_a_tile_are_those_of_its_children() {
        for z in [3u8, 11, 20] {
            let (x, y) = (3 << (z - 3), 5 << (z - 3));
            let (frame, child) = (Frame::of(z, x, y).unwrap(), Frame::of(z + 1, 2 * x, 2 * y).unwrap());
            let last = Frame::of(z + 1, 2 * x + 1, 2 * y + 1).unwrap();
            assert_eq!((frame.sides[0], frame.steps[0]), (child.sides[0], child.steps[0]));
            assert_eq!((frame.sides[1], frame.steps[CELLS]), (last.sides[1], last.steps[CELLS]));
        }
    }

    #[test]
    fn the_cubic_keeps_to_mercator() {
        for (z, y) in [(8u8, 100u32), (8, 3), (8, 128), (14, 6_700), (20, 400_000), (24, 9_000_000)] {
            let frame = Frame::of(z, 7, y).unwrap();
            let [south, north] = [frame.area.min().y, frame.area.max().y].map(|degrees| snap(degrees * 1e9));
            for part in 0..=20 {
                let at = south + (north - south) * part / 20;
                let exact = frame.exact_row(at as f64) - frame.origin[1] as f64;
                assert!((frame.row(at) - exact).abs() < 0.01, "{z}/{y}: {} for {exact}", frame.row(at));
            }
        }
    }
}
