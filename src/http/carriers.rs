//! `/api/v1/carriers/{code}`: one record, its history, and changing it.
use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};
use uuid::Uuid;

use super::asking::{AT, Asking};
use super::body::Json;
use super::conditional::{self, Tag, bytes, json_now};
use super::fieldwork;
use super::own_ground;
use super::problem::{self, Problem};
use super::state::App;
use super::viewer::Asker;
use crate::domain::edit::{Outcome, Receipt};
use crate::domain::ids::{EditId, Version};
use crate::domain::record::Evidence;
use crate::domain::viewer::Role;
use crate::inventory::{EditRequest, Item};

/// Parameters of reading.
pub const OWN: &[&str] = &[AT];

/// One record by code or id, closed or not.
pub async fn read(State(app): State<Arc<App>>, asking: Asking, Path(code): Path<String>) -> Result<Response, Problem> {
    let asking = asking.of_record(&code);
    let item = asking.view.item(&code).ok_or_else(|| Problem::not_found("record", &code))?;
    let told = match asking.asked.value(AT) {
        None => with_photos(&app, &item),
        Some(_) => item.to_json().clone(),
    };
    let tag = tag(&item, &told, asking.view.role());
    conditional::unless_known(&asking.headers, &tag, || Ok(bytes("application/geo+json", told.to_string())))
}

/// A record as it is told now: with its approved photos, where there are some. Of the place and the author of a photo nothing is said.
fn with_photos(app: &App, item: &Item) -> Value {
    let mut told = item.to_json().clone();
    let (campaigns, devices) = (app.survey.at_hand(), app.devices.at_hand());
    let photos = campaigns.public_photos(item.id).into_iter();
    let here = photos.filter(|photo| devices.photos.contains_key(&photo.sha256));
    let photos: Vec<Value> = here
        .map(|photo| json!({"sha256": photo.sha256, "slot": photo.slot, "taken_at": photo.taken_at}))
        .collect();
    if !photos.is_empty() && !item.is_closed {
        told["photos"] = json!(photos);
    }
    told
}

/// What became of a record, as far as this viewer may see it.
pub async fn history(asking: Asking, Path(code): Path<String>) -> Result<Response, Problem> {
    let view = asking.of_record(&code).view;
    let missing = || Problem::not_found("record", &code);
    let id = view.id_of(&code).ok_or_else(missing)?;
    let entries = view.history(id).await?.ok_or_else(missing)?;
    Ok(json_now(json!({"entries": entries}).to_string()))
}

/// What a PATCH says.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Patch {
    #[serde(default)]
    set: BTreeMap<String, Value>,
    #[serde(default)]
    unit: BTreeMap<String, String>,
    #[serde(default, deserialize_with = "given")]
    geometry: Option<Value>,
    observed_at: Option<Timestamp>,
    evidence: Option<Evidence>,
    edit_id: Option<EditId>,
}

/// `null` is something given: it takes the outline away.
fn given<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(from).map(Some)
}

/// One edit of one record. `If-Match` insists on a version.
pub async fn change(
    State(app): State<Arc<App>>,
    asker: Asker,
    (headers, Path(code)): (HeaderMap, Path<String>),
    Json(patch): Json<Patch>,
) -> Result<Response, Problem> {
    let sending = asker.sending()?;
    let viewer = &sending.viewer;
    let must_match = conditional::base_version(&headers, app.settings.if_match)?;
    let look = || own_ground::record_view(&app, viewer, app.inventory.view(viewer), &code);
    let item = look().item(&code).ok_or_else(|| Problem::not_found("record", &code))?;
    let mut edit = patch.request(&item, must_match);
    fieldwork::hold_back(&app, &sending, vec![&mut edit]).await?;
    let receipts = app.inventory.edit(viewer, vec![edit]).await?;
    let receipt = receipts
        .into_iter()
        .next()
        .ok_or_else(|| Problem::new(problem::INTERNAL, "the edit got no receipt"))?;
    check_match(&receipt, must_match)?;
    let mut response = json_now(json!(receipt).to_string());
    let view = look();
    if let Some(item) = view.item(&code) {
        let told = with_photos(&app, &item);
        conditional::mark(&mut response, &tag(&item, &told, view.role()));
    }
    Ok(response)
}

impl Patch {
    fn request(self, item: &Item, must_match: Option<Version>) -> EditRequest {
        EditRequest {
            id: self.edit_id.unwrap_or_else(|| EditId(Uuid::now_v7())),
            collection: item.collection.clone(),
            record: item.id,
            // Without If-Match it is for whatever version there is: the version now would make the same edit, sent again, another one.
            base_version: must_match,
            set: self.set,
            unit: self.unit,
            create: None,
            close: None,
            geometry: self.geometry,
            observed_at: self.observed_at,
            evidence: self.evidence,
            field: None,
            must_match,
            held: None,
        }
    }
}

/// A conflict without fields means that the version was not the one insisted on.
fn check_match(receipt: &Receipt, must_match: Option<Version>) -> Result<(), Problem> {
    match (&receipt.outcome, must_match) {
        (Outcome::Conflict { version, fields }, Some(insisted)) if fields.is_empty() => Err(Problem::new(
            problem::STALE,
            "the record has moved on since it was read; nothing was written",
        )
        .about("If-Match")
        .given(insisted.0.to_string())
        .expected(version.0.to_string())),
        _ => Ok(()),
    }
}

/// All that is told of a record but the revision of the whole, so that changes elsewhere do not change the tag.
fn tag(item: &Item, told: &Value, role: Role) -> Tag {
    let mut told = told.clone();
    if let Some(members) = told.as_object_mut() {
        members.remove("revision");
    }
    Tag::of_record(item.version, &role.to_string(), told.to_string().as_bytes())
}
