//! What can go wrong with campaigns, in the caller's words.
use crate::store::StoreError;

use super::state::Unreadable;

/// A place in what was sent that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where, such as `zones[2].polygon`.
    pub path: String,
    /// What was given.
    pub given: String,
    /// What would have been right.
    pub expected: String,
}

impl Fault {
    /// A fault at this place.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a number is given as it is, and a text without a mark before it"
    )]
    pub fn new(path: impl Into<String>, given: impl ToString, expected: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            given: given.to_string(),
            expected: expected.into(),
        }
    }
}

/// What stands in the way of a sign-off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenItem {
    /// Stable kind: `not-visited`, `to-review`, `quarantined`, `conflict`, `photo-not-verified`, `sample-not-drawn`, `sample-not-revisited`, `returned`, `zone-not-signed`.
    pub kind: &'static str,
    /// Code, key, id or hash of what it is about.
    pub about: String,
}

/// Why a wish about a campaign is not carried out. Nothing is written then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SurveyError {
    /// No such campaign, or none that the asker may see.
    #[error("there is no campaign {given}")]
    UnknownCampaign {
        /// As given.
        given: String,
    },
    /// What was sent cannot be used.
    #[error("{}", .0.iter().map(|fault| format!("{}: given {}, expected {}", fault.path, fault.given, fault.expected)).collect::<Vec<_>>().join("; "))]
    Unfit(Vec<Fault>),
    /// A campaign of this id exists and is another one.
    #[error("there is another campaign with the id {id} already")]
    Taken {
        /// The id.
        id: String,
    },
    /// It is over.
    #[error("{what} is signed off and does not change any more")]
    Signed {
        /// The campaign or zone.
        what: String,
    },
    /// Something stands in the way of the sign-off.
    #[error("{} things are open, so it cannot be signed off", .0.len())]
    Open(Vec<OpenItem>),
    /// Others write so much that there was no turn.
    #[error("others are writing, try again in a moment")]
    Busy,
    /// An entry of the log cannot be read.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// The store cannot be used now.
    #[error(transparent)]
    Store(#[from] StoreError),
}
