//! Whole imports: from a file into a store, and the same file again.
use std::path::Path;
use std::sync::Arc;

use zaiti::domain::catalogue::{Catalogue, Effect, Names, Overlay};
use zaiti::domain::record::Evidence;
use zaiti::domain::viewer::{Role, Viewer};
use zaiti::formats::Options;
use zaiti::inventory::import::{Faulty, ImportError, ImportReport, Job, Mapping, NewOverlay, import};
use zaiti::inventory::{Bulk, Inventory, Settings};

use crate::support::shared::shared_data;

async fn open(folder: &Path) -> Arc<Inventory> {
    let store = zaiti::store::open(folder.join("zaiti.gpkg").to_str().unwrap()).await.unwrap();
    Inventory::open(store, Catalogue::builtin().unwrap(), Settings::default())
        .await
        .unwrap()
}

fn steward() -> Viewer {
    Viewer {
        role: Role::Steward,
        account: Some("steward".into()),
    }
}

fn job(path: &Path, into: &str, mapping: &str) -> Job {
    Job {
        path: path.to_owned(),
        read: Options::default(),
        into: into.into(),
        mapping: match mapping {
            "" => Mapping::default(),
            name => Mapping::builtin(name).unwrap().unwrap(),
        },
        mode: Bulk::AllOrNothing,
        faulty: Faulty::Refuse,
        overlay: None,
        viewer: steward(),
        observed_at: "2027-01-01T00:00:00Z".parse().unwrap(),
        evidence: Evidence::Document,
    }
}

async fn run(inventory: &Inventory, job: Job) -> ImportReport {
    import(inventory, job, Box::new(|_, _| {})).await.unwrap()
}

/// Rows, added, changed, unchanged, refused.
fn counts(report: &ImportReport) -> [u64; 5] {
    [report.rows, report.added, report.changed, report.unchanged, report.refused]
}

/// A plot whose corner is at so many thousandths of a degree.
fn plot(id: &str, at: i32, name: &str) -> String {
    let (x, y) = (120.0 + f64::from(at) / 1_000.0, 31.0);
    let (e, n) = (x + 0.0005, y + 0.0005);
    format!(
        r#"{{"type":"Feature","properties":{{"id":"{id}","地块名称":"{name}","面积(亩)":"约3"}},"geometry":{{"type":"Polygon","coordinates":[[[{x},{y}],[{e},{y}],[{e},{n}],[{x},{y}]]]}}}}"#
    )
}

fn write(folder: &Path, lines: &[String]) -> std::path::PathBuf {
    let path = folder.join("plots.geojsonl");
    std::fs::write(&path, lines.join("\n")).unwrap();
    path
}

#[tokio::test]
async fn a_file_again_changes_nothing_and_a_changed_one_only_its_changes() {
    let folder = tempfile::tempdir().unwrap();
    let inventory = open(folder.path()).await;
    let path = write(folder.path(), &[plot("a", 0, "甲"), plot("b", 2, "乙")]);
    let first = run(&inventory, job(&path, "parcels", "")).await;
    assert_eq!(counts(&first), [2, 2, 0, 0, 0]);
    let again = run(&inventory, job(&path, "parcels", "")).await;
    assert_eq!((counts(&again), again.revision), ([2, 0, 0, 2, 0], None));
    let path = write(folder.path(), &[plot("a", 0, "甲"), plot("b", 2, "丙"), plot("c", 4, "丁")]);
    let third = run(&inventory, job(&path, "parcels", "")).await;
    assert_eq!(counts(&third), [3, 1, 1, 1, 0]);
    let item = inventory.view(&Viewer::public()).item("b").unwrap();
    assert_eq!(item.version.0, 2);
}

#[tokio::test]
async fn one_bad_row_keeps_all_out_unless_the_good_are_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let inventory = open(folder.path()).await;
    let path = write(
        folder.path(),
        &[plot("a", 0, "甲"), plot("b", 2, "乙").replace("约3", "many"), "{".to_owned()],
    );
    let all = run(&inventory, job(&path, "parcels", "")).await;
    assert_eq!((counts(&all), all.revision), ([3, 1, 0, 0, 2], None));
    assert!(inventory.view(&steward()).item("a").is_none());
    let lines: Vec<_> = all.refusals.iter().map(ToString::to_string).collect();
    assert!(
        lines[0].starts_with("line 2, column 1, 面积(亩): given many, expected one number"),
        "{lines:?}"
    );
    assert!(lines[1].starts_with("line 3, column"), "{lines:?}");
    let dry = Job {
        mode: Bulk::DryRun,
        ..job(&path, "parcels", "")
    };
    assert_eq!(run(&inventory, dry).await.revision, None);
    let good = Job {
        mode: Bulk::KeepGood,
        ..job(&path, "parcels", "")
    };
    let good = run(&inventory, good).await;
    assert_eq!(counts(&good), [3, 1, 0, 0, 2]);
    assert!(good.revision.is_some() && inventory.view(&steward()).item("a").is_some());
}

#[tokio::test]
async fn an_unknown_collection_needs_an_effect_and_becomes_an_overlay() {
    let folder = tempfile::tempdir().unwrap();
    let inventory = open(folder.path()).await;
    let path = write(folder.path(), &[plot("a", 0, "甲"), plot("b", 2, "乙")]);
    let refused = import(&inventory, job(&path, "river", ""), Box::new(|_, _| {})).await;
    assert!(matches!(refused, Err(ImportError::Collection { .. })), "{refused:?}");
    let overlay = NewOverlay {
        names: Names {
            zh: "河道".into(),
            en: "River".into(),
            de: "Fluss".into(),
        },
        overlay: Overlay {
            effect: Effect::Exclude,
            buffer_m: 50.0,
            source: "made".to_owned(),
            base_map: false,
        },
    };
    let with_overlay = || Job {
        overlay: Some(overlay.clone()),
        ..job(&path, "river", "")
    };
    let dry = Job {
        mode: Bulk::DryRun,
        ..with_overlay()
    };
    assert_eq!(counts(&run(&inventory, dry).await), [2, 2, 0, 0, 0]);
    assert!(inventory.view(&steward()).catalogue().collection("river").is_none());
    assert_eq!(counts(&run(&inventory, with_overlay()).await), [2, 2, 0, 0, 0]);
    assert_eq!(counts(&run(&inventory, job(&path, "river", "")).await), [2, 0, 0, 2, 0]);
    assert!(inventory.view(&Viewer::public()).item("river-a").is_some());
}

#[tokio::test]
async fn the_real_industrial_parcels_come_in() {
    let Some(path) = shared_data("ma_parcels/ma_industrial_parcels.geojson") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let inventory = open(folder.path()).await;
    let job = Job {
        mode: Bulk::KeepGood,
        ..job(&path, "parcels", "massgis")
    };
    let first = run(&inventory, job.clone()).await;
    let lines: Vec<_> = first.refusals.iter().map(ToString::to_string).collect();
    assert_eq!(first.added + first.refused, 2_302, "{lines:?}");
    insta::assert_debug_snapshot!(lines);
    let again = run(&inventory, job).await;
    assert_eq!((again.unchanged, again.added, again.changed), (first.added, 0, 0));
}
