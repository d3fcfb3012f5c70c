//! Plans over made rows; whole imports into stores are tested by the integration tests.
use std::sync::Arc;

use geo_types::polygon;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::columns::Columns;
use super::mapping::Mapping;
use super::plan::{Common, Faulty, Plan};
use crate::domain::catalogue::Catalogue;
use crate::domain::edit::{Change, Edit};
use crate::domain::geometry::Shape;
use crate::domain::ids::{AttributeKey, Revision, Version};
use crate::domain::record::{Evidence, Record};
use crate::formats::{BadFeature, Feature, Place};
use crate::index::Snapshot;

fn common(collection: &str) -> Common {
    Common {
        collection: collection.into(),
        author: "steward".to_owned(),
        observed_at: "2027-01-01T00:00:00Z".parse().unwrap(),
        evidence: Evidence::Document,
        faulty: Faulty::Refuse,
        max_vertices: 1_000,
        new_id: Arc::new(Uuid::nil),
    }
}

/// A square whose corner is at this many thousandths of a degree.
/// As the readers give it.
type Row = Result<Feature, BadFeature>;

#[expect(
    clippy::needless_pass_by_value,
    clippy::unnecessary_wraps,
    reason = "written many times below, where this reads best"
)]
fn row(number: u64, at: i32, properties: Json) -> Row {
    let (x, y) = (120.0 + f64::from(at) / 1_000.0, 31.0);
    let square = polygon![(x: x, y: y), (x: x + 0.0005, y: y), (x: x + 0.0005, y: y + 0.0005), (x: x, y: y + 0.0005)];
    Ok(Feature {
        place: Place::Row(number),
        geometry: Some(square.into()),
        properties: properties.as_object().unwrap().clone().into_iter().collect(),
    })
}

fn plan(mapping: &str, snapshot: Snapshot, rows: Vec<Row>) -> Plan {
    let columns = Columns::bind(Mapping::parse(mapping).unwrap(), snapshot.catalogue().clone(), "parcels").unwrap();
    Plan::new(Box::new(rows.into_iter()), columns, common("parcels"), snapshot)
}

fn empty() -> Snapshot {
    Snapshot::empty(Arc::new(Catalogue::builtin().unwrap()))
}

/// A snapshot after these creations.
fn after(edits: &[Edit]) -> Snapshot {
    let records: Vec<_> = edits.iter().map(|edit| Arc::new(created(edit))).collect();
    empty().apply(Revision(1), &records)
}

fn created(edit: &Edit) -> Record {
    let Change::Create {
        code,
        geometry,
        attributes,
    } = &edit.change
    else {
        panic!("no creation: {edit:?}")
    };
    Record {
        id: edit.record,
        collection: edit.collection.clone(),
        code: code.clone(),
        geometry: geometry.clone(),
        version: Version(1),
        revision: Revision(1),
        changed_at: edit.observed_at,
        attributes: attributes.clone(),
        provenance: std::collections::BTreeMap::new(),
        closed: None,
    }
}

fn edits(plan: &mut Plan) -> Vec<Edit> {
    plan.by_ref().filter_map(|planned| planned.edit.ok()).collect()
}

fn refusals(plan: &mut Plan) -> Vec<String> {
    plan.by_ref()
        .filter_map(|planned| planned.edit.err())
        .map(|refusal| refusal.to_string())
        .collect()
}

const MAPPING: &str = r#"
    code = ["{ID}", "x-{geometry}"]
    [[field]]
    from = "NAME"
    to = "name"
    [[field]]
    from = "MU"
    to = "area_declared"
    unit = "mu"
    [[field]]
    from = "STATE"
    to = "status"
    once = true
    others = "refuse"
    values = { free = "AVAILABLE", gone = "SUPPLIED" }
"#;

#[test]
fn rows_become_creations_with_units_and_meanings() {
    let mut plan = plan(
        MAPPING,
        empty(),
        vec![row(1, 0, json!({"ID": 7, "NAME": " 北区 ", "MU": 3, "STATE": "free"}))],
    );
    let edits = edits(&mut plan);
    let record = created(&edits[0]);
    assert_eq!(record.code, "7");
    let values: Vec<_> = record
        .attributes
        .iter()
        .map(|(key, value)| format!("{key}={}", value.to_json()))
        .collect();
    assert_eq!(values, ["area_declared=2000.0", "name=\"北区\"", "status=\"AVAILABLE\""]);
    assert!(matches!(record.geometry, Shape::Polygons(_)));
    assert_eq!((plan.report.rows, plan.report.added), (1, 1));
}

#[test]
fn the_same_rows_again_change_nothing() {
    let rows = || {
        vec![
            row(1, 0, json!({"ID": "a", "MU": "约80亩"})),
            row(2, 2, json!({"ID": null, "NAME": "B"})),
        ]
    };
    let mut first = plan(MAPPING, empty(), rows());
    let mut second = plan(MAPPING, after(&edits(&mut first)), rows());
    assert!(edits(&mut second).is_empty());
    assert_eq!((second.report.unchanged, second.report.added, second.report.changed), (2, 0, 0));
}

#[test]
fn only_differences_are_set_and_blanks_clear_nothing() {
    let mut first = plan(
        MAPPING,
        empty(),
        vec![row(1, 0, json!({"ID": "a", "MU": 1, "NAME": "A", "STATE": "free"}))],
    );
    let snapshot = after(&edits(&mut first));
    let mut second = plan(
        MAPPING,
        snapshot,
        vec![row(1, 5, json!({"ID": "a", "MU": 2, "NAME": "", "STATE": "gone"}))],
    );
    let edits = edits(&mut second);
    let Change::Set { attributes, geometry } = &edits[0].change else {
        panic!("{edits:?}")
    };
    let keys: Vec<_> = attributes.keys().map(AttributeKey::as_str).collect();
    assert_eq!(keys, ["area_declared"], "a state is given once, a blank is no observation");
    assert!(geometry.is_some());
    assert_eq!(edits[0].base_version, Some(Version(1)));
}

#[test]
fn refusals_say_place_column_given_and_expected() {
    let broken = BadFeature::new(Place::Row(9), "x", "y").in_field("F");
    let rows = vec![
        row(1, 0, json!({"ID": "a", "MU": "many"})),
        row(2, 0, json!({"ID": "b", "STATE": "odd"})),
        row(3, 0, json!({"ID": "c"})),
        row(4, 0, json!({"ID": "c"})),
        row(5, 0, json!({"ID": "c".repeat(65)})),
        Err(broken),
    ];
    let mut plan = plan(MAPPING, empty(), rows);
    let refusals = refusals(&mut plan);
    assert!(
        refusals[0].starts_with("row 1, MU: given many, expected one number"),
        "{}",
        refusals[0]
    );
    assert_eq!(refusals[1], "row 2, STATE: given odd, expected free, gone");
    assert_eq!(refusals[2], "row 4, code: given a second row c, expected each code once");
    assert!(refusals[3].starts_with("row 5, code: given ccc"));
    assert_eq!(refusals[4], "row 9, F: given x, expected y");
    assert_eq!((plan.report.rows, plan.report.added, plan.report.refused), (6, 1, 5));
}

#[test]
fn an_invalid_outline_is_refused_or_mended_and_said() {
    let bow_tie = polygon![(x: 0.0, y: 0.0), (x: 0.002, y: 0.002), (x: 0.002, y: 0.0), (x: 0.0, y: 0.001)];
    let bad = Feature {
        place: Place::Row(1),
        geometry: Some(bow_tie.into()),
        properties: vec![("ID".to_owned(), json!("a"))],
    };
    let mut refusing = plan(MAPPING, empty(), vec![Ok(bad.clone())]);
    let refusals = refusals(&mut refusing);
    assert!(
        refusals[0].starts_with("row 1, geometry: given a ring crosses or touches itself"),
        "{}",
        refusals[0]
    );
    let mut mending = plan(MAPPING, empty(), vec![Ok(bad)]);
    mending.common.faulty = Faulty::Mend;
    let edits = edits(&mut mending);
    assert!(matches!(created(&edits[0]).geometry, Shape::Polygons(_)));
    let mend = &mending.report.mends[0];
    assert!(
        mend.area_after_m2 > 1_000.0 && mend.to_string().starts_with("row 1: a ring crosses"),
        "{mend}"
    );
}

#[test]
fn the_mappings_that_are_compiled_in_fit_the_catalogue() {
    let catalogue = Arc::new(Catalogue::builtin().unwrap());
    for name in Mapping::builtin_names() {
        let mapping = Mapping::builtin(name).unwrap().unwrap();
        let collection = if name == "tokyo" { "buildings" } else { "parcels" };
        for rule in &mapping.fields {
            let attribute = catalogue
                .attribute(collection, &rule.to)
                .unwrap_or_else(|| panic!("{name}: {}", rule.to));
            for meaning in rule.values.values() {
                let value = crate::domain::value::Value::parse_text(attribute, &catalogue, meaning, rule.unit.as_deref());
                assert!(value.is_ok(), "{name}: {}: {value:?}", rule.to);
            }
        }
        assert!(Columns::bind(mapping, catalogue.clone(), collection).is_ok(), "{name}");
    }
}
