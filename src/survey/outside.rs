//! Whose ground a record is.
use std::collections::HashSet;

use super::state::State;
use crate::domain::ids::CarrierId;

impl State {
    /// The targets that an account is sent to, of campaigns that are not signed off.
    pub fn ground_of(&self, account: &str) -> HashSet<CarrierId> {
        let running = self.campaigns.values().filter(|campaign| campaign.signed.is_none());
        let targets = running.flat_map(|campaign| {
            let zones = campaign.zones_of(account);
            let targets = campaign.targets.values().filter(|target| !target.is_removed);
            targets.filter(move |target| target.zone.as_deref().is_some_and(|zone| zones.contains(zone)))
        });
        targets.map(|target| target.target.record).collect()
    }

    /// Whether what an account's device says of a record is beside what that account was sent to: others have the record as a target, or, where it is said
    /// of a visit, nobody sent this account there.
    pub fn is_outside(&self, account: &str, record: CarrierId, of_visit: bool) -> bool {
        let mut is_target = false;
        for campaign in self.campaigns.values() {
            let target = campaign.codes.get(&record).and_then(|code| campaign.targets.get(code));
            let Some(target) = target.filter(|target| !target.is_removed) else {
                continue;
            };
            let zone = target.zone.as_deref();
            if zone.is_some_and(|zone| campaign.zones_of(account).contains(zone)) {
                return false;
            }
            is_target |= campaign.signed.is_none();
        }
        is_target || (of_visit && !self.campaigns.is_empty())
    }
}
