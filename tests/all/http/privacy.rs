//! What somebody may not see does not exist for them: not in any answer, not as a condition, not in words of refusal.
use std::collections::BTreeSet;

use serde_json::{Value, json};
use zaiti::domain::viewer::Role;

use super::cage::{COLLECTIONS, Cage};
use crate::support::client::{Client, Raw};
use crate::support::park::{Park, corners, tile_at};
use crate::support::service::{Kind, Server};

on_both_stores!(
    what_is_hidden_is_in_no_answer,
    a_surveyor_without_a_task_sees_what_the_public_sees,
    what_is_for_stewards_is_in_no_answer_to_others,
    what_is_hidden_cannot_be_asked_for,
    what_is_hidden_leaves_no_trace_in_histories
);

fn what_is_hidden_is_in_no_answer(kind: Kind) {
    let mut cage = Cage::new(kind);
    let server = cage.serve();
    cage.fill(&server, Role::Public);
    // Somebody who may see them does: the canaries sing.
    let admin = server.with(&cage.admin);
    for creation in &cage.creations {
        let text = admin
            .get(&format!("/api/v1/carriers/{}", creation["create"]["code"].as_str().unwrap()))
            .text();
        assert!(text.contains("CANARY1"), "{text}");
    }
    let mut closing = cage.park.setting(&cage.creations[2].clone(), &json!({}));
    closing.as_object_mut().unwrap().remove("set");
    closing["close"] = json!({"reason": "CANARY split"});
    admin.apply(&[closing]);
    cage.marks.insert("CANARY".to_owned());
    assert!(cage.marks.len() >= 10, "{:?}", cage.marks);
    let told = tell(&server, &server.public(), &cage, Role::Public);
    assert!(
        !told.contains("\"author\":\"") && !told.contains("split"),
        "who wrote, and why, is nobody's business: {told}"
    );
}

/// Nobody has sent them anywhere. The names of what their forms may ask for are theirs to know.
fn a_surveyor_without_a_task_sees_what_the_public_sees(kind: Kind) {
    let mut cage = Cage::new(kind);
    let surveyor = cage.place.token("surveyor");
    let server = cage.serve();
    cage.fill(&server, Role::Public);
    assert!(cage.marks.len() >= 10, "{:?}", cage.marks);
    tell(&server, &server.with(&surveyor), &cage, Role::Surveyor);
}

fn what_is_for_stewards_is_in_no_answer_to_others(kind: Kind) {
    let mut cage = Cage::new(kind);
    let staff = cage.place.token("staff");
    let server = cage.serve();
    cage.fill(&server, Role::Staff);
    tell(&server, &server.with(&staff), &cage, Role::Staff);
}

/// All answers to a reader, in which there must be no mark, and no key that the role may not see in any collection.
fn tell(server: &Server, client: &Client, cage: &Cage, role: Role) -> String {
    let (seen, hidden): (Vec<_>, Vec<_>) = cage.catalogue.attributes.iter().partition(|each| role.sees(each.visibility));
    let seen: BTreeSet<&str> = seen.iter().map(|each| each.key.as_str()).collect();
    let hidden: BTreeSet<&str> = hidden
        .iter()
        .map(|each| each.key.as_str())
        .filter(|key| !seen.contains(key))
        .collect();
    assert!(hidden.len() > 5 && !cage.marks.is_empty());
    let mut told = String::new();
    for (path, text) in answers(server, client, cage) {
        for mark in &cage.marks {
            assert!(!text.contains(mark), "{path} holds {mark}: {text}");
        }
        // What was asked is told back.
        for key in hidden.iter().filter(|key| !path.contains(*key)) {
            assert!(!text.contains(&format!("\"{key}\"")), "{path} names {key}: {text}");
        }
        told += &text;
    }
    told
}

/// Every answer to a reader: all routes of the document, with all that they take.
fn answers(server: &Server, client: &Client, cage: &Cage) -> Vec<(String, String)> {
    let document = client.read("/api/v1/openapi.json");
    let mut paths = Vec::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        if operations.get("get").is_some() {
            paths.extend(requests(path, cage));
        }
    }
    let mut answers: Vec<_> = paths
        .into_iter()
        .map(|path| {
            let text = client.get(&path).text();
            (path, text)
        })
        .collect();
    for document in [
        json!({}),
        json!({"seeks": ["parcel"], "needs": [{"attribute": "name", "contains": "x"}]}),
        json!({"seeks": ["unit"], "needs": [{"attribute": "area", "min": 1, "unknown": "refuse"}, {"available_by": "2030-01-01"}]}),
    ] {
        answers.push((
            format!("suitability {document}"),
            client.post("/api/v1/suitability", &document).text(),
        ));
    }
    let mut stream = Raw::stream(server.address(), "Last-Event-ID: 0\r\n");
    answers.push(("stream".to_owned(), stream.event().to_string()));
    answers
}

/// Requests on a route; a route that nobody thought of here fails the test.
fn requests(path: &str, cage: &Cage) -> Vec<String> {
    let codes = cage
        .creations
        .iter()
        .flat_map(|creation| [creation["create"]["code"].as_str().unwrap(), creation["record"].as_str().unwrap()]);
    let with = |queries: &[&str]| -> Vec<String> {
        COLLECTIONS
            .iter()
            .flat_map(|collection| queries.iter().map(move |query| format!("{path}?collection={collection}{query}")))
            .collect()
    };
    match path {
        "/api/v1/search" => with(&[
            "",
            "&geometry=none",
            "&sort=-code",
            "&q=CANARY",
            "&q=p-1",
            "&limit=0",
            "&secret_staff_text=x",
            "&sort=secret_staff_text",
            "&at=1",
            "&at=3",
            "&at=9999",
            "&at=2020-01-01",
        ]),
        "/api/v1/facets" => with(&["", "&facets=name,secret_staff_number", "&facets=status", "&at=3"]),
        "/api/v1/exports" => with(&["", "&format=csv", "&format=geojson", "&format=xml", "&format=csv&at=3"]),
        "/api/v1/carriers/{code}" | "/api/v1/carriers/{code}/history" => {
            let of = |code| ["", "?at=1", "?at=3", "?at=2020-01-01"].map(|at| path.replace("{code}", code) + at);
            codes.flat_map(of).collect()
        }
        "/api/v1/carriers/{code}/net-area" | "/c/{code}" => codes.map(|code| path.replace("{code}", code)).collect(),
        "/api/v1/changes" => vec![path.to_owned(), format!("{path}?since=1&limit=1")],
        "/api/v1/changes/stream" => Vec::new(),
        "/tiles/{collection}" => COLLECTIONS
            .iter()
            .map(|collection| path.replace("{collection}", collection))
            .collect(),
        "/tiles/{collection}/{z}/{x}/{y}" => tiles(),
        "/api/v1/requirements/{id}" | "/api/v1/requirements/{id}/runs/{revision}" => kept(path, cage),
        "/assets/{name}" => vec!["/assets/none.js".to_owned()],
        "/api/v1/catalogue"
        | "/api/v1/session"
        | "/api/v1/settings"
        | "/api/v1/requirements"
        | "/api/v1/openapi.json"
        | "/healthz"
        | "/readyz"
        | "/metrics"
        | "/" => vec![path.to_owned()],
        page if ["/desk", "/shortlist", "/field"].iter().any(|start| page.starts_with(start)) => vec![path.to_owned()],
        other => of_the_field(other),
    }
}

/// Requests on routes of field work. What is told of photos and campaigns to whom is tried by tests of their own.
fn of_the_field(path: &str) -> Vec<String> {
    match path {
        "/api/v1/inbox" => ["", "?state=open", "?state=decided"].map(|query| path.to_owned() + query).to_vec(),
        "/api/v1/devices"
        | "/api/v1/photos/{sha256}"
        | "/api/v1/photos/{sha256}/status"
        | "/api/v1/photos/{sha256}/{size}"
        | "/api/v1/campaigns"
        | "/api/v1/campaigns/{id}"
        | "/api/v1/campaigns/{id}/package"
        | "/api/v1/campaigns/{id}/report"
        | "/api/v1/campaigns/{id}/targets" => {
            let path = path.replace("{id}", super::campaigns::CAMPAIGN);
            vec![path.replace("{sha256}", &"0".repeat(64)).replace("{size}", "thumb")]
        }
        other => panic!("{other} has to be looked through for what is private: say here how"),
    }
}

fn tiles() -> Vec<String> {
    let tile = |collection: &str, z| {
        let at = COLLECTIONS.iter().position(|each| *each == collection).unwrap();
        let [west, south, ..] = corners(at);
        format!("/tiles/{collection}/{}", tile_at(z, west + 0.0001, south + 0.0001))
    };
    COLLECTIONS
        .iter()
        .flat_map(|collection| [0, 5, 10, 14, 16].map(|z| tile(collection, z)))
        .flat_map(|tile| [format!("{tile}?at=3"), tile])
        .collect()
}

/// Requirements that the admin keeps, and their answers at any revision.
fn kept(path: &str, cage: &Cage) -> Vec<String> {
    let of = |id: &String| path.replace("{id}", id);
    let runs = |path: String| (0..40).map(move |revision| path.replace("{revision}", &revision.to_string()));
    cage.kept.iter().map(of).flat_map(runs).collect()
}

fn what_is_hidden_cannot_be_asked_for(kind: Kind) {
    let mut cage = Cage::new(kind);
    let [surveyor, staff] = ["surveyor", "staff"].map(|role| cage.place.token(role));
    let server = cage.serve();
    cage.fill(&server, Role::Public);
    let askers = [
        (server.public(), Role::Public),
        (server.with(&surveyor), Role::Public),
        (server.with(&staff), Role::Staff),
    ];
    for (client, role) in askers {
        for collection in COLLECTIONS {
            let hidden = cage.hidden(collection, role);
            assert!(hidden.len() >= 5);
            for attribute in hidden {
                is_asked_for_in_vain(&client, collection, attribute.key.as_str());
            }
        }
    }
    // Nor set: the surveyor is told what is told of an attribute that nobody has.
    let refused = |key: &str, park: &mut Park, creation: &Value| {
        let mut receipt = server
            .with(&surveyor)
            .edit(&[park.setting(creation, &json!({key: "CANARY"}))])
            .remove(0);
        receipt["edit"] = Value::Null;
        receipt["revision"] = Value::Null;
        receipt.to_string().replace(key, "KEY")
    };
    let creation = cage.creations[0].clone();
    for key in ["secret_steward_text", "secret_steward_number", "price_floor"] {
        let (hidden, unknown) = (
            refused(key, &mut cage.park, &creation),
            refused("no_such_key", &mut cage.park, &creation),
        );
        assert_eq!(hidden, unknown);
    }
}

/// Whatever is asked of it is refused in the words for an attribute that does not exist.
fn is_asked_for_in_vain(client: &Client, collection: &str, key: &str) {
    let words = |path: &str, key: &str| {
        let answer = client.get(path);
        assert_eq!(answer.status, 400, "{path}: {}", answer.text());
        // The key is told back as it was given; nothing else may differ.
        let mut problem = answer.json();
        for told in ["detail", "given", "parameter"] {
            problem[told] = json!(problem[told].as_str().unwrap_or_default().replace(key, "KEY"));
        }
        problem
    };
    let nobody = "no_such_key";
    for (ending, value) in [
        ("", "1"),
        ("_min", "1"),
        ("_max", "1"),
        ("_unit", "mu"),
        ("_unknown", "only"),
        ("_scheme", "x"),
        ("", "true"),
    ] {
        for route in ["search", "facets", "exports"] {
            let asked = |key: &str| words(&format!("/api/v1/{route}?collection={collection}&{key}{ending}={value}"), key);
            assert_eq!(asked(key), asked(nobody), "{route} {key}{ending}");
        }
    }
    for (route, query) in [
        ("api/v1/search?", "sort="),
        ("api/v1/search?", "sort=-"),
        ("api/v1/facets?", "facets="),
        ("api/v1/facets?", "facets=name,"),
    ] {
        let asked = |key: &str| words(&format!("/{route}collection={collection}&{query}{key}"), key);
        assert_eq!(asked(key), asked(nobody), "{query} {key}");
    }
    for (member, of) in [
        ("needs", json!({"min": 1})),
        ("needs", json!({"evidence_days": 1})),
        ("wishes", json!({"worst": 1, "best": 2})),
    ] {
        let asked = |key: &str| {
            let mut item = of.clone();
            item["attribute"] = json!(key);
            let seeks = collection.strip_suffix('s').unwrap();
            let answer = client.post("/api/v1/suitability", &json!({"seeks": [seeks], member: [item]}));
            assert_eq!(answer.status, 400, "{}", answer.text());
            answer.text().replace(key, "KEY")
        };
        assert_eq!(asked(key), asked(nobody), "{member} {key}");
    }
    let asked = |key: &str| words(&format!("/tiles/{collection}/0/0/0?{key}=1"), key);
    assert_eq!(asked(key), asked(nobody), "tile {key}");
}

fn what_is_hidden_leaves_no_trace_in_histories(kind: Kind) {
    let mut cage = Cage::new(kind);
    let [surveyor, staff] = ["surveyor", "staff"].map(|role| cage.place.token(role));
    let server = cage.serve();
    cage.fill(&server, Role::Public);
    let admin = server.with(&cage.admin);
    let creation = cage.creations[0].clone();
    let before = admin.read("/api/v1/changes")["revision"].as_u64().unwrap();
    admin.apply(&[
        cage.park.setting(&creation, &json!({"secret_steward_text": "CANARY2"})),
        cage.park.setting(&creation, &json!({"secret_staff_text": "CANARY2"})),
        cage.park
            .setting(&creation, &json!({"name": "told to all", "secret_staff_text": "CANARY3"})),
    ]);
    // Lines after the creation and the first change, which set hidden attributes only.
    for (client, lines) in [
        (server.public(), 1),
        (server.with(&surveyor), 1),
        (server.with(&staff), 3),
        (admin, 4),
    ] {
        let history = client.read("/api/v1/carriers/p-1/history");
        let entries = history["entries"].as_array().unwrap();
        assert_eq!(entries.len(), 1 + lines, "{history}");
        let changes = client.read(&format!("/api/v1/changes?since={before}"));
        let told: Vec<_> = changes["changes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|line| line["fields"].clone())
            .collect();
        let expected = match lines {
            1 => vec![json!(["name"])],
            3 => vec![json!(["secret_staff_text"]), json!(["name", "secret_staff_text"])],
            _ => vec![
                json!(["secret_steward_text"]),
                json!(["secret_staff_text"]),
                json!(["name", "secret_staff_text"]),
            ],
        };
        assert_eq!(told, expected);
    }
}
