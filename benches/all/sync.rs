//! A campaign's two hundred phones come back into the network at the same moment.
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::{Barrier, Mutex};
use std::time::Instant;

use serde_json::{Value, json};
use ureq::Agent;
use uuid::Uuid;

use super::line::{Line, seconds};
use super::place::Place;

/// Phones, the targets that each has visited, and what was written down at each of them.
const DEVICES: usize = 200;
const VISITS: usize = 5;
const EDITS: usize = 10;

/// Each surveyor's account is logged in on several phones.
const SURVEYORS: usize = 20;

/// Visits with their edits that one request of the baseline carries.
const BASELINE_VISITS: usize = 50;

/// Longest time for all, and for the median receipt.
const MOST_S: f64 = 60.0;
const MOST_RECEIPT_MS: f64 = 300.0;

const CAMPAIGN: &str = "0192f0c1-0000-7000-8000-000000000001";

/// Runs the section.
pub fn run(_place: &Place) {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("park.gpkg").to_str().unwrap().to_owned();
    let steward = token(&store, "steward", "steward");
    let tokens: Vec<_> = (0..=SURVEYORS).map(|at| token(&store, &surveyor(at), "surveyor")).collect();
    let mut server = serve(&store);
    // One half of the targets is for the baseline, the other for the phones.
    let targets: Vec<Uuid> = (0..2 * DEVICES * VISITS).map(|_| Uuid::now_v7()).collect();
    launch(&server.by(&steward), &targets);
    let (first, second) = targets.split_at(DEVICES * VISITS);
    let alone = server.by(&tokens[0]);
    let (alone_s, ()) = seconds(|| {
        for part in first.chunks(BASELINE_VISITS) {
            alone.send(&part.iter().map(|record| found(*record, Uuid::now_v7(), 0)).collect::<Vec<_>>());
        }
    });
    let waits = Mutex::new(Vec::new());
    let start = Barrier::new(DEVICES);
    let (all_s, ()) = seconds(|| {
        std::thread::scope(|scope| {
            for (at, targets) in second.chunks(VISITS).enumerate() {
                let (waits, start, token) = (&waits, &start, &tokens[1 + at * SURVEYORS / DEVICES]);
                let (phone, device) = (server.by(token), Uuid::now_v7());
                scope.spawn(move || {
                    let journal = (0..)
                        .zip(targets)
                        .map(|(visit, record)| found(*record, device, visit * (EDITS + 1)));
                    let journal: Vec<_> = journal.collect();
                    start.wait();
                    for found in journal {
                        let took = phone.send(&[found]);
                        waits.lock().unwrap().extend(took);
                    }
                });
            }
        });
    });
    let campaign = server.by(&steward).ask("GET", &format!("/api/v1/campaigns/{CAMPAIGN}"), None);
    assert_eq!(campaign["numbers"]["visited"], targets.len(), "{}", campaign["numbers"]);
    let mut waits = waits.into_inner().unwrap();
    waits.sort_by(f64::total_cmp);
    let what = format!("{DEVICES} phones, {VISITS} visits and {} edits each", VISITS * EDITS);
    Line::cost(what, all_s, "s")
        .against(format!("one client, {BASELINE_VISITS} visits at a time"), alone_s)
        .goal(MOST_S)
        .print();
    let per_batch_ms = alone_s * 1e3 / (2 * DEVICES * VISITS / BASELINE_VISITS) as f64;
    Line::cost("median wait for receipts", waits[waits.len() / 2], "ms")
        .against("a request of the one client", per_batch_ms)
        .goal(MOST_RECEIPT_MS)
        .print();
    server.child.kill().unwrap();
    server.child.wait().unwrap();
}

fn surveyor(at: usize) -> String {
    format!("surveyor-{at}")
}

/// Makes the targets and sends each surveyor to a row of them.
fn launch(steward: &Caller, targets: &[Uuid]) {
    let codes: Vec<_> = targets.iter().map(|record| format!("P-{}", record.simple())).collect();
    let creations: Vec<_> = (0..)
        .zip(targets.iter().zip(&codes))
        .map(|(at, (record, code))| creation(*record, code, at))
        .collect();
    for part in creations.chunks(BASELINE_VISITS * EDITS) {
        steward.ask("POST", "/api/v1/edits", Some(&json!({ "edits": part })));
    }
    let teams: Vec<_> = (0..=SURVEYORS)
        .map(|at| json!({"key": format!("t{at}"), "name": surveyor(at), "members": [surveyor(at)]}))
        .collect();
    let plan = json!({
        "id": CAMPAIGN, "name": "Year-end", "deadline": "2099-12-31", "collections": ["parcels"], "search": "",
        "start": {"lon": 120.9, "lat": 31.85}, "minutes": {"parcels": 15}, "teams": teams,
    });
    steward.ask("POST", "/api/v1/campaigns", Some(&plan));
    let (first, second) = codes.split_at(DEVICES * VISITS);
    let rows = std::iter::once(first).chain(second.chunks(DEVICES * VISITS / SURVEYORS));
    let zones: Vec<_> = rows
        .enumerate()
        .map(|(at, codes)| json!({"key": format!("z{at}"), "name": surveyor(at), "codes": codes, "team": format!("t{at}"), "day": "2099-12-01"}))
        .collect();
    steward.ask(
        "PUT",
        &format!("/api/v1/campaigns/{CAMPAIGN}/zones"),
        Some(&json!({ "zones": zones })),
    );
}

/// A parcel of 100 x 100 m, about.
fn creation(record: Uuid, code: &str, at: usize) -> Value {
    let (west, south) = (120.9 + (at % 50) as f64 * 0.0015, 31.8 + (at / 50) as f64 * 0.0015);
    let (east, north) = (west + 0.001, south + 0.001);
    let ring = [[west, south], [east, south], [east, north], [west, north], [west, south]];
    json!({
        "id": Uuid::now_v7(), "collection": "parcels", "record": record,
        "create": {"code": code, "geometry": {"type": "Polygon", "coordinates": [ring]}},
    })
}

/// A visit and its edits, one field each, all on what the phone saw in the morning.
fn found(record: Uuid, device: Uuid, counter: usize) -> (Vec<Value>, Value) {
    let (visit, seen) = (Uuid::now_v7(), "2026-11-25T08:00:00Z");
    let edits: Vec<_> = (1..=EDITS)
        .map(|at| {
            json!({
                "id": Uuid::now_v7(), "collection": "parcels", "record": record, "base_version": 1, "evidence": "seen", "observed_at": seen,
                "set": {"power_capacity": 100 + at}, "field": {"device": device, "counter": counter + at, "visit": visit},
            })
        })
        .collect();
    let ids: Vec<_> = edits.iter().map(|edit| &edit["id"]).collect();
    let whole = json!({
        "id": visit, "campaign": CAMPAIGN, "record": record, "base_version": 1, "outcome": "changed", "observed_at": seen,
        "device": device, "counter": counter + EDITS + 1, "edits": ids, "photos": [],
    });
    (edits, whole)
}

/// Somebody with a token and a connection.
struct Caller {
    agent: Agent,
    url: String,
    token: String,
}

impl Caller {
    fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Value {
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url))
            .header("authorization", format!("Bearer {}", self.token))
            .header("content-type", "application/json");
        let text = body.map(Value::to_string).unwrap_or_default();
        let mut answer = self.agent.run(request.body(text).unwrap()).unwrap();
        let (status, told) = (answer.status(), answer.body_mut().read_to_string().unwrap());
        assert!(status.is_success(), "{method} {path}: {status} {told}");
        serde_json::from_str(&told).unwrap()
    }

    /// Edits before their visits, as the phone sends them. Milliseconds that each of the two requests took.
    fn send(&self, found: &[(Vec<Value>, Value)]) -> [f64; 2] {
        let edits: Vec<_> = found.iter().flat_map(|(edits, _)| edits).collect();
        let visits: Vec<_> = found.iter().map(|(_, visit)| visit).collect();
        [
            ("/api/v1/edits", json!({ "edits": edits })),
            ("/api/v1/visits", json!({ "visits": visits })),
        ]
        .map(|(path, body)| {
            let begun = Instant::now();
            let answer = self.ask("POST", path, Some(&body));
            let took_ms = begun.elapsed().as_secs_f64() * 1e3;
            let receipts = answer["receipts"].as_array().unwrap();
            let good = ["applied", "merged", "proposed"];
            let is_good = |receipt: &Value| good.contains(&receipt["outcome"].as_str().unwrap());
            assert!(receipts.iter().all(is_good), "{answer}");
            took_ms
        })
    }
}

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zaiti"));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    command
}

/// A token of a new account.
fn token(store: &str, name: &str, role: &str) -> String {
    let run = |arguments: &[&str]| {
        let mut child = program().args(arguments).args(["--store", store]).spawn().unwrap();
        child.stdin.take().unwrap().write_all(b"correct horse battery staple").unwrap();
        String::from_utf8(child.wait_with_output().unwrap().stdout)
            .unwrap()
            .trim()
            .to_owned()
    };
    run(&["account", "add", name, "--role", role, "--password-stdin"]);
    run(&["token", name])
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

impl Server {
    fn by(&self, token: &str) -> Caller {
        Caller {
            agent: Agent::new_with_defaults(),
            url: self.url.clone(),
            token: token.to_owned(),
        }
    }
}
