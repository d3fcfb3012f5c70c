//! Where the data is: the arguments that most subcommands share, and how what they name is opened.
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use clap::Args;

use crate::domain::catalogue::Catalogue;
use crate::store::{self, Store};

/// Which store and catalogue.
#[derive(Args)]
pub struct Place {
    /// GeoPackage file or postgres:// address
    #[arg(long, env = "ZAITI_STORE", default_value = "var/zaiti.gpkg", value_name = "STORE")]
    pub store: String,
    #[command(flatten)]
    pub catalogue: CatalogueDir,
}

/// Which catalogue.
#[derive(Args)]
pub struct CatalogueDir {
    /// Directory of catalogue files that replace the built-in ones
    #[arg(long = "catalogue", env = "ZAITI_CATALOGUE", value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

impl Place {
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
