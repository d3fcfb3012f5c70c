//! Headers that keep browsers from doing what the app never does.
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

use super::settings::Settings;

/// Put on every answer.
#[derive(Clone)]
pub struct Headers(Arc<[(HeaderName, HeaderValue)]>);

impl Headers {
    /// For these settings: a base map's origins are the only foreign ones that the page may fetch from.
    pub fn new(settings: &Settings) -> Self {
        let origins = settings
            .base_map
            .as_ref()
            .map(super::settings::BaseMap::origins)
            .unwrap_or_default();
        let policy = policy(&origins);
        let fixed = HeaderValue::from_static;
        Self(Arc::from([
            (
                header::CONTENT_SECURITY_POLICY,
                HeaderValue::from_str(&policy).unwrap_or(fixed("default-src 'none'")),
            ),
            (header::X_CONTENT_TYPE_OPTIONS, fixed("nosniff")),
            (header::REFERRER_POLICY, fixed("same-origin")),
            (
                HeaderName::from_static("permissions-policy"),
                fixed("geolocation=(self), camera=(self), microphone=(), payment=(), usb=(), interest-cohort=()"),
            ),
            (HeaderName::from_static("cross-origin-opener-policy"), fixed("same-origin")),
            (HeaderName::from_static("cross-origin-resource-policy"), fixed("same-origin")),
        ]))
    }
}

/// The map's worker is a file of its own, and styles are set through the DOM only, so nothing inline and no blob is needed.
fn policy(origins: &[String]) -> String {
    let more: String = origins.iter().flat_map(|origin| [" ", origin.as_str()]).collect();
    [
        "default-src 'none'".to_owned(),
        "script-src 'self'".to_owned(),
        "worker-src 'self'".to_owned(),
        format!("connect-src 'self'{more}"),
        format!("img-src 'self'{more}"),
        "style-src 'self'".to_owned(),
        "font-src 'self'".to_owned(),
        "manifest-src 'self'".to_owned(),
        "form-action 'self'".to_owned(),
        "base-uri 'none'".to_owned(),
        "frame-ancestors 'none'".to_owned(),
    ]
    .join("; ")
}

/// Puts the headers on an answer.
pub async fn add(State(headers): State<Headers>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in headers.0.iter() {
        // A page that is none of the app's brings a stricter policy of its own.
        response.headers_mut().entry(name).or_insert_with(|| value.clone());
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_is_strict() {
        insta::assert_snapshot!(policy(&[]), @"default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self'; img-src 'self'; style-src 'self'; font-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'");
        assert!(policy(&["https://t0.example".to_owned()]).contains("img-src 'self' https://t0.example;"));
    }
}
