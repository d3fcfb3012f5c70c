//! Edits as clients send them, and how they become edits of the domain.
use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use crate::domain::catalogue::{Attribute, Catalogue};
use crate::domain::edit::{Change, Edit, FieldNote, Position};
use crate::domain::ids::{AttributeKey, CarrierId, CollectionKey, EditId, Version};
use crate::domain::record::{CODE_CHARS, Evidence};
use crate::domain::value::Value;
use crate::domain::viewer::{Role, Viewer};

use super::outline;
use super::writer::{Held, Refused};

/// Longest reason of a closing or a decision, characters.
pub const REASON_CHARS: usize = 2_000;

/// Most records that follow a closed one.
const MOST_SUCCESSORS: usize = 500;

/// How far the clock of a phone may be ahead.
const CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(10);

/// An edit as it is sent: values in JSON, perhaps with units.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EditRequest {
    /// Made by the client; the same id has one effect, however often it is sent.
    pub id: EditId,
    /// Collection of the record.
    pub collection: CollectionKey,
    /// The record; a creation brings the new id.
    pub record: CarrierId,
    /// Version the author saw.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_version: Option<Version>,
    /// Values to set; `null` makes a value unknown.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub set: BTreeMap<String, Json>,
    /// Units of numbers among the values, where they are not the base unit.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unit: BTreeMap<String, String>,
    /// A new record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub create: Option<CreateRequest>,
    /// Closes the record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub close: Option<CloseRequest>,
    /// New outline, a GeoJSON geometry; `null` removes it.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub geometry: Option<Json>,
    /// When the fact was observed; now, when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_at: Option<Timestamp>,
    /// On what evidence; `told`, when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
    /// What the device in the field adds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<FieldNote>,
    /// `If-Match`: the record must have exactly this version, else nothing happens and the outcome is a conflict without fields.
    #[serde(skip)]
    pub must_match: Option<Version>,
    /// Set by the door: it is kept for a person's decision, whatever its author might write.
    #[serde(skip)]
    pub held: Option<Held>,
}

/// A new record as it is sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateRequest {
    /// Its code.
    pub code: String,
    /// Its outline, a GeoJSON geometry or `null`.
    #[serde(default)]
    pub geometry: Json,
    /// Its values.
    #[serde(default)]
    pub attributes: BTreeMap<String, Json>,
}

/// The end of a record as it is sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CloseRequest {
    /// Why.
    pub reason: String,
    /// Codes of the records that follow.
    #[serde(default)]
    pub successors: Vec<String>,
}

impl CloseRequest {
    fn change(&self) -> Result<Change, Refused> {
        check_length("long-reason", &self.reason, REASON_CHARS)?;
        let given = self.successors.len();
        if given > MOST_SUCCESSORS {
            let detail = format!("given {given} codes, expected at most {MOST_SUCCESSORS}");
            return Err(Refused::new("unknown-successor", detail));
        }
        for code in &self.successors {
            check_length("unknown-successor", code, CODE_CHARS)?;
        }
        Ok(Change::Close {
            reason: self.reason.trim().to_owned(),
            successors: self.successors.clone(),
        })
    }
}

/// A text of at most so many characters, blanks around it aside. A refusal does not repeat what is too long.
fn check_length(reason: &'static str, text: &str, most: usize) -> Result<(), Refused> {
    let given = text.trim().chars().count();
    if given <= most {
        return Ok(());
    }
    Err(Refused::new(reason, format!("given {given} characters, expected at most {most}")))
}

/// Whose edits come in, and who brings them.
#[derive(Clone, Copy, Debug)]
pub struct Hand<'a> {
    /// Their author, with the rights by which they are judged.
    pub viewer: &'a Viewer,
    /// Account name of who brings them for their author, where somebody does.
    pub handed_in_by: Option<&'a str>,
}

impl<'a> Hand<'a> {
    /// Of an author who brings them.
    pub fn own(viewer: &'a Viewer) -> Self {
        Self {
            viewer,
            handed_in_by: None,
        }
    }

    /// Account name of the author.
    pub(super) fn author(&self) -> &'a str {
        self.viewer.account.as_deref().unwrap_or_default()
    }
}

/// `null` is something given.
fn given<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Json>, D::Error> {
    Json::deserialize(from).map(Some)
}

impl EditRequest {
    /// The edit as the writer judges it, or why it cannot be one.
    pub(super) fn edit(&self, by: &Hand<'_>, catalogue: &Catalogue, now: Timestamp) -> Result<Edit, Refused> {
        self.check_time(now)?;
        self.check_field()?;
        let brought = |name: &str| FieldNote {
            handed_in_by: Some(name.to_owned()),
            ..self.field.clone().unwrap_or_else(FieldNote::of_desk)
        };
        Ok(Edit {
            id: self.id,
            record: self.record,
            collection: self.collection.clone(),
            base_version: self.base_version,
            change: self.change_as(catalogue, by.viewer.role)?,
            observed_at: self.observed_at.unwrap_or(now),
            evidence: self.evidence.unwrap_or(Evidence::Told),
            author: by.author().to_owned(),
            field: by.handed_in_by.map(brought).or_else(|| self.field.clone()),
        })
    }

    /// An edit that sets nothing yet.
    pub(super) fn setting(record: CarrierId, collection: CollectionKey) -> Self {
        Self {
            id: EditId(uuid::Uuid::nil()),
            collection,
            record,
            base_version: None,
            set: BTreeMap::new(),
            unit: BTreeMap::new(),
            create: None,
            close: None,
            geometry: None,
            observed_at: None,
            evidence: None,
            field: None,
            must_match: None,
            held: None,
        }
    }

    /// What it changes, read with the eyes of this role.
    pub(super) fn change_as(&self, catalogue: &Catalogue, role: Role) -> Result<Change, Refused> {
        self.change(&self.reader(catalogue, role))
    }

    /// A number among the values in the base unit of its attribute, in which stored values are told too.
    pub(super) fn in_base_unit(&self, catalogue: &Catalogue, role: Role, key: &str) -> Option<Json> {
        let created = self.create.as_ref().and_then(|create| create.attributes.get(key));
        let json = self.set.get(key).or(created).filter(|json| !json.is_null())?;
        let read = self.reader(catalogue, role).value(key, json);
        read.ok().map(|(_, value)| value.to_json())
    }

    fn reader<'a>(&'a self, catalogue: &'a Catalogue, role: Role) -> Reader<'a> {
        Reader {
            catalogue,
            collection: &self.collection,
            role,
            units: &self.unit,
        }
    }

    fn check_time(&self, now: Timestamp) -> Result<(), Refused> {
        let latest = now.saturating_add(CLOCK_SKEW).unwrap_or(now);
        match self.observed_at {
            Some(observed_at) if observed_at > latest => Err(Refused::new(
                "observed-in-future",
                format!("given {observed_at}, expected a time up to {now}"),
            )),
            _ => Ok(()),
        }
    }

    fn check_field(&self) -> Result<(), Refused> {
        let Some(field) = &self.field else { return Ok(()) };
        if field.approved_by.is_some() || field.handed_in_by.is_some() {
            let given = "given approved_by or handed_in_by, which only the server sets";
            return Err(Refused::new("bad-field-note", given));
        }
        if self.base_version.is_none() && self.create.is_none() {
            let expected = "given no base_version, expected the version that the device showed";
            return Err(Refused::new("missing-base-version", expected));
        }
        field.position.map_or(Ok(()), check_position)
    }

    fn change(&self, reader: &Reader<'_>) -> Result<Change, Refused> {
        if reader.catalogue.collection(self.collection.as_str()).is_none() {
            let known: Vec<_> = reader.catalogue.collections.iter().map(|each| each.key.to_string()).collect();
            return Err(Refused::new(
                "unknown-collection",
                format!("given {}, expected one of {}", self.collection, known.join(", ")),
            ));
        }
        let sets = !self.set.is_empty() || self.geometry.is_some();
        match (&self.create, &self.close, sets) {
            (Some(create), None, false) => Self::creation(create, reader),
            (None, Some(close), false) => close.change(),
            (None, None, true) => self.values(reader),
            (None, None, false) => Err(Refused::new(
                "empty-edit",
                "given nothing to do, expected one of set, geometry, create, close",
            )),
            _ => Err(Refused::new(
                "mixed-edit",
                "given several kinds of change, expected either set and geometry, or create, or close",
            )),
        }
    }

    fn creation(create: &CreateRequest, reader: &Reader<'_>) -> Result<Change, Refused> {
        reader.check_units(|key| create.attributes.contains_key(key))?;
        // Judged as a code when it is written; before that it may wait for a person, and what waits is no place for a book.
        check_length("bad-code", &create.code, CODE_CHARS)?;
        let known = create.attributes.iter().filter(|(_, json)| !json.is_null());
        Ok(Change::Create {
            code: create.code.trim().to_owned(),
            geometry: outline::shape(&create.geometry).map_err(|reason| Refused::new("bad-geometry", reason))?,
            attributes: known.map(|(key, json)| reader.value(key, json)).collect::<Result<_, _>>()?,
        })
    }

    fn values(&self, reader: &Reader<'_>) -> Result<Change, Refused> {
        reader.check_units(|key| self.set.contains_key(key))?;
        let read = |(key, json): (&String, &Json)| {
            if json.is_null() {
                return reader.attribute(key).map(|attribute| (attribute.key.clone(), None));
            }
            reader.value(key, json).map(|(key, value)| (key, Some(value)))
        };
        let geometry = self.geometry.as_ref().map(outline::shape).transpose();
        Ok(Change::Set {
            attributes: self.set.iter().map(read).collect::<Result<_, _>>()?,
            geometry: geometry.map_err(|reason| Refused::new("bad-geometry", reason))?,
        })
    }
}

fn check_position(position: Position) -> Result<(), Refused> {
    let is_there = position.lon.abs() <= 180.0 && position.lat.abs() <= 90.0 && position.accuracy_m >= 0.0;
    let expected = "expected degrees of longitude and latitude and a radius of 0 m or more";
    let given = || format!("given {}, {}, {} m, {expected}", position.lon, position.lat, position.accuracy_m);
    if is_there {
        Ok(())
    } else {
        Err(Refused::new("bad-position", given()))
    }
}

/// Reads values for one edit.
struct Reader<'a> {
    catalogue: &'a Catalogue,
    collection: &'a CollectionKey,
    role: Role,
    units: &'a BTreeMap<String, String>,
}

impl<'a> Reader<'a> {
    /// The attribute, if the author may know that it exists.
    fn attribute(&self, key: &str) -> Result<&'a Attribute, Refused> {
        let found = self.catalogue.attribute(self.collection.as_str(), key);
        match found {
            Some(attribute) if self.role.sees(attribute.visibility) => Ok(attribute),
            _ => Err(Refused::unknown_attribute(key, self.collection)),
        }
    }

    fn value(&self, key: &str, json: &Json) -> Result<(AttributeKey, Value), Refused> {
        let attribute = self.attribute(key)?;
        let unit = self.units.get(key).map(String::as_str);
        let value = Value::parse_json_in(attribute, self.catalogue, json, unit);
        value
            .map(|value| (attribute.key.clone(), value))
            .map_err(|error| Refused::new("bad-value", error.to_string()))
    }

    fn check_units(&self, is_given: impl Fn(&str) -> bool) -> Result<(), Refused> {
        match self.units.keys().find(|key| !is_given(key)) {
            None => Ok(()),
            Some(key) => Err(Refused::new("unused-unit", format!("given a unit of {key}, which is not set"))),
        }
    }
}

/// SHA-256 of an edit's content and author. Objects are written with sorted keys, so that equal contents give equal digests.
pub(super) fn digest(payload: &Json, author: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(author.as_bytes());
    hash.update([0]);
    hash.update(payload.to_string().as_bytes());
    hex(&hash.finalize())
}

/// Bytes as lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |byte: u8| char::from(DIGITS[usize::from(byte)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
