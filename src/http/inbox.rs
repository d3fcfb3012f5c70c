//! `/api/v1/inbox`: what waits for a person, what people decide of it, and what they have decided. For staff and above.
use std::sync::Arc;

use axum::extract::{Extension, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::body::Json;
use super::conditional::json_now;
use super::parameters::Asked;
use super::problem::{self, Problem};
use super::state::App;
use super::viewer::{Asker, Sending};
use crate::domain::ids::EditId;
use crate::inventory::{DECIDERS, DecisionRequest, EditError, Hold, InboxQuery};
use crate::survey::State as Campaigns;

/// Parameters of the list.
pub const OWN: &[&str] = &["state", "visit", "code", "after", "limit"];

/// Items of a page when nothing is said, and at most.
const PAGE: usize = 100;
const MOST: usize = 500;

/// What waits, or what was decided.
pub async fn list(State(app): State<Arc<App>>, asker: Asker, Extension(given): Extension<Asked>) -> Result<Response, Problem> {
    let viewer = asker.at_least(DECIDERS)?;
    let (query, is_decided) = query(&given)?;
    let mut page = if is_decided {
        app.inventory.decided(viewer, &query).await?.ok_or_else(|| {
            let problem = Problem::new(problem::BAD_PARAMETER, "after cannot have this value");
            let given = query.after.map(|after| after.0.to_string());
            problem
                .about("after")
                .given(given.unwrap_or_default())
                .expected("the id of something decided")
        })?
    } else {
        app.inventory.inbox(viewer, &query).await?
    };
    let campaigns = app.survey.state().await?;
    for item in &mut page.items {
        add_visits(item, &campaigns);
    }
    Ok(json_now(json!(page).to_string()))
}

/// What campaigns know of the visits of both sides: photos, and where the visit is reviewed.
fn add_visits(item: &mut Value, campaigns: &Campaigns) {
    let find = |id: &Value| {
        id.as_str()
            .and_then(|id| Uuid::parse_str(id).ok())
            .and_then(|id| campaigns.visit(id))
    };
    let own = find(&item["visit"]);
    let photos = own.map(|(_, visit)| json!(visit.visit.photos));
    let campaign = own.map(|(campaign, _)| campaign.plan.id);
    for field in item["fields"].as_array_mut().into_iter().flatten() {
        let theirs = find(&field["theirs_visit"]);
        field["theirs_photos"] = theirs.map_or_else(|| json!([]), |(_, visit)| json!(visit.visit.photos));
    }
    item["photos"] = photos.unwrap_or_else(|| json!([]));
    item["campaign"] = json!(campaign);
}

/// Decisions of one request.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Batch {
    decisions: Vec<DecisionRequest>,
}

/// Decides on one or many; one that cannot hold does not stop the others.
pub async fn decide(State(app): State<Arc<App>>, asker: Asker, Json(batch): Json<Batch>) -> Result<Response, Problem> {
    let viewer = asker.at_least(DECIDERS)?;
    check_count(&app, batch.decisions.len())?;
    let results = app.inventory.decide(viewer, batch.decisions, Hold::Each).await?;
    Ok(json_now(json!({ "results": results }).to_string()))
}

/// Edits that somebody asks after.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EditIds {
    edits: Vec<EditId>,
}

/// What became of edits, decisions of people included.
pub async fn statuses(State(app): State<Arc<App>>, sending: Sending, Json(named): Json<EditIds>) -> Result<Response, Problem> {
    check_count(&app, named.edits.len())?;
    let edits = app.inventory.statuses(&sending.viewer, named.edits).await?;
    Ok(json_now(json!({ "edits": edits }).to_string()))
}

fn check_count(app: &App, given: usize) -> Result<(), Problem> {
    let limit = app.settings.limits.edits_per_batch;
    if given > limit {
        return Err(EditError::TooMany { given, limit }.into());
    }
    Ok(())
}

/// What is asked for, and whether of what is decided.
fn query(asked: &Asked) -> Result<(InboxQuery, bool), Problem> {
    let mut query = InboxQuery {
        limit: PAGE,
        ..InboxQuery::default()
    };
    let mut is_decided = false;
    for (name, value) in asked.0.iter() {
        let wrong = |expected: &str| {
            let problem = Problem::new(problem::BAD_PARAMETER, format!("{name} cannot have this value"));
            problem.about(name).given(value).expected(expected)
        };
        let id = || Uuid::parse_str(value).map_err(|_no_id: uuid::Error| wrong("a UUID"));
        match name.as_str() {
            "visit" => query.visit = Some(id()?),
            "after" => query.after = Some(EditId(id()?)),
            "code" => query.code = Some(value.clone()),
            "limit" => {
                let number = value.parse().ok().filter(|number| (1..=MOST).contains(number));
                query.limit = number.ok_or_else(|| wrong(&format!("1 to {MOST}")))?;
            }
            _ if value == "open" => is_decided = false,
            _ if value == "decided" => is_decided = true,
            _ => return Err(wrong("open or decided")),
        }
    }
    Ok((query, is_decided))
}
