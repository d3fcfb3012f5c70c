//! `/tiles/{collection}/{z}/{x}/{y}`: vector tiles with the filter of the search.
use axum::extract::Path;
use axum::response::Response;
use form_urlencoded::Serializer;
use serde_json::{Map, Value, json};

use super::asking::{AT, Asking, REVISION};
use super::conditional::{self, Tag, bytes};
use super::problem::{self, Problem};
use crate::domain::catalogue::{Attribute, Kind};
use crate::domain::query::Query;
use crate::inventory::TileAddress;

/// From this zoom on, a tile is small enough to be made at once.
const LIGHT_ZOOM: u8 = 13;

/// Largest zoom at which tiles are worth asking for; nearer views magnify them.
const MOST_ZOOM: u8 = 16;

/// Parameters that are not the filter's.
pub const OWN: &[&str] = &[REVISION, AT];

/// Those of the description.
pub const DESCRIPTION: &[&str] = &[AT];

/// One tile.
pub async fn tile(asking: Asking, Path((collection, z, x, y)): Path<(String, String, String, String)>) -> Result<Response, Problem> {
    let address = address(&z, &x, &y)?;
    let asking = asking.of_revision().await?;
    let query = asking.query(&collection, OWN)?;
    let heavy = address.z < LIGHT_ZOOM && asking.is_heavy(&query);
    let tag = Tag::of(&[&asking.start(), &asking.view.tile_etag(address, &query)?]);
    if tag.is_known(&asking.headers) {
        return encode(&asking, address, &query, &tag);
    }
    asking.weighed(heavy, move |asking| encode(&asking, address, &query, &tag)).await?
}

/// Description of a collection's tiles, with the same filter, for map libraries and QGIS.
pub async fn description(asking: Asking, Path(collection): Path<String>) -> Result<Response, Problem> {
    let query = asking.query(&collection, DESCRIPTION)?;
    conditional::unless_known(&asking.headers, &asking.tag(&query), || {
        let role = asking.view.role();
        let carried = asking
            .view
            .catalogue()
            .attributes_of(&collection)
            .filter(|each| each.tile && role.sees(each.visibility));
        let fields: Map<String, Value> = carried
            .map(|attribute| (attribute.key.to_string(), json!(kind(attribute))))
            .collect();
        let address = format!(
            "{}/tiles/{collection}/{{z}}/{{x}}/{{y}}{}",
            asking.own_url(),
            filters(&asking.asked.0)
        );
        let mut body = json!({
            "tilejson": "3.0.0", "name": collection, "tiles": [address], "minzoom": 0, "maxzoom": MOST_ZOOM,
            "vector_layers": [{"id": collection, "fields": fields}, {"id": format!("{collection}_counts"), "fields": {"count": "Number"}}],
        });
        if let Some(bounds) = asking.view.bounds(&query.collection) {
            body["bounds"] = json!(bounds);
        }
        Ok(bytes("application/json", body.to_string()))
    })
}

fn filters(asked: &[(String, String)]) -> String {
    if asked.is_empty() {
        return String::new();
    }
    format!("?{}", Serializer::new(String::new()).extend_pairs(asked).finish())
}

fn kind(attribute: &Attribute) -> &'static str {
    match attribute.kind {
        Kind::Number(_) => "Number",
        Kind::Flag => "Boolean",
        Kind::Range(_) | Kind::Code { .. } | Kind::Text { .. } | Kind::Date => "String",
    }
}

fn encode(asking: &Asking, address: TileAddress, query: &Query, tag: &Tag) -> Result<Response, Problem> {
    let mut response = conditional::unless_known(&asking.headers, tag, || {
        let tile = asking.view.tile(address, query)?;
        Ok(bytes("application/vnd.mapbox-vector-tile", tile.bytes))
    })?;
    if asking.is_settled {
        conditional::keep(&mut response);
    }
    Ok(response)
}

fn address(z: &str, x: &str, y: &str) -> Result<TileAddress, Problem> {
    let y = y.strip_suffix(".mvt").unwrap_or(y);
    let wrong = || {
        Problem::new(problem::BAD_TILE, "there is no such tile")
            .given(format!("{z}/{x}/{y}"))
            .expected("zoom/column/row as whole numbers")
    };
    Ok(TileAddress {
        z: z.parse().ok().ok_or_else(wrong)?,
        x: x.parse().ok().ok_or_else(wrong)?,
        y: y.parse().ok().ok_or_else(wrong)?,
    })
}
