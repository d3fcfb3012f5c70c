//! The inbox from outside: what a decision may do to each field, what is told of it afterwards, and the way of a photo to the public.
use serde_json::{Value, json};

use super::campaigns::{CAMPAIGN, DEVICE, Field, review, send};
use crate::field::photos::{chunk, photo, sha256, with_exif};
use crate::support::client::Client;
use crate::support::park::{CORNER, STEP, corners};
use crate::support::service::{Kind, Server};

on_both_stores!(
    each_field_has_its_own_decision,
    what_was_decided_is_told_to_those_who_may_see_it,
    what_was_decided_comes_page_by_page,
    a_visit_tells_who_was_where,
    an_outline_is_told_as_it_was_is_and_would_be,
    a_photo_is_public_once_its_visit_is_approved
);

/// An edit from a phone on top of version 1, standing so many thousandths of a degree north of the parcel's corner.
fn from_phone(field: &mut Field, (at, north): (usize, f64), set: &Value) -> Value {
    let mut edit = field.park.setting(&field.parcels[at].clone(), set);
    let position =
        json!({"lon": CORNER[0] + STEP * f64::from(u32::try_from(at).unwrap()), "lat": CORNER[1] + north / 1_000.0, "accuracy_m": 6.0});
    edit["base_version"] = json!(1);
    edit["evidence"] = json!("seen");
    edit["field"] = json!({"device": DEVICE, "counter": at + 1, "position": position});
    edit
}

/// Somebody at the desk changes the same meanwhile.
fn meanwhile(field: &mut Field, server: &Server, (at, set): (usize, &Value)) {
    let edit = field.park.setting(&field.parcels[at].clone(), set);
    server.with(&field.steward).apply(&[edit]);
}

fn decide(client: &Client, decision: &Value) -> Value {
    let answer = client.post("/api/v1/inbox/decisions", &json!({"decisions": [decision]})).ok();
    answer["results"][0].clone()
}

fn decided(client: &Client, query: &str) -> Vec<Value> {
    let page = client.read(&format!("/api/v1/inbox?state=decided{query}"));
    assert_eq!(page["total"], Value::Null, "it is not counted");
    page["items"].as_array().unwrap().clone()
}

fn of_field<'a>(item: &'a Value, key: &str) -> &'a Value {
    let mut fields = item["fields"].as_array().unwrap().iter();
    fields.find(|field| field["key"] == key).unwrap()
}

/// Sends an edit that comes into conflict over three fields.
fn conflict(field: &mut Field, server: &Server, at: usize) -> Value {
    meanwhile(
        field,
        server,
        (
            at,
            &json!({"production_started": "2022-03-03", "completed_on": "2022-02-02", "power_capacity": 100}),
        ),
    );
    let edit = from_phone(
        field,
        (at, 2.0),
        &json!({"production_started": "2023-04-04", "completed_on": "2023-03-03", "power_capacity": 200}),
    );
    let receipt = server.with(&field.surveyor).edit(std::slice::from_ref(&edit)).remove(0);
    assert_eq!(receipt["outcome"], "conflict", "{receipt}");
    edit
}

fn each_field_has_its_own_decision(kind: Kind) {
    let mut field = Field::new(kind);
    let server = field.serve();
    let edit = conflict(&mut field, &server, 0);
    let staff = server.with(&field.staff);
    let decision = |more: Value| {
        let mut decision = json!({"edit": edit["id"], "verdict": "approved", "expected_version": 2});
        decision.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        decision
    };
    for (more, reason) in [
        (json!({"keep": ["no_such_key"]}), "bad-keep"),
        (json!({"keep": ["geometry"]}), "bad-keep"),
        (json!({"keep": ["completed_on"], "set": {"completed_on": "2024-01-01"}}), "bad-keep"),
        (
            json!({"keep": ["production_started", "completed_on", "power_capacity"]}),
            "nothing-left",
        ),
        (json!({"set": {"power_capacity": "many"}}), "bad-value"),
        (json!({"set": {"power_capacity": -1}}), "bad-value"),
    ] {
        let result = decide(&staff, &decision(more));
        assert_eq!(
            (&result["outcome"], &result["reason"]),
            (&json!("refused"), &json!(reason)),
            "{result}"
        );
    }
    assert_eq!(staff.read("/api/v1/inbox?state=open")["total"], 1, "it waits on");
    assert!(decided(&staff, "").is_empty());
    is_decided_field_by_field(&staff, &edit);
}

/// One as sent, one as it stands, one as the decider says.
fn is_decided_field_by_field(staff: &Client, edit: &Value) {
    let good = json!({
        "edit": edit["id"], "verdict": "approved", "expected_version": 2, "reason": "read off the plate",
        "keep": ["production_started"], "set": {"power_capacity": 0.15}, "unit": {"power_capacity": "MVA"},
    });
    let result = decide(staff, &good);
    assert_eq!(result["outcome"], "decided", "{result}");
    assert_eq!(decide(staff, &good), result, "the same again is the same answer");
    let now = staff.read("/api/v1/carriers/P-0000")["properties"].clone();
    assert_eq!(
        (&now["production_started"], &now["completed_on"], &now["power_capacity"]),
        (&json!("2022-03-03"), &json!("2023-03-03"), &json!(150.0))
    );
    let line = staff.read("/api/v1/carriers/P-0000/history")["entries"]
        .as_array()
        .unwrap()
        .last()
        .unwrap()
        .clone();
    assert_eq!(line["edit"], result["decision"]["written_as"]);
    assert!(line["changes"].get("production_started").is_none(), "nobody confirmed it: {line}");
    let item = decided(staff, "").remove(0);
    for (key, values) in [
        (
            "production_started",
            [Value::Null, json!("2023-04-04"), json!("2022-03-03"), Value::Null],
        ),
        (
            "completed_on",
            [Value::Null, json!("2023-03-03"), json!("2022-02-02"), json!("2023-03-03")],
        ),
        ("power_capacity", [Value::Null, json!(200.0), json!(100.0), json!(150.0)]),
    ] {
        let told = of_field(&item, key);
        assert_eq!(
            ["base", "mine", "theirs", "written"].map(|side| told[side].clone()),
            values,
            "{key}"
        );
    }
    assert_eq!(item["decision"]["reason"], "read off the plate");
    assert_eq!(item["written"], result["receipt"]);
}

fn what_was_decided_is_told_to_those_who_may_see_it(kind: Kind) {
    let mut field = Field::new(kind);
    let server = field.serve();
    for (client, status, problem) in [(server.public(), 401, "log-in"), (server.with(&field.surveyor), 403, "forbidden")] {
        client.get("/api/v1/inbox?state=decided").problem(status, problem);
    }
    let (staff, steward) = (server.with(&field.staff), server.with(&field.steward));
    // A price that stewards alone see.
    meanwhile(&mut field, &server, (1, &json!({"price_floor": 111.25})));
    let secret = from_phone(&mut field, (1, 0.0), &json!({"price_floor": 222.5}));
    assert_eq!(steward.edit(std::slice::from_ref(&secret))[0]["outcome"], "conflict");
    let rejected = json!({"edit": secret["id"], "verdict": "rejected", "reason": "the contract says so"});
    assert_eq!(decide(&steward, &rejected)["outcome"], "decided");
    // Two areas that contradict each other, and both stand.
    let planar = steward.read("/api/v1/carriers/P-0002")["properties"]["area_planar"]
        .as_f64()
        .unwrap();
    meanwhile(&mut field, &server, (2, &json!({"area_declared": (planar * 1.05).round()})));
    let open = staff.read("/api/v1/inbox?state=open&code=P-0002");
    let stands = json!({"edit": open["items"][0]["edit"], "verdict": "approved", "reason": "a strip of road"});
    assert_eq!(decide(&staff, &stands)["outcome"], "decided");
    // It is remembered although the value has changed since.
    meanwhile(&mut field, &server, (2, &json!({"area_declared": planar.round()})));
    let (of_staff, of_steward) = (decided(&staff, ""), decided(&steward, ""));
    assert_eq!((of_staff.len(), of_steward.len()), (1, 2));
    assert_eq!(of_steward[0], of_staff[0], "the latest first");
    let item = &of_staff[0];
    assert_eq!(
        (&item["kind"], &item["code"], &item["own"]["value"], &item["decision"]["by"]),
        (
            &json!("contradiction"),
            &json!("P-0002"),
            &json!((planar * 1.05).round()),
            &json!("staff")
        )
    );
    assert_eq!(item["own"]["by"], Value::Null, "the value of now is another one's");
    let item = &of_steward[1];
    let price = of_field(item, "price_floor");
    assert_eq!(
        (&price["mine"], &price["theirs"], &price["written"], &item["decision"]["verdict"]),
        (&json!(222.5), &json!(111.25), &Value::Null, &json!("rejected"))
    );
    let all = staff.get("/api/v1/inbox?state=decided").text();
    assert!(!all.contains("price_floor") && !all.contains("222.5"), "{all}");
}

fn what_was_decided_comes_page_by_page(kind: Kind) {
    let mut field = Field::new(kind);
    let server = field.serve();
    let (staff, surveyor) = (server.with(&field.staff), server.with(&field.surveyor));
    for at in 0..7 {
        meanwhile(
            &mut field,
            &server,
            (at % 3, &json!({"completed_on": format!("2020-01-0{}", at + 1)})),
        );
        let edit = from_phone(&mut field, (at % 3, 0.0), &json!({"completed_on": format!("2021-01-0{}", at + 1)}));
        assert_eq!(surveyor.edit(std::slice::from_ref(&edit))[0]["outcome"], "conflict");
        let item = staff.read("/api/v1/inbox?state=open")["items"][0].clone();
        let verdict = if at % 2 == 0 { "approved" } else { "rejected" };
        let decision =
            json!({"edit": edit["id"], "verdict": verdict, "reason": format!("reason {at}"), "expected_version": item["version"]});
        assert_eq!(decide(&staff, &decision)["outcome"], "decided");
    }
    let all = decided(&staff, "");
    let reasons = |items: &[Value]| -> Vec<String> {
        let reasons = items.iter().map(|item| item["decision"]["reason"].as_str().unwrap().to_owned());
        reasons.collect()
    };
    assert_eq!(reasons(&all), (0..7).rev().map(|at| format!("reason {at}")).collect::<Vec<_>>());
    // What stood when it was decided, whatever has been written since.
    for (place, item) in all.iter().enumerate() {
        let (at, told) = (6 - place, of_field(item, "completed_on"));
        let (mine, theirs) = (format!("2021-01-0{}", at + 1), format!("2020-01-0{}", at + 1));
        let written = if at % 2 == 0 { json!(mine) } else { Value::Null };
        assert_eq!(
            [&told["mine"], &told["theirs"], &told["written"]],
            [&json!(mine), &json!(theirs), &written],
            "{item}"
        );
    }
    for limit in [1, 3, 7, 8] {
        let (mut walked, mut next) = (Vec::new(), String::new());
        loop {
            let page = staff.read(&format!("/api/v1/inbox?state=decided&limit={limit}{next}"));
            walked.extend(page["items"].as_array().unwrap().clone());
            let Some(after) = page["next"].as_str() else { break };
            next = format!("&after={after}");
        }
        assert_eq!(walked, all, "pages of {limit}");
    }
    assert_eq!(reasons(&decided(&staff, "&code=P-0001")), ["reason 4", "reason 1"]);
    assert!(decided(&staff, "&visit=00000000-0000-7000-8000-000000000000").is_empty());
    for wrong in ["&after=00000000-0000-7000-8000-000000000000", "&after=x", "&limit=0", "&limit=501"] {
        let path = format!("/api/v1/inbox?state=decided{wrong}");
        staff.get(&path).problem(400, "bad-parameter");
    }
}

fn a_visit_tells_who_was_where(kind: Kind) {
    let mut field = Field::new(kind);
    let server = field.serve();
    field.launch(&server);
    field.zones(&server);
    let (staff, surveyor) = (server.with(&field.staff), server.with(&field.surveyor));
    let visit = field.visit(0, "changed");
    let mut theirs = from_phone(&mut field, (0, 0.3), &json!({"completed_on": "2022-02-02"}));
    theirs["field"]["visit"] = visit["id"].clone();
    assert_eq!(surveyor.edit(std::slice::from_ref(&theirs))[0]["outcome"], "proposed");
    let mut seen = visit.clone();
    seen["edits"] = json!([theirs["id"]]);
    seen["photos"] = json!([taken(&photo(9, [64, 48]), "access")]);
    assert_eq!(send(&surveyor, std::slice::from_ref(&seen))[0]["outcome"], "applied");
    let waiting = staff.read(&format!("/api/v1/inbox?visit={}", visit["id"].as_str().unwrap()))["items"][0].clone();
    assert_eq!([&waiting["visit"], &waiting["campaign"]], [&visit["id"], &json!(CAMPAIGN)]);
    assert_eq!([&waiting["photos"], &waiting["away_m"]], [&seen["photos"], &json!(0.0)]);
    assert_eq!(review(&staff, &[&visit], "approved")[0]["outcome"], "decided");
    let mut mine = from_phone(&mut field, (0, 3.0), &json!({"completed_on": "2023-03-03"}));
    mine["field"]["device"] = json!("0192f0c1-0000-7000-8000-0000000000d2");
    assert_eq!(surveyor.edit(std::slice::from_ref(&mine))[0]["outcome"], "conflict");
    let item = staff.read("/api/v1/inbox")["items"][0].clone();
    let told = of_field(&item, "completed_on");
    // The parcel is 0.0008 degrees high: its border is 0.0022 degrees, 244 m, away.
    let away = item["away_m"].as_f64().unwrap();
    assert!((200.0..260.0).contains(&away), "{away}");
    assert_eq!(told["theirs_away_m"], 0.0);
    assert_eq!(
        [
            &told["theirs_by"],
            &told["theirs_device"],
            &told["theirs_visit"],
            &told["theirs_evidence"]
        ],
        [&json!("surveyor"), &json!(DEVICE), &visit["id"], &json!("seen")]
    );
    assert_eq!(told["theirs_photos"], seen["photos"]);
    assert_eq!(
        [&item["visit"], &item["campaign"], &item["photos"]],
        [&Value::Null, &Value::Null, &json!([])]
    );
    assert_eq!(item["sent"]["author"], "surveyor");
}

/// A parcel's square, its north border moved by so many thousandths of a degree.
fn redrawn(at: usize, north: f64) -> Value {
    let [west, south, east, top] = corners(at);
    let top = ((top + north / 1_000.0) * 1e6).round() / 1e6;
    json!({"type": "Polygon", "coordinates": [[[west, south], [east, south], [east, top], [west, top], [west, south]]]})
}

/// The polygon of a geometry, whether it is said as one polygon or as several.
fn polygon(geometry: &Value) -> Value {
    let coordinates = &geometry["coordinates"];
    if geometry["type"] == "MultiPolygon" {
        coordinates[0].clone()
    } else {
        coordinates.clone()
    }
}

fn an_outline_is_told_as_it_was_is_and_would_be(kind: Kind) {
    let mut field = Field::new(kind);
    let server = field.serve();
    let (staff, steward) = (server.with(&field.staff), server.with(&field.steward));
    let area = || staff.read("/api/v1/carriers/P-0000")["properties"]["area_planar"].as_f64().unwrap();
    let (first, mut areas) = (field.parcels[0].clone(), vec![area()]);
    let draw = |field: &mut Field, north: f64| {
        let mut edit = field.park.setting(&first, &json!({}));
        edit["geometry"] = redrawn(0, north);
        edit["base_version"] = json!(1);
        edit
    };
    let mine = draw(&mut field, 0.3);
    assert_eq!(staff.edit(std::slice::from_ref(&mine))[0]["outcome"], "proposed");
    let mut theirs = draw(&mut field, -0.2);
    theirs.as_object_mut().unwrap().remove("base_version");
    steward.apply(&[theirs]);
    areas.push(area());
    let item = staff.read("/api/v1/inbox")["items"][0].clone();
    let waiting = of_field(&item, "geometry").clone();
    for (side, north) in [("base", 0.0), ("mine", 0.3), ("theirs", -0.2)] {
        assert_eq!(polygon(&waiting[side]), redrawn(0, north)["coordinates"], "{side}");
    }
    assert_eq!([&waiting["base_by"], &waiting["theirs_by"]], [&json!("steward"), &json!("steward")]);
    assert!(waiting["base_at"].as_str() < waiting["theirs_at"].as_str(), "{waiting}");
    let decision = json!({"edit": mine["id"], "verdict": "approved", "expected_version": item["version"], "reason": "surveyed"});
    assert_eq!(decide(&steward, &decision)["outcome"], "decided");
    areas.push(area());
    let told = [
        &waiting["areas_planar_m2"]["base"],
        &waiting["areas_planar_m2"]["theirs"],
        &waiting["areas_planar_m2"]["mine"],
    ];
    for (told, area) in told.into_iter().zip(&areas) {
        assert!((told.as_f64().unwrap() - area).abs() < 0.01, "{told} is not {area}");
    }
    let done = decided(&staff, "").remove(0);
    let done = of_field(&done, "geometry");
    for key in ["base", "mine", "theirs", "areas_planar_m2"] {
        assert_eq!(done[key], waiting[key], "{key} of what was decided");
    }
}

/// A photo as a visit names it.
fn taken(bytes: &[u8], slot: &str) -> Value {
    json!({"sha256": sha256(bytes), "bytes": bytes.len(), "media_type": "image/jpeg", "slot": slot, "taken_at": "2026-11-25T08:01:00Z",
           "position": {"lon": 120.9, "lat": 31.85, "accuracy_m": 4.0}})
}

/// Nothing tells the public of a photo of this record.
fn is_hidden(public: &Client, at: usize, bytes: &[u8]) {
    let answer = public.get(&format!("/api/v1/carriers/P-{at:04}"));
    assert_eq!(answer.ok().get("photos"), None, "photo {at}");
    let name = sha256(bytes);
    assert!(!answer.text().contains(&name));
    for rest in ["/thumb", "/view"] {
        public.get(&format!("/api/v1/photos/{name}{rest}")).problem(404, "not-found");
    }
    public.get(&format!("/api/v1/photos/{name}")).problem(401, "log-in");
}

/// Anyone has it made smaller, without a word of the camera about place and owner; nobody has the original who had not before.
fn is_public(public: &Client, bytes: &[u8]) {
    let name = sha256(bytes);
    for rest in ["/thumb", "/view"] {
        let answer = public.get(&format!("/api/v1/photos/{name}{rest}"));
        assert_eq!((answer.status, answer.header("content-type")), (200, "image/jpeg"));
        let has = |words: &[u8]| answer.body.windows(words.len()).any(|window| window == words);
        let says_where = has(b"Exif") || has(b"CANARY") || has(b"\xFF\xE1");
        assert!(!says_where, "{rest} says where it was taken");
        assert!(image::load_from_memory(&answer.body).is_ok());
    }
    public.get(&format!("/api/v1/photos/{name}")).problem(401, "log-in");
    // Nor is it in lists, files or the past.
    for query in [
        "search?collection=parcels",
        "exports?collection=parcels&format=geojson",
        "carriers/P-0000?at=1",
        "changes",
    ] {
        assert!(!public.get(&format!("/api/v1/{query}")).text().contains(&name), "{query}");
    }
}

/// Visits of parcels, each with a photo; the last photo never arrives whole.
fn visits_with(field: &mut Field, surveyor: &Client, pictures: &[Vec<u8>]) -> Vec<Value> {
    let mut visits = Vec::new();
    for (at, bytes) in pictures.iter().enumerate() {
        let mut visit = field.visit(at, "confirmed");
        visit["photos"] = json!([taken(bytes, "overview")]);
        assert_eq!(send(surveyor, std::slice::from_ref(&visit))[0]["outcome"], "applied");
        visits.push(visit);
        let end = if at + 1 == pictures.len() { bytes.len() / 2 } else { bytes.len() };
        chunk(surveyor, (&sha256(bytes), bytes), (0, end)).ok();
    }
    visits
}

fn a_photo_is_public_once_its_visit_is_approved(kind: Kind) {
    let mut field = Field::new(kind);
    let server = field.serve();
    field.launch(&server);
    field.zones(&server);
    let (staff, surveyor, public) = (server.with(&field.staff), server.with(&field.surveyor), server.public());
    let pictures: Vec<Vec<u8>> = (20..24).map(|seed| with_exif(&photo(seed, [320, 240]))).collect();
    let visits = visits_with(&mut field, &surveyor, &pictures);
    let are_hidden = |first: usize| (first..4).for_each(|at| is_hidden(&public, at, &pictures[at]));
    are_hidden(0);
    let tag = || public.get("/api/v1/carriers/P-0000").header("etag").to_owned();
    let before = tag();
    for (visit, verdict) in visits.iter().zip(["approved", "rejected", "returned", "approved"]) {
        assert_eq!(review(&staff, &[visit], verdict)[0]["outcome"], "decided");
    }
    // Its name, what it shows and when; not where, nor by whom.
    let told = json!([{"sha256": sha256(&pictures[0]), "slot": "overview", "taken_at": "2026-11-25T08:01:00Z"}]);
    assert_eq!(public.read("/api/v1/carriers/P-0000")["photos"], told);
    assert_ne!(tag(), before, "who kept the answer learns of it");
    is_public(&public, &pictures[0]);
    let original = surveyor.get(&format!("/api/v1/photos/{}", sha256(&pictures[0])));
    assert!(original.body == pictures[0], "who took it has it as it was taken");
    are_hidden(1);
    let catalogue = public.read("/api/v1/catalogue");
    let mut collections = catalogue["collections"].as_array().unwrap().iter();
    let parcels = collections.find(|each| each["key"] == "parcels").unwrap();
    assert_eq!(parcels["photos"][0]["names"]["de"], "Übersicht");
    // A restart forgets none, and a record that is closed shows none.
    drop(server);
    let server = field.place.serve();
    assert_eq!(server.public().read("/api/v1/carriers/P-0000")["photos"], told);
    let mut closing = field.park.setting(&field.parcels[0].clone(), &json!({}));
    closing.as_object_mut().unwrap().remove("set");
    closing["close"] = json!({"reason": "split"});
    server.with(&field.steward).apply(&[closing]);
    assert_eq!(server.public().read("/api/v1/carriers/P-0000").get("photos"), None);
}
