//! The catalogue is data: an attribute that one entry adds is everywhere, and a faulty catalogue is refused with file and line.
use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};
use zaiti::domain::record::Evidence;
use zaiti::domain::viewer::{Role, Viewer};
use zaiti::formats::Options;
use zaiti::inventory::import::{Faulty, Job, Mapping, import};
use zaiti::inventory::{Bulk, Inventory, Settings};

use crate::support::catalogue::{attribute, read, with_file};
use crate::support::client::Client;
use crate::support::park::{Park, square};
use crate::support::service::{Kind, Place, run, succeed};

on_both_stores!(one_entry_adds_an_attribute_everywhere, a_value_without_an_attribute_is_kept);

fn gauge() -> String {
    let lines = "kind = \"number\"\nquantity = \"length\"\nmin = 0.0\nmax = 100.0\ndecimals = 2\n\
                 headings = [\"轨距\"]\ndbf = [\"GJ\"]\ncriterion = \"more\"\nfacet = true\ntile = true";
    attribute("crane_rail_gauge", "\"buildings\", \"units\"", lines)
}

/// Buildings in a ledger of which the catalogue's new heading is a column.
async fn import_ledger(location: &str, directory: &Path, folder: &Path) {
    let row = |at: usize, gauge: &str| {
        json!({"type": "Feature", "properties": {"id": format!("B-{at}"), "轨距": gauge}, "geometry": square(at)}).to_string()
    };
    let path = folder.join("halls.geojsonl");
    std::fs::write(&path, [row(0, "16.5"), row(1, "22.5"), row(2, "")].join("\n")).unwrap();
    let store = zaiti::store::open(location).await.unwrap();
    let inventory: Arc<Inventory> = Inventory::open(store, read(directory), Settings::default()).await.unwrap();
    let job = Job {
        path,
        read: Options::default(),
        into: "buildings".into(),
        mapping: Mapping::default(),
        mode: Bulk::AllOrNothing,
        faulty: Faulty::Refuse,
        overlay: None,
        viewer: Viewer {
            role: Role::Steward,
            account: Some("steward".into()),
        },
        observed_at: "2026-01-01T00:00:00Z".parse().unwrap(),
        evidence: Evidence::Document,
    };
    let report = import(&inventory, job, Box::new(|_, _| {})).await.unwrap();
    assert_eq!((report.added, report.refused), (3, 0), "{:?}", report.refusals);
}

fn one_entry_adds_an_attribute_everywhere(kind: Kind) {
    let place = Place::new(kind);
    let directory = with_file(place.folder(), "own.toml", &gauge());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(import_ledger(&place.location(), &directory, place.folder()));
    drop(runtime);
    let token = place.token("surveyor");
    let folder = directory.to_str().unwrap();
    let server = place.serve_with(&["--catalogue", folder]);
    let public = server.public();
    // Search, with a unit, and what is unknown.
    let found = |query: &str| public.read(&format!("/api/v1/search?collection=buildings&{query}"));
    assert_eq!(
        found("crane_rail_gauge_min=20")["features"][0]["properties"]["crane_rail_gauge"],
        22.5
    );
    for (query, count) in [
        ("crane_rail_gauge_min=16.5&crane_rail_gauge_max=17", 1),
        ("crane_rail_gauge_max=0.017&crane_rail_gauge_unit=km", 1),
        ("crane_rail_gauge_unknown=only", 1),
        ("crane_rail_gauge_min=20&crane_rail_gauge_unknown=include", 2),
    ] {
        assert_eq!(found(query)["numberMatched"], count, "{query}");
    }
    let codes: Vec<_> = found("sort=-crane_rail_gauge")["features"]
        .as_array()
        .unwrap()
        .iter()
        .map(|each| each["properties"]["code"].clone())
        .collect();
    assert_eq!(codes, ["B-1", "B-0", "B-2"]);
    facets_catalogue_and_document_have_it(&public, folder);
    // Export in both formats.
    let csv = public.get("/api/v1/exports?collection=buildings&format=csv").text();
    let column = csv
        .lines()
        .next()
        .unwrap()
        .split(',')
        .position(|name| name == "crane_rail_gauge")
        .unwrap();
    assert_eq!(csv.lines().nth(1).unwrap().split(',').nth(column), Some("16.5"));
    let geojson = public.read("/api/v1/exports?collection=buildings");
    assert_eq!(geojson["features"][1]["properties"]["crane_rail_gauge"], 22.5);
    // Changed like any other, on the record's page and in its history.
    let set = |value: Value| server.with(&token).patch("B-0", &json!({"set": {"crane_rail_gauge": value}})).ok();
    assert_eq!(set(json!(18.0))["outcome"], "applied");
    assert_eq!(set(json!(200.0))["reason"], "bad-value");
    let item = public.read("/api/v1/carriers/B-0");
    assert_eq!(item["properties"]["crane_rail_gauge"], 18.0);
    let history = public.read("/api/v1/carriers/B-0/history");
    assert_eq!(
        history["entries"][1]["changes"]["crane_rail_gauge"],
        json!({"old": 16.5, "new": 18.0})
    );
    let described = public.read("/tiles/buildings");
    assert_eq!(described["vector_layers"][0]["fields"]["crane_rail_gauge"], "Number");
}

fn facets_catalogue_and_document_have_it(public: &Client, folder: &str) {
    let facets = public.read("/api/v1/facets?collection=buildings");
    let facet = facets["facets"]
        .as_array()
        .unwrap()
        .iter()
        .find(|facet| facet["attribute"] == "crane_rail_gauge")
        .unwrap();
    assert_eq!(
        (&facet["min"], &facet["max"], &facet["unknown"], &facet["unit"]),
        (&json!(16.5), &json!(22.5), &json!(1), &json!("m"))
    );
    let catalogue = public.read("/api/v1/catalogue");
    let entry = catalogue["attributes"]
        .as_array()
        .unwrap()
        .iter()
        .find(|entry| entry["key"] == "crane_rail_gauge")
        .unwrap();
    assert_eq!(
        (&entry["names"]["de"], &entry["collections"], &entry["kind"]),
        (&json!("Neu crane_rail_gauge"), &json!(["buildings", "units"]), &json!("number"))
    );
    let document = public.read("/api/v1/openapi.json");
    let filters = &document["components"]["parameters"]["filters"]["schema"]["properties"];
    assert_eq!(filters["crane_rail_gauge_min"]["x-collections"], json!(["buildings", "units"]));
    assert_eq!(
        document["components"]["schemas"]["UnitsProperties"]["properties"]["crane_rail_gauge"]["maximum"],
        100.0
    );
    let printed: Value = serde_json::from_str(&succeed(&["openapi", "--role", "public", "--catalogue", folder], "")).unwrap();
    assert_eq!(printed, document);
}

fn a_value_without_an_attribute_is_kept(kind: Kind) {
    let place = Place::new(kind);
    let directory = with_file(place.folder(), "own.toml", &gauge());
    let with_it = ["--catalogue", directory.to_str().unwrap()];
    let token = place.token("steward");
    let mut park = Park::new(1);
    let creation = park.record(("buildings", "B-1"), 0, &json!({"crane_rail_gauge": 16.5, "name": "one"}));
    let server = place.serve_with(&with_it);
    server.with(&token).apply(std::slice::from_ref(&creation));
    drop(server);
    // Without the entry nobody sees it, and the record can be written.
    let server = place.serve();
    assert!(
        server.log().contains("values of attributes that the catalogue lacks"),
        "{}",
        server.log()
    );
    let text = server.with(&token).get("/api/v1/carriers/B-1").text();
    assert!(!text.contains("crane_rail_gauge"), "{text}");
    assert!(
        !server
            .with(&token)
            .get("/api/v1/carriers/B-1/history")
            .text()
            .contains("crane_rail_gauge")
    );
    server.with(&token).apply(&[park.setting(&creation, &json!({"name": "two"}))]);
    drop(server);
    let server = place.serve_with(&with_it);
    let properties = server.public().read("/api/v1/carriers/B-1")["properties"].clone();
    assert_eq!(
        (&properties["crane_rail_gauge"], &properties["name"]),
        (&json!(16.5), &json!("two"))
    );
}

#[test]
fn a_faulty_catalogue_is_refused_with_file_and_line() {
    let folder = tempfile::tempdir().unwrap();
    let cases = [
        (
            "duplicate key",
            "dup.toml",
            gauge() + "\n" + &gauge(),
            "dup.toml:",
            "crane_rail_gauge",
        ),
        (
            "unknown list",
            "list.toml",
            attribute("roof_colour", "\"buildings\"", "kind = \"code\"\nlist = \"colours\""),
            "list.toml:5: ",
            "colours",
        ),
        (
            "missing language",
            "language.toml",
            gauge().replace(", de = \"Hilfe\"", ""),
            "language.toml:16: ",
            "de",
        ),
        ("no TOML", "broken.toml", "[[attribute\n".to_owned(), "broken.toml:1: ", "expected"),
    ];
    for (what, name, text, place, said) in cases {
        let directory = with_file(folder.path(), name, &text);
        let checked = run(&["catalogue", "check", directory.to_str().unwrap()], "");
        let error = String::from_utf8(checked.stderr).unwrap();
        assert_eq!(checked.status.code(), Some(2), "{what}");
        assert!(error.contains(place) && error.contains(said), "{what}: {error}");
        std::fs::remove_file(directory.join(name)).unwrap();
    }
    let missing = run(&["catalogue", "check", "/nowhere/at/all"], "");
    assert_eq!(missing.status.code(), Some(2));
    assert!(succeed(&["catalogue", "check"], "").starts_with("the catalogue is sound: 3 collections"));
}

#[test]
fn nothing_starts_on_a_catalogue_with_a_state_that_no_way_leads_to() {
    let folder = tempfile::tempdir().unwrap();
    let directory = with_file(folder.path(), "none.toml", "");
    let path = directory.join("lifecycles.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let cut: Vec<_> = text.lines().filter(|line| !line.contains("to = \"DEMOLISHED\"")).collect();
    std::fs::write(&path, cut.join("\n")).unwrap();
    let checked = run(&["catalogue", "check", directory.to_str().unwrap()], "");
    let error = String::from_utf8(checked.stderr).unwrap();
    assert_eq!(checked.status.code(), Some(2));
    assert!(
        error.contains("lifecycles.toml:") && error.contains("state DEMOLISHED cannot be reached"),
        "{error}"
    );
    // The service does not start on it either, and says the same.
    let store = folder.path().join("x.gpkg");
    let served = run(
        &[
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--store",
            store.to_str().unwrap(),
            "--catalogue",
            directory.to_str().unwrap(),
        ],
        "",
    );
    assert_eq!((served.status.code(), String::from_utf8(served.stderr).unwrap()), (Some(2), error));
    assert!(!store.exists(), "nothing is made before the catalogue is known to be sound");
}
