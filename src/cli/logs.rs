//! What the program writes about itself, to standard error.
use std::io::IsTerminal;

use clap::{Args, ValueEnum};
use tracing_subscriber::EnvFilter;

/// How the program logs.
#[derive(Args)]
#[command(next_help_heading = "Logs")]
pub struct Logs {
    /// What is logged: error, warn, info, debug, or by module (`info,zaiti::store=debug`)
    #[arg(long, env = "ZAITI_LOG", default_value = "info", value_name = "LEVEL")]
    pub log: String,
    /// Form of a line
    #[arg(long, env = "ZAITI_LOG_FORMAT", default_value = "text", value_name = "FORMAT")]
    pub log_format: Format,
}

/// Form of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// One JSON object per line.
    Json,
}

impl Logs {
    /// Starts logging; once per process.
    pub fn start(&self) -> anyhow::Result<()> {
        let filter =
            EnvFilter::try_new(&self.log).map_err(|error| anyhow::anyhow!("--log {}: {error}; expected a level such as info", self.log))?;
        let lines = tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_writer(std::io::stderr)
            .with_ansi(std::io::stderr().is_terminal());
        let started = match self.log_format {
            Format::Text => lines.try_init(),
            Format::Json => lines
                .json()
                .flatten_event(true)
                .with_current_span(true)
                .with_span_list(false)
                .try_init(),
        };
        started.map_err(|error| anyhow::anyhow!("logging cannot be started: {error}"))
    }
}
