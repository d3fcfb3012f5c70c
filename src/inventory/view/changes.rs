//! The feed of changes.
use serde::Serialize;

use crate::domain::edit::{Action, HistoryEntry};
use crate::domain::ids::{CarrierId, CollectionKey, Revision, Version};

use super::View;
use crate::inventory::error::ReadError;

/// Some lines of the feed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChangePage {
    /// Revision of the view.
    pub revision: Revision,
    /// The changes, in order of revision.
    pub changes: Vec<ChangeLine>,
    /// Whether there are more.
    pub more: bool,
    /// `since` of the next question. A page may be empty, and yet not the last: it then held changes of hidden fields only.
    pub next: Revision,
}

/// One record's change.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChangeLine {
    /// Revision of it.
    pub revision: Revision,
    /// The record.
    pub id: CarrierId,
    /// Its code.
    pub code: String,
    /// Its collection.
    pub collection: CollectionKey,
    /// Version after it.
    pub version: Version,
    /// What kind of change.
    pub action: Action,
    /// Fields that changed, `geometry` among them.
    pub fields: Vec<String>,
}

impl View {
    /// Changes after a revision, up to this view's; about `limit` lines, but never half a revision.
    pub async fn changes(&self, since: Revision, limit: usize) -> Result<ChangePage, ReadError> {
        let is_known = |entry: &HistoryEntry| entry.revision <= self.revision();
        let entries = self.store.changes(since, limit.max(1)).await?;
        let known: Vec<_> = entries.into_iter().filter(is_known).collect();
        let last = known.last().map(|entry| entry.revision);
        // A page that is not full says nothing: the next revision may have been too long for it.
        let more = match last.filter(|last| *last < self.revision()) {
            Some(last) => self.store.changes(last, 1).await?.first().is_some_and(is_known),
            None => false,
        };
        let next = if more { last.unwrap_or(since) } else { self.revision() };
        Ok(ChangePage {
            revision: self.revision(),
            changes: known
                .iter()
                .filter(|entry| self.shows(entry))
                .filter_map(|entry| self.change_line(entry))
                .collect(),
            more,
            next,
        })
    }

    fn change_line(&self, entry: &HistoryEntry) -> Option<ChangeLine> {
        let shown = entry
            .changes
            .iter()
            .filter(|(key, (old, new))| old != new && self.sees_field(entry.collection.as_str(), key));
        let geometry = entry.geometry_before.is_some().then(|| "geometry".to_owned());
        Some(ChangeLine {
            revision: entry.revision,
            id: entry.record,
            code: self.snapshot().record(entry.record)?.code,
            collection: entry.collection.clone(),
            version: entry.version,
            action: entry.action,
            fields: shown.map(|(key, _)| key.to_string()).chain(geometry).collect(),
        })
    }
}
