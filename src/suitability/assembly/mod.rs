//! Which neighbouring parcels make one site together?
//!
//! Parcels are linked where they share an edge, or face each other across a gap (a road, a ditch), which is said. Connected sets of up to a number
//! of parcels with the right area are compared by four things: pieces that only a gap joins, owners, the day the last parcel is available,
//! compactness. What no other set beats in one of them without losing in another is given, in a fixed order.
//!
//! Every connected set is visited once while the budget lasts; then "best of all" is proven. Beyond it a beam search goes on, and the answer says
//! "best found".
//!
//! Read in this order: [`Parcel`], [`Rules`], [`assemble`], [`Assemblies`]; `links` (who touches whom), `graph`, `every` (exact), `beam`, `front`.
//!
//! Deliberately absent: whether a gap may be built over, prices, and single parcels, which are candidates by themselves.
mod beam;
mod every;
mod front;
mod graph;
mod links;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use geo_types::{Coord, MultiPolygon};
use jiff::civil::Date;

use super::Fault;
use super::fault::{not_negative, positive};
use super::ground::{guarded, middle, seen_from, tidy};
use front::Front;
use graph::Graph;

/// A parcel that may be taken.
#[derive(Clone, Debug, PartialEq)]
pub struct Parcel {
    /// Its code, unique among those given.
    pub code: Arc<str>,
    /// Its outline, plane metres.
    pub outline: MultiPolygon<f64>,
    /// The area that counts towards the range asked for, m²: gross or net, as the asker means it.
    pub area_m2: f64,
    /// Who must be dealt with; an unknown owner counts as one more.
    pub owner: Option<Arc<str>>,
    /// The day from which it can be had; unknown is later than any day.
    pub available: Option<Date>,
}

/// What is asked for. Checked by [`assemble`].
#[derive(Clone, Debug, PartialEq)]
pub struct Rules {
    /// Most parcels in a set, 2 to 12.
    pub max_parcels: usize,
    /// Least area of a set, m².
    pub min_m2: f64,
    /// Most area of a set, m².
    pub max_m2: f64,
    /// Length of edge that neighbours must share, or along which they must face each other across a gap, metres.
    pub min_shared_m: f64,
    /// Widest gap that may be bridged, metres; 0 for none.
    pub gap_m: f64,
    /// Most sets to visit. Three quarters go to the exact search, the rest to the beam search if that was not enough.
    pub budget: u64,
    /// Most assemblies to give out.
    pub limit: usize,
}

/// The assemblies that no other one beats.
#[derive(Clone, Debug, PartialEq)]
pub struct Assemblies {
    /// By pieces, owners, last day, compactness, codes.
    pub found: Vec<Assembly>,
    /// How far the answer can be trusted.
    pub proof: Proof,
    /// Sets visited, too small and too large ones included; never more than the budget.
    pub visited: u64,
    /// How many more there are beyond the limit.
    pub left_off: usize,
}

/// How far an answer can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// The best of all sets that keep the rules; there are so many.
    BestOfAll(u64),
    /// The budget did not last: the best of those that were found.
    BestFound,
}

/// Parcels that make one site.
#[derive(Clone, Debug, PartialEq)]
pub struct Assembly {
    /// Codes in order.
    pub codes: Vec<Arc<str>>,
    /// Sum of the areas that count, m².
    pub area_m2: f64,
    /// Polsby-Popper, 4 π area / perimeter², 1 for a disc, of the ground of the outlines. The perimeter is the sum of all less twice the shared
    /// edges; across gaps nothing is shared, so it is too low there, as it should be for ground that a road cuts.
    /// Compared in thousandths.
    pub compactness: f64,
    /// Different owners.
    pub owners: usize,
    /// The day from which all can be had, `None` where one is unknown.
    pub latest: Option<Date>,
    /// Pieces that only gaps join; 1 when all hangs together by shared edges.
    pub pieces: usize,
    /// Pairs of codes that face each other across a gap.
    pub gaps: Vec<(Arc<str>, Arc<str>)>,
    /// Other sets that are exactly as good; this one comes first by its codes. Counted in a proven answer, 0 otherwise.
    pub as_good: u64,
}

/// Finds the assemblies among parcels. The order of the parcels makes no difference.
pub fn assemble(parcels: &[Parcel], rules: &Rules) -> Result<Assemblies, Fault> {
    check(parcels, rules)?;
    let graph = Graph::new(parcels, rules);
    let mut front = Front::default();
    let exact_budget = rules.budget - rules.budget / 4;
    let every = every::visit(&graph, rules, exact_budget, &mut front);
    let mut visited = every.visited;
    let proof = if every.is_complete {
        Proof::BestOfAll(front.offered())
    } else {
        visited += beam::visit(&graph, rules, rules.budget - visited, &mut front);
        Proof::BestFound
    };
    let all = front.into_sorted();
    let left_off = all.len().saturating_sub(rules.limit);
    let mut found: Vec<Assembly> = all.iter().take(rules.limit).map(|entry| graph.describe(entry)).collect();
    if proof == Proof::BestFound {
        found.iter_mut().for_each(|assembly| assembly.as_good = 0);
    }
    Ok(Assemblies {
        found,
        proof,
        visited,
        left_off,
    })
}

/// The ground of outlines together, plane metres: edges that are drawn alike on both sides vanish, millimetres between them stay.
pub fn joined(outlines: &[&MultiPolygon<f64>]) -> Result<MultiPolygon<f64>, Fault> {
    let all = MultiPolygon(outlines.iter().flat_map(|outline| outline.0.iter().cloned()).collect());
    let origin = middle(&all);
    let near = tidy(&seen_from(&all, origin));
    let union = guarded("the ground of several parcels", || geo::unary_union(near.0.iter()))?;
    Ok(seen_from(&union, Coord { x: 0.0, y: 0.0 } - origin))
}

fn check(parcels: &[Parcel], rules: &Rules) -> Result<(), Fault> {
    for parcel in parcels {
        positive("the area of a parcel", parcel.area_m2)?;
    }
    not_negative("the least area", rules.min_m2)?;
    positive("the most area", rules.max_m2)?;
    positive("the length to share", rules.min_shared_m)?;
    not_negative("the gap", rules.gap_m)?;
    if rules.min_m2 > rules.max_m2 {
        return Err(Fault::Number {
            what: "the least area",
            given: rules.min_m2,
            expected: "no more than the most area",
        });
    }
    if (2..=12).contains(&rules.max_parcels) {
        return Ok(());
    }
    Err(Fault::Number {
        what: "the number of parcels",
        given: rules.max_parcels as f64,
        expected: "2 to 12",
    })
}
