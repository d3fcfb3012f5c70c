//! Overlays around carriers: how far they are, and how much of a carrier they cover. Measured to the shapes, never to centroids.
//!
//! Nearest points are found in the plane of the zone and the distance between them is measured on the ellipsoid.
use std::cell::RefCell;
use std::collections::HashMap;

use geo::{Area, BooleanOps, Buffer, Distance, Geodesic};
use geo_types::{MultiPolygon, Point};
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};
use serde_json::{Value as Json, json};

use crate::domain::catalogue::{Effect, INDUSTRIES};
use crate::domain::geometry::{Plane, Shape};
use crate::domain::ids::{AttributeKey, CollectionKey};
use crate::index::{RowRef, Snapshot};
use crate::inventory::families::{PARENT, parents_of};
use crate::suitability::nearest::{Drawn, nearest};
use crate::suitability::requirement::{Ask, Place, Relation, Requirement, Valued};

/// Records of this collection have the outline of their parent where they have none.
const HEIRS: &str = "units";

/// Ground in common up to this is a border drawn twice, square metres (`TD/T` 1001: points are good to 5 to 10 cm).
const SLIVER_M2: f64 = 1.0;

/// What a relation says of one carrier.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Found {
    /// Whether it holds.
    pub holds: bool,
    /// What was measured.
    pub measured: Measured,
}

/// What was measured of a relation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Measured {
    /// Metres to the nearest feature; infinite when there is none.
    Metres(f64),
    /// Share of the carrier's ground within the features.
    Share(f64),
    /// Age of the evidence.
    Days(f64),
}

impl Measured {
    /// As a number; `null` where there is nothing to measure to.
    pub(super) fn json(self) -> Json {
        let (Self::Metres(number) | Self::Share(number) | Self::Days(number)) = self;
        json!(number.is_finite().then_some(number))
    }

    /// Its unit.
    pub(super) fn unit(self) -> &'static str {
        match self {
            Self::Metres(_) => "m",
            Self::Share(_) => "share",
            Self::Days(_) => "days",
        }
    }
}

/// The overlays that a requirement speaks of.
pub(super) struct Grounds<'a> {
    snapshot: &'a Snapshot,
    industry: Option<&'a str>,
    plane: Plane,
    overlays: HashMap<CollectionKey, Overlay>,
    distances: RefCell<HashMap<(CollectionKey, RowRef), Option<f64>>>,
}

struct Overlay {
    features: Vec<Feature>,
    tree: RTree<GeomWithData<Rectangle<[f64; 2]>, usize>>,
    buffer_m: f64,
}

struct Feature {
    drawn: Drawn,
    /// Whether its rule holds for the project.
    binds: bool,
    buffered: RefCell<Option<MultiPolygon<f64>>>,
}

impl<'a> Grounds<'a> {
    pub(super) fn new(snapshot: &'a Snapshot, asked: &'a Requirement) -> Self {
        let own = asked.seeks.iter().find_map(|collection| snapshot.bounds(collection));
        // Units may have no outline at all.
        let parents = || asked.seeks.iter().filter_map(|collection| parents_of(collection.as_str()));
        let bounds = own.or_else(|| parents().find_map(|parent| snapshot.bounds(&parent.into())));
        let mut grounds = Self {
            snapshot,
            industry: asked.industry.as_deref(),
            plane: Plane::at(bounds.map_or(0.0, |bounds| bounds.center().x)),
            overlays: HashMap::new(),
            distances: RefCell::default(),
        };
        let of_gates = asked.gates.iter().filter_map(|gate| match &gate.ask {
            Ask::Place(place) => Some(&place.overlay),
            Ask::Number { .. }
            | Ask::Codes { .. }
            | Ask::Flag { .. }
            | Ask::Text { .. }
            | Ask::Day { .. }
            | Ask::AvailableBy { .. }
            | Ask::Evidence { .. }
            | Ask::Fits(_)
            | Ask::NetArea(_) => None,
        });
        let of_wishes = asked.wishes.iter().filter_map(|wish| match &wish.of {
            Valued::Distance(overlay) => Some(overlay),
            Valued::Number(_) | Valued::Codes(..) | Valued::Flag(..) | Valued::NetArea { .. } => None,
        });
        for key in of_gates.chain(of_wishes) {
            if !grounds.overlays.contains_key(key) {
                grounds.overlays.insert(key.clone(), grounds.overlay(key));
            }
        }
        grounds
    }

    fn overlay(&self, key: &CollectionKey) -> Overlay {
        let collection = self.snapshot.catalogue().collection(key.as_str());
        let overlay = collection.and_then(|collection| collection.overlay.as_ref());
        let feature = |row: RowRef| {
            let row = self.snapshot.row(row);
            let rule = row.text_of(&AttributeKey::from(INDUSTRIES));
            Some(Feature {
                drawn: Drawn::new(self.plane.draw(&row.shape()))?,
                binds: overlay.is_some_and(|overlay| overlay.effect == Effect::Exclude) || holds_for(rule, self.industry),
                buffered: RefCell::default(),
            })
        };
        let features: Vec<Feature> = self.snapshot.rows(key).iter().filter_map(feature).collect();
        let entry = |(at, feature): (usize, &Feature)| {
            let around = &feature.drawn.around;
            let corners = [around.min(), around.max()].map(|corner| [corner.x, corner.y]);
            GeomWithData::new(Rectangle::from_corners(corners[0], corners[1]), at)
        };
        Overlay {
            tree: RTree::bulk_load(features.iter().enumerate().map(entry).collect()),
            features,
            buffer_m: overlay.map_or(0.0, |overlay| overlay.buffer_m),
        }
    }

    /// A carrier's shape; a unit without one has its building's.
    fn shape(&self, at: RowRef) -> Shape {
        outlined(self.snapshot, at).map_or(Shape::None, |at| self.snapshot.row(at).shape())
    }

    /// Metres from a carrier to the nearest feature, infinite when there is none; `None` without shape.
    pub(super) fn distance_m(&self, overlay: &CollectionKey, at: RowRef) -> Option<f64> {
        let key = (overlay.clone(), at);
        if let Some(known) = self.distances.borrow().get(&key) {
            return *known;
        }
        let drawn = Drawn::new(self.plane.draw(&self.shape(at)));
        let found = drawn.map(|drawn| self.nearest_m(overlay, &drawn, |_| true));
        self.distances.borrow_mut().insert(key, found);
        found
    }

    /// Plane metres between two carriers; `None` where one has no shape or they are farther apart than a metre.
    pub(super) fn apart_m(&self, one: RowRef, other: RowRef) -> Option<f64> {
        let drawn = |at| Drawn::new(self.plane.draw(&self.shape(at)));
        nearest(&drawn(one)?, &drawn(other)?, 1.0).map(|found| found.apart_m)
    }

    fn nearest_m(&self, overlay: &CollectionKey, drawn: &Drawn, counts: impl Fn(&Feature) -> bool) -> f64 {
        let Some(overlay) = self.overlays.get(overlay) else {
            return f64::INFINITY;
        };
        let centre = drawn.around.center();
        let radius = drawn.around.width().hypot(drawn.around.height()) / 2.0;
        let mut best = None;
        let mut limit = f64::INFINITY;
        for (entry, apart_2) in overlay.tree.nearest_neighbor_iter_with_distance_2([centre.x, centre.y]) {
            if apart_2.sqrt() - radius >= limit {
                break;
            }
            let feature = &overlay.features[entry.data];
            if let Some(found) = nearest(drawn, &feature.drawn, limit).filter(|_| counts(feature)) {
                limit = found.apart_m;
                best = Some(found);
            }
        }
        best.map_or(f64::INFINITY, |found| {
            if found.apart_m == 0.0 {
                return 0.0;
            }
            let [one, other] = [found.one, found.other].map(|at| Point(self.plane.lon_lat(at)));
            Geodesic.distance(one, other)
        })
    }

    /// Width around an overlay's shapes that counts as inside, metres.
    pub(super) fn buffer_m(&self, overlay: &CollectionKey) -> f64 {
        self.overlays.get(overlay).map_or(0.0, |overlay| overlay.buffer_m)
    }

    /// What a relation says of a carrier; `None` (unknown) without shape.
    pub(super) fn judge(&self, place: &Place, at: RowRef) -> Option<Found> {
        match place.relation {
            Relation::Distance { min_m, max_m } => {
                let metres = self.distance_m(&place.overlay, at)?;
                Some(Found {
                    holds: min_m.is_none_or(|min| metres >= min) && max_m.is_none_or(|max| metres <= max),
                    measured: Measured::Metres(metres),
                })
            }
            Relation::Outside => self.outside(&place.overlay, at),
            Relation::Inside => {
                let drawn = Drawn::new(self.plane.draw(&self.shape(at)))?;
                let share = self.share_within(&place.overlay, &drawn, |_| true);
                let ground = drawn.ground.unsigned_area();
                Some(Found {
                    holds: (1.0 - share) * ground <= SLIVER_M2 && ground > 0.0,
                    measured: Measured::Share(share),
                })
            }
        }
    }

    /// Farther than the buffer from every feature that binds; without a buffer, no ground in common with them.
    fn outside(&self, overlay: &CollectionKey, at: RowRef) -> Option<Found> {
        let drawn = Drawn::new(self.plane.draw(&self.shape(at)))?;
        let binds = |feature: &Feature| feature.binds;
        let metres = self.nearest_m(overlay, &drawn, binds);
        let buffer_m = self.buffer_m(overlay);
        if buffer_m > 0.0 && metres > 0.0 {
            return Some(Found {
                holds: metres >= buffer_m,
                measured: Measured::Metres(metres),
            });
        }
        if metres > 0.0 {
            return Some(Found {
                holds: true,
                measured: Measured::Metres(metres),
            });
        }
        let share = self.share_within(overlay, &drawn, binds);
        let covered = share * drawn.ground.unsigned_area();
        let touches_area = self.overlays.get(overlay).is_some_and(|overlay| Self::is_ground(overlay, &drawn));
        Some(Found {
            holds: buffer_m == 0.0 && covered <= SLIVER_M2 && touches_area,
            measured: Measured::Share(share),
        })
    }

    /// Whether all that a carrier touches of an overlay is ground: a point or line within a carrier covers nothing, yet it is not outside.
    fn is_ground(overlay: &Overlay, drawn: &Drawn) -> bool {
        let near = overlay.tree.locate_in_envelope_intersecting(envelope(drawn, 0.0));
        near.map(|entry| &overlay.features[entry.data])
            .filter(|feature| feature.binds && nearest(drawn, &feature.drawn, f64::MIN_POSITIVE).is_some())
            .all(|feature| !feature.drawn.ground.0.is_empty())
    }

    /// Share of a carrier's ground within the features and their buffer: what is covered twice counts once.
    fn share_within(&self, overlay: &CollectionKey, drawn: &Drawn, counts: impl Fn(&Feature) -> bool) -> f64 {
        let Some(overlay) = self.overlays.get(overlay) else { return 0.0 };
        let ground = drawn.ground.unsigned_area();
        if ground == 0.0 {
            return 0.0;
        }
        let mut rest = drawn.ground.clone();
        let mut near: Vec<usize> = overlay
            .tree
            .locate_in_envelope_intersecting(envelope(drawn, overlay.buffer_m))
            .map(|entry| entry.data)
            .collect();
        near.sort_unstable();
        for feature in near.into_iter().map(|at| &overlay.features[at]).filter(|feature| counts(feature)) {
            if overlay.buffer_m > 0.0 {
                let mut buffered = feature.buffered.borrow_mut();
                let buffered = buffered.get_or_insert_with(|| buffer(&feature.drawn, overlay.buffer_m));
                rest = rest.difference(buffered);
            } else {
                rest = rest.difference(&feature.drawn.ground);
            }
        }
        (1.0 - rest.unsigned_area() / ground).clamp(0.0, 1.0)
    }
}

/// The record whose outline is a carrier's: itself, or of a unit without one its building. `None` where there is none.
pub(super) fn outlined(snapshot: &Snapshot, at: RowRef) -> Option<RowRef> {
    let row = snapshot.row(at);
    if row.bounds().is_some() {
        return Some(at);
    }
    let code = row.text_of(&PARENT.into()).filter(|_| row.collection().as_str() == HEIRS)?;
    let parent = snapshot.id_by_code(code).and_then(|id| snapshot.row_of(id))?;
    snapshot.row(parent).bounds().map(|_| parent)
}

fn buffer(drawn: &Drawn, metres: f64) -> MultiPolygon<f64> {
    if drawn.ground.0.is_empty() {
        drawn.outline().buffer(metres)
    } else {
        drawn.ground.buffer(metres)
    }
}

fn envelope(drawn: &Drawn, wider: f64) -> AABB<[f64; 2]> {
    let (low, high) = (drawn.around.min(), drawn.around.max());
    AABB::from_corners([low.x - wider, low.y - wider], [high.x + wider, high.y + wider])
}

/// Whether a rule for some industries holds for a project's: one names the other or a part of it. A rule that names none holds for all, and a project
/// that names none is held to every rule.
fn holds_for(rule: Option<&str>, industry: Option<&str>) -> bool {
    let (Some(rule), Some(industry)) = (rule, industry) else {
        return true;
    };
    let mut named = rule
        .split([',', ';', ' ', '、', '，', '；'])
        .map(str::trim)
        .filter(|code| !code.is_empty());
    named.any(|code| industry.starts_with(code) || code.starts_with(industry))
}

#[cfg(test)]
mod tests {
    use super::holds_for;

    #[test]
    fn rules_hold_for_the_industries_they_name() {
        let cases = [
            (None, Some("C39"), true),
            (Some("C25, C26"), None, true),
            (Some("C25,C26"), Some("C26"), true),
            (Some("C25、C26"), Some("C2614"), true),
            (Some("C25,C26"), Some("C"), true),
            (Some("C25,C26"), Some("C39"), false),
            (Some("C2614"), Some("C26"), true),
        ];
        for (rule, industry, expected) in cases {
            assert_eq!(holds_for(rule, industry), expected, "{rule:?} {industry:?}");
        }
    }
}
