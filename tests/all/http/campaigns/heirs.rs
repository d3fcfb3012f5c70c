//! Targets that are split and merged while the campaign runs.
use serde_json::{Value, json};

use crate::support::client::{Client, Raw};
use crate::support::service::{Kind, succeed};

use super::{CAMPAIGN, DEVICE, Field, codes, counts, read, review, send};

on_both_stores!(
    what_follows_a_split_target_is_visited_in_its_place,
    a_visit_of_a_split_target_stands_for_it_and_its_edits_for_its_successors,
    what_follows_in_several_ways_is_a_target_once,
);

/// The end of a record, with the codes of those that follow it.
fn closing(field: &mut Field, record: &Value, successors: &[&str]) -> Value {
    json!({"id": field.park.id(), "collection": "parcels", "record": record, "close": {"reason": "land office 2026-114", "successors": successors}})
}

fn parcel(field: &mut Field, code: &str, at: usize) -> Value {
    field
        .park
        .parcel(code, at, &json!({"status": "AVAILABLE", "available_from": "2026-12-01"}))
}

fn target<'a>(campaign: &'a Value, code: &str) -> &'a Value {
    let targets = campaign["targets"].as_array().unwrap();
    targets.iter().find(|target| target["code"] == code).unwrap()
}

/// Codes of a zone in the order of visits.
fn order(campaign: &Value, zone: &str) -> Vec<String> {
    let targets = campaign["targets"].as_array().unwrap().iter();
    let own = targets.filter(|target| target["zone"] == zone && target["order"].is_u64());
    own.map(|target| target["code"].as_str().unwrap().to_owned()).collect()
}

fn lines<'a>(campaign: &'a Value, what: &str) -> Vec<&'a Value> {
    let log = campaign["log"].as_array().unwrap().iter();
    log.filter(|line| line["what"] == what).collect()
}

/// Splits a parcel of the west in two that lie outside the zones; gives them.
fn split(field: &mut Field, steward: &Client, at: usize) -> [Value; 2] {
    let names = [format!("P-{at:04}-1"), format!("P-{at:04}-2")];
    let parts = [parcel(field, &names[0], 60 + 2 * at), parcel(field, &names[1], 61 + 2 * at)];
    steward.apply(&parts);
    let record = field.parcels[at]["record"].clone();
    steward.apply(&[closing(field, &record, &[&names[0], &names[1]])]);
    parts
}

#[expect(
    clippy::too_many_lines,
    reason = "one story; its parts would have to hand the same servers and people on"
)]
fn what_follows_a_split_target_is_visited_in_its_place(kind: Kind) {
    let mut field = Field::new(kind);
    let server = field.serve();
    field.launch(&server);
    let zoned = field.zones(&server);
    let before = order(&zoned, "west");
    let steward = server.with(&field.steward);
    let parts = split(&mut field, &steward, 3);
    let campaign = read(&steward);
    assert_eq!(
        counts(&campaign, &["targets", "visited", "accounted_for", "dropped"]),
        [26, 0, 1, 1]
    );
    let parent = target(&campaign, "P-0003");
    assert_eq!((&parent["state"], &parent["zone"]), (&json!("replaced"), &json!("west")));
    assert_eq!(parent["replaced"]["heirs"], json!(["P-0003-1", "P-0003-2"]));
    assert_eq!(parent["replaced"]["by"], "steward");
    let expected: Vec<String> = before
        .iter()
        .flat_map(|code| match code.as_str() {
            "P-0003" => vec!["P-0003-1".to_owned(), "P-0003-2".to_owned()],
            other => vec![other.to_owned()],
        })
        .collect();
    assert_eq!(order(&campaign, "west"), expected);
    let west = &campaign["zones"][0];
    assert_eq!(
        (&west["numbers"]["targets"], &west["numbers"]["accounted_for"]),
        (&json!(12), &json!(1))
    );
    let told = lines(&campaign, "split");
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["reason"], "P-0003 → P-0003-1, P-0003-2");
    assert_eq!(told[0]["about"], json!(["-P-0003", "+P-0003-1", "+P-0003-2"]));
    // The team has the new ones with it, and what it says of them counts.
    let surveyor = server.with(&field.surveyor);
    let package = surveyor.read(&format!("/api/v1/campaigns/{CAMPAIGN}/package"));
    assert!(codes(&package["targets"]).contains("P-0003-2"));
    let packed = package["carriers"]["features"].as_array().unwrap().iter();
    assert!(packed.clone().any(|feature| feature["id"] == parts[1]["record"]));
    let mut visit = field.visit(3, "confirmed");
    visit["record"] = parts[0]["record"].clone();
    assert_eq!(send(&surveyor, std::slice::from_ref(&visit))[0]["outcome"], "applied");
    review(&steward, &[&visit], "approved");
    let refused = steward.post(&format!("/api/v1/campaigns/{CAMPAIGN}/sign-off"), &json!({"zone": "west"}));
    let faults = refused.problem(409, "not-ready")["faults"].clone();
    let asked: Vec<&str> = faults
        .as_array()
        .unwrap()
        .iter()
        .filter(|fault| fault["path"] == "not-visited")
        .map(|fault| fault["given"].as_str().unwrap())
        .collect();
    assert!(
        asked.contains(&"P-0003-2") && !asked.contains(&"P-0003-1") && !asked.contains(&"P-0003"),
        "{asked:?}"
    );
    // A steward may still think otherwise, and it stays so.
    let path = format!("/api/v1/campaigns/{CAMPAIGN}/targets");
    steward
        .post(&path, &json!({"drop": ["P-0003-2"], "reason": "a verge of 20 m²"}))
        .ok();
    steward.apply(&[parcel(&mut field, "P-0098", 31)]);
    let before = read(&steward);
    assert_eq!(counts(&before, &["targets", "visited", "accounted_for"]), [25, 1, 2]);
    drop(server);
    let server = field.place.serve();
    let mut after = read(&server.with(&field.steward));
    after["numbers"]["silent_devices"] = before["numbers"]["silent_devices"].clone();
    assert_eq!(after, before);
}

fn a_visit_of_a_split_target_stands_for_it_and_its_edits_for_its_successors(kind: Kind) {
    let mut field = Field::new(kind);
    let server = field.serve();
    field.launch(&server);
    field.zones(&server);
    let (steward, surveyor) = (server.with(&field.steward), server.with(&field.surveyor));
    // Said before the phone could know.
    let mut visit = field.visit(3, "changed");
    let mut edit = field.park.setting(&field.parcels[3].clone(), &json!({"power_capacity": 630}));
    edit["base_version"] = json!(1);
    edit["field"] = json!({"device": DEVICE, "counter": 1, "visit": visit["id"]});
    visit["edits"] = json!([edit["id"]]);
    split(&mut field, &steward, 3);
    let receipt = surveyor.edit(std::slice::from_ref(&edit)).remove(0);
    assert_eq!(
        (&receipt["outcome"], &receipt["sent"]["held"]),
        (&json!("proposed"), &Value::Null),
        "{receipt}"
    );
    assert_eq!(send(&surveyor, std::slice::from_ref(&visit))[0]["outcome"], "applied");
    let campaign = read(&steward);
    assert_eq!(
        counts(
            &campaign,
            &["targets", "visited", "accounted_for", "dropped", "to_review", "quarantined"]
        ),
        [26, 1, 1, 0, 1, 0]
    );
    assert_eq!(campaign["to_review"][0]["code"], "P-0003");
    assert_eq!(target(&campaign, "P-0003")["state"], "to_review");
    // The visit is no word on the successors: they are still to be seen, and a person says which of them the edit belongs to.
    assert_eq!(target(&campaign, "P-0003-1")["state"], "open");
    let refused = review(&steward, &[&visit], "approved").remove(0);
    assert_eq!(refused["reason"], "choose-successor", "{refused}");
    let item = steward.read("/api/v1/inbox")["items"][0].clone();
    let next = &item["successors"][1];
    assert_eq!(next["code"], "P-0003-2");
    let decision = json!({"edit": edit["id"], "verdict": "approved", "record": next["record"], "expected_version": next["version"]});
    let decided = steward.post("/api/v1/inbox/decisions", &json!({ "decisions": [decision] })).ok();
    assert_eq!(decided["results"][0]["outcome"], "decided", "{decided}");
    assert_eq!(review(&steward, &[&visit], "approved")[0]["outcome"], "decided");
    assert_eq!(steward.read("/api/v1/carriers/P-0003-2")["properties"]["power_capacity"], 630.0);
    assert_eq!(counts(&read(&steward), &["visited", "accounted_for", "to_review"]), [1, 1, 0]);
    // One that is sent back is nobody's way any more: the record has given its place to others.
    let second = field.visit(3, "no_access");
    send(&surveyor, std::slice::from_ref(&second));
    review(&steward, &[&second], "returned");
    assert_eq!(target(&read(&steward), "P-0003")["state"], "replaced");
}

fn what_follows_in_several_ways_is_a_target_once(kind: Kind) {
    let mut field = Field::new(kind);
    let server = field.serve();
    field.launch(&server);
    field.zones(&server);
    let steward = server.with(&field.steward);
    let record = |field: &Field, at: usize| field.parcels[at]["record"].clone();
    // A merger into a target brings no new one.
    let merged = record(&field, 4);
    steward.apply(&[closing(&mut field, &merged, &["P-0012"])]);
    let campaign = read(&steward);
    assert_eq!(counts(&campaign, &["targets", "accounted_for"]), [24, 1]);
    assert_eq!(lines(&campaign, "merged")[0]["about"], json!(["-P-0004"]));
    assert_eq!(target(&campaign, "P-0012")["zone"], "east");
    // What was split and split again before anybody looked is followed to its open ends, and twice into the same is once.
    let parts = ["P-0050", "P-0051", "P-0052"].map(|code| parcel(&mut field, code, 50));
    steward.apply(&parts);
    let (first, second) = (record(&field, 5), record(&field, 6));
    let steps = [
        closing(&mut field, &first, &["P-0050", "P-0051"]),
        closing(&mut field, &parts[1]["record"], &["P-0052"]),
        closing(&mut field, &second, &["P-0052"]),
    ];
    steward.apply(&steps);
    let campaign = read(&steward);
    assert_eq!(counts(&campaign, &["targets", "accounted_for"]), [26, 3]);
    assert_eq!(target(&campaign, "P-0005")["replaced"]["heirs"], json!(["P-0050", "P-0052"]));
    assert_eq!(target(&campaign, "P-0052")["zone"], "west");
    assert!(!codes(&campaign["targets"]).contains("P-0051"));
    // What simply ends stays for a person to say why.
    let ended = record(&field, 7);
    steward.apply(&[closing(&mut field, &ended, &[])]);
    assert_eq!(target(&read(&steward), "P-0007")["state"], "open");
    // What is a target already keeps the place that it has.
    let ended = record(&field, 20);
    let north = closing(&mut field, &ended, &["P-0050"]);
    steward.apply(&[north]);
    let campaign = read(&steward);
    assert_eq!(target(&campaign, "P-0020")["state"], "replaced");
    assert_eq!(target(&campaign, "P-0050")["zone"], "west");
}

#[test]
fn a_zone_that_is_signed_off_keeps_its_targets() {
    let mut field = Field::new(Kind::GeoPackage);
    let server = field.serve();
    field.launch(&server);
    field.zones(&server);
    let steward = server.with(&field.steward);
    let exceptions: Vec<Value> = (0..10)
        .map(|at| json!({"code": format!("P-{at:04}"), "reason": "flooded until spring"}))
        .collect();
    let base = format!("/api/v1/campaigns/{CAMPAIGN}");
    steward.post(&format!("{base}/sample"), &json!({"zone": "west"})).ok();
    steward
        .post(&format!("{base}/sign-off"), &json!({"zone": "west", "exceptions": exceptions}))
        .ok();
    split(&mut field, &steward, 3);
    let campaign = read(&steward);
    assert_eq!(counts(&campaign, &["targets", "accounted_for", "excepted"]), [24, 10, 10]);
    assert!(lines(&campaign, "split").is_empty());
}

#[test]
fn the_command_line_knows_of_successors_too() {
    let mut field = Field::new(Kind::GeoPackage);
    let server = field.serve();
    field.launch(&server);
    field.zones(&server);
    let steward = server.with(&field.steward);
    split(&mut field, &steward, 3);
    // Nobody has looked at the campaign since.
    drop(server);
    let location = field.place.location();
    let report = succeed(&["campaign", "report", CAMPAIGN, "--lang", "en", "--store", &location], "");
    assert!(report.contains("P-0003 → P-0003-1, P-0003-2"), "{report}");
    let shown = succeed(&["campaign", "show", CAMPAIGN, "--json", "--store", &location], "");
    let campaign: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(counts(&campaign, &["targets", "accounted_for"]), [26, 1]);
    assert_eq!(target(&campaign, "P-0003")["state"], "replaced");
    assert_eq!(lines(&campaign, "split").len(), 1);
}

#[test]
fn processes_on_one_database_put_successors_in_once() {
    let mut field = Field::new(Kind::PostGis);
    let settings = ["--peer-rate", "0", "--follow-ms", "20"];
    let (one, other) = (field.place.serve_with(&settings), field.place.serve_with(&settings));
    one.with(&field.steward).apply(&field.parcels);
    field.launch(&one);
    field.zones(&one);
    // A write looks first, so that the other knows of the campaign from here on.
    let visit = field.visit(20, "confirmed");
    assert_eq!(send(&other.with(&field.other), &[visit])[0]["outcome"], "applied");
    let clients = [&one, &other].map(|server| server.with(&field.steward));
    for at in 0..8 {
        let mut news = Raw::stream(other.address(), "");
        split(&mut field, &clients[0], at);
        // The other knows of it too: several revisions may be one piece of news.
        let revision = clients[0].read("/api/v1/catalogue")["revision"].as_u64();
        while news.event()["revision"].as_u64() < revision {}
        let told: Vec<Value> = std::thread::scope(|scope| {
            let reading: Vec<_> = (0..6)
                .map(|turn| {
                    let client = &clients[turn % 2];
                    scope.spawn(move || read(client))
                })
                .collect();
            reading.into_iter().map(|each| each.join().unwrap()).collect()
        });
        for campaign in &told {
            assert_eq!(lines(campaign, "split").len(), at + 1);
            assert_eq!(counts(campaign, &["targets", "accounted_for"]), [26 + 2 * at as u64, 2 + at as u64]);
        }
    }
}
