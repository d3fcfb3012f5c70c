//! Order and page: `sort`, `limit`, `after`.
use super::{Limits, ParameterError, Scope, decode_cursor};
use crate::domain::query::{Cursor, SortKey};

pub(super) fn sort(scope: &Scope<'_>, given: Option<&str>) -> Result<Vec<SortKey>, ParameterError> {
    let Some(text) = given else {
        return Ok(Vec::new());
    };
    let mut keys: Vec<SortKey> = Vec::new();
    for piece in text.split(',').map(str::trim) {
        let (name, descending) = piece.strip_prefix('-').map_or((piece, false), |name| (name, true));
        let attribute = if name == "code" {
            None
        } else {
            let found = scope.attribute(name).ok_or_else(|| {
                let known: Vec<_> = scope.attributes().map(|attribute| attribute.key.as_str()).collect();
                ParameterError::bad(
                    "sort",
                    name,
                    format!("code or one of {}, each with - before it for largest first", known.join(", ")),
                )
            })?;
            Some(found.key.clone())
        };
        if keys.iter().any(|key| key.attribute == attribute) {
            return Err(ParameterError::bad("sort", text, format!("{name} once")));
        }
        keys.push(SortKey { attribute, descending });
    }
    if keys.len() > scope.limits.sort_keys {
        return Err(ParameterError::bad(
            "sort",
            text,
            format!("at most {} keys", scope.limits.sort_keys),
        ));
    }
    Ok(keys)
}

pub(super) fn limit(limits: &Limits, given: Option<&str>) -> Result<usize, ParameterError> {
    let Some(text) = given else {
        return Ok(limits.rows);
    };
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text
        .parse::<usize>()
        .ok()
        .filter(|number| digits && (1..=limits.most_rows).contains(number));
    number.ok_or_else(|| ParameterError::bad("limit", text, format!("a whole number from 1 to {}", limits.most_rows)))
}

pub(super) fn after(given: Option<&str>, sort: &[SortKey]) -> Result<Option<Cursor>, ParameterError> {
    let Some(text) = given else {
        return Ok(None);
    };
    let cursor = decode_cursor(text, sort);
    cursor
        .map(Some)
        .ok_or_else(|| ParameterError::bad("after", text, "the next of an answer to the same search in the same order"))
}
