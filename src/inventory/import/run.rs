//! One import from file to report.
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

use super::columns::Columns;
use super::fields::Fields;
use super::mapping::{Mapping, MappingError};
use super::overlay::{self, NewOverlay};
use super::plan::{Common, Faulty, Plan, Planned};
use super::report::{ImportReport, LISTED, Refusal};
use crate::domain::edit::{Change, Edit, Outcome};
use crate::domain::ids::CollectionKey;
use crate::domain::record::Evidence;
use crate::domain::surroundings::NewId;
use crate::domain::viewer::Viewer;
use crate::formats::{self, FormatError, Place, Source};
use crate::index::Snapshot;
use crate::inventory::{Bulk, BulkReport, EditError, Inventory, Refused};

/// What to import, and how.
#[derive(Clone, Debug)]
pub struct Job {
    /// The file.
    pub path: PathBuf,
    /// How to read it.
    pub read: formats::Options,
    /// Where its rows go.
    pub into: CollectionKey,
    /// What is known of its fields. Where it has no rules, the catalogue's headings say what they are.
    pub mapping: Mapping,
    /// What to do when rows are refused.
    pub mode: Bulk,
    /// What to do with outlines that are not valid.
    pub faulty: Faulty,
    /// The overlay to define, where `into` names none that exists.
    pub overlay: Option<NewOverlay>,
    /// Who imports.
    pub viewer: Viewer,
    /// When the facts were observed.
    pub observed_at: Timestamp,
    /// On what evidence.
    pub evidence: Evidence,
}

/// Hears how many rows are read, and how many there will be about.
pub type Progress = Box<dyn FnMut(u64, Option<u64>) + Send>;

/// Why an import could not be tried.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file cannot be read.
    #[error("{file}: {error}")]
    Format {
        /// Its name.
        file: String,
        /// Why.
        error: FormatError,
    },
    /// The mapping does not fit.
    #[error(transparent)]
    Mapping(#[from] MappingError),
    /// No such collection, and nothing to define it by.
    #[error("there is no collection {given}; expected one of {expected}, or --effect, which makes it a new overlay")]
    Collection {
        /// As given.
        given: CollectionKey,
        /// Those that exist.
        expected: String,
    },
    /// A key that no collection can have.
    #[error(
        "given {given} as the key of a new overlay, expected lower-case letters, digits and _, beginning with a letter, at most 48 of them"
    )]
    Key {
        /// As given.
        given: CollectionKey,
    },
    /// The writer says no.
    #[error(transparent)]
    Edit(#[from] EditError),
}

/// Rows between two words of progress.
const ROWS_PER_WORD: u64 = 1_000;

/// Imports a file: all in one transaction, or nothing.
pub async fn import(inventory: &Inventory, job: Job, progress: Progress) -> Result<ImportReport, ImportError> {
    let mut snapshot = inventory.view(&job.viewer).snapshot().clone();
    let is_new = snapshot.catalogue().collection(job.into.as_str()).is_none();
    if is_new && job.overlay.is_none() {
        return Err(unknown(&job.into, &snapshot));
    }
    let fields = Fields::of(&job)?;
    let mut definition = None;
    if let (true, Some(new)) = (is_new, &job.overlay) {
        if !overlay::is_key(&job.into) {
            let given = job.into.clone();
            return Err(ImportError::Key { given });
        }
        let defined = overlay::define(&job.into, new, &fields.names);
        snapshot = with_overlay(&snapshot, (&defined.collection, &defined.fields));
        definition = Some(defined);
    }
    let mapping = complete(&job, &snapshot, &fields)?;
    if let Some(definition) = definition {
        // Tried without the writer first: an overlay is not defined for the sake of a file that is then refused.
        let mut tried = try_alone(&job, &mapping, &snapshot, inventory)?;
        tried.fields = targets(&mapping, &fields);
        if job.mode == Bulk::DryRun || (tried.refused > 0 && job.mode == Bulk::AllOrNothing) || tried.added == 0 {
            return Ok(tried);
        }
        inventory.define_overlay(definition).await?;
        snapshot = inventory.view(&job.viewer).snapshot().clone();
    }
    let started = Started::new(&job, &mapping, snapshot, inventory)?;
    let shared = Arc::clone(&started.shared);
    let notes = started.notes.clone();
    let rows = Rows { started, progress };
    let done = inventory.bulk(Box::new(rows), job.viewer.role, job.mode).await?;
    let mut report = std::mem::take(&mut *shared.lock().unwrap_or_else(PoisonError::into_inner)).finish(done);
    report.notes.splice(0..0, notes);
    report.fields = targets(&mapping, &fields);
    Ok(report)
}

fn unknown(given: &CollectionKey, snapshot: &Snapshot) -> ImportError {
    let known: Vec<_> = snapshot
        .catalogue()
        .collections
        .iter()
        .map(|collection| collection.key.as_str())
        .collect();
    ImportError::Collection {
        given: given.clone(),
        expected: known.join(", "),
    }
}

fn with_overlay(snapshot: &Snapshot, (collection, fields): (&crate::domain::catalogue::Collection, &[(String, String)])) -> Snapshot {
    let catalogue = snapshot.catalogue().with_overlays(&[(collection.clone(), fields.to_vec())]);
    Snapshot::empty(Arc::new(catalogue))
}

pub(super) fn open(path: &Path, options: &formats::Options) -> Result<Source, ImportError> {
    formats::read(path, options).map_err(|error| ImportError::Format {
        file: path.display().to_string(),
        error,
    })
}

/// The mapping with what the catalogue's headings add to it, checked against the fields.
fn complete(job: &Job, snapshot: &Snapshot, fields: &Fields) -> Result<Mapping, ImportError> {
    let mut mapping = job.mapping.clone();
    let catalogue = snapshot.catalogue();
    mapping.fit(fields)?;
    if super::plan::is_overlay(catalogue, &job.into) {
        overlay::name_features(&mut mapping, &job.into, fields);
    }
    // A mapping of its own says all there is to say; single rules are said on top of the headings.
    if mapping.fields.iter().all(|rule| rule.required) {
        mapping.add_known(catalogue, job.into.as_str(), &fields.names);
    }
    if mapping.code.is_empty() {
        mapping.code.extend(fields.code.as_ref().map(|field| format!("{{{field}}}")));
    }
    // Where not one good row was met, its own faults are what to say of each.
    if mapping.code.is_empty() && fields.rows > 0 {
        let fields = fields.names.join(", ");
        return Err(MappingError::NoCode { fields }.into());
    }
    Ok(mapping)
}

fn targets(mapping: &Mapping, fields: &Fields) -> Vec<(String, Option<String>)> {
    let target = |field: &String| (field.clone(), mapping.targets(field));
    fields.names.iter().map(target).collect()
}

fn try_alone(job: &Job, mapping: &Mapping, snapshot: &Snapshot, inventory: &Inventory) -> Result<ImportReport, ImportError> {
    let mut started = Started::new(job, mapping, snapshot.clone(), inventory)?;
    started.plan.by_ref().for_each(drop);
    let mut report = std::mem::take(&mut started.plan.report);
    report.notes = started.notes;
    report.notes.extend(started.plan.columns.absent());
    Ok(report)
}

/// A file that is open at its first row.
struct Started {
    plan: Plan,
    notes: Vec<String>,
    total: Option<u64>,
    shared: Arc<Mutex<Tally>>,
}

impl Started {
    fn new(job: &Job, mapping: &Mapping, snapshot: Snapshot, inventory: &Inventory) -> Result<Self, ImportError> {
        let source = open(&job.path, &job.read)?;
        let columns = Columns::bind(mapping.clone(), snapshot.catalogue().clone(), job.into.as_str())?;
        let common = Common {
            collection: job.into.clone(),
            author: job.viewer.account.as_deref().unwrap_or_default().to_owned(),
            observed_at: job.observed_at,
            evidence: job.evidence,
            faulty: job.faulty,
            max_vertices: job.read.limits.max_vertices,
            new_id: NewId::clone(inventory.new_id()),
        };
        let mut notes = vec![format!("{}, {}", source.format, source.crs)];
        notes.extend(source.notes);
        Ok(Self {
            plan: Plan::new(source.features, columns, common, snapshot),
            notes,
            total: source.count_hint,
            shared: Arc::default(),
        })
    }
}

/// What the writer is given: one item per row that is new, different or refused.
struct Rows {
    started: Started,
    progress: Progress,
}

/// What must be known of the items when the writer has judged them.
#[derive(Default)]
struct Tally {
    report: ImportReport,
    items: Vec<(Place, Kind)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Added,
    Changed,
    /// Counted already.
    Refused,
}

impl Iterator for Rows {
    type Item = Result<Edit, Refused>;

    fn next(&mut self) -> Option<Self::Item> {
        let before = self.started.plan.report.rows;
        let planned = self.started.plan.next();
        let rows = self.started.plan.report.rows;
        if rows / ROWS_PER_WORD > before / ROWS_PER_WORD || planned.is_none() {
            (self.progress)(rows, self.started.total);
        }
        let mut tally = self.started.shared.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(Planned { place, edit }) = planned else {
            tally.report = std::mem::take(&mut self.started.plan.report);
            tally.report.notes = self.started.plan.columns.absent();
            return None;
        };
        let kind = match &edit {
            Err(_) => Kind::Refused,
            Ok(edit) => match edit.change {
                Change::Create { .. } => Kind::Added,
                Change::Set { .. } | Change::Close { .. } => Kind::Changed,
            },
        };
        tally.items.push((place, kind));
        Some(edit.map_err(|refusal| Refused::new("bad-row", refusal.to_string())))
    }
}

impl Tally {
    /// Adds the writer's word to the plan's.
    fn finish(self, done: BulkReport) -> ImportReport {
        let Self { mut report, items } = self;
        for (position, outcome) in done.refused {
            let Some((place, kind)) = items.get(position).copied() else {
                continue;
            };
            match kind {
                Kind::Refused => continue,
                Kind::Added => report.added -= 1,
                Kind::Changed => report.changed -= 1,
            }
            report.refused += 1;
            if report.refusals.len() < LISTED {
                report.refusals.push(explain(place, outcome));
            }
        }
        report.refusals.sort_by_key(|refusal| refusal.place);
        report.revision = done.revision;
        report
    }
}

fn explain(place: Place, outcome: Outcome) -> Refusal {
    match outcome {
        Outcome::Returned { reason, detail, .. } => Refusal::new(place, None, detail, format!("a change that may be ({reason})")),
        Outcome::Proposed { fields } => {
            let fields: Vec<_> = fields.iter().map(ToString::to_string).collect();
            Refusal::new(place, None, fields.join(", "), "values that the importer may set (a steward may)")
        }
        Outcome::Conflict { .. } => Refusal::new(
            place,
            None,
            "a record that somebody changed meanwhile",
            "one that nobody did: import again",
        ),
        Outcome::Applied { .. } | Outcome::Merged { .. } => Refusal::new(place, None, "a change", "a change"),
    }
}
