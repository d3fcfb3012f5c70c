//! SQLite without the program: the same file and the same rows, for what the disk and the database cost.
use std::path::Path;
use std::time::{Duration, Instant};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, params};
use uuid::Uuid;
use zaiti::domain::ids::CarrierId;

pub struct Bare {
    connection: Connection,
    random: ChaCha8Rng,
}

impl Bare {
    pub fn open(path: &Path) -> Self {
        let connection = Connection::open(path).unwrap();
        connection.pragma_update(None, "journal_mode", "WAL").unwrap();
        connection.pragma_update(None, "synchronous", "FULL").unwrap();
        connection.pragma_update(None, "cache_size", -65_536).unwrap();
        connection.pragma_update(None, "journal_size_limit", 64 << 20).unwrap();
        connection.pragma_update(None, "temp_store", "MEMORY").unwrap();
        connection.set_prepared_statement_cache_capacity(32);
        // The triggers name them; no row here changes its shape, so that none is called.
        for name in ["ST_IsEmpty", "ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"] {
            let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_INNOCUOUS | FunctionFlags::SQLITE_DETERMINISTIC;
            connection.create_scalar_function(name, 1, flags, |_| Ok(0)).unwrap();
        }
        Self {
            connection,
            random: ChaCha8Rng::seed_from_u64(11),
        }
    }

    /// Reads what loading a store needs, and does nothing with it.
    pub fn read_all(&self) -> usize {
        let mut select = self
            .connection
            .prepare("SELECT id, code, geom, version, revision, changed_at_us, attributes, provenance, closed FROM parcels")
            .unwrap();
        let mut rows = select.query([]).unwrap();
        let mut bytes = 0;
        while let Some(row) = rows.next().unwrap() {
            bytes += row.get_ref(2).unwrap().as_blob().map_or(0, <[u8]>::len);
            bytes += row.get_ref(6).unwrap().as_str().unwrap().len();
        }
        bytes
    }

    /// An update, a line of history and a receipt a commit.
    pub fn commits_per_s(&mut self, ids: &[CarrierId], lasting: Duration) -> f64 {
        let start = Instant::now();
        let mut done = 0u32;
        while start.elapsed() < lasting {
            let id = ids[self.random.random_range(0..ids.len())].0.to_string();
            let price = self.random.random_range(1_000..1_000_000);
            commit(&mut self.connection, &id, price).unwrap();
            done += 1;
        }
        f64::from(done) / start.elapsed().as_secs_f64()
    }
}

fn commit(connection: &mut Connection, id: &str, price: i32) -> rusqlite::Result<()> {
    let edit = Uuid::now_v7().to_string();
    let attributes = format!(
        r#"{{"area":3600.0,"available_from":"2027-03-01","height_limit":24.0,"name":"Lot 123 of the east park","planned_use":"0101","plot_ratio":{{"min":1.2,"max":2.2,"min_inclusive":true,"max_inclusive":true}},"power_capacity":1000.0,"price":{price}.0,"sewage_connected":true,"status":"AVAILABLE"}}"#
    );
    let written = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let revision: i64 = written
        .prepare_cached("UPDATE zaiti SET revision = revision + 1 RETURNING revision")?
        .query_row([], |row| row.get(0))?;
    written
        .prepare_cached(
            "UPDATE parcels SET version = version + 1, revision = ?2, changed_at_us = ?3, attributes = ?4, provenance = ?5, closed = '',
             status = 'AVAILABLE', available_from = '2027-03-01', area = 3600.0 WHERE id = ?1",
        )?
        .execute(params![
            id,
            revision,
            1_780_000_000_000_000i64,
            attributes,
            r#"{"price":{"observed_at":"2026-11-25T02:44:00Z","evidence":"told","author":"bench"}}"#
        ])?;
    written
        .prepare_cached(
            "INSERT INTO history (revision, record, collection, version, edit, changed_at_us, observed_at_us, evidence, author, action, changes, geometry_before)
             VALUES (?1, ?2, 'parcels', 2, ?3, ?4, ?4, 'told', 'bench', 'changed', ?5, NULL)",
        )?
        .execute(params![
            revision,
            id,
            edit,
            1_780_000_000_000_000i64,
            format!(r#"{{"price":{{"old":420.0,"new":{price}.0}}}}"#)
        ])?;
    written
        .prepare_cached("INSERT INTO receipts (edit, record, revision, outcome, sent) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![
            edit,
            id,
            revision,
            r#"{"outcome":"applied","version":2}"#,
            r#"{"digest":"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}"#
        ])?;
    written.commit()
}
