//! Photos: whole or not at all, in chunks over a link that drops, and nothing of the camera's words for the public.
use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::support::client::{Answer, Client};
use crate::support::service::{Kind, Place, Server};

on_both_stores!(
    a_photo_is_whole_or_not_at_all,
    a_crash_between_chunks_loses_nothing,
    who_may_see_a_photo,
    what_is_no_photo_is_refused
);

/// Bytes of a photo, different for each seed.
pub fn photo(seed: u32, [width, height]: [u32; 2]) -> Vec<u8> {
    let mut state = seed.wrapping_mul(2_654_435_761).max(1);
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_le_bytes()[0]
    };
    let picture = RgbImage::from_fn(width, height, |x, _| {
        if x < width / 2 {
            Rgb([200, 30, next()])
        } else {
            Rgb([20, 40, next()])
        }
    });
    written(&picture.into(), ImageFormat::Jpeg)
}

fn written(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// Sends one chunk.
pub fn chunk(client: &Client, (name, bytes): (&str, &[u8]), (offset, length): (usize, usize)) -> Answer {
    let end = (offset + length).min(bytes.len());
    let path = format!("/api/v1/photos/{name}?offset={offset}&size={}", bytes.len());
    let headers = [("content-type", "application/octet-stream")];
    client.ask(("PUT", &path), &headers, Some(&bytes[offset..end])).unwrap()
}

/// Sends a whole photo.
fn send(client: &Client, bytes: &[u8]) -> String {
    let name = sha256(bytes);
    for offset in (0..bytes.len()).step_by(1 << 20) {
        chunk(client, (&name, bytes), (offset, 1 << 20)).ok();
    }
    name
}

fn a_photo_is_whole_or_not_at_all(kind: Kind) {
    let place = Place::new(kind);
    let token = place.token("surveyor");
    let server = place.serve();
    let phone = server.with(&token);
    let bytes = photo(1, [400, 300]);
    let name = sha256(&bytes);
    let status = || phone.read(&format!("/api/v1/photos/{name}/status"));
    assert_eq!(status(), json!({"sha256": name, "received": 0, "verified": false}));
    let third = bytes.len() / 3;
    assert_eq!(chunk(&phone, (&name, &bytes), (0, third)).ok()["received"], third);
    // The answer was lost, and the chunk is sent again.
    assert_eq!(chunk(&phone, (&name, &bytes), (0, third)).ok()["received"], third);
    let ahead = chunk(&phone, (&name, &bytes), (2 * third, third)).problem(409, "wrong-offset");
    assert_eq!(ahead["received"], third);
    assert_eq!(chunk(&phone, (&name, &bytes), (third, third)).ok()["verified"], false);
    let done = json!({"sha256": name, "received": bytes.len(), "verified": true});
    assert_eq!(chunk(&phone, (&name, &bytes), (2 * third, bytes.len())).ok(), done);
    for offset in [0, third, 2 * third, bytes.len()] {
        assert_eq!(
            chunk(&phone, (&name, &bytes), (offset, third)).ok(),
            done,
            "sent again it is what it is"
        );
    }
    assert_eq!(status(), done);
    assert!(phone.get(&format!("/api/v1/photos/{name}")).body == bytes);
    // Bytes of another photo under this name never become one.
    let (other, wrong) = (photo(2, [300, 200]), sha256(&photo(3, [300, 200])));
    let refused = chunk(&phone, (&wrong, &other), (0, other.len())).problem(422, "wrong-hash");
    assert_eq!((&refused["received"], &refused["given"]), (&json!(0), &json!(sha256(&other))));
    assert_eq!(phone.read(&format!("/api/v1/photos/{wrong}/status"))["received"], 0);
}

fn a_crash_between_chunks_loses_nothing(kind: Kind) {
    let place = Place::new(kind);
    let token = place.token("surveyor");
    let bytes = photo(4, [300, 300]);
    let name = sha256(&bytes);
    let part = bytes.len() / 5 + 1;
    let mut server = place.serve();
    for at in 0..5 {
        let phone = server.with(&token);
        let here = phone.read(&format!("/api/v1/photos/{name}/status"))["received"].as_u64().unwrap();
        assert_eq!(here, (at * part) as u64);
        chunk(&phone, (&name, &bytes), (at * part, part)).ok();
        server.kill();
        server = place.serve();
    }
    let status = server.with(&token).read(&format!("/api/v1/photos/{name}/status"));
    assert_eq!(status["verified"], true);
    assert!(server.with(&token).get(&format!("/api/v1/photos/{name}")).body == bytes);
}

/// A JPEG that says where and by whom it was taken, with the camera held upright while it lay on its side.
pub fn with_exif(jpeg: &[u8]) -> Vec<u8> {
    let words = b"CANARY-OWNER\0";
    let mut exif = b"Exif\0\0II*\0\x08\0\0\0\x02\0".to_vec();
    // Orientation 6: turn a quarter to the right. Artist.
    exif.extend(b"\x12\x01\x03\0\x01\0\0\0\x06\0\0\0");
    exif.extend(b"\x3b\x01\x02\0");
    exif.extend(u32::try_from(words.len()).unwrap().to_le_bytes());
    exif.extend(38_u32.to_le_bytes());
    exif.extend([0; 4]);
    exif.extend(words);
    let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    [&jpeg[..2], &[0xFF, 0xE1], &length, &exif, &jpeg[2..]].concat()
}

fn who_may_see_a_photo(kind: Kind) {
    let place = Place::new(kind);
    let [surveyor, staff] = ["surveyor", "staff"].map(|role| place.token(role));
    let other = place.named_token("other", "surveyor");
    let server = place.serve();
    let bytes = with_exif(&photo(5, [640, 480]));
    let name = send(&server.with(&surveyor), &bytes);
    let path = |rest: &str| format!("/api/v1/photos/{name}{rest}");
    let tries = |server: &Server| {
        let ask = |client: &Client, rest: &str| client.get(&path(rest)).status;
        [server.public(), server.with(&other), server.with(&surveyor), server.with(&staff)]
            .map(|client| [ask(&client, ""), ask(&client, "/thumb"), ask(&client, "/view")])
    };
    assert_eq!(tries(&server), [[401, 404, 404], [404, 404, 404], [200, 200, 200], [200, 200, 200]]);
    // Who only knows its name cannot become its sender.
    assert_eq!(server.with(&other).read(&path("/status"))["verified"], false);
    server.with(&staff).get(&path("/huge")).problem(404, "not-found");
    assert!(
        server.with(&staff).get(&path("")).body == bytes,
        "the original is kept as it was taken"
    );
    for (rest, size) in [("/thumb", (240, 320)), ("/view", (480, 640))] {
        let answer = server.with(&staff).get(&path(rest));
        assert_eq!(answer.header("content-type"), "image/jpeg");
        assert!(!answer.text().contains("CANARY") && !answer.text().contains("Exif"), "{rest}");
        let picture = image::load_from_memory(&answer.body).unwrap().to_rgb8();
        assert_eq!(picture.dimensions(), size, "{rest} stands upright");
        // What was left is up now.
        let red = |y: u32| picture.get_pixel(picture.width() / 2, y)[0];
        assert!(red(5) > 150 && red(picture.height() - 5) < 80, "{rest}");
        assert_eq!(
            server
                .with(&staff)
                .get_with(&path(rest), &[("if-none-match", answer.header("etag"))])
                .status,
            304
        );
    }
}

fn what_is_no_photo_is_refused(kind: Kind) {
    let place = Place::new(kind);
    let [surveyor, staff] = ["surveyor", "staff"].map(|role| place.token(role));
    let server = place.serve_with(&["--peer-rate", "0", "--max-photo-bytes", "100000", "--max-photo-pixels", "1000000"]);
    let phone = server.with(&surveyor);
    let heic = [&[0, 0, 0, 24][..], b"ftypheic", &[0; 40]].concat();
    let problem = chunk(&phone, (&sha256(&heic), &heic), (0, 100)).problem(415, "no-photo");
    assert!(problem["detail"].as_str().unwrap().contains("HEIC"), "{problem}");
    for bytes in [b"<svg onload=alert(1)>".to_vec(), b"GIF89a".to_vec(), b"%PDF-1.7".to_vec()] {
        chunk(&phone, (&sha256(&bytes), &bytes), (0, 100)).problem(415, "no-photo");
    }
    let large = photo(6, [1200, 1100]);
    chunk(&phone, (&sha256(&large), &large), (0, 100)).problem(413, "too-large");
    // Half a gigabyte of nothing in a few kilobytes.
    let bomb = bomb(12_000, 12_000);
    assert!(bomb.len() < 1_000);
    let problem = chunk(&phone, (&sha256(&bomb), &bomb), (0, bomb.len())).problem(413, "too-large");
    assert_eq!(problem["given"], "12000 x 12000 pixels");
    // The head says one thing, the body is missing: it is kept as it was sent, and shown as nothing.
    let mut broken = photo(7, [200, 100]);
    broken.truncate(broken.len() / 2);
    let name = send(&phone, &broken);
    let answer = server.with(&staff).get(&format!("/api/v1/photos/{name}/thumb"));
    assert!([200, 415].contains(&answer.status), "{}", answer.text());
    for (picture, format) in [([90, 60], ImageFormat::Png), ([90, 60], ImageFormat::WebP)] {
        let bytes = written(&DynamicImage::new_rgba8(picture[0], picture[1]), format);
        let name = send(&phone, &bytes);
        assert_eq!(
            server.with(&staff).get(&format!("/api/v1/photos/{name}/thumb")).status,
            200,
            "{format:?}"
        );
    }
    let bytes = photo(8, [100, 100]);
    let name = sha256(&bytes);
    for (query, status) in [
        ("offset=0", 400),
        ("size=5", 400),
        ("offset=x&size=5", 400),
        ("offset=0&size=0", 413),
        ("offset=9&size=5", 413),
    ] {
        let answer = phone
            .ask(("PUT", &format!("/api/v1/photos/{name}?{query}")), &[], Some(&bytes[..4]))
            .unwrap();
        assert_eq!(answer.status, status, "{query}: {}", answer.text());
    }
    phone.get("/api/v1/photos/ABC/status").problem(400, "bad-parameter");
    let long = vec![0xFF; 3 << 20];
    let answer = phone
        .ask(("PUT", &format!("/api/v1/photos/{name}?offset=0&size=100000")), &[], Some(&long))
        .unwrap();
    answer.problem(413, "too-large");
}

/// The head of a PNG of this size, and no more than that.
fn bomb(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = written(&DynamicImage::new_luma8(1, 1), ImageFormat::Png);
    bytes[16..20].copy_from_slice(&width.to_be_bytes());
    bytes[20..24].copy_from_slice(&height.to_be_bytes());
    let sum = crc(&bytes[12..29]);
    bytes[29..33].copy_from_slice(&sum.to_be_bytes());
    bytes
}

fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            (sum >> 1) ^ (0xEDB8_8320 & (sum & 1).wrapping_neg())
        })
    })
}
