//! A surveyor takes visits back that nobody has decided on yet.
use std::collections::BTreeSet;

use serde::Deserialize;
use uuid::Uuid;

use super::error::SurveyError;
use super::event::{Event, Taken, Verdict};
use super::service::{Survey, Wish, entry_id};
use super::state::State;
use super::visits::{Sender, VisitReceipt, receipt, returned};
use crate::domain::ids::EditId;

/// A visit that is taken back, as it is sent.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retraction {
    /// Which visit.
    pub visit: Uuid,
    /// The device that says so.
    pub device: Uuid,
}

impl Survey {
    /// Edits of the visits that can be taken back by this sender: with their visit nobody has to decide on them any more.
    pub fn edits_to_withdraw(&self, state: &State, sender: &Sender<'_>, retractions: &[Retraction]) -> Vec<EditId> {
        let open = retractions.iter().filter(|each| refusal(state, sender, each).is_none());
        let visits = open.filter_map(|each| state.visit(each.visit));
        visits.flat_map(|(_, visit)| visit.visit.edits.iter().copied()).collect()
    }

    /// Takes visits back, one receipt each, in their order. The same one again gets the same answer.
    pub async fn retract(&self, sender: &Sender<'_>, retractions: &[Retraction]) -> Result<Vec<VisitReceipt>, SurveyError> {
        let (answer, _) = self
            .append(sender.account, |state| {
                let (mut wish, mut fresh) = (Wish::new(), BTreeSet::new());
                let receipts = retractions.iter().map(|each| {
                    if let Some((reason, detail)) = refusal(state, sender, each) {
                        return returned(each.visit, reason, detail);
                    }
                    wish.extend(event(state, each.visit).filter(|_| fresh.insert(each.visit)));
                    receipt(each.visit, &Taken::Counted)
                });
                let receipts = receipts.collect();
                Ok((wish, receipts))
            })
            .await?;
        Ok(answer)
    }
}

/// What is written; nothing where the visit does not count any more anyway.
fn event(state: &State, id: Uuid) -> Option<(Uuid, Event)> {
    let (campaign, _) = state.visit(id).filter(|(_, visit)| visit.review.is_none())?;
    let event = Event::Reviewed {
        campaign: campaign.plan.id,
        visit: id,
        verdict: Verdict::Withdrawn,
        reason: String::new(),
    };
    Some((entry_id("review", id), event))
}

/// Why a visit cannot be taken back: stable kind and words.
fn refusal(state: &State, sender: &Sender<'_>, retraction: &Retraction) -> Option<(&'static str, &'static str)> {
    if state.returned.contains_key(&retraction.visit) {
        return None;
    }
    let Some((_, visit)) = state.visit(retraction.visit) else {
        return Some(("unknown-visit", "no such visit has come in"));
    };
    if visit.author != sender.account {
        return Some(("not-the-author", "somebody else has sent this visit"));
    }
    // What was decided before is told as it was then, whatever became of the sender since.
    if visit.is_approved() {
        let is_approved = "somebody has approved the visit; a new visit can say otherwise";
        return Some(("already-reviewed", is_approved));
    }
    if visit.review.is_none() && (sender.is_over || (sender.is_revoked)(retraction.device)) {
        return Some((
            "not-in-the-field",
            "the account was ended or the device revoked; the office decides on the visit",
        ));
    }
    None
}
