//! Devices: heard, listed, revoked; what comes from a lost one waits for a person.
use serde_json::{Value, json};

use super::photos;
use crate::support::park::Park;
use crate::support::service::{Kind, Place, succeed};

on_both_stores!(
    a_lost_device_is_no_longer_believed,
    what_an_ended_account_hands_in_waits_for_a_person,
    devices_are_listed_for_staff_only
);

fn a_lost_device_is_no_longer_believed(kind: Kind) {
    let place = Place::new(kind);
    let [surveyor, steward] = ["surveyor", "steward"].map(|role| place.token(role));
    let server = place.serve();
    let (phone, desk) = (server.with(&surveyor), server.with(&steward));
    let mut park = Park::new(11);
    let creation = park.parcel("P-1", 0, &json!({"remarks": "a"}));
    desk.apply(std::slice::from_ref(&creation));
    let device = park.id();
    let mut counter = 0;
    let mut edit = |park: &mut Park| {
        counter += 1;
        let mut edit = park.setting(&creation, &json!({"remarks": format!("seen {counter}")}));
        edit["base_version"] = json!(1);
        edit["field"] = json!({"device": device, "counter": counter});
        edit
    };
    let heard = |pending: u64| {
        phone
            .post(&format!("/api/v1/devices/{device}/heard"), &json!({"pending": pending}))
            .ok()
    };
    assert_eq!(heard(2)["revoked"], false);
    let before = edit(&mut park);
    let first = phone.edit(std::slice::from_ref(&before)).remove(0);
    assert_eq!(first["outcome"], "applied");
    let path = format!("/api/v1/devices/{device}/revoke");
    phone.post(&path, &json!({"reason": "x"})).problem(403, "forbidden");
    desk.post(&path, &json!({"reason": " "})).problem(400, "bad-edit");
    let revoked = desk.post(&path, &json!({"reason": "left on a bus"})).ok();
    assert_eq!(
        (&revoked["revoked"]["by"], &revoked["revoked"]["reason"]),
        (&json!("steward"), &json!("left on a bus"))
    );
    assert_eq!(
        desk.post(&path, &json!({"reason": "again"})).ok()["revoked"]["reason"],
        "left on a bus",
        "the first word stands"
    );
    // What was acknowledged before keeps its answer; what comes now is kept for a person, and says why.
    let late = edit(&mut park);
    let receipts = phone.edit(&[before, late.clone()]);
    assert_eq!(receipts[0], first);
    assert_eq!(
        (&receipts[1]["outcome"], &receipts[1]["fields"]),
        (&json!("proposed"), &json!(["remarks"]))
    );
    assert_eq!(heard(1)["revoked"], true);
    server.kill();
    let server = place.serve();
    let desk = server.with(&steward);
    let item = desk.read("/api/v1/inbox")["items"][0].clone();
    assert_eq!(
        (&item["sent"]["held"], &item["sent"]["edit"]),
        (&json!("revoked-device"), &late),
        "{item}"
    );
    let decision = json!({"edit": late["id"], "verdict": "approved", "expected_version": item["version"]});
    let result = desk.post("/api/v1/inbox/decisions", &json!({"decisions": [decision]})).ok();
    assert_eq!(result["results"][0]["outcome"], "decided", "{result}");
    assert_eq!(desk.read("/api/v1/carriers/P-1")["properties"]["remarks"], "seen 2");
}

fn what_an_ended_account_hands_in_waits_for_a_person(kind: Kind) {
    let place = Place::new(kind);
    let [surveyor, steward] = ["surveyor", "steward"].map(|role| place.token(role));
    let server = place.serve();
    let mut park = Park::new(13);
    let creation = park.parcel("P-1", 0, &json!({"remarks": "a"}));
    let desk = server.with(&steward);
    desk.apply(std::slice::from_ref(&creation));
    let campaign = json!({
        "id": park.id(), "name": "w", "deadline": "2026-12-31", "collections": ["parcels"], "start": {"lon": 120.9, "lat": 31.85},
        "minutes": {"parcels": 15}, "teams": [{"key": "a", "name": "A", "members": ["surveyor"]}],
    });
    let mut edits: Vec<Value> = ["before", "after", "later"]
        .into_iter()
        .map(|remarks| park.setting(&creation, &json!({ "remarks": remarks })))
        .collect();
    for (counter, edit) in edits.iter_mut().enumerate() {
        edit["base_version"] = json!(1);
        edit["field"] = json!({"device": "00000000-0000-4000-8000-0000000000d1", "counter": counter + 1});
    }
    // Not only what comes with a note of the field.
    edits[2].as_object_mut().unwrap().remove("field");
    let first = server.with(&surveyor).edit(&edits[..1]).remove(0);
    assert_eq!(first["outcome"], "applied");
    let launched = desk.post("/api/v1/campaigns", &campaign).ok();
    drop(server);
    succeed(&["account", "disable", "surveyor", "--store", &place.location()], "");
    let server = place.serve();
    let phone = server.with(&surveyor);
    // Nothing can be read any more, and nothing else be done.
    for path in ["/api/v1/session", "/api/v1/campaigns", "/api/v1/carriers/P-1"] {
        phone.get(path).problem(401, "log-in");
    }
    phone
        .post("/api/v1/tokens", &json!({"label": "x", "days": 3}))
        .problem(401, "log-in");
    let receipts = phone.edit(&edits);
    assert_eq!(receipts[0], first, "what was acknowledged keeps its answer");
    assert_eq!(
        (&receipts[1]["outcome"], &receipts[2]["outcome"]),
        (&json!("proposed"), &json!("proposed"))
    );
    let photo = photos::photo(5, [12, 8]);
    let name = photos::sha256(&photo);
    let path = format!("/api/v1/photos/{name}?offset=0&size={}", photo.len());
    let put = phone.ask(("PUT", &path), &[], Some(&photo)).unwrap();
    assert_eq!(put.ok()["verified"], true);
    let visit = json!({
        "id": park.id(), "campaign": launched["id"], "record": creation["record"], "base_version": 1, "outcome": "confirmed",
        "observed_at": "2026-11-01T02:00:00Z", "device": "00000000-0000-4000-8000-0000000000d1", "counter": 9, "edits": [], "photos": [],
    });
    let told = phone.post("/api/v1/visits", &json!({"visits": [visit]})).ok();
    assert_eq!(
        (&told["receipts"][0]["outcome"], &told["receipts"][0]["reason"]),
        (&json!("proposed"), &json!("ended-account")),
        "{told}"
    );
    let desk = server.with(&steward);
    assert_eq!(desk.read("/api/v1/carriers/P-1")["properties"]["remarks"], "before");
    let items = desk.read("/api/v1/inbox")["items"].as_array().unwrap().clone();
    assert_eq!(items.len(), 2);
    assert!(items.iter().all(|item| item["sent"]["held"] == "ended-account"), "{items:?}");
}

fn devices_are_listed_for_staff_only(kind: Kind) {
    let place = Place::new(kind);
    let [surveyor, staff] = ["surveyor", "staff"].map(|role| place.token(role));
    let server = place.serve();
    let phone = server.with(&surveyor);
    let mut park = Park::new(12);
    let devices: Vec<_> = (0..3).map(|_| park.id().to_string()).collect();
    for (pending, device) in devices.iter().enumerate() {
        let path = format!("/api/v1/devices/{device}/heard");
        phone.post(&path, &json!({ "pending": pending + 5 })).ok();
        // Within minutes it is remembered, not written; that nothing waits any more is written.
        phone.post(&path, &json!({ "pending": pending })).ok();
    }
    server.public().get("/api/v1/devices").problem(401, "log-in");
    phone.get("/api/v1/devices").problem(403, "forbidden");
    phone
        .post("/api/v1/devices/none/heard", &json!({"pending": 0}))
        .problem(404, "not-found");
    phone
        .post(&format!("/api/v1/devices/{}/heard", devices[0]), &json!({"pending": -1}))
        .problem(400, "bad-edit");
    let list = server.with(&staff).read("/api/v1/devices");
    let told = list["devices"].as_array().unwrap();
    assert_eq!(told.len(), 3);
    for (pending, device) in devices.iter().enumerate() {
        let known = told.iter().find(|each| each["id"] == *device).unwrap();
        assert_eq!(
            (&known["pending"], &known["account"], &known["revoked"]),
            (&json!(pending), &json!("surveyor"), &Value::Null)
        );
    }
}
