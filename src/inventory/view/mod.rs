//! What one viewer may see of one revision. Every read goes through here, so that rights are applied in one place.
//!
//! An attribute that the viewer may not see does not exist: not in answers, not in filters, orders and facets, not in histories and tiles, and asking for
//! it gets the same words as asking for one that nobody has.
mod changes;
mod export;
mod facets;
mod history;
mod item;
mod net_area;
mod outing;
mod search;
mod tile;

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Value as Json, json};

use crate::domain::catalogue::{Attribute, Catalogue};
use crate::domain::ids::{AttributeKey, CarrierId, CollectionKey, Revision};
use crate::domain::query::{Filter, Query};
use crate::domain::viewer::Role;
use crate::filter::{self, Limits, Mistake, ParameterError, Scope};
use crate::index::Snapshot;
use crate::store::Store;

use super::error::ReadError;
use super::ground::Ground;
use super::published::Published;
use super::tile_cache::TileCache;

pub use changes::{ChangeLine, ChangePage};
pub use export::{Export, ExportFormat};
pub use facets::FacetPage;
pub(in crate::inventory) use facets::{facet_json, unit};
pub use history::HistoryLine;
pub use item::Item;
pub use outing::{Around, Spot};
pub use search::{GeometryChoice, Page};
pub use tile::{Tile, TileAddress};

/// One revision, as one viewer may see it. Cheap to make; keep it for the whole of an answer.
#[derive(Clone)]
pub struct View {
    published: Arc<Published>,
    role: Role,
    store: Arc<dyn Store>,
    tiles: Arc<TileCache>,
    ground: Arc<Ground>,
    tile_budget_bytes: usize,
    is_past: bool,
}

impl View {
    pub(super) fn new(
        published: Arc<Published>,
        role: Role,
        (store, tiles, ground): (Arc<dyn Store>, Arc<TileCache>, Arc<Ground>),
        tile_budget_bytes: usize,
    ) -> Self {
        Self {
            published,
            role,
            store,
            tiles,
            ground,
            tile_budget_bytes,
            is_past: false,
        }
    }

    /// The same as a state of the past, in which nothing can be done any more.
    pub(super) fn into_past(self) -> Self {
        Self { is_past: true, ..self }
    }

    /// The same with the eyes of a surveyor, for records of the ground that the asker is sent to and for what is packed for phones.
    #[must_use]
    pub fn in_the_field(self) -> Self {
        Self {
            role: Role::Surveyor,
            ..self
        }
    }

    /// The revision.
    pub fn revision(&self) -> Revision {
        self.snapshot().revision()
    }

    /// Revision at which a collection last changed.
    pub fn collection_revision(&self, collection: &CollectionKey) -> Revision {
        self.snapshot().collection_revision(collection)
    }

    /// Collections that have changed after a revision.
    pub fn collections_changed_since(&self, since: Revision) -> Vec<CollectionKey> {
        let keys = self.catalogue().collections.iter().map(|collection| &collection.key);
        keys.filter(|key| self.collection_revision(key) > since).cloned().collect()
    }

    /// The whole catalogue, for reading parameters with the viewer's role. What of it is shown is [`Self::catalogue_json`].
    pub fn catalogue(&self) -> &Arc<Catalogue> {
        self.snapshot().catalogue()
    }

    /// With whose eyes it is looked.
    pub fn role(&self) -> Role {
        self.role
    }

    /// Open records of a collection.
    pub fn count(&self, collection: &CollectionKey) -> usize {
        self.snapshot().count(collection)
    }

    /// `[west, south, east, north]` around the open records of a collection, degrees; `None` when there is none with an outline.
    pub fn bounds(&self, collection: &CollectionKey) -> Option<[f64; 4]> {
        let bounds = self.snapshot().bounds(collection)?;
        Some([bounds.min().x, bounds.min().y, bounds.max().x, bounds.max().y])
    }

    /// The part of the catalogue that somebody of this role may see, with revision and counts.
    pub fn catalogue_json(&self, role: Role) -> Json {
        let mut answer = self.catalogue().to_json(role);
        answer["revision"] = json!(self.revision());
        for collection in answer["collections"].as_array_mut().into_iter().flatten() {
            let count = collection["key"].as_str().map_or(0, |key| self.count(&key.into()));
            collection["count"] = json!(count);
        }
        answer
    }

    /// Id of the record with this code or id.
    pub fn id_of(&self, code_or_id: &str) -> Option<CarrierId> {
        let snapshot = self.snapshot();
        let by_id = || {
            uuid::Uuid::parse_str(code_or_id)
                .ok()
                .map(CarrierId)
                .filter(|id| snapshot.record(*id).is_some())
        };
        snapshot.id_by_code(code_or_id).or_else(by_id)
    }

    /// Reads the parameters of a search with the viewer's eyes.
    pub fn query(&self, collection: &str, parameters: &[(String, String)], limits: &Limits) -> Result<Query, ReadError> {
        if self.catalogue().collection(collection).is_none() {
            return Err(self.unknown_collection(collection));
        }
        let scope = Scope {
            catalogue: self.catalogue(),
            role: self.role,
            collection,
            limits,
        };
        Ok(filter::parse(&scope, parameters)?)
    }

    fn unknown_collection(&self, given: &str) -> ReadError {
        ReadError::UnknownCollection {
            given: given.to_owned(),
            expected: self.catalogue().collections.iter().map(|each| each.key.to_string()).collect(),
        }
    }

    pub(in crate::inventory) fn snapshot(&self) -> &Snapshot {
        &self.published.snapshot
    }

    pub(in crate::inventory) fn ground(&self) -> &Ground {
        &self.ground
    }

    fn sees(&self, attribute: &Attribute) -> bool {
        self.role.sees(attribute.visibility)
    }

    /// Whether a field of a record may be shown: an attribute of the catalogue that this viewer may see.
    fn sees_field(&self, collection: &str, key: &AttributeKey) -> bool {
        self.catalogue()
            .attribute(collection, key.as_str())
            .is_some_and(|attribute| self.sees(attribute))
    }

    /// Attributes of a collection that this viewer may see.
    fn visible(&self, collection: &CollectionKey) -> Vec<AttributeKey> {
        let all = self.catalogue().attributes_of(collection.as_str());
        all.filter(|attribute| self.sees(attribute))
            .map(|attribute| attribute.key.clone())
            .collect()
    }

    /// A query may speak only of what its asker may see, whoever made it: else values could be guessed by bisection.
    fn check(&self, query: &Query) -> Result<(), ReadError> {
        let collection = &query.collection;
        if self.catalogue().collection(collection.as_str()).is_none() {
            return Err(self.unknown_collection(collection.as_str()));
        }
        let mut asked = BTreeSet::new();
        query.conditions.iter().for_each(|condition| named(&condition.filter, &mut asked));
        asked.extend(query.sort.iter().filter_map(|key| key.attribute.as_ref()));
        match asked.into_iter().find(|key| !self.sees_field(collection.as_str(), key)) {
            None => Ok(()),
            Some(key) => Err(self.unknown("attribute", key.as_str(), collection)),
        }
    }

    fn unknown(&self, parameter: &str, given: &str, collection: &CollectionKey) -> ReadError {
        let keys: Vec<_> = self.visible(collection).iter().map(ToString::to_string).collect();
        ReadError::Parameter(ParameterError {
            parameter: parameter.to_owned(),
            given: given.to_owned(),
            expected: format!("attributes of {collection}: {}", keys.join(", ")),
            kind: Mistake::BadValue,
        })
    }
}

/// Attributes that a filter speaks of.
fn named<'a>(filter: &'a Filter, keys: &mut BTreeSet<&'a AttributeKey>) {
    match filter {
        Filter::All(all) | Filter::Any(all) => all.iter().for_each(|each| named(each, keys)),
        Filter::Not(filter) => named(filter, keys),
        Filter::Test { attribute, .. } => {
            keys.insert(attribute);
        }
        Filter::Words { attributes, .. } => keys.extend(attributes),
        Filter::Within(_) => {}
    }
}
