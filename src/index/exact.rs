//! Exact tests of points and segments (Shewchuk's adaptive predicates): no rounding decides on which side something lies.
use geo::kernels::{Kernel, Orientation, RobustKernel};
use geo_types::Coord;

use super::arena::{Arena, Place, RingKind};

/// A segment.
pub(super) type Edge = [Coord<f64>; 2];

fn turn(a: Coord<f64>, b: Coord<f64>, c: Coord<f64>) -> Orientation {
    RobustKernel::orient2d(a, b, c)
}

/// Whether a point lies on a segment that it is in line with.
fn between([from, to]: Edge, at: Coord<f64>) -> bool {
    at.x >= from.x.min(to.x) && at.x <= from.x.max(to.x) && at.y >= from.y.min(to.y) && at.y <= from.y.max(to.y)
}

/// Whether two closed segments have a point in common, exactly.
pub(super) fn cross([a, b]: Edge, [c, d]: Edge) -> bool {
    if a.x.max(b.x) < c.x.min(d.x) || c.x.max(d.x) < a.x.min(b.x) || a.y.max(b.y) < c.y.min(d.y) || c.y.max(d.y) < a.y.min(b.y) {
        return false;
    }
    let (c_side, d_side) = (turn(a, b, c), turn(a, b, d));
    let (a_side, b_side) = (turn(c, d, a), turn(c, d, b));
    let flat = Orientation::Collinear;
    if c_side != d_side && a_side != b_side && [a_side, b_side, c_side, d_side].iter().all(|side| *side != flat) {
        return true;
    }
    (c_side == flat && between([a, b], c))
        || (d_side == flat && between([a, b], d))
        || (a_side == flat && between([c, d], a))
        || (b_side == flat && between([c, d], b))
}

/// Whether a point is inside rings or on their border, by the even-odd rule, exactly.
pub(super) fn inside(at: Coord<f64>, edges: impl Iterator<Item = Edge>) -> bool {
    let mut odd = false;
    for [from, to] in edges {
        let side = if from.y.min(to.y) <= at.y && at.y <= from.y.max(to.y) {
            turn(from, to, at)
        } else {
            continue;
        };
        if side == Orientation::Collinear && between([from, to], at) {
            return true;
        }
        if (from.y > at.y) != (to.y > at.y) && (side == Orientation::CounterClockwise) == (to.y > from.y) {
            odd = !odd;
        }
    }
    odd
}

/// Whether a row's polygons cover a point.
pub(super) fn covers(arena: &Arena, place: Place, at: Coord<f64>) -> bool {
    let edges = arena
        .rings(place)
        .filter(|ring| matches!(ring.kind, RingKind::Shell | RingKind::Hole))
        .flat_map(|ring| {
            let points: Vec<Coord<f64>> = ring.degrees().map(|(x, y)| Coord { x, y }).collect();
            (1..points.len()).map(move |end| [points[end - 1], points[end]]).collect::<Vec<_>>()
        });
    inside(at, edges)
}
