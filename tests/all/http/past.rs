//! The past over HTTP: every reading route takes the same point, and says what there is where it takes none.
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::client::Client;
use crate::support::park::{CORNER, Park, tile_at};
use crate::support::service::{Kind, Place};

on_both_stores!(every_route_tells_the_past, a_line_of_history_tells_of_the_field_to_staff);

/// A parcel that is renamed in revision 2, and another that comes in revision 3.
fn renamed(admin: &Client) -> Value {
    let mut park = Park::new(1);
    let creation = park.parcel("P-1", 0, &json!({"name": "before", "status": "AVAILABLE"}));
    admin.apply(std::slice::from_ref(&creation));
    admin.apply(&[park.setting(&creation, &json!({"name": "after"}))]);
    admin.apply(&[park.parcel("P-2", 1, &json!({"name": "later"}))]);
    creation
}

fn every_route_tells_the_past(kind: Kind) {
    let place = Place::new(kind);
    let token = place.token("admin");
    let server = place.serve();
    let admin = server.with(&token);
    renamed(&admin);
    let public = server.public();
    for (at, name, count) in [("1", "before", 1), ("2", "after", 1), ("3", "after", 2)] {
        let found = public.read(&format!("/api/v1/search?collection=parcels&sort=code&at={at}"));
        assert_eq!(
            (&found["numberMatched"], &found["revision"]),
            (&json!(count), &json!(at.parse::<u64>().unwrap()))
        );
        assert_eq!(found["features"][0]["properties"]["name"], name);
        let item = public.read(&format!("/api/v1/carriers/P-1?at={at}"));
        assert_eq!(item["properties"]["name"], name);
        let counted = public.read(&format!("/api/v1/facets?collection=parcels&at={at}"));
        assert_eq!(counted["numberMatched"], count);
        let export = public.get(&format!("/api/v1/exports?collection=parcels&format=csv&at={at}")).text();
        assert_eq!(export.lines().count(), count + 1);
        assert!(export.contains(name));
        let history = public.read(&format!("/api/v1/carriers/P-1/history?at={at}"));
        assert_eq!(history["entries"].as_array().unwrap().len(), at.parse::<usize>().unwrap().min(2));
    }
    assert_eq!(public.get("/api/v1/carriers/P-2?at=2").status, 404);
    tiles_of_the_past_are_kept(&public);
    admin.apply(&[Park::new(9).parcel("P-3", 2, &json!({}))]);
    points_that_there_are_not_are_refused(&public);
}

fn tiles_of_the_past_are_kept(public: &Client) {
    let tile = format!("/tiles/parcels/{}", tile_at(16, CORNER[0] + 0.0001, CORNER[1] + 0.0001));
    let now = public.get(&tile);
    let then = public.get(&format!("{tile}?at=1"));
    assert_eq!(now.header("cache-control"), "private, no-cache");
    assert_eq!(then.header("cache-control"), "private, max-age=3600");
    assert_ne!(then.header("etag"), now.header("etag"));
    let known = [("if-none-match", then.header("etag"))];
    assert_eq!(public.get_with(&format!("{tile}?at=1"), &known).status, 304);
    let described = public.read("/tiles/parcels?at=1");
    assert!(described["tiles"][0].as_str().unwrap().ends_with("?at=1"), "{described}");
    let problem = public.get(&format!("{tile}?at=1&rev=1")).problem(400, "bad-parameter");
    assert_eq!(problem["parameter"], "rev");
}

fn points_that_there_are_not_are_refused(public: &Client) {
    for at in ["", "yesterday", "0", "99", "2999-01-01", "1999-12-31", "1999-12-31T00:00:00Z"] {
        for path in [
            "/api/v1/search?collection=parcels&",
            "/api/v1/carriers/P-1?",
            "/tiles/parcels/0/0/0?",
        ] {
            let problem = public.get(&format!("{path}at={at}")).problem(400, "bad-parameter");
            assert_eq!(problem["parameter"], "at", "{at}");
            assert!(problem["expected"].as_str().is_some_and(|expected| !expected.is_empty()), "{at}");
        }
    }
}

fn a_line_of_history_tells_of_the_field_to_staff(kind: Kind) {
    let place = Place::new(kind);
    let token = place.token("admin");
    let staff = place.token("staff");
    let server = place.serve();
    let admin = server.with(&token);
    let creation = renamed(&admin);
    let (device, visit) = (Uuid::from_u128(0xD0), Uuid::from_u128(0x51));
    let mut edit = Park::new(5).setting(&creation, &json!({"name": "seen"}));
    edit["base_version"] = json!(2);
    edit["evidence"] = json!("seen");
    edit["field"] = json!({"device": device, "counter": 41, "visit": visit, "position": {"lon": 120.9, "lat": 31.85, "accuracy_m": 7.5}});
    admin.apply(&[edit]);
    let line = |client: &Client| client.read("/api/v1/carriers/P-1/history")["entries"][2].clone();
    let told = line(&server.with(&staff));
    let field = &told["field"];
    assert_eq!(
        (&field["device"], &field["counter"], &field["visit"]),
        (&json!(device), &json!(41), &json!(visit))
    );
    assert_eq!(field["position"]["accuracy_m"], 7.5);
    let public = line(&server.public());
    assert_eq!(public["changes"]["name"]["new"], "seen");
    assert!(public["field"].is_null(), "{public}");
    // The day of the look on site is the staff's.
    let item = server.with(&staff).read("/api/v1/carriers/P-1");
    assert!(item["properties"]["last_seen_on"].is_string(), "{item}");
    assert!(
        server.public().read("/api/v1/carriers/P-1")["properties"]
            .get("last_seen_on")
            .is_none()
    );
    server
        .public()
        .get("/api/v1/search?collection=parcels&last_seen_on_max=2026-01-01")
        .problem(400, "unknown-parameter");
}
