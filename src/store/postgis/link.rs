//! Ways to the database: one connection that writes, a few that read. Both come back by themselves once the server does.
use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions, PgConnection};
use tokio::sync::Mutex;

use super::failure::Failure;
use crate::store::StoreError;

/// How long to wait for a connection before the store counts as unavailable.
pub const CONNECT_WAIT: Duration = Duration::from_secs(5);

/// Longest statement; a transaction is cut into statements that stay far below it.
const STATEMENT_TIMEOUT: &str = "60s";

/// A transaction whose program is gone must not hold up the others.
const IDLE_TIMEOUT: &str = "30s";

/// Most connections for reading.
const READERS: u32 = 4;

/// Connections to one database.
pub struct Link {
    options: PgConnectOptions,
    /// What people call the store.
    pub name: String,
    /// For reading.
    pub pool: PgPool,
    writer: Mutex<Option<PgConnection>>,
}

impl Link {
    /// Prepares the way to `postgres://user@host/database`; connects when first used.
    pub fn new(location: &str) -> Result<Self, StoreError> {
        let options = PgConnectOptions::from_str(location).map_err(|error| Failure::Sqlx(error).explain("PostGIS"))?;
        let database = options.get_database().unwrap_or(options.get_username());
        let host = match options.get_socket() {
            Some(socket) => socket.display().to_string(),
            None => options.get_host().to_owned(),
        };
        let name = format!("PostGIS {host}/{database}");
        let options = options
            .application_name("zaiti")
            // PostGIS itself may lie in one of the last three.
            .options([
                ("search_path", "zaiti,public,postgis,extensions"),
                ("statement_timeout", STATEMENT_TIMEOUT),
                ("idle_in_transaction_session_timeout", IDLE_TIMEOUT),
            ])
            .disable_statement_logging();
        let pool = PgPoolOptions::new()
            .max_connections(READERS)
            .acquire_timeout(CONNECT_WAIT)
            .connect_lazy_with(options.clone());
        Ok(Self {
            options,
            name,
            pool,
            writer: Mutex::new(None),
        })
    }

    /// A connection of its own.
    pub async fn connect(&self) -> Result<PgConnection, Failure> {
        match tokio::time::timeout(CONNECT_WAIT, self.options.connect()).await {
            Ok(connected) => Ok(connected?),
            Err(_) => Err(Failure::Sqlx(sqlx::Error::PoolTimedOut)),
        }
    }

    /// The connection that writes, and whether it is new. Only one caller has it at a time.
    ///
    /// It is taken out while it is used: when the work is given up half-way, it is closed and the server rolls back.
    pub async fn writer(&self) -> Result<Writer<'_>, Failure> {
        let mut place = self.writer.lock().await;
        let (connection, is_new) = match place.take() {
            Some(connection) => (connection, false),
            None => (self.connect().await?, true),
        };
        Ok(Writer { place, connection, is_new })
    }
}

/// The connection that writes, taken out of its place.
pub struct Writer<'a> {
    place: tokio::sync::MutexGuard<'a, Option<PgConnection>>,
    /// To work with.
    pub connection: PgConnection,
    /// Whether it was opened just now.
    pub is_new: bool,
}

impl Writer<'_> {
    /// Puts it back, because its transaction has ended.
    pub fn keep(mut self) {
        *self.place = Some(self.connection);
    }
}
