//! Views with the catalogue's attributes as columns, for people with SQL and QGIS.
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use super::failure::Failure;
use super::link::Link;
use crate::domain::catalogue::Catalogue;
use crate::store::columns::{Column, Holds, columns, literal, quoted};
use crate::store::tables::{Table, view_of};

/// Makes the views that are missing or have changed. Several processes may do so at once; the table of definitions lets one after the other.
pub async fn refresh(link: &Link, catalogue: &Catalogue) -> Result<(), Failure> {
    let mut connection = link.connect().await?;
    let mut made = connection.begin().await?;
    sqlx::raw_sql("LOCK TABLE view_definitions IN SHARE ROW EXCLUSIVE MODE")
        .execute(&mut *made)
        .await?;
    for collection in &catalogue.collections {
        let key = collection.key.as_str();
        make(&mut made, &view_of(key), &definition(key, &columns(catalogue, key))).await?;
    }
    made.commit().await?;
    Ok(connection.close().await?)
}

async fn make(connection: &mut PgConnection, name: &str, sql: &str) -> Result<(), Failure> {
    let present: Option<String> = sqlx::query_scalar("SELECT sql FROM view_definitions WHERE name = $1")
        .bind(name)
        .fetch_optional(&mut *connection)
        .await?;
    if present.as_deref() == Some(sql) {
        return Ok(());
    }
    let view = format!("zaiti.{}", quoted(name));
    sqlx::raw_sql(AssertSqlSafe(format!("DROP VIEW IF EXISTS {view}; CREATE VIEW {view} AS {sql}")))
        .execute(&mut *connection)
        .await?;
    sqlx::query("INSERT INTO view_definitions (name, sql) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET sql = excluded.sql")
        .bind(name)
        .bind(sql)
        .execute(connection)
        .await?;
    Ok(())
}

fn definition(collection: &str, columns: &[Column]) -> String {
    let table = Table::of(collection);
    let columns: Vec<String> = columns.iter().map(column).collect();
    let of_collection = match table {
        Table::OverlayFeatures => format!(" AND collection = {}", literal(collection)),
        Table::Parcels | Table::Buildings | Table::Units => String::new(),
    };
    format!(
        "SELECT fid, geom, id, code{}, version, revision, changed_at FROM zaiti.{} WHERE closed IS NULL{of_collection}",
        columns.concat(),
        table.name()
    )
}

fn column(column: &Column) -> String {
    let last = column.path.len().saturating_sub(1);
    let steps: Vec<String> = column
        .path
        .iter()
        .enumerate()
        .map(|(at, key)| format!(" {} {}", if at == last { "->>" } else { "->" }, literal(key)))
        .collect();
    let kind = match column.holds {
        Holds::Number => "double precision",
        Holds::Flag => "boolean",
        Holds::Text => "text",
        Holds::Date => "date",
    };
    format!(", (attributes{})::{kind} AS {}", steps.concat(), quoted(&column.name))
}
