//! Cutting rings and lines at the buffered tile, in whole units.
use super::frame::{BUFFER, EXTENT, snap};

/// A position in units of the tile.
pub(super) type Point = [i64; 2];

/// Lowest and highest unit that a tile draws, on both axes.
pub(super) const LOW: i64 = -BUFFER;
pub(super) const HIGH: i64 = EXTENT + BUFFER;

/// One side of the buffered tile.
#[derive(Clone, Copy)]
struct Side {
    axis: usize,
    bound: i64,
    is_low: bool,
}

const SIDES: [Side; 4] = [
    Side {
        axis: 0,
        bound: LOW,
        is_low: true,
    },
    Side {
        axis: 0,
        bound: HIGH,
        is_low: false,
    },
    Side {
        axis: 1,
        bound: LOW,
        is_low: true,
    },
    Side {
        axis: 1,
        bound: HIGH,
        is_low: false,
    },
];

impl Side {
    fn holds(self, point: Point) -> bool {
        if self.is_low {
            point[self.axis] >= self.bound
        } else {
            point[self.axis] <= self.bound
        }
    }

    /// Where the way from a point inside to one outside leaves. Always reckoned from the inside, so that an edge that two shapes share is cut alike.
    fn crossing(self, inside: Point, outside: Point) -> Point {
        let other = 1 - self.axis;
        let part = (self.bound - inside[self.axis]) as f64 / (outside[self.axis] - inside[self.axis]) as f64;
        let mut point = [self.bound; 2];
        point[other] = inside[other] + snap((outside[other] - inside[other]) as f64 * part);
        point
    }
}

/// Whether a box reaches beyond the buffered tile.
pub(super) fn reaches_out(low: Point, high: Point) -> bool {
    low.iter().any(|value| *value < LOW) || high.iter().any(|value| *value > HIGH)
}

/// Cuts a ring (closing point left out) one side after another (Sutherland and Hodgman 1974). A ring that falls into pieces stays one, joined by edges along
/// the border, which lie in the buffer where nobody sees them. `spare` is scratch.
pub(super) fn ring(points: &mut Vec<Point>, spare: &mut Vec<Point>) {
    for side in SIDES {
        if points.iter().all(|point| side.holds(*point)) {
            continue;
        }
        spare.clear();
        let Some(mut before) = points.last().copied() else { return };
        for point in points.iter().copied() {
            match (side.holds(before), side.holds(point)) {
                (true, true) => spare.push(point),
                (true, false) => spare.push(side.crossing(before, point)),
                (false, true) => spare.extend([side.crossing(point, before), point]),
                (false, false) => {}
            }
            before = point;
        }
        std::mem::swap(points, spare);
    }
}

/// The part of a segment inside; `None` when there is none.
pub(super) fn segment(mut from: Point, mut to: Point) -> Option<[Point; 2]> {
    for side in SIDES {
        match (side.holds(from), side.holds(to)) {
            (true, true) => {}
            (true, false) => to = side.crossing(from, to),
            (false, true) => from = side.crossing(to, from),
            (false, false) => return None,
        }
    }
    Some([from, to])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ring_around_the_tile_becomes_its_border() {
        let mut points = vec![[-9_000, -9_000], [9_000, -9_000], [9_000, 9_000], [-9_000, 9_000]];
        ring(&mut points, &mut Vec::new());
        points.sort_unstable();
        points.dedup();
        assert_eq!(points, [[LOW, LOW], [LOW, HIGH], [HIGH, LOW], [HIGH, HIGH]]);
    }

    #[test]
    fn a_ring_outside_vanishes() {
        let mut points = vec![[5_000, 0], [6_000, 0], [6_000, 100]];
        ring(&mut points, &mut Vec::new());
        assert!(points.is_empty());
    }

    #[test]
    fn a_shared_edge_is_cut_alike_from_both_ends() {
        let (one, two) = ([17, 33], [70_000_000_001, 50_000_000_017]);
        assert_eq!(segment(one, two).unwrap()[1], segment(two, one).unwrap()[0]);
    }

    #[test]
    fn a_segment_past_a_corner_is_outside() {
        assert_eq!(segment([-300, 100], [100, -300]), None);
    }
}
