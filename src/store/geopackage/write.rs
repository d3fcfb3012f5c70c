//! One commit: records, history, receipts and revision in one transaction.
use rusqlite::{CachedStatement, Connection, ErrorCode, OptionalExtension, ToSql, TransactionBehavior, params};

use super::blob;
use super::desk::{Desk, Failure};
use super::field;
use super::statements::Statements;
use crate::domain::edit::{HistoryEntry, Receipt};
use crate::domain::ids::{Revision, Version};
use crate::domain::record::Record;
use crate::domain::value::attributes_to_json;
use crate::store::encoding::{self, Core};
use crate::store::line;
use crate::store::tables::Table;
use crate::store::{Part, Parts, StoreError, Transaction, Write};

/// Writes a transaction and returns its revision. On an error nothing is written.
pub fn commit(desk: &mut Desk, transaction: &Transaction) -> Result<Revision, Failure> {
    let written = desk.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let revision = next_revision(&written)?;
    put_writes(&written, &desk.statements, revision, &transaction.writes)?;
    for receipt in &transaction.receipts {
        put_receipt(&written, revision, receipt)?;
    }
    for decision in &transaction.decisions {
        field::put_decision(&written, decision)?;
    }
    let extents = desk.extents.grow(&written, &transaction.writes)?;
    written.commit()?;
    if let Some(extents) = extents {
        desk.extents = extents;
    }
    Ok(revision)
}

/// Memory for pages while a large transaction is written, KiB: with less, pages are written to the log, read again and written again.
const LARGE_CACHE_KIB: i64 = 256 << 10;

/// Writes a transaction that comes in parts; nothing when its sender goes away without a word.
pub fn commit_parts(desk: &mut Desk, parts: Parts) -> Result<Option<Revision>, Failure> {
    let before: i64 = desk.connection.pragma_query_value(None, "cache_size", |row| row.get(0))?;
    desk.connection.pragma_update(None, "cache_size", -LARGE_CACHE_KIB)?;
    let revision = put_parts(desk, parts);
    desk.connection.pragma_update(None, "cache_size", before)?;
    revision
}

fn put_parts(desk: &mut Desk, mut parts: Parts) -> Result<Option<Revision>, Failure> {
    let written = desk.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let revision = next_revision(&written)?;
    let mut extents = desk.extents.clone();
    loop {
        match parts.blocking_recv() {
            None => return Ok(None),
            Some(Part::Writes(writes)) => {
                put_writes(&written, &desk.statements, revision, &writes)?;
                extents = extents.grow(&written, &writes)?.unwrap_or(extents);
            }
            Some(Part::Commit) => break,
        }
    }
    written.commit()?;
    desk.extents = extents;
    Ok(Some(revision))
}

fn next_revision(connection: &Connection) -> rusqlite::Result<Revision> {
    connection
        .prepare_cached("UPDATE zaiti SET revision = revision + 1 RETURNING revision")?
        .query_row([], |row| row.get(0))
        .map(encoding::revision)
}

fn put_writes(connection: &Connection, statements: &[Statements; 4], revision: Revision, writes: &[Write]) -> Result<(), Failure> {
    for write in writes {
        let table = Table::of(write.record.collection.as_str());
        put_record(connection, &statements[table as usize], revision, write)?;
        put_history(connection, revision, &write.history)?;
    }
    Ok(())
}

fn put_record(connection: &Connection, statements: &Statements, revision: Revision, write: &Write) -> Result<(), Failure> {
    let record = &*write.record;
    let Some(expected) = write.expected else {
        reserve(connection, record)?;
        execute(&mut connection.prepare_cached(&statements.insert)?, revision, write)?;
        return Ok(());
    };
    let update = if write.shape_changed {
        &statements.update_with_shape
    } else {
        &statements.update
    };
    if execute(&mut connection.prepare_cached(update)?, revision, write)? == 1 {
        return Ok(());
    }
    let found = connection
        .prepare_cached(&statements.version)?
        .query_row([record.id.0.as_hyphenated().to_string()], |row| row.get(0))
        .optional()?
        .map(Version);
    Err(Failure::Store(StoreError::Stale {
        record: record.id,
        expected: Some(expected),
        found,
    }))
}

/// Takes the code and the id for this record, or says which of them is taken.
fn reserve(connection: &Connection, record: &Record) -> Result<(), Failure> {
    let id = record.id.0.as_hyphenated().to_string();
    let taken = connection
        .prepare_cached("INSERT INTO codes (code, id, collection) VALUES (?1, ?2, ?3)")?
        .execute(params![record.code, id, record.collection.as_str()]);
    match taken {
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
            let code_is_taken = connection
                .prepare_cached("SELECT 1 FROM codes WHERE code = ?1")?
                .exists([&record.code])?;
            let (what, value) = if code_is_taken {
                ("code", record.code.clone())
            } else {
                ("record id", id)
            };
            Err(Failure::Store(StoreError::Duplicate { what, value }))
        }
        result => result.map(drop).map_err(Failure::Sqlite),
    }
}

/// Binds what the statement asks for (see [`Statements`]) and runs it.
fn execute(statement: &mut CachedStatement<'_>, revision: Revision, write: &Write) -> rusqlite::Result<usize> {
    let record = &*write.record;
    let mut id = [0; uuid::fmt::Hyphenated::LENGTH];
    let id: &str = record.id.0.as_hyphenated().encode_lower(&mut id);
    let attributes = attributes_to_json(&record.attributes);
    let provenance = encoding::provenance_to_json(&record.provenance);
    let closed = encoding::closure_to_json(record.closed.as_ref());
    let (changed_at_us, collection) = (encoding::micros(record.changed_at), record.collection.as_str());
    let revision = encoding::stored(revision);
    let (version, expected) = (record.version.0, write.expected.map(|version| version.0));
    let mut values: Vec<&dyn ToSql> = vec![
        &id,
        &version,
        &revision,
        &changed_at_us,
        &attributes,
        &provenance,
        &closed,
        &record.code,
        &expected,
    ];
    let shape = (write.expected.is_none() || write.shape_changed)
        .then(|| blob::encode(&record.geometry))
        .flatten();
    let core = Core::of(&record.attributes);
    values.push(&shape);
    match Table::of(collection) {
        Table::OverlayFeatures => values.push(&collection),
        Table::Parcels | Table::Buildings | Table::Units => {
            values.extend([&core.status as &dyn ToSql, &core.available_from, &core.area_m2]);
        }
    }
    for (at, value) in values.iter().enumerate().take(statement.parameter_count()) {
        statement.raw_bind_parameter(at + 1, value)?;
    }
    statement.raw_execute()
}

fn put_history(connection: &Connection, revision: Revision, entry: &HistoryEntry) -> rusqlite::Result<()> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO history (revision, record, collection, version, edit, changed_at_us, observed_at_us, evidence, author, action, changes, geometry_before, field)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    )?;
    let (mut record, mut edit) = ([0; uuid::fmt::Hyphenated::LENGTH], [0; uuid::fmt::Hyphenated::LENGTH]);
    insert
        .execute(params![
            encoding::stored(revision),
            &*entry.record.0.as_hyphenated().encode_lower(&mut record),
            entry.collection.as_str(),
            entry.version.0,
            &*entry.edit.0.as_hyphenated().encode_lower(&mut edit),
            encoding::micros(entry.changed_at),
            encoding::micros(entry.observed_at),
            encoding::word(&entry.evidence),
            entry.author,
            encoding::word(&entry.action),
            line::changes_to_json(entry),
            entry.geometry_before.as_ref().and_then(blob::encode),
            encoding::field_to_json(entry.field.as_ref()),
        ])
        .map(drop)
}

fn put_receipt(connection: &Connection, revision: Revision, receipt: &Receipt) -> Result<(), Failure> {
    let edit = receipt.edit.0.as_hyphenated().to_string();
    let put = connection
        .prepare_cached("INSERT INTO receipts (edit, record, revision, outcome, sent, open) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
        .execute(params![
            edit,
            receipt.record.0.as_hyphenated().to_string(),
            encoding::stored(revision),
            encoding::outcome_to_json(&receipt.outcome),
            encoding::sent_to_json(&receipt.sent),
            receipt.outcome.is_open()
        ]);
    match put {
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => Err(Failure::Store(StoreError::Duplicate {
            what: "edit id",
            value: edit,
        })),
        result => result.map(drop).map_err(Failure::Sqlite),
    }
}
