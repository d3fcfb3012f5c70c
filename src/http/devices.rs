//! `/api/v1/devices`: phones in the field: when they were last heard, and that a lost one is no longer believed.
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::body::Json;
use super::conditional::json_now;
use super::problem::Problem;
use super::state::App;
use super::viewer::Asker;
use crate::domain::viewer::Role;

/// A sign of life.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Heard {
    pending: u64,
}

/// Takes a sign of life; a device learns by the answer that it was revoked.
pub async fn hear(
    State(app): State<Arc<App>>,
    asker: Asker,
    Path(id): Path<String>,
    Json(heard): Json<Heard>,
) -> Result<Response, Problem> {
    let viewer = asker.at_least(Role::Surveyor)?;
    let account = viewer.account.as_deref().unwrap_or_default();
    let revoked = app.devices.hear(account, device(&id)?, heard.pending).await?;
    Ok(json_now(json!({"device": id, "revoked": revoked}).to_string()))
}

/// All devices.
pub async fn list(State(app): State<Arc<App>>, asker: Asker) -> Result<Response, Problem> {
    asker.at_least(Role::Staff)?;
    let devices = app.devices.list().await?;
    Ok(json_now(json!({ "devices": devices }).to_string()))
}

/// Why a device is no longer believed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revocation {
    reason: String,
}

/// What comes from a device from now on waits for a person.
pub async fn revoke(
    State(app): State<Arc<App>>,
    asker: Asker,
    Path(id): Path<String>,
    Json(revocation): Json<Revocation>,
) -> Result<Response, Problem> {
    let viewer = asker.at_least(Role::Steward)?;
    let account = viewer.account.as_deref().unwrap_or_default();
    let device = app.devices.revoke(account, device(&id)?, &revocation.reason).await?;
    Ok(json_now(json!(device).to_string()))
}

fn device(id: &str) -> Result<Uuid, Problem> {
    Uuid::parse_str(id).map_err(|_no_id: uuid::Error| Problem::not_found("device", id))
}
