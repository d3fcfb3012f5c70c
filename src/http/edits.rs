//! `POST /api/v1/edits`: a batch of edits in, one receipt per edit out.
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::body::Json;
use super::conditional::json_now;
use super::fieldwork;
use super::problem::{self, Problem};
use super::state::App;
use super::viewer::Sending;
use crate::inventory::{EditError, IncomingEdit};

/// A batch.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Batch {
    edits: Vec<Value>,
    /// Account name of their author, where somebody else brings them.
    #[serde(default)]
    on_behalf_of: Option<String>,
}

/// Judged and written one by one; a bad one does not stop the others. Sent again, the same ids get the same receipts, whoever brings them.
pub async fn write(State(app): State<Arc<App>>, sending: Sending, Json(batch): Json<Batch>) -> Result<Response, Problem> {
    let (given, limit) = (batch.edits.len(), app.settings.limits.edits_per_batch);
    if given > limit {
        return Err(EditError::TooMany { given, limit }.into());
    }
    let sending = sending.on_behalf_of(&app, batch.on_behalf_of.as_deref())?;
    let read = |(at, json)| {
        IncomingEdit::read(json).map_err(|fault| {
            Problem::new(problem::BAD_EDIT, format!("the edit cannot be read: {fault}"))
                .about(format!("edits[{at}]"))
                .expected("an edit with the UUIDs id and record")
        })
    };
    let mut edits: Vec<_> = batch.edits.into_iter().enumerate().map(read).collect::<Result<_, _>>()?;
    let readable = edits.iter_mut().filter_map(|edit| edit.read.as_mut().ok());
    fieldwork::hold_back(&app, &sending, readable.collect()).await?;
    let receipts = app.inventory.take_in(sending.hand(), edits).await?;
    Ok(json_now(json!({ "receipts": receipts }).to_string()))
}
