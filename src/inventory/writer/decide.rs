//! Decisions of people on edits that wait: the edit that is written by one, and the decision itself, in the same commit.
use crate::domain::edit::{Change, Decision, Outcome, Receipt};
use crate::domain::ids::{AttributeKey, EditId, Version};
use crate::domain::lifecycle::NoStep;
use crate::domain::value::Value;
use crate::inventory::error::EditError;
use crate::store::StoreError;

use super::derive::{STATUS, settle};
use super::draft::{Draft, Finished, GEOMETRY};
use super::judge::{FORBIDDEN, judge, status};
use super::lines::{Line, Lines};
use super::merge::Since;
use super::task::{ATTEMPTS, Reply, Writer, receipt};
use super::wish::{Refused, Verdict, Wish};

/// Kind of a refusal because of another one.
pub const NOT_ALONE: &str = "not-alone";

/// A decision on its way to the writer.
#[derive(Clone, Debug)]
pub struct Ruling {
    /// What is decided.
    pub decision: Decision,
    /// What is written by it, where something is.
    pub writes: Option<Approval>,
}

/// An edit that a person lets pass.
#[derive(Clone, Debug)]
pub struct Approval {
    /// The edit under its new id, with the decider's role. It is written on top of whatever version there is, once `seen` was checked.
    pub wish: Wish,
    /// Version of the record that the decider saw; `None` for a creation.
    pub seen: Option<Version>,
}

/// What came of a decision.
#[derive(Clone, Debug, PartialEq)]
pub enum Ruled {
    /// It holds; the receipt is that of the edit written by it.
    Decided(Decision, Option<Box<Receipt>>),
    /// Somebody has decided before.
    Before(Decision),
    /// It does not hold: nothing was written, the edit waits on.
    Refused(Refused),
}

/// How decisions of one request hang together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// Each by itself: one that cannot hold does not stop the others.
    Each,
    /// All of them, or nothing is written.
    Together,
}

/// Decides all in one commit; where that is not possible and each holds by itself, one by one. One answer each, in their order.
pub fn run(writer: &mut Writer, (rulings, hold): (&[Ruling], Hold), reply: Reply<Vec<Ruled>>) {
    let all = settle_all(writer, (rulings, hold)).or_else(|error| match error {
        StoreError::Refused { .. } | StoreError::Duplicate { .. } => one_by_one(writer, (rulings, hold), &error),
        error => Err(error),
    });
    // An asker that has gone away needs no answer.
    drop(reply.send(all.map_err(EditError::from)));
}

fn one_by_one(writer: &mut Writer, (rulings, hold): (&[Ruling], Hold), error: &StoreError) -> Result<Vec<Ruled>, StoreError> {
    let refused = |error: &StoreError| Ruled::Refused(Refused::new("store-refuses", error.to_string()));
    if hold == Hold::Together || rulings.len() == 1 {
        return Ok(rulings.iter().map(|_| refused(error)).collect());
    }
    let mut all = Vec::with_capacity(rulings.len());
    for ruling in rulings {
        match settle_all(writer, (std::slice::from_ref(ruling), hold)) {
            Ok(ruled) => all.extend(ruled),
            Err(error @ (StoreError::Refused { .. } | StoreError::Duplicate { .. })) => all.push(refused(&error)),
            Err(error) => return Err(error),
        }
    }
    Ok(all)
}

fn settle_all(writer: &mut Writer, (rulings, hold): (&[Ruling], Hold)) -> Result<Vec<Ruled>, StoreError> {
    let mut attempt = 0;
    loop {
        attempt += 1;
        match attempt_all(writer, (rulings, hold)) {
            Err(StoreError::Stale { .. } | StoreError::Duplicate { .. }) if attempt < ATTEMPTS => writer.catch_up_now()?,
            done => return done,
        }
    }
}

/// Judges on top of what is published, commits, publishes. Nothing reaches memory when the store says no.
fn attempt_all(writer: &mut Writer, (rulings, hold): (&[Ruling], Hold)) -> Result<Vec<Ruled>, StoreError> {
    let before = writer.decisions(rulings.iter().map(|ruling| ruling.decision.edit).collect())?;
    let published = writer.published();
    let approvals = rulings.iter().filter_map(|ruling| ruling.writes.as_ref());
    let lines = Lines::read(
        writer,
        approvals.filter_map(|approval| Some((approval.wish.record, approval.seen?))),
    )?;
    let mut draft = Draft::new(&published, writer.now());
    let mut all = Vec::with_capacity(rulings.len());
    for ruling in rulings {
        let edit = ruling.decision.edit;
        let known = before.iter().chain(&draft.decisions).find(|decision| decision.edit == edit);
        all.push(match known {
            Some(known) => Ruled::Before(known.clone()),
            None => rule(&mut draft, ruling, &lines),
        });
    }
    if draft.decisions.is_empty() {
        return Ok(all);
    }
    if hold == Hold::Together && all.iter().any(|ruled| matches!(ruled, Ruled::Refused(_))) {
        return Ok(all.into_iter().map(without_effect).collect());
    }
    let Finished { transaction, records } = draft.finish();
    let revision = writer.commit(transaction)?;
    writer.publish(revision, &records)?;
    for ruled in &mut all {
        if let Ruled::Decided(_, Some(receipt)) = ruled {
            receipt.revision = revision;
            writer.remember(receipt);
        }
    }
    Ok(all)
}

/// What came of a decision that nothing stood against, when another of the same request cannot hold.
fn without_effect(ruled: Ruled) -> Ruled {
    match ruled {
        Ruled::Decided(..) => Ruled::Refused(Refused::new(NOT_ALONE, "another decision of the same request cannot hold")),
        Ruled::Before(_) | Ruled::Refused(_) => ruled,
    }
}

fn rule(draft: &mut Draft<'_>, ruling: &Ruling, lines: &Lines) -> Ruled {
    let Some(approval) = &ruling.writes else {
        draft.decisions.push(ruling.decision.clone());
        return Ruled::Decided(ruling.decision.clone(), None);
    };
    match approve(draft, approval, lines) {
        Ok(receipt) => {
            draft.receipts.push(receipt.clone());
            draft.decisions.push(ruling.decision.clone());
            Ruled::Decided(ruling.decision.clone(), Some(Box::new(receipt)))
        }
        Err(refused) => Ruled::Refused(refused),
    }
}

fn approve(draft: &mut Draft<'_>, approval: &Approval, lines: &Lines) -> Result<Receipt, Refused> {
    let wish = &approval.wish;
    let edit = wish.edit.as_ref().map_err(Clone::clone)?;
    if let Some(seen) = approval.seen {
        still_as_seen(draft, (wish, seen), lines.of(wish.record))?;
    }
    let outcome = match judge(draft, wish, &[]) {
        Verdict::Decided(outcome) => written(draft, wish, outcome)?,
        Verdict::Mismatch { version } => return Err(moved_on(version, &[])),
    };
    settle(draft, edit);
    let revision = draft.revision();
    Ok(receipt(wish, outcome, revision))
}

/// The fields that are written have the values that the decider saw. A value that somebody only confirmed since is the same value.
fn still_as_seen(draft: &Draft<'_>, (wish, seen): (&Wish, Version), lines: &[Line]) -> Result<(), Refused> {
    let (Ok(edit), Some(now)) = (&wish.edit, draft.record(wish.record)) else {
        return Ok(());
    };
    if seen > now.version {
        let detail = format!("given version {}, expected one up to {}", seen.0, now.version.0);
        return Err(Refused::new("unknown-version", detail));
    }
    let since = Since::of(seen, None, lines.iter().cloned().chain(draft.lines(wish.record))).changed;
    let concerns = |key: &AttributeKey| match &edit.change {
        Change::Create { .. } | Change::Close { .. } => true,
        Change::Set { attributes, geometry } => {
            let other = attributes.get(key).is_some_and(|value| value.as_ref() != now.attributes.get(key));
            other || (key.as_str() == GEOMETRY && geometry.is_some())
        }
    };
    let moved: Vec<AttributeKey> = since.into_iter().filter(concerns).collect();
    if moved.is_empty() {
        Ok(())
    } else {
        Err(moved_on(now.version, &moved))
    }
}

fn moved_on(version: Version, fields: &[AttributeKey]) -> Refused {
    let names: Vec<&str> = fields.iter().map(AttributeKey::as_str).collect();
    let detail = format!(
        "the record is at version {} now, with another {}; look again",
        version.0,
        names.join(", ")
    );
    Refused::new("moved-on", detail)
}

/// What was written; else why this decision cannot hold.
fn written(draft: &Draft<'_>, wish: &Wish, outcome: Outcome) -> Result<Outcome, Refused> {
    match outcome {
        Outcome::Applied { .. } | Outcome::Merged { .. } => Ok(outcome),
        Outcome::Conflict { version, fields } => Err(moved_on(version, &fields)),
        Outcome::Returned { reason, detail, .. } if reason == FORBIDDEN => Err(Refused {
            step: no_step(draft, wish),
            ..Refused::new(FORBIDDEN, detail)
        }),
        Outcome::Returned { reason, detail, .. } => Err(Refused::new("cannot-be-written", format!("{reason}: {detail}"))),
        Outcome::Proposed { fields } => Err(match draft.record(wish.record).and_then(|record| record.closed.clone()) {
            Some(closed) if closed.successors.is_empty() => Refused::new(
                "closed-record",
                "the record is closed and nothing follows it; reject or return the edit",
            ),
            Some(closed) => Refused::new(
                "choose-successor",
                format!(
                    "the record is closed; expected the record that follows it, one of {}",
                    closed.successors.join(", ")
                ),
            ),
            None => {
                let names: Vec<&str> = fields.iter().map(AttributeKey::as_str).collect();
                Refused::new(
                    "needs-a-higher-role",
                    format!("{} is for a higher role to decide", names.join(", ")),
                )
            }
        }),
    }
}

/// From which state to which the life-cycle has no way.
fn no_step(draft: &Draft<'_>, wish: &Wish) -> Option<NoStep> {
    let edit = wish.edit.as_ref().ok()?;
    let Change::Set { attributes, .. } = &edit.change else {
        return None;
    };
    let Some(Value::Code(to)) = attributes.get(STATUS)? else {
        return None;
    };
    let record = draft.record(wish.record)?;
    draft
        .catalogue()
        .lifecycle(record.collection.as_str())?
        .no_step(status(&record)?, to)
}

/// Id of the edit by which a waiting one is written: the same for every process and every attempt.
pub fn written_as(waiting: EditId) -> EditId {
    EditId(uuid::Uuid::new_v5(&waiting.0, b"approved"))
}
