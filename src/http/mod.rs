//! HTTP: extract, one call, encode.
//!
//! Read in this order: `routes` (the table: every path on one screen), `door` (what every request passes), one file per resource
//! (`search`, `carriers`, `tiles`, ...), `faults` (errors of the floors below to statuses), `problem` (how they are told).
//!
//! Deliberately absent: decisions about who sees what (`inventory` makes them at its door), lists of attributes (the catalogue has them), SQL.
mod app;
mod asking;
mod assets;
mod body;
mod campaigns;
mod carriers;
mod catalogue;
mod changes;
mod conditional;
mod devices;
mod door;
mod edits;
mod exports;
mod facets;
mod faults;
mod fieldwork;
mod ground;
mod heavy;
mod inbox;
mod metrics;
mod openapi;
mod operation;
mod own_ground;
mod parameters;
mod peers;
mod photos;
mod problem;
mod requirements;
mod route;
mod routes;
mod search;
mod security;
mod server;
mod session;
mod settings;
mod state;
mod stream;
mod succession;
mod suitability;
mod tiles;
mod unread;
mod viewer;
mod visits;

pub use app::{openapi_document, run, service};
pub use campaigns::{Launch, drawn_up};
pub use fieldwork::facts_of;
pub use settings::{BaseMap, IfMatch, Limits, Proxy, Settings};
pub use state::App;
pub use succession::settle;
