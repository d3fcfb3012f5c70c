//! The rows of a transaction, as arrays: few statements however many rows.
use std::collections::{HashMap, HashSet};

use sqlx::{AssertSqlSafe, PgConnection};

use super::failure::Failure;
use super::types::{Id, Time};
use crate::domain::geometry::wkb;
use crate::domain::ids::{CarrierId, Revision, Version};
use crate::domain::value::attributes_to_json;
use crate::store::encoding::{self, Core};
use crate::store::line;
use crate::store::tables::Table;
use crate::store::{StoreError, Transaction, Write};

/// Most rows of one statement, so that it stays far below the statement timeout.
const ROWS: usize = 2_000;

/// Writes the new states of all records.
///
/// A statement cannot write a row twice: the first write of each record goes first, then the second of each, and so on.
pub async fn records(connection: &mut PgConnection, revision: Revision, transaction: &Transaction) -> Result<(), Failure> {
    let mut layers: Vec<Vec<&Write>> = Vec::new();
    let mut seen: HashMap<CarrierId, usize> = HashMap::new();
    for write in &transaction.writes {
        let layer = seen.entry(write.record.id).or_default();
        // A creation is never a second write; that its id is taken is found by the constraint.
        if write.expected.is_none() {
            *layer = 0;
        }
        if layers.len() <= *layer {
            layers.push(Vec::new());
        }
        layers[*layer].push(write);
        *layer += 1;
    }
    for layer in layers {
        for table in Table::ALL {
            let (new, changed): (Vec<&Write>, Vec<&Write>) = layer
                .iter()
                .filter(|write| Table::of(write.record.collection.as_str()) == table)
                .partition(|write| write.expected.is_none());
            for part in new.chunks(ROWS) {
                insert(connection, table, revision, part).await?;
            }
            for part in changed.chunks(ROWS) {
                update(connection, table, revision, part).await?;
            }
        }
    }
    Ok(())
}

/// Columns of records.
#[derive(Default)]
struct Columns {
    id: Vec<Id>,
    code: Vec<String>,
    collection: Vec<String>,
    shape: Vec<Option<Vec<u8>>>,
    version: Vec<i32>,
    changed_at: Vec<Time>,
    attributes: Vec<String>,
    provenance: Vec<Option<String>>,
    closed: Vec<Option<String>>,
    status: Vec<Option<String>>,
    available_from: Vec<Option<String>>,
    area: Vec<Option<f64>>,
    expected: Vec<Option<i32>>,
    shape_changed: Vec<bool>,
}

impl Columns {
    fn of(writes: &[&Write]) -> Self {
        let mut columns = Self::default();
        for write in writes {
            columns.push(write);
        }
        columns
    }

    fn push(&mut self, write: &Write) {
        let record = &*write.record;
        let writes_shape = write.shape_changed || write.expected.is_none();
        let core = Core::of(&record.attributes);
        self.id.push(Id(record.id.0));
        self.code.push(record.code.clone());
        self.collection.push(record.collection.to_string());
        self.shape
            .push(writes_shape.then(|| wkb::write(&record.geometry)).filter(|bytes| !bytes.is_empty()));
        self.version.push(number(record.version));
        self.changed_at.push(Time(record.changed_at));
        self.attributes.push(attributes_to_json(&record.attributes));
        self.provenance.push(unless_empty(encoding::provenance_to_json(&record.provenance)));
        self.closed.push(unless_empty(encoding::closure_to_json(record.closed.as_ref())));
        self.status.push(core.status.map(str::to_owned));
        self.available_from.push(core.available_from);
        self.area.push(core.area_m2);
        self.expected.push(write.expected.map(number));
        self.shape_changed.push(write.shape_changed);
    }
}

/// A version as SQL keeps it.
fn number(version: Version) -> i32 {
    i32::try_from(version.0).unwrap_or(i32::MAX)
}

fn unless_empty(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

async fn insert(connection: &mut PgConnection, table: Table, revision: Revision, writes: &[&Write]) -> Result<(), Failure> {
    let columns = Columns::of(writes);
    sqlx::query("INSERT INTO codes (code, id, collection) SELECT * FROM unnest($1::text[], $2::uuid[], $3::text[])")
        .bind(&columns.code)
        .bind(&columns.id)
        .bind(&columns.collection)
        .execute(&mut *connection)
        .await?;
    let (middle, values) = match table {
        Table::OverlayFeatures => ("collection", "n.collection"),
        Table::Parcels | Table::Buildings | Table::Units => ("status, available_from, area", "n.status, n.available_from::date, n.area"),
    };
    let sql = format!(
        "INSERT INTO {} (id, code, geom, version, revision, changed_at, attributes, provenance, closed, {middle})
         SELECT n.id, n.code, ST_GeomFromWKB(n.shape, 4490), n.version, $13, n.changed_at, n.attributes::jsonb, n.provenance::jsonb, n.closed::jsonb, {values}
         FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[], $5::int4[], $6::timestamptz[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::float8[])
         AS n (id, code, collection, shape, version, changed_at, attributes, provenance, closed, status, available_from, area)",
        table.name()
    );
    sqlx::query(AssertSqlSafe(sql))
        .bind(&columns.id)
        .bind(&columns.code)
        .bind(&columns.collection)
        .bind(&columns.shape)
        .bind(&columns.version)
        .bind(&columns.changed_at)
        .bind(&columns.attributes)
        .bind(&columns.provenance)
        .bind(&columns.closed)
        .bind(&columns.status)
        .bind(&columns.available_from)
        .bind(&columns.area)
        .bind(encoding::stored(revision))
        .execute(connection)
        .await?;
    Ok(())
}

async fn update(connection: &mut PgConnection, table: Table, revision: Revision, writes: &[&Write]) -> Result<(), Failure> {
    let columns = Columns::of(writes);
    let middle = match table {
        Table::OverlayFeatures => "",
        Table::Parcels | Table::Buildings | Table::Units => ", status = n.status, available_from = n.available_from::date, area = n.area",
    };
    let sql = format!(
        "UPDATE {} AS t SET version = n.version, revision = $13, changed_at = n.changed_at, attributes = n.attributes::jsonb,
             provenance = n.provenance::jsonb, closed = n.closed::jsonb,
             geom = CASE WHEN n.shape_changed THEN ST_GeomFromWKB(n.shape, 4490) ELSE t.geom END {middle}
         FROM unnest($1::uuid[], $2::int4[], $3::bytea[], $4::int4[], $5::timestamptz[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::float8[], $12::bool[])
         AS n (id, expected, shape, version, changed_at, attributes, provenance, closed, status, available_from, area, shape_changed)
         WHERE t.id = n.id AND t.version = n.expected RETURNING t.id",
        table.name()
    );
    let written: Vec<Id> = sqlx::query_scalar(AssertSqlSafe(sql))
        .bind(&columns.id)
        .bind(&columns.expected)
        .bind(&columns.shape)
        .bind(&columns.version)
        .bind(&columns.changed_at)
        .bind(&columns.attributes)
        .bind(&columns.provenance)
        .bind(&columns.closed)
        .bind(&columns.status)
        .bind(&columns.available_from)
        .bind(&columns.area)
        .bind(&columns.shape_changed)
        .bind(encoding::stored(revision))
        .fetch_all(&mut *connection)
        .await?;
    if written.len() == writes.len() {
        return Ok(());
    }
    Err(stale(connection, table, writes, &written.into_iter().collect()).await?)
}

/// The first write that did not find its version.
async fn stale(connection: &mut PgConnection, table: Table, writes: &[&Write], written: &HashSet<Id>) -> Result<Failure, Failure> {
    let Some(missed) = writes.iter().find(|write| !written.contains(&Id(write.record.id.0))) else {
        return Ok(Failure::Unreadable("more rows than ids were written".to_owned()));
    };
    let found: Option<i32> = sqlx::query_scalar(AssertSqlSafe(format!("SELECT version FROM {} WHERE id = $1", table.name())))
        .bind(Id(missed.record.id.0))
        .fetch_optional(connection)
        .await?;
    Ok(Failure::Store(StoreError::Stale {
        record: missed.record.id,
        expected: missed.expected,
        found: found.map(|version| Version(version.unsigned_abs())),
    }))
}

/// Writes the history lines, numbered in their order from `line` on; gives the number of the next.
pub async fn history(connection: &mut PgConnection, revision: Revision, transaction: &Transaction, mut line: i32) -> Result<i32, Failure> {
    for part in transaction.writes.chunks(ROWS) {
        let entries = || part.iter().map(|write| &write.history);
        let lines: Vec<i32> = (line..).take(part.len()).collect();
        line = lines.last().map_or(line, |last| last + 1);
        sqlx::query(
            "INSERT INTO history (revision, line, record, collection, version, edit, changed_at, observed_at, evidence, author, action, changes, geometry_before, field)
             SELECT $13, line, record, collection, version, edit, changed_at, observed_at, evidence, author, action, changes::jsonb, ST_GeomFromWKB(before, 4490), field
             FROM unnest($1::int4[], $2::uuid[], $3::text[], $4::int4[], $5::uuid[], $6::timestamptz[], $7::timestamptz[], $8::text[], $9::text[], $10::text[], $11::text[], $12::bytea[], $14::text[])
             AS n (line, record, collection, version, edit, changed_at, observed_at, evidence, author, action, changes, before, field)",
        )
        .bind(lines)
        .bind(entries().map(|entry| Id(entry.record.0)).collect::<Vec<_>>())
        .bind(entries().map(|entry| entry.collection.to_string()).collect::<Vec<_>>())
        .bind(entries().map(|entry| number(entry.version)).collect::<Vec<_>>())
        .bind(entries().map(|entry| Id(entry.edit.0)).collect::<Vec<_>>())
        .bind(entries().map(|entry| Time(entry.changed_at)).collect::<Vec<_>>())
        .bind(entries().map(|entry| Time(entry.observed_at)).collect::<Vec<_>>())
        .bind(entries().map(|entry| encoding::word(&entry.evidence)).collect::<Vec<_>>())
        .bind(entries().map(|entry| entry.author.clone()).collect::<Vec<_>>())
        .bind(entries().map(|entry| encoding::word(&entry.action)).collect::<Vec<_>>())
        .bind(entries().map(line::changes_to_json).collect::<Vec<_>>())
        .bind(entries().map(|entry| entry.geometry_before.as_ref().map(wkb::write).filter(|bytes| !bytes.is_empty())).collect::<Vec<_>>())
        .bind(encoding::stored(revision))
        .bind(entries().map(|entry| encoding::field_to_json(entry.field.as_ref())).collect::<Vec<_>>())
        .execute(&mut *connection)
        .await?;
    }
    Ok(line)
}

/// Writes the receipts.
pub async fn receipts(connection: &mut PgConnection, revision: Revision, transaction: &Transaction) -> Result<(), Failure> {
    for part in transaction.receipts.chunks(ROWS) {
        sqlx::query(
            "INSERT INTO receipts (edit, record, revision, outcome, sent, open)
             SELECT edit, record, $5, outcome::jsonb, sent::json, open FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $6::bool[]) AS n (edit, record, outcome, sent, open)",
        )
        .bind(part.iter().map(|receipt| Id(receipt.edit.0)).collect::<Vec<_>>())
        .bind(part.iter().map(|receipt| Id(receipt.record.0)).collect::<Vec<_>>())
        .bind(part.iter().map(|receipt| encoding::outcome_to_json(&receipt.outcome)).collect::<Vec<_>>())
        .bind(part.iter().map(|receipt| unless_empty(encoding::sent_to_json(&receipt.sent))).collect::<Vec<_>>())
        .bind(encoding::stored(revision))
        .bind(part.iter().map(|receipt| receipt.outcome.is_open()).collect::<Vec<_>>())
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}
