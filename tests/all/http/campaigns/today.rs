//! What a phone gets for the day: the way of each team through its zones, and how its targets stand.
use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::service::{Kind, Place, succeed};

use super::{CAMPAIGN, Field, codes, read};

on_both_stores!(a_day_is_one_way_through_its_zones, the_phone_asks_for_what_it_has_packed,);

fn named(range: std::ops::Range<usize>) -> Vec<String> {
    range.map(|at| format!("P-{at:04}")).collect()
}

fn in_order(of: &Value) -> Vec<&str> {
    of.as_array()
        .unwrap()
        .iter()
        .map(|target| target["code"].as_str().unwrap())
        .collect()
}

fn a_day_is_one_way_through_its_zones(kind: Kind) {
    let field = Field::new(kind);
    let server = field.serve();
    field.launch(&server);
    let steward = server.with(&field.steward);
    let path = format!("/api/v1/campaigns/{CAMPAIGN}/zones");
    // From the west along the southern row and back along the northern one; the northern one is named first.
    let zones = json!({"zones": [
        {"key": "whenever", "name": "No day", "codes": named(15..17), "team": "a"},
        {"key": "north", "name": "North", "codes": named(20..24), "team": "a", "day": "2026-11-27"},
        {"key": "south", "name": "South", "codes": named(0..4), "team": "a", "day": "2026-11-27"},
        {"key": "east", "name": "East", "codes": named(5..7), "team": "a", "day": "2026-11-26"},
    ]});
    let saved = steward.send(("PUT", &path), &[], &zones).ok();
    let keys: Vec<_> = saved["zones"]
        .as_array()
        .unwrap()
        .iter()
        .map(|zone| zone["key"].as_str().unwrap())
        .collect();
    assert_eq!(
        keys,
        ["whenever", "south", "north", "east"],
        "two have changed places, the others stay"
    );
    let (south, mut north) = (named(0..4), named(20..24));
    north.reverse();
    let there_and_back = [named(5..7), south, north, named(15..17)].concat();
    let own = server.with(&field.surveyor).read(&format!("/api/v1/campaigns/{CAMPAIGN}/package"));
    assert_eq!(in_order(&own["targets"]), there_and_back);
    // Each zone has an order of its own, which the desk shows.
    let places: Vec<_> = own["targets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|each| each["order"].as_u64().unwrap())
        .collect();
    assert_eq!(places, [1, 2, 1, 2, 3, 4, 1, 2, 3, 4, 1, 2]);
}

fn the_phone_asks_for_what_it_has_packed(kind: Kind) {
    let field = Field::new(kind);
    let server = field.serve();
    field.launch(&server);
    let steward = server.with(&field.steward);
    let path = |end: &str| format!("/api/v1/campaigns/{CAMPAIGN}{end}");
    let body = json!({
        "zones": [
            {"key": "west", "name": "West", "codes": named(0..4), "team": "a", "day": "2026-11-26"},
            {"key": "east", "name": "East", "codes": named(4..8), "team": "b", "day": "2026-11-26"},
        ],
        "teams": [{"key": "a", "name": "Team A", "members": ["surveyor"]}, {"key": "b", "name": "Team B", "members": ["staff"]}],
    });
    steward.send(("PUT", &path("/zones")), &[], &body).ok();
    for (token, count) in [(&field.surveyor, 4), (&field.staff, 4), (&field.steward, 24)] {
        let asker = server.with(token);
        let (package, now) = (asker.read(&path("/package")), asker.read(&path("/targets")));
        assert_eq!((&now["targets"], &now["zones"]), (&package["targets"], &package["zones"]));
        assert_eq!(now["targets"].as_array().unwrap().len(), count);
    }
    assert_eq!(
        codes(&read(&server.with(&field.staff))["targets"]).len(),
        24,
        "at the desk they see all"
    );
    server.with(&field.other).get(&path("/targets")).problem(404, "not-found");
    server.public().get(&path("/targets")).problem(401, "log-in");
}

#[test]
fn the_package_has_the_ground_between_the_targets_of_a_zone() {
    let place = Place::new(Kind::GeoPackage);
    let location = place.location();
    succeed(&["demo", "load", "--store", &location], "");
    let token = succeed(&["token", "surveyor", "--store", &location], "").trim().to_owned();
    let server = place.serve();
    let client = server.with(&token);
    let id = client.read("/api/v1/campaigns")["campaigns"][0]["id"].as_str().unwrap().to_owned();
    let package = client.read(&format!("/api/v1/campaigns/{id}/package"));
    let ids = |features: &Value| -> BTreeSet<String> {
        let features = features.as_array().unwrap().iter();
        features.map(|feature| feature["id"].as_str().unwrap().to_owned()).collect()
    };
    let packed = ids(&package["overlays"]["features"]);
    let catalogue = client.read("/api/v1/catalogue");
    let overlays: Vec<&str> = catalogue["collections"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|collection| collection["overlay"].is_object())
        .map(|collection| collection["key"].as_str().unwrap())
        .collect();
    let mut seen = 0;
    for zone in package["zones"].as_array().unwrap() {
        let targets = package["targets"].as_array().unwrap().iter();
        let points = targets
            .filter(|target| target["zone"] == zone["key"])
            .map(|target| &target["point"]);
        let points: Vec<[f64; 2]> = points.map(|point| [0, 1].map(|axis| point[axis].as_f64().unwrap())).collect();
        let side = |axis: usize, pick: fn(f64, f64) -> f64| points.iter().map(|point| point[axis]).reduce(pick).unwrap();
        let (west, south, east, north) = (side(0, f64::min), side(1, f64::min), side(0, f64::max), side(1, f64::max));
        for key in &overlays {
            let path = format!("/api/v1/search?collection={key}&bbox={west},{south},{east},{north}&limit=10000");
            let there = ids(&client.read(&path)["features"]);
            assert!(there.is_subset(&packed), "{key} in {}", zone["key"]);
            seen += there.len();
        }
    }
    assert!(seen > 20, "{seen}");
}
