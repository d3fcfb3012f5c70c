//! For those who run the service: is it alive, can it work, what does it do.
use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::conditional::{self, Tag, bytes, json_now};
use super::metrics::Gauge;
use super::problem::Problem;
use super::state::App;
use super::viewer::Asker;
use crate::domain::viewer::{Role, Viewer};

/// The process answers.
pub async fn health() -> Response {
    json_now(r#"{"ok":true}"#)
}

/// The store can be written; else 503 with the reason, and a balancer sends people elsewhere.
pub async fn ready(State(app): State<Arc<App>>) -> Response {
    let reason = if *app.stopping.borrow() {
        Some("the service is stopping")
    } else if let Err(error) = app.inventory.ping().await {
        tracing::warn!(%error, "not ready");
        Some("the store cannot be used now")
    } else {
        None
    };
    let revision = app.inventory.view(&Viewer::public()).revision();
    let mut response = json_now(match reason {
        None => json!({"ok": true, "revision": revision}).to_string(),
        Some(reason) => json!({"ok": false, "reason": reason, "revision": revision}).to_string(),
    });
    if reason.is_some() {
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    }
    response
}

/// Counts and durations in the text format of Prometheus.
pub async fn metrics(State(app): State<Arc<App>>) -> Response {
    #[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
    let number = |count: u64| count as f64;
    let view = app.inventory.view(&Viewer {
        role: Role::Admin,
        account: None,
    });
    let records = view.catalogue().collections.iter().map(|collection| {
        let count = u64::try_from(view.count(&collection.key)).unwrap_or(u64::MAX);
        (Some(("collection", collection.key.to_string())), number(count))
    });
    let gauges = [
        Gauge::one("zaiti_revision", "Revision that is published", number(view.revision().0)),
        Gauge {
            name: "zaiti_records",
            help: "Open records by collection",
            values: records.collect(),
        },
        Gauge::one(
            "zaiti_edits_waiting",
            "Edits that wait for the writer",
            number(app.inventory.waiting_edits() as u64),
        ),
    ];
    let text = app.metrics.render(&gauges);
    (
        [
            (header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8"),
            (header::CACHE_CONTROL, "no-store"),
        ],
        text,
    )
        .into_response()
}

/// What the web app has to know of the installation before anything else.
pub async fn settings(State(app): State<Arc<App>>) -> Result<Response, Problem> {
    let settings = &app.settings;
    let map = |map: &super::settings::BaseMap| json!({"kind": "raster", "tiles": map.tiles, "attribution": map.attribution});
    let body = json!({"base_map": settings.base_map.as_ref().map(map), "title": settings.title, "contact": settings.contact});
    Ok(json_now(body.to_string()))
}

/// The document of this API, as far as the viewer may see it.
pub async fn openapi(State(app): State<Arc<App>>, asker: Asker, headers: HeaderMap) -> Result<Response, Problem> {
    let view = app.inventory.view(&asker.viewer);
    let catalogue = Arc::clone(view.catalogue());
    let keys: String = catalogue.collections.iter().map(|collection| collection.key.as_str()).collect();
    let tag = Tag::of(&[&app.start, &asker.viewer.role, &keys]);
    conditional::unless_known(&headers, &tag, || {
        Ok(bytes("application/json", (app.document)(&catalogue, asker.viewer.role).to_string()))
    })
}
