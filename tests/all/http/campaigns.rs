//! Survey campaigns from launch to sign-off, over HTTP.
use std::collections::BTreeSet;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::client::Client;
use crate::support::park::{Park, corners};
use crate::support::service::{Kind, Place, Server, succeed};

on_both_stores!(
    from_launch_to_sign_off,
    nobody_sees_what_is_not_theirs,
    a_visit_has_one_effect_and_one_answer,
    what_cannot_count_is_kept,
    a_review_decides_the_edits_of_the_visit,
    the_list_follows_what_becomes_of_records,
);

/// A park with a row of parcels, and people of each kind.
pub struct Field {
    pub place: Place,
    pub park: Park,
    /// Creations of the parcels.
    pub parcels: Vec<Value>,
    pub steward: String,
    pub staff: String,
    pub surveyor: String,
    pub other: String,
}

pub const CAMPAIGN: &str = "0192f0c1-0000-7000-8000-000000000001";
pub const DEVICE: &str = "0192f0c1-0000-7000-8000-0000000000d1";

impl Field {
    pub fn new(kind: Kind) -> Self {
        let place = Place::new(kind);
        let [steward, staff, surveyor] = ["steward", "staff", "surveyor"].map(|role| place.token(role));
        let location = place.location();
        succeed(
            &[
                "account",
                "add",
                "other",
                "--role",
                "surveyor",
                "--password-stdin",
                "--store",
                &location,
            ],
            crate::support::service::PASSWORD,
        );
        let other = succeed(&["token", "other", "--store", &location], "").trim().to_owned();
        let mut park = Park::new(17);
        let values = |at: usize| json!({"status": "AVAILABLE", "available_from": "2026-12-01", "name": format!("plot {at}")});
        let parcels = (0..24).map(|at| park.parcel(&format!("P-{at:04}"), at, &values(at))).collect();
        Self {
            place,
            park,
            parcels,
            steward,
            staff,
            surveyor,
            other,
        }
    }

    /// Starts the program and makes the parcels.
    pub fn serve(&self) -> Server {
        let server = self.place.serve();
        server.with(&self.steward).apply(&self.parcels);
        server
    }

    pub fn launch(&self, server: &Server) -> Value {
        server.with(&self.steward).post("/api/v1/campaigns", &launch()).ok()
    }

    /// West of the park for one team, east for the other.
    pub fn zones(&self, server: &Server) -> Value {
        let body = json!({"zones": [
            {"key": "west", "name": "West", "polygon": boxed(0, 9), "team": "a", "day": "2026-11-26"},
            {"key": "east", "name": "East", "polygon": boxed(10, 19), "team": "b", "day": "2026-11-26"},
            {"key": "north", "name": "North", "codes": ["P-0020", "P-0021", "P-0022", "P-0023"], "team": "b", "day": "2026-11-27"},
        ]});
        let path = format!("/api/v1/campaigns/{CAMPAIGN}/zones");
        server.with(&self.steward).send(("PUT", &path), &[], &body).ok()
    }

    pub fn visit(&mut self, at: usize, outcome: &str) -> Value {
        json!({
            "id": self.park.id(), "campaign": CAMPAIGN, "record": self.parcels[at]["record"], "base_version": 1, "outcome": outcome,
            "observed_at": "2026-11-25T08:00:00Z", "device": DEVICE, "counter": at + 1,
            "position": {"lon": corners(at)[0], "lat": corners(at)[1], "accuracy_m": 4.5},
            "reason": if ["confirmed", "changed"].contains(&outcome) { Value::Null } else { json!("the gate was locked") },
        })
    }
}

/// A launch of all available parcels.
pub fn launch() -> Value {
    json!({
        "id": CAMPAIGN, "name": "Year-end 2026", "deadline": "2026-12-31", "collections": ["parcels"], "search": "status=AVAILABLE",
        "start": {"lon": 120.9, "lat": 31.85}, "minutes": {"parcels": 15},
        "teams": [{"key": "a", "name": "Team A", "members": ["surveyor"]}, {"key": "b", "name": "Team B", "members": ["other"]}],
    })
}

/// Around the parcels from one place of a row to another.
fn boxed(first: usize, last: usize) -> Value {
    let ([west, south, ..], [_, _, east, north]) = (corners(first), corners(last));
    let (west, south, east, north) = (west - 1e-5, south - 1e-5, east + 1e-5, north + 1e-5);
    json!({"type": "Polygon", "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]]})
}

pub fn read(client: &Client) -> Value {
    client.read(&format!("/api/v1/campaigns/{CAMPAIGN}"))
}

pub fn send(client: &Client, visits: &[Value]) -> Vec<Value> {
    let answer = client.post("/api/v1/visits", &json!({ "visits": visits })).ok();
    answer["receipts"].as_array().unwrap().clone()
}

pub fn review(client: &Client, visits: &[&Value], verdict: &str) -> Vec<Value> {
    let reviews: Vec<_> = visits
        .iter()
        .map(|visit| json!({"visit": visit["id"], "verdict": verdict, "reason": "looked through"}))
        .collect();
    let answer = client
        .post(&format!("/api/v1/campaigns/{CAMPAIGN}/reviews"), &json!({ "reviews": reviews }))
        .ok();
    answer["results"].as_array().unwrap().clone()
}

fn codes(of: &Value) -> BTreeSet<String> {
    of.as_array()
        .unwrap()
        .iter()
        .map(|target| target["code"].as_str().unwrap().to_owned())
        .collect()
}

fn counts(campaign: &Value, keys: &[&str]) -> Vec<u64> {
    keys.iter().map(|key| campaign["numbers"][key].as_u64().unwrap()).collect()
}

fn from_launch_to_sign_off(kind: Kind) {
    let mut field = Field::new(kind);
    let server = field.serve();
    let launched = field.launch(&server);
    assert_eq!(counts(&launched, &["targets", "visited", "accounted_for"]), [24, 0, 0]);
    let zoned = field.zones(&server);
    assert_eq!(zoned["zones"][0]["numbers"]["targets"], 10);
    let surveyor = server.with(&field.surveyor);
    let package = surveyor.read(&format!("/api/v1/campaigns/{CAMPAIGN}/package"));
    assert_eq!(package["targets"].as_array().unwrap().len(), 10);
    assert_eq!(codes(&package["targets"]), (0..10).map(|at| format!("P-{at:04}")).collect());
    let text = surveyor.get(&format!("/api/v1/campaigns/{CAMPAIGN}/package"));
    assert_eq!(text.ok()["bytes"].as_u64().unwrap() as usize, text.body.len());
    // All of the west but one, which nobody could get into.
    let visits: Vec<Value> = (0..10)
        .map(|at| field.visit(at, if at == 3 { "no_access" } else { "confirmed" }))
        .collect();
    for receipt in send(&surveyor, &visits) {
        assert_eq!(receipt["outcome"], "applied", "{receipt}");
    }
    let staff = server.with(&field.staff);
    let seen = read(&staff);
    assert_eq!(
        counts(&seen, &["targets", "visited", "accounted_for", "no_access", "to_review"]),
        [24, 9, 10, 1, 10]
    );
    assert_eq!(seen["numbers"]["photos_taken"], 0);
    let steward = server.with(&field.steward);
    let sign = |zone: Value, exceptions: Value| {
        let body = json!({"zone": zone, "exceptions": exceptions});
        steward.post(&format!("/api/v1/campaigns/{CAMPAIGN}/sign-off"), &body)
    };
    let refused = sign(json!("west"), json!([])).problem(409, "not-ready");
    let kinds: BTreeSet<&str> = refused["faults"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| fault["path"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, BTreeSet::from(["not-visited", "sample-not-drawn", "to-review"]));
    for result in review(&staff, &visits.iter().collect::<Vec<_>>(), "approved") {
        assert_eq!(result["outcome"], "decided", "{result}");
    }
    let drawn = steward
        .post(&format!("/api/v1/campaigns/{CAMPAIGN}/sample"), &json!({"zone": "west"}))
        .ok();
    let sample = drawn["samples"][0]["codes"].as_array().unwrap();
    assert_eq!(sample.len(), 1);
    let again: usize = sample[0].as_str().unwrap()[2..].parse().unwrap();
    let exceptions = json!([{"code": "P-0003", "reason": "the owner is abroad until March"}]);
    sign(json!("west"), exceptions.clone()).problem(409, "not-ready");
    let second = field.visit(again, "confirmed");
    assert_eq!(send(&surveyor, std::slice::from_ref(&second))[0]["outcome"], "applied");
    review(&staff, &[&second], "approved");
    let signed = sign(json!("west"), exceptions).ok();
    assert_eq!(signed["zones"][0]["signed"]["by"], "steward");
    assert_eq!(signed["zones"][0]["signed"]["numbers"]["accounted_for"], 10);
    sign(Value::Null, json!([])).problem(409, "not-ready");
    // What is known outlives a restart.
    let before = read(&steward);
    drop(server);
    let server = field.place.serve();
    let mut after = read(&server.with(&field.steward));
    after["numbers"]["silent_devices"] = before["numbers"]["silent_devices"].clone();
    assert_eq!(after, before);
    assert_eq!(Uuid::parse_str(before["id"].as_str().unwrap()).unwrap().to_string(), CAMPAIGN);
}

fn nobody_sees_what_is_not_theirs(kind: Kind) {
    let mut field = Field::new(kind);
    let server = field.serve();
    let secret = field.park.setting(
        &field.parcels[0].clone(),
        &json!({"price_floor": 123.45, "remarks": "MARK of staff"}),
    );
    server.with(&field.steward).apply(&[secret]);
    field.launch(&server);
    field.zones(&server);
    let (surveyor, other) = (server.with(&field.surveyor), server.with(&field.other));
    let visit = field.visit(2, "confirmed");
    send(&surveyor, std::slice::from_ref(&visit));
    let path = |end: &str| format!("/api/v1/campaigns/{CAMPAIGN}{end}");
    for end in ["", "/package", "/report"] {
        server.public().get(&path(end)).problem(401, "log-in");
    }
    server.public().get("/api/v1/campaigns").problem(401, "log-in");
    server
        .public()
        .post("/api/v1/visits", &json!({"visits": []}))
        .problem(401, "log-in");
    // A surveyor sees the own zones, the own visits and nothing of the rest.
    let own = read(&surveyor);
    assert_eq!(codes(&own["targets"]), (0..10).map(|at| format!("P-{at:04}")).collect());
    assert_eq!(own["numbers"]["targets"], 10);
    assert_eq!(
        own["targets"][own["targets"]
            .as_array()
            .unwrap()
            .iter()
            .position(|each| each["code"] == "P-0002")
            .unwrap()]["visit"]["id"],
        visit["id"]
    );
    for hidden in ["log", "quarantined", "samples", "search"] {
        assert!(own.get(hidden).is_none(), "{hidden}");
    }
    assert!(!own.to_string().contains("Team B"), "{own}");
    let theirs = read(&other);
    assert_eq!(codes(&theirs["targets"]).len(), 14);
    assert!(!theirs.to_string().contains(visit["id"].as_str().unwrap()));
    // The package holds what surveyors may see, for a steward too; neighbours within 300 m, no others.
    for client in [&surveyor, &server.with(&field.steward)] {
        let package = client.get(&path("/package"));
        assert!(package.text().contains("MARK of staff"));
        assert!(!package.text().contains("price_floor") && !package.text().contains("123.45"));
    }
    let near: BTreeSet<String> = surveyor.read(&path("/package"))["carriers"]["features"]
        .as_array()
        .unwrap()
        .iter()
        .map(|feature| feature["properties"]["code"].as_str().unwrap().to_owned())
        .collect();
    assert!(
        near.contains("P-0010") && near.contains("P-0020") && !near.contains("P-0019"),
        "{near:?}"
    );
    // Each role has its part.
    let staff = server.with(&field.staff);
    for (end, body) in [
        ("/sign-off", json!({})),
        ("/sample", json!({})),
        ("/targets", json!({"drop": ["P-0001"], "reason": "x"})),
    ] {
        staff.post(&path(end), &body).problem(403, "forbidden");
    }
    staff.post("/api/v1/campaigns", &launch()).problem(403, "forbidden");
    surveyor.post(&path("/reviews"), &json!({"reviews": []})).problem(403, "forbidden");
    surveyor.get(&path("/report")).problem(403, "forbidden");
    // Somebody of no team does not learn that there is a campaign.
    let teams = json!({"zones": [], "teams": [{"key": "a", "name": "Team A", "members": ["surveyor"]}]});
    server.with(&field.steward).send(("PUT", &path("/zones")), &[], &teams).ok();
    other.get(&path("")).problem(404, "not-found");
    assert_eq!(other.read("/api/v1/campaigns"), json!({"campaigns": []}));
}

fn a_visit_has_one_effect_and_one_answer(kind: Kind) {
    let mut field = Field::new(kind);
    let server = field.serve();
    let first = field.launch(&server);
    field.zones(&server);
    assert_eq!(field.launch(&server)["launched_at"], first["launched_at"], "the same launch again");
    let mut another = launch();
    another["name"] = json!("Another");
    server
        .with(&field.steward)
        .post("/api/v1/campaigns", &another)
        .problem(409, "conflict");
    let visit = field.visit(1, "confirmed");
    let surveyor = server.with(&field.surveyor);
    let receipts: Vec<Value> = std::thread::scope(|scope| {
        let sending: Vec<_> = (0..24)
            .map(|_| scope.spawn(|| send(&surveyor, std::slice::from_ref(&visit)).remove(0)))
            .collect();
        sending.into_iter().map(|each| each.join().unwrap()).collect()
    });
    assert!(
        receipts
            .iter()
            .all(|receipt| *receipt == receipts[0] && receipt["outcome"] == "applied"),
        "{receipts:?}"
    );
    let twice = send(&surveyor, &[visit.clone(), visit.clone()]);
    assert_eq!((&twice[0], &twice[1]), (&receipts[0], &receipts[0]));
    let seen = read(&server.with(&field.staff));
    assert_eq!(counts(&seen, &["visited", "to_review"]), [1, 1]);
    let mut other = visit.clone();
    other["outcome"] = json!("changed");
    assert_eq!(send(&surveyor, &[other])[0]["reason"], "id-reused");
    // Decisions have one effect too.
    let staff = server.with(&field.staff);
    for _ in 0..2 {
        assert_eq!(review(&staff, &[&visit], "approved")[0]["outcome"], "decided");
    }
    assert_eq!(review(&staff, &[&visit], "rejected")[0]["reason"], "already-reviewed");
    assert_eq!(
        send(&surveyor, std::slice::from_ref(&visit))[0],
        receipts[0],
        "after the review, too"
    );
    drop(server);
    let server = field.place.serve();
    assert_eq!(send(&server.with(&field.surveyor), &[visit])[0], receipts[0], "and after a restart");
}

fn what_cannot_count_is_kept(kind: Kind) {
    let mut field = Field::new(kind);
    let server = field.serve();
    field.launch(&server);
    field.zones(&server);
    let surveyor = server.with(&field.surveyor);
    let foreign = field.visit(15, "confirmed");
    let stray = json!({"record": field.park.id()});
    let with = |visit: Value, more: &Value| {
        let mut visit = visit;
        visit.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        visit
    };
    let stray = with(field.visit(1, "confirmed"), &stray);
    for (visit, reason) in [(&foreign, "outside-zones"), (&stray, "not-a-target")] {
        let receipt = send(&surveyor, std::slice::from_ref(visit)).remove(0);
        assert_eq!((&receipt["outcome"], &receipt["reason"]), (&json!("proposed"), &json!(reason)));
    }
    for (more, reason) in [
        (json!({"campaign": field.park.id()}), "unknown-campaign"),
        (json!({"outcome": "no_access", "reason": " "}), "missing-reason"),
        (json!({"outcome": "splendid"}), "unreadable-visit"),
        (json!({"note": "x".repeat(1_001)}), "text-too-long"),
        (json!({"edits": vec![field.park.id(); 201]}), "too-many-parts"),
        (json!({"position": {"lon": 500, "lat": 0, "accuracy_m": 1}}), "bad-position"),
        (
            json!({"photos": [{"sha256": "ABC", "bytes": 1, "media_type": "image/jpeg", "slot": "overview", "taken_at": "2026-11-25T00:00:00Z"}]}),
            "bad-photo",
        ),
    ] {
        let visit = with(field.visit(1, "confirmed"), &more);
        let receipt = send(&surveyor, std::slice::from_ref(&visit)).remove(0);
        assert_eq!(
            (&receipt["outcome"], &receipt["reason"]),
            (&json!("returned"), &json!(reason)),
            "{receipt}"
        );
        assert_eq!(send(&surveyor, std::slice::from_ref(&visit))[0], receipt, "the same again");
        assert_eq!(
            send(&surveyor, &[with(visit, &json!({"counter": 99}))])[0]["reason"],
            "id-reused",
            "it is kept"
        );
    }
    let steward = server.with(&field.steward);
    let seen = read(&steward);
    assert_eq!(
        counts(&seen, &["visited", "accounted_for", "to_review", "quarantined"]),
        [0, 0, 0, 2]
    );
    assert_eq!(seen["quarantined"].as_array().unwrap().len(), 2);
    // Approved, it counts like any other.
    assert_eq!(review(&server.with(&field.staff), &[&foreign], "approved")[0]["outcome"], "decided");
    assert_eq!(counts(&read(&steward), &["visited", "quarantined"]), [1, 1]);
    // Nor is anything lost of a phone that was lost.
    let revoked = steward.post(&format!("/api/v1/devices/{DEVICE}/revoke"), &json!({"reason": "left in a taxi"}));
    assert_eq!(revoked.status, 200, "{}", revoked.text());
    let late = field.visit(4, "confirmed");
    assert_eq!(send(&surveyor, &[late])[0]["reason"], "revoked-device");
    surveyor
        .post("/api/v1/visits", &json!({"visits": [{"outcome": "confirmed"}]}))
        .problem(400, "bad-campaign");
    surveyor
        .post("/api/v1/visits", &json!({"visits": vec![json!({}); 501]}))
        .problem(413, "too-large");
}

fn a_review_decides_the_edits_of_the_visit(kind: Kind) {
    let mut field = Field::new(kind);
    let server = field.serve();
    field.launch(&server);
    field.zones(&server);
    let surveyor = server.with(&field.surveyor);
    let staff = server.with(&field.staff);
    let public = |server: &Server, code: &str| server.public().read(&format!("/api/v1/carriers/{code}"))["properties"].clone();
    let mut found = |at: usize| {
        let mut visit = field.visit(at, "changed");
        let sets = [json!({"constraints": "a heap of earth"}), json!({"power_capacity": 630})];
        let edits: Vec<Value> = sets
            .iter()
            .enumerate()
            .map(|(number, set)| {
                let mut edit = field.park.setting(&field.parcels[at].clone(), set);
                edit["base_version"] = json!(1);
                edit["field"] = json!({"device": DEVICE, "counter": number + 1, "visit": visit["id"]});
                edit
            })
            .collect();
        for receipt in surveyor.edit(&edits) {
            assert_eq!(receipt["outcome"], "proposed", "{receipt}");
        }
        visit["edits"] = edits.iter().map(|edit| edit["id"].clone()).collect();
        assert_eq!(send(&surveyor, std::slice::from_ref(&visit))[0]["outcome"], "applied");
        visit
    };
    let (good, bad, back) = (found(0), found(1), found(2));
    assert_eq!(counts(&read(&staff), &["changed", "proposals_open", "to_review"]), [3, 6, 3]);
    assert_eq!(public(&server, "P-0000")["constraints"], Value::Null, "nobody has approved it");
    assert_eq!(review(&staff, &[&good], "approved")[0]["outcome"], "decided");
    assert_eq!(public(&server, "P-0000")["constraints"], "a heap of earth");
    assert_eq!(public(&server, "P-0000")["power_capacity"], 630.0);
    assert_eq!(review(&staff, &[&bad], "rejected")[0]["outcome"], "decided");
    assert_eq!(review(&staff, &[&back], "returned")[0]["outcome"], "decided");
    let seen = read(&staff);
    assert_eq!(
        counts(&seen, &["visited", "accounted_for", "proposals_open", "to_review"]),
        [1, 1, 0, 0]
    );
    assert_eq!(public(&server, "P-0001")["constraints"], Value::Null);
    // What came back is on the surveyor's list, with the reason.
    let own = read(&surveyor);
    let target = own["targets"]
        .as_array()
        .unwrap()
        .iter()
        .find(|target| target["code"] == "P-0002")
        .unwrap()
        .clone();
    assert_eq!(
        (&target["state"], &target["visit"]["review"]["reason"]),
        (&json!("returned"), &json!("looked through"))
    );
    assert_eq!(
        own["targets"]
            .as_array()
            .unwrap()
            .iter()
            .find(|target| target["code"] == "P-0001")
            .unwrap()["state"],
        "open"
    );
}

fn the_list_follows_what_becomes_of_records(kind: Kind) {
    let mut field = Field::new(kind);
    let server = field.serve();
    field.launch(&server);
    field.zones(&server);
    let steward = server.with(&field.steward);
    let path = format!("/api/v1/campaigns/{CAMPAIGN}/targets");
    // A record that comes to match later is not on the list, until somebody says why it should be.
    let late = field
        .park
        .parcel("P-0099", 30, &json!({"status": "AVAILABLE", "available_from": "2026-12-01"}));
    steward.apply(&[late]);
    assert_eq!(read(&steward)["numbers"]["targets"], 24);
    for body in [
        json!({"add": ["P-0099"], "reason": " "}),
        json!({"reason": "x"}),
        json!({"add": ["P-0001"], "reason": "x"}),
        json!({"add": ["NONE"], "reason": "x"}),
        json!({"drop": ["P-0099"], "reason": "x"}),
    ] {
        steward.post(&path, &body).problem(400, "bad-campaign");
    }
    let changed = steward
        .post(
            &path,
            &json!({"add": ["P-0099"], "drop": ["P-0005"], "reason": "sold meanwhile; a new one instead"}),
        )
        .ok();
    assert_eq!(changed["numbers"]["targets"], 24);
    let line = changed["log"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&line["what"], &line["by"], &line["about"]),
        (&json!("targets"), &json!("steward"), &json!(["+P-0099", "-P-0005"]))
    );
    let mut split = field.park.setting(&field.parcels[3].clone(), &json!({}));
    split.as_object_mut().unwrap().remove("set");
    split["close"] = json!({"reason": "split", "successors": ["P-0099"]});
    steward.apply(&[split]);
    let package = server.with(&field.surveyor).read(&format!("/api/v1/campaigns/{CAMPAIGN}/package"));
    let target = package["targets"]
        .as_array()
        .unwrap()
        .iter()
        .find(|target| target["code"] == "P-0003")
        .unwrap()
        .clone();
    assert_eq!((&target["closed"], &target["successors"]), (&json!(true), &json!(["P-0099"])));
    // What somebody has seen lately is not stale; everything else proposes itself.
    let visit = field.visit(1, "confirmed");
    send(&server.with(&field.surveyor), &[visit]);
    let mut next = launch();
    next["id"] = json!(field.park.id());
    next["stale_days"] = json!(30);
    let proposed = steward.post("/api/v1/campaigns?preview=true", &next).ok();
    let stale = codes(&proposed["targets"]);
    assert!(
        !stale.contains("P-0001") && !stale.contains("P-0003") && stale.contains("P-0002") && stale.contains("P-0099"),
        "{stale:?}"
    );
    assert_eq!(
        steward.read("/api/v1/campaigns")["campaigns"].as_array().unwrap().len(),
        1,
        "a preview writes nothing"
    );
}

#[test]
fn zones_are_balanced_and_visited_by_a_short_way() {
    let field = Field::new(Kind::GeoPackage);
    let server = field.serve();
    field.launch(&server);
    let steward = server.with(&field.steward);
    let share = json!({"teams": ["a", "b"], "days": ["2026-11-26", "2026-11-27"]});
    let path = format!("/api/v1/campaigns/{CAMPAIGN}/zones");
    let proposed = steward.post(&format!("{path}/balance"), &share).ok();
    assert_eq!(read(&steward)["zones"], json!([]), "nothing is saved");
    let zones = proposed["zones"].as_array().unwrap();
    assert_eq!(
        zones.iter().map(|zone| zone["codes"].as_array().unwrap().len()).collect::<Vec<_>>(),
        [6, 6, 6, 6]
    );
    let saved = steward.send(("PUT", &path), &[], &json!({"zones": proposed["zones"]})).ok();
    for zone in saved["zones"].as_array().unwrap() {
        assert!(
            zone["minutes"].as_f64().unwrap() >= 90.0,
            "six visits of 15 minutes, and the way: {zone}"
        );
    }
    let orders: Vec<_> = saved["targets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|target| target["order"].as_u64().unwrap())
        .collect();
    assert_eq!(orders, [1, 2, 3, 4, 5, 6].repeat(4));
    // By their polygons alone the zones have the same targets.
    let mut painted = proposed["zones"].clone();
    painted
        .as_array_mut()
        .unwrap()
        .iter_mut()
        .for_each(|zone| zone["codes"] = json!([]));
    let again = steward.send(("PUT", &path), &[], &json!({ "zones": painted })).ok();
    let places = |told: &Value| {
        told["targets"]
            .as_array()
            .unwrap()
            .iter()
            .map(|target| (target["code"].clone(), target["zone"].clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(places(&again), places(&saved));
    for bad in [
        json!({"teams": ["c"], "days": ["2026-11-26"]}),
        json!({"teams": ["a"], "days": []}),
        json!({"teams": vec!["a"; 30], "days": vec!["2026-11-26"; 30]}),
    ] {
        steward.post(&format!("{path}/balance"), &bad).problem(400, "bad-campaign");
    }
}

#[test]
fn what_is_too_much_or_makes_no_sense_is_refused_with_all_its_faults() {
    let mut field = Field::new(Kind::GeoPackage);
    let server = field.serve();
    let steward = server.with(&field.steward);
    let with = |more: Value| {
        let mut body = launch();
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let team = |key: &str, members: Vec<&str>| json!({"key": key, "name": "T", "members": members});
    for more in [
        json!({"name": ""}),
        json!({"name": "x".repeat(101)}),
        json!({"collections": []}),
        json!({"collections": ["cellars"]}),
        json!({"search": "status=PLANNED"}),
        json!({"search": {"units": "status=VACANT"}}),
        json!({"area": {"type": "Point", "coordinates": [1, 2]}}),
        json!({"start": {"lon": 400, "lat": 0}}),
        json!({"minutes": {"parcels": 0}}),
        json!({"minutes": {"units": 5}}),
        json!({"stale_days": 0}),
        json!({"required_photos": {"parcels": ["selfie"]}}),
        json!({"teams": [team("a", vec!["nobody"])]}),
        json!({"teams": [team("a", vec![]), team("a", vec![])]}),
        json!({"teams": [team("a b", vec![])]}),
        json!({"teams": (0..101).map(|at| team(&format!("t{at}"), vec![])).collect::<Vec<_>>()}),
        json!({"teams": [team("a", vec!["surveyor"; 51])]}),
    ] {
        steward.post("/api/v1/campaigns", &with(more)).problem(400, "bad-campaign");
    }
    for (search, kind) in [
        ("status=NONE", "bad-parameter"),
        ("colour=red", "unknown-parameter"),
        ("status=AVAILABLE&limit=3", "unknown-parameter"),
    ] {
        steward
            .post("/api/v1/campaigns", &with(json!({"search": search})))
            .problem(400, kind);
    }
    steward
        .post("/api/v1/campaigns", &with(json!({"more": 1})))
        .problem(400, "bad-edit");
    steward
        .post("/api/v1/campaigns?preview=perhaps", &launch())
        .problem(400, "bad-parameter");
    let both = steward
        .post("/api/v1/campaigns", &with(json!({"name": "", "minutes": {"parcels": -1}})))
        .problem(400, "bad-campaign");
    assert_eq!(both["faults"].as_array().unwrap().len(), 2);
    assert_eq!(steward.read("/api/v1/campaigns"), json!({"campaigns": []}));
    field.launch(&server);
    let zone = |more: Value| {
        let mut zone = json!({"key": "z", "name": "Z", "codes": ["P-0001"]});
        zone.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        zone
    };
    let star = json!({"type": "Polygon", "coordinates": [(0..=2_001).map(|at| [f64::from(at % 2_001) * 1e-4, 0.0]).collect::<Vec<_>>()]});
    let path = format!("/api/v1/campaigns/{CAMPAIGN}/zones");
    for zones in [
        json!([zone(json!({"key": ""}))]),
        json!([zone(json!({"key": "a/b"}))]),
        json!([zone(json!({"team": "c"}))]),
        json!([zone(json!({"codes": []}))]),
        json!([zone(json!({"codes": ["P-9999"]}))]),
        json!([zone(json!({})), zone(json!({}))]),
        json!([zone(json!({})), zone(json!({"key": "y"}))]),
        json!([zone(
            json!({"polygon": {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1]]]}})
        )]),
        json!([zone(json!({"polygon": star}))]),
        json!(
            (0..501)
                .map(|at| zone(json!({"key": format!("z{at}"), "codes": [], "polygon": boxed(0, 1)})))
                .collect::<Vec<_>>()
        ),
    ] {
        steward
            .send(("PUT", &path), &[], &json!({ "zones": zones }))
            .problem(400, "bad-campaign");
    }
    for id in ["none", "0192f0c1-0000-7000-8000-00000000ffff"] {
        steward.get(&format!("/api/v1/campaigns/{id}")).problem(404, "not-found");
    }
    let staff = server.with(&field.staff);
    let visit = field.visit(1, "confirmed");
    assert_eq!(review(&staff, &[&visit], "approved")[0]["reason"], "unknown-visit");
    send(&server.with(&field.surveyor), std::slice::from_ref(&visit));
    let silent = json!({"reviews": [{"visit": visit["id"], "verdict": "returned"}]});
    let answer = staff.post(&format!("/api/v1/campaigns/{CAMPAIGN}/reviews"), &silent).ok();
    assert_eq!(answer["results"][0]["reason"], "bad-reason");
}

#[test]
fn the_report_can_be_checked_and_runs_nothing() {
    let field = Field::new(Kind::GeoPackage);
    let server = field.serve();
    field.launch(&server);
    let staff = server.with(&field.staff);
    for (lang, words) in [("zh", "调研报告"), ("en", "Survey report"), ("de", "Erhebungsbericht")] {
        let answer = staff.get(&format!("/api/v1/campaigns/{CAMPAIGN}/report?lang={lang}"));
        assert_eq!((answer.status, answer.header("content-type")), (200, "text/html; charset=utf-8"));
        let policy = answer.header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'; style-src 'sha256-") && !policy.contains("script"),
            "{policy}"
        );
        assert!(answer.text().contains(words) && answer.text().contains("P-0023"));
    }
    staff
        .get(&format!("/api/v1/campaigns/{CAMPAIGN}/report?lang=fr"))
        .problem(400, "bad-parameter");
}

#[test]
fn limits_are_settings() {
    let mut field = Field::new(Kind::GeoPackage);
    drop(field.serve());
    let server = field.place.serve_with(&[
        "--peer-rate",
        "0",
        "--max-campaign-targets",
        "10",
        "--max-campaign-zones",
        "2",
        "--max-batch-visits",
        "1",
    ]);
    let steward = server.with(&field.steward);
    let refused = steward.post("/api/v1/campaigns", &launch()).problem(400, "bad-campaign");
    assert_eq!(
        (&refused["parameter"], &refused["expected"]),
        (&json!("targets"), &json!("at most 10"))
    );
    let mut fewer = launch();
    fewer["area"] = boxed(0, 9);
    assert_eq!(steward.post("/api/v1/campaigns", &fewer).ok()["numbers"]["targets"], 10);
    let share = json!({"teams": ["a"], "days": ["2026-11-26", "2026-11-27", "2026-11-28"]});
    steward
        .post(&format!("/api/v1/campaigns/{CAMPAIGN}/zones/balance"), &share)
        .problem(400, "bad-campaign");
    let more = json!({"add": ["P-0015"], "reason": "one more"});
    steward
        .post(&format!("/api/v1/campaigns/{CAMPAIGN}/targets"), &more)
        .problem(400, "bad-campaign");
    let visits = [field.visit(1, "confirmed"), field.visit(2, "confirmed")];
    steward
        .post("/api/v1/visits", &json!({ "visits": visits }))
        .problem(413, "too-large");
}

#[test]
fn processes_on_one_database_count_each_visit_once() {
    let mut field = Field::new(Kind::PostGis);
    let one = field.serve();
    let other = field.place.serve();
    field.launch(&one);
    field.zones(&one);
    let visits: Vec<Value> = (0..10).map(|at| field.visit(at, "confirmed")).collect();
    let clients = [&one, &other].map(|server| server.with(&field.surveyor));
    let told: Vec<Vec<Value>> = std::thread::scope(|scope| {
        let sending: Vec<_> = (0..6)
            .map(|at| {
                let (client, visits) = (&clients[at % 2], &visits);
                scope.spawn(move || {
                    visits
                        .iter()
                        .map(|visit| send(client, std::slice::from_ref(visit)).remove(0))
                        .collect()
                })
            })
            .collect();
        sending.into_iter().map(|each| each.join().unwrap()).collect()
    });
    assert!(told.iter().all(|receipts| *receipts == told[0]), "{told:?}");
    assert!(told[0].iter().all(|receipt| receipt["outcome"] == "applied"));
    // A write looks first, so it sees what the other process has just written.
    for server in [&one, &other] {
        let answer = send(&server.with(&field.surveyor), std::slice::from_ref(&visits[0]));
        assert_eq!(answer[0], told[0][0]);
        assert_eq!(counts(&read(&server.with(&field.staff)), &["visited", "to_review"]), [10, 10]);
    }
}

#[test]
fn the_command_line_launches_and_reports() {
    let field = Field::new(Kind::GeoPackage);
    drop(field.serve());
    let location = field.place.location();
    let file = field.place.folder().join("launch.json");
    std::fs::write(&file, launch().to_string()).unwrap();
    let file = file.to_str().unwrap();
    let refused = crate::support::service::run(&["campaign", "launch", file, "--by", "staff", "--store", &location], "");
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("staff is no account of a steward"));
    let previewed = succeed(
        &["campaign", "launch", file, "--by", "steward", "--preview", "--store", &location],
        "",
    );
    assert!(previewed.contains("24 targets; nothing was written"), "{previewed}");
    assert_eq!(succeed(&["campaign", "list", "--store", &location], ""), "");
    let launched = succeed(
        &["campaign", "launch", "-", "--by", "steward", "--store", &location],
        &launch().to_string(),
    );
    assert!(launched.contains("24 targets"), "{launched}");
    let listed = succeed(&["campaign", "list", "--store", &location], "");
    assert!(
        listed.contains("Year-end 2026\trunning\tuntil 2026-12-31\t24 targets, 0 visited"),
        "{listed}"
    );
    let shown: Value = serde_json::from_str(&succeed(&["campaign", "show", "Year-end 2026", "--json", "--store", &location], "")).unwrap();
    assert_eq!(shown["launched_by"], "steward");
    let report = succeed(&["campaign", "report", CAMPAIGN, "--lang", "de", "--store", &location], "");
    assert!(
        report.starts_with("<!doctype html>") && report.contains("Erhebungsbericht"),
        "{report}"
    );
    let unknown = crate::support::service::run(&["campaign", "show", "Nobody", "--store", &location], "");
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("there is no campaign Nobody: zaiti campaign list shows them"));
}

#[test]
fn the_demo_campaign_has_something_in_every_state() {
    let place = Place::new(Kind::GeoPackage);
    let location = place.location();
    for _ in 0..2 {
        succeed(&["demo", "load", "--store", &location], "");
    }
    let shown = succeed(
        &[
            "campaign",
            "show",
            "2026 年末载体调研(示范) Year-end survey (demo)",
            "--json",
            "--store",
            &location,
        ],
        "",
    );
    let campaign: Value = serde_json::from_str(&shown).unwrap();
    let states: BTreeSet<&str> = campaign["targets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|target| target["state"].as_str().unwrap())
        .collect();
    assert_eq!(states, BTreeSet::from(["approved", "open", "quarantined", "returned", "to_review"]));
    for key in [
        "confirmed",
        "changed",
        "no_access",
        "not_found",
        "dropped",
        "proposals_open",
        "quarantined",
    ] {
        assert!(campaign["numbers"][key].as_u64().unwrap() > 0, "{key}");
    }
    assert!(campaign["numbers"]["photos_taken"].as_u64() > campaign["numbers"]["photos_verified"].as_u64());
    assert!(
        campaign["zones"]
            .as_array()
            .unwrap()
            .iter()
            .any(|zone| zone["signed"]["by"] == "steward")
    );
}
