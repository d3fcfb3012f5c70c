//! A park in which anything may happen, under a clock of its own.
use std::sync::Mutex;

use jiff::{Timestamp, ToSpan};
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};
use zaiti::domain::catalogue::Catalogue;
use zaiti::domain::ids::CarrierId;
use zaiti::domain::surroundings::Surroundings;
use zaiti::domain::viewer::{Role, Viewer};
use zaiti::inventory::{At, Inventory, Settings, View};

use super::{Arc, Kind, Park, postgres};
use crate::support::park::square;
use crate::support::postgres::Database;

/// An inventory and what was done to it.
pub struct World {
    pub inventory: Arc<Inventory>,
    pub codes: Vec<String>,
    clock: Arc<Mutex<Timestamp>>,
    random: ChaCha8Rng,
    park: Park,
    creations: Vec<Value>,
    closed: Vec<CarrierId>,
    folder: tempfile::TempDir,
    database: Option<Database<'static>>,
}

pub fn viewer(role: Role) -> Viewer {
    Viewer {
        role,
        account: Some("li.wei".into()),
    }
}

impl World {
    pub async fn new(kind: Kind, seed: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = (kind == Kind::PostGis).then(postgres::database);
        let location = database
            .as_ref()
            .map_or_else(|| folder.path().join("park.gpkg").to_str().unwrap().to_owned(), Database::location);
        let clock = Arc::new(Mutex::new("2026-10-01T01:00:00Z".parse().unwrap()));
        let inventory = open(&location, &clock, |_| {}).await;
        Self {
            inventory,
            codes: Vec::new(),
            clock,
            random: ChaCha8Rng::seed_from_u64(seed),
            park: Park::new(seed),
            creations: Vec::new(),
            closed: Vec::new(),
            folder,
            database,
        }
    }

    fn location(&self) -> String {
        match &self.database {
            Some(database) => database.location(),
            None => self.folder.path().join("park.gpkg").to_str().unwrap().to_owned(),
        }
    }

    /// Closes the inventory and opens it anew.
    pub async fn reopen(&mut self, change: impl FnOnce(&mut Settings)) {
        // A file can be open once: the place of the old one is taken by one that is thrown away.
        let elsewhere = tempfile::tempdir().unwrap();
        let path = elsewhere.path().join("none.gpkg");
        let other = open(path.to_str().unwrap(), &self.clock, |_| {}).await;
        drop(std::mem::replace(&mut self.inventory, other));
        self.inventory = open(&self.location(), &self.clock, change).await;
    }

    pub fn now(&self) -> impl Fn(Role) -> View + use<> {
        let inventory = Arc::clone(&self.inventory);
        move |role| inventory.view(&viewer(role))
    }

    /// The views of a point in the past.
    pub async fn at(&self, at: At) -> impl Fn(Role) -> View + use<> {
        let mut views = Vec::new();
        for role in ROLES {
            views.push((role, self.inventory.view_at(&viewer(role), at).await.unwrap().view));
        }
        move |role| views.iter().find(|(of, _)| *of == role).unwrap().1.clone()
    }

    pub fn time(&self) -> Timestamp {
        *self.clock.lock().unwrap()
    }

    pub fn closed(&self) -> usize {
        self.closed.len()
    }

    /// A batch of edits, some hours later.
    pub async fn live(&mut self) {
        let hours = self.random.random_range(1..30);
        let later = self.time().checked_add(hours.hours()).unwrap();
        *self.clock.lock().unwrap() = later;
        let edits: Vec<Value> = (0..self.random.random_range(1..6)).flat_map(|_| self.edit()).collect();
        let requests = edits.iter().map(|edit| serde_json::from_value(edit.clone()).unwrap()).collect();
        self.inventory.edit(&viewer(Role::Admin), requests).await.unwrap();
        let view = self.inventory.view(&viewer(Role::Admin));
        let is_closed = |creation: &Value| {
            let item = view.item(creation["create"]["code"].as_str().unwrap())?;
            item.is_closed.then_some(item.id)
        };
        self.closed = self.creations.iter().filter_map(is_closed).collect();
    }

    fn edit(&mut self) -> Vec<Value> {
        let mut edits = match self.random.random_range(0..10) {
            _ if self.creations.len() < 6 => vec![self.create()],
            0..=2 => vec![self.create()],
            3..=6 => vec![self.set()],
            7 => vec![self.reshape()],
            8 => vec![self.confirm()],
            _ => self.split(),
        };
        for edit in &mut edits {
            let days = self.random.random_range(0..60);
            let seen = self.time().checked_sub((days * 24).hours()).unwrap();
            edit["observed_at"] = json!(seen.to_string());
            edit["evidence"] = json!(["told", "seen", "measured", "document"].choose(&mut self.random).unwrap());
        }
        edits
    }

    fn create(&mut self) -> Value {
        let at = self.creations.len();
        let collection = *["parcels", "buildings", "units", "units"].choose(&mut self.random).unwrap();
        let mut values = self.park.values(collection, 0.3);
        let parents = match collection {
            "units" => "buildings",
            "buildings" => "parcels",
            _ => "",
        };
        if let Some(parent) = self.some(|creation| creation["collection"] == parents) {
            values["parent"] = parent["create"]["code"].clone();
        }
        let code = format!("X-{at}");
        let mut creation = self.park.record((collection, &code), at, &values);
        if collection == "units" && self.random.random_bool(0.5) {
            creation["create"].as_object_mut().unwrap().remove("geometry");
        }
        self.codes.push(code);
        self.creations.push(creation.clone());
        creation
    }

    fn some(&mut self, wanted: impl Fn(&Value) -> bool) -> Option<Value> {
        let fitting: Vec<_> = self.creations.iter().filter(|creation| wanted(creation)).collect();
        fitting.choose(&mut self.random).map(|creation| (*creation).clone())
    }

    fn set(&mut self) -> Value {
        let creation = self.some(|_| true).unwrap();
        let mut values = self.park.values(creation["collection"].as_str().unwrap(), 0.1);
        for value in values.as_object_mut().unwrap().values_mut() {
            if self.random.random_bool(0.2) {
                *value = Value::Null;
            }
        }
        if creation["collection"] == "units"
            && self.random.random_bool(0.3)
            && let Some(parent) = self.some(|creation| creation["collection"] == "buildings")
        {
            values["parent"] = parent["create"]["code"].clone();
        }
        self.park.setting(&creation, &values)
    }

    /// The values that it has, seen again.
    fn confirm(&mut self) -> Value {
        let creation = self.some(|_| true).unwrap();
        let view = self.inventory.view(&viewer(Role::Admin));
        let item = view.item(creation["create"]["code"].as_str().unwrap());
        let properties = item.map_or(Value::Null, |item| item.to_json()["properties"].clone());
        let known = ["name", "clear_height", "price", "contact_phone"];
        let known = known.iter().filter(|key| properties.get(key).is_some());
        let set: Value = known
            .map(|key| ((*key).to_owned(), properties[key].clone()))
            .collect::<serde_json::Map<_, _>>()
            .into();
        self.park.setting(&creation, &set)
    }

    fn reshape(&mut self) -> Value {
        let creation = self.some(|_| true).unwrap();
        let mut edit = self.park.setting(&creation, &json!({}));
        edit.as_object_mut().unwrap().remove("set");
        let at = self.random.random_range(0..60);
        edit["geometry"] = if self.random.random_bool(0.2) { Value::Null } else { square(at) };
        edit
    }

    /// One becomes two, or is closed without successors.
    fn split(&mut self) -> Vec<Value> {
        let creation = self.some(|_| true).unwrap();
        let parts: Vec<Value> = (0..self.random.random_range(0..3)).map(|_| self.create()).collect();
        let successors: Vec<_> = parts.iter().map(|part| part["create"]["code"].clone()).collect();
        let mut closing = self.park.setting(&creation, &json!({}));
        closing.as_object_mut().unwrap().remove("set");
        closing["close"] = json!({"reason": "split", "successors": successors});
        parts.into_iter().chain([closing]).collect()
    }

    /// Takes out of the store what programs of old did not keep.
    pub async fn make_old(&mut self) {
        let elsewhere = tempfile::tempdir().unwrap();
        let path = elsewhere.path().join("none.gpkg");
        let other = open(path.to_str().unwrap(), &self.clock, |_| {}).await;
        drop(std::mem::replace(&mut self.inventory, other));
        match &self.database {
            Some(database) => {
                database.sql(OLD_POSTGIS);
            }
            None => make_file_old(&self.location()),
        }
        self.inventory = open(&self.location(), &self.clock, |_| {}).await;
    }
}

/// An outline that came where there was none could not be told then: such lines stay as they are.
const OLD_POSTGIS: &str = "
    UPDATE zaiti.history SET changes = changes - '#' WHERE NOT coalesce((changes->'#'->>'no_outline')::bool, false);
    UPDATE zaiti.history SET changes = changes - 'last_seen_on';
    UPDATE zaiti.parcels SET attributes = attributes - 'last_seen_on';
    UPDATE zaiti.buildings SET attributes = attributes - 'last_seen_on';
    UPDATE zaiti.units SET attributes = attributes - 'last_seen_on';";

const OLD_FILE: &str = r##"
    UPDATE history SET changes = json_remove(changes, '$."#"') WHERE coalesce(json_extract(changes, '$."#".no_outline'), 0) = 0;
    UPDATE history SET changes = json_remove(changes, '$.last_seen_on');
    UPDATE parcels SET attributes = json_remove(attributes, '$.last_seen_on');
    UPDATE buildings SET attributes = json_remove(attributes, '$.last_seen_on');
    UPDATE units SET attributes = json_remove(attributes, '$.last_seen_on');"##;

/// The triggers of the spatial index need functions that plain SQLite lacks; no shape changes here.
fn make_file_old(location: &str) {
    let file = rusqlite::Connection::open(location).unwrap();
    let mut statement = file.prepare("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").unwrap();
    let triggers = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    let triggers: Vec<(String, String)> = triggers.map(Result::unwrap).collect();
    for (name, _) in &triggers {
        file.execute_batch(&format!("DROP TRIGGER {name}")).unwrap();
    }
    file.execute_batch(OLD_FILE).unwrap();
    for (_, sql) in &triggers {
        file.execute_batch(sql).unwrap();
    }
}

pub const ROLES: [Role; 3] = [Role::Public, Role::Staff, Role::Admin];

pub async fn open(location: &str, clock: &Arc<Mutex<Timestamp>>, change: impl FnOnce(&mut Settings)) -> Arc<Inventory> {
    let clock = Arc::clone(clock);
    let mut settings = Settings {
        surroundings: Surroundings {
            clock: Arc::new(move || *clock.lock().unwrap()),
            new_id: Arc::new(uuid::Uuid::now_v7),
        },
        ..Settings::default()
    };
    change(&mut settings);
    let store = zaiti::store::open(location).await.unwrap();
    Inventory::open(store, Catalogue::builtin().unwrap(), settings).await.unwrap()
}
