//! One collection: its shards, the directory over them, and who lies where.
use std::sync::Arc;

use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

use super::arena::Outline;
use super::grid::Span;
use super::lookup::{Closed, Locator, Lookup, hash_code, hash_id};
use super::schema::Schema;
use super::shard::{SHARD_ROWS, Shard, Spread, order_of};
use super::table::{Stamp, Table};
use crate::domain::ids::{CarrierId, Revision};
use crate::domain::record::Record;

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
        let mut compact = Vec::new();
        let mut wide = Vec::new();
        for (source, table) in (0u32..).zip(tables) {
            for (row, place) in (0u32..).zip(table.places.iter()) {
                let span = table.arena.span(*place);
                let list = if is_spread(table, row as usize, &span) {
                    &mut wide
                } else {
                    &mut compact
                };
                list.push((order_of(&span), (source, row)));
            }
        }
        let mut jobs = Vec::new();
        for (mut rows, spread) in [(compact, Spread::Compact), (wide, Spread::Wide)] {
            rows.sort_unstable();
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
        let rows = || {
            self.shards.iter().enumerate().flat_map(|(number, shard)| {
                let live = (0..shard.table.len()).filter(|row| shard.live.get(*row));
                live.map(move |row| (&shard.table, row, Locator::new(number, row)))
            })
        };
        let (ids, codes) = std::thread::scope(|scope| {
            let ids = scope.spawn(|| Lookup::bulk(rows().map(|(table, row, place)| (hash_id(table.ids[row]), place)).collect()));
            let codes = Lookup::bulk(
                rows()
                    .map(|(table, row, place)| (hash_code(table.codes.text(row)), place))
                    .collect(),
            );
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

type Job = (Vec<(u32, u32)>, Spread);

/// Builds the shards on all processors; which thread builds which does not show in the result.
fn gather_side_by_side(schema: &Schema, tables: &[Table], jobs: &[Job]) -> Vec<Arc<Shard>> {
    let build = |(rows, spread): &Job| {
        let mut table = Table::new(schema);
        table.gather(tables, rows);
        table.shrink();
        Arc::new(Shard::new(table, *spread))
    };
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let share = jobs.len().div_ceil(threads).max(1);
    std::thread::scope(|scope| {
        let workers: Vec<_> = jobs
            .chunks(share)
            .map(|jobs| scope.spawn(|| jobs.iter().map(build).collect::<Vec<_>>()))
            .collect();
        workers
            .into_iter()
            .flat_map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    })
}
