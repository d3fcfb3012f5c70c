//! The boxes in `gpkg_contents`, by which QGIS zooms to a layer: grown with the shapes, in the same transaction.
use std::collections::BTreeMap;

use geo_types::{Rect, coord};
use rusqlite::{Connection, params};

use crate::domain::geometry::bounds;
use crate::store::Write;
use crate::store::tables::{Table, view_of};

/// Box around the shapes of each registered table or view, lon/lat degrees.
#[derive(Clone, Debug, Default)]
pub struct Extents(BTreeMap<String, Rect>);

impl Extents {
    /// Reads them.
    pub fn read(connection: &Connection) -> rusqlite::Result<Self> {
        let mut rows = connection.prepare("SELECT table_name, min_x, min_y, max_x, max_y FROM gpkg_contents WHERE min_x IS NOT NULL")?;
        let boxes = rows.query_map([], |row| {
            let low = coord! { x: row.get(1)?, y: row.get(2)? };
            Ok((row.get(0)?, Rect::new(low, coord! { x: row.get(3)?, y: row.get(4)? })))
        })?;
        boxes.collect::<rusqlite::Result<_>>().map(Self)
    }

    /// Writes those that the shapes of these writes reach out of, and returns them all; to be kept once the transaction is committed.
    pub fn grow(&self, connection: &Connection, writes: &[Write]) -> rusqlite::Result<Option<Self>> {
        let mut grown: BTreeMap<String, Rect> = BTreeMap::new();
        for write in writes.iter().filter(|write| write.shape_changed || write.expected.is_none()) {
            let Some(shape) = bounds(&write.record.geometry) else { continue };
            let collection = write.record.collection.as_str();
            for name in [Table::of(collection).name().to_owned(), view_of(collection)] {
                let before = grown.get(&name).or_else(|| self.0.get(&name));
                let after = before.map_or(shape, |before| join(*before, shape));
                if before != Some(&after) {
                    grown.insert(name, after);
                }
            }
        }
        if grown.is_empty() {
            return Ok(None);
        }
        let mut update = connection.prepare_cached(
            "UPDATE gpkg_contents SET min_x = ?2, min_y = ?3, max_x = ?4, max_y = ?5, last_change = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE table_name = ?1",
        )?;
        for (name, area) in &grown {
            update.execute(params![name, area.min().x, area.min().y, area.max().x, area.max().y])?;
        }
        let mut all = self.clone();
        all.0.extend(grown);
        Ok(Some(all))
    }
}

fn join(a: Rect, b: Rect) -> Rect {
    Rect::new(
        coord! { x: a.min().x.min(b.min().x), y: a.min().y.min(b.min().y) },
        coord! { x: a.max().x.max(b.max().x), y: a.max().y.max(b.max().y) },
    )
}
