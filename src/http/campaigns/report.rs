//! `GET /api/v1/campaigns/{id}/report`: the report as a page of its own that prints well.
use std::sync::Arc;

use axum::extract::{Extension, Path, State};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::seen;
use crate::domain::viewer::Role;
use crate::http::conditional::bytes;
use crate::http::fieldwork;
use crate::http::parameters::Asked;
use crate::http::problem::{self, Problem};
use crate::http::state::App;
use crate::http::viewer::Asker;
use crate::survey::report::{self, Lang};

/// The report in the language asked for; Chinese when nothing is said.
pub async fn report(
    State(app): State<Arc<App>>,
    asker: Asker,
    Path(id): Path<String>,
    Extension(parameters): Extension<Asked>,
) -> Result<Response, Problem> {
    let viewer = asker.at_least(Role::Staff)?;
    let lang = lang(parameters.value("lang").unwrap_or("zh"))?;
    let campaign = seen(&app, viewer, &id).await?;
    let facts = fieldwork::facts(&app).await?;
    let page = app.heavy.run(move || report::report(&campaign, &facts, lang)).await?;
    let mut response = bytes("text/html; charset=utf-8", page);
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(policy) = HeaderValue::from_str(&policy()) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    Ok(response)
}

fn lang(given: &str) -> Result<Lang, Problem> {
    let unknown = || {
        let known: Vec<_> = Lang::ALL.iter().map(|(tag, _)| *tag).collect();
        Problem::new(problem::BAD_PARAMETER, "lang cannot have this value")
            .about("lang")
            .given(given)
            .expected(format!("one of {}", known.join(", ")))
    };
    Lang::of(given).ok_or_else(unknown)
}

/// Nothing may run or be fetched; the one style is named by its hash.
fn policy() -> String {
    let style = STANDARD.encode(Sha256::digest(report::STYLE.as_bytes()));
    format!("default-src 'none'; style-src 'sha256-{style}'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'")
}
