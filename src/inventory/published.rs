//! What readers see: one revision, replaced as a whole.
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::tz::TimeZone;

use crate::domain::ids::{AttributeKey, CarrierId, CollectionKey, Revision};
use crate::domain::record::Record;
use crate::domain::value::Value;
use crate::index::Snapshot;
use crate::store::OverlayDefinition;

use super::families::Families;

/// Values that the store holds for attributes that the catalogue no longer has. Kept, so that rewriting a record does not lose them.
pub type Unread = HashMap<CarrierId, BTreeMap<AttributeKey, Value>>;

/// One revision of everything.
#[derive(Clone)]
pub struct Published {
    /// The records.
    pub snapshot: Snapshot,
    /// Which lies in which.
    pub families: Families,
    /// Values without an attribute.
    pub unread: Arc<Unread>,
    /// Where the park's days begin and end.
    pub zone: TimeZone,
}

/// Announces a revision that can be read now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The revision.
    pub revision: Revision,
    /// Collections that changed in it.
    pub collections: Vec<CollectionKey>,
}

impl Published {
    /// The same records under a catalogue with these overlays.
    pub fn with_overlays(&self, overlays: Vec<OverlayDefinition>) -> Self {
        let overlays: Vec<_> = overlays.into_iter().map(|each| (each.collection, each.fields)).collect();
        let catalogue = Arc::new(self.snapshot.catalogue().with_overlays(&overlays));
        Self {
            snapshot: self.snapshot.with_catalogue(catalogue),
            families: self.families.clone(),
            unread: self.unread.clone(),
            zone: self.zone.clone(),
        }
    }

    /// The next revision: these records are now so.
    pub fn next(&self, revision: Revision, records: &[Arc<Record>]) -> (Self, Change) {
        let mut families = self.families.clone();
        let mut collections: Vec<CollectionKey> = Vec::new();
        for record in records {
            families.follow(self.snapshot.record(record.id).as_ref(), record);
            if !collections.contains(&record.collection) {
                collections.push(record.collection.clone());
            }
        }
        collections.sort();
        let next = Self {
            snapshot: self.snapshot.apply(revision, records),
            families,
            unread: self.unread.clone(),
            zone: self.zone.clone(),
        };
        (next, Change { revision, collections })
    }
}
