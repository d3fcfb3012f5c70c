//! `zaiti demo`: an invented park, so that each feature can be tried at once.
//!
//! The files in `data/demo` are generated here, committed, and compiled in; a test holds them against what is generated.
//! Read in this order: `streets` (the grid), `plots` (blocks become plots), `parcels`, `buildings` and `units` (what stands there and what is
//! known of it), `edits` (what happened later), `overlays` and `base_map`, `files` (what goes where), `load`.
mod accounts;
mod base_map;
mod building_facts;
mod buildings;
mod campaign;
mod edits;
mod facts;
mod files;
mod load;
mod names;
mod overlays;
mod parcel_plan;
mod parcels;
mod plane;
mod plots;
mod premises;
mod random;
mod streets;
mod units;
mod water;

use std::path::PathBuf;

use anyhow::Context;
use clap::Subcommand;

use super::place::{Place, block_on};
use super::{Done, print};

/// Load or generate the invented demo park
#[derive(Subcommand)]
pub enum Demo {
    /// Load the demo park with its accounts; loading again changes nothing
    Load {
        #[command(flatten)]
        place: Place,
    },
    /// Write the files of the demo park anew, as they are in data/demo
    Generate {
        /// Folder to write them to
        #[arg(value_name = "DIR")]
        dir: PathBuf,
    },
    /// Print the demo accounts and what to try
    Hint,
}

impl Demo {
    /// Does it.
    pub fn run(self) -> anyhow::Result<Done> {
        match self {
            Self::Load { place } => block_on(async { load::load(&place).await }),
            Self::Generate { dir } => generate(&dir),
            Self::Hint => {
                accounts::hint();
                Ok(Done::All)
            }
        }
    }
}

fn generate(dir: &std::path::Path) -> anyhow::Result<Done> {
    std::fs::create_dir_all(dir).with_context(|| format!("the folder {} cannot be made", dir.display()))?;
    let files = files::generated();
    for (name, text) in &files {
        let path = dir.join(name);
        std::fs::write(&path, text).with_context(|| format!("{} cannot be written", path.display()))?;
    }
    print(&format!("{} files written to {}", files.len(), dir.display()));
    Ok(Done::All)
}
