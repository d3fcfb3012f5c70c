//! Opening: a database that is not newer is brought up to date, by one process at a time.
use sqlx::{Connection, PgConnection};

use super::failure::Failure;
use super::link::Link;
use crate::store::StoreError;

/// Steps from nothing to the present schema; step n leads to schema n.
const MIGRATIONS: [&str; 4] = [
    include_str!("../../../migrations/postgis/0001_inventory.sql"),
    include_str!("../../../migrations/postgis/0002_requirements.sql"),
    include_str!("../../../migrations/postgis/0003_field.sql"),
    include_str!("../../../migrations/postgis/0004_ages.sql"),
];

/// Newest schema known.
const KNOWN: u32 = 4;
const _: () = assert!(KNOWN as usize == MIGRATIONS.len());

/// Any number that no other program uses: only one process migrates at a time.
const MIGRATION_LOCK: i64 = 0x7a61_6974_6931;

/// Checks the schema and takes all missing steps in one transaction.
pub async fn prepare(link: &Link) -> Result<(), Failure> {
    let mut connection = link.connect().await?;
    let mut steps = connection.begin().await?;
    sqlx::query("SELECT pg_advisory_xact_lock($1)")
        .bind(MIGRATION_LOCK)
        .execute(&mut *steps)
        .await?;
    let found = schema(&mut steps, link).await?;
    if found > KNOWN {
        let store = link.name.clone();
        return Err(Failure::Store(StoreError::Newer {
            store,
            found,
            known: KNOWN,
        }));
    }
    if found == 0 {
        extension(&mut steps, link).await?;
    }
    for step in MIGRATIONS.iter().skip(found as usize) {
        sqlx::raw_sql(*step).execute(&mut *steps).await?;
    }
    if found < KNOWN {
        sqlx::query("UPDATE zaiti.state SET schema = $1")
            .bind(i64::from(KNOWN))
            .execute(&mut *steps)
            .await?;
    }
    steps.commit().await?;
    Ok(connection.close().await?)
}

/// Schema of the database: 0 when there is none of ours.
async fn schema(connection: &mut PgConnection, link: &Link) -> Result<u32, Failure> {
    let (has_schema, has_state): (bool, bool) =
        sqlx::query_as("SELECT to_regnamespace('zaiti') IS NOT NULL, to_regclass('zaiti.state') IS NOT NULL")
            .fetch_one(&mut *connection)
            .await?;
    if !has_state {
        let foreign = StoreError::Foreign {
            store: link.name.clone(),
            reason: "it has a schema named zaiti without the table zaiti.state".to_owned(),
        };
        return if has_schema { Err(Failure::Store(foreign)) } else { Ok(0) };
    }
    let schema: i32 = sqlx::query_scalar("SELECT schema FROM zaiti.state").fetch_one(connection).await?;
    u32::try_from(schema).map_err(|error| Failure::Unreadable(format!("zaiti.state.schema is {schema}: {error}")))
}

/// PostGIS must be there; who may, gets it installed.
async fn extension(connection: &mut PgConnection, link: &Link) -> Result<(), Failure> {
    let there: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'postgis')")
        .fetch_one(&mut *connection)
        .await?;
    if there {
        return Ok(());
    }
    let made = sqlx::raw_sql("CREATE EXTENSION postgis").execute(connection).await;
    made.map(drop).map_err(|error| match error {
        sqlx::Error::Database(error) => Failure::Store(StoreError::Refused {
            store: link.name.clone(),
            reason: format!(
                "{}; install PostGIS on the server and run CREATE EXTENSION postgis in this database as a superuser",
                error.message()
            ),
        }),
        error => Failure::Sqlx(error),
    })
}
