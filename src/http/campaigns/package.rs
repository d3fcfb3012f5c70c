//! `GET /api/v1/campaigns/{id}/package`: what a phone needs for a day without network, and `/targets`, what becomes of it meanwhile.
use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::{Value, json};

use super::{account, eyes, field_view, seen};
use crate::domain::catalogue::{Asked, Catalogue};
use crate::domain::ids::CarrierId;
use crate::domain::viewer::{Role, Viewer};
use crate::http::conditional::json_now;
use crate::http::fieldwork;
use crate::http::own_ground::NEIGHBOURS_M;
use crate::http::problem::{self, Problem};
use crate::http::state::App;
use crate::http::viewer::Asker;
use crate::inventory::{Around, View};
use crate::survey::told::{self, Eyes};
use crate::survey::{Campaign, Facts};

/// Largest package, bytes: about what a phone reads in a few seconds.
const MOST_BYTES: usize = 64 << 20;

/// The zones of the asker's teams with their targets, neighbours and overlays; for staff in no team, all zones.
pub async fn package(State(app): State<Arc<App>>, asker: Asker, Path(id): Path<String>) -> Result<Response, Problem> {
    let viewer = asker.at_least(Role::Surveyor)?;
    let campaign = seen(&app, viewer, &id).await?;
    let facts = fieldwork::facts(&app).await?;
    let (view, viewer) = (field_view(&app, viewer), viewer.clone());
    let limits = app.devices.photo_limits();
    let limits = json!({"bytes": limits.bytes, "pixels": limits.pixels});
    let text = app.heavy.run(move || pack(&campaign, &view, (&viewer, &facts, &limits))).await?;
    if text.len() > MOST_BYTES {
        return Err(
            Problem::new(problem::TOO_LARGE, "the zones hold too much for a phone: paint smaller ones")
                .given(format!("{} bytes", text.len()))
                .expected(format!("at most {MOST_BYTES} bytes")),
        );
    }
    Ok(json_now(text))
}

/// Zones and targets of the package as they stand now: much less than the package, and enough to see what became of the work.
pub async fn targets(State(app): State<Arc<App>>, asker: Asker, Path(id): Path<String>) -> Result<Response, Problem> {
    let viewer = asker.at_least(Role::Surveyor)?;
    let campaign = seen(&app, viewer, &id).await?;
    let facts = fieldwork::facts(&app).await?;
    let (view, viewer) = (field_view(&app, viewer), viewer.clone());
    let told = move || {
        let part = package_eyes(&campaign, &viewer).part(&campaign);
        let closures = |record| view.closure_of(record);
        let targets = told::targets(&campaign, (Eyes::Field(account(&viewer)), &part), &closures);
        json!({"zones": told::zones(&campaign, &part, &facts), "targets": targets}).to_string()
    };
    Ok(json_now(app.heavy.run(told).await?))
}

fn pack(campaign: &Campaign, view: &View, (viewer, facts, photo_limits): (&Viewer, &Facts, &Value)) -> String {
    let eyes = package_eyes(campaign, viewer);
    let part = eyes.part(campaign);
    let mut zones: BTreeMap<&str, Vec<CarrierId>> = BTreeMap::new();
    let mut places = Vec::new();
    for target in told::in_order(campaign, &part) {
        let record = target.target.record;
        match &target.zone {
            Some(zone) => zones.entry(zone).or_default().push(record),
            // Targets in no zone may lie anywhere.
            None => places.push(vec![record]),
        }
    }
    places.extend(zones.into_values());
    // A phone shows what its own user did, whoever asks.
    let own = Eyes::Field(account(viewer));
    let closures = |record| view.closure_of(record);
    let head = json!({
        "campaign": told::line(campaign, eyes, facts),
        "start": campaign.plan.start,
        "form": form(campaign, view.catalogue()),
        "photos_wanted": photos(campaign, view.catalogue()),
        "photo_limits": photo_limits,
        "zones": told::zones(campaign, &part, facts),
        "targets": told::targets(campaign, (own, &part), &closures),
        "revision": view.revision(),
        "made_at": facts.now,
    });
    let carriers = String::from_utf8(view.around(&places, NEIGHBOURS_M, Around::Carriers)).unwrap_or_default();
    let overlays = String::from_utf8(view.around(&places, NEIGHBOURS_M, Around::Overlays)).unwrap_or_default();
    let head = head.to_string();
    let open = head.strip_suffix('}').unwrap_or(&head);
    let with = |bytes: usize| format!(r#"{open},"carriers":{carriers},"overlays":{overlays},"bytes":{bytes}}}"#);
    // The length is part of what it measures: once more for its own digits.
    let about = with(0).len();
    with(about - 1 + about.to_string().len())
}

/// Whoever is in a team gets the zones of the own teams; staff in none get all.
fn package_eyes<'a>(campaign: &Campaign, viewer: &'a Viewer) -> Eyes<'a> {
    let account = account(viewer);
    if campaign.is_member(account) {
        Eyes::Field(account)
    } else {
        eyes(viewer)
    }
}

/// What is asked, by collection, in the order of the catalogue.
fn form(campaign: &Campaign, catalogue: &Catalogue) -> Value {
    let fields = |collection: &str| {
        let asked = catalogue
            .attributes_of(collection)
            .filter_map(|attribute| Some((attribute, attribute.survey?)));
        let asked = asked.filter(|(attribute, _)| Role::Surveyor.sees(attribute.visibility));
        asked
            .map(|(attribute, asked)| json!({"key": attribute.key, "required": asked == Asked::Required}))
            .collect::<Vec<_>>()
    };
    let forms: BTreeMap<_, _> = campaign.plan.collections.iter().map(|key| (key, fields(key.as_str()))).collect();
    json!(forms)
}

/// Photos that are asked for, by collection; those that this campaign requires are marked.
fn photos(campaign: &Campaign, catalogue: &Catalogue) -> Value {
    let plan = &campaign.plan;
    let of = |key| {
        let required = plan.required_photos.get(key);
        let is_required = |slot: &str| required.is_some_and(|slots| slots.iter().any(|each| each == slot));
        let photos = catalogue.photos.get(key).into_iter().flatten();
        photos
            .map(|photo| json!({"key": photo.key, "names": photo.names, "required": is_required(&photo.key)}))
            .collect::<Vec<_>>()
    };
    let wanted: BTreeMap<_, _> = plan.collections.iter().map(|key| (key, of(key))).collect();
    json!(wanted)
}
