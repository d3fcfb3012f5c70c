//! Units without an outline of their own lie where their building lies.
use std::collections::BTreeMap;

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value as Json, json};
use zaiti::domain::catalogue::Effect;
use zaiti::domain::geometry::Shape;
use zaiti::domain::value::Value;
use zaiti::domain::viewer::Role;
use zaiti::index::Snapshot;

use super::made::{Made, ask, lot};

/// What is said of each carrier's place: state and value of the only gate, and the box around it.
fn places(answer: &Json) -> BTreeMap<String, [Json; 3]> {
    let lists = ["results", "unknowns", "near_misses"].map(|list| answer[list].as_array().unwrap());
    let each = lists.into_iter().flatten();
    each.map(|item| {
        let gate = &item["gates"][0];
        let said = [gate["state"].clone(), gate["value"].clone(), item["bbox"].clone()];
        (item["code"].as_str().unwrap().to_owned(), said)
    })
    .collect()
}

const UNITS: usize = 60;

/// Buildings here and there, each with some units; every third unit has an outline of its own.
fn park() -> (Snapshot, Vec<String>) {
    let mut random = ChaCha8Rng::seed_from_u64(51);
    let mut made = Made::new(&[("zones", Effect::Exclude, 0.0), ("guarded", Effect::Exclude, 150.0)]);
    let mut lot_anywhere = |side: f64| {
        let (west, south) = (random.random_range(0.0..20.0), random.random_range(0.0..20.0));
        lot(west, south, west + side, south + side)
    };
    for at in 0..20 {
        made.add(("buildings", &format!("B-{at:02}")), lot_anywhere(0.7), &[]);
    }
    let mut parents = Vec::new();
    for at in 0..UNITS {
        let parent = format!("B-{:02}", at % 20);
        let shape = if at % 3 == 0 { lot_anywhere(0.1) } else { Shape::None };
        made.add(
            ("units", &format!("U-{at:02}")),
            shape,
            &[("parent", Value::Text(parent.as_str().into()))],
        );
        parents.push(parent);
    }
    for at in 0..12 {
        made.add(("zones", &format!("Z-{at}")), lot_anywhere(3.0), &[]);
        made.add(("guarded", &format!("G-{at}")), lot_anywhere(0.3), &[]);
    }
    (made.snapshot(), parents)
}

#[test]
fn units_lie_where_their_building_lies() {
    let (snapshot, parents) = park();
    let needs = [
        json!({"distance": {"overlay": "guarded", "max_m": 300}}),
        json!({"outside": {"overlay": "guarded"}}),
        json!({"outside": {"overlay": "zones"}}),
        json!({"inside": {"overlay": "zones"}}),
    ];
    let mut states = BTreeMap::new();
    for need in needs {
        // Also when nothing else is sought that has outlines.
        let of = |sought: &str| {
            places(&ask(
                &snapshot,
                Role::Public,
                &json!({"seeks": [sought], "needs": [need], "limit": 200}),
            ))
        };
        let (units, buildings) = (of("unit"), of("building"));
        assert_eq!(units.len(), UNITS);
        for (at, parent) in parents.iter().enumerate() {
            let unit = &units[&format!("U-{at:02}")];
            let [state, value, around] = &buildings[parent];
            if at % 3 == 0 {
                assert_ne!(unit[2], *around);
                continue;
            }
            assert_eq!((&unit[0], &unit[2]), (state, around), "{need} {parent}");
            // Metres or share: the same but for the plane that they are measured in.
            let (own, its) = (unit[1].as_f64().unwrap(), value.as_f64().unwrap());
            assert!((own - its).abs() < 1e-3, "{need} {parent}: {own} {its}");
            *states.entry((need.to_string(), state.to_string())).or_insert(0) += 1;
        }
    }
    assert!(states.len() == 8, "{states:?}");
}

#[test]
fn within_takes_units_with_their_building() {
    let (snapshot, parents) = park();
    let corner = |x: f64, y: f64| json!([121.0 + x * 0.001, 31.9 + y * 0.001]);
    let area = json!({"type": "Polygon", "coordinates": [[corner(3.0, 3.0), corner(12.0, 4.0), corner(10.0, 14.0), corner(3.0, 3.0)]]});
    let of = |sought: &str| {
        places(&ask(
            &snapshot,
            Role::Public,
            &json!({"seeks": [sought], "within": area, "limit": 200, "needs": [{"outside": {"overlay": "zones"}}]}),
        ))
    };
    let (units, buildings) = (of("unit"), of("building"));
    let mut counts = [0, 0];
    for (at, parent) in parents.iter().enumerate().filter(|(at, _)| at % 3 != 0) {
        let is_in = units.contains_key(&format!("U-{at:02}"));
        assert_eq!(is_in, buildings.contains_key(parent), "U-{at:02} {parent}");
        counts[usize::from(is_in)] += 1;
    }
    assert!(counts[0] > 5 && counts[1] > 5, "{counts:?}");
}

#[test]
fn without_any_outline_a_place_is_unknown() {
    let mut made = Made::new(&[("zones", Effect::Exclude, 0.0)]);
    made.add(("parcels", "P-1"), lot(0.0, 0.0, 2.0, 2.0), &[]);
    let on = |code: &str| [("parent", Value::Text(code.into()))];
    // A building without outline is somewhere on its parcel: that is not a place.
    made.add(("buildings", "B-1"), Shape::None, &on("P-1"));
    made.add(("units", "U-1"), Shape::None, &on("B-1"));
    made.add(("units", "U-2"), Shape::None, &on("B-GONE"));
    made.add(("units", "U-3"), Shape::None, &[]);
    made.add(("zones", "Z-1"), lot(0.0, 0.0, 1.0, 1.0), &[]);
    let asked = json!({"seeks": ["building", "unit"], "needs": [{"outside": {"overlay": "zones"}}]});
    let answer = ask(&made.snapshot(), Role::Public, &asked);
    assert_eq!(answer["counts"]["unknown"], 4, "{}", answer["counts"]);
    assert!(answer["unknowns"].as_array().unwrap().iter().all(|item| item["bbox"].is_null()));
}
