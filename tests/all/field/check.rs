//! What must hold of a world that has come to rest.
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::device::What;
use super::model::{Host, Tally, World, histories};
use crate::support::client::Client;

/// A device's edit, with the id of the device.
struct Saved<'a> {
    edit: &'a Value,
    receipt: &'a Value,
    device: String,
}

/// Looks through a world, then decides on all that waits and looks again.
pub fn check(world: &World, host: &Host, tally: &mut Tally) {
    let steward = host.steward();
    let saved = saved(world);
    let open = world.inbox(&steward);
    *tally.entry("taken back".to_owned()).or_default() += nothing_waits_of_what_was_taken_back(world, &open);
    every_edit_is_accounted_for(world, &saved, (&steward, &mut Tally::new()));
    photos_are_as_taken(world, host);
    numbers_are_a_recount(world, &open, &steward);
    let decisions: Vec<_> = open
        .iter()
        .map(|item| json!({"edit": item["edit"], "verdict": "rejected", "reason": "the end"}))
        .collect();
    let results = steward.post("/api/v1/inbox/decisions", &json!({ "decisions": decisions })).ok();
    assert!(
        results["results"]
            .as_array()
            .unwrap()
            .iter()
            .all(|result| result["outcome"] == "decided"),
        "{results}"
    );
    assert!(world.inbox(&steward).is_empty());
    every_edit_is_accounted_for(world, &saved, (&steward, tally));
    let photos = world
        .devices
        .iter()
        .flat_map(|device| &device.disk)
        .filter(|entry| matches!(entry.what, What::Photo(_)));
    *tally.entry("photo".to_owned()).or_default() += photos.count();
}

fn saved(world: &World) -> Vec<Saved<'_>> {
    let of_device = |device: &super::device::Device| device.id.to_string();
    let entries = world
        .devices
        .iter()
        .flat_map(|device| device.disk.iter().map(move |entry| (of_device(device), entry)));
    entries
        .filter_map(|(device, entry)| match (&entry.what, &entry.receipt) {
            (What::Edit(edit), Some(receipt)) => Some(Saved { edit, receipt, device }),
            _ => None,
        })
        .collect()
}

fn every_edit_is_accounted_for(world: &World, saved: &[Saved<'_>], (steward, tally): (&Client, &mut Tally)) {
    let ids: Vec<_> = saved.iter().map(|saved| &saved.edit["id"]).collect();
    let statuses = steward.post("/api/v1/edits/status", &json!({ "edits": ids })).ok();
    let histories = histories(world, steward);
    let waiting: BTreeMap<String, Value> = world.inbox(steward).into_iter().map(|item| (text(&item["edit"]), item)).collect();
    let lines: Vec<&Value> = histories.values().flatten().collect();
    let written: BTreeSet<String> = lines.iter().map(|line| text(&line["edit"])).collect();
    assert_eq!(written.len(), lines.len(), "an edit is written twice: {lines:?}");
    let mut known = world.of_desk.clone();
    for (saved, status) in saved.iter().zip(statuses["edits"].as_array().unwrap()) {
        let told = format!("{} got {}, and now {status}", saved.edit, saved.receipt);
        assert_eq!(&status["receipt"], saved.receipt, "{told}");
        for word in [&saved.receipt["outcome"], &status["decision"]["verdict"]] {
            *tally.entry(text(word)).or_default() += 1;
        }
        *tally.entry("withdrawn".to_owned()).or_default() += usize::from(status["decision"]["reason"] == "taken-back");
        let history = &histories[&text(&saved.edit["record"])];
        match saved.receipt["outcome"].as_str().unwrap() {
            "applied" | "merged" => {
                known.insert(text(&saved.edit["id"]));
                let late = is_written(saved, history, &told);
                assert_eq!(saved.receipt.get("superseded").is_some(), late > 0, "{told}");
                if late > 0 {
                    *tally.entry("superseded".to_owned()).or_default() += 1;
                    assert_eq!(&status["sent"], saved.edit, "its payload is kept: {told}");
                }
            }
            "conflict" | "proposed" => {
                assert_eq!(&status["sent"], saved.edit, "{told}");
                assert!(!written.contains(&text(&saved.edit["id"])), "{told}");
                let is_waiting = waiting.contains_key(&text(&saved.edit["id"]));
                assert_ne!(
                    is_waiting,
                    status["decision"].is_object(),
                    "waits or is decided, and not both: {told}"
                );
                if status["decision"]["verdict"] == "approved" {
                    let by = text(&status["decision"]["written_as"]);
                    assert!(status["written"].is_object() && written.contains(&by), "{told}");
                    if let Some((key, value)) = world.own_values.get(&text(&saved.edit["id"])) {
                        *tally.entry("own".to_owned()).or_default() += 1;
                        let line = lines.iter().find(|line| line["edit"] == by).unwrap();
                        assert_eq!(line["changes"][key]["new"], *value, "the decider's value: {line}");
                    }
                    known.insert(by);
                }
                is_a_conflict_of_others(saved, history, &told);
            }
            "returned" => {
                let is_unreadable = saved.receipt["reason"] == "unreadable-edit";
                *tally.entry("unreadable".to_owned()).or_default() += usize::from(is_unreadable);
                assert_eq!(&status["sent"], saved.edit, "its payload is kept: {told}");
                assert!(!written.contains(&text(&saved.edit["id"])), "{told}");
            }
            other => panic!("{other}: {told}"),
        }
    }
    let strangers: Vec<_> = written.difference(&known).collect();
    assert!(strangers.is_empty(), "written by nobody: {strangers:?}");
    histories.values().for_each(|lines| is_a_chain(lines));
}

/// Exactly one line, with what was sent: as the value that was written, or as one against which a later word stands. Gives the number of those.
fn is_written(saved: &Saved<'_>, history: &[Value], told: &str) -> usize {
    let base = saved.edit["base_version"].as_u64().unwrap();
    let line = history.iter().find(|line| line["edit"] == saved.edit["id"]);
    let Some(line) = line else { panic!("nothing was written: {told}") };
    let mut superseded = 0;
    for (key, value) in saved.edit["set"].as_object().unwrap() {
        let others = |line: &&Value| line["version"].as_u64().unwrap() > base && line["changes"].get(key).is_some();
        if let Some(late) = line["superseded"].get(key) {
            let is_before = |other: &Value| other["version"].as_u64() < line["version"].as_u64();
            let stands = history.iter().any(|other| others(&other) && is_before(other));
            assert!(stands, "no other word stands in the way: {told}");
            assert!(is_same_value(late, value), "{line}: {told}");
            superseded += 1;
            continue;
        }
        let written = &line["changes"][key]["new"];
        let is_kept = match (written, value) {
            (Value::String(written), Value::String(sent)) => written.contains(sent.as_str()),
            (written, sent) => is_same_value(written, sent),
        };
        assert!(is_kept, "{line}: {told}");
        // What a person has to decide when two change it must not have been changed by somebody else in between.
        if ["completed_on", "status"].contains(&key.as_str()) {
            let between = history
                .iter()
                .filter(others)
                .filter(|other| other["version"].as_u64() < line["version"].as_u64());
            let mut foreign =
                between.filter(|other| other["changes"][key]["old"] != other["changes"][key]["new"] && !is_own(other, &saved.device));
            assert!(
                foreign.all(|other| line["changes"][key]["old"] == line["changes"][key]["new"] || other["changes"][key]["new"] == *value),
                "somebody's value was written over: {told}"
            );
        }
    }
    superseded
}

fn is_same_value(one: &Value, other: &Value) -> bool {
    let numbers = one.as_f64().zip(other.as_f64());
    numbers.map_or(one == other, |(one, other)| (one - other).abs() < 1e-9)
}

/// A conflict is with somebody else: what the device itself did before is no news to it.
fn is_a_conflict_of_others(saved: &Saved<'_>, history: &[Value], told: &str) {
    let base = saved.edit["base_version"].as_u64().unwrap();
    if saved.receipt["outcome"] != "conflict" {
        return;
    }
    for key in saved.receipt["fields"].as_array().unwrap() {
        let later = history.iter().filter(|line| line["version"].as_u64().unwrap() > base);
        let mut changed = later.filter(|line| line["changes"].get(key.as_str().unwrap()).is_some());
        assert!(changed.any(|line| !is_own(line, &saved.device)), "a conflict with oneself: {told}");
    }
}

/// Lines say which device they are from, where one was; else the author tells them apart from the desk's.
fn is_own(line: &Value, device: &str) -> bool {
    line["field"]["device"].as_str() == Some(device)
}

/// Versions without a gap, and each line begins with what the one before has left.
fn is_a_chain(lines: &[Value]) {
    let mut values: BTreeMap<&str, &Value> = BTreeMap::new();
    for (at, line) in lines.iter().enumerate() {
        assert_eq!(line["version"], at + 1, "{lines:?}");
        for (key, change) in line["changes"].as_object().unwrap() {
            let before = values.insert(key, &change["new"]).unwrap_or(&Value::Null);
            assert_eq!(before, &change["old"], "{key} of {line}");
        }
    }
}

fn photos_are_as_taken(world: &World, host: &Host) {
    for device in &world.devices {
        let client = host.surveyor(device.owner);
        for entry in &device.disk {
            let What::Photo(name) = &entry.what else { continue };
            assert_eq!(entry.receipt.as_ref().unwrap()["verified"], true);
            assert!(
                client.get(&format!("/api/v1/photos/{name}")).body == device.pictures[name],
                "{name}"
            );
        }
    }
}

/// Visits whose surveyor has taken them back, as the server has answered.
fn taken_back(world: &World) -> BTreeSet<String> {
    let entries = world.devices.iter().flat_map(|device| &device.disk);
    let taken = entries.filter_map(|entry| match (&entry.what, &entry.receipt) {
        (What::Retraction(taken), Some(receipt)) if receipt["outcome"] == "applied" => Some(text(&taken["visit"])),
        _ => None,
    });
    taken.collect()
}

/// What nobody stands for any more asks nobody for a decision. Gives the number of visits.
fn nothing_waits_of_what_was_taken_back(world: &World, open: &[Value]) -> usize {
    let taken_back = taken_back(world);
    for item in open {
        let visit = text(&item["sent"]["edit"]["field"]["visit"]);
        let is_reviewed = world.reviews.contains_key(&visit);
        assert!(is_reviewed || !taken_back.contains(&visit), "its visit was taken back: {item}");
    }
    taken_back.len()
}

fn numbers_are_a_recount(world: &World, open: &[Value], steward: &Client) {
    let campaign = steward.read(&format!("/api/v1/campaigns/{}", world.campaign));
    let numbers = &campaign["numbers"];
    assert_eq!(numbers["photos_verified"], numbers["photos_taken"], "{numbers}");
    let taken_back = taken_back(world);
    let (mut standing, mut seen) = (BTreeSet::new(), BTreeSet::new());
    for entry in world.devices.iter().flat_map(|device| &device.disk) {
        let (What::Visit(visit), Some(receipt)) = (&entry.what, &entry.receipt) else {
            continue;
        };
        assert_eq!(receipt["visit"], visit["id"], "{receipt}");
        let id = visit["id"].as_str().unwrap();
        let is_gone = taken_back.contains(id).then_some("withdrawn");
        let review = world.reviews.get(id).map(String::as_str).or(is_gone);
        if review == Some("approved") || (review.is_none() && receipt["outcome"] == "applied") {
            seen.insert(text(&visit["record"]));
        }
        if receipt["outcome"] != "returned" && matches!(review, None | Some("approved")) {
            standing.extend(visit["photos"].as_array().unwrap().iter().map(|photo| text(&photo["sha256"])));
        }
    }
    assert_eq!(numbers["photos_taken"], standing.len(), "{numbers} {standing:?}");
    assert_eq!(numbers["to_review"], campaign["to_review"].as_array().unwrap().len(), "{numbers}");
    let targets = campaign["targets"].as_array().unwrap();
    targets_are_those_of_the_model(world, &campaign);
    let visited = world.targets.intersection(&seen).count();
    // Everybody here says that something is different.
    for number in ["visited", "changed"] {
        assert_eq!(numbers[number], visited, "{number} of {numbers}, seen {seen:?}");
    }
    // What gave its place to others is accounted for, whether somebody had seen it or not.
    let known = world
        .targets
        .iter()
        .filter(|record| seen.contains(*record) || world.replaced.contains(*record));
    assert_eq!(numbers["accounted_for"], known.count(), "{numbers}, seen {seen:?}");
    assert_eq!(
        numbers["dropped"],
        world.replaced.difference(&seen).count(),
        "{numbers}, seen {seen:?}"
    );
    let of = |target: &&Value| open.iter().filter(|item| item["record"] == target["record"]).collect::<Vec<_>>();
    let conflicts = targets
        .iter()
        .flat_map(|target| of(&target))
        .filter(|item| item["receipt"]["outcome"] == "conflict")
        .count();
    assert_eq!(numbers["conflicts_open"], conflicts, "{numbers}");
    assert_eq!(numbers["targets"], targets.len(), "{numbers}");
}

/// The list: what was launched, and what has followed a target, each once; with a line of the log for each target that gave its place to others.
fn targets_are_those_of_the_model(world: &World, campaign: &Value) {
    let targets = campaign["targets"].as_array().unwrap();
    let records: Vec<String> = targets.iter().map(|target| text(&target["record"])).collect();
    assert_eq!(records.len(), world.targets.len(), "{records:?}");
    assert_eq!(BTreeSet::from_iter(records), world.targets);
    let replaced = targets.iter().filter(|target| target["replaced"].is_object());
    let replaced: BTreeSet<String> = replaced.map(|target| text(&target["record"])).collect();
    assert_eq!(replaced, world.replaced);
    let log = campaign["log"].as_array().unwrap().iter();
    let told = log.filter(|line| ["split", "merged"].contains(&line["what"].as_str().unwrap()));
    assert_eq!(told.count(), world.replaced.len(), "{}", campaign["log"]);
}

fn text(json: &Value) -> String {
    json.as_str().unwrap_or_default().to_owned()
}
