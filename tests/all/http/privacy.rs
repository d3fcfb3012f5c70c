//! What somebody may not see does not exist for them: not in any answer, not as a condition, not in words of refusal.
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::PathBuf;

use serde_json::{Map, Value, json};
use zaiti::domain::catalogue::{Attribute, Catalogue, Kind as Values, Measure};
use zaiti::domain::viewer::{Role, Visibility};

use crate::support::catalogue::{attribute, read, with_file};
use crate::support::client::{Client, Raw};
use crate::support::park::{Park, corners, is_free, tile_at};
use crate::support::service::{Kind, Place, Server};

on_both_stores!(
    what_is_hidden_is_in_no_answer,
    what_is_hidden_cannot_be_asked_for,
    what_is_hidden_leaves_no_trace_in_histories
);

const COLLECTIONS: [&str; 3] = ["parcels", "buildings", "units"];

/// A value that is found in no other place, and the text by which it is known. `turn` makes different ones.
fn canary(attribute: &Attribute, turn: u32) -> Option<(Value, Vec<String>)> {
    let number = |measure: &Measure, part: f64| {
        let low = measure.min.max(0.0);
        let value = low + (measure.max.min(low + 98_765.0) - low) * (part + f64::from(turn) / 100.0);
        (value * 100_000.0).round() / 100_000.0
    };
    Some(match &attribute.kind {
        Values::Text { .. } => {
            let text = format!("CANARY{turn}");
            (json!(text), vec!["CANARY".to_owned(), "canary".to_owned()])
        }
        Values::Number(measure) => {
            let value = number(measure, 0.567_891_3);
            (json!(value), vec![value.to_string()])
        }
        Values::Range(measure) => {
            let (low, high) = (number(measure, 0.456_781_9), number(measure, 0.678_913_7));
            (json!({"min": low, "max": high}), vec![low.to_string(), high.to_string()])
        }
        Values::Date => {
            let day = format!("19{:02}-03-17", 61 + turn);
            (json!(day), vec![day])
        }
        Values::Code { .. } | Values::Flag => return None,
    })
}

/// One attribute of each kind for each circle, in facets and tiles where it may be.
fn secrets() -> String {
    let kinds = [
        ("text", "kind = \"text\"\nmax_chars = 200"),
        (
            "number",
            "kind = \"number\"\nquantity = \"length\"\nmin = 0.0\nmax = 1000.0\ndecimals = 2\ncriterion = \"more\"\nfacet = true",
        ),
        ("code", "kind = \"code\"\nlist = \"secret_words\"\nfacet = true"),
        ("flag", "kind = \"flag\"\nfacet = true"),
        ("date", "kind = \"date\"\nfacet = true"),
    ];
    let mut text = String::from(
        "[[list]]\nkey = \"secret_words\"\nnames = { zh = \"词\", en = \"CANARY words\", de = \"Worte\" }\nsource = \"CANARY\"\ncodes = [\n  { code = \"CANARY_CODE\", zh = \"词\", en = \"CANARY word\", de = \"Wort\" },\n]\n\n",
    );
    for visibility in ["staff", "steward"] {
        for (kind, lines) in kinds {
            let lines = format!("{lines}\ntile = true\nvisibility = \"{visibility}\"");
            let entry = attribute(
                &format!("secret_{visibility}_{kind}"),
                "\"parcels\", \"buildings\", \"units\"",
                &lines,
            );
            writeln!(text, "{entry}").unwrap();
        }
    }
    text
}

/// A park in which every attribute that the role may not see holds a canary; each record was written twice.
struct Cage {
    place: Place,
    directory: PathBuf,
    catalogue: Catalogue,
    park: Park,
    creations: Vec<Value>,
    marks: BTreeSet<String>,
    admin: String,
}

impl Cage {
    fn new(kind: Kind) -> Self {
        let place = Place::new(kind);
        let directory = with_file(place.folder(), "secrets.toml", &secrets());
        let catalogue = read(&directory);
        Self {
            admin: place.token("admin"),
            park: Park::of(11, read(&directory)),
            creations: Vec::new(),
            marks: BTreeSet::new(),
            place,
            directory,
            catalogue,
        }
    }

    fn serve(&self) -> Server {
        let directory = self.directory.to_str().unwrap();
        self.place.serve_with(&["--catalogue", directory, "--peer-rate", "0"])
    }

    /// Attributes of a collection that the role may not see.
    fn hidden(&self, collection: &str, role: Role) -> Vec<Attribute> {
        let all = self.catalogue.attributes_of(collection);
        all.filter(|attribute| !role.sees(attribute.visibility))
            .map(|attribute| Attribute::clone(attribute))
            .collect()
    }

    /// Values of all of them.
    fn canaries(&mut self, collection: &str, role: Role, turn: u32) -> Map<String, Value> {
        let mut values = Map::new();
        for attribute in self.hidden(collection, role).iter().filter(|attribute| is_free(attribute)) {
            let (value, marks) = canary(attribute, turn).unwrap_or_else(|| match &attribute.kind {
                Values::Code { list } => (json!(self.catalogue.list(list).unwrap().codes[0].code), Vec::new()),
                _ => (json!(turn % 2 == 0), Vec::new()),
            });
            values.insert(attribute.key.to_string(), value);
            self.marks.extend(marks);
        }
        values
    }

    fn fill(&mut self, server: &Server, role: Role) {
        let admin = server.with(&self.admin);
        for (at, collection) in COLLECTIONS.into_iter().enumerate() {
            let values = self.canaries(collection, role, 0);
            let code = format!("{}-1", &collection[..1]);
            let creation = self.park.record(collection, &code, at, &Value::Object(values));
            let later = self.canaries(collection, role, 1);
            let change = self.park.setting(&creation, &Value::Object(later));
            admin.apply(&[creation.clone(), change]);
            self.creations.push(creation);
        }
    }
}

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
    closing["close"] = json!({"reason": "CANARY"});
    admin.apply(&[closing]);
    let keys: BTreeSet<String> = COLLECTIONS
        .iter()
        .flat_map(|collection| cage.hidden(collection, Role::Public))
        .map(|attribute| attribute.key.to_string())
        .collect();
    let open: BTreeSet<String> = cage
        .catalogue
        .attributes
        .iter()
        .filter(|each| each.visibility == Visibility::Public)
        .map(|each| each.key.to_string())
        .collect();
    let keys: Vec<_> = keys.difference(&open).collect();
    assert!(keys.len() > 40 && cage.marks.len() >= 10, "{} {:?}", keys.len(), cage.marks);
    for (path, text) in answers(&server, &cage) {
        for mark in &cage.marks {
            assert!(!text.contains(mark), "{path} holds {mark}: {text}");
        }
        // What was asked is told back.
        for key in keys.iter().filter(|key| !path.contains(key.as_str())) {
            assert!(!text.contains(&format!("\"{key}\"")), "{path} names {key}: {text}");
        }
        assert!(
            !text.contains("\"author\":\"") && !text.contains("\"admin\"") || path.ends_with("openapi.json"),
            "{path} names an author: {text}"
        );
    }
}

/// Every answer to a reader without an account: all routes of the document, with all that they take.
fn answers(server: &Server, cage: &Cage) -> Vec<(String, String)> {
    let public = server.public();
    let document = public.read("/api/v1/openapi.json");
    let mut paths = Vec::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        if operations.get("get").is_some() {
            paths.extend(requests(path, cage));
        }
    }
    let mut answers: Vec<_> = paths
        .into_iter()
        .map(|path| {
            let text = public.get(&path).text();
            (path, text)
        })
        .collect();
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
        ]),
        "/api/v1/facets" => with(&["", "&facets=name,secret_staff_number", "&facets=status"]),
        "/api/v1/exports" => with(&["", "&format=csv", "&format=geojson", "&format=xml"]),
        "/api/v1/carriers/{code}" | "/api/v1/carriers/{code}/history" | "/c/{code}" => {
            codes.map(|code| path.replace("{code}", code)).collect()
        }
        "/api/v1/changes" => vec![path.to_owned(), format!("{path}?since=1&limit=1")],
        "/api/v1/changes/stream" => Vec::new(),
        "/tiles/{collection}" => COLLECTIONS
            .iter()
            .map(|collection| path.replace("{collection}", collection))
            .collect(),
        "/tiles/{collection}/{z}/{x}/{y}" => {
            let tile = |collection: &str, z| {
                let at = COLLECTIONS.iter().position(|each| *each == collection).unwrap();
                let [west, south, ..] = corners(at);
                format!("/tiles/{collection}/{}", tile_at(z, west + 0.0001, south + 0.0001))
            };
            COLLECTIONS
                .iter()
                .flat_map(|collection| [0, 5, 10, 14, 16].map(|z| tile(collection, z)))
                .collect()
        }
        "/assets/{name}" => vec!["/assets/none.js".to_owned()],
        "/api/v1/catalogue"
        | "/api/v1/session"
        | "/api/v1/settings"
        | "/api/v1/openapi.json"
        | "/healthz"
        | "/readyz"
        | "/metrics"
        | "/"
        | "/desk"
        | "/field" => vec![path.to_owned()],
        other => panic!("{other} has to be looked through for what is private: say here how"),
    }
}

fn what_is_hidden_cannot_be_asked_for(kind: Kind) {
    let mut cage = Cage::new(kind);
    let surveyor = cage.place.token("surveyor");
    let server = cage.serve();
    cage.fill(&server, Role::Public);
    for (client, role) in [(server.public(), Role::Public), (server.with(&surveyor), Role::Surveyor)] {
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
    let asked = |key: &str| words(&format!("/tiles/{collection}/0/0/0?{key}=1"), key);
    assert_eq!(asked(key), asked(nobody), "tile {key}");
}

fn what_is_hidden_leaves_no_trace_in_histories(kind: Kind) {
    let mut cage = Cage::new(kind);
    let surveyor = cage.place.token("surveyor");
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
    for (client, lines) in [(server.public(), 1), (server.with(&surveyor), 3), (admin, 4)] {
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
