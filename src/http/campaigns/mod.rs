//! `/api/v1/campaigns`: launching, reading, zones, sign-off.
mod change;
mod end;
mod launch;
mod package;
mod report;

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::{Value, json};
use uuid::Uuid;

use super::conditional::json_now;
use super::fieldwork;
use super::problem::Problem;
use super::state::App;
use super::viewer::Asker;
use crate::accounts::Accounts;
use crate::domain::viewer::{Role, Viewer};
use crate::inventory::View;
use crate::survey::told::{self, Eyes};
use crate::survey::{Campaign, Fault, SurveyError};

pub use change::{balance, retarget, rezone};
pub use end::{sample, sign_off};
pub use launch::{Launch, drawn_up, launch};
pub use package::{package, targets};
pub use report::report;

/// Lowest role that runs campaigns.
const LEADERS: Role = Role::Steward;

/// All campaigns that the asker may see, latest first.
pub async fn list(State(app): State<Arc<App>>, asker: Asker) -> Result<Response, Problem> {
    let viewer = asker.at_least(Role::Surveyor)?;
    let facts = fieldwork::facts(&app).await?;
    let state = fieldwork::campaigns(&app).await?;
    let eyes = eyes(viewer);
    let mut seen: Vec<_> = state.campaigns.values().filter(|campaign| eyes.see(campaign)).collect();
    seen.sort_by_key(|campaign| std::cmp::Reverse(campaign.launched_at));
    let lines: Vec<Value> = seen.into_iter().map(|campaign| told::line(campaign, eyes, &facts)).collect();
    Ok(json_now(json!({ "campaigns": lines }).to_string()))
}

/// One campaign with its zones and targets.
pub async fn read(State(app): State<Arc<App>>, asker: Asker, Path(id): Path<String>) -> Result<Response, Problem> {
    let viewer = asker.at_least(Role::Surveyor)?;
    let campaign = seen(&app, viewer, &id).await?;
    answer(&app, viewer, campaign).await
}

/// The campaign, if the viewer may see it.
async fn seen(app: &App, viewer: &Viewer, id: &str) -> Result<Arc<Campaign>, Problem> {
    let unknown = || SurveyError::UnknownCampaign { given: id.to_owned() };
    let uuid = Uuid::parse_str(id).map_err(|_no_id: uuid::Error| unknown())?;
    let state = fieldwork::campaigns(app).await?;
    let campaign = state.campaigns.get(&uuid).filter(|campaign| eyes(viewer).see(campaign));
    Ok(campaign.cloned().ok_or_else(unknown)?)
}

/// A campaign as this viewer sees it. Numbers of many targets take a while: not on the threads that answer quick requests.
async fn answer(app: &Arc<App>, viewer: &Viewer, campaign: Arc<Campaign>) -> Result<Response, Problem> {
    let facts = fieldwork::facts(app).await?;
    let (view, viewer) = (app.inventory.view(viewer), viewer.clone());
    let text = app.heavy.run(move || {
        let closures = |record| view.closure_of(record);
        told::whole(&campaign, eyes(&viewer), (&facts, &closures)).to_string()
    });
    Ok(json_now(text.await?))
}

/// With which eyes somebody sees campaigns.
pub fn eyes(viewer: &Viewer) -> Eyes<'_> {
    if viewer.role >= Role::Staff {
        Eyes::Desk
    } else {
        Eyes::Field(account(viewer))
    }
}

/// Account name of somebody who has one.
pub fn account(viewer: &Viewer) -> &str {
    viewer.account.as_deref().unwrap_or_default()
}

/// The same view with the eyes of a surveyor: what is packed for phones holds nothing that is for stewards alone.
fn field_view(app: &App, viewer: &Viewer) -> View {
    app.inventory.view(viewer).in_the_field()
}

fn unfit(faults: Vec<Fault>) -> Result<(), Problem> {
    if faults.is_empty() {
        Ok(())
    } else {
        Err(SurveyError::Unfit(faults).into())
    }
}

/// Team members need accounts.
fn check_members(accounts: &Accounts, teams: &[crate::survey::Team]) -> Result<(), Problem> {
    let known: Vec<String> = accounts
        .list()
        .into_iter()
        .filter(|account| !account.disabled)
        .map(|account| account.name)
        .collect();
    let members = teams
        .iter()
        .enumerate()
        .flat_map(|(at, team)| team.members.iter().map(move |member| (at, member)));
    let strangers = members.filter(|(_, member)| !known.contains(member));
    unfit(
        strangers
            .map(|(at, member)| Fault::new(format!("teams[{at}].members"), member, "names of accounts"))
            .collect(),
    )
}
