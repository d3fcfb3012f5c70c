//! `zaiti catalogue`: is a catalogue sound?
use std::path::PathBuf;

use clap::Subcommand;

use super::place::CatalogueDir;
use super::{Done, print};

/// Check a catalogue
#[derive(Subcommand)]
pub enum Catalogue {
    /// Read a catalogue directory (else the built-in one) and say what is wrong, with file and line
    Check {
        /// Directory with .toml files
        dir: Option<PathBuf>,
    },
}

impl Catalogue {
    /// Reads it, and counts what is in it.
    pub fn run(self) -> anyhow::Result<Done> {
        let Self::Check { dir } = self;
        let catalogue = CatalogueDir { dir }.load()?;
        print(&format!(
            "the catalogue is sound: {} collections, {} attributes, {} code lists, {} life-cycles",
            catalogue.collections.len(),
            catalogue.attributes.len(),
            catalogue.code_lists.len(),
            catalogue.lifecycles.len()
        ));
        Ok(Done::All)
    }
}
