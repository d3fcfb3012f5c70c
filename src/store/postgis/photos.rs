//! Bytes under a name, in parts as they came.
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

/// Gives what is under a name another one; what was under that is replaced.
pub async fn rename(pool: &PgPool, from: &str, to: &str) -> Result<(), Failure> {
    let mut transaction = pool.begin().await?;
    hold(&mut transaction, to).await?;
    sqlx::query("DELETE FROM blobs WHERE name = $1")
        .bind(to)
        .execute(&mut *transaction)
        .await?;
    sqlx::query("UPDATE blobs SET name = $2 WHERE name = $1")
        .bind(from)
        .bind(to)
        .execute(&mut *transaction)
        .await?;
    Ok(transaction.commit().await?)
}

/// Removes what is under a name, if anything is.
pub async fn remove(pool: &PgPool, name: &str) -> Result<(), Failure> {
    sqlx::query("DELETE FROM blobs WHERE name = $1").bind(name).execute(pool).await?;
    Ok(())
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
