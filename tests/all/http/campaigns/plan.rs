//! The list of targets, zones, and what a plan may not say.

use serde_json::{Value, json};

use crate::support::service::Kind;

use super::{CAMPAIGN, Field, boxed, codes, launch, read, review, send};

on_both_stores!(the_list_follows_what_becomes_of_records,);

#[expect(
    clippy::too_many_lines,
    reason = "one story; its parts would have to hand the same servers and people on"
)]
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
#[expect(
    clippy::too_many_lines,
    reason = "one story; its parts would have to hand the same servers and people on"
)]
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
fn a_proposal_leaves_what_is_signed_off() {
    let mut field = Field::new(Kind::GeoPackage);
    let server = field.serve();
    field.launch(&server);
    let steward = server.with(&field.steward);
    let path = |part: &str| format!("/api/v1/campaigns/{CAMPAIGN}/{part}");
    let zones = json!({"zones": [{"key": "z1", "name": "Done", "codes": ["P-0000", "P-0001"], "team": "a"}]});
    steward.send(("PUT", &path("zones")), &[], &zones).ok();
    let visits = [0, 1].map(|at| field.visit(at, "confirmed"));
    send(&server.with(&field.surveyor), &visits);
    review(&steward, &visits.iter().collect::<Vec<_>>(), "approved");
    let drawn = steward.post(&path("sample"), &json!({"zone": "z1"})).ok();
    let exceptions = json!([{"code": drawn["samples"][0]["codes"][0], "reason": "seen by two people"}]);
    steward
        .post(&path("sign-off"), &json!({"zone": "z1", "exceptions": exceptions}))
        .ok();
    let share = json!({"teams": ["a", "b"], "days": ["2026-11-26"]});
    let proposed = steward.post(&path("zones/balance"), &share).ok();
    let named = |zone: &Value| (zone["key"].as_str().unwrap().to_owned(), zone["codes"].as_array().unwrap().len());
    let told: Vec<_> = proposed["zones"].as_array().unwrap().iter().map(named).collect();
    assert_eq!(
        told,
        [("z1".to_owned(), 2), ("z2".to_owned(), 11), ("z3".to_owned(), 11)],
        "the other 22 are shared, and no key is used twice"
    );
    let saved = steward
        .send(("PUT", &path("zones")), &[], &json!({"zones": proposed["zones"]}))
        .ok();
    assert_eq!(saved["zones"][0]["signed"]["by"], "steward");
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
