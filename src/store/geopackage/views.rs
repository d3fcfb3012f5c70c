//! Views with the catalogue's attributes as columns, registered so that QGIS lists them as layers.
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use super::blob::SRS_ID;
use super::desk::{Desk, Failure};
use super::extents::Extents;
use crate::domain::catalogue::{Catalogue, Collection};
use crate::store::columns::{Column, Holds, columns, literal, quoted};
use crate::store::tables::{Table, view_of};

/// A view to be made.
pub struct View {
    /// Key of its collection.
    pub collection: String,
    /// What people see as its title.
    pub title: String,
    /// Its columns.
    pub columns: Vec<Column>,
}

/// One view per collection of the catalogue.
pub fn of(catalogue: &Catalogue) -> Vec<View> {
    let view = |collection: &Collection| View {
        collection: collection.key.to_string(),
        title: format!("{} / {}", collection.names.zh, collection.names.en),
        columns: columns(catalogue, collection.key.as_str()),
    };
    catalogue.collections.iter().map(view).collect()
}

/// Makes the views that are missing or have changed.
pub fn refresh(desk: &mut Desk, views: &[View]) -> Result<(), Failure> {
    let made = desk.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for view in views {
        let (name, sql) = (view_of(&view.collection), definition(view));
        let present: Option<String> = made
            .query_row("SELECT sql FROM sqlite_schema WHERE type = 'view' AND name = ?1", [&name], |row| {
                row.get(0)
            })
            .optional()?;
        if present.as_deref() != Some(&sql) {
            made.execute_batch(&format!("DROP VIEW IF EXISTS {}; {sql};", quoted(&name)))?;
        }
        register(&made, view, &name)?;
    }
    made.commit()?;
    desk.extents = Extents::read(&desk.connection)?;
    Ok(())
}

/// GDAL takes the column `OGC_FID` as the feature's number.
fn definition(view: &View) -> String {
    let table = Table::of(&view.collection);
    let columns: Vec<String> = view.columns.iter().map(column).collect();
    let of_collection = match table {
        Table::OverlayFeatures => format!(" AND collection = {}", literal(&view.collection)),
        Table::Parcels | Table::Buildings | Table::Units => String::new(),
    };
    format!(
        "CREATE VIEW {} AS SELECT fid AS OGC_FID, geom, id, code{}, version, revision, \
         strftime('%Y-%m-%dT%H:%M:%fZ', changed_at_us / 1000000.0, 'unixepoch') AS changed_at FROM {} WHERE closed = ''{of_collection}",
        quoted(&view_of(&view.collection)),
        columns.concat(),
        table.name(),
    )
}

fn column(column: &Column) -> String {
    let path: Vec<String> = column.path.iter().map(|key| format!(".{}", quoted(key))).collect();
    let value = format!("json_extract(attributes, {})", literal(&format!("${}", path.concat())));
    let value = match column.holds {
        Holds::Number => format!("CAST({value} AS REAL)"),
        Holds::Text => format!("CAST({value} AS TEXT)"),
        Holds::Flag | Holds::Date => value,
    };
    format!(", {value} AS {}", quoted(&column.name))
}

fn register(connection: &Connection, view: &View, name: &str) -> rusqlite::Result<()> {
    let table = Table::of(&view.collection);
    let registered = connection
        .prepare_cached("SELECT 1 FROM gpkg_contents WHERE table_name = ?1")?
        .exists([name])?;
    let identifier = format!("{} ({})", view.title, view.collection);
    if registered {
        let mut update =
            connection.prepare_cached("UPDATE gpkg_contents SET identifier = ?2 WHERE table_name = ?1 AND identifier != ?2")?;
        return update.execute(params![name, identifier]).map(drop);
    }
    connection.execute(
        &format!(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, srs_id, min_x, min_y, max_x, max_y)
             SELECT ?1, 'features', ?2, 'Open records, attributes as columns; read only', ?3, min(r.minx), min(r.miny), max(r.maxx), max(r.maxy)
             FROM {table} AS f JOIN rtree_{table}_geom AS r ON r.id = f.fid WHERE ?4 IS NULL OR {of_collection}",
            table = table.name(),
            of_collection = if table == Table::OverlayFeatures { "f.collection = ?4" } else { "TRUE" },
        ),
        params![name, identifier, SRS_ID, (table == Table::OverlayFeatures).then_some(&view.collection)],
    )?;
    let shape = if table == Table::OverlayFeatures {
        "GEOMETRY"
    } else {
        "MULTIPOLYGON"
    };
    connection
        .execute(
            "INSERT INTO gpkg_geometry_columns VALUES (?1, 'geom', ?2, ?3, 0, 0)",
            params![name, shape, SRS_ID],
        )
        .map(drop)
}
