//! Rows in columns with their shapes: what a load fills, and what a shard is made of.
use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::arena::{Arena, Outline, Place};
use super::columns::{Column, Texts};
use super::schema::Schema;
use crate::domain::ids::{AttributeKey, CarrierId, Revision, Version};
use crate::domain::record::{Provenance, Record};
use crate::domain::value::Value;

/// Where the values of a record come from.
pub(super) type Sources = Arc<BTreeMap<AttributeKey, Provenance>>;
/// Values that the catalogue, as it now is, has no column for. They are kept so that no edit loses them.
pub(super) type Strays = Arc<BTreeMap<AttributeKey, Value>>;

/// What rows written together have in common.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Stamp {
    pub version: Version,
    pub revision: Revision,
    pub changed_at_us: i64,
    pub sources: Option<Sources>,
}

/// Rows in columns. Each field is shared until it is written to, so that an edit copies only the columns that it changes.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    pub ids: Arc<Vec<CarrierId>>,
    pub codes: Arc<Texts>,
    pub columns: Vec<Arc<Column>>,
    pub places: Arc<Vec<Place>>,
    pub arena: Arena,
    stamp_of: Arc<Vec<u32>>,
    stamps: Arc<Vec<Stamp>>,
    strays: Arc<BTreeMap<u32, Strays>>,
}

impl Table {
    pub(super) fn new(schema: &Schema) -> Self {
        Self {
            columns: vec![Arc::default(); schema.attributes.len()],
            ..Self::default()
        }
    }

    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }

    /// Begins a row; its values are put into the columns next.
    pub(super) fn begin(&mut self, id: CarrierId, code: &str, stamp: Stamp) -> usize {
        let row = self.len();
        Arc::make_mut(&mut self.ids).push(id);
        Arc::make_mut(&mut self.codes).put(row, code);
        let stamp = self.stamp_index(stamp);
        Arc::make_mut(&mut self.stamp_of).push(stamp);
        row
    }

    pub(super) fn push_shape(&mut self, outline: &Outline) {
        let place = self.arena.push(outline);
        Arc::make_mut(&mut self.places).push(place);
    }

    pub(super) fn set_shape(&mut self, row: usize, outline: &Outline) {
        let place = self.arena.push_apart(outline);
        let places = Arc::make_mut(&mut self.places);
        if row < places.len() {
            places[row] = place;
        } else {
            places.push(place);
        }
    }

    pub(super) fn set_strays(&mut self, row: usize, strays: Option<Strays>) {
        let row = row_key(row);
        match strays.filter(|strays| !strays.is_empty()) {
            Some(strays) => {
                Arc::make_mut(&mut self.strays).insert(row, strays);
            }
            None if self.strays.contains_key(&row) => {
                Arc::make_mut(&mut self.strays).remove(&row);
            }
            None => {}
        }
    }

    /// Rows that have values without a column, and those values.
    pub(super) fn strays(&self) -> impl Iterator<Item = (usize, &BTreeMap<AttributeKey, Value>)> {
        self.strays.iter().map(|(row, strays)| (*row as usize, &**strays))
    }

    pub(super) fn set_stamp(&mut self, row: usize, stamp: Stamp) {
        let stamp = self.stamp_index(stamp);
        Arc::make_mut(&mut self.stamp_of)[row] = stamp;
    }

    pub(super) fn stamp(&self, row: usize) -> &Stamp {
        &self.stamps[self.stamp_of[row] as usize]
    }

    /// Microseconds since 1970-01-01 of the newest change.
    pub(super) fn newest_us(&self) -> Option<i64> {
        self.stamps.iter().map(|stamp| stamp.changed_at_us).max()
    }

    pub(super) fn stamp_count(&self) -> usize {
        self.stamps.len()
    }

    /// Neighbours in time mostly have the same stamp, so looking at the last few finds it without a map.
    fn stamp_index(&mut self, stamp: Stamp) -> u32 {
        const LOOK_BACK: usize = 8;
        let recent = self.stamps.iter().rev().take(LOOK_BACK).position(|known| *known == stamp);
        let at = match recent {
            Some(back) => self.stamps.len() - 1 - back,
            None => {
                Arc::make_mut(&mut self.stamps).push(stamp);
                self.stamps.len() - 1
            }
        };
        row_key(at)
    }

    /// Writes a record's values into a row. Columns whose value stays the same are not touched.
    pub(super) fn put_values(&mut self, schema: &Schema, row: usize, record: &Record) {
        let mut strays = BTreeMap::new();
        let mut cells = vec![None; self.columns.len()];
        for (key, value) in &record.attributes {
            match schema
                .column(key.as_str())
                .and_then(|column| Some((column, schema.cell(column, value)?)))
            {
                Some((column, cell)) => cells[column] = Some(cell),
                None => {
                    strays.insert(key.clone(), value.clone());
                }
            }
        }
        for (column, cell) in self.columns.iter_mut().zip(cells) {
            if column.cell(row) != cell {
                match cell {
                    Some(cell) => Arc::make_mut(column).put(row, cell),
                    None => Arc::make_mut(column).clear(row),
                }
            }
        }
        self.set_strays(row, (!strays.is_empty()).then(|| Arc::new(strays)));
    }

    /// Copies rows of other tables to the end of this one, column by column.
    pub(super) fn gather(&mut self, sources: &[Table], rows: &[(u32, u32)]) {
        let base = self.len();
        let each = || rows.iter().map(|(source, row)| (&sources[*source as usize], *row as usize));
        Arc::make_mut(&mut self.ids).extend(each().map(|(source, row)| source.ids[row]));
        let codes = Arc::make_mut(&mut self.codes);
        each()
            .enumerate()
            .for_each(|(at, (source, row))| codes.put(base + at, source.codes.text(row)));
        for (number, column) in self.columns.iter_mut().enumerate() {
            if sources.iter().all(|source| source.columns[number].is_empty()) {
                continue;
            }
            let column = Arc::make_mut(column);
            for (at, (source, row)) in each().enumerate() {
                if let Some(cell) = source.columns[number].cell(row) {
                    column.put(base + at, cell);
                }
            }
        }
        let mut outline = Outline::default();
        for (at, (source, row)) in each().enumerate() {
            source.arena.outline(source.places[row], &mut outline);
            self.push_shape(&outline);
            let stamp = self.stamp_index(source.stamp(row).clone());
            Arc::make_mut(&mut self.stamp_of).push(stamp);
            if let Some(strays) = source.strays.get(&row_key(row)) {
                self.set_strays(base + at, Some(Arc::clone(strays)));
            }
        }
    }

    /// Gives back room that growing left over.
    pub(super) fn shrink(&mut self) {
        Arc::make_mut(&mut self.ids).shrink_to_fit();
        Arc::make_mut(&mut self.codes).shrink();
        Arc::make_mut(&mut self.places).shrink_to_fit();
        Arc::make_mut(&mut self.stamp_of).shrink_to_fit();
        Arc::make_mut(&mut self.stamps).shrink_to_fit();
        self.arena.shrink();
        self.columns.iter_mut().for_each(|column| Arc::make_mut(column).shrink());
    }

    /// The whole record of a row.
    pub(super) fn record(&self, schema: &Schema, row: usize) -> Record {
        let stamp = self.stamp(row);
        let mut attributes: BTreeMap<_, _> = self.strays.get(&row_key(row)).map(|strays| (**strays).clone()).unwrap_or_default();
        for (number, column) in self.columns.iter().enumerate() {
            if let Some(value) = column.cell(row).and_then(|cell| schema.value(number, cell)) {
                attributes.insert(schema.attributes[number].key.clone(), value);
            }
        }
        Record {
            id: self.ids[row],
            collection: schema.collection.clone(),
            code: self.codes.text(row).to_owned(),
            geometry: self.arena.shape(self.places[row]),
            version: stamp.version,
            revision: stamp.revision,
            changed_at: Timestamp::from_microsecond(stamp.changed_at_us).unwrap_or_default(),
            attributes,
            provenance: stamp.sources.as_deref().cloned().unwrap_or_default(),
            closed: None,
        }
    }
}

impl Stamp {
    pub(super) fn of(record: &Record) -> Self {
        Self {
            version: record.version,
            revision: record.revision,
            changed_at_us: record.changed_at.as_microsecond(),
            sources: (!record.provenance.is_empty()).then(|| Arc::new(record.provenance.clone())),
        }
    }
}

fn row_key(row: usize) -> u32 {
    u32::try_from(row).expect("a table stays below 2^32 rows")
}
