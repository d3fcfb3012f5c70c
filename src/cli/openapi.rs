//! `zaiti openapi`: the document, for those who make clients from it.
use clap::Args;

use super::place::CatalogueDir;
use super::{Done, print};
use crate::domain::viewer::Role;
use crate::http;

/// Print the OpenAPI document
#[derive(Args)]
pub struct OpenApi {
    /// As this role sees it: public, surveyor, staff, steward or admin
    #[arg(long, default_value = "admin", value_parser = super::account::role)]
    role: Role,
    #[command(flatten)]
    catalogue: CatalogueDir,
}

impl OpenApi {
    /// Prints it.
    pub fn run(self) -> anyhow::Result<Done> {
        let document = http::openapi_document(&self.catalogue.load()?, self.role);
        print(&serde_json::to_string_pretty(&document)?);
        Ok(Done::All)
    }
}
