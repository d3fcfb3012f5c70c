//! What came of a record that was split, merged or replaced.
use std::collections::BTreeSet;

use crate::domain::record::Record;
use crate::index::Snapshot;

/// Open records that follow a closed one, directly or by others that were closed since.
pub fn followers(snapshot: &Snapshot, record: &Record) -> Vec<Record> {
    let mut found: Vec<Record> = Vec::new();
    let mut seen = BTreeSet::new();
    let mut next = vec![record.clone()];
    while let Some(record) = next.pop() {
        let Some(closed) = &record.closed else {
            found.push(record);
            continue;
        };
        let ids = closed.successors.iter().filter_map(|code| snapshot.id_by_code(code));
        let fresh: Vec<_> = ids.filter(|id| seen.insert(*id)).collect();
        next.extend(fresh.into_iter().filter_map(|id| snapshot.record(id)));
    }
    found.retain(|other| other.id != record.id);
    found.sort_by(|one, other| one.code.cmp(&other.code));
    found
}
