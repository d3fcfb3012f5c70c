//! Set operations on ground: the traps of the overlay library, kept in one place.
//!
//! Three of them: rings must be oriented, or holes are filled without a word; rings without extent can panic; and every call snaps to an integer
//! grid over all it is given (about 1 µm per kilometre), so shapes are moved near the origin and clipped before they come here.
use std::panic::{AssertUnwindSafe, catch_unwind};

use geo::bool_ops::{BooleanOps as _, FillRule, OpType};
use geo::{Area as _, BoundingRect as _, MapCoords as _};
use geo_types::{Coord, LineString, MultiPolygon, Polygon, Rect};

use super::Fault;

/// Rings closed, shells counter-clockwise, holes clockwise, rings without area dropped.
pub(super) fn tidy(ground: &MultiPolygon<f64>) -> MultiPolygon<f64> {
    MultiPolygon(ground.iter().filter_map(tidy_one).collect())
}

fn tidy_one(polygon: &Polygon<f64>) -> Option<Polygon<f64>> {
    let shell = oriented(polygon.exterior(), Turn::Left)?;
    let holes = polygon.interiors().iter().filter_map(|hole| oriented(hole, Turn::Right));
    Some(Polygon::new(shell, holes.collect()))
}

#[derive(Clone, Copy, PartialEq)]
enum Turn {
    Left,
    Right,
}

fn oriented(ring: &LineString<f64>, turn: Turn) -> Option<LineString<f64>> {
    let mut coords = ring.0.clone();
    coords.dedup();
    let twice = twice_area(&coords);
    if coords.len() < 4 || twice == 0.0 || !twice.is_finite() {
        return None;
    }
    if (twice > 0.0) != (turn == Turn::Left) {
        coords.reverse();
    }
    Some(LineString(coords))
}

/// Twice the signed area of a closed ring, counter-clockwise positive, measured from its first point.
pub(super) fn twice_area(ring: &[Coord<f64>]) -> f64 {
    let Some(origin) = ring.first().copied() else { return 0.0 };
    let cross = |pair: &[Coord<f64>]| {
        let (a, b) = (pair[0] - origin, pair[1] - origin);
        a.x * b.y - b.x * a.y
    };
    ring.windows(2).map(cross).sum()
}

/// The middle of the box around shapes: moved there, coordinates keep all their digits.
pub(super) fn middle(ground: &MultiPolygon<f64>) -> Coord<f64> {
    ground.bounding_rect().map_or(Coord { x: 0.0, y: 0.0 }, Rect::center)
}

/// Ground seen from another origin.
pub(super) fn seen_from(ground: &MultiPolygon<f64>, origin: Coord<f64>) -> MultiPolygon<f64> {
    ground.map_coords(|at| at - origin)
}

/// What is left of tidy ground without the removed polygons, which are tidy and may overlap.
pub(super) fn without(ground: &MultiPolygon<f64>, removed: Vec<Polygon<f64>>) -> Result<MultiPolygon<f64>, Fault> {
    if removed.is_empty() || ground.0.is_empty() {
        return Ok(ground.clone());
    }
    guarded("a parcel without what must be kept clear", || {
        ground.boolean_op_with_fill_rule(&MultiPolygon(removed), OpType::Difference, FillRule::NonZero)
    })
}

/// The part of tidy, possibly overlapping polygons that lies within tidy ground.
pub(super) fn within(ground: &MultiPolygon<f64>, polygons: Vec<Polygon<f64>>) -> Result<MultiPolygon<f64>, Fault> {
    if polygons.is_empty() || ground.0.is_empty() {
        return Ok(MultiPolygon(Vec::new()));
    }
    guarded("a layer within a parcel", || {
        ground.boolean_op_with_fill_rule(&MultiPolygon(polygons), OpType::Intersection, FillRule::NonZero)
    })
}

/// Runs a call of the overlay library, which is known to panic on rare inputs.
pub(super) fn guarded(detail: &'static str, run: impl FnOnce() -> MultiPolygon<f64>) -> Result<MultiPolygon<f64>, Fault> {
    let found = catch_unwind(AssertUnwindSafe(run)).map_err(|_panic| Fault::Overlay { detail })?;
    Ok(tidy(&found))
}

/// Whether the box around a polygon meets a box.
pub(super) fn is_near(polygon: &Polygon<f64>, around: Rect<f64>) -> bool {
    polygon.bounding_rect().is_some_and(|own| meets(own, around))
}

/// Whether two boxes have a point in common.
pub(super) fn meets(one: Rect<f64>, other: Rect<f64>) -> bool {
    let along = |low: f64, high: f64, other_low: f64, other_high: f64| low <= other_high && other_low <= high;
    along(one.min().x, one.max().x, other.min().x, other.max().x) && along(one.min().y, one.max().y, other.min().y, other.max().y)
}

/// A box with a rim around it, metres.
pub(super) fn widened(around: Rect<f64>, metres: f64) -> Rect<f64> {
    let rim = Coord { x: metres, y: metres };
    Rect::new(around.min() - rim, around.max() + rim)
}

/// The part of a polygon in a box, tidy. A polygon that is cut may have edges along the rim of the box that run there and back, so the box is
/// taken a little too large by those who ask. Algorithm: I. Sutherland, G. Hodgman, Reentrant polygon clipping, CACM 17 (1974).
pub(super) fn clipped(polygon: &Polygon<f64>, around: Rect<f64>) -> Option<Polygon<f64>> {
    let own = polygon.bounding_rect()?;
    if !meets(own, around) {
        return None;
    }
    let inside =
        around.min().x <= own.min().x && around.min().y <= own.min().y && own.max().x <= around.max().x && own.max().y <= around.max().y;
    if inside {
        return tidy_one(polygon);
    }
    let (low, high) = (around.min(), around.max());
    let ring = |ring: &LineString<f64>| {
        let mut coords: Vec<Coord<f64>> = ring.0.iter().skip(1).copied().collect();
        coords = half_plane(&coords, |at| at.x - low.x);
        coords = half_plane(&coords, |at| high.x - at.x);
        coords = half_plane(&coords, |at| at.y - low.y);
        coords = half_plane(&coords, |at| high.y - at.y);
        coords.extend(coords.first().copied());
        LineString(coords)
    };
    tidy_one(&Polygon::new(
        ring(polygon.exterior()),
        polygon.interiors().iter().map(ring).collect(),
    ))
}

/// The part of an open ring on one side of a line, told by the distance into that side.
fn half_plane(ring: &[Coord<f64>], depth: impl Fn(Coord<f64>) -> f64) -> Vec<Coord<f64>> {
    let mut kept = Vec::with_capacity(ring.len() + 4);
    let Some(mut before) = ring.last().copied() else { return kept };
    for at in ring.iter().copied() {
        let (there, here) = (depth(before), depth(at));
        if (there < 0.0) != (here < 0.0) {
            kept.push(before + (at - before) * (there / (there - here)));
        }
        if here >= 0.0 {
            kept.push(at);
        }
        before = at;
    }
    kept
}

/// Area of tidy ground, m².
pub(super) fn area_m2(ground: &MultiPolygon<f64>) -> f64 {
    ground.unsigned_area()
}
