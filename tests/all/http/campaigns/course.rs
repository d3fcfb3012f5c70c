//! From launch to sign-off, the report, the command line and the demo.
use std::collections::BTreeSet;

use serde_json::{Value, json};
use uuid::Uuid;
use zaiti::domain::catalogue::Catalogue;

use crate::support::service::{Kind, Place, Server, succeed};

use super::{CAMPAIGN, DEVICE, Field, boxed, codes, counts, launch, read, review, send};

on_both_stores!(from_launch_to_sign_off, a_campaign_ends_when_nothing_is_open,);

#[expect(
    clippy::too_many_lines,
    reason = "one story; its parts would have to hand the same servers and people on"
)]
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
    assert_eq!(text.ok()["bytes"], text.body.len());
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
    let mut second = field.visit(again, "confirmed");
    second["observed_at"] = json!(jiff::Timestamp::now());
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
    // Limits and members are checked as by the service.
    let small = [
        "campaign",
        "launch",
        file,
        "--by",
        "steward",
        "--max-campaign-targets",
        "10",
        "--store",
        &location,
    ];
    let refused = crate::support::service::run(&small, "");
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(told.contains("targets: given 11, expected at most 10"), "{told}");
    let mut strangers = launch();
    strangers["teams"][0]["members"] = json!(["nobody"]);
    let refused = crate::support::service::run(
        &["campaign", "launch", "-", "--by", "steward", "--store", &location],
        &strangers.to_string(),
    );
    assert!(String::from_utf8_lossy(&refused.stderr).contains("teams[0].members: given nobody, expected names of accounts"));
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
    assert!(report.contains(" UTC+8 ("), "{report}");
    let report = ["campaign", "report", CAMPAIGN, "--time-zone", "-03:30", "--store", &location];
    assert!(succeed(&report, "").contains(" UTC-3:30 ("));
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
    // Each photo shows what is asked of its collection.
    let catalogue = Catalogue::builtin().unwrap();
    let mut photographed = BTreeSet::new();
    for target in campaign["targets"].as_array().unwrap() {
        let collection = target["collection"].as_str().unwrap();
        let known = &catalogue.photos[collection];
        for photo in target["visit"]["photos"].as_array().into_iter().flatten() {
            photographed.insert(collection);
            assert!(known.iter().any(|slot| photo["slot"] == *slot.key), "{photo} of {target}");
        }
    }
    assert_eq!(photographed, BTreeSet::from(["buildings", "parcels"]));
}

#[expect(
    clippy::too_many_lines,
    reason = "one story; its parts would have to hand the same servers and people on"
)]
fn a_campaign_ends_when_nothing_is_open(kind: Kind) {
    use crate::field::photos::{chunk, photo, sha256};
    let mut field = Field::new(kind);
    let server = field.serve();
    let [steward, staff, surveyor] = [&field.steward, &field.staff, &field.surveyor].map(|token| server.with(token));
    let mut small = launch();
    small["area"] = boxed(0, 2);
    assert_eq!(steward.post("/api/v1/campaigns", &small).ok()["numbers"]["targets"], 3);
    let zones = json!({"zones": [{"key": "z", "name": "Z", "polygon": boxed(0, 2), "team": "a"}]});
    steward
        .send(("PUT", &format!("/api/v1/campaigns/{CAMPAIGN}/zones")), &[], &zones)
        .ok();
    let bytes = photo(5, [300, 200]);
    let mut visits: Vec<Value> = (0..3).map(|at| field.visit(at, "confirmed")).collect();
    visits[0]["photos"] = json!([{"sha256": sha256(&bytes), "bytes": bytes.len(), "media_type": "image/jpeg", "slot": "overview", "taken_at": "2026-11-25T08:00:00Z"}]);
    send(&surveyor, &visits);
    review(&staff, &visits.iter().collect::<Vec<_>>(), "approved");
    // Two people of the office disagree on a price.
    let mut prices = [300, 310].map(|price| field.park.setting(&field.parcels[1].clone(), &json!({"price": price})));
    prices.iter_mut().for_each(|edit| edit["base_version"] = json!(1));
    steward.apply(&prices[..1]);
    assert_eq!(staff.edit(&prices[1..])[0]["outcome"], "conflict");
    let open = |zone: Value| {
        let refused = steward
            .post(&format!("/api/v1/campaigns/{CAMPAIGN}/sign-off"), &json!({ "zone": zone }))
            .problem(409, "not-ready");
        let faults = refused["faults"].as_array().unwrap().iter();
        faults
            .map(|fault| {
                (
                    fault["path"].as_str().unwrap().to_owned(),
                    fault["given"].as_str().unwrap().to_owned(),
                )
            })
            .collect::<BTreeSet<_>>()
    };
    let pair = |kind: &str, about: &str| (kind.to_owned(), about.to_owned());
    let (photo_open, conflict) = (pair("photo-not-verified", &sha256(&bytes)), pair("conflict", "P-0001"));
    let undrawn = pair("sample-not-drawn", "z");
    assert_eq!(open(json!("z")), BTreeSet::from([photo_open.clone(), conflict.clone(), undrawn]));
    assert_eq!(
        counts(&read(&staff), &["photos_taken", "photos_verified", "conflicts_open"]),
        [1, 0, 1]
    );
    chunk(&surveyor, (&sha256(&bytes), &bytes), (0, bytes.len())).ok();
    let drawn = steward
        .post(&format!("/api/v1/campaigns/{CAMPAIGN}/sample"), &json!({"zone": "z"}))
        .ok();
    let code = drawn["samples"][0]["codes"][0].as_str().unwrap().to_owned();
    assert_eq!(open(json!("z")), BTreeSet::from([conflict, pair("sample-not-revisited", &code)]));
    let decision = json!({"decisions": [{"edit": prices[1]["id"], "verdict": "rejected", "reason": "the first is right"}]});
    assert_eq!(
        staff.post("/api/v1/inbox/decisions", &decision).ok()["results"][0]["outcome"],
        "decided"
    );
    // A first visit that comes late is no second one.
    let place: usize = code[2..].parse().unwrap();
    let mut now = |at: usize| {
        let mut visit = field.visit(at, "confirmed");
        visit["observed_at"] = json!(jiff::Timestamp::now());
        visit
    };
    let (mut late, again) = (now(place), now(place));
    late["observed_at"] = json!("2026-11-25T09:00:00Z");
    send(&surveyor, std::slice::from_ref(&late));
    review(&staff, &[&late], "approved");
    assert_eq!(open(json!("z")), BTreeSet::from([pair("sample-not-revisited", &code)]));
    send(&surveyor, std::slice::from_ref(&again));
    review(&staff, &[&again], "approved");
    // Nor is somebody done with what was sent back.
    let other = (place + 1) % 3;
    let (wrong, right) = (now(other), now(other));
    send(&surveyor, std::slice::from_ref(&wrong));
    review(&staff, &[&wrong], "returned");
    assert_eq!(open(json!("z")), BTreeSet::from([pair("returned", &format!("P-{other:04}"))]));
    send(&surveyor, std::slice::from_ref(&right));
    review(&staff, &[&right], "approved");
    assert_eq!(open(Value::Null), BTreeSet::from([pair("zone-not-signed", "z")]));
    for zone in [json!("z"), Value::Null] {
        steward
            .post(&format!("/api/v1/campaigns/{CAMPAIGN}/sign-off"), &json!({ "zone": zone }))
            .ok();
    }
    let done = read(&staff);
    assert_eq!(
        (&done["state"], &done["signed"]["by"], &done["signed"]["numbers"]["visited"]),
        (&json!("signed"), &json!("steward"), &json!(3))
    );
    // It changes no more; what still comes is kept apart, and the report stays what it was.
    let report = |server: &Server| {
        server
            .with(&field.staff)
            .get(&format!("/api/v1/campaigns/{CAMPAIGN}/report?lang=en"))
            .text()
    };
    let before = report(&server);
    let late = field.park.id();
    let late = json!({"id": late, "campaign": CAMPAIGN, "record": field.parcels[0]["record"], "base_version": 1, "outcome": "changed",
        "observed_at": "2026-11-25T08:00:00Z", "device": DEVICE, "counter": 77});
    assert_eq!(send(&surveyor, &[late])[0]["reason"], "signed-off");
    for (method, end, body) in [
        ("PUT", "/zones", json!({"zones": []})),
        ("POST", "/targets", json!({"drop": ["P-0001"], "reason": "x"})),
        ("POST", "/sign-off", json!({})),
        ("POST", "/sample", json!({})),
    ] {
        steward
            .send((method, &format!("/api/v1/campaigns/{CAMPAIGN}{end}")), &[], &body)
            .problem(409, "conflict");
    }
    drop(server);
    let server = field.place.serve();
    assert_eq!(report(&server), before);
}
