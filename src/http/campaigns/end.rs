//! Samples and sign-off.
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;

use super::{LEADERS, account, answer, seen};
use crate::http::body::Json;
use crate::http::fieldwork;
use crate::http::problem::Problem;
use crate::http::state::App;
use crate::http::viewer::Asker;
use crate::survey::Exception;

/// Of which zone to draw.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draw {
    #[serde(default)]
    zone: Option<String>,
}

/// Draws the targets that are visited a second time.
pub async fn sample(
    State(app): State<Arc<App>>,
    asker: Asker,
    Path(id): Path<String>,
    Json(draw): Json<Draw>,
) -> Result<Response, Problem> {
    let viewer = asker.at_least(LEADERS)?;
    let campaign = seen(&app, viewer, &id).await?;
    let drawn = app.survey.sample(account(viewer), campaign.plan.id, draw.zone.as_deref()).await?;
    answer(&app, viewer, drawn).await
}

/// What to sign off.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct End {
    #[serde(default)]
    zone: Option<String>,
    #[serde(default)]
    exceptions: Vec<Exception>,
}

/// Signs a zone, or the campaign, off.
pub async fn sign_off(
    State(app): State<Arc<App>>,
    asker: Asker,
    Path(id): Path<String>,
    Json(end): Json<End>,
) -> Result<Response, Problem> {
    let viewer = asker.at_least(LEADERS)?;
    let campaign = seen(&app, viewer, &id).await?;
    let facts = fieldwork::facts(&app).await?;
    let what = (campaign.plan.id, end.zone.as_deref());
    let signed = app.survey.sign_off(account(viewer), what, (end.exceptions, &facts)).await?;
    answer(&app, viewer, signed).await
}
