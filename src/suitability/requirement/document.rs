//! The whole document.
use geo_types::{Geometry, MultiPolygon, Polygon};
use serde::Deserialize;
use serde_json::Value as Json;

use super::reading::{Faults, Node};
use super::{Assemble, Parts, Requirement, RequirementFault, Scope, needs, wishes};
use crate::domain::geometry::{Shape, canonical_within, closed_ring};
use crate::domain::ids::CollectionKey;

const MEMBERS: [&str; 11] = [
    "name", "industry", "seeks", "within", "as_of", "needs", "wishes", "compare", "assemble", "limit", "parts",
];

/// Reads and checks a requirement. All faults that were found are told, at least one.
pub fn parse(scope: &Scope<'_>, json: &Json) -> Result<Requirement, Vec<RequirementFault>> {
    let faults = Faults::default();
    let requirement = read(scope, &faults.root(json));
    let mut faults = faults.into_vec();
    faults.truncate(scope.limits.faults.max(1));
    match requirement {
        Some(requirement) if faults.is_empty() => Ok(requirement),
        Some(_) | None => Err(faults),
    }
}

fn read(scope: &Scope<'_>, root: &Node<'_>) -> Option<Requirement> {
    root.object(&MEMBERS)?;
    let seeks = seeks(scope, root);
    let within = root.member("within").and_then(|node| within(&node, scope.limits.vertices));
    let industry = root.member("industry").and_then(|node| industry(&node));
    let mut gates = needs::read(scope, root, &seeks);
    let wished = wishes::read(scope, root, &seeks)?;
    gates.extend(wished.vetoes);
    Some(Requirement {
        name: root
            .member("name")
            .and_then(|node| node.text(scope.limits.text_chars))
            .map(str::to_owned),
        industry,
        within,
        as_of: root.member("as_of").and_then(|node| node.day()),
        gates,
        wishes: wished.wishes,
        scale: wished.scale,
        consistency: wished.consistency,
        assemble: root.member("assemble").and_then(|node| assemble(&node)),
        limit: root
            .member("limit")
            .map_or(Some(scope.limits.rows), |node| node.whole(1, scope.limits.most_rows))?,
        parts: root.member("parts").map_or(Some(ALL_PARTS), |node| parts(&node))?,
        seeks,
    })
}

/// Carriers by the name of one: `parcel` for `parcels`. All of them when nothing is said.
fn seeks(scope: &Scope<'_>, root: &Node<'_>) -> Vec<CollectionKey> {
    let carriers: Vec<&CollectionKey> = scope
        .catalogue
        .collections
        .iter()
        .filter(|collection| collection.overlay.is_none())
        .map(|collection| &collection.key)
        .collect();
    let Some(node) = root.member("seeks") else {
        return carriers.into_iter().cloned().collect();
    };
    let items = node.items(carriers.len());
    if items.is_empty() {
        node.fault(format!("some of {}", names(&carriers)));
    }
    chosen(&items, &carriers)
}

/// The collections that items name, each once.
pub(super) fn chosen(items: &[Node<'_>], of: &[&CollectionKey]) -> Vec<CollectionKey> {
    let mut found: Vec<CollectionKey> = Vec::new();
    for item in items {
        let wanted = item.json.as_str();
        let key = of.iter().find(|key| wanted == Some(one_of(key)));
        match key {
            Some(key) if !found.contains(key) => found.push((*key).clone()),
            Some(_) => item.fault("each once"),
            None => item.fault(format!("one of {}", names(of))),
        }
    }
    found
}

/// What one carrier of a collection is called in a requirement.
pub(super) fn one_of(key: &CollectionKey) -> &str {
    key.as_str().strip_suffix('s').unwrap_or(key.as_str())
}

fn names(keys: &[&CollectionKey]) -> String {
    keys.iter().map(|key| one_of(key)).collect::<Vec<_>>().join(", ")
}

/// A letter and up to four digits, such as `C26`.
fn industry(node: &Node<'_>) -> Option<String> {
    let text = node.json.as_str().map(str::trim).unwrap_or_default();
    let mut letters = text.chars();
    let section = letters.next().is_some_and(|letter| letter.is_ascii_uppercase());
    let digits = letters.as_str();
    if section && digits.len() <= 4 && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(text.to_owned());
    }
    node.fault("a code of GB/T 4754 such as C26");
    None
}

#[derive(Deserialize)]
#[serde(tag = "type", content = "coordinates", deny_unknown_fields)]
enum Written {
    Polygon(Vec<Vec<[f64; 2]>>),
    MultiPolygon(Vec<Vec<Vec<[f64; 2]>>>),
}

fn within(node: &Node<'_>, vertices: usize) -> Option<MultiPolygon<f64>> {
    let expected = "a GeoJSON Polygon or MultiPolygon, lon/lat degrees";
    let Some(polygons) = polygons(node.json) else {
        node.fault(expected);
        return None;
    };
    match canonical_within(Geometry::MultiPolygon(polygons), vertices).map(|canonical| canonical.shape) {
        Ok(Shape::Polygons(polygons)) => Some(polygons),
        Ok(Shape::None | Shape::Lines(_) | Shape::Points(_)) => {
            node.fault(expected);
            None
        }
        Err(fault) => {
            node.fault(format!("a valid polygon of at most {vertices} corners; {fault}"));
            None
        }
    }
}

fn polygons(json: &Json) -> Option<MultiPolygon<f64>> {
    let polygons = match Written::deserialize(json).ok()? {
        Written::Polygon(rings) => vec![rings],
        Written::MultiPolygon(polygons) => polygons,
    };
    let ring = |points: Vec<[f64; 2]>| closed_ring(points.into_iter().map(Into::into).collect()).ok();
    let polygon = |rings: Vec<Vec<[f64; 2]>>| {
        let mut rings = rings.into_iter().map(ring).collect::<Option<Vec<_>>>()?.into_iter();
        Some(Polygon::new(rings.next()?, rings.collect()))
    };
    polygons.into_iter().map(polygon).collect::<Option<Vec<_>>>().map(MultiPolygon)
}

fn assemble(node: &Node<'_>) -> Option<Assemble> {
    const MOST_PARCELS: usize = 12;
    const WIDEST_GAP_M: f64 = 200.0;
    node.object(&["max_parcels", "gap_m", "shared_edge_m"])?;
    let metres = |name: &str, otherwise: f64| {
        node.member(name)
            .map_or(Some(otherwise), |node| node.number_from(0.0, WIDEST_GAP_M))
    };
    Some(Assemble {
        max_parcels: node.member("max_parcels").map_or(Some(4), |node| node.whole(2, MOST_PARCELS))?,
        gap_m: metres("gap_m", 0.0)?,
        shared_edge_m: metres("shared_edge_m", 1.0)?,
    })
}

const ALL_PARTS: Parts = Parts {
    near_misses: true,
    relaxations: true,
    facets: true,
    robustness: true,
};

fn parts(node: &Node<'_>) -> Option<Parts> {
    const NAMES: [&str; 4] = ["near_misses", "relaxations", "facets", "robustness"];
    let items = node.items(NAMES.len());
    let mut parts = Parts {
        near_misses: false,
        relaxations: false,
        facets: false,
        robustness: false,
    };
    for item in &items {
        match item.json.as_str() {
            Some("near_misses") => parts.near_misses = true,
            Some("relaxations") => parts.relaxations = true,
            Some("facets") => parts.facets = true,
            Some("robustness") => parts.robustness = true,
            Some(_) | None => item.fault(format!("one of {}", NAMES.join(", "))),
        }
    }
    node.json.is_array().then_some(parts)
}
