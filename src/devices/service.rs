//! The log of the field, as far as it is about devices and photos.
use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::error::DeviceError;
use super::event::Event;
use super::limits::PhotoLimits;
use super::state::{Device, State};
use crate::domain::surroundings::Surroundings;
use crate::store::{Store, StoreError, SurveyEntry};

/// Entries read at once.
const PAGE: usize = 500;

/// Times that an entry is tried anew because another process, or another part of this one, was faster.
const TRIES: usize = 64;

/// What other processes have written to a shared store is looked for at most this often, milliseconds.
const READ_AGAIN_MS: i64 = 1_000;

/// A sign of life is written down when the last one that was is so old; the others are kept in memory.
const WRITE_AGAIN: SignedDuration = SignedDuration::from_mins(5);

/// Names of entries, so that the same thing is written once.
const NAMESPACE: Uuid = Uuid::from_u128(0x91d4_2f6b_8e03_5a7c_b1c5_0d9e_74f2_3a68);

/// Devices and photos.
pub struct Devices {
    pub(super) store: Arc<dyn Store>,
    pub(super) limits: PhotoLimits,
    surroundings: Surroundings,
    current: ArcSwap<State>,
    /// Held from the look at the state to the answer of the store.
    appending: tokio::sync::Mutex<()>,
    read_at_ms: AtomicI64,
    /// Held by each account while it adds to a photo and while that is checked: how much it has must still be true when it has more.
    adding: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
    /// Signs of life since the last one that was written down: when, and how much waits.
    heard: Mutex<HashMap<Uuid, (Timestamp, u64)>>,
}

impl Devices {
    /// Reads the log.
    pub async fn open(store: Arc<dyn Store>, surroundings: Surroundings, limits: PhotoLimits) -> Result<Arc<Self>, DeviceError> {
        let devices = Self {
            store,
            limits,
            surroundings,
            current: ArcSwap::default(),
            appending: tokio::sync::Mutex::default(),
            read_at_ms: AtomicI64::new(0),
            adding: Mutex::default(),
            heard: Mutex::default(),
        };
        devices.catch_up().await?;
        Ok(Arc::new(devices))
    }

    /// What is taken of photos.
    pub fn photo_limits(&self) -> &PhotoLimits {
        &self.limits
    }

    /// What is known; in a shared store what others wrote is seen after a second at most.
    pub async fn state(&self) -> Result<Arc<State>, DeviceError> {
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
                    tracing::warn!(%error, "what others wrote about devices could not be read");
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

    /// All devices, with the signs of life that were not written down.
    pub async fn list(&self) -> Result<Vec<Device>, DeviceError> {
        let state = self.state().await?;
        let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        let with_life = |device: &Arc<Device>| {
            let mut device = Device::clone(device);
            if let Some((at, pending)) = heard
                .get(&device.id)
                .filter(|(at, _)| device.last_heard.is_none_or(|last| last < *at))
            {
                device.last_heard = Some(*at);
                device.pending = *pending;
            }
            device
        };
        Ok(state.devices.values().map(with_life).collect())
    }

    /// A device gave a sign of life; says whether it was revoked.
    pub async fn hear(&self, account: &str, device: Uuid, pending: u64) -> Result<bool, DeviceError> {
        let state = self.state().await?;
        let now = self.now();
        let known = state.devices.get(&device).filter(|known| known.account.as_deref() == Some(account));
        let is_fresh = known
            .and_then(|known| known.last_heard)
            .is_some_and(|last| now.duration_since(last) < WRITE_AGAIN);
        // That nothing waits any more is worth an entry: people look for it.
        let is_empty_now = pending == 0 && known.is_some_and(|known| known.pending > 0);
        if is_fresh && !is_empty_now {
            self.heard
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .insert(device, (now, pending));
            return Ok(state.is_revoked(device));
        }
        let state = self
            .append(account, (self.surroundings.new_id)(), &Event::DeviceHeard { device, pending })
            .await?;
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).remove(&device);
        Ok(state.is_revoked(device))
    }

    /// What comes from a device from now on waits for a person.
    pub async fn revoke(&self, account: &str, device: Uuid, reason: &str) -> Result<Arc<Device>, DeviceError> {
        let reason = reason.trim();
        if reason.is_empty() {
            return Err(DeviceError::NoReason);
        }
        let event = Event::DeviceRevoked {
            device,
            reason: reason.to_owned(),
        };
        let state = self.append(account, name(&format!("revoked {device}")), &event).await?;
        state.devices.get(&device).cloned().ok_or(DeviceError::Busy)
    }

    /// Writes an entry, once by its id, and gives the state with it.
    pub(super) async fn append(&self, author: &str, id: Uuid, event: &Event) -> Result<Arc<State>, DeviceError> {
        let text = serde_json::to_string(event).map_err(|error| DeviceError::BrokeOff { reason: error.to_string() })?;
        let _appending = self.appending.lock().await;
        for _ in 0..TRIES {
            let seq = self.current.load().seq + 1;
            let entry = SurveyEntry {
                seq,
                id,
                at: self.now(),
                author: author.to_owned(),
                event: text.clone(),
            };
            match self.store.append_survey(vec![entry]).await {
                // Read back with what others have written before it; or it was written before, as its id says.
                Ok(()) | Err(StoreError::Duplicate { what: "entry id", .. }) => {
                    self.catch_up().await?;
                    return Ok(self.current.load_full());
                }
                Err(StoreError::Duplicate { .. }) => self.catch_up().await?,
                Err(error) => return Err(error.into()),
            }
        }
        Err(DeviceError::Busy)
    }

    /// Reads what is new in the log. The caller holds `appending`, or is alone.
    async fn catch_up(&self) -> Result<(), DeviceError> {
        let mut state = State::clone(&self.current.load());
        let before = state.seq;
        loop {
            let entries = self.store.survey_since(state.seq, PAGE).await?;
            for entry in &entries {
                let store = || self.store.describe();
                state
                    .follow(entry)
                    .map_err(|reason| StoreError::Damaged { store: store(), reason })?;
            }
            if entries.len() < PAGE {
                break;
            }
        }
        self.read_at_ms.store(self.now().as_millisecond(), Ordering::Relaxed);
        if state.seq != before {
            self.current.store(Arc::new(state));
        }
        Ok(())
    }

    /// The turn of an account to add to a photo.
    pub(super) fn turn_of(&self, account: &str) -> Arc<tokio::sync::Mutex<()>> {
        let mut turns = self.adding.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(turns.entry(account.to_owned()).or_default())
    }

    /// The time, to the microsecond: the store keeps no finer one.
    fn now(&self) -> Timestamp {
        let now = (self.surroundings.clock)();
        Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
    }
}

/// Id of the entry about something that is written once.
pub(super) fn name(what: &str) -> Uuid {
    Uuid::new_v5(&NAMESPACE, what.as_bytes())
}
