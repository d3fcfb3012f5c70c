//! Several processes on one database: what one has written, the others show.
use serde_json::json;

use crate::support::client::Raw;
use crate::support::park::{Park, corners, tile_at};
use crate::support::service::{Kind, Place};

#[test]
fn a_tile_of_a_revision_that_another_process_wrote_holds_it() {
    let place = Place::new(Kind::PostGis);
    let token = place.token("steward");
    // Neither looks by itself, so that only the revision in the address can bring the news.
    let quiet = ["--peer-rate", "0", "--follow-ms", "0"];
    let (writer, reader) = (place.serve_with(&quiet), place.serve_with(&quiet));
    let creation = Park::new(3).parcel("P-1", 0, &json!({"status": "AVAILABLE"}));
    let receipts = writer.with(&token).edit(std::slice::from_ref(&creation));
    let revision = receipts[0]["revision"].as_u64().unwrap();
    let [west, south, ..] = corners(0);
    let tile = format!("/tiles/parcels/{}", tile_at(16, west + 0.0002, south + 0.0002));
    let public = reader.public();
    assert!(!public.get(&tile).text().contains("P-1"));
    assert!(public.get(&format!("{tile}?rev={revision}")).text().contains("P-1"));
    assert_eq!(public.read("/api/v1/search?collection=parcels")["numberMatched"], 1);
    let problem = public.get(&format!("{tile}?rev={}", revision + 1)).problem(400, "bad-parameter");
    assert_eq!(problem["expected"], format!("at most {revision}"));
}

#[test]
fn the_stream_of_one_process_tells_what_another_wrote() {
    let place = Place::new(Kind::PostGis);
    let token = place.token("steward");
    let settings = ["--peer-rate", "0", "--follow-ms", "20"];
    let (writer, reader) = (place.serve_with(&settings), place.serve_with(&settings));
    let mut stream = Raw::stream(reader.address(), "");
    let receipt = writer.with(&token).edit(&[Park::new(4).parcel("P-2", 0, &json!({}))]).remove(0);
    assert_eq!(stream.event(), json!({"revision": receipt["revision"], "collections": ["parcels"]}));
    assert_eq!(reader.public().read("/api/v1/search?collection=parcels")["numberMatched"], 1);
}
