//! All that is told of a state, in a form in which two can be compared.
use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;
use zaiti::domain::ids::Revision;
use zaiti::domain::query::Query;
use zaiti::domain::viewer::Role;
use zaiti::filter::Limits;
use zaiti::inventory::{ExportFormat, GeometryChoice, TileAddress, View};

use super::world::{ROLES, World};
use crate::support::park::{CORNER, tile_at};
use crate::tiles::decoder;

/// What was told, by question.
pub struct Told {
    pub revision: Revision,
    pub time: Timestamp,
    /// Tags of tiles, by question.
    pub tags: BTreeMap<String, String>,
    answers: BTreeMap<String, String>,
}

impl Told {
    pub fn assert_same(&self, other: &Self) {
        for (question, answer) in &self.answers {
            let now = other.answers.get(question).map_or("nothing", String::as_str);
            let same = now.bytes().zip(answer.bytes()).take_while(|(one, two)| one == two).count();
            let from = same.saturating_sub(100);
            let near =
                |text: &str| String::from_utf8_lossy(&text.as_bytes()[from.min(text.len())..text.len().min(same + 200)]).into_owned();
            let revision = self.revision;
            assert!(
                now == answer,
                "{question} as of revision {revision}:\n{}\nwas\n{}",
                near(now),
                near(answer)
            );
        }
        assert_eq!(self.answers.len(), other.answers.len(), "as of revision {}", self.revision);
    }
}

/// Asks everything.
pub async fn tell(world: &World, view: impl Fn(Role) -> View) -> Told {
    let mut told = Told {
        revision: view(Role::Admin).revision(),
        time: world.time(),
        tags: BTreeMap::new(),
        answers: BTreeMap::new(),
    };
    for role in ROLES {
        let view = view(role);
        for code in &world.codes {
            let Some(item) = view.item(code) else { continue };
            let mut json = item.to_json().clone();
            let members = json.as_object_mut().unwrap();
            // What can be done is told of today alone.
            members.remove("allowed_transitions");
            members.remove("revision");
            told.answers.insert(format!("{role} {code}"), json.to_string());
            if role == Role::Public {
                let history = view.history(item.id).await.unwrap();
                told.answers
                    .insert(format!("{role} history {code}"), serde_json::to_string(&history).unwrap());
            }
        }
        for collection in ["parcels", "buildings", "units"] {
            told.ask(&view, (role, collection), &[]);
            if role == Role::Staff {
                told.ask(&view, (role, collection), &[("last_seen_on_min", "2026-10-05")]);
                told.ask(
                    &view,
                    (role, collection),
                    &[("last_seen_on_unknown", "only"), ("sort", "-last_seen_on,code")],
                );
            }
        }
    }
    told
}

impl Told {
    fn ask(&mut self, view: &View, (role, collection): (Role, &str), parameters: &[(&str, &str)]) {
        let asked: Vec<(String, String)> = parameters.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect();
        let limits = Limits {
            most_rows: 10_000,
            ..Limits::default()
        };
        let query = |more: &[(&str, &str)]| {
            let more = more.iter().filter(|(key, _)| !parameters.iter().any(|(known, _)| known == key));
            let more = more.map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
            let all: Vec<_> = asked.iter().cloned().chain(more).collect();
            view.query(collection, &all, &limits).unwrap()
        };
        let name = format!("{role} {collection} {parameters:?}");
        let page = view.search(&query(&[("sort", "code"), ("limit", "10000")])).unwrap();
        self.put(
            format!("{name} search"),
            serde_json::from_slice(&page.to_geojson(GeometryChoice::Full)).unwrap(),
        );
        let plain = query(&[]);
        self.put(format!("{name} facets"), view.facets(&plain, &[]).unwrap().to_json());
        let csv: Vec<u8> = view.export(&plain, ExportFormat::Csv).unwrap().flatten().collect();
        let mut lines: Vec<_> = std::str::from_utf8(&csv).unwrap().lines().collect();
        lines.sort_unstable();
        self.answers.insert(format!("{name} export"), lines.join("\n"));
        for z in [11, 16] {
            self.tile(&name, view, (z, &plain));
        }
    }

    fn put(&mut self, question: String, mut answer: Value) {
        answer.as_object_mut().unwrap().remove("revision");
        self.answers.insert(question, answer.to_string());
    }

    /// A tile, decoded: rows may lie in another order.
    fn tile(&mut self, name: &str, view: &View, (z, query): (u8, &Query)) {
        let path = tile_at(z.into(), CORNER[0] + 0.0005, CORNER[1] + 0.0005);
        let numbers: Vec<u32> = path.split('/').map(|part| part.parse().unwrap()).collect();
        let address = TileAddress {
            z,
            x: numbers[1],
            y: numbers[2],
        };
        let tile = view.tile(address, query).unwrap();
        let mut lines = Vec::new();
        for layer in decoder::decode(&tile.bytes).unwrap() {
            let features = layer.features.iter();
            lines.extend(features.map(|feature| format!("{} {:?} {:?} {:?}", layer.name, feature.id, feature.tags, feature.geometry)));
        }
        lines.sort_unstable();
        self.answers.insert(format!("{name} tile {z}"), lines.join("\n"));
        self.tags.insert(format!("{name} tile {z}"), tile.etag);
    }
}
