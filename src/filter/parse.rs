//! The parameters of a search, one after the other, and what they make together.
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use super::attributes::{Wish, attribute_part};
use super::{Limits, Mistake, ParameterError, Scope, attributes, available, order, region};
use crate::domain::catalogue::Kind;
use crate::domain::ids::CollectionKey;
use crate::domain::query::{Condition, Filter, Query, Region};

/// Names of the parameters that are not made from attributes.
pub(super) const FIXED: [&str; 9] = ["bbox", "within", "near", "radius_m", "q", "available_by", "sort", "limit", "after"];

/// Reads the parameters of a search. The caller takes out those that are its own (`collection`, `geometry`, `format`, ...); whatever else is here
/// must be known, may be there once, and must make sense together with the others.
pub fn parse(scope: &Scope<'_>, parameters: &[(String, String)]) -> Result<Query, ParameterError> {
    let given = gather(scope, parameters)?;
    let mut conditions = Vec::new();
    let mut condition = |name: &str, filter: Filter| {
        let name = Arc::from(name);
        conditions.push(Condition { name, filter });
    };
    if let Some(text) = given.fixed.get("bbox") {
        condition("bbox", Filter::Within(Region::Box(region::bbox(text)?)));
    }
    if let Some(text) = given.fixed.get("within") {
        condition("within", Filter::Within(Region::Polygon(region::within(text, scope.limits)?)));
    }
    if let Some(radius) = region::near(&given.fixed, scope.limits)? {
        condition("near", Filter::Within(radius));
    }
    if let Some(text) = given.fixed.get("q") {
        condition("q", words(scope, text)?);
    }
    if let Some(text) = given.fixed.get("available_by") {
        condition("available_by", available::by(scope, text)?);
    }
    for (key, wish) in &given.attributes {
        condition(key, attributes::filter(scope, wish)?);
    }
    let sort = order::sort(scope, given.fixed.get("sort").copied())?;
    Ok(Query {
        collection: CollectionKey::from(scope.collection),
        conditions,
        limit: order::limit(scope.limits, given.fixed.get("limit").copied())?,
        after: order::after(given.fixed.get("after").copied(), &sort)?,
        sort,
    })
}

/// What was given, sorted by what it is about.
struct Given<'a> {
    fixed: BTreeMap<&'a str, &'a str>,
    attributes: BTreeMap<&'a str, Wish<'a>>,
}

fn gather<'a>(scope: &Scope<'a>, parameters: &'a [(String, String)]) -> Result<Given<'a>, ParameterError> {
    let mut given = Given {
        fixed: BTreeMap::new(),
        attributes: BTreeMap::new(),
    };
    let mut seen = HashSet::new();
    for (name, value) in parameters {
        let fixed = FIXED.contains(&name.as_str()) && (name != "available_by" || available::is_offered(scope));
        let part = attribute_part(scope, name);
        if !fixed && part.is_none() {
            return Err(unknown(scope, name));
        }
        if !seen.insert(name.as_str()) {
            return Err(ParameterError::bad(name, value, "this parameter once"));
        }
        match part {
            Some((attribute, part)) => {
                let wish = given
                    .attributes
                    .entry(attribute.key.as_str())
                    .or_insert_with(|| Wish::new(attribute));
                wish.parts.push((part, name, value));
            }
            None => {
                given.fixed.insert(name, value);
            }
        }
    }
    Ok(given)
}

/// The same text for a parameter that nobody has and for one that the asker may not see.
fn unknown(scope: &Scope<'_>, name: &str) -> ParameterError {
    let attributes = scope.attributes().map(|attribute| attribute.key.as_str());
    let expected = format!(
        "one of {}, or a parameter made from an attribute of {}: {}",
        FIXED.join(", "),
        scope.collection,
        attributes.collect::<Vec<_>>().join(", ")
    );
    ParameterError {
        kind: Mistake::UnknownParameter,
        ..ParameterError::bad(name, name, expected)
    }
}

fn words(scope: &Scope<'_>, text: &str) -> Result<Filter, ParameterError> {
    let Limits {
        text_chars, words: most, ..
    } = scope.limits;
    let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
    if words.is_empty() || words.len() > *most || text.chars().count() > *text_chars {
        let expected = format!("1 to {most} words, together at most {text_chars} characters");
        return Err(ParameterError::bad("q", text, expected));
    }
    let texts = scope.attributes().filter(|attribute| matches!(attribute.kind, Kind::Text { .. }));
    Ok(Filter::Words {
        words,
        attributes: texts.map(|attribute| attribute.key.clone()).collect(),
    })
}
