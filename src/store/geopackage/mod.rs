//! The embedded store: one GeoPackage file that GDAL and QGIS open as it is, while the program runs too.
//!
//! It speaks to SQLite through rusqlite and not through sqlx as PostGIS does: the R-tree triggers of the GeoPackage standard call SQL functions (`ST_MinX`, `ST_IsEmpty`)
//! that the program must register with each connection, and a million rows must stream borrowed, without a copy, over connections that share one snapshot. sqlx offers neither.
//!
//! One thread writes, with one connection and statements that stay prepared; every commit is synced to disk before it is answered (write-ahead log, `synchronous=FULL`).
//! A second thread reads beside it. A lock file (`<file>.lock`) lets only one process of ours write; others (QGIS) may read at any time.
//!
//! Read in this order: `open`, `desk`, `statements`, `write`, `read`, `views`.
mod blob;
mod desk;
mod extents;
mod field;
mod open;
mod people;
mod photos;
mod read;
mod requirements;
mod statements;
mod views;
mod worker;
mod write;

use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use uuid::Uuid;

use self::desk::{Desk, Failure};
use self::photos::Photos;
use self::worker::Worker;
use super::encoding::{self, OwnedRaw};
use super::{
    Account, Grant, OverlayDefinition, Parts, Pending, RequirementRun, SavedRequirement, Sink, Store, StoreError, SurveyEntry, Transaction,
};
use crate::domain::catalogue::Catalogue;
use crate::domain::edit::{Decision, HistoryEntry, OpenEdit, Receipt};
use crate::domain::ids::{CarrierId, EditId, Revision};
use crate::domain::record::Record;
use crate::domain::viewer::Role;

/// A GeoPackage file.
pub struct GeoPackage {
    name: String,
    // In this order they are dropped: connections first, the lock last.
    reader: Worker,
    writer: Worker,
    photos: Arc<Photos>,
    _lock: File,
}

impl GeoPackage {
    /// Opens a file, or makes it.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let lock = open::lock(path)?;
        let desk = open::open(path)?;
        let name = desk.store().to_owned();
        let reader = Desk::open(path)?;
        Ok(Self {
            photos: Arc::new(Photos::beside(path, &name)),
            name,
            reader: Worker::start("store-reader", reader)?,
            writer: Worker::start("store-writer", desk)?,
            _lock: lock,
        })
    }

    fn read<T: Send + 'static>(&self, job: impl FnOnce(&mut Desk) -> Result<T, Failure> + Send + 'static) -> Pending<'_, T> {
        Box::pin(self.reader.run(move |desk| desk.run(job)))
    }

    fn write<T: Send + 'static>(&self, job: impl FnOnce(&mut Desk) -> Result<T, Failure> + Send + 'static) -> Pending<'_, T> {
        Box::pin(self.writer.run(move |desk| desk.run(job)))
    }

    /// Work with files waits for the disk, and not on a thread that answers requests.
    fn files<T: Send + 'static>(&self, work: impl FnOnce(&Photos) -> Result<T, StoreError> + Send + 'static) -> Pending<'_, T> {
        let photos = self.photos.clone();
        Box::pin(async move {
            let done = tokio::task::spawn_blocking(move || work(&photos)).await;
            done.unwrap_or_else(|error| {
                Err(StoreError::Unavailable {
                    store: self.name.clone(),
                    reason: error.to_string(),
                })
            })
        })
    }
}

impl Store for GeoPackage {
    fn describe(&self) -> String {
        self.name.clone()
    }

    fn is_shared(&self) -> bool {
        false
    }

    fn load<'a>(&'a self, mut sinks: Vec<Sink<'a>>) -> Pending<'a, Revision> {
        Box::pin(async move {
            let parts = sinks.len();
            let (revision, connections) = self.write(move |desk| read::snapshots(desk, parts)).await?;
            let parts = i64::try_from(parts).unwrap_or(i64::MAX);
            std::thread::scope(|scope| {
                let work = connections.into_iter().zip(&mut sinks).zip(0..);
                let threads: Vec<_> = work
                    .map(|((connection, sink), part)| scope.spawn(move || read::load_part(&connection, part, parts, sink)))
                    .collect();
                // A panic of a sink goes on in the caller.
                threads
                    .into_iter()
                    .try_for_each(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            })
            .map_err(|failure| desk::explain(&self.name, failure))?;
            Ok(revision)
        })
    }

    fn commit(&self, transaction: Arc<Transaction>) -> Pending<'_, Revision> {
        self.write(move |desk| write::commit(desk, &transaction))
    }

    fn commit_parts(&self, parts: Parts) -> Pending<'_, Option<Revision>> {
        self.write(move |desk| write::commit_parts(desk, parts))
    }

    fn receipts(&self, edits: Vec<EditId>) -> Pending<'_, Vec<Receipt>> {
        self.read(move |desk| read::receipts(desk, &edits))
    }

    fn open_receipts(&self) -> Pending<'_, Vec<Receipt>> {
        self.read(|desk| field::open_receipts(desk))
    }

    fn open_edits(&self) -> Pending<'_, Vec<OpenEdit>> {
        self.read(|desk| field::open_edits(desk))
    }

    fn decisions(&self, edits: Vec<EditId>) -> Pending<'_, Vec<Decision>> {
        self.read(move |desk| field::decisions(desk, &edits))
    }

    fn decided(&self, of: Option<CarrierId>, before: Option<(Timestamp, EditId)>, limit: usize) -> Pending<'_, Vec<Decision>> {
        self.read(move |desk| field::decided(desk, of, before, limit))
    }

    fn append_survey(&self, entries: Vec<SurveyEntry>) -> Pending<'_, ()> {
        self.write(move |desk| field::append(desk, &entries))
    }

    fn survey_since(&self, seq: u64, limit: usize) -> Pending<'_, Vec<SurveyEntry>> {
        self.read(move |desk| field::since(desk, seq, limit))
    }

    fn blob_size(&self, name: String) -> Pending<'_, Option<u64>> {
        self.files(move |photos| photos.size(&name))
    }

    fn append_blob(&self, name: String, start: u64, bytes: Bytes) -> Pending<'_, ()> {
        self.files(move |photos| photos.append(&name, start, &bytes))
    }

    fn read_blob(&self, name: String, start: u64, most: usize) -> Pending<'_, Vec<u8>> {
        self.files(move |photos| photos.read(&name, start, most))
    }

    fn rename_blob(&self, from: String, to: String) -> Pending<'_, bool> {
        self.files(move |photos| photos.rename(&from, &to))
    }

    fn remove_blob(&self, name: String) -> Pending<'_, ()> {
        self.files(move |photos| photos.remove(&name))
    }

    fn unfinished_bytes(&self, ending: String) -> Pending<'_, u64> {
        self.files(move |photos| photos.unfinished(&ending))
    }

    fn remove_idle_blobs(&self, idle: Duration) -> Pending<'_, Vec<u64>> {
        self.files(move |photos| photos.remove_idle(idle))
    }

    fn history(&self, record: CarrierId) -> Pending<'_, Vec<HistoryEntry>> {
        self.read(move |desk| read::history(desk, record))
    }

    fn changes(&self, since: Revision, limit: usize) -> Pending<'_, Vec<HistoryEntry>> {
        self.read(move |desk| read::changes(desk, since, limit))
    }

    fn first_change(&self, since: Revision) -> Pending<'_, Option<(Revision, Timestamp)>> {
        self.read(move |desk| read::first_change(desk, since))
    }

    fn reach(&self, up_to: Revision, lines: usize) -> Pending<'_, Option<Revision>> {
        self.read(move |desk| read::reach(desk, up_to, lines))
    }

    fn record<'a>(&'a self, id: CarrierId, catalogue: &'a Catalogue) -> Pending<'a, Option<Record>> {
        Box::pin(async move {
            let found = self.read(move |desk| read::record(desk, id, |raw| OwnedRaw::from(raw))).await?;
            found
                .map(|raw| encoding::record_from_raw(raw.borrow(), catalogue))
                .transpose()
                .map_err(|reason| StoreError::Damaged {
                    store: self.name.clone(),
                    reason,
                })
        })
    }

    fn overlays(&self) -> Pending<'_, Vec<OverlayDefinition>> {
        self.read(|desk| people::overlays(desk))
    }

    fn put_overlay(&self, overlay: OverlayDefinition) -> Pending<'_, ()> {
        self.write(move |desk| people::put_overlay(desk, &overlay))
    }

    fn accounts(&self) -> Pending<'_, Vec<Account>> {
        self.read(|desk| people::accounts(desk))
    }

    fn put_account(&self, account: Account) -> Pending<'_, ()> {
        self.write(move |desk| people::put_account(desk, &account))
    }

    fn grants(&self) -> Pending<'_, Vec<Grant>> {
        self.read(|desk| people::grants(desk))
    }

    fn put_grant(&self, grant: Grant) -> Pending<'_, ()> {
        self.write(move |desk| people::put_grant(desk, &grant))
    }

    fn end_grant(&self, secret_sha256: [u8; 32]) -> Pending<'_, ()> {
        self.write(move |desk| people::end_grant(desk, &secret_sha256))
    }

    fn requirements(&self) -> Pending<'_, Vec<SavedRequirement>> {
        self.read(|desk| requirements::all(desk))
    }

    fn put_requirement(&self, saved: SavedRequirement) -> Pending<'_, ()> {
        self.write(move |desk| requirements::put(desk, &saved))
    }

    fn requirement_runs(&self, id: Uuid) -> Pending<'_, Vec<RequirementRun>> {
        self.read(move |desk| requirements::runs(desk, id))
    }

    fn requirement_run(&self, id: Uuid, of: (Revision, Role)) -> Pending<'_, Option<RequirementRun>> {
        self.read(move |desk| requirements::run(desk, id, of))
    }

    fn put_requirement_run(&self, run: RequirementRun) -> Pending<'_, ()> {
        self.write(move |desk| requirements::put_run(desk, &run))
    }

    fn refresh_views<'a>(&'a self, catalogue: &'a Catalogue) -> Pending<'a, ()> {
        let views = views::of(catalogue);
        self.write(move |desk| views::refresh(desk, &views))
    }

    fn ping(&self) -> Pending<'_, ()> {
        self.write(|desk| Ok(desk.connection.execute_batch("BEGIN IMMEDIATE; ROLLBACK")?))
    }

    fn check(&self) -> Pending<'_, Vec<String>> {
        self.read(|desk| read::check(desk))
    }
}
