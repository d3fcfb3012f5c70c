//! The service as a whole: the table behind the door.
use std::future::Future;
use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Router, middleware};
use tokio::net::TcpListener;
use tower_http::CompressionLevel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{And, NotForContentType, Predicate, SizeAbove};

use super::problem::{self, Problem};
use super::settings::Settings;
use super::state::{App, PeopleAndThings};
use super::{assets, door, openapi, routes, security, server, session};
use crate::domain::catalogue::Catalogue;
use crate::domain::viewer::Role;

/// Below this an answer fits into one packet, compressed or not; bytes.
const WORTH_COMPRESSING: u64 = 1_400;

/// A service over these.
pub fn service(people_and_things: PeopleAndThings, settings: Settings) -> Arc<App> {
    App::new(people_and_things, settings, openapi_document)
}

/// Answers on this listener until `stop` is done, then lets what is at work end.
pub async fn run(listener: TcpListener, app: Arc<App>, stop: impl Future<Output = ()>) {
    let guards = (app.settings.limits.clone(), Arc::clone(&app.metrics));
    let stopping = app.stopping.clone();
    let stop = async move {
        stop.await;
        stopping.send_replace(true);
    };
    server::serve(listener, router(app), guards, stop).await;
}

/// The `OpenAPI` document as this role sees it.
pub fn openapi_document(catalogue: &Catalogue, role: Role) -> serde_json::Value {
    let docs: Vec<_> = routes::table().into_iter().map(|route| route.doc).collect();
    openapi::document(&docs, catalogue, role.eyes())
}

fn router(app: Arc<App>) -> Router {
    let headers = security::Headers::new(&app.settings);
    let body_bytes = app.settings.limits.body_bytes;
    routes::table()
        .into_iter()
        .fold(Router::new(), |router, route| route.mount(router))
        .fallback(nothing_here)
        .method_not_allowed_fallback(other_method)
        .layer(DefaultBodyLimit::max(body_bytes))
        .layer(CatchPanicLayer::custom(|_cause| {
            Problem::new(problem::INTERNAL, "the program has a fault here").into_response()
        }))
        .layer(middleware::from_fn_with_state(Arc::clone(&app), session::renew))
        .layer(middleware::from_fn_with_state(Arc::clone(&app), door::pass))
        .layer(compression())
        .layer(middleware::from_fn_with_state(headers, security::add))
        .with_state(app)
}

type Worthwhile = And<And<SizeAbove, NotForContentType>, NotForContentType>;

fn compression() -> CompressionLayer<Worthwhile> {
    let worthwhile = SizeAbove::new(WORTH_COMPRESSING)
        .and(NotForContentType::SSE)
        .and(NotForContentType::IMAGES);
    CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(worthwhile)
}

/// A path without a route: a file at the web app's root, or nothing.
async fn nothing_here(State(_app): State<Arc<App>>, request: Request) -> Result<Response, Problem> {
    let path = request.uri().path().trim_start_matches('/');
    if matches!(*request.method(), Method::GET | Method::HEAD) && !path.starts_with("api/") {
        return assets::file(path, request.headers());
    }
    Err(Problem::not_found("path", request.uri().path()))
}

/// OPTIONS tells the methods in `Allow`, which the router adds; anything else is refused with them.
async fn other_method(request: Request) -> Response {
    if request.method() == Method::OPTIONS {
        return StatusCode::NO_CONTENT.into_response();
    }
    Problem::new(
        problem::METHOD_NOT_ALLOWED,
        "this path does not take this method; the header Allow names those it takes",
    )
    .given(request.method().as_str())
    .into_response()
}
