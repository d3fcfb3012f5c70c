//! Needs about the ground: overlays, and halls that must fit.
use super::needs::Asked;
use super::reading::Node;
use super::{Ask, Fits, Gate, Place, Relation};
use crate::domain::ids::CollectionKey;

/// Longest distance that can be asked, metres.
pub(super) const FARTHEST_M: f64 = 200_000.0;
/// Longest side of a hall, metres.
const LONGEST_HALL_M: f64 = 2_000.0;

/// The overlay named in an object; told as a fault when there is none of that key.
pub(super) fn overlay(asked: &Asked<'_>, node: &Node<'_>) -> Option<CollectionKey> {
    let overlays = || {
        let all = asked.scope.catalogue.collections.iter();
        all.filter(|collection| collection.overlay.is_some())
            .map(|collection| &collection.key)
    };
    let expected = || {
        let keys: Vec<_> = overlays().map(CollectionKey::as_str).collect();
        if keys.is_empty() {
            "the key of an overlay, of which there is none here".to_owned()
        } else {
            format!("the key of an overlay: {}", keys.join(", "))
        }
    };
    let Some(given) = node.member("overlay") else {
        node.fault(format!("overlay, {}", expected()));
        return None;
    };
    let found = overlays().find(|key| given.json.as_str() == Some(key.as_str())).cloned();
    if found.is_none() {
        given.fault(expected());
    }
    found
}

pub(super) fn distance(asked: &Asked<'_>) -> Option<Gate> {
    asked.node.object(&["distance", "unknown", "for"])?;
    let node = asked.node.member("distance")?;
    node.object(&["overlay", "min_m", "max_m"])?;
    let overlay = overlay(asked, &node)?;
    let bound = |name| match node.member(name) {
        None => Ok(None),
        Some(node) => node.number_from(0.0, FARTHEST_M).map(Some).ok_or(()),
    };
    let (Ok(min_m), Ok(max_m)) = (bound("min_m"), bound("max_m")) else {
        return None;
    };
    match (min_m, max_m) {
        (None, None) => {
            node.fault("min_m or max_m");
            return None;
        }
        (Some(low), Some(high)) if low > high => {
            node.fault("max_m not below min_m");
            return None;
        }
        (Some(_), _) | (None, Some(_)) => {}
    }
    let relation = Relation::Distance { min_m, max_m };
    Some(asked.each("distance", Ask::Place(Place { overlay, relation })))
}

pub(super) fn inside(asked: &Asked<'_>) -> Option<Gate> {
    place(asked, "inside", Relation::Inside)
}

pub(super) fn outside(asked: &Asked<'_>) -> Option<Gate> {
    place(asked, "outside", Relation::Outside)
}

fn place(asked: &Asked<'_>, name: &str, relation: Relation) -> Option<Gate> {
    asked.node.object(&[name, "unknown", "for"])?;
    let node = asked.node.member(name)?;
    node.object(&["overlay"])?;
    let overlay = overlay(asked, &node)?;
    Some(asked.each(name, Ask::Place(Place { overlay, relation })))
}

pub(super) fn fits(asked: &Asked<'_>) -> Option<Gate> {
    asked.node.object(&["fits", "unknown", "for"])?;
    let node = asked.node.member("fits")?;
    node.object(&["width_m", "depth_m", "setback_m", "halls", "court_m", "step_deg"])?;
    let side = |name: &str| match node.member(name) {
        Some(node) => node.number_from(1.0, LONGEST_HALL_M),
        None => {
            node.fault(format!("{name}, metres"));
            None
        }
    };
    let optional = |name: &str, otherwise: f64, (low, high)| node.member(name).map_or(Some(otherwise), |node| node.number_from(low, high));
    let (width_m, depth_m) = (side("width_m"), side("depth_m"));
    let fits = Fits {
        width_m: width_m?,
        depth_m: depth_m?,
        setback_m: optional("setback_m", 0.0, (0.0, LONGEST_HALL_M))?,
        halls: node
            .member("halls")
            .map_or(Some(1), |node| node.whole(1, 2))
            .and_then(|halls| u8::try_from(halls).ok())?,
        court_m: optional("court_m", 0.0, (0.0, LONGEST_HALL_M))?,
        step_deg: optional("step_deg", 1.0, (0.05, 45.0))?,
    };
    Some(asked.each("fits", Ask::Fits(fits)))
}
