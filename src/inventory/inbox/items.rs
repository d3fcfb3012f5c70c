//! The inbox as it is shown: base, mine and theirs of each field that waits, with who and when.
use std::collections::{BTreeSet, HashMap};

use serde::Serialize;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::fields::{Moment, away_m, fields};
use super::{named, sees, sent};
use crate::domain::edit::{Contradicted, HistoryEntry, Receipt};
use crate::domain::ids::{AttributeKey, CarrierId, EditId};
use crate::domain::record::Record;
use crate::domain::viewer::{Role, Viewer};
use crate::index::Snapshot;
use crate::inventory::contradictions::Contradiction;
use crate::inventory::followers::followers;
use crate::inventory::open::Inventory;
use crate::inventory::request::EditRequest;
use crate::store::StoreError;

/// What to show of the inbox.
#[derive(Clone, Debug, Default)]
pub struct InboxQuery {
    /// Only of this visit.
    pub visit: Option<Uuid>,
    /// Only of the record with this code or id.
    pub code: Option<String>,
    /// The page begins after the item with this id.
    pub after: Option<EditId>,
    /// Most items.
    pub limit: usize,
}

/// A page of the inbox, oldest first; contradictions come last.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct InboxPage {
    /// Items.
    pub items: Vec<Json>,
    /// All that wait, on every page. `None` of what is decided: that only grows, and is not counted.
    pub total: Option<usize>,
    /// Id after which the next page begins; `None` on the last.
    pub next: Option<EditId>,
}

enum Waiting {
    Edit(Box<(Receipt, EditRequest)>),
    /// Sent in a form that this program no longer reads.
    Unreadable(Box<Receipt>),
    Contradiction(Contradiction),
}

impl Waiting {
    fn id(&self) -> EditId {
        match self {
            Self::Edit(edit) => edit.0.edit,
            Self::Unreadable(receipt) => receipt.edit,
            Self::Contradiction(contradiction) => contradiction.id,
        }
    }
}

impl Inventory {
    /// What waits for a decision, as far as this viewer may see it.
    pub async fn inbox(&self, viewer: &Viewer, query: &InboxQuery) -> Result<InboxPage, StoreError> {
        let snapshot = self.snapshot();
        let waiting = self.waiting(&snapshot, viewer.role, query).await?;
        let total = waiting.len();
        let begin = query.after.and_then(|after| waiting.iter().position(|item| item.id() == after));
        let page: Vec<_> = waiting.iter().skip(begin.map_or(0, |at| at + 1)).take(query.limit + 1).collect();
        let is_last = page.len() <= query.limit;
        let shown = &page[..page.len().min(query.limit)];
        let mut histories = HashMap::new();
        let mut items = Vec::with_capacity(shown.len());
        for item in shown {
            items.push(match item {
                Waiting::Edit(edit) => self.edit_item(&snapshot, (viewer.role, edit), &mut histories).await?,
                Waiting::Unreadable(receipt) => unreadable_item(&snapshot, receipt),
                Waiting::Contradiction(contradiction) => contradiction_item(&snapshot, (contradiction.id, &contradiction.about)),
            });
        }
        let next = shown.last().filter(|_| !is_last).map(|item| item.id());
        let total = Some(total);
        Ok(InboxPage { items, total, next })
    }

    async fn waiting(&self, snapshot: &Snapshot, role: Role, query: &InboxQuery) -> Result<Vec<Waiting>, StoreError> {
        let catalogue = snapshot.catalogue();
        let id = query.code.as_deref().map(|code| id_of(snapshot, code));
        let wanted = |record: CarrierId| id.is_none_or(|id| id == Some(record));
        let mut waiting = Vec::new();
        for receipt in self.store().open_receipts().await? {
            let Some(request) = sent(&receipt) else {
                if role >= Role::Steward && query.visit.is_none() && wanted(receipt.record) {
                    waiting.push(Waiting::Unreadable(Box::new(receipt)));
                }
                continue;
            };
            let of_visit = |visit| request.field.as_ref().is_some_and(|field| field.visit == Some(visit));
            if wanted(receipt.record) && query.visit.is_none_or(of_visit) && sees(catalogue, role, &request) {
                waiting.push(Waiting::Edit(Box::new((receipt, request))));
            }
        }
        if query.visit.is_none() {
            let all = self.contradictions().of(snapshot, role);
            let decided = self.store().decisions(all.iter().map(|each| each.id).collect()).await?;
            let decided: BTreeSet<EditId> = decided.iter().map(|decision| decision.edit).collect();
            let open = all
                .into_iter()
                .filter(|each| !decided.contains(&each.id) && wanted(each.about.record));
            waiting.extend(open.map(Waiting::Contradiction));
        }
        Ok(waiting)
    }

    async fn edit_item(
        &self,
        snapshot: &Snapshot,
        (role, (receipt, request)): (Role, &(Receipt, EditRequest)),
        histories: &mut HashMap<CarrierId, Vec<HistoryEntry>>,
    ) -> Result<Json, StoreError> {
        if let std::collections::hash_map::Entry::Vacant(place) = histories.entry(receipt.record) {
            place.insert(self.store().history(receipt.record).await?);
        }
        let now = snapshot.record(receipt.record);
        let moment = Moment::now(now.as_ref(), &histories[&receipt.record]);
        let mut item = edit_item(snapshot, receipt, request);
        item["fields"] = json!(fields(snapshot, (role, request), &moment));
        Ok(item)
    }
}

/// An edit without its fields.
pub fn edit_item(snapshot: &Snapshot, receipt: &Receipt, request: &EditRequest) -> Json {
    let now = snapshot.record(receipt.record);
    let code = request.create.as_ref().map(|create| create.code.clone());
    let successors = now.as_ref().map_or_else(Vec::new, |record| followers(snapshot, record));
    let field = request.field.as_ref();
    let place = field.and_then(|field| field.position);
    let mut item = unreadable_item(snapshot, receipt);
    item["collection"] = json!(request.collection);
    item["code"] = json!(now.as_ref().map(|record| record.code.clone()).or(code));
    item["closed"] = json!(now.as_ref().and_then(|record| record.closed.clone()));
    item["successors"] = successors.iter().map(named).collect();
    item["visit"] = json!(field.and_then(|field| field.visit));
    item["away_m"] = json!(place.and_then(|place| away_m(now.as_ref()?, place)));
    item
}

/// The record with this code or id.
pub fn id_of(snapshot: &Snapshot, code_or_id: &str) -> Option<CarrierId> {
    let by_id = || Uuid::parse_str(code_or_id).ok().map(CarrierId);
    snapshot.id_by_code(code_or_id).or_else(by_id)
}

/// An edit of which nothing can be read, and the members that every edit has.
pub fn unreadable_item(snapshot: &Snapshot, receipt: &Receipt) -> Json {
    let now = snapshot.record(receipt.record);
    json!({
        "kind": "edit",
        "edit": receipt.edit,
        "receipt": receipt,
        "sent": {"edit": receipt.sent.edit, "author": receipt.sent.author, "at": receipt.sent.at, "held": receipt.sent.held, "handed_in_by": receipt.sent.handed_in_by},
        "record": receipt.record,
        "collection": now.as_ref().map(|record| &record.collection),
        "code": now.as_ref().map(|record| &record.code),
        "version": now.as_ref().map(|record| record.version),
        "closed": null,
        "successors": [],
        "fields": [],
        "visit": null,
        "photos": [],
    })
}

/// Two numbers for the same fact, and where they come from as far as the record still has them.
pub fn contradiction_item(snapshot: &Snapshot, (id, about): (EditId, &Contradicted)) -> Json {
    let record = snapshot.record(about.record);
    let side = |(key, value): &(AttributeKey, f64)| {
        let is_still = |record: &&Record| record.attributes.get(key).and_then(|value| value.to_json().as_f64()) == Some(*value);
        let known = record.as_ref().filter(is_still).and_then(|record| record.provenance.get(key));
        json!({"key": key, "value": value, "by": known.map(|known| &known.author), "at": known.map(|known| known.observed_at), "evidence": known.map(|known| known.evidence)})
    };
    json!({
        "kind": "contradiction",
        "edit": id,
        "record": about.record,
        "collection": about.collection,
        "code": about.code,
        "version": record.as_ref().map(|record| record.version),
        "percent": about.percent,
        "own": side(&about.own),
        "other": side(&about.other),
        "successors": [],
        "fields": [],
        "visit": null,
        "photos": [],
    })
}
