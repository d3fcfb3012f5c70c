//! One campaign: what is known of its targets, zones and visits, and how each event changes that.
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value as Json;
use uuid::Uuid;

use super::event::{Event, Exception, Plan, Taken, Target, Team, Verdict, Visit, Zone};
use super::ground::Ground;
use crate::domain::ids::CarrierId;
use crate::store::SurveyEntry;

/// One campaign.
#[derive(Clone, Debug, PartialEq)]
pub struct Campaign {
    /// What was decided at the launch; teams are those of now.
    pub plan: Arc<Plan>,
    /// Account name of who launched it.
    pub launched_by: String,
    /// When.
    pub launched_at: Timestamp,
    /// Targets by code, those taken off the list too.
    pub targets: BTreeMap<String, Arc<TargetState>>,
    /// Codes by record.
    pub codes: BTreeMap<CarrierId, String>,
    /// Zones in order.
    pub zones: Vec<Arc<ZoneState>>,
    /// Visits in the order in which they came.
    pub visits: BTreeMap<Uuid, Arc<VisitState>>,
    /// Visits by record, oldest first.
    by_record: BTreeMap<CarrierId, Vec<Uuid>>,
    /// Visits by the SHA-256 of their photos.
    by_photo: BTreeMap<String, BTreeSet<Uuid>>,
    /// Samples drawn, by zone; `None` for the whole campaign.
    pub samples: BTreeMap<Option<String>, Sample>,
    /// The end, once it has come.
    pub signed: Option<Arc<SignedOff>>,
    /// What was changed after the launch, oldest first.
    pub log: Vec<Arc<LogLine>>,
}

/// A target and what is known of it.
#[derive(Clone, Debug, PartialEq)]
pub struct TargetState {
    /// The record.
    pub target: Target,
    /// Key of its zone.
    pub zone: Option<String>,
    /// Place in the order of visits of its zone, from 1.
    pub order: Option<usize>,
    /// Its visits, oldest first.
    pub visits: Vec<Uuid>,
    /// Whether it was taken off the list.
    pub is_removed: bool,
    /// Why it need not be visited, once that was accepted.
    pub exception: Option<String>,
    /// What is visited in its place, once it was split or merged.
    pub replaced: Option<Arc<Replaced>>,
}

/// How a target gave its place to others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replaced {
    /// Codes of those that are visited in its place.
    pub heirs: Vec<String>,
    /// Account name of who closed the record.
    pub by: String,
    /// When the list was changed.
    pub at: Timestamp,
}

/// A zone and what is known of it.
#[derive(Clone, Debug, PartialEq)]
pub struct ZoneState {
    /// As painted.
    pub zone: Zone,
    /// The end, once it has come.
    pub signed: Option<Arc<SignedOff>>,
}

/// A visit and what became of it.
#[derive(Clone, Debug, PartialEq)]
pub struct VisitState {
    /// As sent.
    pub visit: Visit,
    /// Place in the log.
    pub seq: u64,
    /// Account name.
    pub author: String,
    /// Account name of who brought it for its author, where somebody did.
    pub handed_in_by: Option<String>,
    /// When it came in.
    pub received_at: Timestamp,
    /// How it came in.
    pub taken: Taken,
    /// SHA-256 of what was sent.
    pub digest: String,
    /// What was decided, once it was.
    pub review: Option<Review>,
}

/// A decision on a visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    /// What.
    pub verdict: Verdict,
    /// Why.
    pub reason: String,
    /// Account name.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// Targets to be visited a second time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Their codes.
    pub codes: BTreeSet<String>,
    /// Place in the log: a visit after it is a second one.
    pub seq: u64,
    /// When it was drawn.
    pub at: Timestamp,
}

/// The end of a zone or campaign.
#[derive(Clone, Debug, PartialEq)]
pub struct SignedOff {
    /// Account name.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// What was accepted without a visit.
    pub exceptions: Vec<Exception>,
    /// What the numbers were.
    pub numbers: Json,
    /// The campaign as it was then, for its report. `None` for a zone.
    pub frozen: Option<Arc<Campaign>>,
}

/// A change after the launch.
#[derive(Clone, Debug, PartialEq)]
pub struct LogLine {
    /// When.
    pub at: Timestamp,
    /// Account name.
    pub by: String,
    /// Stable kind: `launched`, `targets`, `split`, `merged`, `zones`, `sampled`, `signed`.
    pub what: &'static str,
    /// Why, where that was asked.
    pub reason: String,
    /// Codes or keys it was about.
    pub about: Vec<String>,
}

impl VisitState {
    /// Whether it counts: it came in well, or was approved, and nobody sent it back.
    pub fn counts(&self) -> bool {
        match (&self.taken, self.review.as_ref().map(|review| review.verdict)) {
            (_, Some(Verdict::Approved)) | (Taken::Counted, None) => true,
            (_, Some(Verdict::Returned | Verdict::Rejected | Verdict::Withdrawn)) | (Taken::Quarantined { .. }, None) => false,
        }
    }

    /// Whether somebody has approved it.
    pub fn is_approved(&self) -> bool {
        self.review.as_ref().is_some_and(|review| review.verdict == Verdict::Approved)
    }

    /// Whether its author took it back.
    pub fn is_withdrawn(&self) -> bool {
        self.review.as_ref().is_some_and(|review| review.verdict == Verdict::Withdrawn)
    }

    /// When it was made, as far as the device's clock can be believed: not before the campaign and not after it came in.
    pub fn made_at(&self, launched_at: Timestamp) -> Timestamp {
        self.visit.observed_at.min(self.received_at).max(launched_at)
    }
}

impl Campaign {
    /// A campaign at its beginning.
    pub(super) fn launched(plan: Plan, targets: Vec<Target>, (by, at): (&str, Timestamp)) -> Self {
        let first = LogLine {
            at,
            by: by.to_owned(),
            what: "launched",
            reason: String::new(),
            about: Vec::new(),
        };
        let mut campaign = Self {
            plan: Arc::new(plan),
            launched_by: by.to_owned(),
            launched_at: at,
            targets: BTreeMap::new(),
            codes: BTreeMap::new(),
            zones: Vec::new(),
            visits: BTreeMap::new(),
            by_record: BTreeMap::new(),
            by_photo: BTreeMap::new(),
            samples: BTreeMap::new(),
            signed: None,
            log: vec![Arc::new(first)],
        };
        campaign.add(targets);
        campaign
    }

    /// Changes by an event about this campaign.
    pub(super) fn follow(&mut self, event: Event, entry: &SurveyEntry) {
        match event {
            Event::Retargeted {
                added,
                dropped,
                reason,
                orders,
                ..
            } => {
                self.retarget((added, dropped), reason, entry);
                self.place_in_zones(&orders);
            }
            Event::Succeeded {
                target,
                heirs,
                added,
                reason,
                orders,
                ..
            } => self.succeed((&target, heirs, added), (reason, &orders), entry),
            Event::Zoned { zones, teams, orders, .. } => self.zone((zones, teams), &orders, entry),
            Event::Visited {
                visit,
                taken,
                digest,
                handed_in_by,
            } => self.visited(*visit, (taken, digest, handed_in_by), entry),
            Event::Reviewed {
                visit, verdict, reason, ..
            } => self.reviewed(visit, (verdict, reason), entry),
            Event::Sampled { zone, codes, .. } => self.sampled(zone, codes, entry),
            Event::SignedOff {
                zone, exceptions, numbers, ..
            } => self.sign_off(zone.as_deref(), (exceptions, numbers), entry),
            Event::Launched { .. } | Event::VisitReturned { .. } | Event::Foreign => {}
        }
    }

    pub(super) fn add(&mut self, targets: Vec<Target>) {
        for target in targets {
            self.codes.insert(target.record, target.code.clone());
            let visits = self.by_record.get(&target.record).cloned().unwrap_or_default();
            let state = TargetState {
                zone: None,
                order: None,
                visits,
                is_removed: false,
                exception: None,
                replaced: None,
                target,
            };
            self.targets.insert(state.target.code.clone(), Arc::new(state));
        }
    }

    pub(super) fn note(&mut self, entry: &SurveyEntry, (what, reason): (&'static str, String), about: Vec<String>) {
        let by = entry.author.clone();
        self.log.push(Arc::new(LogLine {
            at: entry.at,
            by,
            what,
            reason,
            about,
        }));
    }

    fn retarget(&mut self, (added, dropped): (Vec<Target>, Vec<String>), reason: String, entry: &SurveyEntry) {
        let plus = added.iter().map(|target| format!("+{}", target.code));
        let about = plus.chain(dropped.iter().map(|code| format!("-{code}"))).collect();
        self.note(entry, ("targets", reason), about);
        self.add(added);
        for code in dropped {
            if let Some(target) = self.targets.get_mut(&code) {
                Arc::make_mut(target).is_removed = true;
            }
        }
    }

    fn zone(&mut self, (zones, teams): (Vec<Zone>, Option<Vec<Team>>), orders: &BTreeMap<String, Vec<String>>, entry: &SurveyEntry) {
        let signed: BTreeMap<_, _> = self.zones.iter().map(|zone| (zone.zone.key.clone(), zone.signed.clone())).collect();
        self.note(entry, ("zones", String::new()), zones.iter().map(|zone| zone.key.clone()).collect());
        let with_end = |zone: Zone| ZoneState {
            signed: signed.get(&zone.key).cloned().flatten(),
            zone,
        };
        self.zones = zones.into_iter().map(with_end).map(Arc::new).collect();
        if let Some(teams) = teams {
            Arc::make_mut(&mut self.plan).teams = teams;
        }
        self.place_in_zones(orders);
    }

    /// Gives each target its zone and its place in the order. A zone that is not among `orders` keeps its order.
    pub(super) fn place_in_zones(&mut self, orders: &BTreeMap<String, Vec<String>>) {
        let places: BTreeMap<&str, usize> = orders
            .values()
            .flat_map(|codes| codes.iter().enumerate().map(|(at, code)| (code.as_str(), at + 1)))
            .collect();
        let zones: Vec<_> = self.zones.iter().map(|zone| zone.zone.clone()).collect();
        let ground = Ground::of(&zones);
        for (code, target) in &mut self.targets {
            let zone = ground.zone_of(&target.target).map(str::to_owned);
            let order = match &zone {
                Some(key) if orders.contains_key(key) => places.get(code.as_str()).copied(),
                Some(_) => target.order,
                None => None,
            };
            if (&target.zone, target.order) != (&zone, order) {
                let target = Arc::make_mut(target);
                (target.zone, target.order) = (zone, order);
            }
        }
    }

    fn visited(&mut self, visit: Visit, (taken, digest, handed_in_by): (Taken, String, Option<String>), entry: &SurveyEntry) {
        if let Some(target) = self.codes.get(&visit.record).and_then(|code| self.targets.get_mut(code)) {
            Arc::make_mut(target).visits.push(visit.id);
        }
        self.by_record.entry(visit.record).or_default().push(visit.id);
        for photo in &visit.photos {
            self.by_photo.entry(photo.sha256.clone()).or_default().insert(visit.id);
        }
        let state = VisitState {
            seq: entry.seq,
            author: entry.author.clone(),
            handed_in_by,
            received_at: entry.at,
            taken,
            digest,
            review: None,
            visit,
        };
        self.visits.insert(state.visit.id, Arc::new(state));
    }

    fn reviewed(&mut self, visit: Uuid, (verdict, reason): (Verdict, String), entry: &SurveyEntry) {
        if let Some(visit) = self.visits.get_mut(&visit) {
            let by = entry.author.clone();
            let at = entry.at;
            Arc::make_mut(visit).review = Some(Review { verdict, reason, by, at });
        }
    }

    fn sampled(&mut self, zone: Option<String>, codes: Vec<String>, entry: &SurveyEntry) {
        self.note(entry, ("sampled", zone.clone().unwrap_or_default()), codes.clone());
        let sample = Sample {
            codes: codes.into_iter().collect(),
            seq: entry.seq,
            at: entry.at,
        };
        self.samples.insert(zone, sample);
    }

    fn sign_off(&mut self, zone: Option<&str>, (exceptions, numbers): (Vec<Exception>, Json), entry: &SurveyEntry) {
        let about = exceptions.iter().map(|each| each.code.clone()).collect();
        self.note(entry, ("signed", zone.unwrap_or_default().to_owned()), about);
        for exception in &exceptions {
            if let Some(target) = self.targets.get_mut(&exception.code) {
                Arc::make_mut(target).exception = Some(exception.reason.clone());
            }
        }
        let mut end = SignedOff {
            by: entry.author.clone(),
            at: entry.at,
            exceptions,
            numbers,
            frozen: None,
        };
        match zone {
            Some(key) => {
                let found = self.zones.iter_mut().find(|zone| zone.zone.key == key);
                if let Some(zone) = found {
                    Arc::make_mut(zone).signed = Some(Arc::new(end));
                }
            }
            None => {
                end.frozen = Some(Arc::new(self.clone()));
                self.signed = Some(Arc::new(end));
            }
        }
    }

    /// Targets that are on the list now.
    pub fn listed(&self) -> impl Iterator<Item = &Arc<TargetState>> {
        self.targets.values().filter(|target| !target.is_removed)
    }

    /// Targets to which somebody still may have to go: those on the list that have not given their place to others.
    pub fn on_the_way(&self) -> impl Iterator<Item = &Arc<TargetState>> {
        self.listed().filter(|target| target.replaced.is_none())
    }

    /// The visit by which a target stands: the last that counts.
    pub fn standing(&self, target: &TargetState) -> Option<&Arc<VisitState>> {
        let visits = target.visits.iter().rev().filter_map(|id| self.visits.get(id));
        visits.into_iter().find(|visit| visit.counts())
    }

    /// The last visit of a target that its author did not take back, whatever else became of it.
    pub fn last_visit(&self, target: &TargetState) -> Option<&Arc<VisitState>> {
        let visits = target.visits.iter().rev().filter_map(|id| self.visits.get(id));
        visits.into_iter().find(|visit| !visit.is_withdrawn())
    }

    /// Visits of a record, also of one that is no target; oldest first.
    pub fn visits_of(&self, record: CarrierId) -> impl Iterator<Item = &Arc<VisitState>> {
        let own = self.by_record.get(&record).into_iter().flatten();
        own.filter_map(|id| self.visits.get(id))
    }

    /// Visits that have this photo.
    pub fn visits_with_photo(&self, sha256: &str) -> impl Iterator<Item = &Arc<VisitState>> {
        let own = self.by_photo.get(sha256).into_iter().flatten();
        own.filter_map(|id| self.visits.get(id))
    }

    /// Whether this account is in the team of a zone.
    pub fn is_of_zone(&self, account: &str, zone: &Zone) -> bool {
        let team = zone
            .team
            .as_ref()
            .and_then(|key| self.plan.teams.iter().find(|team| team.key == *key));
        team.is_some_and(|team| team.members.iter().any(|member| member == account))
    }

    /// Keys of the zones in whose teams this account is.
    pub fn zones_of(&self, account: &str) -> BTreeSet<&str> {
        let zones = self.zones.iter().map(|zone| &zone.zone);
        zones
            .filter(|zone| self.is_of_zone(account, zone))
            .map(|zone| zone.key.as_str())
            .collect()
    }

    /// Whether this account is in any team.
    pub fn is_member(&self, account: &str) -> bool {
        self.plan
            .teams
            .iter()
            .any(|team| team.members.iter().any(|member| member == account))
    }

    /// A zone by its key.
    pub fn zone_state(&self, key: &str) -> Option<&Arc<ZoneState>> {
        self.zones.iter().find(|zone| zone.zone.key == key)
    }

    /// Minutes that a visit of this target takes.
    pub fn minutes(&self, target: &Target) -> f64 {
        self.plan.minutes.get(&target.collection).copied().unwrap_or(DEFAULT_MINUTES)
    }
}

/// Minutes of a visit where the plan says nothing.
pub const DEFAULT_MINUTES: f64 = 15.0;
