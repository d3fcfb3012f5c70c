//! What the texts and bytes in a store mean, the same for every store.
//!
//! Attributes are plain JSON in base units (`{"area": 20000, "status": "AVAILABLE"}`), so that people with SQL can read them; their kinds are the catalogue's.
//! History must outlive the catalogue it was written under, so its values say their kind themselves: number, `true`, `{"min": 1.2, ...}` and plain text as they are,
//! `{"code": "1001"}`, `{"date": "2027-03-01"}`.
use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::model::OverlayDefinition;
use crate::domain::catalogue::{Catalogue, Collection, Names, Overlay};
use crate::domain::edit::{Decision, FieldNote, OpenEdit, Outcome, Receipt, Sent};
use crate::domain::geometry::wkb;
use crate::domain::ids::{AttributeKey, CarrierId, CollectionKey, EditId, Revision, Version};
use crate::domain::record::{Closure, Provenance, RawRecord, Record};
use crate::domain::value::{Range, Value, attributes_from_json};

/// Core values that every carrier table has as columns of their own, for people with SQL.
#[derive(Clone, Debug, Default)]
pub struct Core<'a> {
    /// Code of the state.
    pub status: Option<&'a str>,
    /// Day, ISO 8601.
    pub available_from: Option<String>,
    /// Square metres.
    pub area_m2: Option<f64>,
}

impl<'a> Core<'a> {
    /// Takes them out of the attributes.
    pub fn of(attributes: &'a BTreeMap<AttributeKey, Value>) -> Self {
        Self {
            status: match attributes.get("status") {
                Some(Value::Code(text) | Value::Text(text)) => Some(text),
                Some(Value::Number(_) | Value::Range(_) | Value::Flag(_) | Value::Date(_)) | None => None,
            },
            available_from: match attributes.get("available_from") {
                Some(Value::Date(day)) => Some(day.to_string()),
                Some(Value::Number(_) | Value::Range(_) | Value::Flag(_) | Value::Code(_) | Value::Text(_)) | None => None,
            },
            area_m2: match attributes.get("area") {
                Some(Value::Number(area)) => Some(*area),
                Some(Value::Range(_) | Value::Flag(_) | Value::Code(_) | Value::Text(_) | Value::Date(_)) | None => None,
            },
        }
    }
}

/// A value in a history line.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Told<'a> {
    Number(f64),
    Flag(bool),
    Text(std::borrow::Cow<'a, str>),
    Code {
        code: std::borrow::Cow<'a, str>,
    },
    Date {
        date: Date,
    },
    Range {
        min: Option<f64>,
        max: Option<f64>,
        min_inclusive: bool,
        max_inclusive: bool,
    },
}

/// A value with its kind.
pub(super) fn tell(value: &Value) -> Told<'_> {
    match value {
        Value::Number(number) => Told::Number(*number),
        Value::Flag(flag) => Told::Flag(*flag),
        Value::Text(text) => Told::Text(text.as_ref().into()),
        Value::Code(code) => Told::Code {
            code: code.as_ref().into(),
        },
        Value::Date(date) => Told::Date { date: *date },
        Value::Range(range) => Told::Range {
            min: range.min,
            max: range.max,
            min_inclusive: range.min_inclusive,
            max_inclusive: range.max_inclusive,
        },
    }
}

/// The value of what [`tell`] gave.
pub(super) fn understand(told: Told<'_>) -> Value {
    match told {
        Told::Number(number) => Value::Number(number),
        Told::Flag(flag) => Value::Flag(flag),
        Told::Text(text) => Value::Text(text.into()),
        Told::Code { code } => Value::Code(code.into()),
        Told::Date { date } => Value::Date(date),
        Told::Range {
            min,
            max,
            min_inclusive,
            max_inclusive,
        } => Value::Range(Range {
            min,
            max,
            min_inclusive,
            max_inclusive,
        }),
    }
}

/// Provenance as JSON; empty for none.
pub fn provenance_to_json(provenance: &BTreeMap<AttributeKey, Provenance>) -> String {
    if provenance.is_empty() { String::new() } else { json(provenance) }
}

/// A closure as JSON; empty while open.
pub fn closure_to_json(closed: Option<&Closure>) -> String {
    closed.map(json).unwrap_or_default()
}

/// A [`RawRecord`] that owns its texts.
pub struct OwnedRaw {
    id: CarrierId,
    collection: String,
    code: String,
    wkb: Vec<u8>,
    version: Version,
    revision: Revision,
    changed_at_us: i64,
    attributes: String,
    provenance: String,
    closed: String,
}

impl From<RawRecord<'_>> for OwnedRaw {
    fn from(raw: RawRecord<'_>) -> Self {
        Self {
            id: raw.id,
            collection: raw.collection.to_owned(),
            code: raw.code.to_owned(),
            wkb: raw.wkb.to_owned(),
            version: raw.version,
            revision: raw.revision,
            changed_at_us: raw.changed_at_us,
            attributes: raw.attributes.to_owned(),
            provenance: raw.provenance.to_owned(),
            closed: raw.closed.to_owned(),
        }
    }
}

impl OwnedRaw {
    /// The same, borrowed.
    pub fn borrow(&self) -> RawRecord<'_> {
        RawRecord {
            id: self.id,
            collection: &self.collection,
            code: &self.code,
            wkb: &self.wkb,
            version: self.version,
            revision: self.revision,
            changed_at_us: self.changed_at_us,
            attributes: &self.attributes,
            provenance: &self.provenance,
            closed: &self.closed,
        }
    }
}

/// The whole of a stored record.
pub fn record_from_raw(raw: RawRecord<'_>, catalogue: &Catalogue) -> Result<Record, String> {
    Ok(Record {
        id: raw.id,
        collection: CollectionKey::from(raw.collection),
        code: raw.code.to_owned(),
        geometry: wkb::read(raw.wkb).map_err(|fault| fault.to_string())?,
        version: raw.version,
        revision: raw.revision,
        changed_at: timestamp(raw.changed_at_us)?,
        attributes: attributes_from_json(catalogue, raw.collection, raw.attributes)?,
        provenance: optional(raw.provenance)?.unwrap_or_default(),
        closed: optional(raw.closed)?,
    })
}

/// Microseconds since 1970-01-01 UTC.
pub fn micros(at: Timestamp) -> i64 {
    at.as_microsecond()
}

/// The time that [`micros`] gave.
pub fn timestamp(micros: i64) -> Result<Timestamp, String> {
    Timestamp::from_microsecond(micros).map_err(|error| error.to_string())
}

/// A revision as SQL keeps it.
pub fn stored(revision: Revision) -> i64 {
    i64::try_from(revision.0).unwrap_or(i64::MAX)
}

/// The revision that [`stored`] gave.
pub fn revision(stored: i64) -> Revision {
    Revision(stored.unsigned_abs())
}

/// What became of an edit, as JSON.
pub fn outcome_to_json(outcome: &Outcome) -> String {
    json(outcome)
}

/// What was sent with an edit, as JSON; empty where nothing is kept.
pub fn sent_to_json(sent: &Sent) -> String {
    if *sent == Sent::default() { String::new() } else { json(sent) }
}

/// What a device added, as JSON; empty where there was none.
pub fn field_to_json(field: Option<&FieldNote>) -> String {
    field.map_or_else(String::new, json)
}

/// Reads what [`field_to_json`] wrote.
pub fn field_from_json(text: &str) -> Result<Option<FieldNote>, String> {
    optional(text)
}

/// A decision as JSON.
pub fn decision_to_json(decision: &Decision) -> String {
    json(decision)
}

/// Reads what [`decision_to_json`] wrote.
pub fn decision_from_json(text: &str) -> Result<Decision, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

/// Comes after every [`decided_at`].
pub const AFTER_ALL: &str = "~";

/// The time of a decision as text that sorts like the time: what is stored of it in JSON, without the letter at its end, which would sort after a fraction.
pub fn decided_at(at: Timestamp) -> String {
    at.to_string().trim_end_matches('Z').to_owned()
}

/// A receipt's parts as they are stored.
pub struct StoredReceipt {
    /// The edit.
    pub edit: EditId,
    /// Its record.
    pub record: CarrierId,
    /// Revision of its transaction.
    pub revision: i64,
    /// As [`outcome_to_json`] wrote it.
    pub outcome: String,
    /// As [`sent_to_json`] wrote it.
    pub sent: String,
}

impl StoredReceipt {
    /// The receipt.
    pub fn receipt(&self) -> Result<Receipt, String> {
        Ok(Receipt {
            edit: self.edit,
            record: self.record,
            outcome: serde_json::from_str(&self.outcome).map_err(|error| error.to_string())?,
            revision: revision(self.revision),
            sent: optional(&self.sent)?.unwrap_or_default(),
        })
    }
}

/// What field work has to know of a receipt, of its parts as they are stored. Nothing else of them is built: they may be large, and are read often.
pub fn open_edit(edit: EditId, record: CarrierId, (outcome, sent): (&str, &str)) -> Result<OpenEdit, String> {
    let word: StoredWord = serde_json::from_str(outcome).map_err(|error| error.to_string())?;
    // What was sent in another form names no visit.
    let kept: StoredKept = serde_json::from_str(sent).unwrap_or_default();
    Ok(OpenEdit {
        edit: edit.0,
        record,
        visit: kept.edit.field.visit,
        is_conflict: word.outcome == "conflict",
    })
}

#[derive(Deserialize)]
struct StoredWord {
    outcome: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct StoredKept {
    edit: StoredEdit,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct StoredEdit {
    field: StoredField,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct StoredField {
    visit: Option<Uuid>,
}

/// An overlay's definition without its key.
#[derive(Serialize, Deserialize)]
struct StoredOverlay {
    names: Names,
    overlay: Overlay,
    fields: Vec<(String, String)>,
}

/// An overlay's definition as JSON, without its key.
pub fn overlay_to_json(definition: &OverlayDefinition) -> String {
    json(&StoredOverlay {
        names: definition.collection.names.clone(),
        overlay: definition.overlay.clone(),
        fields: definition.fields.clone(),
    })
}

/// Reads what [`overlay_to_json`] wrote.
pub fn overlay_from_json(key: &str, text: &str) -> Result<OverlayDefinition, String> {
    let stored: StoredOverlay = serde_json::from_str(text).map_err(|error| error.to_string())?;
    Ok(OverlayDefinition {
        collection: Collection {
            key: CollectionKey::from(key),
            names: stored.names,
            overlay: Some(stored.overlay.clone()),
        },
        overlay: stored.overlay,
        fields: stored.fields,
    })
}

/// A word such as a role, an action or a kind of evidence, as serde names it.
pub fn word<T: Serialize>(value: &T) -> String {
    json(value).trim_matches('"').to_owned()
}

/// Reads what [`word`] wrote.
pub fn from_word<T: for<'a> Deserialize<'a>>(word: &str) -> Result<T, String> {
    serde_json::from_value(serde_json::Value::String(word.to_owned())).map_err(|error| error.to_string())
}

/// Our own types have text keys and finite numbers, so that writing them as JSON cannot fail.
pub(super) fn json<T: Serialize + ?Sized>(value: &T) -> String {
    serde_json::to_string(value).expect("text keys and plain data always have a JSON form")
}

fn optional<T: for<'a> Deserialize<'a>>(text: &str) -> Result<Option<T>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    serde_json::from_str(text).map(Some).map_err(|error| error.to_string())
}
