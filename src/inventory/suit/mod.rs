//! Suitability: a requirement asked of one view, answered with ranked carriers, each with its reasons, and with what almost suits.
//!
//! Every gate is asked of every carrier (those that need the ground or the evidence only of carriers that fail at most one other), so that near misses
//! and what a relaxation would admit are exact. A value that is unknown is worth no points and said to be unknown.
//!
//! Read in this order: this file (the use case), `sets` (gates to sets of rows), `values` (columns to worths), `gaps` and `offers` (what is missing, what
//! would admit more; `halls` for halls), `why` (explanation, robustness), `counts` (facets), `ground` and `fits` (gates that ask
//! the ground), `assembly` (parcels put together), `answer` (the JSON).
mod answer;
mod assembly;
mod closest;
mod counts;
mod fits;
mod fixes;
mod gaps;
mod ground;
mod halls;
mod offers;
mod places;
mod saved;
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
use crate::suitability::{Scored, rank};

use super::ground::{Ground, GroundLimits};
use super::view::View;
use closest::Closest;
use fits::Nearest;
use gaps::Miss;
use ground::{Asking, Grounded};
use places::Grounds;
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
        let row = self.snapshot.row(place.row);
        let mut worths = self.parts[place.part].columns.worths(&row, place.row);
        self.add_ground_worths(place, &mut worths);
        Scored {
            carrier: place,
            code: row.code(),
            score: self.asked.scale.score(&worths),
            worths,
        }
    }

    /// All carriers of a set, the first of them in order.
    fn ranked(&self, rows: impl Fn(&Sets) -> &[u64]) -> Vec<Scored<'a, Place>> {
        let mut all: Vec<_> = self.places(rows).map(|place| self.scored(place)).collect();
        rank(&mut all, self.asked.limit);
        all
    }

    fn places<'b>(&'b self, rows: impl Fn(&Sets) -> &[u64] + 'b) -> impl Iterator<Item = Place> + 'b {
        self.parts.iter().enumerate().flat_map(move |(part, each)| {
            let found: Vec<RowRef> = each.sets.rows(rows(&each.sets)).iter().collect();
            found.into_iter().map(move |row| Place { part, row })
        })
    }

    /// Carriers that fail exactly one gate, those that miss least first.
    fn near_misses(&self) -> Result<Vec<(Scored<'a, Place>, Miss)>, SuitError> {
        let mut nearest = Closest::new(self.asked.limit);
        for (gate, asked) in self.asked.gates.iter().enumerate() {
            if matches!(asked.ask, Ask::Fits(_)) {
                self.fit_misses(gate)?
                    .into_iter()
                    .for_each(|(scored, miss)| nearest.add(miss, || scored));
                continue;
            }
            for place in self.places(|sets| &sets.tally.only[gate]) {
                nearest.add(self.miss(gate, place), || self.scored(place));
            }
        }
        Ok(nearest.sorted())
    }
}

/// The day of an instant, UTC.
fn day_of(at: Timestamp) -> Date {
    jiff::tz::Offset::UTC.to_datetime(at).date()
}
