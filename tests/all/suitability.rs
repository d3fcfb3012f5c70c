//! Net areas beside those of PostGIS, which computes them with another library.
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader};

use geo_types::{Coord, LineString, MultiPolygon, Polygon};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use zaiti::domain::geometry::{Plane, Shape, canonical};
use zaiti::suitability::net_area::{Layer, Setback, net_area};

use crate::support::postgres::{Database, database};
use crate::support::shared::shared_data;

struct Case {
    parcel: MultiPolygon<f64>,
    layers: Vec<Layer>,
}

#[test]
fn net_areas_are_those_of_postgis() {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let origin = Coord {
        x: 92_745.729,
        y: 3_526_747.15,
    };
    let cases: Vec<Case> = (0..150)
        .map(|_| Case {
            parcel: MultiPolygon(vec![holed(&mut rng, origin)]),
            layers: layers(&mut rng, origin, 60.0),
        })
        .collect();
    agree(&database(), &cases);
}

#[test]
fn net_areas_of_real_parcels_are_those_of_postgis() {
    let Some(path) = shared_data("ma_parcels/ma_parcels_21towns.geojsonl.gz") else {
        return;
    };
    let lines = BufReader::new(flate2::read::GzDecoder::new(std::fs::File::open(path).unwrap())).lines();
    let mut rng = ChaCha8Rng::seed_from_u64(8);
    let mut cases = Vec::new();
    for line in lines.step_by(50).take(200) {
        let feature: serde_json::Value = serde_json::from_str(&line.unwrap()).unwrap();
        let Ok(taken) = canonical(geometry(&feature["geometry"])) else {
            continue;
        };
        let plane = Plane::around(&taken.shape).unwrap();
        let parcel = plane.ground(&taken.shape);
        // Beside the first corner, so that the layers reach across the boundary.
        let corner = parcel.0[0].exterior().0[0];
        let layers = layers(&mut rng, corner, 40.0);
        cases.push(Case { parcel, layers });
    }
    assert!(cases.len() > 150, "only {} parcels could be read", cases.len());
    agree(&database(), &cases);
}

/// Compares in portions, as a statement is an argument of a program.
fn agree(database: &Database<'_>, cases: &[Case]) {
    let mut overlapping = 0;
    for portion in cases.chunks(20) {
        let mut sql = String::from(
            "SELECT round(ST_Area(ST_Difference(p, u))::numeric, 6), round(ST_Area(ST_Difference(p, ST_Union(u, b)))::numeric, 6) FROM (VALUES ",
        );
        for (nth, case) in portion.iter().enumerate() {
            let comma = if nth == 0 { "" } else { ", " };
            let zones: Vec<String> = case
                .layers
                .iter()
                .flat_map(|layer| &layer.shapes)
                .map(|shape| text(polygons(shape)))
                .collect();
            write!(sql, "{comma}({nth}, {}, ST_Union(ARRAY[{}]))", text(&case.parcel), zones.join(", ")).unwrap();
        }
        sql.push_str(") AS v(n, p, u), LATERAL (SELECT ST_Buffer(ST_Boundary(p), 2.5, 'quad_segs=64') AS b) AS s ORDER BY n");
        let printed = database.sql(&sql);
        let rows: Vec<&str> = printed.lines().collect();
        assert_eq!(rows.len(), portion.len());
        for (case, row) in portion.iter().zip(rows) {
            let (plain, set_back) = row.split_once('|').unwrap();
            let found = net_area(&case.parcel, &Setback::Uniform(0.0), &case.layers).unwrap();
            near(found.net_m2, plain.parse().unwrap(), 1e-6 * found.gross_m2);
            overlapping += u32::from(found.overlap_m2 > 1.0);
            // Both draw arcs with chords: theirs lie inside the true arc, ours up to 1 cm outside.
            let found = net_area(&case.parcel, &Setback::Uniform(2.5), &case.layers).unwrap();
            near(found.net_m2, set_back.parse().unwrap(), 2e-4 * found.gross_m2);
        }
    }
    assert!(overlapping as usize > cases.len() / 20, "hardly any layers overlap: {overlapping}");
}

#[track_caller]
fn near(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance, "found {found}, PostGIS {expected}");
}

fn polygons(shape: &Shape) -> &MultiPolygon<f64> {
    match shape {
        Shape::Polygons(polygons) => polygons,
        Shape::None | Shape::Lines(_) | Shape::Points(_) => panic!("only polygons are drawn here"),
    }
}

fn text(ground: &MultiPolygon<f64>) -> String {
    let ring = |ring: &LineString<f64>| {
        let coords: Vec<String> = ring.0.iter().map(|at| format!("{} {}", at.x, at.y)).collect();
        format!("({})", coords.join(","))
    };
    let part = |part: &Polygon<f64>| {
        let rings: Vec<String> = std::iter::once(part.exterior()).chain(part.interiors()).map(ring).collect();
        format!("({})", rings.join(","))
    };
    let parts: Vec<String> = ground.iter().map(part).collect();
    format!("'MULTIPOLYGON({})'::geometry", parts.join(","))
}

fn layers(rng: &mut ChaCha8Rng, around: Coord<f64>, reach: f64) -> Vec<Layer> {
    let layer = |nth: u32, rng: &mut ChaCha8Rng| {
        let at = around
            + Coord {
                x: rng.random_range(-reach..reach),
                y: rng.random_range(-reach..reach),
            };
        Layer {
            key: format!("layer {nth}").into(),
            shapes: vec![Shape::Polygons(MultiPolygon(vec![blob(rng, at, 40.0)]))],
            buffer_m: 0.0,
            date: None,
        }
    };
    (0..rng.random_range(1..5)).map(|nth| layer(nth, rng)).collect()
}

/// A blob of which every other has a hole.
fn holed(rng: &mut ChaCha8Rng, at: Coord<f64>) -> Polygon<f64> {
    let shell = blob(rng, at, 60.0);
    let hole = blob(rng, at, 15.0).exterior().clone();
    let holes = if rng.random_range(0..2) == 0 { vec![hole] } else { Vec::new() };
    Polygon::new(shell.exterior().clone(), holes)
}

fn blob(rng: &mut ChaCha8Rng, at: Coord<f64>, radius: f64) -> Polygon<f64> {
    let corner = |nth: u32| {
        let angle = f64::from(nth) / 9.0 * std::f64::consts::TAU;
        let distance = rng.random_range(0.3..1.0) * radius;
        at + Coord {
            x: distance * angle.cos(),
            y: distance * angle.sin(),
        }
    };
    Polygon::new(LineString((0..9).map(corner).collect()), Vec::new())
}

/// The geometry of a GeoJSON polygon.
pub fn geometry(value: &serde_json::Value) -> geo_types::Geometry<f64> {
    let number = |value: &serde_json::Value| value.as_f64().unwrap();
    let ring = |value: &serde_json::Value| {
        let coords = value.as_array().unwrap().iter();
        LineString(
            coords
                .map(|at| Coord {
                    x: number(&at[0]),
                    y: number(&at[1]),
                })
                .collect(),
        )
    };
    let polygon = |value: &serde_json::Value| {
        let mut rings = value.as_array().unwrap().iter().map(ring);
        Polygon::new(rings.next().unwrap(), rings.collect())
    };
    match value["type"].as_str() {
        Some("Polygon") => polygon(&value["coordinates"]).into(),
        Some("MultiPolygon") => MultiPolygon(value["coordinates"].as_array().unwrap().iter().map(polygon).collect()).into(),
        other => panic!("unexpected {other:?}"),
    }
}
