//! The inbox: what waits, who decides, and that a decision and what it writes are one.
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::client::Client;
use crate::support::park::Park;
use crate::support::service::{Kind, Place, Server};

on_both_stores!(
    a_conflict_is_shown_with_both_sides_and_decided_once,
    an_approval_is_one_commit_with_its_decision,
    edits_to_closed_records_wait_for_a_choice_of_successor,
    contradicting_areas_wait_for_a_person,
    nothing_is_decided_without_right_or_sight
);

/// A park of a few parcels, people, and a device in the field.
struct Desk {
    // Dropped in this order: a server looks into its place when it goes.
    server: Server,
    place: Place,
    tokens: [String; 3],
    park: Park,
    creations: Vec<Value>,
    device: Uuid,
    counter: u64,
}

impl Desk {
    fn new(kind: Kind) -> Self {
        let place = Place::new(kind);
        let tokens = ["surveyor", "staff", "steward"].map(|role| place.token(role));
        let server = place.serve();
        let mut park = Park::new(7);
        let values = json!({"completed_on": "2021-01-01", "status": "AVAILABLE", "remarks": "n"});
        let creations: Vec<_> = (0..4).map(|at| park.parcel(&format!("P-{at}"), at, &values)).collect();
        server.with(&tokens[2]).apply(&creations);
        let device = park.id();
        Self {
            place,
            server,
            tokens,
            park,
            creations,
            device,
            counter: 0,
        }
    }

    fn surveyor(&self) -> Client {
        self.server.with(&self.tokens[0])
    }

    fn staff(&self) -> Client {
        self.server.with(&self.tokens[1])
    }

    fn steward(&self) -> Client {
        self.server.with(&self.tokens[2])
    }

    /// An edit from the device on top of version 1.
    fn sent_by_device(&mut self, at: usize, set: &Value) -> Value {
        let mut edit = self.park.setting(&self.creations[at], set);
        self.counter += 1;
        edit["base_version"] = json!(1);
        edit["evidence"] = json!("seen");
        edit["field"] = json!({"device": self.device, "counter": self.counter, "position": {"lon": 120.9, "lat": 31.8, "accuracy_m": 4.5}});
        edit
    }

    /// Somebody at the desk changes the same meanwhile.
    fn meanwhile(&mut self, at: usize, set: &Value) {
        let edit = self.park.setting(&self.creations[at], set);
        self.steward().apply(&[edit]);
    }

    fn record(&self, code: &str) -> Value {
        self.steward().read(&format!("/api/v1/carriers/{code}"))
    }
}

fn decide(client: &Client, decisions: &[Value]) -> Vec<Value> {
    let answer = client.post("/api/v1/inbox/decisions", &json!({ "decisions": decisions })).ok();
    answer["results"].as_array().unwrap().clone()
}

fn inbox(client: &Client) -> Vec<Value> {
    client.read("/api/v1/inbox?state=open")["items"].as_array().unwrap().clone()
}

/// A decision on an edit.
fn of(edit: &Value, verdict: &str, more: &Value) -> Value {
    let mut decision = json!({"edit": edit["id"], "verdict": verdict});
    for (key, value) in more.as_object().unwrap() {
        decision[key] = value.clone();
    }
    decision
}

fn a_conflict_is_shown_with_both_sides_and_decided_once(kind: Kind) {
    let mut desk = Desk::new(kind);
    desk.meanwhile(0, &json!({"completed_on": "2022-02-02"}));
    let edit = desk.sent_by_device(0, &json!({"completed_on": "2023-03-03"}));
    let receipt = desk.surveyor().edit(std::slice::from_ref(&edit)).remove(0);
    assert_eq!(
        (&receipt["outcome"], &receipt["fields"]),
        (&json!("conflict"), &json!(["completed_on"]))
    );
    let items = inbox(&desk.staff());
    assert_eq!(items.len(), 1, "{items:?}");
    let item = &items[0];
    let field = &item["fields"][0];
    assert_eq!(
        (&field["base"], &field["mine"], &field["theirs"]),
        (&json!("2021-01-01"), &json!("2023-03-03"), &json!("2022-02-02"))
    );
    assert_eq!(
        (&field["theirs_by"], &item["sent"]["author"], &item["code"]),
        (&json!("steward"), &json!("surveyor"), &json!("P-0"))
    );
    assert_eq!((&item["sent"]["edit"], &item["version"]), (&edit, &json!(2)));
    what_is_unfit_is_refused(&desk, &edit);
    assert_eq!(inbox(&desk.staff()), items, "a refusal changes nothing");
    is_decided_once(&desk, &edit, &receipt);
}

/// Who has not looked at the present value cannot decide against it; who rejects says why.
fn what_is_unfit_is_refused(desk: &Desk, edit: &Value) {
    for (decision, reason) in [
        (of(edit, "approved", &json!({})), "missing-expected-version"),
        (of(edit, "approved", &json!({"expected_version": 1})), "moved-on"),
        (of(edit, "approved", &json!({"expected_version": 9})), "unknown-version"),
        (of(edit, "rejected", &json!({})), "empty-reason"),
        (of(edit, "returned", &json!({"reason": " "})), "empty-reason"),
        (
            of(edit, "approved", &json!({"expected_version": 2, "set": {"completed_on": 5}})),
            "bad-value",
        ),
    ] {
        let result = decide(&desk.staff(), std::slice::from_ref(&decision)).remove(0);
        assert_eq!(
            (&result["outcome"], &result["reason"]),
            (&json!("refused"), &json!(reason)),
            "{result}"
        );
    }
}

fn is_decided_once(desk: &Desk, edit: &Value, receipt: &Value) {
    let good = of(
        edit,
        "approved",
        &json!({"expected_version": 2, "set": {"completed_on": "2024-04-04"}}),
    );
    let decided = decide(&desk.staff(), std::slice::from_ref(&good)).remove(0);
    assert_eq!(
        (&decided["outcome"], &decided["receipt"]["outcome"]),
        (&json!("decided"), &json!("applied")),
        "{decided}"
    );
    assert_eq!(desk.record("P-0")["properties"]["completed_on"], "2024-04-04");
    assert!(inbox(&desk.staff()).is_empty());
    // The same again is the same answer; another one is told who has decided.
    assert_eq!(decide(&desk.staff(), std::slice::from_ref(&good)).remove(0), decided);
    for (client, other) in [
        (desk.steward(), good),
        (desk.staff(), of(edit, "rejected", &json!({"reason": "no"}))),
    ] {
        let result = decide(&client, &[other]).remove(0);
        assert_eq!(
            (&result["reason"], &result["decision"]["by"]),
            (&json!("already-decided"), &json!("staff")),
            "{result}"
        );
    }
    // The device learns of it, and the history says who let it pass.
    let status = desk.surveyor().post("/api/v1/edits/status", &json!({"edits": [edit["id"]]})).ok()["edits"][0].clone();
    assert_eq!(
        (&status["receipt"], &status["decision"]["verdict"]),
        (receipt, &json!("approved")),
        "{status}"
    );
    assert_eq!(status["written"], decided["receipt"]);
    let history = desk.steward().read("/api/v1/carriers/P-0/history");
    let line = history["entries"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&line["author"], &line["edit"]),
        (&json!("surveyor"), &decided["decision"]["written_as"]),
        "{line}"
    );
    assert_eq!(
        (&line["field"]["approved_by"], &line["field"]["device"]),
        (&json!("staff"), &json!(desk.device)),
        "{line}"
    );
}

fn an_approval_is_one_commit_with_its_decision(kind: Kind) {
    let mut desk = Desk::new(kind);
    // For stewards alone: what others send is proposed.
    let edits: Vec<_> = (0..4).map(|at| desk.sent_by_device(at, &json!({"area_net": 100 + at}))).collect();
    for receipt in desk.surveyor().edit(&edits) {
        assert_eq!(receipt["outcome"], "proposed", "{receipt}");
    }
    let refused = decide(
        &desk.staff(),
        &[json!({"edit": edits[0]["id"], "verdict": "approved", "expected_version": 1})],
    )
    .remove(0);
    assert_eq!(refused["reason"], "needs-a-higher-role", "{refused}");
    let before = desk.steward().read("/api/v1/changes")["revision"].as_u64().unwrap();
    let decisions: Vec<_> = edits
        .iter()
        .enumerate()
        .map(|(at, edit)| match at {
            3 => json!({"edit": edit["id"], "verdict": "returned", "reason": "measure again"}),
            _ => json!({"edit": edit["id"], "verdict": "approved", "expected_version": 1}),
        })
        .collect();
    let results = decide(&desk.steward(), &decisions);
    assert!(results.iter().all(|result| result["outcome"] == "decided"), "{results:?}");
    assert_eq!(desk.steward().read("/api/v1/changes")["revision"], before + 1, "one commit for all");
    let Desk { place, server, tokens, .. } = desk;
    server.kill();
    let again = place.serve();
    let client = again.with(&tokens[2]);
    assert_eq!(client.read("/api/v1/carriers/P-2")["properties"]["area_net"], 102.0);
    assert_eq!(decide(&client, &decisions), results, "the answers outlive the process");
    assert!(inbox(&client).is_empty());
    let returned = again
        .with(&tokens[0])
        .post("/api/v1/edits/status", &json!({"edits": [edits[3]["id"]]}))
        .ok();
    assert_eq!(returned["edits"][0]["decision"]["reason"], "measure again");
    assert_eq!(returned["edits"][0]["written"], Value::Null);
}

fn edits_to_closed_records_wait_for_a_choice_of_successor(kind: Kind) {
    let mut desk = Desk::new(kind);
    let mut closing = desk.park.setting(&desk.creations[0], &json!({}));
    closing.as_object_mut().unwrap().remove("set");
    closing["close"] = json!({"reason": "split", "successors": ["P-1", "P-2"]});
    desk.steward().apply(&[closing]);
    let edit = desk.sent_by_device(0, &json!({"remarks": "seen from the road"}));
    assert_eq!(desk.surveyor().edit(std::slice::from_ref(&edit))[0]["outcome"], "proposed");
    let item = inbox(&desk.steward()).remove(0);
    let successors = item["successors"].as_array().unwrap();
    let codes: Vec<_> = successors.iter().map(|each| each["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["P-1", "P-2"]);
    let of =
        |record: &Value, version: &Value| json!({"edit": edit["id"], "verdict": "approved", "record": record, "expected_version": version});
    for (record, reason) in [(&Value::Null, "choose-successor"), (&desk.creations[3]["record"], "no-successor")] {
        let result = decide(&desk.steward(), &[of(record, &json!(2))]).remove(0);
        assert_eq!(result["reason"], reason, "{result}");
    }
    let chosen = &successors[1];
    let result = decide(&desk.steward(), &[of(&chosen["record"], &chosen["version"])]).remove(0);
    assert_eq!(result["outcome"], "decided", "{result}");
    assert_eq!(result["receipt"]["record"], chosen["record"]);
    assert_eq!(desk.record("P-2")["properties"]["remarks"], "seen from the road");
}

fn contradicting_areas_wait_for_a_person(kind: Kind) {
    let mut desk = Desk::new(kind);
    let planar = desk.record("P-0")["properties"]["area_planar"].as_f64().unwrap();
    desk.meanwhile(0, &json!({"area_declared": (planar * 1.005).round()}));
    desk.meanwhile(1, &json!({"area_declared": (planar * 1.02).round()}));
    desk.meanwhile(2, &json!({"area_declared": (planar * 0.95).round()}));
    let items = inbox(&desk.staff());
    let codes: Vec<_> = items.iter().map(|item| item["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["P-1", "P-2"], "half a percent is within what is allowed: {items:?}");
    assert_eq!(
        (&items[0]["kind"], &items[0]["own"]["key"], &items[0]["other"]["key"]),
        (&json!("contradiction"), &json!("area_declared"), &json!("area_planar"))
    );
    let stands = json!({"edit": items[0]["edit"], "verdict": "approved", "reason": "the certificate counts a strip of road"});
    let corrected = json!({"edit": items[1]["edit"], "verdict": "approved", "reason": "typed wrongly", "set": {"area_declared": planar.round()}, "expected_version": 2});
    assert_eq!(
        decide(&desk.staff(), std::slice::from_ref(&corrected))[0]["reason"],
        "needs-a-higher-role"
    );
    let results = decide(&desk.steward(), &[stands, corrected]);
    assert!(results.iter().all(|result| result["outcome"] == "decided"), "{results:?}");
    assert!(inbox(&desk.steward()).is_empty());
    // Another value is another contradiction.
    desk.meanwhile(1, &json!({"area_declared": (planar * 1.03).round()}));
    assert_eq!(inbox(&desk.steward()).len(), 1);
}

fn nothing_is_decided_without_right_or_sight(kind: Kind) {
    let mut desk = Desk::new(kind);
    desk.server.public().get("/api/v1/inbox").problem(401, "log-in");
    desk.surveyor().get("/api/v1/inbox").problem(403, "forbidden");
    desk.steward().get("/api/v1/inbox?state=closed").problem(400, "bad-parameter");
    desk.surveyor()
        .post("/api/v1/inbox/decisions", &json!({"decisions": []}))
        .problem(403, "forbidden");
    let unknown = json!({"edit": Uuid::nil(), "verdict": "rejected", "reason": "x"});
    assert_eq!(decide(&desk.steward(), &[unknown])[0]["reason"], "unknown-edit");
    let written = desk.sent_by_device(0, &json!({"remarks": "new"}));
    assert_eq!(desk.surveyor().edit(std::slice::from_ref(&written))[0]["outcome"], "applied");
    let late = json!({"edit": written["id"], "verdict": "rejected", "reason": "x"});
    assert_eq!(decide(&desk.steward(), &[late])[0]["reason"], "not-open");
    // What only stewards see is nobody else's to decide; the words are those for what does not exist.
    desk.meanwhile(1, &json!({"price_floor": 5}));
    let mut hidden = desk.park.setting(&desk.creations[1], &json!({"price_floor": 6}));
    hidden["base_version"] = json!(1);
    assert_eq!(desk.steward().edit(std::slice::from_ref(&hidden))[0]["outcome"], "conflict");
    assert_eq!((inbox(&desk.staff()).len(), inbox(&desk.steward()).len()), (0, 1));
    let rejected = json!({"edit": hidden["id"], "verdict": "rejected", "reason": "x"});
    assert_eq!(decide(&desk.staff(), std::slice::from_ref(&rejected))[0]["reason"], "unknown-edit");
    assert_eq!(decide(&desk.steward(), &[rejected])[0]["outcome"], "decided");
    let status = desk.surveyor().post("/api/v1/edits/status", &json!({"edits": [hidden["id"]]})).ok();
    assert_eq!(status["edits"][0]["receipt"], Value::Null, "{status}");
}
