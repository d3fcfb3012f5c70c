//! The one way to change anything: an edit in, a receipt out.
use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::geometry::Shape;
use super::ids::{AttributeKey, CarrierId, CollectionKey, EditId, Revision, Version};
use super::record::{Evidence, Provenance};
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
    /// What the device in the field adds, where there was one.
    pub field: Option<FieldNote>,
}

/// What a device in the field says of an edit beside its content.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldNote {
    /// The device, by the id that it made for itself; the nil UUID where there was none (an edit of the desk that a person let pass).
    pub device: Uuid,
    /// Counts the entries of the device's journal: of two edits of one device, the one with the higher number was made later, whatever their clocks say.
    pub counter: u64,
    /// The visit it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visit: Option<Uuid>,
    /// Where the device was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
    /// Who let it pass, where a person had to. Set by the server alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved_by: Option<String>,
    /// Who brought it for its author, whose device could not. Set by the server alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handed_in_by: Option<String>,
}

impl FieldNote {
    /// The note of an edit that came from no device.
    pub fn of_desk() -> Self {
        Self {
            device: Uuid::nil(),
            counter: 0,
            visit: None,
            position: None,
            approved_by: None,
            handed_in_by: None,
        }
    }
}

/// A position as a device knew it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Position {
    /// Longitude, degrees, WGS 84.
    pub lon: f64,
    /// Latitude, degrees, WGS 84.
    pub lat: f64,
    /// Radius within which the device is with 68 % probability, m.
    pub accuracy_m: f64,
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
    /// The whole edit as it was sent, where not all of it was written (proposed, conflict, returned, merged under a later word): a person decides with it in
    /// hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edit: Option<serde_json::Value>,
    /// Account name of its author, where not all of it was written.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub author: String,
    /// When it came in, where the edit is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// Account name of who brought it for its author, where somebody did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handed_in_by: Option<String>,
    /// Why it was held for a person although its author might have written it: stable kind, such as `revoked-device`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<String>,
}

/// An edit on which a person has to decide, as far as it concerns the numbers of field work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenEdit {
    /// Its id.
    pub edit: Uuid,
    /// The record it is about.
    pub record: CarrierId,
    /// The visit it belongs to.
    pub visit: Option<Uuid>,
    /// A conflict; else a proposal.
    pub is_conflict: bool,
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
        /// Fields of which a later word stands: what was sent of them is kept in the history, and the record has the other value.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        superseded: Vec<AttributeKey>,
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
        /// Whether it is here as it was sent. Where it is not, only its author has it.
        #[serde(default = "kept", skip_serializing_if = "Clone::clone")]
        kept: bool,
    },
}

/// What is said of nothing else is kept.
fn kept() -> bool {
    true
}

impl Outcome {
    /// Whether what was sent is here: written, or beside the outcome.
    pub fn is_kept(&self) -> bool {
        match self {
            Self::Returned { kept, .. } => *kept,
            Self::Applied { .. } | Self::Merged { .. } | Self::Conflict { .. } | Self::Proposed { .. } => true,
        }
    }

    /// Whether a person has to decide.
    pub fn is_open(&self) -> bool {
        match self {
            Self::Conflict { .. } | Self::Proposed { .. } => true,
            Self::Applied { .. } | Self::Merged { .. } | Self::Returned { .. } => false,
        }
    }
}

/// What a person decided of an edit that was in conflict or proposed. There is one for each at most, and it stays.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// The edit that waited.
    pub edit: EditId,
    /// What was decided.
    pub verdict: Verdict,
    /// In the decider's words; may be empty for an approval.
    pub reason: String,
    /// Account name of who decided.
    pub by: String,
    /// When; kept to the microsecond.
    pub at: Timestamp,
    /// The edit by which it was written, where it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub written_as: Option<EditId>,
    /// What it was about, where that was no edit: nothing else would remember it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<Contradicted>,
}

/// Two numbers for the same fact that were further apart than they may be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Contradicted {
    /// The record.
    pub record: CarrierId,
    /// Its collection.
    pub collection: CollectionKey,
    /// Code of the record.
    pub code: String,
    /// What was told, and its value.
    pub own: (AttributeKey, f64),
    /// What it should agree with, and its value.
    pub other: (AttributeKey, f64),
    /// How far they may be apart, percent of the other.
    pub percent: f64,
}

/// Ways to decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It is written, as sent or with what the decider made of it.
    Approved,
    /// It goes back to its author with the reason.
    Returned,
    /// It is not written; the value that stands is right.
    Rejected,
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
    /// What the device in the field added.
    pub field: Option<FieldNote>,
    /// `created`, `changed` or `closed`.
    pub action: Action,
    /// Old and new value of each field that changed.
    pub changes: BTreeMap<AttributeKey, (Option<Value>, Option<Value>)>,
    /// What was sent of fields of which a later word stands; `None` for a value that was to be cleared, and for an outline.
    pub superseded: BTreeMap<AttributeKey, Option<Value>>,
    /// Where the values of the changed fields came from before it; fields that did not say are left out. `None` for a line of old, from before this was kept.
    pub sources_before: Option<BTreeMap<AttributeKey, Provenance>>,
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
