//! The smaller subcommands as people run them: good use, bad use, exit status.
use std::fs;
use std::path::Path;

use crate::support::zaiti::{Park, plot, with_input, zaiti};

fn copy_catalogue(into: &Path) {
    for file in fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/data/catalogue")).unwrap() {
        let file = file.unwrap().path();
        fs::copy(&file, into.join(file.file_name().unwrap())).unwrap();
    }
}

#[test]
fn a_catalogue_is_checked() {
    zaiti(&["catalogue", "check"]).ends(0).says(&["the catalogue is sound"]);
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().to_str().unwrap();
    zaiti(&["catalogue", "check", dir]).ends(2).says(&["there is no .toml file", dir]);
    copy_catalogue(folder.path());
    zaiti(&["catalogue", "check", dir])
        .ends(0)
        .says(&["the catalogue is sound", "collections"]);
    let parcels = folder.path().join("parcels.toml");
    let text = fs::read_to_string(&parcels).unwrap();
    fs::write(&parcels, format!("{text}\n[[attribute]]\nkye = 'crane'\n")).unwrap();
    zaiti(&["catalogue", "check", dir]).ends(2).says(&["parcels.toml", "kye"]);
    fs::write(&parcels, b"\xff\xfe").unwrap();
    zaiti(&["catalogue", "check", dir])
        .ends(2)
        .says(&["parcels.toml cannot be read as UTF-8 text"]);
    zaiti(&["catalogue", "check", "/nowhere/at/all"]).ends(2).says(&["/nowhere/at/all"]);
}

#[test]
fn accounts_are_added_listed_and_disabled() {
    let park = Park::new();
    let password = park.write("password", "correct horse battery\n");
    let input = || std::process::Stdio::from(fs::File::open(&password).unwrap());
    let add = [
        "account",
        "add",
        "li",
        "--role",
        "surveyor",
        "--password-stdin",
        "--store",
        park.store(),
    ];
    with_input(&add, input()).ends(0).says(&["account li added with the role surveyor"]);
    with_input(&add, input()).ends(2).says(&["li"]);
    let made = park
        .run(&["account", "add", "wang", "--role", "staff", "--display-name", "王"])
        .ends(0);
    assert!(
        made.out.lines().any(|line| line.starts_with("password: ") && line.len() > 20),
        "{}",
        made.out
    );
    park.run(&["account", "add", "x", "--role", "emperor"])
        .ends(2)
        .says(&["emperor", "steward"]);
    park.run(&["account", "add", "y", "--role", "staff", "--password-env", "NOT_SET_ANYWHERE"])
        .ends(2)
        .says(&["NOT_SET_ANYWHERE"]);
    let list = park.run(&["account", "list"]).ends(0).out;
    assert!(
        list.contains("li\tsurveyor\tactive\tli") && list.contains("wang\tstaff\tactive\t王"),
        "{list}"
    );
    assert!(!list.contains("argon2"), "{list}");
    park.run(&["account", "disable", "li"]).ends(0);
    park.run(&["account", "disable", "nobody"]).ends(2).says(&["nobody"]);
    park.run(&["account", "list"]).ends(0).says(&["li\tsurveyor\tdisabled"]);
}

#[test]
fn tokens_are_made_for_accounts() {
    let park = Park::new();
    park.run(&["account", "add", "robot", "--role", "staff"]).ends(0);
    let one = park.run(&["token", "robot", "--label", "nightly", "--days", "3"]).ends(0).out;
    let other = park.run(&["token", "robot"]).ends(0).out;
    assert!(one.trim().len() > 20 && one.lines().count() == 1 && one != other, "{one}");
    park.run(&["token", "nobody"]).ends(2).says(&["nobody"]);
    park.run(&["account", "disable", "robot"]).ends(0);
    park.run(&["token", "robot"]).ends(2).says(&["robot"]);
}

#[test]
fn a_store_is_checked() {
    let park = Park::new();
    park.import(&park.write("a.geojsonl", plot("a", 0, "")), &[]).ends(0);
    park.run(&["store", "check"]).ends(0).says(&["is sound"]);
    let foreign = park.write("foreign.gpkg", vec![b'x'; 5_000]);
    zaiti(&["store", "check", "--store", foreign.to_str().unwrap()])
        .ends(2)
        .says(&["it is not a GeoPackage file"]);
    zaiti(&["store", "check", "--store", "postgres://nobody@127.0.0.1:1/none"])
        .ends(2)
        .says(&["127.0.0.1"]);
    zaiti(&["store"]).ends(2).says(&["check"]);
    zaiti(&["sotre"]).ends(2).says(&["unrecognized subcommand", "store"]);
}

#[test]
fn an_export_says_what_it_cannot() {
    let park = Park::new();
    park.import(&park.write("a.geojsonl", plot("a", 0, "")), &[]).ends(0);
    let csv = park.run(&["export", "--collection", "parcels", "--format", "csv"]).ends(0).out;
    assert_eq!(csv.lines().count(), 2, "{csv}");
    park.run(&["export", "--collection", "plots"]).ends(2).says(&["plots", "parcels"]);
    park.run(&["export", "--collection", "parcels", "nonsense=1"])
        .ends(2)
        .says(&["nonsense"]);
    park.run(&["export", "--collection", "parcels", "nonsense"])
        .ends(2)
        .says(&["NAME=VALUE"]);
    park.run(&["export", "--collection", "parcels", "-o", "/nowhere/at/all"])
        .ends(2)
        .says(&["/nowhere/at/all cannot be written"]);
}
