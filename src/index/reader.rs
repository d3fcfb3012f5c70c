//! Columns found once and read for many rows.
use super::schema::{Codes, Schema};

/// A column of one collection, for [`super::Row::cell`].
#[derive(Clone, Copy, Debug)]
pub struct ColumnReader<'a> {
    pub(super) column: usize,
    codes: Option<&'a Codes>,
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
        let code = self.codes.and_then(|list| list.plain.get(usize::from(position)));
        code.map_or("", |code| &**code)
    }
}
