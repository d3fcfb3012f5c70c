//! What a setback takes away: the ground nearer to a boundary edge than the edge asks for.
use std::f64::consts::{PI, TAU};

use geo_types::{Coord, LineString, MultiPolygon, Polygon};

use super::Fault;
use super::fault::not_negative;

/// Arcs are drawn outside the true arc, by at most this: too much is kept clear rather than too little.
const ARC_TOLERANCE_M: f64 = 0.01;

/// How far a building must stay away from the boundary of its parcel, metres. Holes have a boundary too.
#[derive(Clone, Debug, PartialEq)]
pub enum Setback {
    /// The same from every edge.
    Uniform(f64),
    /// One for each edge in the order of the coordinates: part by part, exterior before holes. The distance is to the edge, not to its line.
    PerEdge(Vec<f64>),
}

impl Setback {
    /// The smallest that holds along the whole boundary, metres.
    pub fn least_m(&self) -> f64 {
        match self {
            Setback::Uniform(metres) => *metres,
            Setback::PerEdge(each) => each.iter().copied().reduce(f64::min).unwrap_or(0.0),
        }
    }

    /// Whether there is one for each edge of a parcel, and all of them make sense.
    pub fn check(&self, parcel: &MultiPolygon<f64>) -> Result<(), Fault> {
        self.per_edge(parcel).map(|_each| ())
    }

    /// The setback of each edge of a parcel, in the order of its coordinates.
    pub(super) fn per_edge(&self, parcel: &MultiPolygon<f64>) -> Result<Vec<f64>, Fault> {
        let edges = rings(parcel).map(|ring| ring.0.len().saturating_sub(1)).sum();
        let each = match self {
            Setback::Uniform(metres) => vec![*metres; edges],
            Setback::PerEdge(each) if each.len() == edges => each.clone(),
            Setback::PerEdge(each) => {
                return Err(Fault::Setbacks { given: each.len(), edges });
            }
        };
        each.into_iter().map(|metres| not_negative("a setback", metres)).collect()
    }
}

/// All rings of ground, exteriors before their holes.
pub(super) fn rings(ground: &MultiPolygon<f64>) -> impl Iterator<Item = &LineString<f64>> {
    ground
        .iter()
        .flat_map(|polygon| std::iter::once(polygon.exterior()).chain(polygon.interiors()))
}

/// The strips along the edges of tidy ground that a uniform setback keeps clear.
pub(super) fn uniform(ground: &MultiPolygon<f64>, metres: f64) -> Vec<Polygon<f64>> {
    rings(ground).flat_map(|ring| left_of_ring(&ring.0, metres)).collect()
}

/// All within a distance left of a closed ring without repeated points. A line that runs there and back has two left sides and round ends.
///
/// A strip left of each edge and a fan at each corner to the right are enough: the point of the ring that is nearest to a point on its left lies
/// either within an edge, which it then faces, or on such a corner.
pub(super) fn left_of_ring(ring: &[Coord<f64>], metres: f64) -> Vec<Polygon<f64>> {
    let mut removed = Vec::new();
    if metres <= 0.0 {
        return removed;
    }
    let edges: Vec<(Coord<f64>, Coord<f64>)> = ring.windows(2).map(|pair| (pair[0], pair[1])).collect();
    for (nth, (from, to)) in edges.iter().copied().enumerate() {
        let before = edges[(nth + edges.len() - 1) % edges.len()];
        let (Some(left), Some(earlier)) = (left_of(from, to), left_of(before.0, before.1)) else {
            continue;
        };
        removed.push(polygon(vec![from, to, to + left * metres, from + left * metres]));
        let turn = cross(earlier, left);
        let goes_back = left.x * earlier.x + left.y * earlier.y < 0.0;
        if turn < 0.0 || (turn <= 0.0 && goes_back) {
            let begin = left.y.atan2(left.x);
            let sweep = (earlier.y.atan2(earlier.x) - begin).rem_euclid(TAU);
            removed.push(fan(from, metres, begin, sweep));
        }
    }
    removed
}

/// The ground that setbacks differing from edge to edge keep clear: everything within each edge's own distance of it.
pub(super) fn each(ground: &MultiPolygon<f64>, setbacks: &[f64]) -> Vec<Polygon<f64>> {
    let mut removed = Vec::new();
    let edges = rings(ground).flat_map(|ring| ring.0.windows(2).map(|pair| (pair[0], pair[1])));
    for ((from, to), metres) in edges.zip(setbacks.iter().copied()).filter(|(_, metres)| *metres > 0.0) {
        let Some(left) = left_of(from, to) else { continue };
        let (aside, direction) = (left * metres, left.y.atan2(left.x));
        removed.push(polygon(vec![from - aside, to - aside, to + aside, from + aside]));
        removed.push(fan(to, metres, direction - PI, PI));
        removed.push(fan(from, metres, direction, PI));
    }
    removed
}

/// A disc around a point, drawn outside the true circle.
pub(super) fn disc(around: Coord<f64>, radius: f64) -> Polygon<f64> {
    fan(around, radius, 0.0, TAU)
}

/// A sector of a disc, counter-clockwise from an angle, drawn outside the true arc.
fn fan(around: Coord<f64>, radius: f64, begin: f64, sweep: f64) -> Polygon<f64> {
    // A chord's ends lie outside the arc by radius * (1 / cos(half step) - 1), nearly radius * step² / 8.
    let step = (8.0 * ARC_TOLERANCE_M / radius).sqrt().min(0.6);
    let mut count = 1_u32;
    while f64::from(count) * step < sweep {
        count += 1;
    }
    let step = sweep / f64::from(count);
    let at = |angle: f64, distance: f64| {
        let (sine, cosine) = angle.sin_cos();
        around + Coord { x: cosine, y: sine } * distance
    };
    let mut points = Vec::new();
    let is_whole = sweep >= TAU;
    if !is_whole {
        points.extend([around, at(begin, radius)]);
    }
    let outside = radius / (step / 2.0).cos();
    points.extend((0..count).map(|nth| at(begin + (f64::from(nth) + 0.5) * step, outside)));
    if !is_whole {
        points.push(at(begin + sweep, radius));
    }
    polygon(points)
}

fn polygon(points: Vec<Coord<f64>>) -> Polygon<f64> {
    Polygon::new(LineString(points), Vec::new())
}

fn cross(a: Coord<f64>, b: Coord<f64>) -> f64 {
    a.x * b.y - a.y * b.x
}

/// Unit vector to the left of an edge; `None` for an edge without length.
fn left_of(from: Coord<f64>, to: Coord<f64>) -> Option<Coord<f64>> {
    let along = to - from;
    let length = along.x.hypot(along.y);
    (length > 0.0).then(|| Coord {
        x: -along.y / length,
        y: along.x / length,
    })
}
