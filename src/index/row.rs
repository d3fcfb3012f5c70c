//! One row of a snapshot, read without making a record of it.
use geo_types::Rect;

use super::arena::{GridRing, RingKind};
use super::columns::Cell;
use super::reader::ColumnReader;
use super::schema::Schema;
use super::shard::Shard;
use super::write;
use crate::domain::geometry::Shape;
use crate::domain::ids::{AttributeKey, CarrierId, CollectionKey, Version};
use crate::domain::record::Provenance;
use crate::domain::value::Value;

/// A row.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    pub(super) schema: &'a Schema,
    pub(super) shard: &'a Shard,
    pub(super) at: usize,
}

impl<'a> Row<'a> {
    pub(super) fn new(schema: &'a Schema, shard: &'a Shard, at: usize) -> Self {
        Self { schema, shard, at }
    }

    /// Identity.
    pub fn id(&self) -> CarrierId {
        self.shard.table.ids[self.at]
    }

    /// Short code.
    pub fn code(&self) -> &'a str {
        self.shard.table.codes.text(self.at)
    }

    /// Collection.
    pub fn collection(&self) -> &'a CollectionKey {
        &self.schema.collection
    }

    /// Version.
    pub fn version(&self) -> Version {
        self.shard.table.stamp(self.at).version
    }

    /// A number below 2^53 that stays the same for this record in all snapshots and starts: for tools that want numbers for features.
    pub fn number(&self) -> u64 {
        self.id().0.as_u64_pair().1 & ((1 << 53) - 1)
    }

    /// Bounding box, lon/lat degrees; `None` without shape.
    pub fn bounds(&self) -> Option<Rect<f64>> {
        self.shard.exact_span(self.at).degrees()
    }

    /// The whole shape.
    pub fn shape(&self) -> Shape {
        self.shard.table.arena.shape(self.shard.table.places[self.at])
    }

    /// A value; `None` is unknown.
    pub fn value(&self, key: &AttributeKey) -> Option<Value> {
        let column = self.schema.column(key.as_str())?;
        self.schema.value(column, self.shard.table.columns[column].cell(self.at)?)
    }

    /// A value as a number: number, lower (else upper) bound of a range, position of a code in its list, flag as 0 or 1, days since 1970-01-01.
    pub fn number_of(&self, key: &AttributeKey) -> Option<f64> {
        self.shard.table.columns[self.schema.column(key.as_str())?].number(self.at)
    }

    /// Where a value comes from, if that was said.
    pub fn provenance(&self, key: &AttributeKey) -> Option<&'a Provenance> {
        self.shard.table.stamp(self.at).sources.as_deref()?.get(key)
    }

    /// A text or code without a copy of it.
    pub fn text_of(&self, key: &AttributeKey) -> Option<&'a str> {
        let column = self.schema.column(key.as_str())?;
        match self.shard.table.columns[column].cell(self.at)? {
            Cell::Text(text) => Some(text),
            Cell::Code(code) => self.schema.codes(column)?.plain.get(usize::from(code)).map(|code| &**code),
            Cell::Number(_) | Cell::Range(_) | Cell::Flag(_) | Cell::Days(_) => None,
        }
    }

    /// Appends the code as a JSON text, and the members `version` and `collection`.
    pub fn write_head(&self, out: &mut Vec<u8>) {
        write::text(self.code(), out);
        out.extend_from_slice(b",\"version\":");
        out.extend_from_slice(itoa::Buffer::new().format(self.version().0).as_bytes());
        out.extend_from_slice(b",\"collection\":");
        write::text(self.schema.collection.as_str(), out);
    }

    /// Appends the bounding box as four JSON numbers in brackets, each with a point. Says whether there is one.
    pub fn write_bounds(&self, out: &mut Vec<u8>) -> bool {
        let Some(bounds) = self.grid_bounds() else { return false };
        for (at, side) in bounds.into_iter().enumerate() {
            out.push(if at == 0 { b'[' } else { b',' });
            write::degrees(side, out);
        }
        out.push(b']');
        true
    }

    /// Appends the GeoJSON geometry, `null` without shape. A single part is written without `Multi`.
    pub fn write_geometry(&self, out: &mut Vec<u8>) {
        let table = &self.shard.table;
        write::geometry(&table.arena, table.places[self.at], out);
    }

    /// Visits every ring, line or point list of the shape.
    pub fn rings(&self, mut visit: impl FnMut(RingKind, &mut dyn Iterator<Item = (f64, f64)>)) {
        let table = &self.shard.table;
        table
            .arena
            .rings(table.places[self.at])
            .for_each(|ring| visit(ring.kind, &mut ring.degrees()));
    }

    /// Visits the same in whole counts of 1e-9 degree, closing points left out.
    pub fn grid_rings(&self, mut visit: impl FnMut(RingKind, &mut dyn Iterator<Item = [i64; 2]>)) {
        let table = &self.shard.table;
        table
            .arena
            .rings(table.places[self.at])
            .for_each(|mut ring| visit(ring.kind, &mut ring.points));
    }

    /// The same, ring by ring, for encoders that cannot afford a call per point.
    pub fn outline(&self) -> impl Iterator<Item = GridRing<'a>> + use<'a> {
        let table = &self.shard.table;
        table.arena.rings(table.places[self.at])
    }

    /// Bounding box in counts of 1e-9 degree: west, south, east, north. `None` without shape.
    pub fn grid_bounds(&self) -> Option<[i64; 4]> {
        let span = self.shard.exact_span(self.at);
        (!span.is_empty()).then_some([span.west, span.south, span.east, span.north])
    }

    /// First position of the shape, in counts of 1e-9 degree: the one place where a record is, whatever its extent. `None` without shape.
    pub fn anchor(&self) -> Option<[i64; 2]> {
        self.outline().find_map(|mut ring| ring.points.next())
    }

    /// A value by its column. The reader must be of this row's collection and snapshot.
    pub fn value_at(&self, reader: &ColumnReader<'_>) -> Option<Value> {
        self.schema.value(reader.column, self.cell(reader)?)
    }

    /// A value as its column holds it; `None` is unknown. The reader must be of this row's collection and snapshot.
    pub fn cell(&self, reader: &ColumnReader<'_>) -> Option<Cell<'a>> {
        self.shard.table.columns.get(reader.column)?.cell(self.at)
    }
}
