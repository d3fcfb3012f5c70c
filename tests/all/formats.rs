//! Foreign files of every kind: each is read, or refused with a reason, and none brings the reader down.
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use zaiti::formats::{Options, read};

use crate::support::shared::shared_data;

/// What reading a file came to, in one line.
fn outcome(path: &Path) -> String {
    let source = match read(path, &Options::default()) {
        Ok(source) => source,
        Err(error) => return format!("refused: {error}"),
    };
    let mut line = format!("{}, {}", source.format, source.crs);
    for note in &source.notes {
        line.extend([", ", note]);
    }
    let (mut good, mut bad, mut first) = (0, 0, None);
    for feature in source.features {
        match feature {
            Ok(_) => good += 1,
            Err(error) => {
                bad += 1;
                first.get_or_insert(error.to_string());
            }
        }
    }
    line += format!(": {good} read, {bad} refused").as_str();
    if let Some(first) = first {
        line += "; ";
        line += &first;
    }
    line
}

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == ending));
    files.sort();
    files
}

fn outcomes(folder: &Path, ending: &str) -> BTreeMap<String, String> {
    let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
    files(folder, ending).iter().map(|path| (name(path), outcome(path))).collect()
}

fn as_lines(outcomes: &BTreeMap<String, String>) -> String {
    outcomes
        .iter()
        .fold(String::new(), |lines, (name, outcome)| lines + name + ": " + outcome + "\n")
}

#[test]
fn good_geojson_is_read() {
    let Some(folder) = shared_data("corpora/geojson/good") else {
        return;
    };
    let outcomes = outcomes(&folder, "geojson");
    assert_eq!(outcomes.len(), 18);
    for (name, outcome) in &outcomes {
        // Its longitudes reach -259: well-formed, but no place on earth.
        let expected = if name == "issue82.geojson" {
            "0 read, 1 refused"
        } else {
            " 0 refused"
        };
        assert!(outcome.contains(expected), "{name}: {outcome}");
    }
}

#[test]
fn bad_geojson_is_refused() {
    let Some(folder) = shared_data("corpora/geojson/bad") else { return };
    // What RFC 7946 only advises against, or asks readers to bear with (sections 3.1.1, 3.1.6, 3.1.8, 11.2); heights are not read.
    let borne_with = [
        "bad-polygon-interiorring-rhr.geojson",
        "different-first-size.geojson",
        "excessive_precision_truncated.geojson",
        "geometrycollection_nested.geojson",
        "geometrycollection_single.geojson",
        "point-toomany.geojson",
        "polygon_winding_order.geojson",
    ];
    let outcomes = outcomes(&folder, "geojson");
    for (name, outcome) in &outcomes {
        let is_read = !outcome.starts_with("refused") && outcome.contains(" 0 refused");
        assert_eq!(is_read, borne_with.contains(&name.as_str()), "{name}: {outcome}");
    }
    insta::assert_snapshot!(as_lines(&outcomes));
}

#[test]
fn real_geojson_is_read_to_the_last_feature() {
    let expected = [
        ("ma_parcels/ma_industrial_parcels.geojson", 2_302),
        ("hangzhou_osm/hangzhou_industrial.geojson", 540),
        ("hangzhou_osm/hangzhou_landuse.geojsonl.gz", 8_707),
        ("hangzhou_osm/hangzhou_water.geojsonl.gz", 2_721),
        ("tochigi_zoning/tochigi_youto.geojson", 1_465),
        ("nantong_base/nantong_admin_wgs84.geojson", 8),
        ("nantong_base/land_osm2017.geojson", 37),
        ("nantong_base/water_osm2017.geojson", 981),
    ];
    for (name, count) in expected {
        let Some(path) = shared_data(name) else { return };
        let outcome = outcome(&path);
        assert!(outcome.ends_with(&format!(": {count} read, 0 refused")), "{name}: {outcome}");
    }
}

#[test]
fn foreign_shapefiles_are_read_or_refused_with_a_reason() {
    let Some(folder) = shared_data("corpora/shapefile") else { return };
    let Some(chinese) = shared_data("shapefile_gbk") else { return };
    let mut outcomes = outcomes(&folder, "shp");
    assert_eq!(outcomes.len(), 17);
    outcomes.extend(self::outcomes(&chinese, "shp"));
    outcomes.extend(self::outcomes(&chinese, "zip"));
    insta::assert_snapshot!(as_lines(&outcomes));
}

#[test]
fn foreign_geopackages_are_read_or_refused_with_a_reason() {
    let Some(folder) = shared_data("corpora/geopackage") else { return };
    let outcomes = outcomes(&folder, "gpkg");
    assert_eq!(outcomes.len(), 7);
    insta::assert_snapshot!(as_lines(&outcomes));
}
