//! Many edits of the program itself (an import) in one transaction.
use crate::domain::edit::{Edit, Outcome};
use crate::domain::ids::Revision;
use crate::domain::viewer::Role;
use crate::store::StoreError;

use super::derive::settle;
use super::draft::{Draft, Finished};
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

/// Judges and commits. The ids of these edits are the program's own: they have no receipts and are not sent again.
pub(super) fn run(writer: &mut Writer, edits: Edits, (role, mode): (Role, Bulk)) -> Result<BulkReport, StoreError> {
    let published = writer.published();
    let mut draft = Draft::new(&published, writer.now());
    let mut report = BulkReport {
        judged: 0,
        accepted: 0,
        refused: Vec::new(),
        revision: None,
        written: 0,
    };
    let mut last = None;
    for edit in edits {
        let outcome = match &edit {
            Err(refused) => refused.clone().into(),
            Ok(edit) => match judge(&mut draft, &wish(edit, role), &[]) {
                Verdict::Decided(outcome) => outcome,
                Verdict::Mismatch { version } => Outcome::Conflict {
                    version,
                    fields: Vec::new(),
                },
            },
        };
        match outcome {
            Outcome::Applied { .. } | Outcome::Merged { .. } => report.accepted += 1,
            Outcome::Conflict { .. } | Outcome::Proposed { .. } | Outcome::Returned { .. } => report.refused.push((report.judged, outcome)),
        }
        report.judged += 1;
        last = edit.ok().or(last);
    }
    if let Some(edit) = &last {
        settle(&mut draft, edit);
    }
    let shall_write = match mode {
        Bulk::AllOrNothing => report.refused.is_empty(),
        Bulk::KeepGood => true,
        Bulk::DryRun => false,
    };
    if !shall_write || draft.is_unchanged() {
        return Ok(report);
    }
    let Finished { transaction, records } = draft.finish();
    let revision = writer.commit(transaction)?;
    report.written = records.len();
    report.revision = Some(revision);
    writer.publish(revision, &records)?;
    Ok(report)
}

fn wish(edit: &Edit, role: Role) -> Wish {
    Wish {
        id: edit.id,
        record: edit.record,
        digest: String::new(),
        role,
        must_match: None,
        edit: Ok(edit.clone()),
        payload: None,
    }
}
