//! Field work from outside: devices that lose their network and their memory, and people who decide on what they sent.
mod check;
mod device;
mod devices;
mod inbox;
mod late;
mod many;
mod model;
pub mod photos;
mod room;
mod unread;
