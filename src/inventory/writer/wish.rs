//! An edit on its way to the writer.
use jiff::Timestamp;
use serde_json::Value as Json;

use crate::domain::edit::{Edit, Outcome, Sent};
use crate::domain::ids::{AttributeKey, CarrierId, CollectionKey, EditId, Version};
use crate::domain::lifecycle::NoStep;
use crate::domain::viewer::Role;

/// An edit with all that is needed to judge it.
#[derive(Clone, Debug)]
pub struct Wish {
    /// Id of the edit.
    pub id: EditId,
    /// Its record.
    pub record: CarrierId,
    /// SHA-256 of what was sent, hexadecimal.
    pub digest: String,
    /// What its author may do.
    pub role: Role,
    /// The version that the record must have, if the author insists.
    pub must_match: Option<Version>,
    /// Why it waits for a person in any case, if it does.
    pub held: Option<Held>,
    /// The edit, or why it could not be read.
    pub edit: Result<Edit, Refused>,
    /// Account name of its author.
    pub author: String,
    /// Account name of who brought it for its author, where somebody did.
    pub handed_in_by: Option<String>,
    /// When it came in.
    pub at: Timestamp,
    /// As it was sent; `None` for edits that the program itself makes.
    pub payload: Option<Json>,
}

/// Why an edit is held for a person although it may be right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// Its device was reported lost.
    RevokedDevice,
    /// Its author may no longer write.
    EndedAccount,
    /// Its record is not among those that its author was sent to.
    OutsideZones,
}

impl Held {
    /// Stable kind, as it is stored and told.
    pub fn key(self) -> &'static str {
        match self {
            Self::RevokedDevice => "revoked-device",
            Self::EndedAccount => "ended-account",
            Self::OutsideZones => "outside-zones",
        }
    }
}

/// Why an edit is returned to its author.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Stable kind.
    pub reason: &'static str,
    /// What was given and what was expected, for people.
    pub detail: String,
    /// The change of state that there is no way for, where it is that: in parts, for all languages.
    pub step: Option<NoStep>,
    /// Whether what was sent stays here.
    pub kept: bool,
}

/// How one edit was judged.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// This became of it, and this is kept.
    Decided(Outcome),
    /// The record does not have the version on which the author insists. Nothing happened and nothing is kept: the same id may be sent again.
    Mismatch {
        /// Version the record has.
        version: Version,
    },
}

impl Wish {
    /// What to keep beside this outcome.
    pub fn sent(&self, outcome: &Outcome) -> Sent {
        let written = match outcome {
            Outcome::Applied { .. } => true,
            Outcome::Merged { superseded, .. } => superseded.is_empty(),
            Outcome::Conflict { .. } | Outcome::Proposed { .. } | Outcome::Returned { .. } => false,
        };
        let digest = self.digest.clone();
        match &self.payload {
            Some(payload) if !written => Sent {
                digest,
                edit: outcome.is_kept().then(|| payload.clone()),
                author: self.author.clone(),
                at: Some(self.at),
                handed_in_by: self.handed_in_by.clone(),
                held: self.held.map(|held| held.key().to_owned()),
            },
            _ => Sent { digest, ..Sent::default() },
        }
    }
}

/// Longest words of a refusal, characters.
const DETAIL_CHARS: usize = 1_000;

impl Refused {
    /// A refusal. Words that repeat what was sent hold nothing that a store cannot keep (JSON of PostgreSQL has no U+0000), and not all of what is long.
    pub fn new(reason: &'static str, detail: impl Into<String>) -> Self {
        let readable = |c: char| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c };
        Self {
            reason,
            detail: detail.into().chars().take(DETAIL_CHARS).map(readable).collect(),
            step: None,
            kept: true,
        }
    }

    /// The same for something that does not stay here: its author must know that nobody else has it.
    #[must_use]
    pub fn unkept(self) -> Self {
        Self { kept: false, ..self }
    }

    /// The same words for an attribute that does not exist and for one that the author may not know of.
    pub fn unknown_attribute(key: &str, collection: &CollectionKey) -> Self {
        Self::new("unknown-attribute", format!("given {key}, expected an attribute of {collection}"))
    }
}

impl From<Refused> for Outcome {
    fn from(refused: Refused) -> Self {
        Self::Returned {
            reason: refused.reason.to_owned(),
            detail: refused.detail,
            kept: refused.kept,
        }
    }
}

/// Why judging stopped before anything was written.
#[derive(Debug)]
pub enum Stop {
    /// Returned to the author.
    Refused(Refused),
    /// Waits for a steward.
    Proposed(Vec<AttributeKey>),
    /// Somebody else changed the same.
    Conflict(Version, Vec<AttributeKey>),
    /// `If-Match` does not hold.
    Mismatch(Version),
}

impl From<Refused> for Stop {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl From<Stop> for Verdict {
    fn from(stop: Stop) -> Self {
        Self::Decided(match stop {
            Stop::Refused(refused) => refused.into(),
            Stop::Proposed(fields) => Outcome::Proposed { fields },
            Stop::Conflict(version, fields) => Outcome::Conflict { version, fields },
            Stop::Mismatch(version) => return Self::Mismatch { version },
        })
    }
}
