//! The query string, read once: every name known, none repeated, none ignored.
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::problem::{self, Problem};

/// What was asked in the query string, in order, decoded. Handlers get it as an extension.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked(pub Arc<[(String, String)]>);

/// Longest query string, bytes. A little below 64 KiB, where the parser of addresses ends (status 414, without our words).
const LONGEST_QUERY: usize = 60 << 10;

/// Parameters of order and page; the others of a search are conditions.
pub const PAGING: [&str; 3] = ["sort", "limit", "after"];

/// Which names a route takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepts {
    /// These and no others.
    Only(&'static [&'static str]),
    /// These, and the conditions of a search on the collection, which [`crate::filter`] checks. What there is no order or page of takes none.
    Filters(&'static [&'static str]),
    /// The same with order and page.
    Search(&'static [&'static str]),
    /// Anything: the page's own state, which the server does not read.
    PageState,
}

impl Asked {
    /// Reads a query string: `%`-coding of UTF-8 only, nothing given twice.
    pub fn read(query: &str) -> Result<Self, Problem> {
        if query.len() > LONGEST_QUERY {
            return Err(Problem::new(problem::BAD_QUERY, "the query string is too long")
                .given(format!("{} bytes", query.len()))
                .expected(format!("at most {LONGEST_QUERY} bytes")));
        }
        check_coding(query)?;
        let mut pairs: Vec<(String, String)> = Vec::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            if pairs.iter().any(|(known, _)| *known == name) {
                return Err(Problem::new(problem::REPEATED_PARAMETER, format!("{name} is given more than once"))
                    .about(name)
                    .expected("each parameter once; several values are separated by commas"));
            }
            pairs.push((name.into_owned(), value.into_owned()));
        }
        Ok(Self(pairs.into()))
    }

    /// Value of a parameter.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Value of a parameter that has to be there.
    pub fn required(&self, name: &'static str, expected: impl Into<String>) -> Result<&str, Problem> {
        let missing = || Problem::new(problem::MISSING_PARAMETER, format!("{name} is missing")).about(name);
        self.value(name).ok_or_else(|| missing().expected(expected))
    }

    /// A whole number, if given.
    pub fn number(&self, name: &'static str) -> Result<Option<u64>, Problem> {
        let Some(text) = self.value(name) else { return Ok(None) };
        let wrong = |_| {
            Problem::new(problem::BAD_PARAMETER, format!("{name} is not a whole number"))
                .about(name)
                .given(text)
                .expected("a whole number from 0")
        };
        text.parse().map(Some).map_err(wrong)
    }

    /// All but these: what is left for the filter.
    pub fn without(&self, names: &[&str]) -> Vec<(String, String)> {
        self.0.iter().filter(|(name, _)| !names.contains(&name.as_str())).cloned().collect()
    }

    fn check(&self, accepts: Accepts) -> Result<(), Problem> {
        let given = |wanted: &dyn Fn(&str) -> bool| self.0.iter().find(|(name, _)| wanted(name));
        match accepts {
            Accepts::Only(names) => match given(&|name| !names.contains(&name)) {
                None => Ok(()),
                Some((name, value)) => Err(unknown(name, value, names)),
            },
            // Accepted and ignored, it would promise an order or a cut that there is not.
            Accepts::Filters(_) => match given(&|name| PAGING.contains(&name)) {
                None => Ok(()),
                Some((name, value)) => Err(not_here(name, value).expected("conditions alone: all that matches is told here")),
            },
            Accepts::Search(_) | Accepts::PageState => Ok(()),
        }
    }
}

fn unknown(name: &str, value: &str, names: &[&str]) -> Problem {
    let expected = if names.is_empty() {
        "no parameter at all".to_owned()
    } else {
        format!("one of {}", names.join(", "))
    };
    not_here(name, value).expected(expected)
}

fn not_here(name: &str, value: &str) -> Problem {
    Problem::new(problem::UNKNOWN_PARAMETER, format!("there is no parameter {name} here"))
        .about(name)
        .given(value)
}

/// `%` must be followed by two hex digits, and the decoded bytes must be UTF-8: else two clients could mean different things by the same text.
fn check_coding(query: &str) -> Result<(), Problem> {
    let wrong = |expected: &str| Problem::new(problem::BAD_QUERY, "the query string is not coded as it must be").expected(expected);
    let bytes = query.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] != b'%' {
            decoded.push(bytes[at]);
            at += 1;
            continue;
        }
        let digit = |at: usize| bytes.get(at).and_then(|byte| char::from(*byte).to_digit(16));
        let (Some(high), Some(low)) = (digit(at + 1), digit(at + 2)) else {
            return Err(wrong("two hex digits after each %"));
        };
        decoded.push(u8::try_from(high * 16 + low).expect("two hex digits make a byte"));
        at += 3;
    }
    if std::str::from_utf8(&decoded).is_err() || decoded.contains(&0) {
        return Err(wrong("UTF-8 without the character 0"));
    }
    Ok(())
}

/// Reads and checks the query string before a handler sees the request.
pub async fn check(State(accepts): State<Accepts>, mut request: Request, next: Next) -> Response {
    if accepts == Accepts::PageState {
        return next.run(request).await;
    }
    let asked = Asked::read(request.uri().query().unwrap_or_default()).and_then(|asked| asked.check(accepts).map(|()| asked));
    match asked {
        Ok(asked) => {
            request.extensions_mut().insert(asked);
            next.run(request).await
        }
        Err(problem) => problem.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_is_well_coded() {
        let asked = Asked::read("collection=parcels&name=%E8%BD%BD+a%2Bb&empty=").unwrap();
        assert_eq!(asked.value("name"), Some("载 a+b"));
        assert_eq!(asked.value("empty"), Some(""));
        assert_eq!(asked.without(&["collection"]).len(), 2);
    }

    #[test]
    fn refuses_what_could_be_read_in_two_ways() {
        for (query, kind) in [
            ("a=1&a=2", problem::REPEATED_PARAMETER),
            ("a=%", problem::BAD_QUERY),
            ("a=%f", problem::BAD_QUERY),
            ("a=%zz", problem::BAD_QUERY),
            ("a=%ff", problem::BAD_QUERY),
            ("a=%00", problem::BAD_QUERY),
        ] {
            assert_eq!(Asked::read(query).unwrap_err().kind, kind, "{query}");
        }
    }

    #[test]
    fn refuses_names_that_a_route_does_not_take() {
        let asked = Asked::read("since=1&x=2").unwrap();
        let refused = asked.check(Accepts::Only(&["since"])).unwrap_err();
        assert_eq!(refused.parameter.as_deref(), Some("x"));
        assert_eq!(refused.expected.as_deref(), Some("one of since"));
        assert_eq!(asked.check(Accepts::Only(&["since", "x"])), Ok(()));
        let page = Asked::read("area_min=1&limit=5").unwrap();
        assert_eq!(page.check(Accepts::Filters(&[])).unwrap_err().parameter.as_deref(), Some("limit"));
        assert_eq!(page.check(Accepts::Search(&[])), Ok(()));
    }
}
