//! `zaiti import` as people run it: exit statuses, reports, and what is in the store afterwards.
use std::process::Command;

use serde_json::{Value as Json, json};

use crate::support::postgres;
use crate::support::shared::shared_data;
use crate::support::zaiti::{Park, Run, feature, plot, zaiti};

/// Crosses itself: two triangles, one of them small.
const BOW_TIE: &str = "[[[120.0,31.0],[120.002,31.002],[120.002,31.0],[120.0,31.001],[120.0,31.0]]]";

fn lines(features: &[String]) -> String {
    features.join("\n")
}

/// Counts of the line that sums a report up: rows, added, changed, unchanged, refused.
#[track_caller]
fn counts(run: &Run) -> [u64; 5] {
    let line = run
        .out
        .lines()
        .find(|line| line.contains(" rows: "))
        .unwrap_or_else(|| panic!("{}", run.said()));
    let numbers: Vec<u64> = line
        .split(|c: char| !c.is_ascii_digit())
        .filter_map(|word| word.parse().ok())
        .collect();
    numbers.try_into().unwrap()
}

#[test]
fn all_some_or_none_of_the_rows_is_the_exit_status() {
    let park = Park::new();
    let good = park.write("good.geojsonl", lines(&[plot("a", 0, r#","地块名称":"甲""#), plot("b", 2, "")]));
    let mixed = park.write(
        "mixed.geojsonl",
        lines(&[plot("c", 4, ""), plot("d", 6, r#","面积(亩)":"many""#), "{".to_owned()]),
    );
    let bad = park.write("bad.geojsonl", "{\n{\n");

    let run = park
        .import(&good, &[])
        .ends(0)
        .says(&["id -> code", "地块名称 -> name", "written in revision 1", "rows/s"]);
    assert_eq!(counts(&run), [2, 2, 0, 0, 0]);

    let refused = [
        "line 2, column 1, 面积(亩): given many, expected one number",
        "line 3, column 1: given",
        "nothing is written, because rows are refused",
    ];
    let run = park.import(&mixed, &[]).ends(2).says(&refused);
    assert_eq!(counts(&run), [3, 1, 0, 0, 2]);
    assert_eq!(park.codes("parcels"), ["a", "b"]);

    let run = park.import(&mixed, &["--keep-good"]).ends(1).says(&refused[..2]);
    assert_eq!(counts(&run), [3, 1, 0, 0, 2]);
    assert_eq!(park.codes("parcels"), ["a", "b", "c"]);

    let run = park.import(&mixed, &["--keep-good"]).ends(1).says(&["nothing to write"]);
    assert_eq!(counts(&run), [3, 0, 0, 1, 2]);
    park.import(&bad, &["--keep-good"]).ends(2);
    assert_eq!(park.codes("parcels"), ["a", "b", "c"]);
}

#[test]
fn the_same_file_twice_changes_nothing() {
    let park = Park::new();
    let file = park.write(
        "a.geojsonl",
        lines(&[plot("a", 0, r#","name":"A","面积(亩)":30"#), plot("b", 2, "")]),
    );
    park.import(&file, &[]).ends(0);
    let run = park.import(&file, &[]).ends(0).says(&["nothing to write"]);
    assert_eq!(counts(&run), [2, 0, 0, 2, 0]);
    let file = park.write(
        "a.geojsonl",
        lines(&[plot("a", 0, r#","name":"A2","面积(亩)":30"#), plot("b", 2, "")]),
    );
    let run = park.import(&file, &[]).ends(0).says(&["written in revision 2"]);
    assert_eq!(counts(&run), [2, 0, 1, 1, 0]);
}

#[test]
fn a_dry_run_writes_nothing_not_even_a_store() {
    let park = Park::new();
    let file = park.write("a.geojsonl", lines(&[plot("a", 0, ""), plot("b", 2, r#","面积(亩)":"many""#)]));
    let run = park
        .import(&file, &["--dry-run", "--keep-good"])
        .ends(1)
        .says(&["dry run: nothing is written"]);
    assert_eq!(counts(&run), [2, 1, 0, 0, 1]);
    assert!(!std::path::Path::new(park.store()).exists());
    park.import(&park.write("b.geojsonl", plot("c", 4, "")), &[]).ends(0);
    park.import(&file, &["--dry-run"]).ends(2);
    assert_eq!(park.codes("parcels"), ["c"]);
}

#[test]
fn an_invalid_outline_is_refused_or_mended_with_its_areas() {
    let park = Park::new();
    let file = park.write("a.geojsonl", feature("a", BOW_TIE, ""));
    park.import(&file, &[]).ends(2).says(&[
        "line 1, column 1, geometry: given a ring crosses or touches itself",
        "or ask for it to be mended",
    ]);
    let run = park
        .import(&file, &["--repair"])
        .ends(0)
        .says(&["mended:", "m² before", "m² after"]);
    assert_eq!(counts(&run), [1, 1, 0, 0, 0]);
    let again = park.import(&file, &["--repair"]).ends(0);
    assert_eq!(counts(&again), [1, 0, 0, 1, 0]);
}

#[test]
fn fields_are_mapped_by_flags_by_a_file_and_by_name() {
    let park = Park::new();
    let file = park.write("a.geojsonl", plot("a", 0, r#","NO":7,"GROSS":2,"USE":"heavy","odd":1"#));
    let run = park.import(&file, &["--code", "P-{NO}", "--map", "GROSS=area_declared:ha", "--map", "USE=name"]);
    run.ends(0)
        .says(&["NO -> code", "GROSS -> area_declared", "USE -> name", "ignored: id, odd"]);
    let mapping = park.write(
        "mapping.toml",
        "code = ['M-{NO}']\n[[field]]\nfrom = 'GROSS'\nto = 'area_declared'\nunit = 'mu'\n[[field]]\nfrom = 'SELTEN'\nto = 'name'\n",
    );
    let run = park.import(&file, &["--mapping", mapping.to_str().unwrap()]);
    run.ends(0).says(&["no row has the field SELTEN, which should give name"]);
    let json = park.run(&["export", "--collection", "parcels", "--role", "admin"]).ends(0).out;
    let json: Json = serde_json::from_str(&json).unwrap();
    let area = |code: &str| {
        let features = json["features"].as_array().unwrap();
        let found = features.iter().find(|feature| feature["properties"]["code"] == code).unwrap();
        found["properties"]["area_declared"].as_f64().unwrap()
    };
    assert!((area("P-7") - 20_000.0).abs() < 1e-9);
    assert!((area("M-7") - 2.0 * 2000.0 / 3.0).abs() < 1e-9);
}

#[test]
fn what_does_not_fit_is_said_before_anything_is_read_in() {
    let park = Park::new();
    let file = park.write("a.geojsonl", plot("a", 0, r#","NO":7"#));
    let broken = park.write("broken.toml", "[[field]]\nfrom = 'A'\nto = 'name'\nunti = 'ha'\n");
    let path = park.path("nowhere.geojsonl");
    park.import(&path, &[])
        .ends(2)
        .says(&["nowhere.geojsonl cannot be read", "No such file"]);
    let check = |flags: &[&str], says: &[&str]| {
        park.import(&file, flags).ends(2).says(says);
    };
    check(
        &["--into", "plots"],
        &[
            "there is no collection plots; expected one of parcels, buildings, units",
            "--effect",
        ],
    );
    check(&["--map", "NO=nam"], &["NO -> nam", "expected one of", "area_declared"]);
    check(&["--map", "NOPE=name"], &["given the field NOPE, expected one of id, NO"]);
    check(&["--map", "NO"], &["--map NO", "expected FIELD=attribute"]);
    check(&["--map", "NO=area_declared:furlong"], &["furlong"]);
    check(&["--mapping", "massgib"], &["--mapping massgib", "massgis"]);
    check(&["--mapping", broken.to_str().unwrap()], &["broken.toml", "unti", "line 4"]);
    check(&["--code", "{NIX}"], &["code", "{NIX}"]);
    check(&["--encoding", "GB-9999"], &["GB-9999"]);
    check(&["--crs", "EPSG:1"], &["EPSG:1"]);
    check(&["--observed-at", "yesterday"], &["yesterday", "2026-03-01"]);
    check(&["--observed-at", "2999-01-01"], &["2999-01-01", "expected a time up to now"]);
    check(&["--evidence", "rumour"], &["rumour", "told, seen, measured, document"]);
    check(&["--buffer-m", "5"], &["--effect"]);
    check(&["--effect", "info"], &["parcels is a collection of the catalogue"]);
    check(&["--into", "Bad Key", "--effect", "info"], &["given Bad Key", "lower-case"]);
    check(&["--report", file.to_str().unwrap()], &["would take the place of"]);
    assert_eq!(park.codes("parcels"), Vec::<String>::new());
}

#[test]
fn a_report_is_written_for_programs() {
    let park = Park::new();
    let bad = plot("b", 2, r#","面积(亩)":"many""#);
    let file = park.write("a.geojsonl", lines(&[feature("a", BOW_TIE, ""), bad]));
    let report = park.path("report.json");
    park.import(
        &file,
        &["--keep-good", "--repair", "--list", "0", "--report", report.to_str().unwrap()],
    )
    .ends(1)
    .says(&["refused:\n  and 1 more", "mended:\n  and 1 more"]);
    let json: Json = serde_json::from_slice(&std::fs::read(report).unwrap()).unwrap();
    let sums = ["rows", "added", "changed", "unchanged", "refused", "mended", "revision"].map(|key| json[key].as_u64().unwrap());
    assert_eq!(sums, [2, 1, 0, 0, 1, 1, 1]);
    let refusal = &json["refusals"][0];
    assert_eq!(
        (&refusal["line"], &refusal["field"], &refusal["given"]),
        (&json!(2), &json!("面积(亩)"), &json!("many"))
    );
    assert!(json["mends"][0]["area_after_m2"].as_f64().unwrap() > 1_000.0);
    assert_eq!(json["fields"][0], json!({"field": "id", "attribute": "code"}));
}

#[test]
fn a_new_overlay_is_defined_once() {
    let park = Park::new();
    let file = park.write("a.geojsonl", lines(&[plot("a", 0, r#","深度":"3 m""#), plot("b", 2, "")]));
    let flags = [
        "--into",
        "river",
        "--effect",
        "exclude",
        "--buffer-m",
        "50",
        "--name-zh",
        "河道",
        "--name-en",
        "River",
        "--name-de",
        "Fluss",
    ];
    let run = park.import(&file, &flags).ends(0);
    assert_eq!(counts(&run), [2, 2, 0, 0, 0]);
    let again = park.import(&file, &flags).ends(0);
    assert_eq!(counts(&again), [2, 0, 0, 2, 0]);
    park.import(&file, &["--into", "river"]).ends(0);
    let other = ["--into", "river", "--effect", "info", "--buffer-m", "50"];
    park.import(&file, &other)
        .ends(2)
        .says(&["there is an overlay river already", "effect Exclude", "given effect Info"]);
    assert_eq!(park.codes("river"), ["river-a", "river-b"]);
}

#[test]
fn what_is_exported_comes_in_again_without_a_change() {
    let park = Park::new();
    let more =
        r#","name":"=甲 \"1\"","面积(亩)":30,"status":"AVAILABLE","plot_ratio":"1.0-2.0","available_from":"2027-03-01","容积率":"1.2~2.0""#;
    let shapes = [
        plot("a", 0, more),
        plot("b", 2, ""),
        r#"{"type":"Feature","properties":{"id":"c"},"geometry":null}"#.to_owned(),
        feature(
            "d",
            "[[[120.01,31],[120.02,31],[120.02,31.01],[120.01,31]],[[120.015,31.001],[120.018,31.004],[120.018,31.001],[120.015,31.001]]]",
            "",
        ),
    ];
    park.import(&park.write("a.geojsonl", lines(&shapes)), &[]).ends(0);
    let exported = park.path("out.geojson");
    let export = [
        "export",
        "--collection",
        "parcels",
        "--role",
        "admin",
        "-o",
        exported.to_str().unwrap(),
    ];
    park.run(&export).ends(0);
    let run = park.import(&exported, &[]).ends(0);
    assert_eq!(counts(&run), [4, 0, 0, 4, 0], "{}", run.said());

    let other = Park::new();
    other.import(&exported, &[]).ends(0);
    let copy = other.path("copy.geojson");
    other
        .run(&["export", "--collection", "parcels", "--role", "admin", "-o", copy.to_str().unwrap()])
        .ends(0);
    let features = |path: &std::path::Path| -> Vec<Json> {
        let json: Json = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        let mut features = json["features"].as_array().unwrap().clone();
        features.sort_by_key(|feature| feature["properties"]["code"].to_string());
        features
    };
    assert_eq!(features(&exported), features(&copy));
}

#[test]
fn the_main_job_on_both_stores() {
    let Some(path) = shared_data("ma_parcels/ma_industrial_parcels.geojson") else {
        return;
    };
    let mapping = concat!(env!("CARGO_MANIFEST_DIR"), "/data/mappings/massgis.toml");
    let database = postgres::database();
    for park in [Park::new(), Park::at(database.location())] {
        let run = park.import(&path, &["--mapping", mapping]).ends(0);
        assert_eq!(counts(&run), [2_302, 2_302, 0, 0, 0], "{}", park.store());
        let run = park.import(&path, &["--mapping", mapping]).ends(0).says(&["nothing to write"]);
        assert_eq!(counts(&run), [2_302, 0, 0, 2_302, 0], "{}", park.store());
        assert_eq!(park.codes("parcels").len(), 2_302);
    }
}

#[test]
fn gdal_reads_the_store() {
    let park = Park::new();
    park.import(
        &park.write("a.geojsonl", lines(&[plot("a", 0, r#","name":"甲""#), plot("b", 2, "")])),
        &[],
    )
    .ends(0);
    let water = park.write("w.geojsonl", plot("w", 1, ""));
    park.import(&water, &["--into", "water", "--effect", "info"]).ends(0);
    let ogrinfo = Command::new("ogrinfo").args(["-ro", "-al", "-so", park.store()]).output();
    let ogrinfo = ogrinfo.expect("the tests need GDAL: apt-get install gdal-bin");
    let said = String::from_utf8(ogrinfo.stdout).unwrap();
    assert!(ogrinfo.status.success(), "{said}{}", String::from_utf8_lossy(&ogrinfo.stderr));
    let count = |layer: &str| {
        let about = said
            .split(&format!("Layer name: {layer}\n"))
            .nth(1)
            .unwrap_or_else(|| panic!("no layer {layer} in {said}"));
        let line = about.lines().find(|line| line.starts_with("Feature Count: ")).unwrap();
        line.trim_start_matches("Feature Count: ").parse::<u64>().unwrap()
    };
    let layers = ["parcels", "buildings", "units", "overlay_features"].map(count);
    assert_eq!(layers, [2, 0, 0, 1], "{said}");
    assert!(said.contains("ID[\"EPSG\",4490]"), "{said}");
    // And the store is itself a file that can be imported.
    let other = Park::new();
    let copy = other.path("copy.gpkg");
    std::fs::copy(park.store(), &copy).unwrap();
    let run = other.import(&copy, &["--layer", "parcels_view"]).ends(0);
    assert_eq!(counts(&run), [2, 2, 0, 0, 0]);
    assert_eq!(other.codes("parcels"), ["a", "b"]);
}

#[test]
fn the_help_is_the_documentation() {
    let check = |name: &str, arguments: &[&str]| {
        let run = zaiti(arguments).ends(0);
        insta::assert_snapshot!(name, run.out.replace(env!("CARGO_PKG_VERSION"), "VERSION"));
    };
    check("help", &["--help"]);
    check("help_import", &["import", "--help"]);
    check("help_serve", &["serve", "--help"]);
    zaiti(&["--version"]).ends(0).says(&[env!("CARGO_PKG_VERSION")]);
}
