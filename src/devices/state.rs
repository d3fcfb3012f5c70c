//! What the entries add up to.
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use super::event::Event;
use crate::store::SurveyEntry;

/// A device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Device {
    /// Its id, which it made for itself.
    pub id: Uuid,
    /// Account that it was last heard with; `None` while it was never heard.
    pub account: Option<String>,
    /// When it was first heard.
    pub first_heard: Option<Timestamp>,
    /// When it was last heard.
    pub last_heard: Option<Timestamp>,
    /// Entries of its journal that it had not sent then.
    pub pending: u64,
    /// Who no longer believes it.
    pub revoked: Option<Revoked>,
}

/// Why a device is no longer believed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Revoked {
    /// Account name of who said so.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// In their words.
    pub reason: String,
}

/// A photo whose bytes are here and were checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Photo {
    /// Size.
    pub bytes: u64,
    /// Such as `image/jpeg`.
    pub media_type: String,
    /// Accounts that sent all its bytes.
    pub senders: BTreeSet<String>,
}

/// All devices and photos.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// Place of the last entry that was read.
    pub seq: u64,
    /// Devices by id.
    pub devices: BTreeMap<Uuid, Arc<Device>>,
    /// Photos by SHA-256.
    pub photos: HashMap<String, Arc<Photo>>,
    /// Bytes of the photos that an account has sent, by account name.
    pub sent_bytes: HashMap<String, u64>,
}

impl State {
    /// The state after one more entry. Entries that are not about devices and photos only move the place.
    pub fn follow(&mut self, entry: &SurveyEntry) -> Result<(), String> {
        let event: Event = serde_json::from_str(&entry.event).map_err(|error| format!("entry {} of the log: {error}", entry.seq))?;
        self.seq = entry.seq;
        match event {
            Event::DeviceHeard { device, pending } => {
                let device = self.device(device);
                device.account = Some(entry.author.clone());
                device.first_heard.get_or_insert(entry.at);
                device.last_heard = Some(entry.at);
                device.pending = pending;
            }
            Event::DeviceRevoked { device, reason } => {
                let (by, at) = (entry.author.clone(), entry.at);
                self.device(device).revoked.get_or_insert(Revoked { by, at, reason });
            }
            Event::PhotoVerified {
                sha256, bytes, media_type, ..
            } => {
                let photo = self.photos.entry(sha256).or_insert_with(|| {
                    Arc::new(Photo {
                        bytes,
                        media_type,
                        senders: BTreeSet::new(),
                    })
                });
                if Arc::make_mut(photo).senders.insert(entry.author.clone()) {
                    *self.sent_bytes.entry(entry.author.clone()).or_default() += photo.bytes;
                }
            }
            Event::Other => {}
        }
        Ok(())
    }

    /// Whether what comes from a device waits for a person.
    pub fn is_revoked(&self, device: Uuid) -> bool {
        self.devices.get(&device).is_some_and(|device| device.revoked.is_some())
    }

    /// Whether an account has sent all bytes of a photo.
    pub fn has_sent(&self, account: &str, sha256: &str) -> bool {
        self.photos.get(sha256).is_some_and(|photo| photo.senders.contains(account))
    }

    fn device(&mut self, id: Uuid) -> &mut Device {
        let unheard = || {
            Arc::new(Device {
                id,
                account: None,
                first_heard: None,
                last_heard: None,
                pending: 0,
                revoked: None,
            })
        };
        Arc::make_mut(self.devices.entry(id).or_insert_with(unheard))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(seq: u64, event: &str) -> SurveyEntry {
        SurveyEntry {
            seq,
            id: Uuid::from_u128(u128::from(seq)),
            at: Timestamp::from_second(i64::try_from(seq).unwrap()).unwrap(),
            author: format!("a{seq}"),
            event: event.to_owned(),
        }
    }

    #[test]
    fn entries_of_others_are_passed_over_and_broken_ones_are_named() {
        let mut state = State::default();
        let device = Uuid::from_u128(7);
        for (seq, event) in [
            format!(r#"{{"kind":"device_heard","device":"{device}","pending":3}}"#),
            r#"{"kind":"visited","visit":{"id":1}}"#.to_owned(),
            format!(r#"{{"kind":"device_revoked","device":"{device}","reason":"left on a bus"}}"#),
            format!(r#"{{"kind":"device_revoked","device":"{device}","reason":"again"}}"#),
            format!(r#"{{"kind":"device_heard","device":"{device}","pending":1}}"#),
            r#"{"kind":"photo_verified","sha256":"ab","bytes":5,"media_type":"image/png","pixels":[1,1]}"#.to_owned(),
            r#"{"kind":"photo_verified","sha256":"ab","bytes":5,"media_type":"image/png","pixels":[1,1]}"#.to_owned(),
        ]
        .iter()
        .enumerate()
        {
            state.follow(&entry(seq as u64 + 1, event)).unwrap();
        }
        let known = &state.devices[&device];
        assert_eq!((known.pending, known.account.as_deref()), (1, Some("a5")));
        assert_eq!(known.revoked.as_ref().unwrap().reason, "left on a bus");
        assert!(state.is_revoked(device) && !state.is_revoked(Uuid::nil()));
        assert!(state.has_sent("a6", "ab") && !state.has_sent("a5", "ab"));
        assert_eq!(
            state.sent_bytes,
            HashMap::from([("a6".to_owned(), 5), ("a7".to_owned(), 5)]),
            "each has sent its own copy"
        );
        let again = SurveyEntry {
            author: "a6".to_owned(),
            ..entry(
                8,
                r#"{"kind":"photo_verified","sha256":"ab","bytes":5,"media_type":"image/png","pixels":[1,1]}"#,
            )
        };
        state.follow(&again).unwrap();
        assert_eq!(state.sent_bytes["a6"], 5, "which counts once");
        assert_eq!(state.seq, 8);
        assert!(
            state
                .follow(&entry(9, r#"{"kind":"device_heard"}"#))
                .unwrap_err()
                .contains("entry 9")
        );
    }
}
