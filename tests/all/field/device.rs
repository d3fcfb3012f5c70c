//! A simulated phone: a journal on a disk, a package that may be old, a link that loses what it carries, and an owner who pulls the battery.
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
    /// The server's word, once the device has written it down.
    pub receipt: Option<Value>,
}

#[derive(Clone, Debug)]
pub enum What {
    Edit(Value),
    Visit(Value),
    Photo { name: String, bytes: Vec<u8> },
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

pub struct Device {
    pub id: Uuid,
    /// Which of the two surveyors has it.
    pub owner: usize,
    /// Seconds by which its clock is wrong.
    skew_s: i64,
    counter: u64,
    /// Survives everything.
    pub disk: Vec<Entry>,
    /// Versions of the records as the device last saw them.
    package: Vec<(Value, u64)>,
    /// Whether it lives until all is sent.
    is_charged: bool,
    random: ChaCha8Rng,
}

impl Device {
    pub fn new(random: &mut ChaCha8Rng, owner: usize) -> Self {
        // Most clocks are wrong by a little; some are an hour ahead, which no edit may be.
        let skew_s = *[-90_000, -40, 0, 0, 200, 3_600].choose(random).unwrap();
        Self {
            id: uuid::Builder::from_random_bytes(random.random()).into_uuid(),
            owner,
            skew_s,
            counter: 0,
            disk: Vec::new(),
            package: Vec::new(),
            is_charged: false,
            random: ChaCha8Rng::seed_from_u64(random.random()),
        }
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
            3..6 => json!({"completed_on": format!("2020-0{number}-11")}),
            6..8 => json!({"power_capacity": number * 100}),
            8 => json!({"status": *["HELD", "LISTED", "BUILT", "AVAILABLE"].choose(&mut self.random).unwrap()}),
            9 => json!({"area_net": number * 1000}),
            10 => json!({"idle_suspected": number > 4}),
            _ => json!({"asked_last_year": number}),
        }
    }

    /// Writes edits to the journal, perhaps within a visit with photos.
    pub fn work(&mut self, campaign: &str) {
        let Some((record, version)) = self.package.clone().choose(&mut self.random).cloned() else {
            return;
        };
        let visit = self.random.random_bool(0.35).then(|| self.id());
        let mut edits = Vec::new();
        for _ in 0..self.random.random_range(1..4) {
            let set = self.value();
            self.counter += 1;
            let mut edit = json!({
                "id": self.id(), "collection": "parcels", "record": record, "base_version": version, "set": set,
                "observed_at": self.now(), "evidence": "seen", "field": {"device": self.id, "counter": self.counter},
            });
            if let Some(visit) = visit {
                edit["field"]["visit"] = json!(visit);
            }
            edits.push(edit["id"].clone());
            self.write(What::Edit(edit));
            if self.random.random_bool(0.03) {
                // The battery is pulled: what was written is there, the visit was not.
                return;
            }
        }
        let Some(visit) = visit else { return };
        let mut taken = Vec::new();
        for _ in 0..self.random.random_range(0..3) {
            let bytes = photos::photo(self.random.random(), [12, 8]);
            let name = photos::sha256(&bytes);
            taken.push(json!({"sha256": name, "bytes": bytes.len(), "media_type": "image/jpeg", "slot": "front", "taken_at": self.now()}));
            self.write(What::Photo { name, bytes });
            if self.random.random_bool(0.03) {
                // The battery again: photos without the visit that they were for.
                return;
            }
        }
        self.counter += 1;
        let document = json!({
            "id": visit, "campaign": campaign, "record": record, "base_version": version, "outcome": "changed", "observed_at": self.now(),
            "device": self.id, "counter": self.counter, "edits": edits, "photos": taken,
        });
        self.write(What::Visit(document));
    }

    fn write(&mut self, what: What) {
        self.disk.push(Entry { what, receipt: None });
    }

    pub fn is_done(&self) -> bool {
        self.disk.iter().all(|entry| entry.receipt.is_some())
    }

    /// Sends some of what has no receipt, in any order, and writes down the receipts that arrive.
    pub fn sync(&mut self, client: &Client, fates: &[Fate]) {
        let mut waiting: Vec<usize> = (0..self.disk.len()).filter(|at| self.disk[*at].receipt.is_none()).collect();
        self.is_charged = fates == [Fate::Fine];
        if !self.is_charged {
            if self.random.random_bool(0.3) {
                waiting.shuffle(&mut self.random);
            }
            // Sometimes it has lost sight of what it had sent, and sends it again.
            let old: Vec<usize> = (0..self.disk.len()).filter(|at| self.disk[*at].receipt.is_some()).collect();
            waiting.extend(old.choose(&mut self.random).filter(|_| waiting.len() > 1));
        }
        for batch in waiting.chunks(4) {
            let fate = *fates.choose(&mut self.random).unwrap();
            self.send(client, batch, fate);
            if fate != Fate::Fine && self.random.random_bool(0.2) {
                // Out of reach.
                return;
            }
        }
    }

    fn send(&mut self, client: &Client, batch: &[usize], fate: Fate) {
        let (mut edits, mut visits) = (Vec::new(), Vec::new());
        for at in batch {
            match &self.disk[*at].what {
                What::Edit(edit) => edits.push((*at, edit.clone())),
                What::Visit(visit) => visits.push((*at, visit.clone())),
                What::Photo { name, bytes } => {
                    let (name, bytes) = (name.clone(), bytes.clone());
                    if let Some(receipt) = send_photo(client, (&name, &bytes), fate) {
                        self.note(*at, receipt);
                    }
                }
            }
        }
        for (path, member, some) in [("/api/v1/edits", "edits", edits), ("/api/v1/visits", "visits", visits)] {
            let documents: Vec<_> = some.iter().map(|(_, document)| document.clone()).collect();
            if documents.is_empty() {
                continue;
            }
            let Some(answer) = carry(client, path, &json!({ member: documents }), fate) else {
                continue;
            };
            for ((at, _), receipt) in some.iter().zip(answer["receipts"].as_array().unwrap()) {
                if !self.is_charged && self.random.random_bool(0.05) {
                    // The app dies between two receipts.
                    return;
                }
                self.note(*at, receipt.clone());
            }
        }
    }

    /// The first word holds, and every later one is the same.
    fn note(&mut self, at: usize, receipt: Value) {
        match &self.disk[at].receipt {
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

/// Sends a photo from where the server has it, chunk by chunk.
fn send_photo(client: &Client, (name, bytes): (&str, &[u8]), fate: Fate) -> Option<Value> {
    if fate == Fate::RequestLost {
        return None;
    }
    let status = client.ask(("GET", &format!("/api/v1/photos/{name}/status")), &[], None).ok()?;
    let mut here = usize::try_from(status.ok()["received"].as_u64()?).unwrap();
    let step = bytes.len() / 3 + 1;
    loop {
        let end = (here + step).min(bytes.len());
        let path = format!("/api/v1/photos/{name}?offset={here}&size={}", bytes.len());
        let put = || client.ask(("PUT", &path), &[], Some(&bytes[here..end])).ok();
        let answer = put()?;
        if fate == Fate::AnswerLost {
            return None;
        }
        if fate == Fate::Doubled {
            put()?;
        }
        if answer.status == 409 {
            here = usize::try_from(answer.json()["received"].as_u64()?).unwrap();
            continue;
        }
        let told = answer.ok();
        if told["verified"] == true {
            return Some(told);
        }
        here = usize::try_from(told["received"].as_u64()?).unwrap();
    }
}
