//! Columns found once and read for many rows.
use super::row::Row;
use super::schema::{Codes, Schema};
use super::shard::Shard;
use super::write;

/// A column of one collection, for [`super::Row::cell`].
#[derive(Clone, Copy, Debug)]
pub struct ColumnReader<'a> {
    pub(super) column: usize,
    codes: Option<&'a Codes>,
}

/// Columns of one collection, found once, for [`Members`].
#[derive(Clone, Debug, Default)]
pub struct Columns(pub(super) Vec<usize>);

/// Writes members of many rows of one snapshot. Neighbours are asked only for those columns of which their shard knows anything.
#[derive(Debug)]
pub struct Members<'a> {
    columns: &'a Columns,
    shard: Option<&'a Shard>,
    held: Vec<usize>,
}

impl<'a> Members<'a> {
    /// Writes these columns.
    pub fn new(columns: &'a Columns) -> Self {
        Self {
            columns,
            shard: None,
            held: Vec::new(),
        }
    }

    /// Appends a comma and `"key":value` for each column that is known. The row must be of the columns' collection.
    pub fn write(&mut self, row: &Row<'a>, out: &mut Vec<u8>) {
        let columns = &row.shard.table.columns;
        if !self.shard.is_some_and(|shard| std::ptr::eq(shard, row.shard)) {
            self.shard = Some(row.shard);
            self.held.clear();
            let holds = |column: &usize| columns.get(*column).is_some_and(|column| !column.is_empty());
            self.held.extend(self.columns.0.iter().copied().filter(holds));
        }
        for column in &self.held {
            let Some(cell) = columns[*column].cell(row.at) else { continue };
            out.extend_from_slice(row.schema.label(*column).as_bytes());
            write::cell(row.schema.codes(*column), cell, out);
        }
    }
}

impl<'a> ColumnReader<'a> {
    pub(super) fn new(schema: &'a Schema, key: &str) -> Option<Self> {
        let column = schema.column(key)?;
        Some(Self {
            column,
            codes: schema.codes(column),
        })
    }

    /// Text of a code by its position in the list; empty for a position that the list does not have.
    pub fn code(&self, position: u16) -> &'a str {
        let code = self.codes.and_then(|list| list.codes.get(usize::from(position)));
        code.map_or("", |code| &**code)
    }
}
