//! The GeoPackage store, and the inventory on top of it.
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::json;
use tokio::runtime::Runtime;
use uuid::Uuid;
use zaiti::domain::catalogue::Catalogue;
use zaiti::domain::edit::{Action, HistoryEntry, Outcome};
use zaiti::domain::ids::{CarrierId, EditId, Revision, Version};
use zaiti::domain::record::{Evidence, Record};
use zaiti::domain::viewer::{Role, Viewer};
use zaiti::inventory::{EditRequest, Inventory, Settings};
use zaiti::store::{Transaction, Write};

use super::bare::Bare;
use super::child;
use super::line::{Line, each_us, mean, quantile, seconds};
use super::parcels;
use super::place::Place;

const LASTING: Duration = Duration::from_secs(2);
const ROUNDS: usize = 3;
/// Turns of each of the rivals, and how long one lasts: short and many, so that whoever else keeps the disk busy slows all alike.
const TURNS: u64 = 9;
const TURN: Duration = Duration::from_millis(700);

pub fn run(place: &Place) {
    let count = place.options.parcels;
    let (path, took) = place.filled();
    Line::rate("rows written, 20,000 a commit, with history", count as f64 / took)
        .against("ogr2ogr GeoPackage to GeoPackage, as recorded", 67_000.0)
        .print();
    let found = child::open(path);
    let read = seconds(|| Bare::open(path).read_all()).0;
    Line::cost("store to ready", found.seconds, "s")
        .against("SQLite reading every row once, one thread", read)
        .goal(2.5 * count as f64 / 1e6)
        .print();
    Line::cost("store to ready, processor time of all threads", found.processor_seconds, "s").print();
    edits(&place.copy("edited.gpkg"), &place.copy("bare.gpkg"));
}

/// Some of the records, to be edited.
pub fn sample(count: usize) -> Vec<Record> {
    let mut records = Vec::new();
    let step = (count / 20_000).max(1);
    let mut at = 0;
    parcels::each(count, |record| {
        if at % step == 0 {
            records.push(record);
        }
        at += 1;
    });
    records
}

fn edits(path: &Path, copy: &Path) {
    let runtime = Runtime::new().unwrap();
    let inventory = runtime.block_on(open(path));
    let ids: Vec<CarrierId> = ids(&inventory);
    let mut bare = Bare::open(copy);
    // Opening the inventory has read all of its file: so both have theirs in the system's memory.
    bare.read_all();
    let (mut one, mut sixteen, mut plain) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..TURNS {
        plain.push(bare.commits_per_s(&ids, TURN));
        one.push(runtime.block_on(clients(&inventory, &ids, (1, round))));
        sixteen.push(runtime.block_on(clients(&inventory, &ids, (16, round))));
    }
    let plain = median(plain);
    Line::rate("durable edits, 1 client", median(one))
        .against("bare SQLite, synchronous=FULL, same rows", plain)
        .goal_ratio(0.85)
        .print();
    Line::rate("durable edits, 16 clients", median(sixteen))
        .against("bare SQLite, synchronous=FULL, same rows", plain)
        .goal_ratio(3.0)
        .print();
    readers(&runtime, &inventory, &ids);
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

pub async fn open(path: &Path) -> Arc<Inventory> {
    let store = zaiti::store::open(path.to_str().unwrap()).await.unwrap();
    Inventory::open(store, Catalogue::builtin().unwrap(), Settings::default())
        .await
        .unwrap()
}

fn steward() -> Viewer {
    Viewer {
        role: Role::Steward,
        account: Some("bench".into()),
    }
}

/// Records spread over the land.
fn ids(inventory: &Inventory) -> Vec<CarrierId> {
    let count = inventory.view(&steward()).count(&"parcels".into());
    sample(count).iter().map(|record| record.id).collect()
}

/// Edits a second of so many clients, each waiting for its answer before it sends the next.
async fn clients(inventory: &Arc<Inventory>, ids: &[CarrierId], (count, seed): (u64, u64)) -> f64 {
    let start = Instant::now();
    let work = (0..count).map(|client| {
        let (inventory, ids) = (Arc::clone(inventory), ids.to_vec());
        tokio::spawn(async move {
            let mut random = ChaCha8Rng::seed_from_u64(seed * 100 + client);
            let mut done = 0u32;
            while start.elapsed() < TURN {
                edit(&inventory, ids[random.random_range(0..ids.len())], &mut random).await;
                done += 1;
            }
            done
        })
    });
    let mut done = 0;
    for client in work.collect::<Vec<_>>() {
        done += client.await.unwrap();
    }
    f64::from(done) / start.elapsed().as_secs_f64()
}

async fn edit(inventory: &Inventory, record: CarrierId, random: &mut ChaCha8Rng) {
    let request = EditRequest {
        field: None,
        id: EditId(Uuid::now_v7()),
        collection: "parcels".into(),
        record,
        base_version: None,
        set: [("price".to_owned(), json!(random.random_range(1_000..1_000_000)))].into(),
        unit: BTreeMap::new(),
        create: None,
        close: None,
        geometry: None,
        observed_at: None,
        evidence: None,
        must_match: None,
        held: None,
    };
    let receipts = inventory.edit(&steward(), vec![request]).await.unwrap();
    assert!(matches!(receipts[0].outcome, Outcome::Applied { .. }), "{receipts:?}");
}

/// Searches, alone and beside 100 edits a second.
fn readers(runtime: &Runtime, inventory: &Arc<Inventory>, ids: &[CarrierId]) {
    let query = searches(inventory);
    let (mut alone, mut beside) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        alone.push(latencies(inventory, &query));
        let stop = Arc::new(AtomicBool::new(false));
        let writer = runtime.spawn(write_steadily(Arc::clone(inventory), ids.to_vec(), Arc::clone(&stop)));
        beside.push(latencies(inventory, &query));
        stop.store(true, Ordering::Relaxed);
        runtime.block_on(writer).unwrap();
    }
    let p99 = |runs: &[Vec<f64>]| median(runs.iter().map(|times| quantile(times, 0.99)).collect());
    Line::cost("search beside 100 edits/s, p99", p99(&beside), "us")
        .against("the same without edits, p99", p99(&alone))
        .goal_ratio(1.0 / 1.2)
        .print();
    let middle = |runs: &[Vec<f64>]| median(runs.iter().map(|times| mean(times)).collect());
    Line::cost("search beside 100 edits/s, mean", middle(&beside), "us")
        .against("the same without edits, mean", middle(&alone))
        .print();
}

fn searches(inventory: &Inventory) -> Vec<zaiti::domain::query::Query> {
    let view = inventory.view(&steward());
    let half = 0.008;
    let around = |record: &Record| {
        let middle = zaiti::domain::geometry::bounds(&record.geometry).unwrap().center();
        let corner = |sign: f64| (middle.x + sign * half, middle.y + sign * half);
        geo_types::Rect::new(corner(-1.0), corner(1.0))
    };
    let records = sample(view.count(&"parcels".into()));
    let spread = records.iter().step_by((records.len() / 500).max(1));
    spread
        .map(|record| super::index::query(view.catalogue(), Some(around(record))))
        .collect()
}

fn latencies(inventory: &Inventory, queries: &[zaiti::domain::query::Query]) -> Vec<f64> {
    let viewer = steward();
    let start = Instant::now();
    let again = queries.iter().cycle().take_while(|_| start.elapsed() < LASTING);
    each_us(again, |query| {
        drop(std::hint::black_box(inventory.view(&viewer).search(query).unwrap()));
    })
}

async fn write_steadily(inventory: Arc<Inventory>, ids: Vec<CarrierId>, stop: Arc<AtomicBool>) {
    let mut random = ChaCha8Rng::seed_from_u64(5);
    let mut pace = tokio::time::interval(Duration::from_millis(10));
    while !stop.load(Ordering::Relaxed) {
        pace.tick().await;
        edit(&inventory, ids[random.random_range(0..ids.len())], &mut random).await;
    }
}

/// Writes so many parcels into a new file.
pub fn fill(path: &Path, count: usize) {
    fill_at(path.to_str().unwrap(), count);
}

/// Writes so many parcels into an empty store.
pub fn fill_at(location: &str, count: usize) {
    const COMMIT: usize = 20_000;
    let runtime = Runtime::new().unwrap();
    let store = runtime.block_on(zaiti::store::open(location)).unwrap();
    let mut transaction = Transaction::default();
    let commit = |transaction: &mut Transaction| {
        let transaction = Arc::new(std::mem::take(transaction));
        runtime.block_on(store.commit(transaction)).unwrap();
    };
    parcels::each(count, |record| {
        transaction.writes.push(new(record));
        if transaction.writes.len() == COMMIT {
            commit(&mut transaction);
        }
    });
    if !transaction.writes.is_empty() {
        commit(&mut transaction);
    }
}

fn new(record: Record) -> Write {
    let history = HistoryEntry {
        edit: EditId(Uuid::now_v7()),
        record: record.id,
        collection: record.collection.clone(),
        version: Version(1),
        revision: Revision(0),
        changed_at: record.changed_at,
        observed_at: Timestamp::UNIX_EPOCH,
        evidence: Evidence::Document,
        author: "bench".to_owned(),
        action: Action::Created,
        changes: record
            .attributes
            .iter()
            .map(|(key, value)| (key.clone(), (None, Some(value.clone()))))
            .collect(),
        superseded: std::collections::BTreeMap::new(),
        sources_before: Some(std::collections::BTreeMap::new()),
        geometry_before: None,
        field: None,
    };
    Write {
        expected: None,
        record: Arc::new(record),
        history,
        shape_changed: true,
    }
}
