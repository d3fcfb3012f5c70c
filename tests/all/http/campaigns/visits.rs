//! Visits and reviews: who sees them, what counts, what is kept, one effect each.
use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::service::{Kind, Server};

use super::{CAMPAIGN, DEVICE, Field, codes, counts, launch, read, review, send};

on_both_stores!(
    nobody_sees_what_is_not_theirs,
    a_visit_has_one_effect_and_one_answer,
    what_cannot_count_is_kept,
    an_author_learns_what_was_decided_of_a_visit_set_apart,
    a_review_decides_the_edits_of_the_visit,
);

#[expect(
    clippy::too_many_lines,
    reason = "one story; its parts would have to hand the same servers and people on"
)]
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

#[expect(
    clippy::too_many_lines,
    reason = "one story; its parts would have to hand the same servers and people on"
)]
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

#[expect(
    clippy::too_many_lines,
    reason = "one story; its parts would have to hand the same servers and people on"
)]
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

fn an_author_learns_what_was_decided_of_a_visit_set_apart(kind: Kind) {
    let mut field = Field::new(kind);
    let server = field.serve();
    field.launch(&server);
    field.zones(&server);
    let (surveyor, staff) = (server.with(&field.surveyor), server.with(&field.staff));
    // Neither is in this surveyor's zones, so no list of targets would ever tell.
    let visits = [field.visit(15, "confirmed"), field.visit(16, "confirmed")];
    let receipts = send(&surveyor, &visits);
    let ask = |client: &Client| {
        let ids = json!({"visits": [visits[0]["id"], visits[1]["id"], DEVICE]});
        client.post("/api/v1/visits/status", &ids).ok()["visits"].clone()
    };
    let told = ask(&surveyor);
    assert_eq!((&told[0]["receipt"], &told[0]["review"]), (&receipts[0], &Value::Null));
    assert_eq!(
        (&told[2]["visit"], &told[2]["receipt"]),
        (&json!(DEVICE), &Value::Null),
        "it never came"
    );
    review(&staff, &[&visits[0]], "approved");
    review(&staff, &[&visits[1]], "rejected");
    let told = ask(&surveyor);
    assert_eq!(
        (&told[0]["review"]["verdict"], &told[1]["review"]["verdict"]),
        (&json!("approved"), &json!("rejected"))
    );
    assert_eq!(told[1]["review"]["reason"], "looked through");
    assert_eq!(told[1]["receipt"], receipts[1], "the receipt stays as it was");
    assert_eq!(ask(&staff), told);
    assert_eq!(ask(&server.with(&field.other))[0]["receipt"], Value::Null, "it is somebody else's");
    server
        .public()
        .post("/api/v1/visits/status", &json!({"visits": []}))
        .problem(401, "log-in");
}
