//! The service from outside: the real program, asked over HTTP.
//!
//! Where the store matters, a case is a function of the kind of store and `on_both_stores` makes a test of it for each.
#![expect(clippy::panic, reason = "here that is how a test fails")]

mod answers;
mod cage;
mod campaigns;
mod catalogue;
mod crash;
mod document;
mod ground;
mod inbox;
mod limits;
mod live;
mod operation;
mod oracle;
mod pages;
mod past;
mod people;
mod privacy;
mod search;
mod shared;
mod suitability;
mod tiles;
mod trouble;
