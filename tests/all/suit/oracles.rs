//! Kinds of needs beside arithmetic of the test's own: rents, ages of evidence, classes of hazard, rules of overlays for industries.
use std::collections::BTreeMap;

use jiff::Timestamp;
use rand::RngExt as _;
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use serde_json::{Value as Json, json};
use zaiti::domain::catalogue::Effect;
use zaiti::domain::geometry::Shape;
use zaiti::domain::record::{Evidence, Provenance};
use zaiti::domain::value::{Range, Value};
use zaiti::domain::viewer::Role;

use super::made::{Made, ask, code, day, lot, number};

/// What the only gate says of each carrier, by code: pass, fail or unknown.
fn verdicts(answer: &Json) -> BTreeMap<String, &'static str> {
    let lists = [("results", "pass"), ("unknowns", "unknown"), ("near_misses", "fail")];
    let each = lists.into_iter().flat_map(|(list, said)| {
        let items = answer[list].as_array().unwrap().iter();
        items.map(move |item| (item["code"].as_str().unwrap().to_owned(), said))
    });
    each.collect()
}

fn said(holds: Option<bool>) -> &'static str {
    match holds {
        Some(true) => "pass",
        Some(false) => "fail",
        None => "unknown",
    }
}

/// Checks every verdict; each of the three must be there.
#[track_caller]
fn check(answer: &Json, expected: &BTreeMap<String, &'static str>) {
    let found = verdicts(answer);
    assert_eq!(found.len(), expected.len());
    for (code, said) in expected {
        assert_eq!(found[code], *said, "{code}: {:?}", answer["gates"]);
    }
}

/// A unit with its rent, fen per m² and month, and whether tax is in it.
type Rent = (String, Option<u32>, Option<bool>);

/// What a rent is to somebody who thinks with or without tax, of which there are 9 in 100.
fn compared(fen: u32, has_tax: bool, asked_with: Option<bool>) -> f64 {
    let fen = f64::from(fen);
    match asked_with {
        Some(true) if !has_tax => fen + fen * 9.0 / 100.0,
        Some(false) if has_tax => fen - fen * 9.0 / 109.0,
        Some(_) | None => fen,
    }
}

/// Where nobody says whether tax is in it, both readings must agree.
fn rent_holds((_, fen, has_tax): &Rent, asked_with: Option<bool>, holds: impl Fn(f64) -> bool) -> Option<bool> {
    let readings = match has_tax {
        Some(has) => [*has; 2],
        None => [true, false],
    };
    let [one, other] = readings.map(|has| fen.map(|fen| holds(compared(fen, has, asked_with))));
    (one == other).then_some(one).flatten()
}

fn rents(made: &mut Made) -> Vec<Rent> {
    let mut random = ChaCha8Rng::seed_from_u64(31);
    let unit = |at: usize| {
        let fen = random.random_bool(0.9).then(|| random.random_range(800..3_000u32));
        let has_tax = random.random_bool(0.7).then(|| random.random_bool(0.5));
        let name = format!("U-{at:03}");
        let mut values = Vec::new();
        values.extend(fen.map(|fen| ("rent", number(f64::from(fen) / 100.0))));
        values.extend(has_tax.map(|has| ("rent_incl_vat", Value::Flag(has))));
        made.add(("units", &name), Shape::None, &values);
        (name, fen, has_tax)
    };
    (0..190).map(unit).collect()
}

#[test]
fn rents_are_compared_by_month_day_and_year_with_and_without_tax() {
    const UNITS: [(Option<&str>, f64); 4] = [
        (None, 100.0),
        (Some("cny_per_m2_month"), 100.0),
        (Some("cny_per_m2_day"), 36_500.0 / 12.0),
        (Some("cny_per_m2_year"), 100.0 / 12.0),
    ];
    const TAX: [(Option<bool>, Option<&str>); 3] = [(None, None), (Some(true), Some("included")), (Some(false), Some("excluded"))];
    // Between two rents, wherever tax puts them.
    const BOUNDS: [(Option<f64>, Option<f64>); 3] = [(None, Some(2_000.003)), (Some(1_200.003), None), (Some(1_200.003), Some(2_000.003))];
    let mut made = Made::new(&[]);
    let rents = rents(&mut made);
    let snapshot = made.snapshot();
    let mut seen = BTreeMap::new();
    for (unit, fen_of_one) in UNITS {
        for (asked_with, tax) in TAX {
            for (min, max) in BOUNDS {
                let in_unit = |bound: Option<f64>| bound.map(|fen| fen / fen_of_one);
                let mut need = json!({"attribute": "rent", "min": in_unit(min), "max": in_unit(max)});
                if let Some(unit) = unit {
                    need["unit"] = json!(unit);
                }
                if let Some(tax) = tax {
                    need["tax"] = json!(tax);
                }
                let holds = |fen: f64| min.is_none_or(|min| fen >= min) && max.is_none_or(|max| fen <= max);
                let of = |rent: &Rent| (rent.0.clone(), said(rent_holds(rent, asked_with, holds)));
                let expected: BTreeMap<String, &'static str> = rents.iter().map(of).collect();
                for said in expected.values() {
                    *seen.entry((asked_with, *said)).or_insert(0) += 1;
                }
                check(
                    &ask(&snapshot, Role::Public, &json!({"seeks": ["unit"], "needs": [need], "limit": 200})),
                    &expected,
                );
            }
        }
    }
    assert!(seen.len() == 9 && seen.values().all(|count| *count > 50), "{seen:?}");
}

#[test]
fn a_rent_a_day_is_twelve_in_365_of_a_month() {
    let mut made = Made::new(&[]);
    let tax = |has| ("rent_incl_vat", Value::Flag(has));
    made.add(("units", "U-NET"), Shape::None, &[("rent", number(20.0)), tax(false)]);
    made.add(("units", "U-GROSS"), Shape::None, &[("rent", number(21.8)), tax(true)]);
    let snapshot = made.snapshot();
    // 20 a month is 240 a year is 0.657534... a day; with tax 21.8 a month.
    let codes = |need: Json| -> Vec<String> {
        let answer = ask(&snapshot, Role::Public, &json!({"seeks": ["unit"], "needs": [need]}));
        verdicts(&answer)
            .into_iter()
            .filter(|(_, said)| *said == "pass")
            .map(|(code, _)| code)
            .collect()
    };
    let need = |max: f64, unit: &str, tax: &str| json!({"attribute": "rent", "max": max, "unit": unit, "tax": tax});
    assert_eq!(codes(need(0.6576, "cny_per_m2_day", "excluded")), ["U-GROSS", "U-NET"]);
    assert_eq!(codes(need(0.6575, "cny_per_m2_day", "excluded")), [""; 0]);
    assert_eq!(codes(need(261.61, "cny_per_m2_year", "included")), ["U-GROSS", "U-NET"]);
    assert_eq!(codes(need(261.59, "cny_per_m2_year", "included")), [""; 0]);
    assert_eq!(codes(json!({"attribute": "rent", "max": 20.5})), ["U-NET"]);
}

#[test]
fn evidence_is_as_old_as_its_day_whatever_the_kind_of_value() {
    let mut random = ChaCha8Rng::seed_from_u64(32);
    let mut made = Made::new(&[]);
    let kinds: [(&str, Value); 6] = [
        ("power_capacity", number(1000.0)),
        (
            "plot_ratio",
            Value::Range(Range {
                min: Some(1.0),
                max: Some(2.0),
                min_inclusive: true,
                max_inclusive: true,
            }),
        ),
        ("planned_use", code("1001")),
        ("power_expandable", Value::Flag(false)),
        ("name", Value::Text("a".into())),
        ("available_from", day("2027-01-01")),
    ];
    // Seconds since 2026-11-01, noon (UTC).
    let noon: Timestamp = "2026-11-01T12:00:00Z".parse().unwrap();
    let mut seen: Vec<(String, Vec<Option<i64>>)> = Vec::new();
    for at in 0..60 {
        let name = format!("P-{at:02}");
        let known: Vec<(&str, Value)> = kinds.iter().filter(|_| random.random_bool(0.9)).cloned().collect();
        let record = made.add(
            ("parcels", &name),
            lot(f64::from(at) * 2.0, 0.0, f64::from(at) * 2.0 + 1.0, 1.0),
            &known,
        );
        let mut ages = Vec::new();
        for (key, _) in &kinds {
            let hours = random.random_range(0..24 * 40i64);
            let said = random.random_bool(0.8);
            let is_known = known.iter().any(|(other, _)| other == key);
            if said && is_known {
                record.provenance.insert(
                    (*key).into(),
                    Provenance {
                        author: "a".into(),
                        observed_at: Timestamp::from_second(noon.as_second() + hours * 3600).unwrap(),
                        evidence: Evidence::Seen,
                    },
                );
            }
            // Days between the day of the observation and 2026-12-15.
            let day = (12 + hours) / 24;
            ages.push((said && is_known).then_some(44 - day));
        }
        seen.push((name, ages));
    }
    let snapshot = made.snapshot();
    for (nth, (key, _)) in kinds.iter().enumerate() {
        for days in [0, 4, 5, 20, 44] {
            let expected = seen
                .iter()
                .map(|(name, ages)| (name.clone(), said(ages[nth].map(|age| age <= days))))
                .collect();
            let asked =
                json!({"seeks": ["parcel"], "as_of": "2026-12-15", "limit": 200, "needs": [{"attribute": key, "evidence_days": days}]});
            check(&ask(&snapshot, Role::Admin, &asked), &expected);
        }
    }
}

#[test]
fn a_class_of_hazard_admits_all_that_are_less_hazardous() {
    // As good as which rank a building of the class is, and what rank a project of the class needs: GB 50016, 3.1.1. Class C as a whole allows what
    // either of its two does, and a project of class C without more is content with either.
    let classes = [
        ("甲", 0, 0),
        ("乙", 1, 1),
        ("丙", 2, 3),
        ("丙一", 2, 2),
        ("丙二", 3, 3),
        ("丁", 4, 4),
        ("戊", 5, 5),
    ];
    let mut made = Made::new(&[]);
    for (class, ..) in classes {
        made.add(
            ("buildings", &format!("B-{class}")),
            lot(0.0, 0.0, 1.0, 1.0),
            &[("fire_class", code(class))],
        );
    }
    made.add(("buildings", "B-UNKNOWN"), lot(0.0, 0.0, 1.0, 1.0), &[]);
    let snapshot = made.snapshot();
    for (asked, _, needs) in classes {
        let mut expected: BTreeMap<String, &'static str> = classes
            .iter()
            .map(|(class, is, _)| (format!("B-{class}"), said(Some(*is <= needs))))
            .collect();
        expected.insert("B-UNKNOWN".to_owned(), "unknown");
        let need = json!({"attribute": "fire_class", "at_least": asked});
        check(
            &ask(&snapshot, Role::Public, &json!({"seeks": ["building"], "needs": [need]})),
            &expected,
        );
    }
}

/// Boxes on a lattice, so that what they have in common is arithmetic.
#[derive(Clone, Copy)]
struct Lot {
    west: i32,
    south: i32,
    east: i32,
    north: i32,
}

impl Lot {
    fn any(random: &mut ChaCha8Rng) -> Self {
        let (west, south) = (random.random_range(0..24), random.random_range(0..24));
        Self {
            west,
            south,
            east: west + random.random_range(1..5),
            north: south + random.random_range(1..5),
        }
    }

    fn shape(self) -> Shape {
        let [west, south, east, north] = [self.west, self.south, self.east, self.north].map(f64::from);
        lot(west, south, east, north)
    }

    fn shares_ground(self, other: Self) -> bool {
        self.west < other.east && other.west < self.east && self.south < other.north && other.south < self.north
    }

    fn cells(self) -> impl Iterator<Item = (i32, i32)> {
        (self.west..self.east).flat_map(move |x| (self.south..self.north).map(move |y| (x, y)))
    }

    fn has(self, (x, y): (i32, i32)) -> bool {
        (self.west..self.east).contains(&x) && (self.south..self.north).contains(&y)
    }
}

#[test]
fn zones_bind_the_industries_that_they_name() {
    const RULES: [Option<&str>; 6] = [None, Some("C25,C26"), Some("C26"), Some("C2614；C39"), Some("C"), Some("A01 B")];
    // Which of the rules binds a project of an industry: by hand.
    const PROJECTS: [(Option<&str>, [bool; 6]); 6] = [
        (None, [true; 6]),
        (Some("C26"), [true, true, true, true, true, false]),
        (Some("C2614"), [true, true, true, true, true, false]),
        (Some("C2651"), [true, true, true, false, true, false]),
        (Some("C39"), [true, false, false, true, true, false]),
        (Some("B06"), [true, false, false, false, false, true]),
    ];
    let mut random = ChaCha8Rng::seed_from_u64(33);
    let mut made = Made::new(&[("strip", Effect::Restrict, 0.0), ("corridor", Effect::Exclude, 0.0)]);
    let parcels: Vec<(String, Lot)> = (0..150).map(|at| (format!("P-{at:03}"), Lot::any(&mut random))).collect();
    for (name, lot) in &parcels {
        made.add(("parcels", name), lot.shape(), &[]);
    }
    let mut zones: Vec<(&str, usize, Lot)> = Vec::new();
    for at in 0..14 {
        let overlay = if at < 9 { "strip" } else { "corridor" };
        let (rule, lot) = (random.random_range(0..RULES.len()), Lot::any(&mut random));
        let values: Vec<_> = RULES[rule]
            .map(|rule| ("industries", Value::Text(rule.into())))
            .into_iter()
            .collect();
        made.add((overlay, &format!("Z-{at:02}")), lot.shape(), &values);
        zones.push((overlay, rule, lot));
    }
    let snapshot = made.snapshot();
    for (industry, binds) in PROJECTS {
        for overlay in ["strip", "corridor"] {
            // Nothing may be built in a corridor, by whomever.
            let binding = |(of, rule, _): &&(&str, usize, Lot)| *of == overlay && (overlay == "corridor" || binds[*rule]);
            let outside = |lot: Lot| !zones.iter().filter(binding).any(|(.., zone)| zone.shares_ground(lot));
            // Inside is a matter of ground alone.
            let within = |lot: Lot| {
                lot.cells()
                    .all(|cell| zones.iter().any(|(of, _, zone)| *of == overlay && zone.has(cell)))
            };
            for (relation, holds) in [("outside", &outside as &dyn Fn(Lot) -> bool), ("inside", &within)] {
                let expected = parcels.iter().map(|(name, lot)| (name.clone(), said(Some(holds(*lot))))).collect();
                let mut asked = json!({"seeks": ["parcel"], "needs": [{relation: {"overlay": overlay}}], "limit": 200});
                if let Some(industry) = industry {
                    asked["industry"] = json!(industry);
                }
                check(&ask(&snapshot, Role::Public, &asked), &expected);
            }
        }
    }
}
