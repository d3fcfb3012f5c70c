//! Brings memory up to what another process has written to the same store.
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::domain::ids::Revision;
use crate::inventory::freshness;
use crate::inventory::published::{Change, Published};
use crate::store::{Store, StoreError};

/// History lines read at once.
const PAGE: usize = 1000;

/// The state of the store after `published`, and what to announce. `at_least` is a revision known to be committed: transactions without any record leave no line.
pub async fn catch_up(store: &dyn Store, published: &Published, at_least: Revision) -> Result<(Published, Vec<Change>), StoreError> {
    let mut next = published.clone();
    let mut announced = Vec::new();
    loop {
        let since = next.snapshot.revision();
        let lines = store.changes(since, PAGE).await?;
        let Some(last) = lines.last() else { break };
        let catalogue = next.snapshot.catalogue();
        if lines.iter().any(|line| catalogue.collection(line.collection.as_str()).is_none()) {
            next = next.with_overlays(store.overlays().await?);
        }
        let ids: BTreeSet<_> = lines.iter().map(|line| line.record).collect();
        let mut records = Vec::with_capacity(ids.len());
        for id in ids {
            let catalogue = next.snapshot.catalogue();
            if let Some(mut record) = store.record(id, catalogue).await? {
                freshness::fill(catalogue, &next.zone, &mut record);
                records.push(Arc::new(record));
            }
        }
        let (after, change) = next.next(last.revision, &records);
        next = after;
        announced.push(change);
    }
    if at_least > next.snapshot.revision() {
        let (after, change) = next.next(at_least, &[]);
        next = after;
        announced.push(change);
    }
    Ok((next, announced))
}
