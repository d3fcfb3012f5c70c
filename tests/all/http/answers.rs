//! How answers travel: tags, compression, media types.
use std::io::Read;

use serde_json::{Value, json};

use super::search::filled;
use crate::support::client::Client;
use crate::support::park::{Park, corners, tile_at};
use crate::support::service::{Kind, Place, Server};

/// Addresses whose answers carry a tag.
fn tagged() -> Vec<String> {
    let [west, south, ..] = corners(0);
    vec![
        "/api/v1/catalogue".to_owned(),
        "/api/v1/search?collection=parcels".to_owned(),
        "/api/v1/facets?collection=parcels".to_owned(),
        "/api/v1/carriers/P-0001".to_owned(),
        "/api/v1/openapi.json".to_owned(),
        "/tiles/parcels".to_owned(),
        format!("/tiles/parcels/{}", tile_at(15, west, south)),
    ]
}

fn tag(client: &Client, path: &str) -> String {
    let answer = client.get(path);
    assert_eq!(answer.status, 200, "{path}");
    answer.header("etag").to_owned()
}

#[test]
fn what_is_known_is_not_sent_again() {
    let place = Place::new(Kind::GeoPackage);
    let (server, client) = filled(&place);
    for path in tagged() {
        let known = tag(&client, &path);
        assert!(known.len() > 4, "{path}");
        let again = client.get_with(&path, &[("if-none-match", &known)]);
        assert_eq!(
            (again.status, again.body.len(), again.header("etag")),
            (304, 0, known.as_str()),
            "{path}"
        );
        let among = format!("\"other\", {known}");
        assert_eq!(client.get_with(&path, &[("if-none-match", &among)]).status, 304);
        assert_eq!(client.get_with(&path, &[("if-none-match", "\"other\"")]).status, 200);
        // What depends on the asker is kept by nobody for another.
        let answer = client.get(&path);
        assert_eq!(answer.header("cache-control"), "private, no-cache", "{path}");
        let vary = answer.header("vary").to_lowercase();
        assert!(
            vary.contains("cookie") && vary.contains("authorization") && vary.contains("accept-encoding"),
            "{path}: {vary}"
        );
        assert_ne!(tag(&server.public(), &path), known, "{path}: the public gets another answer");
    }
    the_right_tags_change(&client);
}

/// An edit of a building changes what is told of buildings, and nothing that is told of parcels.
fn the_right_tags_change(client: &Client) {
    let before: Vec<_> = tagged().iter().map(|path| tag(client, path)).collect();
    let building = Park::new(900).record(("buildings", "B-900"), 0, &json!({}));
    client.apply(&[building]);
    for (path, before) in tagged().iter().zip(before) {
        let is_same = tag(client, path) == before;
        // The catalogue tells the counts of all collections.
        assert_eq!(is_same, path != "/api/v1/catalogue", "{path}");
    }
}

#[test]
fn answers_are_compressed_as_asked() {
    let place = Place::new(Kind::GeoPackage);
    let (_server, client) = filled(&place);
    let path = "/api/v1/exports?collection=parcels";
    let plain = client.get(path);
    assert_eq!(plain.header("content-encoding"), "");
    let zipped = client.get_with(path, &[("accept-encoding", "gzip")]);
    assert_eq!(zipped.header("content-encoding"), "gzip");
    assert!(zipped.body.len() * 3 < plain.body.len());
    let mut unzipped = Vec::new();
    flate2::read::GzDecoder::new(&*zipped.body).read_to_end(&mut unzipped).unwrap();
    assert!(unzipped == plain.body);
    let both = client.get_with("/api/v1/search?collection=parcels", &[("accept-encoding", "gzip, zstd")]);
    assert!(["gzip", "zstd"].contains(&both.header("content-encoding")));
    assert_eq!(
        client
            .get_with("/healthz", &[("accept-encoding", "gzip")])
            .header("content-encoding"),
        "",
        "too short to be worth it"
    );
}

#[test]
fn exports_are_files_of_their_kind() {
    let place = Place::new(Kind::GeoPackage);
    let (server, client) = filled(&place);
    let geojson = client.get("/api/v1/exports?collection=units&format=geojson");
    assert_eq!(geojson.header("content-type"), "application/geo+json");
    assert_eq!(
        geojson.header("content-disposition"),
        format!("attachment; filename=\"zaiti-units-{}.geojson\"", revision(&server))
    );
    let collection = geojson.json();
    let features = collection["features"].as_array().unwrap();
    assert_eq!((features.len(), &collection["type"]), (60, &json!("FeatureCollection")));
    assert!(
        features
            .iter()
            .all(|feature| feature["geometry"]["type"] == "MultiPolygon" || feature["geometry"]["type"] == "Polygon")
    );
    let csv = client.get("/api/v1/exports?collection=units&format=csv");
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    let text = csv.text();
    let mut table = csv::Reader::from_reader(text.strip_prefix('\u{feff}').unwrap().as_bytes());
    let headings = table.headers().unwrap().clone();
    assert_eq!((&headings[0], &headings[1]), ("code", "version"));
    let lines: Vec<_> = table.records().map(Result::unwrap).collect();
    assert_eq!(lines.len(), 60);
    for (line, feature) in lines.iter().zip(features) {
        let properties = &feature["properties"];
        assert_eq!(line[0], *properties["code"].as_str().unwrap());
        for (heading, cell) in headings.iter().zip(line).skip(2) {
            let told = match &properties[heading] {
                Value::Null => String::new(),
                Value::String(text) => text.clone(),
                Value::Object(range) => format!("{}~{}", plain(&range["min"]), plain(&range["max"])),
                other => plain(other),
            };
            assert_eq!(cell, told, "{heading}");
        }
    }
    let filtered = client.read("/api/v1/exports?collection=parcels&area_min=6000");
    let matched = client.read("/api/v1/search?collection=parcels&area_min=6000&limit=1")["numberMatched"].clone();
    assert_eq!(json!(filtered["features"].as_array().unwrap().len()), matched);
}

/// A number as a table has it: a whole one without a point.
fn plain(value: &Value) -> String {
    value.as_f64().map_or_else(|| value.to_string(), |number| number.to_string())
}

fn revision(server: &Server) -> u64 {
    server.public().read("/readyz")["revision"].as_u64().unwrap()
}

#[test]
fn a_text_in_a_table_is_no_formula() {
    let place = Place::new(Kind::GeoPackage);
    let token = place.token("steward");
    let server = place.serve();
    let parcel = Park::new(1).parcel(
        "=P",
        0,
        &json!({"name": "=HYPERLINK(\"http://evil.example\")", "address": "+1, \"quoted\"\nline"}),
    );
    server.with(&token).apply(&[parcel]);
    let text = server.public().get("/api/v1/exports?collection=parcels&format=csv").text();
    let mut table = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let line = table.records().next().unwrap().unwrap();
    assert_eq!(&line[0], "'=P");
    assert!(line.iter().any(|cell| cell.starts_with("'=HYPERLINK")));
    assert!(line.iter().any(|cell| cell == "'+1, \"quoted\"\nline"));
}
