//! One collection: its shards, the directory over them, and who lies where.
use std::collections::BTreeMap;
use std::sync::Arc;

use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

use super::arena::Outline;
use super::grid::Span;
use super::lookup::{Closed, Locator, Lookup, hash_code, hash_id};
use super::schema::Schema;
use super::shard::{SHARD_ROWS, Shard, Spread, order_of};
use super::table::{Stamp, Table};
use crate::domain::ids::{AttributeKey, CarrierId, Revision};
use crate::domain::record::Record;
use crate::domain::value::Value;

/// A collection at one revision.
#[derive(Clone, Debug)]
pub(super) struct Layer {
    pub schema: Arc<Schema>,
    /// Last change of any of its records.
    pub revision: Revision,
    pub shards: Vec<Arc<Shard>>,
    pub open: usize,
    pub closed: Closed,
    pub(super) directory: Arc<Directory>,
    pub(super) ids: Lookup,
    pub(super) codes: Lookup,
}

/// Boxes of the shards. A tree once there are more than a glance can scan.
#[derive(Debug, Default)]
pub(super) struct Directory {
    pub hulls: Vec<Span>,
    tree: Option<RTree<GeomWithData<Rectangle<[f64; 2]>, usize>>>,
}

impl Directory {
    const GLANCE: usize = 24;

    pub(super) fn of(shards: &[Arc<Shard>]) -> Self {
        let hulls: Vec<Span> = shards.iter().map(|shard| shard.hull).collect();
        let tree = (hulls.len() > Self::GLANCE).then(|| {
            let entry = |(at, hull): (usize, &Span)| {
                let corner = |x: i64, y: i64| [x as f64, y as f64];
                (!hull.is_empty()).then(|| {
                    GeomWithData::new(
                        Rectangle::from_corners(corner(hull.west, hull.south), corner(hull.east, hull.north)),
                        at,
                    )
                })
            };
            RTree::bulk_load(hulls.iter().enumerate().filter_map(entry).collect())
        });
        Self { hulls, tree }
    }

    /// Shards whose box touches an area, in their order.
    pub(super) fn near(&self, area: &Span) -> Vec<usize> {
        if area.is_empty() {
            return Vec::new();
        }
        let Some(tree) = &self.tree else {
            return self
                .hulls
                .iter()
                .enumerate()
                .filter(|(_, hull)| hull.touches(area))
                .map(|(at, _)| at)
                .collect();
        };
        let corners = AABB::from_corners([area.west as f64, area.south as f64], [area.east as f64, area.north as f64]);
        let mut found: Vec<usize> = tree.locate_in_envelope_intersecting(corners).map(|entry| entry.data).collect();
        found.sort_unstable();
        found
    }
}

impl Layer {
    pub(super) fn empty(schema: Arc<Schema>) -> Self {
        Self {
            schema,
            revision: Revision(0),
            shards: Vec::new(),
            open: 0,
            closed: Closed::default(),
            directory: Arc::default(),
            ids: Lookup::default(),
            codes: Lookup::default(),
        }
    }

    /// A layer of all rows of these tables.
    pub(super) fn build(schema: Arc<Schema>, tables: &[Table]) -> Self {
        let mut jobs = Vec::new();
        for (rows, spread) in [Spread::Compact, Spread::Wide].map(|spread| (in_order(tables, spread), spread)) {
            jobs.extend(
                rows.chunks(SHARD_ROWS)
                    .map(|chunk| (chunk.iter().map(|row| row.1).collect::<Vec<_>>(), spread)),
            );
        }
        let mut layer = Self::empty(schema);
        layer.shards = gather_side_by_side(&layer.schema, tables, &jobs);
        layer.open = layer.shards.iter().map(|shard| shard.open).sum();
        layer.directory = Arc::new(Directory::of(&layer.shards));
        layer.look_up_anew();
        layer
    }

    pub(super) fn look_up_anew(&mut self) {
        let entries = |hash: &dyn Fn(&Table, usize) -> u64| {
            let mut entries = Vec::with_capacity(self.open);
            for (number, shard) in self.shards.iter().enumerate() {
                let live = (0..shard.table.len()).filter(|row| shard.live.get(*row));
                entries.extend(live.map(|row| (hash(&shard.table, row), Locator::new(number, row))));
            }
            entries
        };
        let (ids, codes) = std::thread::scope(|scope| {
            let ids = scope.spawn(|| Lookup::bulk(&entries(&|table, row| hash_id(table.ids[row]))));
            let codes = Lookup::bulk(&entries(&|table, row| hash_code(table.codes.text(row))));
            (ids.join(), codes)
        });
        self.ids = ids.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        self.codes = codes;
    }

    /// Where an open record lies.
    pub(super) fn find(&self, id: CarrierId) -> Option<Locator> {
        self.ids
            .find(hash_id(id))
            .find(|place| self.shards[place.shard()].table.ids[place.row()] == id)
    }

    /// The open record of a code.
    pub(super) fn find_code(&self, code: &str) -> Option<Locator> {
        self.codes
            .find(hash_code(code))
            .find(|place| self.shards[place.shard()].table.codes.text(place.row()) == code)
    }

    /// All records, closed ones too.
    pub(super) fn records(&self) -> impl Iterator<Item = Record> + '_ {
        let live = move |shard: &Arc<Shard>| {
            let (alive, shard) = (Arc::clone(shard), Arc::clone(shard));
            (0..shard.table.len())
                .filter(move |row| alive.live.get(*row))
                .map(move |row| shard.table.record(&self.schema, row))
        };
        self.shards
            .iter()
            .flat_map(live)
            .chain(self.closed.records().map(|record| (**record).clone()))
    }

    /// Values, by record, of attributes that the catalogue lacks.
    pub(super) fn without_attribute(&self) -> impl Iterator<Item = (CarrierId, BTreeMap<AttributeKey, Value>)> + '_ {
        let live = self.shards.iter().flat_map(|shard| {
            let strays = shard.table.strays().filter(|(row, _)| shard.live.get(*row));
            strays.map(|(row, strays)| (shard.table.ids[row], strays))
        });
        let closed = self.closed.records().map(|record| (record.id, &record.attributes));
        live.chain(closed).filter_map(|(id, values)| {
            let lacking = values.iter().filter(|(key, _)| self.schema.column(key.as_str()).is_none());
            let lacking: BTreeMap<_, _> = lacking.map(|(key, value)| (key.clone(), value.clone())).collect();
            (!lacking.is_empty()).then_some((id, lacking))
        })
    }

    /// A record, closed or not.
    pub(super) fn record(&self, id: CarrierId) -> Option<Record> {
        match self.find(id) {
            Some(place) => Some(self.shards[place.shard()].table.record(&self.schema, place.row())),
            None => self.closed.record(id).map(|record| (**record).clone()),
        }
    }
}

/// Shapes smaller than this are never spread, grid counts (about 200 m).
const NEAR: i64 = 2_000_000;

/// Whether a shape's parts are so far apart that one box around them would mislead.
pub(super) fn is_spread(table: &Table, row: usize, span: &Span) -> bool {
    let mut rings = table.arena.rings(table.places[row]);
    let (Some(_), Some(_)) = (rings.next(), rings.next()) else {
        return false;
    };
    let size = |span: &Span| (span.east - span.west) as f64 * (span.north - span.south) as f64;
    if (span.east - span.west).max(span.north - span.south) < NEAR {
        return false;
    }
    let parts: f64 = table
        .arena
        .rings(table.places[row])
        .map(|ring| {
            let mut part = Span::EMPTY;
            ring.points.for_each(|point| part.add(point));
            size(&part)
        })
        .sum();
    parts * 4.0 < size(span)
}

/// A table of one record, as a shape's test ground and as the seed of a new shard.
pub(super) fn table_of(schema: &Schema, record: &Record, outline: &Outline) -> Table {
    let mut table = Table::new(schema);
    let row = table.begin(record.id, &record.code, Stamp::of(record));
    table.push_shape(outline);
    table.put_values(schema, row, record);
    table
}

/// A row's place in the order of the ground, and where it lies: table and row.
type Ordered = (u64, (u32, u32));

/// The rows of these tables that are spread so, in the order of the ground. Several threads put a part each in order, and the parts are merged.
fn in_order(tables: &[Table], spread: Spread) -> Vec<Ordered> {
    let order = |(source, table): (u32, &Table), rows: &mut Vec<Ordered>| {
        for (row, place) in (0u32..).zip(table.places.iter()) {
            let span = table.arena.span(*place);
            if is_spread(table, row as usize, &span) == (spread == Spread::Wide) {
                rows.push((order_of(&span), (source, row)));
            }
        }
    };
    let numbered: Vec<_> = (0u32..).zip(tables).collect();
    let mut parts = side_by_side(&numbered, |tables| {
        let mut rows = Vec::new();
        tables.iter().for_each(|table| order(*table, &mut rows));
        rows.sort_unstable();
        rows
    });
    let mut all = Vec::with_capacity(parts.iter().map(Vec::len).sum());
    parts.iter_mut().for_each(|part| all.append(part));
    // Unlike the unstable one, this way of sorting sees that there are runs in order.
    all.sort_unstable();
    all
}

/// Work on equal parts of a list, one for each processor; the results in the order of the list.
fn side_by_side<T: Sync, R: Send>(items: &[T], work: impl Fn(&[T]) -> R + Sync) -> Vec<R> {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let share = items.len().div_ceil(threads).max(1);
    let work = &work;
    std::thread::scope(|scope| {
        let workers: Vec<_> = items.chunks(share).map(|part| scope.spawn(move || work(part))).collect();
        workers
            .into_iter()
            .map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    })
}

type Job = (Vec<(u32, u32)>, Spread);

/// Builds the shards on all processors; which thread builds which does not show in the result.
fn gather_side_by_side(schema: &Schema, tables: &[Table], jobs: &[Job]) -> Vec<Arc<Shard>> {
    let build = |(rows, spread): &Job| {
        let mut table = Table::new(schema);
        table.gather(tables, rows);
        table.shrink();
        Arc::new(Shard::new(table, *spread))
    };
    side_by_side(jobs, |jobs| jobs.iter().map(build).collect::<Vec<_>>()).concat()
}
