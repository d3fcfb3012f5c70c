//! At the desk: reviews, samples, sign-off.
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use uuid::Uuid;

use super::campaign::{Campaign, Sample, TargetState};
use super::checks::Faults;
use super::error::{OpenItem, SurveyError};
use super::event::{Event, Exception, Verdict};
use super::numbers::{Facts, Part, numbers, visits_in};
use super::planning::running;
use super::sample;
use super::service::{Survey, Wish, entry_id, known};
use crate::domain::lifecycle::NoStep;

/// A decision on a visit, as it is sent.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReviewRequest {
    /// Which visit.
    pub visit: Uuid,
    /// What was decided.
    pub verdict: Verdict,
    /// Why; has to be said unless it is approved.
    #[serde(default)]
    pub reason: String,
}

/// What became of a decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReviewResult {
    /// Which visit.
    pub visit: Uuid,
    /// Whether it was written.
    pub outcome: ReviewOutcome,
    /// Stable kind, where it was not.
    pub reason: Option<String>,
    /// For people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The edit that stands in the way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edit: Option<Uuid>,
    /// The change of state that there is no way for, where that is why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<NoStep>,
}

/// Whether a decision was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ReviewOutcome {
    /// It stands.
    Decided,
    /// It does not, and nothing was written.
    Refused,
}

impl ReviewResult {
    /// One that was not written.
    pub fn refused(visit: Uuid, reason: &str) -> Self {
        Self {
            outcome: ReviewOutcome::Refused,
            reason: Some(reason.to_owned()),
            ..Self::decided(visit)
        }
    }

    fn decided(visit: Uuid) -> Self {
        Self {
            visit,
            outcome: ReviewOutcome::Decided,
            reason: None,
            detail: None,
            edit: None,
            step: None,
        }
    }
}

impl Survey {
    /// Whether a decision could be written: `Some` says what would become of it without being written.
    pub fn foresee(&self, campaign: &Campaign, review: &ReviewRequest) -> Option<ReviewResult> {
        let refused = |reason| Some(ReviewResult::refused(review.visit, reason));
        let Some(visit) = campaign.visits.get(&review.visit) else {
            return refused("unknown-visit");
        };
        if review.verdict == Verdict::Withdrawn {
            return refused("only-by-its-author");
        }
        let is_said = !review.reason.trim().is_empty();
        if (review.verdict != Verdict::Approved && !is_said) || review.reason.chars().count() > self.limits().text_chars {
            return refused("bad-reason");
        }
        match &visit.review {
            None => None,
            Some(before) if before.verdict == review.verdict => Some(ReviewResult::decided(review.visit)),
            Some(_) => refused("already-reviewed"),
        }
    }

    /// Writes decisions on visits, each by itself; one result each, in their order.
    pub async fn review(&self, author: &str, id: Uuid, reviews: &[ReviewRequest]) -> Result<Vec<ReviewResult>, SurveyError> {
        let (results, _) = self
            .append(author, |state| {
                let campaign = known(state, id)?;
                let (mut wish, mut results, mut fresh) = (Wish::new(), Vec::new(), BTreeMap::new());
                for review in reviews {
                    let before = fresh.get(&review.visit).map(|verdict| *verdict == review.verdict);
                    results.push(match (before, self.foresee(&campaign, review)) {
                        (Some(false), _) => ReviewResult::refused(review.visit, "already-reviewed"),
                        (_, Some(result)) => result,
                        (Some(true), None) => ReviewResult::decided(review.visit),
                        (None, None) => {
                            fresh.insert(review.visit, review.verdict);
                            wish.push((entry_id("review", review.visit), event(id, review)));
                            ReviewResult::decided(review.visit)
                        }
                    });
                }
                Ok((wish, results))
            })
            .await?;
        Ok(results)
    }

    /// Draws the targets of a zone, or of the campaign, that are visited a second time. Drawn once, they stay.
    pub async fn sample(&self, author: &str, id: Uuid, zone: Option<&str>) -> Result<Arc<Campaign>, SurveyError> {
        let ((), state) = self
            .append(author, |state| {
                let campaign = running(state, id)?;
                self.check_zone(&campaign, zone)?;
                let zone_key = zone.map(str::to_owned);
                if campaign.samples.contains_key(&zone_key) {
                    return Ok((Vec::new(), ()));
                }
                let part = part_of(zone);
                let seen = campaign
                    .on_the_way()
                    .filter(|target| part.has(target) && is_visited(&campaign, target));
                let codes = sample::draw(id, zone, seen.map(|target| target.target.code.as_str()));
                let event = Event::Sampled {
                    campaign: id,
                    zone: zone_key,
                    codes,
                };
                Ok((vec![(self.new_id(), event)], ()))
            })
            .await?;
        known(&state, id)
    }

    /// Signs a zone, or the campaign, off. Refused with all that is open.
    pub async fn sign_off(
        &self,
        author: &str,
        (id, zone): (Uuid, Option<&str>),
        (exceptions, facts): (Vec<Exception>, &Facts),
    ) -> Result<Arc<Campaign>, SurveyError> {
        let ((), state) = self
            .append(author, |state| {
                let campaign = running(state, id)?;
                self.check_zone(&campaign, zone)?;
                if zone
                    .and_then(|key| campaign.zone_state(key))
                    .is_some_and(|zone| zone.signed.is_some())
                {
                    return Err(SurveyError::Signed {
                        what: format!("zone {}", zone.unwrap_or_default()),
                    });
                }
                let (missing, open) = what_is_open(&campaign, zone, facts);
                let mut faults = Faults::new(self.limits());
                faults.exceptions(&exceptions, |code| missing.contains_key(code));
                faults.done()?;
                let excepted: BTreeSet<&str> = exceptions.iter().map(|each| each.code.as_str()).collect();
                let left = missing.into_iter().filter(|(code, _)| !excepted.contains(code.as_str()));
                let left = left.map(|(about, kind)| OpenItem { kind, about });
                let open: Vec<_> = left.chain(open).collect();
                if !open.is_empty() {
                    return Err(SurveyError::Open(open));
                }
                let event = Event::SignedOff {
                    campaign: id,
                    zone: zone.map(str::to_owned),
                    exceptions: exceptions.clone(),
                    numbers: numbers_after(&campaign, &part_of(zone), (&exceptions, facts)),
                };
                Ok((vec![(self.new_id(), event)], ()))
            })
            .await?;
        known(&state, id)
    }

    fn check_zone(&self, campaign: &Campaign, zone: Option<&str>) -> Result<(), SurveyError> {
        let mut faults = Faults::new(self.limits());
        if let Some(key) = zone.filter(|key| campaign.zone_state(key).is_none()) {
            let keys: Vec<_> = campaign.zones.iter().map(|zone| zone.zone.key.as_str()).collect();
            faults.add("zone", key, format!("one of {}", keys.join(", ")));
        }
        faults.done()
    }
}

fn event(campaign: Uuid, review: &ReviewRequest) -> Event {
    Event::Reviewed {
        campaign,
        visit: review.visit,
        verdict: review.verdict,
        reason: review.reason.clone(),
    }
}

fn part_of(zone: Option<&str>) -> Part<'_> {
    zone.map_or(Part::Whole, |key| Part::Zones(BTreeSet::from([key])))
}

/// Whether somebody has seen the target, by the visit by which it stands.
pub fn is_visited(campaign: &Campaign, target: &TargetState) -> bool {
    campaign.standing(target).is_some_and(|visit| visit.visit.outcome.is_visited())
}

/// The numbers as they are once the exceptions are accepted.
fn numbers_after(campaign: &Campaign, part: &Part<'_>, (exceptions, facts): (&[Exception], &Facts)) -> Json {
    let mut after = campaign.clone();
    for exception in exceptions {
        if let Some(target) = after.targets.get_mut(&exception.code) {
            Arc::make_mut(target).exception = Some(exception.reason.clone());
        }
    }
    serde_json::to_value(numbers(&after, part, facts)).unwrap_or(Json::Null)
}

/// Targets for which an exception would do, with what is missing; and what no exception helps with.
fn what_is_open(campaign: &Campaign, zone: Option<&str>, facts: &Facts) -> (BTreeMap<String, &'static str>, Vec<OpenItem>) {
    let part = part_of(zone);
    let mut missing = BTreeMap::new();
    for target in campaign
        .on_the_way()
        .filter(|target| part.has(target) && target.exception.is_none())
    {
        let code = &target.target.code;
        if !is_visited(campaign, target) {
            missing.insert(code.clone(), "not-visited");
        } else if is_to_be_seen_again(campaign, target) {
            missing.insert(code.clone(), "sample-not-revisited");
        } else if is_sent_back(campaign, target) {
            missing.insert(code.clone(), "returned");
        }
    }
    let mut open = open_visits(campaign, &part, facts);
    let is_signed = |key: &str| campaign.zone_state(key).is_some_and(|zone| zone.signed.is_some());
    if zone.is_none() {
        let unsigned = campaign.zones.iter().map(|zone| &zone.zone.key).filter(|key| !is_signed(key));
        open.extend(unsigned.map(|key| OpenItem {
            kind: "zone-not-signed",
            about: key.clone(),
        }));
    }
    // The samples of zones do for the campaign, where there are zones.
    let is_drawn = campaign.samples.contains_key(&zone.map(str::to_owned)) || (zone.is_none() && !campaign.zones.is_empty());
    if !is_drawn {
        let about = zone.unwrap_or_default().to_owned();
        open.push(OpenItem {
            kind: "sample-not-drawn",
            about,
        });
    }
    (missing, open)
}

/// Whether somebody is to go there once more: the last word on it is a visit that was returned, although an earlier one counts.
fn is_sent_back(campaign: &Campaign, target: &TargetState) -> bool {
    let last = campaign.last_visit(target).and_then(|visit| visit.review.as_ref());
    last.is_some_and(|review| review.verdict == Verdict::Returned)
}

/// Whether a target was drawn for a second visit that nobody has made yet.
pub fn is_to_be_seen_again(campaign: &Campaign, target: &TargetState) -> bool {
    let drawn = campaign
        .samples
        .values()
        .filter(|sample| sample.codes.contains(&target.target.code));
    // Made after the draw, not only received after it: a first visit that comes late proves nothing about the first visits.
    let seen_after = |sample: &Sample| {
        let visits = target.visits.iter().filter_map(|id| campaign.visits.get(id));
        visits
            .into_iter()
            .filter(|visit| visit.seq > sample.seq && visit.made_at(campaign.launched_at) >= sample.at)
            .any(|visit| visit.counts() && visit.visit.outcome.is_visited())
    };
    target.replaced.is_none() && drawn.into_iter().any(|sample| !seen_after(sample))
}

/// Visits, edits and photos that stand in the way.
fn open_visits(campaign: &Campaign, part: &Part<'_>, facts: &Facts) -> Vec<OpenItem> {
    let mut open = Vec::new();
    for visit in visits_in(campaign, part) {
        let about = || {
            campaign
                .codes
                .get(&visit.visit.record)
                .cloned()
                .unwrap_or_else(|| visit.visit.id.to_string())
        };
        if visit.review.is_none() {
            let kind = match visit.taken {
                super::event::Taken::Counted => "to-review",
                super::event::Taken::Quarantined { .. } => "quarantined",
            };
            open.push(OpenItem { kind, about: about() });
        }
        if visit.review.is_none() || visit.is_approved() {
            let missing = visit.visit.photos.iter().filter(|photo| !facts.verified.contains(&photo.sha256));
            open.extend(missing.map(|photo| OpenItem {
                kind: "photo-not-verified",
                about: photo.sha256.clone(),
            }));
        }
    }
    for edit in facts.open.iter().filter(|edit| edit.is_conflict) {
        let target = campaign.codes.get(&edit.record).and_then(|code| campaign.targets.get(code));
        if let Some(target) = target.filter(|target| !target.is_removed && part.has(target)) {
            open.push(OpenItem {
                kind: "conflict",
                about: target.target.code.clone(),
            });
        }
    }
    open
}
