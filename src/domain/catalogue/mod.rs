//! The catalogue: every attribute, code list and life-cycle as data, loaded and checked once.
//!
//! Everything that names attributes (parameters, JSON Schema, tiles, panels, import, export) loops over this; no other code lists attributes.
//! Files: `data/catalogue/*.toml`, compiled in, replaced by `--catalogue DIR`; their form is described in `data/catalogue/README.md`.
//!
//! Read in this order: `model` (the shape in memory), `entries` (the shape of the files), `load` (from one to the other), `check` (what a file may say
//! and still be wrong), `lookup` (questions asked of a loaded catalogue), `json` (what a viewer gets of it).
//!
//! Deliberately absent: reading directories (the command line does that), values (`domain::value`) and any attribute, code or limit written in code.
mod builtin;
mod codes;
mod entries;
mod error;
mod json;
mod load;
mod lookup;
mod model;

pub use super::names::Names;
pub use codes::UnknownCode;
pub use error::{CatalogueError, Fault, Problem};
pub use model::*;
