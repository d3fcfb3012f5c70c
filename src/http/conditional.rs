//! Tags of answers: asked again with the tag, an answer that would be the same is not sent again; a write says what it is based on.
use std::fmt::Display;
use std::hash::{DefaultHasher, Hash, Hasher};

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::problem::{self, Problem};
use super::settings::IfMatch;
use crate::domain::ids::Version;

/// What an answer depends on beside its address. Weak, because the same content goes out in several codings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag(String);

/// Headers that change what is answered.
const VARY: HeaderValue = HeaderValue::from_static("Cookie, Authorization, Accept-Encoding");

/// To be kept by the asker alone, for an hour.
const KEPT: HeaderValue = HeaderValue::from_static("private, max-age=3600");

/// To be kept by the asker alone, and to be asked for again each time (which costs a 304).
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("private, no-cache");

impl Tag {
    /// From the parts that it depends on.
    pub fn of(parts: &[&dyn Display]) -> Self {
        let parts: Vec<_> = parts.iter().map(ToString::to_string).collect();
        Self(format!("W/\"{}\"", parts.join("-")))
    }

    /// Of a record: begins with its version, so that the tag can be given back as `If-Match`.
    pub fn of_record(version: Version, role: &str, body: &[u8]) -> Self {
        let mut hasher = DefaultHasher::new();
        body.hash(&mut hasher);
        Self(format!("\"{}-{role}-{:016x}\"", version.0, hasher.finish()))
    }

    /// Whether the asker has this very answer already.
    pub fn is_known(&self, headers: &HeaderMap) -> bool {
        let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
        let own = opaque(&self.0);
        headers
            .get_all(header::IF_NONE_MATCH)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .any(|tag| tag.trim() == "*" || opaque(tag) == own)
    }
}

/// The answer, or 304 when the asker has it already; the body is only made when it is needed.
pub fn unless_known(headers: &HeaderMap, tag: &Tag, make: impl FnOnce() -> Result<Response, Problem>) -> Result<Response, Problem> {
    let mut response = if tag.is_known(headers) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        make()?
    };
    mark(&mut response, tag);
    Ok(response)
}

/// Puts the tag and what belongs to it on an answer.
pub fn mark(response: &mut Response, tag: &Tag) {
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&tag.0) {
        headers.insert(header::ETAG, value);
    }
    headers.insert(header::VARY, VARY);
    headers.insert(header::CACHE_CONTROL, ASK_AGAIN);
}

/// Lets the asker keep an answer of the past for an hour without asking again: rights may change, what was does not.
pub fn keep(response: &mut Response) {
    response.headers_mut().insert(header::CACHE_CONTROL, KEPT);
}

/// An answer of these bytes.
pub fn bytes(content_type: &'static str, body: impl Into<Body>) -> Response {
    let name: HeaderName = header::CONTENT_TYPE;
    ([(name, HeaderValue::from_static(content_type))], body.into()).into_response()
}

/// An answer of JSON that is never kept.
pub fn json_now(body: impl Into<Body>) -> Response {
    let mut response = bytes("application/json", body);
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Version that a write says it is based on: the number at the beginning of the tag. `None` for "whatever it is now".
pub fn base_version(headers: &HeaderMap, rule: IfMatch) -> Result<Option<Version>, Problem> {
    let Some(value) = headers.get(header::IF_MATCH) else {
        return match rule {
            IfMatch::Honoured => Ok(None),
            IfMatch::Required => Err(Problem::new(problem::IF_MATCH_REQUIRED, "the header If-Match is missing")
                .about("If-Match")
                .expected("the ETag of the record as it was read")),
        };
    };
    let text = value.to_str().unwrap_or_default().trim();
    if text == "*" {
        return Ok(None);
    }
    let digits: String = text
        .trim_start_matches("W/")
        .trim_start_matches('"')
        .chars()
        .take_while(char::is_ascii_digit)
        .collect();
    let wrong = || {
        Problem::new(problem::BAD_PARAMETER, "If-Match is not a tag of a record")
            .about("If-Match")
            .given(text)
            .expected("the ETag of the record as it was read, such as \"3-staff\"")
    };
    let version = digits.parse().ok().map(Version);
    version.map(Some).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn known_tags_are_found_in_lists_and_compared_weakly() {
        let tag = Tag::of(&[&"parcels", &7]);
        for (given, known) in [
            ("W/\"parcels-7\"", true),
            ("\"parcels-7\"", true),
            ("\"x\", W/\"parcels-7\"", true),
            ("*", true),
            ("\"parcels-8\"", false),
            ("parcels-7", false),
        ] {
            assert_eq!(tag.is_known(&with(header::IF_NONE_MATCH, given)), known, "{given}");
        }
    }

    #[test]
    fn the_version_is_read_from_the_tag() {
        for (given, version) in [("\"12-staff-0a\"", Some(Version(12))), ("W/\"3\"", Some(Version(3))), ("*", None)] {
            assert_eq!(
                base_version(&with(header::IF_MATCH, given), IfMatch::Required),
                Ok(version),
                "{given}"
            );
        }
        assert_eq!(
            base_version(&with(header::IF_MATCH, "\"x\""), IfMatch::Honoured).unwrap_err().kind,
            problem::BAD_PARAMETER
        );
        assert_eq!(base_version(&HeaderMap::new(), IfMatch::Honoured), Ok(None));
        assert_eq!(
            base_version(&HeaderMap::new(), IfMatch::Required).unwrap_err().kind,
            problem::IF_MATCH_REQUIRED
        );
    }
}
