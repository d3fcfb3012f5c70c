//! The one way to change anything: an edit in, a receipt out.
use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::geometry::Shape;
use super::ids::{AttributeKey, CarrierId, CollectionKey, EditId, Revision, Version};
use super::record::Evidence;
use super::value::Value;

/// A wish to change one record.
#[derive(Clone, Debug, PartialEq)]
pub struct Edit {
    /// Made by the client; the key of idempotence.
    pub id: EditId,
    /// The record it is about. A creation brings the new id.
    pub record: CarrierId,
    /// Collection of the record.
    pub collection: CollectionKey,
    /// Version the author saw. `None` for a creation, or "whatever it is now" where the door allows it.
    pub base_version: Option<Version>,
    /// What shall change.
    pub change: Change,
    /// When the fact was observed.
    pub observed_at: Timestamp,
    /// On what evidence.
    pub evidence: Evidence,
    /// Account name.
    pub author: String,
}

/// What an edit does to its record.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// A new record with this code, geometry and values.
    Create {
        /// Unique code.
        code: String,
        /// Checked, oriented geometry.
        geometry: Shape,
        /// Known values.
        attributes: BTreeMap<AttributeKey, Value>,
    },
    /// Sets values; `None` makes a value unknown. A `status` among them goes through the life-cycle. `geometry` replaces the outline.
    Set {
        /// Values to set or to clear.
        attributes: BTreeMap<AttributeKey, Option<Value>>,
        /// New outline, checked and oriented.
        geometry: Option<Shape>,
    },
    /// Closes the record; it is never deleted.
    Close {
        /// Why.
        reason: String,
        /// Codes of the records that follow.
        successors: Vec<String>,
    },
}

/// The stored answer to an edit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Receipt {
    /// The edit it answers.
    pub edit: EditId,
    /// The record it was about.
    pub record: CarrierId,
    /// What became of it.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// Revision at which the outcome holds.
    pub revision: Revision,
    /// What was sent. The store keeps it with the outcome; it is not part of the answer.
    #[serde(skip)]
    pub sent: Sent,
}

/// What an author sent, kept beside the outcome so that nothing sent is ever lost.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// SHA-256 of the content, hexadecimal: the same edit id with another content is noticed by it. Empty where nobody sends it again.
    pub digest: String,
    /// The whole edit as it was sent, where nothing of it was written (proposed, conflict, returned): a person decides with it in hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edit: Option<serde_json::Value>,
}

/// What became of an edit. "Lost" is not among them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "lowercase")]
pub enum Outcome {
    /// Written as sent; the record now has this version.
    Applied {
        /// New version of the record.
        version: Version,
    },
    /// Written although the record had moved on: nobody else had touched the same fields.
    Merged {
        /// New version of the record.
        version: Version,
    },
    /// Nothing written: the same field was changed by somebody else meanwhile.
    Conflict {
        /// Version the record has now.
        version: Version,
        /// Fields in conflict.
        fields: Vec<AttributeKey>,
    },
    /// Nothing written: the author may not set these facts, a steward decides.
    Proposed {
        /// Fields that wait for a steward.
        fields: Vec<AttributeKey>,
    },
    /// Nothing written, and why.
    Returned {
        /// Stable kind, such as `forbidden-transition`.
        reason: String,
        /// What was given and what was expected, for people.
        detail: String,
    },
}

/// One line of a record's history: what an edit changed.
#[derive(Clone, Debug, PartialEq)]
pub struct HistoryEntry {
    /// The edit that did it.
    pub edit: EditId,
    /// Record that changed.
    pub record: CarrierId,
    /// Its collection.
    pub collection: CollectionKey,
    /// Its version after the change.
    pub version: Version,
    /// Revision of the transaction.
    pub revision: Revision,
    /// When it was written.
    pub changed_at: Timestamp,
    /// When it was observed.
    pub observed_at: Timestamp,
    /// On what evidence.
    pub evidence: Evidence,
    /// Who.
    pub author: String,
    /// `created`, `changed` or `closed`.
    pub action: Action,
    /// Old and new value of each field that changed.
    pub changes: BTreeMap<AttributeKey, (Option<Value>, Option<Value>)>,
    /// The outline before, when it changed.
    pub geometry_before: Option<Shape>,
}

/// Kind of a history line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// The record came into being.
    Created,
    /// Values or outline changed.
    Changed,
    /// The record was closed.
    Closed,
}
