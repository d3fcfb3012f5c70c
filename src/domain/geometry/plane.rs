//! A plane in metres to draw and measure in: the 3° Gauss-Krüger zone of a place.
use geo::MapCoords as _;
use geo_types::{Coord, MultiPolygon};

use super::gauss_krueger::{forward, inverse, meridian_of};
use super::shape::{Shape, bounds};

/// The 3° Gauss-Krüger plane (CGCS2000) around one meridian. Coordinates are metres, x east of the meridian (no false easting), y north of the
/// equator. Shapes that are compared must be drawn in the same plane.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plane {
    meridian: f64,
}

impl Plane {
    /// The plane of the zone that the middle of a shape lies in, as [`super::planar_area_m2`] takes it; `None` for [`Shape::None`].
    pub fn around(shape: &Shape) -> Option<Self> {
        bounds(shape).map(|around| Self::at(around.center().x))
    }

    /// The plane of the zone around a longitude, degrees.
    pub fn at(longitude: f64) -> Self {
        Self {
            meridian: meridian_of(longitude),
        }
    }

    /// Longitude of the meridian in its middle, degrees.
    pub fn meridian_deg(&self) -> f64 {
        self.meridian
    }

    /// Plane metres of a longitude and latitude.
    pub fn place(&self, lon_lat: Coord<f64>) -> Coord<f64> {
        let (x, y) = forward(lon_lat, self.meridian);
        Coord { x, y }
    }

    /// Longitude and latitude of plane metres.
    pub fn lon_lat(&self, metres: Coord<f64>) -> Coord<f64> {
        inverse((metres.x, metres.y), self.meridian)
    }

    /// A shape in plane metres. Edges stay straight between their ends, which moves a 1 km edge by less than 3 cm.
    pub fn draw(&self, shape: &Shape) -> Shape {
        let place = |at| self.place(at);
        match shape {
            Shape::None => Shape::None,
            Shape::Polygons(polygons) => Shape::Polygons(polygons.map_coords(place)),
            Shape::Lines(lines) => Shape::Lines(lines.map_coords(place)),
            Shape::Points(points) => Shape::Points(points.map_coords(place)),
        }
    }

    /// The ground of a shape in plane metres; empty for lines, points and nothing.
    pub fn ground(&self, shape: &Shape) -> MultiPolygon<f64> {
        match shape {
            Shape::Polygons(polygons) => polygons.map_coords(|at| self.place(at)),
            Shape::None | Shape::Lines(_) | Shape::Points(_) => MultiPolygon(Vec::new()),
        }
    }

    /// Polygons in plane metres, such as a fitted rectangle, as lon/lat.
    pub fn to_lon_lat(&self, polygons: &MultiPolygon<f64>) -> MultiPolygon<f64> {
        polygons.map_coords(|at| self.lon_lat(at))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{canonical, planar_area_m2};
    use super::*;
    use geo::Area as _;
    use geo_types::{Geometry, polygon};

    #[test]
    fn areas_in_the_plane_are_the_planar_areas() {
        let ring = polygon![(x: 120.97, y: 31.85), (x: 120.975, y: 31.851), (x: 120.974, y: 31.856)];
        let shape = canonical(Geometry::from(ring)).unwrap().shape;
        let plane = Plane::around(&shape).unwrap();
        let drawn = plane.ground(&shape);
        assert_eq!(plane, Plane::at(120.0));
        assert!((drawn.unsigned_area() / planar_area_m2(&shape) - 1.0).abs() < 1e-9);
        let Shape::Polygons(back) = canonical(plane.to_lon_lat(&drawn).into()).unwrap().shape else {
            panic!("ground stays ground")
        };
        assert_eq!(Shape::Polygons(back), shape);
        assert_eq!(Plane::around(&Shape::None), None);
    }
}
