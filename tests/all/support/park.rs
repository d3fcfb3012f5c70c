//! A made-up park as edits, with a value of every attribute of the catalogue; the same seed makes the same park.
use std::sync::Arc;

use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Map, Value, json};
use uuid::Uuid;
use zaiti::domain::catalogue::{Attribute, Catalogue, Kind, Measure};

/// South-west corner of the park, degrees.
pub const CORNER: [f64; 2] = [120.90, 31.85];

/// Distance of one parcel's corner from the next, degrees.
pub const STEP: f64 = 0.001;

/// Parcels in a row.
const ROW: usize = 20;

/// Makes parks.
pub struct Park {
    random: ChaCha8Rng,
    catalogue: Catalogue,
}

impl Park {
    pub fn new(seed: u64) -> Self {
        Self::of(seed, Catalogue::builtin().unwrap())
    }

    /// With this catalogue.
    pub fn of(seed: u64, catalogue: Catalogue) -> Self {
        Self {
            random: ChaCha8Rng::seed_from_u64(seed),
            catalogue,
        }
    }

    /// An id.
    pub fn id(&mut self) -> Uuid {
        uuid::Builder::from_random_bytes(self.random.random()).into_uuid()
    }

    /// The creation of a parcel with these values.
    pub fn parcel(&mut self, code: &str, at: usize, attributes: &Value) -> Value {
        json!({"id": self.id(), "collection": "parcels", "record": self.id(),
               "create": {"code": code, "geometry": square(at), "attributes": attributes}})
    }

    /// The creation of a record of any collection with these values.
    pub fn record(&mut self, (collection, code): (&str, &str), at: usize, attributes: &Value) -> Value {
        let mut edit = self.parcel(code, at, attributes);
        edit["collection"] = json!(collection);
        edit
    }

    /// An edit that sets values of a record that a creation made.
    pub fn setting(&mut self, creation: &Value, set: &Value) -> Value {
        json!({"id": self.id(), "collection": creation["collection"], "record": creation["record"], "set": set})
    }

    /// So many records of a collection, each with most attributes known.
    pub fn records(&mut self, collection: &str, count: usize) -> Vec<Value> {
        (0..count)
            .map(|at| {
                let attributes = self.values(collection, 0.7);
                let code = format!("{}-{at:04}", collection[..1].to_uppercase());
                self.record((collection, &code), at, &attributes)
            })
            .collect()
    }

    /// A value for each attribute that somebody may set, each with this probability.
    pub fn values(&mut self, collection: &str, known: f64) -> Value {
        let attributes: Vec<Arc<Attribute>> = self.catalogue.attributes_of(collection).cloned().collect();
        let mut values = Map::new();
        for attribute in attributes.iter().filter(|attribute| is_free(attribute)) {
            if self.random.random_bool(known) {
                values.insert(attribute.key.to_string(), self.value(attribute));
            }
        }
        Value::Object(values)
    }

    /// A value of an attribute, one of few, so that values meet.
    pub fn value(&mut self, attribute: &Attribute) -> Value {
        match &attribute.kind {
            Kind::Number(measure) => json!(self.number(measure)),
            Kind::Range(measure) => {
                let (one, other) = (self.number(measure), self.number(measure));
                json!({"min": one.min(other), "max": one.max(other)})
            }
            Kind::Code { list } => {
                let codes = &self.catalogue.list(list).unwrap().codes;
                json!(codes.choose(&mut self.random).unwrap().code)
            }
            Kind::Flag => json!(self.random.random::<bool>()),
            Kind::Text { .. } => json!(["alpha", "beta gamma", "载体 delta"].choose(&mut self.random).unwrap()),
            Kind::Date => json!(format!(
                "20{}-{:02}-{:02}",
                self.random.random_range(20..30),
                self.random.random_range(1..13),
                self.random.random_range(1..29)
            )),
        }
    }

    fn number(&mut self, measure: &Measure) -> f64 {
        let (low, high) = (measure.min.max(0.0), measure.max.min(measure.min.max(0.0) + 1000.0));
        let steps = self.random.random_range(0..=8);
        ((low + (high - low) * f64::from(steps) / 8.0) * 100.0).round() / 100.0
    }
}

/// Whether somebody may set the attribute of a record on its own, without relatives.
pub fn is_free(attribute: &Attribute) -> bool {
    use zaiti::domain::catalogue::Derivation as D;
    let derived = !matches!(&attribute.derived, None | Some(D::SumOfAvailableUnits(_) | D::StatusOfUnits(_)));
    !derived && attribute.key.as_str() != "parent"
}

/// The outline of the parcel at this place in the grid.
pub fn square(at: usize) -> Value {
    let [west, south, east, north] = corners(at);
    json!({"type": "Polygon", "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]]})
}

/// West, south, east, north of that outline.
pub fn corners(at: usize) -> [f64; 4] {
    let step = |index: usize, corner: f64| ((corner + index as f64 * STEP) * 1e6).round() / 1e6;
    let (west, south) = (step(at % ROW, CORNER[0]), step(at / ROW, CORNER[1]));
    let far = |near: f64| ((near + STEP * 0.8) * 1e6).round() / 1e6;
    [west, south, far(west), far(south)]
}

/// `z/x/y` of the tile that holds a point.
pub fn tile_at(z: u32, lon: f64, lat: f64) -> String {
    let side = f64::from(1_u32 << z);
    let x = (lon + 180.0) / 360.0 * side;
    let y = (1.0 - lat.to_radians().tan().asinh() / std::f64::consts::PI) / 2.0 * side;
    format!("{z}/{}/{}", x.floor(), y.floor())
}
