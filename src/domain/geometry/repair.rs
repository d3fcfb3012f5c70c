//! Mending on request: what [`super::canonical`] refuses, made valid, with the areas before and after so that a person can judge.
mod untangle;

use std::panic::{AssertUnwindSafe, catch_unwind};

use geo::bool_ops::{BooleanOps as _, FillRule, OpType};
use geo_types::{Coord, Geometry, LineString, MultiPolygon, Polygon};

use super::area::ellipsoidal_area_m2;
use super::canonical::{Parts, canonical, twice_area};
use super::fault::GeometryFault;
use super::grid::{nano, snap};
use super::shape::Shape;
use super::validity;

/// Redrawing moves points onto the grid, which can make new touches; so often it is tried again.
const ROUNDS: usize = 3;

/// A mended shape. Nothing was mended when `what` is empty.
#[derive(Clone, Debug, PartialEq)]
pub struct Repaired {
    /// The canonical shape.
    pub shape: Shape,
    /// Sum of the areas inside the rings as given, holes subtracted, m² on the ellipsoid. Of rings that cross themselves this is no area of any
    /// ground, but it shows how much the mending changed.
    pub area_before_m2: f64,
    /// Area of the mended shape, m² on the ellipsoid.
    pub area_after_m2: f64,
    /// What was done, in order.
    pub what: Vec<Mending>,
}

/// One kind of mending.
#[derive(Clone, Debug, PartialEq)]
pub enum Mending {
    /// Rings were closed with a straight edge. Reported by readers, which alone see open rings: `geo_types` closes them.
    ClosedRings(usize),
    /// Rings, lines or holes without extent were dropped.
    DroppedParts(usize),
    /// Ground was taken anew where rings cross, touch or overlap; this fault was the first.
    Redrawn(GeometryFault),
}

/// Makes a valid shape of a geometry, lon/lat degrees.
///
/// Each polygon is redrawn by the even-odd rule, so that the lobes of a crossed ring stay and doubly covered pieces are holes, as in most
/// desktop programs; then all parts are united. Coordinates that are no places, and too many of them, cannot be mended, nor can a few tangles
/// whose crossings lie within a grid step of each other: those are left to a person.
pub fn repair(geometry: Geometry<f64>) -> Result<Repaired, GeometryFault> {
    let mut parts = Parts::default();
    parts.gather(geometry.clone());
    parts.check_coords(super::MOST_VERTICES)?;
    let area_before_m2 = rings_as_given_m2(&parts.polygons);
    let mut what = Vec::new();
    let shape = match canonical(geometry) {
        Ok(valid) => valid.shape,
        Err(GeometryFault::Mixed) => return Err(GeometryFault::Mixed),
        Err(fault) => mend(parts, fault, &mut what)?,
    };
    Ok(Repaired {
        area_after_m2: ellipsoidal_area_m2(&shape),
        shape,
        area_before_m2,
        what,
    })
}

fn mend(mut parts: Parts, mut fault: GeometryFault, what: &mut Vec<Mending>) -> Result<Shape, GeometryFault> {
    let dropped = drop_degenerate(&mut parts);
    if dropped > 0 {
        what.push(Mending::DroppedParts(dropped));
        match canonical(parts.as_geometry()?) {
            Ok(valid) => return Ok(valid.shape),
            Err(next) => fault = next,
        }
    }
    what.push(Mending::Redrawn(fault));
    let mut still = String::new();
    for _ in 0..ROUNDS {
        let redrawn = catch_unwind(AssertUnwindSafe(|| redraw(&parts.polygons)))
            .map_err(|_panic| GeometryFault::Unmendable("the overlay library failed on it".to_owned()))?;
        parts.polygons = redrawn.0;
        drop_degenerate(&mut parts);
        parts.polygons = untangle::untangle(&parts.polygons);
        match canonical(parts.as_geometry()?) {
            Ok(valid) => return Ok(valid.shape),
            Err(fault) => still = fault.to_string(),
        }
    }
    Err(GeometryFault::Unmendable(still))
}

/// Even-odd within each polygon, then a union of the parts. Coordinates move by up to a grid step, so a later round may find new touches.
fn redraw(polygons: &[Polygon<f64>]) -> MultiPolygon<f64> {
    let nothing = MultiPolygon::<f64>(Vec::new());
    polygons.iter().fold(nothing.clone(), |whole, polygon| {
        let clean = polygon.boolean_op_with_fill_rule(&nothing, OpType::Union, FillRule::EvenOdd);
        if whole.0.is_empty() {
            clean
        } else {
            whole.boolean_op_with_fill_rule(&clean, OpType::Union, FillRule::NonZero)
        }
    })
}

/// Snaps everything and drops what has no extent; says how much.
fn drop_degenerate(parts: &mut Parts) -> usize {
    let mut dropped = 0;
    let mut polygons = Vec::with_capacity(parts.polygons.len());
    for polygon in parts.polygons.drain(..) {
        let (mut shell, holes) = polygon.into_inner();
        if !has_area(&mut shell) {
            dropped += 1;
            continue;
        }
        let before = holes.len();
        let holes: Vec<LineString<f64>> = holes
            .into_iter()
            .filter_map(|mut hole| has_area(&mut hole).then_some(hole))
            .collect();
        dropped += before - holes.len();
        polygons.push(Polygon::new(shell, holes));
    }
    parts.polygons = polygons;
    let before = parts.lines.len();
    parts.lines.retain(|line| line.0.iter().any(|at| snap(*at) != snap(line.0[0])));
    dropped + before - parts.lines.len()
}

/// A crossed ring of two equal lobes has a sum of zero and yet an extent, so flatness is looked at, not the sum alone.
fn has_area(ring: &mut LineString<f64>) -> bool {
    for at in &mut ring.0 {
        *at = snap(*at);
    }
    ring.0.dedup();
    cut_spikes(&mut ring.0);
    ring.0.len() >= 4
        && ring
            .0
            .windows(2)
            .any(|edge| twice_area(&[ring.0[0], edge[0], edge[1], ring.0[0]]) != 0)
}

/// Takes out tips at which a closed ring runs back over itself; rounding makes them of slivers.
fn cut_spikes(ring: &mut Vec<Coord<f64>>) {
    ring.pop();
    while let Some(tip) = (0..ring.len()).find(|tip| turns_back(ring, *tip)) {
        ring.remove(tip);
        ring.dedup();
        if ring.len() > 1 && ring.first() == ring.last() {
            ring.pop();
        }
    }
    ring.extend(ring.first().copied());
}

fn turns_back(ring: &[Coord<f64>], tip: usize) -> bool {
    let count = ring.len();
    let around = |offset: usize| nano(ring[(tip + offset) % count]);
    count > 2 && validity::turns_back(around(count - 1), around(0), around(1))
}

fn rings_as_given_m2(polygons: &[Polygon<f64>]) -> f64 {
    let alone = |ring: &LineString<f64>| ellipsoidal_area_m2(&Shape::Polygons(MultiPolygon(vec![Polygon::new(ring.clone(), Vec::new())])));
    polygons
        .iter()
        .map(|polygon| alone(polygon.exterior()) - polygon.interiors().iter().map(alone).sum::<f64>())
        .sum()
}

impl Parts {
    /// Back to one geometry, of the first kind there is.
    fn as_geometry(&self) -> Result<Geometry<f64>, GeometryFault> {
        if !self.polygons.is_empty() {
            return Ok(MultiPolygon(self.polygons.clone()).into());
        }
        if !self.lines.is_empty() {
            return Ok(geo_types::MultiLineString(self.lines.clone()).into());
        }
        Err(GeometryFault::Empty)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo_types::polygon;

    /// Near the equator a square of 0.001 degree has 12,308.8 m².
    fn scaled(points: &[(f64, f64)]) -> Polygon<f64> {
        Polygon::new(points.iter().map(|(x, y)| (x / 1000.0, y / 1000.0)).collect(), vec![])
    }

    #[test]
    fn a_bow_tie_keeps_both_lobes() {
        let mended = repair(scaled(&[(0.0, 0.0), (2.0, 2.0), (2.0, 0.0), (0.0, 2.0)]).into()).unwrap();
        let Shape::Polygons(parts) = &mended.shape else {
            panic!("{mended:?}")
        };
        assert_eq!(parts.0.len(), 2);
        assert!(
            mended.area_before_m2 < 0.01 && (mended.area_after_m2 / 24_617.7 - 1.0).abs() < 1e-3,
            "{mended:?}"
        );
        assert!(matches!(mended.what.as_slice(), [Mending::Redrawn(GeometryFault::ZeroArea(_))]));
    }

    #[test]
    fn what_is_valid_is_left_alone() {
        let square = scaled(&[(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)]);
        let mended = repair(square.clone().into()).unwrap();
        assert_eq!((mended.shape, mended.what), (canonical(square.into()).unwrap().shape, vec![]));
        assert!((mended.area_before_m2 - mended.area_after_m2).abs() < 1e-6);
    }

    #[test]
    fn overlapping_parts_are_united_and_flat_ones_dropped() {
        let square = |x: f64| scaled(&[(x, 0.0), (x + 2.0, 0.0), (x + 2.0, 2.0), (x, 2.0)]);
        let flat = scaled(&[(5.0, 5.0), (6.0, 6.0), (7.0, 7.0)]);
        let mended = repair(MultiPolygon(vec![square(0.0), square(1.0), flat]).into()).unwrap();
        assert!((mended.area_after_m2 / mended.area_before_m2 - 0.75).abs() < 1e-6, "{mended:?}");
        assert!(matches!(
            mended.what.as_slice(),
            [Mending::DroppedParts(1), Mending::Redrawn(GeometryFault::RingsCross(_))]
        ));
    }

    #[test]
    fn a_spike_is_cut_off() {
        let spiky = scaled(&[(0.0, 0.0), (2.0, 0.0), (5.0, 0.0), (2.0, 0.0), (2.0, 2.0), (0.0, 2.0)]);
        let mended = repair(spiky.into()).unwrap();
        assert!((mended.area_before_m2 - mended.area_after_m2).abs() < 0.1, "{mended:?}");
    }

    #[test]
    fn what_has_no_ground_cannot_be_mended() {
        let flat = polygon![(x: 0.0, y: 0.0), (x: 1.0, y: 1.0), (x: 2.0, y: 2.0)];
        assert_eq!(repair(flat.into()), Err(GeometryFault::Empty));
        assert!(matches!(
            repair(Geometry::Point(geo_types::Point::new(f64::NAN, 0.0))),
            Err(GeometryFault::NotFinite(_))
        ));
    }

    #[test]
    fn nearly_every_closed_walk_is_mended() {
        use rand::{RngExt as _, SeedableRng as _};
        let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(7);
        let mut unmendable = 0;
        for _ in 0..2000 {
            let corners = random.random_range(3..9);
            let ring: Vec<(f64, f64)> = (0..corners)
                .map(|_| (f64::from(random.random_range(0..8)), f64::from(random.random_range(0..8))))
                .collect();
            match repair(scaled(&ring).into()) {
                Ok(mended) => {
                    let Shape::Polygons(polygons) = mended.shape.clone() else {
                        panic!("{mended:?}")
                    };
                    assert_eq!(canonical(polygons.into()).unwrap().shape, mended.shape);
                }
                Err(GeometryFault::Empty) => {}
                Err(GeometryFault::Unmendable(_)) => unmendable += 1,
                Err(other) => panic!("{other} for {ring:?}"),
            }
        }
        assert!(unmendable <= 20, "{unmendable} of 2000 were not mended");
    }
}
