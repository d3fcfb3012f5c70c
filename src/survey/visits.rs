//! Visits come in. Whatever can be read at all is kept: it counts, or waits for a person, or is returned with its payload kept.
use std::collections::BTreeMap;

use serde::{Deserialize as _, Serialize};
use serde_json::Value as Json;
use uuid::Uuid;

use super::campaign::{Campaign, Review};
use super::checks::is_on_earth;
use super::digest::sha256;
use super::error::SurveyError;
use super::event::{Event, Taken, Visit, VisitOutcome};
use super::limits::Limits;
use super::service::{Survey, Wish, entry_id};
use super::state::State;
use crate::domain::edit::Position;
use crate::domain::viewer::Role;

/// Who sends visits.
pub struct Sender<'a> {
    /// Account name.
    pub account: &'a str,
    /// What it may do.
    pub role: Role,
    /// Account name of who brings the visits for their author, where somebody does.
    pub handed_in_by: Option<&'a str>,
    /// The account was ended meanwhile.
    pub is_over: bool,
    /// Whether a device was revoked.
    pub is_revoked: &'a (dyn Fn(Uuid) -> bool + Sync),
}

/// The answer to a visit; the same visit sent again gets the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VisitReceipt {
    /// Its id.
    pub visit: Uuid,
    /// What became of it.
    pub outcome: ReceiptOutcome,
    /// Stable kind, where it does not count.
    pub reason: Option<String>,
    /// For people.
    pub detail: Option<String>,
    /// Whether it is here as it was sent. Where it is not, only the device has it.
    pub kept: bool,
}

/// What becomes of a visit when it comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ReceiptOutcome {
    /// It counts.
    Applied,
    /// It is kept apart until somebody decides.
    Proposed,
    /// It cannot count; it is kept as it was sent, unless it is too large for that.
    Returned,
}

/// A visit as it was sent, with its id.
pub struct Incoming {
    id: Uuid,
    payload: Json,
    digest: String,
    read: Result<Visit, String>,
}

impl Incoming {
    /// Reads one; `None` when it has no id by which its sender could know it again.
    pub fn read(payload: Json) -> Option<Self> {
        let id = Uuid::deserialize(&payload["id"]).ok()?;
        Some(Self {
            id,
            digest: sha256(payload.to_string().as_bytes()),
            read: Visit::deserialize(&payload).map_err(|error| error.to_string()),
            payload,
        })
    }
}

impl Survey {
    /// Takes visits in, one receipt each, in their order. They are durable when this answers.
    pub async fn receive(&self, sender: &Sender<'_>, visits: &[Incoming]) -> Result<Vec<VisitReceipt>, SurveyError> {
        let (answer, _) = self
            .append(sender.account, |state| {
                let mut wish = Wish::new();
                let mut fresh = BTreeMap::new();
                let mut receipts = Vec::with_capacity(visits.len());
                for visit in visits {
                    if let Some((digest, receipt)) = fresh.get(&visit.id).or(answered(state, visit.id).as_ref()) {
                        receipts.push(if *digest == visit.digest {
                            VisitReceipt::clone(receipt)
                        } else {
                            reused(visit.id)
                        });
                        continue;
                    }
                    let (receipt, event) = judge(state, sender, (visit, self.limits()));
                    fresh.insert(visit.id, (visit.digest.clone(), receipt.clone()));
                    wish.extend(event.map(|event| (entry_id("visit", visit.id), event)));
                    receipts.push(receipt);
                }
                Ok((wish, receipts))
            })
            .await?;
        Ok(answer)
    }
}

/// What is known of a visit that was sent.
pub struct VisitWord<'a> {
    /// Account name of its author.
    pub author: &'a str,
    /// Its receipt, the same as when it came in.
    pub receipt: VisitReceipt,
    /// What a person decided of it, once one did.
    pub review: Option<&'a Review>,
}

impl State {
    /// What is known of a visit; `None` when it never came here.
    pub fn word_on(&self, id: Uuid) -> Option<VisitWord<'_>> {
        let (_, receipt) = answered(self, id)?;
        let kept = self.visit(id).map(|(_, visit)| visit);
        let author = kept
            .map(|visit| &visit.author)
            .or(self.returned.get(&id).map(|visit| &visit.author))?;
        Some(VisitWord {
            author,
            receipt,
            review: kept.and_then(|visit| visit.review.as_ref()),
        })
    }
}

/// Digest and receipt of a visit that is here already.
fn answered(state: &State, id: Uuid) -> Option<(String, VisitReceipt)> {
    if let Some((_, visit)) = state.visit(id) {
        return Some((visit.digest.clone(), receipt(id, &visit.taken)));
    }
    let kept = state.returned.get(&id)?;
    Some((kept.digest.clone(), returned(id, &kept.reason, &kept.detail)))
}

pub(super) fn receipt(visit: Uuid, taken: &Taken) -> VisitReceipt {
    let (outcome, reason) = match taken {
        Taken::Counted => (ReceiptOutcome::Applied, None),
        Taken::Quarantined { reason } => (ReceiptOutcome::Proposed, Some(reason.clone())),
    };
    let detail = reason
        .as_ref()
        .map(|_| "it is kept, and counts once somebody has approved it".to_owned());
    VisitReceipt {
        visit,
        outcome,
        reason,
        detail,
        kept: true,
    }
}

pub(super) fn returned(visit: Uuid, reason: &str, detail: &str) -> VisitReceipt {
    VisitReceipt {
        visit,
        outcome: ReceiptOutcome::Returned,
        reason: Some(reason.to_owned()),
        detail: Some(detail.to_owned()),
        kept: true,
    }
}

fn reused(visit: Uuid) -> VisitReceipt {
    VisitReceipt {
        kept: false,
        ..returned(visit, "id-reused", "another visit was sent with this id before; it stands")
    }
}

/// The receipt of a visit that cannot be used and is too large to be kept all the same: its device must know that nobody else has it.
fn unkept(visit: Uuid, (reason, detail): (&str, &str), (given, most): (usize, usize)) -> VisitReceipt {
    let detail =
        format!("{detail}; only the device has it, because it is too large to be kept: given {given} bytes, expected at most {most}");
    VisitReceipt {
        kept: false,
        ..returned(visit, reason, &detail)
    }
}

fn judge(state: &State, sender: &Sender<'_>, (incoming, limits): (&Incoming, &Limits)) -> (VisitReceipt, Option<Event>) {
    let refused = |(reason, detail): (&'static str, String)| {
        let size = incoming.payload.to_string().len();
        if size > limits.kept_bytes {
            return (unkept(incoming.id, (reason, &detail), (size, limits.kept_bytes)), None);
        }
        let event = Event::VisitReturned {
            visit: incoming.id,
            payload: incoming.payload.clone(),
            reason: reason.to_owned(),
            detail: detail.clone(),
            digest: incoming.digest.clone(),
            handed_in_by: sender.handed_in_by.map(str::to_owned),
        };
        (returned(incoming.id, reason, &detail), Some(event))
    };
    let visit = match &incoming.read {
        Ok(visit) => visit,
        Err(error) => return refused(("unreadable-visit", error.clone())),
    };
    if let Some(fault) = fault(visit, limits) {
        return refused(fault);
    }
    let Some(campaign) = state.campaigns.get(&visit.campaign) else {
        return refused(("unknown-campaign", format!("there is no campaign {}", visit.campaign)));
    };
    let taken = match apart(campaign, visit, sender) {
        None => Taken::Counted,
        Some(reason) => Taken::Quarantined { reason: reason.to_owned() },
    };
    let told = receipt(visit.id, &taken);
    let event = Event::Visited {
        visit: Box::new(visit.clone()),
        taken,
        digest: incoming.digest.clone(),
        handed_in_by: sender.handed_in_by.map(str::to_owned),
    };
    (told, Some(event))
}

/// Why a visit cannot be used: stable kind and words.
fn fault(visit: &Visit, limits: &Limits) -> Option<(&'static str, String)> {
    let texts = [
        visit.reason.as_ref(),
        visit.note.as_ref(),
        visit.away.as_ref().map(|away| &away.reason),
    ];
    let longest = texts
        .into_iter()
        .flatten()
        .map(|text| text.chars().count())
        .max()
        .unwrap_or_default();
    if longest > limits.text_chars {
        return Some((
            "text-too-long",
            format!("given {longest} characters, expected at most {}", limits.text_chars),
        ));
    }
    let parts = visit.photos.len().max(visit.edits.len());
    if parts > limits.parts {
        return Some((
            "too-many-parts",
            format!("given {parts} photos or edits, expected at most {}", limits.parts),
        ));
    }
    let is_hash = |text: &str| text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    let is_short = |text: &String| !text.is_empty() && text.chars().count() <= limits.name_chars;
    if let Some(photo) = visit
        .photos
        .iter()
        .find(|photo| !is_hash(&photo.sha256) || !is_short(&photo.slot) || !is_short(&photo.media_type))
    {
        return Some((
            "bad-photo",
            format!(
                "given a photo with hash {:.80}, expected 64 hexadecimal digits, a slot and a media type",
                photo.sha256
            ),
        ));
    }
    let positions = visit
        .position
        .iter()
        .chain(visit.photos.iter().filter_map(|photo| photo.position.as_ref()));
    let is_place = |position: &Position| is_on_earth([position.lon, position.lat]) && position.accuracy_m >= 0.0;
    if !positions.into_iter().all(is_place) || visit.away.as_ref().is_some_and(|away| away.metres.is_nan() || away.metres < 0.0) {
        return Some((
            "bad-position",
            "expected longitude and latitude in degrees, accuracy and distance in metres from 0".to_owned(),
        ));
    }
    let needs_reason = match visit.outcome {
        VisitOutcome::NoAccess | VisitOutcome::NotFound | VisitOutcome::Dropped => true,
        VisitOutcome::Confirmed | VisitOutcome::Changed => false,
    };
    let has_reason = visit.reason_key.is_some() || visit.reason.as_ref().is_some_and(|reason| !reason.trim().is_empty());
    (needs_reason && !has_reason).then(|| ("missing-reason", "this outcome needs a reason".to_owned()))
}

/// Why a visit is kept apart, if it is.
fn apart(campaign: &Campaign, visit: &Visit, sender: &Sender<'_>) -> Option<&'static str> {
    if sender.is_over {
        return Some("ended-account");
    }
    if (sender.is_revoked)(visit.device) {
        return Some("revoked-device");
    }
    let target = campaign.codes.get(&visit.record).and_then(|code| campaign.targets.get(code));
    let Some(target) = target else { return Some("not-a-target") };
    if target.is_removed {
        return Some("target-removed");
    }
    let is_own = || {
        target
            .zone
            .as_deref()
            .is_some_and(|zone| campaign.zones_of(sender.account).contains(zone))
    };
    if sender.role < Role::Staff && !is_own() {
        return Some("outside-zones");
    }
    let zone = target.zone.as_deref().and_then(|key| campaign.zone_state(key));
    let is_signed = campaign.signed.is_some() || zone.is_some_and(|zone| zone.signed.is_some());
    is_signed.then_some("signed-off")
}
