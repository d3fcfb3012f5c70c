//! Laws of campaigns: what is computed entry by entry equals a naive count over the same entries, after every entry.
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};
use uuid::Uuid;
use zaiti::domain::edit::OpenEdit;
use zaiti::domain::ids::CarrierId;
use zaiti::store::SurveyEntry;
use zaiti::survey::report::{Lang, report};
use zaiti::survey::{Campaign, Facts, Heard, Part, State, numbers};

const CAMPAIGN: Uuid = Uuid::from_u128(7);
const DAY_S: i64 = 86_400;
const START_S: i64 = 1_795_000_000;

/// A campaign as a list of events, and what a person with pencil and paper would know of it.
struct World {
    random: ChaCha8Rng,
    entries: Vec<SurveyEntry>,
    now_s: i64,
    events: Vec<Value>,
}

fn code(at: u128) -> String {
    format!("P-{at:03}")
}

fn target(at: u128) -> Value {
    let point = [120.9 + at as f64 * 0.001, 31.9];
    json!({"record": Uuid::from_u128(1_000 + at), "code": code(at), "collection": "parcels", "point": point})
}

impl World {
    fn new(seed: u64) -> Self {
        let mut world = Self {
            random: ChaCha8Rng::seed_from_u64(seed),
            entries: Vec::new(),
            now_s: START_S,
            events: Vec::new(),
        };
        let plan = json!({
            "id": CAMPAIGN, "name": "law", "deadline": "2026-12-31", "collections": ["parcels"], "search": {"parcels": "status=AVAILABLE"}, "area": null,
            "start": null, "minutes": {}, "teams": [{"key": "a", "name": "A", "members": ["li"]}], "required_photos": {}, "revision": 1,
        });
        let targets: Vec<_> = (0..20).map(target).collect();
        world.write(json!({"kind": "launched", "plan": plan, "targets": targets}));
        world
    }

    fn write(&mut self, event: Value) {
        self.now_s += self.random.random_range(1..DAY_S / 4);
        let seq = self.entries.len() as u64 + 1;
        self.entries.push(SurveyEntry {
            seq,
            id: Uuid::from_u128(u128::from(seq)),
            at: Timestamp::from_second(self.now_s).unwrap(),
            author: (*["li", "wang"].choose(&mut self.random).unwrap()).to_owned(),
            event: event.to_string(),
        });
        self.events.push(event);
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from.choose(&mut self.random).unwrap()
    }

    fn step(&mut self) {
        match self.random.random_range(0..10) {
            0 => {
                let dropped = code(self.random.random_range(0..24));
                let added = target(self.random.random_range(20..24));
                self.write(json!({"kind": "retargeted", "campaign": CAMPAIGN, "added": [added], "dropped": [dropped], "reason": "law", "orders": {}}));
            }
            1 => {
                let middle = 120.9 + f64::from(self.random.random_range(0..24_u8)) * 0.001 + 0.0005;
                let zone = |key: &str, west: f64, east: f64| {
                    let ring = [[west, 31.8], [east, 31.8], [east, 32.0], [west, 32.0], [west, 31.8]];
                    json!({"key": key, "name": key, "polygon": {"type": "Polygon", "coordinates": [ring]}, "team": "a", "day": null})
                };
                let zones = [zone("west", 120.0, middle), zone("east", middle, 121.5)];
                self.write(json!({"kind": "zoned", "campaign": CAMPAIGN, "zones": zones, "orders": {}}));
            }
            2..=6 => self.visit(),
            _ => self.review(),
        }
    }

    fn visit(&mut self) {
        let at: u128 = self.random.random_range(0..24);
        let outcome = self.pick(&["confirmed", "changed", "no_access", "not_found", "dropped"]);
        let photos: Vec<_> = (0..self.random.random_range(0..3))
            .map(|_| {
                let sha256 = format!("{:064x}", self.random.random_range(0..40));
                json!({"sha256": sha256, "bytes": 5, "media_type": "image/jpeg", "slot": "overview", "taken_at": "2026-11-25T00:00:00Z"})
            })
            .collect();
        let observed_s = self.now_s + self.random.random_range(-3 * DAY_S..3 * DAY_S);
        let visit = json!({
            "id": Uuid::from_u128(100_000 + self.entries.len() as u128), "campaign": CAMPAIGN, "record": Uuid::from_u128(1_000 + at), "base_version": 1,
            "outcome": outcome, "observed_at": Timestamp::from_second(observed_s).unwrap(), "device": Uuid::from_u128(self.random.random_range(50..53)),
            "counter": self.entries.len(), "photos": photos,
        });
        let taken = if self.random.random_bool(0.2) {
            json!({"as": "quarantined", "reason": "outside-zones"})
        } else {
            json!({"as": "counted"})
        };
        self.write(json!({"kind": "visited", "visit": visit, "taken": taken, "digest": ""}));
    }

    fn review(&mut self) {
        let reviewed: HashSet<_> = self.of_kind("reviewed").map(|event| event["visit"].clone()).collect();
        let visits: Vec<Value> = self.of_kind("visited").map(|event| event["visit"]["id"].clone()).collect();
        let waiting: Vec<_> = visits.into_iter().filter(|id| !reviewed.contains(id)).collect();
        let Some(visit) = waiting.choose(&mut self.random).cloned() else {
            return;
        };
        let verdict = self.pick(&["approved", "approved", "returned", "rejected"]);
        self.write(json!({"kind": "reviewed", "campaign": CAMPAIGN, "visit": visit, "verdict": verdict, "reason": "law"}));
    }

    fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Value> {
        self.events.iter().filter(move |event| event["kind"] == kind)
    }

    #[expect(clippy::too_many_lines, reason = "naive on purpose: everything is looked at where it is counted")]
    /// Counts anew from the first `count` events: targets, visited, accounted for, waiting, kept apart, photos, verified, conflicts.
    fn recount(&self, count: usize, facts: &Facts) -> [usize; 8] {
        let events = &self.events[..count];
        let mut listed: BTreeSet<String> = BTreeSet::new();
        let mut verdicts: BTreeMap<&str, &str> = BTreeMap::new();
        for event in events {
            let codes = |key: &str| -> Vec<String> {
                event[key]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .map(|each| each["code"].as_str().unwrap_or_default().to_owned())
                    .collect()
            };
            match event["kind"].as_str().unwrap() {
                "launched" => listed.extend(codes("targets")),
                "retargeted" => {
                    listed.extend(codes("added"));
                    for dropped in event["dropped"].as_array().unwrap() {
                        listed.remove(dropped.as_str().unwrap());
                    }
                }
                "reviewed" => drop(verdicts.insert(event["visit"].as_str().unwrap(), event["verdict"].as_str().unwrap())),
                _ => {}
            }
        }
        let (mut visited, mut accounted) = (BTreeSet::new(), BTreeSet::new());
        let mut outcomes: BTreeMap<String, &str> = BTreeMap::new();
        let (mut waiting, mut apart) = (0, 0);
        let mut photos = BTreeSet::new();
        for event in events {
            if event["kind"] != "visited" {
                continue;
            }
            let visit = &event["visit"];
            let verdict = verdicts.get(visit["id"].as_str().unwrap()).copied();
            let is_apart = event["taken"]["as"] == "quarantined";
            waiting += usize::from(verdict.is_none() && !is_apart);
            apart += usize::from(verdict.is_none() && is_apart);
            if matches!(verdict, None | Some("approved")) {
                photos.extend(
                    visit["photos"]
                        .as_array()
                        .unwrap()
                        .iter()
                        .map(|photo| photo["sha256"].as_str().unwrap()),
                );
            }
            let at = Uuid::parse_str(visit["record"].as_str().unwrap()).unwrap().as_u128() - 1_000;
            let counts = verdict == Some("approved") || (verdict.is_none() && !is_apart);
            if counts {
                outcomes.insert(code(at), visit["outcome"].as_str().unwrap());
            }
        }
        for (code, outcome) in outcomes.iter().filter(|(code, _)| listed.contains(*code)) {
            accounted.insert(code);
            if ["confirmed", "changed"].contains(outcome) {
                visited.insert(code);
            }
        }
        let is_listed = |record: u128| listed.contains(&code(record - 1_000));
        let conflicts = facts
            .open
            .iter()
            .filter(|edit| edit.is_conflict && is_listed(edit.record.0.as_u128()))
            .count();
        let verified = photos.iter().filter(|photo| facts.verified.contains(**photo)).count();
        [
            listed.len(),
            visited.len(),
            accounted.len(),
            waiting,
            apart,
            photos.len(),
            verified,
            conflicts,
        ]
    }
}

fn facts(random: &mut ChaCha8Rng, now_s: i64) -> Facts {
    let open = (0..10).map(|at| OpenEdit {
        edit: Uuid::from_u128(at),
        record: CarrierId(Uuid::from_u128(1_000 + random.random_range(0..26))),
        visit: None,
        is_conflict: random.random_bool(0.5),
    });
    Facts {
        open: open.collect(),
        verified: (0..20).map(|at| format!("{at:064x}")).collect(),
        now: Timestamp::from_second(now_s).unwrap(),
        ..Facts::default()
    }
}

fn campaign(state: &State) -> &Arc<Campaign> {
    &state.campaigns[&CAMPAIGN]
}

#[test]
fn numbers_equal_a_recount_after_every_entry() {
    for seed in 0..60 {
        let mut world = World::new(seed);
        (0..80).for_each(|_| world.step());
        let mut random = ChaCha8Rng::seed_from_u64(seed + 1_000);
        let mut state = State::default();
        for (at, entry) in world.entries.iter().enumerate() {
            state = state.fold(entry).unwrap();
            let facts = facts(&mut random, world.now_s);
            let told = numbers(campaign(&state), &Part::Whole, &facts);
            let counted = [
                told.targets,
                told.visited,
                told.accounted_for,
                told.to_review,
                told.quarantined,
                told.photos_taken,
                told.photos_verified,
                told.conflicts_open,
            ];
            assert_eq!(
                counted,
                world.recount(at + 1, &facts),
                "seed {seed}, entry {}: {}",
                at + 1,
                entry.event
            );
            assert_eq!(told.visited, told.confirmed + told.changed);
            let outcomes = told.visited + told.no_access + told.not_found + told.dropped + told.excepted;
            assert_eq!(told.accounted_for, outcomes);
            parts_add_up(campaign(&state), &facts);
        }
        // However the entries come in pages, the state is the same.
        let again = world.entries.iter().try_fold(State::default(), State::fold).unwrap();
        assert_eq!(again, state);
    }
}

/// Zones and what lies in none of them are the whole.
fn parts_add_up(campaign: &Campaign, facts: &Facts) {
    let whole = numbers(campaign, &Part::Whole, facts);
    let mut parts: Vec<_> = campaign
        .zones
        .iter()
        .map(|zone| Part::Zones(BTreeSet::from([zone.zone.key.as_str()])))
        .collect();
    parts.push(Part::Unzoned);
    let parts: Vec<_> = parts.iter().map(|part| numbers(campaign, part, facts)).collect();
    let sum = |of: fn(&zaiti::survey::Numbers) -> usize| parts.iter().map(of).sum::<usize>();
    assert_eq!(sum(|part| part.targets), whole.targets);
    assert_eq!(sum(|part| part.visited), whole.visited);
    assert_eq!(sum(|part| part.accounted_for), whole.accounted_for);
    assert_eq!(sum(|part| part.conflicts_open), whole.conflicts_open);
}

/// Two campaigns about the same records, their entries one among the other.
fn two_campaigns(seed: u64) -> Vec<SurveyEntry> {
    let mut worlds = [World::new(seed), World::new(seed + 500)];
    for world in &mut worlds {
        (0..80).for_each(|_| world.step());
    }
    let [one, mut other] = worlds.map(|world| world.entries);
    for entry in &mut other {
        let own = Uuid::from_u128(8).to_string();
        // Its visits have ids of their own, too.
        entry.event = entry
            .event
            .replace(&CAMPAIGN.to_string(), &own)
            .replace("-0000000186", "-0000000286");
    }
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let (mut one, mut other) = (one.into_iter().peekable(), other.into_iter().peekable());
    let mut all: Vec<SurveyEntry> = Vec::new();
    while one.peek().is_some() || other.peek().is_some() {
        let from = if random.random_bool(0.5) { &mut one } else { &mut other };
        all.extend(from.next());
    }
    all.iter_mut().zip(1..).for_each(|(entry, seq)| entry.seq = seq);
    all
}

/// Photos of a record that anyone may see, by a look at every visit.
fn looked_through(state: &State, record: CarrierId) -> Vec<String> {
    let visits = state.campaigns.values().flat_map(|campaign| campaign.visits.values());
    let mut own: Vec<_> = visits.filter(|visit| visit.visit.record == record && visit.is_approved()).collect();
    own.sort_by_key(|visit| std::cmp::Reverse(visit.seq));
    let mut found: Vec<String> = Vec::new();
    for photo in own.into_iter().flat_map(|visit| &visit.visit.photos) {
        if !found.contains(&photo.sha256) {
            found.push(photo.sha256.clone());
        }
    }
    found
}

#[test]
fn public_photos_equal_a_look_at_every_visit_after_every_entry() {
    let mut most = 0;
    for seed in 0..20 {
        let mut state = State::default();
        for entry in two_campaigns(seed) {
            state = state.fold(&entry).unwrap();
            let mut public = HashSet::new();
            for record in (1_000..1_026).map(|at| CarrierId(Uuid::from_u128(at))) {
                let told: Vec<_> = state.public_photos(record).iter().map(|photo| photo.sha256.clone()).collect();
                assert_eq!(told, looked_through(&state, record), "seed {seed}, entry {}", entry.seq);
                most = most.max(told.len());
                public.extend(told);
            }
            for sha256 in (0..40).map(|at| format!("{at:064x}")) {
                assert_eq!(
                    state.is_public_photo(&sha256),
                    public.contains(&sha256),
                    "seed {seed}, entry {}",
                    entry.seq
                );
            }
        }
        assert_eq!(state.campaigns.len(), 2);
    }
    assert!(most > 3, "some records have photos of several visits");
}

#[test]
fn pace_and_forecast_follow_the_days() {
    let mut world = World::new(3);
    world.now_s = START_S;
    // Two a day for five days: twenty targets are done five days later.
    for at in 0..10_u128 {
        let observed = Timestamp::from_second(START_S + i64::try_from(at / 2).unwrap() * DAY_S).unwrap();
        let visit = json!({"id": Uuid::from_u128(100_000 + at), "campaign": CAMPAIGN, "record": Uuid::from_u128(1_000 + at), "base_version": 1,
            "outcome": "confirmed", "observed_at": observed, "device": Uuid::from_u128(50), "counter": at});
        world.write(json!({"kind": "visited", "visit": visit, "taken": {"as": "counted"}, "digest": ""}));
        let last = world.entries.last_mut().unwrap();
        last.at = observed;
    }
    world.entries[0].at = Timestamp::from_second(START_S - 3_600).unwrap();
    let state = world.entries.iter().try_fold(State::default(), State::fold).unwrap();
    let told = |days: i64| {
        let facts = Facts {
            now: Timestamp::from_second(START_S + days * DAY_S).unwrap(),
            ..Facts::default()
        };
        numbers(campaign(&state), &Part::Whole, &facts)
    };
    let today = zaiti::survey::day_of(Timestamp::from_second(START_S + 4 * DAY_S).unwrap(), &TimeZone::UTC);
    let on_the_day = told(4);
    assert!((on_the_day.pace_per_day - 2.0).abs() < 1e-12, "{}", on_the_day.pace_per_day);
    assert_eq!(on_the_day.forecast_finish, today.checked_add(jiff::Span::new().days(5)).ok());
    assert!(on_the_day.silent_devices.is_empty());
    // Nobody went out any more: slower, then no pace and no forecast; and the phone is silent.
    assert!(told(8).pace_per_day < 2.0);
    assert_eq!((told(30).pace_per_day, told(30).forecast_finish), (0.0, None));
    assert_eq!(told(6).silent_devices.len(), 1);
}

#[test]
fn a_phone_that_went_out_of_reach_with_everything_on_it_is_named() {
    let world = World::new(3);
    let state = world.entries.iter().try_fold(State::default(), State::fold).unwrap();
    let launched = campaign(&state).launched_at;
    let member = campaign(&state).plan.teams[0].members[0].clone();
    let heard = |hours: i64, account: &str| Heard {
        at: launched + jiff::SignedDuration::from_hours(hours),
        account: Some(account.to_owned()),
        pending: 12,
    };
    let [own, early, foreign] = [1, 2, 3].map(Uuid::from_u128);
    let silent = |hours: i64, part: &Part<'_>| {
        let facts = Facts {
            now: launched + jiff::SignedDuration::from_hours(hours),
            heard: [
                (own, heard(1, &member)),
                (early, heard(-1, &member)),
                (foreign, heard(1, "somebody else")),
            ]
            .into(),
            ..Facts::default()
        };
        let told = numbers(campaign(&state), part, &facts).silent_devices.into_iter();
        told.map(|device| (device.device, device.account, device.pending))
            .collect::<Vec<_>>()
    };
    assert_eq!(silent(25, &Part::Whole), []);
    assert_eq!(silent(26, &Part::Whole), [(own, member.clone(), Some(12))]);
    assert_eq!(silent(26, &Part::Unzoned), []);
}

#[test]
fn days_are_those_of_the_park() {
    let evening: Timestamp = "2026-11-25T20:00:00Z".parse().unwrap();
    let days = [-10, 0, 8].map(|hours| zaiti::survey::day_of(evening, &TimeZone::fixed(jiff::tz::offset(hours))).day());
    assert_eq!(days, [25, 25, 26]);
}

#[test]
fn a_report_names_everything_once_and_runs_nothing() {
    let mut world = World::new(5);
    (0..60).for_each(|_| world.step());
    let text = world.entries[0].event.replace("\"law\"", "\"<script>alert('x')</script> & co\"");
    world.entries[0].event = text;
    let state = world.entries.iter().try_fold(State::default(), State::fold).unwrap();
    let facts = Facts {
        now: Timestamp::from_second(world.now_s).unwrap(),
        ..Facts::default()
    };
    let pages = Lang::ALL.map(|(_, lang)| report(campaign(&state), &facts, (lang, &|key: &str| key.to_owned())));
    for page in &pages {
        assert!(!page.contains("<script") && page.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; co"));
        for target in campaign(&state).listed() {
            assert!(page.contains(&format!("<td>{}</td>", target.target.code)));
        }
        let main = &page[page.find("<main>").unwrap()..page.find("</main>").unwrap() + "</main>".len()];
        let digest = <sha2::Sha256 as sha2::Digest>::digest(main.as_bytes());
        let hash = digest.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
        assert_eq!(page.matches(&hash).count(), 2, "in the head and in the footer");
    }
    assert!(pages[0].contains("调研报告") && pages[1].contains("Survey report") && pages[2].contains("Erhebungsbericht"));
}

#[test]
fn entries_of_others_only_move_the_place() {
    let mut world = World::new(9);
    let before = world.entries.iter().try_fold(State::default(), State::fold).unwrap();
    world.write(json!({"kind": "device_heard", "device": Uuid::from_u128(1), "pending": 3}));
    let after = world.entries.iter().try_fold(State::default(), State::fold).unwrap();
    assert_eq!((after.seq, &after.campaigns), (before.seq + 1, &before.campaigns));
    let broken = SurveyEntry {
        event: "{\"kind\": \"reviewed\"}".to_owned(),
        ..world.entries[0].clone()
    };
    assert!(State::default().fold(&broken).is_err());
}
