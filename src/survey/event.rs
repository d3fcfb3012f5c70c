//! What happens in campaigns, as it is kept. An entry is written once and never changed; everything else is computed from the entries.
use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use uuid::Uuid;

use crate::domain::edit::Position;
use crate::domain::ids::{CarrierId, CollectionKey, EditId, Version};

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    /// A campaign began, with its list of targets.
    Launched {
        /// What was decided.
        plan: Box<Plan>,
        /// What is to be visited.
        targets: Vec<Target>,
    },
    /// The list of targets was changed afterwards.
    Retargeted {
        /// Which campaign.
        campaign: Uuid,
        /// New targets.
        added: Vec<Target>,
        /// Codes of targets that are no longer to be visited.
        dropped: Vec<String>,
        /// Why.
        reason: String,
        /// New order of visits of the zones that this touched.
        orders: BTreeMap<String, Vec<String>>,
    },
    /// A target was split or merged: what follows it is visited in its place.
    Succeeded {
        /// Which campaign.
        campaign: Uuid,
        /// Code of the target that was closed.
        target: String,
        /// Codes of the records that follow it.
        heirs: Vec<String>,
        /// Those of them that were not on the list.
        added: Vec<Target>,
        /// Why, for people.
        reason: String,
        /// New order of visits of its zone.
        orders: BTreeMap<String, Vec<String>>,
    },
    /// Zones were painted and given to teams; they replace those before.
    Zoned {
        /// Which campaign.
        campaign: Uuid,
        /// All zones.
        zones: Vec<Zone>,
        /// Teams, where they changed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        teams: Option<Vec<Team>>,
        /// Order of visits by zone: codes.
        orders: BTreeMap<String, Vec<String>>,
    },
    /// A visit came in.
    Visited {
        /// As it was sent.
        visit: Box<Visit>,
        /// How it stands when it comes in.
        taken: Taken,
        /// SHA-256 of what was sent, hexadecimal.
        digest: String,
        /// Account name of who brought it for its author, where somebody did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        handed_in_by: Option<String>,
    },
    /// A visit came in that cannot count. It is kept as it was sent.
    VisitReturned {
        /// Its id.
        visit: Uuid,
        /// As it was sent.
        payload: Json,
        /// Stable kind.
        reason: String,
        /// For people.
        detail: String,
        /// SHA-256 of what was sent, hexadecimal.
        digest: String,
        /// Account name of who brought it for its author, where somebody did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        handed_in_by: Option<String>,
    },
    /// Somebody looked through a visit.
    Reviewed {
        /// Which campaign.
        campaign: Uuid,
        /// Which visit.
        visit: Uuid,
        /// What was decided.
        verdict: Verdict,
        /// Why; may be empty for an approval.
        reason: String,
    },
    /// Targets to be visited a second time were drawn.
    Sampled {
        /// Which campaign.
        campaign: Uuid,
        /// Of this zone; of the whole campaign without one.
        zone: Option<String>,
        /// Their codes.
        codes: Vec<String>,
    },
    /// A zone, or the campaign, was signed off.
    SignedOff {
        /// Which campaign.
        campaign: Uuid,
        /// This zone; the campaign without one.
        zone: Option<String>,
        /// Targets that were not visited, each with the reason why that is accepted.
        exceptions: Vec<Exception>,
        /// What the numbers were.
        numbers: Json,
    },
    /// Something that others keep in the same log.
    #[serde(other)]
    Foreign,
}

/// What is decided when a campaign begins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Made by the client.
    pub id: Uuid,
    /// What people call it.
    pub name: String,
    /// Last day.
    pub deadline: Date,
    /// Collections that are looked through.
    pub collections: Vec<CollectionKey>,
    /// The search that made the list, as it was asked, by collection.
    pub search: BTreeMap<CollectionKey, String>,
    /// Ground within which it looked, a GeoJSON polygon.
    pub area: Option<Json>,
    /// Only records not verified on site for so many days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stale_days: Option<u32>,
    /// Where teams set out.
    pub start: Option<Place>,
    /// Minutes that a visit takes, by collection.
    pub minutes: BTreeMap<CollectionKey, f64>,
    /// Who goes out.
    pub teams: Vec<Team>,
    /// Photos that a visit has to bring, by collection.
    pub required_photos: BTreeMap<CollectionKey, Vec<String>>,
    /// Revision of the inventory that was looked through.
    pub revision: u64,
}

/// A place, degrees, WGS 84.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// Longitude.
    pub lon: f64,
    /// Latitude.
    pub lat: f64,
}

/// People who go out together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Team {
    /// Unique within the campaign.
    pub key: String,
    /// What people call it.
    pub name: String,
    /// Account names.
    pub members: Vec<String>,
}

/// A record that is to be visited.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Target {
    /// The record.
    pub record: CarrierId,
    /// Its code.
    pub code: String,
    /// Its collection.
    pub collection: CollectionKey,
    /// A point on its ground, degrees: longitude, latitude. `None` when nobody knows where it lies.
    pub point: Option<[f64; 2]>,
}

/// A part of the ground that one team goes through on one day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Zone {
    /// Unique within the campaign.
    pub key: String,
    /// What people call it.
    pub name: String,
    /// GeoJSON polygon; targets with their point in it belong to the zone, unless a zone before it has them.
    #[serde(default)]
    pub polygon: Option<Json>,
    /// Codes of targets that belong to it wherever they lie.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<String>,
    /// Key of the team.
    #[serde(default)]
    pub team: Option<String>,
    /// Day on which the team goes.
    #[serde(default)]
    pub day: Option<Date>,
}

/// What somebody found on site: names its edits and photos, which travel on their own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Visit {
    /// Made by the device; the key of idempotence.
    pub id: Uuid,
    /// In this campaign.
    pub campaign: Uuid,
    /// Of this record.
    pub record: CarrierId,
    /// Version that the device had.
    pub base_version: Version,
    /// What came of it.
    pub outcome: VisitOutcome,
    /// Why, where nobody could look.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The same, where it was chosen from the list: readers are told it in their own language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason_key: Option<NoAccessReason>,
    /// When to try again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_on: Option<Date>,
    /// When, by the device's clock.
    pub observed_at: Timestamp,
    /// The device.
    pub device: Uuid,
    /// Its place in the device's journal.
    pub counter: u64,
    /// Where the device was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
    /// Said when the device was not at the target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub away: Option<Away>,
    /// Edits of this visit.
    #[serde(default)]
    pub edits: Vec<EditId>,
    /// Photos of this visit.
    #[serde(default)]
    pub photos: Vec<Photo>,
    /// Free words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// How far from the target somebody stood, and why that will do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Away {
    /// Metres.
    pub metres: f64,
    /// In the surveyor's words.
    pub reason: String,
    /// The same, where it was chosen from the list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason_key: Option<AwayReason>,
}

/// Listed reasons why nobody could get in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoAccessReason {
    /// Nobody there to open.
    Locked,
    /// Not let in.
    Refused,
    /// Too dangerous.
    Danger,
    /// Works in the way.
    Site,
}

/// Listed reasons why somebody answers from afar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AwayReason {
    /// It is seen well from there.
    View,
    /// The position is wrong.
    Gps,
    /// There is no way nearer.
    Blocked,
    /// The place on record is wrong.
    Place,
}

/// A photo as the device knows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Photo {
    /// SHA-256 of its bytes, hexadecimal, lower case.
    pub sha256: String,
    /// Size.
    pub bytes: u64,
    /// Such as `image/jpeg`.
    pub media_type: String,
    /// What it shows, a key of the catalogue's list.
    pub slot: String,
    /// When, by the device's clock.
    pub taken_at: Timestamp,
    /// Where the device was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
}

/// What came of a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VisitOutcome {
    /// All is as the inventory says.
    Confirmed,
    /// Something is different.
    Changed,
    /// Nobody could get in.
    NoAccess,
    /// There is no such thing there.
    NotFound,
    /// Somebody decided that it need not be visited.
    Dropped,
}

impl VisitOutcome {
    /// Whether somebody has seen the target.
    pub fn is_visited(self) -> bool {
        match self {
            Self::Confirmed | Self::Changed => true,
            Self::NoAccess | Self::NotFound | Self::Dropped => false,
        }
    }
}

/// How a visit stands when it comes in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "as", rename_all = "snake_case")]
pub enum Taken {
    /// It counts, and waits for its review.
    Counted,
    /// It is kept apart and counts only once somebody has approved it.
    Quarantined {
        /// Stable kind: `outside-zones`, `revoked-device`, `ended-account`, `not-a-target`, `target-removed`, `signed-off`.
        reason: String,
    },
}

/// Ways to decide on a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It is right.
    Approved,
    /// It goes back to the surveyor's list.
    Returned,
    /// It does not count.
    Rejected,
    /// Its author took it back: it does not count, and nobody has to decide on it.
    Withdrawn,
}

/// A target that is accepted without a visit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exception {
    /// Code of the target.
    pub code: String,
    /// Why that is accepted.
    pub reason: String,
}
