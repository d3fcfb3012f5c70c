//! Made-up records, seeded, and a small catalogue with one attribute of every kind.
use std::collections::BTreeMap;
use std::sync::Arc;

use geo_types::{MultiLineString, MultiPoint, MultiPolygon, Point, line_string, polygon};
use jiff::Timestamp;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use uuid::Uuid;
use zaiti::domain::catalogue::{Attribute, Catalogue, Collection, Effect, Kind, Measure, MergePolicy, Names, Overlay, Publish};
use zaiti::domain::edit::{Action, FieldNote, HistoryEntry, Outcome, Position, Receipt, Sent};
use zaiti::domain::geometry::Shape;
use zaiti::domain::ids::{AttributeKey, CarrierId, CollectionKey, EditId, Revision, Version};
use zaiti::domain::record::{Closure, Evidence, Provenance, Record};
use zaiti::domain::value::{Range, Value};
use zaiti::domain::viewer::{Role, Visibility};
use zaiti::store::{OverlayDefinition, SurveyEntry, Transaction, Write};

/// Collections of [`catalogue`]; the last is an overlay.
pub const COLLECTIONS: [&str; 4] = ["parcels", "buildings", "units", "river_1km"];

/// One attribute of every kind, in all collections.
pub fn catalogue() -> Catalogue {
    let measure = || Measure {
        quantity: "area".into(),
        min: f64::MIN,
        max: f64::MAX,
        decimals: 2,
    };
    let kinds = [
        ("name", Kind::Text { max_chars: 200 }),
        ("status", Kind::Code { list: "status".into() }),
        ("available_from", Kind::Date),
        ("area", Kind::Number(measure())),
        ("plot_ratio", Kind::Range(measure())),
        ("frozen", Kind::Flag),
    ];
    let attributes = kinds.map(|(key, kind)| Arc::new(attribute(key, kind))).to_vec();
    Catalogue::of(COLLECTIONS.map(collection).to_vec(), attributes)
}

fn names(text: &str) -> Names {
    Names {
        zh: format!("{text}的中文").into(),
        en: text.into(),
        de: text.into(),
    }
}

fn collection(key: &str) -> Collection {
    Collection {
        key: key.into(),
        names: names(key),
        overlay: (key == COLLECTIONS[3]).then(|| overlay(2.5)),
    }
}

fn overlay(buffer_m: f64) -> Overlay {
    Overlay {
        effect: Effect::Restrict,
        buffer_m,
        source: "长江保护法 2020, 第二十六条".into(),
        base_map: false,
    }
}

/// The definition of the catalogue's overlay.
pub fn overlay_definition(buffer_m: f64) -> OverlayDefinition {
    OverlayDefinition {
        collection: Collection {
            overlay: Some(overlay(buffer_m)),
            ..collection(COLLECTIONS[3])
        },
        overlay: overlay(buffer_m),
        fields: vec![("name".into(), "NAME".into())],
    }
}

fn attribute(key: &str, kind: Kind) -> Attribute {
    Attribute {
        key: key.into(),
        collections: COLLECTIONS.map(CollectionKey::from).to_vec(),
        kind,
        names: names(key),
        help: names(key),
        group: "general".into(),
        source: "".into(),
        visibility: Visibility::Public,
        editable_by: Role::Surveyor,
        publish: Publish::OnApproval,
        survey: None,
        merge: MergePolicy::Conflict,
        headings: Vec::new(),
        dbf: Vec::new(),
        criterion: None,
        facet: false,
        tile: false,
        raised_by: None,
        later: None,
        tax: None,
        agrees_with: None,
        derived: None,
    }
}

/// Makes records, changes and receipts; the same seed makes the same ones.
pub struct Maker(ChaCha8Rng);

impl Maker {
    /// With this seed.
    pub fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// An id.
    pub fn uuid(&mut self) -> Uuid {
        uuid::Builder::from_random_bytes(self.0.random()).into_uuid()
    }

    /// A new record of a collection, version 1, with any values and any shape.
    pub fn record(&mut self, collection: &str) -> Record {
        let id = CarrierId(self.uuid());
        let attributes = self.attributes();
        let provenance = attributes
            .keys()
            .filter(|key| key.as_str() != "name")
            .map(|key| (key.clone(), self.provenance()))
            .collect();
        Record {
            id,
            collection: collection.into(),
            code: format!("码-{:06x}", id.0.as_u128() & 0xff_ffff),
            geometry: self.shape(collection),
            version: Version(1),
            revision: Revision(0),
            changed_at: self.time(),
            attributes,
            provenance,
            closed: None,
        }
    }

    fn attributes(&mut self) -> BTreeMap<AttributeKey, Value> {
        let text = ["A", "O'Brien \"&\" 株式会社", "\\ \t\n €𝄞", "%_;--"][self.0.random_range(0..4)];
        let values = [
            ("name", Value::Text(text.into())),
            (
                "status",
                Value::Code(["AVAILABLE", "HOLD", "可用"][self.0.random_range(0..3)].into()),
            ),
            (
                "available_from",
                Value::Date(jiff::civil::date(
                    self.0.random_range(1900..2100),
                    self.0.random_range(1..=12),
                    self.0.random_range(1..=28),
                )),
            ),
            ("area", Value::Number(self.number())),
            ("plot_ratio", Value::Range(self.range())),
            ("frozen", Value::Flag(self.0.random())),
        ];
        values
            .into_iter()
            .filter(|_| self.0.random_bool(0.8))
            .map(|(key, value)| (key.into(), value))
            .collect()
    }

    /// Numbers of every size, many with all digits used.
    fn number(&mut self) -> f64 {
        match self.0.random_range(0..5) {
            0 => 0.0,
            1 => f64::from(self.0.random_range(-5..100_000)),
            2 => self.0.random_range(1.0..10.0) * 10_f64.powi(self.0.random_range(-300..300)),
            3 => 0.1 + 0.2,
            _ => self.0.random_range(0.0..1e6),
        }
    }

    fn range(&mut self) -> Range {
        let (low, high) = (self.0.random_range(0.0..1.0), self.0.random_range(1.0..4.0));
        let ends = self.0.random_range(1..4);
        Range {
            min: (ends & 1 != 0).then_some(low),
            max: (ends & 2 != 0).then_some(high),
            min_inclusive: ends & 1 == 0 || self.0.random(),
            max_inclusive: ends & 2 == 0 || self.0.random(),
        }
    }

    fn provenance(&mut self) -> Provenance {
        Provenance {
            observed_at: self.time(),
            evidence: [Evidence::Told, Evidence::Seen, Evidence::Measured, Evidence::Document][self.0.random_range(0..4)],
            author: "王".into(),
        }
    }

    /// Any time of a century, to the microsecond.
    pub fn time(&mut self) -> Timestamp {
        Timestamp::from_microsecond(self.0.random_range(-1_000_000_000_000_000..4_000_000_000_000_000)).unwrap()
    }

    /// A shape that suits the collection: polygons (some with a hole, some several) or nothing for carriers; lines and points too for the overlay.
    pub fn shape(&mut self, collection: &str) -> Shape {
        let kinds = if collection == COLLECTIONS[3] { 5 } else { 3 };
        let (x, y) = (self.degree(120.0), self.degree(31.0));
        match self.0.random_range(0..kinds) {
            0 => Shape::None,
            1 => Shape::Polygons(MultiPolygon(vec![
                polygon![(x: x, y: y), (x: x + 0.001, y: y), (x: x, y: y + 0.001)],
            ])),
            2 => Shape::Polygons(MultiPolygon(vec![
                polygon!(exterior: [(x: x, y: y), (x: x + 4.0, y: y), (x: x, y: y + 4.0)], interiors: [[(x: x + 1.0, y: y + 1.0), (x: x + 1.0, y: y + 2.0), (x: x + 2.0, y: y + 1.0)]]),
                polygon![(x: x + 5.0, y: y), (x: x + 6.0, y: y), (x: x + 5.0, y: y + 1.0)],
            ])),
            3 => Shape::Lines(MultiLineString(vec![line_string![(x: x, y: y), (x: x + 0.25, y: y)]])),
            _ => Shape::Points(MultiPoint(vec![Point::new(x, y), Point::new(x, y + 0.5)])),
        }
    }

    fn degree(&mut self, from: f64) -> f64 {
        (self.0.random_range(from..from + 1.0) * 1e9).round() / 1e9
    }

    /// The next version of a record: other values, now and then another shape or closed.
    pub fn next(&mut self, record: &Record) -> (Record, bool) {
        let shape_changed = self.0.random_bool(0.3);
        let closed = self.0.random_bool(0.2).then(|| Closure {
            reason: "拆分".into(),
            successors: vec!["P-1".into(), "P-2".into()],
        });
        let mut next = self.record(record.collection.as_str());
        (next.id, next.code, next.closed) = (record.id, record.code.clone(), closed);
        next.version = Version(record.version.0 + 1);
        if !shape_changed {
            next.geometry = record.geometry.clone();
        }
        (next, shape_changed)
    }

    /// The write that leads from one state (or none) to the next, with a history line about all of it.
    pub fn write(&mut self, before: Option<&Record>, after: &Record, shape_changed: bool) -> Write {
        let none = BTreeMap::new();
        let is_new = before.is_none_or(|record| record.version.0 % 2 == 1);
        let old = before.map_or(&none, |record| &record.attributes);
        let keys = old.keys().chain(after.attributes.keys());
        let changes = keys
            .map(|key| (key.clone(), (old.get(key).cloned(), after.attributes.get(key).cloned())))
            .collect();
        Write {
            expected: before.map(|record| record.version),
            record: Arc::new(after.clone()),
            history: HistoryEntry {
                edit: EditId(self.uuid()),
                record: after.id,
                collection: after.collection.clone(),
                version: after.version,
                revision: Revision(0),
                changed_at: after.changed_at,
                observed_at: self.time(),
                evidence: Evidence::Measured,
                author: "li.wei".into(),
                action: match (before, &after.closed) {
                    (None, _) => Action::Created,
                    (Some(_), Some(_)) => Action::Closed,
                    (Some(_), None) => Action::Changed,
                },
                changes,
                superseded: if is_new { late(old) } else { BTreeMap::new() },
                // A line of old has none, and no word of an outline that there was not.
                sources_before: is_new.then(|| before.map(|record| record.provenance.clone()).unwrap_or_default()),
                geometry_before: before
                    .filter(|_| shape_changed)
                    .map(|record| record.geometry.clone())
                    .filter(|shape| is_new || *shape != Shape::None),
                field: self.field_note(),
            },
            shape_changed,
        }
    }

    /// An entry of the log of campaigns.
    pub fn survey_entry(&mut self, seq: u64) -> SurveyEntry {
        SurveyEntry {
            seq,
            id: self.uuid(),
            at: self.time(),
            author: "li.wei".into(),
            event: format!(r#"{{"kind": "said", "名": {seq}}}"#),
        }
    }

    /// Half of the edits come from a device in the field.
    fn field_note(&mut self) -> Option<FieldNote> {
        let device = self.uuid();
        let note = FieldNote {
            device,
            counter: 17,
            visit: Some(device),
            position: Some(Position {
                lon: 120.98,
                lat: 31.86,
                accuracy_m: 4.5,
            }),
            approved_by: Some("王".into()),
            handed_in_by: Some("李".into()),
        };
        device.as_u128().is_multiple_of(2).then_some(note)
    }

    /// A write that creates this record.
    pub fn creation(&mut self, record: &Record) -> Write {
        self.write(None, record, true)
    }

    /// A write that creates a new record.
    pub fn new_in(&mut self, collection: &str) -> Write {
        let record = self.record(collection);
        self.creation(&record)
    }

    /// A receipt for a write.
    pub fn receipt(write: &Write) -> Receipt {
        Receipt {
            edit: write.history.edit,
            record: write.record.id,
            outcome: Outcome::Applied {
                version: write.record.version,
            },
            revision: Revision(0),
            sent: Sent {
                digest: "ab12".into(),
                ..Sent::default()
            },
        }
    }
}

/// A transaction with a receipt for each write.
pub fn transaction(writes: Vec<Write>) -> Arc<Transaction> {
    let receipts = writes.iter().map(Maker::receipt).collect();
    Arc::new(Transaction {
        writes,
        receipts,
        decisions: Vec::new(),
    })
}

/// Something that came too late, of every kind of value; and what was to be cleared.
fn late(values: &BTreeMap<AttributeKey, Value>) -> BTreeMap<AttributeKey, Option<Value>> {
    let seen = values.iter().map(|(key, value)| (key.clone(), Some(value.clone())));
    seen.step_by(2).chain([("geometry".into(), None)]).collect()
}
