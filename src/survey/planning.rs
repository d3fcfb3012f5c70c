//! Launching, and what is changed afterwards: targets, zones, teams. All of it for stewards; `http` asks who it is.
use std::collections::BTreeSet;

use geo_types::Coord;
use jiff::civil::Date;
use serde_json::json;
use uuid::Uuid;

use super::balance::{self, Stop};
use super::campaign::{Campaign, TargetState};
use super::checks::Faults;
use super::days::{self, Orders, plane, stops_of};
use super::error::SurveyError;
use super::event::{Event, Plan, Target, Team, Zone};
use super::ground::Ground;
use super::limits::Limits;
use super::service::{Survey, entry_id, known};
use super::state::State;
use crate::domain::geometry::Plane;

use std::sync::Arc;

/// A change of the list of targets.
pub struct Retarget {
    /// New targets.
    pub add: Vec<Target>,
    /// Codes of those that are no longer to be visited.
    pub drop: Vec<String>,
    /// Why.
    pub reason: String,
}

impl Survey {
    /// Says whether a campaign could begin like this.
    pub fn check_launch(&self, plan: &Plan, targets: &[Target]) -> Result<(), SurveyError> {
        check_plan(plan, self.limits())?;
        let mut faults = Faults::new(self.limits());
        faults.count("targets", targets.len(), self.limits().targets);
        if targets.is_empty() {
            faults.add(
                "search",
                "a search that finds nothing",
                "a search, area and freshness that some records have",
            );
        }
        faults.done()
    }

    /// The campaign as it would begin; nothing is written.
    pub fn preview(&self, author: &str, plan: Plan, targets: Vec<Target>) -> Campaign {
        Campaign::launched(plan, targets, (author, self.now()))
    }

    /// Begins a campaign. Sent again, the same launch has no second effect: the campaign is given back as it stands.
    pub async fn launch(&self, author: &str, plan: Plan, targets: Vec<Target>) -> Result<Arc<Campaign>, SurveyError> {
        let id = plan.id;
        let ((), state) = self
            .append(author, |state| {
                if let Some(before) = state.campaigns.get(&id) {
                    return again(before, &plan).map(|()| (Vec::new(), ()));
                }
                self.check_launch(&plan, &targets)?;
                let mut faults = Faults::new(self.limits());
                faults.count("campaigns", state.campaigns.len() + 1, self.limits().campaigns);
                faults.done()?;
                let (plan, targets) = (Box::new(plan.clone()), targets.clone());
                Ok((vec![(entry_id("campaign", id), Event::Launched { plan, targets })], ()))
            })
            .await?;
        known(&state, id)
    }

    /// Changes the list of targets.
    pub async fn retarget(&self, author: &str, id: Uuid, change: Retarget) -> Result<Arc<Campaign>, SurveyError> {
        let ((), state) = self
            .append(author, |state| {
                let campaign = running(state, id)?;
                self.check_retarget(&campaign, &change)?;
                let orders = orders_after(&campaign, &change);
                let event = Event::Retargeted {
                    campaign: id,
                    added: change.add.clone(),
                    dropped: change.drop.clone(),
                    reason: change.reason.clone(),
                    orders,
                };
                Ok((vec![(self.new_id(), event)], ()))
            })
            .await?;
        known(&state, id)
    }

    fn check_retarget(&self, campaign: &Campaign, change: &Retarget) -> Result<(), SurveyError> {
        let mut faults = Faults::new(self.limits());
        faults.reason("reason", &change.reason);
        if change.add.is_empty() && change.drop.is_empty() {
            faults.add("add", "nothing", "codes to add or to drop");
        }
        let is_listed = |code: &str| campaign.targets.get(code).is_some_and(|target| !target.is_removed);
        for target in change.add.iter().filter(|target| is_listed(&target.code)) {
            faults.add("add", &target.code, "codes that are not on the list");
        }
        for code in change.drop.iter().filter(|code| !is_listed(code)) {
            faults.add("drop", code, "codes of targets of the campaign");
        }
        let listed = campaign.listed().count() + change.add.len();
        faults.count("targets", listed.saturating_sub(change.drop.len()), self.limits().targets);
        faults.done()?;
        let zones: Vec<_> = campaign.zones.iter().map(|zone| zone.zone.clone()).collect();
        let ground = Ground::of(&zones);
        let of_added = change.add.iter().filter_map(|target| ground.zone_of(target));
        let of_dropped = change.drop.iter().filter_map(|code| campaign.targets.get(code)?.zone.as_deref());
        check_unsigned(campaign, of_added.chain(of_dropped))
    }

    /// Paints zones anew and gives them to teams. A zone that is signed off must stay as it is.
    ///
    /// The ways through the zones are found before anything is held: while they are looked for, phones go on sending.
    pub async fn zone(&self, author: &str, id: Uuid, (zones, teams): (Vec<Zone>, Option<Vec<Team>>)) -> Result<Arc<Campaign>, SurveyError> {
        let seen = running(&*self.state().await?, id)?;
        self.check_zones(&seen, (&zones, teams.as_deref()))?;
        let (campaign, painted) = (seen.clone(), zones.clone());
        let found = tokio::task::spawn_blocking(move || days::planned(&campaign, &painted)).await;
        let ((), state) = self
            .append(author, |state| {
                let campaign = running(state, id)?;
                self.check_zones(&campaign, (&zones, teams.as_deref()))?;
                let (zones, orders) = match &found {
                    Ok(found) if days::is_same_ground(&campaign, &seen) => found.clone(),
                    // Targets came or went meanwhile, which is rare.
                    Ok(_) | Err(_) => days::planned(&campaign, &zones),
                };
                let teams = teams.clone();
                Ok((
                    vec![(
                        self.new_id(),
                        Event::Zoned {
                            campaign: id,
                            zones,
                            teams,
                            orders,
                        },
                    )],
                    (),
                ))
            })
            .await?;
        known(&state, id)
    }

    fn check_zones(&self, campaign: &Campaign, (zones, teams): (&[Zone], Option<&[Team]>)) -> Result<(), SurveyError> {
        let teams = teams.unwrap_or(&campaign.plan.teams);
        let mut faults = Faults::new(self.limits());
        faults.teams(teams);
        faults.zones(zones, (campaign, teams));
        faults.done()?;
        check_signed_stay(campaign, zones)
    }
}

/// Says whether a plan can be one, before anything is looked for.
pub fn check_plan(plan: &Plan, limits: &Limits) -> Result<(), SurveyError> {
    let mut faults = Faults::new(limits);
    faults.plan(plan);
    faults.done()
}

/// The campaign, while it may still change.
pub(super) fn running(state: &State, id: Uuid) -> Result<Arc<Campaign>, SurveyError> {
    let campaign = known(state, id)?;
    match campaign.signed {
        None => Ok(campaign),
        Some(_) => Err(SurveyError::Signed {
            what: campaign.plan.name.clone(),
        }),
    }
}

/// The same launch again is no second one; another launch by the same id is refused.
fn again(before: &Campaign, plan: &Plan) -> Result<(), SurveyError> {
    let same = Plan {
        revision: before.plan.revision,
        teams: before.plan.teams.clone(),
        ..plan.clone()
    };
    if same == *before.plan {
        return Ok(());
    }
    Err(SurveyError::Taken { id: plan.id.to_string() })
}

fn check_unsigned<'a>(campaign: &Campaign, mut keys: impl Iterator<Item = &'a str>) -> Result<(), SurveyError> {
    let is_signed = |key: &&str| campaign.zone_state(key).is_some_and(|zone| zone.signed.is_some());
    match keys.find(is_signed) {
        None => Ok(()),
        Some(key) => Err(SurveyError::Signed {
            what: format!("zone {key}"),
        }),
    }
}

/// A zone that is signed off keeps its targets.
fn check_signed_stay(campaign: &Campaign, zones: &[Zone]) -> Result<(), SurveyError> {
    let ground = Ground::of(zones);
    for signed in campaign.zones.iter().filter(|zone| zone.signed.is_some()) {
        let key = signed.zone.key.as_str();
        let moved = campaign
            .listed()
            .any(|target| (target.zone.as_deref() == Some(key)) != (ground.zone_of(&target.target) == Some(key)));
        if moved || zones.iter().all(|zone| zone.key != key) {
            return Err(SurveyError::Signed {
                what: format!("zone {key}"),
            });
        }
    }
    Ok(())
}

/// Order of the zones that a change touches, and of what their teams visit on the same day.
fn orders_after(campaign: &Campaign, change: &Retarget) -> Orders {
    let zones: Vec<_> = campaign.zones.iter().map(|zone| zone.zone.clone()).collect();
    let ground = Ground::of(&zones);
    let dropped: BTreeSet<&str> = change.drop.iter().map(String::as_str).collect();
    let touched: BTreeSet<&str> = change
        .add
        .iter()
        .filter_map(|target| ground.zone_of(target))
        .chain(change.drop.iter().filter_map(|code| campaign.targets.get(code)?.zone.as_deref()))
        .collect();
    let stay = campaign
        .on_the_way()
        .map(|target| &target.target)
        .filter(|target| !dropped.contains(target.code.as_str()));
    let targets: Vec<&Target> = stay.chain(&change.add).collect();
    days::ordered(campaign, &targets, (&zones, &touched))
}

/// Zones of about the same minutes of visits, one per team and day, behind those that are signed off and stay as they are. Nothing is saved.
pub fn balanced(campaign: &Campaign, teams: &[String], days: &[Date]) -> Vec<Zone> {
    let plane = plane(campaign);
    let stay = signed_zones(campaign);
    let is_free = |target: &&Arc<TargetState>| stay.iter().all(|zone| target.zone.as_ref() != Some(&zone.key));
    let targets: Vec<&Target> = campaign.on_the_way().filter(is_free).map(|target| &target.target).collect();
    let (spots, members) = stops_of(plane, &targets);
    let minutes = |members: &Vec<&Target>| members.iter().map(|target| campaign.minutes(target)).sum();
    let stops: Vec<Stop> = spots
        .into_iter()
        .zip(&members)
        .map(|(at, members)| Stop {
            at,
            minutes: minutes(members),
        })
        .collect();
    let turns: Vec<_> = teams.iter().flat_map(|team| days.iter().map(move |day| (team, *day))).collect();
    let cells = balance::zones(&stops, turns.len());
    let keys = (1..)
        .map(|at| format!("z{at}"))
        .filter(|key| stay.iter().all(|zone| zone.key != *key));
    let zones = cells.into_iter().zip(turns).zip(keys).map(|((cell, (team, day)), key)| {
        let codes = cell.stops.iter().flat_map(|stop| &members[*stop]).map(|target| target.code.clone());
        Zone {
            key,
            name: format!("{} {day}", team_name(campaign, team)),
            polygon: Some(polygon(plane, cell.ground)),
            codes: codes.collect(),
            team: Some(team.clone()),
            day: Some(day),
        }
    });
    stay.iter().cloned().chain(zones).collect()
}

/// Zones that are signed off, each with the codes of its targets: then no other zone can take one by lying there.
fn signed_zones(campaign: &Campaign) -> Vec<Zone> {
    let signed = campaign.zones.iter().filter(|zone| zone.signed.is_some());
    let whole = signed.map(|zone| {
        let own = campaign.listed().filter(|target| target.zone.as_ref() == Some(&zone.zone.key));
        Zone {
            codes: own.map(|target| target.target.code.clone()).collect(),
            ..zone.zone.clone()
        }
    });
    whole.collect()
}

fn team_name<'a>(campaign: &'a Campaign, key: &'a str) -> &'a str {
    campaign
        .plan
        .teams
        .iter()
        .find(|team| team.key == key)
        .map_or(key, |team| &team.name)
}

/// A box of the plane as a GeoJSON polygon.
fn polygon(plane: Plane, [west, south, east, north]: [f64; 4]) -> serde_json::Value {
    let corners = [[west, south], [east, south], [east, north], [west, north], [west, south]];
    let degrees = |[x, y]: [f64; 2]| {
        let at = plane.lon_lat(Coord { x, y });
        // Seven digits are a centimetre.
        [at.x, at.y].map(|side| (side * 1e7).round() / 1e7)
    };
    json!({"type": "Polygon", "coordinates": [corners.map(degrees)]})
}
