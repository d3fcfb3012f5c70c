//! Smaller setbacks, with which more carriers would have the ground: each counted by asking for it.
use serde_json::{Value as Json, json};

use super::fits::{Asking, Fitted};
use super::ground::holds;
use super::offers::{Count, offered};
use super::{SuitError, Work};
use crate::domain::ids::CollectionKey;
use crate::index::RowRef;
use crate::suitability::fit::Setback;
use crate::suitability::requirement::{Fits, NetArea};
use crate::suitability::tally::Unknown;

/// Parts of the setback that are offered, the least change first.
const SHARES: [f64; 3] = [0.75, 0.5, 0.0];
/// A setback is offered in steps of this, metres.
const STEP_M: f64 = 0.5;

impl Work<'_> {
    /// Smaller setbacks for a hall.
    pub(super) fn hall_setbacks(&self, number: usize, fits: &Fits) -> Result<Vec<Json>, SuitError> {
        self.setback_offers((number, "fits"), &fits.setback, |setback| {
            let fits = Fits { setback, ..fits.clone() };
            self.would_hold(number, &fits)
        })
    }

    /// Smaller setbacks for what can be built on.
    pub(super) fn net_setbacks(&self, number: usize, net: &NetArea) -> Result<Vec<Json>, SuitError> {
        self.setback_offers((number, "net_area"), &Setback::Uniform(net.setback_m), |setback| {
            let (ground, snapshot) = (self.eyes.ground, self.eyes.snapshot);
            self.would_pass(number, |_, rows| {
                let areas = self
                    .sites
                    .each(rows, |near, row| ground.net_area(&snapshot.row(row), near, setback.least_m()))?;
                Ok(areas.into_iter().map(|area| area.map(|area| holds(net, area.net_m2))).collect())
            })
        })
    }

    /// Those that admit more than the larger ones.
    fn setback_offers(
        &self,
        (number, ask): (usize, &str),
        asked: &Setback,
        count: impl Fn(Setback) -> Result<Count, SuitError>,
    ) -> Result<Vec<Json>, SuitError> {
        let gate = &self.asked.gates[number];
        // A veto is a bound of a wish; its setback is not the gate's to change.
        if gate.path.starts_with("wishes") {
            return Ok(Vec::new());
        }
        let mut known = (asked.clone(), Count::default());
        let mut found = Vec::new();
        for share in SHARES {
            let smaller = part_of(asked, share);
            if smaller == known.0 {
                continue;
            }
            let counted = count(smaller.clone())?;
            if counted != known.1 && counted != Count::default() {
                let to = match &smaller {
                    Setback::Uniform(metres) => json!(metres),
                    Setback::PerEdge(each) => json!(each),
                };
                let member = format!("{}.{ask}.setback_m", gate.path);
                found.push(offered(gate, json!({"member": member, "to": to, "unit": "m"}), counted));
            }
            known = (smaller, counted);
        }
        Ok(found)
    }

    /// What asking for another hall would do with those that fail this gate and no other.
    pub(super) fn would_hold(&self, number: usize, other: &Fits) -> Result<Count, SuitError> {
        self.would_pass(number, |collection, rows| {
            let asking = Asking::new(self.eyes, other, collection);
            let said = self.sites.each(rows, |near, row| asking.fit(near, row))?;
            Ok(said.iter().map(Fitted::holds).collect())
        })
    }

    /// What asking something else of the ground would do with those that fail this gate and no other; `None` is unknown.
    fn would_pass(
        &self,
        number: usize,
        ask: impl Fn(&CollectionKey, &[RowRef]) -> Result<Vec<Option<bool>>, SuitError>,
    ) -> Result<Count, SuitError> {
        let mut count = Count::default();
        let rule = self.asked.gates[number].unknown;
        let failing: Vec<_> = self.failing(number).collect();
        for (part, collection) in self.asked.seeks.iter().enumerate() {
            let own: Vec<_> = failing.iter().filter(|(place, _)| place.part == part).collect();
            let rows: Vec<RowRef> = own.iter().map(|(place, _)| place.row).collect();
            for ((_, is_open), holds) in own.into_iter().zip(ask(collection, &rows)?) {
                match (holds, rule) {
                    (Some(true), _) | (None, Unknown::Accept) => count.add(*is_open),
                    (None, Unknown::Open) => count.add(true),
                    (Some(false), _) | (None, Unknown::Refuse) => {}
                }
            }
        }
        Ok(count)
    }
}

/// A part of every setback, rounded down to whole steps.
fn part_of(setback: &Setback, share: f64) -> Setback {
    let part = |metres: f64| (metres * share / STEP_M).floor() * STEP_M;
    match setback {
        Setback::Uniform(metres) => Setback::Uniform(part(*metres)),
        Setback::PerEdge(each) => Setback::PerEdge(each.iter().copied().map(part).collect()),
    }
}
