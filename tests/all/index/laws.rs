//! What must hold for any records, edits and queries.
use std::collections::BTreeMap;
use std::sync::Arc;

use rand::RngExt;
use rand::seq::IndexedRandom;
use zaiti::domain::catalogue::Kind;
use zaiti::domain::geometry::wkb;
use zaiti::domain::ids::{AttributeKey, CarrierId, Revision};
use zaiti::domain::query::{Condition, Query};
use zaiti::domain::record::{RawRecord, Record};
use zaiti::domain::value::{Value, attributes_to_json};
use zaiti::index::{Builder, FacetCounts, Snapshot};

use super::scalar;
use super::world::World;

type Plain = BTreeMap<CarrierId, Arc<Record>>;

/// All pages of a query, one after another, and the count that each of them gave.
fn walk(snapshot: &Snapshot, query: &Query) -> (Vec<String>, usize) {
    let mut query = query.clone();
    let mut codes = Vec::new();
    loop {
        let found = snapshot.search(&query);
        codes.extend(found.rows.iter().map(|row| snapshot.row(*row).code().to_owned()));
        match found.next {
            Some(next) => query.after = Some(next),
            None => return (codes, found.matched),
        }
    }
}

fn matching<'a>(plain: &'a Plain, conditions: &[&Condition]) -> Vec<&'a Record> {
    let open = plain.values().filter(|record| record.closed.is_none()).map(|record| &**record);
    open.filter(|record| {
        conditions
            .iter()
            .all(|condition| scalar::truth(&condition.filter, record) == Some(true))
    })
    .collect()
}

fn check_search(world: &mut World, snapshot: &Snapshot, plain: &Plain) {
    let query = Query {
        collection: World::parcels(),
        conditions: world.conditions(),
        sort: world.sort(),
        limit: [1, 7, 100].choose(&mut world.random).copied().unwrap() + plain.len() / 20,
        after: None,
    };
    let mut expected = matching(plain, &query.conditions.iter().collect::<Vec<_>>());
    expected.sort_by(|one, two| {
        let cursor = |record| scalar::cursor_of(&world.catalogue, record, &query.sort);
        scalar::compare(&query.sort, &cursor(one), &cursor(two))
    });
    let (codes, matched) = walk(snapshot, &query);
    let expected: Vec<_> = expected.iter().map(|record| record.code.clone()).collect();
    assert_eq!(matched, expected.len(), "{query:?}");
    assert_eq!(codes, expected, "{query:?}");
    assert_eq!(
        snapshot.matches(&query.collection, &query.conditions).iter().count(),
        expected.len()
    );
}

fn check_facets(world: &mut World, snapshot: &Snapshot, plain: &Plain) {
    let query = Query {
        collection: World::parcels(),
        conditions: world.conditions(),
        sort: Vec::new(),
        limit: 1,
        after: None,
    };
    let attributes = world.attributes();
    let keys: Vec<AttributeKey> = attributes.iter().map(|attribute| attribute.key.clone()).collect();
    let all = matching(plain, &[]);
    for (facet, attribute) in snapshot.facets(&query, &keys).iter().zip(&attributes) {
        let others: Vec<_> = query
            .conditions
            .iter()
            .filter(|condition| *condition.name != *attribute.key.0)
            .collect();
        let rows = matching(plain, &others);
        let values = |rows: &[&Record]| -> Vec<Value> {
            rows.iter()
                .filter_map(|record| record.attributes.get(&attribute.key).cloned())
                .collect()
        };
        let (here, total) = (values(&rows), values(&all));
        assert_eq!((&facet.attribute, facet.unknown), (&attribute.key, rows.len() - here.len()));
        match &facet.counts {
            FacetCounts::Codes(counts) => {
                for count in counts {
                    let of = |values: &[Value]| {
                        values
                            .iter()
                            .filter(|value| **value == Value::Code(Arc::clone(&count.code)))
                            .count()
                    };
                    assert_eq!((count.count, count.total), (of(&here), of(&total)), "{query:?} {}", attribute.key);
                }
                assert_eq!(counts.iter().map(|count| count.total).sum::<usize>(), total.len());
            }
            FacetCounts::Flag { yes, no } => {
                assert_eq!(yes + no, here.len());
                assert_eq!(*yes, here.iter().filter(|value| **value == Value::Flag(true)).count());
            }
            FacetCounts::Text { known } => assert_eq!(*known, here.len()),
            FacetCounts::Histogram { bins, .. } => {
                assert!(matches!(attribute.kind, Kind::Number(_) | Kind::Range(_) | Kind::Date));
                assert_eq!(bins.iter().map(|bin| bin.count).sum::<usize>(), here.len());
                assert_eq!(bins.iter().map(|bin| bin.total).sum::<usize>(), total.len());
                if let Kind::Number(_) = attribute.kind {
                    for (at, bin) in bins.iter().enumerate() {
                        let last = at + 1 == bins.len();
                        let inside = |value: &&Value| matches!(value, Value::Number(number) if *number >= bin.from && (*number < bin.to || (last && *number <= bin.to)));
                        assert_eq!(bin.count, here.iter().filter(inside).count(), "{} {bin:?}", attribute.key);
                    }
                }
            }
        }
    }
}

fn check_records(snapshot: &Snapshot, plain: &Plain) {
    assert_eq!(
        snapshot.count(&World::parcels()),
        plain.values().filter(|record| record.closed.is_none()).count()
    );
    for record in plain.values() {
        assert_eq!(snapshot.record(record.id).as_ref(), Some(&**record));
        assert_eq!(snapshot.id_by_code(&record.code), Some(record.id));
        assert_eq!(snapshot.row_of(record.id).is_some(), record.closed.is_none());
    }
}

/// The same records by way of the store's form.
fn load(world: &World, plain: &Plain, revision: Revision) -> Snapshot {
    let builder = Builder::new(Arc::clone(&world.catalogue), 2);
    let mut sinks = builder.sinks();
    for (at, record) in plain.values().enumerate() {
        let json = |empty: bool, text: String| if empty { String::new() } else { text };
        let provenance = json(record.provenance.is_empty(), serde_json::to_string(&record.provenance).unwrap());
        let closed = json(record.closed.is_none(), serde_json::to_string(&record.closed).unwrap());
        let raw = RawRecord {
            id: record.id,
            collection: record.collection.as_str(),
            code: &record.code,
            wkb: &wkb::write(&record.geometry),
            version: record.version,
            revision: record.revision,
            changed_at_us: record.changed_at.as_microsecond(),
            attributes: &attributes_to_json(&record.attributes),
            provenance: &provenance,
            closed: &closed,
        };
        sinks[at % 2](raw).unwrap();
    }
    drop(sinks);
    builder.finish(revision)
}

/// Grows a world, edits it, and checks every law after each step.
fn live(seed: u64, records: usize, steps: u64) {
    let mut world = World::new(seed);
    let mut plain: Plain = (0..records)
        .map(|_| Arc::new(world.record()))
        .map(|record| (record.id, record))
        .collect();
    let mut snapshot = load(&world, &plain, Revision(1));
    for step in 0..steps {
        check_records(&snapshot, &plain);
        for _ in 0..12 {
            check_search(&mut world, &snapshot, &plain);
        }
        check_facets(&mut world, &snapshot, &plain);
        let revision = Revision(step + 2);
        let known: Vec<_> = plain.values().cloned().collect();
        let edits = world.random.random_range(1..40usize) + if step % 5 == 4 { records } else { 0 };
        let changed: Vec<Arc<Record>> = (0..edits)
            .map(|_| {
                let fresh = known.is_empty() || world.random.random_bool(0.3);
                let chosen = known.choose(&mut world.random).filter(|_| !fresh).cloned();
                let record = match chosen {
                    Some(record) => world.edit(&record, revision),
                    None => world.record(),
                };
                Arc::new(Record { revision, ..record })
            })
            .collect();
        let before = snapshot.clone();
        let page = Query {
            collection: World::parcels(),
            conditions: Vec::new(),
            sort: Vec::new(),
            limit: 10_000,
            after: None,
        };
        let (held, _) = walk(&before, &page);
        snapshot = snapshot.apply(revision, &changed);
        plain.extend(changed.into_iter().map(|record| (record.id, record)));
        assert_eq!(walk(&before, &page).0, held, "a snapshot changed under its reader");
        assert_eq!(
            (snapshot.revision(), snapshot.collection_revision(&World::parcels())),
            (revision, revision)
        );
    }
    check_records(&load(&world, &plain, Revision(9)), &plain);
}

#[test]
fn small_worlds_answer_like_a_plain_scan() {
    for seed in 0..12 {
        live(seed, 40, 8);
    }
}

#[test]
fn a_world_of_several_shards_answers_like_a_plain_scan() {
    live(99, 5_200, 4);
}

#[test]
fn an_empty_world_grows() {
    live(7, 0, 12);
}

#[test]
fn many_records_at_once_are_the_same_as_one_by_one() {
    let mut world = World::new(5);
    let records: Vec<_> = (0..9_000).map(|_| Arc::new(world.record())).collect();
    let at_once = Snapshot::empty(Arc::clone(&world.catalogue)).apply(Revision(1), &records);
    let in_batches = records
        .chunks(1_000)
        .fold(Snapshot::empty(Arc::clone(&world.catalogue)), |snapshot, batch| {
            snapshot.apply(Revision(1), batch)
        });
    let plain: Plain = records.into_iter().map(|record| (record.id, record)).collect();
    for snapshot in [at_once, in_batches] {
        check_records(&snapshot, &plain);
        (0..6).for_each(|_| check_search(&mut world, &snapshot, &plain));
    }
}
