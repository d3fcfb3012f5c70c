//! An observation that comes when a later word stands already: the value stays, and what was seen is kept and told.
use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::park::Park;
use crate::support::service::{Kind, Place, Server};

on_both_stores!(
    a_value_that_was_only_confirmed_is_no_change,
    an_older_observation_is_a_line_of_the_history,
    a_text_is_not_cleared_unseen,
    what_is_hidden_stays_hidden
);

/// A record with a later word than what the phone is going to send.
struct Case {
    server: Server,
    place: Place,
    tokens: [String; 2],
    park: Park,
    creation: Value,
}

impl Case {
    fn new(kind: Kind, before: &Value) -> Self {
        let place = Place::new(kind);
        let tokens = ["surveyor", "steward"].map(|role| place.token(role));
        let server = place.serve();
        let mut park = Park::new(11);
        let creation = park.parcel("P-1", 0, before);
        let case = Self {
            server,
            place,
            tokens,
            park,
            creation,
        };
        case.steward().apply(std::slice::from_ref(&case.creation));
        case
    }

    fn phone(&self) -> Client {
        self.server.with(&self.tokens[0])
    }

    fn steward(&self) -> Client {
        self.server.with(&self.tokens[1])
    }

    /// Sets values at the desk, as seen at this time.
    fn at_the_desk(&mut self, observed_at: &str, set: &Value) {
        let mut edit = self.park.setting(&self.creation, set);
        edit["observed_at"] = json!(observed_at);
        self.steward().apply(&[edit]);
    }

    /// An edit of a phone that saw the first version.
    fn of_phone(&mut self, observed_at: &str, set: &Value) -> Value {
        let mut edit = self.park.setting(&self.creation, set);
        edit["base_version"] = json!(1);
        edit["observed_at"] = json!(observed_at);
        edit["evidence"] = json!("seen");
        edit["field"] = json!({"device": self.park.id(), "counter": 1});
        edit
    }

    fn history(client: &Client) -> Vec<Value> {
        client.read("/api/v1/carriers/P-1/history")["entries"].as_array().unwrap().clone()
    }
}

fn a_value_that_was_only_confirmed_is_no_change(kind: Kind) {
    let before = json!({"completed_on": "2020-01-01"});
    let mut case = Case::new(kind, &before);
    case.at_the_desk("2026-03-01T00:00:00Z", &before);
    let edit = case.of_phone("2026-04-01T00:00:00Z", &json!({"completed_on": "2021-02-02"}));
    let receipt = case.phone().edit(&[edit]).remove(0);
    assert_eq!(
        (&receipt["outcome"], &receipt["version"]),
        (&json!("merged"), &json!(3)),
        "{receipt}"
    );
    // Another value than the phone saw is one.
    let edit = case.of_phone("2026-05-01T00:00:00Z", &json!({"completed_on": "2022-03-03"}));
    let receipt = case.phone().edit(&[edit]).remove(0);
    assert_eq!(receipt["outcome"], "conflict", "{receipt}");
}

fn an_older_observation_is_a_line_of_the_history(kind: Kind) {
    let mut case = Case::new(kind, &json!({"power_capacity": 100}));
    case.at_the_desk("2026-03-01T00:00:00Z", &json!({"power_capacity": 300}));
    let edit = case.of_phone("2026-02-01T00:00:00Z", &json!({"power_capacity": 200, "remarks": "a sign"}));
    let alone = case.of_phone("2026-01-01T00:00:00Z", &json!({"power_capacity": 150}));
    let sent = [edit.clone(), alone.clone()];
    let phone = case.phone();
    let receipts = phone.edit(&sent);
    for (receipt, version) in receipts.iter().zip([3, 4]) {
        assert_eq!(
            (&receipt["outcome"], &receipt["version"], &receipt["superseded"]),
            (&json!("merged"), &json!(version), &json!(["power_capacity"])),
            "{receipt}"
        );
    }
    let Case { server, place, tokens, .. } = case;
    server.kill();
    let server = place.serve();
    let phone = server.with(&tokens[0]);
    assert_eq!(phone.edit(&sent), receipts, "the same receipts from what is stored");
    let steward = server.with(&tokens[1]);
    let item = steward.read("/api/v1/carriers/P-1");
    assert_eq!(item["properties"]["power_capacity"], 300.0, "the later word stands");
    assert_eq!(item["properties"]["remarks"], "a sign", "the rest is written");
    let lines = Case::history(&steward);
    let of = |edit: &Value| lines.iter().find(|line| line["edit"] == edit["id"]).unwrap();
    assert_eq!(of(&edit)["superseded"], json!({"power_capacity": 200.0}));
    assert_eq!(of(&edit)["changes"]["remarks"], json!({"old": null, "new": "a sign"}));
    assert!(of(&edit)["changes"].get("power_capacity").is_none());
    assert_eq!(of(&edit)["observed_at"], "2026-02-01T00:00:00Z");
    assert_eq!(
        (&of(&alone)["superseded"], &of(&alone)["changes"]),
        (&json!({"power_capacity": 150.0}), &json!({}))
    );
    let ids = json!({"edits": [edit["id"], alone["id"]]});
    let statuses = phone.post("/api/v1/edits/status", &ids).ok();
    for (status, edit) in statuses["edits"].as_array().unwrap().iter().zip(&sent) {
        assert_eq!(&status["sent"], edit, "its payload is kept");
    }
    // The state before the line is the state after it.
    for revision in [2, 3] {
        let then = steward.read(&format!("/api/v1/carriers/P-1?at={revision}"));
        assert_eq!(then["properties"]["power_capacity"], 300.0, "{revision}");
    }
}

/// Who had not seen what somebody added cannot take it away; that it was to be cleared is told.
fn a_text_is_not_cleared_unseen(kind: Kind) {
    let mut case = Case::new(kind, &json!({"remarks": "old"}));
    case.at_the_desk("2026-03-01T00:00:00Z", &json!({"remarks": "old and new"}));
    let edit = case.of_phone("2026-04-01T00:00:00Z", &json!({"remarks": null}));
    let phone = case.phone();
    let receipt = phone.edit(std::slice::from_ref(&edit)).remove(0);
    assert_eq!(receipt["superseded"], json!(["remarks"]), "{receipt}");
    let item = case.steward().read("/api/v1/carriers/P-1");
    assert_eq!(item["properties"]["remarks"], "old and new");
    let line = Case::history(&case.steward()).pop().unwrap();
    assert_eq!((&line["superseded"], &line["changes"]), (&json!({"remarks": null}), &json!({})));
}

fn what_is_hidden_stays_hidden(kind: Kind) {
    let mut case = Case::new(
        kind,
        &json!({"status": "AVAILABLE", "power_capacity": 100, "idle_suspected": false}),
    );
    case.at_the_desk("2026-03-01T00:00:00Z", &json!({"power_capacity": 300, "idle_suspected": true}));
    let hidden = case.of_phone("2026-02-01T00:00:00Z", &json!({"idle_suspected": false}));
    let shown = case.of_phone("2026-02-01T00:00:00Z", &json!({"power_capacity": 200, "idle_suspected": false}));
    case.phone().edit(&[hidden.clone(), shown.clone()]);
    let lines = Case::history(&case.steward());
    assert_eq!(lines.len(), 4, "{lines:?}");
    let public = Case::history(&case.server.public());
    let of = |edit: &Value| public.iter().find(|line| line["edit"] == edit["id"]);
    assert!(of(&hidden).is_none(), "{public:?}");
    assert_eq!(of(&shown).unwrap()["superseded"], json!({"power_capacity": 200.0}));
    let feed = case.server.public().read("/api/v1/changes?since=2");
    let changes = feed["changes"].as_array().unwrap();
    assert_eq!(changes.len(), 1, "{feed}");
    assert_eq!(changes[0]["fields"], json!([]), "no value of the record has changed");
}
