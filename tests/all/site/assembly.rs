//! Parcels put together on the demo park.
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use zaiti::domain::value::Value as Known;
use zaiti::domain::viewer::Role;
use zaiti::inventory::{GroundLimits, SuitError};

use super::{Demo, brute};

fn requirement(more: &Value) -> Value {
    let mut requirement = json!({
        "seeks": ["parcel"], "limit": 10_000,
        "needs": [
            {"attribute": "area", "min": 70, "max": 110, "unit": "mu"},
            {"attribute": "planned_use", "any_of": ["1001"]}
        ],
        "wishes": [
            {"attribute": "area", "worst": 60, "best": 120, "unit": "mu", "weight": 2},
            {"attribute": "power_capacity", "worst": 0, "best": 5000, "weight": 1}
        ],
        "assemble": {"max_parcels": 3, "gap_m": 20}
    });
    requirement.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    requirement
}

fn found(answer: &Value) -> &Vec<Value> {
    answer["assemblies"]["found"].as_array().unwrap()
}

/// Each parcel by itself, asked for all but the area.
fn each_alone(demo: &Demo) -> Value {
    demo.ask(Role::Staff, &json!({
        "seeks": ["parcel"], "limit": 10_000, "needs": [{"attribute": "planned_use", "any_of": ["1001"]}],
        "wishes": [{"attribute": "power_capacity", "worst": 0, "best": 5000}, {"attribute": "area", "worst": 0, "best": 1, "unit": "mu"}]
    }))
}

/// The need that all answer together tells no source, for nobody has seen a sum; the other tells that of the member it is told of.
fn tell_sources_of_members(item: &Value, alone: &BTreeMap<&str, &Value>) {
    let source = |gate: &Value| (gate["evidence"].clone(), gate["observed_at"].clone());
    let [sum, of_one] = [&item["gates"][0], &item["gates"][1]];
    assert_eq!(source(sum), (Value::Null, Value::Null), "{item}");
    assert_eq!(source(of_one), source(&alone[of_one["of"].as_str().unwrap()]["gates"][0]), "{item}");
    assert_ne!(source(of_one).0, Value::Null, "{item}");
}

#[tokio::test]
async fn assemblies_are_what_their_members_are_and_rank_among_single_carriers() {
    let demo = Demo::open(GroundLimits::default()).await;
    let answer = demo.ask(Role::Staff, &requirement(&json!({})));
    let alone = each_alone(&demo);
    let alone: BTreeMap<&str, &Value> = alone["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| (item["code"].as_str().unwrap(), item))
        .collect();
    assert!(!found(&answer).is_empty() && found(&answer).len() <= 5);
    for item in found(&answer) {
        let codes: Vec<&str> = item["assembly"]["codes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|code| code.as_str().unwrap())
            .collect();
        assert!((2..=3).contains(&codes.len()));
        assert_eq!(item["code"], codes.join("+"));
        let value = |code: &str, wish: usize| alone[code]["points"][wish]["value"].as_f64().unwrap_or(0.0);
        let area: f64 = codes.iter().map(|code| value(code, 1)).sum();
        assert!((70.0..=110.0).contains(&area));
        let near = |value: &Value, expected: f64| assert!((value.as_f64().unwrap() - expected).abs() < 1e-6, "{expected}: {item}");
        near(&item["gates"][0]["value"], area);
        tell_sources_of_members(item, &alone);
        near(&item["points"][0]["value"], area);
        near(&item["points"][0]["worth"], ((area - 60.0) / 60.0).clamp(0.0, 1.0));
        let power = codes.iter().map(|code| value(code, 0)).fold(f64::INFINITY, f64::min);
        near(&item["points"][1]["worth"], (power / 5000.0).clamp(0.0, 1.0));
        let points: f64 = item["points"]
            .as_array()
            .unwrap()
            .iter()
            .map(|point| point["points"].as_f64().unwrap())
            .sum();
        near(&item["score"], points);
        assert_eq!(item["geometry"]["type"], "MultiPolygon");
    }
    they_rank_among_single_carriers(&answer);
    let once = Demo::open(GroundLimits {
        threads: 1,
        ..GroundLimits::default()
    })
    .await;
    assert_eq!(once.ask(Role::Staff, &requirement(&json!({}))).to_string(), answer.to_string());
}

fn they_rank_among_single_carriers(answer: &Value) {
    let results = answer["results"].as_array().unwrap();
    let order: Vec<(f64, &str)> = results
        .iter()
        .map(|item| (-item["score"].as_f64().unwrap(), item["code"].as_str().unwrap()))
        .collect();
    assert!(order.is_sorted_by(|one, two| one.partial_cmp(two).unwrap().is_le()), "{order:?}");
    let ranked = results.iter().filter(|item| item["assembly"].is_object()).count();
    assert_eq!(ranked, found(answer).len());
    assert_eq!(json!(results.len() - ranked), answer["counts"]["matched"]);
    assert!(
        answer["assemblies"]["said"].as_str().unwrap().starts_with("best of all "),
        "{}",
        answer["assemblies"]["said"]
    );
}

#[tokio::test]
async fn a_hall_and_a_net_area_are_asked_of_the_set_as_a_whole() {
    let demo = Demo::open(GroundLimits::default()).await;
    let needs = json!([
        {"net_area": {"min": 60, "max": 140, "unit": "mu", "setback_m": 5}},
        {"fits": {"width_m": 150, "depth_m": 80, "setback_m": 5}}
    ]);
    let answer = demo.ask(Role::Public, &requirement(&json!({"needs": needs, "assemble": {"max_parcels": 3}})));
    assert!(!found(&answer).is_empty(), "{}", answer["assemblies"]);
    let view = demo.view(Role::Public);
    for item in found(&answer) {
        assert_eq!(item["gates"][1]["fit"]["said"], "fits");
        let codes = item["assembly"]["codes"].as_array().unwrap().iter();
        let net: f64 = codes
            .map(|code| view.net_area(code.as_str().unwrap(), 5.0).unwrap()["net_m2"].as_f64().unwrap())
            .sum();
        assert!((net - item["assembly"]["area_m2"].as_f64().unwrap()).abs() < 1e-6);
    }
}

#[tokio::test]
async fn owners_are_counted_for_those_who_may_see_them_and_never_named() {
    let demo = Demo::open(GroundLimits::default()).await;
    let snapshot = Demo::records().await;
    let owners: BTreeSet<String> = brute::records(&snapshot, "parcels")
        .iter()
        .filter_map(|record| match record.attributes.get("owner") {
            Some(Known::Text(owner)) => Some(owner.to_string()),
            _ => None,
        })
        .collect();
    assert!(owners.len() > 5);
    let asked = requirement(&json!({"needs": [
        {"attribute": "area", "min": 70, "max": 110, "unit": "mu"},
        {"net_area": {"min": 10, "unit": "mu"}},
        {"fits": {"width_m": 60, "depth_m": 40, "setback_m": 5}}
    ]}));
    for role in [Role::Public, Role::Staff] {
        let answer = demo.ask(role, &asked);
        let sets = found(&answer);
        assert!(!sets.is_empty());
        for item in sets {
            let owners = &item["assembly"]["owners"];
            assert!(
                if role == Role::Public {
                    owners.is_null()
                } else {
                    owners.as_u64().unwrap() >= 1
                },
                "{item}"
            );
        }
        let text = answer.to_string();
        let named = owners.iter().find(|owner| text.contains(owner.as_str()));
        assert_eq!(named, None);
    }
}

#[tokio::test]
async fn a_small_budget_is_said_and_too_many_parcels_are_refused() {
    let hasty = Demo::open(GroundLimits {
        assembly_sets: 200,
        ..GroundLimits::default()
    })
    .await;
    let answer = hasty.ask(Role::Public, &requirement(&json!({})));
    assert_eq!(answer["assemblies"]["said"], "best found");
    assert!(answer["assemblies"]["visited"].as_u64().unwrap() <= 200);
    let few = Demo::open(GroundLimits {
        assembly_parcels: 3,
        ..GroundLimits::default()
    })
    .await;
    assert!(matches!(
        few.try_ask(Role::Public, &requirement(&json!({}))),
        Err(SuitError::TooManyParcels { limit: 3, .. })
    ));
}
