//! `GET /api/v1/changes`: what has changed since a revision, for those who follow.
use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use serde_json::json;

use super::conditional::json_now;
use super::parameters::Asked;
use super::problem::{self, Problem};
use super::state::App;
use super::viewer::Asker;
use crate::domain::ids::Revision;

/// Lines of a page when nothing is said, and at most.
const USUAL: u64 = 1_000;
const MOST: u64 = 10_000;

/// Changes after `since`, as far as this viewer may see them.
pub async fn read(State(app): State<Arc<App>>, asker: Asker, Extension(given): Extension<Asked>) -> Result<Response, Problem> {
    let since = given.number("since")?.unwrap_or(0);
    let limit = given.number("limit")?.unwrap_or(USUAL);
    if !(1..=MOST).contains(&limit) {
        let problem = Problem::new(problem::BAD_PARAMETER, "limit cannot have this value").about("limit");
        return Err(problem.given(limit.to_string()).expected(format!("1 to {MOST}")));
    }
    let view = app.inventory.view(&asker.viewer);
    let page = view.changes(Revision(since), usize::try_from(limit).unwrap_or(usize::MAX)).await?;
    Ok(json_now(json!(page).to_string()))
}
