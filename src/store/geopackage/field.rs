//! Field work: answers that wait for a person, decisions, and the log of campaigns.
use jiff::Timestamp;
use rusqlite::{Connection, ErrorCode, Row, TransactionBehavior, params};
use uuid::Uuid;

use super::desk::{Desk, Failure};
use super::read;
use crate::domain::edit::{Decision, OpenEdit, Receipt};
use crate::domain::ids::{CarrierId, EditId};
use crate::store::{StoreError, SurveyEntry, encoding};

/// Receipts that wait, oldest first.
pub fn open_receipts(desk: &Desk) -> Result<Vec<Receipt>, Failure> {
    let sql = "SELECT edit, record, revision, outcome, sent FROM receipts WHERE open = 1 ORDER BY revision, edit";
    let mut statement = desk.connection.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read::receipt(row)?);
    }
    Ok(found)
}

/// The same edits without what was sent.
pub fn open_edits(desk: &Desk) -> Result<Vec<OpenEdit>, Failure> {
    let sql = "SELECT edit, record, outcome, sent FROM receipts WHERE open = 1 ORDER BY revision, edit";
    let mut statement = desk.connection.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read::open_edit(row)?);
    }
    Ok(found)
}

/// Decisions on these edits.
pub fn decisions(desk: &Desk, edits: &[EditId]) -> Result<Vec<Decision>, Failure> {
    let mut statement = desk.connection.prepare_cached("SELECT decision FROM decisions WHERE edit = ?1")?;
    let mut found = Vec::new();
    for edit in edits {
        let mut rows = statement.query([edit.0.as_hyphenated().to_string()])?;
        if let Some(row) = rows.next()? {
            let text: String = row.get(0)?;
            found.push(encoding::decision_from_json(&text).map_err(Failure::Unreadable)?);
        }
    }
    Ok(found)
}

/// Decisions, of one record or of all, the latest first.
pub fn decided(desk: &Desk, of: Option<CarrierId>, before: Option<(Timestamp, EditId)>, limit: usize) -> Result<Vec<Decision>, Failure> {
    let sql = match of {
        None => "SELECT decision FROM decisions WHERE (at, edit) < (?1, ?2) ORDER BY at DESC, edit DESC LIMIT ?3",
        Some(_) => "SELECT decision FROM decisions WHERE (at, edit) < (?1, ?2) AND record = ?4 ORDER BY at DESC, edit DESC LIMIT ?3",
    };
    let mut statement = desk.connection.prepare_cached(sql)?;
    let at = before.map_or_else(|| encoding::AFTER_ALL.to_owned(), |(at, _)| encoding::decided_at(at));
    let edit = before.map_or_else(String::new, |(_, edit)| edit.0.as_hyphenated().to_string());
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut rows = match of {
        None => statement.query(params![at, edit, limit])?,
        Some(record) => statement.query(params![at, edit, limit, record.0.as_hyphenated().to_string()])?,
    };
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let text: String = row.get(0)?;
        found.push(encoding::decision_from_json(&text).map_err(Failure::Unreadable)?);
    }
    Ok(found)
}

/// Writes a decision within a commit, after the receipts; the edit no longer waits.
pub fn put_decision(connection: &Connection, decision: &Decision) -> Result<(), Failure> {
    let edit = decision.edit.0.as_hyphenated().to_string();
    let about = decision.about.as_ref().map(|about| about.record.0.as_hyphenated().to_string());
    let sql = "INSERT INTO decisions (edit, decision, at, record) VALUES (?1, ?2, ?3, coalesce((SELECT record FROM receipts WHERE edit = ?1), ?4))";
    let put = connection.prepare_cached(sql)?.execute(params![
        edit,
        encoding::decision_to_json(decision),
        encoding::decided_at(decision.at),
        about
    ]);
    named(put, "decision on edit", &edit)?;
    connection
        .prepare_cached("UPDATE receipts SET open = 0 WHERE edit = ?1")?
        .execute([&edit])?;
    Ok(())
}

/// Adds entries to the log.
pub fn append(desk: &mut Desk, entries: &[SurveyEntry]) -> Result<(), Failure> {
    let written = desk.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for entry in entries {
        let id = entry.id.to_string();
        let seq = i64::try_from(entry.seq).unwrap_or(i64::MAX);
        let last: i64 = written
            .prepare_cached("SELECT coalesce(max(seq), 0) FROM survey_log")?
            .query_row([], |row| row.get(0))?;
        if seq != last + 1 {
            let value = entry.seq.to_string();
            return Err(Failure::Store(StoreError::Duplicate {
                what: "place in the log",
                value,
            }));
        }
        let put = written
            .prepare_cached("INSERT INTO survey_log (seq, id, at_us, author, event) VALUES (?1, ?2, ?3, ?4, ?5)")?
            .execute(params![seq, id, encoding::micros(entry.at), entry.author, entry.event]);
        named(put, "entry id", &id)?;
    }
    Ok(written.commit()?)
}

/// Entries after a place, in order.
pub fn since(desk: &Desk, seq: u64, limit: usize) -> Result<Vec<SurveyEntry>, Failure> {
    let sql = "SELECT seq, id, at_us, author, event FROM survey_log WHERE seq > ?1 ORDER BY seq LIMIT ?2";
    let mut statement = desk.connection.prepare_cached(sql)?;
    let from = i64::try_from(seq).unwrap_or(i64::MAX);
    let mut rows = statement.query(params![from, i64::try_from(limit).unwrap_or(i64::MAX)])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(entry(row)?);
    }
    Ok(found)
}

fn entry(row: &Row<'_>) -> Result<SurveyEntry, Failure> {
    let (seq, id): (i64, String) = (row.get(0)?, row.get(1)?);
    Ok(SurveyEntry {
        seq: seq.unsigned_abs(),
        id: Uuid::parse_str(&id).map_err(|error| Failure::Unreadable(format!("the id {id:?} in the log: {error}")))?,
        at: encoding::timestamp(row.get(2)?).map_err(Failure::Unreadable)?,
        author: row.get(3)?,
        event: row.get(4)?,
    })
}

/// Says which value is taken, when one is.
fn named(put: rusqlite::Result<usize>, what: &'static str, value: &str) -> Result<(), Failure> {
    match put {
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
            let value = value.to_owned();
            Err(Failure::Store(StoreError::Duplicate { what, value }))
        }
        result => result.map(drop).map_err(Failure::Sqlite),
    }
}
