//! Tiles over HTTP: they hold the edit that was just saved, what their asker may see, and what was asked for.
use serde_json::{Value, json};
use zaiti::domain::viewer::Role;

use super::cage::{COLLECTIONS, Cage};
use crate::support::catalogue::{attribute, with_file};
use crate::support::client::{Answer, Client};
use crate::support::park::{Park, corners, tile_at};
use crate::support::service::{Kind, Place};

on_both_stores!(the_next_tile_contains_the_edit);

/// The tile in which the outline at this place of the grid lies, with a query.
fn tile(client: &Client, collection: &str, at: usize, query: &str) -> Answer {
    let [west, south, ..] = corners(at);
    let answer = client.get(&format!(
        "/tiles/{collection}/{}{query}",
        tile_at(16, west + 0.0002, south + 0.0002)
    ));
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("content-type"), "application/vnd.mapbox-vector-tile");
    answer
}

fn the_next_tile_contains_the_edit(kind: Kind) {
    let place = Place::new(kind);
    let token = place.token("steward");
    let server = place.serve();
    let client = server.with(&token);
    let mut park = Park::new(9);
    let creation = park.parcel("P-1", 0, &json!({"status": "AVAILABLE"}));
    client.apply(std::slice::from_ref(&creation));
    let mut tag = tile(&client, "parcels", 0, "").header("etag").to_owned();
    for (before, after, more) in [
        ("AVAILABLE", "LISTED", json!({"listing_number": "L"})),
        ("LISTED", "AVAILABLE", json!({})),
    ] {
        assert!(tile(&client, "parcels", 0, "").text().contains(before));
        let mut set: Value = more;
        set["status"] = json!(after);
        client.apply(&[park.setting(&creation, &set)]);
        for reader in [&client, &server.public()] {
            let text = tile(reader, "parcels", 0, "").text();
            assert!(text.contains(after) && !text.contains(before), "{before} -> {after}");
        }
        let now = tile(&client, "parcels", 0, "").header("etag").to_owned();
        assert_ne!(now, tag);
        tag = now;
    }
    // A moved outline leaves the old tile and is in the new one.
    let mut moved = park.setting(&creation, &json!({}));
    moved["geometry"] = crate::support::park::square(59);
    client.apply(&[moved]);
    assert!(!tile(&client, "parcels", 0, "").text().contains("P-1"));
    assert!(tile(&client, "parcels", 59, "").text().contains("P-1"));
}

#[test]
fn a_tile_holds_what_matches_and_no_more() {
    let place = Place::new(Kind::GeoPackage);
    let token = place.token("steward");
    let server = place.serve();
    let client = server.with(&token);
    let mut park = Park::new(9);
    client.apply(&[
        park.parcel("P-1", 0, &json!({"status": "AVAILABLE"})),
        park.parcel("P-2", 1, &json!({"status": "PLANNED"})),
    ]);
    let both = tile(&client, "parcels", 0, "").text() + &tile(&client, "parcels", 1, "").text();
    assert!(both.contains("P-1") && both.contains("P-2"));
    let some = tile(&client, "parcels", 0, "?status=PLANNED").text() + &tile(&client, "parcels", 1, "?status=PLANNED").text();
    assert!(!some.contains("P-1") && some.contains("P-2"));
    let none = tile(&client, "parcels", 0, "?area_min=100000");
    assert!(none.body.is_empty());
    client.get("/tiles/parcels/0/0/0?status=GONE").problem(400, "bad-parameter");
    for path in [
        "/tiles/parcels/0/0/0?",
        "/tiles/parcels?",
        "/api/v1/facets?collection=parcels&",
        "/api/v1/exports?collection=parcels&",
    ] {
        for page in ["limit=5", "sort=code", "after=x", "colour=red"] {
            client.get(&format!("{path}{page}")).problem(400, "unknown-parameter");
        }
    }
    client.get("/tiles/towers/0/0/0").problem(400, "bad-parameter");
}

#[test]
fn a_tile_holds_what_its_asker_may_see() {
    let mut cage = Cage::new(Kind::GeoPackage);
    let [surveyor, staff] = ["surveyor", "staff"].map(|role| cage.place.token(role));
    let server = cage.serve();
    cage.fill(&server, Role::Public);
    let admin = server.with(&cage.admin);
    for (at, collection) in COLLECTIONS.into_iter().enumerate() {
        let askers = [server.public(), server.with(&surveyor), server.with(&staff), admin.clone()];
        let texts = askers.map(|client| tile(&client, collection, at, "").text());
        for (circle, seen) in [
            ("secret_staff_text", [false, false, true, true]),
            ("secret_steward_text", [false, false, false, true]),
        ] {
            assert_eq!(texts.each_ref().map(|text| text.contains(circle)), seen, "{circle} of {collection}");
        }
        assert_eq!(texts.each_ref().map(|text| text.contains("CANARY")), [false, false, true, true]);
    }
}

#[test]
fn a_tile_carries_the_new_attribute() {
    let place = Place::new(Kind::GeoPackage);
    let directory = with_file(
        place.folder(),
        "own.toml",
        &attribute(
            "crane_rail_gauge",
            "\"buildings\"",
            "kind = \"number\"\nquantity = \"length\"\nmin = 0.0\nmax = 100.0\ndecimals = 2\ntile = true",
        ),
    );
    let token = place.token("steward");
    let server = place.serve_with(&["--catalogue", directory.to_str().unwrap()]);
    let building = Park::new(1).record(("buildings", "B-1"), 0, &json!({"crane_rail_gauge": 16.5}));
    server.with(&token).apply(&[building]);
    let [west, south, ..] = corners(0);
    let tile = server
        .public()
        .get(&format!("/tiles/buildings/{}", tile_at(15, west + 0.0001, south + 0.0001)));
    assert!(tile.text().contains("crane_rail_gauge"));
}
