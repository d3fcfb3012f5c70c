//! Gates and wishes that ask the ground. They take long, so they are asked last: of carriers that fail at most one other gate (near misses and
//! relaxations need those too) or that a facet may count, shared among threads, within limits beyond which the requirement is refused.
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use serde_json::{Value as Json, json};

use super::fits::{self, Fitted};
use super::sets::{Sets, views};
use super::{Eyes, Place, SuitError, Work};
use crate::index::{Judged, RowRef};
use crate::inventory::ground::{GroundLimits, HardLayers, Near};
use crate::suitability::net_area::NetArea;
use crate::suitability::requirement::{self, Ask, Gate, On, Requirement, Valued};
use crate::suitability::tally::tally;

/// Rows that a thread takes at once.
pub(super) const PORTION: usize = 16;

/// What the ground of one collection's carriers said.
#[derive(Default)]
pub(super) struct Grounded {
    /// By gate and row.
    pub fits: HashMap<(usize, RowRef), Fitted>,
    /// By setback and row; `None` is unknown.
    nets: HashMap<(u64, RowRef), Option<Arc<NetArea>>>,
}

/// Asks the ground within one requirement's limits.
pub(super) struct Asking<'a> {
    eyes: Eyes<'a>,
    asked: &'a Requirement,
    layers: HardLayers<'a>,
    began: Instant,
}

impl<'a> Asking<'a> {
    pub(super) fn new(eyes: Eyes<'a>, asked: &'a Requirement) -> Self {
        Self {
            layers: HardLayers::of(eyes.snapshot),
            began: Instant::now(),
            eyes,
            asked,
        }
    }

    pub(super) fn limits(&self) -> &'a GroundLimits {
        &self.eyes.ground.limits
    }

    /// Asks the gates of one collection that are left, and what wishes need of those that may be listed.
    pub(super) fn settle(&self, number: usize, sets: &mut Sets) -> Result<Grounded, SuitError> {
        let mut grounded = Grounded::default();
        let gates = self.asked.gates.iter().enumerate();
        let mut left: Vec<usize> = gates.filter(|(_, gate)| is_grounded(gate, number)).map(|(at, _)| at).collect();
        // Net areas are kept from one requirement to the next, so they come first.
        left.sort_by_key(|at| matches!(self.asked.gates[*at].ask, Ask::Fits(_)));
        for at in left {
            let rows: Vec<RowRef> = sets.candidates(self.asked).iter().collect();
            self.check(&self.asked.gates[at].path, rows.len())?;
            sets.verdicts[at] = self.judge((at, number), sets, &rows, &mut grounded)?;
        }
        sets.tally = tally(sets.live.words(), &views(self.asked, &sets.verdicts));
        for wish in self.asked.wishes.iter().filter(|wish| wish.on[number]) {
            if let Valued::NetArea { setback_m } = wish.of {
                let members = self.asked.assemble.as_ref().map(|_| sets.members(self.asked));
                let member = |at: usize| members.as_ref().map_or(0, |members| members.words()[at]);
                let each = |at: usize| sets.tally.matched[at] | sets.tally.open[at] | sets.tally.once[at] | member(at);
                let words = (0..sets.tally.once.len()).map(each).collect();
                let rows: Vec<RowRef> = sets.live.with(words).iter().collect();
                self.check(&wish.path, rows.len())?;
                self.measure(setback_m, &rows, &mut grounded)?;
            }
        }
        Ok(grounded)
    }

    fn check(&self, path: &str, given: usize) -> Result<(), SuitError> {
        let limit = self.limits().candidates;
        if given <= limit {
            return Ok(());
        }
        Err(SuitError::TooManyCandidates {
            path: path.to_owned(),
            given,
            limit,
        })
    }

    fn judge(&self, (gate, number): (usize, usize), sets: &Sets, rows: &[RowRef], grounded: &mut Grounded) -> Result<Judged, SuitError> {
        let nobody = || sets.live.with(vec![0; sets.live.words().len()]);
        let mut judged = Judged {
            passed: nobody(),
            unknown: nobody(),
        };
        let mut note = |row: RowRef, holds: Option<bool>| match holds {
            Some(true) => judged.passed.add(row),
            Some(false) => {}
            None => judged.unknown.add(row),
        };
        match &self.asked.gates[gate].ask {
            Ask::Fits(fits) => {
                let asking = fits::Asking::new(self.eyes, fits, &self.asked.seeks[number]);
                let found = self.each(rows, |near, row| asking.fit(near, row))?;
                for (row, fitted) in rows.iter().zip(found) {
                    note(*row, fitted.holds());
                    grounded.fits.insert((gate, *row), fitted);
                }
            }
            Ask::NetArea(net) => {
                self.measure(net.setback_m, rows, grounded)?;
                for row in rows {
                    note(*row, grounded.net_m2(net.setback_m, *row).map(|net_m2| holds(net, net_m2)));
                }
            }
            // These are never asked of the ground.
            Ask::Number { .. }
            | Ask::Codes { .. }
            | Ask::Flag { .. }
            | Ask::Text { .. }
            | Ask::Day { .. }
            | Ask::AvailableBy { .. }
            | Ask::Evidence { .. }
            | Ask::Place(_) => {}
        }
        Ok(judged)
    }

    /// Net areas of rows that were not measured yet.
    fn measure(&self, setback_m: f64, rows: &[RowRef], grounded: &mut Grounded) -> Result<(), SuitError> {
        let key = |row: &RowRef| (setback_m.to_bits(), *row);
        let fresh: Vec<RowRef> = rows.iter().filter(|row| !grounded.nets.contains_key(&key(row))).copied().collect();
        let (ground, snapshot) = (self.eyes.ground, self.eyes.snapshot);
        let found = self.each(&fresh, |near, row| ground.net_area(&snapshot.row(row), near, setback_m))?;
        grounded.nets.extend(fresh.iter().map(key).zip(found));
        Ok(())
    }

    /// Does the work for each row, in their order, on as many threads as the limits allow.
    pub(super) fn each<T: Send>(&self, rows: &[RowRef], work: impl Fn(&mut Near<'_>, RowRef) -> T + Sync) -> Result<Vec<T>, SuitError> {
        let next = AtomicUsize::new(0);
        let one_thread = || {
            let mut near = self.layers.near();
            let mut done: Vec<(usize, T)> = Vec::new();
            while self.began.elapsed() < self.limits().time {
                let start = next.fetch_add(PORTION, Ordering::Relaxed);
                let Some(portion) = rows.get(start..rows.len().min(start + PORTION)).filter(|rows| !rows.is_empty()) else {
                    break;
                };
                done.extend((start..).zip(portion.iter().map(|row| work(&mut near, *row))));
            }
            done
        };
        let threads = self.limits().threads.clamp(1, rows.len().div_ceil(PORTION).max(1));
        let mut done = std::thread::scope(|scope| {
            let others: Vec<_> = (1..threads).map(|_| scope.spawn(one_thread)).collect();
            let mut done = one_thread();
            for other in others {
                // A thread that broke off leaves its rows undone, as one that ran out of time does.
                done.extend(other.join().unwrap_or_default());
            }
            done
        });
        if done.len() < rows.len() {
            let limit_ms = self.limits().time.as_millis();
            return Err(SuitError::TookTooLong { limit_ms });
        }
        done.sort_unstable_by_key(|(at, _)| *at);
        Ok(done.into_iter().map(|(_, found)| found).collect())
    }
}

fn is_grounded(gate: &Gate, number: usize) -> bool {
    matches!(gate.on[number], On::Ground)
}

/// Whether a net area is within the bounds, both of which belong to them.
pub(super) fn holds(net: &requirement::NetArea, net_m2: f64) -> bool {
    net.min.is_none_or(|min| net_m2 >= min.base) && net.max.is_none_or(|max| net_m2 <= max.base)
}

impl Grounded {
    /// What can be built on, m²; `None` is unknown.
    pub(super) fn net_m2(&self, setback_m: f64, row: RowRef) -> Option<f64> {
        let found = self.nets.get(&(setback_m.to_bits(), row))?;
        found.as_ref().map(|net| net.net_m2)
    }
}

impl Work<'_> {
    /// Net area of a carrier as the wish or gate asks for it, m².
    pub(super) fn net_m2(&self, setback_m: f64, place: Place) -> Option<f64> {
        self.parts[place.part].grounded.net_m2(setback_m, place.row)
    }

    /// Adds what wishes about the ground are worth.
    pub(super) fn add_ground_worths(&self, place: Place, worths: &mut [f64]) {
        for (wish, worth) in self.asked.wishes.iter().zip(worths) {
            if let Valued::NetArea { setback_m } = wish.of
                && wish.on[place.part]
            {
                *worth = self.net_m2(setback_m, place).map_or(0.0, |net_m2| wish.curve.worth(net_m2));
            }
        }
    }

    /// Adds to a gate's state what the ground said.
    pub(super) fn add_ground(&self, gate: usize, place: Place, state: &mut Json) {
        match &self.asked.gates[gate].ask {
            Ask::Fits(_) => {
                let fitted = self.parts[place.part].grounded.fits.get(&(gate, place.row));
                state["fit"] = fitted.map_or(Json::Null, Fitted::to_json);
            }
            Ask::NetArea(net) => {
                state["value"] = json!(self.net_m2(net.setback_m, place).map(|net_m2| net_m2 / net.unit.factor));
            }
            Ask::Number { .. }
            | Ask::Codes { .. }
            | Ask::Flag { .. }
            | Ask::Text { .. }
            | Ask::Day { .. }
            | Ask::AvailableBy { .. }
            | Ask::Evidence { .. }
            | Ask::Place(_) => {}
        }
    }
}
