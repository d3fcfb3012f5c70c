//! Saved requirements and their answers.
use rusqlite::{OptionalExtension, Row, params};
use uuid::Uuid;

use super::desk::{Desk, Failure};
use crate::domain::ids::Revision;
use crate::domain::viewer::Role;
use crate::store::{RequirementRun, SavedRequirement, encoding};

/// All of them, oldest first.
pub fn all(desk: &Desk) -> Result<Vec<SavedRequirement>, Failure> {
    let mut statement = desk
        .connection
        .prepare_cached("SELECT id, name, document, author, role, saved_at_us FROM requirements ORDER BY saved_at_us, id")?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(SavedRequirement {
            id: id(&row.get::<_, String>(0)?)?,
            name: row.get(1)?,
            document: row.get(2)?,
            author: row.get(3)?,
            role: role(row, 4)?,
            saved_at: encoding::timestamp(row.get(5)?).map_err(Failure::Unreadable)?,
        });
    }
    Ok(found)
}

/// Adds one.
pub fn put(desk: &Desk, saved: &SavedRequirement) -> Result<(), Failure> {
    let put = desk.connection.execute(
        "INSERT INTO requirements (id, name, document, author, role, saved_at_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            saved.id.to_string(),
            saved.name,
            saved.document,
            saved.author,
            encoding::word(&saved.role),
            encoding::micros(saved.saved_at)
        ],
    );
    Ok(put.map(drop)?)
}

/// Runs of one, oldest revision first, without their answers.
pub fn runs(desk: &Desk, requirement: Uuid) -> Result<Vec<RequirementRun>, Failure> {
    let mut statement = desk.connection.prepare_cached(
        "SELECT revision, role, author, run_at_us, answer_sha256, '' FROM requirement_runs WHERE requirement = ?1 ORDER BY revision, role",
    )?;
    let mut rows = statement.query([requirement.to_string()])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read_run(row, requirement)?);
    }
    Ok(found)
}

/// One run with its answer.
pub fn run(desk: &Desk, requirement: Uuid, (revision, role): (Revision, Role)) -> Result<Option<RequirementRun>, Failure> {
    let mut statement = desk.connection.prepare_cached(
        "SELECT revision, role, author, run_at_us, answer_sha256, answer FROM requirement_runs WHERE requirement = ?1 AND revision = ?2 AND role = ?3",
    )?;
    let key = params![requirement.to_string(), number(revision), encoding::word(&role)];
    let found = statement.query_row(key, |row| Ok(read_run(row, requirement))).optional()?;
    found.transpose()
}

/// Keeps a run; the first of a revision and role stays.
pub fn put_run(desk: &Desk, run: &RequirementRun) -> Result<(), Failure> {
    let put = desk.connection.execute(
        "INSERT OR IGNORE INTO requirement_runs (requirement, revision, role, author, run_at_us, answer_sha256, answer) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            run.requirement.to_string(),
            number(run.revision),
            encoding::word(&run.role),
            run.author,
            encoding::micros(run.run_at),
            run.answer_sha256,
            run.answer
        ],
    );
    Ok(put.map(drop)?)
}

fn read_run(row: &Row<'_>, requirement: Uuid) -> Result<RequirementRun, Failure> {
    let revision: i64 = row.get(0)?;
    let wrong = |error| Failure::Unreadable(format!("a run has the revision {revision}: {error}"));
    Ok(RequirementRun {
        requirement,
        revision: Revision(u64::try_from(revision).map_err(wrong)?),
        role: role(row, 1)?,
        author: row.get(2)?,
        run_at: encoding::timestamp(row.get(3)?).map_err(Failure::Unreadable)?,
        answer_sha256: row.get(4)?,
        answer: row.get(5)?,
    })
}

fn role(row: &Row<'_>, column: usize) -> Result<Role, Failure> {
    encoding::from_word(&row.get::<_, String>(column)?).map_err(Failure::Unreadable)
}

fn id(text: &str) -> Result<Uuid, Failure> {
    Uuid::parse_str(text).map_err(|error| Failure::Unreadable(format!("{text} is no id: {error}")))
}

fn number(revision: Revision) -> i64 {
    i64::try_from(revision.0).unwrap_or(i64::MAX)
}
