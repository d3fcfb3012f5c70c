//! The numbers of a campaign, computed from its state and from what other parts of the program know.
use std::collections::{BTreeMap, BTreeSet, HashSet};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use uuid::Uuid;

use super::campaign::{Campaign, TargetState, VisitState};
use super::event::{Taken, VisitOutcome};

use crate::domain::edit::OpenEdit;

/// A device that has said nothing for so long is silent.
const SILENT_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// Days over which the pace is taken.
const PACE_DAYS: i32 = 7;

/// What other parts of the program know.
#[derive(Clone, Debug)]
pub struct Facts {
    /// SHA-256 of photos whose bytes lie here and were checked.
    pub verified: HashSet<String>,
    /// Edits on which a person has to decide.
    pub open: Vec<OpenEdit>,
    /// When each device was last heard from, beside its visits.
    pub heard: BTreeMap<Uuid, Heard>,
    /// Now.
    pub now: Timestamp,
    /// Where the park's days begin and end.
    pub zone: TimeZone,
}

impl Default for Facts {
    fn default() -> Self {
        Self {
            verified: HashSet::new(),
            open: Vec::new(),
            heard: BTreeMap::new(),
            now: Timestamp::default(),
            zone: TimeZone::UTC,
        }
    }
}

/// What a device said last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// When.
    pub at: Timestamp,
    /// Account that it was heard with.
    pub account: Option<String>,
    /// Entries that it has not sent yet.
    pub pending: u64,
}

/// Which targets are counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part<'a> {
    /// All.
    Whole,
    /// Those of these zones.
    Zones(BTreeSet<&'a str>),
    /// Those in no zone.
    Unzoned,
}

impl Part<'_> {
    /// Whether a target is in it.
    pub fn has(&self, target: &TargetState) -> bool {
        match (self, &target.zone) {
            (Self::Whole, _) | (Self::Unzoned, None) => true,
            (Self::Zones(zones), Some(zone)) => zones.contains(zone.as_str()),
            (Self::Unzoned, Some(_)) | (Self::Zones(_), None) => false,
        }
    }
}

/// The numbers. `visited` and `accounted_for` are two things: a target behind a locked gate is accounted for, but nobody has seen it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Numbers {
    /// Targets on the list.
    pub targets: usize,
    /// Seen on site: confirmed or changed.
    pub visited: usize,
    /// Of which something is known: a visit with any outcome that counts, an accepted exception, or others in its place.
    pub accounted_for: usize,
    /// Seen, all as before.
    pub confirmed: usize,
    /// Seen, something is different.
    pub changed: usize,
    /// Nobody could get in.
    pub no_access: usize,
    /// Not there.
    pub not_found: usize,
    /// Need not be visited: somebody decided so on site, or others are visited in its place.
    pub dropped: usize,
    /// Accepted without a visit.
    pub excepted: usize,
    /// Visits that wait for a review.
    pub to_review: usize,
    /// Visits kept apart, on which somebody has to decide.
    pub quarantined: usize,
    /// Edits in conflict on targets.
    pub conflicts_open: usize,
    /// Edits on targets that wait for approval.
    pub proposals_open: usize,
    /// Different photos of visits that stand.
    pub photos_taken: usize,
    /// Of these, those that lie here and were checked.
    pub photos_verified: usize,
    /// Targets accounted for per day, over the last week.
    pub pace_per_day: f64,
    /// Day on which all are accounted for at this pace; `None` when there is no pace.
    pub forecast_finish: Option<Date>,
    /// Devices not heard from for a day.
    pub silent_devices: Vec<SilentDevice>,
}

/// A device not heard from for a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SilentDevice {
    /// Its id.
    pub device: Uuid,
    /// Account that used it last.
    pub account: String,
    /// When it was heard last.
    pub last_heard: Timestamp,
    /// Entries that it had not sent by then, where it said so.
    pub pending: Option<u64>,
}

/// Counts a part of a campaign.
pub fn numbers(campaign: &Campaign, part: &Part<'_>, facts: &Facts) -> Numbers {
    let mut told = Numbers::default();
    let mut days = Vec::new();
    let mut records = HashSet::new();
    for target in campaign.listed().filter(|target| part.has(target)) {
        told.targets += 1;
        records.insert(target.target.record);
        let standing = campaign.standing(target);
        if let Some(visit) = standing {
            count_outcome(&mut told, visit.visit.outcome);
            days.push(day_of(visit.made_at(campaign.launched_at), &facts.zone));
        } else if target.exception.is_some() {
            told.excepted += 1;
        } else if target.replaced.is_some() {
            told.dropped += 1;
        }
        let is_known = standing.is_some() || target.exception.is_some() || target.replaced.is_some();
        told.accounted_for += usize::from(is_known);
    }
    told.visited = told.confirmed + told.changed;
    count_visits(&mut told, &visits_in(campaign, part), facts);
    for edit in facts.open.iter().filter(|edit| records.contains(&edit.record)) {
        told.conflicts_open += usize::from(edit.is_conflict);
        told.proposals_open += usize::from(!edit.is_conflict);
    }
    let (pace, finish) = forecast(&days, told.targets - told.accounted_for, day_of(facts.now, &facts.zone));
    (told.pace_per_day, told.forecast_finish) = (pace, finish);
    if campaign.signed.is_none() {
        told.silent_devices = silent(campaign, part, facts);
    }
    told
}

fn count_outcome(told: &mut Numbers, outcome: VisitOutcome) {
    *match outcome {
        VisitOutcome::Confirmed => &mut told.confirmed,
        VisitOutcome::Changed => &mut told.changed,
        VisitOutcome::NoAccess => &mut told.no_access,
        VisitOutcome::NotFound => &mut told.not_found,
        VisitOutcome::Dropped => &mut told.dropped,
    } += 1;
}

/// Visits of targets in this part; those of records that are not on the list belong to the whole alone.
pub fn visits_in<'a>(campaign: &'a Campaign, part: &Part<'_>) -> Vec<&'a VisitState> {
    let is_in = |visit: &&VisitState| match campaign.codes.get(&visit.visit.record).and_then(|code| campaign.targets.get(code)) {
        Some(target) => part.has(target),
        None => *part == Part::Whole,
    };
    campaign.visits.values().map(AsRef::as_ref).filter(is_in).collect()
}

fn count_visits(told: &mut Numbers, visits: &[&VisitState], facts: &Facts) {
    let mut photos = HashSet::new();
    for visit in visits {
        let waits = usize::from(visit.review.is_none());
        match visit.taken {
            Taken::Counted => told.to_review += waits,
            Taken::Quarantined { .. } => told.quarantined += waits,
        }
        if visit.review.is_none() || visit.is_approved() {
            photos.extend(visit.visit.photos.iter().map(|photo| photo.sha256.as_str()));
        }
    }
    told.photos_taken = photos.len();
    told.photos_verified = photos.iter().filter(|photo| facts.verified.contains(**photo)).count();
}

/// Day on which a moment lies in the park.
pub fn day_of(at: Timestamp, zone: &TimeZone) -> Date {
    zone.to_datetime(at).date()
}

/// Targets per day over the last week, or since the first visit when that is later; and the day on which the rest is done.
fn forecast(days: &[Date], left: usize, today: Date) -> (f64, Option<Date>) {
    let Some(first) = days.iter().min() else {
        return (0.0, None);
    };
    let since = |day: Date| day.until(today).map_or(0, |span| span.get_days()) + 1;
    let window = since(*first).clamp(1, PACE_DAYS);
    let recent = days.iter().filter(|day| since(**day) <= window).count();
    let pace = recent as f64 / f64::from(window);
    if left == 0 {
        return (pace, days.iter().max().copied());
    }
    if recent == 0 {
        return (0.0, None);
    }
    // Whole numbers: the day must not depend on how a division is rounded.
    let days_left = (left * usize::try_from(window).unwrap_or(1)).div_ceil(recent);
    let hours_left = i64::try_from(days_left).unwrap_or(i64::MAX / 24) * 24;
    (pace, today.checked_add(SignedDuration::from_hours(hours_left)).ok())
}

/// Devices that have sent a visit of this part, and those of its teams that were heard since the launch and have sent nothing yet: they have most to lose.
fn silent(campaign: &Campaign, part: &Part<'_>, facts: &Facts) -> Vec<SilentDevice> {
    let mut last: BTreeMap<Uuid, SilentDevice> = BTreeMap::new();
    let mut visits = visits_in(campaign, part);
    visits.sort_by_key(|visit| visit.seq);
    for visit in visits {
        let device = visit.visit.device;
        let before = last.get(&device).map_or(visit.received_at, |device| device.last_heard);
        let told = SilentDevice {
            device,
            account: visit.author.clone(),
            last_heard: before.max(visit.received_at),
            pending: None,
        };
        last.insert(device, told);
    }
    for (device, heard) in &facts.heard {
        if let Some(told) = last.get_mut(device) {
            told.last_heard = told.last_heard.max(heard.at);
            told.pending = Some(heard.pending);
            continue;
        }
        let account = heard.account.as_deref().filter(|_| heard.at >= campaign.launched_at);
        if let Some(account) = account.filter(|account| works_in(campaign, part, account)) {
            let told = SilentDevice {
                device: *device,
                account: account.to_owned(),
                last_heard: heard.at,
                pending: Some(heard.pending),
            };
            last.insert(*device, told);
        }
    }
    let is_silent = |device: &SilentDevice| facts.now.duration_since(device.last_heard) > SILENT_AFTER;
    last.into_values().filter(is_silent).collect()
}

/// Whether an account is sent to a part of a campaign.
fn works_in(campaign: &Campaign, part: &Part<'_>, account: &str) -> bool {
    match part {
        Part::Whole => campaign.is_member(account),
        Part::Zones(keys) => {
            let mut zones = keys.iter().filter_map(|key| campaign.zone_state(key));
            zones.any(|zone| campaign.is_of_zone(account, &zone.zone))
        }
        Part::Unzoned => false,
    }
}
