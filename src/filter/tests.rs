//! What is understood, what is refused, and that nothing is ignored.
use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};

use super::*;
use crate::domain::ids::AttributeKey;
use crate::domain::query::{Cursor, CursorValue, Filter, Query, Region, SortKey, Test};

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::builtin().unwrap());

fn ask(role: Role, collection: &str, text: &str) -> Result<Query, ParameterError> {
    let limits = Limits::default();
    let scope = Scope {
        catalogue: &CATALOGUE,
        role,
        collection,
        limits: &limits,
    };
    let pair = |piece: &str| {
        let (name, value) = piece.split_once('=').unwrap();
        (name.to_owned(), value.to_owned())
    };
    let parameters: Vec<_> = text.split('&').filter(|piece| !piece.is_empty()).map(pair).collect();
    parse(&scope, &parameters)
}

/// The only filter of what was asked, as the public, of parcels.
fn one(text: &str) -> Filter {
    let mut query = ask(Role::Public, "parcels", text).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(query.conditions.len(), 1, "{text}");
    query.conditions.remove(0).filter
}

fn test_of(text: &str) -> Test {
    match one(text) {
        Filter::Test { test, .. } => test,
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn attributes_make_tests() {
    let number = |min, max| Test::Number { min, max };
    let codes = |codes: &[&str]| Test::Code(codes.iter().map(|code| (*code).into()).collect());
    let day = |text: &str| Some(text.parse().unwrap());
    let cases = [
        ("area_min=20000", number(Some(20000.0), None)),
        ("area_min=30&area_unit=mu", number(Some(20000.0), None)),
        ("area_min=1&area_max=2&area_unit=ha", number(Some(10000.0), Some(20000.0))),
        ("plot_ratio_max=2", number(None, Some(2.0))),
        ("status=AVAILABLE,HELD", codes(&["AVAILABLE", "HELD"])),
        ("planned_use=1101", codes(&["1101", "110101", "110102", "110103"])),
        ("planned_use=M1,W3&planned_use_scheme=gb50137", codes(&["100101", "110103"])),
        (
            "planned_use=0604&planned_use_scheme=gbt21010",
            codes(&["1101", "110101", "110102", "110103", "1102"]),
        ),
        ("cadastral_use=1001&cadastral_use_scheme=guide2023", codes(&["0601"])),
        ("cadastral_use=1001", codes(&["1001"])),
        ("is_standard_land=true", Test::Flag(true)),
        ("name=ABC", Test::Contains("abc".to_owned())),
        (
            "available_from_max=2027-03-01",
            Test::Date {
                from: None,
                to: day("2027-03-01"),
            },
        ),
        ("rent_unknown=only", Test::Known(false)),
    ];
    for (text, expected) in cases {
        let text = text.replace("rent_", "price_");
        assert_eq!(test_of(&text), expected, "{text}");
    }
}

#[test]
fn at_least_follows_the_order_of_the_list() {
    let query = ask(Role::Public, "buildings", "fire_class_min=丙").unwrap();
    let Filter::Test {
        test: Test::Code(codes), ..
    } = &query.conditions[0].filter
    else {
        panic!("{query:?}")
    };
    assert_eq!(
        codes.iter().map(|code| &**code).collect::<Vec<_>>(),
        ["甲", "乙", "丙", "丙一", "丙二"]
    );
}

#[test]
fn unknown_values_are_asked_for_by_name() {
    let Filter::All(tests) = one("price_min=1&price_unknown=exclude") else {
        panic!()
    };
    assert!(matches!(
        &tests[0],
        Filter::Test {
            test: Test::Known(true),
            ..
        }
    ));
    let Filter::Any(ways) = one("price_min=1&price_unknown=include") else {
        panic!()
    };
    assert!(matches!(
        &ways[1],
        Filter::Test {
            test: Test::Known(false),
            ..
        }
    ));
}

#[test]
fn the_end_of_a_hold_counts_only_for_those_who_see_it() {
    let ways = |role| match ask(role, "parcels", "available_by=2027-03-01").unwrap().conditions.remove(0).filter {
        Filter::Any(ways) => ways,
        other => panic!("{other:?}"),
    };
    assert_eq!(ways(Role::Public).len(), 2);
    assert!(!format!("{:?}", ways(Role::Public)).contains("hold_until"));
    assert_eq!(ways(Role::Staff).len(), 3);
    assert!(format!("{:?}", ways(Role::Staff)).contains("hold_until"));
}

#[test]
fn places_are_read() {
    assert!(matches!(one("bbox=120.94,31.79,121.06,31.98"), Filter::Within(Region::Box(_))));
    assert!(matches!(
        one("near=120.98,31.86&radius_m=500"),
        Filter::Within(Region::Radius { .. })
    ));
    for within in [
        "POLYGON((0 0,9 0,9 9,0 0))",
        "polygon (( 0 0 , 9 0 , 9 9 , 0 0 ), (5 1, 8 4, 8 1, 5 1))",
        "MULTIPOLYGON(((0 0,1 0,1 1,0 0)),((5 5,6 5,6 6,5 5)))",
        r#"{"type":"Polygon","coordinates":[[[0,0],[9,0],[9,9],[0,0]]]}"#,
        r#"{"type":"MultiPolygon","coordinates":[[[[0,0],[9,0],[9,9],[0,0]]]]}"#,
    ] {
        assert!(
            matches!(one(&format!("within={within}")), Filter::Within(Region::Polygon(_))),
            "{within}"
        );
    }
}

/// What is asked, the parameter at fault, and what is expected of it.
const REFUSED: [(&str, &str, &str); 48] = [
    ("colour=red", "colour", "one of bbox"),
    ("area=5", "area", "one of bbox"),
    ("price_scheme=gb50137", "price_scheme", "one of bbox"),
    ("area_min=1&area_min=2", "area_min", "once"),
    ("area_min=ten", "area_min", "a number"),
    ("area_min=nan", "area_min", "a number"),
    ("area_min=inf", "area_min", "a number"),
    ("area_min=1e999", "area_min", "a number"),
    ("area_min=", "area_min", "a number"),
    ("area_min=2&area_max=1", "area_max", "not below area_min"),
    ("area_min=2&area_unit=acres", "area_unit", "one of m2, mu, ha"),
    ("area_unit=mu", "area_unit", "area_min or area_max beside it"),
    ("planned_use_scheme=gb50137", "planned_use_scheme", "planned_use beside it"),
    ("planned_use=0601", "planned_use", "a code of guide2023"),
    (
        "planned_use=M1&planned_use_scheme=fire_class",
        "planned_use_scheme",
        "one of guide2023",
    ),
    ("planned_use=R&planned_use_scheme=gb50137", "planned_use", "counterpart"),
    ("status=", "status", "a code of parcel_status"),
    ("status=available", "status", "a code of parcel_status"),
    ("is_standard_land=1", "is_standard_land", "true or false"),
    ("name=", "name", "a part of the text"),
    ("price_unknown=yes", "price_unknown", "only, exclude or include"),
    ("price_unknown=include", "price_unknown", "a test of the same attribute"),
    ("price_unknown=only&price_min=1", "price_unknown", "exclude or include"),
    ("available_by=tomorrow", "available_by", "2027-03-01"),
    ("available_from_min=2027-02-30", "available_from_min", "2027-03-01"),
    (
        "available_from_min=2027-03-01&available_from_max=2027-01-01",
        "available_from_max",
        "not before",
    ),
    ("bbox=1,2,3", "bbox", "west,south,east,north"),
    ("bbox=121,31,120,32", "bbox", "west not east of east"),
    ("bbox=181,0,182,1", "bbox", "west,south"),
    ("near=120,31", "near", "radius_m beside it"),
    ("radius_m=5", "radius_m", "near beside it"),
    ("near=120,31&radius_m=1e9", "radius_m", "metres from 0"),
    ("near=31&radius_m=5", "near", "lon,lat"),
    ("within=POINT(1 1)", "within", "POLYGON"),
    ("within=POLYGON((0 0,9 0,9 9,0 1))", "within", "POLYGON"),
    ("within=POLYGON((0 0,9 9,9 0,0 9,0 0))", "within", "a valid polygon"),
    ("within=POLYGON((0 0,999 0,9 9,0 0))", "within", "a valid polygon"),
    ("within=POLYGON EMPTY", "within", "POLYGON"),
    ("within={\"type\":\"Point\",\"coordinates\":[1,2]}", "within", "POLYGON"),
    ("q=", "q", "1 to 10 words"),
    ("q=a b c d e f g h i j k", "q", "1 to 10 words"),
    ("limit=0", "limit", "from 1 to 10000"),
    ("limit=10001", "limit", "from 1 to 10000"),
    ("limit=+5", "limit", "from 1 to 10000"),
    ("sort=colour", "sort", "code or one of"),
    ("sort=area,-area", "sort", "once"),
    ("sort=area,name,status,price,plot_ratio", "sort", "at most 4"),
    ("after=xyz", "after", "the next of an answer"),
];

#[test]
fn what_does_not_fit_is_refused() {
    for (text, parameter, expected) in REFUSED {
        let error = ask(Role::Public, "parcels", text).expect_err(text);
        assert_eq!(error.parameter, parameter, "{text}");
        assert!(error.expected.contains(expected), "{text}: {error}");
    }
}

#[test]
fn too_many_corners_are_refused() {
    let corners: Vec<_> = (0..6000)
        .map(|at| f64::from(at) * std::f64::consts::TAU / 6000.0)
        .map(|angle| format!("{} {}", angle.cos(), angle.sin()))
        .collect();
    let text = format!("within=POLYGON(({}, {}))", corners.join(","), corners[0]);
    let error = ask(Role::Public, "parcels", &text).expect_err("too many");
    assert!(error.expected.contains("at most 5000 corners"), "{error}");
    assert!(error.given.chars().count() <= 81);
}

#[test]
fn what_one_may_not_see_cannot_be_told_from_what_is_not_there() {
    for collection in ["parcels", "buildings", "units"] {
        let hidden: Vec<_> = CATALOGUE
            .attributes_of(collection)
            .filter(|attribute| !Role::Public.sees(attribute.visibility))
            .collect();
        assert!(!hidden.is_empty());
        let truly_unknown = ask(Role::Public, collection, "no_such_thing=1").expect_err("unknown");
        for key in hidden.iter().map(|attribute| attribute.key.as_str()) {
            for parameter in [key.to_owned(), format!("{key}_min"), format!("{key}_unknown")] {
                let error = ask(Role::Public, collection, &format!("{parameter}=only")).expect_err(&parameter);
                assert_eq!(error.expected, truly_unknown.expected);
                assert_eq!(error.kind, Mistake::UnknownParameter);
            }
            let error = ask(Role::Public, collection, &format!("sort={key}")).expect_err("sort");
            assert!(!error.expected.contains(key), "{key}: {error}");
            let admin = ask(Role::Admin, collection, &format!("{key}_unknown=only"));
            assert!(admin.is_ok(), "{key}");
        }
    }
}

#[test]
fn every_listed_parameter_is_understood() {
    let limits = Limits::default();
    for (role, collection) in [(Role::Public, "parcels"), (Role::Admin, "buildings"), (Role::Staff, "units")] {
        let scope = Scope {
            catalogue: &CATALOGUE,
            role,
            collection,
            limits: &limits,
        };
        let documents = parameters(&scope);
        assert!(documents.len() > 150, "{}", documents.len());
        for document in documents {
            let result = parse(&scope, &[(document.name.clone(), "§".to_owned())]);
            assert!(
                !matches!(&result, Err(error) if error.kind == Mistake::UnknownParameter),
                "{}",
                document.name
            );
            assert!(!document.description.is_empty());
        }
    }
}

#[test]
fn a_cursor_belongs_to_its_order() {
    let sort = |descending| {
        vec![SortKey {
            attribute: Some("area".into()),
            descending,
        }]
    };
    let cursor = Cursor {
        values: vec![Some(CursorValue::Number(12.5))],
        code: "P-0001".to_owned(),
    };
    let text = encode_cursor(&cursor, &sort(true));
    assert_eq!(decode_cursor(&text, &sort(true)), Some(cursor));
    assert_eq!(decode_cursor(&text, &sort(false)), None);
    assert_eq!(decode_cursor(&text, &[]), None);
}

proptest! {
    #![proptest_config(Config { rng_seed: RngSeed::Fixed(20_260_102), failure_persistence: None, ..Config::with_cases(500) })]

    #[test]
    fn a_cursor_reads_back(values in prop::collection::vec(prop::option::of(prop_oneof![
        prop::num::f64::NORMAL.prop_map(CursorValue::Number),
        any::<String>().prop_map(CursorValue::Text),
    ]), 0..4), code in any::<String>()) {
        let sort: Vec<_> = (0..values.len()).map(|at| SortKey { attribute: Some(AttributeKey::from(format!("a{at}").as_str())), descending: at % 2 == 0 }).collect();
        let cursor = Cursor { values, code };
        prop_assert_eq!(decode_cursor(&encode_cursor(&cursor, &sort), &sort), Some(cursor));
    }

    #[test]
    fn no_text_makes_the_reader_panic(name in "(bbox|within|near|q|sort|after|area_min|status|available_by)", value in any::<String>()) {
            let limits = Limits::default();
        let scope = Scope { catalogue: &CATALOGUE, role: Role::Public, collection: "parcels", limits: &limits };
        let _ = parse(&scope, &[(name, value)]);
    }
}
