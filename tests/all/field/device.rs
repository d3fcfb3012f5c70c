//! A simulated phone: a journal on a disk, a package that may be old, a link that loses what it carries, and an owner who pulls the battery.
use std::collections::{BTreeMap, BTreeSet};

use rand::seq::{IndexedRandom, SliceRandom};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};
use uuid::Uuid;

use super::photos;
use crate::support::client::Client;

/// What is written to the journal. It is never changed; only its receipt comes later.
#[derive(Clone, Debug)]
pub struct Entry {
    pub what: What,
    /// Part of a batch: it goes before what is not, and is the same whenever it is sent.
    is_sealed: bool,
    /// The server's word, once the device has written it down.
    pub receipt: Option<Value>,
}

#[derive(Clone, Debug)]
pub enum What {
    Edit(Value),
    Visit(Value),
    /// A visit that is taken back.
    Retraction(Value),
    /// The name of a picture that lies on the disk beside the journal.
    Photo(String),
}

/// What the link does with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    Fine,
    RequestLost,
    AnswerLost,
    /// It arrives twice.
    Doubled,
}

/// The battery was pulled. What is on the disk is there; what was being done is not known any more.
#[derive(Debug)]
struct Dead;

/// Steps of work and of sending after which the battery can be pulled.
pub const WORK: [&str; 3] = ["edit written", "picture written", "photo written"];
pub const SENDING: [&str; 5] = ["batch sealed", "answer arrived", "receipt written", "chunk sent", "photo verified"];

pub struct Device {
    pub id: Uuid,
    /// Which of the two surveyors has it.
    pub owner: usize,
    /// Seconds by which its clock is wrong.
    skew_s: i64,
    /// Survives everything.
    pub disk: Vec<Entry>,
    /// Pictures by the hash of their bytes: on the disk too, before the entry that names one.
    pub pictures: BTreeMap<String, Vec<u8>>,
    /// Versions of the records as the device last saw them.
    package: Vec<(Value, u64)>,
    /// The step after which the battery is pulled, and how many of the kind come before it; `None` while it holds.
    end: Option<(&'static str, usize)>,
    /// How often it was pulled after each step.
    pub deaths: BTreeMap<&'static str, usize>,
    random: ChaCha8Rng,
}

impl Device {
    pub fn new(random: &mut ChaCha8Rng, owner: usize) -> Self {
        // Most clocks are wrong by a little; some are a day behind, some an hour ahead, which no edit may be.
        let skew_s = *[-90_000, -90_000, -40, 0, 200, 3_600].choose(random).unwrap();
        Self {
            id: uuid::Builder::from_random_bytes(random.random()).into_uuid(),
            owner,
            skew_s,
            disk: Vec::new(),
            pictures: BTreeMap::new(),
            package: Vec::new(),
            end: None,
            deaths: BTreeMap::new(),
            random: ChaCha8Rng::seed_from_u64(random.random()),
        }
    }

    /// A step is done: the battery may be pulled now.
    fn after(&mut self, step: &'static str) -> Result<(), Dead> {
        match &mut self.end {
            Some((last, 0)) if *last == step => {
                self.end = None;
                *self.deaths.entry(step).or_default() += 1;
                Err(Dead)
            }
            Some((last, before)) if *last == step => {
                *before -= 1;
                Ok(())
            }
            Some(_) | None => Ok(()),
        }
    }

    /// How long the battery holds this time.
    fn start(&mut self, steps: &[&'static str]) {
        let is_low = self.random.random_bool(0.5);
        let end = (*steps.choose(&mut self.random).unwrap(), self.random.random_range(0..4) / 3);
        self.end = is_low.then_some(end);
    }

    /// The next place in the journal, which the disk knows.
    fn counter(&self) -> u64 {
        let known = self.disk.iter().filter_map(|entry| match &entry.what {
            What::Edit(edit) => edit["field"]["counter"].as_u64(),
            What::Visit(visit) => visit["counter"].as_u64(),
            What::Retraction(_) | What::Photo(_) => None,
        });
        known.max().unwrap_or_default() + 1
    }

    /// Loads the package again: the records as they are now.
    pub fn refresh(&mut self, client: &Client, records: &[Value]) {
        let read = |record: &Value| {
            let item = client.get(&format!("/api/v1/carriers/{}", record.as_str().unwrap())).ok();
            (record.clone(), item["properties"]["version"].as_u64().unwrap())
        };
        self.package = records.iter().map(read).collect();
    }

    fn id(&mut self) -> Uuid {
        uuid::Builder::from_random_bytes(self.random.random()).into_uuid()
    }

    fn now(&self) -> String {
        let now = jiff::Timestamp::now();
        (now + jiff::SignedDuration::from_secs(self.skew_s)).to_string()
    }

    /// One value for one field, as the form of the app sends it; an old app asks for what there no longer is.
    fn value(&mut self) -> Value {
        let number = self.random.random_range(1..9);
        match self.random.random_range(0..12) {
            0..3 => json!({"remarks": format!("note {}", self.id())}),
            3..7 => json!({"completed_on": format!("2020-0{number}-11")}),
            7 => json!({"power_capacity": number * 100}),
            8 => json!({"status": *["HELD", "LISTED", "BUILT", "AVAILABLE"].choose(&mut self.random).unwrap()}),
            9 => json!({"area_net": number * 1000}),
            10 => json!({"idle_suspected": number > 4}),
            _ => json!({"asked_last_year": number}),
        }
    }

    /// Writes edits to the journal, perhaps within a visit with photos.
    pub fn work(&mut self, campaign: &str) {
        self.start(&WORK);
        // Edits without the visit, or photos without the one that they were for: what was written stays.
        let _dead: Result<(), Dead> = self.visit(campaign);
    }

    fn visit(&mut self, campaign: &str) -> Result<(), Dead> {
        let Some((record, version)) = self.package.clone().choose(&mut self.random).cloned() else {
            return Ok(());
        };
        let visit = self.random.random_bool(0.5).then(|| self.id());
        let mut edits = Vec::new();
        for _ in 0..self.random.random_range(1..4) {
            let set = self.value();
            let mut edit = json!({
                "id": self.id(), "collection": "parcels", "record": record, "base_version": version, "set": set,
                "observed_at": self.now(), "evidence": "seen", "field": {"device": self.id, "counter": self.counter()},
            });
            if let Some(visit) = visit {
                edit["field"]["visit"] = json!(visit);
            }
            // An old app says what no program of today reads.
            if self.random.random_bool(0.05) {
                edit["asked"] = json!("2019");
            }
            edits.push(edit["id"].clone());
            self.write(What::Edit(edit));
            self.after("edit written")?;
        }
        let Some(visit) = visit else { return Ok(()) };
        let mut taken = Vec::new();
        for _ in 0..self.random.random_range(0..3) {
            let bytes = photos::photo(self.random.random(), [12, 8]);
            let name = photos::sha256(&bytes);
            taken.push(json!({"sha256": name, "bytes": bytes.len(), "media_type": "image/jpeg", "slot": "front", "taken_at": self.now()}));
            self.pictures.insert(name.clone(), bytes);
            self.after("picture written")?;
            self.write(What::Photo(name));
            self.after("photo written")?;
        }
        let document = json!({
            "id": visit, "campaign": campaign, "record": record, "base_version": version, "outcome": "changed", "observed_at": self.now(),
            "device": self.id, "counter": self.counter(), "edits": edits, "photos": taken,
        });
        self.write(What::Visit(document));
        Ok(())
    }

    /// Takes one of the visits back whose edits have all arrived, and writes that to the journal.
    pub fn take_back(&mut self) {
        let id = |document: &Value| document["id"].as_str().unwrap().to_owned();
        let (mut answered, mut gone) = (BTreeSet::new(), BTreeSet::new());
        for entry in &self.disk {
            match &entry.what {
                What::Edit(edit) if entry.receipt.is_some() => drop(answered.insert(id(edit))),
                What::Retraction(taken) => drop(gone.insert(taken["visit"].as_str().unwrap().to_owned())),
                What::Edit(_) | What::Visit(_) | What::Photo(_) => {}
            }
        }
        let visits = self.disk.iter().filter(|entry| entry.receipt.is_some());
        let visits = visits.filter_map(|entry| match &entry.what {
            What::Visit(visit) => Some(visit),
            What::Edit(_) | What::Retraction(_) | What::Photo(_) => None,
        });
        let is_whole = |visit: &Value| {
            let mut edits = visit["edits"].as_array().unwrap().iter();
            edits.all(|edit| answered.contains(edit.as_str().unwrap()))
        };
        let open: Vec<String> = visits
            .filter(|visit| is_whole(visit))
            .map(id)
            .filter(|id| !gone.contains(id))
            .collect();
        if let Some(visit) = open.choose(&mut self.random) {
            let retraction = json!({"visit": visit, "device": self.id});
            self.write(What::Retraction(retraction));
        }
    }

    fn write(&mut self, what: What) {
        self.disk.push(Entry {
            what,
            is_sealed: false,
            receipt: None,
        });
    }

    pub fn is_done(&self) -> bool {
        self.disk.iter().all(|entry| entry.receipt.is_some())
    }

    /// Sends all that has no receipt, on a link and with a battery that hold.
    pub fn hand_in(&mut self, client: &Client) {
        self.end = None;
        let waiting = self.waiting();
        self.carry_all(client, (&waiting, &[Fate::Fine])).expect("nobody pulls the battery");
    }

    /// Sends some of what has no receipt, in any order, and writes down the receipts that arrive.
    pub fn sync(&mut self, client: &Client, fates: &[Fate]) {
        let mut waiting = self.waiting();
        self.start(&SENDING);
        if self.random.random_bool(0.3) {
            waiting.shuffle(&mut self.random);
        }
        // Photos are rare, and so are chances to die over one: often they go first, on a battery that does not last.
        let is_photo = |at: &usize| matches!(self.disk[*at].what, What::Photo(_));
        if waiting.iter().any(is_photo) && self.random.random_bool(0.8) {
            waiting.sort_by_key(|at| !is_photo(at));
            self.end = Some((SENDING[3 + usize::from(self.random.random_bool(0.4))], 0));
        }
        // Sometimes it has lost sight of what it had sent, and sends it again.
        let old: Vec<usize> = (0..self.disk.len()).filter(|at| self.disk[*at].receipt.is_some()).collect();
        waiting.extend(old.choose(&mut self.random).filter(|_| waiting.len() > 1));
        let _dead: Result<(), Dead> = self.carry_all(client, (&waiting, fates));
    }

    /// Places of what has no receipt: what was part of a batch before, then the rest, each in the order of the journal.
    fn waiting(&self) -> Vec<usize> {
        let mut waiting: Vec<usize> = (0..self.disk.len()).filter(|at| self.disk[*at].receipt.is_none()).collect();
        waiting.sort_by_key(|at| !self.disk[*at].is_sealed);
        waiting
    }

    fn carry_all(&mut self, client: &Client, (waiting, fates): (&[usize], &[Fate])) -> Result<(), Dead> {
        for batch in waiting.chunks(4) {
            let fate = *fates.choose(&mut self.random).unwrap();
            self.send(client, batch, fate)?;
            if fate != Fate::Fine && self.random.random_bool(0.2) {
                // Out of reach.
                return Ok(());
            }
        }
        Ok(())
    }

    fn send(&mut self, client: &Client, batch: &[usize], fate: Fate) -> Result<(), Dead> {
        batch.iter().for_each(|at| self.disk[*at].is_sealed = true);
        self.after("batch sealed")?;
        let (mut edits, mut visits, mut taken) = (Vec::new(), Vec::new(), Vec::new());
        for at in batch {
            match self.disk[*at].what.clone() {
                What::Edit(edit) => edits.push((*at, edit)),
                What::Visit(visit) => visits.push((*at, visit)),
                What::Retraction(retraction) => taken.push((*at, retraction)),
                What::Photo(name) => {
                    if let Some(receipt) = self.send_photo(client, &name, fate)? {
                        self.after("photo verified")?;
                        self.note(*at, receipt);
                    }
                }
            }
        }
        let requests = [
            ("/api/v1/edits", "edits", edits),
            ("/api/v1/visits", "visits", visits),
            ("/api/v1/visits/retractions", "retractions", taken),
        ];
        for (path, member, some) in requests {
            let documents: Vec<_> = some.iter().map(|(_, document)| document.clone()).collect();
            if documents.is_empty() {
                continue;
            }
            let Some(answer) = carry(client, path, &json!({ member: documents }), fate) else {
                continue;
            };
            self.after("answer arrived")?;
            for ((at, _), receipt) in some.iter().zip(answer["receipts"].as_array().unwrap()) {
                self.note(*at, receipt.clone());
                self.after("receipt written")?;
            }
        }
        Ok(())
    }

    /// Sends a photo from where the server has it, chunk by chunk; gives the last answer, if it arrives.
    fn send_photo(&mut self, client: &Client, name: &str, fate: Fate) -> Result<Option<Value>, Dead> {
        let bytes = self.pictures[name].clone();
        if fate == Fate::RequestLost {
            return Ok(None);
        }
        let status = client.ask(("GET", &format!("/api/v1/photos/{name}/status")), &[], None);
        let Some(mut here) = status.ok().and_then(|status| received(&status.ok())) else {
            return Ok(None);
        };
        let step = bytes.len() / 3 + 1;
        loop {
            let end = (here + step).min(bytes.len());
            let path = format!("/api/v1/photos/{name}?offset={here}&size={}", bytes.len());
            let put = || client.ask(("PUT", &path), &[], Some(&bytes[here..end])).ok();
            let Some(answer) = put() else { return Ok(None) };
            if fate == Fate::AnswerLost || (fate == Fate::Doubled && put().is_none()) {
                return Ok(None);
            }
            if answer.status != 409 {
                let told = answer.ok();
                if told["verified"] == true {
                    return Ok(Some(told));
                }
            }
            let Some(next) = received(&answer.json()) else { return Ok(None) };
            here = next;
            self.after("chunk sent")?;
        }
    }

    /// The first word holds, and every later one is the same.
    fn note(&mut self, at: usize, receipt: Value) {
        match &self.disk[at].receipt {
            // Why a visit cannot be taken back may change while it waits for a decision; that it cannot does not.
            Some(known) if matches!(self.disk[at].what, What::Retraction(_)) => {
                assert_eq!(known["outcome"], receipt["outcome"], "{receipt}");
            }
            Some(known) => assert_eq!(
                *known, receipt,
                "the same thing sent again got another answer: {:?}",
                self.disk[at].what
            ),
            None => self.disk[at].receipt = Some(receipt),
        }
    }
}

/// Puts a request on the link; gives the answer, if it arrives.
fn carry(client: &Client, path: &str, body: &Value, fate: Fate) -> Option<Value> {
    let ask = || {
        let headers = [("content-type", "application/json")];
        let answer = client.ask(("POST", path), &headers, Some(body.to_string().as_bytes())).ok()?;
        // A server that is going away may say so; what it says otherwise has to be an answer.
        (answer.status != 503).then(|| answer.ok())
    };
    match fate {
        Fate::Fine => ask(),
        Fate::RequestLost => None,
        Fate::AnswerLost => {
            ask();
            None
        }
        Fate::Doubled => std::thread::scope(|scope| {
            let twin = scope.spawn(ask);
            let (own, other) = (ask(), twin.join().unwrap());
            if let (Some(own), Some(other)) = (&own, &other) {
                assert_eq!(own, other, "the same at the same moment got two answers");
            }
            own
        }),
    }
}

/// Bytes of a photo that the server has, by its word.
fn received(told: &Value) -> Option<usize> {
    told["received"].as_u64().map(|count| usize::try_from(count).unwrap())
}
