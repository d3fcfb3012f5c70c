//! `POST /api/v1/campaigns`: from a search to a list of targets.
use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Extension, State};
use axum::response::Response;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use super::{LEADERS, account, answer, check_members, unfit};
use crate::accounts::Accounts;
use crate::domain::catalogue::Catalogue;
use crate::domain::ids::{CarrierId, CollectionKey};
use crate::http::body::Json;
use crate::http::fieldwork;
use crate::http::parameters::Asked;
use crate::http::problem::{self, Problem};
use crate::http::settings;
use crate::http::state::App;
use crate::http::succession::target_of;
use crate::http::viewer::Asker;
use crate::inventory::{Spot, View};
use crate::survey::{Fault, Place, Plan, State as Campaigns, Survey, Target, Team, check_plan};

/// A launch as it is sent.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Launch {
    id: Uuid,
    name: String,
    deadline: Date,
    collections: Vec<CollectionKey>,
    #[serde(default)]
    search: Search,
    #[serde(default)]
    area: Option<Value>,
    #[serde(default)]
    start: Option<Place>,
    #[serde(default)]
    minutes: BTreeMap<CollectionKey, f64>,
    #[serde(default)]
    teams: Vec<Team>,
    #[serde(default)]
    required_photos: BTreeMap<CollectionKey, Vec<String>>,
    #[serde(default)]
    stale_days: Option<u32>,
}

/// Parameters of a search: the same for all collections, or for each its own (statuses differ).
#[derive(Clone, Deserialize)]
#[serde(untagged)]
enum Search {
    All(String),
    Each(BTreeMap<CollectionKey, String>),
}

impl Default for Search {
    fn default() -> Self {
        Self::All(String::new())
    }
}

impl Search {
    fn of(&self, collection: &CollectionKey) -> &str {
        match self {
            Self::All(search) => search,
            Self::Each(searches) => searches.get(collection).map_or("", String::as_str),
        }
    }

    fn strangers<'a>(&'a self, collections: &'a [CollectionKey]) -> Vec<&'a CollectionKey> {
        match self {
            Self::All(_) => Vec::new(),
            Self::Each(searches) => searches.keys().filter(|key| !collections.contains(key)).collect(),
        }
    }
}

/// Launches a campaign, or shows what it would be (`preview=true`).
pub async fn launch(
    State(app): State<Arc<App>>,
    asker: Asker,
    Extension(parameters): Extension<Asked>,
    Json(launch): Json<Launch>,
) -> Result<Response, Problem> {
    let viewer = asker.at_least(LEADERS)?;
    let is_preview = preview(&parameters)?;
    check_members(&app.accounts, &launch.teams)?;
    let view = app.inventory.view(viewer);
    let state = fieldwork::campaigns(&app).await?;
    let limits = (app.settings.limits.of_filter(), app.survey.limits().clone(), app.survey.now());
    let drawn = app.heavy.run(move || draw_up(&launch, &view, (&state, &limits)));
    let (plan, targets) = drawn.await??;
    if is_preview {
        app.survey.check_launch(&plan, &targets)?;
        let campaign = app.survey.preview(account(viewer), plan, targets);
        return answer(&app, viewer, Arc::new(campaign)).await;
    }
    let campaign = app.survey.launch(account(viewer), plan, targets).await?;
    answer(&app, viewer, campaign).await
}

fn preview(asked: &Asked) -> Result<bool, Problem> {
    match asked.value("preview") {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(other) => Err(Problem::new(problem::BAD_PARAMETER, "preview cannot have this value")
            .about("preview")
            .given(other)
            .expected("true or false")),
    }
}

fn plan(launch: &Launch, view: &View) -> Result<Plan, Problem> {
    let catalogue = view.catalogue();
    let carriers: Vec<&str> = catalogue
        .collections
        .iter()
        .filter(|each| each.overlay.is_none())
        .map(|each| each.key.as_str())
        .collect();
    let is_stranger = |key: &&CollectionKey| !carriers.contains(&key.as_str());
    let expected = format!("one of {}", carriers.join(", "));
    let mut faults: Vec<Fault> = launch
        .collections
        .iter()
        .filter(is_stranger)
        .map(|key| Fault::new("collections", key, &expected))
        .collect();
    let strangers = launch.search.strangers(&launch.collections).into_iter();
    faults.extend(strangers.map(|key| Fault::new("search", key, "collections of the campaign")));
    faults.extend(unknown_photos(&launch.required_photos, catalogue));
    unfit(faults)?;
    let mut required_photos = launch.required_photos.clone();
    for key in &launch.collections {
        required_photos
            .entry(key.clone())
            .or_insert_with(|| always_required(key, catalogue));
    }
    Ok(Plan {
        id: launch.id,
        name: launch.name.clone(),
        deadline: launch.deadline,
        collections: launch.collections.clone(),
        search: launch
            .collections
            .iter()
            .map(|key| (key.clone(), launch.search.of(key).to_owned()))
            .collect(),
        area: launch.area.clone(),
        stale_days: launch.stale_days,
        start: launch.start,
        minutes: launch.minutes.clone(),
        teams: launch.teams.clone(),
        required_photos,
        revision: view.revision().0,
    })
}

/// What a launch comes to, for the command line; the error is for people.
pub async fn drawn_up(launch: &Launch, (view, accounts): (&View, &Accounts), survey: &Survey) -> Result<(Plan, Vec<Target>), String> {
    let told = |problem: &Problem| {
        let faults = problem
            .faults
            .iter()
            .map(|fault| format!("{}: given {}, expected {}", fault.path, fault.given, fault.expected));
        let given = problem.given.iter().map(|given| format!("given {given}"));
        let expected = problem.expected.iter().map(|expected| format!("expected {expected}"));
        let more: Vec<_> = if problem.faults.is_empty() {
            given.chain(expected).collect()
        } else {
            faults.collect()
        };
        std::iter::once(problem.detail.clone()).chain(more).collect::<Vec<_>>().join("; ")
    };
    check_members(accounts, &launch.teams).map_err(|problem| told(&problem))?;
    let state = survey.state().await.map_err(|error| error.to_string())?;
    let limits = (settings::Limits::default().of_filter(), survey.limits().clone(), survey.now());
    draw_up(launch, view, (&state, &limits)).map_err(|problem| told(&problem))
}

fn always_required(key: &CollectionKey, catalogue: &Catalogue) -> Vec<String> {
    let photos = catalogue.photos.get(key).into_iter().flatten();
    photos.filter(|photo| photo.required).map(|photo| photo.key.to_string()).collect()
}

fn unknown_photos(required: &BTreeMap<CollectionKey, Vec<String>>, catalogue: &Catalogue) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (key, slots) in required {
        let known: Vec<&str> = catalogue.photos.get(key).into_iter().flatten().map(|photo| &*photo.key).collect();
        for slot in slots.iter().filter(|slot| !known.contains(&slot.as_str())) {
            faults.push(Fault::new(
                format!("required_photos.{key}"),
                slot,
                format!("one of {}", known.join(", ")),
            ));
        }
    }
    faults
}

/// Limits of a search and of campaigns, and the time.
pub type Limits = (crate::filter::Limits, crate::survey::Limits, Timestamp);

/// What a launch comes to: the plan, and the targets that its search finds now.
pub fn draw_up(launch: &Launch, view: &View, campaigns: (&Campaigns, &Limits)) -> Result<(Plan, Vec<Target>), Problem> {
    let plan = plan(launch, view)?;
    check_plan(&plan, &campaigns.1.1)?;
    let targets = targets(&plan, view, campaigns)?;
    Ok((plan, targets))
}

fn targets(plan: &Plan, view: &View, (state, limits): (&Campaigns, &Limits)) -> Result<Vec<Target>, Problem> {
    let (filter, most, now) = (&limits.0, limits.1.targets, limits.2);
    let oldest = plan
        .stale_days
        .map(|days| now.saturating_sub(SignedDuration::from_hours(24 * i64::from(days))));
    let oldest = oldest.map(|oldest| oldest.unwrap_or(Timestamp::MIN));
    let seen = visits_by_record(state);
    let mut targets = Vec::new();
    for collection in &plan.collections {
        let mut asked = Asked::read(&plan.search[collection])?.0.to_vec();
        if let Some(area) = &plan.area {
            asked.push(("within".to_owned(), area.to_string()));
        }
        if let Some((name, value)) = asked
            .iter()
            .find(|(name, _)| crate::http::parameters::PAGING.contains(&name.as_str()))
        {
            return Err(
                Problem::new(problem::UNKNOWN_PARAMETER, format!("{name} has no meaning for a list of targets"))
                    .about("search")
                    .given(value),
            );
        }
        let query = view.query(collection.as_str(), &asked, filter)?;
        // What is fresh is left out afterwards, so all have to be looked at.
        let limit = if oldest.is_some() { usize::MAX } else { most + 1 };
        let (_, spots) = view.spots(&query, limit)?;
        let is_due =
            |spot: &Spot| oldest.is_none_or(|oldest| spot.verified_at.max(seen.get(&spot.id).copied()).is_none_or(|at| at < oldest));
        targets.extend(spots.into_iter().filter(is_due).map(target_of));
    }
    Ok(targets)
}

/// When each record was last seen on a visit that counts, in any campaign.
fn visits_by_record(state: &Campaigns) -> BTreeMap<CarrierId, Timestamp> {
    let mut seen: BTreeMap<CarrierId, Timestamp> = BTreeMap::new();
    for campaign in state.campaigns.values() {
        for visit in campaign
            .visits
            .values()
            .filter(|visit| visit.counts() && visit.visit.outcome.is_visited())
        {
            let at = visit.made_at(campaign.launched_at);
            seen.entry(visit.visit.record)
                .and_modify(|known| *known = at.max(*known))
                .or_insert(at);
        }
    }
    seen
}
