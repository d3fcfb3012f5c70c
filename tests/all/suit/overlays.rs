//! How carriers lie to overlays: distances to the shapes, buffers, and rules for some industries.
use std::sync::Arc;

use geo::{Distance, Geodesic};
use geo_types::{Geometry, MultiPoint, Point, Rect, point};
use serde_json::{Value as Json, json};
use zaiti::domain::catalogue::{Catalogue, Collection, Effect, Overlay};
use zaiti::domain::geometry::{Shape, canonical};
use zaiti::domain::ids::{AttributeKey, Revision};
use zaiti::domain::names::Names;
use zaiti::domain::record::Record;
use zaiti::domain::value::Value;
use zaiti::domain::viewer::Role;
use zaiti::index::Snapshot;
use zaiti::inventory::suit;
use zaiti::suitability::requirement::{Limits, Scope, parse};

use crate::index::world::World;

/// A square of a thousandth of a degree: some 95 by 111 m.
fn square(west: f64, south: f64, side: f64) -> Shape {
    let square = Rect::new((west, south), (west + side, south + side)).to_polygon();
    canonical(Geometry::from(square)).unwrap().shape
}

fn catalogue() -> Catalogue {
    let overlay = |key: &str, effect, buffer_m| {
        let collection = Collection {
            key: key.into(),
            names: Names::default(),
            overlay: Some(Overlay {
                effect,
                buffer_m,
                source: "made up".into(),
                base_map: false,
            }),
        };
        (collection, vec![("industries".to_owned(), "industries".to_owned())])
    };
    Catalogue::builtin().unwrap().with_overlays(&[
        overlay("strip", Effect::Restrict, 0.0),
        overlay("line", Effect::Exclude, 50.0),
        overlay("ramps", Effect::Info, 0.0),
    ])
}

fn record(world: &mut World, (collection, code): (&str, &str), shape: Shape) -> Record {
    let mut record = world.record();
    record.attributes.clear();
    record.provenance.clear();
    record.collection = collection.into();
    record.code = code.into();
    record.geometry = shape;
    record
}

fn park() -> Snapshot {
    let mut world = World::new(5);
    let mut make = |place, shape| record(&mut world, place, shape);
    let mut records = vec![
        make(("parcels", "P-IN"), square(121.0, 31.9, 0.001)),
        make(("parcels", "P-EDGE"), square(121.01, 31.9, 0.001)),
        make(("parcels", "P-HALF"), square(121.0095, 31.905, 0.001)),
        make(("parcels", "P-OUT"), square(121.02, 31.9, 0.001)),
        make(("parcels", "P-NOWHERE"), Shape::None),
        make(("strip", "S-1"), square(120.99, 31.89, 0.02)),
        make(("line", "L-1"), square(121.0213, 31.9, 0.001)),
        make(("ramps", "R-1"), Shape::Points(MultiPoint(vec![Point::new(121.03, 31.9005)]))),
    ];
    let rule = AttributeKey::from("industries");
    records[5].attributes.insert(rule, Value::Text("C25,C26".into()));
    let records: Vec<_> = records.into_iter().map(Arc::new).collect();
    Snapshot::empty(Arc::new(catalogue())).apply(Revision(1), &records)
}

fn ask(snapshot: &Snapshot, json: &Json) -> Json {
    let limits = Limits::default();
    let scope = Scope {
        catalogue: snapshot.catalogue(),
        role: Role::Public,
        limits: &limits,
    };
    let requirement = parse(&scope, json).unwrap_or_else(|faults| panic!("{faults:?}"));
    suit(snapshot, Role::Public, &requirement).to_json().clone()
}

fn matched(snapshot: &Snapshot, need: &Json, industry: Option<&str>) -> Vec<String> {
    let mut json = json!({"seeks": ["parcel"], "needs": [need]});
    if let Some(industry) = industry {
        json["industry"] = json!(industry);
    }
    let answer = ask(snapshot, &json);
    assert_eq!(answer["unknowns"][0]["code"], "P-NOWHERE");
    let mut codes: Vec<_> = answer["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["code"].as_str().unwrap().to_owned())
        .collect();
    codes.sort();
    codes
}

#[test]
fn rules_hold_for_their_industries_and_buffers_are_kept() {
    let park = park();
    let (outside, inside) = (json!({"outside": {"overlay": "strip"}}), json!({"inside": {"overlay": "strip"}}));
    // The edge only touches the strip.
    assert_eq!(matched(&park, &outside, Some("C26")), ["P-EDGE", "P-OUT"]);
    assert_eq!(matched(&park, &outside, None), ["P-EDGE", "P-OUT"]);
    assert_eq!(matched(&park, &outside, Some("C39")), ["P-EDGE", "P-HALF", "P-IN", "P-OUT"]);
    assert_eq!(matched(&park, &inside, None), ["P-IN"]);
    // 28 m from the line, whose buffer is 50 m.
    assert_eq!(
        matched(&park, &json!({"outside": {"overlay": "line"}}), Some("C39")),
        ["P-EDGE", "P-HALF", "P-IN"]
    );
    let misses = ask(&park, &json!({"seeks": ["parcel"], "needs": [outside], "industry": "C26"}));
    let half = &misses["near_misses"][0];
    assert_eq!(half["code"], "P-HALF");
    assert!((half["failed"]["value"].as_f64().unwrap() - 0.5).abs() < 0.01, "{half}");
}

#[test]
fn distances_are_measured_to_the_border_and_can_be_relaxed() {
    let park = park();
    let expected = Geodesic.distance(point!(x: 121.021, y: 31.9005), point!(x: 121.03, y: 31.9005));
    let requirement = |max_m: f64| {
        json!({"seeks": ["parcel"], "needs": [{"distance": {"overlay": "ramps", "max_m": max_m}}],
               "wishes": [{"distance": {"overlay": "ramps"}, "worst_m": 2000, "best_m": 0}]})
    };
    let answer = ask(&park, &requirement(expected + 0.01));
    assert_eq!(answer["counts"]["matched"], 1);
    let value = answer["results"][0]["points"][0]["value"].as_f64().unwrap();
    assert!((value - expected).abs() < 1e-3, "{value} {expected}");
    let nearer = ask(&park, &requirement(expected - 0.01));
    assert_eq!(nearer["counts"]["matched"], 0);
    let offer = &nearer["relaxations"][0];
    assert_eq!((&offer["member"], &offer["adds"]), (&json!("needs[0].distance.max_m"), &json!(1)));
    assert_eq!(ask(&park, &requirement(offer["to"].as_f64().unwrap()))["counts"]["matched"], 1);
}
