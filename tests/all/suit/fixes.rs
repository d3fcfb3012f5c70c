//! What would mend a near miss: named where it is known and would do, to those who may know it.
use serde_json::{Value as Json, json};
use zaiti::domain::catalogue::Effect;
use zaiti::domain::geometry::Shape;
use zaiti::domain::value::Value;
use zaiti::domain::viewer::Role;

use super::made::{Made, ask, code, day, lot, number};

const MU_M2: f64 = 2000.0 / 3.0;

/// The fix of the near miss of this code; `null` when none is named.
#[track_caller]
fn fix(answer: &Json, code: &str) -> Json {
    let misses = answer["near_misses"].as_array().unwrap();
    let miss = misses.iter().find(|miss| miss["code"] == code);
    miss.unwrap_or_else(|| panic!("{code} is no near miss: {misses:?}"))["fix"].clone()
}

#[test]
fn a_free_neighbour_is_named_where_both_make_the_area() {
    let mut made = Made::new(&[]);
    let mut parcel = |name: &str, (west, east): (f64, f64), mu: f64, more: &[(&str, Value)]| {
        let mut values = vec![("area", number(mu * MU_M2)), ("status", code("AVAILABLE"))];
        values.extend_from_slice(more);
        made.add(("parcels", name), lot(west, 0.0, east, 1.0), &values);
    };
    // Each group is far from the next. Asked are 60 to 70 mu.
    parcel("A-1", (0.0, 1.0), 50.0, &[]);
    parcel("A-2", (1.0, 2.0), 15.0, &[]);
    parcel("A-0", (-1.0, 0.0), 12.0, &[]);
    parcel("B-1", (10.0, 11.0), 50.0, &[]);
    parcel("B-2", (11.0, 12.0), 9.0, &[]);
    parcel("C-1", (20.0, 21.0), 50.0, &[]);
    parcel("C-2", (21.0, 22.0), 21.0, &[]);
    parcel("D-1", (30.0, 31.0), 50.0, &[]);
    parcel("D-2", (31.1, 32.0), 15.0, &[]);
    parcel("E-1", (40.0, 41.0), 50.0, &[]);
    parcel("E-2", (41.0, 42.0), 15.0, &[("status", code("HELD"))]);
    parcel("F-1", (50.0, 51.0), 50.0, &[]);
    parcel("F-2", (51.0, 52.0), 15.0, &[("available_from", day("2029-01-01"))]);
    parcel("G-1", (60.0, 61.0), 80.0, &[]);
    parcel("G-2", (61.0, 62.0), 15.0, &[]);
    let snapshot = made.snapshot();
    let need = json!([{"attribute": "area", "min": 60, "max": 70, "unit": "mu"}]);
    let answer = ask(&snapshot, Role::Public, &json!({"seeks": ["parcel"], "needs": need, "limit": 50}));
    // The smallest that makes it.
    assert_eq!(fix(&answer, "A-1"), json!({"kind": "free_neighbour", "code": "A-0"}));
    assert_eq!(fix(&answer, "A-2"), json!({"kind": "free_neighbour", "code": "A-1"}));
    // Too little together, too much together, a gap between them, held, free too late, and too large already.
    for name in ["B-1", "C-1", "D-1", "E-1", "F-1", "G-1"] {
        assert_eq!(fix(&answer, name), Json::Null, "{name}");
    }
    // What is unknown of the neighbour stays unknown of both.
    let needs = json!([need[0], {"attribute": "power_capacity", "min": 1}]);
    let answer = ask(&snapshot, Role::Public, &json!({"seeks": ["parcel"], "needs": needs}));
    assert_eq!(fix(&answer, "A-1"), Json::Null);
}

#[test]
fn net_areas_of_neighbours_add_up_too() {
    let mut made = Made::new(&[("river", Effect::Exclude, 0.0)]);
    let free = [("status", code("AVAILABLE"))];
    made.add(("parcels", "P-1"), lot(0.0, 0.0, 1.0, 1.0), &free);
    made.add(("parcels", "P-2"), lot(1.0, 0.0, 2.0, 1.0), &free);
    made.add(("parcels", "P-3"), lot(2.0, 0.0, 3.0, 1.0), &free);
    made.add(("river", "R-1"), lot(2.2, -1.0, 2.5, 2.0), &[]);
    let snapshot = made.snapshot();
    // Some 10 500 m² each, of which the river takes 3 in 10 of the last.
    let need = |min: f64| json!({"seeks": ["parcel"], "needs": [{"net_area": {"min": min}}]});
    let answer = ask(&snapshot, Role::Public, &need(20_000.0));
    assert_eq!(fix(&answer, "P-1"), json!({"kind": "free_neighbour", "code": "P-2"}));
    assert_eq!(fix(&answer, "P-2"), json!({"kind": "free_neighbour", "code": "P-1"}));
    assert_eq!(fix(&answer, "P-3"), Json::Null);
    assert_eq!(fix(&ask(&snapshot, Role::Public, &need(17_000.0)), "P-3")["code"], "P-2");
}

#[test]
fn days_on_which_it_opens_are_named_to_those_who_may_know_them() {
    let mut made = Made::new(&[]);
    let held = [("status", code("HELD")), ("hold_until", day("2027-05-31"))];
    made.add(("parcels", "P-HELD"), lot(0.0, 0.0, 1.0, 1.0), &held);
    made.add(("parcels", "P-BUILT"), lot(2.0, 0.0, 3.0, 1.0), &[("status", code("BUILT"))]);
    let later = [("status", code("ACQUIRED")), ("available_from", day("2028-02-01"))];
    made.add(("parcels", "P-LATER"), lot(4.0, 0.0, 5.0, 1.0), &later);
    let mut unit = |name: &str, state: &str, more: &[(&str, Value)]| {
        made.add(("units", name), Shape::None, &[&[("status", code(state))], more].concat());
    };
    unit("U-VACATING", "VACATING", &[("available_from", day("2027-04-01"))]);
    unit("U-LEASED", "LEASED", &[("lease_end", day("2027-09-30"))]);
    unit("U-STALE", "LEASED", &[("lease_end", day("2020-09-30"))]);
    unit("U-ENDLESS", "LEASED", &[]);
    unit("U-OWN", "OWNER_OCCUPIED", &[("lease_end", day("2027-09-30"))]);
    let snapshot = made.snapshot();
    let asked = json!({"seeks": ["parcel", "unit"], "needs": [{"available_by": "2027-01-01"}], "as_of": "2026-11-25", "limit": 50});
    let [staff, public] = [Role::Staff, Role::Public].map(|role| ask(&snapshot, role, &asked));
    let vacating = json!({"kind": "available_later", "on": "2027-04-01", "state": "VACATING"});
    let leased = json!({"kind": "may_end", "on": "2027-09-30", "state": "LEASED", "attribute": "lease_end"});
    let expected = [
        (
            "P-HELD",
            json!({"kind": "hold_lapses", "on": "2027-05-31", "state": "HELD"}),
            Json::Null,
        ),
        ("P-BUILT", Json::Null, Json::Null),
        ("U-VACATING", vacating.clone(), vacating),
        ("U-LEASED", leased, Json::Null),
        ("U-STALE", Json::Null, Json::Null),
        ("U-ENDLESS", Json::Null, Json::Null),
        ("U-OWN", Json::Null, Json::Null),
    ];
    for (name, to_staff, to_public) in expected {
        assert_eq!((fix(&staff, name), fix(&public, name)), (to_staff, to_public), "{name}");
    }
    let opens = json!({"kind": "available_later", "on": "2028-02-01", "state": "ACQUIRED"});
    assert_eq!(fix(&public, "P-LATER"), opens);
    // The same of a need of a state.
    let by_state = json!({"seeks": ["unit"], "needs": [{"attribute": "status", "any_of": ["VACANT"]}], "as_of": "2026-11-25"});
    assert_eq!(fix(&ask(&snapshot, Role::Staff, &by_state), "U-LEASED")["kind"], "may_end");
}

#[test]
fn a_later_value_is_named_where_it_is_enough() {
    let mut made = Made::new(&[]);
    let mut parcel = |name: &str, at: f64, values: &[(&str, Value)]| {
        let all = [&[("power_capacity", number(1000.0)), ("status", code("AVAILABLE"))], values].concat();
        made.add(("parcels", name), lot(at, 0.0, at + 1.0, 1.0), &all);
    };
    let by = ("power_upgrade_by", day("2027-06-01"));
    let expandable = ("power_expandable", Value::Flag(true));
    parcel(
        "P-ENOUGH",
        0.0,
        &[("power_upgrade_to", number(1600.0)), by.clone(), expandable.clone()],
    );
    parcel("P-SOME-DAY", 10.0, &[("power_upgrade_to", number(2000.0))]);
    parcel("P-SHORT", 20.0, &[("power_upgrade_to", number(1400.0)), by.clone()]);
    parcel("P-SHORT-BUT", 30.0, &[("power_upgrade_to", number(1400.0)), by.clone(), expandable]);
    parcel("P-NONE", 40.0, &[by]);
    let asked = json!({"seeks": ["parcel"], "needs": [{"attribute": "power_capacity", "min": 1.5, "unit": "MVA"}]});
    let answer = ask(&made.snapshot(), Role::Public, &asked);
    let later =
        |value: f64, on: Json| json!({"kind": "later_value", "attribute": "power_upgrade_to", "value": value, "unit": "MVA", "on": on});
    assert_eq!(fix(&answer, "P-ENOUGH"), later(1.6, json!("2027-06-01")));
    assert_eq!(fix(&answer, "P-SOME-DAY"), later(2.0, Json::Null));
    assert_eq!(fix(&answer, "P-SHORT"), Json::Null);
    assert_eq!(
        fix(&answer, "P-SHORT-BUT"),
        json!({"kind": "can_be_raised", "attribute": "power_expandable"})
    );
    assert_eq!(fix(&answer, "P-NONE"), Json::Null);
}
