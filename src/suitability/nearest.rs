//! Nearest points of two shapes in the plane, metres.
use geo::Contains;
use geo_types::{Coord, Line, LineString, MultiLineString, MultiPolygon, Point, Rect};

use crate::domain::geometry::Shape;

/// A shape drawn in a plane, with what makes measuring from it fast.
#[derive(Clone, Debug)]
pub struct Drawn {
    /// Its ground; empty for lines and points.
    pub ground: MultiPolygon<f64>,
    /// Box around all of it.
    pub around: Rect<f64>,
    /// Its borders, lines, or points as lines without length.
    edges: Vec<Line<f64>>,
}

impl Drawn {
    /// Of a shape in plane metres; `None` without shape.
    pub fn new(shape: Shape) -> Option<Self> {
        let edges: Vec<Line<f64>> = match &shape {
            Shape::None => return None,
            Shape::Polygons(polygons) => rings(polygons).flat_map(LineString::lines).collect(),
            Shape::Lines(lines) => lines.iter().flat_map(LineString::lines).collect(),
            Shape::Points(points) => points.iter().map(|point| Line::new(point.0, point.0)).collect(),
        };
        let first = edges.first()?.start;
        let around = edges
            .iter()
            .flat_map(|edge| [edge.start, edge.end])
            .fold((first, first), |(low, high), at| {
                let low = Coord {
                    x: at.x.min(low.x),
                    y: at.y.min(low.y),
                };
                let high = Coord {
                    x: at.x.max(high.x),
                    y: at.y.max(high.y),
                };
                (low, high)
            });
        let ground = match shape {
            Shape::Polygons(polygons) => polygons,
            Shape::None | Shape::Lines(_) | Shape::Points(_) => MultiPolygon(Vec::new()),
        };
        Some(Self {
            ground,
            around: Rect::new(around.0, around.1),
            edges,
        })
    }

    /// Its borders, lines or points as lines.
    pub fn outline(&self) -> MultiLineString<f64> {
        MultiLineString(self.edges.iter().map(|edge| LineString(vec![edge.start, edge.end])).collect())
    }

    fn covers(&self, at: Coord<f64>) -> bool {
        self.ground.contains(&Point(at))
    }
}

fn rings(polygons: &MultiPolygon<f64>) -> impl Iterator<Item = &LineString<f64>> {
    polygons
        .iter()
        .flat_map(|polygon| std::iter::once(polygon.exterior()).chain(polygon.interiors()))
}

/// A point of each of two shapes, and how far they are apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Nearest {
    /// Distance, metres; 0 where the shapes have a point in common.
    pub apart_m: f64,
    /// Point of the first.
    pub one: Coord<f64>,
    /// Point of the second.
    pub other: Coord<f64>,
}

/// Nearest points of two shapes, if they are nearer than a limit (or touch).
pub fn nearest(one: &Drawn, other: &Drawn, limit_m: f64) -> Option<Nearest> {
    let common = |at: Coord<f64>| {
        Some(Nearest {
            apart_m: 0.0,
            one: at,
            other: at,
        })
    };
    if box_gap(&one.around, &other.around) >= limit_m && limit_m > 0.0 {
        return None;
    }
    // A shape within the other has no border near.
    if let Some(inside) = first_within(one, other).or_else(|| first_within(other, one)) {
        return common(inside);
    }
    let mut best: Option<Nearest> = None;
    let mut limit = limit_m;
    for far in &other.edges {
        if box_gap(&far.bounding(), &one.around) >= limit {
            continue;
        }
        for near in &one.edges {
            if box_gap(&far.bounding(), &near.bounding()) >= limit {
                continue;
            }
            let found = between(near, far);
            if found.apart_m < limit {
                limit = found.apart_m;
                best = Some(found);
            }
            if limit == 0.0 {
                return best;
            }
        }
    }
    best
}

/// A corner of one part of a shape that lies within another; when no border is crossed, it speaks for the part.
fn first_within(one: &Drawn, other: &Drawn) -> Option<Coord<f64>> {
    if other.ground.0.is_empty() {
        return None;
    }
    let corners: Vec<Coord<f64>> = if one.ground.0.is_empty() {
        one.edges.iter().map(|edge| edge.start).collect()
    } else {
        one.ground.iter().filter_map(|part| part.exterior().0.first().copied()).collect()
    };
    corners.into_iter().find(|at| other.covers(*at))
}

trait Bounding {
    fn bounding(&self) -> Rect<f64>;
}

impl Bounding for Line<f64> {
    fn bounding(&self) -> Rect<f64> {
        Rect::new(self.start, self.end)
    }
}

/// Distance of two boxes; not above that of what they hold.
pub fn box_gap(one: &Rect<f64>, other: &Rect<f64>) -> f64 {
    let gap = |low: f64, high: f64| low.max(high).max(0.0);
    let x = gap(one.min().x - other.max().x, other.min().x - one.max().x);
    let y = gap(one.min().y - other.max().y, other.min().y - one.max().y);
    x.hypot(y)
}

/// Nearest points of two segments: where they cross, else at an end of one of them.
fn between(one: &Line<f64>, other: &Line<f64>) -> Nearest {
    if let Some(at) = crossing(one, other) {
        return Nearest {
            apart_m: 0.0,
            one: at,
            other: at,
        };
    }
    let pair = |one: Coord<f64>, other: Coord<f64>| Nearest {
        apart_m: (one.x - other.x).hypot(one.y - other.y),
        one,
        other,
    };
    let ends = [
        pair(one.start, foot(other, one.start)),
        pair(one.end, foot(other, one.end)),
        pair(foot(one, other.start), other.start),
        pair(foot(one, other.end), other.end),
    ];
    let mut best = ends[0];
    for end in &ends[1..] {
        if end.apart_m < best.apart_m {
            best = *end;
        }
    }
    best
}

/// The point of a segment that is nearest to another point.
fn foot(line: &Line<f64>, at: Coord<f64>) -> Coord<f64> {
    let (run, rise) = (line.dx(), line.dy());
    let length_2 = run * run + rise * rise;
    if length_2 == 0.0 {
        return line.start;
    }
    let share = (((at.x - line.start.x) * run + (at.y - line.start.y) * rise) / length_2).clamp(0.0, 1.0);
    Coord {
        x: line.start.x + share * run,
        y: line.start.y + share * rise,
    }
}

/// Where two segments that are not parallel cross.
fn crossing(one: &Line<f64>, other: &Line<f64>) -> Option<Coord<f64>> {
    let cross = |ax: f64, ay: f64, bx: f64, by: f64| ax * by - ay * bx;
    let turn = cross(one.dx(), one.dy(), other.dx(), other.dy());
    if turn == 0.0 {
        return None;
    }
    let (x, y) = (other.start.x - one.start.x, other.start.y - one.start.y);
    let along = cross(x, y, other.dx(), other.dy()) / turn;
    let across = cross(x, y, one.dx(), one.dy()) / turn;
    let within = |share: f64| (0.0..=1.0).contains(&share);
    (within(along) && within(across)).then(|| Coord {
        x: one.start.x + along * one.dx(),
        y: one.start.y + along * one.dy(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{Distance, Euclidean, Intersects, polygon};
    use geo_types::{Geometry, MultiPoint};
    use proptest::prelude::*;

    fn square(x: f64, y: f64, side: f64, hole: bool) -> MultiPolygon<f64> {
        let mut square = polygon![(x: x, y: y), (x: x + side, y: y), (x: x + side, y: y + side), (x: x, y: y + side)];
        if hole {
            let (near, far) = (side * 0.1, side * 0.9);
            square.interiors_push(LineString::from(vec![
                (x + near, y + near),
                (x + near, y + far),
                (x + far, y + far),
                (x + far, y + near),
                (x + near, y + near),
            ]));
        }
        MultiPolygon(vec![square])
    }

    fn drawn(polygons: &MultiPolygon<f64>) -> Drawn {
        Drawn::new(Shape::Polygons(polygons.clone())).unwrap()
    }

    #[test]
    fn a_shape_in_a_hole_is_measured_to_the_hole() {
        let (ring, yard) = (drawn(&square(0.0, 0.0, 100.0, true)), drawn(&square(30.0, 40.0, 20.0, false)));
        assert!((nearest(&yard, &ring, f64::INFINITY).unwrap().apart_m - 20.0).abs() < 1e-9);
        let inside = drawn(&square(2.0, 2.0, 3.0, false));
        assert!(nearest(&inside, &ring, f64::INFINITY).unwrap().apart_m.abs() < 1e-12);
        let pole = Drawn::new(Shape::Points(MultiPoint(vec![Point::new(-3.0, -4.0)]))).unwrap();
        assert!((nearest(&ring, &pole, f64::INFINITY).unwrap().apart_m - 5.0).abs() < 1e-9);
        assert_eq!(nearest(&ring, &pole, 4.9), None);
        assert!(Drawn::new(Shape::None).is_none());
    }

    proptest! {
        #![proptest_config(super::super::seeded::cases(500))]

        #[test]
        fn distances_are_those_of_another_program(
            one in (-50..50i32, -50..50i32, 1..40i32, any::<bool>()), two in (-50..50i32, -50..50i32, 1..40i32, any::<bool>())
        ) {
            let make = |(x, y, side, hole): (i32, i32, i32, bool)| square(f64::from(x), f64::from(y), f64::from(side), hole);
            let (one, two) = (make(one), make(two));
            let expected = if one.intersects(&two) { 0.0 } else { Euclidean.distance(&Geometry::from(one.clone()), &Geometry::from(two.clone())) };
            let found = nearest(&drawn(&one), &drawn(&two), f64::INFINITY).unwrap();
            prop_assert!((found.apart_m - expected).abs() < 1e-9, "{} {}", found.apart_m, expected);
        }
    }
}
