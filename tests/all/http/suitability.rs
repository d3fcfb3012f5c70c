//! Suitability over HTTP: what is asked, what comes back, what is refused.
use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::park::Park;
use crate::support::service::{Kind, Place};

on_both_stores!(a_requirement_is_answered_with_reasons, a_kept_requirement_has_its_old_answers);

/// Parcels with these values, by code.
fn fill(client: &Client, park: &mut Park, parcels: &[(&str, Value)]) {
    let edits: Vec<Value> = parcels
        .iter()
        .enumerate()
        .map(|(at, (code, attributes))| park.parcel(code, at, attributes))
        .collect();
    client.apply(&edits);
}

fn codes(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|item| item["code"].as_str().unwrap()).collect()
}

fn a_requirement_is_answered_with_reasons(kind: Kind) {
    let place = Place::new(kind);
    let token = place.token("admin");
    let server = place.serve();
    let parcel = |power: Option<f64>, use_code: &str| {
        let mut attributes = json!({"status": "AVAILABLE", "planned_use": use_code});
        if let Some(power) = power {
            attributes["power_capacity"] = json!(power);
        }
        attributes
    };
    fill(
        &server.with(&token),
        &mut Park::new(1),
        &[
            ("P-1", parcel(Some(2500.0), "100101")),
            ("P-2", parcel(Some(3000.0), "100102")),
            ("P-3", parcel(Some(1900.0), "100102")),
            ("P-4", parcel(None, "100101")),
            ("P-5", parcel(Some(2600.0), "1101")),
            ("P-6", parcel(Some(100.0), "1101")),
        ],
    );
    let requirement = json!({
        "seeks": ["parcel"],
        "needs": [
            {"attribute": "planned_use", "any_of": ["M"], "scheme": "gb50137"},
            {"attribute": "power_capacity", "min": 2, "unit": "MVA"}
        ],
        "wishes": [{"attribute": "power_capacity", "worst": 2000, "best": 4000, "weight": 2}]
    });
    let public = server.public();
    let answer = public.post("/api/v1/suitability", &requirement).json();
    assert_eq!(
        answer["counts"],
        json!({"sought": 6, "matched": 2, "unknown": 1, "excluded": 3, "near_misses": 2})
    );
    assert_eq!(codes(&answer["results"]), ["P-2", "P-1"]);
    assert_eq!(codes(&answer["unknowns"]), ["P-4"]);
    assert_eq!(codes(&answer["near_misses"]), ["P-3", "P-5"]);
    let miss = &answer["near_misses"][0]["failed"];
    assert_eq!(
        (&miss["value"], &miss["bound"], &miss["unit"]),
        (&json!(1.9), &json!(2.0), &json!("MVA"))
    );
    assert!((miss["gap"].as_f64().unwrap() - 0.1).abs() < 1e-9);
    assert!((answer["results"][0]["score"].as_f64().unwrap() - 50.0).abs() < 1e-9);
    // The same question of the same revision is answered with the same bytes.
    let again = public.post("/api/v1/suitability", &requirement);
    assert_eq!(again.json().to_string(), answer.to_string());
    let refused = public.post(
        "/api/v1/suitability",
        &json!({"needs": [{"attribute": "power_capacity", "min": "much"}], "sort": 1}),
    );
    assert_eq!(refused.status, 400);
    let faults = refused.json()["faults"].clone();
    assert_eq!(faults[0]["path"], "sort");
    assert_eq!(faults[1]["path"], "needs[0].min");
}

fn a_kept_requirement_has_its_old_answers(kind: Kind) {
    let place = Place::new(kind);
    let [admin, staff, surveyor] = ["admin", "staff", "surveyor"].map(|role| place.token(role));
    let server = place.serve();
    let mut park = Park::new(2);
    let power = |power: f64| json!({"power_capacity": power});
    fill(&server.with(&admin), &mut park, &[("P-1", power(100.0)), ("P-2", power(200.0))]);
    let staff = server.with(&staff);
    let document = json!({"name": "plant", "seeks": ["parcel"], "wishes": [{"attribute": "power_capacity", "worst": 0, "best": 1000}]});
    let kept = staff.post("/api/v1/requirements", &document).ok();
    let path = format!("/api/v1/requirements/{}", kept["id"].as_str().unwrap());
    let first = staff.post(&format!("{path}/runs"), &json!({})).text();
    assert_eq!(first, staff.post("/api/v1/suitability", &document).text());
    fill(&server.with(&admin), &mut park, &[("P-3", power(900.0))]);
    let fresh = staff.post(&format!("{path}/runs"), &json!({})).ok();
    assert_eq!(codes(&fresh["results"]), ["P-3", "P-2", "P-1"]);
    let told = staff.read(&path);
    let revisions: Vec<_> = told["runs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|run| run["revision"].as_u64().unwrap())
        .collect();
    assert_eq!(revisions.len(), 2);
    assert_eq!(told["requirement"], document);
    assert_eq!(staff.get(&format!("{path}/runs/{}", revisions[0])).text(), first);
    assert_eq!(staff.get(&format!("{path}/runs/{}", revisions[1] + 1)).status, 404);
    assert_eq!(staff.read("/api/v1/requirements")["requirements"][0]["name"], "plant");
    // Not for everybody, and what an admin keeps is not for staff.
    assert_eq!(server.public().get("/api/v1/requirements").status, 401);
    assert_eq!(server.with(&surveyor).get(&path).status, 403);
    let hidden = server.with(&admin).post("/api/v1/requirements", &document).ok();
    assert_eq!(
        staff
            .get(&format!("/api/v1/requirements/{}", hidden["id"].as_str().unwrap()))
            .status,
        404
    );
    assert_eq!(staff.post("/api/v1/requirements", &json!({"need": []})).status, 400);
}
