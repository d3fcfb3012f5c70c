//! Checks of what people send about campaigns, with all faults at once.
use std::collections::BTreeSet;

use super::campaign::Campaign;
use super::error::{Fault, SurveyError};
use super::event::{Exception, Plan, Team, Zone};
use super::ground;
use super::limits::Limits;

/// Faults as they are found.
pub struct Faults<'a> {
    found: Vec<Fault>,
    limits: &'a Limits,
}

/// Longest time that a visit may be planned to take, minutes.
const LONGEST_VISIT: f64 = 24.0 * 60.0;

/// Oldest that a record can be asked to be, days.
const MOST_STALE_DAYS: u32 = 36_500;

impl<'a> Faults<'a> {
    /// None yet.
    pub fn new(limits: &'a Limits) -> Self {
        Self { found: Vec::new(), limits }
    }

    /// All well, or what is not.
    pub fn done(self) -> Result<(), SurveyError> {
        if self.found.is_empty() {
            Ok(())
        } else {
            Err(SurveyError::Unfit(self.found))
        }
    }

    /// One more.
    pub fn add(&mut self, path: impl Into<String>, given: impl ToString, expected: impl Into<String>) {
        self.found.push(Fault::new(path, given, expected));
    }

    /// At most so many.
    pub fn count(&mut self, path: &str, given: usize, most: usize) {
        if given > most {
            self.add(path, given, format!("at most {most}"));
        }
    }

    fn text(&mut self, path: &str, given: &str, most: usize) {
        if given.trim().is_empty() || given.chars().count() > most {
            self.add(path, measured(given, most), format!("a text of 1 to {most} characters"));
        }
    }

    /// A key: short, without characters that would need care in an address.
    fn key(&mut self, path: &str, given: &str) {
        let is_plain = given.chars().all(|c| c.is_alphanumeric() || "-_.".contains(c));
        if given.is_empty() || !is_plain || given.chars().count() > self.limits.name_chars {
            let most = self.limits.name_chars;
            self.add(path, measured(given, most), format!("1 to {most} letters, digits and - _ ."));
        }
    }

    /// A reason that has to be given.
    pub fn reason(&mut self, path: &str, given: &str) {
        self.text(path, given, self.limits.text_chars);
    }

    /// A plan before its launch.
    pub fn plan(&mut self, plan: &Plan) {
        self.text("name", &plan.name, self.limits.name_chars);
        if plan.collections.is_empty() {
            self.add("collections", "none", "at least one collection");
        }
        for (at, key) in plan.collections.iter().enumerate() {
            if plan.collections[..at].contains(key) {
                self.add("collections", key.to_string(), "each collection once");
            }
        }
        let known = |key: &&crate::domain::ids::CollectionKey| !plan.collections.contains(*key);
        for (path, strangers) in [
            ("minutes", plan.minutes.keys().filter(known).collect::<Vec<_>>()),
            ("required_photos", plan.required_photos.keys().filter(known).collect()),
        ] {
            for key in strangers {
                self.add(format!("{path}.{key}"), key, "one of the collections of the campaign");
            }
        }
        for (key, minutes) in &plan.minutes {
            if !(*minutes > 0.0 && *minutes <= LONGEST_VISIT) {
                self.add(format!("minutes.{key}"), minutes, format!("more than 0, at most {LONGEST_VISIT}"));
            }
        }
        if let Some(place) = plan.start.filter(|place| !is_on_earth([place.lon, place.lat])) {
            self.add(
                "start",
                format!("{}, {}", place.lon, place.lat),
                "longitude and latitude in degrees",
            );
        }
        if let Some(days) = plan.stale_days.filter(|days| !(1..=MOST_STALE_DAYS).contains(days)) {
            self.add("stale_days", days, format!("1 to {MOST_STALE_DAYS}"));
        }
        if let Some(area) = &plan.area {
            self.polygon("area", area);
        }
        self.teams(&plan.teams);
    }

    /// Teams.
    pub fn teams(&mut self, teams: &[Team]) {
        self.count("teams", teams.len(), self.limits.teams);
        let mut keys = BTreeSet::new();
        for (at, team) in teams.iter().enumerate() {
            self.key(&format!("teams[{at}].key"), &team.key);
            self.text(&format!("teams[{at}].name"), &team.name, self.limits.name_chars);
            self.count(&format!("teams[{at}].members"), team.members.len(), self.limits.members);
            if !keys.insert(&team.key) {
                self.add(format!("teams[{at}].key"), &team.key, "each key once");
            }
        }
    }

    /// Zones of a campaign whose teams are these.
    pub fn zones(&mut self, zones: &[Zone], (campaign, teams): (&Campaign, &[Team])) {
        self.count("zones", zones.len(), self.limits.zones);
        let (mut keys, mut codes) = (BTreeSet::new(), BTreeSet::new());
        for (at, zone) in zones.iter().enumerate() {
            let path = |member: &str| format!("zones[{at}].{member}");
            self.key(&path("key"), &zone.key);
            self.text(&path("name"), &zone.name, self.limits.name_chars);
            if !keys.insert(&zone.key) {
                self.add(path("key"), &zone.key, "each key once");
            }
            if let Some(team) = zone.team.as_ref().filter(|key| teams.iter().all(|team| team.key != **key)) {
                let known: Vec<_> = teams.iter().map(|team| team.key.as_str()).collect();
                self.add(path("team"), shown(team), format!("one of {}", known.join(", ")));
            }
            match &zone.polygon {
                Some(polygon) => self.polygon(&path("polygon"), polygon),
                None if zone.codes.is_empty() => self.add(path("polygon"), "nothing", "a polygon or codes"),
                None => {}
            }
            for code in &zone.codes {
                if campaign.targets.get(code).is_none_or(|target| target.is_removed) {
                    self.add(path("codes"), shown(code), "codes of targets of the campaign");
                } else if !codes.insert(code) {
                    self.add(path("codes"), code, "each target in one zone");
                }
            }
        }
    }

    fn polygon(&mut self, path: &str, json: &serde_json::Value) {
        match ground::polygon(json) {
            Err(expected) => self.add(path, shown(&json.to_string()), expected),
            Ok(polygon) => {
                let corners = polygon.exterior().0.len() + polygon.interiors().iter().map(|ring| ring.0.len()).sum::<usize>();
                if corners > self.limits.vertices {
                    self.add(path, format!("{corners} corners"), format!("at most {}", self.limits.vertices));
                }
            }
        }
    }

    /// Exceptions of a sign-off; each must be about a target for which `may` says yes.
    pub fn exceptions(&mut self, exceptions: &[Exception], may: impl Fn(&str) -> bool) {
        let mut codes = BTreeSet::new();
        for (at, exception) in exceptions.iter().enumerate() {
            self.reason(&format!("exceptions[{at}].reason"), &exception.reason);
            if !codes.insert(&exception.code) || !may(&exception.code) {
                let expected = "once each target here that was not visited, or not a second time";
                self.add(format!("exceptions[{at}].code"), shown(&exception.code), expected);
            }
        }
    }
}

/// Whether these are degrees.
pub fn is_on_earth([lon, lat]: [f64; 2]) -> bool {
    (-180.0..=180.0).contains(&lon) && (-90.0..=90.0).contains(&lat)
}

/// A given text; of one that is too long, how long it is.
fn measured(text: &str, most: usize) -> String {
    match text.chars().count() {
        given if given > most => format!("{given} characters"),
        _ => shown(text),
    }
}

/// A given value, shortened.
fn shown(text: &str) -> String {
    const MOST: usize = 80;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
