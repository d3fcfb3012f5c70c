//! What is kept of devices and photos. Entries of other kinds in the same log are for others to read.
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    /// A device gave a sign of life.
    DeviceHeard {
        /// Its id.
        device: Uuid,
        /// Entries of its journal that were not sent yet.
        pending: u64,
    },
    /// A device was lost: what still comes from it waits for a person.
    DeviceRevoked {
        /// Its id.
        device: Uuid,
        /// Why.
        reason: String,
    },
    /// All bytes of a photo are here, and have the SHA-256 that was said.
    PhotoVerified {
        /// SHA-256, hexadecimal, lower case.
        sha256: String,
        /// Size.
        bytes: u64,
        /// Such as `image/jpeg`.
        media_type: String,
        /// Pixels across and down, as stored.
        pixels: [u32; 2],
    },
    /// Something else.
    #[serde(other)]
    Other,
}
