//! The queue of an old app after edits have taken another form: what cannot be read is kept, and has one answer for good.
use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::park::Park;
use crate::support::service::{Kind, Place};

on_both_stores!(what_cannot_be_read_is_kept_up_to_a_size, what_no_store_can_hold_is_told_by_itself,);

/// Largest edit that is kept although it cannot be read, bytes.
const KEPT_BYTES: usize = 900;

/// An edit in a form that nobody reads, of so many bytes.
fn unreadable((park, creation): (&mut Park, &Value), bytes: usize) -> Value {
    let mut edit = park.setting(creation, &json!({"remarks": "a fence"}));
    edit["base_version"] = json!(1);
    edit["field"] = json!({"device": park.id(), "counter": 1});
    edit["mood"] = json!("");
    edit["mood"] = json!("x".repeat(bytes - edit.to_string().len()));
    edit
}

fn status(client: &Client, edit: &Value) -> Value {
    client.post("/api/v1/edits/status", &json!({"edits": [edit["id"]]})).ok()["edits"][0].clone()
}

fn what_cannot_be_read_is_kept_up_to_a_size(kind: Kind) {
    let place = Place::new(kind);
    let [steward, surveyor] = ["steward", "surveyor"].map(|role| place.token(role));
    let other = place.named_token("other", "surveyor");
    let serve = || place.serve_with(&["--peer-rate", "0", "--max-kept-bytes", &KEPT_BYTES.to_string()]);
    let server = serve();
    let mut park = Park::new(5);
    let creation = park.parcel("P-1", 0, &json!({}));
    server.with(&steward).apply(std::slice::from_ref(&creation));
    let small = unreadable((&mut park, &creation), KEPT_BYTES);
    let large = unreadable((&mut park, &creation), KEPT_BYTES + 1);
    let good = park.setting(&creation, &json!({"remarks": "a gate"}));
    let sent = [small.clone(), large.clone(), good.clone()];
    let receipts = server.with(&surveyor).edit(&sent);
    for (receipt, kept) in [(&receipts[0], &Value::Null), (&receipts[1], &json!(false))] {
        let told = (&receipt["outcome"], &receipt["reason"], &receipt["kept"]);
        assert_eq!(told, (&json!("returned"), &json!("unreadable-edit"), kept), "{receipt}");
    }
    let detail = receipts[1]["detail"].as_str().unwrap();
    let size = format!("given {} bytes, expected at most {KEPT_BYTES}", KEPT_BYTES + 1);
    assert!(
        detail.contains("mood") && detail.contains("only the device has it") && detail.ends_with(&size),
        "{detail}"
    );
    assert_eq!(receipts[2]["outcome"], "applied");
    // The inventory moves on, and the program is started anew: the answers stay.
    let later = park.setting(&creation, &json!({"remarks": "a wall"}));
    server.with(&steward).apply(&[later]);
    assert_eq!(server.with(&surveyor).edit(&sent), receipts);
    drop(server);
    let server = serve();
    let phone = server.with(&surveyor);
    assert_eq!(phone.edit(&sent), receipts);
    // As it was sent, for its author and for deciders only.
    for (client, sees) in [(&phone, true), (&server.with(&steward), true), (&server.with(&other), false)] {
        let kept = [status(client, &small), status(client, &large)];
        let (own, whole) = if sees { (&receipts[..2], &small) } else { (&[][..], &Value::Null) };
        assert_eq!(kept[0]["receipt"], own.first().cloned().unwrap_or_default());
        assert_eq!(kept[1]["receipt"], own.last().cloned().unwrap_or_default());
        assert_eq!((&kept[0]["sent"], &kept[1]["sent"]), (whole, &Value::Null));
    }
    // Another edit under its id is not taken for it, and is not kept either.
    let mut forged = good.clone();
    forged["id"] = small["id"].clone();
    let refused = phone.edit(&[forged]).remove(0);
    assert_eq!(
        (&refused["reason"], &refused["kept"]),
        (&json!("edit-id-reused"), &json!(false)),
        "{refused}"
    );
}

fn what_no_store_can_hold_is_told_by_itself(kind: Kind) {
    let place = Place::new(kind);
    let [steward, surveyor] = ["steward", "surveyor"].map(|role| place.token(role));
    let server = place.serve();
    let mut park = Park::new(6);
    let creation = park.parcel("P-1", 0, &json!({}));
    server.with(&steward).apply(std::slice::from_ref(&creation));
    let mut odd = park.setting(&creation, &json!({"remarks": "a fence"}));
    odd["mo\u{0}od"] = json!(1);
    let mut closing = json!({"id": park.id(), "collection": "parcels", "record": creation["record"]});
    closing["close"] = json!({"reason": "x".repeat(2_001)});
    let mut coded = park.parcel(&"P".repeat(65), 1, &json!({}));
    coded["id"] = json!(park.id());
    let good = park.setting(&creation, &json!({"remarks": "a gate"}));
    let phone = server.with(&surveyor);
    let sent = [odd, closing, coded, good];
    let receipts = phone.edit(&sent);
    let told: Vec<_> = receipts
        .iter()
        .map(|receipt| receipt["reason"].as_str().or(receipt["outcome"].as_str()).unwrap())
        .collect();
    assert_eq!(told, ["unreadable-edit", "long-reason", "bad-code", "applied"], "{receipts:?}");
    assert!(receipts[0]["detail"].as_str().unwrap().contains("mo\u{fffd}od"), "{}", receipts[0]);
    assert_eq!(status(&phone, &sent[0])["sent"], sent[0], "kept as it was sent");
    assert_eq!(phone.edit(&sent), receipts);
}
