//! Polygon and `MultiPolygon` geometries of GeoJSON (RFC 7946, 3.1.6 and 3.1.7).
use geo_types::{Coord, LineString, MultiPolygon, Polygon};
use serde::Deserialize;

use crate::domain::geometry::closed_ring;

#[derive(Deserialize)]
#[serde(tag = "type", content = "coordinates")]
enum Written {
    Polygon(Vec<Vec<[f64; 2]>>),
    MultiPolygon(Vec<Vec<Vec<[f64; 2]>>>),
}

/// Reads the text; `None` for anything else, unclosed rings included.
pub(super) fn polygons(text: &str) -> Option<MultiPolygon<f64>> {
    let polygons = match serde_json::from_str(text).ok()? {
        Written::Polygon(rings) => vec![rings],
        Written::MultiPolygon(polygons) => polygons,
    };
    polygons.into_iter().map(polygon).collect::<Option<Vec<_>>>().map(MultiPolygon)
}

fn polygon(rings: Vec<Vec<[f64; 2]>>) -> Option<Polygon<f64>> {
    let ring = |points: Vec<[f64; 2]>| closed_ring(points.into_iter().map(|[x, y]| Coord { x, y }).collect()).ok();
    let mut rings = rings.into_iter().map(ring).collect::<Option<Vec<LineString<f64>>>>()?;
    if rings.is_empty() {
        return None;
    }
    let shell = rings.remove(0);
    Some(Polygon::new(shell, rings))
}
