//! The demo park: what is committed is what is generated, and it is a park.
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use geo::{Area, BooleanOps, BoundingRect, Contains, Intersects};
use geo_types::{Coord, MultiPolygon};
use zaiti::domain::catalogue::Catalogue;
use zaiti::domain::geometry::Shape;
use zaiti::domain::record::{Evidence, Record};
use zaiti::domain::value::Value;
use zaiti::index::{Builder, Snapshot};
use zaiti::store::Sink;

/// Computed or never filled by a generator: nothing says these of the demo's records.
const NEVER_KNOWN: [(&str, &str); 0] = [];

fn zaiti(arguments: &[&str]) -> String {
    let run = Command::new(env!("CARGO_BIN_EXE_zaiti")).args(arguments).output().unwrap();
    let text = String::from_utf8(run.stdout).unwrap();
    assert!(run.status.success(), "{text}{}", String::from_utf8_lossy(&run.stderr));
    text
}

/// All records of a store, with nothing hidden.
async fn read(store: &Path) -> Snapshot {
    let store = zaiti::store::open(store.to_str().unwrap()).await.unwrap();
    let overlays = store.overlays().await.unwrap().into_iter();
    let overlays: Vec<_> = overlays.map(|each| (each.collection, each.fields)).collect();
    let builder = Builder::new(Arc::new(Catalogue::builtin().unwrap().with_overlays(&overlays)), 1);
    let sinks = builder.sinks().into_iter().map(|fill| fill as Sink<'_>).collect();
    let revision = store.load(sinks).await.unwrap();
    builder.finish(revision)
}

fn records(snapshot: &Snapshot, collection: &str) -> Vec<Record> {
    let rows = snapshot.matches(&collection.into(), &[]);
    let ids: Vec<_> = rows.iter().map(|row| snapshot.row(row).id()).collect();
    ids.into_iter().map(|id| Record::clone(&snapshot.record(id).unwrap())).collect()
}

fn code(record: &Record, key: &str) -> Option<String> {
    match record.attributes.get(key)? {
        Value::Code(code) | Value::Text(code) => Some(code.to_string()),
        other => panic!("{}: {key} is {other:?}", record.code),
    }
}

/// In metres, so that areas and distances mean something.
fn plane(record: &Record) -> MultiPolygon<f64> {
    let Shape::Polygons(polygons) = &record.geometry else {
        panic!("{} has no outline", record.code);
    };
    let mut polygons = polygons.clone();
    geo::MapCoordsInPlace::map_coords_in_place(&mut polygons, |Coord { x, y }| Coord {
        x: (x - 121.0) * 94_616.0,
        y: (y - 31.85) * 110_885.0,
    });
    polygons
}

#[test]
fn the_committed_files_are_the_generated_ones() {
    let folder = tempfile::tempdir().unwrap();
    zaiti(&["demo", "generate", folder.path().to_str().unwrap()]);
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/demo");
    let names = |folder: &Path| -> BTreeSet<String> {
        let entries = std::fs::read_dir(folder).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.contains(".geojson") || name.contains(".jsonl")).collect()
    };
    let generated = names(folder.path());
    assert_eq!(generated, names(&committed));
    assert!(generated.len() > 20);
    for name in generated {
        let (ours, theirs) = (
            std::fs::read(committed.join(&name)).unwrap(),
            std::fs::read(folder.path().join(&name)).unwrap(),
        );
        assert!(
            ours == theirs,
            "{name}: run `zaiti demo generate data/demo` and look at what changed"
        );
        assert!(ours.len() < 1_000_000, "{name} has {} bytes", ours.len());
    }
}

/// Everything that is asked of the park, on one store, because loading it takes a second.
#[tokio::test]
async fn the_loaded_park_is_whole_and_a_second_load_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("demo.gpkg");
    let load = ["demo", "load", "--store", store.to_str().unwrap()];
    let first = zaiti(&load);
    assert!(first.contains(" 0 refused"), "{first}");
    let revision = {
        let snapshot = &read(&store).await;
        let [parcels, buildings, units] = ["parcels", "buildings", "units"].map(|key| records(snapshot, key));
        counts([&parcels, &buildings, &units]);
        every_state_is_in_use(snapshot);
        every_attribute_is_known_somewhere(snapshot);
        unknown_values_matter(&parcels);
        parcels_do_not_overlap(&parcels);
        buildings_lie_in_their_parcels(&parcels, &buildings);
        units_lie_in_their_buildings(&buildings, &units);
        provenance_differs(parcels.iter().chain(&units));
        layers_are_there(snapshot);
        snapshot.revision()
    };
    zaiti(&load);
    assert_eq!(read(&store).await.revision(), revision);
    let accounts = zaiti(&["account", "list", "--store", store.to_str().unwrap()]);
    let names: Vec<_> = accounts
        .lines()
        .map(|line| line.split('\t').take(2).collect::<Vec<_>>().join(" "))
        .collect();
    assert_eq!(names, ["admin admin", "staff staff", "steward steward", "surveyor surveyor"]);
}

fn counts([parcels, buildings, units]: [&[Record]; 3]) {
    assert!((285..=315).contains(&parcels.len()), "{}", parcels.len());
    assert_eq!(buildings.len(), 150);
    assert!((385..=430).contains(&units.len()), "{}", units.len());
}

fn every_state_is_in_use(snapshot: &Snapshot) {
    for collection in ["parcels", "buildings", "units"] {
        let lifecycle = snapshot.catalogue().lifecycle(collection).unwrap();
        let used: BTreeSet<_> = records(snapshot, collection)
            .iter()
            .filter_map(|record| code(record, "status"))
            .collect();
        let unused: Vec<_> = lifecycle
            .states
            .iter()
            .filter(|state| !used.contains(&*state.code))
            .map(|state| &state.code)
            .collect();
        assert!(unused.is_empty(), "{collection}: nothing is {unused:?}");
    }
}

fn every_attribute_is_known_somewhere(snapshot: &Snapshot) {
    let mut unknown = Vec::new();
    for collection in ["parcels", "buildings", "units"] {
        let records = records(snapshot, collection);
        let known: BTreeSet<_> = records.iter().flat_map(|record| record.attributes.keys()).collect();
        let keys = snapshot.catalogue().attributes_of(collection).map(|attribute| &attribute.key);
        unknown.extend(keys.filter(|key| !known.contains(key)).map(|key| (collection, key.to_string())));
    }
    let expected: Vec<_> = NEVER_KNOWN.map(|(collection, key)| (collection, key.to_owned())).to_vec();
    assert_eq!(unknown, expected);
}

fn unknown_values_matter(parcels: &[Record]) {
    for key in ["plot_ratio", "price", "power_capacity", "investment_intensity", "supply_mode"] {
        let known = parcels.iter().filter(|parcel| parcel.attributes.contains_key(key)).count();
        assert!(known < parcels.len() * 95 / 100 && known > 20, "{key} is known of {known}");
    }
}

fn parcels_do_not_overlap(parcels: &[Record]) {
    let outlines: Vec<_> = parcels.iter().map(|parcel| (&parcel.code, plane(parcel))).collect();
    for (code, outline) in &outlines {
        let mu = outline.unsigned_area() * 3.0 / 2000.0;
        assert!((9.5..=151.0).contains(&mu), "{code} has {mu} mu");
    }
    let with_holes = outlines
        .iter()
        .filter(|(_, outline)| outline.iter().any(|polygon| !polygon.interiors().is_empty()));
    assert!(with_holes.count() > 2);
    for (nth, (left, outline)) in outlines.iter().enumerate() {
        for (right, other) in &outlines[nth + 1..] {
            if outline.bounding_rect().unwrap().intersects(&other.bounding_rect().unwrap()) {
                let shared = outline.intersection(other).unsigned_area();
                assert!(shared <= 1.0, "{left} and {right} share {shared} m²");
            }
        }
    }
}

fn buildings_lie_in_their_parcels(parcels: &[Record], buildings: &[Record]) {
    let by_code: BTreeMap<_, _> = parcels.iter().map(|parcel| (parcel.code.clone(), plane(parcel))).collect();
    for building in buildings {
        let parcel = &by_code[&code(building, "parent").unwrap()];
        assert!(parcel.contains(&plane(building)), "{} leaves its parcel", building.code);
    }
}

fn units_lie_in_their_buildings(buildings: &[Record], units: &[Record]) {
    let by_code: BTreeMap<_, _> = buildings.iter().map(|building| (building.code.clone(), plane(building))).collect();
    let mut filled = BTreeSet::new();
    for unit in units {
        let parent = code(unit, "parent").unwrap();
        assert!(unit.code.starts_with(&format!("{parent}-")), "{} is in {parent}", unit.code);
        let outside = plane(unit).difference(&by_code[&parent]).unsigned_area();
        assert!(outside < 1.0, "{} is {outside} m² outside {parent}", unit.code);
        filled.insert(parent);
    }
    assert!(filled.len() > 30, "only {} buildings have units", filled.len());
}

fn provenance_differs<'a>(records: impl Iterator<Item = &'a Record>) {
    let mut kinds = BTreeSet::new();
    let mut moved_on = 0;
    for record in records {
        kinds.extend(record.provenance.values().map(|provenance| provenance.evidence));
        moved_on += usize::from(record.version.0 > 1);
    }
    assert_eq!(
        kinds.into_iter().collect::<Vec<_>>(),
        [Evidence::Told, Evidence::Seen, Evidence::Measured, Evidence::Document]
    );
    assert!(moved_on > 100, "only {moved_on} records have a history");
}

fn layers_are_there(snapshot: &Snapshot) {
    let layers = [
        "base_water",
        "base_roads",
        "base_places",
        "river_1km",
        "power_line_corridor",
        "expressway_ramps",
        "substations",
    ];
    for key in layers {
        let collection = snapshot.catalogue().collection(key).unwrap();
        let overlay = collection.overlay.as_ref().unwrap();
        assert_eq!(overlay.base_map, key.starts_with("base_"), "{key}");
        assert!(!overlay.source.is_empty() && !records(snapshot, key).is_empty(), "{key}");
    }
    let water = &snapshot.catalogue().collection("base_water").unwrap().overlay;
    assert!(water.as_ref().unwrap().source.contains("OpenStreetMap contributors"), "{water:?}");
}
