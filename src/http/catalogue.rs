//! `GET /api/v1/catalogue`: what there is to see, to ask for and to change, as far as this viewer may.
use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::json;

use super::conditional::{self, Tag, bytes};
use super::problem::Problem;
use super::session::viewer_json;
use super::state::App;
use super::viewer::Asker;

/// The catalogue, the counts of records and who asks.
pub async fn read(State(app): State<Arc<App>>, asker: Asker, headers: HeaderMap) -> Result<Response, Problem> {
    let view = app.inventory.view(&asker.viewer);
    let account = asker.viewer.account.as_deref().unwrap_or("-");
    let tag = Tag::of(&[&app.start, &view.revision(), &asker.viewer.role, &account]);
    conditional::unless_known(&headers, &tag, || {
        let mut catalogue = view.catalogue_json(asker.viewer.role);
        catalogue["viewer"] = json!(viewer_json(&app, &asker.viewer));
        Ok(bytes("application/json", catalogue.to_string()))
    })
}
