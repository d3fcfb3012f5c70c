//! What must hold for any records, conditions, tiles and budgets.
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::f64::consts::PI;
use std::sync::Arc;

use geo_types::Coord;
use rand::RngExt;
use rand::seq::IndexedRandom;
use zaiti::domain::geometry::{Shape, bounds};
use zaiti::domain::ids::Revision;
use zaiti::domain::query::Condition;
use zaiti::domain::record::Record;
use zaiti::domain::value::Value as Known;
use zaiti::index::Snapshot;
use zaiti::tiles::{TileRequest, encode};

use super::decoder::{Feature, Geometry, Layer, Value, decode};
use crate::index::scalar;
use crate::index::world::World;

/// Units that a tile shows beyond its sides.
const BUFFER: f64 = 64.0;
/// What is smaller than this on both sides is counted where it is many.
const LEAST: f64 = 8.0;
/// Units of a counting cell's side.
const CELL: f64 = 512.0;

/// A position in units of a tile, by the textbook.
pub fn units(request: &TileRequest, at: Coord<f64>) -> [f64; 2] {
    let side = 2f64.powi(i32::from(request.z));
    let latitude = at.y.to_radians();
    let across = (at.x + 180.0) / 360.0 * side - f64::from(request.x);
    let down = (1.0 - (latitude.tan() + 1.0 / latitude.cos()).ln() / PI) / 2.0 * side - f64::from(request.y);
    [across * 4096.0, down * 4096.0]
}

/// The one position that says where a record is.
fn anchor(record: &Record) -> Option<Coord<f64>> {
    match &record.geometry {
        Shape::None => None,
        Shape::Polygons(shape) => Some(shape.0[0].exterior().0[0]),
        Shape::Lines(shape) => Some(shape.0[0].0[0]),
        Shape::Points(shape) => Some(shape.0[0].0),
    }
}

/// Column and row of the tile that a record is at home in.
pub fn home(z: u8, record: &Record) -> Option<(u32, u32)> {
    let side = 2f64.powi(i32::from(z));
    let at = anchor(record)?;
    let world = TileRequest {
        z: 0,
        x: 0,
        y: 0,
        ..request(z, (0, 0))
    };
    let place = units(&world, at).map(|value| (value / 4096.0 * side).floor().clamp(0.0, side - 1.0));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
    Some((place[0] as u32, place[1] as u32))
}

pub fn request(z: u8, (x, y): (u32, u32)) -> TileRequest {
    TileRequest {
        collection: World::parcels(),
        z,
        x,
        y,
        conditions: Vec::new(),
        attributes: Vec::new(),
        budget_bytes: 500_000,
    }
}

pub fn snapshot(world: &World, records: &[Arc<Record>]) -> Snapshot {
    Snapshot::empty(Arc::clone(&world.catalogue)).apply(Revision(1), records)
}

fn truth(record: &Record, conditions: &[Condition]) -> bool {
    conditions
        .iter()
        .all(|condition| scalar::truth(&condition.filter, record) == Some(true))
}

/// Drawn features by code, and the sum of counts.
pub fn read(bytes: &[u8]) -> (BTreeMap<String, Feature>, u64) {
    let layers = decode(bytes).unwrap();
    let (mut drawn, mut counted) = (BTreeMap::new(), 0);
    for layer in layers {
        check_layer(&layer);
        for feature in layer.features {
            check_reach(&feature.geometry);
            if layer.name.ends_with("_counts") {
                counted += count(&feature);
            } else {
                let Some(Value::Text(code)) = feature.tags.get("code").cloned() else {
                    panic!("a feature without code")
                };
                assert!(drawn.insert(code.clone(), feature).is_none(), "{code} drawn twice");
            }
        }
    }
    (drawn, counted)
}

fn check_layer(layer: &Layer) {
    assert_eq!((layer.version, layer.extent), (2, 4096));
    assert!(!layer.features.is_empty(), "{} has no feature", layer.name);
    let keys: HashSet<_> = layer.keys.iter().collect();
    let used: HashSet<_> = layer.features.iter().flat_map(|feature| feature.tags.keys()).collect();
    assert_eq!(keys, used, "keys that no feature has");
    assert_eq!(keys.len(), layer.keys.len(), "a key twice");
    let values: HashSet<_> = layer.values.iter().map(|value| format!("{value:?}")).collect();
    assert_eq!(values.len(), layer.values.len(), "a value twice");
    let used = layer.features.iter().flat_map(|feature| feature.tags.values());
    let used: HashSet<_> = used.map(|value| format!("{value:?}")).collect();
    assert_eq!(values, used, "values that no feature has");
}

fn check_reach(geometry: &Geometry) {
    let points: Vec<_> = match geometry {
        Geometry::Unknown => panic!("a geometry of no type"),
        Geometry::Points(points) => points.clone(),
        Geometry::Lines(lines) => lines.concat(),
        Geometry::Polygons(polygons) => polygons.concat().concat(),
    };
    assert!(points.iter().flatten().all(|value| (-64..=4_160).contains(value)), "{points:?}");
}

fn count(feature: &Feature) -> u64 {
    let Geometry::Points(points) = &feature.geometry else {
        panic!("a count that is no point")
    };
    assert!(
        points.iter().flatten().all(|value| (0..4_096).contains(value)),
        "a count outside of its tile"
    );
    assert_eq!(feature.tags.len(), 1);
    match feature.tags["count"] {
        Value::Uint(count) if count > 0 => count,
        ref other => panic!("{other:?} for a count"),
    }
}

fn check_tags(feature: &Feature, record: &Record, request: &TileRequest) {
    assert_eq!(feature.id, Some(record.id.0.as_u64_pair().1 & ((1 << 53) - 1)));
    let carried = request.attributes.iter().filter(|key| record.attributes.contains_key(*key));
    assert_eq!(feature.tags.len(), 1 + carried.clone().count(), "{:?}", feature.tags);
    for key in carried {
        let told = &feature.tags[key.as_str()];
        let agrees = match (&record.attributes[key], told) {
            (Known::Number(number), Value::Uint(told)) => number.to_bits() == (*told as f64).to_bits(),
            (Known::Number(number), Value::Sint(told)) => number.to_bits() == (*told as f64).to_bits() && *told < 0,
            (Known::Number(number), Value::Double(told)) => number.to_bits() == told.to_bits() && number.fract() != 0.0,
            (Known::Flag(flag), Value::Flag(told)) => flag == told,
            (Known::Code(text) | Known::Text(text), Value::Text(told)) => **text == *told,
            (Known::Date(date), Value::Text(told)) => date.to_string() == *told,
            (Known::Range(range), Value::Text(told)) => {
                let has = |end: Option<f64>| end.is_none_or(|end| told.contains(&end.to_string()));
                has(range.min) && has(range.max)
            }
            _ => false,
        };
        assert!(agrees, "{key}: {:?} told as {told:?}", record.attributes[key]);
    }
}

/// West, north, east and south of a record in units; `None` without shape.
fn reach(request: &TileRequest, record: &Record) -> Option<[f64; 4]> {
    let around = bounds(&record.geometry)?;
    let corner = |x, y| units(request, Coord { x, y });
    let [west, north] = corner(around.min().x, around.max().y);
    let [east, south] = corner(around.max().x, around.min().y);
    Some([west, north, east, south])
}

fn touches([west, north, east, south]: [f64; 4], margin: f64) -> bool {
    let (low, high) = (-margin, 4_096.0 + margin);
    west <= high && east >= low && north <= high && south >= low
}

/// Whether a record fills its box, so that what touches the box touches it.
fn fills_its_box(record: &Record) -> bool {
    matches!(&record.geometry, Shape::Polygons(shape) if shape.0.len() == 1 && shape.0[0].interiors().is_empty())
}

fn is_small(record: &Record, [west, north, east, south]: [f64; 4]) -> bool {
    (east - west).max(south - north) < LEAST && !matches!(record.geometry, Shape::Points(_))
}

/// The counting cell of a record that is at home in the tile.
fn cell(request: &TileRequest, record: &Record) -> Option<[i64; 2]> {
    let at = units(request, anchor(record)?);
    #[expect(clippy::cast_possible_truncation, reason = "positions in a tile are small")]
    let cell = at.map(|value| (value / CELL).floor() as i64);
    (home(request.z, record) == Some((request.x, request.y))).then_some(cell)
}

/// How many more small records than large ones are at home in each cell.
fn surplus(request: &TileRequest, matching: &[&Arc<Record>]) -> BTreeMap<[i64; 2], i64> {
    let mut surplus = BTreeMap::new();
    for record in matching {
        if let (Some(cell), Some(around)) = (cell(request, record), reach(request, record)) {
            *surplus.entry(cell).or_default() += if is_small(record, around) { 1 } else { -1 };
        }
    }
    surplus
}

fn check_drawn(request: &TileRequest, matching: &[&Arc<Record>], drawn: &BTreeMap<String, Feature>, is_roomy: bool) {
    let surplus = surplus(request, matching);
    for record in matching {
        let Some(around) = reach(request, record) else {
            assert!(!drawn.contains_key(&record.code));
            continue;
        };
        let (wide, high) = (around[2] - around[0], around[3] - around[1]);
        if let Some(feature) = drawn.get(&record.code) {
            check_tags(feature, record, request);
            assert!(touches(around, BUFFER + 1.0), "{} is drawn far from where it is", record.code);
            let is_crowded = cell(request, record).is_none_or(|cell| surplus[&cell] > 0);
            let is_clearly_small = is_small(record, around) && wide.max(high) < LEAST - 0.1;
            assert!(!is_clearly_small || !is_crowded, "{} is too small among so many", record.code);
            if fills_its_box(record) && is_roomy {
                check_outline(request, record, feature);
            }
        } else if is_roomy && fills_its_box(record) && wide.min(high) > LEAST + 0.1 {
            assert!(!touches(around, BUFFER - 2.0), "{} is missing", record.code);
        }
    }
}

/// Every vertex well inside is there, and every point inside is a vertex.
fn check_outline(request: &TileRequest, record: &Record, feature: &Feature) {
    let (Shape::Polygons(shape), Geometry::Polygons(polygons)) = (&record.geometry, &feature.geometry) else {
        panic!("{} is drawn as something else", record.code)
    };
    let vertices: Vec<_> = shape.0[0].exterior().0.iter().map(|at| units(request, *at)).collect();
    let points = polygons.concat().concat();
    let near = |point: &[i64; 2], vertex: &[f64; 2]| (point[0] as f64 - vertex[0]).abs() < 0.6 && (point[1] as f64 - vertex[1]).abs() < 0.6;
    for vertex in vertices
        .iter()
        .filter(|vertex| vertex.iter().all(|value| (-63.0..4_159.0).contains(value)))
    {
        assert!(
            points.iter().any(|point| near(point, vertex)),
            "{}: no point at {vertex:?}",
            record.code
        );
    }
    let inside = |point: &&[i64; 2]| point.iter().all(|value| (-63..4_159).contains(value));
    for point in points.iter().filter(inside) {
        assert!(
            vertices.iter().any(|vertex| near(point, vertex)),
            "{}: no vertex at {point:?}",
            record.code
        );
    }
}

/// With fewer bytes a tile may be empty although something is in it.
const ROOM_FOR_ONE_COUNT: usize = 100;

/// All laws of one tile. Gives the codes drawn and the sum of counts.
fn check_tile(snapshot: &Snapshot, records: &[Arc<Record>], request: &TileRequest) -> (BTreeSet<String>, u64) {
    let bytes = encode(snapshot, request);
    assert_eq!(bytes, encode(snapshot, request), "other bytes the second time");
    assert!(
        bytes.len() <= request.budget_bytes,
        "{} bytes of {}",
        bytes.len(),
        request.budget_bytes
    );
    let (drawn, counted) = read(&bytes);
    let matching: Vec<_> = records.iter().filter(|record| truth(record, &request.conditions)).collect();
    let known: BTreeSet<_> = matching.iter().map(|record| &record.code).collect();
    assert!(drawn.keys().all(|code| known.contains(code)), "drawn without a match");
    let is_roomy = bytes.len() < request.budget_bytes / 2 && request.budget_bytes > 100_000;
    check_drawn(request, &matching, &drawn, is_roomy);
    let at_home = matching
        .iter()
        .filter(|record| home(request.z, record) == Some((request.x, request.y)));
    let expected = at_home.filter(|record| !drawn.contains_key(&record.code)).count();
    if request.budget_bytes >= ROOM_FOR_ONE_COUNT {
        assert_eq!(counted, expected as u64, "{request:?}");
    }
    (drawn.into_keys().collect(), counted)
}

fn records(world: &mut World, count: usize) -> Vec<Arc<Record>> {
    (0..count).map(|_| Arc::new(world.record())).collect()
}

#[test]
fn tiles_say_what_a_plain_scan_says() {
    for seed in 0..6u8 {
        let mut world = World::new(u64::from(seed));
        let records = records(&mut world, 300);
        let snapshot = snapshot(&world, &records);
        let attributes: Vec<_> = world.attributes().iter().map(|attribute| attribute.key.clone()).collect();
        for z in [0, 5, 8, 10, 11, 12, 13, 14, 16, 19, 24] {
            let conditions = world.conditions();
            let record = records
                .iter()
                .filter(|record| anchor(record).is_some())
                .nth(usize::from(seed) * 7)
                .unwrap();
            let (x, y) = home(z, record).unwrap();
            let last = (1u32 << z) - 1;
            for (x, y) in [
                (x, y),
                (x.saturating_sub(1), y),
                ((x + 1).min(last), y),
                (x, y.saturating_sub(1)),
                (x, (y + 1).min(last)),
            ] {
                let carried = world.random.random_range(0..attributes.len());
                let request = TileRequest {
                    conditions: conditions.clone(),
                    attributes: attributes[..carried].to_vec(),
                    budget_bytes: *[0, 60, 300, 3_000, 20_000, 500_000, 500_000, 500_000]
                        .choose(&mut world.random)
                        .unwrap(),
                    ..request(z, (x, y))
                };
                check_tile(&snapshot, &records, &request);
            }
        }
    }
}

#[test]
fn all_home_tiles_of_a_zoom_account_for_every_record_once() {
    for (seed, budget_bytes) in [(70, 500_000), (71, 4_000), (72, 600)] {
        let mut world = World::new(seed);
        let records = records(&mut world, 300);
        let snapshot = snapshot(&world, &records);
        let shaped = records.iter().filter(|record| anchor(record).is_some()).count();
        for z in [0, 7, 9, 10, 11, 12, 13, 15, 17] {
            let homes: BTreeSet<_> = records.iter().filter_map(|record| home(z, record)).collect();
            let mut accounted = 0;
            for place in homes {
                let request = TileRequest {
                    budget_bytes,
                    ..request(z, place)
                };
                let (drawn, counted) = check_tile(&snapshot, &records, &request);
                let own = records
                    .iter()
                    .filter(|record| home(z, record) == Some(place) && drawn.contains(&record.code));
                accounted += own.count() + usize::try_from(counted).unwrap();
            }
            assert_eq!(accounted, shaped, "at zoom {z}");
        }
    }
}

#[test]
fn an_edit_shows_in_the_next_tile() {
    let mut world = World::new(80);
    let mut records = records(&mut world, 200);
    let mut snapshot = snapshot(&world, &records);
    for revision in 2..30 {
        let at = world.random.random_range(0..records.len());
        records[at] = Arc::new(world.edit(&records[at], Revision(revision)));
        snapshot = snapshot.apply(Revision(revision), &[Arc::clone(&records[at])]);
        let open: Vec<_> = records.iter().filter(|record| record.closed.is_none()).cloned().collect();
        let Some(place) = home(13, &records[at]) else { continue };
        check_tile(&snapshot, &open, &request(13, place));
    }
}
