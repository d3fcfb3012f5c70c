//! A surveyor takes visits back: they count no more, their edits wait no more, and what was decided stands.
use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::service::Kind;

use super::{DEVICE, Field, begun, counts, read, review, send};

on_both_stores!(
    a_visit_that_is_taken_back_counts_no_more,
    an_earlier_visit_stands_when_the_later_is_taken_back,
    only_what_is_ones_own_and_undecided_is_taken_back,
    staff_bring_what_its_author_took_back,
    edits_that_only_name_their_visit_go_with_it,
    a_revoked_phone_takes_nothing_back
);

fn retract(client: &Client, visits: &[&Value]) -> Vec<Value> {
    let retractions: Vec<_> = visits.iter().map(|visit| json!({"visit": visit["id"], "device": DEVICE})).collect();
    let answer = client
        .post("/api/v1/visits/retractions", &json!({ "retractions": retractions }))
        .ok();
    answer["receipts"].as_array().unwrap().clone()
}

fn target(client: &Client, code: &str) -> Value {
    let told = read(client);
    let found = told["targets"].as_array().unwrap().iter().find(|target| target["code"] == code);
    found.unwrap().clone()
}

fn waiting(staff: &Client, code: &str) -> Vec<Value> {
    let inbox = staff.read(&format!("/api/v1/inbox?code={code}"));
    inbox["items"].as_array().unwrap().iter().map(|item| item["edit"].clone()).collect()
}

/// Sends a visit with one edit of it that waits for a person, and gives it.
fn found(field: &mut Field, client: &Client, at: usize) -> Value {
    let mut visit = field.visit(at, "changed");
    let mut edit = field.park.setting(&field.parcels[at].clone(), &json!({"power_capacity": 630}));
    edit["base_version"] = json!(1);
    edit["field"] = json!({"device": DEVICE, "counter": 1, "visit": visit["id"]});
    assert_eq!(client.edit(std::slice::from_ref(&edit))[0]["outcome"], "proposed");
    visit["edits"] = json!([edit["id"]]);
    assert_eq!(send(client, std::slice::from_ref(&visit))[0]["outcome"], "applied");
    visit
}

fn a_visit_that_is_taken_back_counts_no_more(kind: Kind) {
    let (mut field, server) = begun(kind);
    let (surveyor, staff) = (server.with(&field.surveyor), server.with(&field.staff));
    let visit = found(&mut field, &surveyor, 0);
    let numbers = |staff: &Client| counts(&read(staff), &["visited", "accounted_for", "to_review", "proposals_open"]);
    assert_eq!(numbers(&staff), [1, 1, 1, 1]);
    let first = retract(&surveyor, &[&visit, &visit]);
    assert_eq!((&first[0]["outcome"], &first[0]["visit"]), (&json!("applied"), &visit["id"]));
    assert_eq!(first[0], first[1]);
    assert_eq!(retract(&surveyor, &[&visit])[0], first[0], "sent again it has the same answer");
    assert_eq!(numbers(&staff), [0, 0, 0, 0]);
    assert_eq!(waiting(&staff, "P-0000"), [Value::Null; 0]);
    assert_eq!(review(&staff, &[&visit], "approved")[0]["reason"], "already-reviewed");
    drop(server);
    let server = field.place.serve();
    let (surveyor, staff) = (server.with(&field.surveyor), server.with(&field.staff));
    let open = target(&surveyor, "P-0000");
    assert_eq!((&open["state"], &open["visit"]), (&json!("open"), &Value::Null));
    let told = staff.post("/api/v1/visits/status", &json!({"visits": [visit["id"]]})).ok();
    let review = &told["visits"][0]["review"];
    assert_eq!(
        (&review["verdict"], &review["by"]),
        (&json!("withdrawn"), &json!("surveyor")),
        "it is kept, with who took it back"
    );
    // And the target can be visited anew.
    let again = field.visit(0, "confirmed");
    assert_eq!(send(&surveyor, std::slice::from_ref(&again))[0]["outcome"], "applied");
    assert_eq!(target(&surveyor, "P-0000")["visit"]["id"], again["id"]);
}

fn an_earlier_visit_stands_when_the_later_is_taken_back(kind: Kind) {
    let (mut field, server) = begun(kind);
    let (surveyor, staff) = (server.with(&field.surveyor), server.with(&field.staff));
    let visits = [field.visit(0, "no_access"), field.visit(0, "confirmed")];
    for visit in &visits {
        send(&surveyor, std::slice::from_ref(visit));
    }
    assert_eq!(counts(&read(&staff), &["visited", "no_access", "to_review"]), [1, 0, 2]);
    retract(&surveyor, &[&visits[1]]);
    assert_eq!(counts(&read(&staff), &["visited", "no_access", "to_review"]), [0, 1, 1]);
    assert_eq!(target(&surveyor, "P-0000")["visit"]["id"], visits[0]["id"]);
}

fn only_what_is_ones_own_and_undecided_is_taken_back(kind: Kind) {
    let (mut field, server) = begun(kind);
    let (surveyor, other, staff) = (server.with(&field.surveyor), server.with(&field.other), server.with(&field.staff));
    let (approved, apart) = (found(&mut field, &surveyor, 0), field.visit(1, "confirmed"));
    let theirs = found(&mut field, &other, 15);
    review(&staff, &[&approved], "approved");
    // Names an edit of somebody else as its own.
    let mut naming = field.visit(2, "changed");
    naming["edits"] = theirs["edits"].clone();
    send(&surveyor, std::slice::from_ref(&naming));
    let told = retract(&surveyor, &[&approved, &theirs, &apart, &naming]);
    let reasons: Vec<_> = told.iter().map(|receipt| receipt["reason"].clone()).collect();
    assert_eq!(
        reasons,
        [
            json!("already-reviewed"),
            json!("not-the-author"),
            json!("unknown-visit"),
            Value::Null
        ]
    );
    assert_eq!(waiting(&staff, "P-0015"), [theirs["edits"][0].clone()]);
    assert_eq!(counts(&read(&staff), &["visited", "to_review"]), [2, 1]);
    assert_eq!(review(&staff, &[&theirs], "withdrawn")[0]["reason"], "only-by-its-author");
    server
        .public()
        .post("/api/v1/visits/retractions", &json!({"retractions": []}))
        .problem(401, "log-in");
}

fn staff_bring_what_its_author_took_back(kind: Kind) {
    let (mut field, server) = begun(kind);
    let (surveyor, staff) = (server.with(&field.surveyor), server.with(&field.staff));
    let visit = found(&mut field, &surveyor, 0);
    let body = |author: &str| json!({"retractions": [{"visit": visit["id"], "device": DEVICE}], "on_behalf_of": author});
    let path = "/api/v1/visits/retractions";
    server.with(&field.other).post(path, &body("surveyor")).problem(403, "forbidden");
    assert_eq!(counts(&read(&staff), &["visited"]), [1]);
    let brought = staff.post(path, &body("surveyor")).ok();
    assert_eq!(brought["receipts"][0]["outcome"], "applied", "{brought}");
    assert_eq!(counts(&read(&staff), &["visited", "proposals_open"]), [0, 0]);
    assert_eq!(retract(&surveyor, &[&visit])[0], brought["receipts"][0], "the phone gets the same");
    let told = staff.post("/api/v1/visits/status", &json!({"visits": [visit["id"]]})).ok();
    assert_eq!(told["visits"][0]["review"]["by"], "staff", "who did it");
    let decided = staff.post("/api/v1/edits/status", &json!({"edits": visit["edits"]})).ok();
    assert_eq!(decided["edits"][0]["decision"]["by"], "staff", "{decided}");
}

fn edits_that_only_name_their_visit_go_with_it(kind: Kind) {
    let (mut field, server) = begun(kind);
    let (surveyor, staff) = (server.with(&field.surveyor), server.with(&field.staff));
    let mut visit = found(&mut field, &surveyor, 0);
    visit = {
        // The same edit, and a visit that lost it from its list.
        let mut other = field.visit(0, "changed");
        let mut edit = field.park.setting(&field.parcels[0].clone(), &json!({"power_capacity": 700}));
        edit["base_version"] = json!(1);
        edit["field"] = json!({"device": DEVICE, "counter": 9, "visit": other["id"]});
        assert_eq!(surveyor.edit(&[edit])[0]["outcome"], "proposed");
        other["edits"] = json!([]);
        send(&surveyor, std::slice::from_ref(&other));
        assert_eq!(waiting(&staff, "P-0000").len(), 2);
        retract(&surveyor, &[&visit]);
        other
    };
    assert_eq!(waiting(&staff, "P-0000").len(), 1);
    retract(&surveyor, &[&visit]);
    assert_eq!(waiting(&staff, "P-0000"), [Value::Null; 0]);
}

fn a_revoked_phone_takes_nothing_back(kind: Kind) {
    let (mut field, server) = begun(kind);
    let (surveyor, steward) = (server.with(&field.surveyor), server.with(&field.steward));
    let visit = found(&mut field, &surveyor, 0);
    let path = format!("/api/v1/devices/{DEVICE}/revoke");
    steward.post(&path, &json!({"reason": "lost"})).ok();
    for device in [json!(DEVICE), json!(field.park.id())] {
        let body = json!({"retractions": [{"visit": visit["id"], "device": device}]});
        let told = surveyor.post("/api/v1/visits/retractions", &body).ok();
        assert_eq!(told["receipts"][0]["reason"], "not-in-the-field", "{device}: {told}");
    }
    assert_eq!(counts(&read(&steward), &["visited"]), [1]);
}
