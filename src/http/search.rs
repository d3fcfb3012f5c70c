//! `GET /api/v1/search`: carriers that match, page by page.
use axum::response::Response;

use super::asking::{AT, Asking};
use super::conditional::{self, bytes};
use super::problem::{self, Problem};
use crate::domain::query::Query;
use crate::inventory::GeometryChoice;

/// Parameters that are not the filter's.
pub const OWN: &[&str] = &["collection", "geometry", AT];

/// A page of carriers as `GeoJSON`.
pub async fn search(asking: Asking) -> Result<Response, Problem> {
    let query = asking.query(asking.collection()?, OWN)?;
    let geometry = geometry(asking.asked.value("geometry"))?;
    let heavy = asking.is_heavy(&query);
    asking.weighed(heavy, move |asking| answer(&asking, &query, geometry)).await?
}

fn answer(asking: &Asking, query: &Query, geometry: GeometryChoice) -> Result<Response, Problem> {
    conditional::unless_known(&asking.headers, &asking.tag(query), || {
        let page = asking.view.search(query)?;
        Ok(bytes("application/geo+json", page.to_geojson(geometry)))
    })
}

fn geometry(given: Option<&str>) -> Result<GeometryChoice, Problem> {
    match given {
        None | Some("full") => Ok(GeometryChoice::Full),
        Some("none") => Ok(GeometryChoice::None),
        Some(other) => Err(Problem::new(problem::BAD_PARAMETER, "geometry cannot have this value")
            .about("geometry")
            .given(other)
            .expected("full or none")),
    }
}
