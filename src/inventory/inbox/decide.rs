//! From what a person decides to what the writer commits.
use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use tokio::sync::oneshot;

use super::{DECIDERS, sees, sent};
use crate::domain::edit::{Decision, Edit, FieldNote, Receipt, Verdict};
use crate::domain::ids::{CarrierId, EditId, Version};
use crate::domain::lifecycle::NoStep;
use crate::domain::record::Evidence;
use crate::domain::viewer::{Role, Viewer};
use crate::index::Snapshot;
use crate::inventory::contradictions::Contradiction;
use crate::inventory::error::EditError;
use crate::inventory::followers::followers;
use crate::inventory::open::Inventory;
use crate::inventory::request::{EditRequest, Hand, REASON_CHARS, digest};
use crate::inventory::writer::{Approval, GEOMETRY, Hold, NOT_ALONE, Refused, Ruled, Ruling, Task, Wish, written_as};

/// Reason of a decision by which the author of an edit takes it back: a key for which each language has words.
const WITHDRAWN: &str = "taken-back";

/// What a person decides of one thing that waits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecisionRequest {
    /// The waiting edit, or the contradiction.
    pub edit: EditId,
    /// What is decided.
    pub verdict: Verdict,
    /// Why; needed unless an edit is approved.
    #[serde(default)]
    pub reason: String,
    /// Values that the decider puts in place of those sent.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub set: BTreeMap<String, Json>,
    /// Fields of which the value that stands in the inventory is right: of what was sent, these are not written.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub keep: BTreeSet<String>,
    /// Units of numbers among them, where they are not the base unit.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unit: BTreeMap<String, String>,
    /// The record that follows, where the one that the edit is about is closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<CarrierId>,
    /// Version of the record that the decider saw; needed to approve anything but a new record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_version: Option<Version>,
}

/// What came of a decision.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Decided {
    /// The edit, or the contradiction.
    pub edit: EditId,
    /// `decided` or `refused`.
    pub outcome: &'static str,
    /// Stable kind of a refusal, such as `already-decided`; empty otherwise.
    pub reason: &'static str,
    /// The refusal in words for people; empty otherwise.
    pub detail: String,
    /// The change of state that there is no way for, where that is why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<NoStep>,
    /// The decision that holds: this one, or the one made before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decision>,
    /// Receipt of the edit that was written by it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt: Option<Receipt>,
}

impl Inventory {
    /// Decides on what waits; one answer each, in their order. The same decision sent again by the same person gets the same answer.
    pub async fn decide(&self, viewer: &Viewer, requests: Vec<DecisionRequest>, hold: Hold) -> Result<Vec<Decided>, EditError> {
        let Some(account) = viewer.account.as_deref().filter(|_| viewer.role >= DECIDERS) else {
            return Err(EditError::NotAllowed);
        };
        let limit = self.settings().request_edits;
        if requests.len() > limit {
            let given = requests.len();
            return Err(EditError::TooMany { given, limit });
        }
        let desk = self.desk(viewer, account, &requests).await?;
        let mut ruled: Vec<Result<Ruling, Refused>> = requests.iter().map(|request| desk.ruling(request)).collect();
        if hold == Hold::Together && ruled.iter().any(Result::is_err) {
            let alone = |_ruling| Err(Refused::new(NOT_ALONE, "another decision of the same request cannot hold"));
            ruled = ruled.into_iter().map(|each| each.and_then(alone)).collect();
        }
        let (reply, answer) = oneshot::channel();
        let rulings = ruled.iter().filter_map(|each| each.as_ref().ok()).cloned().collect();
        self.send(Task::Decisions(rulings, hold, reply)).await?;
        let mut answers = answer.await.unwrap_or(Err(EditError::Stopping))?.into_iter();
        let mut all = Vec::with_capacity(requests.len());
        for (request, ruling) in requests.iter().zip(ruled) {
            let answer = match ruling {
                Ok(_) => answers.next().ok_or(EditError::Stopping)?,
                Err(refused) => Ruled::Refused(refused),
            };
            all.push(self.answer(account, request, answer).await?);
        }
        Ok(all)
    }

    /// Withdraws those of these edits that wait and are the author's own: nobody has to decide on them any more. What was decided stands.
    pub async fn withdraw(&self, hand: &Hand<'_>, edits: Vec<EditId>) -> Result<(), EditError> {
        let author = hand.viewer.account.as_deref().unwrap_or_default();
        let by = hand.handed_in_by.unwrap_or(author);
        let receipts = self.store().receipts(edits).await?.into_iter();
        let own = receipts.filter(|receipt| receipt.outcome.is_open() && receipt.sent.author == author);
        let rulings: Vec<Ruling> = own
            .map(|receipt| Ruling {
                decision: Decision {
                    edit: receipt.edit,
                    verdict: Verdict::Rejected,
                    reason: WITHDRAWN.to_owned(),
                    by: by.to_owned(),
                    at: self.now(),
                    written_as: None,
                    about: None,
                },
                writes: None,
            })
            .collect();
        if rulings.is_empty() {
            return Ok(());
        }
        let (reply, answer) = oneshot::channel();
        self.send(Task::Decisions(rulings, Hold::Each, reply)).await?;
        answer.await.unwrap_or(Err(EditError::Stopping)).map(drop)
    }

    async fn desk(&self, viewer: &Viewer, account: &str, requests: &[DecisionRequest]) -> Result<Desk, EditError> {
        let edits: Vec<EditId> = requests.iter().map(|request| request.edit).collect();
        let snapshot = self.snapshot();
        let receipts = self.store().receipts(edits.clone()).await?;
        let receipts: HashMap<EditId, Receipt> = receipts.into_iter().map(|receipt| (receipt.edit, receipt)).collect();
        let before = self.store().decisions(edits.clone()).await?;
        let mut contradictions = HashMap::new();
        if edits.iter().any(|edit| !receipts.contains_key(edit)) {
            let all = self.contradictions().of(&snapshot, viewer.role).into_iter();
            contradictions.extend(all.map(|each| (each.id, each)));
        }
        Ok(Desk {
            snapshot,
            viewer: viewer.clone(),
            account: account.to_owned(),
            now: self.now(),
            receipts,
            before: before.into_iter().map(|decision| decision.edit).collect(),
            contradictions,
        })
    }

    async fn answer(&self, account: &str, request: &DecisionRequest, ruled: Ruled) -> Result<Decided, EditError> {
        let answer = |outcome, decision, receipt| Decided {
            edit: request.edit,
            outcome,
            reason: "",
            detail: String::new(),
            step: None,
            decision,
            receipt,
        };
        Ok(match ruled {
            Ruled::Decided(decision, receipt) => answer("decided", Some(decision), receipt.map(|receipt| *receipt)),
            Ruled::Refused(refused) => Decided {
                reason: refused.reason,
                detail: refused.detail,
                step: refused.step,
                ..answer("refused", None, None)
            },
            Ruled::Before(decision) => {
                let written = self.store().receipts(decision.written_as.into_iter().collect()).await?.pop();
                let is_same = decision.by == account && decision.verdict == request.verdict && decision.reason == request.reason.trim();
                let same_content = written
                    .as_ref()
                    .is_none_or(|receipt| receipt.sent.digest == content(account, request));
                if is_same && same_content {
                    answer("decided", Some(decision), written)
                } else {
                    let detail = format!("{} has decided on it at {}", decision.by, decision.at);
                    Decided {
                        reason: "already-decided",
                        detail,
                        ..answer("refused", Some(decision), written)
                    }
                }
            }
        })
    }
}

/// SHA-256 of a decision, by which the same one is known when it comes again.
fn content(account: &str, request: &DecisionRequest) -> String {
    digest(&serde_json::to_value(request).unwrap_or(Json::Null), account)
}

/// All that is needed to turn decisions into rulings.
struct Desk {
    snapshot: Snapshot,
    viewer: Viewer,
    account: String,
    now: Timestamp,
    receipts: HashMap<EditId, Receipt>,
    before: std::collections::HashSet<EditId>,
    contradictions: HashMap<EditId, Contradiction>,
}

impl Desk {
    fn ruling(&self, request: &DecisionRequest) -> Result<Ruling, Refused> {
        let reason = request.reason.trim();
        if reason.chars().count() > REASON_CHARS {
            return Err(Refused::new("long-reason", format!("expected at most {REASON_CHARS} characters")));
        }
        // The writer tells who has decided.
        let is_decided = self.before.contains(&request.edit);
        let writes = match (self.receipts.get(&request.edit), self.contradictions.get(&request.edit)) {
            _ if is_decided => None,
            (Some(receipt), _) => self.of_edit(request, receipt)?,
            (None, Some(contradiction)) => self.of_contradiction(request, contradiction)?,
            (None, None) => return Err(unknown(request.edit)),
        };
        Ok(Ruling {
            decision: Decision {
                edit: request.edit,
                verdict: request.verdict,
                reason: reason.to_owned(),
                by: self.account.clone(),
                at: self.now,
                written_as: writes.as_ref().map(|approval| approval.wish.id),
                about: self
                    .contradictions
                    .get(&request.edit)
                    .map(|contradiction| contradiction.about.clone()),
            },
            writes,
        })
    }

    fn of_edit(&self, request: &DecisionRequest, receipt: &Receipt) -> Result<Option<Approval>, Refused> {
        if !receipt.outcome.is_open() {
            return Err(Refused::new("not-open", "nobody has to decide on this edit"));
        }
        let Some(sent) = sent(receipt) else {
            if self.viewer.role < Role::Steward {
                return Err(unknown(request.edit));
            }
            if request.verdict == Verdict::Approved {
                let expected = "the edit was sent in a form that this program does not read; return or reject it";
                return Err(Refused::new("cannot-be-written", expected));
            }
            return need_reason(request).map(|()| None);
        };
        if !sees(self.snapshot.catalogue(), self.viewer.role, &sent) {
            return Err(unknown(request.edit));
        }
        if request.verdict != Verdict::Approved {
            return need_reason(request).map(|()| None);
        }
        if sent.create.is_none() && request.expected_version.is_none() {
            let expected = "given no expected_version, expected the version of the record that you saw";
            return Err(Refused::new("missing-expected-version", expected));
        }
        let mut edit = with_values(kept(sent, request)?, request);
        if let Some(chosen) = request.record {
            self.move_to(&mut edit, chosen)?;
        }
        let note = FieldNote {
            approved_by: Some(self.account.clone()),
            handed_in_by: receipt.sent.handed_in_by.clone(),
            ..edit.field.take().unwrap_or_else(FieldNote::of_desk)
        };
        Ok(Some(self.approval(request, &edit, (note, &receipt.sent.author, receipt.sent.at))))
    }

    fn of_contradiction(&self, request: &DecisionRequest, contradiction: &Contradiction) -> Result<Option<Approval>, Refused> {
        if request.verdict != Verdict::Approved {
            let expected = "expected approved: with set to correct a value, without it where both stand";
            return Err(Refused::new("bad-verdict", expected));
        }
        need_reason(request)?;
        if let Some(field) = request.keep.first() {
            return Err(not_to_keep(
                field,
                "set for a value that is to be corrected, nothing for one that stands",
            ));
        }
        if request.set.is_empty() {
            return Ok(None);
        }
        if request.expected_version.is_none() {
            let expected = "given no expected_version, expected the version of the record that you saw";
            return Err(Refused::new("missing-expected-version", expected));
        }
        let edit = EditRequest::setting(contradiction.about.record, contradiction.about.collection.clone());
        let edit = with_values(edit, request);
        let note = FieldNote {
            approved_by: Some(self.account.clone()),
            ..FieldNote::of_desk()
        };
        Ok(Some(self.approval(request, &edit, (note, &self.account, None))))
    }

    /// The edit is written on the record that follows.
    fn move_to(&self, edit: &mut EditRequest, chosen: CarrierId) -> Result<(), Refused> {
        let own = self.snapshot.record(edit.record);
        if chosen == edit.record {
            return Ok(());
        }
        let all = own.map_or_else(Vec::new, |record| followers(&self.snapshot, &record));
        let Some(found) = all.iter().find(|record| record.id == chosen) else {
            let codes: Vec<&str> = all.iter().map(|record| record.code.as_str()).collect();
            let detail = format!(
                "given {chosen}, expected the id of one of the records that follow: {}",
                codes.join(", ")
            );
            return Err(Refused::new("no-successor", detail));
        };
        edit.record = found.id;
        edit.collection = found.collection.clone();
        Ok(())
    }

    fn approval(
        &self,
        request: &DecisionRequest,
        edit: &EditRequest,
        (note, author, came): (FieldNote, &str, Option<Timestamp>),
    ) -> Approval {
        let id = written_as(request.edit);
        let change = edit.change_as(self.snapshot.catalogue(), self.viewer.role);
        let wish = Wish {
            id,
            record: edit.record,
            digest: content(&self.account, request),
            role: self.viewer.role,
            must_match: None,
            held: None,
            edit: change.map(|change| Edit {
                id,
                record: edit.record,
                collection: edit.collection.clone(),
                base_version: None,
                change,
                observed_at: edit.observed_at.or(came).unwrap_or(self.now),
                evidence: edit.evidence.unwrap_or(Evidence::Told),
                author: author.to_owned(),
                field: Some(note),
            }),
            author: author.to_owned(),
            handed_in_by: None,
            at: self.now,
            payload: None,
        };
        let seen = request.expected_version.filter(|_| edit.create.is_none());
        Approval { wish, seen }
    }
}

/// The same words for an edit that does not exist and for one that the decider may not know of.
fn unknown(edit: EditId) -> Refused {
    Refused::new("unknown-edit", format!("given {}, expected the id of something that waits", edit.0))
}

fn need_reason(request: &DecisionRequest) -> Result<(), Refused> {
    if request.reason.trim().is_empty() {
        return Err(Refused::new("empty-reason", "given no reason, expected why"));
    }
    Ok(())
}

/// The edit without the fields of which the value that stands is right.
fn kept(mut edit: EditRequest, request: &DecisionRequest) -> Result<EditRequest, Refused> {
    for field in &request.keep {
        if request.set.contains_key(field) {
            return Err(not_to_keep(field, "each field in keep or in set"));
        }
        let is_outline = field == GEOMETRY && edit.geometry.take().is_some();
        if !is_outline && edit.set.remove(field).is_none() {
            return Err(not_to_keep(field, "fields that the edit sets"));
        }
        edit.unit.remove(field);
    }
    let is_empty = edit.set.is_empty() && request.set.is_empty() && edit.geometry.is_none();
    if is_empty && !request.keep.is_empty() {
        let expected = "given keep for all that was sent, expected the verdict rejected";
        return Err(Refused::new("nothing-left", expected));
    }
    Ok(edit)
}

fn not_to_keep(field: &str, expected: &str) -> Refused {
    Refused::new("bad-keep", format!("given {field:?} in keep, expected {expected}"))
}

/// The decider's values in place of those sent; a unit goes with its value.
fn with_values(mut edit: EditRequest, request: &DecisionRequest) -> EditRequest {
    for (key, value) in &request.set {
        edit.unit.remove(key);
        match &mut edit.create {
            Some(create) => create.attributes.insert(key.clone(), value.clone()),
            None => edit.set.insert(key.clone(), value.clone()),
        };
    }
    edit.unit.extend(request.unit.clone());
    edit
}
