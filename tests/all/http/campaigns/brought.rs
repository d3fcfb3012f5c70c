//! What staff bring for a surveyor whose phone could not: whose it is, what they may, and that the phone gets the same answers when it comes back.
use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::service::{Kind, succeed};

use super::{DEVICE, Field, begun, read, send};

on_both_stores!(
    a_phone_that_comes_back_gets_the_first_receipts,
    what_a_phone_had_sent_is_not_brought_again,
    nobody_gains_a_right_by_a_name,
    what_two_sheets_of_paper_say_conflicts,
);

struct Phone {
    edits: Vec<Value>,
    visits: Vec<Value>,
}

impl Phone {
    /// The queue of a phone: what is written, what waits, what is returned, what cannot be read; a visit that counts and one that cannot.
    fn new(field: &mut Field) -> Self {
        let edit = |field: &mut Field, set: &Value| {
            let creation = field.parcels[0].clone();
            let mut edit = field.park.setting(&creation, set);
            edit["base_version"] = json!(1);
            edit["evidence"] = json!("seen");
            edit["field"] = json!({"device": DEVICE, "counter": 7});
            edit
        };
        let mut edits: Vec<Value> = [json!({"remarks": "a fence"}), json!({"area_net": 5}), json!({"remarks": 5})]
            .iter()
            .map(|set| edit(field, set))
            .collect();
        let mut odd = edit(field, &json!({"remarks": "x"}));
        odd["mood"] = json!("good");
        edits.push(odd);
        let mut unreadable = field.visit(2, "confirmed");
        unreadable["mood"] = json!("good");
        Self {
            edits,
            visits: vec![field.visit(1, "confirmed"), unreadable],
        }
    }

    fn send(&self, client: &Client) -> [Vec<Value>; 2] {
        [client.edit(&self.edits), send(client, &self.visits)]
    }

    fn bring(&self, client: &Client, name: &str) -> [Vec<Value>; 2] {
        let of = |member: &str, sent: &[Value]| {
            let body = json!({member: sent, "on_behalf_of": name});
            let answer = client.post(&format!("/api/v1/{member}"), &body).ok();
            answer["receipts"].as_array().unwrap().clone()
        };
        [of("edits", &self.edits), of("visits", &self.visits)]
    }
}

fn outcomes(receipts: &[Value]) -> Vec<&str> {
    receipts.iter().map(|receipt| receipt["outcome"].as_str().unwrap()).collect()
}

fn line(client: &Client, edit: &Value) -> Value {
    let history = client.read("/api/v1/carriers/P-0000/history");
    let entries = history["entries"].as_array().unwrap().clone();
    entries.into_iter().find(|line| line["edit"] == edit["id"]).unwrap()
}

fn a_phone_that_comes_back_gets_the_first_receipts(kind: Kind) {
    let (mut field, server) = begun(kind);
    let phone = Phone::new(&mut field);
    let receipts = phone.bring(&server.with(&field.staff), "surveyor");
    assert_eq!(
        outcomes(&receipts[0]),
        ["applied", "proposed", "returned", "returned"],
        "{receipts:?}"
    );
    assert_eq!(outcomes(&receipts[1]), ["applied", "returned"], "{receipts:?}");
    drop(server);
    let server = field.place.serve();
    let [surveyor, staff] = [&field.surveyor, &field.staff].map(|token| server.with(token));
    assert_eq!(phone.send(&surveyor), receipts, "the phone comes back");
    assert_eq!(phone.bring(&staff, "surveyor"), receipts, "the file is read in once more");
    // Whose it is, and who brought it.
    let written = line(&staff, &phone.edits[0]);
    assert_eq!(
        (&written["author"], &written["field"]["handed_in_by"]),
        (&json!("surveyor"), &json!("staff")),
        "{written}"
    );
    let inbox = staff.read("/api/v1/inbox?code=P-0000");
    let sent = &inbox["items"][0]["sent"];
    assert_eq!(sent["edit"], phone.edits[1], "as it was sent");
    assert_eq!(
        (&sent["author"], &sent["handed_in_by"]),
        (&json!("surveyor"), &json!("staff")),
        "{inbox}"
    );
    let campaign = read(&staff);
    let visit = &campaign["to_review"][0];
    assert_eq!(
        (&visit["id"], &visit["author"], &visit["handed_in_by"]),
        (&phone.visits[0]["id"], &json!("surveyor"), &json!("staff"))
    );
    // An approval leaves both in the history.
    let decision = json!({"edit": phone.edits[1]["id"], "verdict": "approved", "expected_version": inbox["items"][0]["version"]});
    let steward = server.with(&field.steward);
    let decided = steward.post("/api/v1/inbox/decisions", &json!({"decisions": [decision]})).ok();
    let by = json!({"id": decided["results"][0]["decision"]["written_as"]});
    let approved = line(&staff, &by);
    assert_eq!(
        [
            &approved["author"],
            &approved["field"]["handed_in_by"],
            &approved["field"]["approved_by"]
        ],
        [&json!("surveyor"), &json!("staff"), &json!("steward")],
        "{approved}"
    );
}

fn what_a_phone_had_sent_is_not_brought_again(kind: Kind) {
    let (mut field, server) = begun(kind);
    let phone = Phone::new(&mut field);
    let receipts = phone.send(&server.with(&field.surveyor));
    let staff = server.with(&field.staff);
    assert_eq!(phone.bring(&staff, "surveyor"), receipts);
    assert!(line(&staff, &phone.edits[0])["field"].get("handed_in_by").is_none());
    assert_eq!(read(&staff)["to_review"][0]["handed_in_by"], Value::Null);
    // Under another name it is another edit.
    let mine = staff.edit(&phone.edits[..1]).remove(0);
    assert_eq!((&mine["reason"], &mine["kept"]), (&json!("edit-id-reused"), &json!(false)));
}

fn nobody_gains_a_right_by_a_name(kind: Kind) {
    let (mut field, server) = begun(kind);
    let [steward, staff, surveyor] = [&field.steward, &field.staff, &field.surveyor].map(|token| server.with(token));
    let creation = field.parcels[3].clone();
    let mut setting = |set: Value| field.park.setting(&creation, &set);
    let bring = |client: &Client, edit: &Value, name: &str| client.post("/api/v1/edits", &json!({"edits": [edit], "on_behalf_of": name}));
    let edit = setting(json!({"remarks": "x"}));
    for name in ["other", "steward"] {
        bring(&surveyor, &edit, name).problem(403, "forbidden");
    }
    let body = json!({"visits": [], "on_behalf_of": "other"});
    surveyor.post("/api/v1/visits", &body).problem(403, "forbidden");
    let unknown = bring(&staff, &edit, "nobody").problem(400, "bad-body");
    assert_eq!(unknown["parameter"], "on_behalf_of");
    assert_eq!(
        bring(&surveyor, &edit, "surveyor").ok()["receipts"][0]["outcome"],
        "applied",
        "one's own name"
    );
    // By the lower of both roles, whichever it is.
    let area = setting(json!({"area_net": 5000}));
    assert_eq!(bring(&steward, &area, "surveyor").ok()["receipts"][0]["outcome"], "proposed");
    let hidden = setting(json!({"price_floor": 5}));
    let told = bring(&staff, &hidden, "surveyor").ok();
    assert_eq!(told["receipts"][0]["reason"], "unknown-attribute", "{told}");
    let outline = json!({"type": "Polygon", "coordinates": [[[120.9, 31.9], [120.91, 31.9], [120.91, 31.91], [120.9, 31.9]]]});
    let mut shape = setting(json!({}));
    shape["geometry"] = outline;
    assert_eq!(bring(&staff, &shape, "steward").ok()["receipts"][0]["outcome"], "proposed");
    // Who brought it is the server's word alone.
    let mut forged = setting(json!({"remarks": "y"}));
    forged["base_version"] = json!(1);
    forged["field"] = json!({"device": DEVICE, "counter": 1, "handed_in_by": "staff"});
    assert_eq!(surveyor.edit(&[forged])[0]["reason"], "bad-field-note");
    // What an ended account has recorded waits, whoever brings it.
    drop(server);
    let location = field.place.location();
    succeed(&["account", "disable", "other", "--store", &location], "");
    let server = field.place.serve();
    let late = field.park.setting(&field.parcels[20], &json!({"remarks": "late"}));
    let told = bring(&server.with(&field.staff), &late, "other").ok();
    assert_eq!(told["receipts"][0]["outcome"], "proposed", "{told}");
    let waiting = server.with(&field.staff).read("/api/v1/inbox?code=P-0020");
    assert_eq!(waiting["items"][0]["sent"]["held"], "ended-account");
}

fn what_two_sheets_of_paper_say_conflicts(kind: Kind) {
    let (mut field, server) = begun(kind);
    let staff = server.with(&field.staff);
    let creation = field.parcels[0].clone();
    let mut bring = |date: &str| {
        let mut edit = field.park.setting(&creation, &json!({"completed_on": date}));
        edit["base_version"] = json!(1);
        let told = staff
            .post("/api/v1/edits", &json!({"edits": [edit], "on_behalf_of": "surveyor"}))
            .ok();
        told["receipts"][0]["outcome"].as_str().unwrap().to_owned()
    };
    assert_eq!(bring("2020-01-01"), "applied");
    assert_eq!(bring("2021-01-01"), "conflict");
}
