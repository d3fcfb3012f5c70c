//! `GET /api/v1/carriers/{code}/net-area`: how much of a parcel can be built on, and what takes the rest.
use axum::extract::Path;
use axum::response::Response;

use super::asking::Asking;
use super::conditional::{self, Tag, bytes};
use super::problem::{self, Problem};

/// Widest setback that can be asked, metres.
const WIDEST_M: f64 = 2_000.0;

/// The waterfall of one parcel.
pub async fn net_area(Path(code): Path<String>, asking: Asking) -> Result<Response, Problem> {
    let setback_m = setback(asking.asked.value("setback_m"))?;
    let work = move |asking: Asking| {
        let tag = Tag::of(&[&asking.start(), &asking.view.revision(), &asking.view.role()]);
        conditional::unless_known(&asking.headers, &tag, || {
            let found = asking.view.net_area(&code, setback_m);
            let found = found.ok_or_else(|| Problem::not_found("open parcel", &code))?;
            Ok(bytes("application/json", found.to_string()))
        })
    };
    asking.weighed(true, work).await?
}

fn setback(given: Option<&str>) -> Result<f64, Problem> {
    let Some(text) = given else { return Ok(0.0) };
    let metres = text.parse().ok().filter(|metres| (0.0..=WIDEST_M).contains(metres));
    metres.ok_or_else(|| {
        Problem::new(problem::BAD_PARAMETER, "setback_m is not a width")
            .about("setback_m")
            .given(text)
            .expected(format!("metres from 0 to {WIDEST_M}"))
    })
}
