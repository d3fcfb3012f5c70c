//! A target that is split or merged gives its place to what follows it.
//!
//! The list of targets is fixed at the launch; this change of it is logged with its reason like any other. Its entry has an id made from campaign and target,
//! so that of several processes one writes it, and once taken off again a successor stays off.
use std::collections::BTreeMap;
use std::sync::Arc;

use uuid::Uuid;

use super::campaign::{Campaign, Replaced, TargetState};
use super::error::SurveyError;
use super::event::{Event, Target};
use super::service::{Survey, entry_id};
use super::state::State;
use crate::store::SurveyEntry;

/// What follows a target whose record was closed.
#[derive(Clone, Debug, PartialEq)]
pub struct Succession {
    /// In this campaign.
    pub campaign: Uuid,
    /// Code of the target.
    pub target: String,
    /// Account name of who closed the record.
    pub by: String,
    /// Open records that follow it; none when it simply ended, which leaves the target to a person.
    pub heirs: Vec<Target>,
}

impl State {
    /// Targets that give their place to others once their records are closed: those of campaigns and zones that are not signed off.
    pub fn replaceable(&self) -> impl Iterator<Item = (&Arc<Campaign>, &Arc<TargetState>)> {
        let running = self.campaigns.values().filter(|campaign| campaign.signed.is_none());
        running.flat_map(|campaign| {
            let open = campaign.on_the_way().filter(|target| !is_in_signed_zone(campaign, target));
            open.map(move |target| (campaign, target))
        })
    }
}

impl Survey {
    /// Puts what follows a closed target in its place. What was done before, by this process or another, has no second effect.
    pub async fn succeed(&self, succession: &Succession) -> Result<(), SurveyError> {
        let id = succession.campaign;
        let append = self.append(&succession.by, |state| {
            let mut open = state.replaceable().filter(|(campaign, _)| campaign.plan.id == id);
            let Some((campaign, target)) = open.find(|(_, target)| target.target.code == succession.target) else {
                return Ok((Vec::new(), ()));
            };
            let event = event(campaign, target, &succession.heirs);
            let name = format!("heirs of {} in", target.target.record);
            Ok((event.map(|event| (entry_id(&name, id), event)).into_iter().collect(), ()))
        });
        append.await.map(|_| ())
    }
}

fn is_in_signed_zone(campaign: &Campaign, target: &TargetState) -> bool {
    let zone = target.zone.as_deref().and_then(|key| campaign.zone_state(key));
    zone.is_some_and(|zone| zone.signed.is_some())
}

/// The change of the list; `None` when nothing follows.
fn event(campaign: &Campaign, target: &TargetState, heirs: &[Target]) -> Option<Event> {
    let own = &target.target.code;
    let heirs: Vec<&Target> = heirs
        .iter()
        .filter(|heir| campaign.plan.collections.contains(&heir.collection))
        .collect();
    let codes: Vec<String> = heirs.iter().map(|heir| heir.code.clone()).collect();
    if codes.is_empty() {
        return None;
    }
    let is_listed = |heir: &&&Target| campaign.targets.get(&heir.code).is_some_and(|target| !target.is_removed);
    let added: Vec<Target> = heirs
        .iter()
        .filter(|heir| !is_listed(heir))
        .map(|heir| Target::clone(heir))
        .collect();
    Some(Event::Succeeded {
        campaign: campaign.plan.id,
        target: own.clone(),
        // The same in every language; the kind of the line says whether it was a split or a merger.
        reason: format!("{own} → {}", codes.join(", ")),
        orders: order_after(campaign, target, &added),
        heirs: codes,
        added,
    })
}

/// The order of the target's zone with the new targets in its place.
fn order_after(campaign: &Campaign, target: &TargetState, added: &[Target]) -> BTreeMap<String, Vec<String>> {
    let Some(zone) = &target.zone else {
        return BTreeMap::new();
    };
    let mut members: Vec<&TargetState> = campaign.on_the_way().map(AsRef::as_ref).collect();
    members.retain(|member| member.zone.as_ref() == Some(zone));
    // By code before, and the sort keeps what is equal.
    members.sort_by_key(|member| member.order.unwrap_or(usize::MAX));
    let place = |member: &TargetState| {
        if member.target.code == target.target.code {
            added.iter().map(|heir| heir.code.clone()).collect()
        } else {
            vec![member.target.code.clone()]
        }
    };
    BTreeMap::from([(zone.clone(), members.into_iter().flat_map(place).collect())])
}

impl Campaign {
    /// Follows a succession: the target has given its place to others, which are in its zone wherever they lie.
    pub(super) fn succeed(
        &mut self,
        (code, heirs, added): (&str, Vec<String>, Vec<Target>),
        (reason, orders): (String, &BTreeMap<String, Vec<String>>),
        entry: &SurveyEntry,
    ) {
        let what = if heirs.len() == 1 { "merged" } else { "split" };
        let new: Vec<String> = added.iter().map(|heir| heir.code.clone()).collect();
        let plus = new.iter().map(|heir| format!("+{heir}"));
        self.note(entry, (what, reason), std::iter::once(format!("-{code}")).chain(plus).collect());
        self.add(added);
        let zone = self.targets.get_mut(code).and_then(|target| {
            let (by, at) = (entry.author.clone(), entry.at);
            let target = Arc::make_mut(target);
            target.replaced = Some(Arc::new(Replaced { heirs, by, at }));
            target.zone.clone()
        });
        if let Some(key) = zone {
            self.name_in_zone(&key, &new);
        }
        self.place_in_zones(orders);
    }

    /// These codes belong to this zone and to no other.
    fn name_in_zone(&mut self, key: &str, codes: &[String]) {
        for zone in &mut self.zones {
            let named = &zone.zone.codes;
            let is_own = zone.zone.key == key;
            if !is_own && named.iter().all(|code| !codes.contains(code)) {
                continue;
            }
            let zone = &mut Arc::make_mut(zone).zone;
            zone.codes.retain(|code| !codes.contains(code));
            if is_own {
                zone.codes.extend_from_slice(codes);
            }
        }
    }
}
