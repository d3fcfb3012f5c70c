//! What every request passes: a number, a span, the limits, the clock, the count.
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Instant;

use axum::extract::connect_info::ConnectInfo;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tracing::Instrument;

use super::problem::{self, Problem};
use super::settings::Proxy;
use super::state::App;
use super::unread;

static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Longest request id that is taken over from a client or proxy.
const LONGEST_ID: usize = 64;

/// Lets a request in, watches it and writes one line about it.
pub async fn pass(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    // The route, not the path: paths hold codes and queries hold what people look for.
    let matched = request.extensions().get::<MatchedPath>().cloned();
    let route = matched.as_ref().map_or("other", MatchedPath::as_str).to_owned();
    let id = request_id(request.headers());
    let span = tracing::info_span!("request", id = id.to_str().unwrap_or_default(), method = %request.method(), route);
    let answered = async {
        let mut response = limited(&app, request.map(|body| unread::kept(body, app.settings.limits.body_bytes)), next).await;
        let took = started.elapsed();
        let status = response.status().as_u16();
        app.metrics.answered(&route, status, took);
        // 128 bits would be written as a text.
        let took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        // No room for an account's photos is the account's trouble; a full store has a line of its own.
        if status >= 500 && status != 507 {
            tracing::warn!(status, took_us, "request failed");
        } else {
            tracing::info!(status, took_us, "request answered");
        }
        response.headers_mut().insert(REQUEST_ID.clone(), id);
        response
    };
    answered.instrument(span).await
}

async fn limited(app: &App, request: Request, next: Next) -> Response {
    let peer = peer_of(&request, app.settings.proxy);
    if let Err(wait_s) = app.peers.take(peer, Instant::now()) {
        app.metrics.refused_peer.fetch_add(1, Relaxed);
        return Problem::new(problem::TOO_MANY, "this address makes too many requests")
            .retry_after(wait_s)
            .into_response();
    }
    let Ok(_place) = app.places.try_acquire() else {
        app.metrics.refused_busy.fetch_add(1, Relaxed);
        return Problem::new(problem::BUSY, "too many requests are at work")
            .retry_after(1)
            .into_response();
    };
    let _at_work = AtWork::new(app);
    match tokio::time::timeout(app.settings.limits.request, next.run(request)).await {
        Ok(response) => response,
        Err(_elapsed) => {
            let limit_s = app.settings.limits.request.as_secs();
            let problem = Problem::new(problem::TIMEOUT, format!("no answer could be given in {limit_s} s"));
            // What is left of the body stays unread: the connection is of no more use.
            let close = [(axum::http::header::CONNECTION, HeaderValue::from_static("close"))];
            (close, problem).into_response()
        }
    }
}

/// Counts a request as at work until it is answered or dropped.
struct AtWork<'a>(&'a App);

impl<'a> AtWork<'a> {
    fn new(app: &'a App) -> Self {
        app.metrics.in_flight.fetch_add(1, Relaxed);
        Self(app)
    }
}

impl Drop for AtWork<'_> {
    fn drop(&mut self) {
        self.0.metrics.in_flight.fetch_sub(1, Relaxed);
    }
}

/// Address of the one who asks.
fn peer_of(request: &Request, proxy: Proxy) -> IpAddr {
    let connected = request.extensions().get::<ConnectInfo<SocketAddr>>();
    peer_address(connected.map(|info| info.0), request.headers(), proxy)
}

/// The same from its parts.
pub fn peer_address(connected: Option<SocketAddr>, headers: &HeaderMap, proxy: Proxy) -> IpAddr {
    let direct = connected.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |address| address.ip());
    match proxy {
        Proxy::None => direct,
        Proxy::Trusted => forwarded_for(headers).unwrap_or(direct),
    }
}

/// The last address is the one that the trusted proxy itself saw; those before it are hearsay.
fn forwarded_for(headers: &HeaderMap) -> Option<IpAddr> {
    let last = headers.get_all("x-forwarded-for").iter().next_back()?;
    last.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
}

/// The id that a proxy gave, when it is harmless, else a new one.
fn request_id(headers: &HeaderMap) -> HeaderValue {
    let harmless = |value: &&HeaderValue| {
        let bytes = value.as_bytes();
        !bytes.is_empty() && bytes.len() <= LONGEST_ID && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(byte))
    };
    if let Some(given) = headers.get(&REQUEST_ID).filter(harmless) {
        return given.clone();
    }
    let mut text = [0_u8; 32];
    uuid::Uuid::now_v7().simple().encode_lower(&mut text);
    HeaderValue::from_bytes(&text).unwrap_or(HeaderValue::from_static("none"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &'static str, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(HeaderName::from_static(name), HeaderValue::from_static(value))])
    }

    #[test]
    fn only_what_the_proxy_saw_counts() {
        let found = forwarded_for(&headers("x-forwarded-for", "1.1.1.1, 2.2.2.2"));
        assert_eq!(found, Some("2.2.2.2".parse().unwrap()));
        assert_eq!(forwarded_for(&headers("x-forwarded-for", "nobody")), None);
    }

    #[test]
    fn ids_that_could_spoil_a_log_are_replaced() {
        assert_eq!(request_id(&headers("x-request-id", "abc-1")), "abc-1");
        assert_eq!(request_id(&headers("x-request-id", "a b")).len(), 32);
        assert_eq!(request_id(&HeaderMap::new()).len(), 32);
    }
}
