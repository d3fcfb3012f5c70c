//! What was asked, checked: conditions with a three-valued meaning, order and page.
//!
//! Parsing lives in `filter`, evaluation over columns in `index`; the meaning is written down here.
use std::sync::Arc;

use geo_types::{MultiPolygon, Rect};
use jiff::civil::Date;

use super::ids::{AttributeKey, CollectionKey};

/// A checked query on one collection.
#[derive(Clone, Debug)]
pub struct Query {
    /// Where to look.
    pub collection: CollectionKey,
    /// All must hold. Kept apart by name, so that a facet can leave out its own.
    pub conditions: Vec<Condition>,
    /// Order; the code is always the last key, ascending, so that the order is total. Unknown values come last in either direction.
    pub sort: Vec<SortKey>,
    /// Most rows of a page.
    pub limit: usize,
    /// Where the page begins: after this row.
    pub after: Option<Cursor>,
}

/// One named condition.
#[derive(Clone, Debug)]
pub struct Condition {
    /// Attribute key, or `bbox`, `within`, `near`, `q`, `available_by`.
    pub name: Arc<str>,
    /// What must hold.
    pub filter: Filter,
}

/// A tree of tests in Kleene's three-valued logic: a test of an unknown value is unknown; only "true" matches.
#[derive(Clone, Debug)]
pub enum Filter {
    /// Every one.
    All(Vec<Filter>),
    /// At least one.
    Any(Vec<Filter>),
    /// The contrary; unknown stays unknown.
    Not(Box<Filter>),
    /// A test of one attribute.
    Test {
        /// Of this attribute.
        attribute: AttributeKey,
        /// This test.
        test: Test,
    },
    /// The shape has a point in common with this region (lines and borders count). A record without shape fails.
    Within(Region),
    /// The code or a text attribute named here contains this, ignoring case.
    Words {
        /// Lower-cased words; each must be found somewhere.
        words: Vec<String>,
        /// Text attributes to look into beside the code.
        attributes: Vec<AttributeKey>,
    },
}

/// A test of one value.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// Number within the closed interval; a range value passes when it overlaps the interval (respecting its own open ends).
    Number {
        /// Lower end, base unit.
        min: Option<f64>,
        /// Upper end, base unit.
        max: Option<f64>,
    },
    /// Code is one of these. Prefixes, schemes and "at least" are already resolved to plain codes of the attribute's list.
    Code(Vec<Arc<str>>),
    /// Flag is this.
    Flag(bool),
    /// Day within the closed interval.
    Date {
        /// First day.
        from: Option<Date>,
        /// Last day.
        to: Option<Date>,
    },
    /// Text contains this, ignoring case.
    Contains(String),
    /// The value is known (`true`) or unknown (`false`); this test is never itself unknown.
    Known(bool),
}

/// A region of the ground, lon/lat degrees.
#[derive(Clone, Debug)]
pub enum Region {
    /// A box.
    Box(Rect<f64>),
    /// Any polygon.
    Polygon(MultiPolygon<f64>),
    /// All that is not farther than this from a point, measured on the ellipsoid to the shape's nearest point.
    Radius {
        /// Longitude, degrees.
        lon: f64,
        /// Latitude, degrees.
        lat: f64,
        /// Radius, metres.
        radius_m: f64,
    },
}

/// One key of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SortKey {
    /// Attribute, or `None` for the code.
    pub attribute: Option<AttributeKey>,
    /// Largest first.
    pub descending: bool,
}

/// Position of a row in an order: its sort values and code, not a number of rows, so that edits do not shift pages.
#[derive(Clone, Debug, PartialEq)]
pub struct Cursor {
    /// Value of each sort key of the last row seen, in the same order; `None` is unknown.
    pub values: Vec<Option<CursorValue>>,
    /// Code of the last row seen.
    pub code: String,
}

/// A sort value in a cursor.
#[derive(Clone, Debug, PartialEq)]
pub enum CursorValue {
    /// Number (the lower bound of a range, else the upper), flag as 0 or 1, day as days since 1970-01-01.
    Number(f64),
    /// Text, or the position of a code in its list as a number would be; plain texts compare by bytes.
    Text(String),
}
