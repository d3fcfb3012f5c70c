//! The log of campaigns in the store, and the state computed from it in memory.
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use arc_swap::ArcSwap;
use jiff::Timestamp;
use jiff::tz::{self, TimeZone};
use tokio::sync::Mutex;
use uuid::Uuid;

use super::campaign::Campaign;
use super::error::SurveyError;
use super::event::Event;
use super::limits::Limits;
use super::state::State;
use crate::domain::edit::OpenEdit;
use crate::domain::surroundings::Surroundings;
use crate::store::{Store, StoreError, SurveyEntry};

/// Entries read at once.
const PAGE: usize = 500;

/// Times that an append is tried anew because another process was faster.
const TRIES: usize = 32;

/// What other processes have written to a shared store is looked for at most this often, milliseconds.
const READ_AGAIN_MS: i64 = 1_000;

/// Names of entries, so that the id of a visit and the id of its entry are different things.
const NAMESPACE: Uuid = Uuid::from_u128(0x6a3d_90b1_5c77_5f0e_9d24_71e2_08c4_ab5f);

/// All campaigns.
pub struct Survey {
    store: Arc<dyn Store>,
    current: ArcSwap<State>,
    /// Held from the look at the state to the answer of the store: what was checked must still be true when it is written.
    appending: Mutex<()>,
    read_at_ms: AtomicI64,
    surroundings: Surroundings,
    settings: Settings,
}

/// What the operator decides.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Limits.
    pub limits: Limits,
    /// Where the park's days begin and end.
    pub zone: TimeZone,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            // China has one clock.
            zone: TimeZone::fixed(tz::offset(8)),
        }
    }
}

/// Entries to be written: id and event.
pub type Wish = Vec<(Uuid, Event)>;

impl Survey {
    /// Reads the log.
    pub async fn open(store: Arc<dyn Store>, surroundings: Surroundings, settings: Settings) -> Result<Arc<Self>, SurveyError> {
        let survey = Self {
            store,
            current: ArcSwap::default(),
            appending: Mutex::default(),
            read_at_ms: AtomicI64::new(0),
            surroundings,
            settings,
        };
        survey.catch_up().await?;
        Ok(Arc::new(survey))
    }

    /// All campaigns as they stand; in a shared store what others wrote is seen after a second at most.
    pub async fn state(&self) -> Result<Arc<State>, SurveyError> {
        if self.is_old() {
            let _appending = self.appending.lock().await;
            self.catch_up().await?;
        }
        Ok(self.current.load_full())
    }

    /// What this process knows, for readers, who never wait for the store. What others wrote to a shared one is looked for beside it, by one at a time.
    pub fn at_hand(self: &Arc<Self>) -> Arc<State> {
        if self.is_old() {
            let own = Arc::clone(self);
            tokio::spawn(async move {
                let Ok(_appending) = own.appending.try_lock() else { return };
                if let Err(error) = own.catch_up().await {
                    tracing::warn!(%error, "what others wrote about campaigns could not be read");
                }
            });
        }
        self.current.load_full()
    }

    /// Whether others may have written since the store was asked last.
    fn is_old(&self) -> bool {
        let now = self.now().as_millisecond();
        self.store.is_shared() && now - self.read_at_ms.load(Ordering::Relaxed) > READ_AGAIN_MS
    }

    /// One campaign as it stands.
    pub async fn campaign(&self, id: Uuid) -> Result<Arc<Campaign>, SurveyError> {
        known(&*self.state().await?, id)
    }

    /// Limits.
    pub fn limits(&self) -> &Limits {
        &self.settings.limits
    }

    /// Where the park's days begin and end.
    pub fn time_zone(&self) -> &TimeZone {
        &self.settings.zone
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        (self.surroundings.clock)()
    }

    /// An id that was never made before.
    pub fn new_id(&self) -> Uuid {
        (self.surroundings.new_id)()
    }

    /// Edits on which a person has to decide.
    pub async fn open_edits(&self) -> Result<Vec<OpenEdit>, SurveyError> {
        Ok(self.store.open_edits().await?)
    }

    /// Writes what `make` wishes after a look at the state as it is now, and gives what it gives with the state afterwards. `make` is asked again when
    /// another process has written meanwhile.
    pub(super) async fn append<T>(
        &self,
        author: &str,
        mut make: impl FnMut(&State) -> Result<(Wish, T), SurveyError>,
    ) -> Result<(T, Arc<State>), SurveyError> {
        let _appending = self.appending.lock().await;
        if self.store.is_shared() {
            self.catch_up().await?;
        }
        for _ in 0..TRIES {
            let state = self.current.load_full();
            let (wish, answer) = make(&state)?;
            if wish.is_empty() {
                return Ok((answer, state));
            }
            let entries = self.entries(&state, author, wish)?;
            match self.store.append_survey(entries.clone()).await {
                Ok(()) => {
                    let state = entries.iter().try_fold(State::clone(&state), State::fold)?;
                    let state = Arc::new(state);
                    self.current.store(state.clone());
                    return Ok((answer, state));
                }
                Err(StoreError::Duplicate { .. }) => self.catch_up().await?,
                Err(error) => return Err(error.into()),
            }
        }
        Err(SurveyError::Busy)
    }

    fn entries(&self, state: &State, author: &str, wish: Wish) -> Result<Vec<SurveyEntry>, SurveyError> {
        let at = self.now();
        // The store keeps microseconds; what is in memory must be what a restart would read.
        let at = Timestamp::from_microsecond(at.as_microsecond()).unwrap_or(at);
        let entry = |((id, event), seq)| {
            let event = serde_json::to_string(&event).map_err(|error| super::state::Unreadable {
                seq,
                reason: error.to_string(),
            })?;
            Ok(SurveyEntry {
                seq,
                id,
                at,
                author: author.to_owned(),
                event,
            })
        };
        wish.into_iter().zip(state.seq + 1..).map(entry).collect()
    }

    /// Reads what is new in the log. The caller holds `appending`, or is alone.
    async fn catch_up(&self) -> Result<(), SurveyError> {
        let mut state = State::clone(&self.current.load());
        loop {
            let entries = self.store.survey_since(state.seq, PAGE).await?;
            let count = entries.len();
            state = entries.iter().try_fold(state, State::fold)?;
            if count < PAGE {
                break;
            }
        }
        self.read_at_ms.store(self.now().as_millisecond(), Ordering::Relaxed);
        if state.seq != self.current.load().seq {
            self.current.store(Arc::new(state));
        }
        Ok(())
    }
}

/// The campaign of this id.
pub fn known(state: &State, id: Uuid) -> Result<Arc<Campaign>, SurveyError> {
    let unknown = || SurveyError::UnknownCampaign { given: id.to_string() };
    state.campaigns.get(&id).cloned().ok_or_else(unknown)
}

/// Id of the entry about something that can be written once only.
pub(super) fn entry_id(what: &str, id: Uuid) -> Uuid {
    Uuid::new_v5(&NAMESPACE, format!("{what} {id}").as_bytes())
}
