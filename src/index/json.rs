//! The store's JSON object of values, read straight into columns.
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, Visitor};

use super::columns::Cell;
use super::schema::{Schema, days_of_text};
use super::table::Table;
use crate::domain::catalogue::Kind;
use crate::domain::ids::AttributeKey;
use crate::domain::value::{Range, Value};

/// Keys of the row before with their columns: rows mostly have the same keys in the same order.
pub(super) type Hints = Vec<(String, Option<usize>)>;

/// Puts the values of one row into its table.
pub(super) fn put(table: &mut Table, schema: &Schema, hints: &mut Hints, (row, text): (usize, &str)) -> Result<(), String> {
    let mut json = serde_json::Deserializer::from_str(text);
    let strays = Values { table, schema, hints, row }
        .deserialize(&mut json)
        .map_err(|error| error.to_string())?;
    json.end().map_err(|error| error.to_string())?;
    if !strays.is_empty() {
        table.set_strays(row, Some(Arc::new(strays)));
    }
    Ok(())
}

struct Values<'a> {
    table: &'a mut Table,
    schema: &'a Schema,
    hints: &'a mut Hints,
    row: usize,
}

impl<'de> DeserializeSeed<'de> for Values<'_> {
    type Value = BTreeMap<AttributeKey, Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Values<'_> {
    type Value = BTreeMap<AttributeKey, Value>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object of values")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut strays = BTreeMap::new();
        let mut at = 0;
        while let Some(Key(key)) = map.next_key::<Key<'de>>()? {
            let column = column_of(self.schema, self.hints, at, &key);
            at += 1;
            let loose = map.next_value::<Loose<'de>>()?;
            match column.and_then(|column| Some((column, loose.cell(self.schema, column)?))) {
                Some((column, cell)) => Arc::make_mut(&mut self.table.columns[column]).put(self.row, cell),
                None => {
                    let code = column.is_some_and(|column| matches!(self.schema.attributes[column].kind, Kind::Code { .. }));
                    strays.extend(loose.stray(code).map(|value| (AttributeKey::from(&*key), value)));
                }
            }
        }
        Ok(strays)
    }
}

fn column_of(schema: &Schema, hints: &mut Hints, at: usize, key: &str) -> Option<usize> {
    match hints.get(at) {
        Some((known, column)) if known == key => *column,
        _ => {
            let column = schema.column(key);
            hints.truncate(at);
            hints.push((key.to_owned(), column));
            column
        }
    }
}

struct Key<'a>(Cow<'a, str>);

/// A value as JSON says it, before the catalogue says what it is.
enum Loose<'a> {
    Null,
    Number(f64),
    Flag(bool),
    Text(Cow<'a, str>),
    Range(Range),
}

impl Loose<'_> {
    fn cell(&self, schema: &Schema, column: usize) -> Option<Cell<'_>> {
        Some(match (&schema.attributes[column].kind, self) {
            (Kind::Number(_), Self::Number(number)) => Cell::Number(*number),
            (Kind::Range(_), Self::Range(range)) => Cell::Range(*range),
            (Kind::Flag, Self::Flag(flag)) => Cell::Flag(*flag),
            (Kind::Code { .. }, Self::Text(code)) => Cell::Code(schema.codes(column)?.position(code)?),
            (Kind::Text { .. }, Self::Text(text)) => Cell::Text(text),
            (Kind::Date, Self::Text(date)) => Cell::Days(days_of_text(date)?),
            _ => return None,
        })
    }

    fn stray(self, code: bool) -> Option<Value> {
        Some(match self {
            Self::Null => return None,
            Self::Number(number) => Value::Number(number),
            Self::Flag(flag) => Value::Flag(flag),
            Self::Text(text) if code => Value::Code((*text).into()),
            Self::Text(text) => Value::Text((*text).into()),
            Self::Range(range) => Value::Range(range),
        })
    }
}

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Loose::deserialize(deserializer)? {
            Loose::Text(text) => Ok(Self(text)),
            Loose::Null | Loose::Number(_) | Loose::Flag(_) | Loose::Range(_) => Err(D::Error::custom("a key that is no text")),
        }
    }
}

impl<'de> Deserialize<'de> for Loose<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LooseVisitor)
    }
}

struct LooseVisitor;

impl<'de> Visitor<'de> for LooseVisitor {
    type Value = Loose<'de>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a number, a text, true, false or a range")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Loose::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Self::Value, E> {
        Ok(Loose::Flag(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Loose::Number(number as f64))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Loose::Number(number as f64))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Loose::Number(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Loose::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Loose::Text(Cow::Borrowed(text)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut range = Range {
            min: None,
            max: None,
            min_inclusive: true,
            max_inclusive: true,
        };
        while let Some(Key(key)) = map.next_key::<Key<'de>>()? {
            match &*key {
                "min" => range.min = map.next_value()?,
                "max" => range.max = map.next_value()?,
                "min_inclusive" => range.min_inclusive = map.next_value()?,
                "max_inclusive" => range.max_inclusive = map.next_value()?,
                other => return Err(A::Error::unknown_field(other, &["min", "max", "min_inclusive", "max_inclusive"])),
            }
        }
        Ok(Loose::Range(range))
    }
}
