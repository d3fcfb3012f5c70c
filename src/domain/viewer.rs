//! Who looks, and what that lets them see. Rights are applied once, at the door of the read model.
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// What a person may do; each role may do all that the ones before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Anyone, without an account.
    Public,
    /// Updates status and values in the field.
    Surveyor,
    /// Investment staff.
    Staff,
    /// Keeper of the legal facts: area, owner, zoning, geometry.
    Steward,
    /// Runs the installation.
    Admin,
}

/// Smallest circle of people that may see an attribute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Visibility {
    /// Anyone.
    Public,
    /// Anyone with an account (surveyor and above); surveyors on the ground that they are sent to.
    Staff,
    /// Stewards and admins.
    #[default]
    Steward,
}

/// The one who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Viewer {
    /// What they may do.
    pub role: Role,
    /// Account name; `None` for the public.
    pub account: Option<Arc<str>>,
}

impl Viewer {
    /// Somebody without an account.
    pub fn public() -> Self {
        Self {
            role: Role::Public,
            account: None,
        }
    }
}

impl Role {
    /// With whose eyes this role looks at the inventory as a whole. A surveyor sees more than the public only of the ground that they are sent to.
    #[must_use]
    pub fn eyes(self) -> Self {
        match self {
            Self::Surveyor => Self::Public,
            own => own,
        }
    }

    /// Whether this role may see what is marked with `visibility`.
    pub fn sees(self, visibility: Visibility) -> bool {
        match visibility {
            Visibility::Public => true,
            Visibility::Staff => self >= Self::Surveyor,
            Visibility::Steward => self >= Self::Steward,
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Public => "public",
            Self::Surveyor => "surveyor",
            Self::Staff => "staff",
            Self::Steward => "steward",
            Self::Admin => "admin",
        })
    }
}
