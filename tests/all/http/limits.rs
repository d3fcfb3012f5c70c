//! Limits: who asks for too much, too often or too slowly is told so, and holds up nobody.
use std::time::Instant;

use serde_json::json;

use super::operation::{metrics, value};
use crate::support::client::Raw;
use crate::support::service::{Kind, Place, Server};

#[test]
fn too_much_is_refused() {
    let place = Place::new(Kind::GeoPackage);
    let token = place.token("surveyor");
    let server = place.serve_with(&[
        "--max-body-bytes",
        "1000",
        "--max-page-rows",
        "50",
        "--max-facets",
        "2",
        "--max-batch-edits",
        "2",
        "--max-within-vertices",
        "5",
        "--max-streams",
        "1",
        "--peer-rate",
        "0",
    ]);
    let client = server.with(&token);
    let long = json!({"edits": [], "more": "x".repeat(2_000)});
    let problem = client.post("/api/v1/edits", &long).problem(413, "too-large");
    assert_eq!(problem["expected"], "at most 1000 bytes");
    client
        .get("/api/v1/search?collection=parcels&limit=51")
        .problem(400, "bad-parameter");
    client
        .get("/api/v1/facets?collection=parcels&facets=status,area,name")
        .problem(400, "bad-parameter");
    let id = "00000000-0000-7000-8000-000000000001";
    let edit = json!({"id": id, "collection": "parcels", "record": id, "set": {}});
    client
        .post("/api/v1/edits", &json!({"edits": [edit, edit, edit]}))
        .problem(413, "too-large");
    client
        .get("/api/v1/search?collection=parcels&within=POLYGON((0%200,1%200,1%201,0.5%202,0%201,0%200))")
        .problem(400, "bad-parameter");
    let stream = Raw::stream(server.address(), "");
    let second = client.get("/api/v1/changes/stream");
    second.problem(503, "busy");
    assert_eq!(second.header("retry-after"), "30");
    drop(stream);
    let long = format!(
        "GET /api/v1/search?collection=parcels&name={} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
        "x".repeat(62_000)
    );
    let told = Raw::open(server.address(), &long).rest();
    assert!(told.starts_with("HTTP/1.1 400 ") && told.contains("/problems/bad-query"), "{told}");
}

#[test]
fn who_is_refused_is_told_so_before_all_is_sent() {
    let place = Place::new(Kind::GeoPackage);
    let token = format!("authorization: Bearer {}\r\n", place.token("surveyor"));
    let server = place.serve();
    let address = server.address();
    let megabytes = "x".repeat(8 << 20);
    for (path, by, status) in [
        ("/api/v1/edits", token.as_str(), "413"),
        // A stranger hands in nothing, of whatever length.
        ("/api/v1/edits", "", "401"),
        ("/api/v1/session", "", "413"),
        ("/api/v1/search", "", "405"),
        ("/nothing", "", "404"),
    ] {
        let head = |length: usize| {
            format!("POST {path} HTTP/1.1\r\nhost: {address}\r\n{by}content-type: application/json\r\ncontent-length: {length}\r\n\r\n")
        };
        let mut raw = Raw::open(address, &head(megabytes.len()));
        raw.say(&megabytes);
        let line = raw.until("HTTP/1.1");
        assert!(line.contains(status), "{path}: {line}");
        // The line is still good.
        raw.say(&format!("GET /healthz HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n"));
        let rest = raw.rest();
        assert!(
            rest.contains("HTTP/1.1 200 OK") && rest.ends_with("{\"ok\":true}"),
            "{path}: {rest}"
        );
    }
}

#[test]
fn one_address_cannot_take_all() {
    let place = Place::new(Kind::GeoPackage);
    let server = place.serve_with(&["--peer-rate", "1", "--peer-burst", "5", "--trust-proxy"]);
    let from = |address: &str| server.public().get_with("/healthz", &[("x-forwarded-for", address)]);
    let statuses: Vec<_> = (0..8).map(|_| from("10.1.1.1").status).collect();
    assert_eq!(statuses[..5], [200; 5]);
    assert!(statuses[5..].contains(&429), "{statuses:?}");
    let refused = from("10.1.1.1");
    refused.problem(429, "too-many-requests");
    assert_eq!(refused.header("retry-after"), "1");
    assert_eq!(from("10.1.1.2").status, 200);
    // A name that the proxy did not see is worth nothing.
    from("10.9.9.9, 10.1.1.1").problem(429, "too-many-requests");
}

#[test]
fn who_is_slow_holds_up_nobody() {
    let place = Place::new(Kind::GeoPackage);
    let token = place.token("surveyor");
    let server = place.serve_with(&[
        "--header-timeout-s",
        "1",
        "--request-timeout-ms",
        "700",
        "--max-requests",
        "2",
        "--peer-rate",
        "0",
    ]);
    let address = server.address();
    let begun = Instant::now();
    let head = format!("GET /healthz HTTP/1.1\r\nhost: {address}\r\nx-slow: ");
    let loris: Vec<_> = (0..20).map(|_| Raw::open(address, &head)).collect();
    let body = format!(
        "POST /api/v1/edits HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{{"
    );
    let slow: Vec<_> = (0..2).map(|_| Raw::open(address, &body)).collect();
    // Both places are taken by bodies that do not come: others are told at once.
    let busy = loop {
        let answer = server.public().get("/healthz");
        if answer.status != 200 {
            break answer;
        }
        assert!(begun.elapsed().as_secs() < 30);
    };
    busy.problem(503, "busy");
    assert_eq!(busy.header("retry-after"), "1");
    for slow in slow {
        let answer = slow.rest();
        assert!(
            answer.starts_with("HTTP/1.1 408 ") && answer.contains("connection: close") && answer.contains("/problems/timeout"),
            "{answer}"
        );
    }
    assert_eq!(server.public().get("/healthz").status, 200);
    for loris in loris {
        let told = loris.rest();
        assert!(told.is_empty() || told.starts_with("HTTP/1.1 408 "), "{told}");
    }
    assert!(begun.elapsed().as_secs() < 30);
    let refused = value(&metrics(&server.public()), "zaiti_requests_refused_total{reason=\"busy\"}");
    assert!(refused >= 1.0);
}

#[test]
fn nonsense_on_the_line_is_refused() {
    let place = Place::new(Kind::GeoPackage);
    let server: Server = place.serve();
    let address = server.address();
    for said in ["hello\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "\u{16}\u{3}\u{1}\r\n\r\n"] {
        let answer = Raw::open(address, said).rest();
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 400 ") || answer.starts_with("HTTP/1.1 505 "),
            "{answer}"
        );
    }
    let two_lengths = format!("POST /api/v1/session HTTP/1.1\r\nhost: {address}\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n");
    assert!(Raw::open(address, &two_lengths).rest().starts_with("HTTP/1.1 400 "));
    assert_eq!(server.public().get("/healthz").status, 200);
}
