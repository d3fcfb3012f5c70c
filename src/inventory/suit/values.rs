//! Values of one collection, read for many rows: what they are worth to the wishes.
use std::sync::Arc;

use crate::domain::ids::{AttributeKey, CollectionKey};
use crate::index::{Cell, ColumnReader, Row, RowRef, Snapshot};
use crate::suitability::requirement::{Requirement, Valued, Wish};

use super::places::Grounds;

/// A closed or open interval of numbers; one number where both ends are the same.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Span {
    pub low: f64,
    pub high: f64,
    /// Whether the ends themselves belong to it.
    pub low_closed: bool,
    pub high_closed: bool,
}

impl Span {
    pub(super) fn at(number: f64) -> Self {
        Self {
            low: number,
            high: number,
            low_closed: true,
            high_closed: true,
        }
    }

    /// Numbers, ranges and days as intervals.
    pub(super) fn of(cell: Cell<'_>) -> Option<Self> {
        match cell {
            Cell::Number(number) => Some(Self::at(number)),
            Cell::Days(days) => Some(Self::at(f64::from(days))),
            Cell::Range(range) => Some(Self {
                low: range.min.unwrap_or(f64::NEG_INFINITY),
                high: range.max.unwrap_or(f64::INFINITY),
                low_closed: range.min_inclusive,
                high_closed: range.max_inclusive,
            }),
            Cell::Code(_) | Cell::Flag(_) | Cell::Text(_) => None,
        }
    }
}

/// The columns that the wishes of one collection read.
pub(super) struct Columns<'a> {
    grounds: &'a Grounds<'a>,
    wishes: Vec<Option<(&'a Wish, Column<'a>)>>,
}

enum Column<'a> {
    Number(ColumnReader<'a>),
    Codes(ColumnReader<'a>, &'a [Arc<str>]),
    Flag(ColumnReader<'a>, bool),
    Distance(&'a CollectionKey),
}

impl<'a> Columns<'a> {
    pub(super) fn new((snapshot, grounds): (&'a Snapshot, &'a Grounds<'a>), asked: &'a Requirement, number: usize) -> Self {
        let collection = &asked.seeks[number];
        let reader = |key: &AttributeKey| snapshot.reader(collection, key);
        let column = |wish: &'a Wish| {
            let column = match &wish.of {
                Valued::Number(key) => Column::Number(reader(key)?),
                Valued::Codes(key, codes) => Column::Codes(reader(key)?, codes),
                Valued::Flag(key, wanted) => Column::Flag(reader(key)?, *wanted),
                Valued::Distance(overlay) => Column::Distance(overlay),
                Valued::NetArea { .. } => return None,
            };
            wish.on[number].then_some((wish, column))
        };
        Self {
            grounds,
            wishes: asked.wishes.iter().map(column).collect(),
        }
    }

    /// Worth of each wish into `worths`; 0 where the value is unknown or the wish is not asked.
    pub(super) fn read_worths(&self, row: &Row<'_>, at: RowRef, worths: &mut Vec<f64>) {
        let worth = |each: &Option<(&Wish, Column<'_>)>| {
            let (wish, column) = each.as_ref()?;
            Some(match column {
                Column::Number(reader) => {
                    let span = Span::of(row.cell(reader)?)?;
                    wish.curve.worth_within(span.low, span.high)
                }
                Column::Distance(overlay) => wish.curve.worth(self.grounds.distance_m(overlay, at)?),
                Column::Codes(reader, codes) => match row.cell(reader)? {
                    Cell::Code(code) => f64::from(u8::from(codes.binary_search_by(|known| (**known).cmp(reader.code(code))).is_ok())),
                    Cell::Number(_) | Cell::Range(_) | Cell::Flag(_) | Cell::Text(_) | Cell::Days(_) => return None,
                },
                Column::Flag(reader, wanted) => match row.cell(reader)? {
                    Cell::Flag(flag) => f64::from(u8::from(flag == *wanted)),
                    Cell::Number(_) | Cell::Range(_) | Cell::Code(_) | Cell::Text(_) | Cell::Days(_) => return None,
                },
            })
        };
        worths.clear();
        worths.extend(self.wishes.iter().map(|each| worth(each).unwrap_or(0.0)));
    }
}
