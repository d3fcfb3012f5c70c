//! What is changed after the launch: targets, zones, teams.
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::json;

use super::{LEADERS, account, answer, check_members, seen, unfit};
use crate::http::body::Json;
use crate::http::conditional::json_now;
use crate::http::problem::Problem;
use crate::http::state::App;
use crate::http::succession::target_of;
use crate::http::viewer::Asker;
use crate::survey::{Fault, Retarget, Team, Zone, balanced};

/// A change of the list of targets.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Targets {
    #[serde(default)]
    add: Vec<String>,
    #[serde(default)]
    drop: Vec<String>,
    reason: String,
}

/// Changes the list of targets.
pub async fn retarget(
    State(app): State<Arc<App>>,
    asker: Asker,
    Path(id): Path<String>,
    Json(change): Json<Targets>,
) -> Result<Response, Problem> {
    let viewer = asker.at_least(LEADERS)?;
    let campaign = seen(&app, viewer, &id).await?;
    let view = app.inventory.view(viewer);
    let (mut add, mut faults) = (Vec::new(), Vec::new());
    for code in &change.add {
        match view.spot(code).filter(|spot| spot.closed.is_none()) {
            Some(spot) if campaign.plan.collections.contains(&spot.collection) => add.push(target_of(spot)),
            Some(_) | None => faults.push(Fault::new("add", code, "codes of open records of the campaign's collections")),
        }
    }
    unfit(faults)?;
    let change = Retarget {
        add,
        drop: change.drop,
        reason: change.reason,
    };
    let changed = app.survey.retarget(account(viewer), campaign.plan.id, change).await?;
    answer(&app, viewer, changed).await
}

/// All zones, and the teams where they change too.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Zones {
    zones: Vec<Zone>,
    #[serde(default)]
    teams: Option<Vec<Team>>,
}

/// Paints the zones anew.
pub async fn rezone(
    State(app): State<Arc<App>>,
    asker: Asker,
    Path(id): Path<String>,
    Json(change): Json<Zones>,
) -> Result<Response, Problem> {
    let viewer = asker.at_least(LEADERS)?;
    let campaign = seen(&app, viewer, &id).await?;
    check_members(&app.accounts, change.teams.as_deref().unwrap_or_default())?;
    // Finding short ways is work.
    let _turn = app.heavy.turn().await?;
    let wish = (change.zones, change.teams);
    let changed = app.survey.zone(account(viewer), campaign.plan.id, wish).await?;
    answer(&app, viewer, changed).await
}

/// How the work is to be shared.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Share {
    teams: Vec<String>,
    days: Vec<Date>,
}

/// Proposes zones of about the same work; nothing is saved.
pub async fn balance(
    State(app): State<Arc<App>>,
    asker: Asker,
    Path(id): Path<String>,
    Json(share): Json<Share>,
) -> Result<Response, Problem> {
    let viewer = asker.at_least(LEADERS)?;
    let campaign = seen(&app, viewer, &id).await?;
    let is_known = |key: &&String| campaign.plan.teams.iter().any(|team| team.key == **key);
    let strangers = share.teams.iter().filter(|key| !is_known(key));
    let mut faults: Vec<_> = strangers
        .map(|key| Fault::new("teams", key, "keys of the campaign's teams"))
        .collect();
    let (count, most) = (share.teams.len().saturating_mul(share.days.len()), app.survey.limits().zones);
    if count == 0 || count > most {
        faults.push(Fault::new("days", count, format!("1 to {most} zones, one per team and day")));
    }
    unfit(faults)?;
    let zones = app.heavy.run(move || balanced(&campaign, &share.teams, &share.days)).await?;
    Ok(json_now(json!({ "zones": zones }).to_string()))
}
