//! Suitability: five gates and four wishes on all parcels.
use serde_json::{Value, json};
use zaiti::domain::ids::Revision;
use zaiti::domain::viewer::Role;
use zaiti::index::Snapshot;
use zaiti::inventory::suit;
use zaiti::suitability::requirement::{Limits, Requirement, Scope, parse};

use super::child::processor_seconds;
use super::line::{Line, quantile, seconds};
use super::parcels;
use super::place::Place;
use super::rival::{Rival, Said};

/// Carriers of the first measurement.
const CARRIERS: usize = 100_000;
const ROUNDS: usize = 41;
/// SQL is slower, and as steady after fewer.
const ROUNDS_SQL: usize = 11;

pub fn run(place: &Place) {
    let rival = Rival::start();
    let count = CARRIERS.min(place.options.parcels);
    medians(count, &rival);
    if place.options.parcels > CARRIERS {
        first(place.options.parcels, &rival);
    }
}

/// What is asked for beside the ranked list, and the goal for 100,000 carriers, milliseconds.
fn asked() -> [(&'static str, Value, Option<f64>); 3] {
    [
        ("counts and the best 20", json!([]), Some(10.0)),
        (
            "with facets, near misses, relaxations",
            json!(["near_misses", "relaxations", "facets"]),
            Some(40.0),
        ),
        (
            "with robustness too, as by default",
            json!(["near_misses", "relaxations", "facets", "robustness"]),
            Some(40.0),
        ),
    ]
}

fn medians(count: usize, rival: &Rival) {
    let snapshot = parcels::builder(count).finish(Revision(1));
    let [best, misses] = in_sql(&snapshot, count, rival);
    for (nth, (name, parts, goal)) in asked().into_iter().enumerate() {
        let requirement = read(&snapshot, &parts);
        let before_s = processor_seconds();
        let mut times: Vec<f64> = (0..ROUNDS).map(|_| ask(&snapshot, &requirement, &best)).collect();
        let processor_ms = (processor_seconds() - before_s) * 1e3 / ROUNDS as f64;
        times.sort_by(f64::total_cmp);
        let line = Line::cost(format!("{count} carriers, {name}, median"), quantile(&times, 0.5), "ms");
        let line = if nth == 0 {
            line.against("PostGIS, the same", best.median_ms)
        } else {
            line.against("PostGIS, who fails which gate", misses.median_ms)
        };
        goal.into_iter().fold(line, Line::goal).print();
        Line::cost("the same, processor time, mean", processor_ms, "ms").print();
    }
}

/// The first requirement that a process is asked, each time of a snapshot that nobody asked before.
fn first(count: usize, rival: &Rival) {
    let mut said = None;
    for (nth, (name, parts, _)) in asked().into_iter().enumerate() {
        let snapshot = parcels::builder(count).finish(Revision(1));
        let [best, misses] = said.get_or_insert_with(|| in_sql(&snapshot, count, rival));
        let requirement = read(&snapshot, &parts);
        let first_ms = ask(&snapshot, &requirement, best);
        let line = Line::cost(format!("{count} carriers, the first, {name}"), first_ms, "ms");
        if nth == 0 {
            line.against("PostGIS, the first", best.first_ms).goal(60.0).print();
        } else {
            line.against("PostGIS, who fails which gate", misses.first_ms).print();
        }
    }
}

/// Milliseconds; as many must match as SQL says.
fn ask(snapshot: &Snapshot, requirement: &Requirement, said: &Said) -> f64 {
    let (took_s, answer) = seconds(|| suit(snapshot, Role::Admin, requirement).unwrap());
    assert_eq!(answer.to_json()["counts"]["matched"], said.matched);
    took_s * 1e3
}

fn in_sql(snapshot: &Snapshot, count: usize, rival: &Rival) -> [Said; 2] {
    rival.ask(count, &uses(snapshot), ROUNDS_SQL)
}

fn uses(snapshot: &Snapshot) -> Vec<String> {
    // None of these four has others below it, so that SQL need not know the tree.
    let uses = parcels::uses(snapshot.catalogue());
    uses[4..8].iter().map(ToString::to_string).collect()
}

fn read(snapshot: &Snapshot, parts: &Value) -> Requirement {
    let limits = Limits::default();
    let scope = Scope {
        catalogue: snapshot.catalogue(),
        role: Role::Admin,
        limits: &limits,
    };
    let document = json!({
        "seeks": ["parcel"],
        "needs": [
            {"attribute": "area", "min": 1500, "max": 5000},
            {"attribute": "planned_use", "any_of": uses(snapshot)},
            {"attribute": "power_capacity", "min": 500},
            {"attribute": "price", "max": 1500},
            {"available_by": "2028-01-01"}
        ],
        "wishes": [
            {"attribute": "price", "worst": 2000, "best": 200, "weight": 4},
            {"attribute": "power_capacity", "worst": 0, "best": 5000, "weight": 3},
            {"attribute": "area", "target": 3000, "tolerance": 1500, "weight": 2},
            {"attribute": "plot_ratio", "worst": 1, "best": 2, "weight": 1}
        ],
        "parts": parts
    });
    parse(&scope, &document).unwrap_or_else(|faults| panic!("{faults:?}"))
}
