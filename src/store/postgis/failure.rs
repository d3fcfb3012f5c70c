//! The database's errors in the store's words.
use sqlx::postgres::PgDatabaseError;

use crate::store::StoreError;

/// Why work with the database failed.
#[derive(Debug)]
pub enum Failure {
    /// Said in the store's words already.
    Store(StoreError),
    /// Said by the database or on the way to it.
    Sqlx(sqlx::Error),
    /// Read, but not understood.
    Unreadable(String),
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        Self::Sqlx(error)
    }
}

impl Failure {
    /// Puts it into the store's words.
    pub fn explain(self, store: &str) -> StoreError {
        let store = store.to_owned();
        match self {
            Self::Store(error) => error,
            Self::Unreadable(reason) => StoreError::Damaged { store, reason },
            Self::Sqlx(error) => explain(store, &error),
        }
    }

    /// Whether the connection itself is gone, so that another one may do better.
    pub fn is_lost_connection(&self) -> bool {
        let Self::Sqlx(error) = self else { return false };
        match error {
            sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed => true,
            // Shut down by an administrator, by a crash, or just starting.
            sqlx::Error::Database(error) => error.code().is_some_and(|code| code.starts_with("57P") || code.starts_with("08")),
            _ => false,
        }
    }

    /// Name of the unique constraint that was hit.
    pub fn taken(&self) -> Option<&str> {
        match self {
            Self::Sqlx(sqlx::Error::Database(error)) if error.is_unique_violation() => error.constraint(),
            Self::Sqlx(_) | Self::Store(_) | Self::Unreadable(_) => None,
        }
    }
}

fn explain(store: String, error: &sqlx::Error) -> StoreError {
    let reason = error.to_string();
    match error {
        sqlx::Error::Database(database) => {
            let code = database.code().unwrap_or_default();
            let reason = match database.try_downcast_ref::<PgDatabaseError>().and_then(PgDatabaseError::hint) {
                Some(hint) => format!("{} ({hint})", database.message()),
                None => database.message().to_owned(),
            };
            match code.get(..2).unwrap_or_default() {
                "53" if code == "53100" => StoreError::Full { store, reason },
                // Connection, no such database, rights, roll-back, resources, object in use, stopped by an operator, system.
                "08" | "3D" | "28" | "40" | "53" | "55" | "57" | "58" => StoreError::Unavailable { store, reason },
                "25" if code == "25006" => StoreError::Unavailable { store, reason },
                "XX" => StoreError::Damaged { store, reason },
                _ => StoreError::Refused { store, reason },
            }
        }
        sqlx::Error::ColumnDecode { .. }
        | sqlx::Error::Decode(_)
        | sqlx::Error::ColumnNotFound(_)
        | sqlx::Error::ColumnIndexOutOfBounds { .. } => StoreError::Damaged { store, reason },
        sqlx::Error::Encode(_) | sqlx::Error::Configuration(_) | sqlx::Error::InvalidArgument(_) => StoreError::Refused { store, reason },
        _ => StoreError::Unavailable { store, reason },
    }
}
