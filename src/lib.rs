//! Zaiti (载体): the inventory of a development zone's industrial land and factory buildings.
//!
//! # The house
//!
//! Floors, highest first. Imports point down only; modules on one floor do not see each other. `tests/all/architecture.rs` holds this.
//!
//! | floor | modules | what they are |
//! |---|---|---|
//! | 5 | `main.rs`, [`cli`] | wiring: arguments, environment, subcommands; the only exit, the only reads of the environment |
//! | 4 | [`http`] | extract, one call, encode; one file per resource, one route table, one map from errors to statuses |
//! | 3 | [`inventory`], [`survey`], [`devices`], [`accounts`] | use cases: search, edit, history, import, export; campaigns, visits, sign-off; devices in the field and their photos; people, sessions, tokens |
//! | 2 | [`store`], [`formats`], [`tiles`] | rows in GeoPackage and PostGIS; bytes of file formats; vector tiles from a snapshot |
//! | 1 | [`index`], [`filter`], [`suitability`] | the immutable snapshot and its evaluator; parsing and checking of what was asked; which carriers suit a project |
//! | 0 | [`domain`] | units, geometry, catalogue, records, edits, life-cycles. No IO, no async, no SQL, no HTTP |
//!
//! # The life of an edit
//!
//! `http` (or `inventory::import`) makes a [`domain::edit::Edit`]; the writer of [`inventory`] checks it against catalogue, life-cycle and rights,
//! [`store`] commits record, history, receipt and revision in one transaction, and only then a new [`index::Snapshot`] is published and the receipt given out.
//! Readers hold one snapshot from start to end and never wait for a writer.
pub mod accounts;
pub mod cli;
pub mod devices;
pub mod domain;
pub mod filter;
pub mod formats;
pub mod http;
pub mod index;
pub mod inventory;
pub mod store;
pub mod suitability;
pub mod survey;
pub mod tiles;
