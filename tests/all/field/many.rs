//! Much at once: the same edit a hundred times, and a journal of thousands of edits and hundreds of photos.
use std::sync::Barrier;

use serde_json::{Value, json};

use super::photos::{chunk, photo, sha256};
use crate::support::park::Park;
use crate::support::service::{Kind, Place, Server};

on_both_stores!(the_same_edit_a_hundred_times_at_once_is_one_edit);

fn the_same_edit_a_hundred_times_at_once_is_one_edit(kind: Kind) {
    let place = Place::new(kind);
    let [surveyor, steward] = ["surveyor", "steward"].map(|role| place.token(role));
    let server = place.serve();
    let mut park = Park::new(21);
    let creation = park.parcel("P-1", 0, &json!({"completed_on": "2020-01-01", "remarks": "a"}));
    server.with(&steward).apply(std::slice::from_ref(&creation));
    let device = park.id();
    let mut edit = |counter: u64, base: u64, set: &Value| {
        let mut edit = park.setting(&creation, set);
        edit["base_version"] = json!(base);
        edit["field"] = json!({"device": device, "counter": counter});
        edit
    };
    // One that is written, one that is merged (its base is old by then), one that is proposed, one that is returned.
    let edits = [
        edit(1, 1, &json!({"remarks": "b"})),
        edit(2, 1, &json!({"completed_on": "2021-02-02"})),
        edit(3, 1, &json!({"area_net": 5})),
        edit(4, 1, &json!({"none": 5})),
    ];
    for (edit, outcome) in edits.iter().zip(["applied", "merged", "proposed", "returned"]) {
        let start = Barrier::new(100);
        let receipts: Vec<Value> = std::thread::scope(|scope| {
            let send = || {
                let client = server.with(&surveyor);
                start.wait();
                client.edit(std::slice::from_ref(edit)).remove(0)
            };
            let threads: Vec<_> = (0..100).map(|_| scope.spawn(send)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(receipts[0]["outcome"], outcome, "{}", receipts[0]);
        assert!(receipts.iter().all(|receipt| *receipt == receipts[0]), "{receipts:?}");
    }
    let history = server.with(&steward).read("/api/v1/carriers/P-1/history");
    assert_eq!(history["entries"].as_array().unwrap().len(), 3, "{history}");
    assert_eq!(server.with(&steward).read("/api/v1/inbox")["total"], 1);
}

/// Memory of the server, bytes.
fn resident(server: &Server) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1_024
}

/// What the receipts that are kept at hand, and the names of photos, may take; the photos alone are four times as much.
const MOST_GROWTH: u64 = 32 << 20;

#[test]
fn a_long_journal_does_not_fill_the_memory() {
    let place = Place::new(Kind::GeoPackage);
    let [surveyor, steward] = ["surveyor", "steward"].map(|role| place.token(role));
    let server = place.serve();
    let mut park = Park::new(22);
    let creations: Vec<_> = (0..50).map(|at| park.parcel(&format!("P-{at}"), at, &json!({}))).collect();
    server.with(&steward).apply(&creations);
    let phone = server.with(&surveyor);
    let device = park.id();
    let head = photo(1, [64, 48]);
    let mut before = 0;
    for round in 0..100_u32 {
        let edits: Vec<_> = (0..50)
            .map(|at| {
                let mut edit = park.setting(&creations[at], &json!({"power_capacity": round + 1}));
                edit["base_version"] = json!(1);
                edit["field"] = json!({"device": device, "counter": round * 50 + u32::try_from(at).unwrap() + 1});
                edit
            })
            .collect();
        assert!(phone.edit(&edits).iter().all(|receipt| receipt["outcome"] != "returned"));
        for part in 0..5_u32 {
            // A picture, and more bytes behind it, different each time.
            let more = sha256(&(round * 5 + part).to_le_bytes()).repeat(4_000);
            let bytes = [head.as_slice(), more.as_bytes()].concat();
            let name = sha256(&bytes);
            let mut told = Value::Null;
            for offset in (0..bytes.len()).step_by(1 << 17) {
                told = chunk(&phone, (&name, &bytes), (offset, 1 << 17)).ok();
            }
            assert_eq!(told["verified"], true, "{told}");
        }
        if round == 20 {
            before = resident(&server);
        }
    }
    let growth = resident(&server).saturating_sub(before);
    assert!(growth < MOST_GROWTH, "{growth} bytes more, from {before}");
    let history = phone.read("/api/v1/carriers/P-7/history");
    assert_eq!(history["entries"].as_array().unwrap().len(), 101);
}
