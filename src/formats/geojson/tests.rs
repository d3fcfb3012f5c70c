//! Reading of texts made here; the foreign corpora are read by the integration tests.
use std::io::Write;

use super::*;
use crate::formats::{Features, read};

fn open(name: &str, text: &[u8], limits: Limits) -> Result<Features, FormatError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::File::create(&path).unwrap().write_all(text).unwrap();
    let options = Options {
        limits,
        ..Options::default()
    };
    read(&path, &options).map(|source| source.features)
}

/// All features of a text; what ends the file is an error like the others.
fn outcome(name: &str, text: &str) -> Vec<Result<Feature, String>> {
    match open(name, text.as_bytes(), Limits::default()) {
        Ok(features) => features.map(|feature| feature.map_err(|error| error.to_string())).collect(),
        Err(error) => vec![Err(error.to_string())],
    }
}

fn first_error(text: &str) -> String {
    match outcome("a.geojson", text).into_iter().find_map(Result::err) {
        Some(error) => error,
        None => panic!("was read: {text}"),
    }
}

const SQUARE: &str = r#"{"type":"Polygon","coordinates":[[[120,31],[121,31],[121,32],[120,31]]]}"#;

fn feature(properties: &str) -> String {
    format!(r#"{{"type":"Feature","properties":{properties},"geometry":{SQUARE}}}"#)
}

#[test]
fn the_same_features_come_from_every_way_of_writing_them() {
    let (a, b) = (feature(r#"{"n":1}"#), feature(r#"{"n":2}"#));
    let ways = [
        (
            "a.geojson",
            format!("\u{feff} {{\"type\":\"FeatureCollection\",\"features\":[{a},\n{b}]}}\n"),
        ),
        (
            "b.geojson",
            format!("{{\"features\":[{a},{b}] , \"bbox\":[1,2,3,4], \"type\":\"FeatureCollection\"}}"),
        ),
        ("c.geojson", format!("{a}\n{b}\n")),
        ("d.geojsonl", format!("{a}\r\n\r\n{b}")),
        ("e.geojsons", format!("\u{1e}{}\n\u{1e}{b}\n", a.replace(',', ",\n"))),
    ];
    for (name, text) in ways {
        let numbers: Vec<_> = outcome(name, &text)
            .into_iter()
            .map(|feature| feature.unwrap().properties[0].1.clone())
            .collect();
        assert_eq!(numbers, [1, 2], "{name}");
    }
}

#[test]
fn a_bare_geometry_is_a_feature_without_values() {
    let features = outcome("a.geojson", SQUARE);
    assert_eq!(features.len(), 1);
    assert!(features[0].as_ref().unwrap().properties.is_empty());
}

#[test]
fn errors_say_where_and_what() {
    let cases = [
        (
            "",
            "line 1, column 1: given the end of the file, expected a GeoJSON object, which begins with `{`",
        ),
        (
            "[]",
            "line 1, column 1: given `[`, expected a GeoJSON object, which begins with `{`",
        ),
        ("{}", "line 1, column 2: given an object without `type`, expected a GeoJSON object"),
        (
            r#"{"type":"Point","coordinates":[1,"地"]}"#,
            "line 1, column 36: given string \"地\", expected a number",
        ),
        (
            "{\"type\":\"FeatureCollection\",\n \"features\":[\n  {\"type\":\"Feature\",\"properties\":{\"名称\":\"甲\"},\"geometry\":7}]}",
            "line 3, column 56: given integer `7`, expected a geometry",
        ),
        (
            r#"{"type":"Point","coordinates":[1e999,2]}"#,
            "line 1, column 36: given number out of range, expected well-formed JSON",
        ),
        (
            r#"{"type":"Point","coordinates":[NaN,2]}"#,
            "line 1, column 32: given expected value, expected well-formed JSON",
        ),
        (
            r#"{"type":"Point","coordinates":[592745.7,3526747.1]}"#,
            "line 1, column 1, geometry: given position 592745.7 3526747.1, expected a longitude in -180..180 and a latitude in -90..90 (is the reference system right?)",
        ),
        (
            r#"{"type":"FeatureCollection","features":[],"crs":{"properties":{"name":"EPSG:4528"}}}"#,
            "line 1, column 49: given the reference system EPSG:4528 behind the features, expected it before them, or named on import",
        ),
        (
            r#"{"type":"FeatureCollection","crs":{"type":"link"},"features":[]}"#,
            "line 1, column 35: given the reference system {\"type\":\"link\"}, expected its name in properties.name",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(first_error(text), expected, "{text}");
    }
}

#[test]
fn a_bad_feature_does_not_hide_the_good_ones() {
    let good = feature("{}");
    let text = format!("{{\"type\":\"FeatureCollection\",\"features\":[{good},{{\"type\":\"Feature\" \"x\"}},null,{good}]}}");
    let good_ones: Vec<bool> = outcome("a.geojson", &text).iter().map(Result::is_ok).collect();
    assert_eq!(good_ones, [true, false, false, true]);
    let lines = format!("{{\"broken\n{good}\n{{}}\n{good}");
    let good_ones: Vec<bool> = outcome("a.geojsonl", &lines).iter().map(Result::is_ok).collect();
    assert_eq!(good_ones, [false, true, false, true]);
}

#[test]
fn limits_hold() {
    let limits = Limits {
        max_features: 2,
        max_vertices: 4,
        max_depth: 8,
        max_feature_bytes: 300,
        ..Limits::default()
    };
    let good = feature("{}");
    let deep = feature(&format!("{{\"a\":{}1{}}}", "[".repeat(8), "]".repeat(8)));
    let long = feature(&format!("{{\"a\":\"{}\"}}", "x".repeat(300)));
    let many = good.replace("[121,32]", "[121,32],[120,32]");
    let cases = [
        (
            format!("{good}\n{good}\n{good}"),
            "line 3, column 1: given more, expected features of a file of at most 2",
        ),
        (deep, "line 1, column 1: given deeper nesting, expected at most 8 levels"),
        (long, "line 1, column 1: given a longer feature, expected at most 300 bytes"),
        (
            many,
            "line 1, column 123: given more than 4 positions, expected fewer vertices in one feature",
        ),
    ];
    for (text, expected) in cases {
        let text = format!("{{\"type\":\"FeatureCollection\",\"features\":[\n{}]}}", text.replace('\n', ",\n"));
        let error = open("a.geojson", text.as_bytes(), limits.clone())
            .unwrap()
            .find_map(Result::err)
            .unwrap();
        let expected = expected.replacen("line 3", "line 4", 1).replacen("line 1", "line 2", 1);
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn deep_nesting_costs_no_stack() {
    let depth = 2_000_000;
    let text = format!(
        "{{\"type\":\"FeatureCollection\",\"features\":[{}{}]}}",
        "[".repeat(depth),
        "]".repeat(depth)
    );
    assert!(first_error(&text).contains("deeper nesting"));
    assert!(outcome("a.geojsonl", &"[".repeat(depth))[0].is_err());
    assert!(outcome("a.geojsonl", &"{\"geometry\":".repeat(depth))[0].is_err());
}

#[test]
fn a_text_cut_anywhere_is_read_without_panic_and_never_passes_for_whole() {
    let text = format!(
        "{{\"type\":\"FeatureCollection\",\"features\":[{},{}]}}",
        feature("{\"名\":\"甲\\n\"}"),
        feature("{}")
    );
    for end in 0..text.len() {
        let ended_well = match open("a.geojson", &text.as_bytes()[..end], Limits::default()) {
            Ok(features) => features.filter_map(Result::err).all(|error| !error.ends_file),
            Err(_) => false,
        };
        assert!(!ended_well, "cut at {end}");
    }
}

#[test]
fn projected_coordinates_become_longitude_and_latitude() {
    let text = r#"{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::4528"}},"features":[
        {"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[40592745.729,3526747.150]}}]}"#;
    let features = outcome("a.geojson", text);
    let Ok(Feature {
        geometry: Some(geo_types::Geometry::Point(point)),
        ..
    }) = &features[0]
    else {
        panic!("{features:?}")
    };
    assert!((point.x() - 120.98).abs() < 1e-8 && (point.y() - 31.86).abs() < 1e-8, "{point:?}");
}
