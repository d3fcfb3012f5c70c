//! From parameters to a checked [`Query`](crate::domain::query::Query): nothing is ignored, nothing is guessed.
//!
//! Which parameters there are follows from the catalogue: every attribute that the asker may see brings its own, by kind ([`Part`]). The same table
//! parses a request and lists the parameters for the API's description. An attribute that the asker may not see does not exist here, so that an
//! answer cannot tell it from one that nobody has.
//!
//! Read in this order: `parse` (what is understood), `attributes` (parameters made from attributes), `available` (what "available by" means),
//! `region`, `wkt` and `geojson` (where), `order` (sort and page), `cursor`, `document` (the list for people and programs).
//!
//! Deliberately absent: evaluation (that is `index`) and CQL2.
mod attributes;
mod available;
mod cursor;
mod document;
mod geojson;
mod order;
mod parse;
mod region;
#[cfg(test)]
mod tests;
mod wkt;

use crate::domain::catalogue::{Attribute, Catalogue};
use crate::domain::viewer::Role;

pub use attributes::Part;
pub use cursor::{decode_cursor, encode_cursor};
pub use document::{ParameterDoc, parameters};
pub use parse::parse;

/// Where a query is asked, and by whom.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    /// The catalogue.
    pub catalogue: &'a Catalogue,
    /// Who asks.
    pub role: Role,
    /// Key of the collection.
    pub collection: &'a str,
    /// How much may be asked at once.
    pub limits: &'a Limits,
}

/// How much may be asked at once. More is refused, never cut off.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Rows of a page when nothing is said.
    pub rows: usize,
    /// Most rows of a page.
    pub most_rows: usize,
    /// Most corners of a `within`.
    pub vertices: usize,
    /// Most codes of one parameter.
    pub codes: usize,
    /// Longest `q` or text, characters.
    pub text_chars: usize,
    /// Most words of a `q`.
    pub words: usize,
    /// Most sort keys.
    pub sort_keys: usize,
    /// Largest `radius_m`, metres.
    pub radius_m: f64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            rows: 100,
            most_rows: 10_000,
            vertices: 5_000,
            codes: 200,
            text_chars: 200,
            words: 10,
            sort_keys: 4,
            radius_m: 200_000.0,
        }
    }
}

/// A parameter that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("parameter {parameter}: given {given}, expected {expected}")]
pub struct ParameterError {
    /// Its name.
    pub parameter: String,
    /// What was given, shortened.
    pub given: String,
    /// What would have been right.
    pub expected: String,
    /// What kind of mistake it is.
    pub kind: Mistake,
}

/// Kind of a mistake, for those who answer with different problem types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mistake {
    /// There is no such parameter.
    UnknownParameter,
    /// The parameter exists, its value does not fit.
    BadValue,
}

/// Longest piece of a given value that an error repeats, characters.
const GIVEN_CHARS: usize = 80;

impl ParameterError {
    fn bad(parameter: &str, given: &str, expected: impl Into<String>) -> Self {
        let mut shown: String = given.chars().take(GIVEN_CHARS).collect();
        if shown.len() < given.len() {
            shown.push('…');
        }
        Self {
            parameter: parameter.to_owned(),
            given: shown,
            expected: expected.into(),
            kind: Mistake::BadValue,
        }
    }
}

impl<'a> Scope<'a> {
    /// An attribute of the collection that the asker may see.
    fn attribute(&self, key: &str) -> Option<&'a Attribute> {
        let attribute = self.catalogue.attribute(self.collection, key)?;
        self.role.sees(attribute.visibility).then_some(attribute)
    }

    /// All attributes of the collection that the asker may see, in order.
    fn attributes(&self) -> impl Iterator<Item = &'a Attribute> {
        let role = self.role;
        let all = self.catalogue.attributes_of(self.collection);
        all.map(AsRef::as_ref)
            .filter(move |attribute: &&Attribute| role.sees(attribute.visibility))
    }
}
