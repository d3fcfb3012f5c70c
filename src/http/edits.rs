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
use crate::domain::edit::{Outcome, Receipt, Sent};
use crate::domain::ids::{CarrierId, EditId, Revision};
use crate::inventory::{EditError, EditRequest};

/// A batch.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Batch {
    edits: Vec<Value>,
}

/// Judged and written one by one; a bad one does not stop the others. Sent again, the same ids get the same receipts.
pub async fn write(State(app): State<Arc<App>>, sending: Sending, Json(batch): Json<Batch>) -> Result<Response, Problem> {
    let viewer = &sending.viewer;
    let (given, limit) = (batch.edits.len(), app.settings.limits.edits_per_batch);
    if given > limit {
        return Err(EditError::TooMany { given, limit }.into());
    }
    let revision = app.inventory.view(viewer).revision();
    let (mut edits, mut places) = (Vec::new(), Vec::new());
    for (at, json) in batch.edits.into_iter().enumerate() {
        places.push(match EditRequest::deserialize(&json) {
            Ok(edit) => {
                edits.push(edit);
                None
            }
            Err(error) => Some(unreadable(&json, at, (&error, revision))?),
        });
    }
    fieldwork::hold_back(&app, &sending, &mut edits).await?;
    let mut written = app.inventory.edit(viewer, edits).await?.into_iter();
    let receipts: Vec<_> = places.into_iter().filter_map(|place| place.or_else(|| written.next())).collect();
    Ok(json_now(json!({ "receipts": receipts }).to_string()))
}

/// The receipt of an edit without the form of one. It needs at least its ids, by which its author knows which one is meant.
fn unreadable(json: &Value, at: usize, (error, revision): (&serde_json::Error, Revision)) -> Result<Receipt, Problem> {
    let nameless = || {
        Problem::new(problem::BAD_EDIT, format!("the edit cannot be read: {error}"))
            .about(format!("edits[{at}]"))
            .expected("an edit with the UUIDs id and record")
    };
    Ok(Receipt {
        edit: EditId::deserialize(&json["id"]).map_err(|_no_id| nameless())?,
        record: CarrierId::deserialize(&json["record"]).map_err(|_no_record| nameless())?,
        outcome: Outcome::Returned {
            reason: "unreadable-edit".to_owned(),
            detail: error.to_string(),
        },
        revision,
        sent: Sent::default(),
    })
}
