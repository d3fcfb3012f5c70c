//! `POST /api/v1/visits` and the reviews of them.
use std::collections::HashSet;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::body::Json;
use super::campaigns::account;
use super::conditional::json_now;
use super::fieldwork;
use super::problem::{self, Problem};
use super::state::App;
use super::viewer::{Asker, Sending};
use crate::domain::edit::OpenEdit;
use crate::domain::viewer::{Role, Viewer};
use crate::survey::{Campaign, Incoming, ReceiptOutcome, Retraction, ReviewRequest, ReviewResult, Sender, SurveyError};

/// Lowest role that decides on visits.
const REVIEWERS: Role = Role::Staff;

/// Visits as they are sent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Batch {
    visits: Vec<Value>,
    /// Account name of their author, where somebody else brings them.
    #[serde(default)]
    on_behalf_of: Option<String>,
}

/// Takes visits in, each by itself. Sent again, the same ids get the same receipts, whoever brings them.
pub async fn receive(State(app): State<Arc<App>>, sending: Sending, Json(batch): Json<Batch>) -> Result<Response, Problem> {
    check_count(&app, "visits", batch.visits.len())?;
    let sending = sending.on_behalf_of(&app, batch.on_behalf_of.as_deref())?;
    let read = |(at, payload): (usize, Value)| {
        Incoming::read(payload).ok_or_else(|| {
            Problem::new(problem::BAD_CAMPAIGN, "the visit cannot be read")
                .about(format!("visits[{at}].id"))
                .expected("a UUID made by the device")
        })
    };
    let visits: Vec<Incoming> = batch.visits.into_iter().enumerate().map(read).collect::<Result<_, _>>()?;
    fieldwork::campaigns(&app).await?;
    let devices = app.devices.state().await?;
    let is_revoked = |device: Uuid| devices.is_revoked(device);
    let sender = sender(&sending, &is_revoked);
    let receipts = app.survey.receive(&sender, &visits).await?;
    Ok(json_now(json!({ "receipts": receipts }).to_string()))
}

/// Whose visits they are, and who brings them.
fn sender<'a>(sending: &'a Sending, is_revoked: &'a (dyn Fn(Uuid) -> bool + Sync)) -> Sender<'a> {
    Sender {
        account: account(&sending.viewer),
        role: sending.viewer.role,
        handed_in_by: sending.handed_in_by.as_deref(),
        is_over: sending.is_over,
        is_revoked,
    }
}

/// Visits to be taken back, as they are sent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retractions {
    retractions: Vec<Retraction>,
    /// Account name of their author, where somebody else brings them.
    #[serde(default)]
    on_behalf_of: Option<String>,
}

/// Takes visits back that nobody has approved, and then what waits of their edits: a review that comes in between finds the visit decided. Where this ends
/// between the two, the device has no answer, asks again, and the rest is done.
pub async fn retract(State(app): State<Arc<App>>, sending: Sending, Json(batch): Json<Retractions>) -> Result<Response, Problem> {
    check_count(&app, "retractions", batch.retractions.len())?;
    let sending = sending.on_behalf_of(&app, batch.on_behalf_of.as_deref())?;
    fieldwork::campaigns(&app).await?;
    let devices = app.devices.state().await?;
    let is_revoked = |device: Uuid| devices.is_revoked(device);
    let sender = sender(&sending, &is_revoked);
    let receipts = app.survey.retract(&sender, &batch.retractions).await?;
    let gone = receipts
        .iter()
        .filter(|receipt| receipt.outcome == ReceiptOutcome::Applied)
        .map(|receipt| receipt.visit);
    let edits = app.survey.edits_of(&gone.collect()).await?;
    app.inventory.withdraw(&sending.hand(), edits).await?;
    Ok(json_now(json!({ "receipts": receipts }).to_string()))
}

/// Visits that somebody asks after.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VisitIds {
    visits: Vec<Uuid>,
}

/// What became of visits, reviews included: a phone learns from it what people decided of those that were kept apart. Of what somebody else sent, only
/// reviewers learn.
pub async fn statuses(State(app): State<Arc<App>>, sending: Sending, Json(named): Json<VisitIds>) -> Result<Response, Problem> {
    check_count(&app, "visits", named.visits.len())?;
    let (state, viewer) = (app.survey.state().await?, &sending.viewer);
    let told = named.visits.into_iter().map(|id| {
        let word = state.word_on(id);
        let word = word.filter(|word| viewer.role >= REVIEWERS || word.author == account(viewer));
        let review = word.as_ref().and_then(|word| word.review);
        json!({
            "visit": id,
            "receipt": word.as_ref().map(|word| &word.receipt),
            "review": review.map(|review| json!({"verdict": review.verdict, "reason": review.reason, "by": review.by, "at": review.at})),
        })
    });
    Ok(json_now(json!({ "visits": told.collect::<Vec<_>>() }).to_string()))
}

fn check_count(app: &App, what: &str, given: usize) -> Result<(), Problem> {
    let most = app.survey.limits().batch;
    if given <= most {
        return Ok(());
    }
    Err(Problem::new(problem::TOO_LARGE, format!("too many {what} in one request"))
        .about(what)
        .given(given.to_string())
        .expected(format!("at most {most}")))
}

/// Decisions as they are sent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reviews {
    reviews: Vec<ReviewRequest>,
}

/// Decides on visits. Approving one approves the edits of it that wait; when that cannot be done, nothing is decided of it.
pub async fn review(
    State(app): State<Arc<App>>,
    asker: Asker,
    Path(id): Path<String>,
    Json(batch): Json<Reviews>,
) -> Result<Response, Problem> {
    let viewer = asker.at_least(REVIEWERS)?;
    check_count(&app, "reviews", batch.reviews.len())?;
    let unknown = || SurveyError::UnknownCampaign { given: id.clone() };
    let campaign = Uuid::parse_str(&id).map_err(|_no_id: uuid::Error| unknown())?;
    let campaigns = fieldwork::campaigns(&app).await?;
    let campaign = campaigns.campaigns.get(&campaign).cloned().ok_or_else(unknown)?;
    let open = app.survey.open_edits().await?;
    let (mut ready, mut places) = (Vec::new(), Vec::new());
    for review in batch.reviews {
        let blocked = block(&app, viewer, (&campaign, &review), &open).await?;
        if blocked.is_none() {
            ready.push(review);
        }
        places.push(blocked);
    }
    let mut written = app.survey.review(account(viewer), campaign.plan.id, &ready).await?.into_iter();
    let results: Vec<ReviewResult> = places.into_iter().filter_map(|place| place.or_else(|| written.next())).collect();
    Ok(json_now(json!({ "results": results }).to_string()))
}

/// Decides on the edits of a visit first: a review that is written stands for edits that are decided.
async fn block(
    app: &Arc<App>,
    viewer: &Viewer,
    (campaign, review): (&Campaign, &ReviewRequest),
    open: &[OpenEdit],
) -> Result<Option<ReviewResult>, Problem> {
    if let Some(result) = app.survey.foresee(campaign, review) {
        return Ok(Some(result));
    }
    let Some(visit) = campaign.visits.get(&review.visit) else {
        return Ok(Some(ReviewResult::refused(review.visit, "unknown-visit")));
    };
    let own: HashSet<Uuid> = visit.visit.edits.iter().map(|edit| edit.0).collect();
    let is_own = |edit: &&OpenEdit| edit.visit == Some(review.visit) || own.contains(&edit.edit);
    let waiting: Vec<Uuid> = open
        .iter()
        .filter(is_own)
        .filter(|edit| !edit.is_conflict)
        .map(|edit| edit.edit)
        .collect();
    fieldwork::decide_edits(app, viewer, (visit, review), &waiting).await
}
