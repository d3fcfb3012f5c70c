//! A connection with what belongs to it: settings, SQL functions, the words for its errors.
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::blob;
use super::extents::Extents;
use super::statements::Statements;
use crate::store::StoreError;
use crate::store::tables::Table;

/// How long a statement waits while another program (QGIS) writes to the file.
const BUSY_WAIT: Duration = Duration::from_secs(5);

/// Statements kept prepared; more than there are.
const PREPARED_STATEMENTS: usize = 96;

/// The log beside the file is cut back to this after a large import, bytes.
const LOG_LIMIT: i64 = 64 << 20;

/// A connection and the name of its store.
pub struct Desk {
    path: PathBuf,
    store: String,
    /// The connection.
    pub connection: Connection,
    /// Boxes around the collections' shapes, as `gpkg_contents` has them.
    pub extents: Extents,
    /// The statements on each table, in the order of [`Table::ALL`].
    pub statements: [Statements; 4],
    /// Set after an error of the disk: SQLite does not promise that a connection is of use after one.
    suspect: bool,
}

impl Desk {
    /// A connection without any setting that would change the file.
    pub fn bare(path: &Path) -> Result<Self, StoreError> {
        let store = format!("GeoPackage {}", path.display());
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)
            .and_then(|connection| connection.busy_timeout(BUSY_WAIT).map(|()| connection))
            .map_err(|error| explain(&store, error.into()))?;
        Ok(Self {
            path: path.to_owned(),
            store,
            connection,
            extents: Extents::default(),
            statements: Table::ALL.map(Statements::of),
            suspect: false,
        })
    }

    /// A connection that reads and writes: write-ahead log, so that readers (QGIS too) and the writer do not wait for each other; every commit synced to disk.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let mut desk = Self::bare(path)?;
        desk.configure().map_err(|error| explain(&desk.store, error.into()))?;
        Ok(desk)
    }

    fn configure(&mut self) -> rusqlite::Result<()> {
        let connection = &self.connection;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "journal_size_limit", LOG_LIMIT)?;
        connection.pragma_update(None, "cache_size", -65_536)?;
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        connection.set_prepared_statement_cache_capacity(PREPARED_STATEMENTS);
        blob::register_functions(connection)
    }

    /// What people call the store.
    pub fn store(&self) -> &str {
        &self.store
    }

    /// Where the file lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Runs statements; an error is put into the store's words. After an error of the disk the next call begins with a new connection.
    pub fn run<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, Failure>) -> Result<T, StoreError> {
        if self.suspect {
            let fresh = Self::open(&self.path)?;
            self.connection = fresh.connection;
            self.suspect = false;
        }
        work(self).map_err(|failure| {
            if let Failure::Sqlite(error) = &failure {
                self.suspect = matches!(error.sqlite_error_code(), Some(ErrorCode::SystemIoFailure | ErrorCode::CannotOpen));
            }
            explain(&self.store, failure)
        })
    }
}

/// Why work at a desk failed.
pub enum Failure {
    /// Said in the store's words already.
    Store(StoreError),
    /// Said by SQLite.
    Sqlite(rusqlite::Error),
    /// Read, but not understood.
    Unreadable(String),
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Puts a failure into the store's words.
pub fn explain(store: &str, failure: Failure) -> StoreError {
    let store = store.to_owned();
    match failure {
        Failure::Store(error) => error,
        Failure::Unreadable(reason) => StoreError::Damaged { store, reason },
        Failure::Sqlite(error) => explain_sqlite(store, &error),
    }
}

fn explain_sqlite(store: String, error: &rusqlite::Error) -> StoreError {
    let reason = error.to_string();
    match error {
        rusqlite::Error::SqliteFailure(code, _) => match code.code {
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => StoreError::Damaged { store, reason },
            ErrorCode::DiskFull => StoreError::Full { store, reason },
            ErrorCode::SystemIoFailure
            | ErrorCode::CannotOpen
            | ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::ReadOnly
            | ErrorCode::PermissionDenied
            | ErrorCode::OutOfMemory
            | ErrorCode::OperationInterrupted
            | ErrorCode::OperationAborted
            | ErrorCode::SchemaChanged
            | ErrorCode::FileLockingProtocolFailed => StoreError::Unavailable { store, reason },
            _ => StoreError::Refused { store, reason },
        },
        rusqlite::Error::FromSqlConversionFailure(..)
        | rusqlite::Error::InvalidColumnType(..)
        | rusqlite::Error::IntegralValueOutOfRange(..)
        | rusqlite::Error::Utf8Error(..) => StoreError::Damaged { store, reason },
        _ => StoreError::Refused { store, reason },
    }
}
