//! The queue, and the thread that empties it.
//!
//! A thread of its own, because judging and publishing many records is work for a processor, not for the runtime that serves requests.
use std::collections::HashMap;
use std::ops::Deref;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use arc_swap::ArcSwap;
use jiff::Timestamp;
use tokio::runtime::Handle;
use tokio::sync::{broadcast, mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::domain::edit::{Decision, HistoryEntry, Outcome, Receipt};
use crate::domain::ids::{CarrierId, EditId, Revision};
use crate::domain::viewer::Role;
use crate::inventory::error::EditError;
use crate::inventory::published::{Change, Published};
use crate::inventory::settings::Settings;
use crate::store::{OverlayDefinition, Part, Store, StoreError, Transaction};

use super::bulk::{self, Bulk, BulkReport, Edits};
use super::catch_up::catch_up;
use super::decide::{self, Hold, Ruled, Ruling};
use super::derive::settle;
use super::draft::{Draft, Finished};
use super::judge::judge;
use super::lines::Lines;
use super::recent::Recent;
use super::wish::{Refused, Verdict, Wish};

/// Parts of a large commit that may wait for the store.
const PARTS_AHEAD: usize = 4;

/// How often a batch is judged anew because another process was faster.
pub(super) const ATTEMPTS: usize = 8;

/// Where an answer goes.
pub type Reply<T> = oneshot::Sender<Result<T, EditError>>;

/// Work for the writer.
pub enum Task {
    /// Edits of one request.
    Edits(Vec<Wish>, Reply<Vec<Receipt>>),
    /// Decisions of one request.
    Decisions(Vec<Ruling>, Hold, Reply<Vec<Ruled>>),
    /// Many edits in one transaction, by somebody of this role.
    Bulk(Edits, (Role, Bulk), Reply<BulkReport>),
    /// A new or changed overlay.
    Overlay(Box<OverlayDefinition>, Reply<()>),
    /// See what other processes have written.
    CatchUp(Reply<Revision>),
}

/// The way to the writer. Dropping it waits until all that is queued is done and the writer has let go of the store: only then is the store
/// closed in an orderly way, which for a file means that it is whole without the log beside it.
pub struct Queue {
    tasks: Option<mpsc::Sender<Task>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Deref for Queue {
    type Target = mpsc::Sender<Task>;

    fn deref(&self) -> &Self::Target {
        self.tasks.as_ref().expect("only dropping takes it")
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        self.tasks = None;
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has said so already.
            drop(thread.join());
        }
    }
}

/// What the writer needs.
pub struct Start {
    /// Where records are kept.
    pub store: Arc<dyn Store>,
    /// What readers see; only the writer replaces it.
    pub current: Arc<ArcSwap<Published>>,
    /// Tells of new revisions.
    pub announce: broadcast::Sender<Change>,
    /// Limits.
    pub settings: Settings,
}

/// Starts the writer's thread. Must be called within a runtime.
pub fn start(start: Start) -> std::io::Result<Queue> {
    let (queue, tasks) = mpsc::channel(start.settings.queue);
    let runtime = Handle::current();
    let mut writer = Writer {
        recent: Recent::new(start.settings.recent_receipts),
        start,
        runtime,
    };
    let thread = std::thread::Builder::new()
        .name("writer".to_owned())
        .spawn(move || writer.run(tasks))?;
    Ok(Queue {
        tasks: Some(queue),
        thread: Some(thread),
    })
}

/// The writer.
pub struct Writer {
    start: Start,
    runtime: Handle,
    recent: Recent,
}

impl Writer {
    fn run(&mut self, mut tasks: mpsc::Receiver<Task>) {
        while let Some(first) = tasks.blocking_recv() {
            let mut next = Some(first);
            let mut batch = Vec::new();
            let mut edits = 0;
            while let Some(Task::Edits(wishes, reply)) = next {
                edits += wishes.len();
                batch.push((wishes, reply));
                next = if edits < self.start.settings.batch_edits {
                    tasks.try_recv().ok()
                } else {
                    None
                };
            }
            // A defect that one batch meets must not end all writing; dropped replies tell their askers to send again.
            let done = std::panic::catch_unwind(AssertUnwindSafe(|| {
                self.answer(batch);
                next.into_iter().for_each(|task| self.other(task));
            }));
            if done.is_err() {
                tracing::error!("a batch of edits was given up because of a defect; nothing of it was acknowledged");
            }
        }
    }

    fn other(&mut self, task: Task) {
        match task {
            Task::Edits(wishes, reply) => self.answer(vec![(wishes, reply)]),
            Task::Decisions(rulings, hold, reply) => decide::run(self, (&rulings, hold), reply),
            Task::Bulk(edits, how, reply) => {
                let report = bulk::run(self, edits, how);
                // An asker that has gone away needs no answer.
                drop(reply.send(report.map_err(EditError::from)));
            }
            Task::Overlay(definition, reply) => {
                let done = self.define(*definition);
                drop(reply.send(done.map_err(EditError::from)));
            }
            Task::CatchUp(reply) => {
                let done = self.catch_up(Revision(0)).map(|()| self.published().snapshot.revision());
                drop(reply.send(done.map_err(EditError::from)));
            }
        }
    }

    fn answer(&mut self, batch: Vec<(Vec<Wish>, Reply<Vec<Receipt>>)>) {
        if batch.is_empty() {
            return;
        }
        let answers = self.resolve(batch.iter().flat_map(|(wishes, _)| wishes));
        for (wishes, reply) in batch {
            let receipts = wishes.iter().map(|wish| answer_of(wish, &answers)).collect::<Result<_, _>>();
            drop(reply.send(receipts));
        }
    }

    /// An answer for each edit id.
    fn resolve<'a>(&mut self, wishes: impl Iterator<Item = &'a Wish>) -> HashMap<EditId, Result<Receipt, StoreError>> {
        let mut answers = HashMap::new();
        let mut pending: Vec<&Wish> = Vec::new();
        for wish in wishes {
            if let Some(receipt) = self.recent.find(wish.id) {
                answers.insert(wish.id, Ok(receipt.clone()));
            } else if !pending.iter().any(|other| other.id == wish.id) {
                pending.push(wish);
            }
        }
        if let Err(error) = self.settle(&mut pending, &mut answers) {
            if pending.len() > 1 && matches!(error, StoreError::Refused { .. } | StoreError::Duplicate { .. }) {
                // One bad edit must not take the others with it.
                for wish in pending {
                    let mut alone = vec![wish];
                    if let Err(error) = self.settle(&mut alone, &mut answers) {
                        answers.insert(wish.id, Err(error));
                    }
                }
            } else {
                answers.extend(pending.iter().map(|wish| (wish.id, Err(error.clone()))));
            }
        }
        answers
    }

    /// Commits what is pending, judging anew as long as other processes were faster.
    fn settle(&mut self, pending: &mut Vec<&Wish>, answers: &mut HashMap<EditId, Result<Receipt, StoreError>>) -> Result<(), StoreError> {
        let mut attempt = 0;
        while !pending.is_empty() {
            attempt += 1;
            match self.attempt(pending) {
                Ok(receipts) => {
                    answers.extend(receipts.into_iter().map(|receipt| (receipt.edit, Ok(receipt))));
                    pending.clear();
                }
                Err(StoreError::Duplicate { what: "edit id", .. }) if attempt < ATTEMPTS => {
                    for receipt in self.stored(pending)? {
                        pending.retain(|wish| wish.id != receipt.edit);
                        self.recent.add(&receipt);
                        answers.insert(receipt.edit, Ok(receipt));
                    }
                }
                Err(StoreError::Stale { .. } | StoreError::Duplicate { .. }) if attempt < ATTEMPTS => self.catch_up_now()?,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Judges on top of what is published, commits, publishes. Nothing reaches memory when the store says no.
    fn attempt(&mut self, pending: &[&Wish]) -> Result<Vec<Receipt>, StoreError> {
        let published = self.published();
        let edits = pending.iter().filter_map(|wish| wish.edit.as_ref().ok());
        let lines = Lines::read(self, edits.filter_map(|edit| Some((edit.record, edit.base_version?))))?;
        let mut draft = Draft::new(&published, self.now());
        let mut mismatched = Vec::new();
        for wish in pending {
            let verdict = judge(&mut draft, wish, lines.of(wish.record));
            if let Ok(edit) = &wish.edit {
                settle(&mut draft, edit);
            }
            match verdict {
                Verdict::Decided(outcome) => {
                    let revision = draft.revision();
                    draft.receipts.push(receipt(wish, outcome, revision));
                }
                Verdict::Mismatch { version } => mismatched.push((*wish, version)),
            }
        }
        let mut receipts = self.mismatches(&mismatched, published.snapshot.revision())?;
        if draft.receipts.is_empty() {
            return Ok(receipts);
        }
        let mut written = draft.receipts.clone();
        let Finished { transaction, records } = draft.finish();
        let revision = self.commit(transaction)?;
        self.publish(revision, &records)?;
        for receipt in &mut written {
            receipt.revision = revision;
            self.recent.add(receipt);
        }
        receipts.append(&mut written);
        Ok(receipts)
    }

    /// Answers where `If-Match` does not hold, unless it does not hold because this very edit was applied before.
    fn mismatches(&self, mismatched: &[(&Wish, crate::domain::ids::Version)], revision: Revision) -> Result<Vec<Receipt>, StoreError> {
        if mismatched.is_empty() {
            return Ok(Vec::new());
        }
        let wishes: Vec<&Wish> = mismatched.iter().map(|(wish, _)| *wish).collect();
        let mut receipts = self.stored(&wishes)?;
        for (wish, version) in mismatched {
            if !receipts.iter().any(|receipt| receipt.edit == wish.id) {
                let outcome = Outcome::Conflict {
                    version: *version,
                    fields: Vec::new(),
                };
                receipts.push(receipt(wish, outcome, revision));
            }
        }
        Ok(receipts)
    }

    /// Stored history of a record.
    pub(super) fn history(&self, record: CarrierId) -> Result<Vec<HistoryEntry>, StoreError> {
        self.runtime.block_on(self.start.store.history(record))
    }

    /// Stored decisions on these edits.
    pub(super) fn decisions(&self, edits: Vec<EditId>) -> Result<Vec<Decision>, StoreError> {
        self.runtime.block_on(self.start.store.decisions(edits))
    }

    /// Keeps a receipt at hand.
    pub(super) fn remember(&mut self, receipt: &Receipt) {
        self.recent.add(receipt);
    }

    /// Reads what other processes have written.
    pub(super) fn catch_up_now(&mut self) -> Result<(), StoreError> {
        self.catch_up(Revision(0))
    }

    fn stored(&self, wishes: &[&Wish]) -> Result<Vec<Receipt>, StoreError> {
        let ids = wishes.iter().map(|wish| wish.id).collect();
        self.runtime.block_on(self.start.store.receipts(ids))
    }

    fn define(&mut self, definition: OverlayDefinition) -> Result<(), StoreError> {
        self.runtime.block_on(self.start.store.put_overlay(definition))?;
        let overlays = self.runtime.block_on(self.start.store.overlays())?;
        let next = Arc::new(self.published().with_overlays(overlays));
        self.start.current.store(Arc::clone(&next));
        self.runtime.block_on(self.start.store.refresh_views(next.snapshot.catalogue()))
    }

    /// What readers see.
    pub(super) fn published(&self) -> Arc<Published> {
        self.start.current.load_full()
    }

    /// The time, to the microsecond: the store keeps no finer one.
    pub(super) fn now(&self) -> Timestamp {
        let now = (self.start.settings.surroundings.clock)();
        Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
    }

    /// Begins a commit whose writes come in parts.
    pub(super) fn begin_parts(&self) -> (mpsc::Sender<Part>, JoinHandle<Result<Option<Revision>, StoreError>>) {
        let (sender, parts) = mpsc::channel(PARTS_AHEAD);
        let store = Arc::clone(&self.start.store);
        (sender, self.runtime.spawn(async move { store.commit_parts(parts).await }))
    }

    /// The end of that commit.
    pub(super) fn end_parts(&self, done: JoinHandle<Result<Option<Revision>, StoreError>>) -> Result<Option<Revision>, StoreError> {
        self.runtime.block_on(done).unwrap_or_else(|error| {
            Err(StoreError::Unavailable {
                store: self.start.store.describe(),
                reason: error.to_string(),
            })
        })
    }

    /// Shows readers a state that was made on top of what they see now. When other processes have written in between, theirs comes along.
    pub(super) fn publish_whole(&mut self, next: Published, change: Change) -> Result<(), StoreError> {
        if change.revision != next.snapshot.revision() {
            return self.catch_up(change.revision);
        }
        self.start.current.store(Arc::new(next));
        // Nobody may be listening.
        drop(self.start.announce.send(change));
        Ok(())
    }

    pub(super) fn commit(&self, transaction: Arc<Transaction>) -> Result<Revision, StoreError> {
        self.runtime.block_on(self.start.store.commit(transaction))
    }

    /// Shows readers what was committed. When other processes have written in between, theirs comes along.
    pub(super) fn publish(&mut self, revision: Revision, records: &[Arc<crate::domain::record::Record>]) -> Result<(), StoreError> {
        let published = self.published();
        if revision.0 != published.snapshot.revision().0 + 1 {
            return self.catch_up(revision);
        }
        let (next, change) = published.next(revision, records);
        self.start.current.store(Arc::new(next));
        // Nobody may be listening.
        drop(self.start.announce.send(change));
        Ok(())
    }

    fn catch_up(&mut self, at_least: Revision) -> Result<(), StoreError> {
        let published = self.published();
        let (next, changes) = self.runtime.block_on(catch_up(&*self.start.store, &published, at_least))?;
        if changes.is_empty() {
            return Ok(());
        }
        self.start.current.store(Arc::new(next));
        changes.into_iter().for_each(|change| drop(self.start.announce.send(change)));
        Ok(())
    }
}

pub(super) fn receipt(wish: &Wish, outcome: Outcome, revision: Revision) -> Receipt {
    Receipt {
        edit: wish.id,
        record: wish.record,
        sent: wish.sent(&outcome),
        outcome,
        revision,
    }
}

/// The answer to an edit; another content under a used id gets none of the first one's.
fn answer_of(wish: &Wish, answers: &HashMap<EditId, Result<Receipt, StoreError>>) -> Result<Receipt, EditError> {
    let receipt = answers.get(&wish.id).ok_or(EditError::Stopping)?.clone()?;
    if receipt.sent.digest == wish.digest {
        return Ok(receipt);
    }
    let refused = Refused::new(
        "edit-id-reused",
        "given another edit under an id that was used before, expected a new id for it",
    );
    Ok(Receipt {
        edit: wish.id,
        record: wish.record,
        outcome: refused.unkept().into(),
        revision: receipt.revision,
        sent: crate::domain::edit::Sent::default(),
    })
}
