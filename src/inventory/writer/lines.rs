//! Lines of histories, as far as they decide on an edit whose author has not seen them.
//!
//! A whole line takes some thousands of bytes, and one batch may be about hundreds of records with hundreds of lines each: of all of them at once only this
//! is held.
use std::collections::HashMap;

use crate::domain::edit::HistoryEntry;
use crate::domain::ids::{AttributeKey, CarrierId, Version};
use crate::store::StoreError;

use super::draft::GEOMETRY;
use super::task::Writer;

/// One line.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Version of the record that it made.
    pub version: Version,
    /// The device that it came from, and its place in the journal there. What the desk wrote or brought is of no device.
    pub device: Option<(uuid::Uuid, u64)>,
    /// Fields that it gave a value, and whether that was another one than before. A value that was only confirmed has not changed.
    pub fields: Vec<(AttributeKey, bool)>,
}

impl From<&HistoryEntry> for Line {
    fn from(entry: &HistoryEntry) -> Self {
        let note = entry.field.as_ref().filter(|note| !note.device.is_nil());
        let values = entry.changes.iter().map(|(key, (old, new))| (key.clone(), old != new));
        let outline = entry.geometry_before.as_ref().map(|_| (GEOMETRY.into(), true));
        Self {
            version: entry.version,
            device: note.map(|note| (note.device, note.counter)),
            fields: values.chain(outline).collect(),
        }
    }
}

/// Stored lines of the records that have moved on.
pub struct Lines(HashMap<CarrierId, Vec<Line>>);

impl Lines {
    /// Reads the lines of each of these records whose version is no longer the one that was seen.
    pub fn read(writer: &Writer, seen: impl Iterator<Item = (CarrierId, Version)>) -> Result<Self, StoreError> {
        let published = writer.published();
        let mut lines = HashMap::new();
        for (id, seen) in seen {
            let moved_on = published.snapshot.record(id).is_some_and(|now| seen < now.version);
            if moved_on && !lines.contains_key(&id) {
                lines.insert(id, writer.history(id)?.iter().map(Line::from).collect());
            }
        }
        Ok(Self(lines))
    }

    /// Those of a record; none where it has not moved on.
    pub fn of(&self, record: CarrierId) -> &[Line] {
        self.0.get(&record).map_or(&[], Vec::as_slice)
    }
}
