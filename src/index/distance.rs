//! Distance in metres on the ellipsoid from a point to a shape.
//!
//! The nearest point of a segment is found on a plane whose scales are those of the ellipsoid half-way (mid-latitude formulas), corrected until it rests;
//! where that distance is too near the radius to be sure, the geodesic decides (Karney 2013, doi 10.1007/s00190-012-0578-z).
use geo::{Distance, Geodesic};
use geo_types::{Coord, Point, Rect};

use super::arena::{Arena, Place, RingKind};
use super::exact::covers;
use super::grid::Span;

/// WGS 84: larger half axis in metres and square of the first eccentricity.
const AXIS_M: f64 = 6_378_137.0;
const ECCENTRICITY_2: f64 = 0.006_694_379_990_141_3;

/// All that is not farther than a radius from a point.
#[derive(Debug)]
pub(super) struct Circle {
    centre: Coord<f64>,
    radius_m: f64,
}

/// Metres of a degree to the east and to the north at a latitude.
fn scales_m(latitude: f64) -> [f64; 2] {
    let (sine, cosine) = latitude.to_radians().sin_cos();
    let squeeze = 1.0 - ECCENTRICITY_2 * sine * sine;
    let east = AXIS_M / squeeze.sqrt() * cosine;
    let north = AXIS_M * (1.0 - ECCENTRICITY_2) / (squeeze * squeeze.sqrt());
    [east.to_radians(), north.to_radians()]
}

impl Circle {
    pub(super) fn new(lon: f64, lat: f64, radius_m: f64) -> Self {
        Self {
            centre: Coord { x: lon, y: lat },
            radius_m,
        }
    }

    /// A box around the circle, a little too large.
    pub(super) fn span(&self) -> Span {
        const SLACK: f64 = 1.001;
        const POLAR: f64 = 89.0;
        if !self.radius_m.is_finite() || self.radius_m < 0.0 {
            return Span::EMPTY;
        }
        let shortest_degree_m = scales_m(0.0)[1];
        let high = self.radius_m / shortest_degree_m * SLACK + 1e-8;
        let widest = self.centre.y.abs() + high;
        let wide = if widest < POLAR {
            self.radius_m / scales_m(widest)[0] * SLACK + 1e-8
        } else {
            360.0
        };
        Span::inside(&Rect::new(
            (self.centre.x - wide, self.centre.y - high),
            (self.centre.x + wide, self.centre.y + high),
        ))
    }

    pub(super) fn holds(&self, around: &Rect<f64>, arena: &Arena, place: Place) -> bool {
        if self.holds_box(around) {
            return true;
        }
        if covers(arena, place, self.centre) {
            return true;
        }
        arena.rings(place).any(|ring| {
            let mut points = ring.degrees().map(|(x, y)| Coord { x, y });
            if ring.kind == RingKind::Points {
                return points.any(|at| self.reaches(at));
            }
            let Some(mut before) = points.next() else { return false };
            points.any(|at| {
                let reached = self.reaches(self.nearest(before, at));
                before = at;
                reached
            })
        })
    }

    /// Whether all of a box is certainly within the radius.
    fn holds_box(&self, around: &Rect<f64>) -> bool {
        let farthest = Coord {
            x: if (around.min().x - self.centre.x).abs() > (around.max().x - self.centre.x).abs() {
                around.min().x
            } else {
                around.max().x
            },
            y: if (around.min().y - self.centre.y).abs() > (around.max().y - self.centre.y).abs() {
                around.min().y
            } else {
                around.max().y
            },
        };
        self.radius_m < PLANE_M && self.plane_m(farthest) < self.radius_m * SURE
    }

    fn plane_m(&self, at: Coord<f64>) -> f64 {
        let [east, north] = scales_m(f64::midpoint(self.centre.y, at.y));
        ((at.x - self.centre.x) * east).hypot((at.y - self.centre.y) * north)
    }

    fn reaches(&self, at: Coord<f64>) -> bool {
        let near = self.plane_m(at);
        if self.radius_m < PLANE_M && (near - self.radius_m).abs() > self.radius_m * UNSURE + 0.01 {
            return near < self.radius_m;
        }
        Geodesic.distance(Point(self.centre), Point(at)) <= self.radius_m
    }

    /// The point of a segment (straight in degrees) that is nearest to the centre.
    fn nearest(&self, from: Coord<f64>, to: Coord<f64>) -> Coord<f64> {
        const ROUNDS: usize = 4;
        let mut latitude = self.centre.y;
        let mut nearest = from;
        for _ in 0..ROUNDS {
            let [east, north] = scales_m(f64::midpoint(self.centre.y, latitude));
            let (dx, dy) = ((to.x - from.x) * east, (to.y - from.y) * north);
            let (cx, cy) = ((self.centre.x - from.x) * east, (self.centre.y - from.y) * north);
            let length_2 = dx * dx + dy * dy;
            let t = if length_2 > 0.0 {
                ((cx * dx + cy * dy) / length_2).clamp(0.0, 1.0)
            } else {
                0.0
            };
            nearest = from + (to - from) * t;
            latitude = nearest.y;
        }
        nearest
    }
}

/// Share of the radius within which the plane's word is enough.
const SURE: f64 = 0.98;
/// Share of the radius around it within which the ellipsoid is asked.
const UNSURE: f64 = 1e-3;
/// Up to this radius the plane is good to 0.1 %.
const PLANE_M: f64 = 100_000.0;
