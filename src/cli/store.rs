//! `zaiti store`: looking after a store.
use clap::Subcommand;

use super::place::{Place, block_on};
use super::{Done, print};

/// Look after a store
#[derive(Subcommand)]
pub enum Store {
    /// Read everything and list what is damaged (minutes for a large store)
    Check {
        #[command(flatten)]
        place: Place,
    },
}

impl Store {
    /// Reads everything. Status 1 when something is damaged.
    pub fn run(self) -> anyhow::Result<Done> {
        let Self::Check { place } = self;
        block_on(async {
            let store = place.open_store().await?;
            let faults = store.check().await?;
            for fault in &faults {
                print(fault);
            }
            if faults.is_empty() {
                print(&format!("{} is sound", store.describe()));
                return Ok(Done::All);
            }
            print(&format!(
                "{} faults found in {}: restore the last backup",
                faults.len(),
                store.describe()
            ));
            Ok(Done::Partly)
        })
    }
}
