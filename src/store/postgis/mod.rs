//! The shared store: PostGIS, for several people, programs or machines on one inventory.
//!
//! Everything lies in the schema `zaiti`. A transaction first takes the row with the revision, so that writers, of whichever process, come one after the other and
//! revisions are given in the order of commits. Versions are checked in SQL. Each commit tells the channel `zaiti_revision` its revision.
//!
//! Statements are text known at compile time; values only ever travel as parameters, whole batches of them as arrays (`unnest`).
//!
//! Read in this order: `link`, `open`, `write`, `parts`, `batch`, `read`, `views`.
mod batch;
mod failure;
mod field;
mod link;
mod open;
mod parts;
mod people;
mod photos;
mod read;
mod requirements;
mod types;
mod views;
mod write;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use uuid::Uuid;

use self::failure::Failure;
use self::link::Link;
use super::encoding::{self};
use super::{
    Account, Grant, OverlayDefinition, Parts, Pending, RequirementRun, SavedRequirement, Sink, Store, StoreError, SurveyEntry, Transaction,
};
use crate::domain::catalogue::Catalogue;
use crate::domain::edit::{Decision, HistoryEntry, OpenEdit, Receipt};
use crate::domain::ids::{CarrierId, EditId, Revision};
use crate::domain::record::Record;
use crate::domain::viewer::Role;

/// A PostgreSQL database with PostGIS.
pub struct PostGis {
    link: Link,
}

impl PostGis {
    /// Opens `postgres://user@host/database` and brings its schema up to date.
    pub async fn open(location: &str) -> Result<Self, StoreError> {
        let link = Link::new(location)?;
        open::prepare(&link).await.map_err(|failure| failure.explain(&link.name))?;
        Ok(Self { link })
    }

    fn say<'a, T: 'a>(&'a self, work: impl Future<Output = Result<T, Failure>> + Send + 'a) -> Pending<'a, T> {
        Box::pin(async move { work.await.map_err(|failure| failure.explain(&self.link.name)) })
    }
}

impl Store for PostGis {
    fn describe(&self) -> String {
        self.link.name.clone()
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn load<'a>(&'a self, sinks: Vec<Sink<'a>>) -> Pending<'a, Revision> {
        self.say(read::load(&self.link, sinks))
    }

    fn commit(&self, transaction: Arc<Transaction>) -> Pending<'_, Revision> {
        self.say(async move { write::commit(&self.link, &transaction).await })
    }

    fn commit_parts(&self, parts: Parts) -> Pending<'_, Option<Revision>> {
        self.say(parts::commit(&self.link, parts))
    }

    fn receipts(&self, edits: Vec<EditId>) -> Pending<'_, Vec<Receipt>> {
        self.say(async move { read::receipts(&self.link.pool, &edits).await })
    }

    fn open_receipts(&self) -> Pending<'_, Vec<Receipt>> {
        self.say(field::open_receipts(&self.link.pool))
    }

    fn open_edits(&self) -> Pending<'_, Vec<OpenEdit>> {
        self.say(field::open_edits(&self.link.pool))
    }

    fn decisions(&self, edits: Vec<EditId>) -> Pending<'_, Vec<Decision>> {
        self.say(async move { field::decisions(&self.link.pool, &edits).await })
    }

    fn decided(&self, of: Option<CarrierId>, before: Option<(Timestamp, EditId)>, limit: usize) -> Pending<'_, Vec<Decision>> {
        self.say(async move { field::decided(&self.link.pool, of, before, limit).await })
    }

    fn append_survey(&self, entries: Vec<SurveyEntry>) -> Pending<'_, ()> {
        self.say(async move { field::append(&self.link.pool, &entries).await })
    }

    fn survey_since(&self, seq: u64, limit: usize) -> Pending<'_, Vec<SurveyEntry>> {
        self.say(field::since(&self.link.pool, seq, limit))
    }

    fn blob_size(&self, name: String) -> Pending<'_, Option<u64>> {
        self.say(async move { photos::size(&self.link.pool, &name).await })
    }

    fn append_blob(&self, name: String, start: u64, bytes: Bytes) -> Pending<'_, ()> {
        self.say(async move { photos::append(&self.link.pool, &name, start, &bytes).await })
    }

    fn read_blob(&self, name: String, start: u64, most: usize) -> Pending<'_, Vec<u8>> {
        self.say(async move { photos::read(&self.link.pool, &name, start, most).await })
    }

    fn rename_blob(&self, from: String, to: String) -> Pending<'_, bool> {
        self.say(async move { photos::rename(&self.link.pool, &from, &to).await })
    }

    fn remove_blob(&self, name: String) -> Pending<'_, ()> {
        self.say(async move { photos::remove(&self.link.pool, &name).await })
    }

    fn unfinished_bytes(&self, ending: String) -> Pending<'_, u64> {
        self.say(async move { photos::unfinished(&self.link.pool, &ending).await })
    }

    fn remove_idle_blobs(&self, idle: Duration) -> Pending<'_, Vec<u64>> {
        self.say(photos::remove_idle(&self.link.pool, idle))
    }

    fn history(&self, record: CarrierId) -> Pending<'_, Vec<HistoryEntry>> {
        self.say(read::history(&self.link.pool, record))
    }

    fn changes(&self, since: Revision, limit: usize) -> Pending<'_, Vec<HistoryEntry>> {
        self.say(read::changes(&self.link.pool, since, limit))
    }

    fn first_change(&self, since: Revision) -> Pending<'_, Option<(Revision, Timestamp)>> {
        self.say(read::first_change(&self.link.pool, since))
    }

    fn reach(&self, up_to: Revision, lines: usize) -> Pending<'_, Option<Revision>> {
        self.say(read::reach(&self.link.pool, up_to, lines))
    }

    fn record<'a>(&'a self, id: CarrierId, catalogue: &'a Catalogue) -> Pending<'a, Option<Record>> {
        self.say(async move {
            let found = read::record(&self.link.pool, id).await?;
            found
                .map(|raw| encoding::record_from_raw(raw.borrow(), catalogue))
                .transpose()
                .map_err(Failure::Unreadable)
        })
    }

    fn overlays(&self) -> Pending<'_, Vec<OverlayDefinition>> {
        self.say(people::overlays(&self.link.pool))
    }

    fn put_overlay(&self, overlay: OverlayDefinition) -> Pending<'_, ()> {
        self.say(people::put_overlay(&self.link.pool, overlay))
    }

    fn accounts(&self) -> Pending<'_, Vec<Account>> {
        self.say(people::accounts(&self.link.pool))
    }

    fn put_account(&self, account: Account) -> Pending<'_, ()> {
        self.say(people::put_account(&self.link.pool, account))
    }

    fn grants(&self) -> Pending<'_, Vec<Grant>> {
        self.say(people::grants(&self.link.pool))
    }

    fn put_grant(&self, grant: Grant) -> Pending<'_, ()> {
        self.say(people::put_grant(&self.link.pool, grant))
    }

    fn end_grant(&self, secret_sha256: [u8; 32]) -> Pending<'_, ()> {
        self.say(people::end_grant(&self.link.pool, secret_sha256))
    }

    fn requirements(&self) -> Pending<'_, Vec<SavedRequirement>> {
        self.say(requirements::all(&self.link.pool))
    }

    fn put_requirement(&self, saved: SavedRequirement) -> Pending<'_, ()> {
        self.say(requirements::put(&self.link.pool, saved))
    }

    fn requirement_runs(&self, id: Uuid) -> Pending<'_, Vec<RequirementRun>> {
        self.say(requirements::runs(&self.link.pool, id))
    }

    fn requirement_run(&self, id: Uuid, of: (Revision, Role)) -> Pending<'_, Option<RequirementRun>> {
        self.say(requirements::run(&self.link.pool, id, of))
    }

    fn put_requirement_run(&self, run: RequirementRun) -> Pending<'_, ()> {
        self.say(requirements::put_run(&self.link.pool, run))
    }

    fn refresh_views<'a>(&'a self, catalogue: &'a Catalogue) -> Pending<'a, ()> {
        self.say(views::refresh(&self.link, catalogue))
    }

    fn ping(&self) -> Pending<'_, ()> {
        self.say(read::ping(&self.link))
    }

    fn check(&self) -> Pending<'_, Vec<String>> {
        self.say(read::check(&self.link.pool))
    }
}
