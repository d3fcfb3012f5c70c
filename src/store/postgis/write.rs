//! One commit, and what is done when the connection is lost on the way.
use std::time::Duration;

use sqlx::PgConnection;

use super::batch;
use super::failure::Failure;
use super::field;
use super::link::Link;
use super::read;
use crate::domain::ids::Revision;
use crate::store::{StoreError, Transaction, encoding};

/// How often, and after which pauses, a lost COMMIT is asked after.
const ASK_AFTER: [Duration; 4] = [
    Duration::ZERO,
    Duration::from_millis(200),
    Duration::from_secs(1),
    Duration::from_secs(3),
];

/// Longest wait for an answer from the server beyond its own statement timeout.
const ANSWER_WAIT: Duration = Duration::from_secs(90);

/// Writes a transaction and returns its revision. On an error nothing is written, except that a COMMIT whose answer was lost, and that cannot be asked after either,
/// may have been carried out: the same edits sent again are then refused as taken, and their receipts tell.
pub async fn commit(link: &Link, transaction: &Transaction) -> Result<Revision, Failure> {
    match attempt(link, transaction).await {
        // A connection that had been idle may be dead without anybody having noticed. Nothing was committed: once more on a new one.
        Err(Stopped {
            failure, was_new: false, ..
        }) if failure.is_lost_connection() => attempt(link, transaction).await.map_err(|stopped| stopped.failure),
        Err(Stopped { failure, .. }) => Err(failure),
        Ok(revision) => Ok(revision),
    }
}

struct Stopped {
    failure: Failure,
    /// Whether the connection was opened for this attempt.
    was_new: bool,
}

async fn attempt(link: &Link, transaction: &Transaction) -> Result<Revision, Stopped> {
    let mut writer = link.writer().await.map_err(|failure| Stopped { failure, was_new: true })?;
    let was_new = writer.is_new;
    let stopped = |failure| Stopped { failure, was_new };
    let body = body(&mut writer.connection, transaction).await;
    let revision = match body {
        Ok(revision) => revision,
        Err(failure) if failure.is_lost_connection() => return Err(stopped(failure)),
        Err(failure) => {
            if sqlx::raw_sql("ROLLBACK").execute(&mut writer.connection).await.is_ok() {
                let failure = name_the_taken(&mut writer.connection, transaction, failure).await;
                writer.keep();
                return Err(stopped(failure));
            }
            return Err(stopped(failure));
        }
    };
    match patiently(sqlx::raw_sql("COMMIT").execute(&mut writer.connection)).await {
        Ok(_) => {
            writer.keep();
            Ok(revision)
        }
        // The server may have committed before the line broke. A second attempt would be wrong, so this one counts as new.
        Err(failure) if failure.is_lost_connection() => ask_after(link, transaction, revision, failure)
            .await
            .map_err(|failure| Stopped { failure, was_new: true }),
        Err(failure) => Err(Stopped { failure, was_new: true }),
    }
}

pub(super) async fn patiently<T>(answer: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, Failure> {
    match tokio::time::timeout(ANSWER_WAIT, answer).await {
        Ok(answer) => Ok(answer?),
        Err(_) => Err(Failure::Sqlx(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into()))),
    }
}

/// All but the COMMIT.
async fn body(connection: &mut PgConnection, transaction: &Transaction) -> Result<Revision, Failure> {
    let revision = begin(connection).await?;
    batch::records(connection, revision, transaction).await?;
    batch::history(connection, revision, transaction, 0).await?;
    batch::receipts(connection, revision, transaction).await?;
    field::put_decisions(connection, &transaction.decisions).await?;
    tell(connection, revision).await?;
    Ok(revision)
}

/// Begins, and takes the next revision; other writers wait from here on.
pub(super) async fn begin(connection: &mut PgConnection) -> Result<Revision, Failure> {
    patiently(sqlx::raw_sql("BEGIN").execute(&mut *connection)).await?;
    let next = sqlx::query_scalar("UPDATE state SET revision = revision + 1 RETURNING revision").fetch_one(connection);
    Ok(encoding::revision(patiently(next).await?))
}

/// Tells other processes of the revision, once it is committed.
pub(super) async fn tell(connection: &mut PgConnection, revision: Revision) -> Result<(), Failure> {
    let told = sqlx::query("SELECT pg_notify('zaiti_revision', $1)").bind(revision.to_string());
    patiently(told.execute(connection)).await?;
    Ok(())
}

/// Whether the transaction is there: its own first edit under its own revision.
pub(super) async fn ask_after(link: &Link, transaction: &Transaction, revision: Revision, lost: Failure) -> Result<Revision, Failure> {
    for pause in ASK_AFTER {
        tokio::time::sleep(pause).await;
        match read::is_committed(&link.pool, transaction, revision).await {
            Ok(true) => return Ok(revision),
            Ok(false) => return Err(lost),
            Err(failure) => tracing::warn!(store = link.name, ?failure, "cannot ask after a commit whose answer was lost"),
        }
    }
    Err(lost)
}

/// Turns a broken unique constraint into the value that is taken.
pub(super) async fn name_the_taken(connection: &mut PgConnection, transaction: &Transaction, failure: Failure) -> Failure {
    let Some(constraint) = failure.taken() else { return failure };
    let found = match constraint {
        "codes_code" => read::taken_code(connection, transaction).await.map(|value| ("code", value)),
        "codes_id" => read::taken_id(connection, transaction).await.map(|value| ("record id", value)),
        "receipts_edit" => read::taken_edit(connection, transaction).await.map(|value| ("edit id", value)),
        _ => return failure,
    };
    match found {
        Ok((what, value)) => Failure::Store(StoreError::Duplicate { what, value }),
        Err(other) => other,
    }
}
