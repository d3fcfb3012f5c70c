//! What campaigns and visits may be at most: at each bound it goes through, one beyond it is refused with what was given and what was expected.
use serde_json::{Value, json};

use crate::support::client::{Answer, Client};
use crate::support::service::Kind;

use super::{CAMPAIGN, Field, boxed, launch, send};

on_both_stores!(
    each_limit_is_told_with_what_was_given_and_expected,
    what_cannot_be_used_is_kept_up_to_a_size
);

/// The same with other members.
fn with(mut value: Value, more: &Value) -> Value {
    value.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    value
}

fn team(key: &str, members: &[&str]) -> Value {
    json!({"key": key, "name": "T", "members": members})
}

fn teams(count: usize) -> Value {
    json!({"teams": (0..count).map(|at| team(&format!("t{at}"), &[])).collect::<Vec<_>>()})
}

fn members(count: usize) -> Value {
    json!({"teams": [team("a", &["surveyor", "other", "staff", "steward"][..count])]})
}

/// Around the first ten parcels, with so many corners.
fn area(corners: usize) -> Value {
    let mut polygon = boxed(0, 9);
    let ring = polygon["coordinates"][0].as_array_mut().unwrap();
    let (from, to) = (ring[0].clone(), ring[1].clone());
    let more = corners - ring.len();
    for at in (1..=more).rev() {
        let share = at as f64 / (more + 1) as f64;
        let between = |side: usize| from[side].as_f64().unwrap() * (1.0 - share) + to[side].as_f64().unwrap() * share;
        ring.insert(1, json!([between(0), between(1)]));
    }
    polygon
}

fn zones(count: usize) -> Value {
    let zone = |at: usize| json!({"key": format!("z{at}"), "name": "Z", "codes": [format!("P-{at:04}")]});
    json!({"zones": (0..count).map(zone).collect::<Vec<_>>()})
}

fn zone_of(corners: usize) -> Value {
    json!({"zones": [{"key": "z", "name": "Z", "polygon": area(corners)}]})
}

fn text(chars: usize) -> String {
    "亩".repeat(chars)
}

const FLAGS: [&str; 16] = [
    "--peer-rate",
    "0",
    "--max-campaigns",
    "2",
    "--max-campaign-targets",
    "10",
    "--max-campaign-zones",
    "3",
    "--max-campaign-teams",
    "2",
    "--max-team-members",
    "3",
    "--max-text-chars",
    "20",
    "--max-batch-visits",
    "2",
];

/// A row: where it is sent, what, and the words of its refusal where it is beyond a bound: parameter, given, expected.
type Row<'a> = ((&'a str, String), Value, Option<[&'a str; 3]>);

fn rows<'a>() -> Vec<Row<'a>> {
    let preview = || ("POST", "/api/v1/campaigns?preview=true".to_owned());
    let begin = || ("POST", "/api/v1/campaigns".to_owned());
    let own = |method, part: &str| (method, format!("/api/v1/campaigns/{CAMPAIGN}/{part}"));
    let plan = |more: &Value| with(with(launch(), &json!({"area": boxed(0, 9)})), more);
    let drop = |reason: String| json!({"drop": ["P-0001"], "reason": reason});
    let another = |id: u8| plan(&json!({"id": format!("0192f0c1-0000-7000-8000-0000000000{id:02x}")}));
    vec![
        (preview(), plan(&json!({})), None),
        (
            preview(),
            plan(&json!({"area": boxed(0, 10)})),
            Some(["targets", "11", "at most 10"]),
        ),
        (preview(), plan(&teams(2)), None),
        (preview(), plan(&teams(3)), Some(["teams", "3", "at most 2"])),
        (preview(), plan(&members(3)), None),
        (preview(), plan(&members(4)), Some(["teams[0].members", "4", "at most 3"])),
        (preview(), plan(&json!({"name": text(100)})), None),
        (
            preview(),
            plan(&json!({"name": text(101)})),
            Some(["name", "101 characters", "a text of 1 to 100 characters"]),
        ),
        (preview(), plan(&json!({"teams": [team(&text(100), &[])]})), None),
        (
            preview(),
            plan(&json!({"teams": [team(&text(101), &[])]})),
            Some(["teams[0].key", "101 characters", "1 to 100 letters, digits and - _ ."]),
        ),
        (preview(), plan(&json!({"area": area(2_000)})), None),
        (
            preview(),
            plan(&json!({"area": area(2_001)})),
            Some(["area", "2001 corners", "at most 2000"]),
        ),
        (begin(), plan(&json!({})), None),
        (begin(), another(0xa2), None),
        (begin(), another(0xa3), Some(["campaigns", "3", "at most 2"])),
        (own("PUT", "zones"), zones(4), Some(["zones", "4", "at most 3"])),
        (
            own("PUT", "zones"),
            zone_of(2_001),
            Some(["zones[0].polygon", "2001 corners", "at most 2000"]),
        ),
        (own("PUT", "zones"), zone_of(2_000), None),
        (own("PUT", "zones"), zones(3), None),
        (
            own("POST", "targets"),
            drop(text(21)),
            Some(["reason", "21 characters", "a text of 1 to 20 characters"]),
        ),
        (own("POST", "targets"), drop(text(20)), None),
    ]
}

fn each_limit_is_told_with_what_was_given_and_expected(kind: Kind) {
    let mut field = Field::new(kind);
    drop(field.serve());
    let server = field.place.serve_with(&FLAGS);
    let steward = server.with(&field.steward);
    for ((method, path), body, refusal) in rows() {
        let answer: Answer = steward.send((method, &path), &[], &body);
        let Some(words) = refusal else {
            assert_eq!(answer.status, 200, "{method} {path}: {}", answer.text());
            continue;
        };
        let told = answer.problem(400, "bad-campaign");
        assert_eq!(
            [&told["parameter"], &told["given"], &told["expected"]],
            words.map(|word| json!(word)).each_ref(),
            "{path}"
        );
    }
    // A visit is not refused, but returned and kept.
    let visit = field.visit(2, "confirmed");
    let edits = |count: usize| json!({"edits": vec![CAMPAIGN; count]});
    for (more, words) in [
        (
            json!({"note": text(21)}),
            ["text-too-long", "given 21 characters, expected at most 20"],
        ),
        (
            json!({"away": {"metres": 1, "reason": text(21)}}),
            ["text-too-long", "given 21 characters, expected at most 20"],
        ),
        (edits(201), ["too-many-parts", "given 201 photos or edits, expected at most 200"]),
    ] {
        let id = field.park.id();
        let receipt = send(&steward, &[with(with(visit.clone(), &more), &json!({"id": id}))]).remove(0);
        assert_eq!([&receipt["reason"], &receipt["detail"]], words.map(|word| json!(word)).each_ref());
        assert_eq!((&receipt["outcome"], &receipt["kept"]), (&json!("returned"), &json!(true)));
    }
    for more in [json!({"note": text(20)}), edits(200)] {
        let id = field.park.id();
        assert_eq!(
            send(&steward, &[with(with(visit.clone(), &more), &json!({"id": id}))])[0]["outcome"],
            "applied"
        );
    }
    let many = |count: usize| json!({"visits": vec![visit.clone(); count]});
    assert_eq!(steward.post("/api/v1/visits", &many(2)).status, 200);
    let told = steward.post("/api/v1/visits", &many(3)).problem(413, "too-large");
    assert_eq!(
        [&told["parameter"], &told["given"], &told["expected"]],
        [&json!("visits"), &json!("3"), &json!("at most 2")]
    );
}

/// A visit of so many bytes whose outcome nobody knows.
fn unreadable(visit: &Value, bytes: usize) -> Value {
    let bare = with(visit.clone(), &json!({"outcome": "splendid", "note": ""}));
    let note = "x".repeat(bytes - bare.to_string().len());
    with(bare, &json!({"note": note}))
}

/// Up to a size it is kept as it was sent. Beyond it the receipt says that only the device has it, and nothing stands in the way of what the device sends in its place.
fn what_cannot_be_used_is_kept_up_to_a_size(kind: Kind) {
    let mut field = Field::new(kind);
    let server = field.serve();
    field.launch(&server);
    field.zones(&server);
    drop(server);
    let serve = |field: &Field| field.place.serve_with(&["--peer-rate", "0", "--max-kept-bytes", "2000"]);
    let server = serve(&field);
    let (small, large, good) = (
        field.visit(1, "confirmed"),
        field.visit(2, "confirmed"),
        field.visit(3, "confirmed"),
    );
    let told = |client: &Client| send(client, &[unreadable(&small, 2_000), unreadable(&large, 2_001), good.clone()]);
    let receipts = told(&server.with(&field.surveyor));
    let is = |receipt: &Value, outcome: &str, kept: bool| {
        assert_eq!(
            (&receipt["outcome"], &receipt["kept"]),
            (&json!(outcome), &json!(kept)),
            "{receipt}"
        );
    };
    is(&receipts[0], "returned", true);
    is(&receipts[1], "returned", false);
    is(&receipts[2], "applied", true);
    let detail = receipts[1]["detail"].as_str().unwrap();
    assert_eq!(receipts[1]["reason"], "unreadable-visit");
    assert!(
        detail.contains("splendid")
            && detail.ends_with("only the device has it, because it is too large to be kept: given 2001 bytes, expected at most 2000"),
        "{detail}"
    );
    drop(server);
    let server = serve(&field);
    let surveyor = server.with(&field.surveyor);
    assert_eq!(told(&surveyor), receipts, "sent again after a restart, the same answers");
    // What is kept has taken its id; what is not has left it free.
    let again = send(&surveyor, &[small.clone(), large.clone()]);
    assert_eq!(again[0]["reason"], "id-reused");
    is(&again[0], "returned", false);
    is(&again[1], "applied", true);
    // The bound is only for what cannot be used.
    let id = field.park.id();
    let edits = json!({"edits": vec![CAMPAIGN; 200], "id": id});
    is(&send(&surveyor, &[with(good.clone(), &edits)])[0], "applied", true);
}
