//! Gates as sets of rows of one collection.
use std::collections::HashMap;

use jiff::civil::Date;

use crate::domain::ids::{AttributeKey, CollectionKey};
use crate::domain::query::{Filter, Region};
use crate::index::{Judged, Row, RowRef, RowSet, Snapshot};
use crate::suitability::requirement::{Ask, Gate, On, Requirement};
use crate::suitability::tally::{Tally, Verdict, matched_without, tally};

use super::places::{Grounds, Measured, outlined};
use crate::inventory::families::parents_of;

/// What the gates make of a collection.
pub(super) struct Sets {
    /// Rows that are looked at.
    pub live: RowSet,
    /// By gate. A gate that asks row by row was asked only of rows that could still match, or miss only one other.
    pub verdicts: Vec<Judged>,
    /// All gates together.
    pub tally: Tally,
    /// By gate: what was measured of rows that were asked one by one.
    pub measured: Vec<HashMap<RowRef, Measured>>,
}

/// What gates that ask row by row need.
pub(super) struct Surroundings<'a> {
    pub snapshot: &'a Snapshot,
    pub grounds: &'a Grounds<'a>,
    /// Day from which the age of evidence is counted.
    pub as_of: Date,
}

impl Sets {
    pub(super) fn new(around: &Surroundings<'_>, asked: &Requirement, number: usize) -> Self {
        let (snapshot, collection) = (around.snapshot, &asked.seeks[number]);
        let live = match &asked.within {
            None => snapshot.rows(collection),
            Some(polygons) => within(snapshot, collection, &Filter::Within(Region::Polygon(polygons.clone()))),
        };
        let nobody = || live.with(vec![0; live.words().len()]);
        let verdicts = asked.gates.iter().map(|gate| match &gate.on[number] {
            // Until each row was asked, all of them pass.
            On::NotAsked | On::Each | On::Ground => Judged {
                passed: live.clone(),
                unknown: nobody(),
            },
            On::Filter(filter) => snapshot.judge(collection, filter),
        });
        let mut sets = Self {
            verdicts: verdicts.collect(),
            tally: Tally::default(),
            measured: vec![HashMap::new(); asked.gates.len()],
            live,
        };
        for (at, gate) in asked.gates.iter().enumerate() {
            if matches!(gate.on[number], On::Each) {
                sets.ask_each(around, asked, at);
            }
        }
        sets.tally = tally(sets.live.words(), &views(asked, &sets.verdicts));
        sets
    }

    /// Rows for which the answer of a gate can still show: those that fail at most one gate so far, and those that a facet may count. Gates that were
    /// not asked yet count as passed.
    pub(super) fn candidates(&self, asked: &Requirement) -> RowSet {
        let views = views(asked, &self.verdicts);
        let tally = tally(self.live.words(), &views);
        let mut wanted: Vec<u64> = (0..tally.once.len())
            .map(|at| tally.matched[at] | tally.open[at] | tally.once[at])
            .collect();
        for key in asked_twice(&asked.gates) {
            let rows = matched_without(self.live.words(), &views, |number| asked.gates[number].attribute() == Some(key));
            wanted.iter_mut().zip(rows).for_each(|(wanted, row)| *wanted |= row);
        }
        if asked.assemble.is_some() {
            let rows = self.members(asked);
            wanted.iter_mut().zip(rows.words()).for_each(|(wanted, row)| *wanted |= row);
        }
        self.live.with(wanted)
    }

    /// Rows that pass every gate but those that parcels put together answer together.
    pub(super) fn members(&self, asked: &Requirement) -> RowSet {
        let views = views(asked, &self.verdicts);
        self.live.with(matched_without(self.live.words(), &views, |number| {
            asked.gates[number].ask.together().is_some()
        }))
    }

    /// Asks a gate of each row for which its answer can still show.
    fn ask_each(&mut self, around: &Surroundings<'_>, asked: &Requirement, gate: usize) {
        let mut judged = Judged {
            passed: self.live.with(vec![0; self.live.words().len()]),
            unknown: self.live.with(vec![0; self.live.words().len()]),
        };
        for row in self.candidates(asked).iter() {
            match around.ask(&asked.gates[gate].ask, row) {
                None => judged.unknown.add(row),
                Some((holds, measured)) => {
                    if holds {
                        judged.passed.add(row);
                    }
                    self.measured[gate].insert(row, measured);
                }
            }
        }
        self.verdicts[gate] = judged;
    }
}

/// Attributes with several gates: a facet leaves out all of them, so it may count rows that fail more than one gate.
fn asked_twice(gates: &[Gate]) -> impl Iterator<Item = &AttributeKey> {
    gates.iter().enumerate().filter_map(|(at, gate)| {
        let key = gate.attribute()?;
        gates[..at].iter().any(|other| other.attribute() == Some(key)).then_some(key)
    })
}

impl Surroundings<'_> {
    /// Whether a row passes a gate that is asked row by row, and what was measured; `None` is unknown.
    fn ask(&self, ask: &Ask, at: RowRef) -> Option<(bool, Measured)> {
        match ask {
            Ask::Place(place) => self.grounds.judge(place, at).map(|found| (found.holds, found.measured)),
            Ask::Evidence { attribute, days } => {
                let age = self.age_days(&self.snapshot.row(at), attribute)?;
                Some((age <= f64::from(*days), Measured::Days(age)))
            }
            // These are filters, or asked of the ground together (`ground`), and never asked row by row.
            Ask::Number { .. }
            | Ask::Codes { .. }
            | Ask::Flag { .. }
            | Ask::Text { .. }
            | Ask::Day { .. }
            | Ask::AvailableBy { .. }
            | Ask::Fits(_)
            | Ask::NetArea(_) => None,
        }
    }

    /// Days (UTC) since a known value was observed; `None` when the value or its origin is unknown.
    fn age_days(&self, row: &Row<'_>, attribute: &AttributeKey) -> Option<f64> {
        row.number_of(attribute)
            .map(|_| ())
            .or_else(|| row.text_of(attribute).map(|_| ()))?;
        let seen = row.provenance(attribute)?.observed_at;
        let seen = jiff::tz::Offset::UTC.to_datetime(seen).date();
        Some((self.as_of.duration_since(seen).as_hours() / 24) as f64)
    }
}

/// Rows whose outline, their own or the one that they inherit, is in a region.
fn within(snapshot: &Snapshot, collection: &CollectionKey, region: &Filter) -> RowSet {
    let mut found = snapshot.judge(collection, region).passed;
    let Some(parent) = parents_of(collection.as_str()) else {
        return found;
    };
    let parents = snapshot.judge(&parent.into(), region).passed;
    for at in snapshot.rows(collection).iter() {
        if outlined(snapshot, at).is_some_and(|outlined| outlined != at && parents.contains(outlined)) {
            found.add(at);
        }
    }
    found
}

/// The verdicts with the rules of their gates.
pub(super) fn views<'a>(asked: &Requirement, verdicts: &'a [Judged]) -> Vec<Verdict<'a>> {
    let view = |(judged, gate): (&'a Judged, &Gate)| Verdict {
        passed: judged.passed.words(),
        unknown: judged.unknown.words(),
        rule: gate.unknown,
    };
    verdicts.iter().zip(&asked.gates).map(view).collect()
}
