//! The web app, embedded in the program.
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use rust_embed::{EmbeddedFile, RustEmbed};

use super::conditional::{self, Tag, bytes};
use super::problem::Problem;
use super::state::App;

#[derive(RustEmbed)]
#[folder = "web/dist"]
struct Web;

/// Files whose name holds a hash of their content: kept for a year.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// The page of the app; which screen it shows is the app's business. Asked for again each time, so that a new version is seen at once.
pub async fn page(State(_app): State<Arc<App>>, headers: HeaderMap) -> Result<Response, Problem> {
    let page = Web::get("index.html").ok_or_else(|| Problem::not_found("page", "/"))?;
    conditional::unless_known(&headers, &tag(&page), || {
        Ok(bytes("text/html; charset=utf-8", body(page.data.clone())))
    })
}

/// A file with a hash in its name.
pub async fn asset(Path(name): Path<String>) -> Result<Response, Problem> {
    let mut response = file(&format!("assets/{name}"), &HeaderMap::new())?;
    response.headers_mut().insert(header::CACHE_CONTROL, FOR_EVER);
    Ok(response)
}

/// A file at the root (icon, manifest, fonts), for whatever path no route has.
pub fn file(name: &str, headers: &HeaderMap) -> Result<Response, Problem> {
    let missing = || Problem::not_found("page or file", name);
    // Only names that were embedded exist; in a debug build they are read from disk, hence the second look.
    let plain = !name.is_empty() && name.split('/').all(|part| !part.is_empty() && !part.starts_with('.')) && !name.contains('\\');
    let found = Web::get(name).filter(|_| plain && name != "index.html").ok_or_else(missing)?;
    let kind = mime_guess::from_path(name).first_or_octet_stream();
    conditional::unless_known(headers, &tag(&found), || {
        let mut response = bytes("application/octet-stream", body(found.data.clone()));
        if let Ok(value) = HeaderValue::from_str(kind.as_ref()) {
            response.headers_mut().insert(header::CONTENT_TYPE, value);
        }
        Ok(response)
    })
}

fn body(data: std::borrow::Cow<'static, [u8]>) -> Body {
    match data {
        std::borrow::Cow::Borrowed(bytes) => Body::from(bytes),
        std::borrow::Cow::Owned(bytes) => Body::from(bytes),
    }
}

fn tag(file: &EmbeddedFile) -> Tag {
    let hash = file.metadata.sha256_hash();
    let short = u64::from_be_bytes(hash[..8].try_into().expect("a SHA-256 has more than 8 bytes"));
    Tag::of(&[&format!("{short:016x}")])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_the_app_is_reachable() {
        for name in [
            "../Cargo.toml",
            "./index.html",
            "a/../../Cargo.toml",
            "",
            "/etc/passwd",
            "..\\Cargo.toml",
            "index.html",
            ".env",
        ] {
            assert!(file(name, &HeaderMap::new()).is_err(), "{name}");
        }
    }
}
