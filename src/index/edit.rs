//! The next revision of a layer: only the shards and columns that change are copied.
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::arena::Outline;
use super::grid::Span;
use super::layer::{Directory, Layer, is_spread, table_of};
use super::lookup::{Locator, hash_code, hash_id};
use super::shard::{SHARD_ROWS, SPLIT_ROWS, Shard, Spread};
use super::table::{Stamp, Table};
use crate::domain::ids::{CarrierId, Revision};
use crate::domain::record::Record;

impl Layer {
    /// Writes records over what there is. The last of several states of one record wins.
    pub(super) fn apply(&mut self, revision: Revision, records: &[&Arc<Record>]) {
        self.revision = revision;
        if records.len() > SHARD_ROWS && records.len() * 4 > self.open {
            self.rebuild_with(records);
            return;
        }
        let hulls = Arc::clone(&self.directory);
        let mut touched = BTreeSet::new();
        for record in records {
            self.write(record, &mut touched);
        }
        for number in touched {
            self.tidy(number);
        }
        if self.ids.is_crowded(self.open) {
            self.look_up_anew();
        }
        let same = hulls.hulls.len() == self.shards.len() && self.shards.iter().zip(&hulls.hulls).all(|(shard, hull)| shard.hull == *hull);
        if !same {
            self.directory = Arc::new(Directory::of(&self.shards));
        }
    }

    fn write(&mut self, record: &Arc<Record>, touched: &mut BTreeSet<usize>) {
        let place = self.find(record.id);
        if record.closed.is_some() {
            if let Some(place) = place {
                self.drop_row(place);
                touched.insert(place.shard());
            }
            self.closed.insert(Arc::clone(record));
            return;
        }
        self.closed.remove(record.id);
        let outline = Outline::of(&record.geometry);
        if let Some(place) = place {
            touched.insert(place.shard());
            if self.stays(place, &outline.span) {
                self.overwrite(place, record, &outline);
                return;
            }
            self.drop_row(place);
        }
        let shard = self.insert(record, &outline);
        touched.insert(shard);
        // Many new rows in one call may come to one shard: it is split before its rows run out of numbers.
        if self.shards[shard].table.len() >= SPLIT_ROWS {
            self.tidy(shard);
        }
    }

    /// Takes records out altogether, open or closed.
    pub(super) fn forget(&mut self, revision: Revision, ids: &[CarrierId]) {
        self.revision = revision;
        let mut touched = BTreeSet::new();
        for id in ids {
            if let Some(place) = self.find(*id) {
                self.drop_row(place);
                touched.insert(place.shard());
            }
            self.closed.remove(*id);
        }
        for number in touched {
            self.tidy(number);
        }
        self.directory = Arc::new(Directory::of(&self.shards));
    }

    /// Whether a shape of this extent still belongs where its row lies.
    fn stays(&self, place: Locator, span: &Span) -> bool {
        let shard = &self.shards[place.shard()];
        let nearby = span.is_empty() || shard.hull.is_empty() || shard.hull.touches(span);
        nearby && shard.takes(span)
    }

    fn overwrite(&mut self, place: Locator, record: &Record, outline: &Outline) {
        let old = self.shards[place.shard()].table.codes.text(place.row());
        if old != record.code {
            let old = hash_code(old);
            self.codes.remove(old, place);
            self.codes.insert(hash_code(&record.code), place);
        }
        let schema = Arc::clone(&self.schema);
        Arc::make_mut(&mut self.shards[place.shard()]).update(&schema, place.row(), record, outline);
    }

    fn drop_row(&mut self, place: Locator) {
        let shard = Arc::make_mut(&mut self.shards[place.shard()]);
        self.ids.remove(hash_id(shard.table.ids[place.row()]), place);
        self.codes.remove(hash_code(shard.table.codes.text(place.row())), place);
        shard.drop_row(place.row());
        self.open -= 1;
    }

    fn insert(&mut self, record: &Record, outline: &Outline) -> usize {
        let schema = Arc::clone(&self.schema);
        let alone = table_of(&schema, record, outline);
        let spread = if is_spread(&alone, 0, &outline.span) {
            Spread::Wide
        } else {
            Spread::Compact
        };
        let (number, row) = match self.shard_for(&outline.span, spread) {
            Some(number) => (number, Arc::make_mut(&mut self.shards[number]).append(&schema, record, outline)),
            None => {
                self.shards.push(Arc::new(Shard::new(alone, spread)));
                (self.shards.len() - 1, 0)
            }
        };
        let place = Locator::new(number, row);
        self.ids.insert(hash_id(record.id), place);
        self.codes.insert(hash_code(&record.code), place);
        self.open += 1;
        number
    }

    /// The shard that has to grow least.
    fn shard_for(&self, span: &Span, spread: Spread) -> Option<usize> {
        let growth = |shard: &Shard| {
            let size = |span: &Span| {
                if span.is_empty() {
                    0.0
                } else {
                    (span.east - span.west) as f64 + (span.north - span.south) as f64
                }
            };
            size(&shard.hull.union(span)) - size(&shard.hull)
        };
        let fits = |shard: &Shard| shard.is_wide() == (spread == Spread::Wide) && shard.takes(span);
        let candidates = self.shards.iter().enumerate().filter(|(_, shard)| fits(shard));
        candidates
            .map(|(number, shard)| (growth(shard), shard.open, number))
            .min_by(|one, two| one.0.total_cmp(&two.0).then(one.1.cmp(&two.1)))
            .map(|best| best.2)
    }

    /// Puts a worn shard in order; its second half becomes the last shard.
    fn tidy(&mut self, number: usize) {
        let shard = Arc::clone(&self.shards[number]);
        if !shard.is_worn() {
            return;
        }
        let mut parts = shard.put_in_order(&self.schema).into_iter();
        for row in (0..shard.table.len()).filter(|row| shard.live.get(*row)) {
            let place = Locator::new(number, row);
            self.ids.remove(hash_id(shard.table.ids[row]), place);
            self.codes.remove(hash_code(shard.table.codes.text(row)), place);
        }
        if let Some(first) = parts.next() {
            self.shards[number] = Arc::new(first);
            self.enter(number);
        }
        for part in parts {
            self.shards.push(Arc::new(part));
            self.enter(self.shards.len() - 1);
        }
    }

    fn enter(&mut self, number: usize) {
        let shard = Arc::clone(&self.shards[number]);
        for row in 0..shard.table.len() {
            let place = Locator::new(number, row);
            self.ids.insert(hash_id(shard.table.ids[row]), place);
            self.codes.insert(hash_code(shard.table.codes.text(row)), place);
        }
    }

    /// A large import: everything is sorted and packed anew, which is faster than row by row.
    fn rebuild_with(&mut self, records: &[&Arc<Record>]) {
        let mut last = HashMap::new();
        records.iter().for_each(|record| {
            last.insert(record.id, *record);
        });
        for id in last.keys() {
            if let Some(place) = self.find(*id) {
                Arc::make_mut(&mut self.shards[place.shard()]).drop_row(place.row());
            }
        }
        let mut fresh = Table::new(&self.schema);
        let mut closed = std::mem::take(&mut self.closed);
        for record in records {
            if last.get(&record.id).is_none_or(|state| !Arc::ptr_eq(state, record)) {
                continue;
            }
            last.remove(&record.id);
            closed.remove(record.id);
            if record.closed.is_some() {
                closed.insert(Arc::clone(record));
            } else {
                let row = fresh.begin(record.id, &record.code, Stamp::of(record));
                fresh.push_shape(&Outline::of(&record.geometry));
                fresh.put_values(&self.schema, row, record);
            }
        }
        let mut tables: Vec<Table> = self
            .shards
            .iter()
            .flat_map(|shard| shard.put_in_order(&self.schema))
            .map(|shard| shard.table)
            .collect();
        tables.push(fresh);
        let revision = self.revision;
        *self = Self::build(Arc::clone(&self.schema), &tables);
        self.revision = revision;
        self.closed = closed;
    }
}
