//! Overlays on which nothing may be built, and the shapes of them near a record.
use std::collections::HashMap;
use std::sync::Arc;

use geo_types::{Coord, Rect};

use super::Plot;
use crate::domain::catalogue::Effect;
use crate::domain::geometry::{Plane, Shape};
use crate::domain::ids::{CollectionKey, Revision};
use crate::index::{RowRef, Snapshot};
use crate::suitability::net_area::Layer;

/// Metres of a degree of latitude, a little too few, so that boxes in degrees are a little too large.
const DEGREE_M: f64 = 110_000.0;
/// Added on every side of a box, degrees.
const SLACK_DEG: f64 = 1e-6;
/// Nearer to the poles than this a degree of longitude is no measure.
const LEAST_COSINE: f64 = 0.01;

/// The hard overlays of a snapshot.
#[derive(Clone, Debug)]
pub(in crate::inventory) struct HardLayers<'a> {
    snapshot: &'a Snapshot,
    all: Vec<Hard>,
    state: State,
}

#[derive(Clone, Debug)]
struct Hard {
    key: CollectionKey,
    buffer_m: f64,
}

/// Which hard overlays there were, each with its revision and its buffer: what a net area depends on beside the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::inventory) struct State(Arc<[(CollectionKey, Revision, u64)]>);

impl<'a> HardLayers<'a> {
    pub(in crate::inventory) fn of(snapshot: &'a Snapshot) -> Self {
        let hard = snapshot.catalogue().collections.iter().filter_map(|collection| {
            let overlay = collection.overlay.as_ref().filter(|overlay| overlay.effect == Effect::Exclude)?;
            Some(Hard {
                key: collection.key.clone(),
                buffer_m: overlay.buffer_m,
            })
        });
        let mut all: Vec<Hard> = hard.collect();
        all.sort_by(|one, other| one.key.cmp(&other.key));
        let states = all
            .iter()
            .map(|hard| (hard.key.clone(), snapshot.collection_revision(&hard.key), hard.buffer_m.to_bits()));
        Self {
            state: State(states.collect()),
            all,
            snapshot,
        }
    }

    /// For one thread to ask with.
    pub(in crate::inventory) fn near(&self) -> Near<'_> {
        Near {
            hard: self,
            drawn: HashMap::new(),
        }
    }
}

/// Finds the shapes near records; keeps what it has drawn.
pub(in crate::inventory) struct Near<'a> {
    hard: &'a HardLayers<'a>,
    /// By row and the meridian of the plane.
    drawn: HashMap<(RowRef, u64), Shape>,
}

impl Near<'_> {
    pub(super) fn state(&self) -> &State {
        &self.hard.state
    }

    /// The hard layers with the shapes that may reach a record's ground, in its plane. A layer that is nowhere near has none.
    pub(in crate::inventory) fn layers(&mut self, plot: &Plot) -> Vec<Layer> {
        let hard = self.hard;
        let layer = |each: &Hard| {
            let mut rows = Vec::new();
            hard.snapshot
                .visit_box(&each.key, widened(plot.around, each.buffer_m), &[], |row| rows.push(row));
            Layer {
                key: each.key.0.clone(),
                shapes: rows.into_iter().map(|row| self.shape(row, plot.plane)).collect(),
                buffer_m: each.buffer_m,
                date: None,
            }
        };
        hard.all.iter().map(layer).collect()
    }

    fn shape(&mut self, row: RowRef, plane: Plane) -> Shape {
        let drawn = self.drawn.entry((row, plane.meridian_deg().to_bits()));
        drawn.or_insert_with(|| plane.draw(&self.hard.snapshot.row(row).shape())).clone()
    }
}

/// A box in degrees with at least so many metres around it.
fn widened(around: Rect<f64>, metres: f64) -> Rect<f64> {
    let high = metres / DEGREE_M + SLACK_DEG;
    let farthest = (around.min().y.abs().max(around.max().y.abs()) + high).min(90.0);
    let wide = metres / (DEGREE_M * farthest.to_radians().cos().max(LEAST_COSINE)) + SLACK_DEG;
    let rim = Coord { x: wide, y: high };
    Rect::new(around.min() - rim, around.max() + rim)
}
