//! What goes wrong, told as RFC 9457 problem documents with a stable `type`.
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// A kind of problem: its stable name, status and title. Every kind that this program answers with is a constant of this module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// Last part of `type`: `/problems/<name>`.
    pub name: &'static str,
    /// Status of the answer.
    pub status: StatusCode,
    /// The same for every problem of this kind.
    pub title: &'static str,
}

macro_rules! kinds {
    ($($constant:ident = $name:literal, $status:ident, $title:literal;)*) => {
        $(#[doc = $title] pub const $constant: Kind = Kind { name: $name, status: StatusCode::$status, title: $title };)*
        /// Every kind, for the documentation and the tests.
        pub const ALL: &[Kind] = &[$($constant),*];
    };
}

kinds! {
    UNKNOWN_PARAMETER = "unknown-parameter", BAD_REQUEST, "There is no such parameter here";
    REPEATED_PARAMETER = "repeated-parameter", BAD_REQUEST, "The parameter is given more than once";
    MISSING_PARAMETER = "missing-parameter", BAD_REQUEST, "A parameter is missing";
    BAD_PARAMETER = "bad-parameter", BAD_REQUEST, "The parameter cannot have this value";
    BAD_QUERY = "bad-query", BAD_REQUEST, "The query string cannot be read";
    BAD_BODY = "bad-body", BAD_REQUEST, "The body cannot be read";
    BAD_EDIT = "bad-edit", BAD_REQUEST, "The edit cannot be read";
    BAD_REQUIREMENT = "bad-requirement", BAD_REQUEST, "The requirement cannot be used";
    BAD_CAMPAIGN = "bad-campaign", BAD_REQUEST, "The campaign or visit cannot be like this";
    TOO_FAR_BACK = "too-far-back", BAD_REQUEST, "Too much has changed since then";
    BAD_TILE = "bad-tile", BAD_REQUEST, "There is no such tile";
    WRONG_NAME_OR_PASSWORD = "wrong-name-or-password", UNAUTHORIZED, "The name or the password is wrong";
    LOG_IN = "log-in", UNAUTHORIZED, "This needs an account";
    FORBIDDEN = "forbidden", FORBIDDEN, "This account may not do that";
    FOREIGN_ORIGIN = "foreign-origin", FORBIDDEN, "The request does not come from this application";
    NOT_FOUND = "not-found", NOT_FOUND, "There is nothing here";
    METHOD_NOT_ALLOWED = "method-not-allowed", METHOD_NOT_ALLOWED, "This cannot be done with this method";
    TIMEOUT = "timeout", REQUEST_TIMEOUT, "The request took too long";
    CONFLICT = "conflict", CONFLICT, "The store refuses the change";
    WRONG_OFFSET = "wrong-offset", CONFLICT, "The chunk does not begin where the bytes that are here end";
    NOT_READY = "not-ready", CONFLICT, "Something is still open";
    STALE = "stale", PRECONDITION_FAILED, "The record has moved on";
    TOO_LARGE = "too-large", PAYLOAD_TOO_LARGE, "The body is too large";
    NO_PHOTO = "no-photo", UNSUPPORTED_MEDIA_TYPE, "The photo is of no kind that is taken";
    WRONG_HASH = "wrong-hash", UNPROCESSABLE_ENTITY, "The bytes are not those that were announced";
    NOT_JSON = "not-json", UNSUPPORTED_MEDIA_TYPE, "The body must be JSON";
    IF_MATCH_REQUIRED = "if-match-required", PRECONDITION_REQUIRED, "A write must say which version it is based on";
    TOO_MANY = "too-many-requests", TOO_MANY_REQUESTS, "Too many requests";
    BUSY = "busy", SERVICE_UNAVAILABLE, "The server is busy";
    STORE_UNAVAILABLE = "store-unavailable", SERVICE_UNAVAILABLE, "The store cannot be used now";
    PHOTO_QUOTA = "photo-quota", INSUFFICIENT_STORAGE, "The account has no more room for photos";
    STORE_FULL = "store-full", INSUFFICIENT_STORAGE, "The store has no more room";
    INTERNAL = "internal", INTERNAL_SERVER_ERROR, "Something is wrong with this program";
}

/// A problem on its way to the client. Boxed, because it travels as the error of functions that mostly succeed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem(Box<Case>);

/// A kind, and what is to be said of this case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Its kind.
    pub kind: Kind,
    /// This case, in a sentence.
    pub detail: String,
    /// Parameter, header, field or path part it is about.
    pub parameter: Option<String>,
    /// What was given, shortened.
    pub given: Option<String>,
    /// What would have been right.
    pub expected: Option<String>,
    /// Places in a document that cannot be used, when there may be several; the first is told by the members above too.
    pub faults: Vec<Fault>,
    /// Bytes of a photo that are here already.
    pub received: Option<u64>,
    /// Seconds after which trying again makes sense; becomes `Retry-After`.
    pub retry_after_s: Option<u64>,
}

/// A place in a document that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Where, such as `needs[2].max`.
    pub path: String,
    /// What was given, shortened.
    pub given: String,
    /// What would have been right.
    pub expected: String,
}

/// Longest given value that is repeated in an answer, characters.
const LONGEST_GIVEN: usize = 200;

impl Problem {
    /// A problem of this kind.
    pub fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self(Box::new(Case {
            kind,
            detail: detail.into(),
            parameter: None,
            given: None,
            expected: None,
            faults: Vec::new(),
            received: None,
            retry_after_s: None,
        }))
    }

    /// Says what it is about.
    #[must_use]
    pub fn about(mut self, parameter: impl Into<String>) -> Self {
        self.0.parameter = Some(shorten(&parameter.into()));
        self
    }

    /// Says what was given.
    #[must_use]
    pub fn given(mut self, given: impl Into<String>) -> Self {
        self.0.given = Some(shorten(&given.into()));
        self
    }

    /// Says what would have been right.
    #[must_use]
    pub fn expected(mut self, expected: impl Into<String>) -> Self {
        self.0.expected = Some(expected.into());
        self
    }

    /// Says which places of a document cannot be used.
    #[must_use]
    pub fn with_faults(self, faults: Vec<Fault>) -> Self {
        let mut problem = match faults.first() {
            Some(first) => self.about(&first.path).given(&first.given).expected(&first.expected),
            None => self,
        };
        problem.0.faults = faults;
        problem
    }

    /// Says how many bytes of a photo are here.
    #[must_use]
    pub fn with_received(mut self, bytes: u64) -> Self {
        self.0.received = Some(bytes);
        self
    }

    /// Says when to try again.
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.0.retry_after_s = Some(seconds.max(1));
        self
    }

    /// Nothing is there, or nothing that this viewer may see: the two are told alike.
    pub fn not_found(what: &str, given: &str) -> Self {
        Self::new(NOT_FOUND, format!("there is no {what} of this name")).given(given)
    }
}

impl std::ops::Deref for Problem {
    type Target = Case;

    fn deref(&self) -> &Case {
        &self.0
    }
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(LONGEST_GIVEN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[derive(Serialize)]
struct Document<'a> {
    r#type: String,
    title: &'a str,
    status: u16,
    detail: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    parameter: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    given: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    received: Option<u64>,
    #[serde(skip_serializing_if = "<[Fault]>::is_empty")]
    faults: &'a [Fault],
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let document = Document {
            r#type: format!("/problems/{}", self.kind.name),
            title: self.kind.title,
            status: self.kind.status.as_u16(),
            detail: &self.detail,
            parameter: self.parameter.as_deref(),
            given: self.given.as_deref(),
            expected: self.expected.as_deref(),
            received: self.received,
            faults: &self.faults,
        };
        let body = serde_json::to_vec(&document).expect("texts and numbers can always be written as JSON");
        let mut response = (self.kind.status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.kind.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_urls() {
        let mut names: Vec<_> = ALL.iter().map(|kind| kind.name).collect();
        names.sort_unstable();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]));
        assert!(
            names
                .iter()
                .all(|name| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'))
        );
    }

    #[test]
    fn given_values_are_shortened_at_a_character() {
        let problem = Problem::new(BAD_PARAMETER, "too long").given("亩".repeat(500));
        assert_eq!(problem.given.as_ref().unwrap().chars().count(), LONGEST_GIVEN + 1);
    }

    #[test]
    fn tells_when_to_try_again() {
        let response = Problem::new(TOO_MANY, "slow down").retry_after(0).into_response();
        assert_eq!(response.status(), 429);
        assert_eq!(response.headers()["retry-after"], "1");
    }
}
