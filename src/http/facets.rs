//! `GET /api/v1/facets`: how many there are of each value, under the other conditions and in all.
use axum::response::Response;

use super::asking::{AT, Asking};
use super::conditional::{self, bytes};
use super::problem::{self, Problem};
use crate::domain::ids::AttributeKey;

/// Parameters that are not the filter's.
pub const OWN: &[&str] = &["collection", "facets", AT];

/// Counts and histograms.
pub async fn count(asking: Asking) -> Result<Response, Problem> {
    let query = asking.query(asking.collection()?, OWN)?;
    let attributes = attributes(asking.asked.value("facets"), asking.limits().facets)?;
    let heavy = asking.is_heavy(&query);
    let counted = move |asking: Asking| {
        conditional::unless_known(&asking.headers, &asking.tag(&query), || {
            Ok(bytes(
                "application/json",
                asking.view.facets(&query, &attributes)?.to_json().to_string(),
            ))
        })
    };
    asking.weighed(heavy, counted).await?
}

/// Keys separated by commas; none for those that the catalogue shows by default.
fn attributes(given: Option<&str>, most: usize) -> Result<Vec<AttributeKey>, Problem> {
    let keys: Vec<AttributeKey> = given
        .unwrap_or_default()
        .split(',')
        .filter(|key| !key.is_empty())
        .map(AttributeKey::from)
        .collect();
    if keys.len() <= most {
        return Ok(keys);
    }
    Err(Problem::new(problem::BAD_PARAMETER, "too many facets at once")
        .about("facets")
        .given(format!("{} facets", keys.len()))
        .expected(format!("at most {most}")))
}
