//! Field work: answers that wait for a person, decisions, and the log of campaigns.
use jiff::Timestamp;
use sqlx::postgres::{PgPool, PgRow};
use sqlx::{PgConnection, Row};
use uuid::Uuid;

use super::failure::Failure;
use super::read;
use super::types::{Id, Time};
use crate::domain::edit::{Decision, OpenEdit, Receipt};
use crate::domain::ids::{CarrierId, EditId};
use crate::store::{StoreError, SurveyEntry, encoding};

/// Receipts that wait, oldest first.
pub async fn open_receipts(pool: &PgPool) -> Result<Vec<Receipt>, Failure> {
    let sql = "SELECT edit, record, revision, outcome::text, sent::text FROM receipts WHERE open ORDER BY revision, edit";
    let rows = sqlx::query(sql).fetch_all(pool).await?;
    rows.iter().map(read::receipt).collect()
}

/// The same edits without what was sent.
pub async fn open_edits(pool: &PgPool) -> Result<Vec<OpenEdit>, Failure> {
    let sql = "SELECT edit, record, outcome::text, sent::text FROM receipts WHERE open ORDER BY revision, edit";
    let rows = sqlx::query(sql).fetch_all(pool).await?;
    rows.iter().map(read::open_edit).collect()
}

/// Decisions on these edits.
pub async fn decisions(pool: &PgPool, edits: &[EditId]) -> Result<Vec<Decision>, Failure> {
    let ids: Vec<Id> = edits.iter().map(|edit| Id(edit.0)).collect();
    let texts: Vec<String> = sqlx::query_scalar("SELECT decision FROM decisions WHERE edit = ANY($1)")
        .bind(ids)
        .fetch_all(pool)
        .await?;
    let read = texts.iter().map(|text| encoding::decision_from_json(text));
    read.collect::<Result<_, _>>().map_err(Failure::Unreadable)
}

/// Decisions, of one record or of all, the latest first.
pub async fn decided(
    pool: &PgPool,
    of: Option<CarrierId>,
    before: Option<(Timestamp, EditId)>,
    limit: usize,
) -> Result<Vec<Decision>, Failure> {
    let sql = match of {
        None => "SELECT decision FROM decisions WHERE (at, edit) < ($1, $2) ORDER BY at DESC, edit DESC LIMIT $3",
        Some(_) => "SELECT decision FROM decisions WHERE (at, edit) < ($1, $2) AND record = $4 ORDER BY at DESC, edit DESC LIMIT $3",
    };
    let mut query = sqlx::query_scalar(sql)
        .bind(before.map_or_else(|| encoding::AFTER_ALL.to_owned(), |(at, _)| encoding::decided_at(at)))
        .bind(Id(before.map_or_else(Uuid::nil, |(_, edit)| edit.0)))
        .bind(i64::try_from(limit).unwrap_or(i64::MAX));
    if let Some(record) = of {
        query = query.bind(Id(record.0));
    }
    let texts: Vec<String> = query.fetch_all(pool).await?;
    let read = texts.iter().map(|text| encoding::decision_from_json(text));
    read.collect::<Result<_, _>>().map_err(Failure::Unreadable)
}

/// Writes decisions within a commit, after the receipts; the edits no longer wait.
pub async fn put_decisions(connection: &mut PgConnection, decisions: &[Decision]) -> Result<(), Failure> {
    let sql = "INSERT INTO decisions (edit, decision, at, record) VALUES ($1, $2, $3, coalesce((SELECT record FROM receipts WHERE edit = $1), $4))";
    for decision in decisions {
        let put = sqlx::query(sql)
            .bind(Id(decision.edit.0))
            .bind(encoding::decision_to_json(decision))
            .bind(encoding::decided_at(decision.at))
            .bind(decision.about.as_ref().map(|about| Id(about.record.0)))
            .execute(&mut *connection)
            .await;
        named(put.map(drop), "decision on edit", decision.edit.0.to_string())?;
        sqlx::query("UPDATE receipts SET open = false WHERE edit = $1")
            .bind(Id(decision.edit.0))
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// Adds entries to the log, one after the other, in one transaction.
pub async fn append(pool: &PgPool, entries: &[SurveyEntry]) -> Result<(), Failure> {
    let mut transaction = pool.begin().await?;
    // Writers come one after the other, so that places have no gaps.
    sqlx::query("LOCK TABLE survey_log IN EXCLUSIVE MODE")
        .execute(&mut *transaction)
        .await?;
    for entry in entries {
        let seq = i64::try_from(entry.seq).unwrap_or(i64::MAX);
        let last: i64 = sqlx::query_scalar("SELECT coalesce(max(seq), 0) FROM survey_log")
            .fetch_one(&mut *transaction)
            .await?;
        if seq != last + 1 {
            let value = entry.seq.to_string();
            return Err(Failure::Store(StoreError::Duplicate {
                what: "place in the log",
                value,
            }));
        }
        let put = sqlx::query("INSERT INTO survey_log (seq, id, at, author, event) VALUES ($1, $2, $3, $4, $5)")
            .bind(seq)
            .bind(Id(entry.id))
            .bind(Time(entry.at))
            .bind(&entry.author)
            .bind(&entry.event)
            .execute(&mut *transaction)
            .await;
        named(put.map(drop), "entry id", entry.id.to_string())?;
    }
    Ok(transaction.commit().await?)
}

/// Entries after a place, in order.
pub async fn since(pool: &PgPool, seq: u64, limit: usize) -> Result<Vec<SurveyEntry>, Failure> {
    let rows = sqlx::query("SELECT seq, id, at, author, event FROM survey_log WHERE seq > $1 ORDER BY seq LIMIT $2")
        .bind(i64::try_from(seq).unwrap_or(i64::MAX))
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(pool)
        .await?;
    rows.iter().map(entry).collect()
}

fn entry(row: &PgRow) -> Result<SurveyEntry, Failure> {
    Ok(SurveyEntry {
        seq: row.try_get::<i64, _>(0)?.unsigned_abs(),
        id: row.try_get::<Id, _>(1)?.0,
        at: row.try_get::<Time, _>(2)?.0,
        author: row.try_get(3)?,
        event: row.try_get(4)?,
    })
}

/// Says which value is taken, when one is.
fn named(put: Result<(), sqlx::Error>, what: &'static str, value: String) -> Result<(), Failure> {
    put.map_err(Failure::from).map_err(|failure| match failure.taken() {
        Some(_) => Failure::Store(StoreError::Duplicate { what, value }),
        None => failure,
    })
}
