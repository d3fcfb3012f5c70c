//! `/api/v1/photos`: photos in, chunk by chunk, and out again to those who may see them.
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Extension, Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::json;

use super::body::too_large;
use super::conditional::{self, Tag, bytes, json_now};
use super::parameters::Asked;
use super::problem::{self, Problem};
use super::state::App;
use super::viewer::{Asker, Sending};
use crate::devices::{Chunk, Received, Size};
use crate::domain::viewer::{Role, Viewer};

/// Parameters of a chunk.
pub const CHUNK: &[&str] = &["offset", "size"];

/// One chunk; the last one makes the photo whole and checks it.
pub async fn put(
    State(app): State<Arc<App>>,
    sending: Sending,
    (Path(sha256), Extension(given)): (Path<String>, Extension<Asked>),
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let account = account(&sending.viewer)?;
    let body = body.map_err(|refused| too_large(&refused, app.settings.limits.body_bytes))?;
    let needed = |name: &'static str| {
        let missing = || Problem::new(problem::MISSING_PARAMETER, format!("{name} is missing")).about(name);
        given.number(name)?.ok_or_else(missing)
    };
    let chunk = Chunk {
        offset: needed("offset")?,
        total: needed("size")?,
        bytes: body,
        sha256: sha256.clone(),
    };
    // The check of a whole photo reads all of it: no more of them at once than there are turns.
    let is_last = chunk.offset.saturating_add(chunk.bytes.len() as u64) >= chunk.total;
    let _turn = if is_last { Some(app.heavy.turn().await?) } else { None };
    let received = app.devices.take_chunk(&account, chunk).await?;
    Ok(told(&sha256, received))
}

/// How much of a photo the asker has sent.
pub async fn status(State(app): State<Arc<App>>, sending: Sending, Path(sha256): Path<String>) -> Result<Response, Problem> {
    let account = account(&sending.viewer)?;
    let received = app.devices.received(&account, &sha256).await?;
    Ok(told(&sha256, received))
}

/// A photo as it was taken, with all that the camera wrote into it: for staff, and for who sent it.
pub async fn original(
    State(app): State<Arc<App>>,
    asker: Asker,
    headers: HeaderMap,
    Path(sha256): Path<String>,
) -> Result<Response, Problem> {
    let viewer = asker.at_least(Role::Surveyor)?;
    let state = app.devices.state().await?;
    let photo = state
        .photos
        .get(&sha256)
        .filter(|photo| viewer.role >= Role::Staff || is_sender(viewer, &photo.senders));
    let media_type = match photo.ok_or_else(|| absent(&sha256))?.media_type.as_str() {
        "image/png" => "image/png",
        "image/webp" => "image/webp",
        _ => "image/jpeg",
    };
    let tag = Tag::of(&[&sha256]);
    if tag.is_known(&headers) {
        return conditional::unless_known(&headers, &tag, || Err(absent(&sha256)));
    }
    let body = app.devices.original(&sha256).await?;
    conditional::unless_known(&headers, &tag, || Ok(bytes(media_type, body)))
}

/// A photo made smaller, without what the camera wrote into it: for those who may see the original, and for anyone once it is approved.
pub async fn smaller(
    State(app): State<Arc<App>>,
    asker: Asker,
    headers: HeaderMap,
    Path((sha256, size)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let size = Size::of(&size).ok_or_else(|| Problem::not_found("size of a photo", &size))?;
    let state = app.devices.state().await?;
    let viewer = &asker.viewer;
    let photo = state.photos.get(&sha256);
    let may_see = photo.is_some_and(|photo| viewer.role >= Role::Staff || is_sender(viewer, &photo.senders));
    // Anyone may see what an approved visit has found.
    if photo.is_none() || !(may_see || app.survey.state().await?.is_public_photo(&sha256)) {
        return Err(absent(&sha256));
    }
    let tag = Tag::of(&[&sha256, &size.name()]);
    if tag.is_known(&headers) {
        return conditional::unless_known(&headers, &tag, || Err(absent(&sha256)));
    }
    let _turn = app.heavy.turn().await?;
    let body = app.devices.smaller(&sha256, size).await?;
    conditional::unless_known(&headers, &tag, || Ok(bytes("image/jpeg", body)))
}

fn is_sender(viewer: &Viewer, senders: &std::collections::BTreeSet<String>) -> bool {
    viewer.account.as_deref().is_some_and(|account| senders.contains(account))
}

fn account(viewer: &Viewer) -> Result<Arc<str>, Problem> {
    viewer
        .account
        .clone()
        .ok_or_else(|| Problem::new(problem::LOG_IN, "this needs an account; log in first"))
}

/// The same words for a photo that is not here and for one that the asker may not see.
fn absent(sha256: &str) -> Problem {
    Problem::not_found("photo", sha256)
}

fn told(sha256: &str, received: Received) -> Response {
    json_now(json!({"sha256": sha256, "received": received.bytes, "verified": received.verified}).to_string())
}
