//! Visits that say a state to which the life-cycle has no step any more.
use serde_json::{Value, json};

use crate::support::service::Kind;

use super::{CAMPAIGN, DEVICE, Field, counts, read, review, send};

on_both_stores!(a_state_that_cannot_be_reached_waits_and_the_rest_can_be_approved,);

#[expect(
    clippy::too_many_lines,
    reason = "one story; its parts would have to hand the same servers and people on"
)]
fn a_state_that_cannot_be_reached_waits_and_the_rest_can_be_approved(kind: Kind) {
    let mut field = Field::new(kind);
    let server = field.serve();
    field.launch(&server);
    field.zones(&server);
    let (steward, staff, surveyor) = (server.with(&field.steward), server.with(&field.staff), server.with(&field.surveyor));
    let mut visit = field.visit(0, "changed");
    let sets = [
        json!({"power_capacity": 630}),
        json!({"status": "LISTED", "constraints": "a heap of earth"}),
    ];
    let edits: Vec<Value> = sets
        .iter()
        .zip(1..)
        .map(|(set, counter)| {
            let mut edit = field.park.setting(&field.parcels[0].clone(), set);
            edit["base_version"] = json!(1);
            edit["field"] = json!({"device": DEVICE, "counter": counter, "visit": visit["id"]});
            edit
        })
        .collect();
    visit["edits"] = edits.iter().map(|edit| edit["id"].clone()).collect();
    assert!(surveyor.edit(&edits).iter().all(|receipt| receipt["outcome"] == "proposed"));
    send(&surveyor, std::slice::from_ref(&visit));
    // Meanwhile the parcel is listed and awarded.
    for set in [
        json!({"status": "LISTED", "listing_number": "2026-17"}),
        json!({"status": "SUPPLIED", "transferee": "Example GmbH", "supply_contract": "2026-9", "supplied_on": "2026-11-20",
               "construction_due": "2027-11-20"}),
    ] {
        let awarded = field.park.setting(&field.parcels[0].clone(), &set);
        steward.apply(&[awarded]);
    }
    let before = read(&staff);
    let record = steward.read("/api/v1/carriers/P-0000");
    for _ in 0..2 {
        let refused = review(&staff, &[&visit], "approved").remove(0);
        assert_eq!(
            (&refused["outcome"], &refused["reason"]),
            (&json!("refused"), &json!("forbidden-transition"))
        );
        assert_eq!(refused["edit"], edits[1]["id"]);
        assert_eq!(
            refused["step"],
            json!({"from": "SUPPLIED", "to": "LISTED", "allowed": ["UNDER_CONSTRUCTION", "RECALLED"]})
        );
        assert!(
            refused["detail"].as_str().unwrap().contains("no way from SUPPLIED to LISTED"),
            "{refused}"
        );
    }
    // Nothing of the visit is decided: not even what nothing stands against.
    let after = read(&staff);
    assert_eq!(after["to_review"], before["to_review"]);
    assert_eq!(counts(&after, &["to_review", "proposals_open"]), [1, 2]);
    assert_eq!(steward.read("/api/v1/carriers/P-0000"), record);
    // The same is said where one edit is decided on; the present state is kept and the rest approved.
    let decide = |keep: Value| {
        let version = &record["properties"]["version"];
        let decision = json!({"edit": edits[1]["id"], "verdict": "approved", "expected_version": version, "keep": keep});
        let told = staff.post("/api/v1/inbox/decisions", &json!({ "decisions": [decision] })).ok();
        told["results"][0].clone()
    };
    let refused = decide(json!([]));
    assert_eq!(
        (&refused["reason"], &refused["step"]["from"]),
        (&json!("forbidden-transition"), &json!("SUPPLIED"))
    );
    assert_eq!(staff.read("/api/v1/inbox")["total"], 2);
    assert_eq!(decide(json!(["status"]))["outcome"], "decided");
    assert_eq!(review(&staff, &[&visit], "approved")[0]["outcome"], "decided");
    let now = steward.read("/api/v1/carriers/P-0000")["properties"].clone();
    assert_eq!(
        (&now["status"], &now["constraints"], &now["power_capacity"]),
        (&json!("SUPPLIED"), &json!("a heap of earth"), &json!(630.0))
    );
    assert_eq!(counts(&read(&staff), &["to_review", "proposals_open", "changed"]), [0, 0, 1]);
    let path = format!("/api/v1/campaigns/{CAMPAIGN}/reviews");
    let other = json!({"reviews": [{"visit": field.park.id(), "verdict": "approved"}]});
    assert_eq!(staff.post(&path, &other).ok()["results"][0].get("step"), None);
}
