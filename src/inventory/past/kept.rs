//! States of the past that were asked for of late, within a number and a memory.
use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::domain::ids::Revision;
use crate::inventory::published::Published;

/// Memory of a row that a state has for itself, bytes, roughly and rather too much: columns that did not change are shared even then.
const ROW_BYTES: usize = 600;

/// Moments whose revision is remembered.
const MOMENTS: usize = 1_024;

/// The latest states, and which revision belongs to which moment.
pub struct Kept {
    most: usize,
    most_bytes: usize,
    tick: u64,
    states: HashMap<Revision, State>,
    moments: HashMap<Timestamp, Revision>,
}

struct State {
    used: u64,
    bytes: usize,
    published: Arc<Published>,
}

impl Kept {
    /// Keeps at most so many states and bytes.
    pub fn new(most: usize, most_bytes: usize) -> Self {
        Self {
            most,
            most_bytes,
            tick: 0,
            states: HashMap::new(),
            moments: HashMap::new(),
        }
    }

    /// The state of a revision, if it was made under the present catalogue: what may be seen is asked of that one.
    pub fn find(&mut self, revision: Revision, present: &Published) -> Option<Arc<Published>> {
        self.tick += 1;
        let state = self.states.get_mut(&revision)?;
        if !is_current(&state.published, present) {
            self.states.remove(&revision);
            return None;
        }
        state.used = self.tick;
        Some(Arc::clone(&state.published))
    }

    /// The kept state from which the way back to a revision is shortest.
    pub fn nearest(&self, revision: Revision, present: &Published) -> Option<Arc<Published>> {
        let later = self
            .states
            .iter()
            .filter(|(of, state)| **of >= revision && is_current(&state.published, present));
        later.min_by_key(|(of, _)| **of).map(|(_, state)| Arc::clone(&state.published))
    }

    /// Keeps a state; those not asked for longest give way. One that is too large by itself is not kept.
    pub fn add(&mut self, published: &Arc<Published>, present: &Published) {
        self.tick += 1;
        let state = State {
            used: self.tick,
            bytes: published.snapshot.rows_apart(&present.snapshot).saturating_mul(ROW_BYTES),
            published: Arc::clone(published),
        };
        self.states.insert(published.snapshot.revision(), state);
        while self.states.len() > self.most || self.bytes() > self.most_bytes {
            let oldest = self
                .states
                .iter()
                .min_by_key(|(_, state)| state.used)
                .map(|(revision, _)| *revision);
            let Some(oldest) = oldest else { break };
            self.states.remove(&oldest);
        }
    }

    /// The revision of a moment, where it can no longer become another.
    pub fn revision_before(&self, moment: Timestamp) -> Option<Revision> {
        self.moments.get(&moment).copied()
    }

    /// Remembers it.
    pub fn remember(&mut self, moment: Timestamp, revision: Revision) {
        if self.moments.len() >= MOMENTS {
            self.moments.clear();
        }
        self.moments.insert(moment, revision);
    }

    fn bytes(&self) -> usize {
        self.states.values().map(|state| state.bytes).sum()
    }
}

fn is_current(state: &Published, present: &Published) -> bool {
    Arc::ptr_eq(state.snapshot.catalogue(), present.snapshot.catalogue())
}
