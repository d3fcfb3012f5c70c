//! What is handed to a store and comes back from it, beside records.
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::catalogue::{Collection, Overlay};
use crate::domain::edit::{Decision, HistoryEntry, Receipt};
use crate::domain::ids::{Revision, Version};
use crate::domain::record::Record;
use crate::domain::viewer::Role;

/// All that one commit writes.
#[derive(Clone, Debug, Default)]
pub struct Transaction {
    /// Records with their history, in order; the same record may be written several times, each on top of the one before.
    pub writes: Vec<Write>,
    /// Answers given with it, those of edits that wrote nothing too. Their `revision` is filled in by the store.
    pub receipts: Vec<Receipt>,
    /// Decisions on edits that waited; each edit must be open.
    pub decisions: Vec<Decision>,
}

/// One record's new state.
#[derive(Clone, Debug)]
pub struct Write {
    /// Version that must be stored now; `None` when the record must not exist.
    pub expected: Option<Version>,
    /// The new state. Its `revision` is filled in by the store. Its code and collection are permanent: only a new record's are written.
    pub record: Arc<Record>,
    /// Its history line. Its `revision` is filled in by the store.
    pub history: HistoryEntry,
    /// Whether the shape differs from the stored one; a shape that does not is not written again.
    pub shape_changed: bool,
}

/// A part of a transaction that is handed over bit by bit.
#[derive(Debug)]
pub enum Part {
    /// These next, in order.
    Writes(Vec<Write>),
    /// All is said.
    Commit,
}

/// The parts of a transaction as they come.
pub type Parts = tokio::sync::mpsc::Receiver<Part>;

/// An overlay as defined by an import.
#[derive(Clone, Debug)]
pub struct OverlayDefinition {
    /// Key, names and effect.
    pub collection: Collection,
    /// The same effect, for those who need it without the option.
    pub overlay: Overlay,
    /// Its own text attributes: key and source field name.
    pub fields: Vec<(String, String)>,
}

/// A person or program that may log in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Log-in name, unique, lower case.
    pub name: String,
    /// Name to show.
    pub display_name: String,
    /// What it may do.
    pub role: Role,
    /// PHC string, argon2id.
    pub password_hash: String,
    /// Cannot log in any more.
    pub disabled: bool,
}

/// A session (cookie) or a token (bearer).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// SHA-256 of the secret; the secret itself is never stored.
    pub secret_sha256: [u8; 32],
    /// Account name.
    pub account: String,
    /// `Some(label)` for a token.
    pub token_label: Option<String>,
    /// When it ends; kept to the microsecond.
    pub expires_at: Timestamp,
}

/// An entry of the log of survey campaigns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SurveyEntry {
    /// Its place: 1, 2, 3 and so on without a gap.
    pub seq: u64,
    /// Made by the sender; the key of idempotence.
    pub id: Uuid,
    /// When it was written; kept to the microsecond.
    pub at: Timestamp,
    /// Account name.
    pub author: String,
    /// What happened, JSON.
    pub event: String,
}

/// A requirement that somebody keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedRequirement {
    /// Its id.
    pub id: Uuid,
    /// What its author calls it.
    pub name: String,
    /// The document, JSON.
    pub document: String,
    /// Account name.
    pub author: String,
    /// The author's role when it was saved.
    pub role: Role,
    /// When; kept to the microsecond.
    pub saved_at: Timestamp,
}

/// The answer that a requirement had at a revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequirementRun {
    /// Id of the requirement.
    pub requirement: Uuid,
    /// Revision that was asked.
    pub revision: Revision,
    /// Whose eyes it is for.
    pub role: Role,
    /// Account name of who ran it.
    pub author: String,
    /// When; kept to the microsecond.
    pub run_at: Timestamp,
    /// SHA-256 of the answer, hexadecimal.
    pub answer_sha256: String,
    /// The answer as it was told, JSON; empty in lists.
    pub answer: String,
}
