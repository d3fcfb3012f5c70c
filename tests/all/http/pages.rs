//! Pages, counts and feeds: walked to the end they hold everything once, whatever is written meanwhile.
#![expect(clippy::float_cmp, reason = "the smallest of some numbers is one of them")]
use std::collections::BTreeSet;

use serde_json::{Value, json};
use zaiti::domain::catalogue::{Catalogue, Kind as Values};

use super::oracle::{Row, questions, rows};
use super::search::filled;
use crate::support::client::{Client, coded};
use crate::support::park::Park;
use crate::support::service::{Kind, Place};

on_both_stores!(the_feed_of_changes_is_whole);

/// Codes of all pages in their order, with something done between pages.
fn walk(client: &Client, query: &str, mut between: impl FnMut(usize)) -> Vec<String> {
    let mut codes = Vec::new();
    let mut after = String::new();
    for page in 0.. {
        let answer = client.read(&format!("/api/v1/search?{query}{after}"));
        let features = answer["features"].as_array().unwrap();
        assert_eq!(answer["numberReturned"], features.len());
        codes.extend(
            features
                .iter()
                .map(|feature| feature["properties"]["code"].as_str().unwrap().to_owned()),
        );
        let Some(next) = answer["next"].as_str() else { break };
        after = format!("&after={}", coded(next));
        between(page);
    }
    codes
}

#[test]
fn a_walk_over_the_pages_is_the_whole_in_order() {
    let place = Place::new(Kind::GeoPackage);
    let (_server, client) = filled(&place);
    let catalogue = Catalogue::builtin().unwrap();
    let mut sorts = vec![
        "code".to_owned(),
        "-code".to_owned(),
        "status,-area,name".to_owned(),
        "-planned_use,code".to_owned(),
    ];
    for attribute in catalogue.attributes_of("parcels").step_by(5) {
        sorts.extend([attribute.key.to_string(), format!("-{}", attribute.key)]);
    }
    for sort in sorts {
        let query = format!("collection=parcels&geometry=none&sort={sort}");
        let whole = walk(&client, &format!("{query}&limit=10000"), |_| {});
        assert_eq!(whole.len(), 300);
        assert_eq!(walk(&client, &format!("{query}&limit=37"), |_| {}), whole, "{sort}");
    }
    let largest = client.read("/api/v1/search?collection=parcels&sort=-area&limit=300");
    let areas: Vec<_> = largest["features"]
        .as_array()
        .unwrap()
        .iter()
        .map(|each| each["properties"]["area"].as_f64().unwrap())
        .collect();
    assert!(
        areas.is_sorted_by(|one, other| one >= other),
        "every parcel has an outline, so none is unknown"
    );
}

#[test]
fn a_walk_during_edits_misses_nobody_and_meets_nobody_twice() {
    let place = Place::new(Kind::GeoPackage);
    let (server, client) = filled(&place);
    let untouched: BTreeSet<String> = rows(&client, "parcels")
        .iter()
        .map(|row| row["code"].as_str().unwrap().to_owned())
        .filter(|code| !code.ends_with('7'))
        .collect();
    let mut park = Park::new(77);
    for sort in ["code", "-area", "name", "-status,name"] {
        let writer = client.clone();
        let codes = walk(&client, &format!("collection=parcels&geometry=none&limit=11&sort={sort}"), |page| {
            // Others move about, come and go, before and behind the reader.
            let code = format!("P-{:03}7", page % 30);
            let name = format!("{} {page}", ["aaa", "zzz"][page % 2]);
            let change = json!({"set": {"name": name, "area_declared": page * 1000}});
            assert_eq!(writer.patch(&code, &change).ok()["outcome"], "applied");
            writer.apply(&[park.parcel(
                &format!("{}-{sort}-{page}", ["A", "Z"][page % 2]).replace(',', "-"),
                page,
                &json!({"name": name}),
            )]);
        });
        let met: Vec<_> = codes.iter().filter(|code| untouched.contains(*code)).collect();
        assert_eq!(met.len(), untouched.len(), "{sort}");
        assert_eq!(met.iter().collect::<BTreeSet<_>>().len(), untouched.len(), "{sort}");
    }
    drop(server);
}

#[test]
fn facets_count_each_without_its_own_condition() {
    let place = Place::new(Kind::GeoPackage);
    let (_server, client) = filled(&place);
    let catalogue = Catalogue::builtin().unwrap();
    for collection in ["parcels", "buildings"] {
        let rows = rows(&client, collection);
        let keys: Vec<&str> = catalogue
            .attributes_of(collection)
            .map(|attribute| attribute.key.as_str())
            .collect();
        let asked: Vec<_> = ["status", "name", "available_from", "published_overseas", "area"]
            .iter()
            .filter_map(|key| catalogue.attribute(collection, key))
            .filter_map(|attribute| {
                questions(&catalogue, attribute, &rows)
                    .pop()
                    .map(|question| (attribute.key.to_string(), question))
            })
            .collect();
        assert!(asked.len() >= 4);
        let query: Vec<_> = asked.iter().map(|(_, question)| question.query.as_str()).collect();
        for part in keys.chunks(60) {
            let answer = client.read(&format!(
                "/api/v1/facets?collection={collection}&{}&facets={}",
                query.join("&"),
                part.join(",")
            ));
            let matched = rows
                .iter()
                .filter(|row| asked.iter().all(|(_, question)| (question.passes)(row)))
                .count();
            assert_eq!(answer["numberMatched"], matched);
            for (facet, key) in answer["facets"].as_array().unwrap().iter().zip(part) {
                assert_eq!(facet["attribute"], *key);
                let others: Vec<&Row> = rows
                    .iter()
                    .filter(|row| {
                        asked
                            .iter()
                            .filter(|(own, _)| own != key)
                            .all(|(_, question)| (question.passes)(row))
                    })
                    .collect();
                counts_are_right(&catalogue, collection, facet, (&rows, &others));
            }
        }
    }
}

fn counts_are_right(catalogue: &Catalogue, collection: &str, facet: &Value, (all, others): (&[Row], &[&Row])) {
    let key = facet["attribute"].as_str().unwrap();
    let values: Vec<&Value> = others.iter().filter_map(|row| row.get(key)).collect();
    assert_eq!(facet["unknown"], others.len() - values.len(), "{key}");
    match &catalogue.attribute(collection, key).unwrap().kind {
        Values::Code { .. } => {
            let counts = facet["counts"].as_array().unwrap();
            assert_eq!(
                counts.iter().map(|each| each["count"].as_u64().unwrap()).sum::<u64>(),
                values.len() as u64,
                "{key}"
            );
            for each in counts {
                assert_eq!(
                    each["count"],
                    values.iter().filter(|value| ***value == each["code"]).count(),
                    "{key} {each}"
                );
                assert_eq!(
                    each["total"],
                    all.iter().filter(|row| row.get(key) == Some(&each["code"])).count(),
                    "{key} {each}"
                );
            }
        }
        Values::Flag => {
            let count = |wanted: bool| values.iter().filter(|value| ***value == wanted).count();
            assert_eq!((&facet["yes"], &facet["no"]), (&json!(count(true)), &json!(count(false))), "{key}");
        }
        Values::Text { .. } => assert_eq!(facet["known"], values.len(), "{key}"),
        Values::Number(_) | Values::Range(_) | Values::Date => histogram_is_right(facet, all, &values),
    }
}

fn number(value: &Value) -> f64 {
    let day = |text: &str| f64::from((text.parse::<jiff::civil::Date>().unwrap() - jiff::civil::date(1970, 1, 1)).get_days());
    value
        .as_str()
        .map_or_else(|| value.as_f64().or(value["min"].as_f64()).or(value["max"].as_f64()).unwrap(), day)
}

fn histogram_is_right(facet: &Value, all: &[Row], values: &[&Value]) {
    let key = facet["attribute"].as_str().unwrap();
    let every: Vec<f64> = all.iter().filter_map(|row| row.get(key)).map(number).collect();
    let bins = facet["bins"].as_array().unwrap();
    let Some(least) = every.iter().copied().reduce(f64::min) else {
        assert!(bins.is_empty() && facet["min"].is_null());
        return;
    };
    assert_eq!(facet["min"].as_f64().unwrap(), least, "{key}");
    assert_eq!(
        facet["max"].as_f64().unwrap(),
        every.iter().copied().reduce(f64::max).unwrap(),
        "{key}"
    );
    for (at, bin) in bins.iter().enumerate() {
        let (from, to) = (bin["from"].as_f64().unwrap(), bin["to"].as_f64().unwrap());
        let is_in = |number: f64| number >= from && (number < to || at + 1 == bins.len());
        assert_eq!(
            bin["count"],
            values.iter().filter(|value| is_in(number(value))).count(),
            "{key} {bin}"
        );
        assert_eq!(bin["total"], every.iter().filter(|number| is_in(**number)).count(), "{key} {bin}");
    }
}

fn the_feed_of_changes_is_whole(kind: Kind) {
    let place = Place::new(kind);
    let token = place.token("steward");
    let server = place.serve();
    let client = server.with(&token);
    let mut park = Park::new(8);
    // Revisions of one, of several, and of no change.
    let mut expected = Vec::new();
    for (at, size) in [1, 5, 0, 2, 1, 0, 0, 7, 1, 0].into_iter().enumerate() {
        let edits: Vec<_> = (0..size)
            .map(|each| park.parcel(&format!("P-{at}-{each}"), each, &json!({})))
            .collect();
        expected.extend((0..size).map(|each| format!("P-{at}-{each}")));
        client.apply(&edits);
        if size == 0 {
            let refused = park.parcel("no good", 0, &json!({}));
            assert_eq!(client.edit(&[refused])[0]["outcome"], "returned");
        }
    }
    for limit in [1, 2, 3, 6, 100] {
        let (mut since, mut codes) = (0, Vec::new());
        loop {
            let page = client.read(&format!("/api/v1/changes?since={since}&limit={limit}"));
            let lines = page["changes"].as_array().unwrap();
            codes.extend(lines.iter().map(|line| line["code"].as_str().unwrap().to_owned()));
            since = page["next"].as_u64().unwrap();
            if page["more"] == false {
                assert_eq!(page["next"], page["revision"]);
                break;
            }
            assert!(!lines.is_empty());
        }
        assert_eq!(codes, expected, "limit {limit}");
    }
    let ahead = client.read("/api/v1/changes?since=999");
    assert_eq!((&ahead["changes"], &ahead["more"]), (&json!([]), &json!(false)));
    client.get("/api/v1/changes?limit=0").problem(400, "bad-parameter");
    client.get("/api/v1/changes?since=-1").problem(400, "bad-parameter");
}
