//! Many edits of the program itself (an import) in one transaction.
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::domain::edit::{Edit, Outcome};
use crate::domain::ids::{CollectionKey, Revision};
use crate::domain::viewer::Role;
use crate::inventory::published::{Change, Published};
use crate::store::{Part, StoreError, Write};

use super::derive::settle;
use super::draft::Draft;
use super::judge::judge;
use super::task::Writer;
use super::wish::{Refused, Verdict, Wish};

/// What to do with the edits that may be, when others may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bulk {
    /// All or none is written.
    AllOrNothing,
    /// What may be is written.
    KeepGood,
    /// Nothing is written, all is judged.
    DryRun,
}

/// What came of many edits.
#[derive(Clone, Debug, PartialEq)]
pub struct BulkReport {
    /// Edits judged.
    pub judged: usize,
    /// Edits that are, or would be, written.
    pub accepted: usize,
    /// Those that are not: position among the edits, from 0, and what became of it.
    pub refused: Vec<(usize, Outcome)>,
    /// Revision in which they were written; `None` when nothing was.
    pub revision: Option<Revision>,
    /// Records written, those derived from others too.
    pub written: usize,
}

/// Edits made one by one, so that a million of them need not lie in memory twice. What could not become an edit counts as refused.
pub type Edits = Box<dyn Iterator<Item = Result<Edit, Refused>> + Send>;

/// Writes handed to the store at once.
const PART_WRITES: usize = 1_000;

/// Records that are held as such before they join the snapshot in the making: fewer would make it be put in order too often, more would fill the memory.
const HELD: std::ops::RangeInclusive<usize> = 32_000..=128_000;

/// Judges and commits, part by part, so that a million edits need not lie in memory. The ids of these edits are the program's own: they have no receipts and are not sent again.
pub(super) fn run(writer: &mut Writer, edits: Edits, (role, mode): (Role, Bulk)) -> Result<BulkReport, StoreError> {
    let mut course = Course::new(writer, mode);
    // An iterator may not be asked again after its end.
    let mut edits = edits.fuse().peekable();
    while edits.peek().is_some() {
        course.judge_some(writer, &mut edits, role)?;
    }
    course.end(writer)
}

/// A bulk on its way.
struct Course {
    mode: Bulk,
    now: jiff::Timestamp,
    revision: Revision,
    /// What will be published.
    state: Published,
    collections: Vec<CollectionKey>,
    outlet: Outlet,
    report: BulkReport,
}

/// Where the writes go.
enum Outlet {
    /// Nothing was written yet.
    Unused,
    /// To the store.
    Open(mpsc::Sender<Part>, JoinHandle<Result<Option<Revision>, StoreError>>),
    /// Nowhere: nothing shall be written.
    Shut,
}

impl Course {
    fn new(writer: &Writer, mode: Bulk) -> Self {
        let state = Published::clone(&writer.published());
        Self {
            mode,
            now: writer.now(),
            revision: Revision(state.snapshot.revision().0 + 1),
            state,
            collections: Vec::new(),
            outlet: if mode == Bulk::DryRun { Outlet::Shut } else { Outlet::Unused },
            report: BulkReport {
                judged: 0,
                accepted: 0,
                refused: Vec::new(),
                revision: None,
                written: 0,
            },
        }
    }

    /// Judges as many edits as may be held at once.
    fn judge_some(
        &mut self,
        writer: &Writer,
        edits: &mut dyn Iterator<Item = Result<Edit, Refused>>,
        role: Role,
    ) -> Result<(), StoreError> {
        let state = self.state.clone();
        let mut draft = Draft::new(&state, self.now).within(self.revision);
        let held = most_held(&state);
        let mut last = None;
        while draft.len() < held
            && let Some(edit) = edits.next()
        {
            self.note(outcome(&mut draft, &edit, role));
            last = edit.ok().or(last);
            if draft.writes() >= PART_WRITES {
                self.send(writer, draft.take_writes())?;
            }
        }
        if let Some(edit) = &last {
            settle(&mut draft, edit);
        }
        self.send(writer, draft.take_writes())?;
        let records = draft.into_records();
        self.report.written += records.len();
        let (next, change) = state.next(self.revision, &records);
        self.state = next;
        self.collections.extend(change.collections);
        Ok(())
    }

    fn note(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Applied { .. } | Outcome::Merged { .. } => self.report.accepted += 1,
            Outcome::Conflict { .. } | Outcome::Proposed { .. } | Outcome::Returned { .. } => {
                self.report.refused.push((self.report.judged, outcome));
                if self.mode == Bulk::AllOrNothing {
                    // What was handed over is given up; the rest is judged for the report's sake.
                    self.outlet = Outlet::Shut;
                }
            }
        }
        self.report.judged += 1;
    }

    fn send(&mut self, writer: &Writer, part: Vec<Write>) -> Result<(), StoreError> {
        if part.is_empty() {
            return Ok(());
        }
        if matches!(self.outlet, Outlet::Unused) {
            let (sender, done) = writer.begin_parts();
            self.outlet = Outlet::Open(sender, done);
        }
        let Outlet::Open(sender, _) = &self.outlet else { return Ok(()) };
        if sender.blocking_send(Part::Writes(part)).is_ok() {
            return Ok(());
        }
        // The store has given up: it says why.
        self.close(writer).map(drop)
    }

    /// Waits for the store's word.
    fn close(&mut self, writer: &Writer) -> Result<Option<Revision>, StoreError> {
        match std::mem::replace(&mut self.outlet, Outlet::Shut) {
            Outlet::Unused | Outlet::Shut => Ok(None),
            Outlet::Open(sender, done) => {
                drop(sender);
                writer.end_parts(done)
            }
        }
    }

    fn end(mut self, writer: &mut Writer) -> Result<BulkReport, StoreError> {
        if let Outlet::Open(sender, _) = &self.outlet {
            // Where nobody hears it, the store has failed, and says so below.
            drop(sender.blocking_send(Part::Commit));
        }
        let Some(revision) = self.close(writer)? else {
            self.report.written = 0;
            return Ok(self.report);
        };
        self.collections.sort();
        self.collections.dedup();
        let change = Change {
            revision,
            collections: self.collections,
        };
        writer.publish_whole(self.state, change)?;
        self.report.revision = Some(revision);
        Ok(self.report)
    }
}

/// A quarter of what is there, which is when a layer is best put in order anew.
fn most_held(state: &Published) -> usize {
    let collections = &state.snapshot.catalogue().collections;
    let largest = collections.iter().map(|each| state.snapshot.count(&each.key)).max().unwrap_or(0);
    (largest / 4 + 1).clamp(*HELD.start(), *HELD.end())
}

fn outcome(draft: &mut Draft<'_>, edit: &Result<Edit, Refused>, role: Role) -> Outcome {
    match edit {
        Err(refused) => refused.clone().into(),
        Ok(edit) => match judge(draft, &wish(edit, role), &[]) {
            Verdict::Decided(outcome) => outcome,
            Verdict::Mismatch { version } => Outcome::Conflict {
                version,
                fields: Vec::new(),
            },
        },
    }
}

fn wish(edit: &Edit, role: Role) -> Wish {
    Wish {
        id: edit.id,
        record: edit.record,
        digest: String::new(),
        role,
        // No history is read here, so that a record which has moved on since could not be merged: it is a conflict.
        must_match: edit.base_version,
        held: None,
        edit: Ok(edit.clone()),
        author: edit.author.clone(),
        handed_in_by: None,
        at: edit.observed_at,
        payload: None,
    }
}
