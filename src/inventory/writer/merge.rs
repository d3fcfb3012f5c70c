//! What to do when a record has moved on since its author saw it: field by field, by the catalogue's policy.
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::domain::catalogue::{Catalogue, MergePolicy};
use crate::domain::edit::{Edit, FieldNote};
use crate::domain::geometry::Shape;
use crate::domain::ids::{AttributeKey, Version};
use crate::domain::record::Record;
use crate::domain::value::Value;

use super::draft::{GEOMETRY, Superseded};
use super::lines::Line;

/// What an edit sets.
#[derive(Clone, Debug, PartialEq)]
pub struct Fields {
    /// Values to set or clear.
    pub attributes: BTreeMap<AttributeKey, Option<Value>>,
    /// New outline.
    pub geometry: Option<Shape>,
}

/// What happened to a record's fields after the version that an author saw.
#[derive(Debug, Default)]
pub struct Since {
    /// Fields that others really changed. A value that was only confirmed has not changed.
    pub changed: BTreeSet<AttributeKey>,
    /// Fields that the same device set later than in this edit: its queue came out of order, and what it said last holds.
    pub superseded: BTreeSet<AttributeKey>,
}

impl Since {
    /// Looks through the lines after `base`. A device knows what it did before: its own earlier edits are no news to it.
    pub fn of(base: Version, field: Option<&FieldNote>, lines: impl Iterator<Item = Line>) -> Self {
        let mut since = Self::default();
        for line in lines.filter(|line| line.version > base) {
            // What the desk wrote or brought is of no device, and so of no other line's either.
            let own = line.device.zip(field).filter(|((device, _), field)| field.device == *device);
            match own {
                None => since
                    .changed
                    .extend(line.fields.into_iter().filter(|(_, changed)| *changed).map(|(key, _)| key)),
                Some(((_, then), now)) if then > now.counter => since.superseded.extend(line.fields.into_iter().map(|(key, _)| key)),
                Some(_) => {}
            }
        }
        since
    }
}

/// The fields that remain to be written on top of `now`, and what a later word stands against; or the fields in conflict.
pub fn merge(
    catalogue: &Catalogue,
    edit: &Edit,
    now: &Record,
    (fields, since): (Fields, &Since),
) -> Result<(Fields, Superseded), Vec<AttributeKey>> {
    let (mut conflicts, mut superseded) = (Vec::new(), Superseded::new());
    let mut attributes = BTreeMap::new();
    for (key, value) in fields.attributes {
        if since.superseded.contains(&key) {
            superseded.insert(key, value);
            continue;
        }
        let current = now.attributes.get(&key);
        if !since.changed.contains(&key) || current == value.as_ref() {
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
            MergePolicy::Latest => {
                superseded.insert(key, value);
            }
            MergePolicy::Append => match value {
                Some(added) => {
                    attributes.insert(key, Some(appended(current, added)));
                }
                // Nothing is taken away by somebody who had not seen it.
                None => {
                    superseded.insert(key, None);
                }
            },
        }
    }
    let is_superseded = since.superseded.contains(GEOMETRY);
    let geometry = fields.geometry.filter(|shape| *shape != now.geometry);
    if is_superseded && geometry.is_some() {
        superseded.insert(GEOMETRY.into(), None);
    }
    let geometry = geometry.filter(|_| !is_superseded);
    if geometry.is_some() && since.changed.contains(GEOMETRY) {
        conflicts.push(GEOMETRY.into());
    }
    if conflicts.is_empty() {
        Ok((Fields { attributes, geometry }, superseded))
    } else {
        Err(conflicts)
    }
}

/// Whether the edit was observed after the value that stands. A value of which nobody knows when it was seen gives way.
fn is_later(edit: &Edit, now: &Record, key: &AttributeKey) -> bool {
    now.provenance.get(key).is_none_or(|known| edit.observed_at > known.observed_at)
}

/// Both texts, one below the other.
fn appended(current: Option<&Value>, added: Value) -> Value {
    match (current, added) {
        (Some(Value::Text(old)), Value::Text(new)) if old.contains(&*new) => Value::Text(old.clone()),
        (Some(Value::Text(old)), Value::Text(new)) => Value::Text(Arc::from(format!("{old}\n{new}"))),
        (_, added) => added,
    }
}
