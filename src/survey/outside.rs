//! Whose ground a record is.
use std::collections::HashSet;

use super::state::State;
use crate::domain::ids::CarrierId;

/// Who was sent to a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// The account that is asked for.
    Asker,
    /// Others, nobody yet, or nobody any more: it is a target of a campaign that runs.
    Others,
    /// Nobody: it is no target.
    Nobody,
}

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

    /// Who was sent to a record, as seen by an account.
    pub fn sent_to(&self, account: &str, record: CarrierId) -> Sent {
        let mut sent = Sent::Nobody;
        // A right that came with a campaign ends with it, and with its zone.
        for campaign in self.campaigns.values().filter(|campaign| campaign.signed.is_none()) {
            let target = campaign.codes.get(&record).and_then(|code| campaign.targets.get(code));
            let Some(target) = target.filter(|target| !target.is_removed) else {
                continue;
            };
            let zone = target.zone.as_deref().and_then(|key| campaign.zone_state(key));
            let open = zone.filter(|zone| zone.signed.is_none());
            if open.is_some_and(|zone| campaign.is_of_zone(account, &zone.zone)) {
                return Sent::Asker;
            }
            sent = Sent::Others;
        }
        sent
    }
}
