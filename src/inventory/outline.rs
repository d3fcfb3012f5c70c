//! Outlines as clients send and get them: a GeoJSON geometry.
use geo_types::{Coord, Geometry, LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use crate::domain::geometry::{self, Shape};

/// Deepest coordinates: longitude, latitude, perhaps a height, which is dropped.
type Position = Vec<f64>;

#[derive(Deserialize)]
#[serde(tag = "type", content = "coordinates")]
enum GeoJson {
    Point(Position),
    MultiPoint(Vec<Position>),
    LineString(Vec<Position>),
    MultiLineString(Vec<Vec<Position>>),
    Polygon(Vec<Vec<Position>>),
    MultiPolygon(Vec<Vec<Vec<Position>>>),
}

/// The canonical shape of a GeoJSON geometry in lon/lat degrees; `null` is no shape. The error is for people.
pub fn shape(json: &Json) -> Result<Shape, String> {
    if json.is_null() {
        return Ok(Shape::None);
    }
    let read: GeoJson = serde_json::from_value(json.clone())
        .map_err(|error| format!("given something else ({error}), expected a GeoJSON geometry or null"))?;
    let geometry = geometry_of(read).ok_or_else(|| "given a position that is not [longitude, latitude], expected degrees".to_owned())?;
    geometry::canonical(geometry)
        .map(|canonical| canonical.shape)
        .map_err(|fault| fault.to_string())
}

fn geometry_of(read: GeoJson) -> Option<Geometry<f64>> {
    Some(match read {
        GeoJson::Point(at) => Geometry::Point(Point(coordinate(&at)?)),
        GeoJson::MultiPoint(points) => Geometry::MultiPoint(MultiPoint(line(&points)?.into_points())),
        GeoJson::LineString(points) => Geometry::LineString(line(&points)?),
        GeoJson::MultiLineString(lines) => {
            Geometry::MultiLineString(MultiLineString(lines.iter().map(|points| line(points)).collect::<Option<_>>()?))
        }
        GeoJson::Polygon(rings) => Geometry::Polygon(polygon(&rings)?),
        GeoJson::MultiPolygon(parts) => {
            Geometry::MultiPolygon(MultiPolygon(parts.iter().map(|rings| polygon(rings)).collect::<Option<_>>()?))
        }
    })
}

fn polygon(rings: &[Vec<Position>]) -> Option<Polygon<f64>> {
    let mut lines = rings.iter().map(|points| line(points)).collect::<Option<Vec<_>>>()?.into_iter();
    Some(Polygon::new(lines.next()?, lines.collect()))
}

fn line(points: &[Position]) -> Option<LineString<f64>> {
    points.iter().map(|at| coordinate(at)).collect::<Option<Vec<_>>>().map(LineString)
}

fn coordinate(at: &[f64]) -> Option<Coord<f64>> {
    match at {
        [x, y] | [x, y, _] => Some(Coord { x: *x, y: *y }),
        _ => None,
    }
}

fn rings(polygon: &Polygon<f64>) -> Vec<Vec<[f64; 2]>> {
    let all = std::iter::once(polygon.exterior()).chain(polygon.interiors());
    all.map(|ring| ring.0.iter().map(|at| [at.x, at.y]).collect()).collect()
}

/// A polygon as `GeoJSON`.
pub fn polygon_json(polygon: &Polygon<f64>) -> Json {
    json!({"type": "Polygon", "coordinates": rings(polygon)})
}

/// Polygons as `GeoJSON`.
pub fn multi_json(polygons: &MultiPolygon<f64>) -> Json {
    json!({"type": "MultiPolygon", "coordinates": polygons.iter().map(rings).collect::<Vec<_>>()})
}
