//! What devices in the field send beside edits and visits: signs of life and photos. And that a lost device is no longer believed.
//!
//! What is known of devices and photos is computed from their entries in the log of the field; the bytes of photos lie in the store under their SHA-256.
//! Read in this order: `event`, `state` (what the entries add up to), [`Devices`] (the log), `photos` (bytes in, checked), `images` (what is shown of them).
//!
//! Deliberately absent: which visit a photo belongs to, and whether that was approved. `http` asks those who know.
mod error;
mod event;
mod images;
mod limits;
mod photos;
mod service;
mod state;

pub use error::DeviceError;
pub use images::Size;
pub use limits::PhotoLimits;
pub use photos::{Chunk, Received};
pub use service::Devices;
pub use state::{Device, Photo, Revoked, State};
