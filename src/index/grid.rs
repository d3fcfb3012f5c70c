//! The storage grid in whole numbers: positions are counts of 1e-9 degree, so that boxes and arenas compare and round-trip exactly.
use geo_types::Rect;

use crate::domain::geometry::GRID_PER_DEGREE;

/// Grid count nearest to a degree.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the cast saturates, and canonical degrees are far below the limit"
)]
pub(super) fn to_grid(degrees: f64) -> i64 {
    /// Adding 1.5 * 2^52 leaves no room for a fraction in a double: rounding without a call.
    const SHIFT: f64 = 6_755_399_441_055_744.0;
    const ROOM: f64 = 2_251_799_813_685_248.0;
    let count = degrees * GRID_PER_DEGREE;
    if count.abs() < ROOM {
        (count + SHIFT).to_bits().cast_signed() - SHIFT.to_bits().cast_signed()
    } else {
        count.round() as i64
    }
}

/// Degrees of a grid count: the very double that the count was made from.
pub(super) fn to_degrees(count: i64) -> f64 {
    count as f64 / GRID_PER_DEGREE
}

/// Smallest count that is not west or south of a degree.
fn at_least(degrees: f64) -> i64 {
    let near = to_grid(degrees);
    if to_degrees(near) >= degrees {
        near
    } else {
        near.saturating_add(1)
    }
}

/// Largest count that is not east or north of a degree.
fn at_most(degrees: f64) -> i64 {
    let near = to_grid(degrees);
    if to_degrees(near) <= degrees {
        near
    } else {
        near.saturating_sub(1)
    }
}

/// A closed box in grid counts; empty when west is east of east.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub west: i64,
    pub south: i64,
    pub east: i64,
    pub north: i64,
}

impl Span {
    pub(super) const EMPTY: Self = Self {
        west: i64::MAX,
        south: i64::MAX,
        east: i64::MIN,
        north: i64::MIN,
    };

    /// All grid positions inside a box of degrees.
    pub(super) fn inside(area: &Rect<f64>) -> Self {
        Self {
            west: at_least(area.min().x),
            south: at_least(area.min().y),
            east: at_most(area.max().x),
            north: at_most(area.max().y),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.west > self.east || self.south > self.north
    }

    pub(super) fn add(&mut self, [x, y]: [i64; 2]) {
        self.west = self.west.min(x);
        self.east = self.east.max(x);
        self.south = self.south.min(y);
        self.north = self.north.max(y);
    }

    pub(super) fn union(&self, other: &Self) -> Self {
        Self {
            west: self.west.min(other.west),
            south: self.south.min(other.south),
            east: self.east.max(other.east),
            north: self.north.max(other.north),
        }
    }

    pub(super) fn touches(&self, other: &Self) -> bool {
        self.west <= other.east && other.west <= self.east && self.south <= other.north && other.south <= self.north
    }

    pub(super) fn contains(&self, other: &Self) -> bool {
        self.west <= other.west && other.east <= self.east && self.south <= other.south && other.north <= self.north
    }

    pub(super) fn centre(&self) -> [i64; 2] {
        [self.west.midpoint(self.east), self.south.midpoint(self.north)]
    }

    /// The box in degrees; `None` when empty.
    pub(super) fn degrees(&self) -> Option<Rect<f64>> {
        if self.is_empty() {
            return None;
        }
        Some(Rect::new(
            (to_degrees(self.west), to_degrees(self.south)),
            (to_degrees(self.east), to_degrees(self.north)),
        ))
    }
}

/// Maps grid counts near an origin to `i32`, rounding boxes outward where a shard is so wide that steps must be coarser than the grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    origin: [i64; 2],
    shift: u32,
}

/// `[west, south, east, north]` in a frame.
pub(super) type FrameBox = [i32; 4];

/// Box of a row without shape: touches nothing.
pub(super) const NOWHERE: FrameBox = [i32::MAX, i32::MAX, i32::MIN, i32::MIN];

impl Frame {
    /// Room for a shard to grow in place: it may reach twice as far as it does now.
    const HALF_RANGE: i64 = 1 << 30;

    pub(super) fn around(span: &Span) -> Self {
        if span.is_empty() {
            return Self { origin: [0, 0], shift: 10 };
        }
        let half = (span.east - span.west).max(span.north - span.south) / 2 + 1;
        let mut shift = 0;
        while half >> shift > Self::HALF_RANGE {
            shift += 1;
        }
        Self {
            origin: span.centre(),
            shift,
        }
    }

    /// Whether every box in the frame is exact.
    pub(super) fn is_exact(&self) -> bool {
        self.shift == 0
    }

    /// The smallest box of the frame around a span; `None` when it lies outside the frame's reach.
    pub(super) fn boxed(&self, span: &Span) -> Option<FrameBox> {
        if span.is_empty() {
            return Some(NOWHERE);
        }
        let up = (1i64 << self.shift) - 1;
        Some([
            i32::try_from((span.west - self.origin[0]) >> self.shift).ok()?,
            i32::try_from((span.south - self.origin[1]) >> self.shift).ok()?,
            i32::try_from((span.east - self.origin[0] + up) >> self.shift).ok()?,
            i32::try_from((span.north - self.origin[1] + up) >> self.shift).ok()?,
        ])
    }

    /// The smallest box of the frame around a span, cut off at the frame's reach: for asking, not for storing.
    pub(super) fn clamped(&self, span: &Span) -> FrameBox {
        if span.is_empty() {
            return NOWHERE;
        }
        let up = (1i64 << self.shift) - 1;
        let cut = |value: i64| i32::try_from(value.clamp(i64::from(i32::MIN), i64::from(i32::MAX))).unwrap_or(0);
        [
            cut(span.west.saturating_sub(self.origin[0]) >> self.shift),
            cut(span.south.saturating_sub(self.origin[1]) >> self.shift),
            cut(span.east.saturating_sub(self.origin[0]).saturating_add(up) >> self.shift),
            cut(span.north.saturating_sub(self.origin[1]).saturating_add(up) >> self.shift),
        ]
    }

    /// The span of a box of the frame.
    pub(super) fn span(&self, [west, south, east, north]: FrameBox) -> Span {
        if west > east {
            return Span::EMPTY;
        }
        let out = |value: i32, origin: i64| (i64::from(value) << self.shift) + origin;
        Span {
            west: out(west, self.origin[0]),
            south: out(south, self.origin[1]),
            east: out(east, self.origin[0]),
            north: out(north, self.origin[1]),
        }
    }
}

/// Place of a position on a Hilbert curve over the whole earth, 31 bits a side: neighbours on the curve are neighbours on the ground.
pub(super) fn hilbert([x, y]: [i64; 2]) -> u64 {
    const HALF_TURN: i64 = 180_000_000_000;
    let cell = |count: i64| u32::try_from(((count + HALF_TURN).clamp(0, 2 * HALF_TURN)) >> 8).unwrap_or(u32::MAX);
    let (mut x, mut y) = (cell(x), cell(y));
    let mut place = 0u64;
    let mut side = 1u32 << 31;
    while side > 0 {
        let (right, upper) = (u32::from(x & side != 0), u32::from(y & side != 0));
        place = place << 2 | u64::from((3 * right) ^ upper);
        if upper == 0 {
            if right == 1 {
                x = !x;
                y = !y;
            }
            std::mem::swap(&mut x, &mut y);
        }
        side >>= 1;
    }
    place
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn degrees_on_the_grid_come_back_as_the_same_double() {
        for count in [0, 1, -1, 113_123_456_789, -179_999_999_999, 180_000_000_000, 22_123_456_787] {
            assert_eq!(to_grid(to_degrees(count)), count);
        }
        let typed: f64 = "113.123456789".parse().unwrap();
        assert_eq!(to_degrees(to_grid(typed)).to_bits(), typed.to_bits());
    }

    #[test]
    fn a_box_holds_its_own_border() {
        let area = Rect::new((113.123_456_789, 22.0), (113.2, 22.000_000_001));
        let span = Span::inside(&area);
        assert_eq!((span.west, span.south), (113_123_456_789, 22_000_000_000));
        assert_eq!((span.east, span.north), (113_200_000_000, 22_000_000_001));
    }

    #[test]
    fn a_coarse_frame_rounds_outward() {
        let wide = Span {
            west: -170_000_000_001,
            south: -3,
            east: 170_000_000_000,
            north: 50_000_000_000,
        };
        let frame = Frame::around(&wide);
        assert!(!frame.is_exact());
        assert!(frame.span(frame.boxed(&wide).unwrap()).contains(&wide));
    }

    #[test]
    fn neighbours_on_the_curve_are_neighbours_on_the_ground() {
        let mut cells: Vec<[i64; 2]> = (0..256).map(|at| [(at % 16 - 8) << 8, (at / 16 - 8) << 8]).collect();
        cells.sort_by_key(|cell| hilbert(*cell));
        for pair in cells.windows(2) {
            assert_eq!(
                ((pair[0][0] - pair[1][0]).abs() + (pair[0][1] - pair[1][1]).abs()) >> 8,
                1,
                "{pair:?}"
            );
        }
    }
}
