//! How much of photos is kept: what nobody goes on with goes away, and no account takes all the room.
use std::time::{Duration, Instant, SystemTime};

use serde_json::json;

use super::photos::{chunk, photo, sha256};
use crate::support::client::Client;
use crate::support::service::{Kind, Place, Server};

on_both_stores!(
    what_nobody_goes_on_with_is_removed,
    unfinished_photos_have_so_much_room,
    whole_photos_have_so_much_room,
    many_at_once_get_no_more_room,
);

/// Makes everything that is kept of a photo look as if it had come days ago.
fn age(place: &Place, kind: Kind, name: &str, days: u64) {
    match kind {
        Kind::PostGis => {
            place.sql(&format!(
                "UPDATE zaiti.blobs SET at = at - interval '{days} days' WHERE name LIKE '{name}%'"
            ));
        }
        Kind::GeoPackage => {
            let folder = place.folder().join("park.gpkg.photos").join(&name[..2]);
            let then = SystemTime::now() - Duration::from_hours(24 * days);
            for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
                if entry.file_name().to_string_lossy().starts_with(name) {
                    std::fs::File::options()
                        .append(true)
                        .open(entry.path())
                        .unwrap()
                        .set_modified(then)
                        .unwrap();
                }
            }
        }
    }
}

fn received(client: &Client, name: &str) -> u64 {
    client.read(&format!("/api/v1/photos/{name}/status"))["received"].as_u64().unwrap()
}

/// Waits until the service has said this in its log.
fn until_it_says(server: &Server, words: &str) {
    let begun = Instant::now();
    while !server.log().contains(words) {
        assert!(begun.elapsed().as_secs() < 30, "{}", server.log());
        std::thread::yield_now();
    }
}

fn what_nobody_goes_on_with_is_removed(kind: Kind) {
    let place = Place::new(kind);
    let token = place.token("surveyor");
    let [whole, old, late] = [11, 12, 13].map(|seed| photo(seed, [300, 200]));
    let [whole_name, old_name, late_name] = [&whole, &old, &late].map(|bytes| sha256(bytes));
    let server = place.serve();
    let phone = server.with(&token);
    chunk(&phone, (&whole_name, &whole), (0, whole.len())).ok();
    let thumb = phone.get(&format!("/api/v1/photos/{whole_name}/thumb"));
    assert_eq!(thumb.status, 200);
    for (name, bytes) in [(&old_name, &old), (&late_name, &late)] {
        chunk(&phone, (name, bytes), (0, 900)).ok();
        chunk(&phone, (name, bytes), (900, 100)).ok();
    }
    drop(server);
    for (name, days) in [(&whole_name, 400), (&old_name, 31), (&late_name, 29)] {
        age(&place, kind, name, days);
    }
    // Who wants none of it keeps them.
    let server = place.serve_with(&["--peer-rate", "0", "--photo-idle-days", "0"]);
    assert_eq!(received(&server.with(&token), &old_name), 1_000);
    drop(server);
    let server = place.serve();
    until_it_says(&server, "removed photos that nobody went on with");
    assert!(server.log().contains("photos=1 bytes=1000"), "{}", server.log());
    let phone = server.with(&token);
    assert_eq!(received(&phone, &late_name), 1_000);
    assert!(phone.get(&format!("/api/v1/photos/{whole_name}")).body == whole, "whole ones stay");
    assert!(phone.get(&format!("/api/v1/photos/{whole_name}/thumb")).body == thumb.body);
    // Who comes back is told to begin again, and can.
    let told = chunk(&phone, (&old_name, &old), (1_000, old.len())).problem(409, "wrong-offset");
    assert_eq!(told["received"], 0);
    assert_eq!(chunk(&phone, (&old_name, &old), (0, old.len())).ok()["verified"], true);
    assert_eq!(chunk(&phone, (&late_name, &late), (1_000, late.len())).ok()["verified"], true);
}

fn unfinished_photos_have_so_much_room(kind: Kind) {
    let place = Place::new(kind);
    let (token, other) = (place.token("surveyor"), place.named_token("other", "surveyor"));
    let [one, two] = [21, 22].map(|seed| photo(seed, [300, 200]));
    let [one_name, two_name] = [&one, &two].map(|bytes| sha256(bytes));
    let most = 1_000 + two.len() - 1;
    let server = place.serve_with(&["--peer-rate", "0", "--max-unfinished-photo-bytes", &most.to_string()]);
    let phone = server.with(&token);
    chunk(&phone, (&one_name, &one), (0, 1_000)).ok();
    // The other photo could not be finished beside this one.
    let refused = chunk(&phone, (&two_name, &two), (0, 500)).problem(507, "photo-quota");
    assert_eq!(
        (&refused["given"], &refused["expected"]),
        (&json!(format!("{} bytes", most + 1)), &json!(format!("at most {most} bytes")))
    );
    assert_eq!(received(&phone, &two_name), 0);
    // What is here already, and what others send, needs none of this room; nor does a photo in one piece, or the end of one.
    assert_eq!(chunk(&phone, (&one_name, &one), (0, 1_000)).ok()["received"], 1_000);
    chunk(&server.with(&other), (&two_name, &two), (0, 500)).ok();
    assert_eq!(chunk(&phone, (&two_name, &two), (0, two.len())).ok()["verified"], true);
    assert_eq!(
        chunk(&phone, (&one_name, &one), (1_000, one.len())).ok()["verified"],
        true,
        "that is how it gets room again"
    );
    let three = photo(23, [300, 200]);
    let name = sha256(&three);
    chunk(&phone, (&name, &three), (0, 1_000)).ok();
    drop(server);
    // A photo that was begun under another rule may not grow beyond the present one, but it may end.
    let server = place.serve_with(&["--peer-rate", "0", "--max-unfinished-photo-bytes", "1001"]);
    let phone = server.with(&token);
    chunk(&phone, (&name, &three), (1_000, 2)).problem(507, "photo-quota");
    assert_eq!(chunk(&phone, (&name, &three), (1_000, 1)).ok()["received"], 1_001);
    assert_eq!(chunk(&phone, (&name, &three), (1_001, three.len())).ok()["verified"], true);
}

fn whole_photos_have_so_much_room(kind: Kind) {
    let place = Place::new(kind);
    let (token, other) = (place.token("surveyor"), place.named_token("other", "surveyor"));
    let [one, two] = [31, 32].map(|seed| photo(seed, [300, 200]));
    let [one_name, two_name] = [&one, &two].map(|bytes| sha256(bytes));
    let most = one.len() + two.len() - 1;
    let serve = |most: usize| place.serve_with(&["--peer-rate", "0", "--max-account-photo-bytes", &most.to_string()]);
    let server = serve(most);
    let send = |server: &Server, by: &str, (name, bytes): (&str, &[u8])| chunk(&server.with(by), (name, bytes), (0, bytes.len()));
    send(&server, &token, (&one_name, &one)).ok();
    let refused = send(&server, &token, (&two_name, &two)).problem(507, "photo-quota");
    assert_eq!(
        (&refused["given"], &refused["expected"]),
        (&json!(format!("{} bytes", most + 1)), &json!(format!("at most {most} bytes")))
    );
    assert_eq!(received(&server.with(&token), &two_name), 0);
    assert_eq!(send(&server, &token, (&one_name, &one)).ok()["verified"], true, "it is here");
    send(&server, &other, (&two_name, &two)).ok();
    drop(server);
    let server = serve(most);
    send(&server, &token, (&two_name, &two)).problem(507, "photo-quota");
    drop(server);
    let server = serve(0);
    assert_eq!(
        send(&server, &token, (&two_name, &two)).ok()["verified"],
        true,
        "the same once there is room"
    );
}

/// However many chunks come at the same moment, the sum is what it may be.
fn many_at_once_get_no_more_room(kind: Kind) {
    let place = Place::new(kind);
    let token = place.token("surveyor");
    let photos: Vec<_> = (40..56).map(|seed| photo(seed, [120, 80])).collect();
    let most = photos.iter().map(Vec::len).max().unwrap() + 400;
    let server = place.serve_with(&["--peer-rate", "0", "--max-unfinished-photo-bytes", &most.to_string()]);
    let phone = server.with(&token);
    let begun: Vec<u16> = std::thread::scope(|scope| {
        let sending: Vec<_> = photos
            .iter()
            .map(|bytes| scope.spawn(|| chunk(&phone, (&sha256(bytes), bytes), (0, 300)).status))
            .collect();
        sending.into_iter().map(|each| each.join().unwrap()).collect()
    });
    assert!(begun.iter().all(|status| [200, 507].contains(status)), "{begun:?}");
    // Two fit, a third could not be finished.
    assert_eq!(begun.iter().filter(|status| **status == 200).count(), 2, "{begun:?}");
    let here: u64 = photos.iter().map(|bytes| received(&phone, &sha256(bytes))).sum();
    assert_eq!(here, 600);
    // A whole photo sent many times at the same moment is whole, and here; who came second may be told to go on from where the first one is.
    let whole = photo(60, [400, 300]);
    let name = sha256(&whole);
    let told: Vec<u16> = std::thread::scope(|scope| {
        let sending: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| chunk(&phone, (&name, &whole), (0, whole.len())).status))
            .collect();
        sending.into_iter().map(|each| each.join().unwrap()).collect()
    });
    assert!(told.iter().all(|status| [200, 409].contains(status)), "{told:?}");
    assert_eq!(chunk(&phone, (&name, &whole), (0, whole.len())).ok()["verified"], true);
    assert!(phone.get(&format!("/api/v1/photos/{name}")).body == whole);
}
