//! Parcels as nodes, in the order of their codes, and what they have in common.
use std::sync::Arc;

use geo::Intersects as _;
use geo_types::{Coord, MultiPolygon};
use jiff::civil::Date;
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

use super::super::ground::{area_m2, middle, seen_from, tidy};
use super::front::{Entry, Key};
use super::links::{Contact, Outline};
use super::{Assembly, Parcel, Rules};

type Boxes = RTree<GeomWithData<Rectangle<[f64; 2]>, u32>>;

/// The parcels and their links.
pub(super) struct Graph {
    pub(super) nodes: Vec<Node>,
    pub(super) largest_m2: f64,
}

/// One parcel.
pub(super) struct Node {
    code: Arc<str>,
    pub(super) area_m2: f64,
    ground_m2: f64,
    perimeter_m: f64,
    owner: Option<u32>,
    available: Option<Date>,
    /// Place of its day among all days; unknown is last.
    day: u32,
    /// Parcels that it is linked to, in order.
    pub(super) links: Vec<Link>,
    /// Lengths shared with others, linked or not.
    shared: Vec<(u32, f64)>,
}

/// A way from a parcel to a neighbour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) to: u32,
    pub(super) is_gap: bool,
}

/// What adds up while a set grows.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sum {
    pub(super) area_m2: f64,
    ground_m2: f64,
    perimeter_m: f64,
    day: u32,
}

impl Graph {
    pub(super) fn new(parcels: &[Parcel], rules: &Rules) -> Self {
        let mut sorted: Vec<&Parcel> = parcels.iter().collect();
        sorted.sort_by(|one, other| one.code.cmp(&other.code));
        let order = |date: Option<Date>| (date.is_none(), date);
        let days = ranked(sorted.iter().map(|parcel| order(parcel.available)).collect());
        let owners = ranked(sorted.iter().filter_map(|parcel| parcel.owner.as_deref()).collect());
        let rank = |place: usize| u32::try_from(place).unwrap_or(u32::MAX);
        let nodes: Vec<Node> = sorted
            .iter()
            .map(|parcel| Node {
                code: parcel.code.clone(),
                area_m2: parcel.area_m2,
                ground_m2: area_m2(&tidy(&seen_from(&parcel.outline, middle(&parcel.outline)))),
                perimeter_m: 0.0,
                owner: parcel
                    .owner
                    .as_deref()
                    .map(|owner| rank(owners.partition_point(|known| *known < owner))),
                available: parcel.available,
                day: rank(days.partition_point(|known| *known < order(parcel.available))),
                links: Vec::new(),
                shared: Vec::new(),
            })
            .collect();
        let largest_m2 = nodes.iter().map(|node| node.area_m2).fold(0.0, f64::max);
        let mut graph = Self { nodes, largest_m2 };
        graph.link(&sorted, rules);
        graph
    }

    fn link(&mut self, parcels: &[&Parcel], rules: &Rules) {
        let outlines: Vec<Option<Outline>> = parcels.iter().map(|parcel| Outline::new(&parcel.outline)).collect();
        let boxes = outlines.iter().zip(0_u32..).filter_map(|(outline, nth)| {
            let around = outline.as_ref()?.around;
            let corners = Rectangle::from_corners([around.min().x, around.min().y], [around.max().x, around.max().y]);
            Some(GeomWithData::new(corners, nth))
        });
        let boxes = RTree::bulk_load(boxes.collect());
        // Snapped corners stand out by less than a tenth of a metre.
        let reach = rules.gap_m + 0.1;
        for (outline, nth) in outlines.iter().zip(0_u32..) {
            let Some(outline) = outline else { continue };
            self.nodes[nth as usize].perimeter_m = outline.perimeter_m;
            let (low, high) = (outline.around.min(), outline.around.max());
            let near = AABB::from_corners([low.x - reach, low.y - reach], [high.x + reach, high.y + reach]);
            let mut others: Vec<u32> = boxes
                .locate_in_envelope_intersecting(near)
                .map(|found| found.data)
                .filter(|other| *other > nth)
                .collect();
            others.sort_unstable();
            for other in others {
                let Some(contact) = outlines[other as usize].as_ref().map(|across| outline.contact(across, rules.gap_m)) else {
                    continue;
                };
                let is_free = |at: Coord<f64>| is_free(at, (nth, other), &boxes, parcels);
                self.join((nth, other), &contact, rules, is_free);
            }
        }
        for node in &mut self.nodes {
            node.links.sort_unstable_by_key(|link| link.to);
        }
    }

    fn join(&mut self, (one, other): (u32, u32), contact: &Contact, rules: &Rules, is_free: impl Fn(Coord<f64>) -> bool) {
        let touches = contact.shared_m >= rules.min_shared_m;
        let faces = rules.gap_m > 0.0 && contact.facing_m >= rules.min_shared_m && contact.middle.is_some_and(is_free);
        for (from, to) in [(one, other), (other, one)] {
            let node = &mut self.nodes[from as usize];
            if contact.shared_m > 0.0 {
                node.shared.push((to, contact.shared_m));
            }
            if touches || faces {
                node.links.push(Link { to, is_gap: !touches });
            }
        }
    }

    /// The sum of a set with one parcel more.
    pub(super) fn plus(&self, sum: &Sum, members: &[u32], added: u32) -> Sum {
        let node = &self.nodes[added as usize];
        let shared = node.shared.iter().filter(|(other, _)| members.contains(other));
        let shared_m: f64 = shared.map(|(_, metres)| metres).sum();
        Sum {
            area_m2: sum.area_m2 + node.area_m2,
            ground_m2: sum.ground_m2 + node.ground_m2,
            perimeter_m: sum.perimeter_m + node.perimeter_m - 2.0 * shared_m,
            day: sum.day.max(node.day),
        }
    }

    /// How good a set is, the smaller the better in each of the four.
    pub(super) fn key(&self, sum: &Sum, members: &[u32]) -> Key {
        Key {
            pieces: self.pieces(members),
            owners: self.owners(members),
            day: sum.day,
            // Thousandths, so that sets of the same form are equal in spite of surveys that differ by millimetres.
            bulk: 1000 - thousandths(sum.compactness()),
        }
    }

    fn owners(&self, members: &[u32]) -> u32 {
        let mut count = 0;
        for (nth, member) in members.iter().enumerate() {
            let owner = self.nodes[*member as usize].owner;
            let is_known = owner.is_some() && members[..nth].iter().any(|other| self.nodes[*other as usize].owner == owner);
            count += u32::from(!is_known);
        }
        count
    }

    /// Pieces that only gaps join: found by spreading along shared edges.
    fn pieces(&self, members: &[u32]) -> u32 {
        let mut reached = 0_u32;
        let mut count = 0;
        for start in 0..members.len() {
            if reached & (1 << start) != 0 {
                continue;
            }
            count += 1;
            reached |= 1 << start;
            let mut fresh = 1_u32 << start;
            while fresh != 0 {
                let at = fresh.trailing_zeros() as usize;
                fresh &= fresh - 1;
                for link in self.nodes[members[at] as usize].links.iter().filter(|link| !link.is_gap) {
                    if let Some(place) = members.iter().position(|member| *member == link.to)
                        && reached & (1 << place) == 0
                    {
                        reached |= 1 << place;
                        fresh |= 1 << place;
                    }
                }
            }
        }
        count
    }

    /// An entry in words.
    pub(super) fn describe(&self, entry: &Entry) -> Assembly {
        let members = &entry.members;
        let node = |member: &u32| &self.nodes[*member as usize];
        let mut sum = Sum::default();
        for (nth, member) in members.iter().enumerate() {
            sum = self.plus(&sum, &members[..nth], *member);
        }
        let across = members.iter().flat_map(|from| {
            let gaps = node(from)
                .links
                .iter()
                .filter(|link| link.is_gap && link.to > *from && members.contains(&link.to));
            gaps.map(|link| (node(from).code.clone(), node(&link.to).code.clone()))
        });
        let days: Option<Vec<Date>> = members.iter().map(|member| node(member).available).collect();
        Assembly {
            codes: members.iter().map(|member| node(member).code.clone()).collect(),
            area_m2: sum.area_m2,
            compactness: sum.compactness(),
            owners: entry.key.owners as usize,
            latest: days.and_then(|days| days.into_iter().max()),
            pieces: entry.key.pieces as usize,
            gaps: across.collect(),
            as_good: entry.as_good,
        }
    }
}

impl Sum {
    fn compactness(&self) -> f64 {
        4.0 * std::f64::consts::PI * self.ground_m2 / (self.perimeter_m * self.perimeter_m)
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0 to 1000 first")]
fn thousandths(share: f64) -> u32 {
    (share * 1e3).round().clamp(0.0, 1e3) as u32
}

/// Whether no other parcel lies at a point between two.
fn is_free(at: Coord<f64>, (one, other): (u32, u32), boxes: &Boxes, parcels: &[&Parcel]) -> bool {
    let here = AABB::from_point([at.x, at.y]);
    let mut third = boxes
        .locate_in_envelope_intersecting(here)
        .map(|found| found.data)
        .filter(|found| *found != one && *found != other);
    !third.any(|found| covers(&parcels[found as usize].outline, at))
}

fn covers(outline: &MultiPolygon<f64>, at: Coord<f64>) -> bool {
    outline.intersects(&at)
}

/// All different values in order.
fn ranked<T: Ord>(mut values: Vec<T>) -> Vec<T> {
    values.sort_unstable();
    values.dedup();
    values
}
