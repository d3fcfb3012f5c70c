//! Order and pages: the first rows of an order, found without sorting all that match.
use std::cmp::Ordering;

use super::columns::{Cell, Column};
use super::found::RowRef;
use super::layer::Layer;
use super::shard::Shard;
use crate::domain::query::{Cursor, CursorValue, SortKey};

/// An order over the rows of one layer.
pub(super) struct Order<'a> {
    layer: &'a Layer,
    keys: Vec<(By, Direction)>,
}

#[derive(Clone, Copy)]
enum By {
    Code,
    Column(usize),
    /// The collection lacks the attribute: unknown for all.
    Nothing,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Up,
    Down,
}

#[derive(Clone, Copy)]
enum Worth<'a> {
    Number(f64),
    Text(&'a str),
}

impl<'a> Worth<'a> {
    fn of(value: &'a CursorValue) -> Self {
        match value {
            CursorValue::Number(number) => Self::Number(*number),
            CursorValue::Text(text) => Self::Text(text),
        }
    }

    fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Number(one), Self::Number(two)) => one.total_cmp(two),
            (Self::Text(one), Self::Text(two)) => one.cmp(two),
            (Self::Number(_), Self::Text(_)) => Ordering::Less,
            (Self::Text(_), Self::Number(_)) => Ordering::Greater,
        }
    }
}

/// Lead of what is unknown: behind all that is known.
const LAST: u64 = u64::MAX;

impl<'a> Order<'a> {
    pub(super) fn new(layer: &'a Layer, sort: &[SortKey]) -> Self {
        let key = |key: &SortKey| {
            let by = match &key.attribute {
                None => By::Code,
                Some(attribute) => layer.schema.column(attribute.as_str()).map_or(By::Nothing, By::Column),
            };
            (by, if key.descending { Direction::Down } else { Direction::Up })
        };
        Self {
            layer,
            keys: sort.iter().map(key).chain([(By::Code, Direction::Up)]).collect(),
        }
    }

    fn shard(&self, row: RowRef) -> &'a Shard {
        &self.layer.shards[row.shard as usize]
    }

    fn worth(&self, by: By, row: RowRef) -> Option<Worth<'a>> {
        let table = &self.shard(row).table;
        match by {
            By::Nothing => None,
            By::Code => Some(Worth::Text(table.codes.text(usize::from(row.row)))),
            By::Column(column) => worth_in(&table.columns[column], usize::from(row.row)),
        }
    }

    /// First key as a number that sorts like it: what differs in it needs no second look.
    pub(super) fn lead(&self, row: RowRef) -> u64 {
        let (by, direction) = self.keys[0];
        lead_of(self.worth(by, row), direction)
    }

    fn lead_of_cursor(&self, cursor: &Cursor) -> u64 {
        let worth = if self.keys.len() == 1 {
            Some(Worth::Text(&cursor.code))
        } else {
            cursor.values.first().and_then(Option::as_ref).map(Worth::of)
        };
        lead_of(worth, self.keys[0].1)
    }

    fn compare(&self, one: RowRef, two: RowRef) -> Ordering {
        let each = self
            .keys
            .iter()
            .map(|(by, direction)| compare(self.worth(*by, one), self.worth(*by, two), *direction));
        each.fold(Ordering::Equal, Ordering::then)
    }

    fn compare_cursor(&self, row: RowRef, cursor: &Cursor) -> Ordering {
        let last = self.keys.len() - 1;
        let each = self.keys.iter().enumerate().map(|(at, (by, direction))| {
            let given = if at == last {
                Some(Worth::Text(&cursor.code))
            } else {
                cursor.values.get(at).and_then(Option::as_ref).map(Worth::of)
            };
            compare(self.worth(*by, row), given, *direction)
        });
        each.fold(Ordering::Equal, Ordering::then)
    }

    pub(super) fn cursor(&self, row: RowRef) -> Cursor {
        let value = |(by, _): &(By, Direction)| {
            self.worth(*by, row).map(|worth| match worth {
                Worth::Number(number) => CursorValue::Number(number),
                Worth::Text(text) => CursorValue::Text(text.to_owned()),
            })
        };
        Cursor {
            values: self.keys[..self.keys.len() - 1].iter().map(value).collect(),
            code: self.shard(row).table.codes.text(usize::from(row.row)).to_owned(),
        }
    }
}

fn worth_in(column: &Column, row: usize) -> Option<Worth<'_>> {
    match column.cell(row)? {
        Cell::Text(text) => Some(Worth::Text(text)),
        Cell::Number(_) | Cell::Range(_) | Cell::Code(_) | Cell::Flag(_) | Cell::Days(_) => column.number(row).map(Worth::Number),
    }
}

fn compare(one: Option<Worth<'_>>, two: Option<Worth<'_>>, direction: Direction) -> Ordering {
    match (one, two) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Greater,
        (Some(_), None) => Ordering::Less,
        (Some(one), Some(two)) => {
            let order = one.compare(&two);
            if direction == Direction::Down { order.reverse() } else { order }
        }
    }
}

fn lead_of(worth: Option<Worth<'_>>, direction: Direction) -> u64 {
    let lead = match worth {
        None => return LAST,
        Some(Worth::Number(number)) => {
            let bits = number.to_bits();
            if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
        }
        Some(Worth::Text(text)) => {
            let mut start = [0u8; 8];
            let length = text.len().min(8);
            start[..length].copy_from_slice(&text.as_bytes()[..length]);
            u64::from_be_bytes(start)
        }
    };
    if direction == Direction::Down { !lead } else { lead }
}

/// Keeps the first rows of an order, throwing away in bulk what cannot be among them.
pub(super) struct First<'a> {
    order: Order<'a>,
    wanted: usize,
    after: Option<(u64, &'a Cursor)>,
    kept: Vec<(u64, RowRef)>,
    worst: u64,
}

impl<'a> First<'a> {
    pub(super) fn new(order: Order<'a>, wanted: usize, after: Option<&'a Cursor>) -> Self {
        let after = after.map(|cursor| (order.lead_of_cursor(cursor), cursor));
        Self {
            order,
            wanted,
            after,
            kept: Vec::new(),
            worst: LAST,
        }
    }

    #[inline]
    pub(super) fn offer(&mut self, row: RowRef) {
        let lead = self.order.lead(row);
        if lead > self.worst {
            return;
        }
        if let Some((first, cursor)) = &self.after
            && (lead < *first || (lead == *first && self.order.compare_cursor(row, cursor).is_le()))
        {
            return;
        }
        self.kept.push((lead, row));
        if self.kept.len() >= self.wanted.saturating_mul(2).saturating_add(256) {
            self.cut();
        }
    }

    fn cut(&mut self) {
        if self.wanted == 0 {
            self.kept.clear();
        } else if self.kept.len() > self.wanted {
            let order = &self.order;
            self.kept.select_nth_unstable_by(self.wanted - 1, |one, two| {
                one.0.cmp(&two.0).then_with(|| order.compare(one.1, two.1))
            });
            self.kept.truncate(self.wanted);
            self.worst = self.kept[self.wanted - 1].0;
        }
    }

    /// The rows in order.
    pub(super) fn finish(mut self) -> (Vec<RowRef>, Order<'a>) {
        self.cut();
        let order = &self.order;
        self.kept
            .sort_unstable_by(|one, two| one.0.cmp(&two.0).then_with(|| order.compare(one.1, two.1)));
        (self.kept.into_iter().map(|kept| kept.1).collect(), self.order)
    }
}
