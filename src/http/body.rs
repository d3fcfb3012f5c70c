//! A JSON body, read whole and checked before a handler sees it.
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, FailedToBufferBody};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use serde::de::DeserializeOwned;

use super::problem::{self, Problem};
use super::state::App;

/// A body of this type.
pub struct Json<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Arc<App>> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Problem> {
        check_kind(request.headers())?;
        let bytes = Bytes::from_request(request, app)
            .await
            .map_err(|refused| too_large(&refused, app.settings.limits.body_bytes))?;
        read(&bytes).map(Self)
    }
}

/// A form of a foreign site cannot send this type without asking first, which is part of the protection of writes.
fn check_kind(headers: &HeaderMap) -> Result<(), Problem> {
    let given = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("nothing");
    let kind = given.split(';').next().unwrap_or_default().trim();
    if kind.eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    Err(Problem::new(problem::NOT_JSON, "the body must be JSON")
        .about("Content-Type")
        .given(given)
        .expected("application/json"))
}

/// A body that could not be read whole.
pub fn too_large(refused: &BytesRejection, limit: usize) -> Problem {
    match refused {
        BytesRejection::FailedToBufferBody(FailedToBufferBody::LengthLimitError(_)) => {
            Problem::new(problem::TOO_LARGE, "the body is too large").expected(format!("at most {limit} bytes"))
        }
        other => Problem::new(problem::BAD_BODY, "the body broke off").given(other.to_string()),
    }
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let wrong = |error: &serde_json::Error| {
        let at = format!("line {}, column {}", error.line(), error.column());
        let kind = if error.is_data() { problem::BAD_EDIT } else { problem::BAD_BODY };
        Problem::new(kind, format!("the body cannot be read: {error}")).given(at)
    };
    serde_json::from_slice(bytes).map_err(|error| wrong(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_where_a_body_is_wrong() {
        let problem = read::<Vec<u8>>(b"[1,\n2,").unwrap_err();
        assert_eq!(
            (problem.kind, problem.given.as_deref()),
            (problem::BAD_BODY, Some("line 2, column 2"))
        );
        assert_eq!(read::<Vec<u8>>(b"[\"a\"]").unwrap_err().kind, problem::BAD_EDIT);
    }

    #[test]
    fn deep_nesting_is_refused_not_followed() {
        let deep = "[".repeat(100_000);
        assert_eq!(read::<serde_json::Value>(deep.as_bytes()).unwrap_err().kind, problem::BAD_BODY);
    }
}
