//! Two hundred phones come back into the network at the same moment.
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::{Barrier, Mutex};
use std::time::Instant;

use serde_json::{Value, json};
use ureq::Agent;
use uuid::Uuid;

use super::line::{Line, seconds};
use super::place::Place;

/// Phones, and what each has in its journal.
const DEVICES: usize = 200;
const EDITS: usize = 50;

/// Edits that a phone seals and sends at once.
const BATCH: usize = 10;

/// Edits of one request of the baseline.
const BASELINE_BATCH: usize = 500;

/// Longest time for all, and for the median receipt.
const MOST_S: f64 = 60.0;
const MOST_RECEIPT_MS: f64 = 300.0;

/// Runs the section.
pub fn run(_place: &Place) {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("park.gpkg").to_str().unwrap().to_owned();
    let token = token(&store);
    let mut server = serve(&store);
    let url = server.url.clone();
    let post = |agent: &Agent, edits: &[Value]| -> Value {
        let request = agent
            .post(format!("{url}/api/v1/edits"))
            .header("authorization", format!("Bearer {token}"));
        let mut answer = request.send_json(json!({ "edits": edits })).unwrap();
        answer.body_mut().read_json().unwrap()
    };
    let records: Vec<Uuid> = (0..2 * DEVICES).map(|_| Uuid::now_v7()).collect();
    let agent = Agent::new_with_defaults();
    for part in records.chunks(BASELINE_BATCH) {
        let creations: Vec<_> = part.iter().map(|record| creation(*record)).collect();
        post(&agent, &creations);
    }
    let (alone_s, ()) = seconds(|| {
        let edits: Vec<_> = (0..DEVICES).flat_map(|device| journal(records[device])).collect();
        for batch in edits.chunks(BASELINE_BATCH) {
            all_applied(&post(&agent, batch));
        }
    });
    let waits = Mutex::new(Vec::new());
    let start = Barrier::new(DEVICES);
    let (all_s, ()) = seconds(|| {
        std::thread::scope(|scope| {
            for record in &records[DEVICES..] {
                let (post, waits, start) = (&post, &waits, &start);
                scope.spawn(move || {
                    let (agent, edits) = (Agent::new_with_defaults(), journal(*record));
                    start.wait();
                    for batch in edits.chunks(BATCH) {
                        let begun = Instant::now();
                        all_applied(&post(&agent, batch));
                        waits.lock().unwrap().push(begun.elapsed().as_secs_f64() * 1e3);
                    }
                });
            }
        });
    });
    let mut waits = waits.into_inner().unwrap();
    waits.sort_by(f64::total_cmp);
    let baseline = format!("one client, batches of {BASELINE_BATCH}");
    Line::cost(format!("{DEVICES} devices, {EDITS} edits each, {BATCH} at a time"), all_s, "s")
        .against(baseline, alone_s)
        .goal(MOST_S)
        .print();
    let per_batch_ms = alone_s * 1e3 / (DEVICES * EDITS / BASELINE_BATCH) as f64;
    Line::cost("median wait for receipts", waits[waits.len() / 2], "ms")
        .against("a batch of one client", per_batch_ms)
        .goal(MOST_RECEIPT_MS)
        .print();
    server.child.kill().unwrap();
    server.child.wait().unwrap();
}

fn all_applied(answer: &Value) {
    let receipts = answer["receipts"].as_array().unwrap();
    assert!(
        receipts
            .iter()
            .all(|receipt| ["applied", "merged"].contains(&receipt["outcome"].as_str().unwrap())),
        "{answer}"
    );
}

fn creation(record: Uuid) -> Value {
    json!({"id": Uuid::now_v7(), "collection": "parcels", "record": record, "create": {"code": format!("P-{}", record.simple())}})
}

/// What a phone has found: one field each, all on what it saw in the morning.
fn journal(record: Uuid) -> Vec<Value> {
    let device = Uuid::now_v7();
    (0..EDITS)
        .map(|counter| {
            json!({
                "id": Uuid::now_v7(), "collection": "parcels", "record": record, "base_version": 1, "evidence": "seen",
                "set": {"power_capacity": 100 + counter}, "field": {"device": device, "counter": counter + 1},
            })
        })
        .collect()
}

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zaiti"));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    command
}

/// A token of somebody who may make records and change them.
fn token(store: &str) -> String {
    let run = |arguments: &[&str]| {
        let mut child = program().args(arguments).args(["--store", store]).spawn().unwrap();
        child.stdin.take().unwrap().write_all(b"correct horse battery staple").unwrap();
        String::from_utf8(child.wait_with_output().unwrap().stdout)
            .unwrap()
            .trim()
            .to_owned()
    };
    run(&["account", "add", "phone", "--role", "steward", "--password-stdin"]);
    run(&["token", "phone"])
}

struct Server {
    child: Child,
    url: String,
    // Kept open: a closed pipe would be an error for the program when it prints.
    _stdout: BufReader<std::process::ChildStdout>,
}

fn serve(store: &str) -> Server {
    let mut child = program()
        .args(["serve", "--listen", "127.0.0.1:0", "--peer-rate", "0", "--store", store])
        .spawn()
        .unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    let url = line.trim().strip_prefix("zaiti is ready on ").unwrap().to_owned();
    Server {
        child,
        url,
        _stdout: stdout,
    }
}
