//! Net areas of the demo park beside those of PostGIS, and as needs and wishes.
use std::fmt::Write as _;

use geo_types::{LineString, MultiPolygon, Polygon};
use serde_json::{Value, json};
use zaiti::domain::geometry::Shape;
use zaiti::domain::viewer::Role;
use zaiti::inventory::GroundLimits;

use super::{Demo, brute};
use crate::support::postgres::database;

/// Square metres in a mu.
const MU_M2: f64 = 2000.0 / 3.0;

fn text(ground: &MultiPolygon<f64>) -> String {
    let ring = |ring: &LineString<f64>| {
        let coords: Vec<String> = ring.0.iter().map(|at| format!("{} {}", at.x, at.y)).collect();
        format!("({})", coords.join(","))
    };
    let part = |part: &Polygon<f64>| {
        let rings: Vec<String> = std::iter::once(part.exterior()).chain(part.interiors()).map(ring).collect();
        format!("({})", rings.join(","))
    };
    let parts: Vec<String> = ground.iter().map(part).collect();
    format!("'MULTIPOLYGON({})'::geometry", parts.join(","))
}

#[tokio::test(flavor = "multi_thread")]
async fn net_areas_of_the_demo_park_are_those_of_postgis() {
    let demo = Demo::open(GroundLimits::default()).await;
    let snapshot = Demo::records().await;
    let database = database();
    let view = demo.view(Role::Public);
    let parcels = brute::records(&snapshot, "parcels");
    let mut cut = 0;
    for portion in parcels.chunks(40) {
        let with_ground: Vec<_> = portion.iter().filter_map(|record| Some((record, brute::ground(record)?))).collect();
        let mut sql = String::from("SELECT ST_Area(p), ST_Area(ST_Difference(p, u)) FROM (VALUES ");
        for (nth, (_, (plane, ground))) in with_ground.iter().enumerate() {
            let shapes = brute::hard_layers(&snapshot, *plane).into_iter().flat_map(|layer| layer.shapes);
            let zones: Vec<String> = shapes
                .map(|shape| match shape {
                    Shape::Polygons(polygons) => text(&polygons),
                    other => panic!("without a buffer {other:?} takes nothing, and the demo has none"),
                })
                .collect();
            let comma = if nth == 0 { "" } else { ", " };
            write!(sql, "{comma}({nth}, {}, ST_Union(ARRAY[{}]))", text(ground), zones.join(", ")).unwrap();
        }
        sql.push_str(") AS v(n, p, u) ORDER BY n");
        let printed = database.sql(&sql);
        assert_eq!(printed.lines().count(), with_ground.len());
        for ((record, _), line) in with_ground.iter().zip(printed.lines()) {
            let [gross, net] = line.split('|').map(|area| area.parse::<f64>().unwrap()).collect::<Vec<_>>()[..] else {
                panic!("{line}")
            };
            let found = view.net_area(&record.code, 0.0).unwrap();
            let area = |key: &str| found[key].as_f64().unwrap();
            assert!((area("gross_m2") - gross).abs() <= 1e-6 * gross, "{}: {gross}", record.code);
            assert!((area("net_m2") - net).abs() <= 1e-6 * gross, "{}: {net}, {found}", record.code);
            cut += usize::from(net < gross - 1.0);
        }
    }
    assert!(cut >= 3, "only {cut} parcels are cut by a hard layer");
}

#[tokio::test]
async fn needs_and_wishes_see_the_same_net_area_as_the_waterfall() {
    let demo = Demo::open(GroundLimits::default()).await;
    let view = demo.view(Role::Public);
    let requirement = json!({
        "seeks": ["parcel"], "limit": 10_000,
        "needs": [{"net_area": {"min": 20, "max": 60, "unit": "mu", "setback_m": 5}}],
        "wishes": [{"net_area": {"setback_m": 5}, "worst": 20, "best": 60, "unit": "mu", "weight": 1}]
    });
    let answer = demo.ask(Role::Public, &requirement);
    let lists = ["results", "unknowns", "near_misses"].map(|list| answer[list].as_array().unwrap());
    let mut passed = 0;
    for item in lists.into_iter().flatten() {
        let code = item["code"].as_str().unwrap();
        let waterfall = view.net_area(code, 5.0).unwrap();
        let net_mu = waterfall["net_m2"].as_f64().map(|m2| m2 / MU_M2);
        let (gate, point) = (&item["gates"][0], &item["points"][0]);
        let Some(net_mu) = net_mu else {
            assert_eq!((&gate["state"], &point["state"]), (&json!("unknown"), &json!("unknown")));
            continue;
        };
        let near = |value: &Value, expected: f64| assert!((value.as_f64().unwrap() - expected).abs() < 1e-9 * expected.max(1.0), "{item}");
        near(&gate["value"], net_mu);
        near(&point["value"], net_mu);
        near(&point["worth"], ((net_mu - 20.0) / 40.0).clamp(0.0, 1.0));
        let within = (20.0..=60.0).contains(&net_mu);
        assert_eq!(gate["state"], if within { "pass" } else { "fail" });
        passed += usize::from(within);
        if !within {
            let gap = if net_mu < 20.0 { 20.0 - net_mu } else { net_mu - 60.0 };
            near(&item["failed"]["gap"], gap);
            assert_eq!(item["failed"]["unit"], "mu");
        }
        let shares = waterfall["shares"].as_array().unwrap();
        let steps: f64 = shares.iter().map(|share| share["step_m2"].as_f64().unwrap()).sum();
        near(&waterfall["gross_m2"], waterfall["net_m2"].as_f64().unwrap() + steps);
        assert_eq!(shares[0]["taker"], "setback");
        assert!(shares[1]["layer"].is_string() && shares[1]["date"].is_string(), "{waterfall}");
    }
    assert!(passed > 10);
    assert_eq!(answer["counts"]["matched"], json!(passed));
    // Asked again, from what is kept.
    assert_eq!(demo.ask(Role::Public, &requirement).to_string(), answer.to_string());
    assert!(view.net_area("no such code", 0.0).is_none());
}
