//! Who asks: a token, a session cookie, or nobody. And whether a write really comes from the app.
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, Uri, header};

use super::problem::{self, Problem};
use super::settings::{Proxy, Settings};
use super::state::App;
use crate::domain::viewer::{Role, Viewer};
use crate::inventory::Hand;

/// Name of the session's cookie.
pub const COOKIE: &str = "zaiti_session";

/// Header that only a script of the same origin can set; its value does not matter.
pub const OWN_HEADER: &str = "x-zaiti";

/// The one who asks, and by what right. Taking it checks that a write with a cookie comes from the app itself.
#[derive(Clone, Debug)]
pub struct Asker {
    /// Who.
    pub viewer: Viewer,
    /// The secret that said so, for logging out.
    pub secret: Option<String>,
}

impl FromRequestParts<Arc<App>> for Asker {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        if let Some(token) = bearer(&parts.headers)? {
            let viewer = app.accounts.viewer_of(token).ok_or_else(unknown_token)?;
            return Ok(Self {
                viewer,
                secret: Some(token.to_owned()),
            });
        }
        let Some(secret) = cookie(&parts.headers) else {
            return Ok(Self::public());
        };
        // A session that has ended reads as the public does; what it may no longer do is refused where it is tried.
        let Some(viewer) = app.accounts.viewer_of(secret) else {
            return Ok(Self::public());
        };
        if !is_safe(&parts.method) {
            check_own_origin(&parts.headers, &parts.uri, &app.settings)?;
            check_own_header(&parts.headers)?;
        }
        Ok(Self {
            viewer,
            secret: Some(secret.to_owned()),
        })
    }
}

impl Asker {
    fn public() -> Self {
        Self {
            viewer: Viewer::public(),
            secret: None,
        }
    }

    /// The viewer, if they have an account with at least this role.
    pub fn at_least(&self, role: Role) -> Result<&Viewer, Problem> {
        if self.viewer.role >= role {
            return Ok(&self.viewer);
        }
        Err(match self.viewer.role {
            Role::Public => Problem::new(problem::LOG_IN, "this needs an account; log in first"),
            own => Problem::new(problem::FORBIDDEN, format!("this needs the role {role}")).given(own.to_string()),
        })
    }

    /// The viewer as one who hands in edits: at least a surveyor.
    pub fn sending(&self) -> Result<Sending, Problem> {
        let viewer = self.at_least(Role::Surveyor)?.clone();
        Ok(Sending {
            viewer,
            is_over: false,
            handed_in_by: None,
        })
    }
}

/// One who hands in what was recorded in the field.
#[derive(Clone, Debug)]
pub struct Sending {
    /// Who; at least a surveyor.
    pub viewer: Viewer,
    /// The account was ended meanwhile: what comes in waits for a person, whatever it is.
    pub is_over: bool,
    /// Account name of who brings it for them, where somebody does.
    pub handed_in_by: Option<Arc<str>>,
}

/// Lowest role that may bring what somebody else has recorded.
const BRINGERS: Role = Role::Staff;

impl Sending {
    /// The author, where it is somebody else than the one who asks. What comes in is judged by the lower of both roles: nobody gains a right by a name.
    pub fn on_behalf_of(self, app: &App, author: Option<&str>) -> Result<Self, Problem> {
        let Some(name) = author.filter(|name| self.viewer.account.as_deref() != Some(name)) else {
            return Ok(self);
        };
        if self.is_over || self.viewer.role < BRINGERS {
            let told = format!("to hand in what somebody else has recorded needs the role {BRINGERS}");
            return Err(Problem::new(problem::FORBIDDEN, told).about("on_behalf_of").given(name));
        }
        let (author, is_over) = app.accounts.known(name).ok_or_else(|| {
            Problem::new(problem::BAD_BODY, "there is no such account")
                .about("on_behalf_of")
                .given(name)
                .expected("the name of an account, of one that was ended too")
        })?;
        Ok(Self {
            viewer: Viewer {
                role: author.role.min(self.viewer.role),
                account: author.account,
            },
            is_over,
            handed_in_by: self.viewer.account,
        })
    }

    /// The same as the inventory takes it.
    pub fn hand(&self) -> Hand<'_> {
        Hand {
            viewer: &self.viewer,
            handed_in_by: self.handed_in_by.as_deref(),
        }
    }
}

impl FromRequestParts<Arc<App>> for Sending {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        if let Some(account) = ended_account(app, &parts.headers)? {
            if bearer(&parts.headers)?.is_none() && !is_safe(&parts.method) {
                check_own_origin(&parts.headers, &parts.uri, &app.settings)?;
                check_own_header(&parts.headers)?;
            }
            let viewer = Viewer {
                role: Role::Surveyor,
                account: Some(account),
            };
            return Ok(Self {
                viewer,
                is_over: true,
                handed_in_by: None,
            });
        }
        let asker = Asker::from_request_parts(parts, app).await?;
        asker.sending()
    }
}

/// The account that was ended meanwhile, where the secret of this request was its.
pub fn ended_account(app: &App, headers: &HeaderMap) -> Result<Option<Arc<str>>, Problem> {
    let secret = bearer(headers)?.or_else(|| cookie(headers));
    Ok(secret.and_then(|secret| app.accounts.ended_account_of(secret)))
}

fn unknown_token() -> Problem {
    Problem::new(problem::LOG_IN, "the token is unknown or has ended")
        .about("Authorization")
        .expected("Bearer with a valid token")
}

fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        return Ok(None);
    };
    let token = value.to_str().ok().and_then(|text| text.split_once(' '));
    let token = token
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim());
    token.map(Some).ok_or_else(unknown_token)
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    let pairs = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut found = pairs
        .flat_map(|text| text.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    found.find(|(name, _)| *name == COOKIE).map(|(_, secret)| secret)
}

/// The secret of the session that a request has, where no token speaks for it.
pub fn session_secret(headers: &HeaderMap) -> Option<&str> {
    cookie(headers).filter(|_| !headers.contains_key(header::AUTHORIZATION))
}

fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// A form of a foreign site cannot set this header.
fn check_own_header(headers: &HeaderMap) -> Result<(), Problem> {
    if headers.contains_key(OWN_HEADER) {
        return Ok(());
    }
    Err(
        Problem::new(problem::FOREIGN_ORIGIN, "a write with a session needs the header X-Zaiti")
            .about("X-Zaiti")
            .expected("1"),
    )
}

/// Browsers say where a write comes from; programs that are not browsers say nothing and cannot be misled.
pub fn check_own_origin(headers: &HeaderMap, uri: &Uri, settings: &Settings) -> Result<(), Problem> {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let foreign = |name: &str, given: &str| {
        Problem::new(problem::FOREIGN_ORIGIN, "the request comes from another site")
            .about(name)
            .given(given)
    };
    if let Some(site) = text("sec-fetch-site").filter(|site| !matches!(*site, "same-origin" | "none")) {
        return Err(foreign("Sec-Fetch-Site", site));
    }
    let Some(origin) = text("origin") else { return Ok(()) };
    let host = uri.host().or_else(|| text("host"));
    let own = origin.split_once("://").map(|(_, host)| host) == host && host.is_some();
    let public = settings
        .public_url
        .as_deref()
        .is_some_and(|url| url.trim_end_matches('/') == origin);
    if own || public { Ok(()) } else { Err(foreign("Origin", origin)) }
}

/// Whether the client reached us by TLS, as far as a trusted proxy or the operator says.
pub fn is_by_tls(headers: &HeaderMap, settings: &Settings) -> bool {
    let forwarded = || headers.get("x-forwarded-proto").is_some_and(|value| value == "https");
    match settings.proxy {
        Proxy::Trusted if forwarded() => true,
        Proxy::Trusted | Proxy::None => settings.public_url.as_deref().is_some_and(|url| url.starts_with("https://")),
    }
}

/// Address by which the asker reaches this service, without a slash at its end.
pub fn own_url(headers: &HeaderMap, settings: &Settings) -> String {
    if let Some(url) = &settings.public_url {
        return url.trim_end_matches('/').to_owned();
    }
    let scheme = if is_by_tls(headers, settings) { "https" } else { "http" };
    let host = headers
        .get(header::HOST)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("localhost");
    format!("{scheme}://{host}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::names::Names;
    use crate::http::settings::{IfMatch, Limits};
    use axum::http::{HeaderName, HeaderValue};

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect()
    }

    fn settings() -> Settings {
        Settings {
            limits: Limits::default(),
            if_match: IfMatch::Honoured,
            proxy: Proxy::None,
            public_url: Some("https://park.example".into()),
            base_map: None,
            title: Names::default(),
            contact: None,
        }
    }

    #[test]
    fn only_the_own_origin_may_write() {
        let uri = Uri::from_static("/api/v1/edits");
        for (pairs, ok) in [
            (vec![("host", "127.0.0.1:8080")], true),
            (vec![("host", "127.0.0.1:8080"), ("origin", "http://127.0.0.1:8080")], true),
            (vec![("host", "inner"), ("origin", "https://park.example")], true),
            (vec![("host", "127.0.0.1:8080"), ("origin", "http://evil.example")], false),
            (vec![("host", "127.0.0.1:8080"), ("origin", "null")], false),
            (vec![("host", "127.0.0.1:8080"), ("sec-fetch-site", "cross-site")], false),
            (vec![("host", "127.0.0.1:8080"), ("sec-fetch-site", "same-site")], false),
            (vec![("host", "127.0.0.1:8080"), ("sec-fetch-site", "same-origin")], true),
            (vec![("origin", "http://x")], false),
        ] {
            assert_eq!(check_own_origin(&headers(&pairs), &uri, &settings()).is_ok(), ok, "{pairs:?}");
        }
    }

    #[test]
    fn the_cookie_is_found_among_others() {
        assert_eq!(cookie(&headers(&[("cookie", "a=1; zaiti_session=abc; b=2")])), Some("abc"));
        assert_eq!(cookie(&headers(&[("cookie", "xzaiti_session=abc")])), None);
    }

    #[test]
    fn only_bearer_is_understood() {
        assert_eq!(bearer(&headers(&[("authorization", "bearer abc")])).unwrap(), Some("abc"));
        assert!(bearer(&headers(&[("authorization", "Basic abc")])).is_err());
        assert_eq!(bearer(&HeaderMap::new()).unwrap(), None);
    }
}
