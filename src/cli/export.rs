//! `zaiti export`: records to a file, with the same filters as the search.
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, ValueEnum};

use super::place::{Place, block_on};
use super::{Done, say};
use crate::domain::viewer::{Role, Viewer};
use crate::filter;
use crate::inventory::{ExportFormat, Inventory};

/// Write records to a file
#[derive(Args)]
pub struct Export {
    /// parcels, buildings, units or the key of an overlay
    #[arg(long, value_name = "COLLECTION")]
    collection: String,
    /// Form of the file
    #[arg(long, value_enum, default_value = "geojson")]
    format: Format,
    /// File to write; standard output when left out
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// As this role sees it
    #[arg(long, default_value = "public", value_parser = super::account::role)]
    role: Role,
    /// Conditions as in a search, such as `area_min=30` `area_unit=mu` `status=AVAILABLE`
    #[arg(value_name = "NAME=VALUE")]
    filters: Vec<String>,
    #[command(flatten)]
    place: Place,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Geojson,
    Csv,
}

impl Export {
    /// Writes it.
    pub fn run(self) -> anyhow::Result<Done> {
        block_on(async {
            let store = self.place.open_store().await?;
            let inventory = Inventory::open(store, self.place.catalogue.load()?, self.place.settings()).await?;
            let view = inventory.view(&Viewer {
                role: self.role,
                account: None,
            });
            let query = view.query(&self.collection, &pairs(&self.filters)?, &filter::Limits::default())?;
            let format = match self.format {
                Format::Geojson => ExportFormat::GeoJson,
                Format::Csv => ExportFormat::Csv,
            };
            let mut out = self.open()?;
            for piece in view.export(&query, format)? {
                out.write_all(&piece).context("the file cannot be written")?;
            }
            out.flush().context("the file cannot be written")?;
            say(&format!("exported {} at revision {}", self.collection, view.revision()));
            Ok(Done::All)
        })
    }

    fn open(&self) -> anyhow::Result<Box<dyn Write>> {
        Ok(match &self.output {
            Some(path) => {
                let file = std::fs::File::create(path).with_context(|| format!("{} cannot be written", path.display()))?;
                Box::new(BufWriter::new(file))
            }
            None => Box::new(std::io::stdout().lock()),
        })
    }
}

fn pairs(filters: &[String]) -> anyhow::Result<Vec<(String, String)>> {
    let pair = |text: &String| {
        let (name, value) = text.split_once('=').with_context(|| format!("given {text}, expected NAME=VALUE"))?;
        Ok((name.to_owned(), value.to_owned()))
    };
    filters.iter().map(pair).collect()
}
