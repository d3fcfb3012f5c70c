//! Taking changes back: what a record was before lines of its history.
use std::collections::{BTreeMap, HashMap};

use crate::domain::catalogue::{Catalogue, Derivation};
use crate::domain::edit::{Action, HistoryEntry};
use crate::domain::geometry::Shape;
use crate::domain::ids::{AttributeKey, CarrierId, CollectionKey, Version};
use crate::domain::record::{Provenance, Record};
use crate::domain::value::Value;

/// Where a value came from, as the line that changed it says.
#[derive(Clone, Debug, PartialEq)]
enum Source {
    /// From there, or nobody knows.
    Said(Option<Provenance>),
    /// A line of old does not say it: the lines before it do.
    Unsaid,
}

/// The way back of one record.
#[derive(Clone, Debug)]
pub struct Back {
    /// Its collection.
    pub collection: CollectionKey,
    /// Its version there; 0 where it had not come into being.
    pub version: Version,
    values: BTreeMap<AttributeKey, Option<Value>>,
    sources: BTreeMap<AttributeKey, Source>,
    geometry: Option<Shape>,
    reopened: bool,
    /// Whether sources had to be looked up: what is computed from them is then not told by the lines either.
    pub is_looked_up: bool,
}

/// The ways back of all records that changed after a revision.
#[derive(Debug, Default)]
pub struct Undone(pub HashMap<CarrierId, Back>);

impl Undone {
    /// Takes the next line, oldest first: of several the first tells what was before.
    pub fn take(&mut self, line: HistoryEntry) {
        let back = self.0.entry(line.record).or_insert_with(|| Back {
            collection: line.collection.clone(),
            version: Version(line.version.0.saturating_sub(1)),
            values: BTreeMap::new(),
            sources: BTreeMap::new(),
            geometry: None,
            reopened: false,
            is_looked_up: false,
        });
        back.reopened |= line.action == Action::Closed;
        if back.geometry.is_none() {
            back.geometry = line.geometry_before;
        }
        for (key, (old, _)) in line.changes {
            let source = match &line.sources_before {
                Some(sources) => Source::Said(sources.get(&key).cloned()),
                None => Source::Unsaid,
            };
            back.sources.entry(key.clone()).or_insert(source);
            back.values.entry(key).or_insert(old);
        }
    }
}

impl Back {
    /// Whether the record had not come into being.
    pub fn is_gone(&self) -> bool {
        self.version.0 == 0
    }

    /// Whether the record's whole history is needed to tell where its values came from.
    pub fn is_unsaid(&self) -> bool {
        !self.is_gone() && self.sources.values().any(|source| *source == Source::Unsaid)
    }

    /// Finds in the whole history what the lines of old do not say. `from_units` tells of a line whether it followed from a change of the record's units.
    pub fn look_up(&mut self, history: &[HistoryEntry], (catalogue, from_units): (&Catalogue, &dyn Fn(&HistoryEntry) -> bool)) {
        self.is_looked_up = true;
        for (key, source) in &mut self.sources {
            if *source != Source::Unsaid {
                continue;
            }
            let attribute = catalogue.attribute(self.collection.as_str(), key.as_str());
            let derived = attribute.and_then(|attribute| attribute.derived.as_ref());
            let lines = history.iter().filter(|line| line.version <= self.version);
            let last = lines.rev().find_map(|line| line.changes.get(key).map(|(_, new)| (line, new)));
            let is_computed = |line: &HistoryEntry| derived.is_some_and(|derived| !Derivation::needs_units(derived) || from_units(line));
            let said = last.filter(|(line, new)| new.is_some() && !is_computed(line));
            *source = Source::Said(said.map(|(line, _)| Provenance {
                observed_at: line.observed_at,
                evidence: line.evidence,
                author: line.author.clone(),
            }));
        }
    }

    /// The record as it was.
    pub fn restore(&self, now: &Record) -> Record {
        let mut then = now.clone();
        then.version = self.version;
        for (key, old) in &self.values {
            match old {
                Some(value) => then.attributes.insert(key.clone(), value.clone()),
                None => then.attributes.remove(key),
            };
        }
        for (key, source) in &self.sources {
            match source {
                Source::Said(Some(provenance)) => then.provenance.insert(key.clone(), provenance.clone()),
                Source::Said(None) | Source::Unsaid => then.provenance.remove(key),
            };
        }
        if let Some(shape) = &self.geometry {
            then.geometry = shape.clone();
        }
        if self.reopened {
            then.closed = None;
        }
        then
    }
}
