//! One commit whose writes come in parts.
use sqlx::PgConnection;

use super::batch;
use super::failure::Failure;
use super::link::{Link, Writer};
use super::write::{ask_after, begin, name_the_taken, patiently, tell};
use crate::domain::ids::Revision;
use crate::store::{Part, Parts, Transaction};

/// Writes the parts as they come; nothing when their sender goes away without a word.
pub(super) async fn commit(link: &Link, parts: Parts) -> Result<Option<Revision>, Failure> {
    let (mut writer, revision) = begun(link).await?;
    let first = match body(&mut writer.connection, revision, parts).await {
        Ok(Some(first)) => first,
        Ok(None) => {
            roll_back(writer).await;
            return Ok(None);
        }
        Err(failure) => {
            if !failure.is_lost_connection() {
                roll_back(writer).await;
            }
            return Err(failure);
        }
    };
    match patiently(sqlx::raw_sql("COMMIT").execute(&mut writer.connection)).await {
        Ok(_) => {
            writer.keep();
            Ok(Some(revision))
        }
        Err(failure) if failure.is_lost_connection() => ask_after(link, &first, revision, failure).await.map(Some),
        Err(failure) => Err(failure),
    }
}

/// A connection within a transaction. One that had been idle may be dead without anybody having noticed: then a new one.
async fn begun(link: &Link) -> Result<(Writer<'_>, Revision), Failure> {
    let mut writer = link.writer().await?;
    match begin(&mut writer.connection).await {
        Err(failure) if failure.is_lost_connection() && !writer.is_new => {
            drop(writer);
            let mut writer = link.writer().await?;
            let revision = begin(&mut writer.connection).await?;
            Ok((writer, revision))
        }
        Err(failure) => Err(failure),
        Ok(revision) => Ok((writer, revision)),
    }
}

async fn roll_back(mut writer: Writer<'_>) {
    // A connection that cannot do even this is dropped, and the server rolls back.
    if sqlx::raw_sql("ROLLBACK").execute(&mut writer.connection).await.is_ok() {
        writer.keep();
    }
}

/// All but the COMMIT. Gives the first write, by which a lost answer is asked after; `None` when the sender went away.
async fn body(connection: &mut PgConnection, revision: Revision, mut parts: Parts) -> Result<Option<Transaction>, Failure> {
    let mut first = Transaction::default();
    let mut line = 0;
    loop {
        match parts.recv().await {
            None => return Ok(None),
            Some(Part::Commit) => break,
            Some(Part::Writes(writes)) => {
                let transaction = Transaction {
                    writes,
                    ..Transaction::default()
                };
                line = put(connection, revision, &transaction, line).await?;
                if first.writes.is_empty() {
                    first.writes.extend(transaction.writes.into_iter().next());
                }
            }
        }
    }
    tell(connection, revision).await?;
    Ok(Some(first))
}

async fn put(connection: &mut PgConnection, revision: Revision, transaction: &Transaction, line: i32) -> Result<i32, Failure> {
    let done = match batch::records(connection, revision, transaction).await {
        Ok(()) => batch::history(connection, revision, transaction, line).await,
        Err(failure) => Err(failure),
    };
    match done {
        // The name of what is taken can be asked for only after the transaction is given up.
        Err(failure) if failure.taken().is_some() => {
            sqlx::raw_sql("ROLLBACK").execute(&mut *connection).await?;
            Err(name_the_taken(connection, transaction, failure).await)
        }
        done => done,
    }
}
