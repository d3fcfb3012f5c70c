//! Net areas beside those of PostGIS: the demo park and real ground, with layers that have buffers too.
//!
//! Buffers are drawn differently: ours reach up to 1 cm beyond the true arc, those of PostGIS stay a little within it. So the same polygons are given to
//! both, which must agree to a millionth; and PostGIS draws its own, which must agree to what the arcs may differ by.
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;

use geo::BoundingRect as _;
use geo_types::{Coord, LineString, MultiPolygon, Polygon, Rect};
use serde_json::Value;
use zaiti::domain::geometry::{Plane, Shape, canonical};
use zaiti::suitability::fit::Setback;
use zaiti::suitability::net_area::{Layer, covers, net_area};

use super::{Demo, brute};
use crate::support::postgres::{Database, database};
use crate::support::shared::shared_data;

/// Share of the parcel by which areas may differ where both are given the same polygons.
const SAME: f64 = 1e-6;
/// Metres along the borders of what is taken by which arcs may differ: 1 cm of ours, and a 256th of a circle of theirs.
const ARCS_M: f64 = 0.06;

struct Case {
    name: String,
    parcel: MultiPolygon<f64>,
    layers: Vec<Layer>,
}

fn at(at: &Coord<f64>) -> String {
    format!("{} {}", at.x, at.y)
}

fn line(line: &LineString<f64>) -> String {
    format!("({})", line.0.iter().map(at).collect::<Vec<_>>().join(","))
}

fn ground(polygons: &[Polygon<f64>]) -> String {
    let part = |part: &Polygon<f64>| {
        let rings: Vec<_> = std::iter::once(part.exterior()).chain(part.interiors()).map(line).collect();
        format!("({})", rings.join(","))
    };
    format!("MULTIPOLYGON({})", polygons.iter().map(part).collect::<Vec<_>>().join(","))
}

fn text(shape: &Shape) -> String {
    match shape {
        Shape::None => "POINT EMPTY".to_owned(),
        Shape::Points(points) => format!(
            "MULTIPOINT({})",
            points.iter().map(|point| at(&point.0)).collect::<Vec<_>>().join(",")
        ),
        Shape::Lines(lines) => format!("MULTILINESTRING({})", lines.iter().map(line).collect::<Vec<_>>().join(",")),
        Shape::Polygons(polygons) => ground(&polygons.0),
    }
}

/// What of a shape a buffer can bring to the parcel: the rest only takes time.
fn clipped(case: &Case, layer: &Layer, shape: &Shape) -> String {
    let around = case.parcel.bounding_rect().unwrap();
    let rim = Coord {
        x: layer.buffer_m + 5.0,
        y: layer.buffer_m + 5.0,
    };
    let (low, high) = (around.min() - rim, around.max() + rim);
    let window = format!("ST_MakeEnvelope({}, {}, {}, {})", low.x, low.y, high.x, high.y);
    format!("ST_Intersection('{}'::geometry, {window})", text(shape))
}

/// Compares all cases; gives how many parcels lose more than a square metre.
fn agree(database: &Database<'_>, cases: &[Case]) -> usize {
    let mut sql = String::from(
        "CREATE TEMP TABLE parcel(n int, g geometry); CREATE TEMP TABLE same(n int, g geometry); CREATE TEMP TABLE own(n int, g geometry);\n",
    );
    for (n, case) in cases.iter().enumerate() {
        let mut put = |table: &str, value: String| writeln!(sql, "INSERT INTO {table} VALUES ({n}, {value});").unwrap();
        put("parcel", format!("'{}'", ground(&case.parcel.0)));
        for polygon in covers(&case.parcel, &case.layers).unwrap() {
            // Where a polygon is cut off beyond the parcel it may run there and back.
            put("same", format!("ST_MakeValid('{}'::geometry)", ground(&[polygon])));
        }
        for layer in &case.layers {
            for shape in &layer.shapes {
                put(
                    "own",
                    format!("ST_Buffer({}, {}, 'quad_segs=64')", clipped(case, layer, shape), layer.buffer_m),
                );
            }
        }
    }
    sql.push_str(
        "SELECT ST_Area(p.g), ST_Area(ST_Difference(p.g, coalesce((SELECT ST_Union(g) FROM same s WHERE s.n = p.n), 'POLYGON EMPTY'))), \
         ST_Area(ST_Difference(p.g, coalesce((SELECT ST_Union(g) FROM own s WHERE s.n = p.n), 'POLYGON EMPTY'))), \
         coalesce((SELECT ST_Length(ST_Intersection(p.g, ST_Boundary(ST_Union(g)))) FROM own s WHERE s.n = p.n), 0) FROM parcel p ORDER BY n;\n",
    );
    let printed = database.script(&sql);
    assert_eq!(printed.lines().count(), cases.len());
    let mut cut = 0;
    for (case, row) in cases.iter().zip(printed.lines()) {
        let [gross, same, own, border_m] = row.split('|').map(|cell| cell.parse::<f64>().unwrap()).collect::<Vec<_>>()[..] else {
            panic!("{row}")
        };
        let found = net_area(&case.parcel, &Setback::Uniform(0.0), &case.layers).unwrap();
        let near = |found: f64, expected: f64, tolerance: f64| {
            assert!(
                (found - expected).abs() <= tolerance,
                "{}: {found}, PostGIS {expected}, at most {tolerance} apart",
                case.name
            );
        };
        near(found.gross_m2, gross, SAME * gross);
        near(found.net_m2, same, SAME * gross);
        near(found.net_m2, own, SAME * gross + ARCS_M * border_m);
        cut += usize::from(found.net_m2 < gross - 1.0);
    }
    cut
}

/// Whether two boxes are nearer than this along both axes.
fn meets(one: &Rect<f64>, other: &Rect<f64>, by: f64) -> bool {
    let along = |low: f64, high: f64, other_low: f64, other_high: f64| low - by <= other_high && other_low <= high + by;
    along(one.min().x, one.max().x, other.min().x, other.max().x) && along(one.min().y, one.max().y, other.min().y, other.max().y)
}

/// Layers near a parcel, each with a buffer.
fn near(parcel: &MultiPolygon<f64>, layers: &[(String, f64, Boxed)]) -> Vec<Layer> {
    let around = parcel.bounding_rect().unwrap();
    let layer = |(key, buffer_m, shapes): &(String, f64, Boxed)| Layer {
        key: key.as_str().into(),
        shapes: shapes
            .iter()
            .filter(|(own, _)| meets(own, &around, buffer_m + 1.0))
            .map(|(_, shape)| shape.clone())
            .collect(),
        buffer_m: *buffer_m,
        date: None,
    };
    layers.iter().map(layer).collect()
}

fn boxed(shape: Shape) -> Option<(Rect<f64>, Shape)> {
    let around = match &shape {
        Shape::None => None,
        Shape::Points(points) => points.bounding_rect(),
        Shape::Lines(lines) => lines.bounding_rect(),
        Shape::Polygons(polygons) => polygons.bounding_rect(),
    };
    Some((around?, shape))
}

#[tokio::test(flavor = "multi_thread")]
async fn net_areas_of_the_demo_park_with_buffers_are_those_of_postgis() {
    let snapshot = Demo::records().await;
    // Polygons, lines and points, each with a buffer as the siting rules have them.
    let buffers = [
        ("power_line_corridor", 15.0),
        ("base_streets", 30.0),
        ("base_roads", 45.0),
        ("substations", 150.0),
        ("expressway_ramps", 600.0),
        ("river_1km", 20.0),
        ("flood_ground", 0.0),
    ];
    let plane = Plane::at(121.0);
    let layers: Vec<_> = buffers
        .iter()
        .map(|(key, buffer_m)| {
            let records = brute::records(&snapshot, key);
            assert!(!records.is_empty(), "{key} has no features");
            let shapes = records.iter().filter_map(|record| boxed(plane.draw(&record.geometry)));
            ((*key).to_owned(), *buffer_m, shapes.collect::<Vec<_>>())
        })
        .collect();
    let parcels = brute::records(&snapshot, "parcels");
    let cases: Vec<Case> = parcels
        .iter()
        .map(|record| plane.ground(&record.geometry))
        .zip(&parcels)
        .filter(|(parcel, _)| !parcel.0.is_empty())
        .map(|(parcel, record)| Case {
            name: record.code.clone(),
            layers: near(&parcel, &layers),
            parcel,
        })
        .collect();
    let cut = agree(&database(), &cases);
    assert!(cut > 60, "only {cut} parcels are cut");
}

/// Outlines of a file of real data, lon/lat, with the valid ones alone.
fn outlines(path: &Path) -> Boxed {
    let file = std::fs::File::open(path).unwrap();
    let is_packed = path.extension().is_some_and(|ending| ending == "gz");
    let mut reader: BufReader<Box<dyn std::io::Read>> = BufReader::new(if is_packed {
        Box::new(flate2::read::GzDecoder::new(file))
    } else {
        Box::new(file)
    });
    let features: Vec<Value> = if is_packed {
        reader.lines().map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect()
    } else {
        let mut text = String::new();
        reader.read_to_string(&mut text).unwrap();
        let whole: Value = serde_json::from_str(&text).unwrap();
        whole["features"].as_array().unwrap().clone()
    };
    let shape = |feature: &Value| {
        let geometry = crate::suitability::geometry(&feature["geometry"]);
        boxed(canonical(geometry).ok()?.shape)
    };
    features.iter().filter_map(shape).collect()
}

/// Key, buffer and features of a layer.
type RealLayer<'a> = (&'a str, f64, &'a [(Rect<f64>, Shape)]);

/// Features with the boxes around them.
type Boxed = Vec<(Rect<f64>, Shape)>;

/// Real parcels, with layers of real features, each with a buffer.
fn real(parcels: &[(Rect<f64>, Shape)], layers: &[RealLayer<'_>], every: usize) -> Vec<Case> {
    // Some hundred metres.
    const RIM_DEG: f64 = 0.003;
    let case = |(nth, (around, shape)): (usize, &(Rect<f64>, Shape))| {
        let plane = Plane::around(shape)?;
        let parcel = plane.ground(shape);
        let drawn: Vec<_> = layers
            .iter()
            .map(|(key, buffer_m, shapes)| {
                let close = shapes.iter().filter(|(own, _)| meets(own, around, RIM_DEG));
                let drawn: Boxed = close.filter_map(|(_, shape)| boxed(plane.draw(shape))).collect();
                ((*key).to_owned(), *buffer_m, drawn)
            })
            .collect();
        (!parcel.0.is_empty()).then(|| Case {
            name: format!("parcel {nth}"),
            layers: near(&parcel, &drawn),
            parcel,
        })
    };
    parcels.iter().enumerate().step_by(every).filter_map(case).collect()
}

#[test]
fn net_areas_of_real_industrial_land_without_real_water_are_those_of_postgis() {
    let files = [
        "hangzhou_osm/hangzhou_industrial.geojson",
        "hangzhou_osm/hangzhou_water.geojsonl.gz",
    ]
    .map(shared_data);
    let [Some(industrial), Some(water)] = files else { return };
    let (industrial, water) = (outlines(&industrial), outlines(&water));
    let halves = water.split_at(water.len() / 2);
    let mut cut = 0;
    for buffer_m in [0.0, 10.0] {
        let cases = real(&industrial, &[("one", 0.0, halves.0), ("other", buffer_m, halves.1)], 2);
        assert!(cases.len() > 200, "only {} parcels can be used", cases.len());
        cut += agree(&database(), &cases);
    }
    assert!(cut > 20, "only {cut} parcels are cut");
}

#[test]
fn net_areas_of_real_parcels_without_their_neighbours_strips_are_those_of_postgis() {
    let Some(path) = shared_data("ma_parcels/ma_industrial_parcels.geojson") else {
        return;
    };
    let parcels = outlines(&path);
    // Every fifth one is a zone that its neighbours keep 15 m away from.
    let zones: Boxed = parcels.iter().step_by(5).cloned().collect();
    let others: Boxed = parcels
        .into_iter()
        .enumerate()
        .filter(|(nth, _)| nth % 5 != 0)
        .map(|(_, boxed)| boxed)
        .collect();
    let cases = real(&others, &[("zones", 15.0, &zones)], 6);
    assert!(cases.len() > 250, "only {} parcels can be used", cases.len());
    let cut = agree(&database(), &cases);
    assert!(cut > 60, "only {cut} parcels are cut");
}
