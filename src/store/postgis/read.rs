//! What is read back: all records at start, and single records, history and receipts later.
use futures::TryStreamExt;
use jiff::Timestamp;
use sqlx::postgres::{PgPool, PgRow};
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row};

use super::failure::Failure;
use super::link::Link;
use super::types::{Id, Time};
use crate::domain::edit::{HistoryEntry, OpenEdit, Receipt};
use crate::domain::geometry::wkb;
use crate::domain::ids::{CarrierId, CollectionKey, EditId, Revision, Version};
use crate::domain::record::RawRecord;
use crate::store::encoding::{self, OwnedRaw, StoredReceipt};
use crate::store::line;
use crate::store::tables::Table;
use crate::store::{Sink, StoreError, Transaction};

const HISTORY: &str = "SELECT revision, record, collection, version, edit, changed_at, observed_at, evidence, author, action, changes::text, ST_AsBinary(geometry_before, 'NDR'), field FROM history";

/// Loads all records over one connection per sink, all in one exported snapshot. The threads have runtimes of their own, because the sinks are heavy work.
pub async fn load(link: &Link, mut sinks: Vec<Sink<'_>>) -> Result<Revision, Failure> {
    let mut first = link.connect().await?;
    sqlx::raw_sql("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL idle_in_transaction_session_timeout = 0")
        .execute(&mut first)
        .await?;
    let revision = sqlx::query_scalar("SELECT revision FROM state")
        .fetch_one(&mut first)
        .await
        .map(encoding::revision)?;
    let snapshot: String = sqlx::query_scalar("SELECT pg_export_snapshot()").fetch_one(&mut first).await?;
    let parts = i64::try_from(sinks.len()).unwrap_or(i64::MAX);
    std::thread::scope(|scope| {
        let threads: Vec<_> = sinks
            .iter_mut()
            .zip(0..)
            .map(|(sink, part)| {
                let stretch = Stretch { part, parts };
                let snapshot = &snapshot;
                scope.spawn(move || {
                    let runtime = tokio::runtime::Builder::new_current_thread()
                        .enable_all()
                        .build()
                        .map_err(sqlx::Error::Io)?;
                    runtime.block_on(load_stretch(link, snapshot, stretch, sink))
                })
            })
            .collect();
        // A panic of a sink goes on in the caller.
        threads
            .into_iter()
            .try_for_each(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })?;
    first.close().await?;
    Ok(revision)
}

/// One of several equal stretches of every table.
#[derive(Clone, Copy)]
struct Stretch {
    part: i64,
    parts: i64,
}

async fn load_stretch(link: &Link, snapshot: &str, stretch: Stretch, sink: &mut Sink<'_>) -> Result<(), Failure> {
    let mut connection = link.connect().await?;
    // The name of a snapshot comes from the server and holds only digits, capitals and dashes.
    let begin = format!(
        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET TRANSACTION SNAPSHOT '{}'; SET LOCAL statement_timeout = 0",
        snapshot.replace('\'', "")
    );
    sqlx::raw_sql(AssertSqlSafe(begin)).execute(&mut connection).await?;
    for table in Table::ALL {
        let range = format!("SELECT min(fid), max(fid) FROM {}", table.name());
        let (first, last): (Option<i64>, Option<i64>) = sqlx::query_as(AssertSqlSafe(range)).fetch_one(&mut connection).await?;
        let (Some(first), Some(last)) = (first, last) else { continue };
        let rows = last - first + 1;
        let records = sqlx::query(AssertSqlSafe(format!("{} WHERE fid BETWEEN $1 AND $2 ORDER BY fid", select(table))))
            .bind(first + rows * stretch.part / stretch.parts)
            .bind(first + rows * (stretch.part + 1) / stretch.parts - 1);
        let mut stream = records.fetch(&mut connection);
        while let Some(row) = stream.try_next().await? {
            sink(raw(&row)?).map_err(Failure::Unreadable)?;
        }
    }
    Ok(connection.close().await?)
}

fn select(table: Table) -> String {
    let collection = match table {
        Table::OverlayFeatures => "collection".to_owned(),
        Table::Parcels | Table::Buildings | Table::Units => format!("'{}'", table.name()),
    };
    format!(
        "SELECT id, {collection}, code, ST_AsBinary(geom, 'NDR'), version, revision, changed_at, attributes::text, provenance::text, closed::text FROM {}",
        table.name()
    )
}

fn raw(row: &PgRow) -> Result<RawRecord<'_>, Failure> {
    Ok(RawRecord {
        id: CarrierId(row.try_get::<Id, _>(0)?.0),
        collection: row.try_get(1)?,
        code: row.try_get(2)?,
        wkb: row.try_get::<Option<&[u8]>, _>(3)?.unwrap_or_default(),
        version: version(row, 4)?,
        revision: encoding::revision(row.try_get(5)?),
        changed_at_us: row.try_get::<Time, _>(6)?.micros(),
        attributes: row.try_get(7)?,
        provenance: row.try_get::<Option<&str>, _>(8)?.unwrap_or_default(),
        closed: row.try_get::<Option<&str>, _>(9)?.unwrap_or_default(),
    })
}

fn version(row: &PgRow, column: usize) -> Result<Version, Failure> {
    Ok(Version(row.try_get::<i32, _>(column)?.unsigned_abs()))
}

/// One record, closed or not.
pub async fn record(pool: &PgPool, id: CarrierId) -> Result<Option<OwnedRaw>, Failure> {
    let collection: Option<String> = sqlx::query_scalar("SELECT collection FROM codes WHERE id = $1")
        .bind(Id(id.0))
        .fetch_optional(pool)
        .await?;
    let Some(collection) = collection else { return Ok(None) };
    let sql = format!("{} WHERE id = $1", select(Table::of(&collection)));
    let row = sqlx::query(AssertSqlSafe(sql)).bind(Id(id.0)).fetch_optional(pool).await?;
    row.as_ref().map(|row| raw(row).map(OwnedRaw::from)).transpose()
}

/// History of a record, oldest first.
pub async fn history(pool: &PgPool, record: CarrierId) -> Result<Vec<HistoryEntry>, Failure> {
    let sql = format!("{HISTORY} WHERE record = $1 ORDER BY version, revision, line");
    let rows = sqlx::query(AssertSqlSafe(sql)).bind(Id(record.0)).fetch_all(pool).await?;
    rows.iter().map(entry).collect()
}

/// At most `limit` history lines after a revision, never half a revision.
pub async fn changes(pool: &PgPool, since: Revision, limit: usize) -> Result<Vec<HistoryEntry>, Failure> {
    let sql = format!("{HISTORY} WHERE revision > $1 ORDER BY revision, line LIMIT $2");
    let rows = sqlx::query(AssertSqlSafe(sql))
        .bind(encoding::stored(since))
        .bind(i64::try_from(limit.saturating_add(1)).unwrap_or(i64::MAX))
        .fetch_all(pool)
        .await?;
    let mut found = rows.iter().map(entry).collect::<Result<Vec<_>, _>>()?;
    if found.len() <= limit {
        return Ok(found);
    }
    let Some(cut) = found.last().map(|entry| entry.revision) else {
        return Ok(found);
    };
    found.retain(|entry| entry.revision < cut);
    if found.is_empty() {
        let sql = format!("{HISTORY} WHERE revision = $1 ORDER BY line");
        let rows = sqlx::query(AssertSqlSafe(sql)).bind(encoding::stored(cut)).fetch_all(pool).await?;
        return rows.iter().map(entry).collect();
    }
    Ok(found)
}

/// Revision and time of the first change after a revision.
pub async fn first_change(pool: &PgPool, since: Revision) -> Result<Option<(Revision, Timestamp)>, Failure> {
    let row = sqlx::query("SELECT revision, changed_at FROM history WHERE revision > $1 ORDER BY revision, line LIMIT 1")
        .bind(encoding::stored(since))
        .fetch_optional(pool)
        .await?;
    let read = |row: &PgRow| Ok((encoding::revision(row.try_get(0)?), row.try_get::<Time, _>(1)?.0));
    row.as_ref().map(read).transpose()
}

/// Revision of the line that has so many lines behind it.
pub async fn reach(pool: &PgPool, up_to: Revision, lines: usize) -> Result<Option<Revision>, Failure> {
    let found = sqlx::query_scalar("SELECT revision FROM history WHERE revision <= $1 ORDER BY revision DESC LIMIT 1 OFFSET $2")
        .bind(encoding::stored(up_to))
        .bind(i64::try_from(lines).unwrap_or(i64::MAX))
        .fetch_optional(pool)
        .await?;
    Ok(found.map(encoding::revision))
}

fn entry(row: &PgRow) -> Result<HistoryEntry, Failure> {
    let before: Option<&[u8]> = row.try_get(11)?;
    let before = before
        .map(wkb::read)
        .transpose()
        .map_err(|fault| Failure::Unreadable(fault.to_string()))?;
    let line = line::changes_from_json(row.try_get(10)?).map_err(Failure::Unreadable)?;
    Ok(HistoryEntry {
        revision: encoding::revision(row.try_get(0)?),
        record: CarrierId(row.try_get::<Id, _>(1)?.0),
        collection: CollectionKey::from(row.try_get::<&str, _>(2)?),
        version: version(row, 3)?,
        edit: EditId(row.try_get::<Id, _>(4)?.0),
        changed_at: row.try_get::<Time, _>(5)?.0,
        observed_at: row.try_get::<Time, _>(6)?.0,
        evidence: encoding::from_word(row.try_get(7)?).map_err(Failure::Unreadable)?,
        author: row.try_get(8)?,
        action: encoding::from_word(row.try_get(9)?).map_err(Failure::Unreadable)?,
        geometry_before: line.geometry_before(before),
        changes: line.changes,
        superseded: line.superseded,
        sources_before: line.sources_before,
        field: encoding::field_from_json(row.try_get(12)?).map_err(Failure::Unreadable)?,
    })
}

/// Stored receipts of these edits.
pub async fn receipts(pool: &PgPool, edits: &[EditId]) -> Result<Vec<Receipt>, Failure> {
    let ids: Vec<Id> = edits.iter().map(|edit| Id(edit.0)).collect();
    let rows = sqlx::query("SELECT edit, record, revision, outcome::text, sent::text FROM receipts WHERE edit = ANY($1)")
        .bind(ids)
        .fetch_all(pool)
        .await?;
    rows.iter().map(receipt).collect()
}

/// A row of edit, record, revision, outcome and what was sent.
pub fn receipt(row: &PgRow) -> Result<Receipt, Failure> {
    let stored = StoredReceipt {
        edit: EditId(row.try_get::<Id, _>(0)?.0),
        record: CarrierId(row.try_get::<Id, _>(1)?.0),
        revision: row.try_get(2)?,
        outcome: row.try_get(3)?,
        sent: row.try_get::<Option<String>, _>(4)?.unwrap_or_default(),
    };
    stored.receipt().map_err(Failure::Unreadable)
}

/// A row of edit, record, outcome and what was sent, as far as it concerns field work.
pub fn open_edit(row: &PgRow) -> Result<OpenEdit, Failure> {
    let (edit, record) = (EditId(row.try_get::<Id, _>(0)?.0), CarrierId(row.try_get::<Id, _>(1)?.0));
    let sent = row.try_get::<Option<&str>, _>(3)?.unwrap_or_default();
    encoding::open_edit(edit, record, (row.try_get(2)?, sent)).map_err(Failure::Unreadable)
}

/// Whether a transaction was committed under this revision: its first receipt or history line tells.
pub async fn is_committed(pool: &PgPool, transaction: &Transaction, revision: Revision) -> Result<bool, Failure> {
    let (sql, edit) = match (transaction.receipts.first(), transaction.writes.first()) {
        (Some(receipt), _) => (
            "SELECT EXISTS (SELECT FROM receipts WHERE edit = $1 AND revision = $2)",
            receipt.edit,
        ),
        (None, Some(write)) => (
            "SELECT EXISTS (SELECT FROM history WHERE edit = $1 AND revision = $2)",
            write.history.edit,
        ),
        (None, None) => return Ok(false),
    };
    Ok(sqlx::query_scalar(sql)
        .bind(Id(edit.0))
        .bind(encoding::stored(revision))
        .fetch_one(pool)
        .await?)
}

/// A code of the transaction that is stored already, or comes twice in it.
pub async fn taken_code(connection: &mut PgConnection, transaction: &Transaction) -> Result<String, Failure> {
    let mut codes: Vec<String> = new_records(transaction).map(|record| record.code.clone()).collect();
    let stored = sqlx::query_scalar("SELECT code FROM codes WHERE code = ANY($1) LIMIT 1")
        .bind(&codes)
        .fetch_optional(connection)
        .await?;
    codes.sort_unstable();
    Ok(stored.or_else(|| twice(&codes)).unwrap_or_default())
}

/// An id of a new record that is stored already, or comes twice.
pub async fn taken_id(connection: &mut PgConnection, transaction: &Transaction) -> Result<String, Failure> {
    let mut ids: Vec<String> = new_records(transaction).map(|record| record.id.to_string()).collect();
    let stored = sqlx::query_scalar("SELECT id::text FROM codes WHERE id = ANY($1::uuid[]) LIMIT 1")
        .bind(&ids)
        .fetch_optional(connection)
        .await?;
    ids.sort_unstable();
    Ok(stored.or_else(|| twice(&ids)).unwrap_or_default())
}

/// An edit id of the receipts that is stored already, or comes twice.
pub async fn taken_edit(connection: &mut PgConnection, transaction: &Transaction) -> Result<String, Failure> {
    let mut ids: Vec<String> = transaction.receipts.iter().map(|receipt| receipt.edit.0.to_string()).collect();
    let stored = sqlx::query_scalar("SELECT edit::text FROM receipts WHERE edit = ANY($1::uuid[]) LIMIT 1")
        .bind(&ids)
        .fetch_optional(connection)
        .await?;
    ids.sort_unstable();
    Ok(stored.or_else(|| twice(&ids)).unwrap_or_default())
}

fn new_records(transaction: &Transaction) -> impl Iterator<Item = &crate::domain::record::Record> {
    transaction
        .writes
        .iter()
        .filter(|write| write.expected.is_none())
        .map(|write| &*write.record)
}

fn twice(sorted: &[String]) -> Option<String> {
    sorted.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0].clone())
}

/// Answers when the database takes writes.
pub async fn ping(link: &Link) -> Result<(), Failure> {
    let read_only: bool = sqlx::query_scalar("SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::bool")
        .fetch_one(&link.pool)
        .await?;
    if read_only {
        return Err(Failure::Store(StoreError::Unavailable {
            store: link.name.clone(),
            reason: "the server is a read-only replica".to_owned(),
        }));
    }
    Ok(())
}

/// Records whose codes do not match, as found by SQL; the pages themselves are checked by the server (`pg_amcheck`, checksums).
pub async fn check(pool: &PgPool) -> Result<Vec<String>, Failure> {
    let mut found = Vec::new();
    for table in Table::ALL {
        let sql = format!(
            "SELECT t.code FROM {} AS t LEFT JOIN codes AS c ON c.id = t.id AND c.code = t.code WHERE c.id IS NULL OR NOT coalesce(ST_IsValid(t.geom), true)",
            table.name()
        );
        let codes: Vec<String> = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(pool).await?;
        found.extend(
            codes
                .into_iter()
                .map(|code| format!("{} {code}: its code is not reserved, or its shape is not valid", table.name())),
        );
    }
    Ok(found)
}
