//! A surveyor takes visits back that nobody has decided on yet.
use std::collections::BTreeSet;

use serde::Deserialize;
use uuid::Uuid;

use super::error::SurveyError;
use super::event::{Event, Taken, Verdict};
use super::service::{Survey, Wish, entry_id};
use super::state::State;
use super::visits::{Sender, VisitReceipt, receipt, returned};
use crate::domain::edit::OpenEdit;
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
    /// Edits that wait because of these visits: with their visit nobody has to decide on them any more.
    pub async fn edits_of(&self, visits: &BTreeSet<Uuid>) -> Result<Vec<EditId>, SurveyError> {
        let state = self.state().await?;
        let known = visits.iter().filter_map(|id| state.visit(*id));
        let named: BTreeSet<Uuid> = known.flat_map(|(_, visit)| &visit.visit.edits).map(|edit| edit.0).collect();
        let is_of = |edit: &OpenEdit| named.contains(&edit.edit) || edit.visit.is_some_and(|visit| visits.contains(&visit));
        let open = self.open_edits().await?;
        Ok(open.into_iter().filter(is_of).map(|edit| EditId(edit.edit)).collect())
    }

    /// Takes visits back, one receipt each, in their order. The same one again gets the same answer.
    pub async fn retract(&self, sender: &Sender<'_>, retractions: &[Retraction]) -> Result<Vec<VisitReceipt>, SurveyError> {
        let (answer, _) = self
            .append(sender.handed_in_by.unwrap_or(sender.account), |state| {
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
    let not_the_author = Some(("not-the-author", "somebody else has sent this visit"));
    if let Some(returned) = state.returned.get(&retraction.visit) {
        return not_the_author.filter(|_| returned.author != sender.account);
    }
    let Some((_, visit)) = state.visit(retraction.visit) else {
        return Some(("unknown-visit", "no such visit has come in"));
    };
    if visit.author != sender.account {
        return not_the_author;
    }
    // What was decided before is told as it was then, whatever became of the sender since.
    if visit.is_approved() {
        let is_approved = "somebody has approved the visit; a new visit can say otherwise";
        return Some(("already-reviewed", is_approved));
    }
    let is_revoked = [retraction.device, visit.visit.device].into_iter().any(sender.is_revoked);
    if visit.review.is_none() && (sender.is_over || is_revoked) {
        return Some((
            "not-in-the-field",
            "the account was ended or the device revoked; the office decides on the visit",
        ));
    }
    None
}
