//! The state of the inventory while a batch of edits is judged: what is published, and on top of it what the edits before have changed.
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::domain::catalogue::Catalogue;
use crate::domain::edit::{Action, Decision, Edit, HistoryEntry, Receipt};
use crate::domain::geometry::Shape;
use crate::domain::ids::{AttributeKey, CarrierId, Revision, Version};
use crate::domain::record::{Provenance, Record};
use crate::domain::value::Value;
use crate::inventory::families::{Families, parent_code};
use crate::inventory::published::Published;
use crate::store::{Transaction, Write};

use super::lines::Line;

/// Field name of the outline in histories, merges and answers.
pub const GEOMETRY: &str = "geometry";

/// Old and new value of each changed field.
pub type Changes = BTreeMap<AttributeKey, (Option<Value>, Option<Value>)>;

/// What an edit sends of fields of which a later word stands; `None` for a value that was to be cleared, and for an outline.
pub type Superseded = BTreeMap<AttributeKey, Option<Value>>;

/// A batch in the making.
pub struct Draft<'a> {
    base: &'a Published,
    now: Timestamp,
    revision: Revision,
    /// Latest state of each record that was written.
    records: HashMap<CarrierId, Arc<Record>>,
    codes: HashMap<String, CarrierId>,
    families: Families,
    /// Codes of parents whose derived values are out of date.
    pub stale_parents: BTreeSet<Arc<str>>,
    writes: Vec<Write>,
    /// Answers so far.
    pub receipts: Vec<Receipt>,
    /// Decisions so far, on edits that waited.
    pub decisions: Vec<Decision>,
}

/// What came of a draft.
pub struct Finished {
    /// For the store.
    pub transaction: Arc<Transaction>,
    /// For the snapshot: each written record once, as it is now.
    pub records: Vec<Arc<Record>>,
}

impl<'a> Draft<'a> {
    /// A draft without any change.
    pub fn new(base: &'a Published, now: Timestamp) -> Self {
        Self {
            base,
            now,
            revision: Revision(base.snapshot.revision().0 + 1),
            records: HashMap::new(),
            codes: HashMap::new(),
            families: base.families.clone(),
            stale_parents: BTreeSet::new(),
            writes: Vec::new(),
            receipts: Vec::new(),
            decisions: Vec::new(),
        }
    }

    /// The catalogue.
    pub fn catalogue(&self) -> &'a Catalogue {
        self.base.snapshot.catalogue()
    }

    /// Where the park's days begin and end.
    pub fn zone(&self) -> &'a TimeZone {
        &self.base.zone
    }

    /// The time of the transaction.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Revision that the transaction will most likely have; the store may give a later one when another process writes too.
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// The same on top of what earlier parts of the same transaction have made of the published state: its revision is already theirs.
    #[must_use]
    pub fn within(self, revision: Revision) -> Self {
        Self { revision, ..self }
    }

    /// Takes the writes so far, to be handed to the store; edits to come see their records, but no longer their histories.
    pub fn take_writes(&mut self) -> Vec<Write> {
        std::mem::take(&mut self.writes)
    }

    /// Writes that were not taken yet.
    pub fn writes(&self) -> usize {
        self.writes.len()
    }

    /// Records that were written.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// The written records, each once, as it is now.
    pub fn into_records(self) -> Vec<Arc<Record>> {
        let mut records: Vec<_> = self.records.into_values().collect();
        records.sort_by_key(|record| record.id);
        records
    }

    /// A record as it is now.
    pub fn record(&self, id: CarrierId) -> Option<Arc<Record>> {
        self.records
            .get(&id)
            .cloned()
            .or_else(|| self.base.snapshot.record(id).map(Arc::new))
    }

    /// Id of the record with this code.
    pub fn id_by_code(&self, code: &str) -> Option<CarrierId> {
        self.codes.get(code).copied().or_else(|| self.base.snapshot.id_by_code(code))
    }

    /// Ids of the open records in the one with this code.
    pub fn children(&self, code: &str) -> &[CarrierId] {
        self.families.children(code)
    }

    /// Lines that edits of this batch have added to a record's history.
    pub fn lines(&self, id: CarrierId) -> impl Iterator<Item = Line> {
        let histories = self.writes.iter().map(|write| &write.history);
        histories.filter(move |entry| entry.record == id).map(Line::from)
    }

    /// Writes the next state of a record, and beside it what the edit says against a later word. `before` is `None` for a new one.
    pub fn put(&mut self, edit: &Edit, before: Option<&Record>, (mut after, superseded): (Record, Superseded)) -> Version {
        let changes = changes(before, &after);
        let shape_changed = before.map_or(after.geometry != Shape::None, |before| before.geometry != after.geometry);
        after.version = Version(before.map_or(0, |before| before.version.0) + 1);
        after.revision = self.revision();
        after.changed_at = self.now;
        let history = HistoryEntry {
            edit: edit.id,
            record: after.id,
            collection: after.collection.clone(),
            version: after.version,
            revision: after.revision,
            changed_at: self.now,
            observed_at: edit.observed_at,
            evidence: edit.evidence,
            author: edit.author.clone(),
            field: edit.field.clone(),
            action: action(before, &after),
            sources_before: Some(sources_before(before, &changes)),
            changes,
            superseded,
            geometry_before: before.filter(|_| shape_changed).map(|before| before.geometry.clone()),
        };
        self.note_parents(before, &after);
        self.families.follow(before, &after);
        let version = after.version;
        let after = Arc::new(after);
        if before.is_none() {
            self.codes.insert(after.code.clone(), after.id);
        }
        self.records.insert(after.id, after.clone());
        self.writes.push(Write {
            expected: before.map(|before| before.version),
            record: self.with_unread(&after),
            history,
            shape_changed,
        });
        version
    }

    /// What to commit and what to publish.
    pub fn finish(mut self) -> Finished {
        let transaction = Transaction {
            writes: self.take_writes(),
            receipts: std::mem::take(&mut self.receipts),
            decisions: std::mem::take(&mut self.decisions),
        };
        Finished {
            transaction: Arc::new(transaction),
            records: self.into_records(),
        }
    }

    /// The values that the catalogue no longer knows go back into the store with the record.
    fn with_unread(&self, record: &Arc<Record>) -> Arc<Record> {
        let Some(unread) = self.base.unread.get(&record.id) else {
            return record.clone();
        };
        let mut whole = Record::clone(record);
        whole
            .attributes
            .extend(unread.iter().map(|(key, value)| (key.clone(), value.clone())));
        Arc::new(whole)
    }

    fn note_parents(&mut self, before: Option<&Record>, after: &Record) {
        self.stale_parents
            .extend([before.and_then(parent_code), parent_code(after)].into_iter().flatten());
    }
}

fn action(before: Option<&Record>, after: &Record) -> Action {
    match before {
        None => Action::Created,
        Some(before) if before.closed.is_none() && after.closed.is_some() => Action::Closed,
        Some(_) => Action::Changed,
    }
}

/// Fields whose value or provenance differs. Equal old and new values mean that the value was confirmed.
fn changes(before: Option<&Record>, after: &Record) -> Changes {
    let mut changes = Changes::new();
    let old = |key: &AttributeKey| before.and_then(|before| before.attributes.get(key));
    for (key, value) in &after.attributes {
        let provenance = before.is_some_and(|before| before.provenance.get(key) != after.provenance.get(key));
        if old(key) != Some(value) || provenance {
            changes.insert(key.clone(), (old(key).cloned(), Some(value.clone())));
        }
    }
    for (key, value) in before.iter().flat_map(|before| &before.attributes) {
        if !after.attributes.contains_key(key) {
            changes.insert(key.clone(), (Some(value.clone()), None));
        }
    }
    changes
}

/// Where the values of the changed fields came from until now: the state before can then be told from the line alone.
fn sources_before(before: Option<&Record>, changes: &Changes) -> BTreeMap<AttributeKey, Provenance> {
    let known = before.iter().flat_map(|before| &before.provenance);
    known
        .filter(|(key, _)| changes.contains_key(*key))
        .map(|(key, provenance)| (key.clone(), provenance.clone()))
        .collect()
}
