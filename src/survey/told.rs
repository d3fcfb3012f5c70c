//! Campaigns as JSON, as far as somebody may see them.
use std::collections::BTreeSet;

use jiff::civil::Date;
use serde_json::{Value as Json, json};

use super::campaign::{Campaign, SignedOff, TargetState, VisitState, ZoneState};
use super::days::minutes;
use super::desk::is_to_be_seen_again;
use super::event::{Taken, Target, Team, Verdict, VisitOutcome, Zone};
use super::numbers::{Facts, Part, numbers};

use crate::domain::ids::CarrierId;
use crate::domain::record::Closure;

/// Who looks at a campaign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Eyes<'a> {
    /// Staff see all of it.
    Desk,
    /// A surveyor sees the zones of the own teams.
    Field(&'a str),
}

/// Says whether a record is closed, and by what it is followed.
pub type Closures<'a> = dyn Fn(CarrierId) -> Option<Closure> + 'a;

impl<'a> Eyes<'a> {
    /// The part of a campaign that these eyes see.
    pub fn part(self, campaign: &'a Campaign) -> Part<'a> {
        match self {
            Self::Desk => Part::Whole,
            Self::Field(account) => Part::Zones(campaign.zones_of(account)),
        }
    }

    /// Whether these eyes see a campaign at all.
    pub fn see(self, campaign: &Campaign) -> bool {
        match self {
            Self::Desk => true,
            Self::Field(account) => campaign.is_member(account),
        }
    }

    fn sees_visit(self, visit: &VisitState) -> bool {
        match self {
            Self::Desk => true,
            Self::Field(account) => visit.author == account,
        }
    }

    fn teams(self, campaign: &Campaign) -> Vec<&Team> {
        let is_seen = |team: &&Team| match self {
            Self::Desk => true,
            Self::Field(account) => team.members.iter().any(|member| member == account),
        };
        campaign.plan.teams.iter().filter(is_seen).collect()
    }
}

/// A campaign in a list.
pub fn line(campaign: &Campaign, eyes: Eyes<'_>, facts: &Facts) -> Json {
    let plan = &campaign.plan;
    json!({
        "id": plan.id, "name": plan.name, "deadline": plan.deadline, "state": state(campaign),
        "launched_by": campaign.launched_by, "launched_at": campaign.launched_at, "collections": plan.collections,
        "numbers": numbers(campaign, &eyes.part(campaign), facts),
    })
}

/// A campaign with zones, targets and log.
pub fn whole(campaign: &Campaign, eyes: Eyes<'_>, (facts, closures): (&Facts, &Closures<'_>)) -> Json {
    let plan = &campaign.plan;
    let part = eyes.part(campaign);
    let mut told = line(campaign, eyes, facts);
    let add = json!({
        "revision": plan.revision, "start": plan.start, "minutes": plan.minutes, "required_photos": plan.required_photos,
        "teams": eyes.teams(campaign),
        "zones": zones(campaign, &part, facts),
        "targets": targets(campaign, (eyes, &part), closures),
    });
    merge(&mut told, add);
    if eyes == Eyes::Desk {
        let apart = campaign
            .visits
            .values()
            .filter(|visit| matches!(visit.taken, Taken::Quarantined { .. }));
        // All of them, and not only the last one of each target: each is somebody's word.
        let mut waiting: Vec<_> = campaign
            .visits
            .values()
            .filter(|visit| visit.review.is_none() && matches!(visit.taken, Taken::Counted))
            .collect();
        waiting.sort_by_key(|visit| (visit.received_at, visit.visit.id));
        let samples = campaign
            .samples
            .iter()
            .map(|(zone, sample)| json!({"zone": zone, "codes": sample.codes, "drawn_at": sample.at}));
        let log = campaign.log.iter();
        merge(
            &mut told,
            json!({
                "search": plan.search, "area": plan.area, "stale_days": plan.stale_days,
                "to_review": waiting.into_iter().map(|visit| visit_json(campaign, visit)).collect::<Vec<_>>(),
                "quarantined": apart.map(|visit| visit_json(campaign, visit)).collect::<Vec<_>>(),
                "samples": samples.collect::<Vec<_>>(),
                "signed": campaign.signed.as_deref().map(end),
                "log": log.map(|line| json!({"at": line.at, "by": line.by, "what": line.what, "reason": line.reason, "about": line.about})).collect::<Vec<_>>(),
            }),
        );
    }
    told
}

fn merge(into: &mut Json, from: Json) {
    if let (Some(into), Json::Object(from)) = (into.as_object_mut(), from) {
        into.extend(from);
    }
}

fn state(campaign: &Campaign) -> &'static str {
    if campaign.signed.is_some() { "signed" } else { "running" }
}

fn end(end: &SignedOff) -> Json {
    json!({"by": end.by, "at": end.at, "exceptions": end.exceptions, "numbers": end.numbers})
}

/// Zones of a part.
pub fn zones(campaign: &Campaign, part: &Part<'_>, facts: &Facts) -> Vec<Json> {
    let is_in = |zone: &ZoneState| match part {
        Part::Whole => true,
        Part::Zones(keys) => keys.contains(zone.zone.key.as_str()),
        Part::Unzoned => false,
    };
    let told = campaign.zones.iter().filter(|zone| is_in(zone)).map(|state| {
        let zone = &state.zone;
        let own = Part::Zones(BTreeSet::from([zone.key.as_str()]));
        let members = on_the_way(campaign, zone);
        json!({
            "key": zone.key, "name": zone.name, "polygon": zone.polygon, "codes": zone.codes, "team": zone.team, "day": zone.day,
            "minutes": minutes(campaign, &members, end_before(campaign, zone)).ceil(), "numbers": numbers(campaign, &own, facts), "signed": state.signed.as_deref().map(end),
        })
    });
    told.collect()
}

/// Targets of a zone to which somebody still may have to go, in the order of visits.
fn on_the_way<'a>(campaign: &'a Campaign, zone: &Zone) -> Vec<&'a Target> {
    let own = Part::Zones(BTreeSet::from([zone.key.as_str()]));
    let members = in_order(campaign, &own).into_iter().filter(|target| target.replaced.is_none());
    members.map(|target| &target.target).collect()
}

/// Where the team of a zone comes from, degrees, when it visits another before on the same day.
fn end_before(campaign: &Campaign, zone: &Zone) -> Option<[f64; 2]> {
    zone.team.as_ref().and(zone.day)?;
    let before: Vec<&Zone> = campaign
        .zones
        .iter()
        .map(|state| &state.zone)
        .take_while(|other| other.key != zone.key)
        .collect();
    let mut same_day = before
        .into_iter()
        .rev()
        .filter(|other| (&other.team, other.day) == (&zone.team, zone.day));
    same_day.find_map(|other| on_the_way(campaign, other).into_iter().rev().find_map(|target| target.point))
}

/// Listed targets of a part: by day, those of none last, then by zone, then in the order of visits.
pub fn in_order<'a>(campaign: &'a Campaign, part: &Part<'_>) -> Vec<&'a TargetState> {
    let mut targets: Vec<&TargetState> = campaign.listed().map(AsRef::as_ref).filter(|target| part.has(target)).collect();
    let place = |target: &TargetState| {
        let zone = target.zone.as_deref();
        let zone = zone.and_then(|key| campaign.zones.iter().position(|zone| zone.zone.key == key));
        let day = zone.and_then(|at| campaign.zones[at].zone.day).unwrap_or(Date::MAX);
        (day, zone.unwrap_or(usize::MAX), target.order.unwrap_or(usize::MAX))
    };
    // By code before, and the sort keeps what is equal.
    targets.sort_by_key(|target| place(target));
    targets
}

/// Targets of a part, as these eyes see them.
pub fn targets(campaign: &Campaign, (eyes, part): (Eyes<'_>, &Part<'_>), closures: &Closures<'_>) -> Vec<Json> {
    let told = in_order(campaign, part).into_iter().map(|target| {
        let closed = closures(target.target.record);
        let shown = campaign.last_visit(target).filter(|visit| eyes.sees_visit(visit));
        json!({
            "code": target.target.code, "record": target.target.record, "collection": target.target.collection, "point": target.target.point,
            "zone": target.zone, "order": target.order, "state": standing(campaign, target), "visits": target.visits.len(),
            "visit": shown.map(|visit| visit_json(campaign, visit)),
            "sample": sample(campaign, target), "exception": target.exception,
            "replaced": target.replaced.as_ref().map(|it| json!({"heirs": it.heirs, "by": it.by, "at": it.at})),
            "closed": closed.is_some(), "successors": closed.map(|closed| closed.successors).unwrap_or_default(),
        })
    });
    told.collect()
}

/// Where a target stands, for lists.
pub fn standing(campaign: &Campaign, target: &TargetState) -> &'static str {
    let last = campaign.last_visit(target);
    match last.map(|visit| (visit.review.as_ref().map(|review| review.verdict), &visit.taken)) {
        // Nobody is sent again to what is no longer there.
        Some((Some(Verdict::Returned | Verdict::Rejected | Verdict::Withdrawn), _)) | None if target.replaced.is_some() => "replaced",
        Some((Some(Verdict::Returned), _)) => "returned",
        Some((Some(Verdict::Approved), _) | (None, Taken::Counted)) if is_to_be_seen_again(campaign, target) => "revisit",
        Some((Some(Verdict::Approved), _)) => "approved",
        Some((None, Taken::Counted)) => "to_review",
        Some((None, Taken::Quarantined { .. })) => "quarantined",
        Some((Some(Verdict::Rejected | Verdict::Withdrawn), _)) | None if target.exception.is_some() => "excepted",
        Some((Some(Verdict::Rejected | Verdict::Withdrawn), _)) | None => "open",
    }
}

fn sample(campaign: &Campaign, target: &TargetState) -> Option<&'static str> {
    let is_drawn = campaign.samples.values().any(|sample| sample.codes.contains(&target.target.code));
    is_drawn.then(|| if is_to_be_seen_again(campaign, target) { "wanted" } else { "done" })
}

/// A visit and what became of it.
pub fn visit_json(campaign: &Campaign, visit: &VisitState) -> Json {
    let mut told = serde_json::to_value(&visit.visit).unwrap_or(Json::Null);
    let (taken, why) = match &visit.taken {
        Taken::Counted => ("counted", None),
        Taken::Quarantined { reason } => ("quarantined", Some(reason)),
    };
    let review = visit.review.as_ref();
    merge(
        &mut told,
        json!({
            "code": campaign.codes.get(&visit.visit.record), "author": visit.author, "handed_in_by": visit.handed_in_by, "received_at": visit.received_at,
            "taken": taken, "apart_because": why, "lacks": lacks(campaign, visit),
            "review": review.map(|review| json!({"verdict": review.verdict, "reason": review.reason, "by": review.by, "at": review.at})),
        }),
    );
    told
}

/// Photos that the visit should have brought and did not; of one that could not get in, `retry_on` too when it says no day to try again.
fn lacks(campaign: &Campaign, visit: &VisitState) -> Vec<String> {
    let visit = &visit.visit;
    let has = |slot: &String| visit.photos.iter().any(|photo| photo.slot == *slot);
    match visit.outcome {
        VisitOutcome::Confirmed | VisitOutcome::Changed => {
            let target = campaign.codes.get(&visit.record).and_then(|code| campaign.targets.get(code));
            let wanted = target.and_then(|target| campaign.plan.required_photos.get(&target.target.collection));
            wanted.into_iter().flatten().filter(|slot| !has(slot)).cloned().collect()
        }
        VisitOutcome::NoAccess => {
            let missing = [("no_access", visit.photos.is_empty()), ("retry_on", visit.retry_on.is_none())];
            missing
                .into_iter()
                .filter(|(_, is_missing)| *is_missing)
                .map(|(what, _)| what.to_owned())
                .collect()
        }
        VisitOutcome::NotFound | VisitOutcome::Dropped => Vec::new(),
    }
}
