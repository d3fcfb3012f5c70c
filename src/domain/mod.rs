//! What the inventory is about, without IO: ids, values, the catalogue, records, edits, life-cycles, geometry.
//!
//! Read in this order: [`catalogue`] (what attributes exist), [`value`], [`record`], [`edit`], [`lifecycle`], [`query`], [`geometry`].
//!
//! Deliberately absent: files, databases, HTTP, clocks and randomness (both are passed in).
//!
//! # Glossary
//!
//! | here | 中文 | meaning |
//! |---|---|---|
//! | carrier | 载体 | parcel, building or unit |
//! | parcel | 地块 | plot of land |
//! | building | 厂房, 幢 | factory building |
//! | unit | 单元 | lettable part of a building, on one floor |
//! | plot ratio | 容积率 | floor area over site area (FAR) |
//! | clear height | 净高 | height under the lowest beam |
//! | storey height | 层高 | floor to floor |
//! | hold | 预留, 意向锁定 | exclusive, expiring reservation |
//! | ledger | 台账 | the park's list of carriers |
pub mod available;
pub mod catalogue;
pub mod edit;
pub mod geometry;
pub mod ids;
pub mod lifecycle;
pub mod names;
pub mod query;
pub mod record;
pub mod surroundings;
pub mod value;
pub mod viewer;
