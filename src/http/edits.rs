//! `POST /api/v1/edits`: a batch of edits in, one receipt per edit out.
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use super::body::Json;
use super::conditional::json_now;
use super::problem::Problem;
use super::state::App;
use super::viewer::Asker;
use crate::domain::viewer::Role;
use crate::inventory::EditRequest;

/// A batch.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Batch {
    edits: Vec<EditRequest>,
}

/// Judged and written one by one; a bad one does not stop the others. Sent again, the same ids get the same receipts.
pub async fn write(State(app): State<Arc<App>>, asker: Asker, Json(batch): Json<Batch>) -> Result<Response, Problem> {
    let viewer = asker.at_least(Role::Surveyor)?;
    let receipts = app.inventory.edit(viewer, batch.edits).await?;
    Ok(json_now(json!({"receipts": receipts}).to_string()))
}
