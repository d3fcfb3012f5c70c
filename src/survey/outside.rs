//! Whose ground a record is.
use super::state::State;
use crate::domain::ids::CarrierId;

impl State {
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
