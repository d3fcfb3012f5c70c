//! What must lie inside what: holes in shells, nothing in holes, parts apart.
use super::super::fault::GeometryFault;
use super::super::grid::Nano;
use super::touch::Touches;
use super::{Ring, segment};

/// Where a point lies with regard to a ring or a polygon.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Position {
    Inside,
    Border,
    Outside,
}

/// Checks rings that neither cross nor share an edge.
pub(super) fn check(rings: &[Ring], touches: &Touches) -> Result<(), GeometryFault> {
    let polygons: Vec<&[Ring]> = rings.chunk_by(|one, other| one.polygon == other.polygon).collect();
    polygons.iter().try_for_each(|polygon| holes(polygon))?;
    let touching = touches.polygons(rings);
    for (nth, one) in polygons.iter().enumerate() {
        for (other_nth, other) in polygons.iter().enumerate().skip(nth + 1) {
            if boxes_meet(&one[0], &other[0]) {
                let probes = if touching.contains(&(nth, other_nth)) {
                    Probes::All
                } else {
                    Probes::UntilClear
                };
                apart(one, other, probes)?;
                apart(other, one, probes)?;
            }
        }
    }
    Ok(())
}

fn holes(polygon: &[Ring]) -> Result<(), GeometryFault> {
    let [shell, holes @ ..] = polygon else { return Ok(()) };
    for hole in holes {
        if position_of(hole, shell) == Position::Outside {
            return Err(GeometryFault::HoleOutsideShell(segment::at(hole.points[0])));
        }
    }
    for (nth, hole) in holes.iter().enumerate() {
        for other in holes.iter().skip(nth + 1).filter(|other| boxes_meet(hole, other)) {
            for (inner, outer) in [(hole, other), (other, hole)] {
                if position_of(inner, outer) == Position::Inside {
                    return Err(GeometryFault::HoleInHole(segment::at(inner.points[0])));
                }
            }
        }
    }
    Ok(())
}

/// How much of a part is looked at.
#[derive(Clone, Copy, PartialEq)]
enum Probes {
    /// The first point that is not on the border decides: the borders do not touch.
    UntilClear,
    /// Every point: the borders touch, so they may cross in a corner.
    All,
}

fn apart(one: &[Ring], other: &[Ring], probes: Probes) -> Result<(), GeometryFault> {
    for probe in doubled_probes(&one[0]) {
        match position_in_polygon(probe, other) {
            Position::Inside => {
                return Err(GeometryFault::PartsOverlap(segment::at(Nano {
                    x: probe.x / 2,
                    y: probe.y / 2,
                })));
            }
            Position::Outside if probes == Probes::UntilClear => return Ok(()),
            Position::Outside | Position::Border => {}
        }
    }
    Ok(())
}

/// Where a ring lies, seen from another that it neither crosses nor runs along.
fn position_of(ring: &Ring, of: &Ring) -> Position {
    doubled_probes(ring)
        .map(|probe| position(probe, of))
        .find(|position| *position != Position::Border)
        .unwrap_or(Position::Border)
}

/// Corners, then middles of edges, in half grid steps so that middles are whole numbers.
fn doubled_probes(ring: &Ring) -> impl Iterator<Item = Nano> {
    let corners = ring.points.iter().map(|point| Nano {
        x: 2 * point.x,
        y: 2 * point.y,
    });
    let ends = ring.points.iter().skip(1).chain(ring.points.first());
    let middles = ring.points.iter().zip(ends).map(|(start, end)| Nano {
        x: start.x + end.x,
        y: start.y + end.y,
    });
    corners.chain(middles)
}

fn position_in_polygon(doubled: Nano, polygon: &[Ring]) -> Position {
    let [shell, holes @ ..] = polygon else { return Position::Outside };
    let in_shell = position(doubled, shell);
    if in_shell != Position::Inside {
        return in_shell;
    }
    for hole in holes {
        match position(doubled, hole) {
            Position::Inside => return Position::Outside,
            Position::Border => return Position::Border,
            Position::Outside => {}
        }
    }
    Position::Inside
}

/// Counts edges to the right of the point.
fn position(doubled: Nano, ring: &Ring) -> Position {
    let outside_box = |point: i64, low: i64, high: i64| point < 2 * low || point > 2 * high;
    if outside_box(doubled.x, ring.low.x, ring.high.x) || outside_box(doubled.y, ring.low.y, ring.high.y) {
        return Position::Outside;
    }
    let mut inside = false;
    let mut start = ring.points[ring.points.len() - 1];
    for end in &ring.points {
        let (low, high) = if start.y <= end.y { (start, *end) } else { (*end, start) };
        start = *end;
        if 2 * low.y > doubled.y || 2 * high.y < doubled.y {
            continue;
        }
        let side =
            i128::from(high.x - low.x) * i128::from(doubled.y - 2 * low.y) - i128::from(high.y - low.y) * i128::from(doubled.x - 2 * low.x);
        let within_x = (2 * low.x.min(high.x)..=2 * low.x.max(high.x)).contains(&doubled.x);
        if side == 0 && within_x {
            return Position::Border;
        }
        // Half open, so that a corner counts for one of its two edges.
        if 2 * low.y <= doubled.y && doubled.y < 2 * high.y && side > 0 {
            inside = !inside;
        }
    }
    if inside { Position::Inside } else { Position::Outside }
}

fn boxes_meet(one: &Ring, other: &Ring) -> bool {
    one.low.x <= other.high.x && one.high.x >= other.low.x && one.low.y <= other.high.y && one.high.y >= other.low.y
}
