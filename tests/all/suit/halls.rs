//! What a hall that must fit means to parcels, buildings and units.
use serde_json::{Value as Json, json};
use zaiti::domain::catalogue::Effect;
use zaiti::domain::geometry::Shape;
use zaiti::domain::value::Value;
use zaiti::domain::viewer::Role;

use super::made::{Made, ask, lot};

/// State of the hall at each carrier.
fn states(fits: &Json) -> Vec<(String, String)> {
    let mut made = Made::new(&[("corridor", Effect::Exclude, 5.0)]);
    // Some 94.6 x 110.8 m: free, and crossed by a corridor along its edge.
    let (free, crossed) = (lot(0.0, 0.0, 1.0, 1.0), lot(10.0, 0.0, 11.0, 1.0));
    for (name, shape) in [("FREE", &free), ("CROSSED", &crossed)] {
        made.add(("parcels", &format!("P-{name}")), shape.clone(), &[]);
        made.add(("buildings", &format!("B-{name}")), shape.clone(), &[]);
    }
    made.add(("buildings", "B-NOWHERE"), Shape::None, &[("parent", Value::Text("P-FREE".into()))]);
    made.add(("units", "U-1"), Shape::None, &[("parent", Value::Text("B-FREE".into()))]);
    made.add(("corridor", "C-1"), lot(10.5, -1.0, 12.0, 2.0), &[]);
    let answer = ask(&made.snapshot(), Role::Public, &json!({"needs": [{"fits": fits}]}));
    let lists = ["results", "unknowns", "near_misses"].map(|list| answer[list].as_array().unwrap().clone());
    let state = |item: &Json| {
        let word = |json: &Json| json.as_str().unwrap().to_owned();
        (word(&item["code"]), word(&item["gates"][0]["state"]))
    };
    let mut states: Vec<_> = lists.iter().flatten().map(state).collect();
    states.sort();
    states
}

#[track_caller]
fn check(fits: &Json, expected: [&str; 6]) {
    let names = ["B-CROSSED", "B-FREE", "B-NOWHERE", "P-CROSSED", "P-FREE", "U-1"];
    let expected: Vec<_> = names
        .into_iter()
        .zip(expected)
        .map(|(name, state)| (name.to_owned(), state.to_owned()))
        .collect();
    assert_eq!(states(fits), expected, "{fits}");
}

#[test]
fn a_building_is_asked_for_its_floor_and_a_parcel_for_its_free_ground() {
    // What stands is asked neither for the plot's setback nor for what may not be built on any more; a unit says nothing of its floor.
    let asked = |width: f64, depth: f64, setback: Json| json!({"width_m": width, "depth_m": depth, "setback_m": setback});
    check(
        &asked(110.0, 94.0, json!(0)),
        ["pass", "pass", "unknown", "fail", "pass", "not_asked"],
    );
    check(
        &asked(110.0, 94.0, json!(10)),
        ["pass", "pass", "unknown", "fail", "fail", "not_asked"],
    );
    check(
        &asked(110.0, 94.0, json!([10, 0, 0, 0])),
        ["pass", "pass", "unknown", "fail", "fail", "not_asked"],
    );
    check(
        &asked(90.0, 35.0, json!(5)),
        ["pass", "pass", "unknown", "pass", "pass", "not_asked"],
    );
    check(
        &asked(115.0, 94.0, json!(0)),
        ["fail", "fail", "unknown", "fail", "fail", "not_asked"],
    );
}

#[test]
fn two_halls_with_a_court_are_a_matter_of_ground() {
    let two = json!({"width_m": 30, "depth_m": 30, "halls": 2, "court_m": 20});
    check(&two, ["not_asked", "not_asked", "not_asked", "pass", "pass", "not_asked"]);
}
