//! For those who run it: health, metrics, logs, limits, headers, and an orderly end.
#![expect(clippy::float_cmp, reason = "counts are whole numbers")]

use serde_json::{Value, json};

use crate::support::client::{Client, Raw};
use crate::support::park::Park;
use crate::support::service::{Kind, Place, succeed};

on_both_stores!(it_ends_in_an_orderly_way);

/// Lines of the metrics, each checked for its form; name with labels, and value.
pub fn metrics(client: &Client) -> Vec<(String, f64)> {
    let answer = client.get("/metrics");
    assert_eq!(answer.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    let text = answer.text();
    let mut typed = Vec::new();
    let mut lines = Vec::new();
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').unwrap();
            assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
            typed.push(name.to_owned());
            continue;
        }
        if line.starts_with("# HELP ") {
            continue;
        }
        let (name, value) = line.rsplit_once(' ').unwrap();
        let bare = name.split('{').next().unwrap();
        assert!(bare.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{line}");
        assert!(
            typed.last().is_some_and(|last| bare.starts_with(last.as_str())),
            "{line} is without a type"
        );
        assert!(
            !name.contains('{') || (name.ends_with("\"}") && name.matches('"').count().is_multiple_of(2)),
            "{line}"
        );
        lines.push((name.to_owned(), value.parse().unwrap_or_else(|_| panic!("{line}"))));
    }
    let names: std::collections::BTreeSet<_> = lines.iter().map(|(name, _)| name).collect();
    assert_eq!(names.len(), lines.len(), "a line is there twice");
    lines
}

pub fn value(lines: &[(String, f64)], name: &str) -> f64 {
    lines.iter().find(|(known, _)| known == name).map_or(0.0, |(_, value)| *value)
}

#[test]
fn counters_move_and_lines_have_their_form() {
    let place = Place::new(Kind::GeoPackage);
    let token = place.token("steward");
    let server = place.serve();
    let client = server.with(&token);
    let before = metrics(&client);
    assert_eq!(value(&before, "zaiti_revision"), 0.0);
    client.apply(&Park::new(1).records("parcels", 3));
    for query in ["collection=parcels", "collection=parcels", "collection=nothing"] {
        client.get(&format!("/api/v1/search?{query}"));
    }
    client.get("/api/v1/carriers/P-0001");
    client.get("/no/such/path");
    let stream = Raw::stream(server.address(), "");
    let after = metrics(&client);
    let route = |route: &str, status: u16| value(&after, &format!("zaiti_requests_total{{route=\"{route}\",status=\"{status}\"}}"));
    assert_eq!((route("/api/v1/search", 200), route("/api/v1/search", 400)), (2.0, 1.0));
    assert_eq!(route("/api/v1/carriers/{code}", 200), 1.0);
    assert_eq!(route("other", 404), 1.0, "what is asked for never becomes a label");
    assert_eq!(value(&after, "zaiti_request_seconds_count{route=\"/api/v1/search\"}"), 3.0);
    assert_eq!(
        value(&after, "zaiti_request_seconds_bucket{route=\"/api/v1/search\",le=\"+Inf\"}"),
        3.0
    );
    assert_eq!(
        (
            value(&after, "zaiti_revision"),
            value(&after, "zaiti_records{collection=\"parcels\"}")
        ),
        (1.0, 3.0)
    );
    assert_eq!(
        (value(&after, "zaiti_streams_open"), value(&after, "zaiti_requests_in_flight")),
        (1.0, 1.0)
    );
    drop(stream);
}

#[test]
fn a_log_line_is_an_object_without_what_people_look_for() {
    let place = Place::new(Kind::GeoPackage);
    let token = place.token("steward");
    let server = place.serve_with(&["--log-format", "json", "--log", "debug"]);
    let client = server.with(&token);
    client.apply(&Park::new(1).records("parcels", 1));
    let answer = client.get_with(
        "/api/v1/search?collection=parcels&q=whereabouts",
        &[("x-request-id", "my-own-id.1")],
    );
    assert_eq!(answer.header("x-request-id"), "my-own-id.1");
    let other = client.get_with("/api/v1/search?collection=parcels", &[("x-request-id", "{\"forged\": true}")]);
    assert_eq!(other.header("x-request-id").len(), 32);
    client.post(
        "/api/v1/session",
        &json!({"name": "somebody.known", "password": "a-password-nobody-has"}),
    );
    server.tell_to_stop();
    let (status, log) = server.wait();
    assert_eq!(status, Some(0));
    let lines: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect();
    let answered: Vec<_> = lines.iter().filter(|line| line["message"] == "request answered").collect();
    assert!(answered.len() >= 4, "{log}");
    let own = answered.iter().find(|line| line["span"]["id"] == "my-own-id.1").unwrap();
    assert_eq!(
        (&own["status"], &own["span"]["route"], &own["span"]["method"]),
        (&json!(200), &json!("/api/v1/search"), &json!("GET"))
    );
    assert!(own["took_us"].is_u64());
    for secret in [
        "whereabouts",
        "forged",
        token.as_str(),
        "somebody.known",
        "a-password-nobody-has",
        "P-0000",
    ] {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
    for message in ["ready", "stopped"] {
        assert!(lines.iter().any(|line| line["message"] == message), "{message}");
    }
}

fn it_ends_in_an_orderly_way(kind: Kind) {
    let place = Place::new(kind);
    let token = place.token("steward");
    let server = place.serve();
    let address = server.address().to_owned();
    let creation = Park::new(1).parcel("P-1", 0, &json!({}));
    let body = json!({"edits": [creation]}).to_string();
    let (first, second) = body.split_at(body.len() / 2);
    let stream = Raw::stream(&address, "");
    // A request whose body is still on its way when the service is told to stop.
    let head = format!(
        "POST /api/v1/edits HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{first}",
        body.len()
    );
    let mut late = Raw::open(&address, &head);
    while value(&metrics(&server.public()), "zaiti_requests_in_flight") < 2.0 {}
    server.tell_to_stop();
    let told = stream.rest();
    assert!(told.ends_with("0\r\n\r\n"), "the stream ends as a stream does: {told:?}");
    late.say(second);
    let answer = late.rest();
    assert!(
        answer.starts_with("HTTP/1.1 200 ") && answer.contains("\"outcome\":\"applied\""),
        "{answer}"
    );
    let (status, log) = server.wait();
    assert_eq!(status, Some(0), "{log}");
    assert!(std::net::TcpStream::connect(&address).is_err());
    let server = place.serve();
    assert_eq!(server.public().read("/api/v1/search?collection=parcels")["numberMatched"], 1);
}

#[test]
fn every_answer_carries_the_headers_of_safety() {
    let place = Place::new(Kind::GeoPackage);
    let server = place.serve_with(&["--base-map", "https://t0.example/{z}/{x}/{y}.png"]);
    let public = server.public();
    let document = public.read("/api/v1/openapi.json");
    let mut seen = 0;
    for path in document["paths"]
        .as_object()
        .unwrap()
        .keys()
        .filter(|path| !path.ends_with("/stream"))
    {
        for method in ["GET", "POST", "PATCH", "DELETE", "OPTIONS", "HEAD"] {
            let body = ["POST", "PATCH"].contains(&method).then_some(&b"{}"[..]);
            let answer = public
                .ask((method, path), &[], body)
                .unwrap_or_else(|error| panic!("{method} {path}: {error}"));
            let policy = answer.header("content-security-policy");
            assert!(
                policy.starts_with("default-src 'none'; script-src 'self';"),
                "{method} {path}: {policy}"
            );
            assert!(
                !policy.contains("unsafe")
                    && policy.contains("frame-ancestors 'none'")
                    && policy.contains("img-src 'self' https://t0.example")
            );
            assert_eq!(answer.header("x-content-type-options"), "nosniff");
            assert_eq!(answer.header("referrer-policy"), "same-origin");
            assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin");
            assert!(!answer.header("x-request-id").is_empty() && answer.header("server").is_empty());
            assert!(answer.status < 500, "{method} {path}: {}", answer.status);
            if answer.status == 405 {
                assert!(
                    ["GET", "POST", "PUT"].iter().any(|known| answer.header("allow").contains(known)),
                    "{method} {path}"
                );
            }
            seen += 1;
        }
    }
    assert!(seen > 100);
    assert!(
        public.get("/api/v1/settings").ok()["base_map"]["tiles"][0]
            .as_str()
            .unwrap()
            .starts_with("https://t0.example/")
    );
}

#[test]
fn what_is_not_there_is_told_so() {
    let place = Place::new(Kind::GeoPackage);
    let server = place.serve();
    let public = server.public();
    for path in [
        "/api/v1/nothing",
        "/api/v1/carriers/P-404",
        "/api/v1/carriers/P-404/history",
        "/nothing.html",
        "/assets/none.js",
        "/api/v1/carriers/00000000-0000-0000-0000-000000000000",
    ] {
        public.get(path).problem(404, "not-found");
    }
    let wrong = public.ask(("DELETE", "/api/v1/search?collection=parcels"), &[], None).unwrap();
    wrong.problem(405, "method-not-allowed");
    assert_eq!(wrong.header("allow"), "GET,HEAD");
    let options = public.ask(("OPTIONS", "/api/v1/carriers/P-1"), &[], None).unwrap();
    assert_eq!((options.status, options.header("allow")), (204, "GET,HEAD,PATCH"));
    let head = public.ask(("HEAD", "/api/v1/search?collection=parcels"), &[], None).unwrap();
    assert_eq!((head.status, head.body.len()), (200, 0));
    let ready = public.read("/readyz");
    assert_eq!(ready, json!({"ok": true, "revision": 0}));
    assert_eq!(public.read("/healthz"), json!({"ok": true}));
    for path in [
        "/healthz?x=1",
        "/metrics?x=1",
        "/api/v1/session?x=1",
        "/api/v1/changes?x=1",
        "/tiles/parcels?colour=red",
    ] {
        public.get(path).problem(400, "unknown-parameter");
    }
}

#[test]
fn the_settings_are_their_own_documentation() {
    let help = succeed(&["serve", "--help"], "");
    let options: Vec<_> = help
        .lines()
        .map(str::trim)
        .filter(|line| line.starts_with("--") || line.starts_with("-h"))
        .collect();
    assert!(options.len() > 25);
    // Every setting but --help has an environment variable.
    assert_eq!(help.matches("[env: ZAITI_").count(), options.len() - 1, "{help}");
    for told in [
        "[env: ZAITI_LISTEN=]",
        "[default: 127.0.0.1:8080]",
        "[default: 2097152]",
        "[possible values: honoured, required]",
        "[env: ZAITI_STORE=]",
    ] {
        assert!(
            help.split_whitespace().collect::<Vec<_>>().join(" ").contains(told),
            "{told} not in {help}"
        );
    }
}
