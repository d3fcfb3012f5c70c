//! One revision of everything.
use std::collections::BTreeMap;
use std::sync::Arc;

use geo_types::Rect;
use jiff::Timestamp;

use super::counting;
use super::evaluate::scan_layer;
use super::found::{Found, Matches, RowRef, ones};
use super::grid::Span;
use super::judge::{Judged, RowSet};
use super::layer::Layer;
use super::lookup::Locator;
use super::members::Columns;
use super::plan::Plan;
use super::reader::ColumnReader;
use super::row::Row;
use super::schema::Schema;
use super::search::{First, Order};
use super::{Facet, columns::BLOCK};
use crate::domain::catalogue::Catalogue;
use crate::domain::ids::{AttributeKey, CarrierId, CollectionKey, Revision};
use crate::domain::query::{Condition, Filter, Query};
use crate::domain::record::Record;
use crate::domain::value::Value;

/// One revision of everything, immutable; cloning copies a pointer.
#[derive(Clone, Debug)]
pub struct Snapshot(pub(super) Arc<Inner>);

#[derive(Clone, Debug)]
pub(super) struct Inner {
    pub revision: Revision,
    pub catalogue: Arc<Catalogue>,
    /// In the order of the catalogue's collections.
    pub layers: Vec<Arc<Layer>>,
}

impl Snapshot {
    /// No record at revision 0.
    pub fn empty(catalogue: Arc<Catalogue>) -> Self {
        let layer = |schema| Arc::new(Layer::empty(Arc::new(schema)));
        let layers = catalogue
            .collections
            .iter()
            .map(|collection| layer(Schema::new(&catalogue, &collection.key)))
            .collect();
        Self(Arc::new(Inner {
            revision: Revision(0),
            catalogue,
            layers,
        }))
    }

    /// The same records under a catalogue with other overlays. Collections whose attributes stay the same are shared;
    /// those that the new catalogue lacks are left out.
    #[must_use]
    pub fn with_catalogue(&self, catalogue: Arc<Catalogue>) -> Self {
        let mut next = Self::empty(catalogue);
        let inner = Arc::make_mut(&mut next.0);
        inner.revision = self.0.revision;
        for layer in &mut inner.layers {
            let Some((_, before)) = self.layer(&layer.schema.collection) else {
                continue;
            };
            if layer.schema.reads_like(&before.schema) {
                let schema = Arc::clone(&layer.schema);
                *layer = Arc::clone(before);
                Arc::make_mut(layer).schema = schema;
            } else {
                let records: Vec<Arc<Record>> = before.records().map(Arc::new).collect();
                Arc::make_mut(layer).apply(before.revision, &records.iter().collect::<Vec<_>>());
            }
        }
        next
    }

    /// The revision that holds these records as they now are. A closed record leaves search, but is still reachable by id and code.
    /// Records of a collection that the catalogue lacks are left out.
    #[must_use]
    pub fn apply(&self, revision: Revision, records: &[Arc<Record>]) -> Self {
        let mut inner = (*self.0).clone();
        inner.revision = revision;
        let mut by_layer: BTreeMap<usize, Vec<&Arc<Record>>> = BTreeMap::new();
        for record in records {
            if let Some(number) = inner.layers.iter().position(|layer| layer.schema.collection == record.collection) {
                by_layer.entry(number).or_default().push(record);
            }
        }
        for (number, records) in by_layer {
            Arc::make_mut(&mut inner.layers[number]).apply(revision, &records);
        }
        Self(Arc::new(inner))
    }

    /// The same without these records, as if they had never been.
    #[must_use]
    pub fn without(&self, revision: Revision, records: &[(CollectionKey, CarrierId)]) -> Self {
        let mut inner = (*self.0).clone();
        inner.revision = revision;
        for layer in &mut inner.layers {
            let of_layer = records.iter().filter(|(collection, _)| *collection == layer.schema.collection);
            let ids: Vec<CarrierId> = of_layer.map(|(_, id)| *id).collect();
            if !ids.is_empty() {
                Arc::make_mut(layer).forget(revision, &ids);
            }
        }
        Self(Arc::new(inner))
    }

    /// Rows of this snapshot that lie in memory of their own, apart from the other's.
    pub fn rows_apart(&self, other: &Self) -> usize {
        let rows = |layer: &Arc<Layer>| {
            let shared = other.layer(&layer.schema.collection).map_or(&[][..], |(_, layer)| &layer.shards);
            let apart = layer.shards.iter().enumerate();
            let apart = apart.filter(|(at, shard)| shared.get(*at).is_none_or(|other| !Arc::ptr_eq(shard, other)));
            apart.map(|(_, shard)| shard.table.len()).sum::<usize>()
        };
        self.0.layers.iter().map(rows).sum()
    }

    /// Revision of this snapshot.
    pub fn revision(&self) -> Revision {
        self.0.revision
    }

    /// Revision at which a collection last changed; that of the whole for an unknown collection.
    pub fn collection_revision(&self, collection: &CollectionKey) -> Revision {
        self.layer(collection).map_or(self.0.revision, |(_, layer)| layer.revision)
    }

    /// The catalogue under which the records were read.
    pub fn catalogue(&self) -> &Arc<Catalogue> {
        &self.0.catalogue
    }

    /// Open records of a collection.
    pub fn count(&self, collection: &CollectionKey) -> usize {
        self.layer(collection).map_or(0, |(_, layer)| layer.open)
    }

    /// Box around the open records of a collection, lon/lat degrees; a removed record may still count until its shard is packed anew. `None` when empty.
    pub fn bounds(&self, collection: &CollectionKey) -> Option<Rect<f64>> {
        let (_, layer) = self.layer(collection).filter(|(_, layer)| layer.open > 0)?;
        let hulls = layer.shards.iter().map(|shard| shard.hull).filter(|hull| !hull.is_empty());
        hulls.reduce(|all, hull| all.union(&hull))?.degrees()
    }

    /// Values, by record, of attributes that the catalogue lacks. Those of closed records too.
    pub fn without_attribute(&self) -> impl Iterator<Item = (CarrierId, BTreeMap<AttributeKey, Value>)> + '_ {
        self.0.layers.iter().flat_map(|layer| layer.without_attribute())
    }

    /// A record, closed or not, with all that the store keeps of it.
    pub fn record(&self, id: CarrierId) -> Option<Record> {
        self.0.layers.iter().find_map(|layer| layer.record(id))
    }

    /// The record, closed or not, that has or had this code; an open one before a closed one.
    pub fn id_by_code(&self, code: &str) -> Option<CarrierId> {
        let open = |layer: &Arc<Layer>| {
            layer
                .find_code(code)
                .map(|place| layer.shards[place.shard()].table.ids[place.row()])
        };
        self.0
            .layers
            .iter()
            .find_map(open)
            .or_else(|| self.0.layers.iter().find_map(|layer| layer.closed.id(code)))
    }

    /// Row of an open record.
    pub fn row_of(&self, id: CarrierId) -> Option<RowRef> {
        (0u16..)
            .zip(&self.0.layers)
            .find_map(|(number, layer)| layer.find(id).map(|place| RowRef::at(number, place)))
    }

    /// A row of this snapshot.
    ///
    /// # Panics
    /// With a row of another snapshot that this one lacks.
    pub fn row(&self, row: RowRef) -> Row<'_> {
        let layer = &self.0.layers[usize::from(row.layer)];
        Row::new(&layer.schema, &layer.shards[row.shard as usize], usize::from(row.row))
    }

    /// The column of an attribute, to be read for many rows; `None` when the collection has no such attribute.
    pub fn reader(&self, collection: &CollectionKey, key: &AttributeKey) -> Option<ColumnReader<'_>> {
        self.layer(collection)
            .and_then(|(_, layer)| ColumnReader::new(&layer.schema, key.as_str()))
    }

    /// The columns of these attributes, to be written for many rows. Attributes that the collection lacks are left out.
    pub fn columns(&self, collection: &CollectionKey, keys: &[AttributeKey]) -> Columns {
        let layer = self.layer(collection);
        let column = |key: &AttributeKey| layer.and_then(|(_, layer)| layer.schema.column(key.as_str()));
        Columns(keys.iter().filter_map(column).collect())
    }

    /// One page and the exact number of matches.
    pub fn search(&self, query: &Query) -> Found {
        let Some((number, layer)) = self.layer(&query.collection) else {
            return Found::default();
        };
        let plan = Plan::new(&layer.schema, query.conditions.iter().map(|condition| &condition.filter));
        let mut first = First::new(Order::new(layer, &query.sort), query.limit.saturating_add(1), query.after.as_ref());
        let mut matched = 0;
        scan_layer(layer, &plan, |shard, block, words| {
            for (at, word) in words.iter().enumerate() {
                matched += word.count_ones() as usize;
                let start = block * BLOCK + at * 64;
                ones(*word).for_each(|bit| first.offer(RowRef::at(number, Locator::new(shard, start + usize::from(bit)))));
            }
        });
        let (mut rows, order) = first.finish();
        let more = rows.len() > query.limit;
        rows.truncate(query.limit);
        Found {
            matched,
            next: if more { rows.last().map(|row| order.cursor(*row)) } else { None },
            rows,
        }
    }

    /// All rows for which every condition is true.
    pub fn matches(&self, collection: &CollectionKey, conditions: &[Condition]) -> Matches {
        self.matching(collection, conditions.iter())
    }

    fn matching<'a>(&self, collection: &CollectionKey, conditions: impl Iterator<Item = &'a Condition>) -> Matches {
        let Some((number, layer)) = self.layer(collection) else {
            return Matches::default();
        };
        let plan = Plan::new(&layer.schema, conditions.map(|condition| &condition.filter));
        let mut matches = Matches {
            layer: number,
            shards: vec![Vec::new(); layer.shards.len()],
            count: 0,
        };
        if plan.nodes.is_empty() {
            matches.shards = layer.shards.iter().map(|shard| shard.live.words().to_vec()).collect();
            matches.count = layer.open;
            return matches;
        }
        scan_layer(layer, &plan, |shard, block, words| {
            let bits = &mut matches.shards[shard];
            bits.resize(layer.shards[shard].live.words().len().max((block + 1) * words.len()), 0);
            bits[block * words.len()..(block + 1) * words.len()].copy_from_slice(&words);
            matches.count += words.iter().map(|word| word.count_ones() as usize).sum::<usize>();
        });
        matches
    }

    /// Counts of these attributes' values, each under all conditions but those of its own name. Attributes that the collection lacks are left out.
    pub fn facets(&self, query: &Query, attributes: &[AttributeKey]) -> Vec<Facet> {
        let Some((_, layer)) = self.layer(&query.collection) else {
            return Vec::new();
        };
        let mut shared = None;
        let facet = |key: &AttributeKey| {
            if query.conditions.iter().any(|condition| *condition.name == *key.0) {
                let others = query.conditions.iter().filter(|condition| *condition.name != *key.0);
                return counting::facet(layer, key, &self.matching(&query.collection, others));
            }
            counting::facet(
                layer,
                key,
                shared.get_or_insert_with(|| self.matches(&query.collection, &query.conditions)),
            )
        };
        attributes.iter().filter_map(facet).collect()
    }

    /// When the newest of all changes was made that this snapshot holds; the beginning of 1970 when it is empty.
    pub fn last_change(&self) -> Timestamp {
        // A closed record counts too: its row, as it was before, is forgotten at the next start.
        let of_layer = |layer: &Arc<Layer>| {
            let open = layer.shards.iter().filter_map(|shard| shard.table.newest_us()).max();
            let closed = layer.closed.records().map(|record| record.changed_at.as_microsecond()).max();
            open.max(closed)
        };
        let newest = self.0.layers.iter().filter_map(of_layer).max().unwrap_or_default();
        Timestamp::from_microsecond(newest).unwrap_or_default()
    }

    /// All open rows of a collection.
    pub fn rows(&self, collection: &CollectionKey) -> RowSet {
        self.layer(collection)
            .map_or_else(RowSet::default, |(number, layer)| RowSet::live(number, layer))
    }

    /// What a filter says of every open row of a collection.
    pub fn judge(&self, collection: &CollectionKey, filter: &Filter) -> Judged {
        self.layer(collection)
            .map_or_else(Judged::default, |(number, layer)| super::judge::judge(number, layer, filter))
    }

    /// Counts of an attribute's values among these rows; `None` when the collection lacks it.
    pub fn facet_of(&self, collection: &CollectionKey, attribute: &AttributeKey, rows: &RowSet) -> Option<Facet> {
        let (_, layer) = self.layer(collection)?;
        counting::facet(layer, attribute, &rows.matches())
    }

    /// Visits the rows of a collection whose box touches this one and for which every condition is true, in the order of memory.
    pub fn visit_box(&self, collection: &CollectionKey, area: Rect<f64>, conditions: &[Condition], mut visit: impl FnMut(RowRef)) {
        let Some((number, layer)) = self.layer(collection) else { return };
        let mut plan = Plan::new(&layer.schema, conditions.iter().map(|condition| &condition.filter));
        plan.within(&Span::inside(&area));
        scan_layer(layer, &plan, |shard, block, words| {
            for (at, word) in words.iter().enumerate() {
                let start = block * BLOCK + at * 64;
                ones(*word).for_each(|bit| visit(RowRef::at(number, Locator::new(shard, start + usize::from(bit)))));
            }
        });
    }

    fn layer(&self, collection: &CollectionKey) -> Option<(u16, &Arc<Layer>)> {
        (0u16..)
            .zip(&self.0.layers)
            .find(|(_, layer)| layer.schema.collection == *collection)
    }
}
