//! The plane in which the park is drawn: metres east and north of the corner of its box, true to some 0.1 % over 20 km.
use std::fmt::Write;

use geo_types::{Coord, Geometry, LineString, Polygon};

/// Corner of the box, degrees.
const ORIGIN: Coord<f64> = Coord { x: 120.94, y: 31.79 };

/// Metres of one degree at 31.88 N on the CGCS2000 ellipsoid.
const M_PER_DEGREE: Coord<f64> = Coord { x: 94_616.0, y: 110_885.0 };

/// Degrees are written with this many decimals: a centimetre.
const STEPS_PER_DEGREE: f64 = 1e7;

/// A place given in degrees.
pub fn place(lon: f64, lat: f64) -> Coord<f64> {
    Coord {
        x: (lon - ORIGIN.x) * M_PER_DEGREE.x,
        y: (lat - ORIGIN.y) * M_PER_DEGREE.y,
    }
}

/// Between two places.
pub fn between(from: Coord<f64>, to: Coord<f64>, share: f64) -> Coord<f64> {
    from + (to - from) * share
}

/// How far two places lie apart, metres.
pub fn distance_m(from: Coord<f64>, to: Coord<f64>) -> f64 {
    let way = to - from;
    way.x.hypot(way.y)
}

/// One metre from one place towards another.
pub fn direction(from: Coord<f64>, to: Coord<f64>) -> Coord<f64> {
    (to - from) / distance_m(from, to)
}

/// A quarter turn to the left.
pub fn left_of(way: Coord<f64>) -> Coord<f64> {
    Coord { x: -way.y, y: way.x }
}

/// Where two lines meet, each given by a place and a direction that is not the other's.
pub fn meeting((a, along_a): (Coord<f64>, Coord<f64>), (b, along_b): (Coord<f64>, Coord<f64>)) -> Coord<f64> {
    let cross = |left: Coord<f64>, right: Coord<f64>| left.x * right.y - left.y * right.x;
    a + along_a * (cross(b - a, along_b) / cross(along_a, along_b))
}

/// A geometry of the plane as GeoJSON in degrees. Kinds that the park does not draw come out as `null`.
pub fn geojson(geometry: &Geometry<f64>) -> String {
    match geometry {
        Geometry::Point(point) => format!(r#"{{"type":"Point","coordinates":{}}}"#, position(point.0)),
        Geometry::LineString(line) => format!(r#"{{"type":"LineString","coordinates":{}}}"#, ring(line)),
        Geometry::Polygon(polygon) => format!(r#"{{"type":"Polygon","coordinates":{}}}"#, rings(polygon)),
        Geometry::MultiPolygon(many) => {
            let parts: Vec<_> = many.iter().map(rings).collect();
            format!(r#"{{"type":"MultiPolygon","coordinates":[{}]}}"#, parts.join(","))
        }
        Geometry::Line(_)
        | Geometry::MultiPoint(_)
        | Geometry::MultiLineString(_)
        | Geometry::GeometryCollection(_)
        | Geometry::Rect(_)
        | Geometry::Triangle(_) => "null".to_owned(),
    }
}

fn rings(polygon: &Polygon<f64>) -> String {
    let all: Vec<_> = std::iter::once(polygon.exterior()).chain(polygon.interiors()).map(ring).collect();
    format!("[{}]", all.join(","))
}

/// Places that fall together when rounded are written once.
fn ring(line: &LineString<f64>) -> String {
    let mut places: Vec<String> = line.0.iter().map(|place| position(*place)).collect();
    places.dedup();
    format!("[{}]", places.join(","))
}

fn position(place: Coord<f64>) -> String {
    let degrees = |metres: f64, per_degree: f64, origin: f64| {
        let rounded = ((origin + metres / per_degree) * STEPS_PER_DEGREE).round() / STEPS_PER_DEGREE;
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = write!(text, "{rounded}");
        text
    };
    format!(
        "[{},{}]",
        degrees(place.x, M_PER_DEGREE.x, ORIGIN.x),
        degrees(place.y, M_PER_DEGREE.y, ORIGIN.y)
    )
}
