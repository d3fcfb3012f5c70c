//! `kill -9` in the midst of writes, again and again: what was acknowledged is there, and nothing is there by half.
use std::sync::Mutex;
use std::sync::mpsc;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::park::Park;
use crate::support::postgres::Cluster;
use crate::support::service::{Kind, Place, Server};

/// Threads that write side by side.
const WRITERS: usize = 4;

/// Most acknowledged edits before the crash.
const MOST: usize = 24;

/// An edit as it was sent, and the receipt, if one came.
struct Sent {
    edit: Value,
    code: String,
    receipt: Option<Value>,
}

#[test]
fn fifty_crashes_lose_nothing_on_a_geopackage() {
    crash(&Place::new(Kind::GeoPackage), 50);
}

#[test]
fn ten_crashes_lose_nothing_on_postgis() {
    crash(&Place::new(Kind::PostGis), 10);
}

fn crash(place: &Place, rounds: usize) {
    let token = place.token("steward");
    let mut random = ChaCha8Rng::seed_from_u64(99);
    let mut server = place.serve();
    let mut acknowledged = 0;
    for round in 0..rounds {
        let enough = random.random_range(1..MOST);
        let sent = write_until(&server.with(&token), round, enough, || {
            // While others are writing.
            let killed = std::process::Command::new("kill")
                .args(["-KILL", &server.id().to_string()])
                .status()
                .unwrap();
            assert!(killed.success());
        });
        server.kill();
        server = place.serve();
        acknowledged += sent.iter().filter(|sent| sent.receipt.is_some()).count();
        is_whole(&server.with(&token), &sent);
    }
    assert!(acknowledged >= rounds * 2, "{acknowledged}");
    let changes = server.with(&token).read("/api/v1/changes?limit=10000");
    assert_eq!(server.public().read("/readyz")["revision"], changes["revision"]);
}

/// Writes from several threads; `cut` is called once so many edits were acknowledged. Ends when nothing can be written any more.
fn write_until(client: &Client, round: usize, enough: usize, cut: impl FnOnce()) -> Vec<Sent> {
    let all = Mutex::new(Vec::new());
    let (tell, told) = mpsc::channel();
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (tell, all) = (tell.clone(), &all);
            scope.spawn(move || {
                let code = format!("R{round}-{writer}");
                let mut park = Park::new((round * WRITERS + writer) as u64);
                let creation = park.parcel(&code, writer, &json!({"name": "0"}));
                let mut edit = creation.clone();
                for number in 1.. {
                    let answer = client.ask(
                        ("POST", "/api/v1/edits"),
                        &[("content-type", "application/json")],
                        Some(json!({"edits": [edit]}).to_string().as_bytes()),
                    );
                    let receipt = answer
                        .ok()
                        .filter(|answer| answer.status == 200)
                        .map(|answer| answer.json()["receipts"][0].clone());
                    let is_over = receipt.is_none();
                    all.lock().unwrap().push(Sent {
                        edit,
                        code: code.clone(),
                        receipt,
                    });
                    if is_over {
                        break;
                    }
                    // Nobody listens any more once the cut was made.
                    let _ = tell.send(());
                    edit = park.setting(&creation, &json!({"name": number.to_string()}));
                }
            });
        }
        drop(tell);
        let acknowledged = told.iter().take(enough).count();
        assert_eq!(acknowledged, enough, "the writers gave up by themselves");
        cut();
    });
    all.into_inner().unwrap()
}

/// Each edit has its receipt, its line in the history and its value, and all of them agree; one without an answer may be sent again.
fn is_whole(client: &Client, sent: &[Sent]) {
    let edits: Vec<_> = sent.iter().map(|sent| sent.edit.clone()).collect();
    let receipts = client.edit(&edits);
    for (sent, receipt) in sent.iter().zip(&receipts) {
        assert_eq!(receipt["outcome"], "applied", "{receipt}");
        if let Some(before) = &sent.receipt {
            assert_eq!(before, receipt, "an acknowledged edit has another answer now");
        }
        let history = client.read(&format!("/api/v1/carriers/{}/history", sent.code));
        let lines = history["entries"].as_array().unwrap();
        let own: Vec<_> = lines.iter().filter(|line| line["edit"] == receipt["edit"]).collect();
        assert_eq!(own.len(), 1, "{receipt}: {history}");
        assert_eq!(
            (&own[0]["version"], &own[0]["revision"]),
            (&receipt["version"], &receipt["revision"])
        );
    }
    for writer in sent.iter().map(|sent| &sent.code).collect::<std::collections::BTreeSet<_>>() {
        let item = client.read(&format!("/api/v1/carriers/{writer}"));
        let history = client.read(&format!("/api/v1/carriers/{writer}/history"));
        let lines = history["entries"].as_array().unwrap();
        let versions: Vec<_> = lines.iter().map(|line| line["version"].as_u64().unwrap()).collect();
        assert_eq!(versions, (1..=lines.len() as u64).collect::<Vec<_>>());
        let last = lines.last().unwrap();
        assert_eq!(
            (&item["properties"]["version"], &item["properties"]["name"]),
            (&last["version"], &last["changes"]["name"]["new"])
        );
    }
}

#[test]
fn a_database_that_crashes_and_comes_back_loses_nothing() {
    // Its own, as it is cut off; left to the end of the tests, which removes it.
    let cluster: &'static Cluster = Box::leak(Box::new(Cluster::start()));
    let place = Place::over(Some(cluster.database()));
    let token = place.token("steward");
    let server = place.serve();
    for round in 0..2 {
        let client = server.with(&token);
        let sent = write_until(&client, round, 20, || cluster.cut_off());
        reads_go_on(&server, &token, &sent);
        cluster.serve();
        // Ready by itself; the limit of the client's patience ends a test that waits in vain.
        let begun = std::time::Instant::now();
        while server.public().get("/readyz").status != 200 {
            assert!(begun.elapsed().as_secs() < 60, "{}", server.log());
        }
        is_whole(&client, &sent);
    }
}

/// Without its database the service answers from memory, and refuses to write in clear words.
fn reads_go_on(server: &Server, token: &str, sent: &[Sent]) {
    let client = server.with(token);
    let found = client.read("/api/v1/search?collection=parcels&limit=1");
    let records = sent
        .iter()
        .filter(|sent| sent.receipt.is_some())
        .map(|sent| &sent.code)
        .collect::<std::collections::BTreeSet<_>>()
        .len();
    assert!(found["numberMatched"].as_u64().unwrap() >= records as u64, "{found}");
    let code = &sent.iter().find(|sent| sent.receipt.is_some()).unwrap().code;
    client.read(&format!("/api/v1/carriers/{code}"));
    client.read("/api/v1/facets?collection=parcels");
    let refused = client.patch(code, &json!({"set": {"name": "while away"}}));
    let problem = refused.problem(503, "store-unavailable");
    assert!(problem["detail"].as_str().unwrap().contains("nothing was written"), "{problem}");
    assert!(
        !refused.text().contains("zaiti-pg-"),
        "places of the machine are nobody's business: {problem}"
    );
    assert_eq!(refused.header("retry-after"), "5");
    client
        .get(&format!("/api/v1/carriers/{code}/history"))
        .problem(503, "store-unavailable");
    let ready = server.public().get("/readyz");
    assert_eq!((ready.status, &ready.json()["ok"]), (503, &json!(false)));
    assert_eq!(server.public().get("/healthz").status, 200);
    assert!(server.log().contains("the store cannot be used now"));
}
