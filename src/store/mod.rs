//! Where records are kept: one small trait, a GeoPackage file and PostGIS behind it.
//!
//! The store is the truth and durable; it is read once at start and written for every edit. Deliberately absent: queries. Those read memory.
//!
//! Read in this order: this file, [`Transaction`], `encoding` (what texts mean), `geopackage`, `postgis`. `tests/all/store_conformance.rs` is run on both.
//!
//! Times are kept to the microsecond, the finer part is cut off.
mod columns;
mod encoding;
mod error;
mod geopackage;
mod line;
mod model;
mod postgis;
mod tables;

use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use uuid::Uuid;

use crate::domain::catalogue::Catalogue;
use crate::domain::edit::{Decision, HistoryEntry, OpenEdit, Receipt};
use crate::domain::ids::{CarrierId, EditId, Revision};
use crate::domain::record::{RawRecord, Record};
use crate::domain::viewer::Role;

pub use error::StoreError;
pub use model::{Account, Grant, OverlayDefinition, Part, Parts, RequirementRun, SavedRequirement, SurveyEntry, Transaction, Write};

/// A boxed future, so that the trait can be used as `Arc<dyn Store>`.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// Takes records while a store is loaded. An `Err` stops loading and is given back as [`StoreError::Damaged`].
pub type Sink<'a> = Box<dyn FnMut(RawRecord<'_>) -> Result<(), String> + Send + 'a>;

/// Ending of the names under which bytes gather that are not whole yet.
pub const UNFINISHED: &str = ".part";

/// Opens the store at a location: `postgres://user@host/database`, else the path of a GeoPackage file. What does not exist yet is made, what is older is brought up to date.
///
/// A file may be written by one process only; a second one gets [`StoreError::Unavailable`] that says so.
pub async fn open(location: &str) -> Result<Arc<dyn Store>, StoreError> {
    if ["postgres://", "postgresql://"].iter().any(|scheme| location.starts_with(scheme)) {
        return Ok(Arc::new(postgis::PostGis::open(location).await?));
    }
    Ok(Arc::new(geopackage::GeoPackage::open(Path::new(location))?))
}

/// Keeps records, their history, receipts, overlays' definitions and accounts.
pub trait Store: Send + Sync + 'static {
    /// What people call it: `GeoPackage var/zaiti.gpkg`, `PostGIS host/database` (never a password).
    fn describe(&self) -> String;
    /// Whether other processes may write to it at the same time.
    fn is_shared(&self) -> bool;
    /// Gives every record, closed ones too, to the sinks (each sink gets a part; the parts are read side by side where the store can), all of one revision, which is returned.
    /// The calling thread is busy until it is done.
    fn load<'a>(&'a self, sinks: Vec<Sink<'a>>) -> Pending<'a, Revision>;
    /// Writes one transaction, durably, and returns its revision: one more than the last. Fails with [`StoreError::Stale`] and writes nothing when a record's version is not the expected one,
    /// with [`StoreError::Duplicate`] when a code, an id or an edit id is taken, or an edit was decided on before.
    ///
    /// After [`StoreError::Unavailable`] nothing is written, but for one case that no database can rule out: the line broke, or the disk failed, after the commit was
    /// carried out and before that was said, and it cannot be asked after. The same transaction sent again is then a `Duplicate`, and [`Store::receipts`] has the answer.
    fn commit(&self, transaction: Arc<Transaction>) -> Pending<'_, Revision>;
    /// Writes one transaction that comes in parts, because it is too large to be handed over at once, and returns its revision once [`Part::Commit`] has come.
    /// When the sender goes away before that, nothing is written and the answer is `None`. Other writers wait meanwhile. Fails as [`Store::commit`] does.
    fn commit_parts(&self, parts: Parts) -> Pending<'_, Option<Revision>>;
    /// Stored receipts of these edits, in no order; unknown ids are left out.
    fn receipts(&self, edits: Vec<EditId>) -> Pending<'_, Vec<Receipt>>;
    /// Receipts of edits on which a person has to decide, oldest first.
    fn open_receipts(&self) -> Pending<'_, Vec<Receipt>>;
    /// The same edits without what was sent: quick, however large that is.
    fn open_edits(&self) -> Pending<'_, Vec<OpenEdit>>;
    /// Decisions on these edits, in no order; where there is none it is left out.
    fn decisions(&self, edits: Vec<EditId>) -> Pending<'_, Vec<Decision>>;
    /// Decisions, of one record or of all, the latest first (of one moment the one with the greater edit id), those before the given one, at most `limit`. Quick,
    /// however many there are.
    fn decided(&self, of: Option<CarrierId>, before: Option<(Timestamp, EditId)>, limit: usize) -> Pending<'_, Vec<Decision>>;
    /// Adds entries to the log of campaigns, all or none. They carry their places; the first follows the last that is stored.
    /// Fails with [`StoreError::Duplicate`] when a place or an id is taken: read on, and try again on top of that.
    fn append_survey(&self, entries: Vec<SurveyEntry>) -> Pending<'_, ()>;
    /// Entries of the log after a place, in order, at most `limit`.
    fn survey_since(&self, seq: u64, limit: usize) -> Pending<'_, Vec<SurveyEntry>>;
    /// Bytes that are kept under a name; `None` where nothing is. Names have lower-case letters, digits, - and . only.
    fn blob_size(&self, name: String) -> Pending<'_, Option<u64>>;
    /// Adds bytes, durably, at the end of what is kept under a name. Fails with [`StoreError::Duplicate`] when `start` is not the end.
    fn append_blob(&self, name: String, start: u64, bytes: Bytes) -> Pending<'_, ()>;
    /// At most `most` bytes of what is kept under a name, from `start`; none where nothing is.
    fn read_blob(&self, name: String, start: u64, most: usize) -> Pending<'_, Vec<u8>>;
    /// Gives what is kept under a name another one, durably; what was kept under that is replaced. Where nothing is kept under the first, nothing changes, and
    /// the answer is `false`.
    fn rename_blob(&self, from: String, to: String) -> Pending<'_, bool>;
    /// Removes what is kept under a name, if anything is.
    fn remove_blob(&self, name: String) -> Pending<'_, ()>;
    /// Bytes that are kept under names with this ending, which itself ends with [`UNFINISHED`].
    fn unfinished_bytes(&self, ending: String) -> Pending<'_, u64>;
    /// Removes what is kept under names that end with [`UNFINISHED`] and to which nothing was added for this long, and says how many bytes each had. The age is
    /// measured by the clock that noted the last addition, that of the file system or of the database: processes with clocks of their own agree on it.
    fn remove_idle_blobs(&self, idle: Duration) -> Pending<'_, Vec<u64>>;
    /// History of a record, oldest first.
    fn history(&self, record: CarrierId) -> Pending<'_, Vec<HistoryEntry>>;
    /// History lines of all records after a revision, in order of revision, at most `limit` of them but never half a revision:
    /// when the first revision alone has more lines than that, all its lines come.
    fn changes(&self, since: Revision, limit: usize) -> Pending<'_, Vec<HistoryEntry>>;
    /// Revision and time of the first change after a revision; `None` when there is none. Cheap, however much one revision changed.
    fn first_change(&self, since: Revision) -> Pending<'_, Option<(Revision, Timestamp)>>;
    /// Revision of the line that has `lines` lines behind it, up to a revision; `None` when there are not so many. It tells how much there would be to undo
    /// without reading it.
    fn reach(&self, up_to: Revision, lines: usize) -> Pending<'_, Option<Revision>>;
    /// One record as stored, closed or not. The catalogue says of what kind its values are.
    fn record<'a>(&'a self, id: CarrierId, catalogue: &'a Catalogue) -> Pending<'a, Option<Record>>;
    /// The defined overlays.
    fn overlays(&self) -> Pending<'_, Vec<OverlayDefinition>>;
    /// Adds or replaces an overlay's definition.
    fn put_overlay(&self, overlay: OverlayDefinition) -> Pending<'_, ()>;
    /// All accounts.
    fn accounts(&self) -> Pending<'_, Vec<Account>>;
    /// Adds or replaces an account by name.
    fn put_account(&self, account: Account) -> Pending<'_, ()>;
    /// All sessions and tokens that were not ended. The store has no clock: those whose time is over are the caller's to leave out and to end.
    fn grants(&self) -> Pending<'_, Vec<Grant>>;
    /// Adds a session or token.
    fn put_grant(&self, grant: Grant) -> Pending<'_, ()>;
    /// Ends a session or token by the hash of its secret.
    fn end_grant(&self, secret_sha256: [u8; 32]) -> Pending<'_, ()>;
    /// All saved requirements, oldest first.
    fn requirements(&self) -> Pending<'_, Vec<SavedRequirement>>;
    /// Adds a requirement.
    fn put_requirement(&self, saved: SavedRequirement) -> Pending<'_, ()>;
    /// Runs of a requirement, by revision and role, with empty answers.
    fn requirement_runs(&self, id: Uuid) -> Pending<'_, Vec<RequirementRun>>;
    /// The run of a requirement at a revision for a role, with its answer.
    fn requirement_run(&self, id: Uuid, of: (Revision, Role)) -> Pending<'_, Option<RequirementRun>>;
    /// Keeps a run. Where one of the same requirement, revision and role is kept already, that one stays.
    fn put_requirement_run(&self, run: RequirementRun) -> Pending<'_, ()>;
    /// Makes one view per collection (`parcels_view`, `overlay_<key>`) that shows the catalogue's attributes as columns to people with QGIS or SQL.
    fn refresh_views<'a>(&'a self, catalogue: &'a Catalogue) -> Pending<'a, ()>;
    /// Answers when the store can be written to (readiness).
    fn ping(&self) -> Pending<'_, ()>;
    /// Reads everything and lists what is damaged; slow (minutes for a large store).
    fn check(&self) -> Pending<'_, Vec<String>>;
}
