//! Opening, and the doors to reading and writing.
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use jiff::Timestamp;
use serde_json::Value as Json;
use tokio::sync::{broadcast, mpsc, oneshot};

use crate::domain::catalogue::Catalogue;
use crate::domain::edit::{Edit, Receipt};
use crate::domain::ids::{AttributeKey, Revision};
use crate::domain::record::RawRecord;
use crate::domain::surroundings::NewId;
use crate::domain::value::{Range, Value};
use crate::domain::viewer::{Role, Viewer};
use crate::index::{Builder, Fill, Snapshot};
use crate::store::{OverlayDefinition, Sink, Store, StoreError};

use super::contradictions::Contradictions;
use super::error::{EditError, OpenError};
use super::families::Families;
use super::freshness;
use super::ground::Ground;
use super::incoming::IncomingEdit;
use super::past::{At, Past, PastError, State};
use super::published::{Change, Published, Unread};
use super::request::{EditRequest, Hand};
use super::settings::Settings;
use super::tile_cache::TileCache;
use super::view::View;
use super::writer::{self, Bulk, BulkReport, Queue, Refused, Start, Task};

/// All records, in memory for reading and in the store for keeping.
pub struct Inventory {
    store: Arc<dyn Store>,
    current: Arc<ArcSwap<Published>>,
    announce: broadcast::Sender<Change>,
    queue: Queue,
    tiles: Arc<TileCache>,
    ground: Arc<Ground>,
    past: Past,
    settings: Settings,
    warnings: Warnings,
    contradictions: Contradictions,
}

/// A view of the past.
pub struct AsOf {
    /// What may be seen.
    pub view: View,
    /// Whether the same question will always have this answer: the end of today can still change.
    pub is_settled: bool,
}

/// What was found odd while the store was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Warnings {
    /// Stored values of attributes that the catalogue does not have. They are kept, but nobody sees them.
    pub values_without_attribute: usize,
}

impl Inventory {
    /// Reads the store and starts the writer. Overlays of the store join the catalogue.
    pub async fn open(store: Arc<dyn Store>, catalogue: Catalogue, settings: Settings) -> Result<Arc<Self>, OpenError> {
        let overlays = store.overlays().await?;
        let overlays: Vec<_> = overlays.into_iter().map(|each| (each.collection, each.fields)).collect();
        let catalogue = Arc::new(catalogue.with_overlays(&overlays));
        let (published, warnings) = load(&*store, &catalogue, &settings).await?;
        let current = Arc::new(ArcSwap::from_pointee(published));
        let (announce, _) = broadcast::channel(settings.announcements);
        let queue = writer::start(Start {
            store: store.clone(),
            current: current.clone(),
            announce: announce.clone(),
            settings: settings.clone(),
        })
        .map_err(OpenError::Writer)?;
        Ok(Arc::new(Self {
            tiles: Arc::new(TileCache::new(settings.tile_cache_bytes)),
            ground: Arc::new(Ground::new(settings.ground.clone())),
            past: Past::new(&settings),
            store,
            current,
            announce,
            queue,
            settings,
            warnings,
            contradictions: Contradictions::default(),
        }))
    }

    /// Limits and surroundings.
    pub(super) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Where records are kept.
    pub(super) fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// What is current now, for work of the inventory itself.
    pub(super) fn snapshot(&self) -> Snapshot {
        self.current.load().snapshot.clone()
    }

    /// Facts that contradict each other.
    pub(super) fn contradictions(&self) -> &Contradictions {
        &self.contradictions
    }

    /// The time, to the microsecond: the store keeps no finer one.
    pub(super) fn now(&self) -> Timestamp {
        let now = (self.settings.surroundings.clock)();
        Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
    }

    /// What this viewer may see of the revision that is current now.
    pub fn view(&self, viewer: &Viewer) -> View {
        self.view_of(self.current.load_full(), viewer)
    }

    /// Reads a point in the past: a day, a time, or the number of a revision.
    pub fn read_at(&self, text: &str) -> Result<At, PastError> {
        At::read(text, (&self.settings.zone, (self.settings.surroundings.clock)()))
    }

    /// What this viewer may see as of a point in the past, where that state is at hand.
    pub fn view_at_hand(&self, viewer: &Viewer, at: At) -> Option<AsOf> {
        let present = self.current.load_full();
        self.past.find(at, &present).map(|state| self.as_of(state, viewer))
    }

    /// What this viewer may see as of a point in the past. Making that state can take a while.
    pub async fn view_at(&self, viewer: &Viewer, at: At) -> Result<AsOf, PastError> {
        let present = self.current.load_full();
        let state = self.past.state(&*self.store, at, &present).await?;
        Ok(self.as_of(state, viewer))
    }

    /// Where the park's days begin and end.
    pub fn zone(&self) -> &jiff::tz::TimeZone {
        &self.settings.zone
    }

    fn as_of(&self, state: State, viewer: &Viewer) -> AsOf {
        AsOf {
            view: self.view_of(state.published, viewer).into_past(),
            is_settled: state.is_settled,
        }
    }

    fn view_of(&self, published: Arc<Published>, viewer: &Viewer) -> View {
        View::new(
            published,
            viewer.role.eyes(),
            (self.store.clone(), self.tiles.clone(), self.ground.clone()),
            self.settings.tile_budget_bytes,
        )
    }

    /// Judges and writes edits; one receipt each, in their order, given when they are durable and can be read.
    pub async fn edit(&self, viewer: &Viewer, edits: Vec<EditRequest>) -> Result<Vec<Receipt>, EditError> {
        let edits = edits.into_iter().map(IncomingEdit::from).collect();
        self.take_in(Hand::own(viewer), edits).await
    }

    /// The same for edits as they came in, readable or not, perhaps brought by somebody else than their author.
    pub async fn take_in(&self, by: Hand<'_>, edits: Vec<IncomingEdit>) -> Result<Vec<Receipt>, EditError> {
        if by.viewer.role == Role::Public {
            return Err(EditError::NotAllowed);
        }
        let limit = self.settings.request_edits;
        if edits.len() > limit {
            return Err(EditError::TooMany { given: edits.len(), limit });
        }
        let catalogue = self.current.load().snapshot.catalogue().clone();
        let now = (self.settings.surroundings.clock)();
        let kept_bytes = self.settings.kept_bytes;
        let wish = |edit: IncomingEdit| edit.wish(&by, (&catalogue, now), kept_bytes);
        let wishes = edits.into_iter().map(wish).collect();
        let (reply, answer) = oneshot::channel();
        self.queue.try_send(Task::Edits(wishes, reply)).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => EditError::Busy,
            mpsc::error::TrySendError::Closed(_) => EditError::Stopping,
        })?;
        answer.await.unwrap_or(Err(EditError::Stopping))
    }

    /// Many edits of the program itself, judged with the rights of `role`, in one transaction. Edits of others wait meanwhile, readers do not.
    pub async fn bulk(
        &self,
        edits: Box<dyn Iterator<Item = Result<Edit, Refused>> + Send>,
        role: Role,
        mode: Bulk,
    ) -> Result<BulkReport, EditError> {
        let (reply, answer) = oneshot::channel();
        self.send(Task::Bulk(edits, (role, mode), reply)).await?;
        answer.await.unwrap_or(Err(EditError::Stopping))
    }

    /// Adds or replaces an overlay; its features are then written like any other records.
    pub async fn define_overlay(&self, definition: OverlayDefinition) -> Result<(), EditError> {
        let (reply, answer) = oneshot::channel();
        self.send(Task::Overlay(Box::new(definition), reply)).await?;
        answer.await.unwrap_or(Err(EditError::Stopping))
    }

    /// Reads what other processes have written to the same store; gives the revision then current.
    pub async fn catch_up(&self) -> Result<Revision, EditError> {
        let (reply, answer) = oneshot::channel();
        self.send(Task::CatchUp(reply)).await?;
        answer.await.unwrap_or(Err(EditError::Stopping))
    }

    /// Whether other processes may write to the store at the same time.
    pub fn is_shared(&self) -> bool {
        self.store.is_shared()
    }

    /// Tells of every new revision, as soon as it can be read.
    pub fn subscribe(&self) -> broadcast::Receiver<Change> {
        self.announce.subscribe()
    }

    /// Makes ids that were never made before.
    pub fn new_id(&self) -> &NewId {
        &self.settings.surroundings.new_id
    }

    /// Requests that wait for the writer.
    pub fn waiting_edits(&self) -> usize {
        self.queue.max_capacity() - self.queue.capacity()
    }

    /// Answers when the store can be written.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.store.ping().await
    }

    /// What was found odd at the start.
    pub fn warnings(&self) -> Warnings {
        self.warnings
    }

    pub(super) async fn send(&self, task: Task) -> Result<(), EditError> {
        self.queue.send(task).await.map_err(|_stopped| EditError::Stopping)
    }
}

async fn load(store: &dyn Store, catalogue: &Arc<Catalogue>, settings: &Settings) -> Result<(Published, Warnings), StoreError> {
    let unread: Arc<Mutex<Unread>> = Arc::default();
    let builder = Builder::new(catalogue.clone(), settings.load_parts);
    let sinks = builder.sinks().into_iter();
    let sinks = sinks.map(|fill| watched(freshness::filled(fill, catalogue, &settings.zone), catalogue, &unread));
    let sinks = sinks.collect();
    let revision = store.load(sinks).await?;
    let snapshot = builder.finish(revision);
    let mut unread = std::mem::take(&mut *unread.lock().unwrap_or_else(PoisonError::into_inner));
    unread.extend(snapshot.without_attribute());
    let warnings = Warnings {
        values_without_attribute: unread.values().map(BTreeMap::len).sum(),
    };
    if warnings.values_without_attribute > 0 {
        tracing::warn!(
            values = warnings.values_without_attribute,
            "the store has values of attributes that the catalogue lacks; they are kept, but not shown"
        );
    }
    let published = Published {
        families: Families::of(&snapshot),
        unread: Arc::new(unread),
        zone: settings.zone.clone(),
        snapshot,
    };
    Ok((published, warnings))
}

/// A sink that also takes note of the values of collections that the catalogue lacks, which the snapshot leaves out.
fn watched<'a>(mut fill: Fill, catalogue: &Arc<Catalogue>, unread: &Arc<Mutex<Unread>>) -> Sink<'a> {
    let (catalogue, unread) = (catalogue.clone(), unread.clone());
    Box::new(move |raw| {
        if catalogue.collection(raw.collection).is_none() {
            let left = values_by_form(&raw)?;
            if !left.is_empty() {
                unread.lock().unwrap_or_else(PoisonError::into_inner).insert(raw.id, left);
            }
        }
        fill(raw)
    })
}

fn values_by_form(raw: &RawRecord<'_>) -> Result<BTreeMap<AttributeKey, Value>, String> {
    let all: BTreeMap<AttributeKey, Json> = serde_json::from_str(raw.attributes).map_err(|error| format!("record {}: {error}", raw.id))?;
    let read = |(key, json): (AttributeKey, Json)| {
        let value = value(&json).ok_or_else(|| format!("record {}: {key} has no form of a value", raw.id))?;
        Ok((key, value))
    };
    all.into_iter().map(read).collect()
}

/// A value by its form alone; it is written back in the same form.
fn value(json: &Json) -> Option<Value> {
    Some(match json {
        Json::Number(number) => Value::Number(number.as_f64()?),
        Json::String(text) => Value::Text(text.as_str().into()),
        Json::Bool(flag) => Value::Flag(*flag),
        Json::Object(range) => {
            let inclusive = |key: &str| range.get(key).and_then(Json::as_bool).unwrap_or(true);
            Value::Range(Range {
                min: range.get("min").and_then(Json::as_f64),
                max: range.get("max").and_then(Json::as_f64),
                min_inclusive: inclusive("min_inclusive"),
                max_inclusive: inclusive("max_inclusive"),
            })
        }
        Json::Null | Json::Array(_) => return None,
    })
}
