//! Overlays' definitions, accounts, sessions and tokens.
use rusqlite::params;

use super::desk::{Desk, Failure};
use crate::store::{Account, Grant, OverlayDefinition, encoding};

/// The defined overlays, by key.
pub fn overlays(desk: &Desk) -> Result<Vec<OverlayDefinition>, Failure> {
    let mut statement = desk
        .connection
        .prepare_cached("SELECT key, definition FROM overlays ORDER BY key")?;
    let rows = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
    rows.map(|row| {
        row.map_err(Failure::Sqlite)
            .and_then(|(key, text)| encoding::overlay_from_json(&key, &text).map_err(Failure::Unreadable))
    })
    .collect()
}

/// Adds or replaces an overlay's definition.
pub fn put_overlay(desk: &Desk, overlay: &OverlayDefinition) -> Result<(), Failure> {
    let put = desk.connection.execute(
        "INSERT INTO overlays (key, definition) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET definition = excluded.definition",
        params![overlay.collection.key.as_str(), encoding::overlay_to_json(overlay)],
    );
    Ok(put.map(drop)?)
}

/// All accounts, by name.
pub fn accounts(desk: &Desk) -> Result<Vec<Account>, Failure> {
    let mut statement = desk
        .connection
        .prepare_cached("SELECT name, display_name, role, password_hash, disabled FROM accounts ORDER BY name")?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(Account {
            name: row.get(0)?,
            display_name: row.get(1)?,
            role: encoding::from_word(&row.get::<_, String>(2)?).map_err(Failure::Unreadable)?,
            password_hash: row.get(3)?,
            disabled: row.get(4)?,
        });
    }
    Ok(found)
}

/// Adds or replaces an account.
pub fn put_account(desk: &Desk, account: &Account) -> Result<(), Failure> {
    let put = desk.connection.execute(
        "INSERT INTO accounts (name, display_name, role, password_hash, disabled) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (name) DO UPDATE SET display_name = excluded.display_name, role = excluded.role, password_hash = excluded.password_hash, disabled = excluded.disabled",
        params![account.name, account.display_name, encoding::word(&account.role), account.password_hash, account.disabled],
    );
    Ok(put.map(drop)?)
}

/// All sessions and tokens.
pub fn grants(desk: &Desk) -> Result<Vec<Grant>, Failure> {
    let mut statement = desk
        .connection
        .prepare_cached("SELECT secret_sha256, account, token_label, expires_at_us FROM grants ORDER BY secret_sha256")?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(Grant {
            secret_sha256: row.get(0)?,
            account: row.get(1)?,
            token_label: row.get(2)?,
            expires_at: encoding::timestamp(row.get(3)?).map_err(Failure::Unreadable)?,
        });
    }
    Ok(found)
}

/// Adds a session or token.
pub fn put_grant(desk: &Desk, grant: &Grant) -> Result<(), Failure> {
    let put = desk.connection.execute(
        "INSERT OR REPLACE INTO grants (secret_sha256, account, token_label, expires_at_us) VALUES (?1, ?2, ?3, ?4)",
        params![
            grant.secret_sha256,
            grant.account,
            grant.token_label,
            encoding::micros(grant.expires_at)
        ],
    );
    Ok(put.map(drop)?)
}

/// Ends a session or token.
pub fn end_grant(desk: &Desk, secret_sha256: &[u8; 32]) -> Result<(), Failure> {
    Ok(desk
        .connection
        .execute("DELETE FROM grants WHERE secret_sha256 = ?1", [secret_sha256])
        .map(drop)?)
}
