//! `GET /api/v1/changes/stream`: says at once that there is something new. What is new is read with `/api/v1/changes`.
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::Stream;
use tokio::sync::{OwnedSemaphorePermit, broadcast, watch};

use super::metrics::Metrics;
use super::problem::{self, Problem};
use super::state::App;
use super::viewer::Asker;
use crate::domain::ids::Revision;
use crate::domain::viewer::Viewer;
use crate::inventory::{Change, Inventory};

/// Opens a stream. Whoever was away gives `Last-Event-ID` and is told at once when something changed since.
pub async fn open(State(app): State<Arc<App>>, asker: Asker, headers: HeaderMap) -> Result<Response, Problem> {
    let too_many = |_| {
        Problem::new(
            problem::BUSY,
            "too many change streams are open; ask /api/v1/changes from time to time",
        )
        .retry_after(30)
    };
    let place = Arc::clone(&app.streams).try_acquire_owned().map_err(too_many)?;
    let seen = last_event_id(&headers)?;
    let listener = Listener::new(&app, asker.viewer, place, seen);
    let alive = KeepAlive::new().interval(app.settings.limits.heartbeat);
    let mut response = Sse::new(events(listener)).keep_alive(alive).into_response();
    // Proxies that gather answers before they pass them on would hold the events back.
    response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

fn last_event_id(headers: &HeaderMap) -> Result<Option<Revision>, Problem> {
    let Some(value) = headers.get("last-event-id") else {
        return Ok(None);
    };
    let text = value.to_str().unwrap_or_default();
    let wrong = |_| {
        Problem::new(problem::BAD_PARAMETER, "Last-Event-ID is not a revision")
            .about("Last-Event-ID")
            .given(text)
            .expected("a whole number")
    };
    text.parse().map(|number| Some(Revision(number))).map_err(wrong)
}

struct Listener {
    inventory: Arc<Inventory>,
    metrics: Arc<Metrics>,
    viewer: Viewer,
    changes: broadcast::Receiver<Change>,
    stopping: watch::Receiver<bool>,
    seen: Revision,
    _place: OwnedSemaphorePermit,
}

impl Listener {
    fn new(app: &App, viewer: Viewer, place: OwnedSemaphorePermit, seen: Option<Revision>) -> Self {
        // Subscribed before the revision is read, so that nothing falls between the two.
        let changes = app.inventory.subscribe();
        let now = app.inventory.view(&viewer).revision();
        app.metrics.streams.fetch_add(1, Relaxed);
        Self {
            inventory: Arc::clone(&app.inventory),
            metrics: Arc::clone(&app.metrics),
            viewer,
            changes,
            stopping: app.stopping.subscribe(),
            // A revision of the future is of another store: begin anew.
            seen: seen.filter(|seen| *seen <= now).unwrap_or(now),
            _place: place,
        }
    }

    /// What changed since the last event, as one event, however many revisions that were.
    fn news(&mut self) -> Option<Event> {
        let view = self.inventory.view(&self.viewer);
        let (revision, since) = (view.revision(), self.seen);
        if revision <= since {
            return None;
        }
        self.seen = revision;
        let collections = view.collections_changed_since(since);
        let data = serde_json::json!({"revision": revision, "collections": collections});
        Some(Event::default().event("revision").id(revision.to_string()).data(data.to_string()))
    }

    /// The next event; `None` when the service stops.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.news() {
                return Some(event);
            }
            tokio::select! {
                // Whoever lags behind gets one event for all that was missed.
                change = self.changes.recv() => if matches!(change, Err(broadcast::error::RecvError::Closed)) { return None },
                _ = self.stopping.wait_for(|stopping| *stopping) => return None,
            }
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.metrics.streams.fetch_sub(1, Relaxed);
    }
}

fn events(listener: Listener) -> impl Stream<Item = Result<Event, Infallible>> {
    futures::stream::unfold(listener, |mut listener| async {
        let event = listener.next().await?;
        Some((Ok(event), listener))
    })
}
