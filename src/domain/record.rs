//! One carrier (or overlay feature) as it stands at one version.
use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::geometry::Shape;
use super::ids::{AttributeKey, CarrierId, CollectionKey, Revision, Version};
use super::value::Value;

/// Longest code of a record, characters.
pub const CODE_CHARS: usize = 64;

/// A carrier: parcel, building, unit, or a feature of an overlay.
///
/// `status`, `name`, areas, `available_from` and the parent are attributes like any other (`parent` holds the parent's code);
/// only what every record has for technical reasons is a field here.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Permanent identity.
    pub id: CarrierId,
    /// Where it belongs.
    pub collection: CollectionKey,
    /// Short code, unique in the park, permanent (`P-0417`).
    pub code: String,
    /// Canonical outline (see [`Shape`]).
    pub geometry: Shape,
    /// Version of this state.
    pub version: Version,
    /// Revision of the transaction that wrote this state.
    pub revision: Revision,
    /// When it was written.
    pub changed_at: Timestamp,
    /// Known values in base units. What is absent is unknown.
    pub attributes: BTreeMap<AttributeKey, Value>,
    /// Where a value comes from, for those values that say.
    pub provenance: BTreeMap<AttributeKey, Provenance>,
    /// Set once the record is closed: it then answers, but is not found by search.
    pub closed: Option<Closure>,
}

/// Why a record is closed, and who follows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closure {
    /// Reason in the closer's words.
    pub reason: String,
    /// Codes of the records that follow (split, merge); may be empty.
    pub successors: Vec<String>,
}

/// Who saw a value, when, and on what evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// When the fact was observed (not when it was typed).
    pub observed_at: Timestamp,
    /// Strength of the evidence.
    pub evidence: Evidence,
    /// Account name of the author.
    pub author: String,
}

/// Kinds of evidence, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Evidence {
    /// Somebody said so.
    Told,
    /// Seen on site.
    Seen,
    /// Measured on site.
    Measured,
    /// Read from a document (certificate, contract, approval).
    Document,
}

/// A record as it lies in a store, borrowed, for loading many at once.
#[derive(Clone, Copy, Debug)]
pub struct RawRecord<'a> {
    /// Identity.
    pub id: CarrierId,
    /// Collection key.
    pub collection: &'a str,
    /// Short code.
    pub code: &'a str,
    /// ISO WKB, little endian, lon/lat degrees; empty slice for no shape. Read with [`super::geometry::wkb`].
    pub wkb: &'a [u8],
    /// Version.
    pub version: Version,
    /// Revision that wrote it.
    pub revision: Revision,
    /// Microseconds since 1970-01-01 UTC.
    pub changed_at_us: i64,
    /// JSON object of values in base units, as [`super::value::attributes_to_json`] writes it.
    pub attributes: &'a str,
    /// JSON object of [`Provenance`] by attribute key; empty string for none.
    pub provenance: &'a str,
    /// JSON of [`Closure`]; empty string while open.
    pub closed: &'a str,
}
