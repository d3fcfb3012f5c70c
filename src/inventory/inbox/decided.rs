//! What people have decided, the latest first: what was sent, what stood then, what was written.
use std::collections::HashMap;

use serde_json::{Value as Json, json};

use super::fields::{Moment, fields};
use super::items::{InboxPage, InboxQuery, contradiction_item, edit_item, id_of, unreadable_item};
use super::{sees, sent};
use crate::domain::edit::{Decision, HistoryEntry, Receipt};
use crate::domain::ids::{CarrierId, EditId};
use crate::domain::viewer::{Role, Viewer};
use crate::index::Snapshot;
use crate::inventory::contradictions::is_seen;
use crate::inventory::open::Inventory;
use crate::store::StoreError;

/// Decisions that are read at once while a page is filled.
const BATCH: usize = 200;

/// A decision and the edit it is on.
type Known = (Decision, Option<Receipt>);

impl Inventory {
    /// What was decided, as far as this viewer may see it. `None` when the page is to begin after something that was not decided.
    pub async fn decided(&self, viewer: &Viewer, query: &InboxQuery) -> Result<Option<InboxPage>, StoreError> {
        let mut before = None;
        if let Some(after) = query.after {
            let Some(last) = self.store().decisions(vec![after]).await?.pop() else {
                return Ok(None);
            };
            before = Some((last.at, last.edit));
        }
        let snapshot = self.snapshot();
        let of = query.code.as_deref().map(|code| id_of(&snapshot, code));
        if of == Some(None) {
            return Ok(Some(InboxPage::default()));
        }
        let mut shown: Vec<Known> = Vec::new();
        while shown.len() <= query.limit {
            let decisions = self.store().decided(of.flatten(), before, BATCH).await?;
            let is_last = decisions.len() < BATCH;
            before = decisions.last().map(|last| (last.at, last.edit));
            let known = self.with_receipts(decisions).await?;
            shown.extend(known.into_iter().filter(|known| is_shown(&snapshot, (viewer.role, query), known)));
            if is_last {
                break;
            }
        }
        let is_last = shown.len() <= query.limit;
        shown.truncate(query.limit);
        let next = shown.last().filter(|_| !is_last).map(|(decision, _)| decision.edit);
        let items = self.decided_items(&snapshot, viewer.role, &shown).await?;
        let total = None;
        Ok(Some(InboxPage { items, total, next }))
    }

    async fn with_receipts(&self, decisions: Vec<Decision>) -> Result<Vec<Known>, StoreError> {
        let receipts = self
            .store()
            .receipts(decisions.iter().map(|decision| decision.edit).collect())
            .await?;
        let mut receipts: HashMap<EditId, Receipt> = receipts.into_iter().map(|receipt| (receipt.edit, receipt)).collect();
        let known = decisions.into_iter().map(|decision| {
            let receipt = receipts.remove(&decision.edit);
            (decision, receipt)
        });
        Ok(known.collect())
    }

    async fn decided_items(&self, snapshot: &Snapshot, role: Role, shown: &[Known]) -> Result<Vec<Json>, StoreError> {
        let by = shown.iter().filter_map(|(decision, _)| decision.written_as).collect();
        let written: HashMap<EditId, Receipt> = self
            .store()
            .receipts(by)
            .await?
            .into_iter()
            .map(|receipt| (receipt.edit, receipt))
            .collect();
        let mut histories: HashMap<CarrierId, Vec<HistoryEntry>> = HashMap::new();
        let of_edits = shown
            .iter()
            .filter_map(|(_, receipt)| receipt.as_ref())
            .map(|receipt| receipt.record);
        for record in of_edits.chain(written.values().map(|receipt| receipt.record)) {
            if let std::collections::hash_map::Entry::Vacant(place) = histories.entry(record) {
                place.insert(self.store().history(record).await?);
            }
        }
        let item = |known: &Known| decided_item(snapshot, (role, known), (&written, &histories));
        Ok(shown.iter().map(item).collect())
    }
}

/// The same rule as for what waits: of a part that could be shown, nothing is.
fn is_shown(snapshot: &Snapshot, (role, query): (Role, &InboxQuery), (decision, receipt): &Known) -> bool {
    let id = query.code.as_deref().map(|code| id_of(snapshot, code));
    let wanted = |record: CarrierId| id.is_none_or(|id| id == Some(record));
    match (receipt, &decision.about) {
        (Some(receipt), _) => match sent(receipt) {
            Some(request) => {
                let of_visit = |visit| request.field.as_ref().is_some_and(|field| field.visit == Some(visit));
                wanted(receipt.record) && query.visit.is_none_or(of_visit) && sees(snapshot.catalogue(), role, &request)
            }
            None => role >= Role::Steward && query.visit.is_none() && wanted(receipt.record),
        },
        (None, Some(about)) => query.visit.is_none() && wanted(about.record) && is_seen(snapshot, role, about),
        // Decided before it was kept what it was about.
        (None, None) => role >= Role::Steward && query.visit.is_none() && query.code.is_none(),
    }
}

fn decided_item(
    snapshot: &Snapshot,
    (role, (decision, receipt)): (Role, &Known),
    (written, histories): (&HashMap<EditId, Receipt>, &HashMap<CarrierId, Vec<HistoryEntry>>),
) -> Json {
    let written = decision.written_as.and_then(|id| written.get(&id));
    let history_of = |record| histories.get(&record).map_or(&[][..], Vec::as_slice);
    let mut item = match (receipt, &decision.about) {
        (Some(receipt), _) => match sent(receipt) {
            Some(request) => {
                let line = written.and_then(|written| history_of(written.record).iter().find(|entry| entry.edit == written.edit));
                let now = snapshot.record(receipt.record);
                let moment = Moment::of_decision(decision, (now.as_ref(), history_of(receipt.record)), line);
                let mut item = edit_item(snapshot, receipt, &request);
                item["fields"] = json!(fields(snapshot, (role, &request), &moment));
                item
            }
            None => unreadable_item(snapshot, receipt),
        },
        (None, Some(about)) => contradiction_item(snapshot, (decision.edit, about)),
        (None, None) => json!({
            "kind": "contradiction", "edit": decision.edit, "record": null, "collection": null, "code": null, "version": null,
            "successors": [], "fields": [], "visit": null, "photos": [],
        }),
    };
    item["decision"] = json!(decision);
    item["written"] = json!(written);
    item
}
