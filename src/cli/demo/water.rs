//! The river as the project carries it: read from the file that `scripts/demo-water.mjs` derived.
use geo_types::{LineString, MultiPolygon, Polygon};
use serde::Deserialize;

use super::plane::place;

/// The file itself.
pub const FILE: &str = include_str!("../../../data/demo/base_water.geojson");

#[derive(Deserialize)]
struct File {
    features: Vec<Feature>,
}

#[derive(Deserialize)]
struct Feature {
    geometry: Geometry,
}

#[derive(Deserialize)]
struct Geometry {
    coordinates: Vec<Vec<(f64, f64)>>,
}

/// The water bodies in the plane.
pub fn rivers() -> MultiPolygon<f64> {
    let file: File = serde_json::from_str(FILE).expect("the file is written by the script, and a test imports it");
    let ring = |places: &Vec<(f64, f64)>| places.iter().map(|(lon, lat)| place(*lon, *lat)).collect::<LineString<f64>>();
    let polygon = |feature: &Feature| {
        let mut rings = feature.geometry.coordinates.iter().map(ring);
        let outer = rings.next().unwrap_or_else(|| LineString(Vec::new()));
        Polygon::new(outer, rings.collect())
    };
    MultiPolygon(file.features.iter().map(polygon).collect())
}
