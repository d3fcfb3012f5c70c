//! What a layer takes of a parcel.
use geo::BoundingRect as _;
use geo_types::{Coord, MultiPolygon, Polygon, Rect};

use super::super::Fault;
use super::super::fault::not_negative;
use super::super::ground::{clipped, middle, seen_from, tidy, widened, within};
use super::super::removal::{disc, left_of_ring};
use super::Layer;
use crate::domain::geometry::Shape;

/// Cuts are made so far outside the reach of the buffer, metres: they leave edges along the rim.
const RIM_M: f64 = 1.0;

/// A parcel near its origin, with the box around it.
pub(super) struct Place<'a> {
    pub(super) ground: &'a MultiPolygon<f64>,
    pub(super) origin: Coord<f64>,
    pub(super) around: Rect<f64>,
}

/// The part of the parcel that a layer takes, buffer included.
pub(super) fn of(place: &Place, layer: &Layer) -> Result<MultiPolygon<f64>, Fault> {
    within(place.ground, covering(place, layer)?)
}

/// What layers take around a parcel in plane metres: tidy polygons that may overlap and reach a little beyond the box around the parcel, where they
/// are cut off. For those who keep them clear rather than count them.
pub fn covers(parcel: &MultiPolygon<f64>, layers: &[Layer]) -> Result<Vec<Polygon<f64>>, Fault> {
    let origin = middle(parcel);
    let ground = tidy(&seen_from(parcel, origin));
    let Some(around) = ground.bounding_rect() else {
        return Ok(Vec::new());
    };
    let place = Place {
        ground: &ground,
        origin,
        around,
    };
    let mut taken = Vec::new();
    for layer in layers {
        taken.extend(covering(&place, layer)?);
    }
    Ok(seen_from(&MultiPolygon(taken), Coord { x: 0.0, y: 0.0 } - origin).0)
}

/// What a layer takes near the parcel, from the parcel's origin.
fn covering(place: &Place, layer: &Layer) -> Result<Vec<Polygon<f64>>, Fault> {
    let buffer = not_negative("the buffer of a layer", layer.buffer_m)?;
    let reach = widened(place.around, buffer + RIM_M);
    let mut taken = Vec::new();
    for shape in &layer.shapes {
        match shape {
            Shape::None => {}
            Shape::Polygons(polygons) => {
                let near = seen_from(polygons, place.origin);
                near.iter()
                    .filter_map(|polygon| clipped(polygon, reach))
                    .for_each(|polygon| widen(polygon, buffer, &mut taken));
            }
            Shape::Lines(lines) => {
                let edges = lines.iter().flat_map(|line| line.0.windows(2));
                let near = edges.filter_map(|edge| cut_edge((edge[0] - place.origin, edge[1] - place.origin), reach));
                near.for_each(|(from, to)| taken.extend(left_of_ring(&[from, to, from], buffer)));
            }
            Shape::Points(points) => {
                let near = points.iter().map(|point| point.0 - place.origin).filter(|at| is_in(*at, reach));
                taken.extend(near.filter(|_| buffer > 0.0).map(|at| disc(at, buffer)));
            }
        }
    }
    Ok(taken)
}

/// A tidy polygon and its buffer: run through backwards, its rings have the outside on their left.
fn widen(polygon: Polygon<f64>, buffer: f64, taken: &mut Vec<Polygon<f64>>) {
    for ring in std::iter::once(polygon.exterior()).chain(polygon.interiors()) {
        let backwards: Vec<Coord<f64>> = ring.0.iter().rev().copied().collect();
        taken.extend(left_of_ring(&backwards, buffer));
    }
    taken.push(polygon);
}

fn is_in(at: Coord<f64>, around: Rect<f64>) -> bool {
    (around.min().x..=around.max().x).contains(&at.x) && (around.min().y..=around.max().y).contains(&at.y)
}

/// The part of an edge in a box. Algorithm: Y. Liang, B. Barsky, A new concept and method for line clipping, ACM TOG 3 (1984).
fn cut_edge((from, to): (Coord<f64>, Coord<f64>), around: Rect<f64>) -> Option<(Coord<f64>, Coord<f64>)> {
    let along = to - from;
    let (mut enter, mut leave) = (0.0_f64, 1.0_f64);
    let sides = [
        (-along.x, from.x - around.min().x),
        (along.x, around.max().x - from.x),
        (-along.y, from.y - around.min().y),
        (along.y, around.max().y - from.y),
    ];
    for (outwards, room) in sides {
        if outwards < 0.0 {
            enter = enter.max(room / outwards);
        } else if outwards > 0.0 {
            leave = leave.min(room / outwards);
        } else if room < 0.0 {
            return None;
        }
    }
    (enter < leave).then(|| (from + along * enter, from + along * leave))
}
