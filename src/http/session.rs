//! `/api/v1/session` and `/api/v1/tokens`: who one is, logging in and out, secrets for programs.
use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::body::Json;
use super::conditional::json_now;
use super::door::peer_address;
use super::problem::{self, Problem};
use super::state::App;
use super::viewer::{Asker, COOKIE, check_own_origin, ended_account, is_by_tls, session_secret};
use crate::domain::viewer::{Role, Viewer};

/// Longest label of a token, characters.
const LONGEST_LABEL: usize = 100;

/// What is told of who asks.
#[derive(Serialize)]
pub struct ViewerJson {
    role: Role,
    account: Option<Arc<str>>,
    display_name: Option<String>,
    /// The account whose secret this was before it was ended: what was recorded under it may still be handed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_account: Option<Arc<str>>,
}

/// What is told of a viewer to themselves.
pub fn viewer_json(app: &App, viewer: &Viewer) -> ViewerJson {
    ViewerJson {
        role: viewer.role,
        display_name: viewer.account.as_deref().and_then(|name| app.accounts.display_name(name)),
        account: viewer.account.clone(),
        ended_account: None,
    }
}

/// Who asks; the public is told so.
pub async fn read(State(app): State<Arc<App>>, asker: Asker, headers: HeaderMap) -> Result<Response, Problem> {
    let told = ViewerJson {
        ended_account: ended_account(&app, &headers)?,
        ..viewer_json(&app, &asker.viewer)
    };
    Ok(json_now(json!(told).to_string()))
}

/// Name and password.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogIn {
    name: String,
    password: String,
}

/// Logs in: the secret goes into a cookie that no script can read.
pub async fn log_in(
    State(app): State<Arc<App>>,
    ConnectInfo(connected): ConnectInfo<SocketAddr>,
    (uri, headers): (Uri, HeaderMap),
    Json(given): Json<LogIn>,
) -> Result<Response, Problem> {
    check_own_origin(&headers, &uri, &app.settings)?;
    let peer = peer_address(Some(connected), &headers, app.settings.proxy);
    let session = app.accounts.log_in(&given.name, &given.password, &peer.to_string()).await?;
    let mut response = json_now(json!(viewer_json(&app, &session.viewer)).to_string());
    let lasts_s = session.expires_at.as_second() - Timestamp::now().as_second();
    set_cookie(&mut response, &cookie(&session.secret, is_by_tls(&headers, &app.settings), lasts_s));
    Ok(response)
}

/// Logs out, also when nobody was logged in.
pub async fn log_out(State(app): State<Arc<App>>, asker: Asker, headers: HeaderMap) -> Result<Response, Problem> {
    if let Some(secret) = &asker.secret {
        app.accounts.log_out(secret).await?;
    }
    let mut response = StatusCode::NO_CONTENT.into_response();
    set_cookie(&mut response, &cookie("", is_by_tls(&headers, &app.settings), 0));
    Ok(response)
}

/// Gives the cookie a new life wherever its use gives one to the session: else a browser forgets a session that is used every day.
pub async fn renew(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let is_asked = request.uri().path().starts_with("/api/v1/");
    let secret = session_secret(request.headers()).filter(|_| is_asked);
    let due = secret.and_then(|secret| Some((secret.to_owned(), app.accounts.prolonged(secret)?)));
    let by_tls = is_by_tls(request.headers(), &app.settings);
    let mut response = next.run(request).await;
    // Logging in and out have the last word on it.
    if let Some((secret, lasts)) = due.filter(|_| !response.headers().contains_key(header::SET_COOKIE)) {
        set_cookie(&mut response, &cookie(&secret, by_tls, lasts.as_secs()));
    }
    response
}

fn cookie(secret: &str, by_tls: bool, lasts_s: i64) -> String {
    let secure = if by_tls { "; Secure" } else { "" };
    format!("{COOKIE}={secret}; Path=/; HttpOnly; SameSite=Strict; Max-Age={lasts_s}{secure}")
}

fn set_cookie(response: &mut Response, cookie: &str) {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().insert(header::SET_COOKIE, value);
    }
}

/// What a token is for and how long it lasts.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenWish {
    label: String,
    days: u32,
}

/// Makes a token with the rights of the account that asks. The secret is told only now.
pub async fn make_token(State(app): State<Arc<App>>, asker: Asker, Json(wish): Json<TokenWish>) -> Result<Response, Problem> {
    let viewer = asker.at_least(Role::Surveyor)?;
    let account = viewer.account.as_deref().unwrap_or_default();
    if wish.label.trim().is_empty() || wish.label.chars().count() > LONGEST_LABEL {
        let problem = Problem::new(problem::BAD_EDIT, "label cannot have this value")
            .about("label")
            .given(wish.label);
        return Err(problem.expected(format!("1 to {LONGEST_LABEL} characters")));
    }
    let token = app.accounts.make_token(account, wish.label.trim(), wish.days).await?;
    Ok(json_now(json!({"token": token.secret, "expires_at": token.expires_at}).to_string()))
}
