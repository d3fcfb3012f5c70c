//! The OpenAPI document: all that there is and nothing else, and nothing in it that breaks the service.
use serde_json::Value;

use crate::support::client::{Client, coded};
use crate::support::park::Park;
use crate::support::service::{Kind, Place, succeed};

fn filters<'a>(document: &'a Value, collection: &str) -> Vec<&'a str> {
    document["x-filters"][collection]
        .as_array()
        .unwrap()
        .iter()
        .map(|name| name.as_str().unwrap())
        .collect()
}

#[test]
fn the_document_is_the_same_from_the_command_and_the_service() {
    let place = Place::new(Kind::GeoPackage);
    let tokens: Vec<_> = ["surveyor", "staff", "steward", "admin"]
        .iter()
        .map(|role| (*role, Some(place.token(role))))
        .collect();
    let server = place.serve();
    for (role, token) in std::iter::once(("public", None)).chain(tokens) {
        let client = token.as_deref().map_or_else(|| server.public(), |token| server.with(token));
        let printed: Value = serde_json::from_str(&succeed(&["openapi", "--role", role], "")).unwrap();
        assert!(client.read("/api/v1/openapi.json") == printed, "{role}");
    }
}

#[test]
fn the_document_has_every_route_and_parameter() {
    let document: Value = serde_json::from_str(&succeed(&["openapi", "--role", "public"], "")).unwrap();
    let mut lines = Vec::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let parameters = operation["parameters"].as_array().unwrap().iter();
            let names: Vec<_> = parameters.map(|each| each["name"].as_str().unwrap_or("(filters)")).collect();
            lines.push(
                format!("{} {path} {}", method.to_uppercase(), names.join(" "))
                    .trim_end()
                    .to_owned(),
            );
        }
    }
    insta::assert_snapshot!("routes", lines.join("\n"));
    for collection in ["parcels", "buildings", "units"] {
        insta::assert_snapshot!(format!("filters_of_{collection}"), filters(&document, collection).join("\n"));
    }
    // Each reference leads somewhere.
    let text = document.to_string();
    for reference in text.split("\"$ref\":\"#").skip(1) {
        let pointer = reference.split('"').next().unwrap();
        assert!(document.pointer(pointer).is_some(), "{pointer}");
    }
    let ids: Vec<_> = text
        .split("\"operationId\":\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .collect();
    let unique: std::collections::BTreeSet<_> = ids.iter().collect();
    assert_eq!(ids.len(), unique.len());
}

/// Values that suit few parameters, or none.
const GARBAGE: [&str; 12] = [
    "",
    " ",
    "\u{1}",
    "-1",
    "1e999",
    "NaN",
    "载体",
    "'; DROP TABLE parcels; --",
    "[[[[",
    "{\"type\":",
    "../../etc/passwd",
    "0x10",
];

#[test]
fn garbage_is_refused_and_breaks_nothing() {
    let place = Place::new(Kind::GeoPackage);
    let token = place.token("admin");
    let server = place.serve();
    let client = server.with(&token);
    for collection in ["parcels", "buildings"] {
        client.apply(&Park::new(3).records(collection, 20));
    }
    let document = client.read("/api/v1/openapi.json");
    let properties = document["components"]["parameters"]["filters"]["schema"]["properties"]
        .as_object()
        .unwrap();
    let mut refused = 0;
    for collection in ["parcels", "buildings", "units"] {
        for (at, name) in filters(&document, collection).into_iter().enumerate() {
            let schema = &properties[name];
            // Not all for each: 7 has no divisor in common with their number, so that each kind of parameter meets all of them.
            for garbage in GARBAGE.into_iter().cycle().skip(at * 7).take(4) {
                let answer = client.get(&format!("/api/v1/search?collection={collection}&limit=1&{name}={}", coded(garbage)));
                let is_text = schema["type"] == "string"
                    && ["enum", "format"].iter().all(|each| schema.get(*each).is_none())
                    && (schema.get("x-attribute").is_some() || name == "q");
                let is_number = schema["type"] == "number" && garbage == "-1";
                let may_pass = (is_text && !garbage.trim().is_empty()) || is_number;
                assert!(
                    answer.status == 400 || (may_pass && answer.status == 200),
                    "{name}={garbage:?}: {}",
                    answer.text()
                );
                refused += usize::from(answer.status == 400);
            }
        }
    }
    assert!(refused > 2_000, "{refused}");
    garbage_in_paths(&client);
    garbage_in_bodies(&client);
    garbage_in_outlines(&client);
    let told = server.log();
    assert!(!told.contains("panicked") && !told.contains("ERROR"), "{told}");
}

fn garbage_in_paths(client: &Client) {
    for garbage in GARBAGE
        .iter()
        .map(|garbage| coded(garbage).replace('+', "%20"))
        .filter(|garbage| !garbage.is_empty())
    {
        for path in [
            format!("/api/v1/carriers/{garbage}"),
            format!("/api/v1/carriers/{garbage}/history"),
            format!("/tiles/{garbage}"),
            format!("/tiles/{garbage}/0/0/0"),
            format!("/tiles/parcels/{garbage}/0/0"),
            format!("/tiles/parcels/3/{garbage}/0"),
            format!("/tiles/parcels/3/0/{garbage}"),
            format!("/assets/{garbage}"),
            format!("/api/v1/facets?collection=parcels&facets={garbage}"),
            format!("/api/v1/exports?collection=parcels&format={garbage}"),
            format!("/api/v1/changes?since={garbage}"),
            format!("/api/v1/{garbage}"),
        ] {
            let answer = client.get(&path);
            assert!([400, 404].contains(&answer.status), "{path}: {} {}", answer.status, answer.text());
            assert_eq!(answer.header("content-type"), "application/problem+json", "{path}");
        }
    }
    for path in [
        "/tiles/parcels/25/0/0",
        "/tiles/parcels/3/8/0",
        "/tiles/parcels/255/0/0",
        "/tiles/parcels/3/-1/0",
        "/tiles/parcels/3/0/99999999999",
    ] {
        assert_eq!(client.get(path).status, 400, "{path}");
    }
}

fn garbage_in_bodies(client: &Client) {
    let deep = "[".repeat(200_000);
    for (body, statuses) in [
        ("", &[400][..]),
        ("null", &[400]),
        ("{\"edits\": 5}", &[400]),
        ("{\"edits\": [5]}", &[400]),
        ("{\"edits\": [], \"more\": 1}", &[400]),
        (deep.as_str(), &[400]),
        (
            "{\"edits\": [{\"id\": \"x\", \"collection\": \"parcels\", \"record\": \"y\"}]}",
            &[400],
        ),
        ("\u{feff}{}", &[400]),
    ] {
        let headers = [("content-type", "application/json")];
        let answer = client.ask(("POST", "/api/v1/edits"), &headers, Some(body.as_bytes())).unwrap();
        assert!(
            statuses.contains(&answer.status),
            "{}: {}",
            &body[..body.len().min(60)],
            answer.text()
        );
        assert_eq!(answer.header("content-type"), "application/problem+json");
    }
}

fn garbage_in_outlines(client: &Client) {
    let deep_geometry = format!("{{\"set\":{{}},\"geometry\":{}{}}}", "[".repeat(100), "]".repeat(100));
    let id = "00000000-0000-7000-8000-000000000001";
    let patch = client
        .ask(
            ("PATCH", "/api/v1/carriers/P-0001"),
            &[("content-type", "application/json")],
            Some(deep_geometry.as_bytes()),
        )
        .unwrap();
    assert_eq!(patch.ok()["reason"], "bad-geometry");
    for geometry in [
        r#"{"type":"Polygon","coordinates":[[[1e400,0],[1,0],[1,1],[0,0]]]}"#,
        r#"{"type":"Polygon","coordinates":[[[500,0],[501,0],[501,1],[500,0]]]}"#,
        r#"{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1]]]}"#,
        r#"{"type":"Polygon","coordinates":[]}"#,
        r#"{"type":"Point","coordinates":[120,31]}"#,
        r#"{"type":"Polygon"}"#,
        r#"{"type":"GeometryCollection","geometries":[]}"#,
    ] {
        let body = format!(
            "{{\"edits\":[{{\"id\":\"{id}\",\"collection\":\"parcels\",\"record\":\"{id}\",\"create\":{{\"code\":\"X\",\"geometry\":{geometry}}}}}]}}"
        );
        let answer = client
            .ask(
                ("POST", "/api/v1/edits"),
                &[("content-type", "application/json")],
                Some(body.as_bytes()),
            )
            .unwrap();
        let outcome = if answer.status == 200 {
            answer.json()["receipts"][0]["outcome"].clone()
        } else {
            Value::Null
        };
        assert!(answer.status == 400 || outcome == "returned", "{geometry}: {}", answer.text());
    }
}
