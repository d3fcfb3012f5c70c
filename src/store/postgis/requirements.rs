//! Saved requirements and their answers.
use sqlx::Row;
use sqlx::postgres::{PgPool, PgRow};
use uuid::Uuid;

use super::failure::Failure;
use super::types::{Id, Time};
use crate::domain::ids::Revision;
use crate::domain::viewer::Role;
use crate::store::{RequirementRun, SavedRequirement, encoding};

/// All of them, oldest first.
pub async fn all(pool: &PgPool) -> Result<Vec<SavedRequirement>, Failure> {
    let rows = sqlx::query("SELECT id, name, document, author, role, saved_at FROM requirements ORDER BY saved_at, id")
        .fetch_all(pool)
        .await?;
    let saved = |row: &PgRow| {
        Ok(SavedRequirement {
            id: row.try_get::<Id, _>(0)?.0,
            name: row.try_get(1)?,
            document: row.try_get(2)?,
            author: row.try_get(3)?,
            role: encoding::from_word(row.try_get(4)?).map_err(Failure::Unreadable)?,
            saved_at: row.try_get::<Time, _>(5)?.0,
        })
    };
    rows.iter().map(saved).collect()
}

/// Adds one.
pub async fn put(pool: &PgPool, saved: SavedRequirement) -> Result<(), Failure> {
    sqlx::query("INSERT INTO requirements (id, name, document, author, role, saved_at) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(Id(saved.id))
        .bind(saved.name)
        .bind(saved.document)
        .bind(saved.author)
        .bind(encoding::word(&saved.role))
        .bind(Time(saved.saved_at))
        .execute(pool)
        .await?;
    Ok(())
}

/// Runs of one, oldest revision first, without their answers.
pub async fn runs(pool: &PgPool, requirement: Uuid) -> Result<Vec<RequirementRun>, Failure> {
    let rows = sqlx::query(
        "SELECT revision, role, author, run_at, answer_sha256, '' FROM requirement_runs WHERE requirement = $1 ORDER BY revision, role COLLATE \"C\"",
    )
    .bind(Id(requirement))
    .fetch_all(pool)
    .await?;
    rows.iter().map(|row| read_run(row, requirement)).collect()
}

/// One run with its answer.
pub async fn run(pool: &PgPool, requirement: Uuid, (revision, role): (Revision, Role)) -> Result<Option<RequirementRun>, Failure> {
    let row = sqlx::query(
        "SELECT revision, role, author, run_at, answer_sha256, answer FROM requirement_runs WHERE requirement = $1 AND revision = $2 AND role = $3",
    )
    .bind(Id(requirement))
    .bind(number(revision))
    .bind(encoding::word(&role))
    .fetch_optional(pool)
    .await?;
    row.as_ref().map(|row| read_run(row, requirement)).transpose()
}

/// Keeps a run; the first of a revision and role stays.
pub async fn put_run(pool: &PgPool, run: RequirementRun) -> Result<(), Failure> {
    sqlx::query(
        "INSERT INTO requirement_runs (requirement, revision, role, author, run_at, answer_sha256, answer) VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (requirement, revision, role) DO NOTHING",
    )
    .bind(Id(run.requirement))
    .bind(number(run.revision))
    .bind(encoding::word(&run.role))
    .bind(run.author)
    .bind(Time(run.run_at))
    .bind(run.answer_sha256)
    .bind(run.answer)
    .execute(pool)
    .await?;
    Ok(())
}

fn read_run(row: &PgRow, requirement: Uuid) -> Result<RequirementRun, Failure> {
    let revision: i64 = row.try_get(0)?;
    let wrong = |error| Failure::Unreadable(format!("a run has the revision {revision}: {error}"));
    Ok(RequirementRun {
        requirement,
        revision: Revision(u64::try_from(revision).map_err(wrong)?),
        role: encoding::from_word(row.try_get(1)?).map_err(Failure::Unreadable)?,
        author: row.try_get(2)?,
        run_at: row.try_get::<Time, _>(3)?.0,
        answer_sha256: row.try_get(4)?,
        answer: row.try_get(5)?,
    })
}

fn number(revision: Revision) -> i64 {
    i64::try_from(revision.0).unwrap_or(i64::MAX)
}
