//! What is read back: all records at start, and single records, history and receipts later.
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use uuid::Uuid;

use super::blob;
use super::desk::{Desk, Failure};
use super::statements::Statements;
use crate::domain::edit::{HistoryEntry, OpenEdit, Receipt};
use crate::domain::geometry::{Shape, wkb};
use crate::domain::ids::{CarrierId, CollectionKey, EditId, Revision, Version};
use crate::domain::record::RawRecord;
use crate::store::Sink;
use crate::store::encoding::{self, StoredReceipt};
use crate::store::line;
use crate::store::tables::Table;

const HISTORY: &str = "SELECT revision, record, collection, version, edit, changed_at_us, observed_at_us, evidence, author, action, changes, geometry_before, field FROM history";

/// Memory for pages while everything is read once, in order, KiB: what was read is not wanted again.
const LOAD_CACHE_KIB: i64 = 2 << 10;

/// Opens `count` connections that all see the revision returned with them. Run at the writer's desk, so that no commit falls between.
pub fn snapshots(desk: &mut Desk, count: usize) -> Result<(Revision, Vec<Connection>), Failure> {
    let mut revision = Revision(0);
    let mut connections = Vec::with_capacity(count);
    for _ in 0..count.max(1) {
        let reader = Desk::open(desk.path())?.connection;
        reader.pragma_update(None, "cache_size", -LOAD_CACHE_KIB)?;
        reader.execute_batch("BEGIN")?;
        revision = reader
            .query_row("SELECT revision FROM zaiti", [], |row| row.get(0))
            .map(encoding::revision)?;
        connections.push(reader);
    }
    Ok((revision, connections))
}

/// Gives the `part`th of `parts` stretches of every table to a sink, in order of fid.
pub fn load_part(connection: &Connection, part: i64, parts: i64, sink: &mut Sink<'_>) -> Result<(), Failure> {
    for table in Table::ALL {
        let (first, last): (Option<i64>, Option<i64>) =
            connection.query_row(&format!("SELECT min(fid), max(fid) FROM {}", table.name()), [], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?;
        let (Some(first), Some(last)) = (first, last) else { continue };
        let rows = last - first + 1;
        let (from, to) = (first + rows * part / parts, first + rows * (part + 1) / parts - 1);
        let mut statement = connection.prepare(&Statements::of(table).range)?;
        let mut rows = statement.query(params![from, to])?;
        while let Some(row) = rows.next()? {
            sink(raw(row)?).map_err(Failure::Unreadable)?;
        }
    }
    Ok(())
}

/// A row of [`Statements::range`] or [`Statements::record`].
fn raw<'a>(row: &'a Row<'_>) -> Result<RawRecord<'a>, Failure> {
    let text = |at: usize| -> Result<&str, Failure> { row.get_ref(at)?.as_str().map_err(|error| unreadable(at, &error)) };
    let geometry = row.get_ref(3)?.as_blob_or_null().map_err(|error| unreadable(3, &error))?;
    Ok(RawRecord {
        id: CarrierId(uuid(text(0)?)?),
        collection: text(1)?,
        code: text(2)?,
        wkb: geometry.map_or(Ok(&[][..]), blob::wkb_of).map_err(Failure::Unreadable)?,
        version: Version(row.get(4)?),
        revision: encoding::revision(row.get(5)?),
        changed_at_us: row.get(6)?,
        attributes: text(7)?,
        provenance: text(8)?,
        closed: text(9)?,
    })
}

fn unreadable(column: usize, error: &dyn std::fmt::Display) -> Failure {
    Failure::Unreadable(format!("column {column} of a record: {error}"))
}

fn uuid(text: &str) -> Result<Uuid, Failure> {
    Uuid::try_parse(text).map_err(|error| Failure::Unreadable(format!("the id {text:?}: {error}")))
}

/// Gives one record, where there is one, to `take`.
pub fn record<T>(desk: &Desk, id: CarrierId, take: impl FnOnce(RawRecord<'_>) -> T) -> Result<Option<T>, Failure> {
    let id = id.0.as_hyphenated().to_string();
    let connection = &desk.connection;
    let collection: Option<String> = connection
        .prepare_cached("SELECT collection FROM codes WHERE id = ?1")?
        .query_row([&id], |row| row.get(0))
        .optional()?;
    let Some(collection) = collection else { return Ok(None) };
    let mut statement = connection.prepare_cached(&desk.statements[Table::of(&collection) as usize].record)?;
    let mut rows = statement.query([&id])?;
    rows.next()?.map(|row| raw(row).map(take)).transpose()
}

/// History of a record, oldest first.
pub fn history(desk: &Desk, record: CarrierId) -> Result<Vec<HistoryEntry>, Failure> {
    let id = record.0.as_hyphenated().to_string();
    entries(
        &desk.connection,
        &format!("{HISTORY} WHERE record = ?1 ORDER BY version, seq"),
        params![id],
    )
}

/// At most `limit` history lines after a revision, never half a revision.
pub fn changes(desk: &Desk, since: Revision, limit: usize) -> Result<Vec<HistoryEntry>, Failure> {
    let one_more = i64::try_from(limit.saturating_add(1)).unwrap_or(i64::MAX);
    let sql = format!("{HISTORY} WHERE revision > ?1 ORDER BY revision, seq LIMIT ?2");
    let mut found = entries(&desk.connection, &sql, params![encoding::stored(since), one_more])?;
    if found.len() <= limit {
        return Ok(found);
    }
    let Some(cut) = found.last().map(|entry| entry.revision) else {
        return Ok(found);
    };
    found.retain(|entry| entry.revision < cut);
    if found.is_empty() {
        return entries(
            &desk.connection,
            &format!("{HISTORY} WHERE revision = ?1 ORDER BY seq"),
            params![encoding::stored(cut)],
        );
    }
    Ok(found)
}

/// Revision and time of the first change after a revision.
pub fn first_change(desk: &Desk, since: Revision) -> Result<Option<(Revision, Timestamp)>, Failure> {
    let sql = "SELECT revision, changed_at_us FROM history WHERE revision > ?1 ORDER BY revision LIMIT 1";
    let mut statement = desk.connection.prepare_cached(sql)?;
    let found: Option<(i64, i64)> = statement
        .query_row([encoding::stored(since)], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let read = |(revision, micros)| {
        Ok((
            encoding::revision(revision),
            encoding::timestamp(micros).map_err(Failure::Unreadable)?,
        ))
    };
    found.map(read).transpose()
}

/// Revision of the line that has so many lines behind it.
pub fn reach(desk: &Desk, up_to: Revision, lines: usize) -> Result<Option<Revision>, Failure> {
    let sql = "SELECT revision FROM history WHERE revision <= ?1 ORDER BY revision DESC LIMIT 1 OFFSET ?2";
    let lines = i64::try_from(lines).unwrap_or(i64::MAX);
    let mut statement = desk.connection.prepare_cached(sql)?;
    let found = statement
        .query_row(params![encoding::stored(up_to), lines], |row| row.get(0))
        .optional()?;
    Ok(found.map(encoding::revision))
}

fn entries(connection: &Connection, sql: &str, parameters: impl rusqlite::Params) -> Result<Vec<HistoryEntry>, Failure> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(parameters)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(entry(row)?);
    }
    Ok(found)
}

fn entry(row: &Row<'_>) -> Result<HistoryEntry, Failure> {
    let text = |at: usize| -> Result<String, Failure> { Ok(row.get(at)?) };
    let time = |at: usize| -> Result<Timestamp, Failure> { encoding::timestamp(row.get(at)?).map_err(Failure::Unreadable) };
    let before: Option<Vec<u8>> = row.get(11)?;
    let line = line::changes_from_json(&text(10)?).map_err(Failure::Unreadable)?;
    Ok(HistoryEntry {
        revision: encoding::revision(row.get(0)?),
        record: CarrierId(uuid(&text(1)?)?),
        collection: CollectionKey::from(text(2)?.as_str()),
        version: Version(row.get(3)?),
        edit: EditId(uuid(&text(4)?)?),
        changed_at: time(5)?,
        observed_at: time(6)?,
        evidence: encoding::from_word(&text(7)?).map_err(Failure::Unreadable)?,
        author: text(8)?,
        action: encoding::from_word(&text(9)?).map_err(Failure::Unreadable)?,
        geometry_before: line.geometry_before(before.map(|blob| shape(&blob)).transpose().map_err(Failure::Unreadable)?),
        changes: line.changes,
        superseded: line.superseded,
        sources_before: line.sources_before,
        field: encoding::field_from_json(&text(12)?).map_err(Failure::Unreadable)?,
    })
}

fn shape(blob: &[u8]) -> Result<Shape, String> {
    wkb::read(blob::wkb_of(blob)?).map_err(|fault| fault.to_string())
}

/// Stored receipts of these edits.
pub fn receipts(desk: &Desk, edits: &[EditId]) -> Result<Vec<Receipt>, Failure> {
    let mut statement = desk
        .connection
        .prepare_cached("SELECT edit, record, revision, outcome, sent FROM receipts WHERE edit = ?1")?;
    let mut found = Vec::new();
    for edit in edits {
        let mut rows = statement.query([edit.0.as_hyphenated().to_string()])?;
        let Some(row) = rows.next()? else { continue };
        found.push(receipt(row)?);
    }
    Ok(found)
}

/// A row of edit, record, revision, outcome and what was sent.
pub fn receipt(row: &Row<'_>) -> Result<Receipt, Failure> {
    let id = |at: usize| -> Result<Uuid, Failure> { uuid(row.get_ref(at)?.as_str().map_err(|error| unreadable(at, &error))?) };
    let stored = StoredReceipt {
        edit: EditId(id(0)?),
        record: CarrierId(id(1)?),
        revision: row.get(2)?,
        outcome: row.get(3)?,
        sent: row.get(4)?,
    };
    stored.receipt().map_err(Failure::Unreadable)
}

/// A row of edit, record, outcome and what was sent, as far as it concerns field work.
pub fn open_edit(row: &Row<'_>) -> Result<OpenEdit, Failure> {
    let text = |at: usize| row.get_ref(at)?.as_str().map_err(|error| unreadable(at, &error));
    let (edit, record) = (EditId(uuid(text(0)?)?), CarrierId(uuid(text(1)?)?));
    encoding::open_edit(edit, record, (text(2)?, text(3)?)).map_err(Failure::Unreadable)
}

/// What SQLite's own full check finds; empty when all is well.
pub fn check(desk: &Desk) -> Result<Vec<String>, Failure> {
    let mut statement = desk.connection.prepare("PRAGMA integrity_check")?;
    let lines = statement
        .query_map([], |row| row.get::<_, String>(0))?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(lines.into_iter().filter(|line| line != "ok").collect())
}
