//! Searching: a page of rows and the exact number of all that match.
use crate::domain::ids::Revision;
use crate::domain::query::Query;
use crate::filter;
use crate::index::{Columns, Found, Members, Row, RowRef, Snapshot};

use super::View;
use crate::inventory::error::ReadError;

/// Whether features carry their outline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GeometryChoice {
    /// With it.
    Full,
    /// `null` in its place.
    None,
}

/// A page of a search.
pub struct Page {
    snapshot: Snapshot,
    rows: Vec<RowRef>,
    columns: Columns,
    /// Revision that was searched.
    pub revision: Revision,
    /// Number of all that match, exact.
    pub matched: usize,
    /// Where the next page begins, as `after` takes it; `None` on the last one.
    pub next: Option<String>,
}

impl View {
    /// Searches.
    pub fn search(&self, query: &Query) -> Result<Page, ReadError> {
        self.check(query)?;
        let Found { matched, rows, next } = self.snapshot().search(query);
        Ok(Page {
            snapshot: self.snapshot().clone(),
            columns: self.snapshot().columns(&query.collection, &self.visible(&query.collection)),
            revision: self.revision(),
            rows,
            matched,
            next: next.map(|cursor| filter::encode_cursor(&cursor, &query.sort)),
        })
    }
}

impl Page {
    /// Rows of this page.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether this page has no row.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The page as a GeoJSON feature collection.
    pub fn to_geojson(&self, geometry: GeometryChoice) -> Vec<u8> {
        let head = format!(
            r#"{{"type":"FeatureCollection","revision":{},"numberMatched":{},"numberReturned":{},"next":{},"features":["#,
            self.revision,
            self.matched,
            self.rows.len(),
            serde_json::Value::from(self.next.as_deref())
        );
        let mut members = Members::new(&self.columns);
        let mut out = head.into_bytes();
        for (at, row) in self.rows.iter().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            let before = out.len();
            write_feature(&self.snapshot.row(*row), &mut members, geometry, &mut out);
            if at == 0 {
                // The first one tells how much room the others will need.
                out.reserve((out.len() - before) * self.rows.len() * 9 / 8);
            }
        }
        out.extend_from_slice(b"]}");
        out
    }
}

/// Appends one row as a GeoJSON feature.
pub(super) fn write_feature<'a>(row: &Row<'a>, members: &mut Members<'a>, geometry: GeometryChoice, out: &mut Vec<u8>) {
    let mut id = [0; uuid::fmt::Hyphenated::LENGTH];
    out.extend_from_slice(b"{\"type\":\"Feature\",\"id\":\"");
    out.extend_from_slice(row.id().0.as_hyphenated().encode_lower(&mut id).as_bytes());
    out.push(b'"');
    let start = out.len();
    out.extend_from_slice(b",\"bbox\":");
    if !row.write_bounds(out) {
        // RFC 7946 knows no box that is null.
        out.truncate(start);
    }
    out.extend_from_slice(b",\"geometry\":");
    match geometry {
        GeometryChoice::Full => row.write_geometry(out),
        GeometryChoice::None => out.extend_from_slice(b"null"),
    }
    out.extend_from_slice(b",\"properties\":{\"code\":");
    row.write_head(out);
    members.write(row, out);
    out.extend_from_slice(b"}}");
}
