//! What a pure program lacks: the time and new ids. Handed down from the command line, so that tests decide both.
use std::sync::Arc;

use jiff::Timestamp;
use uuid::Uuid;

/// Tells the time.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Makes an id that was never made before.
pub type NewId = Arc<dyn Fn() -> Uuid + Send + Sync>;

/// The time and new ids.
#[derive(Clone)]
pub struct Surroundings {
    /// The time.
    pub clock: Clock,
    /// New ids.
    pub new_id: NewId,
}
