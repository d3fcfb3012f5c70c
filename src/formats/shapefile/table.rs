//! The table of a shapefile (dBase III and later), row by row.
use std::io::Read;

use jiff::civil::Date;
use serde_json::{Number, Value};

use super::encoding::{Guess, TextEncoding};
use crate::formats::input::Input;
use crate::formats::{BadFeature, FormatError, Limits, Place};

/// What the header says.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    /// Rows as the header counts them.
    pub(super) rows: u64,
    pub(super) language_byte: u8,
    row_bytes: usize,
    fields: Vec<FieldLayout>,
}

#[derive(Clone, Debug)]
struct FieldLayout {
    name: Vec<u8>,
    kind: u8,
    /// First byte in the row, behind the deletion mark.
    start: usize,
    bytes: usize,
    decimals: u8,
}

/// Values of a row by field.
pub(super) type Values = Vec<(String, Value)>;

/// A row.
pub(super) enum Row {
    /// Marked as deleted.
    Deleted,
    /// Its values, or what is wrong with one.
    Kept(Result<Values, BadFeature>),
    /// The table ends before it.
    Missing,
}

fn broken(given: impl Into<String>, expected: &str) -> FormatError {
    FormatError::broken(Place::File, given, expected)
}

fn cut(error: &std::io::Error) -> FormatError {
    match error.kind() {
        std::io::ErrorKind::UnexpectedEof => broken("a .dbf that ends in its header", "a whole header"),
        _ => FormatError::from_io("the .dbf", error),
    }
}

impl Layout {
    /// Reads the header and leaves the input at the first row.
    pub(super) fn read(input: &mut Input, limits: &Limits) -> Result<Self, FormatError> {
        let mut head = [0; 32];
        input.read_exact(&mut head).map_err(|error| cut(&error))?;
        let header_bytes = usize::from(u16::from_le_bytes([head[8], head[9]]));
        let row_bytes = usize::from(u16::from_le_bytes([head[10], head[11]]));
        if header_bytes < 33 || row_bytes == 0 {
            return Err(broken(
                format!("a .dbf with {header_bytes} bytes of header and rows of {row_bytes}"),
                "a dBase table",
            ));
        }
        let mut rest = vec![0; header_bytes - 32];
        input.read_exact(&mut rest).map_err(|error| cut(&error))?;
        let fields = read_fields(&rest, limits)?;
        let needed = fields.last().map_or(1, |field| field.start + field.bytes);
        if needed > row_bytes {
            return Err(broken(
                format!("fields of {needed} bytes in rows of {row_bytes}"),
                "rows that hold their fields",
            ));
        }
        Ok(Self {
            rows: u64::from(u32::from_le_bytes([head[4], head[5], head[6], head[7]])),
            language_byte: head[29],
            row_bytes,
            fields,
        })
    }

    /// Names of the fields.
    pub(super) fn names(&self, encoding: TextEncoding) -> Vec<String> {
        let text = |field: &FieldLayout| match encoding.decode(&field.name) {
            Some(name) => name.trim().to_owned(),
            None => String::from_utf8_lossy(&field.name).trim().to_owned(),
        };
        self.fields.iter().map(text).collect()
    }

    /// Names of fields whose values are not read: memos, binary times and amounts.
    pub(super) fn unread_fields(&self) -> Vec<String> {
        let memo = self
            .fields
            .iter()
            .filter(|field| matches!(field.kind, b'M' | b'G' | b'P' | b'T' | b'@' | b'Y'));
        memo.map(|field| String::from_utf8_lossy(&field.name).into_owned()).collect()
    }

    /// Looks at all texts of the table, from its first row on, to find out what they are written in.
    pub(super) fn guess_encoding(&self, input: &mut Input) -> Result<TextEncoding, FormatError> {
        let mut guess = Guess::new();
        self.fields.iter().for_each(|field| guess.look_at(&field.name));
        let mut row = vec![0; self.row_bytes];
        for _ in 0..self.rows {
            if guess.is_decided() || !fill(input, &mut row)? {
                break;
            }
            for field in self.fields.iter().filter(|field| field.kind == b'C') {
                guess.look_at(trim(&row[field.start..field.start + field.bytes]));
            }
        }
        Ok(guess.encoding())
    }
}

fn read_fields(bytes: &[u8], limits: &Limits) -> Result<Vec<FieldLayout>, FormatError> {
    let mut fields = Vec::new();
    let mut start = 1;
    for descriptor in bytes.chunks_exact(32).take_while(|descriptor| descriptor[0] != 0x0d) {
        if fields.len() >= limits.max_fields {
            return Err(FormatError::Limit {
                place: Place::File,
                limit: "fields of a table",
                allowed: limits.max_fields as u64,
                given: "more".to_owned(),
            });
        }
        let kind = descriptor[11];
        let name = descriptor[..11].split(|byte| *byte == 0).next().unwrap_or_default();
        // The second length byte of a text field holds the high part of its length, as Clipper and others write it.
        let high = if kind == b'C' { usize::from(descriptor[17]) << 8 } else { 0 };
        let bytes = usize::from(descriptor[16]) + high;
        fields.push(FieldLayout {
            name: name.to_vec(),
            kind,
            start,
            bytes,
            decimals: descriptor[17],
        });
        start += bytes;
    }
    Ok(fields)
}

/// Fills the buffer; `false` when the input ends before that.
fn fill(input: &mut Input, buffer: &mut [u8]) -> Result<bool, FormatError> {
    match input.read_exact(buffer) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(FormatError::from_io("the .dbf", &error)),
    }
}

fn trim(cell: &[u8]) -> &[u8] {
    let is_filler = |byte: &u8| matches!(byte, b' ' | 0);
    let end = cell.iter().rposition(|byte| !is_filler(byte)).map_or(0, |at| at + 1);
    let cell = &cell[..end];
    let start = cell.iter().position(|byte| !is_filler(byte)).unwrap_or(0);
    &cell[start..]
}

/// Rows of a table in order.
pub(super) struct Table {
    input: Input,
    layout: Layout,
    encoding: TextEncoding,
    names: Vec<String>,
    row: Vec<u8>,
    taken: u64,
}

impl Table {
    /// Reads from an input that stands at the first row.
    pub(super) fn new(input: Input, layout: Layout, encoding: TextEncoding) -> Self {
        Self {
            input,
            names: layout.names(encoding),
            row: vec![0; layout.row_bytes],
            layout,
            encoding,
            taken: 0,
        }
    }

    /// Names of the fields in order.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// Reads the next row.
    pub(super) fn next_row(&mut self) -> Result<Row, FormatError> {
        // The last row may come without the filler behind its last field.
        if self.taken >= self.layout.rows || !fill(&mut self.input, &mut self.row)? {
            return Ok(Row::Missing);
        }
        self.taken += 1;
        if self.row[0] == b'*' {
            return Ok(Row::Deleted);
        }
        Ok(Row::Kept(self.values()))
    }

    fn values(&self) -> Result<Values, BadFeature> {
        let mut values = Vec::with_capacity(self.names.len());
        for (field, name) in self.layout.fields.iter().zip(&self.names) {
            let cell = &self.row[field.start..field.start + field.bytes];
            let value = self
                .value(field, cell)
                .map_err(|expected| BadFeature::new(Place::Row(self.taken), show(cell), expected).in_field(name.clone()))?;
            values.push((name.clone(), value));
        }
        Ok(values)
    }

    /// The value of a cell, or what was expected in it.
    fn value(&self, field: &FieldLayout, cell: &[u8]) -> Result<Value, String> {
        let text = trim(cell);
        match field.kind {
            b'N' | b'F' => number(text, field.decimals),
            b'L' => match text {
                b"T" | b"t" | b"Y" | b"y" => Ok(Value::Bool(true)),
                b"F" | b"f" | b"N" | b"n" => Ok(Value::Bool(false)),
                b"" | b"?" => Ok(Value::Null),
                _ => Err("T, F or a blank".to_owned()),
            },
            b'D' => date(text),
            b'I' | b'+' => Ok(<[u8; 4]>::try_from(cell).map_or(Value::Null, |bytes| Value::from(i32::from_le_bytes(bytes)))),
            b'B' | b'O' if cell.len() == 8 => {
                let bytes = <[u8; 8]>::try_from(cell).unwrap_or_default();
                Number::from_f64(f64::from_le_bytes(bytes))
                    .map(Value::Number)
                    .ok_or_else(|| "a finite number".to_owned())
            }
            // Memos lie in another file, and the binary times and amounts of some programs are not read; see `unread_fields`.
            b'M' | b'G' | b'P' | b'T' | b'@' | b'Y' => Ok(Value::Null),
            _ if text.is_empty() => Ok(Value::Null),
            _ => match self.encoding.decode(text) {
                Some(text) => Ok(Value::String(text.into_owned())),
                None => Err(format!("a text in {} (or name the encoding)", self.encoding.name())),
            },
        }
    }
}

/// Bytes for people, not too many.
fn show(cell: &[u8]) -> String {
    format!(
        "`{}`",
        trim(cell)
            .iter()
            .take(40)
            .flat_map(|byte| std::ascii::escape_default(*byte))
            .map(char::from)
            .collect::<String>()
    )
}

fn number(text: &[u8], decimals: u8) -> Result<Value, String> {
    // Overflow is written as stars by dBase, which means "not known".
    if text.is_empty() || text.iter().all(|byte| *byte == b'*') {
        return Ok(Value::Null);
    }
    let expected = || "a number".to_owned();
    let text = std::str::from_utf8(text).ok().ok_or_else(expected)?;
    if decimals == 0
        && let Ok(whole) = text.parse::<i64>()
    {
        return Ok(Value::from(whole));
    }
    let number: f64 = text.replace(',', ".").parse().ok().ok_or_else(expected)?;
    Number::from_f64(number).map(Value::Number).ok_or_else(expected)
}

fn date(text: &[u8]) -> Result<Value, String> {
    if text.is_empty() || text.iter().all(|byte| *byte == b'0') {
        return Ok(Value::Null);
    }
    let text = String::from_utf8_lossy(text);
    match Date::strptime("%Y%m%d", text.as_ref()) {
        Ok(date) => Ok(Value::String(date.to_string())),
        Err(_) => Err("a day as YYYYMMDD".to_owned()),
    }
}
