//! `/api/v1/requirements`: kept requirements, and the answers they had. For staff and above.
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::Value;
use uuid::Uuid;

use super::body::Json;
use super::conditional::json_now;
use super::problem::Problem;
use super::state::App;
use super::viewer::Asker;
use crate::domain::ids::Revision;
use crate::inventory::KEEPERS;

/// Keeps a requirement and the answer that it has now.
pub async fn save(State(app): State<Arc<App>>, asker: Asker, Json(document): Json<Value>) -> Result<Response, Problem> {
    let viewer = asker.at_least(KEEPERS)?;
    let limits = app.settings.limits.of_requirement();
    Ok(json_now(
        app.inventory.save_requirement(viewer, &document, &limits).await?.to_string(),
    ))
}

/// All that the asker may see.
pub async fn list(State(app): State<Arc<App>>, asker: Asker) -> Result<Response, Problem> {
    let viewer = asker.at_least(KEEPERS)?;
    Ok(json_now(app.inventory.requirements(viewer).await?.to_string()))
}

/// One with its document and its runs.
pub async fn read(State(app): State<Arc<App>>, asker: Asker, Path(id): Path<String>) -> Result<Response, Problem> {
    let viewer = asker.at_least(KEEPERS)?;
    let found = app.inventory.requirement(viewer, uuid(&id)?).await?;
    found.map(|json| json_now(json.to_string())).ok_or_else(|| absent(&id))
}

/// The answer of the present revision.
pub async fn run(State(app): State<Arc<App>>, asker: Asker, Path(id): Path<String>) -> Result<Response, Problem> {
    let viewer = asker.at_least(KEEPERS)?;
    let limits = app.settings.limits.of_requirement();
    let _turn = app.heavy.turn().await?;
    let found = app.inventory.run_requirement(viewer, uuid(&id)?, &limits).await?;
    found.map(json_now).ok_or_else(|| absent(&id))
}

/// The answer that a revision had, to the byte.
pub async fn answer(State(app): State<Arc<App>>, asker: Asker, Path((id, revision)): Path<(String, String)>) -> Result<Response, Problem> {
    let viewer = asker.at_least(KEEPERS)?;
    let number = revision
        .parse::<u64>()
        .map_err(|_no_number: std::num::ParseIntError| absent(&revision))?;
    let found = app.inventory.requirement_answer(viewer, (uuid(&id)?, Revision(number))).await?;
    found.map(json_now).ok_or_else(|| absent(&revision))
}

fn uuid(id: &str) -> Result<Uuid, Problem> {
    Uuid::parse_str(id).map_err(|_no_id: uuid::Error| absent(id))
}

fn absent(given: &str) -> Problem {
    Problem::not_found("kept requirement or run", given)
}
