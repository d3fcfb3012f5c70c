//! The ground under records: outlines drawn in metres, the hard layers around them, and what those leave to build on.
//!
//! What depends on a record alone is kept by record and version, net areas also by the state of every hard layer, so that nothing kept can be too old.
//!
//! Read in this order: [`GroundLimits`], [`Plot`], [`Ground`]; `layers` (which overlays are hard, and which of their shapes are near).
//!
//! Deliberately absent: rights (shapes are for everyone, and what is kept holds no attribute), and questions (`suit` asks them).
mod layers;

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use geo_types::{MultiPolygon, Rect};

use crate::domain::geometry::Plane;
use crate::domain::ids::{CarrierId, Version};
use crate::index::Row;
use crate::suitability::Fault;
use crate::suitability::fit::{Measure, Setback};
use crate::suitability::net_area::{NetArea, net_area};

pub(in crate::inventory) use layers::{HardLayers, Near, State};

/// How much of the ground one question may look at. More is refused, never cut off.
#[derive(Clone, Debug)]
pub struct GroundLimits {
    /// Most records whose ground one need or wish looks at; those count that fail at most one other need.
    pub candidates: usize,
    /// Longest time for all that one requirement asks of the ground.
    pub time: Duration,
    /// Most parcels among which sets are looked for.
    pub assembly_parcels: usize,
    /// Most sets of parcels that are visited; beyond it the answer is the best found, and says so.
    pub assembly_sets: u64,
    /// Most sets of parcels in an answer.
    pub assemblies: usize,
    /// Most near misses of which the largest hall that fits is looked for.
    pub largest: usize,
    /// Threads that share the work of one question.
    pub threads: usize,
    /// Records of which outlines and net areas are kept.
    pub kept: usize,
}

impl Default for GroundLimits {
    fn default() -> Self {
        Self {
            candidates: 50_000,
            time: Duration::from_secs(15),
            assembly_parcels: 5_000,
            assembly_sets: 200_000,
            assemblies: 5,
            largest: 2_000,
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            kept: 200_000,
        }
    }
}

/// An outline, drawn.
#[derive(Debug)]
pub(in crate::inventory) struct Plot {
    /// The plane that it is drawn in.
    pub plane: Plane,
    /// The outline, plane metres.
    pub outline: MultiPolygon<f64>,
    /// The box around it, lon/lat degrees.
    pub around: Rect<f64>,
    /// Its cheap measures.
    pub measure: Measure,
}

impl Plot {
    /// `None` where there is no ground.
    pub(in crate::inventory) fn new(plane: Plane, outline: MultiPolygon<f64>, around: Rect<f64>) -> Option<Self> {
        let measure = Measure::of(&outline);
        (!outline.0.is_empty()).then_some(Self {
            plane,
            outline,
            around,
            measure,
        })
    }
}

type Nets = Keeper<(CarrierId, u64), (Version, State), Option<Arc<NetArea>>>;

/// What is kept of the ground, shared by all views.
pub(in crate::inventory) struct Ground {
    pub limits: GroundLimits,
    plots: Keeper<CarrierId, Version, Option<Arc<Plot>>>,
    nets: Nets,
}

impl Ground {
    pub(in crate::inventory) fn new(limits: GroundLimits) -> Self {
        Self {
            plots: Keeper::new(limits.kept),
            nets: Keeper::new(limits.kept),
            limits,
        }
    }

    /// A record's outline; `None` when it has none.
    pub(in crate::inventory) fn plot(&self, row: &Row<'_>) -> Option<Arc<Plot>> {
        self.plots.find_or_make(row.id(), row.version(), || {
            let shape = row.shape();
            let plane = Plane::around(&shape)?;
            Plot::new(plane, plane.ground(&shape), row.bounds()?).map(Arc::new)
        })
    }

    /// What hard layers and a setback leave of a record's ground; `None` when it has no outline, or its shapes cannot be cut against each other.
    pub(in crate::inventory) fn net_area(&self, row: &Row<'_>, near: &mut Near<'_>, setback_m: f64) -> Option<Arc<NetArea>> {
        let key = (row.id(), setback_m.to_bits());
        self.nets.find_or_make(key, (row.version(), near.state().clone()), || {
            let plot = self.plot(row)?;
            let found = near.net_area(&plot, setback_m);
            found
                .inspect_err(|fault| tracing::warn!(code = row.code(), %fault, "a net area is unknown"))
                .ok()
        })
    }
}

impl Near<'_> {
    fn net_area(&mut self, plot: &Plot, setback_m: f64) -> Result<Arc<NetArea>, Fault> {
        let layers = self.layers(plot);
        net_area(&plot.outline, &Setback::Uniform(setback_m), &layers).map(Arc::new)
    }
}

/// Values by key, each good for one state of what it was made of. When it is full it is emptied: what is needed is soon made again.
struct Keeper<K, S, V> {
    most: usize,
    kept: Mutex<HashMap<K, (S, V)>>,
}

impl<K: Hash + Eq + Copy, S: PartialEq, V: Clone> Keeper<K, S, V> {
    fn new(most: usize) -> Self {
        Self {
            most: most.max(1),
            kept: Mutex::default(),
        }
    }

    /// The value for this state; made outside the lock when it is not there.
    fn find_or_make(&self, key: K, state: S, make: impl FnOnce() -> V) -> V {
        let lock = || self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, value)) = lock().get(&key)
            && *of == state
        {
            return value.clone();
        }
        let value = make();
        let mut kept = lock();
        if kept.len() >= self.most && !kept.contains_key(&key) {
            kept.clear();
        }
        kept.insert(key, (state, value.clone()));
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_good_for_one_state_and_never_more_than_the_limit() {
        let keeper: Keeper<u8, u8, u32> = Keeper::new(2);
        assert_eq!(keeper.find_or_make(1, 1, || 10), 10);
        assert_eq!(keeper.find_or_make(1, 1, || 11), 10);
        assert_eq!(keeper.find_or_make(1, 2, || 12), 12);
        for key in 2..9 {
            keeper.find_or_make(key, 1, || 20);
            assert!(keeper.kept.lock().unwrap().len() <= 2);
        }
    }
}
