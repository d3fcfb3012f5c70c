//! Searching: every parameter against a plain look through all rows, alone and together.
use geo::{Intersects, polygon};
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};
use zaiti::domain::catalogue::Catalogue;

use super::oracle::{Question, Row, is_within, questions, rows};
use crate::support::client::{Client, coded};
use crate::support::park::{CORNER, Park, STEP, corners};
use crate::support::service::{Kind, Place, Server};

on_both_stores!(every_parameter_means_what_it_says, places_are_found);

/// Records of each collection; more than a block of the index for one of them.
const SIZES: [(&str, usize); 3] = [("parcels", 300), ("buildings", 60), ("units", 60)];

/// A server that has read a park from its store, and a client that sees all of it.
pub fn filled(place: &Place) -> (Server, Client) {
    let token = place.token("admin");
    let server = place.serve();
    let mut park = Park::new(42);
    for (collection, count) in SIZES {
        server.with(&token).apply(&park.records(collection, count));
    }
    drop(server);
    let server = place.serve();
    let client = server.with(&token);
    (server, client)
}

fn count(client: &Client, collection: &str, query: &str) -> usize {
    let page = client.get(&format!("/api/v1/search?collection={collection}&limit=1&geometry=none&{query}"));
    assert_eq!(page.status, 200, "{query}: {}", page.text());
    usize::try_from(page.json()["numberMatched"].as_u64().unwrap()).unwrap()
}

fn every_parameter_means_what_it_says(kind: Kind) {
    let place = Place::new(kind);
    let (_server, client) = filled(&place);
    let catalogue = Catalogue::builtin().unwrap();
    let mut random = ChaCha8Rng::seed_from_u64(4);
    for (collection, _) in SIZES {
        let rows = rows(&client, collection);
        let mut asked: Vec<(String, Question)> = Vec::new();
        for attribute in catalogue.attributes_of(collection) {
            for question in questions(&catalogue, attribute, &rows) {
                let expected = rows.iter().filter(|row| (question.passes)(row)).count();
                assert_eq!(
                    count(&client, collection, &question.query),
                    expected,
                    "{collection} {}",
                    question.query
                );
                asked.push((attribute.key.to_string(), question));
            }
        }
        assert!(asked.len() > 150, "{}", asked.len());
        for _ in 0..60 {
            together((&client, collection), &rows, &asked, &mut random);
        }
    }
}

/// Several conditions on different attributes.
fn together((client, collection): (&Client, &str), rows: &[Row], asked: &[(String, Question)], random: &mut ChaCha8Rng) {
    let size = random.random_range(2..5);
    let mut chosen: Vec<&(String, Question)> = Vec::new();
    while chosen.len() < size {
        let next = asked.choose(random).unwrap();
        if chosen.iter().all(|(key, _)| *key != next.0) {
            chosen.push(next);
        }
    }
    let query: Vec<_> = chosen.iter().map(|(_, question)| question.query.as_str()).collect();
    let expected = rows
        .iter()
        .filter(|row| chosen.iter().all(|(_, question)| (question.passes)(row)))
        .count();
    assert_eq!(count(client, collection, &query.join("&")), expected, "{query:?}");
}

/// Numbers in the grid of those whose outline passes.
fn grid(passes: impl Fn([f64; 4]) -> bool) -> usize {
    (0..SIZES[0].1).filter(|at| passes(corners(*at))).count()
}

fn places_are_found(kind: Kind) {
    let place = Place::new(kind);
    let (_server, client) = filled(&place);
    let near = |query: &str| count(&client, "parcels", query);
    let [west, south] = CORNER;
    for (a, b, c, d) in [
        (0.5, 0.5, 3.5, 2.5),
        (0.0, 0.0, 20.0, 15.0),
        (4.9, 4.9, 4.95, 4.95),
        (2.0, 2.0, 2.0, 2.0),
    ] {
        let around = [west + a * STEP, south + b * STEP, west + c * STEP, south + d * STEP];
        let [w, s, e, n] = around.map(|degrees| (degrees * 1e6).round() / 1e6);
        let expected = grid(|corner| corner[0] <= e && corner[2] >= w && corner[1] <= n && corner[3] >= s);
        assert_eq!(near(&format!("bbox={w},{s},{e},{n}")), expected, "{w},{s},{e},{n}");
    }
    let at = |right: f64, up: f64| (west + right * STEP, south + up * STEP);
    let [first, second, third] = [at(0.3, 0.3), at(9.7, 2.1), at(4.2, 11.6)];
    let triangle = polygon![(x: first.0, y: first.1), (x: second.0, y: second.1), (x: third.0, y: third.1)];
    let expected = grid(|[w, s, e, n]| triangle.intersects(&polygon![(x: w, y: s), (x: e, y: s), (x: e, y: n), (x: w, y: n)]));
    assert!(expected > 20);
    let wkt = format!(
        "POLYGON(({} {}, {} {}, {} {}, {} {}))",
        first.0, first.1, second.0, second.1, third.0, third.1, first.0, first.1
    );
    let geojson =
        json!({"type": "Polygon", "coordinates": [[[first.0, first.1], [second.0, second.1], [third.0, third.1], [first.0, first.1]]]});
    assert_eq!(near(&format!("within={}", coded(&wkt))), expected);
    assert_eq!(near(&format!("within={}", coded(&geojson.to_string()))), expected);
    // On so small a piece of ground a plane is right to a hundredth; the count must lie between both.
    let (lon, lat) = at(6.35, 5.15);
    for radius_m in [5.0, 60.0, 333.0, 900.0] {
        let within = |radius_m: f64| {
            grid(|[w, s, e, n]| {
                let (x, y) = (lon.clamp(w, e) - lon, lat.clamp(s, n) - lat);
                let metre = 6_371_000.0_f64.to_radians();
                (x * metre * lat.to_radians().cos()).hypot(y * metre) <= radius_m
            })
        };
        let found = near(&format!("near={lon},{lat}&radius_m={radius_m}"));
        assert!(
            (within(radius_m * 0.99)..=within(radius_m * 1.01)).contains(&found),
            "{radius_m} m: {found}"
        );
    }
    assert_eq!(near("q=p-00"), 100);
    assert_eq!(
        near("q=P-0001%20gamma") + near("q=P-0001&name_unknown=only"),
        near("q=P-0001"),
        "words are looked for in code and texts together"
    );
}

#[test]
fn the_words_of_the_trade_mean_what_they_say() {
    let place = Place::new(Kind::GeoPackage);
    let (_server, client) = filled(&place);
    let catalogue = Catalogue::builtin().unwrap();
    let rows = rows(&client, "parcels");
    let by = |passes: &dyn Fn(&Row) -> bool| rows.iter().filter(|row| passes(row)).count();
    let found = |query: &str| count(&client, "parcels", query);
    // 1 mu is 2000/3 m2, 1 ha is 10,000 m2.
    let area = |row: &Row| row.get("area").and_then(Value::as_f64);
    for (query, low, high) in [
        ("area_min=0.5&area_max=10&area_unit=mu", 1000.0 / 3.0, 20_000.0 / 3.0),
        ("area_max=0.6&area_unit=ha", 0.0, 6_000.0),
        ("area_min=500&area_unit=m2", 500.0, f64::MAX),
    ] {
        assert_eq!(
            found(query),
            by(&|row| area(row).is_some_and(|area| (low..=high).contains(&area))),
            "{query}"
        );
    }
    let guide = catalogue.list("guide2023").unwrap();
    let within = |row: &Row, above: &[&str]| {
        row.get("planned_use")
            .is_some_and(|code| above.iter().any(|above| is_within(guide, code.as_str().unwrap(), above)))
    };
    for (query, codes) in [
        ("planned_use=10", &["10"][..]),
        ("planned_use=1001", &["1001"]),
        ("planned_use=100101,0802", &["100101", "0802"]),
        ("planned_use=M&planned_use_scheme=gb50137", &["1001"]),
        ("planned_use=M1&planned_use_scheme=gb50137", &["100101"]),
        ("planned_use=0601&planned_use_scheme=gbt21010", &["1001"]),
    ] {
        let expected = by(&|row| within(row, codes));
        assert!(expected > 0, "{query}");
        assert_eq!(found(query), expected, "{query}");
    }
    // The same digits are a country road in the guide itself, which is no planned use to ask for.
    let refused = client.get("/api/v1/search?collection=parcels&planned_use=M");
    assert!(refused.problem(400, "bad-parameter")["expected"].as_str().unwrap().len() > 10);
    for day in ["2021-06-15", "2025-01-01", "2029-12-31"] {
        assert_eq!(found(&format!("available_by={day}")), by(&|row| is_available_by(row, day)), "{day}");
    }
}

fn is_available_by(row: &Row, day: &str) -> bool {
    let text = |key: &str| row.get(key).and_then(Value::as_str);
    let from = text("available_from");
    let now = from.is_none_or(|from| from <= day);
    match text("status") {
        Some("AVAILABLE") => now,
        Some("PLANNED" | "ACQUIRED" | "REDEVELOP") => from.is_some_and(|from| from <= day),
        Some("HELD") => now && text("hold_until").is_some_and(|until| until <= day),
        _ => false,
    }
}

/// Query, kind of the problem, the parameter it is about, and a piece of what it says is expected.
#[rustfmt::skip]
const REFUSED: [(&str, &str, &str, &str); 27] = [
    ("", "missing-parameter", "collection", "one of parcels, buildings, units"),
    (
        "collection=towers",
        "bad-parameter",
        "collection",
        "one of parcels, buildings, units",
    ),
    ("collection=parcels&colour=red", "unknown-parameter", "colour", "bbox, within, near"),
    (
        "collection=parcels&area_min=a",
        "bad-parameter",
        "area_min",
        "a number such as 12.5",
    ),
    (
        "collection=parcels&area_min=1&area_unit=ell",
        "bad-parameter",
        "area_unit",
        "m2, mu, ha",
    ),
    (
        "collection=parcels&area_unit=mu",
        "bad-parameter",
        "area_unit",
        "area_min or area_max beside it",
    ),
    ("collection=parcels&status=GONE", "bad-parameter", "status", "PLANNED"),
    (
        "collection=parcels&area_min=5&area_max=4",
        "bad-parameter",
        "area_max",
        "not below area_min",
    ),
    ("collection=parcels&bbox=1,2,3", "bad-parameter", "bbox", "west,south,east,north"),
    (
        "collection=parcels&bbox=120,31,119,32",
        "bad-parameter",
        "bbox",
        "west not east of east",
    ),
    ("collection=parcels&bbox=NaN,31,121,32", "bad-parameter", "bbox", "a number"),
    ("collection=parcels&bbox=inf,31,121,32", "bad-parameter", "bbox", "a number"),
    ("collection=parcels&bbox=200,31,210,32", "bad-parameter", "bbox", "in degrees"),
    ("collection=parcels&near=120,31", "bad-parameter", "near", "radius_m beside it"),
    (
        "collection=parcels&near=120,31&radius_m=-1",
        "bad-parameter",
        "radius_m",
        "from 0 to",
    ),
    (
        "collection=parcels&within=POLYGON((0%200,1%200,1%201))",
        "bad-parameter",
        "within",
        "POLYGON",
    ),
    (
        "collection=parcels&within=%7B%22type%22:%22Point%22%7D",
        "bad-parameter",
        "within",
        "POLYGON",
    ),
    ("collection=parcels&limit=0", "bad-parameter", "limit", "from 1 to 10000"),
    ("collection=parcels&limit=10001", "bad-parameter", "limit", "from 1 to 10000"),
    ("collection=parcels&sort=beauty", "bad-parameter", "sort", "code or one of"),
    ("collection=parcels&after=xyz", "bad-parameter", "after", "the next of an answer"),
    ("collection=parcels&geometry=half", "bad-parameter", "geometry", "full or none"),
    (
        "collection=parcels&collection=units",
        "repeated-parameter",
        "collection",
        "each parameter once",
    ),
    (
        "collection=parcels&available_by=soon",
        "bad-parameter",
        "available_by",
        "2027-03-01",
    ),
    (
        "collection=parcels&available_by=2027-02-30",
        "bad-parameter",
        "available_by",
        "2027-03-01",
    ),
    ("collection=parcels&q=", "bad-parameter", "q", "words"),
    ("collection=parcels&name=%FF", "bad-query", "", "UTF-8"),
];

#[test]
fn what_cannot_be_asked_is_refused_with_what_can() {
    let place = Place::new(Kind::GeoPackage);
    let server = place.serve();
    let public = server.public();
    for (query, kind, parameter, expected) in REFUSED {
        let refused = public.get(&format!("/api/v1/search?{query}"));
        assert_eq!(refused.status, 400, "{query}: {}", refused.text());
        let problem = refused.problem(400, kind);
        assert_eq!(problem["parameter"].as_str().unwrap_or_default(), parameter, "{query}: {problem}");
        assert!(problem["expected"].as_str().unwrap().contains(expected), "{query}: {problem}");
    }
}
