//! Bytes under a name, in parts as they came.
use std::time::Duration;

use sqlx::postgres::PgPool;
use sqlx::{PgConnection, Row};

use super::failure::Failure;
use crate::store::StoreError;

/// Bytes under a name.
pub async fn size(pool: &PgPool, name: &str) -> Result<Option<u64>, Failure> {
    let mut connection = pool.acquire().await?;
    end(&mut connection, name).await
}

async fn end(connection: &mut PgConnection, name: &str) -> Result<Option<u64>, Failure> {
    let sql = "SELECT start + octet_length(bytes) FROM blobs WHERE name = $1 ORDER BY start DESC LIMIT 1";
    let end: Option<i64> = sqlx::query_scalar(sql).bind(name).fetch_optional(connection).await?;
    Ok(end.map(i64::unsigned_abs))
}

/// Adds bytes at the end, which must be at `start`.
pub async fn append(pool: &PgPool, name: &str, start: u64, bytes: &[u8]) -> Result<(), Failure> {
    let mut transaction = pool.begin().await?;
    hold(&mut transaction, name).await?;
    let end = end(&mut transaction, name).await?.unwrap_or(0);
    if end != start {
        return Err(Failure::Store(StoreError::Duplicate {
            what: "place in the blob",
            value: end.to_string(),
        }));
    }
    sqlx::query("INSERT INTO blobs (name, start, bytes) VALUES ($1, $2, $3)")
        .bind(name)
        .bind(place(start))
        .bind(bytes)
        .execute(&mut *transaction)
        .await?;
    Ok(transaction.commit().await?)
}

/// At most `most` bytes from `from`.
pub async fn read(pool: &PgPool, name: &str, from: u64, most: usize) -> Result<Vec<u8>, Failure> {
    let to = from.saturating_add(most as u64);
    let sql = "SELECT start, bytes FROM blobs WHERE name = $1 AND start < $3 AND start + octet_length(bytes) > $2 ORDER BY start";
    let rows = sqlx::query(sql)
        .bind(name)
        .bind(place(from))
        .bind(place(to))
        .fetch_all(pool)
        .await?;
    let mut found = Vec::new();
    for row in rows {
        let (start, bytes): (i64, &[u8]) = (row.try_get(0)?, row.try_get(1)?);
        let within = |at: u64| usize::try_from(at.saturating_sub(start.unsigned_abs())).map_or(bytes.len(), |at| at.min(bytes.len()));
        found.extend_from_slice(&bytes[within(from)..within(to)]);
    }
    Ok(found)
}

/// Gives what is under a name another one; what was under that is replaced. `false` where nothing is: another process was faster, and what it put there stays.
pub async fn rename(pool: &PgPool, from: &str, to: &str) -> Result<bool, Failure> {
    let mut transaction = pool.begin().await?;
    hold(&mut transaction, from).await?;
    hold(&mut transaction, to).await?;
    if end(&mut transaction, from).await?.is_none() {
        return Ok(false);
    }
    sqlx::query("DELETE FROM blobs WHERE name = $1")
        .bind(to)
        .execute(&mut *transaction)
        .await?;
    sqlx::query("UPDATE blobs SET name = $2 WHERE name = $1")
        .bind(from)
        .bind(to)
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await?;
    Ok(true)
}

/// Removes what is under a name, if anything is.
pub async fn remove(pool: &PgPool, name: &str) -> Result<(), Failure> {
    sqlx::query("DELETE FROM blobs WHERE name = $1").bind(name).execute(pool).await?;
    Ok(())
}

/// Bytes under unfinished names with this ending.
pub async fn unfinished(pool: &PgPool, ending: &str) -> Result<u64, Failure> {
    // Read from behind an ending is a beginning, for which there is an index; `~` comes after all that names are made of.
    let sql = "SELECT coalesce(sum(octet_length(bytes)), 0) FROM blobs
        WHERE name LIKE '%.part' AND reverse(name) >= $1 AND reverse(name) < $1 || '~'";
    let first: String = ending.chars().rev().collect();
    let sum: i64 = sqlx::query_scalar(sql).bind(first).fetch_one(pool).await?;
    Ok(sum.unsigned_abs())
}

/// Removes unfinished names to which nothing was added for so long; how many bytes each had.
pub async fn remove_idle(pool: &PgPool, idle: Duration) -> Result<Vec<u64>, Failure> {
    let sql = "SELECT name FROM blobs WHERE name LIKE '%.part' GROUP BY name HAVING max(at) < now() - make_interval(secs => $1)";
    let names: Vec<String> = sqlx::query_scalar(sql).bind(idle.as_secs_f64()).fetch_all(pool).await?;
    let mut removed = Vec::new();
    for name in names {
        let mut transaction = pool.begin().await?;
        // Its sender may have come back, and another process may have removed it, while this one waited.
        hold(&mut transaction, &name).await?;
        let sql = "DELETE FROM blobs WHERE name = $1 AND (SELECT max(at) FROM blobs WHERE name = $1) < now() - make_interval(secs => $2)
            RETURNING octet_length(bytes)";
        let bytes: Vec<i32> = sqlx::query_scalar(sql)
            .bind(&name)
            .bind(idle.as_secs_f64())
            .fetch_all(&mut *transaction)
            .await?;
        transaction.commit().await?;
        if !bytes.is_empty() {
            removed.push(bytes.into_iter().map(|each| u64::from(each.unsigned_abs())).sum());
        }
    }
    Ok(removed)
}

/// Writers of one name come one after the other.
async fn hold(connection: &mut PgConnection, name: &str) -> Result<(), Failure> {
    sqlx::query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))")
        .bind(name)
        .execute(connection)
        .await?;
    Ok(())
}

fn place(at: u64) -> i64 {
    i64::try_from(at).unwrap_or(i64::MAX)
}
