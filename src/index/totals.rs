//! What a shard remembers of a column's values until it changes, and the bins of a histogram.
use std::sync::{Arc, Mutex};

use super::facet::nice_edges;

/// What a column of a shard holds in its live rows.
#[derive(Debug, Default)]
pub(super) struct Totals {
    pub codes: Vec<usize>,
    pub extent: Option<(f64, f64)>,
    /// Counts for the edges that were asked for last.
    pub bins: Mutex<Option<(Edges, Arc<Vec<usize>>)>>,
}

/// Edges of a histogram.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Edges {
    pub edges: Arc<Vec<f64>>,
    per_unit: f64,
}

impl Edges {
    pub(super) fn new(min: f64, max: f64) -> Self {
        let edges = nice_edges(min, max);
        Self {
            per_unit: 1.0 / (edges[1] - edges[0]),
            edges: Arc::new(edges),
        }
    }

    pub(super) fn bins(&self) -> usize {
        self.edges.len() - 1
    }

    /// The product finds the bin but for one rounding, the comparison makes it exact.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the cast saturates and the result is cut off"
    )]
    pub(super) fn bin(&self, value: f64) -> usize {
        let last = self.bins() - 1;
        let mut at = (((value - self.edges[0]) * self.per_unit) as usize).min(last);
        if value < self.edges[at] && at > 0 {
            at -= 1;
        } else if at < last && value >= self.edges[at + 1] {
            at += 1;
        }
        at
    }
}
