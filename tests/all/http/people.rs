//! Who one is: logging in and out, cookies, tokens, and what each role may do.
use serde_json::{Value, json};

use crate::support::client::{Answer, Headers};
use crate::support::park::Park;
use crate::support::service::{Kind, PASSWORD, Place, Server, run, succeed};

on_both_stores!(
    a_session_begins_and_ends,
    the_cookie_of_a_session_in_use_lives_as_long_as_the_session,
    a_token_begins_and_ends,
    a_disabled_account_is_out,
    each_role_may_do_its_part
);

fn log_in(server: &Server, name: &str, password: &str, headers: Headers<'_>) -> Answer {
    let body = json!({"name": name, "password": password});
    server.public().send(("POST", "/api/v1/session"), headers, &body)
}

/// The cookie of an answer as it is sent back.
fn cookie(answer: &Answer) -> String {
    answer.header("set-cookie").split(';').next().unwrap().to_owned()
}

fn role_of(server: &Server, cookie: &str) -> Value {
    server.public().get_with("/api/v1/session", &[("cookie", cookie)]).ok()["role"].clone()
}

fn a_session_begins_and_ends(kind: Kind) {
    let place = Place::new(kind);
    place.account("surveyor");
    let server = place.serve();
    let answer = log_in(&server, " Surveyor ", PASSWORD, &[]);
    assert_eq!(
        answer.ok(),
        json!({"role": "surveyor", "account": "surveyor", "display_name": "surveyor"})
    );
    let given = answer.header("set-cookie").to_owned();
    for part in ["; HttpOnly", "; SameSite=Strict", "; Path=/", "; Max-Age="] {
        assert!(given.contains(part), "{given}");
    }
    assert!(!given.contains("Secure") && !given.contains("Domain"), "{given}");
    assert_eq!(answer.header("cache-control"), "no-store");
    let cookie = cookie(&answer);
    assert!(cookie.len() > 40, "{cookie}");
    assert_eq!(role_of(&server, &cookie), "surveyor");
    drop(server);
    let server = place.serve();
    assert_eq!(role_of(&server, &cookie), "surveyor", "a session outlives a restart");
    let out = |headers: Headers<'_>| server.public().ask(("DELETE", "/api/v1/session"), headers, None).unwrap();
    out(&[("cookie", &cookie)]).problem(403, "foreign-origin");
    assert_eq!(role_of(&server, &cookie), "surveyor");
    let gone = out(&[("cookie", &cookie), ("x-zaiti", "1")]);
    assert_eq!(gone.status, 204);
    assert!(gone.header("set-cookie").starts_with("zaiti_session=; ") && gone.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(role_of(&server, &cookie), "public");
    let write = server.public().send(
        ("POST", "/api/v1/edits"),
        &[("cookie", &cookie), ("x-zaiti", "1")],
        &json!({"edits": []}),
    );
    write.problem(401, "log-in");
    assert_eq!(out(&[]).status, 204, "nobody may log out too");
}

fn the_cookie_of_a_session_in_use_lives_as_long_as_the_session(kind: Kind) {
    const DAY_S: i64 = 86_400;
    let place = Place::new(kind);
    place.account("surveyor");
    let server = place.serve();
    let cookie = cookie(&log_in(&server, "surveyor", PASSWORD, &[]));
    let read = |server: &Server, path: &str| server.public().get_with(path, &[("cookie", &cookie)]);
    assert_eq!(
        read(&server, "/api/v1/session").header("set-cookie"),
        "",
        "it is as young as the session"
    );
    drop(server);
    // Two days go by.
    let soon_s = jiff::Timestamp::now().as_second() + 12 * DAY_S;
    match kind {
        Kind::GeoPackage => rusqlite::Connection::open(place.file())
            .unwrap()
            .execute_batch(&format!("UPDATE grants SET expires_at_us = {soon_s}000000"))
            .unwrap(),
        Kind::PostGis => drop(place.sql(&format!("UPDATE zaiti.grants SET expires_at = to_timestamp({soon_s})"))),
    }
    let server = place.serve();
    assert_eq!(read(&server, "/").header("set-cookie"), "", "a page may be kept by others");
    let given = read(&server, "/api/v1/catalogue").header("set-cookie").to_owned();
    assert!(given.starts_with(&format!("{cookie}; ")), "{given}");
    assert!(
        given.contains(&format!("; Max-Age={}", 14 * DAY_S)) && given.contains("; HttpOnly"),
        "{given}"
    );
    let again = || read(&server, "/api/v1/session").header("set-cookie").to_owned();
    // Written beside the answers.
    assert!((0..1_000).any(|_| again().is_empty()), "once a day will do");
}

fn a_token_begins_and_ends(kind: Kind) {
    let place = Place::new(kind);
    let by_command = place.token("staff");
    let server = place.serve();
    let wish = json!({"label": "QGIS of the office", "days": 7});
    server.public().post("/api/v1/tokens", &wish).problem(401, "log-in");
    let made = server.with(&by_command).post("/api/v1/tokens", &wish).ok();
    let token = server.with(made["token"].as_str().unwrap());
    assert_eq!(token.read("/api/v1/session")["role"], "staff");
    assert_eq!(token.post("/api/v1/edits", &json!({"edits": []})).ok(), json!({"receipts": []}));
    for (label, days) in [("", 7), ("x", 0), ("x", 367)] {
        token
            .post("/api/v1/tokens", &json!({"label": label, "days": days}))
            .problem(400, "bad-edit");
    }
    assert_eq!(token.ask(("DELETE", "/api/v1/session"), &[], None).unwrap().status, 204);
    let ended = token.get("/api/v1/session");
    ended.problem(401, "log-in");
    assert_eq!(ended.header("www-authenticate"), "Bearer");
    // Refused even where the public may read: whoever sends a token means to be somebody.
    token.get("/api/v1/search?collection=parcels").problem(401, "log-in");
    assert_eq!(server.with(&by_command).read("/api/v1/session")["role"], "staff");
}

fn a_disabled_account_is_out(kind: Kind) {
    let place = Place::new(kind);
    let token = place.token("staff");
    let server = place.serve();
    let cookie = cookie(&log_in(&server, "staff", PASSWORD, &[]));
    drop(server);
    succeed(&["account", "disable", "staff", "--store", &place.location()], "");
    let server = place.serve();
    assert_eq!(role_of(&server, &cookie), "public");
    let told = server.public().get_with("/api/v1/session", &[("cookie", &cookie)]).ok();
    assert_eq!(
        (&told["account"], &told["ended_account"]),
        (&Value::Null, &json!("staff")),
        "under which name it may hand in: {told}"
    );
    assert!(server.public().read("/api/v1/session").get("ended_account").is_none());
    let hand_in = |headers: Headers<'_>| server.public().send(("POST", "/api/v1/edits"), headers, &json!({"edits": []}));
    hand_in(&[("cookie", &cookie)]).problem(403, "foreign-origin");
    assert_eq!(hand_in(&[("cookie", &cookie), ("x-zaiti", "1")]).ok(), json!({"receipts": []}));
    server.with(&token).get("/api/v1/session").problem(401, "log-in");
    let disabled = log_in(&server, "staff", PASSWORD, &[]);
    let unknown = log_in(&server, "nobody", PASSWORD, &[]);
    disabled.problem(401, "wrong-name-or-password");
    assert_eq!(disabled.body, unknown.body);
    let listed = {
        drop(server);
        succeed(&["account", "list", "--store", &place.location()], "")
    };
    assert!(listed.contains("staff\tstaff\tdisabled"), "{listed}");
}

fn each_role_may_do_its_part(kind: Kind) {
    let place = Place::new(kind);
    let tokens = ["surveyor", "staff", "steward", "admin"].map(|role| (role, place.token(role)));
    let server = place.serve();
    let mut park = Park::new(3);
    let creation = park.parcel("P-1", 0, &json!({"status": "ACQUIRED"}));
    server
        .public()
        .post("/api/v1/edits", &json!({"edits": [creation]}))
        .problem(401, "log-in");
    server.public().patch("P-1", &json!({"set": {}})).problem(401, "log-in");
    let outcome = |token: &str, edit: Value| server.with(token).edit(&[edit]).remove(0)["outcome"].clone();
    for (role, token) in &tokens[..2] {
        let edit = park.parcel(&format!("P-{role}"), 1, &json!({}));
        assert_eq!(outcome(token, edit), "proposed", "{role} may not create");
    }
    assert_eq!(outcome(&tokens[2].1, creation.clone()), "applied");
    for (at, (role, token)) in tokens.iter().enumerate() {
        // Free text of a visit; a legal fact; the outline.
        assert_eq!(
            outcome(token, park.setting(&creation, &json!({"remarks": format!("seen by {role}")}))),
            "applied",
            "{role}"
        );
        let expected = if at < 2 { "proposed" } else { "applied" };
        let legal = park.setting(&creation, &json!({"area_declared": 1000 + at}));
        assert_eq!(outcome(token, legal), expected, "{role}");
        let mut outline = park.setting(&creation, &json!({}));
        outline["geometry"] = crate::support::park::square(at + 2);
        assert_eq!(outcome(token, outline), expected, "{role}");
        assert_eq!(server.with(token).read("/api/v1/catalogue")["viewer"]["role"], *role);
    }
}

#[test]
fn a_write_with_a_cookie_comes_from_the_app_itself() {
    let place = Place::new(Kind::GeoPackage);
    place.account("staff");
    let server = place.serve_with(&["--public-url", "https://park.example", "--peer-rate", "0"]);
    let own = server.url.clone();
    let cookie = cookie(&log_in(&server, "staff", PASSWORD, &[]));
    let write = |headers: Headers<'_>| {
        let mut all = vec![("cookie", cookie.as_str())];
        all.extend(headers);
        server.public().send(("POST", "/api/v1/edits"), &all, &json!({"edits": []}))
    };
    write(&[]).problem(403, "foreign-origin");
    for foreign in [
        "http://evil.example",
        "null",
        "https://park.example.evil.example",
        "https://127.0.0.1",
    ] {
        write(&[("x-zaiti", "1"), ("origin", foreign)]).problem(403, "foreign-origin");
    }
    for site in ["cross-site", "same-site"] {
        write(&[("x-zaiti", "1"), ("sec-fetch-site", site)]).problem(403, "foreign-origin");
    }
    for good in [
        &[("x-zaiti", "1")][..],
        &[("x-zaiti", "1"), ("origin", &own)],
        &[("x-zaiti", "1"), ("origin", "https://park.example")],
    ] {
        assert_eq!(write(good).status, 200);
    }
    // A form can send only these types without being asked.
    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"] {
        let headers = [("cookie", cookie.as_str()), ("x-zaiti", "1"), ("content-type", kind)];
        let answer = server
            .public()
            .ask(("POST", "/api/v1/edits"), &headers, Some(b"{\"edits\":[]}"))
            .unwrap();
        answer.problem(415, "not-json");
    }
    // Nor can a foreign page log its visitor in.
    log_in(&server, "staff", PASSWORD, &[("origin", "http://evil.example")]).problem(403, "foreign-origin");
    // Reading is told to nobody else: there is no header that would let a foreign page see it.
    let read = server
        .public()
        .get_with("/api/v1/session", &[("cookie", &cookie), ("origin", "http://evil.example")]);
    assert!(read.headers.keys().all(|name| !name.as_str().starts_with("access-control-")));
}

#[test]
fn the_cookie_is_secure_behind_a_proxy_that_is_trusted() {
    let place = Place::new(Kind::GeoPackage);
    place.account("staff");
    let forwarded = [("x-forwarded-proto", "https")];
    for (settings, headers, secure) in [
        (&["--trust-proxy"][..], &forwarded[..], true),
        (&["--trust-proxy"], &[], false),
        (&[], &forwarded, false),
        (&["--public-url", "https://park.example"], &[], true),
    ] {
        let server = place.serve_with(settings);
        let answer = log_in(&server, "staff", PASSWORD, headers);
        assert_eq!(answer.header("set-cookie").contains("; Secure"), secure, "{settings:?}");
    }
}

#[test]
fn guessing_is_slowed_and_tells_nothing() {
    let place = Place::new(Kind::GeoPackage);
    place.account("staff");
    let server = place.serve_with(&["--trust-proxy", "--peer-rate", "0"]);
    let wrong = log_in(&server, "staff", "not the password", &[]);
    wrong.problem(401, "wrong-name-or-password");
    assert_eq!(wrong.header("set-cookie"), "");
    assert_eq!(wrong.body, log_in(&server, "nobody", "not the password", &[]).body);
    assert_eq!(wrong.body, log_in(&server, "", "", &[]).body);
    assert_eq!(wrong.body, log_in(&server, &"x".repeat(5_000), &"y".repeat(100_000), &[]).body);
    // From many addresses: tries are counted by name too, known or not.
    for name in ["staff", "nobody"] {
        let tries: Vec<_> = (0..12)
            .map(|at| log_in(&server, name, "guess", &[("x-forwarded-for", &format!("10.0.0.{at}"))]))
            .collect();
        let refused = tries.last().unwrap();
        refused.problem(429, "too-many-requests");
        let wait: u64 = refused.header("retry-after").parse().unwrap();
        assert!((1..=60).contains(&wait), "{wait}");
        assert!(tries.iter().filter(|answer| answer.status == 401).count() <= 10);
    }
    let right = log_in(&server, "staff", PASSWORD, &[("x-forwarded-for", "10.0.1.1")]);
    right.problem(429, "too-many-requests");
    // From one address: other names do not help.
    let statuses: Vec<_> = (0..31)
        .map(|at| log_in(&server, &format!("name{at}"), "guess", &[("x-forwarded-for", "10.9.9.9")]).status)
        .collect();
    assert_eq!((statuses[0], statuses[30]), (401, 429), "{statuses:?}");
}

#[test]
fn accounts_are_made_with_care() {
    let place = Place::new(Kind::GeoPackage);
    let location = place.location();
    let add = |name: &str, role: &str, password: &str| {
        let output = run(
            &["account", "add", name, "--role", role, "--password-stdin", "--store", &location],
            password,
        );
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    for (name, role, password, said) in [
        ("li", "staff", "short", "expected 10 to 200"),
        ("li wei", "staff", PASSWORD, "expected 1 to 64 letters"),
        ("li", "public", PASSWORD, "cannot have the role public"),
        ("li", "king", PASSWORD, "expected public, surveyor, staff, steward or admin"),
    ] {
        let (status, error) = add(name, role, password);
        assert_eq!(status, Some(2));
        assert!(error.contains(said), "{error}");
        assert!(!error.contains(PASSWORD));
    }
    assert_eq!(add("li", "staff", PASSWORD).0, Some(0));
    let (status, error) = add("LI", "admin", PASSWORD);
    assert_eq!(status, Some(2));
    assert!(error.contains("there is an account li already"), "{error}");
    let kept: String = rusqlite::Connection::open(place.file())
        .unwrap()
        .query_row("SELECT password_hash FROM accounts", [], |row| row.get(0))
        .unwrap();
    assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
}
