//! The six requirements that lie beside the demo park, on the demo park.
use std::path::Path;
use std::process::Command;

use serde_json::Value as Json;

fn run(arguments: &[&str]) -> (Option<i32>, String) {
    let run = Command::new(env!("CARGO_BIN_EXE_zaiti")).args(arguments).output().unwrap();
    let text = String::from_utf8(run.stdout).unwrap() + &String::from_utf8(run.stderr).unwrap();
    (run.status.code(), text)
}

#[test]
fn the_six_requirements_have_results_and_near_misses() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("demo.gpkg");
    let store = store.to_str().unwrap();
    assert_eq!(run(&["demo", "load", "--store", store]).0, Some(0));
    let requirements = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/demo/requirements");
    let mut files: Vec<_> = std::fs::read_dir(requirements)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert_eq!(files.len(), 6);
    for file in files {
        let name = file.file_stem().unwrap().to_str().unwrap();
        // Without a day of its own a requirement is asked of the day of the last change, which is that of the test.
        let mut document: Json = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
        document["as_of"] = "2026-11-25".into();
        let path = folder.path().join(file.file_name().unwrap());
        std::fs::write(&path, document.to_string()).unwrap();
        let path = path.to_str().unwrap();
        let (status, table) = run(&["suit", path, "--store", store]);
        assert_eq!(status, Some(0), "{table}");
        insta::assert_snapshot!(format!("suit_{name}"), table);
        let (_, json) = run(&["suit", path, "--store", store, "--json"]);
        let answer: Json = serde_json::from_str(&json).unwrap();
        for part in ["results", "near_misses", "relaxations"] {
            assert!(!answer[part].as_array().unwrap().is_empty(), "{name} has no {part}");
        }
        // A hall that was placed, or parcels put together.
        let text = answer["results"].to_string();
        let placed = ["results", "near_misses"]
            .iter()
            .any(|list| answer[*list].to_string().contains("\"said\":\"fits\""));
        assert!(placed || text.contains("\"pieces\":"), "{name} has neither a fit nor an assembly");
        assert_eq!(run(&["suit", path, "--store", store, "--json"]).1, json);
        if name.starts_with("a_") {
            insta::assert_snapshot!("suit_json", json);
        }
    }
}
