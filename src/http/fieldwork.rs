//! Where campaigns and the inventory meet: what campaigns are told of edits, photos and devices, and what a review does to edits.
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError};

use uuid::Uuid;

use super::own_ground::NEIGHBOURS_M;
use super::problem::Problem;
use super::state::App;
use super::succession::settle;
use super::viewer::Sending;
use crate::devices;
use crate::domain::edit::Verdict;
use crate::domain::ids::EditId;
use crate::domain::viewer::{Role, Viewer};
use crate::inventory::{DecisionRequest, EditRequest, Held, Hold, NOT_ALONE};
use crate::survey::{self, Facts, Heard, ReviewRequest, ReviewResult, Sent, State as Campaigns, Survey, SurveyError, VisitState};

/// What the numbers of campaigns need from elsewhere.
pub async fn facts(app: &Arc<App>) -> Result<Facts, Problem> {
    let (list, state) = (app.devices.list().await?, app.devices.state().await?);
    Ok(facts_of(&app.survey, (&list, &state)).await?)
}

/// The same without a service around it.
pub async fn facts_of(survey: &Survey, (list, state): (&[devices::Device], &devices::State)) -> Result<Facts, SurveyError> {
    let heard = list.iter().filter_map(|device| {
        let at = device.last_heard?;
        let (account, pending) = (device.account.clone(), device.pending);
        Some((device.id, Heard { at, account, pending }))
    });
    Ok(Facts {
        open: survey.open_edits().await?,
        verified: state.photos.keys().cloned().collect(),
        heard: heard.collect(),
        now: survey.now(),
        zone: survey.time_zone().clone(),
    })
}

/// Campaigns as they stand, with what follows split and merged targets in their places. Whatever door a record was closed by, each look at campaigns and
/// each word from the field comes through here first.
pub async fn campaigns(app: &App) -> Result<Arc<Campaigns>, Problem> {
    let state = app.survey.state().await?;
    let view = app.inventory.view(&Viewer {
        role: Role::Admin,
        account: None,
    });
    let seen = (view.revision(), state.seq);
    if *app.settled.lock().unwrap_or_else(PoisonError::into_inner) == Some(seen) {
        return Ok(state);
    }
    settle::<Problem>(&app.survey, &view).await?;
    let state = app.survey.state().await?;
    *app.settled.lock().unwrap_or_else(PoisonError::into_inner) = Some((seen.0, state.seq));
    Ok(state)
}

/// What comes from a device that was lost or from an account that was ended, and what is said of ground to which its author was not sent, on whichever
/// way it comes, waits for a person.
pub async fn hold_back(app: &App, sending: &Sending, edits: Vec<&mut EditRequest>) -> Result<(), Problem> {
    let viewer = &sending.viewer;
    if sending.is_over {
        edits.into_iter().for_each(|edit| edit.held = Some(Held::EndedAccount));
        return Ok(());
    }
    if viewer.role >= Role::Staff && edits.iter().all(|edit| edit.field.is_none()) {
        return Ok(());
    }
    let (devices, campaigns) = (app.devices.state().await?, campaigns(app).await?);
    let account = viewer.account.as_deref().unwrap_or_default();
    let (ground, now) = (campaigns.ground_of(account), app.inventory.view(viewer));
    let near = now.near(&ground, NEIGHBOURS_M);
    let is_outside = |edit: &EditRequest| match campaigns.sent_to(account, edit.record) {
        Sent::Asker => false,
        Sent::Others => true,
        // A neighbour may be corrected in passing, but nobody reports a visit of it. Where there are no campaigns, nobody is sent anywhere.
        Sent::Nobody => {
            let of_visit = edit.field.as_ref().is_some_and(|field| field.visit.is_some());
            !campaigns.campaigns.is_empty() && (of_visit || !near.has(edit.record))
        }
    };
    for edit in edits {
        let field = edit.field.as_ref();
        edit.held = if field.is_some_and(|field| devices.is_revoked(field.device)) {
            Some(Held::RevokedDevice)
        } else if viewer.role < Role::Staff && is_outside(edit) {
            Some(Held::OutsideZones)
        } else {
            None
        };
    }
    Ok(())
}

/// Decides on the edits that wait because of a visit, before the review of it is written. `Some` says why the review cannot be written.
pub async fn decide_edits(
    app: &Arc<App>,
    viewer: &Viewer,
    (visit, review): (&VisitState, &ReviewRequest),
    waiting: &[Uuid],
) -> Result<Option<ReviewResult>, Problem> {
    if waiting.is_empty() {
        return Ok(None);
    }
    // The reviewer saw the record as it is now, with all that the visit found beside it.
    let record = app.inventory.view(viewer).item(&visit.visit.record.to_string());
    let decisions = waiting.iter().map(|edit| DecisionRequest {
        edit: EditId(*edit),
        verdict: match review.verdict {
            survey::Verdict::Approved => Verdict::Approved,
            survey::Verdict::Returned => Verdict::Returned,
            survey::Verdict::Rejected | survey::Verdict::Withdrawn => Verdict::Rejected,
        },
        reason: review.reason.clone(),
        set: BTreeMap::new(),
        keep: BTreeSet::new(),
        unit: BTreeMap::new(),
        record: None,
        expected_version: record.as_ref().map(|record| record.version),
    });
    let decided = app.inventory.decide(viewer, decisions.collect(), Hold::Together).await?;
    // What somebody else has decided of an edit stands, and the review goes on.
    let mut refused = decided
        .into_iter()
        .filter(|each| each.outcome == "refused" && each.decision.is_none());
    let cause = refused.find(|each| each.reason != NOT_ALONE);
    Ok(cause.map(|each| ReviewResult {
        edit: Some(each.edit.0),
        detail: Some(each.detail),
        step: each.step,
        ..ReviewResult::refused(visit.visit.id, each.reason)
    }))
}
