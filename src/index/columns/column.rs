//! A column: what is known of one attribute, row by row, and what a block can hold at all.
use super::{BLOCK, Bits, Numbers, Texts};
use crate::domain::value::Range;

/// A known value as a column takes and gives it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// In the attribute's base unit.
    Number(f64),
    /// In the attribute's base unit.
    Range(Range),
    /// Position in the code list.
    Code(u16),
    /// Yes or no.
    Flag(bool),
    /// Free text.
    Text(&'a str),
    /// Days since 1970-01-01.
    Days(i32),
}

/// Values of one attribute. Costs nothing while nothing is known.
#[derive(Clone, Debug, Default)]
pub(in crate::index) struct Column {
    pub known: Bits,
    pub data: Data,
    /// One per block, never narrower than what is in it.
    pub zones: Vec<Zone>,
}

#[derive(Clone, Debug, Default)]
pub(in crate::index) enum Data {
    #[default]
    Nothing,
    Number(Numbers),
    Range(Box<Interval>),
    Code8(Vec<u8>),
    Code16(Vec<u16>),
    Flag(Bits),
    Text(Texts),
    Days(Vec<i32>),
}

/// Ranges as two columns of numbers.
#[derive(Clone, Debug, Default)]
pub(in crate::index) struct Interval {
    pub min: Numbers,
    pub max: Numbers,
    pub has_min: Bits,
    pub has_max: Bits,
    pub min_inclusive: Bits,
    pub max_inclusive: Bits,
}

/// What a block can hold: numbers (days, codes) between `low` and `high`, and codes whose position modulo 64 is in `codes`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::index) struct Zone {
    pub low: f64,
    pub high: f64,
    pub codes: u64,
}

impl Zone {
    const EMPTY: Self = Self {
        low: f64::INFINITY,
        high: f64::NEG_INFINITY,
        codes: 0,
    };
}

impl Column {
    /// Adds or replaces a value. A value of another kind than the column's is not taken.
    pub(in crate::index) fn put(&mut self, row: usize, cell: Cell<'_>) {
        if matches!(self.data, Data::Nothing) {
            self.data = Data::of(cell);
        }
        if !self.data.put(row, cell) {
            return;
        }
        self.known.on(row);
        let block = row / BLOCK;
        if self.zones.len() <= block {
            self.zones.resize(block + 1, Zone::EMPTY);
        }
        let zone = &mut self.zones[block];
        let (low, high) = match cell {
            Cell::Number(number) => (number, number),
            Cell::Range(range) => (range.min.unwrap_or(f64::NEG_INFINITY), range.max.unwrap_or(f64::INFINITY)),
            Cell::Days(days) => (f64::from(days), f64::from(days)),
            Cell::Code(code) => {
                zone.codes |= 1 << (code % 64);
                return;
            }
            Cell::Flag(_) | Cell::Text(_) => return,
        };
        zone.low = zone.low.min(low);
        zone.high = zone.high.max(high);
    }

    /// Makes a value unknown.
    pub(in crate::index) fn clear(&mut self, row: usize) {
        if self.known.get(row) {
            self.known.off(row);
            if let Data::Text(texts) = &mut self.data {
                texts.put(row, "");
            }
        }
    }

    /// Whether no value was ever put in.
    pub(in crate::index) fn is_empty(&self) -> bool {
        matches!(self.data, Data::Nothing)
    }

    /// A value; `None` is unknown.
    #[inline]
    pub(in crate::index) fn cell(&self, row: usize) -> Option<Cell<'_>> {
        if !self.known.get(row) {
            return None;
        }
        Some(match &self.data {
            Data::Nothing => return None,
            Data::Number(numbers) => Cell::Number(numbers.number(row)),
            Data::Range(interval) => Cell::Range(interval.range(row)),
            Data::Code8(codes) => Cell::Code(u16::from(*codes.get(row)?)),
            Data::Code16(codes) => Cell::Code(*codes.get(row)?),
            Data::Flag(flags) => Cell::Flag(flags.get(row)),
            Data::Text(texts) => Cell::Text(texts.text(row)),
            Data::Days(days) => Cell::Days(*days.get(row)?),
        })
    }

    /// The value as a number to sort and count by: the lower bound of a range, else the upper; position of a code; flag as 0 or 1; days.
    pub(in crate::index) fn number(&self, row: usize) -> Option<f64> {
        match self.cell(row)? {
            Cell::Number(number) => Some(number),
            Cell::Range(range) => range.min.or(range.max),
            Cell::Code(code) => Some(f64::from(code)),
            Cell::Flag(flag) => Some(f64::from(u8::from(flag))),
            Cell::Days(days) => Some(f64::from(days)),
            Cell::Text(_) => None,
        }
    }

    pub(in crate::index) fn shrink(&mut self) {
        self.known.shrink();
        self.zones.shrink_to_fit();
        match &mut self.data {
            Data::Nothing => {}
            Data::Number(numbers) => numbers.shrink(),
            Data::Range(interval) => {
                interval.min.shrink();
                interval.max.shrink();
                for bits in [
                    &mut interval.has_min,
                    &mut interval.has_max,
                    &mut interval.min_inclusive,
                    &mut interval.max_inclusive,
                ] {
                    bits.shrink();
                }
            }
            Data::Code8(codes) => codes.shrink_to_fit(),
            Data::Code16(codes) => codes.shrink_to_fit(),
            Data::Flag(flags) => flags.shrink(),
            Data::Text(texts) => texts.shrink(),
            Data::Days(days) => days.shrink_to_fit(),
        }
    }
}

impl Data {
    fn of(cell: Cell<'_>) -> Self {
        match cell {
            Cell::Number(_) => Self::Number(Numbers::default()),
            Cell::Range(_) => Self::Range(Box::default()),
            Cell::Code(_) => Self::Code8(Vec::new()),
            Cell::Flag(_) => Self::Flag(Bits::default()),
            Cell::Text(_) => Self::Text(Texts::default()),
            Cell::Days(_) => Self::Days(Vec::new()),
        }
    }

    fn put(&mut self, row: usize, cell: Cell<'_>) -> bool {
        match (&mut *self, cell) {
            (Self::Number(numbers), Cell::Number(number)) => numbers.put(row, number),
            (Self::Range(interval), Cell::Range(range)) => interval.put(row, range),
            (Self::Code8(codes), Cell::Code(code)) => match u8::try_from(code) {
                Ok(code) => put_at(codes, row, code),
                Err(_) => {
                    let mut wide: Vec<u16> = codes.iter().map(|code| u16::from(*code)).collect();
                    put_at(&mut wide, row, code);
                    *self = Self::Code16(wide);
                }
            },
            (Self::Code16(codes), Cell::Code(code)) => put_at(codes, row, code),
            (Self::Flag(flags), Cell::Flag(true)) => flags.on(row),
            (Self::Flag(flags), Cell::Flag(false)) => flags.off(row),
            (Self::Text(texts), Cell::Text(text)) => texts.put(row, text),
            (Self::Days(days), Cell::Days(day)) => put_at(days, row, day),
            _ => return false,
        }
        true
    }
}

impl Interval {
    fn put(&mut self, row: usize, range: Range) {
        let mark = |bits: &mut Bits, on: bool| if on { bits.on(row) } else { bits.off(row) };
        mark(&mut self.has_min, range.min.is_some());
        mark(&mut self.has_max, range.max.is_some());
        mark(&mut self.min_inclusive, range.min_inclusive);
        mark(&mut self.max_inclusive, range.max_inclusive);
        if let Some(min) = range.min {
            self.min.put(row, min);
        }
        if let Some(max) = range.max {
            self.max.put(row, max);
        }
    }

    pub(in crate::index) fn range(&self, row: usize) -> Range {
        Range {
            min: self.has_min.get(row).then(|| self.min.number(row)),
            max: self.has_max.get(row).then(|| self.max.number(row)),
            min_inclusive: self.min_inclusive.get(row),
            max_inclusive: self.max_inclusive.get(row),
        }
    }
}

fn put_at<T: Copy + Default>(values: &mut Vec<T>, row: usize, value: T) {
    if values.len() <= row {
        values.resize(row + 1, T::default());
    }
    values[row] = value;
}
