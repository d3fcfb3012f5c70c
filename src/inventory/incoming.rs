//! Edits as they come in: what was sent, and what could be read of it.
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value as Json;

use crate::domain::catalogue::Catalogue;
use crate::domain::ids::{CarrierId, EditId};

use super::request::{EditRequest, Hand, digest};
use super::writer::{Refused, Wish};

/// Longest words of a fault that are kept, characters: they repeat what was sent.
const FAULT_CHARS: usize = 300;

/// An edit as it was sent, with the ids by which its author knows it again.
#[derive(Clone, Debug)]
pub struct IncomingEdit {
    id: EditId,
    record: CarrierId,
    sent: Json,
    /// The edit, or why it cannot be read as one.
    pub read: Result<EditRequest, String>,
}

impl IncomingEdit {
    /// Reads one. What has the two ids gets its receipt, whatever else it is; without them there is only the fault.
    pub fn read(sent: Json) -> Result<Self, serde_json::Error> {
        let read = EditRequest::deserialize(&sent);
        let (Ok(id), Ok(record)) = (EditId::deserialize(&sent["id"]), CarrierId::deserialize(&sent["record"])) else {
            return Err(read.err().unwrap_or_else(|| serde::de::Error::custom("it has no id")));
        };
        Ok(Self {
            id,
            record,
            read: read.map_err(|fault| fault.to_string()),
            sent,
        })
    }

    /// What the writer judges. What cannot be read becomes a refusal, which is kept and gets its receipt like any other outcome; beyond `kept_bytes` only
    /// its receipt is kept.
    ///
    /// The digest is of what was sent and not of what was read: the same edit has it under a program that reads edits otherwise.
    pub(super) fn wish(self, by: &Hand<'_>, (catalogue, now): (&Catalogue, Timestamp), kept_bytes: usize) -> Wish {
        let author = by.author().to_owned();
        let edit = match &self.read {
            Ok(edit) => edit.edit(by, catalogue, now),
            Err(fault) => Err(unreadable(fault, (self.sent.to_string().len(), kept_bytes))),
        };
        let read = self.read.as_ref().ok();
        Wish {
            id: self.id,
            record: self.record,
            digest: digest(&self.sent, &author),
            role: by.viewer.role,
            must_match: read.and_then(|edit| edit.must_match),
            held: read.and_then(|edit| edit.held),
            edit,
            author,
            handed_in_by: by.handed_in_by.map(str::to_owned),
            at: now,
            payload: Some(self.sent),
        }
    }
}

impl From<EditRequest> for IncomingEdit {
    fn from(edit: EditRequest) -> Self {
        Self {
            id: edit.id,
            record: edit.record,
            sent: serde_json::to_value(&edit).unwrap_or(Json::Null),
            read: Ok(edit),
        }
    }
}

fn unreadable(fault: &str, (given, most): (usize, usize)) -> Refused {
    let fault: String = fault.chars().take(FAULT_CHARS).collect();
    if given <= most {
        return Refused::new("unreadable-edit", fault);
    }
    let detail =
        format!("{fault}; only the device has it, because it is too large to be kept: given {given} bytes, expected at most {most}");
    Refused::new("unreadable-edit", detail).unkept()
}
