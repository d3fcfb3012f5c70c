//! Searching: a page of rows and the exact number of all that match.
use crate::domain::ids::{AttributeKey, Revision};
use crate::domain::query::Query;
use crate::filter;
use crate::index::{Found, Row, RowRef, Snapshot};

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
    keys: Vec<AttributeKey>,
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
            keys: self.visible(&query.collection),
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
        let mut out = Vec::with_capacity(head.len() + self.rows.len() * 512);
        out.extend_from_slice(head.as_bytes());
        for (at, row) in self.rows.iter().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            write_feature(&self.snapshot.row(*row), &self.keys, geometry, &mut out);
        }
        out.extend_from_slice(b"]}");
        out
    }
}

/// Appends one row as a GeoJSON feature.
pub(super) fn write_feature(row: &Row<'_>, keys: &[AttributeKey], geometry: GeometryChoice, out: &mut Vec<u8>) {
    out.extend_from_slice(format!(r#"{{"type":"Feature","id":"{}""#, row.id()).as_bytes());
    // RFC 7946 knows no box that is null.
    if let Some(bounds) = row.bounds() {
        let corners = [bounds.min().x, bounds.min().y, bounds.max().x, bounds.max().y];
        out.extend_from_slice(b",\"bbox\":");
        out.extend_from_slice(serde_json::json!(corners).to_string().as_bytes());
    }
    out.extend_from_slice(b",\"geometry\":");
    match geometry {
        GeometryChoice::Full => row.write_geometry(out),
        GeometryChoice::None => out.extend_from_slice(b"null"),
    }
    let (code, collection) = (
        serde_json::Value::from(row.code()),
        serde_json::Value::from(row.collection().as_str()),
    );
    let head = format!(
        r#","properties":{{"code":{code},"version":{},"collection":{collection}"#,
        row.version().0
    );
    out.extend_from_slice(head.as_bytes());
    let mut members = Vec::new();
    if row.write_members(keys, &mut members) {
        out.push(b',');
        out.append(&mut members);
    }
    out.extend_from_slice(b"}}");
}
