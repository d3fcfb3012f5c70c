//! Which records lie in which: units in buildings, buildings on parcels.
use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::sync::Arc;

use crate::domain::ids::CarrierId;
use crate::domain::record::Record;
use crate::domain::value::Value;
use crate::index::Snapshot;

/// Attribute that holds the parent's code.
pub const PARENT: &str = "parent";

/// Collections whose records lie in records of another: (child, parent).
const NESTED: [(&str, &str); 2] = [("units", "buildings"), ("buildings", "parcels")];

/// Shards of the table, so that a change copies a small part of it.
const SHARDS: usize = 512;

/// Open records by the code of their parent. Cloning is cheap, changing one copies one shard.
#[derive(Clone)]
pub struct Families {
    shards: Vec<Arc<HashMap<Arc<str>, Vec<CarrierId>>>>,
}

/// Collection in which the parents of a collection's records lie.
pub fn parents_of(collection: &str) -> Option<&'static str> {
    NESTED.iter().find(|(child, _)| *child == collection).map(|(_, parent)| *parent)
}

/// Code of a record's parent.
pub fn parent_code(record: &Record) -> Option<Arc<str>> {
    parents_of(record.collection.as_str())?;
    match record.attributes.get(PARENT)? {
        Value::Text(code) | Value::Code(code) => Some(code.clone()),
        Value::Number(_) | Value::Range(_) | Value::Flag(_) | Value::Date(_) => None,
    }
}

impl Families {
    /// No family.
    pub fn empty() -> Self {
        Self {
            shards: vec![Arc::default(); SHARDS],
        }
    }

    /// The families of all open records.
    pub fn of(snapshot: &Snapshot) -> Self {
        let mut families = Self::empty();
        for (child, _) in NESTED {
            for row in snapshot.matches(&child.into(), &[]).iter() {
                let row = snapshot.row(row);
                if let Some(Value::Text(parent) | Value::Code(parent)) = row.value(&PARENT.into()) {
                    families.add(&parent, row.id());
                }
            }
        }
        families
    }

    /// Ids of the open records whose parent has this code.
    pub fn children(&self, code: &str) -> &[CarrierId] {
        self.shards[shard_of(code)].get(code).map_or(&[], Vec::as_slice)
    }

    /// Follows a record from one state to the next.
    pub fn follow(&mut self, before: Option<&Record>, after: &Record) {
        let open = |record: &Record| if record.closed.is_none() { parent_code(record) } else { None };
        let (old, new) = (before.and_then(open), open(after));
        if old == new {
            return;
        }
        if let Some(code) = old {
            self.remove(&code, after.id);
        }
        if let Some(code) = new {
            self.add(&code, after.id);
        }
    }

    fn add(&mut self, code: &Arc<str>, id: CarrierId) {
        let shard = Arc::make_mut(&mut self.shards[shard_of(code)]);
        shard.entry(code.clone()).or_default().push(id);
    }

    fn remove(&mut self, code: &str, id: CarrierId) {
        let shard = Arc::make_mut(&mut self.shards[shard_of(code)]);
        if let Some(children) = shard.get_mut(code) {
            children.retain(|child| *child != id);
            if children.is_empty() {
                shard.remove(code);
            }
        }
    }
}

fn shard_of(code: &str) -> usize {
    let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(code);
    usize::try_from(hash % SHARDS as u64).unwrap_or(0)
}
