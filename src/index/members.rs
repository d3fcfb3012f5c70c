//! Values of many rows as members of JSON objects.
use super::row::Row;
use super::shard::Shard;
use super::write;

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
