//! Opening: one process per file, only our own files, none that is newer or damaged; older ones are brought up to date.
use std::fs::File;
use std::io::{ErrorKind, Read, Seek, Write};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, TransactionBehavior};

use super::desk::{Desk, Failure};
use super::extents::Extents;
use crate::store::StoreError;

/// Steps from nothing to the present schema; step n leads to schema n.
const MIGRATIONS: [&str; 4] = [
    include_str!("../../../migrations/geopackage/0001_inventory.sql"),
    include_str!("../../../migrations/geopackage/0002_requirements.sql"),
    include_str!("../../../migrations/geopackage/0003_field.sql"),
    include_str!("../../../migrations/geopackage/0004_ages.sql"),
];

/// Newest schema known.
const KNOWN: u32 = 4;
const _: () = assert!(KNOWN as usize == MIGRATIONS.len());

/// `GPKG` in the header of a SQLite file.
const APPLICATION_ID: u32 = 0x4750_4B47;

/// Takes the lock that lets only one process of ours write to a file. It lies beside the file, because closing any handle on the file itself would drop SQLite's own locks.
pub fn lock(path: &Path) -> Result<File, StoreError> {
    let store = format!("GeoPackage {}", path.display());
    let beside = beside(path, ".lock");
    let unavailable = |reason: String| StoreError::Unavailable {
        store: store.clone(),
        reason,
    };
    let cannot = |error: &std::io::Error| unavailable(format!("{}: {error}", beside.display()));
    let mut lock = File::options()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .open(&beside)
        .map_err(|error| cannot(&error))?;
    if let Err(refused) = lock.try_lock() {
        let mut holder = String::new();
        lock.read_to_string(&mut holder).map_err(|error| cannot(&error))?;
        return Err(match refused {
            std::fs::TryLockError::WouldBlock => unavailable(format!(
                "process {} has it open for writing, and a file has one writer: stop that process, or make the change through it",
                holder.trim()
            )),
            std::fs::TryLockError::Error(error) => cannot(&error),
        });
    }
    lock.set_len(0)
        .and_then(|()| lock.rewind())
        .and_then(|()| writeln!(lock, "{}", std::process::id()))
        .map_err(|error| cannot(&error))?;
    Ok(lock)
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// Opens the writer's connection, once the file is known to be new or ours.
pub fn open(path: &Path) -> Result<Desk, StoreError> {
    let store = format!("GeoPackage {}", path.display());
    inspect_bytes(path, &store)?;
    let mut desk = Desk::bare(path)?;
    let found = desk.run(|desk| inspect_tables(&desk.connection, &store))?;
    if found > KNOWN {
        return Err(StoreError::Newer {
            store,
            found,
            known: KNOWN,
        });
    }
    let mut desk = Desk::open(path)?;
    desk.run(|desk| {
        migrate(&mut desk.connection, found)?;
        desk.extents = Extents::read(&desk.connection)?;
        Ok(())
    })?;
    Ok(desk)
}

/// Refuses what is no SQLite file, and one that was cut off.
fn inspect_bytes(path: &Path, store: &str) -> Result<(), StoreError> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(unavailable(store, &error)),
    };
    let length = file.metadata().map_err(|error| unavailable(store, &error))?.len();
    if length == 0 {
        return Ok(());
    }
    let mut header = [0; 100];
    if file.read_exact(&mut header).is_err() || &header[..16] != b"SQLite format 3\0" {
        return Err(StoreError::Foreign {
            store: store.to_owned(),
            reason: "it is not a GeoPackage file".to_owned(),
        });
    }
    let page = match u16::from_be_bytes([header[16], header[17]]) {
        1 => 65_536,
        size => u64::from(size),
    };
    let pages = u64::from(u32::from_be_bytes([header[28], header[29], header[30], header[31]]));
    // After a crash the log may hold what the file lacks.
    let log_is_empty = std::fs::metadata(beside(path, "-wal")).map_or(true, |log| log.len() == 0);
    if log_is_empty && length < page * pages {
        return Err(StoreError::Damaged {
            store: store.to_owned(),
            reason: format!("the file has {length} bytes, its header says {}", page * pages),
        });
    }
    Ok(())
}

fn unavailable(store: &str, error: &std::io::Error) -> StoreError {
    StoreError::Unavailable {
        store: store.to_owned(),
        reason: error.to_string(),
    }
}

/// Schema of the file: 0 when it is empty. Refuses files of others.
fn inspect_tables(connection: &Connection, store: &str) -> Result<u32, Failure> {
    let foreign = |reason: &str| {
        Failure::Store(StoreError::Foreign {
            store: store.to_owned(),
            reason: reason.to_owned(),
        })
    };
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if tables == 0 {
        return Ok(0);
    }
    let application: u32 = connection.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    if application != APPLICATION_ID {
        return Err(foreign("it is a SQLite file but not a GeoPackage"));
    }
    let ours = connection.query_row("SELECT count(*) FROM sqlite_schema WHERE name = 'zaiti'", [], |row| {
        row.get::<_, i64>(0)
    })?;
    if ours == 0 {
        return Err(foreign("it is a GeoPackage of another program, which can be imported"));
    }
    Ok(connection.query_row("SELECT schema FROM zaiti", [], |row| row.get(0))?)
}

/// Takes all missing steps in one transaction.
fn migrate(connection: &mut Connection, found: u32) -> Result<(), Failure> {
    if found == KNOWN {
        return Ok(());
    }
    let steps = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for step in MIGRATIONS.iter().skip(found as usize) {
        steps.execute_batch(step)?;
    }
    steps.execute("UPDATE zaiti SET schema = ?1", [KNOWN])?;
    Ok(steps.commit()?)
}
