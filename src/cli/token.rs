//! `zaiti token`: a secret for a program, with the rights of an account.
use clap::Args;

use super::place::{Place, block_on};
use super::{Done, account, print};

/// Make a token for a program
#[derive(Args)]
pub struct Token {
    /// Account whose rights it has
    account: String,
    /// What it is for
    #[arg(long, default_value = "command line", value_name = "TEXT")]
    label: String,
    /// How long it lasts, days
    #[arg(long, default_value_t = 30, value_name = "DAYS")]
    days: u32,
    #[command(flatten)]
    place: Place,
}

impl Token {
    /// Makes it, and prints it this once.
    pub fn run(self) -> anyhow::Result<Done> {
        block_on(async {
            let accounts = account::open(&self.place).await?;
            let token = accounts.make_token(&self.account, &self.label, self.days).await?;
            print(&token.secret);
            Ok(Done::All)
        })
    }
}
