//! Which columns a collection has, and how domain values become cells and back.
use std::collections::HashMap;
use std::sync::Arc;

use jiff::civil::Date;

use super::columns::Cell;
use crate::domain::catalogue::{Attribute, Catalogue, Kind};
use crate::domain::ids::{AttributeKey, CollectionKey};
use crate::domain::value::Value;

/// Columns of one collection, from the catalogue.
#[derive(Debug)]
pub(super) struct Schema {
    pub collection: CollectionKey,
    pub attributes: Vec<Arc<Attribute>>,
    columns: HashMap<AttributeKey, usize>,
    lists: Vec<Option<Codes>>,
    /// `,"key":` of each column, as it stands in JSON behind another member.
    labels: Vec<Box<str>>,
}

/// Codes of a list and their positions.
#[derive(Debug, Default)]
pub(super) struct Codes {
    pub plain: Vec<Arc<str>>,
    /// The same as JSON texts.
    pub quoted: Vec<Box<str>>,
    positions: HashMap<Arc<str>, u16>,
}

impl Codes {
    pub(super) fn position(&self, code: &str) -> Option<u16> {
        self.positions.get(code).copied()
    }
}

impl Schema {
    pub(super) fn new(catalogue: &Catalogue, collection: &CollectionKey) -> Self {
        let attributes: Vec<_> = catalogue
            .attributes
            .iter()
            .filter(|entry| entry.collections.contains(collection))
            .cloned()
            .collect();
        let codes = |attribute: &Arc<Attribute>| match &attribute.kind {
            Kind::Code { list } => {
                let plain: Vec<_> = catalogue
                    .code_lists
                    .get(list)?
                    .codes
                    .iter()
                    .map(|code| Arc::clone(&code.code))
                    .collect();
                let positions = plain.iter().cloned().zip(0u16..).collect();
                let quoted = plain.iter().map(|code| quoted(code)).collect();
                Some(Codes { plain, quoted, positions })
            }
            Kind::Number(_) | Kind::Range(_) | Kind::Flag | Kind::Text { .. } | Kind::Date => None,
        };
        Self {
            collection: collection.clone(),
            columns: attributes
                .iter()
                .enumerate()
                .map(|(at, attribute)| (attribute.key.clone(), at))
                .collect(),
            lists: attributes.iter().map(codes).collect(),
            labels: attributes
                .iter()
                .map(|attribute| format!(",{}:", quoted(attribute.key.as_str())).into())
                .collect(),
            attributes,
        }
    }

    /// Whether records read under the other schema can stay as they are under this one.
    pub(super) fn reads_like(&self, other: &Self) -> bool {
        let same = |(one, two): (&Arc<Attribute>, &Arc<Attribute>)| one.key == two.key && one.kind == two.kind;
        self.collection == other.collection
            && self.attributes.len() == other.attributes.len()
            && self.attributes.iter().zip(&other.attributes).all(same)
            && self
                .lists
                .iter()
                .zip(&other.lists)
                .all(|(one, two)| one.as_ref().map(|list| &list.plain) == two.as_ref().map(|list| &list.plain))
    }

    pub(super) fn column(&self, key: &str) -> Option<usize> {
        self.columns.get(key).copied()
    }

    /// The key of a column as it stands in JSON behind another member, with its colon.
    pub(super) fn label(&self, column: usize) -> &str {
        self.labels.get(column).map_or("", |label| label)
    }

    pub(super) fn codes(&self, column: usize) -> Option<&Codes> {
        self.lists.get(column)?.as_ref()
    }

    /// The cell of a value; `None` when it does not fit the attribute as the catalogue now is.
    pub(super) fn cell<'a>(&self, column: usize, value: &'a Value) -> Option<Cell<'a>> {
        Some(match (&self.attributes.get(column)?.kind, value) {
            (Kind::Number(_), Value::Number(number)) => Cell::Number(*number),
            (Kind::Range(_), Value::Range(range)) => Cell::Range(*range),
            (Kind::Code { .. }, Value::Code(code)) => Cell::Code(self.codes(column)?.position(code)?),
            (Kind::Flag, Value::Flag(flag)) => Cell::Flag(*flag),
            (Kind::Text { .. }, Value::Text(text)) => Cell::Text(text),
            (Kind::Date, Value::Date(date)) => Cell::Days(days_of(*date)),
            _ => return None,
        })
    }

    /// The value of a cell.
    pub(super) fn value(&self, column: usize, cell: Cell<'_>) -> Option<Value> {
        Some(match cell {
            Cell::Number(number) => Value::Number(number),
            Cell::Range(range) => Value::Range(range),
            Cell::Code(code) => Value::Code(Arc::clone(self.codes(column)?.plain.get(usize::from(code))?)),
            Cell::Flag(flag) => Value::Flag(flag),
            Cell::Text(text) => Value::Text(text.into()),
            Cell::Days(days) => Value::Date(date_of(days)),
        })
    }
}

fn quoted(text: &str) -> Box<str> {
    serde_json::Value::from(text).to_string().into()
}

/// Days of 400 years, after which the calendar repeats.
const CYCLE_DAYS: i32 = 146_097;

/// From 0000-03-01, where a year with its leap day last begins, to 1970-01-01.
const MARCH_TO_EPOCH: i32 = 719_468;

/// Days since 1970-01-01.
pub(super) fn days_of(date: Date) -> i32 {
    let (month, day) = (i32::from(date.month()), i32::from(date.day()));
    let year = i32::from(date.year()) - i32::from(month < 3);
    let (cycle, of_cycle) = (year.div_euclid(400), year.rem_euclid(400));
    let since_march = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    cycle * CYCLE_DAYS + of_cycle * 365 + of_cycle / 4 - of_cycle / 100 + since_march - MARCH_TO_EPOCH
}

/// The date of a count of days, cut off at the years that dates can have.
pub fn date_of(days: i32) -> Date {
    let (year, month, day) = civil(days.clamp(-4_371_587, 2_932_896));
    let small = |number: i32| i8::try_from(number).unwrap_or(1);
    Date::new(i16::try_from(year).unwrap_or(1), small(month), small(day)).unwrap_or_default()
}

/// Year, month and day of a count of days.
fn civil(days: i32) -> (i32, i32, i32) {
    let days = days + MARCH_TO_EPOCH;
    let (cycle, of_cycle) = (days.div_euclid(CYCLE_DAYS), days.rem_euclid(CYCLE_DAYS));
    let year = (of_cycle - of_cycle / 1_460 + of_cycle / 36_524 - of_cycle / 146_096) / 365;
    let of_year = of_cycle - (365 * year + year / 4 - year / 100);
    let since_march = (5 * of_year + 2) / 153;
    let month = (since_march + 2) % 12 + 1;
    let day = of_year - (153 * since_march + 2) / 5 + 1;
    (cycle * 400 + year + i32::from(month < 3), month, day)
}

/// `2027-03-01`; `None` for a year that four digits do not hold.
pub fn day_text(days: i32) -> Option<[u8; 10]> {
    let date = date_of(days);
    let year = u16::try_from(date.year()).ok()?;
    let digit = |number: u16, power: u16| b'0' + u8::try_from(number / power % 10).unwrap_or(0);
    let (month, day) = (u16::from(date.month().unsigned_abs()), u16::from(date.day().unsigned_abs()));
    Some([
        digit(year, 1_000),
        digit(year, 100),
        digit(year, 10),
        digit(year, 1),
        b'-',
        digit(month, 10),
        digit(month, 1),
        b'-',
        digit(day, 10),
        digit(day, 1),
    ])
}

/// Days of a text such as `2027-03-01`, or of any other form that a date may have.
pub(super) fn days_of_text(text: &str) -> Option<i32> {
    plain_date(text.as_bytes()).or_else(|| text.parse().ok()).map(days_of)
}

/// The usual form by itself, since the general way costs more than the rest of a row.
fn plain_date(text: &[u8]) -> Option<Date> {
    let [y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1] = text else {
        return None;
    };
    let number = |digits: &[&u8]| {
        digits.iter().try_fold(0i16, |number, digit| {
            digit.is_ascii_digit().then(|| number * 10 + i16::from(**digit - b'0'))
        })
    };
    let small = |digits: &[&u8]| i8::try_from(number(digits)?).ok();
    Date::new(number(&[y0, y1, y2, y3])?, small(&[m0, m1])?, small(&[d0, d1])?).ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const EPOCH: Date = date(1970, 1, 1);

    #[test]
    fn days_are_counted_as_the_calendar_library_counts_them() {
        let ends = [-4_371_587, 2_932_896];
        for days in (ends[0]..ends[1]).step_by(97).chain(-800..800).chain(ends) {
            let date = date_of(days);
            assert_eq!(date, EPOCH.saturating_add(jiff::Span::new().days(days)), "{days}");
            assert_eq!(days_of(date), days);
            assert_eq!(days_of_text(&date.to_string()), Some(days));
            let text = day_text(days).map(|text| String::from_utf8(text.to_vec()).unwrap());
            assert_eq!(text, (date.year() >= 0).then(|| date.to_string()), "{days}");
        }
    }

    #[test]
    fn only_days_that_there_are_are_read() {
        for text in ["2027-02-29", "2027-13-01", "2027-00-10", "2027-1-01", "20x7-01-01", ""] {
            assert_eq!(days_of_text(text), None, "{text}");
        }
        assert_eq!(days_of_text("1970-01-02"), Some(1));
    }
}
