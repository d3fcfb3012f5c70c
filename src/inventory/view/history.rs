//! What became of a record, as far as the viewer may see it.
use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value as Json, json};

use crate::domain::edit::{Action, FieldNote, HistoryEntry};
use crate::domain::ids::{AttributeKey, CarrierId, EditId, Revision, Version};
use crate::domain::record::Evidence;
use crate::domain::viewer::Role;

use super::View;
use crate::inventory::error::ReadError;
use crate::inventory::writer::GEOMETRY;

/// One line of a history.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HistoryLine {
    /// The edit.
    pub edit: EditId,
    /// Version after it.
    pub version: Version,
    /// Revision of it.
    pub revision: Revision,
    /// When it was written.
    pub changed_at: Timestamp,
    /// When it was observed.
    pub observed_at: Timestamp,
    /// On what evidence.
    pub evidence: Evidence,
    /// Who; hidden from the public.
    pub author: Option<String>,
    /// Device, visit, position, and who let it pass; hidden from the public.
    pub field: Option<FieldNote>,
    /// What kind of change.
    pub action: Action,
    /// `{"old", "new"}` by attribute; equal ones were confirmed.
    pub changes: BTreeMap<AttributeKey, Json>,
    /// What was sent of fields of which a later word stands; `null` for a value that was to be cleared, and for the outline.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub superseded: BTreeMap<AttributeKey, Json>,
    /// Whether the outline changed.
    pub geometry_changed: bool,
}

impl View {
    /// History of a record, oldest first, up to this view's revision; `None` for an unknown one. Lines of which the viewer may see nothing are left out.
    pub async fn history(&self, id: CarrierId) -> Result<Option<Vec<HistoryLine>>, ReadError> {
        let Some(record) = self.snapshot().record(id) else {
            return Ok(None);
        };
        if record.closed.is_some() && self.role == Role::Public {
            return Ok(Some(Vec::new()));
        }
        let entries = self.store.history(id).await?;
        let known = entries.into_iter().filter(|entry| entry.revision <= self.revision());
        Ok(Some(known.filter_map(|entry| self.history_line(entry)).collect()))
    }

    fn history_line(&self, entry: HistoryEntry) -> Option<HistoryLine> {
        let is_shown = self.shows(&entry);
        let collection = entry.collection.as_str();
        let shown = entry.changes.iter().filter(|(key, _)| self.sees_field(collection, key));
        let text = |value: &Option<crate::domain::value::Value>| value.as_ref().map(crate::domain::value::Value::to_json);
        let changes = shown
            .map(|(key, (old, new))| (key.clone(), json!({"old": text(old), "new": text(new)})))
            .collect();
        let late = entry.superseded.iter().filter(|(key, _)| self.sees_late(collection, key));
        let superseded = late.map(|(key, value)| (key.clone(), json!(text(value)))).collect();
        is_shown.then(|| HistoryLine {
            edit: entry.edit,
            version: entry.version,
            revision: entry.revision,
            changed_at: entry.changed_at,
            observed_at: entry.observed_at,
            evidence: entry.evidence,
            author: (self.role > Role::Public).then_some(entry.author),
            field: entry.field.filter(|_| self.role > Role::Public),
            action: entry.action,
            changes,
            superseded,
            geometry_changed: entry.geometry_before.is_some(),
        })
    }

    /// Whether a line tells this viewer anything: a change of hidden fields alone does not.
    pub(super) fn shows(&self, entry: &HistoryEntry) -> bool {
        let collection = entry.collection.as_str();
        let visible = || entry.changes.keys().any(|key| self.sees_field(collection, key));
        let late = || entry.superseded.keys().any(|key| self.sees_late(collection, key));
        entry.action != Action::Changed || entry.geometry_before.is_some() || visible() || late()
    }

    /// Whether this viewer learns that something was sent of this field; outlines are for all to see.
    fn sees_late(&self, collection: &str, key: &AttributeKey) -> bool {
        key.as_str() == GEOMETRY || self.sees_field(collection, key)
    }
}
