//! Limits of the inventory, with defaults that suit one machine.
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use uuid::Uuid;

use super::ground::GroundLimits;
use crate::domain::surroundings::Surroundings;

/// Limits, and the surroundings.
#[derive(Clone)]
pub struct Settings {
    /// Requests that may wait for the writer; one more gets [`super::EditError::Busy`].
    pub queue: usize,
    /// Most edits of one commit. More waiting edits share one sync of the disk, up to here.
    pub batch_edits: usize,
    /// Most edits of one request.
    pub request_edits: usize,
    /// Largest edit that is kept although it cannot be read, bytes.
    pub kept_bytes: usize,
    /// Receipts kept in memory, so that a repeated edit needs no look into the store.
    pub recent_receipts: usize,
    /// Memory for encoded tiles, bytes.
    pub tile_cache_bytes: usize,
    /// Most bytes of one tile before compression.
    pub tile_budget_bytes: usize,
    /// Announcements of revisions that a slow listener may lag behind before it has to ask for the changes.
    pub announcements: usize,
    /// Parts that are filled side by side when the store is loaded.
    pub load_parts: usize,
    /// How much of the ground one question may look at.
    pub ground: GroundLimits,
    /// Where the park's days begin and end: "as of" a day means until its end there, and what was seen is counted by its days.
    pub zone: TimeZone,
    /// How many states of the past are kept at most.
    pub past_states: usize,
    /// Memory for states of the past beside what they share with the present, bytes, roughly.
    pub past_bytes: usize,
    /// Most lines of history that are undone for one question about the past.
    pub past_lines: usize,
    /// Time and ids.
    pub surroundings: Surroundings,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            queue: 1024,
            batch_edits: 512,
            request_edits: 1000,
            kept_bytes: 64 << 10,
            recent_receipts: 20_000,
            tile_cache_bytes: 64 << 20,
            tile_budget_bytes: 500_000,
            announcements: 256,
            load_parts: 2,
            ground: GroundLimits::default(),
            zone: TimeZone::fixed(jiff::tz::offset(8)),
            past_states: 16,
            past_bytes: 256 << 20,
            past_lines: 200_000,
            surroundings: of_machine(),
        }
    }
}

/// The clock of the machine and random ids that sort by time.
pub fn of_machine() -> Surroundings {
    Surroundings {
        clock: Arc::new(Timestamp::now),
        new_id: Arc::new(Uuid::now_v7),
    }
}
