//! Exports: all that matches, in pieces, from one revision.
use crate::domain::ids::AttributeKey;
use crate::domain::query::Query;
use crate::domain::value::Value;
use crate::index::{Columns, Members, Row, RowRef, Snapshot};

use super::View;
use super::search::{GeometryChoice, write_feature};
use crate::inventory::error::ReadError;

/// Rows of one piece.
const PIECE_ROWS: usize = 500;

/// In which form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportFormat {
    /// A GeoJSON feature collection.
    GeoJson,
    /// Comma-separated values with a line of headings, UTF-8 with a mark for spreadsheets; base units; no outlines.
    Csv,
}

/// An export: an iterator of pieces.
pub struct Export {
    snapshot: Snapshot,
    keys: Vec<AttributeKey>,
    columns: Columns,
    rows: std::vec::IntoIter<RowRef>,
    format: ExportFormat,
    part: Part,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Head,
    Rows { is_first: bool },
    Done,
}

impl View {
    /// Everything that matches; order, page and cursor of the query do not matter.
    pub fn export(&self, query: &Query, format: ExportFormat) -> Result<Export, ReadError> {
        self.check(query)?;
        let rows: Vec<RowRef> = self.snapshot().matches(&query.collection, &query.conditions).iter().collect();
        let keys = self.visible(&query.collection);
        Ok(Export {
            snapshot: self.snapshot().clone(),
            columns: self.snapshot().columns(&query.collection, &keys),
            keys,
            rows: rows.into_iter(),
            format,
            part: Part::Head,
        })
    }
}

impl Iterator for Export {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        match self.part {
            Part::Head => {
                self.part = Part::Rows { is_first: true };
                Some(self.head())
            }
            Part::Rows { is_first } => {
                self.part = Part::Rows { is_first: false };
                let rows: Vec<RowRef> = self.rows.by_ref().take(PIECE_ROWS).collect();
                if rows.is_empty() {
                    self.part = Part::Done;
                    return self.foot();
                }
                Some(self.piece(&rows, is_first))
            }
            Part::Done => None,
        }
    }
}

impl Export {
    fn head(&self) -> Vec<u8> {
        match self.format {
            ExportFormat::GeoJson => format!(
                r#"{{"type":"FeatureCollection","revision":{},"features":["#,
                self.snapshot.revision()
            )
            .into_bytes(),
            ExportFormat::Csv => {
                let mut cells = vec!["code".to_owned(), "version".to_owned()];
                cells.extend(self.keys.iter().map(ToString::to_string));
                let mut out = "\u{feff}".as_bytes().to_vec();
                write_line(&cells, &mut out);
                out
            }
        }
    }

    fn foot(&self) -> Option<Vec<u8>> {
        match self.format {
            ExportFormat::GeoJson => Some(b"]}".to_vec()),
            ExportFormat::Csv => None,
        }
    }

    fn piece(&self, rows: &[RowRef], is_first: bool) -> Vec<u8> {
        let mut members = Members::new(&self.columns);
        let mut out = Vec::new();
        for (at, row) in rows.iter().enumerate() {
            let row = self.snapshot.row(*row);
            match self.format {
                ExportFormat::GeoJson => {
                    if at > 0 || !is_first {
                        out.push(b',');
                    }
                    write_feature(&row, &mut members, GeometryChoice::Full, &mut out);
                }
                ExportFormat::Csv => write_line(&self.cells(&row), &mut out),
            }
        }
        out
    }

    fn cells(&self, row: &Row<'_>) -> Vec<String> {
        let mut cells = vec![text_cell(row.code()), row.version().0.to_string()];
        cells.extend(
            self.keys
                .iter()
                .map(|key| row.value(key).map_or_else(String::new, |value| cell(&value))),
        );
        cells
    }
}

fn cell(value: &Value) -> String {
    match value {
        Value::Number(number) => number.to_string(),
        Value::Range(range) => {
            let end = |end: Option<f64>| end.map_or_else(String::new, |end| end.to_string());
            format!("{}~{}", end(range.min), end(range.max))
        }
        Value::Code(text) | Value::Text(text) => text_cell(text),
        Value::Flag(flag) => flag.to_string(),
        Value::Date(day) => day.to_string(),
    }
}

/// A spreadsheet must not take a text for a formula.
fn text_cell(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

fn write_line(cells: &[String], out: &mut Vec<u8>) {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
    writer
        .write_record(cells)
        .and_then(|()| writer.flush().map_err(Into::into))
        .expect("writing to memory cannot fail");
}
