//! What is refused, where, and in which words.
use serde_json::{Value as Json, json};

use super::{Ask, Limits, On, Requirement, RequirementFault, Scope, parse};
use crate::domain::catalogue::Catalogue;
use crate::domain::viewer::Role;

fn read(role: Role, json: &Json) -> Result<Requirement, Vec<RequirementFault>> {
    let catalogue = Catalogue::builtin().unwrap();
    let limits = Limits::default();
    let scope = Scope {
        catalogue: &catalogue,
        role,
        limits: &limits,
    };
    parse(&scope, json)
}

/// Documents, each with the path of its first fault and some words of what was expected there.
fn check(cases: &[(Json, &str, &str)]) {
    for (document, path, words) in cases {
        let faults = read(Role::Admin, document).map(|_| ()).unwrap_err();
        assert_eq!(faults[0].path, *path, "{document}: {faults:?}");
        assert!(faults[0].expected.contains(words), "{document}: {faults:?}");
    }
}

#[test]
fn faults_of_the_document_name_their_place() {
    check(&[
        (json!([]), "", "an object"),
        (json!({"need": []}), "need", "one of the members name"),
        (json!({"seeks": ["parcels"]}), "seeks[0]", "one of parcel, building, unit"),
        (json!({"seeks": []}), "seeks", "some of parcel"),
        (json!({"limit": 0}), "limit", "a whole number from 1 to 200"),
        (json!({"limit": 2.5}), "limit", "a whole number"),
        (json!({"as_of": "2027-3-1"}), "as_of", "a day such as"),
        (json!({"industry": "26"}), "industry", "GB/T 4754"),
        (
            json!({"within": {"type": "Polygon", "coordinates": []}}),
            "within",
            "a GeoJSON Polygon",
        ),
        (json!({"parts": ["all"]}), "parts[0]", "one of near_misses"),
        (json!({"needs": {}}), "needs", "an array"),
        (json!({"wishes": [], "compare": [[1]]}), "compare", "at most 0 items"),
    ]);
}

#[test]
fn faults_of_measured_needs_name_their_place() {
    let need = |need: Json| json!({"seeks": ["parcel"], "needs": [need]});
    check(&[
        (need(json!({})), "needs[0]", "exactly one of attribute"),
        (
            need(json!({"attribute": "area", "available_by": "2027-01-01"})),
            "needs[0]",
            "exactly one",
        ),
        (
            need(json!({"attribute": "areas"})),
            "needs[0].attribute",
            "an attribute of parcel: ",
        ),
        (need(json!({"attribute": "area"})), "needs[0]", "at least one of min, max"),
        (need(json!({"attribute": "area", "min": "much"})), "needs[0].min", "a number"),
        (
            need(json!({"attribute": "area", "min": 90, "max": 60})),
            "needs[0].max",
            "not below min, 90",
        ),
        (
            need(json!({"attribute": "area", "min": 9, "unit": "fathom"})),
            "needs[0].unit",
            "one of m2, mu, ha",
        ),
        (
            need(json!({"attribute": "area", "min": 9, "tax": "included"})),
            "needs[0].tax",
            "says nothing of tax",
        ),
        (
            need(json!({"attribute": "area", "min": 9, "is": true})),
            "needs[0].is",
            "one of the members min",
        ),
        (
            need(json!({"attribute": "area", "min": 9, "unknown": "drop"})),
            "needs[0].unknown",
            "accept or refuse",
        ),
    ]);
}

#[test]
fn faults_of_other_needs_name_their_place() {
    let need = |need: Json| json!({"seeks": ["parcel"], "needs": [need]});
    check(&[
        (
            need(json!({"attribute": "area", "evidence_days": -1})),
            "needs[0].evidence_days",
            "a whole number",
        ),
        (
            need(json!({"attribute": "planned_use", "any_of": ["0601"]})),
            "needs[0].any_of[0]",
            "a code of guide2023",
        ),
        (
            need(json!({"attribute": "planned_use", "any_of": []})),
            "needs[0].any_of",
            "at least one code",
        ),
        (
            need(json!({"attribute": "planned_use", "any_of": ["M"], "scheme": "x"})),
            "needs[0].scheme",
            "one of guide2023",
        ),
        (
            need(json!({"attribute": "planned_use", "at_least": "1001"})),
            "needs[0].at_least",
            "has no order",
        ),
        (need(json!({"available_by": "soon"})), "needs[0].available_by", "a day such as"),
        (
            need(json!({"outside": {"overlay": "moon"}})),
            "needs[0].outside.overlay",
            "the key of an overlay",
        ),
        (need(json!({"distance": {"max_m": 5}})), "needs[0].distance", "overlay, the key"),
        (need(json!({"fits": {"width_m": 10}})), "needs[0].fits", "depth_m, metres"),
        (
            need(json!({"fits": {"width_m": 0, "depth_m": 5}})),
            "needs[0].fits.width_m",
            "a number from 1 to 2000",
        ),
    ]);
}

#[test]
fn faults_of_wishes_name_their_place() {
    let wish = |wish: Json| json!({"seeks": ["unit"], "wishes": [wish]});
    check(&[
        (wish(json!({"attribute": "rent"})), "wishes[0]", "worst and best, or target"),
        (
            wish(json!({"attribute": "rent", "worst": 5, "best": 5})),
            "wishes[0].best",
            "another value than worst",
        ),
        (
            wish(json!({"attribute": "rent", "target": 5, "tolerance": 0})),
            "wishes[0].tolerance",
            "above 0",
        ),
        (
            wish(json!({"attribute": "rent", "trapezoid": [1, 3, 2, 4]})),
            "wishes[0].trapezoid",
            "rising order",
        ),
        (
            wish(json!({"attribute": "rent", "worst": 5, "best": 1, "weight": 0})),
            "wishes",
            "at least one weight above 0",
        ),
        (
            wish(json!({"attribute": "rent", "target": 5, "tolerance": 1, "veto": 3})),
            "wishes[0].veto",
            "beside worst and best",
        ),
        (wish(json!({"attribute": "name", "prefer": true})), "wishes[0].attribute", "a text"),
    ]);
}

#[test]
fn several_faults_are_told_at_once() {
    let document = json!({"limit": 0, "needs": [{"attribute": "area", "min": true}, {"attribute": "nothing", "min": 1}]});
    let faults = read(Role::Public, &document).map(|_| ()).unwrap_err();
    let paths: Vec<_> = faults.iter().map(|fault| fault.path.as_str()).collect();
    assert_eq!(paths, ["needs[0].min", "needs[1].attribute", "limit"]);
}

#[test]
fn comparisons_must_be_each_others_contrary() {
    let wishes = json!([{"attribute": "area", "worst": 1, "best": 2}, {"attribute": "area", "target": 1, "tolerance": 2}]);
    let with = |compare: Json| read(Role::Public, &json!({"wishes": wishes.clone(), "compare": compare}));
    let sound = with(json!([[1, 3], ["1/3", 1]])).unwrap();
    assert!((sound.scale.weights()[0] - 0.75).abs() < 1e-9 && sound.consistency.is_some_and(|ratio| ratio < 1e-9));
    assert_eq!(with(json!([[1, 3], [3, 1]])).unwrap_err()[0].path, "compare[1][0]");
    assert_eq!(with(json!([[1, 10], [0.1, 1]])).unwrap_err()[0].path, "compare[0][1]");
}

/// What one collection lacks is not asked of it; what nobody may see is nowhere.
#[test]
fn needs_are_asked_where_they_can_be() {
    let document = json!({"needs": [{"attribute": "clear_height", "min": 8}, {"available_by": "2027-01-01"}]});
    let requirement = read(Role::Public, &document).unwrap();
    let asked = |gate: usize| -> Vec<bool> { requirement.gates[gate].on.iter().map(|on| !matches!(on, On::NotAsked)).collect() };
    assert_eq!(asked(0), [false, true, true]);
    assert_eq!(asked(1), [true, true, true]);
    assert!(matches!(requirement.gates[1].ask, Ask::AvailableBy { .. }));
    let hidden = |role| read(role, &json!({"needs": [{"attribute": "rent_floor", "min": 8}]}));
    assert!(hidden(Role::Steward).is_ok());
    let told = |role, key: &str| {
        let faults = read(role, &json!({"needs": [{"attribute": key, "min": 8}]}))
            .map(|_| ())
            .unwrap_err();
        format!("{faults:?}").replace(key, "KEY")
    };
    assert_eq!(told(Role::Staff, "rent_floor"), told(Role::Staff, "no_such_key"));
}
