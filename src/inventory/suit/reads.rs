//! Columns that the gates of one collection read row by row, found once: finding a column by its name takes longer than reading it.
use std::sync::Arc;

use jiff::civil::Date;

use super::{Eyes, Place, Work};
use crate::domain::available::{self, AVAILABLE_FROM, Opening, STATUS};
use crate::domain::ids::{AttributeKey, CollectionKey};
use crate::domain::lifecycle::Lifecycle;
use crate::domain::value::Value;
use crate::index::{Cell, ColumnReader, Row};
use crate::suitability::requirement::{Ask, Gate, Requirement};

/// What near misses and relaxations read of a collection.
pub(super) struct Reads<'a> {
    /// By gate: the column of its attribute, and of the flag that says whether tax is in it.
    gates: Vec<Read<'a>>,
    lifecycle: Option<&'a Lifecycle>,
    status: Option<ColumnReader<'a>>,
    /// The days that make an opening, as far as the viewer may see them.
    days: Vec<(&'a str, ColumnReader<'a>)>,
}

#[derive(Clone, Copy, Default)]
struct Read<'a> {
    attribute: Option<ColumnReader<'a>>,
    tax: Option<ColumnReader<'a>>,
}

impl<'a> Reads<'a> {
    pub(super) fn new(eyes: Eyes<'a>, asked: &Requirement, number: usize) -> Self {
        let collection = &asked.seeks[number];
        let reader = |key: &AttributeKey| eyes.snapshot.reader(collection, key);
        let read = |gate: &Gate| Read {
            attribute: gate.attribute().and_then(reader),
            tax: match &gate.ask {
                Ask::Number { tax, .. } => tax.as_ref().and_then(|tax| reader(&tax.flag)),
                Ask::Codes { .. }
                | Ask::Flag { .. }
                | Ask::Text { .. }
                | Ask::Day { .. }
                | Ask::AvailableBy { .. }
                | Ask::Evidence { .. }
                | Ask::Place(_)
                | Ask::Fits(_)
                | Ask::NetArea(_) => None,
            },
        };
        let lifecycle = eyes.catalogue().lifecycle(collection.as_str()).map(|lifecycle| &**lifecycle);
        Self {
            gates: asked.gates.iter().map(read).collect(),
            status: reader(&STATUS.into()),
            days: days(eyes, collection, lifecycle),
            lifecycle,
        }
    }

    /// The code at a position of the list of a gate's attribute.
    pub(super) fn code(&self, gate: usize, position: u16) -> Option<Arc<str>> {
        let code = self.gates[gate].attribute.as_ref()?.code(position);
        (!code.is_empty()).then(|| code.into())
    }

    fn day(&self, row: &Row<'a>, key: &AttributeKey) -> Option<Date> {
        let (_, reader) = self.days.iter().find(|(known, _)| *known == key.as_str())?;
        match row.value_at(reader) {
            Some(Value::Date(day)) => Some(day),
            Some(_) | None => None,
        }
    }

    fn state(&self, row: &Row<'a>) -> Option<&'a str> {
        let reader = self.status.as_ref()?;
        match row.cell(reader)? {
            Cell::Code(code) => Some(reader.code(code)).filter(|code| !code.is_empty()),
            Cell::Text(text) => Some(text),
            Cell::Number(_) | Cell::Range(_) | Cell::Flag(_) | Cell::Days(_) => None,
        }
    }
}

fn days<'a>(eyes: Eyes<'a>, collection: &CollectionKey, lifecycle: Option<&'a Lifecycle>) -> Vec<(&'a str, ColumnReader<'a>)> {
    let states = lifecycle.into_iter().flat_map(|lifecycle| &lifecycle.states);
    let lapses = states.filter_map(|state| state.lapse.as_ref().map(|lapse| lapse.on.as_str()));
    let mut keys: Vec<&str> = std::iter::once(AVAILABLE_FROM).chain(lapses).collect();
    keys.sort_unstable();
    keys.dedup();
    let seen = keys.into_iter().filter_map(|key| {
        let attribute = AttributeKey::from(key);
        let reader = eyes.snapshot.reader(collection, &attribute)?;
        eyes.sees_field(collection.as_str(), &attribute).then_some((key, reader))
    });
    seen.collect()
}

impl<'a> Work<'a> {
    fn reads(&self, place: Place) -> &Reads<'a> {
        &self.parts[place.part].reads
    }

    /// The column of a gate's attribute.
    pub(super) fn reader(&self, gate: usize, place: Place) -> Option<&ColumnReader<'a>> {
        self.reads(place).gates[gate].attribute.as_ref()
    }

    /// The value that a gate asks about.
    pub(super) fn cell(&self, gate: usize, place: Place) -> Option<Cell<'a>> {
        self.snapshot.row(place.row).cell(self.reader(gate, place)?)
    }

    /// The day that a gate asks about.
    pub(super) fn day(&self, gate: usize, place: Place) -> Option<Date> {
        match self.snapshot.row(place.row).value_at(self.reader(gate, place)?) {
            Some(Value::Date(day)) => Some(day),
            Some(_) | None => None,
        }
    }

    /// Whether tax is in the number that a gate asks about, where somebody says so.
    pub(super) fn with_tax(&self, gate: usize, place: Place) -> Option<bool> {
        let reader = self.reads(place).gates[gate].tax.as_ref()?;
        let cell = self.snapshot.row(place.row).cell(reader)?;
        Some(cell == Cell::Flag(true))
    }

    /// When a carrier can be had, as far as the viewer may see it.
    pub(super) fn opening(&self, place: Place) -> Option<Opening> {
        let (reads, row) = (self.reads(place), self.snapshot.row(place.row));
        available::opening(reads.lifecycle?, reads.state(&row)?, |key| reads.day(&row, key))
    }

    /// From when it is unknown whether a carrier can be had, while before it is known that it cannot.
    pub(super) fn open_from(&self, place: Place) -> Option<Date> {
        let (reads, row) = (self.reads(place), self.snapshot.row(place.row));
        let collection = row.collection().as_str();
        available::open_from(
            reads.lifecycle?,
            reads.state(&row),
            |key| reads.day(&row, key),
            |key| self.eyes.sees_field(collection, key),
        )
    }
}
