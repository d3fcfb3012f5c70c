//! Values as stored, sent and written by people.
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};
use serde_json::json;

use super::*;
use crate::domain::catalogue::{Catalogue, Kind};
use crate::domain::ids::AttributeKey;

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::builtin().unwrap());

fn attribute(collection: &str, key: &str) -> &'static Arc<Attribute> {
    CATALOGUE.attribute(collection, key).unwrap_or_else(|| panic!("no {key}"))
}

/// What a person wrote in a cell, as JSON in the base unit.
fn written(collection: &str, key: &str, text: &str, unit: Option<&str>) -> Result<serde_json::Value, ValueError> {
    let value = Value::parse_text(attribute(collection, key), &CATALOGUE, text, unit)?;
    Ok(value.map_or(json!(null), |value| value.to_json()))
}

fn range(min: impl Into<serde_json::Value>, max: impl Into<serde_json::Value>) -> serde_json::Value {
    let mut object = serde_json::Map::new();
    for (name, inclusive, bound) in [("min", "min_inclusive", min.into()), ("max", "max_inclusive", max.into())] {
        if !bound.is_null() {
            object.insert(name.to_owned(), bound);
            object.insert(inclusive.to_owned(), json!(true));
        }
    }
    object.into()
}

#[test]
fn numbers_as_people_write_them() {
    let cases = [
        ("parcels", "area_declared", "20000", None, json!(20000.0)),
        ("parcels", "area_declared", "30", Some("mu"), json!(20000.0)),
        ("parcels", "area_declared", "30亩", None, json!(20000.0)),
        ("parcels", "area_declared", "约30亩", None, json!(20000.0)),
        ("parcels", "area_declared", "约 30 亩", Some("m2"), json!(20000.0)),
        ("parcels", "area_declared", "３０亩", None, json!(20000.0)),
        ("parcels", "area_declared", "2公顷", None, json!(20000.0)),
        ("parcels", "area_declared", "1,234.5㎡", None, json!(1234.5)),
        ("parcels", "area_declared", "1,234,567 m2", None, json!(1_234_567.0)),
        ("parcels", "investment_intensity", "350万元/亩", None, json!(350.0)),
        ("parcels", "price", "48万元/亩", None, json!(720.0)),
        ("buildings", "clear_height", "8m", None, json!(8.0)),
        ("buildings", "clear_height", "8米", None, json!(8.0)),
        ("buildings", "floor_load", "500", Some("kg/㎡"), json!(0.5)),
        ("buildings", "floor_load", "9.80665 kN/m²", None, json!(1.0)),
        ("buildings", "floor_load", "5t", None, json!(5.0)),
        ("buildings", "power_capacity", "1.25MVA", None, json!(1250.0)),
        ("buildings", "rent", "12元/㎡/月", None, json!(12.0)),
        ("buildings", "rent", "1.2元/㎡/天", None, json!(36.5)),
        ("units", "floor", "-1", None, json!(-1.0)),
        ("buildings", "rent", "待定", None, json!(null)),
        ("buildings", "rent", " - ", None, json!(null)),
        ("buildings", "rent", "", None, json!(null)),
    ];
    for (collection, key, text, unit, expected) in cases {
        let found = written(collection, key, text, unit).unwrap_or_else(|error| panic!("{text}: {error}"));
        match (found.as_f64(), expected.as_f64()) {
            (Some(found), Some(expected)) => assert!(
                (found - expected).abs() <= expected.abs() * 1e-15,
                "{text}: {found}, expected {expected}"
            ),
            _ => assert_eq!(found, expected, "{text}"),
        }
    }
}

#[test]
fn ranges_as_notices_write_them() {
    let cases = [
        ("1.2", range(1.2, 1.2)),
        ("1.2-2.0", range(1.2, 2.0)),
        ("1.2～2.0", range(1.2, 2.0)),
        ("1.2至2.0", range(1.2, 2.0)),
        ("1.2 bis 2.0", range(1.2, 2.0)),
        ("1.2 to 2.0", range(1.2, 2.0)),
        ("≥1.2", range(1.2, json!(null))),
        (">= 1.2", range(1.2, json!(null))),
        ("≥0.7且≤1.8", range(0.7, 1.8)),
        ("≥0.7，≤1.8", range(0.7, 1.8)),
        ("1.50≤", range(1.5, json!(null))),
        ("1.2≤容积率≤2.0", range(1.2, 2.0)),
        ("不低于1.2", range(1.2, json!(null))),
        ("不大于2", range(json!(null), 2.0)),
        ("不低于1.2，不高于2.0", range(1.2, 2.0)),
        ("1.2以上", range(1.2, json!(null))),
        ("2以下", range(json!(null), 2.0)),
        (">1.0", json!({"min": 1.0, "min_inclusive": false})),
        (
            "大于1.0且小于2",
            json!({"min": 1.0, "min_inclusive": false, "max": 2.0, "max_inclusive": false}),
        ),
        ("at least 1.2", range(1.2, json!(null))),
        ("mindestens 1.2", range(1.2, json!(null))),
    ];
    for (text, expected) in cases {
        let found = written("parcels", "plot_ratio", text, None).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(found, expected, "{text}");
    }
    let percent = written("parcels", "green_ratio", "≤20%", None).unwrap();
    assert_eq!(percent, range(json!(null), 20.0));
}

#[test]
fn codes_flags_and_days_as_people_write_them() {
    let cases = [
        ("parcels", "planned_use", "工业用地", json!("1001")),
        ("parcels", "planned_use", "100102", json!("100102")),
        ("parcels", "planned_use", "1001 工业用地", json!("1001")),
        ("parcels", "plan_letter", "M1 一类工业用地", json!("M1")),
        ("parcels", "status", "可供", json!("AVAILABLE")),
        ("parcels", "status", "意向锁定", json!("HELD")),
        ("parcels", "status", "Verfügbar", json!("AVAILABLE")),
        ("buildings", "structure", "钢构", json!("steel")),
        ("buildings", "fire_class", "丙二类", json!("丙二")),
        ("buildings", "fire_resistance", "二级", json!("2")),
        ("buildings", "sprinklers", "有", json!(true)),
        ("buildings", "sprinklers", "无", json!(false)),
        ("buildings", "sprinklers", "Ja", json!(true)),
        ("parcels", "available_from", "2025.6", json!("2025-06-01")),
        ("parcels", "available_from", "２０２７年３月", json!("2027-03-01")),
        ("parcels", "available_from", "待定", json!(null)),
        ("parcels", "name", "  A 地块 ", json!("A 地块")),
    ];
    for (collection, key, text, expected) in cases {
        let found = written(collection, key, text, None).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn what_is_not_a_value_is_refused() {
    let cases = [
        ("parcels", "area_declared", "5-8", "one number"),
        ("parcels", "area_declared", "≥5", "one number"),
        ("parcels", "area_declared", "1.2.3", "one number"),
        ("parcels", "area_declared", "12,34", "one number"),
        ("parcels", "area_declared", "30 fathoms", "one number, perhaps with a unit (m2, mu"),
        ("parcels", "area_declared", "-5", "a number from 0 to"),
        ("parcels", "area_declared", "1e5", "one number"),
        ("parcels", "plot_ratio", "2.0-1.2", "lower one not above the upper"),
        ("parcels", "plot_ratio", "≥1.2≥1.5", "a range such as"),
        ("parcels", "plot_ratio", "99", "a number from 0 to 30"),
        ("parcels", "planned_use", "0601", "a code of guide2023"),
        ("parcels", "available_from", "即日起", "a day such as"),
        ("parcels", "available_from", "2025", "a day such as"),
        ("parcels", "site_cleared", "maybe", "yes or no"),
        ("parcels", "name", "a\u{0}b", "without control characters"),
    ];
    for (collection, key, text, expected) in cases {
        let error = written(collection, key, text, None).expect_err(text);
        assert!(error.expected.contains(expected), "{text}: {error}");
        assert_eq!(error.attribute.as_str(), key);
    }
    let error = written("parcels", "area_declared", "30", Some("fathoms")).expect_err("unit");
    assert!(error.expected.contains("one of the units m2, mu, ha"), "{error}");
    let long = "长".repeat(500);
    let error = written("parcels", "name", &long, None).expect_err("long");
    assert!(
        error.expected.contains("at most 200 characters") && error.given.chars().count() == 81,
        "{error}"
    );
}

#[test]
fn json_is_checked() {
    let cases = [
        ("area_declared", json!("20000"), "a number"),
        ("area_declared", json!(-1), "a number from 0"),
        ("area_declared", json!(null), "a number"),
        ("plot_ratio", json!(1.2), "a range"),
        ("plot_ratio", json!({}), "a range"),
        ("plot_ratio", json!({"min": 1, "most": 2}), "a range"),
        ("plot_ratio", json!({"min": 2, "max": 1}), "lower one not above"),
        (
            "plot_ratio",
            json!({"min": 1, "max": 1, "max_inclusive": false}),
            "lower one not above",
        ),
        ("status", json!("available"), "a code of parcel_status"),
        ("frozen", json!("true"), "true or false"),
        ("available_from", json!("2027-3-1"), "a day"),
        ("name", json!("  "), "not empty"),
    ];
    for (key, given, expected) in cases {
        let error = Value::parse_json(attribute("parcels", key), &CATALOGUE, &given).expect_err(key);
        assert!(error.expected.contains(expected), "{key} {given}: {error}");
    }
    let mu = Value::parse_json_in(attribute("parcels", "area_declared"), &CATALOGUE, &json!(30), Some("mu"));
    assert_eq!(mu, Ok(Value::Number(20000.0)));
    let flag = Value::parse_json_in(attribute("parcels", "frozen"), &CATALOGUE, &json!(true), Some("mu"));
    assert!(flag.is_err());
}

#[test]
fn stored_values_outlive_their_limits_but_not_their_attributes() {
    let text = r#"{"area_declared":-5.0,"status":"GONE"}"#;
    let read = attributes_from_json(&CATALOGUE, "parcels", text).unwrap();
    assert_eq!(attributes_to_json(&read), text);
    assert!(
        attributes_from_json(&CATALOGUE, "parcels", r#"{"crane":5}"#)
            .unwrap_err()
            .contains("no attribute crane")
    );
    assert!(attributes_from_json(&CATALOGUE, "parcels", "[1]").is_err());
}

fn any_value(attribute: &Attribute) -> BoxedStrategy<Value> {
    match &attribute.kind {
        Kind::Number(measure) => (measure.min..=measure.max).prop_map(Value::Number).boxed(),
        Kind::Range(measure) => {
            let bound = || prop::option::of(measure.min..=measure.max);
            let sides = (bound(), bound(), any::<bool>(), any::<bool>());
            sides
                .prop_filter_map("empty", |(min, max, low, high)| {
                    let ordered = min.is_none_or(|min| max.is_none_or(|max| min < max));
                    let known = min.is_some() || max.is_some();
                    (ordered && known).then_some(Value::Range(Range {
                        min,
                        max,
                        min_inclusive: low || min.is_none(),
                        max_inclusive: high || max.is_none(),
                    }))
                })
                .boxed()
        }
        Kind::Code { list } => {
            let codes: Vec<_> = CATALOGUE.list(list).unwrap().codes.iter().map(|code| code.code.clone()).collect();
            prop::sample::select(codes).prop_map(Value::Code).boxed()
        }
        Kind::Flag => any::<bool>().prop_map(Value::Flag).boxed(),
        Kind::Text { .. } => "[^\\p{C}\\s]([^\\p{C}]{0,20}[^\\p{C}\\s])?"
            .prop_map(|text| Value::Text(Arc::from(text)))
            .boxed(),
        Kind::Date => (1900_i16..=2200, 1_i8..=12, 1_i8..=28)
            .prop_map(|(year, month, day)| Value::Date(jiff::civil::date(year, month, day)))
            .boxed(),
    }
}

fn any_attributes() -> impl Strategy<Value = BTreeMap<AttributeKey, Value>> {
    let of_parcels: Vec<_> = CATALOGUE.attributes_of("parcels").cloned().collect();
    let entry = prop::sample::select(of_parcels).prop_flat_map(|attribute| (Just(attribute.key.clone()), any_value(&attribute)));
    prop::collection::vec(entry, 0..12).prop_map(|entries| entries.into_iter().collect())
}

proptest! {
    #![proptest_config(Config { rng_seed: RngSeed::Fixed(20_260_103), failure_persistence: None, ..Config::with_cases(300) })]

    #[test]
    fn what_is_written_as_json_reads_back(attributes in any_attributes()) {
        let text = attributes_to_json(&attributes);
        let read = attributes_from_json(&CATALOGUE, "parcels", &text);
        prop_assert_eq!(read.as_ref(), Ok(&attributes));
        for (key, value) in &attributes {
            let read = Value::parse_json(attribute("parcels", key.as_str()), &CATALOGUE, &value.to_json());
            prop_assert_eq!(read.as_ref(), Ok(value));
        }
    }

    #[test]
    fn units_lead_back(value in 0.001_f64..1e9) {
        for quantity in CATALOGUE.quantities.values() {
            for unit in &quantity.units {
                let base = quantity.to_base(value, &unit.key).unwrap();
                let back = quantity.from_base(base, &unit.key).unwrap();
                prop_assert!((back - value).abs() <= value * 4.0 * f64::EPSILON, "{} {}: {value} -> {base} -> {back}", quantity.key, unit.key);
            }
        }
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in any::<String>(), mixed in "[0-9.,≥≤<>~约亩至m2元/㎡ -]{0,20}") {
        for attribute in CATALOGUE.attributes_of("parcels") {
            for text in [&text, &mixed] {
                if let Ok(Some(value)) = Value::parse_text(attribute, &CATALOGUE, text, None) {
                    prop_assert!(value.check(attribute, &CATALOGUE, text).is_ok());
                }
            }
        }
    }
}
