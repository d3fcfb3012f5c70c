//! Halls, net areas and sets of parcels: what asks the ground.
use std::sync::Arc;

use serde_json::{Value, json};
use zaiti::domain::geometry::Plane;
use zaiti::domain::viewer::{Role, Viewer};
use zaiti::inventory::View;
use zaiti::suitability::fit::{Search, Setback, Site, Wanted};
use zaiti::suitability::requirement::Limits;

use super::child::processor_seconds;
use super::line::{Line, each_us, quantile, seconds};
use super::parcels;
use super::place::Place;

/// Parcels that a hall is asked of.
const CANDIDATES: usize = 10_000;
/// Parcels of which two in five can be had.
const PARK: usize = 5_000;

pub fn run(place: &Place) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let view = |count: usize| -> View {
        let path = place.path(&format!("site_{count}.gpkg"));
        super::store::fill(&path, count);
        let inventory: Arc<_> = runtime.block_on(super::store::open(&path));
        inventory.view(&Viewer {
            role: Role::Public,
            account: None,
        })
    };
    halls(&view(CANDIDATES));
    sets(&view(PARK));
    one_by_one();
}

fn ask(view: &View, requirement: &Value) -> (f64, Value) {
    let requirement = view.requirement(requirement, &Limits::default()).unwrap();
    let (took_s, answer) = seconds(|| view.suit(&requirement).unwrap());
    (took_s, answer.to_json().clone())
}

fn halls(view: &View) {
    let needs = json!([{"fits": {"width_m": 55, "depth_m": 35, "setback_m": 5}}]);
    let gate = json!({"seeks": ["parcel"], "parts": [], "needs": needs});
    let before_s = processor_seconds();
    let (first_s, answer) = ask(view, &gate);
    let processor_s = processor_seconds() - before_s;
    let (again_s, _) = ask(view, &gate);
    let matched = &answer["counts"]["matched"];
    Line::cost(
        format!("a hall on {CANDIDATES} parcels, {matched} take it, first time"),
        first_s,
        "s",
    )
    .goal(1.5)
    .print();
    Line::cost("the same, first time, processor time of all threads", processor_s, "s").print();
    Line::cost("the same, outlines kept", again_s, "s").goal(1.5).print();
    let (near_s, _) = ask(view, &json!({"seeks": ["parcel"], "parts": ["near_misses"], "needs": needs}));
    Line::cost("the same with the largest hall of 20 near misses", near_s, "s").print();
    let net = json!({"seeks": ["parcel"], "parts": [], "needs": [{"net_area": {"min": 3, "unit": "mu", "setback_m": 5}}]});
    let (first_s, _) = ask(view, &net);
    let (again_s, _) = ask(view, &net);
    Line::cost(format!("net area of {CANDIDATES} parcels"), first_s, "s")
        .against("from what is kept", again_s)
        .print();
}

fn sets(view: &View) {
    let requirement = json!({
        "seeks": ["parcel"], "parts": [],
        "needs": [{"attribute": "area", "min": 12, "max": 20, "unit": "mu"}, {"attribute": "status", "any_of": ["AVAILABLE", "PLANNED"]}],
        "assemble": {"max_parcels": 4, "gap_m": 20}
    });
    let (took_s, answer) = ask(view, &requirement);
    let (parcels, said) = (&answer["assemblies"]["parcels"], &answer["assemblies"]["said"]);
    Line::cost(format!("sets of up to 4 among {parcels} parcels, {said}"), took_s * 1e3, "ms")
        .goal(500.0)
        .print();
}

/// One parcel after the other, without prefilter.
fn one_by_one() {
    let mut grounds = Vec::new();
    parcels::each(1_000, |record| {
        let plane = Plane::around(&record.geometry).unwrap();
        grounds.push(plane.ground(&record.geometry));
    });
    let (wanted, search) = (Wanted::hall(55.0, 35.0).unwrap(), Search::default());
    let times = each_us(&grounds, |ground| {
        let site = Site::new(ground, &Setback::Uniform(5.0), &[]).unwrap();
        std::hint::black_box(site.fit(&wanted, &search));
    });
    Line::cost("a hall on one parcel of 12 corners, median", quantile(&times, 0.5) / 1e3, "ms")
        .goal(1.0)
        .print();
    Line::cost("the same, p99", quantile(&times, 0.99) / 1e3, "ms").print();
}
