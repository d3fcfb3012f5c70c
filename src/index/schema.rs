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
}

/// Codes of a list and their positions.
#[derive(Debug, Default)]
pub(super) struct Codes {
    pub codes: Vec<Arc<str>>,
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
                let codes: Vec<_> = catalogue
                    .code_lists
                    .get(list)?
                    .codes
                    .iter()
                    .map(|code| Arc::clone(&code.code))
                    .collect();
                let positions = codes.iter().cloned().zip(0u16..).collect();
                Some(Codes { codes, positions })
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
                .all(|(one, two)| one.as_ref().map(|list| &list.codes) == two.as_ref().map(|list| &list.codes))
    }

    pub(super) fn column(&self, key: &str) -> Option<usize> {
        self.columns.get(key).copied()
    }

    /// The same for keys that mostly come in the order of the catalogue, as they do when all of them are asked for: then none is looked up by its text.
    pub(super) fn column_from(&self, start: usize, key: &AttributeKey) -> Option<usize> {
        let rest = self.attributes.get(start..).unwrap_or_default();
        let ahead = rest.iter().position(|attribute| Arc::ptr_eq(&attribute.key.0, &key.0));
        ahead.map_or_else(|| self.column(key.as_str()), |ahead| Some(start + ahead))
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
            Cell::Code(code) => Value::Code(Arc::clone(self.codes(column)?.codes.get(usize::from(code))?)),
            Cell::Flag(flag) => Value::Flag(flag),
            Cell::Text(text) => Value::Text(text.into()),
            Cell::Days(days) => Value::Date(date_of(days)),
        })
    }
}

const EPOCH: Date = jiff::civil::date(1970, 1, 1);

/// Days since 1970-01-01.
pub(super) fn days_of(date: Date) -> i32 {
    const DAY_HOURS: i64 = 24;
    i32::try_from(date.duration_since(EPOCH).as_hours() / DAY_HOURS).expect("dates reach from year -9999 to 9999: below 2^31 days")
}

/// The date of a count of days, cut off at the years that dates can have.
pub fn date_of(days: i32) -> Date {
    EPOCH.saturating_add(jiff::Span::new().days(days.clamp(-4_371_587, 2_932_896)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_found_wherever_the_search_begins() {
        let catalogue = Catalogue::builtin().unwrap();
        let schema = Schema::new(&catalogue, &"parcels".into());
        let foreign = |key: &AttributeKey| AttributeKey::from(key.as_str());
        for (at, attribute) in schema.attributes.iter().enumerate() {
            for start in [0, at, at + 1, schema.attributes.len() + 7] {
                assert_eq!(schema.column_from(start, &attribute.key), Some(at));
                assert_eq!(schema.column_from(start, &foreign(&attribute.key)), Some(at));
            }
        }
        assert_eq!(schema.column_from(0, &"no_such".into()), None);
    }
}
