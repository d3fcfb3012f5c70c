//! `/api/v1/inbox`: what waits for a person, and what people decide of it. For staff and above.
use std::sync::Arc;

use axum::extract::{Extension, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::body::Json;
use super::conditional::json_now;
use super::parameters::Asked;
use super::problem::{self, Problem};
use super::state::App;
use super::viewer::{Asker, Sending};
use crate::domain::ids::EditId;
use crate::inventory::{DECIDERS, DecisionRequest, EditError, InboxQuery};

/// Parameters of the list.
pub const OWN: &[&str] = &["state", "visit", "code", "after", "limit"];

/// Items of a page when nothing is said, and at most.
const PAGE: usize = 100;
const MOST: usize = 500;

/// What waits.
pub async fn list(State(app): State<Arc<App>>, asker: Asker, Extension(given): Extension<Asked>) -> Result<Response, Problem> {
    let viewer = asker.at_least(DECIDERS)?;
    let query = query(&given)?;
    let mut page = app.inventory.inbox(viewer, &query).await?;
    let campaigns = app.survey.state().await?;
    for item in &mut page.items {
        let visit = item["visit"].as_str().and_then(|id| Uuid::parse_str(id).ok());
        if let Some((_, found)) = visit.and_then(|visit| campaigns.visit(visit)) {
            item["photos"] = json!(found.visit.photos);
        }
    }
    Ok(json_now(json!(page).to_string()))
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
    let results = app.inventory.decide(viewer, batch.decisions).await?;
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

fn query(asked: &Asked) -> Result<InboxQuery, Problem> {
    let mut query = InboxQuery {
        limit: PAGE,
        ..InboxQuery::default()
    };
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
            // What was decided stands in the history.
            _ if value == "open" => {}
            _ => return Err(wrong("open")),
        }
    }
    Ok(query)
}
