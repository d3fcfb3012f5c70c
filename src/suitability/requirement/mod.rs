//! What a project needs and wishes, as a checked value. Parsed once from JSON ([`parse`]); nothing is ignored, nothing is guessed.
//!
//! A need is a gate: a carrier passes, fails, or is unknown. A wish gives points. A need or wish about an attribute is asked of the sought collections
//! that have the attribute (and whose attribute the asker may see); of the others it is not asked, and the answer says so. One that none of them has
//! is refused, in the same words whether nobody has it or the asker may not see it.
//!
//! Read in this order: this file (what comes out), `reading` (how JSON is read and faults are collected), `document`, `needs`, `tests_of`, `ground`, `wishes`.
mod document;
mod ground;
mod needs;
mod places;
mod reading;
#[cfg(test)]
mod tests;
mod tests_of;
mod wishes;

use std::sync::Arc;

use geo_types::MultiPolygon;
use jiff::civil::Date;

use super::curve::Curve;
use super::fit::Setback;
use super::tally::Unknown;
use crate::domain::catalogue::{Attribute, Catalogue};
use crate::domain::ids::{AttributeKey, CollectionKey};
use crate::domain::query::Filter;
use crate::domain::viewer::Role;

pub use document::parse;
pub use ground::{AREA, PARCELS};

/// Who asks, of what, and how much may be asked at once.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    /// The catalogue with its overlays.
    pub catalogue: &'a Catalogue,
    /// Who asks.
    pub role: Role,
    /// How much may be asked.
    pub limits: &'a Limits,
}

/// How much may be asked at once. More is refused, never cut off.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Most needs.
    pub needs: usize,
    /// Most wishes.
    pub wishes: usize,
    /// Results when nothing is said.
    pub rows: usize,
    /// Most results.
    pub most_rows: usize,
    /// Most codes of one need.
    pub codes: usize,
    /// Most corners of `within`.
    pub vertices: usize,
    /// Longest text, characters.
    pub text_chars: usize,
    /// Most faults that are told at once.
    pub faults: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            needs: 40,
            wishes: 40,
            rows: 20,
            most_rows: 200,
            codes: 200,
            vertices: 5_000,
            text_chars: 200,
            faults: 20,
        }
    }
}

/// A place in a requirement that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: given {given}, expected {expected}")]
pub struct RequirementFault {
    /// Where, such as `needs[2].max`; empty for the whole document.
    pub path: String,
    /// What was given, shortened.
    pub given: String,
    /// What would have been right.
    pub expected: String,
}

/// A checked requirement.
#[derive(Clone, Debug)]
pub struct Requirement {
    /// What the asker calls it.
    pub name: Option<String>,
    /// The project's industry, a division of GB/T 4754 such as `C26`.
    pub industry: Option<String>,
    /// Collections to look into.
    pub seeks: Vec<CollectionKey>,
    /// Only carriers that touch this are looked at; the others are not counted.
    pub within: Option<MultiPolygon<f64>>,
    /// Day from which the age of evidence is counted; when absent, the day of the inventory's last change.
    pub as_of: Option<Date>,
    /// What must hold.
    pub gates: Vec<Gate>,
    /// What gives points.
    pub wishes: Vec<Wish>,
    /// Weights of the wishes; they add up to one.
    pub scale: super::Scale,
    /// How consistent the comparisons are that the weights come from; `None` when weights were given.
    pub consistency: Option<f64>,
    /// Whether parcels may be put together, and how.
    pub assemble: Option<Assemble>,
    /// Most results, near misses and open carriers that are listed.
    pub limit: usize,
    /// What the answer holds beside results and counts.
    pub parts: Parts,
}

/// What an answer holds beside results and counts.
#[expect(clippy::struct_excessive_bools, reason = "four independent parts, each asked for by its name")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts {
    /// Carriers that fail exactly one gate.
    pub near_misses: bool,
    /// What would admit more.
    pub relaxations: bool,
    /// Counts by value.
    pub facets: bool,
    /// How firm the order is.
    pub robustness: bool,
}

/// Something that must hold.
#[derive(Clone, Debug)]
pub struct Gate {
    /// Where it stands in the document: `needs[2]`, `needs[2].evidence_days`, `wishes[0].veto`.
    pub path: String,
    /// Attribute key, or `available_by`, `fits`, `net_area`, `distance`, `inside`, `outside`.
    pub about: Arc<str>,
    /// What an unknown value means.
    pub unknown: Unknown,
    /// What is asked.
    pub ask: Ask,
    /// How each sought collection is asked, in the order of [`Requirement::seeks`].
    pub on: Vec<On>,
}

/// How one collection is asked.
#[derive(Clone, Debug)]
pub enum On {
    /// It lacks what the gate is about, or the asker left it out: the gate is passed, and said not to be asked.
    NotAsked,
    /// By a filter over its columns.
    Filter(Filter),
    /// One carrier after the other, by [`Ask`].
    Each,
    /// One carrier after the other by its ground, which takes long: asked last, of those that fail at most one other gate.
    Ground,
}

/// What a gate asks.
#[derive(Clone, Debug)]
pub enum Ask {
    /// Number within bounds, or a range that overlaps them.
    Number {
        /// Attribute.
        attribute: AttributeKey,
        /// Lower bound.
        min: Option<Bound>,
        /// Upper bound.
        max: Option<Bound>,
        /// Unit in which it was asked.
        unit: Unit,
        /// How tax is looked at.
        tax: Option<Tax>,
    },
    /// One of some codes.
    Codes {
        /// Attribute.
        attribute: AttributeKey,
        /// How the codes were asked for.
        by: ByCode,
    },
    /// A flag.
    Flag {
        /// Attribute.
        attribute: AttributeKey,
        /// What it must be.
        is: bool,
    },
    /// A text that contains another.
    Text {
        /// Attribute.
        attribute: AttributeKey,
    },
    /// A day within bounds.
    Day {
        /// Attribute.
        attribute: AttributeKey,
        /// First day.
        from: Option<Date>,
        /// Last day.
        to: Option<Date>,
    },
    /// Can be had by a day.
    AvailableBy {
        /// The day.
        day: Date,
    },
    /// The value was seen lately.
    Evidence {
        /// Attribute.
        attribute: AttributeKey,
        /// At most so many days ago.
        days: u32,
    },
    /// Lies well with regard to an overlay.
    Place(Place),
    /// A hall fits; asked by [`On::Ground`].
    Fits(Fits),
    /// Enough can be built on; asked by [`On::Ground`].
    NetArea(NetArea),
}

/// How codes were asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ByCode {
    /// One of some, with all below them.
    AnyOf {
        /// As given.
        given: Vec<Arc<str>>,
        /// The scheme in which they were given; the attribute's own when nothing was said.
        scheme: Option<Arc<str>>,
    },
    /// This one or one before it in an ordered list.
    AtLeast(Arc<str>),
}

/// A bound as it was asked and in the base unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bound {
    /// In the asker's unit.
    pub asked: f64,
    /// In the base unit.
    pub base: f64,
}

/// The unit in which something was asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Unit {
    /// Its key; empty for pure numbers.
    pub key: Arc<str>,
    /// Base units in one of it.
    pub factor: f64,
    /// Whether only whole numbers of the base unit exist.
    pub decimals: u8,
}

/// How a price with or without tax is compared with one that the asker gave.
#[derive(Clone, Debug, PartialEq)]
pub struct Tax {
    /// Flag that says whether a carrier's price includes tax.
    pub flag: AttributeKey,
    /// Price with tax over price without.
    pub factor: f64,
    /// Whether the asker's price includes tax.
    pub asked_with: bool,
}

/// A relation to an overlay.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// The overlay.
    pub overlay: CollectionKey,
    /// The relation.
    pub relation: Relation,
}

/// How a carrier must lie with regard to an overlay.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Relation {
    /// Wholly within its features and their buffer.
    Inside,
    /// Without common ground with its features and their buffer.
    Outside,
    /// From the nearest points of both shapes, the buffer left out of account.
    Distance {
        /// At least so far, metres.
        min_m: Option<f64>,
        /// At most so far, metres.
        max_m: Option<f64>,
    },
}

/// A hall that must fit.
#[derive(Clone, Debug, PartialEq)]
pub struct Fits {
    /// Width of a hall, metres.
    pub width_m: f64,
    /// Depth of a hall, metres.
    pub depth_m: f64,
    /// Distance from the boundary.
    pub setback: Setback,
    /// Halls: one, or two with a truck court between or before them.
    pub halls: u8,
    /// Depth of the truck court, metres.
    pub court_m: f64,
    /// Step of the angles tried, degrees.
    pub step_deg: f64,
}

/// Ground that must be left to build on, m².
#[derive(Clone, Debug, PartialEq)]
pub struct NetArea {
    /// Lower bound.
    pub min: Option<Bound>,
    /// Upper bound.
    pub max: Option<Bound>,
    /// Unit in which it was asked.
    pub unit: Unit,
    /// Distance from the boundary within which nothing is built, metres.
    pub setback_m: f64,
}

/// What parcels put together answer together.
#[derive(Clone, Copy, Debug)]
pub enum Together<'a> {
    /// Area, by its sum.
    Area {
        /// Lower bound.
        min: Option<Bound>,
        /// Upper bound.
        max: Option<Bound>,
        /// Unit in which it was asked.
        unit: &'a Unit,
    },
    /// Net area, by its sum.
    NetArea(&'a NetArea),
    /// A hall, on the joined ground.
    Fits(&'a Fits),
}

/// Parcels that may be put together.
#[derive(Clone, Debug, PartialEq)]
pub struct Assemble {
    /// Most parcels of one assembly.
    pub max_parcels: usize,
    /// Widest gap (a road) between two of them, metres.
    pub gap_m: f64,
    /// Shortest shared edge, metres.
    pub shared_edge_m: f64,
}

/// Something that gives points.
#[derive(Clone, Debug)]
pub struct Wish {
    /// Where it stands in the document: `wishes[0]`.
    pub path: String,
    /// Attribute key, or `distance`, `net_area`.
    pub about: Arc<str>,
    /// What is valued.
    pub of: Valued,
    /// How good a value is.
    pub curve: Curve,
    /// Unit in which it was asked.
    pub unit: Unit,
    /// Sought collections of which it is asked, in the order of [`Requirement::seeks`]. Of the others it is not asked, and they get no points for it.
    pub on: Vec<bool>,
}

/// What a wish values.
#[derive(Clone, Debug)]
pub enum Valued {
    /// A number, range or day; the best value within a range counts.
    Number(AttributeKey),
    /// 1 where the code is one of these, else 0.
    Codes(AttributeKey, Vec<Arc<str>>),
    /// 1 where the flag is this, else 0.
    Flag(AttributeKey, bool),
    /// Distance to an overlay, metres.
    Distance(CollectionKey),
    /// What can be built on, m².
    NetArea {
        /// Distance from the boundary within which nothing is built, metres.
        setback_m: f64,
    },
}

impl<'a> Scope<'a> {
    /// An attribute of a collection that the asker may see.
    fn attribute(&self, collection: &CollectionKey, key: &str) -> Option<&'a Arc<Attribute>> {
        let attribute = self.catalogue.attribute(collection.as_str(), key)?;
        self.role.sees(attribute.visibility).then_some(attribute)
    }
}

impl Gate {
    /// The attribute that it tests, if it is one.
    pub fn attribute(&self) -> Option<&AttributeKey> {
        match &self.ask {
            Ask::Number { attribute, .. }
            | Ask::Codes { attribute, .. }
            | Ask::Flag { attribute, .. }
            | Ask::Text { attribute }
            | Ask::Day { attribute, .. }
            | Ask::Evidence { attribute, .. } => Some(attribute),
            Ask::AvailableBy { .. } | Ask::Place(_) | Ask::Fits(_) | Ask::NetArea(_) => None,
        }
    }
}

impl Tax {
    /// What a carrier's price is multiplied with to be compared with the asker's.
    pub fn to_asked(&self, has_tax: bool) -> f64 {
        match (has_tax, self.asked_with) {
            (true, true) | (false, false) => 1.0,
            (true, false) => 1.0 / self.factor,
            (false, true) => self.factor,
        }
    }
}

impl Ask {
    /// What parcels put together answer together; `None` for what each of them answers by itself.
    pub fn together(&self) -> Option<Together<'_>> {
        match self {
            Self::Number {
                attribute, min, max, unit, ..
            } => (attribute.as_str() == AREA).then_some(Together::Area {
                min: *min,
                max: *max,
                unit,
            }),
            Self::NetArea(net) => Some(Together::NetArea(net)),
            Self::Fits(fits) => Some(Together::Fits(fits)),
            Self::Codes { .. }
            | Self::Flag { .. }
            | Self::Text { .. }
            | Self::Day { .. }
            | Self::AvailableBy { .. }
            | Self::Evidence { .. }
            | Self::Place(_) => None,
        }
    }

    /// Bounds of a distance, metres.
    pub fn ends_m(&self) -> Option<(Option<f64>, Option<f64>)> {
        match self {
            Self::Place(Place {
                relation: Relation::Distance { min_m, max_m },
                ..
            }) => Some((*min_m, *max_m)),
            Self::Number { .. }
            | Self::Codes { .. }
            | Self::Flag { .. }
            | Self::Text { .. }
            | Self::Day { .. }
            | Self::AvailableBy { .. }
            | Self::Evidence { .. }
            | Self::Place(_)
            | Self::Fits(_)
            | Self::NetArea(_) => None,
        }
    }
}

impl Valued {
    /// The attribute, if it is one.
    pub fn attribute(&self) -> Option<&AttributeKey> {
        match self {
            Self::Number(attribute) | Self::Codes(attribute, _) | Self::Flag(attribute, _) => Some(attribute),
            Self::Distance(_) | Self::NetArea { .. } => None,
        }
    }
}
