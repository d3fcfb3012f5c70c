//! The layer of drawn features.
use super::pen::Drawn;
use super::values::{Memo, Values};
use super::wire::{sized, sized_bytes, varint, varint_bytes};
use crate::domain::ids::AttributeKey;
use crate::domain::value::Range;
use crate::index::{Cell, ColumnReader, Row, Snapshot, date_of, day_text};

use super::frame::EXTENT;
use super::request::TileRequest;

const FEATURE: u8 = 2 << 3 | 2;
const FEATURE_ID: u8 = 1 << 3;
const FEATURE_TAGS: u8 = 2 << 3 | 2;
const FEATURE_TYPE: u8 = 3 << 3;
const FEATURE_GEOMETRY: u8 = 4 << 3 | 2;
const KEY: u8 = 3 << 3 | 2;

/// Name of the attribute that every feature has.
const CODE: &str = "code";

/// An attribute that features carry.
struct Field<'a> {
    key: &'a AttributeKey,
    reader: ColumnReader<'a>,
    /// Number among the layer's keys, once a feature has it.
    number: Option<u32>,
    /// Numbers of values by position in the code list, `UNMET` where none was met yet.
    codes: Vec<u32>,
    /// Numbers of numbers and days met lately.
    met: Memo,
}

/// Bytes that a feature, and the values that it alone has, usually take.
const FEATURE_BYTES: usize = 64;
const VALUE_BYTES: usize = 40;

const UNMET: u32 = u32::MAX;

/// Features, their keys and values.
pub(super) struct Layer<'a> {
    name: &'a str,
    fields: Vec<Field<'a>>,
    features: Vec<u8>,
    keys: Vec<u8>,
    key_count: u32,
    values: Values,
    tags: Vec<u8>,
    text: String,
}

/// How much of a layer there was, to go back to.
#[derive(Clone, Copy)]
struct Mark {
    features: usize,
    keys: usize,
    key_count: u32,
    values: usize,
}

impl<'a> Layer<'a> {
    /// An empty layer with room for about so many features.
    pub(super) fn new(snapshot: &'a Snapshot, request: &'a TileRequest, expected: usize) -> Self {
        let room = |bytes: usize| (expected * bytes).min(request.budget_bytes);
        let field = |key: &'a AttributeKey| {
            Some(Field {
                reader: snapshot.reader(&request.collection, key)?,
                key,
                number: None,
                codes: Vec::new(),
                met: Memo::default(),
            })
        };
        let own = |key: &&AttributeKey| key.as_str() != CODE;
        let mut layer = Self {
            name: request.collection.as_str(),
            fields: request.attributes.iter().filter(own).filter_map(field).collect(),
            features: Vec::with_capacity(room(FEATURE_BYTES)),
            keys: Vec::new(),
            key_count: 1,
            values: Values::with_capacity(room(VALUE_BYTES)),
            tags: Vec::new(),
            text: String::new(),
        };
        sized(KEY, CODE.as_bytes(), &mut layer.keys);
        layer
    }

    /// Bytes of the tile if nothing more is added.
    pub(super) fn bytes(&self) -> usize {
        if self.features.is_empty() {
            return 0;
        }
        sized_bytes(head_bytes(self.name) + self.features.len() + self.keys.len() + self.values.bytes.len())
    }

    /// Adds a feature, unless the layer would then have more bytes than these. Says whether it did.
    pub(super) fn add(&mut self, row: &Row<'_>, geometry: (Drawn, &[u8]), most_bytes: usize) -> bool {
        let mark = self.mark();
        self.tags.clear();
        let code = self.values.own_text(row.code());
        varint(0, &mut self.tags);
        varint(u64::from(code), &mut self.tags);
        for field in &mut self.fields {
            let Some(cell) = row.cell(&field.reader) else { continue };
            let value = value(&mut self.values, field, cell, &mut self.text);
            let number = *field.number.get_or_insert_with(|| {
                sized(KEY, field.key.as_str().as_bytes(), &mut self.keys);
                self.key_count += 1;
                self.key_count - 1
            });
            varint(u64::from(number), &mut self.tags);
            varint(u64::from(value), &mut self.tags);
        }
        self.feature(row.number(), geometry);
        let fits = self.bytes() <= most_bytes;
        if !fits {
            self.go_back(mark);
        }
        fits
    }

    fn feature(&mut self, id: u64, (kind, commands): (Drawn, &[u8])) {
        let id_bytes = 1 + varint_bytes(usize::try_from(id).unwrap_or(usize::MAX));
        let length = id_bytes + sized_bytes(self.tags.len()) + 2 + sized_bytes(commands.len());
        let out = &mut self.features;
        out.push(FEATURE);
        varint(length as u64, out);
        out.push(FEATURE_ID);
        varint(id, out);
        sized(FEATURE_TAGS, &self.tags, out);
        out.extend_from_slice(&[FEATURE_TYPE, kind as u8]);
        sized(FEATURE_GEOMETRY, commands, out);
    }

    fn mark(&self) -> Mark {
        Mark {
            features: self.features.len(),
            keys: self.keys.len(),
            key_count: self.key_count,
            values: self.values.len(),
        }
    }

    fn go_back(&mut self, mark: Mark) {
        self.features.truncate(mark.features);
        self.keys.truncate(mark.keys);
        self.key_count = mark.key_count;
        self.values.truncate(mark.values);
        for field in &mut self.fields {
            field.number = field.number.filter(|number| *number < mark.key_count);
            for met in field.codes.iter_mut().filter(|met| **met as usize >= mark.values) {
                *met = UNMET;
            }
            field.met.forget_from(mark.values);
        }
    }

    /// Appends the layer to a tile; nothing when it has no feature.
    pub(super) fn finish(self, out: &mut Vec<u8>) {
        if !self.features.is_empty() {
            write(self.name, [&self.features, &self.keys, &self.values.bytes], out);
        }
    }
}

fn value(values: &mut Values, field: &mut Field<'_>, cell: Cell<'_>, text: &mut String) -> u32 {
    text.clear();
    match cell {
        Cell::Number(number) => field.met.find_or(number.to_bits(), || values.number(number)),
        Cell::Flag(flag) => values.flag(flag),
        Cell::Text(text) => values.text(text),
        Cell::Range(range) => {
            spell(&range, text);
            values.text(text)
        }
        Cell::Days(days) => field.met.find_or(u64::from(days.cast_unsigned()), || match day_text(days) {
            Some(day) => values.text(std::str::from_utf8(&day).unwrap_or_default()),
            None => values.text(&date_of(days).to_string()),
        }),
        Cell::Code(code) => {
            let at = usize::from(code);
            if field.codes.len() <= at {
                field.codes.resize(at + 1, UNMET);
            }
            if field.codes[at] == UNMET {
                field.codes[at] = values.text(field.reader.code(code));
            }
            field.codes[at]
        }
    }
}

/// A range as people write it, and as the program reads it: `1.2-2`, `≥1.2`, `<3`, `>1且≤2`.
fn spell(range: &Range, out: &mut String) {
    use std::fmt::Write;
    let low = range.min.map(|min| (if range.min_inclusive { '≥' } else { '>' }, min));
    let high = range.max.map(|max| (if range.max_inclusive { '≤' } else { '<' }, max));
    match (low, high) {
        (Some(('≥', min)), Some(('≤', max))) => write!(out, "{min}-{max}"),
        (Some((least, min)), Some((most, max))) => write!(out, "{least}{min}且{most}{max}"),
        (Some((sign, end)), None) | (None, Some((sign, end))) => write!(out, "{sign}{end}"),
        (None, None) => Ok(()),
    }
    .expect("writing to memory cannot fail");
}

/// Bytes of a layer's version, name and extent.
fn head_bytes(name: &str) -> usize {
    2 + sized_bytes(name.len()) + 3
}

/// Appends a layer of these features, keys and values, each as they stand in it.
pub(super) fn write(name: &str, parts: [&[u8]; 3], out: &mut Vec<u8>) {
    const LAYER: u8 = 3 << 3 | 2;
    const VERSION: [u8; 2] = [15 << 3, 2];
    const NAME: u8 = 1 << 3 | 2;
    const LAYER_EXTENT: u8 = 5 << 3;
    let length = head_bytes(name) + parts.iter().map(|part| part.len()).sum::<usize>();
    out.reserve(sized_bytes(length));
    out.push(LAYER);
    varint(length as u64, out);
    out.extend_from_slice(&VERSION);
    sized(NAME, name.as_bytes(), out);
    for part in parts {
        out.extend_from_slice(part);
    }
    out.push(LAYER_EXTENT);
    varint(EXTENT.cast_unsigned(), out);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_spelt_as_people_write_them() {
        let range = |min: Option<f64>, max: Option<f64>, inclusive: [bool; 2]| {
            let mut text = String::new();
            let [min_inclusive, max_inclusive] = inclusive;
            spell(
                &Range {
                    min,
                    max,
                    min_inclusive,
                    max_inclusive,
                },
                &mut text,
            );
            text
        };
        assert_eq!(range(Some(1.2), Some(2.0), [true, true]), "1.2-2");
        assert_eq!(range(Some(1.2), None, [true, true]), "≥1.2");
        assert_eq!(range(None, Some(3.0), [true, false]), "<3");
        assert_eq!(range(Some(1.0), Some(2.5), [false, true]), ">1且≤2.5");
    }
}
