//! Counts beside a search: what else there is to choose.
use std::sync::Arc;

use crate::domain::ids::AttributeKey;

/// Counts of one attribute's values under all conditions but its own.
#[derive(Clone, Debug, PartialEq)]
pub struct Facet {
    /// The attribute.
    pub attribute: AttributeKey,
    /// Rows under the other conditions whose value is unknown.
    pub unknown: usize,
    /// The counts.
    pub counts: FacetCounts,
}

/// Counts by kind of attribute. `count` is under the other conditions, `total` is of the whole collection.
#[derive(Clone, Debug, PartialEq)]
pub enum FacetCounts {
    /// Codes in the order of their list, those without any row left out.
    Codes(Vec<CodeCount>),
    /// Numbers, ranges (by lower bound, else upper) in the base unit; dates as days since 1970-01-01.
    Histogram {
        /// Smallest and largest value of the whole collection; `None` when no value is known.
        extent: Option<(f64, f64)>,
        /// Bins with edges that depend on the extent alone, so that bars do not jump.
        bins: Vec<Bin>,
    },
    /// Yes and no.
    Flag {
        /// Rows that say yes.
        yes: usize,
        /// Rows that say no.
        no: usize,
    },
    /// Texts are not counted by value.
    Text {
        /// Rows with a text.
        known: usize,
    },
}

/// Count of one code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeCount {
    /// The code.
    pub code: Arc<str>,
    /// Under the other conditions.
    pub count: usize,
    /// In the whole collection.
    pub total: usize,
}

/// A bar of a histogram: values from `from` (included) to `to` (excluded, but included in the last bin).
#[derive(Clone, Debug, PartialEq)]
pub struct Bin {
    /// Lower edge.
    pub from: f64,
    /// Upper edge.
    pub to: f64,
    /// Under the other conditions.
    pub count: usize,
    /// In the whole collection.
    pub total: usize,
}

/// Edges of at most 32 bins of a round width (1, 2, 2.5 or 5 times a power of ten) that cover the extent.
pub(super) fn nice_edges(min: f64, max: f64) -> Vec<f64> {
    const MOST_BINS: f64 = 32.0;
    let span = max - min;
    if !span.is_finite() || span <= 0.0 {
        return vec![min, if min == 0.0 { 1.0 } else { min + min.abs() }];
    }
    let raw = span / (MOST_BINS - 2.0);
    let power = 10f64.powf(raw.log10().floor());
    let factor = [1.0, 2.0, 2.5, 5.0, 10.0]
        .into_iter()
        .find(|factor| factor * power >= raw)
        .unwrap_or(10.0);
    let step = factor * power;
    let first = (min / step).floor();
    let last = (max / step).floor() + 1.0;
    let mut edges = Vec::new();
    let mut at = first;
    while at <= last {
        edges.push(at * step);
        at += 1.0;
    }
    edges
}
