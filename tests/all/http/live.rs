//! Edits: judged, written once, and seen by whoever asks next.
use serde_json::{Value, json};

use crate::support::client::{Client, Raw, coded};
use crate::support::park::{Park, corners, tile_at};
use crate::support::service::{Kind, Place, Server};

on_both_stores!(
    an_edit_has_one_effect,
    a_patch_has_one_effect,
    versions_are_insisted_on,
    a_way_of_the_life_cycle_is_taken,
    what_others_did_meanwhile_is_merged,
    one_bad_edit_does_not_stop_the_others,
    what_is_closed_names_its_successors,
    the_next_answer_contains_the_edit,
);

/// A server with one available parcel `P-1`, the token of a steward, and the creation of the parcel.
fn with_parcel(place: &Place) -> (Server, String, Park, Value) {
    let token = place.token("steward");
    let server = place.serve();
    let mut park = Park::new(7);
    let creation = park.parcel("P-1", 0, &json!({"status": "AVAILABLE", "name": "north"}));
    server.with(&token).apply(std::slice::from_ref(&creation));
    (server, token, park, creation)
}

fn read(client: &Client, code: &str) -> Value {
    client.read(&format!("/api/v1/carriers/{code}"))
}

fn history(client: &Client, code: &str) -> Vec<Value> {
    let answer = client.read(&format!("/api/v1/carriers/{code}/history"));
    answer["entries"].as_array().unwrap().clone()
}

fn an_edit_has_one_effect(kind: Kind) {
    let place = Place::new(kind);
    let (server, token, mut park, creation) = with_parcel(&place);
    let steward = server.with(&token);
    let edit = park.setting(&creation, &json!({"name": "south"}));
    let first = steward.edit(std::slice::from_ref(&edit));
    assert_eq!((&first[0]["outcome"], &first[0]["version"]), (&json!("applied"), &json!(2)));
    // Again, twice in one batch, and after a restart: always the same answer.
    assert_eq!(steward.edit(&[edit.clone(), edit.clone()]), [first[0].clone(), first[0].clone()]);
    drop(server);
    let server = place.serve();
    let steward = server.with(&token);
    assert_eq!(steward.edit(std::slice::from_ref(&edit)), first);
    assert_eq!(history(&steward, "P-1").len(), 2);
    // Another content under the same id is refused, before and after it is known from the store.
    let mut other = edit.clone();
    other["set"]["name"] = json!("west");
    let refused = steward.edit(&[other]);
    assert_eq!(
        (&refused[0]["outcome"], &refused[0]["reason"]),
        (&json!("returned"), &json!("edit-id-reused"))
    );
    assert_eq!(read(&steward, "P-1")["properties"]["name"], "south");
    // What was returned stays returned, though it could be done now.
    let way = park.setting(&creation, &json!({"status": "SUPPLIED"}));
    let returned = steward.edit(std::slice::from_ref(&way));
    assert_eq!(returned[0]["reason"], "forbidden-transition");
    steward.apply(&[park.setting(&creation, &json!({"status": "LISTED", "listing_number": "L-1"}))]);
    assert_eq!(steward.edit(&[way]), returned);
}

fn a_patch_has_one_effect(kind: Kind) {
    let place = Place::new(kind);
    let (server, token, mut park, _) = with_parcel(&place);
    let steward = server.with(&token);
    let patch = json!({"set": {"name": "south"}, "edit_id": park.id()});
    let first = steward.patch("P-1", &patch).ok();
    assert_eq!(first["version"], 2);
    assert_eq!(steward.patch("P-1", &patch).ok(), first);
    steward.patch("P-1", &json!({"set": {"name": "east"}})).ok();
    assert_eq!(steward.patch("P-1", &patch).ok(), first);
    assert_eq!(read(&steward, "P-1")["properties"]["name"], "east");
    assert_eq!(history(&steward, "P-1").len(), 3);
    steward.patch("P-9", &json!({"set": {"name": "a"}})).problem(404, "not-found");
    let wrong = steward.patch("P-1", &json!({"sets": {}})).problem(400, "bad-edit");
    assert!(wrong["detail"].as_str().unwrap().contains("sets"), "{wrong}");
}

fn versions_are_insisted_on(kind: Kind) {
    let place = Place::new(kind);
    let (server, token, _, _) = with_parcel(&place);
    let steward = server.with(&token);
    let patch = |tag: Option<&str>, name: &str, client: &Client| {
        let headers: Vec<_> = tag.iter().map(|tag| ("if-match", *tag)).collect();
        client.send(("PATCH", "/api/v1/carriers/P-1"), &headers, &json!({"set": {"name": name}}))
    };
    let tag = steward.get("/api/v1/carriers/P-1").header("etag").to_owned();
    let changed = patch(Some(&tag), "a", &steward);
    assert_eq!(changed.ok()["version"], 2);
    let newer = steward.get("/api/v1/carriers/P-1").header("etag").to_owned();
    assert_eq!(changed.header("etag"), newer, "the answer of a change carries the next tag");
    let stale = patch(Some(&tag), "b", &steward).problem(412, "stale");
    assert_eq!((&stale["given"], &stale["expected"]), (&json!("1"), &json!("2")));
    patch(Some("\"soon\""), "b", &steward).problem(400, "bad-parameter");
    assert_eq!(patch(Some("*"), "c", &steward).ok()["version"], 3);
    assert_eq!(patch(None, "d", &steward).ok()["version"], 4);
    assert_eq!(history(&steward, "P-1").len(), 4);
    drop(server);
    let server = place.serve_with(&["--if-match", "required"]);
    let steward = server.with(&token);
    patch(None, "e", &steward).problem(428, "if-match-required");
    assert_eq!(read(&steward, "P-1")["properties"]["name"], "d");
    let tag = steward.get("/api/v1/carriers/P-1").header("etag").to_owned();
    assert_eq!(patch(Some(&tag), "e", &steward).ok()["version"], 5);
}

fn a_way_of_the_life_cycle_is_taken(kind: Kind) {
    let place = Place::new(kind);
    let surveyor = place.token("surveyor");
    let (server, token, _, _) = with_parcel(&place);
    let (steward, surveyor) = (server.with(&token), server.with(&surveyor));
    let set = |client: &Client, set: Value| client.patch("P-1", &json!({ "set": set })).ok();
    let returned = set(&steward, json!({"status": "BUILT"}));
    assert_eq!(returned["reason"], "forbidden-transition");
    let detail = returned["detail"].as_str().unwrap();
    assert!(detail.contains("AVAILABLE to BUILT") && detail.contains("HELD, LISTED"), "{detail}");
    let returned = set(&steward, json!({"status": "HELD", "hold_holder": "li"}));
    assert_eq!(returned["reason"], "missing-facts");
    let detail = returned["detail"].as_str().unwrap();
    assert!(detail.contains("hold_project, hold_approver, hold_until"), "{detail}");
    assert_eq!(set(&steward, json!({"status": "GONE"}))["reason"], "bad-value");
    // A surveyor may not list a parcel: what was sent waits for somebody who may.
    let proposed = set(&surveyor, json!({"status": "LISTED", "listing_number": "L-1"}));
    assert_eq!(proposed["outcome"], "proposed");
    assert_eq!(read(&steward, "P-1")["properties"]["status"], "AVAILABLE");
    // What is offered is what may be done.
    let item = read(&steward, "P-1");
    let ways: Vec<_> = item["allowed_transitions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|way| &way["to"])
        .collect();
    assert_eq!(ways, ["HELD", "LISTED"]);
    assert_eq!(read(&surveyor, "P-1")["allowed_transitions"], json!([]));
    assert_eq!(read(&server.public(), "P-1")["allowed_transitions"], json!([]));
    assert_eq!(
        set(&steward, json!({"status": "LISTED", "listing_number": "L-1"}))["outcome"],
        "applied"
    );
    let lines = history(&steward, "P-1");
    assert_eq!(lines[1]["changes"]["status"], json!({"old": "AVAILABLE", "new": "LISTED"}));
    assert_eq!((&lines[1]["author"], &lines[1]["action"]), (&json!("steward"), &json!("changed")));
}

fn what_others_did_meanwhile_is_merged(kind: Kind) {
    let place = Place::new(kind);
    let (server, token, mut park, creation) = with_parcel(&place);
    let steward = server.with(&token);
    steward.apply(&[park.setting(&creation, &json!({"status": "LISTED", "listing_number": "L-1"}))]);
    let mut late = |set: Value| {
        let mut edit = park.setting(&creation, &set);
        edit["base_version"] = json!(1);
        steward.edit(&[edit]).remove(0)
    };
    let merged = late(json!({"name": "other"}));
    assert_eq!((&merged["outcome"], &merged["version"]), (&json!("merged"), &json!(3)));
    let conflict =
        late(json!({"status": "HELD", "hold_project": "p", "hold_holder": "h", "hold_approver": "a", "hold_until": "2030-01-01"}));
    assert_eq!(
        (&conflict["outcome"], &conflict["fields"]),
        (&json!("conflict"), &json!(["status"]))
    );
    assert_eq!(read(&steward, "P-1")["properties"]["version"], 3);
    let mut ahead = park.setting(&creation, &json!({"name": "x"}));
    ahead["base_version"] = json!(9);
    assert_eq!(steward.edit(&[ahead])[0]["reason"], "unknown-version");
}

fn one_bad_edit_does_not_stop_the_others(kind: Kind) {
    let place = Place::new(kind);
    let (server, token, mut park, creation) = with_parcel(&place);
    let steward = server.with(&token);
    let good = park.parcel("P-2", 1, &json!({"status": "PLANNED"}));
    let mut bad = vec![
        (park.setting(&creation, &json!({"no_such_thing": 1})), "unknown-attribute"),
        (park.setting(&creation, &json!({"area_declared": -5})), "bad-value"),
        (park.setting(&creation, &json!({"area": 5})), "derived-attribute"),
        (park.parcel("P-1", 2, &json!({})), "code-taken"),
        (park.parcel("P 3", 2, &json!({})), "bad-code"),
        (park.record(("towers", "T-1"), 2, &json!({})), "unknown-collection"),
        (park.setting(&good, &json!({"status": "BUILT"})), "forbidden-transition"),
    ];
    let mut unknown = park.setting(&creation, &json!({"name": "x"}));
    unknown["record"] = json!(park.id());
    let mut bowtie = park.parcel("P-4", 2, &json!({}));
    bowtie["create"]["geometry"] =
        json!({"type": "Polygon", "coordinates": [[[120.0, 31.0], [120.1, 31.1], [120.1, 31.0], [120.0, 31.1], [120.0, 31.0]]]});
    let mut future = park.setting(&creation, &json!({"name": "x"}));
    future["observed_at"] = json!("2999-01-01T00:00:00Z");
    let mut empty = park.setting(&creation, &json!({}));
    empty["unit"] = json!({});
    bad.extend([
        (unknown, "unknown-record"),
        (bowtie, "bad-geometry"),
        (future, "observed-in-future"),
        (empty, "empty-edit"),
    ]);
    let mut newer = park.setting(&creation, &json!({"name": "x"}));
    newer["colour"] = json!("a field of a later program");
    let mut odd = park.setting(&creation, &json!({"name": "x"}));
    odd["set"] = json!(["name"]);
    bad.extend([(newer, "unreadable-edit"), (odd, "unreadable-edit")]);
    let (mut edits, expected): (Vec<_>, Vec<_>) = bad.into_iter().unzip();
    edits.insert(0, good.clone());
    edits.push(park.setting(&creation, &json!({"area_declared": 30})));
    edits.last_mut().unwrap()["unit"] = json!({"area_declared": "mu"});
    let receipts = steward.edit(&edits);
    let (first, last) = (&receipts[0], receipts.last().unwrap());
    assert_eq!(
        (&first["outcome"], &last["outcome"]),
        (&json!("applied"), &json!("applied")),
        "{last}"
    );
    for (receipt, expected) in receipts[1..].iter().zip(expected) {
        assert_eq!(
            (&receipt["outcome"], receipt["reason"].as_str()),
            (&json!("returned"), Some(expected)),
            "{receipt}"
        );
    }
    assert_eq!(read(&steward, "P-1")["properties"]["area_declared"], 20_000.0);
    let too_many = json!({"edits": vec![good; 501]});
    steward.post("/api/v1/edits", &too_many).problem(413, "too-large");
}

fn what_is_closed_names_its_successors(kind: Kind) {
    let place = Place::new(kind);
    let (server, token, mut park, creation) = with_parcel(&place);
    let steward = server.with(&token);
    steward.apply(&[park.parcel("P-2", 1, &json!({})), park.parcel("P-3", 2, &json!({}))]);
    let mut close = park.setting(&creation, &json!({}));
    close.as_object_mut().unwrap().remove("set");
    close["close"] = json!({"reason": "split, see file 12", "successors": ["P-2", "P-3"]});
    steward.apply(&[close]);
    assert_eq!(steward.read("/api/v1/search?collection=parcels")["numberMatched"], 2);
    assert_eq!(read(&steward, "P-1")["closed"]["reason"], "split, see file 12");
    let public = read(&server.public(), "P-1");
    assert_eq!(public["closed"], json!({"reason": null, "successors": ["P-2", "P-3"]}));
    let late = steward.edit(&[park.setting(&creation, &json!({"name": "late"}))]);
    assert_eq!(late[0]["outcome"], "proposed");
    assert_eq!(steward.edit(&[park.parcel("P-1", 5, &json!({}))])[0]["reason"], "code-taken");
}

fn the_next_answer_contains_the_edit(kind: Kind) {
    let place = Place::new(kind);
    let (server, token, mut park, creation) = with_parcel(&place);
    let steward = server.with(&token);
    let [west, south, ..] = corners(0);
    let tile = format!("/tiles/parcels/{}", tile_at(15, west + 0.0001, south + 0.0001));
    let mut stream = Raw::stream(server.address(), "");
    let mut tag = String::new();
    for name in ["first", "second", "third", "fourth", "fifth"] {
        let receipt = steward.edit(&[park.setting(&creation, &json!({ "name": name }))]).remove(0);
        let revision = &receipt["revision"];
        let found = steward.read(&format!("/api/v1/search?collection=parcels&name={}", coded(name)));
        assert_eq!((&found["revision"], &found["numberMatched"]), (revision, &json!(1)));
        // The tag that a browser still has must not bring back the old tile.
        let answer = steward.get_with(&tile, &[("if-none-match", &tag)]);
        assert_eq!(answer.status, 200);
        assert_ne!(answer.header("etag"), tag);
        answer.header("etag").clone_into(&mut tag);
        assert_eq!(steward.get_with(&tile, &[("if-none-match", &tag)]).status, 304);
        let event = stream.event();
        assert_eq!(event, json!({"revision": revision, "collections": ["parcels"]}));
        let since = revision.as_u64().unwrap() - 1;
        let changes = steward.read(&format!("/api/v1/changes?since={since}"));
        assert_eq!((&changes["next"], &changes["more"]), (revision, &json!(false)));
        assert_eq!(changes["changes"][0]["fields"], json!(["name"]));
    }
}
