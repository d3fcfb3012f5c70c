//! A full disk, and stores that must not be opened.
use std::process::Command;

use serde_json::{Value, json};

use crate::support::client::{Answer, Client};
use crate::support::park::Park;
use crate::support::service::{Kind, Place, Server, run};
use crate::support::shared::report;

/// Edits that are surely more than there is room for.
const MANY: usize = 5_000;

/// Writes until it is refused; gives the refusal and the last name that was acknowledged.
fn fill(client: &Client, park: &mut Park, creation: &Value) -> (Answer, String) {
    let mut last = "first".to_owned();
    for number in 0..MANY {
        let name = format!("name {number}");
        let edit = park.setting(creation, &json!({ "name": name }));
        let answer = client.post("/api/v1/edits", &json!({"edits": [edit]}));
        if answer.status != 200 {
            return (answer, last);
        }
        assert_eq!(answer.json()["receipts"][0]["outcome"], "applied");
        last = name;
    }
    panic!("there was room for {MANY} edits")
}

/// The record is as the last acknowledged edit left it, in memory and in the store.
fn is_as_acknowledged(client: &Client, name: &str) {
    let item = client.read("/api/v1/carriers/P-1");
    let history = client.read("/api/v1/carriers/P-1/history");
    let line = history["entries"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(
        (&item["properties"]["name"], &line["changes"]["name"]["new"]),
        (&json!(name), &json!(name))
    );
    assert_eq!(item["properties"]["version"], line["version"]);
}

fn first(server: &Server, token: &str) -> (Client, Park, Value) {
    let mut park = Park::new(5);
    let creation = park.parcel("P-1", 0, &json!({"name": "first"}));
    let client = server.with(token);
    client.apply(std::slice::from_ref(&creation));
    (client, park, creation)
}

#[test]
fn a_full_disk_refuses_and_works_again_after_room_is_made() {
    let can_mount = Command::new("unshare")
        .args(["-rm", "mount", "-t", "tmpfs", "none", "/mnt"])
        .output()
        .is_ok_and(|output| output.status.success());
    if !can_mount {
        report("not run: a full disk needs the right to make a file system of one's own (unshare -rm)");
        return;
    }
    let place = Place::new(Kind::GeoPackage);
    let token = place.token("steward");
    // A small file system that only the program sees. The store moves into it.
    let script = "cd \"$1\" && mv park.gpkg elsewhere.gpkg && mkdir -p small && mount -t tmpfs -o size=8m small small && cp elsewhere.gpkg small/park.gpkg && shift && exec \"$0\" \"$@\"";
    let folder = place.folder().to_str().unwrap();
    let file = format!("{folder}/small/park.gpkg");
    let server = place.serve_by_in(script, folder, &["--store", &file]);
    let (client, mut park, creation) = first(&server, &token);
    // Seen from outside through the process that has it.
    let ballast = format!("/proc/{}/root{folder}/small/ballast", server.id());
    assert!(std::fs::write(&ballast, vec![1_u8; 16 << 20]).is_err(), "the ballast must not fit");
    let (refused, last) = fill(&client, &mut park, &creation);
    let problem = refused.problem(507, "store-full");
    assert!(problem["detail"].as_str().unwrap().contains("nothing was written"), "{problem}");
    assert!(server.log().contains("no more room"));
    is_as_acknowledged(&client, &last);
    assert_eq!(client.read("/api/v1/search?collection=parcels")["numberMatched"], 1);
    std::fs::remove_file(&ballast).unwrap();
    client.apply(&[park.setting(&creation, &json!({"name": "room again"}))]);
    is_as_acknowledged(&client, "room again");
}

#[test]
fn a_limit_on_the_size_of_files_refuses_and_works_again_once_lifted() {
    let place = Place::new(Kind::GeoPackage);
    let token = place.token("steward");
    let script = "trap '' XFSZ; ulimit -S -f 1600; exec \"$0\" \"$@\"";
    let server = place.serve_by(script, &["--log", "error"]);
    let (client, mut park, creation) = first(&server, &token);
    let (refused, last) = fill(&client, &mut park, &creation);
    refused.problem(503, "store-unavailable");
    is_as_acknowledged(&client, &last);
    let lifted = Command::new("prlimit")
        .args(["--pid", &server.id().to_string(), "--fsize=unlimited:"])
        .status()
        .unwrap();
    assert!(lifted.success());
    client.apply(&[park.setting(&creation, &json!({"name": "lifted"}))]);
    is_as_acknowledged(&client, "lifted");
    server.kill();
    is_as_acknowledged(&place.serve().with(&token), "lifted");
}

/// Starting must fail with status 2 and say this.
fn is_refused(place: &Place, said: &[&str]) {
    let output = run(&["serve", "--listen", "127.0.0.1:0", "--store", &place.location()], "");
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{error}");
    for part in said {
        assert!(error.contains(part), "{part} not in {error}");
    }
}

#[test]
fn a_store_of_a_newer_program_is_left_alone() {
    let place = Place::new(Kind::GeoPackage);
    drop(place.serve());
    let file = rusqlite::Connection::open(place.file()).unwrap();
    file.execute("UPDATE zaiti SET schema = 99", []).unwrap();
    drop(file);
    let before = std::fs::read(place.file()).unwrap();
    is_refused(&place, &["has schema 99, this program knows up to", "use the newer program"]);
    assert!(before == std::fs::read(place.file()).unwrap(), "the file was touched");
    let place = Place::new(Kind::PostGis);
    drop(place.serve());
    place.sql("UPDATE zaiti.state SET schema = 99");
    is_refused(&place, &["has schema 99", "use the newer program"]);
}

#[test]
fn a_damaged_or_foreign_file_is_left_alone() {
    let place = Place::new(Kind::GeoPackage);
    let token = place.token("steward");
    let server = place.serve();
    let records = Park::new(2).records("parcels", 40);
    server.with(&token).apply(&records);
    server.tell_to_stop();
    assert_eq!(server.wait().0, Some(0));
    // Stopped in an orderly way, the file alone is all of it: who copies it has a backup.
    assert!(!place.file().with_extension("gpkg-wal").exists());
    let whole = std::fs::read(place.file()).unwrap();
    std::fs::write(place.file(), &whole[..whole.len() / 2]).unwrap();
    is_refused(&place, &["is damaged", "restore the last backup"]);
    // A page that was overwritten is found when it is read.
    let mut spoilt = whole.clone();
    for byte in &mut spoilt[4096 * 2..] {
        *byte ^= 0x5a;
    }
    std::fs::write(place.file(), &spoilt).unwrap();
    is_refused(&place, &["is damaged", "restore the last backup"]);
    std::fs::write(
        place.file(),
        "not a database at all, but a long enough text to be read as a header of one hundred bytes, perhaps",
    )
    .unwrap();
    is_refused(&place, &["is not a store of Zaiti", "name a new file"]);
    std::fs::remove_file(place.file()).unwrap();
    let other = rusqlite::Connection::open(place.file()).unwrap();
    other.execute_batch("CREATE TABLE notes (text)").unwrap();
    drop(other);
    is_refused(&place, &["is not a store of Zaiti"]);
    std::fs::write(place.file(), &whole).unwrap();
    assert_eq!(
        place.serve().public().read("/api/v1/search?collection=parcels")["numberMatched"],
        40
    );
}

#[test]
fn a_file_has_one_writer() {
    let place = Place::new(Kind::GeoPackage);
    let server = place.serve();
    is_refused(&place, &[&format!("process {} has it open for writing", server.id())]);
    drop(server);
    drop(place.serve());
}

#[test]
fn a_place_where_nothing_can_be_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let blocked = folder.path().join("file");
    std::fs::write(&blocked, "").unwrap();
    for (location, said) in [
        (blocked.join("park.gpkg").to_str().unwrap().to_owned(), "cannot be made"),
        ("postgres://nobody@127.0.0.1:9/none".to_owned(), "cannot be used now"),
        ("postgres://nobody:secret@127.0.0.1:9/none".to_owned(), "PostGIS 127.0.0.1/none"),
    ] {
        let output = run(&["serve", "--listen", "127.0.0.1:0", "--store", &location], "");
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(error.contains(said) && !error.contains("secret"), "{error}");
    }
    let place = Place::new(Kind::GeoPackage);
    let server = place.serve();
    let other = folder.path().join("other.gpkg");
    let output = run(&["serve", "--listen", server.address(), "--store", other.to_str().unwrap()], "");
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains("cannot listen on") && error.contains("--listen"), "{error}");
}
