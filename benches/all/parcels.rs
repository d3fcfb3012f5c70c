//! Made-up parcels, the same for the same number: parks of 400 to 1,900 lots of 30 to 90 m, scattered so that a million of them fill 100 by 100 km.
use std::collections::BTreeMap;
use std::sync::Arc;

use geo_types::{Coord, LineString, MultiPolygon, Polygon};
use jiff::Timestamp;
use jiff::civil::{Date, date};
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use uuid::Uuid;
use zaiti::domain::catalogue::Catalogue;
use zaiti::domain::geometry::Shape;
use zaiti::domain::geometry::wkb;
use zaiti::domain::ids::{AttributeKey, CarrierId, Revision, Version};
use zaiti::domain::record::{RawRecord, Record};
use zaiti::domain::value::{Range, Value, attributes_to_json};
use zaiti::index::{Builder, Fill, Snapshot};

/// Middle of the land, lon/lat degrees.
pub const MIDDLE: [f64; 2] = [121.0, 32.0];
const METRE_EAST: f64 = 1.0 / 94_500.0;
const METRE_NORTH: f64 = 1.0 / 110_900.0;

/// Zonings and states that parcels have.
pub const USES: usize = 12;
pub const STATES: [&str; 5] = ["AVAILABLE", "PLANNED", "SUPPLIED", "BUILT", "UNDER_CONSTRUCTION"];

/// Ways to number of attributes.
const KEYS: [&str; 10] = [
    "name",
    "status",
    "area",
    "planned_use",
    "plot_ratio",
    "price",
    "power_capacity",
    "available_from",
    "height_limit",
    "sewage_connected",
];

pub struct Maker {
    random: ChaCha8Rng,
    keys: [AttributeKey; 10],
    uses: Vec<Arc<str>>,
    states: Vec<Arc<str>>,
}

/// Codes of the zonings that parcels have.
pub fn uses(catalogue: &Catalogue) -> Vec<Arc<str>> {
    let codes = &catalogue.code_lists["guide2023"].codes;
    codes.iter().take(USES).map(|code| Arc::clone(&code.code)).collect()
}

/// Gives every parcel to `visit`.
pub fn each(count: usize, mut visit: impl FnMut(Record)) {
    let catalogue = Catalogue::builtin().unwrap();
    let mut maker = Maker {
        random: ChaCha8Rng::seed_from_u64(20_260),
        keys: KEYS.map(AttributeKey::from),
        uses: uses(&catalogue),
        states: STATES.map(Arc::from).to_vec(),
    };
    let half_side_m = 50_000.0 * (count as f64 / 1e6).sqrt();
    let mut made = 0;
    while made < count {
        let lots = maker.random.random_range(400..1_900usize).min(count - made);
        let corner = [0, 1].map(|_| maker.random.random_range(-half_side_m..half_side_m));
        let (wide, deep) = (maker.random.random_range(30.0..90.0), maker.random.random_range(30.0..90.0));
        let columns = lots.isqrt().max(1);
        for lot in 0..lots {
            let west = corner[0] + (lot % columns) as f64 * wide;
            let south = corner[1] + (lot / columns) as f64 * deep;
            made += 1;
            visit(maker.record(made, [west, south], [wide, deep]));
        }
    }
}

impl Maker {
    fn record(&mut self, number: usize, corner: [f64; 2], size: [f64; 2]) -> Record {
        Record {
            id: CarrierId(Uuid::from_u128(self.random.random())),
            collection: "parcels".into(),
            code: format!("P-{number:07}"),
            geometry: self.shape(corner, size),
            version: Version(1),
            revision: Revision(1),
            changed_at: Timestamp::from_second(1_780_000_000).unwrap(),
            attributes: self.values(number, size),
            provenance: BTreeMap::new(),
            closed: None,
        }
    }

    /// A lot with two vertices between each pair of corners.
    fn shape(&mut self, [west, south]: [f64; 2], [wide, deep]: [f64; 2]) -> Shape {
        let corners = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0], [0.0, 0.0]];
        let mut ring = Vec::with_capacity(13);
        for side in corners.windows(2) {
            for step in 0..3 {
                let part = f64::from(step) / 3.0;
                let along = [0, 1].map(|axis| side[0][axis] + (side[1][axis] - side[0][axis]) * part);
                // Crooked by up to a metre, but not at the corners, where neighbours meet.
                let crooked = if step == 0 { 0.0 } else { self.random.random_range(-1.0..1.0) };
                let east = west + along[0] * wide + crooked;
                let north = south + along[1] * deep + crooked;
                ring.push(Coord {
                    x: on_grid(MIDDLE[0] + east * METRE_EAST),
                    y: on_grid(MIDDLE[1] + north * METRE_NORTH),
                });
            }
        }
        ring.push(ring[0]);
        Shape::Polygons(MultiPolygon(vec![Polygon::new(LineString(ring), Vec::new())]))
    }

    fn values(&mut self, number: usize, [wide, deep]: [f64; 2]) -> BTreeMap<AttributeKey, Value> {
        let random = &mut self.random;
        let ratio = f64::from(random.random_range(8..20)) / 10.0;
        let day: Date = date(
            random.random_range(2_026..2_030),
            random.random_range(1..13),
            random.random_range(1..29),
        );
        let values = [
            Value::Text(format!("Lot {} of the east park", number % 100_000).into()),
            Value::Code(Arc::clone(self.states.choose(random).unwrap())),
            Value::Number((wide * deep).round()),
            Value::Code(Arc::clone(self.uses.choose(random).unwrap())),
            Value::Range(Range {
                min: Some(ratio),
                max: Some(ratio + 1.0),
                min_inclusive: true,
                max_inclusive: true,
            }),
            Value::Number(f64::from(random.random_range(200..900))),
            Value::Number(f64::from(random.random_range(1..80) * 50)),
            Value::Date(day),
            Value::Number(f64::from(random.random_range(2..20) * 5)),
            Value::Flag(random.random_bool(0.5)),
        ];
        self.keys.iter().cloned().zip(values).collect()
    }
}

fn on_grid(degrees: f64) -> f64 {
    (degrees * 1e9).round() / 1e9
}

/// Gives a parcel to a loader as a store would.
pub fn load(record: &Record, fill: &mut Fill) {
    let raw = RawRecord {
        id: record.id,
        collection: record.collection.as_str(),
        code: &record.code,
        wkb: &wkb::write(&record.geometry),
        version: record.version,
        revision: record.revision,
        changed_at_us: record.changed_at.as_microsecond(),
        attributes: &attributes_to_json(&record.attributes),
        provenance: "",
        closed: "",
    };
    fill(raw).unwrap();
}

/// All of them in memory, ready to be put in order.
pub fn builder(count: usize) -> Builder {
    let builder = Builder::new(Arc::new(Catalogue::builtin().unwrap()), 1);
    let mut sinks = builder.sinks();
    each(count, |record| load(&record, &mut sinks[0]));
    builder
}

/// All of them in memory.
pub fn snapshot(count: usize) -> Snapshot {
    builder(count).finish(Revision(1))
}
