//! The inventory as of a point in its history.
//!
//! A state of the past is the present one with the lines of history since then taken back. It is published like the present: searched, counted, drawn and
//! exported by the same code, with the rights of today. Few states are kept in memory; the shards that did not change are the present's own.
//!
//! Read in this order: `at` (which point is meant), this file (how its state is made), `undo` (one record), `kept` (what stays in memory).
mod at;
mod kept;
mod undo;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use tokio::sync::Mutex as Turn;

use crate::domain::edit::HistoryEntry;
use crate::domain::ids::{CarrierId, CollectionKey, Revision};
use crate::domain::record::{Closure, Record};
use crate::store::{Store, StoreError};

use super::freshness;
use super::published::Published;
use super::settings::Settings;
use kept::Kept;
use undo::{Back, Undone};

pub use at::At;

/// History lines read at once.
const PAGE: usize = 5_000;

/// Of so many lines that may be undone, one may be of a record whose whole history has to be read.
const LINES_PER_LOOK_UP: usize = 10;

/// Why there is no state of the past to be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PastError {
    /// No point in time.
    #[error("{given} is no point in the past; expected {expected}")]
    Unreadable {
        /// As given.
        given: String,
        /// What may be given.
        expected: &'static str,
    },
    /// It is still to come.
    #[error("{given} is still to come; expected {latest} at the latest")]
    Future {
        /// As given.
        given: String,
        /// The latest that there is.
        latest: String,
    },
    /// There was nothing yet.
    #[error("the inventory begins with revision {revision}, written at {at}: nothing is known of before")]
    BeforeFirst {
        /// The first revision.
        revision: Revision,
        /// When it was written.
        at: Timestamp,
    },
    /// Too much has changed since.
    #[error("more than {limit} changes since then would have to be undone; expected revision {reach} or a later one")]
    TooFarBack {
        /// Most lines that are undone.
        limit: usize,
        /// The earliest revision that can be asked for.
        reach: Revision,
    },
    /// There is no history at all.
    #[error("nothing has been written yet")]
    Empty,
    /// The work broke off.
    #[error("the work broke off")]
    BrokeOff,
    /// The store cannot be read now.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A state, and whether it can still become another one: the end of today can.
#[derive(Clone)]
pub struct State {
    /// The state.
    pub published: Arc<Published>,
    /// Whether the same question will always have this answer.
    pub is_settled: bool,
}

/// States of the past.
pub struct Past {
    kept: Mutex<Kept>,
    /// One is made at a time: many tiles of one map ask for the same.
    making: Turn<()>,
    most_lines: usize,
}

impl Past {
    /// Within the limits of the settings.
    pub fn new(settings: &Settings) -> Self {
        Self {
            kept: Mutex::new(Kept::new(settings.past_states, settings.past_bytes)),
            making: Turn::new(()),
            most_lines: settings.past_lines,
        }
    }

    /// The state at a point, if it is at hand.
    pub fn find(&self, at: At, present: &Arc<Published>) -> Option<State> {
        let mut kept = self.kept();
        let revision = match at {
            At::Revision(revision) => revision,
            At::Before(moment) => kept.revision_before(moment)?,
        };
        let published = if revision == present.snapshot.revision() {
            Arc::clone(present)
        } else {
            kept.find(revision, present)?
        };
        Some(State {
            published,
            is_settled: true,
        })
    }

    /// The state at a point, made where it is not at hand.
    pub async fn state(&self, store: &dyn Store, at: At, present: &Arc<Published>) -> Result<State, PastError> {
        let latest = present.snapshot.revision();
        let revision = match at {
            At::Revision(revision) if revision > latest => {
                return Err(PastError::Future {
                    given: revision.to_string(),
                    latest: format!("revision {latest}"),
                });
            }
            At::Revision(revision) => Some(revision),
            At::Before(moment) => self.revision_before(store, moment, latest).await?,
        };
        let Some(revision) = revision else {
            return Ok(State {
                published: Arc::clone(present),
                is_settled: false,
            });
        };
        if revision.0 == 0 {
            let first = store.first_change(Revision(0)).await?;
            let (revision, at) = first.ok_or(PastError::Empty)?;
            return Err(PastError::BeforeFirst { revision, at });
        }
        Ok(State {
            published: self.of_revision(store, revision, present).await?,
            is_settled: true,
        })
    }

    async fn of_revision(&self, store: &dyn Store, revision: Revision, present: &Arc<Published>) -> Result<Arc<Published>, PastError> {
        let _turn = self.making.lock().await;
        if let Some(state) = self.find(At::Revision(revision), present) {
            return Ok(state.published);
        }
        // Counted from the present, so that the answer does not depend on what happens to be kept.
        let reach = store.reach(present.snapshot.revision(), self.most_lines).await?;
        if let Some(reach) = reach.filter(|reach| *reach > revision) {
            let limit = self.most_lines;
            return Err(PastError::TooFarBack { limit, reach });
        }
        let from = self.kept().nearest(revision, present).unwrap_or_else(|| Arc::clone(present));
        let undone = self.undone(store, &from, revision).await?;
        let made = tokio::task::spawn_blocking(move || Arc::new(taken_back(&from, revision, &undone)));
        let made = made.await.map_err(|failed| {
            tracing::error!(%failed, "making a state of the past broke off");
            PastError::BrokeOff
        })?;
        self.kept().add(&made, present);
        Ok(made)
    }

    /// The last revision before a moment; `None` when nothing was written since. The feed is halved until the place is found.
    async fn revision_before(&self, store: &dyn Store, moment: Timestamp, latest: Revision) -> Result<Option<Revision>, PastError> {
        if let Some(revision) = self.kept().revision_before(moment) {
            return Ok(Some(revision));
        }
        let (mut low, mut high) = (0, latest.0);
        let mut is_last = true;
        while low < high {
            let middle = low + (high - low) / 2;
            match store.first_change(Revision(middle)).await? {
                Some((revision, at)) if revision <= latest && at < moment => low = revision.0,
                Some((revision, _)) if revision <= latest => (high, is_last) = (middle, false),
                Some(_) | None => high = middle,
            }
        }
        if is_last {
            return Ok((latest.0 == 0).then_some(Revision(0)));
        }
        self.kept().remember(moment, Revision(low));
        Ok(Some(Revision(low)))
    }

    /// The ways back of all records that changed between a revision and the state from which it is made.
    async fn undone(&self, store: &dyn Store, from: &Published, revision: Revision) -> Result<Undone, PastError> {
        let mut undone = Undone::default();
        let mut since = revision;
        while since < from.snapshot.revision() {
            let lines = store.changes(since, PAGE).await?;
            let Some(last) = lines.last() else { break };
            since = last.revision;
            let known = lines.into_iter().filter(|line| line.revision <= from.snapshot.revision());
            known.for_each(|line| undone.take(line));
        }
        self.look_up(store, from, &mut undone).await?;
        Ok(undone)
    }

    /// Lines of old do not say where values came from; the whole histories of their records do.
    async fn look_up(&self, store: &dyn Store, from: &Published, undone: &mut Undone) -> Result<(), PastError> {
        let unsaid = undone.0.iter_mut().filter(|(_, back)| back.is_unsaid());
        for (looked_up, (id, back)) in unsaid.enumerate() {
            if looked_up >= self.most_lines / LINES_PER_LOOK_UP {
                let (limit, reach) = (looked_up, from.snapshot.revision());
                return Err(PastError::TooFarBack { limit, reach });
            }
            let history = store.history(*id).await?;
            let code = from.snapshot.record(*id).map(|record| record.code).unwrap_or_default();
            let has_units = !from.families.children(&code).is_empty();
            let receipts = store.receipts(history.iter().map(|line| line.edit).collect()).await?;
            let of_edit: HashMap<_, _> = receipts.into_iter().map(|receipt| (receipt.edit, receipt.record)).collect();
            // An edit of another record: the change followed from it. An import has no receipts; there the present has to do.
            let from_units = |line: &HistoryEntry| of_edit.get(&line.edit).map_or(has_units, |record| record != id);
            back.look_up(&history, (from.snapshot.catalogue(), &from_units));
        }
        Ok(())
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The state with these changes taken back.
fn taken_back(from: &Published, revision: Revision, undone: &Undone) -> Published {
    let mut families = from.families.clone();
    let mut gone: Vec<(CollectionKey, CarrierId)> = Vec::new();
    let mut restored = Vec::new();
    for (id, back) in &undone.0 {
        let Some(now) = from.snapshot.record(*id) else { continue };
        let then = then(from, back, &now);
        families.follow(Some(&now), &then);
        if back.is_gone() {
            gone.push((back.collection.clone(), *id));
        } else {
            restored.push(Arc::new(then));
        }
    }
    restored.sort_by_key(|record| record.id);
    Published {
        snapshot: from.snapshot.apply(revision, &restored).without(revision, &gone),
        families,
        unread: Arc::clone(&from.unread),
        zone: from.zone.clone(),
    }
}

/// A record as it was; one that had not come into being as if it were closed, so that it lies nowhere.
fn then(from: &Published, back: &Back, now: &Record) -> Record {
    let mut then = back.restore(now);
    if back.is_gone() {
        then.closed = Some(Closure {
            reason: String::new(),
            successors: Vec::new(),
        });
    } else {
        if back.is_looked_up {
            freshness::clear(from.snapshot.catalogue(), &mut then);
        }
        freshness::fill(from.snapshot.catalogue(), &from.zone, &mut then);
    }
    then
}
