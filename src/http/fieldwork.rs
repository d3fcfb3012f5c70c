//! Where campaigns and the inventory meet: what campaigns are told of edits, photos and devices, and what a review does to edits.
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use uuid::Uuid;

use super::campaigns::{self, Launch};
use super::problem::Problem;
use super::settings::Limits;
use super::state::App;
use crate::domain::viewer::Viewer;
use crate::inventory::View;
use crate::survey::{Campaign, Facts, Plan, ReviewRequest, ReviewResult, Survey, SurveyError, Target, VisitState};

/// What the numbers of campaigns need from elsewhere.
pub async fn facts(app: &Arc<App>) -> Result<Facts, Problem> {
    Ok(facts_of(&app.survey).await?)
}

/// The same without a service around it.
pub async fn facts_of(survey: &Survey) -> Result<Facts, SurveyError> {
    Ok(Facts {
        open: survey.open_edits().await?,
        verified: HashSet::new(),
        heard: BTreeMap::new(),
        now: survey.now(),
    })
}

/// What a launch comes to, for the command line; the error is for people.
pub async fn drawn_up(launch: &Launch, view: &View, survey: &Survey) -> Result<(Plan, Vec<Target>), String> {
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
    let state = survey.state().await.map_err(|error| error.to_string())?;
    let limits = (Limits::default().of_filter(), survey.limits().targets, survey.now());
    campaigns::draw_up(launch, view, (&state, &limits)).map_err(|problem| told(&problem))
}

/// Whether a device was revoked.
pub fn is_revoked(_app: &App, _device: Uuid) -> bool {
    false
}

/// Decides on the edits that wait because of a visit, before the review of it is written. `Some` says why the review cannot be written.
#[expect(clippy::unused_async, reason = "deciding writes to the store")]
pub async fn decide_edits(
    _app: &Arc<App>,
    _viewer: &Viewer,
    (_campaign, visit, _review): (&Campaign, &VisitState, &ReviewRequest),
    waiting: &[Uuid],
) -> Result<Option<ReviewResult>, Problem> {
    let refused = || ReviewResult::refused(visit.visit.id, "edits-wait");
    Ok((!waiting.is_empty()).then(refused))
}
