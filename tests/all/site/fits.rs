//! Halls on the demo park.
use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use zaiti::domain::viewer::Role;
use zaiti::inventory::{GroundLimits, SuitError};
use zaiti::suitability::fit::{Fit, Setback, Wanted};

use super::{Demo, brute};

fn seeking(needs: &Value) -> Value {
    json!({"seeks": ["parcel"], "needs": needs, "limit": 10_000})
}

/// What an answer says of the first need, by code, in all its lists.
fn said(answer: &Value) -> BTreeMap<String, Value> {
    let lists = ["results", "unknowns", "near_misses"].map(|list| answer[list].as_array().unwrap());
    let items = lists.into_iter().flatten();
    items
        .map(|item| (item["code"].as_str().unwrap().to_owned(), item["gates"][0].clone()))
        .collect()
}

#[tokio::test]
async fn the_gate_says_what_the_pure_functions_say_of_every_parcel() {
    let demo = Demo::open(GroundLimits::default()).await;
    let snapshot = Demo::records().await;
    let cases = [
        (
            json!({"width_m": 120, "depth_m": 60, "setback_m": 10}),
            Wanted::hall(120.0, 60.0),
            10.0,
            1.0,
        ),
        (
            json!({"width_m": 30, "depth_m": 200, "step_deg": 5}),
            Wanted::hall(30.0, 200.0),
            0.0,
            5.0,
        ),
        (
            json!({"width_m": 60, "depth_m": 40, "setback_m": 6, "halls": 2, "court_m": 35}),
            Wanted::two_halls(60.0, 40.0, 35.0),
            6.0,
            1.0,
        ),
    ];
    for (asked, wanted, setback_m, step_deg) in cases {
        let answer = demo.ask(Role::Public, &seeking(&json!([{"fits": asked}])));
        let expected = brute::fits(&snapshot, &wanted.unwrap(), &Setback::Uniform(setback_m), step_deg);
        let said = said(&answer);
        assert_eq!(said.len(), expected.len());
        let mut counts = [0; 3];
        for (code, fit) in &expected {
            let (state, words) = match fit {
                Some(Fit::Yes(_)) => ("pass", "fits".to_owned()),
                Some(Fit::No(_)) => ("fail", "does not fit".to_owned()),
                Some(Fit::NotFound { step_deg }) => ("fail", format!("not found at {step_deg} degree")),
                None => ("unknown", "unknown".to_owned()),
            };
            let gate = &said[code];
            assert_eq!((&gate["state"], &gate["fit"]["said"]), (&json!(state), &json!(words)), "{code}");
            counts[["pass", "fail", "unknown"].iter().position(|each| *each == state).unwrap()] += 1;
            if let Some(Fit::Yes(placement)) = fit {
                assert_eq!(gate["fit"]["angle_deg"], json!(placement.angle_deg), "{code}");
                assert_eq!(gate["fit"]["geometry"]["coordinates"][0].as_array().unwrap().len(), 5, "{code}");
            }
        }
        let [pass, fail, unknown] = counts;
        assert!(pass > 0 && fail > 0, "{asked}: {counts:?} shows nothing");
        assert_eq!(
            answer["counts"],
            json!({"sought": expected.len(), "matched": pass, "unknown": unknown, "excluded": fail, "near_misses": fail})
        );
    }
}

#[tokio::test]
async fn only_those_that_could_still_match_are_asked_and_counts_stay_exact() {
    let demo = Demo::open(GroundLimits::default()).await;
    let fits = json!({"fits": {"width_m": 120, "depth_m": 60, "setback_m": 10}});
    let others = json!([
        fits,
        {"attribute": "area", "min": 20, "max": 90, "unit": "mu"},
        {"attribute": "power_capacity", "min": 1, "unit": "MVA"}
    ]);
    let answer = demo.ask(Role::Public, &seeking(&others));
    let alone = |needs: &Value| -> BTreeMap<String, [Value; 1]> {
        let answer = demo.ask(Role::Public, &seeking(needs));
        said(&answer)
            .into_iter()
            .map(|(code, gate)| (code, [gate["state"].clone()]))
            .collect()
    };
    let each = [0, 1, 2].map(|at| alone(&json!([others[at]])));
    let (mut matched, mut unknown, mut near) = (0, 0, 0);
    for code in each[0].keys() {
        let states = [0, 1, 2].map(|at| each[at][code][0].as_str().unwrap());
        let failed = states.iter().filter(|state| **state == "fail").count();
        near += usize::from(failed == 1);
        if failed == 0 {
            if states.contains(&"unknown") {
                unknown += 1;
            } else {
                matched += 1;
            }
        }
    }
    let sought = each[0].len();
    assert!(matched > 0 && near > 0);
    assert_eq!(
        answer["counts"],
        json!({"sought": sought, "matched": matched, "unknown": unknown, "excluded": sought - matched - unknown, "near_misses": near})
    );
    let again = Demo::open(GroundLimits {
        threads: 1,
        ..GroundLimits::default()
    })
    .await;
    assert_eq!(again.ask(Role::Public, &seeking(&others)).to_string(), answer.to_string());
    assert_eq!(demo.ask(Role::Public, &seeking(&others)).to_string(), answer.to_string());
}

#[tokio::test]
async fn a_near_miss_says_how_large_a_hall_would_fit() {
    let demo = Demo::open(GroundLimits::default()).await;
    let fits = |width: f64, depth: f64| seeking(&json!([{"fits": {"width_m": width, "depth_m": depth, "setback_m": 8}}]));
    let (width, depth) = (200.0, 100.0);
    let mut requirement = fits(width, depth);
    let all = demo.ask(Role::Public, &requirement);
    let misses = all["near_misses"].as_array().unwrap();
    let gaps: Vec<f64> = misses.iter().filter_map(|miss| miss["failed"]["gap"].as_f64()).collect();
    assert!(gaps.len() > 10 && gaps.is_sorted(), "{gaps:?}");
    for miss in misses.iter().take(12) {
        let failed = &miss["failed"];
        assert_eq!((&failed["unit"], &failed["bound"]["width_m"]), (&json!("m"), &json!(width)));
        let share = failed["value"]["width_m"].as_f64().unwrap() / width;
        assert!((failed["gap"].as_f64().unwrap() - width * (1.0 - share)).abs() < 1e-6);
        // So large a hall really fits.
        let smaller = demo.ask(Role::Public, &fits(width * share * 0.999, depth * share * 0.999));
        let codes: Vec<_> = smaller["results"].as_array().unwrap().iter().map(|item| &item["code"]).collect();
        assert!(codes.contains(&&miss["code"]), "{miss}");
    }
    // A short list has the same first ones as the whole one: nothing that misses less was left out.
    requirement["limit"] = json!(3);
    let first = demo.ask(Role::Public, &requirement);
    let codes = |answer: &Value| -> Vec<Value> {
        let misses = answer["near_misses"].as_array().unwrap();
        misses.iter().take(3).map(|miss| miss["code"].clone()).collect()
    };
    assert_eq!(codes(&first), codes(&all));
}

#[tokio::test]
async fn buildings_are_asked_for_one_hall_and_units_never() {
    let demo = Demo::open(GroundLimits::default()).await;
    let seeks = json!(["parcel", "building", "unit"]);
    let ask = |fits: Value| demo.ask(Role::Public, &json!({"seeks": seeks, "needs": [{"fits": fits}], "limit": 10_000}));
    let one = ask(json!({"width_m": 40, "depth_m": 20}));
    assert_eq!(one["gates"][0]["not_asked_of"], json!(["units"]));
    let of = |answer: &Value, collection: &str, state: &str| {
        let results = answer["results"].as_array().unwrap().iter();
        results
            .filter(|item| item["collection"] == collection && item["gates"][0]["state"] == state)
            .count()
    };
    assert!(of(&one, "buildings", "pass") > 0 && of(&one, "units", "not_asked") > 0 && of(&one, "units", "pass") == 0);
    let two = ask(json!({"width_m": 40, "depth_m": 20, "halls": 2, "court_m": 30}));
    assert_eq!(two["gates"][0]["not_asked_of"], json!(["buildings", "units"]));
}

#[tokio::test]
async fn setbacks_of_each_edge_suit_only_parcels_of_so_many_edges() {
    let demo = Demo::open(GroundLimits::default()).await;
    let answer = demo.ask(
        Role::Public,
        &seeking(&json!([{"fits": {"width_m": 20, "depth_m": 20, "setback_m": [10, 5, 5, 5]}}])),
    );
    let said = said(&answer);
    let states = |state: &str| said.values().filter(|gate| gate["state"] == state).count();
    assert!(states("pass") > 0 && states("unknown") > 0, "{}", answer["counts"]);
    let unknown = said.values().find(|gate| gate["state"] == "unknown").unwrap();
    assert!(
        unknown["fit"]["why"].as_str().unwrap().starts_with("4 setbacks were given"),
        "{unknown}"
    );
}

#[tokio::test]
async fn limits_refuse_rather_than_leave_out() {
    let requirement = seeking(&json!([{"fits": {"width_m": 120, "depth_m": 60}}]));
    let few = Demo::open(GroundLimits {
        candidates: 10,
        ..GroundLimits::default()
    })
    .await;
    match few.try_ask(Role::Public, &requirement).unwrap_err() {
        SuitError::TooManyCandidates { path, given, limit } => {
            assert_eq!((path.as_str(), limit), ("needs[0]", 10));
            assert!(given > 100);
        }
        other => panic!("{other}"),
    }
    let hasty = Demo::open(GroundLimits {
        time: Duration::ZERO,
        ..GroundLimits::default()
    })
    .await;
    assert!(matches!(
        hasty.try_ask(Role::Public, &requirement),
        Err(SuitError::TookTooLong { limit_ms: 0 })
    ));
    // What asks no ground is not limited.
    let plain = seeking(&json!([{"attribute": "area", "min": 1}]));
    assert!(few.try_ask(Role::Public, &plain).is_ok() && hasty.try_ask(Role::Public, &plain).is_ok());
}

#[tokio::test]
async fn hostile_documents_are_refused_with_the_place() {
    let demo = Demo::open(GroundLimits::default()).await;
    let hall = |extra: &Value| {
        let mut fits = json!({"width_m": 100, "depth_m": 50});
        fits.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        json!({"needs": [{"fits": fits}]})
    };
    let area = json!({"attribute": "area", "min": 1000});
    let cases = [
        (hall(&json!({"width_m": "NaN"})), "needs[0].fits.width_m: "),
        (hall(&json!({"width_m": -1})), "needs[0].fits.width_m: "),
        (hall(&json!({"width_m": 1e300})), "needs[0].fits.width_m: "),
        (hall(&json!({"depth_m": 0})), "needs[0].fits.depth_m: "),
        (hall(&json!({"setback_m": -0.1})), "needs[0].fits.setback_m: "),
        (hall(&json!({"setback_m": [1, -1]})), "needs[0].fits.setback_m[1]: "),
        (hall(&json!({"setback_m": vec![1; 1000]})), "needs[0].fits.setback_m: "),
        (hall(&json!({"halls": 3})), "needs[0].fits.halls: "),
        (hall(&json!({"court_m": 30})), "needs[0].fits.court_m: "),
        (hall(&json!({"step_deg": 0})), "needs[0].fits.step_deg: "),
        (hall(&json!({"turn": 1})), "needs[0].fits.turn: "),
        (
            json!({"seeks": ["unit"], "needs": [{"fits": {"width_m": 9, "depth_m": 9}}]}),
            "needs[0]: ",
        ),
        (json!({"needs": [{"net_area": {"unit": "mu"}}]}), "needs[0].net_area: "),
        (json!({"needs": [{"net_area": {"min": 5, "max": 1}}]}), "needs[0].net_area.max: "),
        (
            json!({"needs": [{"net_area": {"min": 5, "unit": "kVA"}}]}),
            "needs[0].net_area.unit: ",
        ),
        (
            json!({"needs": [{"net_area": {"min": 5, "setback_m": 1e9}}]}),
            "needs[0].net_area.setback_m: ",
        ),
        (json!({"wishes": [{"net_area": 1, "worst": 0, "best": 1}]}), "wishes[0].net_area: "),
        (json!({"wishes": [{"net_area": true, "worst": 1, "best": 1}]}), "wishes[0].best: "),
        (json!({"assemble": {}}), "assemble: "),
        (json!({"needs": [{"attribute": "area", "max": 9}], "assemble": {}}), "assemble: "),
        (json!({"seeks": ["unit"], "assemble": {}}), "assemble: "),
        (json!({"needs": [area], "assemble": {"max_parcels": 13}}), "assemble.max_parcels: "),
        (json!({"needs": [area], "assemble": {"gap_m": -1}}), "assemble.gap_m: "),
        (
            json!({"needs": [area], "assemble": {"shared_edge_m": 0}}),
            "assemble.shared_edge_m: ",
        ),
    ];
    for (requirement, start) in cases {
        let faults = demo.faults(&requirement);
        assert!(faults[0].starts_with(start), "{requirement}: {faults:?}");
    }
}
