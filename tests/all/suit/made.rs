//! Small made-up inventories, each record with the values that a test is about.
use std::sync::Arc;

use geo_types::{Geometry, Rect};
use serde_json::Value as Json;
use zaiti::domain::catalogue::{Catalogue, Collection, Effect, Overlay};
use zaiti::domain::geometry::{Shape, canonical};
use zaiti::domain::ids::Revision;
use zaiti::domain::names::Names;
use zaiti::domain::record::Record;
use zaiti::domain::value::Value;
use zaiti::domain::viewer::Role;
use zaiti::index::Snapshot;
use zaiti::inventory::suit;
use zaiti::suitability::requirement::{Limits, Scope, parse};

use crate::index::world::World;

/// Makes records.
pub struct Made {
    world: World,
    catalogue: Catalogue,
    records: Vec<Record>,
}

impl Made {
    /// An inventory with these overlays: key, effect, buffer.
    pub fn new(overlays: &[(&str, Effect, f64)]) -> Self {
        let overlay = |(key, effect, buffer_m): &(&str, Effect, f64)| {
            let collection = Collection {
                key: (*key).into(),
                names: Names::default(),
                overlay: Some(Overlay {
                    effect: *effect,
                    buffer_m: *buffer_m,
                    source: "made up".into(),
                    base_map: false,
                }),
            };
            (collection, vec![("industries".to_owned(), "industries".to_owned())])
        };
        let overlays: Vec<_> = overlays.iter().map(overlay).collect();
        Self {
            world: World::new(5),
            catalogue: Catalogue::builtin().unwrap().with_overlays(&overlays),
            records: Vec::new(),
        }
    }

    /// Adds a record with these values, which nobody says where they come from.
    pub fn add(&mut self, (collection, code): (&str, &str), shape: Shape, values: &[(&str, Value)]) -> &mut Record {
        let mut record = self.world.record();
        record.collection = collection.into();
        record.code = code.into();
        record.geometry = shape;
        record.closed = None;
        record.provenance.clear();
        record.attributes = values.iter().map(|(key, value)| ((*key).into(), value.clone())).collect();
        self.records.push(record);
        self.records.last_mut().unwrap()
    }

    pub fn snapshot(&self) -> Snapshot {
        let records: Vec<_> = self.records.iter().cloned().map(Arc::new).collect();
        Snapshot::empty(Arc::new(self.catalogue.clone())).apply(Revision(1), &records)
    }
}

/// The answer that a role gets.
pub fn ask(snapshot: &Snapshot, role: Role, json: &Json) -> Json {
    let limits = Limits::default();
    let scope = Scope {
        catalogue: snapshot.catalogue(),
        role,
        limits: &limits,
    };
    let requirement = parse(&scope, json).unwrap_or_else(|faults| panic!("{faults:?}"));
    suit(snapshot, role, &requirement).unwrap().to_json().clone()
}

/// An outline between west, south, east and north, thousandths of a degree from a corner: some 95 by 111 m each.
pub fn lot(west: f64, south: f64, east: f64, north: f64) -> Shape {
    let at = |x: f64, y: f64| (121.0 + x * 0.001, 31.9 + y * 0.001);
    let lot = Rect::new(at(west, south), at(east, north)).to_polygon();
    canonical(Geometry::from(lot)).unwrap().shape
}

pub fn code(code: &str) -> Value {
    Value::Code(code.into())
}

pub fn day(day: &str) -> Value {
    Value::Date(day.parse().unwrap())
}

pub fn number(number: f64) -> Value {
    Value::Number(number)
}
