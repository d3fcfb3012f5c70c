//! Two numbers for the same fact that are further apart than the catalogue lets them be.
use std::sync::{Arc, Mutex, PoisonError};

use uuid::Uuid;

use crate::domain::catalogue::{Agreement, Attribute};
use crate::domain::edit::Contradicted;
use crate::domain::ids::{AttributeKey, CarrierId, CollectionKey, EditId, Revision};
use crate::domain::viewer::Role;
use crate::index::Snapshot;

/// A contradiction. Its id follows from what it says: another value makes it another one, on which nobody has decided yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Contradiction {
    /// By which a decision names it.
    pub id: EditId,
    /// What it says.
    pub about: Contradicted,
}

/// The contradictions of the revision that was asked last.
#[derive(Default)]
pub struct Contradictions(Mutex<Option<(Revision, Arc<Vec<Contradiction>>)>>);

impl Contradictions {
    /// All that a role may see, by code.
    pub fn of(&self, snapshot: &Snapshot, role: Role) -> Vec<Contradiction> {
        let all = self.all(snapshot);
        let sees = |each: &&Contradiction| is_seen(snapshot, role, &each.about);
        all.iter().filter(sees).cloned().collect()
    }

    fn all(&self, snapshot: &Snapshot) -> Arc<Vec<Contradiction>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((revision, all)) = &*kept
            && *revision == snapshot.revision()
        {
            return all.clone();
        }
        let all = Arc::new(find(snapshot));
        *kept = Some((snapshot.revision(), all.clone()));
        all
    }
}

/// Whether a role may see what contradicts each other.
pub fn is_seen(snapshot: &Snapshot, role: Role, about: &Contradicted) -> bool {
    let attribute = snapshot.catalogue().attribute(about.collection.as_str(), about.own.0.as_str());
    attribute.is_some_and(|attribute| role.sees(attribute.visibility))
}

fn find(snapshot: &Snapshot) -> Vec<Contradiction> {
    let mut found = Vec::new();
    for collection in &snapshot.catalogue().collections {
        for attribute in snapshot.catalogue().attributes_of(collection.key.as_str()) {
            if let Some(agreement) = &attribute.agrees_with {
                look_through(snapshot, &collection.key, (attribute, agreement), &mut found);
            }
        }
    }
    found.sort_by(|one, other| one.about.code.cmp(&other.about.code));
    found
}

fn look_through(
    snapshot: &Snapshot,
    collection: &CollectionKey,
    (attribute, agreement): (&Attribute, &Agreement),
    found: &mut Vec<Contradiction>,
) {
    for row in snapshot.matches(collection, &[]).iter() {
        let row = snapshot.row(row);
        let values = row.number_of(&attribute.key).zip(row.number_of(&agreement.attribute));
        let Some((own, other)) = values.filter(|(own, other)| (own - other).abs() > other.abs() * agreement.percent / 100.0) else {
            continue;
        };
        found.push(Contradiction {
            id: id_of(row.id(), &attribute.key, (own, other)),
            about: Contradicted {
                record: row.id(),
                collection: collection.clone(),
                code: row.code().to_owned(),
                own: (attribute.key.clone(), own),
                other: (agreement.attribute.clone(), other),
                percent: agreement.percent,
            },
        });
    }
}

fn id_of(record: CarrierId, key: &AttributeKey, (own, other): (f64, f64)) -> EditId {
    let said = format!("contradiction {key} {own} {other}");
    EditId(Uuid::new_v5(&record.0, said.as_bytes()))
}
