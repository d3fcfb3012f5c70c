//! Overlays' definitions, accounts, sessions and tokens.
use sqlx::Row;
use sqlx::postgres::{PgPool, PgRow};

use super::failure::Failure;
use super::types::Time;
use crate::store::{Account, Grant, OverlayDefinition, encoding};

/// The defined overlays, by key.
pub async fn overlays(pool: &PgPool) -> Result<Vec<OverlayDefinition>, Failure> {
    let rows: Vec<(String, String)> = sqlx::query_as("SELECT key, definition::text FROM overlays ORDER BY key")
        .fetch_all(pool)
        .await?;
    rows.iter()
        .map(|(key, text)| encoding::overlay_from_json(key, text).map_err(Failure::Unreadable))
        .collect()
}

/// Adds or replaces an overlay's definition.
pub async fn put_overlay(pool: &PgPool, overlay: OverlayDefinition) -> Result<(), Failure> {
    sqlx::query(
        "INSERT INTO overlays (key, definition) VALUES ($1, $2::jsonb) ON CONFLICT (key) DO UPDATE SET definition = excluded.definition",
    )
    .bind(overlay.collection.key.as_str())
    .bind(encoding::overlay_to_json(&overlay))
    .execute(pool)
    .await?;
    Ok(())
}

/// All accounts, by name.
pub async fn accounts(pool: &PgPool) -> Result<Vec<Account>, Failure> {
    let rows = sqlx::query("SELECT name, display_name, role, password_hash, disabled FROM accounts ORDER BY name")
        .fetch_all(pool)
        .await?;
    let account = |row: &PgRow| {
        Ok(Account {
            name: row.try_get(0)?,
            display_name: row.try_get(1)?,
            role: encoding::from_word(row.try_get(2)?).map_err(Failure::Unreadable)?,
            password_hash: row.try_get(3)?,
            disabled: row.try_get(4)?,
        })
    };
    rows.iter().map(account).collect()
}

/// Adds or replaces an account.
pub async fn put_account(pool: &PgPool, account: Account) -> Result<(), Failure> {
    sqlx::query(
        "INSERT INTO accounts (name, display_name, role, password_hash, disabled) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (name) DO UPDATE SET display_name = excluded.display_name, role = excluded.role, password_hash = excluded.password_hash, disabled = excluded.disabled",
    )
    .bind(account.name)
    .bind(account.display_name)
    .bind(encoding::word(&account.role))
    .bind(account.password_hash)
    .bind(account.disabled)
    .execute(pool)
    .await?;
    Ok(())
}

/// All sessions and tokens.
pub async fn grants(pool: &PgPool) -> Result<Vec<Grant>, Failure> {
    let rows = sqlx::query("SELECT secret_sha256, account, token_label, expires_at FROM grants ORDER BY secret_sha256")
        .fetch_all(pool)
        .await?;
    let grant = |row: &PgRow| {
        Ok(Grant {
            secret_sha256: row.try_get(0)?,
            account: row.try_get(1)?,
            token_label: row.try_get(2)?,
            expires_at: row.try_get::<Time, _>(3)?.0,
        })
    };
    rows.iter().map(grant).collect()
}

/// Adds a session or token.
pub async fn put_grant(pool: &PgPool, grant: Grant) -> Result<(), Failure> {
    sqlx::query(
        "INSERT INTO grants (secret_sha256, account, token_label, expires_at) VALUES ($1, $2, $3, $4) ON CONFLICT (secret_sha256)
         DO UPDATE SET account = excluded.account, token_label = excluded.token_label, expires_at = excluded.expires_at",
    )
    .bind(grant.secret_sha256)
    .bind(grant.account)
    .bind(grant.token_label)
    .bind(Time(grant.expires_at))
    .execute(pool)
    .await?;
    Ok(())
}

/// Ends a session or token.
pub async fn end_grant(pool: &PgPool, secret_sha256: [u8; 32]) -> Result<(), Failure> {
    sqlx::query("DELETE FROM grants WHERE secret_sha256 = $1")
        .bind(secret_sha256)
        .execute(pool)
        .await?;
    Ok(())
}
