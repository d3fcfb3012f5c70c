//! Suitability: five gates and four wishes on all parcels.
use std::time::Instant;

use serde_json::{Value, json};
use zaiti::domain::ids::Revision;
use zaiti::domain::viewer::Role;
use zaiti::index::Snapshot;
use zaiti::inventory::suit;
use zaiti::suitability::requirement::{Limits, Requirement, Scope, parse};

use super::line::{Line, quantile};
use super::parcels;
use super::place::Place;

/// Carriers of the first measurement.
const CARRIERS: usize = 100_000;
const ROUNDS: usize = 25;

pub fn run(place: &Place) {
    let snapshot = parcels::builder(CARRIERS.min(place.options.parcels)).finish(Revision(1));
    measure("100,000 carriers", &snapshot, [10.0, 40.0]);
    if place.options.parcels > CARRIERS {
        let snapshot = parcels::builder(place.options.parcels).finish(Revision(1));
        let requirement = read(&snapshot, &json!([]));
        let start = Instant::now();
        let answer = suit(&snapshot, Role::Admin, &requirement).unwrap();
        let first_ms = start.elapsed().as_secs_f64() * 1e3;
        std::hint::black_box(answer);
        Line::cost(format!("{} carriers, the first requirement", place.options.parcels), first_ms, "ms")
            .goal(60.0)
            .print();
    }
}

fn measure(what: &str, snapshot: &Snapshot, [plain, whole]: [f64; 2]) {
    let everything = json!(["near_misses", "relaxations", "facets"]);
    for (name, parts, goal) in [
        ("results", json!([]), Some(plain)),
        ("with facets", json!(["facets"]), None),
        ("with near misses", json!(["near_misses"]), None),
        ("with relaxations", json!(["relaxations"]), None),
        ("with facets, near misses, relaxations", everything, Some(whole)),
    ] {
        let requirement = read(snapshot, &parts);
        let mut times: Vec<f64> = (0..ROUNDS)
            .map(|_| {
                let start = Instant::now();
                std::hint::black_box(suit(snapshot, Role::Admin, &requirement).unwrap());
                start.elapsed().as_secs_f64() * 1e3
            })
            .collect();
        times.sort_by(f64::total_cmp);
        let name = format!("{what}, five gates and four wishes, {name}, median");
        let line = Line::cost(name, quantile(&times, 0.5), "ms");
        match goal {
            Some(goal) => line.goal(goal).print(),
            None => line.print(),
        }
    }
}

fn read(snapshot: &Snapshot, parts: &Value) -> Requirement {
    let limits = Limits::default();
    let scope = Scope {
        catalogue: snapshot.catalogue(),
        role: Role::Admin,
        limits: &limits,
    };
    let uses: Vec<_> = parcels::uses(snapshot.catalogue()).into_iter().take(4).collect();
    let document = json!({
        "seeks": ["parcel"],
        "needs": [
            {"attribute": "area", "min": 1500, "max": 5000},
            {"attribute": "planned_use", "any_of": uses},
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
