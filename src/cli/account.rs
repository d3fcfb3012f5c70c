//! `zaiti account`: people and programs that may log in.
use std::io::Read;
use std::sync::Arc;

use anyhow::Context;
use clap::{Args, Subcommand};
use uuid::Uuid;

use super::place::{Place, block_on};
use super::{Done, print};
use crate::accounts::{Accounts, NewAccount};
use crate::domain::viewer::Role;
use crate::inventory;

/// Add, list and disable accounts
#[derive(Subcommand)]
pub enum Account {
    /// Add an account; without --password-stdin or --password-env a password is made and printed
    Add(Add),
    /// List the accounts
    List(List),
    /// Let an account log in no more, and end its sessions and tokens
    Disable(Disable),
    /// Give an account a new password, and end its sessions
    Passwd(Passwd),
}

/// Add an account
#[derive(Args)]
pub struct Add {
    /// Log-in name
    name: String,
    /// surveyor, staff, steward or admin
    #[arg(long, value_parser = role)]
    role: Role,
    /// Name to show; the log-in name when left out
    #[arg(long, value_name = "TEXT")]
    display_name: Option<String>,
    #[command(flatten)]
    password: Password,
    #[command(flatten)]
    place: Place,
}

/// List the accounts
#[derive(Args)]
pub struct List {
    #[command(flatten)]
    place: Place,
}

/// Disable an account
#[derive(Args)]
pub struct Disable {
    /// Log-in name
    name: String,
    #[command(flatten)]
    place: Place,
}

/// Give a new password
#[derive(Args)]
pub struct Passwd {
    /// Log-in name
    name: String,
    #[command(flatten)]
    password: Password,
    #[command(flatten)]
    place: Place,
}

/// Where the password comes from; never the command line, which others can read.
#[derive(Args)]
struct Password {
    /// Read the password from the first line of standard input
    #[arg(long, conflicts_with = "password_env")]
    password_stdin: bool,
    /// Read the password from the environment variable of this name
    #[arg(long, value_name = "NAME")]
    password_env: Option<String>,
}

/// A password, and whether the program made it, so that somebody has to be told.
enum Chosen {
    Given(String),
    Made(String),
}

impl Account {
    /// Does it.
    pub fn run(self) -> anyhow::Result<Done> {
        block_on(async {
            match self {
                Self::Add(add) => add.run().await?,
                Self::List(list) => list.run().await?,
                Self::Disable(disable) => {
                    open(&disable.place).await?.disable(&disable.name).await?;
                    print(&format!(
                        "{} can log in no more; a running server knows within a minute",
                        disable.name
                    ));
                }
                Self::Passwd(passwd) => passwd.run().await?,
            }
            Ok(Done::All)
        })
    }
}

impl Add {
    async fn run(self) -> anyhow::Result<()> {
        let password = self.password.choose()?;
        let new = NewAccount {
            display_name: self.display_name.unwrap_or_else(|| self.name.clone()),
            name: self.name.clone(),
            role: self.role,
            password: password.text().to_owned(),
        };
        open(&self.place).await?.add_account(new).await?;
        print(&format!("account {} added with the role {}", self.name, self.role));
        password.tell();
        Ok(())
    }
}

impl List {
    async fn run(self) -> anyhow::Result<()> {
        for account in open(&self.place).await?.list() {
            let state = if account.disabled { "disabled" } else { "active" };
            print(&format!("{}\t{}\t{state}\t{}", account.name, account.role, account.display_name));
        }
        Ok(())
    }
}

impl Passwd {
    async fn run(self) -> anyhow::Result<()> {
        let password = self.password.choose()?;
        open(&self.place).await?.set_password(&self.name, password.text()).await?;
        print(&format!("{} has a new password", self.name));
        password.tell();
        Ok(())
    }
}

impl Password {
    fn choose(&self) -> anyhow::Result<Chosen> {
        if let Some(name) = &self.password_env {
            let given = std::env::var(name).with_context(|| format!("the environment variable {name} does not hold a password"))?;
            return Ok(Chosen::Given(given));
        }
        if !self.password_stdin {
            let made = Uuid::new_v4().simple().to_string();
            return Ok(Chosen::Made(made[..20].to_owned()));
        }
        let mut text = String::new();
        std::io::stdin()
            .read_to_string(&mut text)
            .context("no password could be read from standard input")?;
        Ok(Chosen::Given(text.lines().next().unwrap_or_default().to_owned()))
    }
}

impl Chosen {
    fn text(&self) -> &str {
        match self {
            Self::Given(text) | Self::Made(text) => text,
        }
    }

    fn tell(&self) {
        if let Self::Made(text) = self {
            print(&format!("password: {text}"));
        }
    }
}

/// The accounts of a store.
pub async fn open(place: &Place) -> anyhow::Result<Arc<Accounts>> {
    Ok(Accounts::open(place.open_store().await?, inventory::of_machine().clock).await?)
}

/// Reads a role.
pub fn role(text: &str) -> Result<Role, String> {
    let roles = [Role::Public, Role::Surveyor, Role::Staff, Role::Steward, Role::Admin];
    let found = roles.into_iter().find(|role| role.to_string() == text);
    found.ok_or_else(|| "expected public, surveyor, staff, steward or admin".to_owned())
}
