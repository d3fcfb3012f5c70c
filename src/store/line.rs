//! What the text of a history line means: old and new values, and what else the state before it was made of.
//!
//! `{"area": {"old": null, "new": 20000.0}, "#": {"sources": [{..}], "of": {"area": 0}}}`. No attribute can be called `#`: under it stand the sources of the
//! values before, each once, and by field which of them it had; whether there was no outline before, where one came; and what was sent of fields of which
//! a later word stands. Lines of old lack it.
use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::encoding::{Told, json, tell, understand};
use crate::domain::edit::HistoryEntry;
use crate::domain::geometry::Shape;
use crate::domain::ids::AttributeKey;
use crate::domain::record::Provenance;
use crate::domain::value::Value;

/// Old and new value of each field, as a history line has them.
pub type Changes = BTreeMap<AttributeKey, (Option<Value>, Option<Value>)>;

#[derive(Serialize, Deserialize)]
struct Change<'a> {
    #[serde(borrow)]
    old: Option<Told<'a>>,
    #[serde(borrow)]
    new: Option<Told<'a>>,
}

/// What the state before was made of, beside values.
#[derive(Default, Serialize, Deserialize)]
struct Before<'a> {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    sources: Vec<Provenance>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    of: BTreeMap<Arc<str>, usize>,
    /// A shape that there was not is kept nowhere else: its column is empty, as where the outline did not change.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    no_outline: bool,
    /// No part of the state before; it stands here because no attribute can have this place.
    #[serde(borrow, default, skip_serializing_if = "BTreeMap::is_empty")]
    superseded: BTreeMap<Arc<str>, Option<Told<'a>>>,
}

#[derive(Serialize, Deserialize)]
struct Line<'a> {
    #[serde(rename = "#", borrow, default, skip_serializing_if = "Option::is_none")]
    before: Option<Before<'a>>,
    #[serde(flatten, borrow)]
    changes: BTreeMap<Arc<str>, Change<'a>>,
}

/// What is read from the text of a line.
pub struct Read {
    /// Old and new values.
    pub changes: Changes,
    /// What was sent of fields of which a later word stands.
    pub superseded: BTreeMap<AttributeKey, Option<Value>>,
    /// Where the old ones came from, where the line says it.
    pub sources_before: Option<BTreeMap<AttributeKey, Provenance>>,
    /// Whether an outline came where there was none.
    pub no_outline: bool,
}

/// The changes of a line and what was before, as JSON.
pub fn changes_to_json(entry: &HistoryEntry) -> String {
    let no_outline = entry.geometry_before == Some(Shape::None);
    let said = |sources| Before {
        superseded: entry
            .superseded
            .iter()
            .map(|(key, value)| (key.0.clone(), value.as_ref().map(tell)))
            .collect(),
        ..before(sources, no_outline)
    };
    json(&Line {
        before: entry.sources_before.as_ref().map(said),
        changes: entry.changes.iter().map(|(key, change)| (key.0.clone(), told(change))).collect(),
    })
}

fn told((old, new): &(Option<Value>, Option<Value>)) -> Change<'_> {
    Change {
        old: old.as_ref().map(tell),
        new: new.as_ref().map(tell),
    }
}

fn before(sources: &BTreeMap<AttributeKey, Provenance>, no_outline: bool) -> Before<'static> {
    let mut before = Before {
        no_outline,
        ..Before::default()
    };
    for (key, source) in sources {
        let at = before.sources.iter().position(|known| known == source).unwrap_or_else(|| {
            before.sources.push(source.clone());
            before.sources.len() - 1
        });
        before.of.insert(key.0.clone(), at);
    }
    before
}

/// Reads what [`changes_to_json`] wrote.
pub fn changes_from_json(text: &str) -> Result<Read, String> {
    let line: Line<'_> = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let mut before = line.before;
    let superseded = before.as_mut().map(|before| std::mem::take(&mut before.superseded));
    Ok(Read {
        superseded: superseded
            .into_iter()
            .flatten()
            .map(|(key, value)| (AttributeKey(key), value.map(understand)))
            .collect(),
        no_outline: before.as_ref().is_some_and(|before| before.no_outline),
        sources_before: before.map(sources).transpose()?,
        changes: line
            .changes
            .into_iter()
            .map(|(key, change)| (AttributeKey(key), (change.old.map(understand), change.new.map(understand))))
            .collect(),
    })
}

fn sources(before: Before<'_>) -> Result<BTreeMap<AttributeKey, Provenance>, String> {
    let Before { sources, of, .. } = before;
    let source = |(key, at): (Arc<str>, usize)| match sources.get(at) {
        Some(source) => Ok((AttributeKey(key), source.clone())),
        None => Err(format!("{key} has source {at} of {}", sources.len())),
    };
    of.into_iter().map(source).collect()
}

impl Read {
    /// The outline before, of what the column of its own held.
    pub fn geometry_before(&self, stored: Option<Shape>) -> Option<Shape> {
        stored.or(self.no_outline.then_some(Shape::None))
    }
}
