//! Requirements on random inventories: the engine against a direct look at every record, and the laws of the ranking.
use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use rand::RngExt;
use rand::seq::IndexedRandom;
use serde_json::{Value as Json, json};
use zaiti::domain::catalogue::{Attribute, Kind};
use zaiti::domain::ids::Revision;
use zaiti::domain::record::Record;
use zaiti::domain::value::Value;
use zaiti::domain::viewer::Role;
use zaiti::index::Snapshot;
use zaiti::inventory::suit;
use zaiti::suitability::requirement::{Limits, Requirement, Scope, parse};

use super::brute::{self, Fate, fate, gates, list};
use crate::index::world::World;

/// Records with dense values, so that several gates are often passed together.
fn inventory(world: &mut World, count: usize) -> Vec<Record> {
    let attributes = world.attributes();
    (0..count)
        .map(|_| {
            let mut record = world.record();
            for attribute in attributes.iter().take(24) {
                if world.random.random_bool(0.5) {
                    record.attributes.insert(attribute.key.clone(), world.value(attribute));
                }
            }
            record.attributes.remove("no_longer_known");
            for provenance in record.provenance.values_mut() {
                provenance.observed_at = Timestamp::from_second(1_700_000_000 + world.random.random_range(0..40_000_000)).unwrap();
            }
            record
        })
        .collect()
}

fn snapshot(world: &World, records: &[Record]) -> Snapshot {
    let records: Vec<_> = records.iter().cloned().map(Arc::new).collect();
    Snapshot::empty(Arc::clone(&world.catalogue)).apply(Revision(1), &records)
}

fn read(world: &World, json: &Json) -> Requirement {
    let limits = Limits::default();
    let scope = Scope {
        catalogue: &world.catalogue,
        role: Role::Admin,
        limits: &limits,
    };
    parse(&scope, json).unwrap_or_else(|faults| panic!("{faults:?}: {json}"))
}

fn ask(world: &World, snapshot: &Snapshot, json: &Json) -> Json {
    suit(snapshot, Role::Admin, &read(world, json)).unwrap().to_json().clone()
}

fn need(world: &mut World, attribute: &Attribute) -> Json {
    let random = world.random.random_range(0..10u32);
    let mut need = json!({"attribute": attribute.key});
    match world.value(attribute) {
        Value::Number(number) => {
            let low = number - 150.0;
            need["min"] = json!(low);
            if random < 5 {
                need["max"] = json!(low + 300.0);
            }
            if random == 9 {
                need = json!({"attribute": attribute.key, "max": low + 300.0});
            }
            if attribute.key.as_str() == "area" && random < 8 {
                need["unit"] = json!("mu");
            }
        }
        Value::Range(range) => {
            let low = range.min.or(range.max).unwrap();
            need[if random < 5 { "min" } else { "max" }] = json!(low);
        }
        Value::Code(code) => {
            let Value::Code(other) = world.value(attribute) else {
                panic!("a code")
            };
            need["any_of"] = json!([code, other]);
        }
        Value::Flag(flag) => need["is"] = json!(flag),
        Value::Text(text) => need["contains"] = json!(text.chars().take(1).collect::<String>()),
        Value::Date(day) => need[if random < 5 { "min" } else { "max" }] = json!(day.to_string()),
    }
    if random < 2 {
        need["unknown"] = json!("accept");
    } else if random == 2 {
        need["unknown"] = json!("refuse");
    }
    need
}

fn wish(world: &mut World, attribute: &Attribute) -> Option<Json> {
    let weight = world.random.random_range(0.5..10.0);
    let base = f64::from(world.random.random_range(0..300u32));
    let way = world.random.random_range(0..4u32);
    Some(match &attribute.kind {
        Kind::Number(_) | Kind::Range(_) => match way {
            0 => json!({"attribute": attribute.key, "worst": base, "best": base + 120.0, "weight": weight}),
            1 => json!({"attribute": attribute.key, "worst": base + 120.0, "best": base, "weight": weight}),
            2 => json!({"attribute": attribute.key, "target": base, "tolerance": 60.0, "weight": weight}),
            _ => json!({"attribute": attribute.key, "worst": base, "best": base + 120.0, "weight": weight, "veto": base - 100.0}),
        },
        Kind::Flag => json!({"attribute": attribute.key, "prefer": true, "weight": weight}),
        Kind::Code { .. } | Kind::Text { .. } | Kind::Date => return None,
    })
}

fn requirement(world: &mut World) -> Json {
    let attributes: Vec<_> = world.attributes().into_iter().take(24).collect();
    let mut needs = Vec::new();
    for _ in 0..world.random.random_range(0..5u32) {
        let attribute = Arc::clone(attributes.choose(&mut world.random).unwrap());
        let mut need = need(world, &attribute);
        if world.random.random_bool(0.1) {
            need["evidence_days"] = json!(world.random.random_range(10..900));
        }
        needs.push(need);
    }
    if world.random.random_bool(0.4) {
        needs.push(json!({"available_by": "2027-03-01"}));
    }
    let mut wishes = Vec::new();
    for _ in 0..world.random.random_range(0..5u32) {
        let attribute = Arc::clone(attributes.choose(&mut world.random).unwrap());
        wishes.extend(wish(world, &attribute));
    }
    json!({"seeks": ["parcel"], "as_of": "2025-01-01", "needs": needs, "wishes": wishes, "limit": 200})
}

fn codes(list: &Json) -> Vec<&str> {
    brute::list(list).iter().map(|item| item["code"].as_str().unwrap()).collect()
}

fn score(requirement: &Json, record: &Record) -> f64 {
    let wishes = list(&requirement["wishes"]);
    let sum: f64 = wishes.iter().map(|wish| wish["weight"].as_f64().unwrap()).sum();
    let points = wishes
        .iter()
        .map(|wish| 100.0 * wish["weight"].as_f64().unwrap() / sum * brute::worth(wish, record));
    points.sum()
}

/// The listed ones are those of the set, best first, equal ones by code.
fn check_order(requirement: &Json, listed: &Json, set: &[&Record]) {
    let found = codes(listed);
    let scores: BTreeMap<&str, f64> = set
        .iter()
        .map(|record| (record.code.as_str(), score(requirement, record)))
        .collect();
    assert_eq!(found.len(), set.len().min(200));
    for item in list(listed) {
        let (told, expected) = (item["score"].as_f64().unwrap(), scores[item["code"].as_str().unwrap()]);
        assert!((told - expected).abs() < 1e-9, "{told} {expected}");
        let points: f64 = list(&item["points"]).iter().map(|point| point["points"].as_f64().unwrap()).sum();
        assert!((points - told).abs() < 1e-9);
    }
    for pair in list(listed).windows(2) {
        let key = |item: &Json| (item["score"].as_f64().unwrap(), item["code"].as_str().unwrap().to_owned());
        let (one, two) = (key(&pair[0]), key(&pair[1]));
        assert!(
            one.0 > two.0 || (one.0.to_bits() == two.0.to_bits() && one.1 < two.1),
            "{one:?} {two:?}"
        );
    }
    if let Some(last) = list(listed).last() {
        let last = last["score"].as_f64().unwrap();
        let better = scores.iter().filter(|(code, score)| **score > last + 1e-9 && !found.contains(code));
        assert_eq!(better.count(), 0);
    }
}

struct Truth<'a> {
    records: &'a [Record],
    fates: Vec<Fate>,
}

impl<'a> Truth<'a> {
    fn of(gates: &[brute::Gate<'_>], records: &'a [Record]) -> Self {
        Self {
            records,
            fates: records.iter().map(|record| fate(gates, record)).collect(),
        }
    }

    fn those(&self, is: impl Fn(&Fate) -> bool) -> Vec<&'a Record> {
        let each = self.records.iter().zip(&self.fates).filter(|(_, fate)| is(fate));
        each.map(|(record, _)| record).collect()
    }
}

fn once(fate: &Fate) -> Option<usize> {
    match fate {
        Fate::Failed(failed, _) if failed.len() == 1 => Some(failed[0]),
        _ => None,
    }
}

fn check_answer(requirement: &Json, answer: &Json, truth: &Truth<'_>, gates: &[brute::Gate<'_>]) {
    let matched = truth.those(|fate| *fate == Fate::Matched);
    let open = truth.those(|fate| *fate == Fate::Open);
    let near = truth.those(|fate| once(fate).is_some());
    assert_eq!(
        answer["counts"],
        json!({"sought": truth.records.len(), "matched": matched.len(), "unknown": open.len(),
               "excluded": truth.records.len() - matched.len() - open.len(), "near_misses": near.len()}),
        "{requirement}"
    );
    check_order(requirement, &answer["results"], &matched);
    check_order(requirement, &answer["unknowns"], &open);
    for (at, gate) in gates.iter().enumerate() {
        assert_eq!(answer["gates"][at]["gate"], *gate.path);
        let only = truth.fates.iter().filter(|fate| once(fate) == Some(at)).count();
        assert_eq!(answer["gates"][at]["only"], only, "{requirement}");
    }
    assert_eq!(list(&answer["near_misses"]).len(), near.len().min(200));
    for item in list(&answer["near_misses"]) {
        let at = truth.records.iter().position(|record| item["code"] == *record.code).unwrap();
        let failed = once(&truth.fates[at]).unwrap();
        assert_eq!(item["failed"]["gate"], *gates[failed].path);
    }
}

/// Needs about an attribute tell where the carrier's value comes from, as its record says; others tell nothing of the kind. Gives how many tell.
fn check_sources(answer: &Json, records: &[Record]) -> usize {
    let items = ["results", "unknowns", "near_misses"].iter().flat_map(|part| list(&answer[part]));
    let mut told = 0;
    for item in items {
        let record = records.iter().find(|record| item["code"] == *record.code).unwrap();
        for gate in list(&item["gates"]) {
            let gate_about = gate["about"].as_str().unwrap();
            if gate_about == "available_by" {
                assert_eq!((gate.get("evidence"), gate.get("observed_at")), (None, None), "{gate}");
                continue;
            }
            let source = record.provenance.get(gate_about);
            let expected = source.map(|source| (json!(source.evidence), json!(source.observed_at.to_string())));
            told += usize::from(expected.is_some());
            assert_eq!(
                (&gate["evidence"], &gate["observed_at"]),
                expected
                    .as_ref()
                    .map_or((&Json::Null, &Json::Null), |(evidence, at)| (evidence, at)),
                "{}: {gate}",
                record.code
            );
        }
    }
    told
}

/// The requirement as an offer would have it.
fn relaxed(requirement: &Json, offer: &Json) -> Option<Json> {
    let member = offer["member"].as_str()?;
    let (item, name) = member.rsplit_once('.').unwrap();
    let (list, rest) = item.split_once('[').unwrap();
    let at: usize = rest.trim_end_matches(']').parse().unwrap();
    let mut relaxed = requirement.clone();
    let place = &mut relaxed[list][at][name];
    match offer.get("add") {
        Some(code) => place.as_array_mut().unwrap().push(code.clone()),
        None => *place = offer["to"].clone(),
    }
    Some(relaxed)
}

/// What an offer says it admits is what changing the requirement admits, counted record by record.
fn check_relaxations(world: &World, (requirement, answer): (&Json, &Json), truth: &Truth<'_>, snapshot: &Snapshot) -> usize {
    for offer in list(&answer["relaxations"]) {
        let path = offer["gate"].as_str().unwrap();
        let changed = relaxed(requirement, offer);
        let mut after = gates(&world.catalogue, changed.as_ref().unwrap_or(requirement));
        if changed.is_none() {
            assert_eq!(offer["without"], true);
            after.retain(|gate| gate.path != path);
        }
        let now = Truth::of(&after, truth.records);
        let became = |wanted: Fate| {
            let each = truth.fates.iter().zip(&now.fates);
            each.filter(|(before, after)| matches!(before, Fate::Failed(..)) && **after == wanted)
                .count()
        };
        assert_eq!(offer["adds"], became(Fate::Matched), "{offer} {requirement}");
        assert_eq!(offer["opens"], became(Fate::Open), "{offer} {requirement}");
        if let Some(mut changed) = changed.clone() {
            changed["parts"] = json!([]);
            let matched = &ask(world, snapshot, &changed)["counts"]["matched"];
            assert_eq!(*matched, now.those(|fate| *fate == Fate::Matched).len(), "{offer}");
        }
    }
    list(&answer["relaxations"]).len()
}

/// Where a value stands in a histogram: a range at its lower end, else its upper; a day by its number.
fn place(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => Some(*number),
        Value::Range(range) => range.min.or(range.max),
        Value::Date(day) => Some(f64::from(crate::index::scalar::days(*day))),
        Value::Code(_) | Value::Flag(_) | Value::Text(_) => None,
    }
}

/// Bars next to each other over all values, each with those of the rows and of all records that stand in it; gives how many hold some.
fn check_histogram(facet: &Json, rows: &[&Record], all: &[Record]) -> usize {
    let key = facet["attribute"].as_str().unwrap();
    let places = |records: &mut dyn Iterator<Item = &Record>| -> Vec<f64> {
        records.filter_map(|record| place(record.attributes.get(key)?)).collect()
    };
    let (counted, every) = (places(&mut rows.iter().copied()), places(&mut all.iter()));
    let least = every.iter().copied().fold(f64::INFINITY, f64::min);
    let most = every.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let bins = list(&facet["bins"]);
    if every.is_empty() {
        assert!(bins.is_empty() && facet["min"].is_null(), "{facet}");
        return 0;
    }
    assert_eq!((facet["min"].as_f64(), facet["max"].as_f64()), (Some(least), Some(most)), "{key}");
    let edge = |bin: &Json, name: &str| bin[name].as_f64().unwrap();
    assert!(
        bins.len() <= 32 && edge(&bins[0], "from") <= least && edge(&bins[bins.len() - 1], "to") >= most,
        "{facet}"
    );
    for (nth, bin) in bins.iter().enumerate() {
        let (from, to, is_last) = (edge(bin, "from"), edge(bin, "to"), nth + 1 == bins.len());
        assert!(
            is_last || edge(&bins[nth + 1], "from").total_cmp(&to).is_eq(),
            "{key}: a gap after {to}"
        );
        let within = |of: &[f64]| {
            of.iter()
                .filter(|at| **at >= from && (**at < to || (is_last && **at <= to)))
                .count()
        };
        assert_eq!(
            (&bin["count"], &bin["total"]),
            (&json!(within(&counted)), &json!(within(&every))),
            "{key} {from}..{to}"
        );
    }
    bins.iter().filter(|bin| bin["count"] != 0).count()
}

/// Each facet counts what matches without the gates on its attribute. Gives how many bars of histograms hold some.
fn check_facets(answer: &Json, truth: &Truth<'_>, all: &[brute::Gate<'_>]) -> usize {
    let mut bars = 0;
    for facet in list(&answer["facets"]["parcels"]) {
        let key = facet["attribute"].as_str().unwrap();
        let others: Vec<_> = all.iter().filter(|gate| gate.about != key).collect();
        let rows = truth
            .records
            .iter()
            .filter(|record| others.iter().all(|gate| gate.says(record) == Some(true)));
        let rows: Vec<&Record> = rows.collect();
        let unknown = rows.iter().filter(|record| !record.attributes.contains_key(key)).count();
        assert_eq!(facet["unknown"], unknown, "{key}");
        let has_flag = |is: bool| {
            rows.iter()
                .filter(|record| record.attributes.get(key) == Some(&Value::Flag(is)))
                .count()
        };
        match facet["kind"].as_str() {
            Some("histogram") => bars += check_histogram(facet, &rows, truth.records),
            Some("flag") => assert_eq!((&facet["yes"], &facet["no"]), (&json!(has_flag(true)), &json!(has_flag(false)))),
            _ => {}
        }
        let is_code = list(&facet["counts"]).iter().any(|count| count.get("code").is_some());
        for count in list(&facet["counts"]).iter().filter(|_| is_code) {
            let has = |record: &&&Record| matches!(record.attributes.get(key), Some(Value::Code(code)) if count["code"] == **code);
            assert_eq!(count["count"], rows.iter().filter(has).count(), "{key}");
        }
    }
    bars
}

#[test]
fn every_answer_equals_a_direct_evaluation() {
    let mut offers = 0;
    let mut matched = 0;
    let mut bars = 0;
    let mut sources = 0;
    for (seed, count, questions) in [(1, 2_000, 5), (2, 40, 25), (3, 700, 8), (4, 0, 2), (5, 300, 25)] {
        let mut world = World::new(seed);
        let records = inventory(&mut world, count);
        let snapshot = snapshot(&world, &records);
        for _ in 0..questions {
            let requirement = requirement(&mut world);
            let all = gates(&world.catalogue, &requirement);
            let truth = Truth::of(&all, &records);
            let answer = ask(&world, &snapshot, &requirement);
            check_answer(&requirement, &answer, &truth, &all);
            bars += check_facets(&answer, &truth, &all);
            sources += check_sources(&answer, &records);
            offers += check_relaxations(&world, (&requirement, &answer), &truth, &snapshot);
            matched += usize::from(answer["counts"]["matched"] != 0);
            assert_eq!(ask(&world, &snapshot, &requirement).to_string(), answer.to_string());
        }
    }
    assert!(
        offers > 200 && matched > 25 && bars > 300 && sources > 100,
        "{offers} offers, {matched} with results, {bars} bars, {sources} sources: too few to say anything"
    );
}

/// Scores of all matched, by code.
fn scores(answer: &Json) -> BTreeMap<String, u64> {
    let bits = |item: &Json| (item["code"].as_str().unwrap().to_owned(), item["score"].as_f64().unwrap().to_bits());
    list(&answer["results"]).iter().map(bits).collect()
}

#[test]
fn another_carrier_changes_no_score() {
    let mut world = World::new(11);
    let records = inventory(&mut world, 150);
    for _ in 0..20 {
        let requirement = requirement(&mut world);
        let all = scores(&ask(&world, &snapshot(&world, &records), &requirement));
        let fewer = scores(&ask(&world, &snapshot(&world, &records[..100]), &requirement));
        for (code, score) in fewer {
            assert_eq!(all[&code], score, "{code}");
        }
    }
}

#[test]
fn a_better_value_never_lowers_a_rank() {
    let mut world = World::new(12);
    let mut records = inventory(&mut world, 120);
    let requirement = json!({"seeks": ["parcel"], "wishes": [
        {"attribute": "area", "worst": 0, "best": 400, "weight": 3},
        {"attribute": "plot_ratio", "worst": 400, "best": 0, "weight": 2}], "limit": 200});
    for _ in 0..30 {
        let at = world.random.random_range(0..records.len());
        let rank = |world: &World, records: &[Record]| {
            let answer = ask(world, &snapshot(world, records), &requirement);
            codes(&answer["results"]).iter().position(|code| *code == records[at].code).unwrap()
        };
        let before = rank(&world, &records);
        let better = match records[at].attributes.get("area") {
            Some(Value::Number(area)) => area + world.random.random_range(0.0..100.0),
            _ => 10.0,
        };
        records[at].attributes.insert("area".into(), Value::Number(better));
        assert!(rank(&world, &records) <= before);
    }
}
