//! What asks the ground over HTTP: limits that refuse or say what they left out, and values that cannot be.
use serde_json::{Value, json};

use crate::support::client::{Client, coded};
use crate::support::park::Park;
use crate::support::service::{Kind, Place, Server};

/// Parcels of some 76 x 89 m (10 mu) in a row, 19 m apart.
const PARCELS: usize = 8;

/// The first three parcels have three owners, the others one, who lets them go later.
fn park(settings: &[&str]) -> (Place, Server, String) {
    let place = Place::new(Kind::GeoPackage);
    let token = place.token("admin");
    let server = place.serve_with(&[&["--peer-rate", "0"], settings].concat());
    let mut park = Park::new(1);
    let parcel = |at: usize| {
        let attributes = if at < 3 {
            json!({"status": "AVAILABLE", "owner": format!("owner {at}")})
        } else {
            json!({"status": "AVAILABLE", "owner": "the other", "available_from": "2029-01-01"})
        };
        park.parcel(&format!("P-{at}"), at, &attributes)
    };
    let edits: Vec<Value> = (0..PARCELS).map(parcel).collect();
    server.with(&token).apply(&edits);
    (place, server, token)
}

fn hall(width_m: f64, depth_m: f64) -> Value {
    json!({"seeks": ["parcel"], "needs": [{"fits": {"width_m": width_m, "depth_m": depth_m}}]})
}

fn sets(more: &Value) -> Value {
    let mut assemble = json!({"gap_m": 30});
    assemble.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({"seeks": ["parcel"], "needs": [{"net_area": {"min": 25, "unit": "mu"}}], "assemble": assemble})
}

fn ask(client: &Client, requirement: &Value) -> Value {
    client.post("/api/v1/suitability", requirement).ok()
}

#[test]
fn too_much_ground_is_refused_with_what_was_given() {
    let (_place, server, _) = park(&["--max-ground-candidates", "3", "--max-assembly-parcels", "2"]);
    let client = server.public();
    let refused = |requirement: &Value| client.post("/api/v1/suitability", requirement).problem(400, "bad-requirement");
    let problem = refused(&hall(50.0, 40.0));
    assert_eq!(problem["parameter"], "needs[0]");
    assert_eq!(problem["given"], "the ground of 8 carriers");
    assert_eq!(problem["expected"], "at most 3: narrow it by other needs or by within");
    let wished = json!({"seeks": ["parcel"], "wishes": [{"net_area": true, "worst": 0, "best": 9000}]});
    assert_eq!(refused(&wished)["parameter"], "wishes[0]");
    // Fewer are asked, so that only the sets are too many.
    let mut few = sets(&json!({}));
    few["within"] = json!({"type": "Polygon", "coordinates": [[
        [120.9001, 31.8501], [120.9022, 31.8501], [120.9022, 31.8502], [120.9001, 31.8502], [120.9001, 31.8501]]]});
    let problem = refused(&few);
    assert_eq!(
        (&problem["parameter"], &problem["given"]),
        (&json!("assemble"), &json!("3 parcels"))
    );
    assert_eq!(problem["expected"], "at most 2: narrow it by other needs or by within");
    // What asks less is answered.
    assert_eq!(ask(&client, &json!({"seeks": ["parcel"]}))["counts"]["matched"], PARCELS);
}

#[test]
fn what_takes_too_long_is_told_so() {
    let (_place, server, _) = park(&["--max-ground-ms", "0"]);
    let client = server.public();
    let refused = client.post("/api/v1/suitability", &hall(50.0, 40.0));
    let problem = refused.problem(503, "busy");
    assert_eq!(problem["expected"], "at most 0 ms: narrow it by other needs or by within");
    assert_eq!(refused.header("retry-after"), "5");
    assert_eq!(ask(&client, &json!({"seeks": ["parcel"]}))["counts"]["matched"], PARCELS);
}

#[test]
fn what_is_left_out_is_said() {
    let settings = ["--max-assembly-sets", "3", "--max-assemblies", "1", "--max-largest-halls", "2"];
    let (_place, server, _) = park(&settings);
    let client = server.public();
    let answer = ask(&client, &sets(&json!({"max_parcels": 4})));
    let told = &answer["assemblies"];
    assert_eq!(told["said"], "best found");
    assert!(told["visited"].as_u64().unwrap() <= 3 && told["sets"].is_null(), "{told}");
    let (_place, generous, token) = park(&["--max-assemblies", "1", "--ground-threads", "1", "--ground-kept", "1"]);
    let answer = ask(&generous.with(&token), &sets(&json!({})));
    let told = &answer["assemblies"];
    assert!(told["said"].as_str().unwrap().starts_with("best of all "), "{told}");
    assert_eq!(told["found"].as_array().unwrap().len(), 1);
    assert!(told["left_off"].as_u64().unwrap() > 0, "{told}");
    // All miss alike, and only two are looked at.
    let answer = ask(&client, &hall(200.0, 100.0));
    let warning = answer["warnings"][0].as_str().unwrap();
    assert!(warning.starts_with("needs[0]: ") && warning.contains("at 6 carriers"), "{warning}");
    assert_eq!(answer["near_misses"].as_array().unwrap().len(), 2);
    assert_eq!(answer["counts"]["near_misses"], PARCELS);
    assert_eq!(ask(&generous.public(), &hall(200.0, 100.0))["warnings"], json!([]));
}

#[test]
fn a_setback_that_is_no_width_is_refused() {
    let (_place, server, _) = park(&[]);
    let client = server.public();
    for given in ["-1", "-0.001", "2000.1", "NaN", "inf", "1e400", "", "ten", "5m", "５"] {
        let problem = client
            .get(&format!("/api/v1/carriers/P-1/net-area?setback_m={}", coded(given)))
            .problem(400, "bad-parameter");
        assert_eq!(problem["parameter"], "setback_m");
        assert_eq!(problem["given"], given);
        assert_eq!(problem["expected"], "metres from 0 to 2000");
    }
    client
        .get("/api/v1/carriers/P-1/net-area?setback_m=1&setback_m=2")
        .problem(400, "repeated-parameter");
    client
        .get("/api/v1/carriers/P-1/net-area?setback=1")
        .problem(400, "unknown-parameter");
    // The widest leaves nothing, and says so.
    let most = client.read("/api/v1/carriers/P-1/net-area?setback_m=2000");
    assert!(most["net_m2"].as_f64().unwrap() < 1e-3, "{most}");
    assert!(most["gross_m2"].as_f64().unwrap() > 6_000.0);
}

#[test]
fn a_ground_that_cannot_be_is_refused_with_all_its_places() {
    let (_place, server, _) = park(&[]);
    let client = server.public();
    let requirement = json!({
        "needs": [
            {"fits": {"width_m": -1, "depth_m": 1e300}},
            {"net_area": {"min": 5, "max": 1, "unit": "mu"}},
            {"fits": {"width_m": 10, "depth_m": 10, "setback_m": "wide"}}
        ],
        "assemble": {"gap_m": 1000}
    });
    let problem = client.post("/api/v1/suitability", &requirement).problem(400, "bad-requirement");
    let faults = problem["faults"].as_array().unwrap();
    let found: Vec<(&str, &str)> = faults
        .iter()
        .map(|fault| (fault["path"].as_str().unwrap(), fault["given"].as_str().unwrap()))
        .collect();
    assert_eq!(
        found,
        [
            ("needs[0].fits.width_m", "-1"),
            ("needs[0].fits.depth_m", "1e+300"),
            ("needs[1].net_area.max", "1"),
            ("needs[2].fits.setback_m", "wide"),
            ("assemble", r#"{"gap_m":1000}"#),
            ("assemble.gap_m", "1000")
        ]
    );
    assert!(faults.iter().all(|fault| !fault["expected"].as_str().unwrap().is_empty()));
}
