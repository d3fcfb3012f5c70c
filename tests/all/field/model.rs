//! Devices that lose power, servers that are killed, links that lose and double what they carry, records that are split meanwhile, people who decide:
//! at the end each edit that was ever written to a journal is accounted for, once.
#![expect(clippy::print_stdout, reason = "a test that fails says in which world")]
use std::collections::{BTreeMap, BTreeSet};

use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};
use uuid::Uuid;

use super::check::check;
use super::device::{Device, Fate, SENDING, WORK, What};
use crate::support::client::Client;
use crate::support::park::Park;
use crate::support::service::{Kind, Place, Server};

/// Worlds that share a server before a new one begins.
const WORLDS_PER_SERVER: u64 = 100;

/// Worlds tried on each store; `make soak` tries more. No two of them are the same.
fn seeds() -> u64 {
    let all = std::env::var("ZAITI_SOAK_SEEDS").ok().and_then(|text| text.parse::<u64>().ok());
    all.unwrap_or(200).div_ceil(2)
}

#[test]
fn no_edit_is_lost_on_a_geopackage() {
    try_worlds(Kind::GeoPackage, 0..seeds());
}

#[test]
fn no_edit_is_lost_on_postgis() {
    try_worlds(Kind::PostGis, seeds()..2 * seeds());
}

fn try_worlds(kind: Kind, seeds: std::ops::Range<u64>) {
    let (mut host, mut tally) = (Host::new(kind), Tally::new());
    let many = seeds.end - seeds.start >= 50;
    for seed in seeds {
        if seed % WORLDS_PER_SERVER == WORLDS_PER_SERVER - 1 {
            host = Host::new(kind);
        }
        // Told when the test fails.
        println!("world {seed}");
        World::new(seed, &host).live(&mut host, &mut tally);
    }
    println!("{tally:?}");
    // A world in which nothing ever goes wrong would show nothing.
    let expected = [
        "applied",
        "merged",
        "conflict",
        "proposed",
        "returned",
        "approved",
        "rejected",
        "killed",
        "photo",
        "reviewed",
        "revoked",
        "own",
        "replaced",
        "superseded",
        "unreadable",
        "withdrawn",
        "taken back",
    ];
    assert!(
        !many
            || expected
                .iter()
                .chain(&WORK)
                .chain(&SENDING)
                .all(|each| tally.get(*each).is_some_and(|count| *count >= 5)),
        "{tally:?}"
    );
}

/// How often each thing happened.
pub type Tally = BTreeMap<String, usize>;

/// A server that is killed now and then, and started again on the same place.
pub struct Host {
    server: Option<Server>,
    place: Place,
    steward: String,
    surveyors: [String; 2],
}

impl Host {
    fn new(kind: Kind) -> Self {
        let place = Place::new(kind);
        let steward = place.token("steward");
        let surveyors = ["one", "two"].map(|name| place.named_token(name, "surveyor"));
        Self {
            server: Some(place.serve()),
            place,
            steward,
            surveyors,
        }
    }

    fn server(&self) -> &Server {
        self.server.as_ref().unwrap()
    }

    pub fn steward(&self) -> Client {
        self.server().with(&self.steward)
    }

    pub fn surveyor(&self, owner: usize) -> Client {
        self.server().with(&self.surveyors[owner])
    }

    /// Kills the server while something is going on.
    fn kill_during(&mut self, work: impl FnOnce() + Send) {
        let id = self.server().id().to_string();
        std::thread::scope(|scope| {
            scope.spawn(work);
            assert!(std::process::Command::new("kill").args(["-KILL", &id]).status().unwrap().success());
        });
        self.server.take().unwrap().kill();
        self.server = Some(self.place.serve());
    }
}

/// A few records, the people around them, and all that was ever done to them.
pub struct World {
    seed: u64,
    random: ChaCha8Rng,
    park: Park,
    pub campaign: String,
    /// Ids of the records, those that followed others too.
    pub records: Vec<Value>,
    pub codes: BTreeSet<String>,
    closed: BTreeSet<String>,
    /// Ids of the records that are targets: those of the launch, and those that followed one.
    pub targets: BTreeSet<String>,
    /// Those of them that gave their place to others.
    pub replaced: BTreeSet<String>,
    pub devices: Vec<Device>,
    /// Edits that the desk made: they may be in histories beside those of the devices.
    pub of_desk: BTreeSet<String>,
    /// What was decided of visits.
    pub reviews: BTreeMap<String, String>,
    /// Attribute and value that a decider put in place of what an edit had sent.
    pub own_values: BTreeMap<String, (String, String)>,
}

impl World {
    fn new(seed: u64, host: &Host) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut world = Self {
            seed,
            park: Park::new(seed.wrapping_mul(31).wrapping_add(5)),
            campaign: Uuid::from_u128(u128::from(seed) << 64 | 0x7000_8000).to_string(),
            records: Vec::new(),
            codes: BTreeSet::new(),
            closed: BTreeSet::new(),
            targets: BTreeSet::new(),
            replaced: BTreeSet::new(),
            devices: (0..random.random_range(1..4)).map(|at| Device::new(&mut random, at % 2)).collect(),
            of_desk: BTreeSet::new(),
            reviews: BTreeMap::new(),
            own_values: BTreeMap::new(),
            random,
        };
        for at in 0..4 {
            world.create(&host.steward(), at);
        }
        world.launch(&host.steward());
        world
    }

    fn create(&mut self, steward: &Client, at: usize) -> String {
        let code = format!("W{}-{}", self.seed, self.codes.len());
        let values = json!({"status": "AVAILABLE", "completed_on": "2019-01-01", "name": format!("w{}x", self.seed)});
        let creation = self.park.parcel(&code, at, &values);
        self.of_desk.insert(creation["id"].as_str().unwrap().to_owned());
        self.records.push(creation["record"].clone());
        steward.apply(&[creation]);
        self.codes.insert(code.clone());
        code
    }

    fn launch(&mut self, steward: &Client) {
        let launch = json!({
            "id": self.campaign, "name": "w", "deadline": "2026-12-31", "collections": ["parcels"], "search": format!("name=w{}x", self.seed),
            "start": {"lon": 120.9, "lat": 31.85}, "minutes": {"parcels": 15},
            "teams": [{"key": "a", "name": "A", "members": ["one", "two"]}, {"key": "b", "name": "B", "members": ["two"]}],
        });
        let launched = steward.post("/api/v1/campaigns", &launch).ok();
        assert_eq!(launched["numbers"]["targets"], 4, "{launched}");
        self.targets = self.records.iter().map(|record| record.as_str().unwrap().to_owned()).collect();
        self.assign(steward);
    }

    /// Gives the records to the two teams, by chance.
    fn assign(&mut self, steward: &Client) {
        let mut codes: [Vec<String>; 2] = Default::default();
        for (at, record) in self.records.iter().enumerate() {
            if self.targets.contains(record.as_str().unwrap()) {
                codes[usize::from(self.random.random_bool(0.2))].push(format!("W{}-{at}", self.seed));
            }
        }
        let of = |(team, codes): (&str, Vec<String>)| {
            (!codes.is_empty()).then(|| json!({"key": team, "name": team, "codes": codes, "team": team}))
        };
        let [west, east] = codes;
        let zones: Vec<_> = [("a", west), ("b", east)].into_iter().filter_map(of).collect();
        let zones = json!({ "zones": zones });
        let path = format!("/api/v1/campaigns/{}/zones", self.campaign);
        steward.send(("PUT", &path), &[], &zones).ok();
    }

    /// Lives through some steps, then comes to rest and is looked through.
    fn live(mut self, host: &mut Host, tally: &mut Tally) {
        let steps = self.random.random_range(16..28);
        for _ in 0..steps {
            self.step(host, tally);
        }
        self.hand_in(host);
        // With all there, people go on for a while.
        for _ in 0..self.random.random_range(0..4) {
            match self.random.random_range(0..5) {
                0..2 => self.review(&host.steward(), tally),
                2 => self.decide(&host.steward()),
                _ => {
                    self.devices.iter_mut().for_each(Device::take_back);
                    self.sync(host);
                }
            }
        }
        self.hand_in(host);
        check(&self, host, tally);
        *tally.entry("replaced".to_owned()).or_default() += self.replaced.len();
        for (step, deaths) in self.devices.iter().flat_map(|device| &device.deaths) {
            *tally.entry((*step).to_owned()).or_default() += deaths;
        }
    }

    /// The link is good again; what the devices have is sent until all is answered.
    fn hand_in(&mut self, host: &Host) {
        for device in &mut self.devices {
            for _ in 0..3 {
                device.hand_in(&host.surveyor(device.owner));
            }
            assert!(device.is_done(), "{:?}", device.disk);
        }
    }

    fn step(&mut self, host: &mut Host, tally: &mut Tally) {
        match self.random.random_range(0..34) {
            0..7 => self.work(host),
            7..13 => self.sync(host),
            13 => {
                *tally.entry("killed".to_owned()).or_default() += 1;
                self.kill(host);
            }
            14..20 => self.meanwhile(&host.steward()),
            20 => self.close_one(&host.steward()),
            21 => self.assign(&host.steward()),
            22..27 => self.decide(&host.steward()),
            27 => self.forge(host),
            28..33 => self.review(&host.steward(), tally),
            _ => self.revoke(&host.steward(), tally),
        }
    }

    fn work(&mut self, host: &Host) {
        let at = self.random.random_range(0..self.devices.len());
        let device = &mut self.devices[at];
        // Mostly offline: the package stays as it was.
        if device.disk.is_empty() || self.random.random_bool(0.3) {
            device.refresh(&host.surveyor(device.owner), &self.records);
        }
        device.work(&self.campaign);
    }

    fn sync(&mut self, host: &Host) {
        let at = self.random.random_range(0..self.devices.len());
        let device = &mut self.devices[at];
        device.sync(&host.surveyor(device.owner), &FATES);
        if self.random.random_bool(0.4) {
            device.take_back();
        }
    }

    /// All devices send when the server is killed.
    fn kill(&mut self, host: &mut Host) {
        let clients: Vec<_> = self.devices.iter().map(|device| host.surveyor(device.owner)).collect();
        let devices = &mut self.devices;
        host.kill_during(move || {
            std::thread::scope(|scope| {
                for (device, client) in devices.iter_mut().zip(&clients) {
                    scope.spawn(|| device.sync(client, &FATES));
                }
            });
        });
    }

    /// The desk changes what devices may be changing.
    fn meanwhile(&mut self, steward: &Client) {
        let record = self.open_record();
        let number = self.random.random_range(1..9);
        let set = match self.random.random_range(0..5) {
            0..3 => json!({"completed_on": format!("2018-0{number}-02")}),
            3 => json!({"power_capacity": number * 10}),
            _ => json!({"remarks": format!("desk {number}"), "address": format!("{number} Road")}),
        };
        let edit = json!({"id": self.park.id(), "collection": "parcels", "record": record, "set": set});
        self.of_desk.insert(edit["id"].as_str().unwrap().to_owned());
        assert_eq!(steward.edit(&[edit])[0]["outcome"], "applied");
    }

    fn open_record(&mut self) -> Value {
        let open: Vec<_> = self
            .records
            .iter()
            .filter(|record| !self.closed.contains(record.as_str().unwrap()))
            .collect();
        (*open.choose(&mut self.random).unwrap()).clone()
    }

    /// Splits a record in two, merges it into another, or ends it.
    fn close_one(&mut self, steward: &Client) {
        // Somebody looks between two closings, so that the list does not hang on who looked when; edits and visits come before and after.
        steward.read(&format!("/api/v1/campaigns/{}", self.campaign));
        let record = self.open_record();
        let open = self.records.len() - self.closed.len();
        let successors = match self.random.random_range(0..3) {
            0 => vec![self.create(steward, 5), self.create(steward, 6)],
            1 if open > 1 => {
                let other = self
                    .records
                    .iter()
                    .find(|other| **other != record && !self.closed.contains(other.as_str().unwrap()));
                let item = steward.get(&format!("/api/v1/carriers/{}", other.unwrap().as_str().unwrap())).ok();
                vec![item["properties"]["code"].as_str().unwrap().to_owned()]
            }
            _ if open > 2 => Vec::new(),
            _ => return,
        };
        let edit = json!({"id": self.park.id(), "collection": "parcels", "record": record, "close": {"reason": "moved", "successors": successors}});
        self.of_desk.insert(edit["id"].as_str().unwrap().to_owned());
        assert_eq!(steward.edit(&[edit])[0]["outcome"], "applied");
        let record = record.as_str().unwrap().to_owned();
        if self.targets.contains(&record) && !successors.is_empty() {
            self.replaced.insert(record.clone());
            let of = |code: &String| code.rsplit('-').next().unwrap().parse::<usize>().unwrap();
            let heirs = successors.iter().map(|code| self.records[of(code)].as_str().unwrap().to_owned());
            self.targets.extend(heirs);
        }
        self.closed.insert(record);
    }

    /// Somebody looks into the inbox and decides on some of it, sometimes twice because no answer came.
    fn decide(&mut self, steward: &Client) {
        let mut decisions = Vec::new();
        for item in self.inbox(steward) {
            let successor = item["successors"].as_array().unwrap().choose(&mut self.random).cloned();
            let (record, version) = match &successor {
                Some(successor) => (successor["record"].clone(), successor["version"].clone()),
                None => (Value::Null, item["version"].clone()),
            };
            let own = self.own_value(&item);
            decisions.push(match self.random.random_range(0..6) {
                2..5 if own.is_some() => {
                    let (key, value) = own.unwrap_or_default();
                    json!({"edit": item["edit"], "verdict": "approved", "record": record, "expected_version": version, "set": {key: value}})
                }
                0 => json!({"edit": item["edit"], "verdict": "rejected", "reason": "seen otherwise"}),
                1 => json!({"edit": item["edit"], "verdict": "returned", "reason": "look again"}),
                _ => json!({"edit": item["edit"], "verdict": "approved", "record": record, "expected_version": version}),
            });
        }
        let body = json!({ "decisions": decisions });
        let first = steward.post("/api/v1/inbox/decisions", &body).ok();
        for (decision, result) in decisions.iter().zip(first["results"].as_array().unwrap()) {
            let own = decision["set"].as_object().and_then(|set| set.iter().next());
            if let (Some((key, value)), "decided") = (own, result["outcome"].as_str().unwrap()) {
                let own = (key.clone(), value.as_str().unwrap().to_owned());
                self.own_values.insert(decision["edit"].as_str().unwrap().to_owned(), own);
            }
        }
        if self.random.random_bool(0.5) {
            let again = steward.post("/api/v1/inbox/decisions", &body).ok();
            for (one, other) in first["results"]
                .as_array()
                .unwrap()
                .iter()
                .zip(again["results"].as_array().unwrap())
            {
                assert!(one["outcome"] != "decided" || one == other, "{one} {other}");
            }
        }
    }

    /// Another value for something that an edit sets.
    fn own_value(&mut self, item: &Value) -> Option<(String, String)> {
        let set = item["sent"]["edit"]["set"].as_object()?;
        let number = self.random.random_range(1..9);
        let value = match set.keys().next()?.as_str() {
            "remarks" => format!("the desk knows {number}"),
            "completed_on" => format!("2015-0{number}-01"),
            _ => return None,
        };
        Some((set.keys().next()?.clone(), value))
    }

    /// Somebody looks at visits; what comes of it is known by the answer, which stays the same.
    fn review(&mut self, steward: &Client, tally: &mut Tally) {
        let path = format!("/api/v1/campaigns/{}", self.campaign);
        let campaign = steward.read(&path);
        let lists = ["to_review", "quarantined"]
            .into_iter()
            .flat_map(|list| campaign[list].as_array().unwrap());
        let waiting: Vec<Value> = lists
            .filter(|visit| visit["review"].is_null())
            .map(|visit| visit["id"].clone())
            .collect();
        let mut reviews = Vec::new();
        for visit in waiting {
            let verdict = *["approved", "approved", "returned", "rejected"].choose(&mut self.random).unwrap();
            if self.random.random_bool(0.6) {
                reviews.push(json!({"visit": visit, "verdict": verdict, "reason": "looked at"}));
            }
        }
        let body = json!({ "reviews": reviews });
        let path = format!("{path}/reviews");
        let first = steward.post(&path, &body).ok();
        let again = self.random.random_bool(0.3).then(|| steward.post(&path, &body).ok());
        for (at, (review, result)) in reviews.iter().zip(first["results"].as_array().unwrap()).enumerate() {
            if result["outcome"] != "decided" {
                continue;
            }
            *tally.entry("reviewed".to_owned()).or_default() += 1;
            let text = |member: &str| review[member].as_str().unwrap().to_owned();
            self.reviews.insert(text("visit"), text("verdict"));
            if let Some(again) = &again {
                assert_eq!(*result, again["results"][at]);
            }
        }
    }

    /// Somebody lost a phone. What is on it still comes in, and waits.
    fn revoke(&mut self, steward: &Client, tally: &mut Tally) {
        let device = self.devices.choose(&mut self.random).unwrap();
        let heard = device.disk.iter().any(|entry| entry.receipt.is_some());
        if heard {
            *tally.entry("revoked".to_owned()).or_default() += 1;
            let path = format!("/api/v1/devices/{}/revoke", device.id);
            steward.post(&path, &json!({"reason": "lost"})).ok();
        }
    }

    /// What waits of this world's records.
    pub fn inbox(&self, steward: &Client) -> Vec<Value> {
        let of = |code: &String| {
            steward.read(&format!("/api/v1/inbox?limit=500&code={code}"))["items"]
                .as_array()
                .unwrap()
                .clone()
        };
        self.codes.iter().flat_map(of).collect()
    }

    /// A defective app sends something else under an id that was used: it must not pass for what was sent first.
    fn forge(&mut self, host: &Host) {
        let at = self.random.random_range(0..self.devices.len());
        let device = &self.devices[at];
        let known = device.disk.iter().filter(|entry| entry.receipt.is_some());
        let edits: Vec<_> = known
            .filter_map(|entry| match &entry.what {
                What::Edit(edit) => Some(edit),
                What::Visit(_) | What::Retraction(_) | What::Photo(_) => None,
            })
            .collect();
        let Some(edit) = edits.choose(&mut self.random) else { return };
        let mut forged = (*edit).clone();
        forged["set"] = json!({"remarks": "FORGED"});
        let receipt = host.surveyor(device.owner).edit(&[forged]).remove(0);
        assert_eq!(
            (&receipt["outcome"], &receipt["reason"]),
            (&json!("returned"), &json!("edit-id-reused")),
            "{receipt}"
        );
    }
}

/// A bad link.
const FATES: [Fate; 6] = [
    Fate::Fine,
    Fate::Fine,
    Fate::Fine,
    Fate::RequestLost,
    Fate::AnswerLost,
    Fate::Doubled,
];

/// History lines of all records of a world, by record.
pub fn histories(world: &World, steward: &Client) -> BTreeMap<String, Vec<Value>> {
    let read = |record: &Value| {
        let id = record.as_str().unwrap();
        let history = steward.read(&format!("/api/v1/carriers/{id}/history"));
        (id.to_owned(), history["entries"].as_array().unwrap().clone())
    };
    world.records.iter().map(read).collect()
}
