//! What waits for a person: edits in conflict or proposed, and facts that contradict each other; and what people decide of it.
//!
//! Nothing leaves the inbox but by a decision, which is kept for good. Approving writes the edit under an id made from the waiting one's, in the same commit
//! as the decision. Read in this order: `items` (what is shown), `fields`, `decide`, `decided`.
//!
//! Deliberately absent: visits and photos. `http` puts them beside the items.
mod decide;
mod decided;
mod fields;
mod items;

use serde::Serialize;
use serde_json::{Value as Json, json};

use crate::domain::catalogue::Catalogue;
use crate::domain::edit::{Decision, Receipt};
use crate::domain::ids::{CollectionKey, EditId};
use crate::domain::viewer::{Role, Viewer};
use crate::store::StoreError;

use super::open::Inventory;
use super::request::EditRequest;

pub use decide::{Decided, DecisionRequest};
pub use items::{InboxPage, InboxQuery};

/// Lowest role that may look into the inbox and decide.
pub const DECIDERS: Role = Role::Staff;

/// What became of an edit, up to now.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EditStatus {
    /// The edit asked for.
    pub edit: EditId,
    /// Its receipt; `None` when it never came here.
    pub receipt: Option<Receipt>,
    /// The edit as it was sent, where it was not written as such: it is kept whatever became of it.
    pub sent: Option<Json>,
    /// What a person decided of it.
    pub decision: Option<Decision>,
    /// Receipt of the edit by which it was written, where it was.
    pub written: Option<Receipt>,
}

impl Inventory {
    /// What became of these edits, in their order. Of what somebody else sent and nobody has written yet, only deciders learn.
    pub async fn statuses(&self, viewer: &Viewer, edits: Vec<EditId>) -> Result<Vec<EditStatus>, StoreError> {
        let receipts = self.store().receipts(edits.clone()).await?;
        let decisions = self.store().decisions(edits.clone()).await?;
        let by = decisions.iter().filter_map(|decision| decision.written_as).collect();
        let written = self.store().receipts(by).await?;
        let status = |edit: EditId| {
            let receipt = receipts.iter().find(|receipt| receipt.edit == edit);
            let receipt = receipt.filter(|receipt| is_of(viewer, receipt));
            let decision = decisions.iter().find(|decision| decision.edit == edit && receipt.is_some());
            let is_written = |other: &&Receipt| decision.is_some_and(|decision| decision.written_as == Some(other.edit));
            EditStatus {
                edit,
                receipt: receipt.cloned(),
                sent: receipt.and_then(|receipt| receipt.sent.edit.clone()),
                decision: decision.cloned(),
                written: written.iter().find(is_written).cloned(),
            }
        };
        Ok(edits.into_iter().map(status).collect())
    }
}

/// Whether a viewer may learn what became of an edit. What was written is in the history anyway.
fn is_of(viewer: &Viewer, receipt: &Receipt) -> bool {
    let is_written = receipt.sent.edit.is_none() && receipt.sent.author.is_empty();
    is_written || viewer.role >= DECIDERS || viewer.account.as_deref() == Some(&*receipt.sent.author)
}

/// The edit as it was sent; `None` where the store does not have it in a form that this program reads.
fn sent(receipt: &Receipt) -> Option<EditRequest> {
    receipt
        .sent
        .edit
        .as_ref()
        .and_then(|json| serde_json::from_value(json.clone()).ok())
}

/// Whether a viewer may see all that an edit would set; an edit of which only a part could be shown is for others to decide.
fn sees(catalogue: &Catalogue, role: Role, request: &EditRequest) -> bool {
    let created = request.create.iter().flat_map(|create| create.attributes.keys());
    request
        .set
        .keys()
        .chain(created)
        .all(|key| sees_key(catalogue, role, (&request.collection, key)))
}

/// An attribute that the catalogue no longer has is for stewards.
fn sees_key(catalogue: &Catalogue, role: Role, (collection, key): (&CollectionKey, &str)) -> bool {
    let found = catalogue.attribute(collection.as_str(), key);
    found.map_or(role >= Role::Steward, |attribute| role.sees(attribute.visibility))
}

/// A record as it is named in answers.
fn named(record: &crate::domain::record::Record) -> Json {
    json!({"record": record.id, "code": record.code, "collection": record.collection, "version": record.version})
}
