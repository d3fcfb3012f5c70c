//! A park in which every attribute that somebody may not see holds a canary.
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::PathBuf;

use serde_json::{Map, Value, json};
use zaiti::domain::catalogue::{Attribute, Catalogue, Kind as Values, Measure};
use zaiti::domain::viewer::Role;

use crate::support::catalogue::{attribute, read, with_file};
use crate::support::park::{Park, is_free};
use crate::support::service::{Kind, Place, Server};

pub const COLLECTIONS: [&str; 3] = ["parcels", "buildings", "units"];

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
            (json!(text), vec![text.clone(), text.to_lowercase()])
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
pub struct Cage {
    pub place: Place,
    directory: PathBuf,
    pub catalogue: Catalogue,
    pub park: Park,
    pub creations: Vec<Value>,
    pub marks: BTreeSet<String>,
    pub admin: String,
    /// Ids of requirements that the admin keeps, which speak of what others may not see.
    pub kept: Vec<String>,
}

impl Cage {
    pub fn new(kind: Kind) -> Self {
        let place = Place::new(kind);
        let directory = with_file(place.folder(), "secrets.toml", &secrets());
        let catalogue = read(&directory);
        Self {
            admin: place.token("admin"),
            park: Park::of(11, read(&directory)),
            creations: Vec::new(),
            marks: BTreeSet::new(),
            kept: Vec::new(),
            place,
            directory,
            catalogue,
        }
    }

    pub fn serve(&self) -> Server {
        let directory = self.directory.to_str().unwrap();
        self.place.serve_with(&["--catalogue", directory, "--peer-rate", "0"])
    }

    /// Attributes of a collection that the role may not see.
    pub fn hidden(&self, collection: &str, role: Role) -> Vec<Attribute> {
        let all = self.catalogue.attributes_of(collection);
        all.filter(|attribute| !role.sees(attribute.visibility))
            .map(|attribute| Attribute::clone(attribute))
            .collect()
    }

    /// Values of all of them.
    pub fn canaries(&mut self, collection: &str, role: Role, turn: u32) -> Map<String, Value> {
        let mut values = Map::new();
        for attribute in self.hidden(collection, role).iter().filter(|attribute| is_free(attribute)) {
            let (value, marks) = canary(attribute, turn).unwrap_or_else(|| match &attribute.kind {
                Values::Code { list } => (json!(self.catalogue.list(list).unwrap().codes[0].code), Vec::new()),
                _ => (json!(turn.is_multiple_of(2)), Vec::new()),
            });
            values.insert(attribute.key.to_string(), value);
            self.marks.extend(marks);
        }
        values
    }

    pub fn fill(&mut self, server: &Server, role: Role) {
        let admin = server.with(&self.admin);
        for (at, collection) in COLLECTIONS.into_iter().enumerate() {
            let values = self.canaries(collection, role, 0);
            let code = format!("{}-1", &collection[..1]);
            let creation = self.park.record((collection, &code), at, &Value::Object(values));
            let later = self.canaries(collection, role, 1);
            let change = self.park.setting(&creation, &Value::Object(later));
            admin.apply(&[creation.clone(), change]);
            self.creations.push(creation);
        }
        let document = json!({"name": "CANARY project", "needs": [{"attribute": "secret_steward_text", "contains": "canary"}],
            "wishes": [{"attribute": "secret_steward_number", "worst": 0, "best": 1000}]});
        let kept = admin.post("/api/v1/requirements", &document).ok();
        self.kept.push(kept["id"].as_str().unwrap().to_owned());
    }
}
