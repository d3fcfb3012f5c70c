//! What to do when a record has moved on since its author saw it: field by field, by the catalogue's policy.
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::domain::catalogue::{Catalogue, MergePolicy};
use crate::domain::edit::{Edit, HistoryEntry};
use crate::domain::geometry::Shape;
use crate::domain::ids::{AttributeKey, Version};
use crate::domain::record::Record;
use crate::domain::value::Value;

use super::draft::GEOMETRY;

/// What an edit sets.
#[derive(Clone, Debug, PartialEq)]
pub struct Fields {
    /// Values to set or clear.
    pub attributes: BTreeMap<AttributeKey, Option<Value>>,
    /// New outline.
    pub geometry: Option<Shape>,
}

/// Fields that really changed after a version. A value that was only confirmed has not changed.
pub fn changed_since<'a>(base: Version, history: impl Iterator<Item = &'a HistoryEntry>) -> BTreeSet<AttributeKey> {
    let mut changed = BTreeSet::new();
    for entry in history.filter(|entry| entry.version > base) {
        changed.extend(
            entry
                .changes
                .iter()
                .filter(|(_, (old, new))| old != new)
                .map(|(key, _)| key.clone()),
        );
        if entry.geometry_before.is_some() {
            changed.insert(GEOMETRY.into());
        }
    }
    changed
}

/// The fields that remain to be written on top of `now`, or those in conflict.
pub fn merge(
    catalogue: &Catalogue,
    edit: &Edit,
    now: &Record,
    (fields, changed): (Fields, &BTreeSet<AttributeKey>),
) -> Result<Fields, Vec<AttributeKey>> {
    let mut conflicts = Vec::new();
    let mut attributes = BTreeMap::new();
    for (key, value) in fields.attributes {
        let current = now.attributes.get(&key);
        if !changed.contains(&key) || current == value.as_ref() {
            attributes.insert(key, value);
            continue;
        }
        let policy = catalogue
            .attribute(now.collection.as_str(), key.as_str())
            .map_or(MergePolicy::Conflict, |found| found.merge);
        match policy {
            MergePolicy::Conflict => conflicts.push(key),
            MergePolicy::Latest if is_later(edit, now, &key) => {
                attributes.insert(key, value);
            }
            MergePolicy::Latest => {}
            MergePolicy::Append => {
                attributes.insert(key, appended(current, value));
            }
        }
    }
    let geometry = fields.geometry.filter(|shape| *shape != now.geometry);
    if geometry.is_some() && changed.contains(GEOMETRY) {
        conflicts.push(GEOMETRY.into());
    }
    if conflicts.is_empty() {
        Ok(Fields { attributes, geometry })
    } else {
        Err(conflicts)
    }
}

/// Whether the edit was observed after the value that stands. A value of which nobody knows when it was seen gives way.
fn is_later(edit: &Edit, now: &Record, key: &AttributeKey) -> bool {
    now.provenance.get(key).is_none_or(|known| edit.observed_at > known.observed_at)
}

/// Both texts, one below the other; nothing is taken away by somebody who had not seen it.
fn appended(current: Option<&Value>, added: Option<Value>) -> Option<Value> {
    match (current, added) {
        (Some(Value::Text(old)), Some(Value::Text(new))) if old.contains(&*new) => Some(Value::Text(old.clone())),
        (Some(Value::Text(old)), Some(Value::Text(new))) => Some(Value::Text(Arc::from(format!("{old}\n{new}")))),
        (old, None) => old.cloned(),
        (_, added) => added,
    }
}
