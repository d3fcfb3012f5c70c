//! `POST /api/v1/suitability`: a requirement in, ranked carriers with their reasons out.
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use serde_json::Value;

use super::body::Json;
use super::conditional::json_now;
use super::problem::Problem;
use super::state::App;
use super::viewer::Asker;

/// Carriers that suit a requirement, as the asker may see them.
pub async fn suit(State(app): State<Arc<App>>, asker: Asker, Json(document): Json<Value>) -> Result<Response, Problem> {
    let view = app.inventory.view(&asker.viewer);
    let requirement = view.requirement(&document, &app.settings.limits.of_requirement())?;
    let answer = app.heavy.run(move || view.suit(&requirement).to_json().to_string()).await?;
    Ok(json_now(answer))
}
