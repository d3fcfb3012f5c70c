//! Vector tiles, made anew each time.
use std::collections::BTreeSet;
use std::f64::consts::PI;
use std::time::{Duration, Instant};

use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use zaiti::index::{RowRef, Snapshot};
use zaiti::tiles::{TileRequest, encode};

use super::line::{Line, mean, rate, seconds, short};
use super::place::Place;

#[expect(dead_code, reason = "the tests' decoder says more than is asked here")]
#[path = "../../tests/all/tiles/decoder.rs"]
mod decoder;

use decoder::{Feature, Geometry, Layer, Value};

/// Zoom, tiles a second of martin 1.14 with two connections on two cores, as recorded for such parcels, and the goal in times of it.
const RECORDED: [(u8, f64, f64); 3] = [(14, 138.0, 20.0), (12, 12.0, 20.0), (16, 968.0, 8.0)];

const LASTING: Duration = Duration::from_secs(2);

pub fn run(place: &Place) {
    let snapshot = place.snapshot();
    for (z, recorded, goal) in RECORDED {
        let requests = requests(snapshot, z);
        let two = on_two_threads(snapshot, &requests);
        let sizes: Vec<f64> = requests.iter().map(|request| encode(snapshot, request).len() as f64).collect();
        Line::rate(format!("z{z}, {} kB each, two threads", short(mean(&sizes) / 1e3)), two)
            .against("martin, as recorded", recorded)
            .goal_ratio(goal)
            .print();
        against_encoding(snapshot, &requests, z);
    }
    let world = request((0, 0), 0, snapshot);
    let (took, bytes) = seconds(|| encode(snapshot, &world));
    let count = seconds(|| snapshot.visit_box(&world.collection, whole(), &[], |_| {})).0;
    Line::cost(format!("z0, all parcels, {} B", bytes.len()), took * 1e3, "ms")
        .against("visiting every row", count * 1e3)
        .print();
}

fn whole() -> geo_types::Rect<f64> {
    geo_types::Rect::new((-180.0, -90.0), (180.0, 90.0))
}

/// One thread, beside the same features written from decoded ones: no search, no projection, no cutting, no look at a column.
fn against_encoding(snapshot: &Snapshot, requests: &[TileRequest], z: u8) {
    let layers: Vec<Vec<Layer>> = requests
        .iter()
        .map(|request| decoder::decode(&encode(snapshot, request)).unwrap())
        .collect();
    // Turn by turn, so that whoever else keeps the machine busy slows both.
    let (start, mut whole, mut alone, mut tiles) = (Instant::now(), 0.0, 0.0, 0.0);
    for at in (0..layers.len()).cycle().take_while(|_| start.elapsed() < LASTING) {
        whole += seconds(|| std::hint::black_box(encode(snapshot, &requests[at]))).0;
        alone += seconds(|| std::hint::black_box(written(&layers[at]))).0;
        tiles += 1.0;
    }
    Line::rate(format!("z{z}, one thread"), tiles / whole)
        .against("encode-only loop", tiles / alone)
        .goal_ratio(0.6)
        .print();
}

fn on_two_threads(snapshot: &Snapshot, requests: &[TileRequest]) -> f64 {
    let work = |start: usize| {
        let mut at = start;
        rate(LASTING, || {
            at = (at + 1) % requests.len();
            std::hint::black_box(encode(snapshot, &requests[at]));
        })
    };
    std::thread::scope(|scope| {
        let other = scope.spawn(|| work(requests.len() / 2));
        work(0) + other.join().unwrap()
    })
}

fn request((x, y): (u32, u32), z: u8, snapshot: &Snapshot) -> TileRequest {
    let carried = snapshot.catalogue().attributes_of("parcels").filter(|each| each.tile);
    TileRequest {
        collection: "parcels".into(),
        z,
        x,
        y,
        conditions: Vec::new(),
        attributes: carried.map(|each| each.key.clone()).collect(),
        budget_bytes: 500_000,
    }
}

/// Tiles around random parcels.
fn requests(snapshot: &Snapshot, z: u8) -> Vec<TileRequest> {
    const TILES: usize = 150;
    let mut random = ChaCha8Rng::seed_from_u64(u64::from(z));
    let rows: Vec<RowRef> = snapshot.matches(&"parcels".into(), &[]).iter().collect();
    let mut places = BTreeSet::new();
    for _ in 0..TILES * 4 {
        let centre = snapshot.row(*rows.choose(&mut random).unwrap()).bounds().unwrap().center();
        places.insert(tile_of(centre, z));
    }
    let all: Vec<_> = places.into_iter().collect();
    let start = random.random_range(0..all.len());
    let step = (all.len() / TILES).max(1);
    (0..TILES.min(all.len()))
        .map(|at| request(all[(start + at * step) % all.len()], z, snapshot))
        .collect()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the world")]
fn tile_of(at: geo_types::Coord<f64>, z: u8) -> (u32, u32) {
    let side = f64::from(1u32 << z);
    let down = (1.0 - at.y.to_radians().tan().asinh() / PI) / 2.0;
    (((at.x + 180.0) / 360.0 * side) as u32, (down * side) as u32)
}

/// Bytes of these layers' features and values with a straight loop.
fn written(layers: &[Layer]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut body = Vec::new();
    for value in layers.iter().flat_map(|layer| &layer.values) {
        if let Value::Text(text) = value {
            varint(text.len() as u64, &mut out);
            out.extend_from_slice(text.as_bytes());
        }
    }
    for feature in layers.iter().flat_map(|layer| &layer.features) {
        body.clear();
        varint(feature.id.unwrap_or(0), &mut body);
        for (number, _) in (0u64..).zip(&feature.tags) {
            varint(number, &mut body);
            varint(number + 40, &mut body);
        }
        points(feature, &mut body);
        varint(body.len() as u64, &mut out);
        out.extend_from_slice(&body);
    }
    out
}

fn points(feature: &Feature, out: &mut Vec<u8>) {
    let Geometry::Polygons(polygons) = &feature.geometry else { return };
    let mut cursor = [0i64; 2];
    for point in polygons.iter().flatten().flatten() {
        for axis in 0..2 {
            let step = point[axis] - cursor[axis];
            varint(((step << 1) ^ (step >> 63)).cast_unsigned(), out);
        }
        cursor = *point;
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the low byte is what is wanted")]
fn varint(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}
