//! Suitability: a requirement asked of one view, answered with ranked carriers, each with its reasons, and with what almost suits.
//!
//! Every gate is asked of every carrier (those that need the ground or the evidence only of carriers that fail at most one other), so that near misses
//! and what a relaxation would admit are exact. A value that is unknown is worth no points and said to be unknown.
//!
//! Read in this order: this file (the use case), `sets` (gates to sets of rows), `values` (columns to worths), `gaps` and `offers` (what is missing, what
//! would admit more; both read by `reads`; `halls` and `setbacks` for the ground), `why` (explanation, robustness), `counts` (facets), `ground` and `fits` (gates that ask
//! the ground), `assembly` (parcels put together), `answer` (the JSON).
mod answer;
mod assembly;
mod counts;
mod fits;
mod fixes;
mod gaps;
mod ground;
mod halls;
mod offers;
mod places;
mod reads;
mod saved;
mod setbacks;
mod sets;
mod values;
mod why;

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value as Json;

use crate::domain::catalogue::Catalogue;
use crate::domain::ids::{AttributeKey, Revision};
use crate::domain::viewer::Role;
use crate::index::{RowRef, Snapshot};
use crate::suitability::requirement::{self, Ask, Limits, Requirement, RequirementFault, Scope};
use crate::suitability::{Best, Scored};

use super::ground::{Ground, GroundLimits};
use super::view::View;
use fits::Nearest;
use gaps::Miss;
use ground::{Asking, Grounded};
use places::Grounds;
use reads::Reads;
pub use saved::{KEEPERS, RequirementError};
use sets::{Sets, Surroundings};
use values::Columns;

/// A requirement that cannot be used, with all faults that were found.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
pub struct UnfitRequirement {
    /// At least one.
    pub faults: Vec<RequirementFault>,
}

/// Why a requirement gets no answer. What asks the ground is limited, and more is refused rather than left out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SuitError {
    /// The ground of too many carriers would have to be looked at.
    #[error("{path} asks the ground of {given} carriers, at most {limit} can be looked at: narrow it by other needs or by within")]
    TooManyCandidates {
        /// The need or wish.
        path: String,
        /// Carriers that fail at most one other need.
        given: usize,
        /// Most that can be looked at.
        limit: usize,
    },
    /// Sets would have to be looked for among too many parcels.
    #[error("assemble looks among {given} parcels, at most {limit} can be: narrow it by other needs or by within")]
    TooManyParcels {
        /// Parcels that pass every need but those that sets answer together.
        given: usize,
        /// Most that can be looked at.
        limit: usize,
    },
    /// Sets cannot be looked for.
    #[error("assemble cannot be answered: {reason}")]
    Assembly {
        /// Why.
        reason: String,
    },
    /// It took too long.
    #[error("looking at the ground took longer than {limit_ms} ms: narrow it by other needs or by within")]
    TookTooLong {
        /// Longest time, milliseconds.
        limit_ms: u128,
    },
}

/// The answer to a requirement.
pub struct Suited {
    json: Json,
}

impl Suited {
    /// The answer as JSON: the same for the same requirement, revision and role.
    pub fn to_json(&self) -> &Json {
        &self.json
    }
}

/// One collection with its sets and columns.
struct Part<'a> {
    sets: Sets,
    columns: Columns<'a>,
    reads: Reads<'a>,
    grounded: Grounded,
}

/// A carrier: the number of its collection among those sought, and its row.
#[derive(Clone, Copy)]
struct Place {
    part: usize,
    row: RowRef,
}

/// One revision, and who looks at it.
#[derive(Clone, Copy)]
pub(in crate::inventory) struct Eyes<'a> {
    snapshot: &'a Snapshot,
    ground: &'a Ground,
    role: Role,
}

/// A requirement at work in one revision.
struct Work<'a> {
    eyes: Eyes<'a>,
    snapshot: &'a Snapshot,
    asked: &'a Requirement,
    grounds: &'a Grounds<'a>,
    sites: Asking<'a>,
    /// Day from which the age of evidence is counted.
    as_of: Date,
    parts: Vec<Part<'a>>,
    /// By gate of a hall, once it was looked for.
    nearest: RefCell<HashMap<usize, Rc<Nearest>>>,
}

impl View {
    /// Reads a requirement with the viewer's eyes.
    pub fn requirement(&self, json: &Json, limits: &Limits) -> Result<Requirement, UnfitRequirement> {
        let scope = Scope {
            catalogue: self.catalogue(),
            role: self.role(),
            limits,
        };
        requirement::parse(&scope, json).map_err(|faults| UnfitRequirement { faults })
    }

    /// Carriers that suit a requirement which was read from this view.
    pub fn suit(&self, requirement: &Requirement) -> Result<Suited, SuitError> {
        self.eyes().suit(requirement)
    }

    pub(in crate::inventory) fn eyes(&self) -> Eyes<'_> {
        Eyes {
            snapshot: self.snapshot(),
            ground: self.ground(),
            role: self.role(),
        }
    }
}

/// Carriers of a snapshot that suit a requirement, as a role may see them. The requirement must have been read for that role and this catalogue.
/// Nothing is kept of what the ground says; those who ask again do so through a [`View`].
pub fn suit(snapshot: &Snapshot, role: Role, requirement: &Requirement) -> Result<Suited, SuitError> {
    let ground = &Ground::new(GroundLimits::default());
    Eyes { snapshot, ground, role }.suit(requirement)
}

impl<'a> Eyes<'a> {
    fn suit(self, requirement: &Requirement) -> Result<Suited, SuitError> {
        let grounds = Grounds::new(self.snapshot, requirement);
        let work = Work::new(self, requirement, &grounds)?;
        Ok(Suited { json: work.answer()? })
    }

    fn catalogue(&self) -> &'a Catalogue {
        self.snapshot.catalogue()
    }

    fn revision(&self) -> Revision {
        self.snapshot.revision()
    }

    fn sees_field(&self, collection: &str, key: &AttributeKey) -> bool {
        let attribute = self.catalogue().attribute(collection, key.as_str());
        attribute.is_some_and(|attribute| self.role.sees(attribute.visibility))
    }
}

impl<'a> Work<'a> {
    fn new(eyes: Eyes<'a>, asked: &'a Requirement, grounds: &'a Grounds<'a>) -> Result<Self, SuitError> {
        let snapshot = eyes.snapshot;
        let as_of = asked.as_of.unwrap_or_else(|| day_of(snapshot.last_change()));
        let around = Surroundings { snapshot, grounds, as_of };
        let sites = Asking::new(eyes, asked);
        let part = |number| {
            let mut sets = Sets::new(&around, asked, number);
            Ok(Part {
                columns: Columns::new((snapshot, grounds), asked, number),
                reads: Reads::new(eyes, asked, number),
                grounded: sites.settle(number, &mut sets)?,
                sets,
            })
        };
        let parts = (0..asked.seeks.len()).map(part).collect::<Result<_, SuitError>>()?;
        Ok(Self {
            eyes,
            snapshot,
            asked,
            grounds,
            sites,
            as_of,
            parts,
            nearest: RefCell::default(),
        })
    }

    fn scored(&self, place: Place) -> Scored<'a, Place> {
        let mut worths = Vec::new();
        let score = self.score(place, &mut worths);
        self.scored_with(place, (score, worths))
    }

    fn scored_with(&self, carrier: Place, (score, worths): (f64, Vec<f64>)) -> Scored<'a, Place> {
        Scored {
            carrier,
            code: self.snapshot.row(carrier.row).code(),
            score,
            worths,
        }
    }

    fn score(&self, place: Place, worths: &mut Vec<f64>) -> f64 {
        let row = self.snapshot.row(place.row);
        self.parts[place.part].columns.read_worths(&row, place.row, worths);
        self.add_ground_worths(place, worths);
        self.asked.scale.score(worths)
    }

    /// The first of some carriers in order, at most so many.
    fn best(&self, places: impl Iterator<Item = Place>, most: usize) -> Vec<Scored<'a, Place>> {
        let mut best = Best::new(most);
        let mut worths = Vec::new();
        for place in places {
            let score = self.score(place, &mut worths);
            if best.takes(score) {
                best.add(self.scored_with(place, (score, worths.clone())));
            }
        }
        best.into_sorted()
    }

    fn places<'b>(&'b self, rows: impl Fn(&'b Sets) -> &'b [u64] + 'b) -> impl Iterator<Item = Place> + 'b {
        self.parts.iter().enumerate().flat_map(move |(part, each)| {
            let found = each.sets.live.among(rows(&each.sets));
            found.map(move |row| Place { part, row })
        })
    }

    /// Carriers that fail exactly one gate, those that miss least first.
    ///
    /// Only how much is missed is found for all of them. What is told of a miss, and the score, which decides between equal ones, are found for those
    /// that can be listed.
    fn near_misses(&self) -> Result<Vec<(Scored<'a, Place>, Miss)>, SuitError> {
        let limit = self.asked.limit;
        let mut misses: Vec<(Scored<'a, Place>, Miss)> = Vec::new();
        let mut found: Vec<(f64, usize, Place)> = Vec::new();
        for (gate, asked) in self.asked.gates.iter().enumerate() {
            if matches!(asked.ask, Ask::Fits(_)) {
                misses.extend(self.fit_misses(gate)?);
            } else {
                let places = self.places(move |sets| &sets.tally.only[gate]);
                found.extend(places.map(|place| (self.relative(gate, place), gate, place)));
            }
        }
        let last = (found.len() > limit).then(|| found.select_nth_unstable_by(limit - 1, |one, two| one.0.total_cmp(&two.0)).1.0);
        let is_before = |(relative, ..): &(f64, usize, Place)| last.is_none_or(|last| relative.total_cmp(&last).is_lt());
        let is_last = |(relative, ..): &(f64, usize, Place)| last.is_some_and(|last| relative.total_cmp(&last).is_eq());
        let before: Vec<_> = found.iter().copied().filter(is_before).collect();
        let left = limit.saturating_sub(before.len());
        let equal = self.best(found.iter().filter(|each| is_last(each)).map(|(.., place)| *place), left);
        misses.extend(
            before
                .into_iter()
                .map(|(_, gate, place)| (self.scored(place), self.miss(gate, place))),
        );
        misses.extend(equal.into_iter().filter_map(|scored| {
            let miss = self.miss(self.failed(scored.carrier)?, scored.carrier);
            Some((scored, miss))
        }));
        misses.sort_unstable_by(|(one, miss), (two, other)| miss.relative.total_cmp(&other.relative).then_with(|| one.order(two)));
        misses.truncate(limit);
        Ok(misses)
    }

    /// The one gate that a carrier fails.
    fn failed(&self, place: Place) -> Option<usize> {
        let sets = &self.parts[place.part].sets;
        sets.tally.only.iter().position(|only| sets.live.is_among(only, place.row))
    }
}

/// The day of an instant, UTC.
fn day_of(at: Timestamp) -> Date {
    jiff::tz::Offset::UTC.to_datetime(at).date()
}
