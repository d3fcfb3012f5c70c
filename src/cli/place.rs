//! Where the data is: the arguments that most subcommands share, and how what they name is opened.
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use clap::Args;
use jiff::tz::{Offset, TimeZone};

use crate::domain::catalogue::Catalogue;
use crate::inventory;
use crate::store::{self, Store};

/// Which store and catalogue.
#[derive(Args)]
pub struct Place {
    /// GeoPackage file or postgres:// address
    #[arg(long, env = "ZAITI_STORE", default_value = "var/zaiti.gpkg", value_name = "STORE")]
    pub store: String,
    #[command(flatten)]
    pub catalogue: CatalogueDir,
    /// Where the park's days begin and end: an offset such as +08:00, or a POSIX rule such as CET-1CEST,M3.5.0,M10.5.0/3
    #[arg(long = "time-zone", env = "ZAITI_TIME_ZONE", default_value = "+08:00", value_name = "ZONE", value_parser = zone, allow_hyphen_values = true)]
    pub zone: TimeZone,
}

fn zone(text: &str) -> Result<TimeZone, String> {
    let expected = "expected an offset such as +08:00, or a POSIX rule such as CET-1CEST,M3.5.0,M10.5.0/3";
    let offset = |sign: i32, clock: &str| {
        let (hours, minutes) = clock.split_once(':')?;
        let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
        let seconds = (hours * 60 + minutes) * 60;
        (minutes < 60).then(|| Offset::from_seconds(sign * seconds).ok()).flatten()
    };
    let fixed = match text.split_at_checked(1) {
        Some(("+", clock)) => offset(1, clock),
        Some(("-", clock)) => offset(-1, clock),
        Some(_) | None => None,
    };
    fixed
        .map(TimeZone::fixed)
        .or_else(|| TimeZone::posix(text).ok())
        .ok_or_else(|| expected.to_owned())
}

/// Which catalogue.
#[derive(Args)]
pub struct CatalogueDir {
    /// Directory of catalogue files that replace the built-in ones
    #[arg(long = "catalogue", env = "ZAITI_CATALOGUE", value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

impl Place {
    /// Settings of the inventory that all subcommands share.
    pub fn settings(&self) -> inventory::Settings {
        inventory::Settings {
            zone: self.zone.clone(),
            ..inventory::Settings::default()
        }
    }

    /// Opens the store; a GeoPackage that does not exist is made, with its folder.
    pub async fn open_store(&self) -> anyhow::Result<Arc<dyn Store>> {
        if !self.store.contains("://") {
            let folder = Path::new(&self.store).parent().filter(|folder| !folder.as_os_str().is_empty());
            if let Some(folder) = folder {
                std::fs::create_dir_all(folder).with_context(|| format!("the folder {} cannot be made", folder.display()))?;
            }
        }
        Ok(store::open(&self.store).await?)
    }
}

impl CatalogueDir {
    /// The catalogue, checked.
    pub fn load(&self) -> anyhow::Result<Catalogue> {
        match &self.dir {
            Some(dir) => read_catalogue(dir),
            None => Ok(Catalogue::builtin()?),
        }
    }
}

/// Reads every `.toml` file of a directory, in order of their names.
pub fn read_catalogue(dir: &Path) -> anyhow::Result<Catalogue> {
    let cannot = || format!("the catalogue directory {} cannot be read", dir.display());
    let mut files = Vec::new();
    for entry in std::fs::read_dir(dir).with_context(cannot)? {
        let path = entry.with_context(cannot)?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            let text = std::fs::read_to_string(&path).with_context(|| format!("{} cannot be read as UTF-8 text", path.display()))?;
            files.push((path.file_name().unwrap_or_default().to_string_lossy().into_owned(), text));
        }
    }
    anyhow::ensure!(
        !files.is_empty(),
        "there is no .toml file in {}: name a catalogue directory",
        dir.display()
    );
    files.sort();
    Ok(Catalogue::load(&files)?)
}

/// Runs a use case to its end.
pub fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.context("the threads of the program cannot be started")?.block_on(work)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_offsets_or_rules() {
        let noon: jiff::Timestamp = "2026-07-01T12:00:00Z".parse().unwrap();
        for (text, hour) in [("+08:00", 20), ("-03:30", 8), ("CET-1CEST,M3.5.0,M10.5.0/3", 14), ("+00:00", 12)] {
            assert_eq!(zone(text).unwrap().to_datetime(noon).hour(), hour, "{text}");
        }
        for text in ["", "8", "+8", "+08:99", "+99:00", "Shanghai", "+a:b"] {
            assert!(zone(text).is_err(), "{text}");
        }
    }
}
