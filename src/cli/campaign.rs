//! `zaiti campaign`: survey campaigns without the desk.
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::{Args, Subcommand, ValueEnum};
use serde_json::Value as Json;

use super::flags::SurveyFlags;
use super::place::{Place, block_on};
use super::{Done, print};
use crate::accounts::Accounts;
use crate::devices::{Devices, PhotoLimits};
use crate::domain::viewer::{Role, Viewer};
use crate::http::{Launch as Wish, drawn_up, facts_of, settle};
use crate::inventory::{self, Inventory, View};
use crate::survey::report::{Lang, labels, report};
use crate::survey::told::{self, Eyes};
use crate::survey::{Campaign as State, Facts, Settings, Survey};

/// Launch and look at survey campaigns
#[derive(Subcommand)]
pub enum Campaign {
    /// Launch a campaign: a search becomes a list of targets
    Launch(Launch),
    /// List the campaigns with their numbers
    List(List),
    /// Show a campaign with its zones
    Show(Show),
    /// Write the report of a campaign, an HTML page that prints well
    Report(Report),
}

/// Launch a campaign: a search becomes a list of targets
#[derive(Args)]
pub struct Launch {
    /// The same JSON that POST /api/v1/campaigns takes; - for standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Account that launches it, a steward or admin
    #[arg(long, value_name = "ACCOUNT")]
    by: String,
    /// Show what it would be, and write nothing
    #[arg(long)]
    preview: bool,
    #[command(flatten)]
    limits: SurveyFlags,
    #[command(flatten)]
    place: Place,
}

/// List the campaigns with their numbers
#[derive(Args)]
pub struct List {
    #[command(flatten)]
    place: Place,
}

/// Show a campaign with its zones
#[derive(Args)]
pub struct Show {
    /// Id or name
    #[arg(value_name = "CAMPAIGN")]
    campaign: String,
    /// All of it as JSON, with the targets
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

/// Write the report of a campaign, an HTML page that prints well
#[derive(Args)]
pub struct Report {
    /// Id or name
    #[arg(value_name = "CAMPAIGN")]
    campaign: String,
    /// Language
    #[arg(long, default_value = "zh")]
    lang: Language,
    /// File to write; standard output without it
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    place: Place,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Language {
    Zh,
    En,
    De,
}

impl Campaign {
    /// Does what was asked.
    pub fn run(self) -> anyhow::Result<Done> {
        block_on(async {
            match self {
                Self::Launch(launch) => launch.run().await,
                Self::List(list) => list.run().await,
                Self::Show(show) => show.run().await,
                Self::Report(report) => report.run().await,
            }
        })
    }
}

impl Launch {
    async fn run(self) -> anyhow::Result<Done> {
        let wish: Wish = serde_json::from_str(&text(&self.file)?).with_context(|| format!("{} is no launch", self.file.display()))?;
        let store = self.place.open_store().await?;
        let accounts = Accounts::open(Arc::clone(&store), inventory::of_machine().clock).await?;
        let known = accounts
            .list()
            .into_iter()
            .find(|account| account.name == self.by && !account.disabled);
        let Some(account) = known.filter(|account| account.role >= Role::Steward) else {
            bail!("{} is no account of a steward or admin: zaiti account list shows them", self.by);
        };
        let inventory = Inventory::open(Arc::clone(&store), self.place.catalogue.load()?, self.place.settings()).await?;
        let survey = Survey::open(store, inventory::of_machine(), self.limits.settings(&self.place)).await?;
        let viewer = Viewer {
            role: account.role,
            account: Some(account.name.as_str().into()),
        };
        let drawn = drawn_up(&wish, (&inventory.view(&viewer), &accounts), &survey).await;
        let (plan, targets) = drawn.map_err(anyhow::Error::msg)?;
        if self.preview {
            survey.check_launch(&plan, &targets)?;
            print(&format!("{}: {} targets; nothing was written", plan.name, targets.len()));
            return Ok(Done::All);
        }
        let campaign = survey.launch(&account.name, plan, targets).await?;
        print(&format!(
            "{} {}: {} targets",
            campaign.plan.id,
            campaign.plan.name,
            campaign.targets.len()
        ));
        Ok(Done::All)
    }
}

impl List {
    async fn run(self) -> anyhow::Result<Done> {
        let (survey, _, facts) = open(&self.place).await?;
        let state = survey.state().await?;
        for campaign in state.campaigns.values() {
            print(&line(&told::line(campaign, Eyes::Desk, &facts)));
        }
        Ok(Done::All)
    }
}

impl Show {
    async fn run(self) -> anyhow::Result<Done> {
        let (survey, view, facts) = open(&self.place).await?;
        let campaign = find(&survey, &self.campaign).await?;
        let told = told::whole(&campaign, Eyes::Desk, (&facts, &|record| view.closure_of(record)));
        if self.json {
            print(&serde_json::to_string_pretty(&told)?);
            return Ok(Done::All);
        }
        print(&line(&told));
        for zone in told["zones"].as_array().into_iter().flatten() {
            print(&zone_line(zone));
        }
        Ok(Done::All)
    }
}

impl Report {
    async fn run(self) -> anyhow::Result<Done> {
        let (survey, _, facts) = open(&self.place).await?;
        let campaign = find(&survey, &self.campaign).await?;
        let lang = match self.lang {
            Language::Zh => Lang::Zh,
            Language::En => Lang::En,
            Language::De => Lang::De,
        };
        let catalogue = self.place.catalogue.load()?;
        let page = report(&campaign, &facts, (lang, &labels(&catalogue, lang)));
        match &self.out {
            None => print(&page),
            Some(path) => std::fs::write(path, page).with_context(|| format!("{} cannot be written", path.display()))?,
        }
        Ok(Done::All)
    }
}

/// Campaigns as the desk shows them, with all of the inventory.
async fn open(place: &Place) -> anyhow::Result<(Arc<Survey>, View, Facts)> {
    let store = place.open_store().await?;
    let devices = Devices::open(Arc::clone(&store), inventory::of_machine(), PhotoLimits::default()).await?;
    let inventory = Inventory::open(Arc::clone(&store), place.catalogue.load()?, place.settings()).await?;
    let settings = Settings {
        zone: place.zone.clone(),
        ..Settings::default()
    };
    let survey = Survey::open(store, inventory::of_machine(), settings).await?;
    let view = inventory.view(&Viewer {
        role: Role::Admin,
        account: None,
    });
    settle::<anyhow::Error>(&survey, &view).await?;
    let facts = facts_of(&survey, (&devices.list().await?, &*devices.state().await?)).await?;
    Ok((survey, view, facts))
}

async fn find(survey: &Survey, wanted: &str) -> anyhow::Result<Arc<State>> {
    let state = survey.state().await?;
    let mut found = state
        .campaigns
        .values()
        .filter(|each| each.plan.id.to_string() == wanted || each.plan.name == wanted);
    match (found.next(), found.next()) {
        (Some(campaign), None) => Ok(Arc::clone(campaign)),
        (Some(_), Some(_)) => bail!("several campaigns are named {wanted}: give the id"),
        (None, _) => bail!("there is no campaign {wanted}: zaiti campaign list shows them"),
    }
}

fn text(file: &Path) -> anyhow::Result<String> {
    if file.as_os_str() == "-" {
        let mut text = String::new();
        std::io::stdin()
            .read_to_string(&mut text)
            .context("standard input cannot be read")?;
        return Ok(text);
    }
    std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))
}

fn line(told: &Json) -> String {
    let word = |key: &str| told[key].as_str().unwrap_or_default().to_owned();
    format!(
        "{}\t{}\t{}\tuntil {}\t{}",
        word("id"),
        word("name"),
        word("state"),
        word("deadline"),
        counted(&told["numbers"])
    )
}

fn zone_line(zone: &Json) -> String {
    let word = |key: &str| zone[key].as_str().unwrap_or("-").to_owned();
    let state = if zone["signed"].is_null() { "open" } else { "signed" };
    format!(
        "  {}\t{}\tteam {}\tday {}\t{state}\t{}",
        word("key"),
        word("name"),
        word("team"),
        word("day"),
        counted(&zone["numbers"])
    )
}

fn counted(numbers: &Json) -> String {
    let count = |key: &str| numbers[key].as_u64().unwrap_or_default();
    format!(
        "{} targets, {} visited, {} accounted for, {} to review",
        count("targets"),
        count("visited"),
        count("accounted_for"),
        count("to_review")
    )
}
