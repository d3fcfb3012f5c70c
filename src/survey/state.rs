//! All campaigns, computed from the log entry by entry.
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use uuid::Uuid;

use super::campaign::{Campaign, VisitState};
use super::event::{Event, Photo, Plan};
use crate::domain::ids::CarrierId;
use crate::store::SurveyEntry;

/// All campaigns after some entries of the log. Cheap to copy: what is large is shared.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    /// Place of the last entry.
    pub seq: u64,
    /// Campaigns by id.
    pub campaigns: BTreeMap<Uuid, Arc<Campaign>>,
    /// Visits that cannot count, by id.
    pub returned: BTreeMap<Uuid, Arc<ReturnedVisit>>,
}

/// A visit that cannot count. The log keeps it as it was sent.
#[derive(Clone, Debug, PartialEq)]
pub struct ReturnedVisit {
    /// Account name.
    pub author: String,
    /// Stable kind.
    pub reason: String,
    /// For people.
    pub detail: String,
    /// SHA-256 of what was sent.
    pub digest: String,
}

/// An entry that this program cannot read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("entry {seq} of the log of campaigns cannot be read: {reason}")]
pub struct Unreadable {
    /// Its place.
    pub seq: u64,
    /// Why.
    pub reason: String,
}

impl State {
    /// The state after one more entry. What does not fit to what came before changes nothing: it was refused when it was written, so it cannot be there.
    pub fn fold(mut self, entry: &SurveyEntry) -> Result<Self, Unreadable> {
        let event: Event = serde_json::from_str(&entry.event).map_err(|error| Unreadable {
            seq: entry.seq,
            reason: error.to_string(),
        })?;
        self.seq = entry.seq;
        let campaign = match &event {
            Event::Launched { plan, targets } => {
                let campaign = Campaign::launched(Plan::clone(plan), targets.clone(), (&entry.author, entry.at));
                self.campaigns.insert(plan.id, Arc::new(campaign));
                return Ok(self);
            }
            Event::VisitReturned {
                visit,
                reason,
                detail,
                digest,
                ..
            } => {
                let kept = ReturnedVisit {
                    author: entry.author.clone(),
                    reason: reason.clone(),
                    detail: detail.clone(),
                    digest: digest.clone(),
                };
                self.returned.insert(*visit, Arc::new(kept));
                return Ok(self);
            }
            Event::Foreign => return Ok(self),
            Event::Retargeted { campaign, .. }
            | Event::Succeeded { campaign, .. }
            | Event::Zoned { campaign, .. }
            | Event::Reviewed { campaign, .. }
            | Event::Sampled { campaign, .. }
            | Event::SignedOff { campaign, .. } => *campaign,
            Event::Visited { visit, .. } => visit.campaign,
        };
        self.change(campaign, |it| it.follow(event, entry));
        Ok(self)
    }

    fn change(&mut self, campaign: Uuid, change: impl FnOnce(&mut Campaign)) {
        if let Some(campaign) = self.campaigns.get_mut(&campaign) {
            change(Arc::make_mut(campaign));
        }
    }

    /// The campaign and the visit of this id.
    pub fn visit(&self, id: Uuid) -> Option<(&Arc<Campaign>, &Arc<VisitState>)> {
        self.campaigns
            .values()
            .find_map(|campaign| campaign.visits.get(&id).map(|visit| (campaign, visit)))
    }

    /// Photos of a record that anyone may see, of the latest visit first; each once.
    pub fn public_photos(&self, record: CarrierId) -> Vec<&Photo> {
        let visits = self.campaigns.values().flat_map(|campaign| campaign.visits_of(record));
        let mut visits: Vec<_> = visits.filter(|visit| visit.is_approved()).collect();
        visits.sort_by_key(|visit| std::cmp::Reverse(visit.seq));
        let mut seen = BTreeSet::new();
        let photos = visits.into_iter().flat_map(|visit| &visit.visit.photos);
        photos.filter(|photo| seen.insert(photo.sha256.as_str())).collect()
    }

    /// Whether anyone may see this photo: a visit that has it is approved.
    pub fn is_public_photo(&self, sha256: &str) -> bool {
        let mut visits = self.campaigns.values().flat_map(|campaign| campaign.visits_with_photo(sha256));
        visits.any(|visit| visit.is_approved())
    }
}
