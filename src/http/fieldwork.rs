//! Where campaigns and the inventory meet: what campaigns are told of edits, photos and devices, and what a review does to edits.
use std::collections::HashSet;
use std::sync::Arc;

use uuid::Uuid;

use super::problem::Problem;
use super::state::App;
use crate::domain::viewer::Viewer;
use crate::survey::{Campaign, Facts, ReviewRequest, ReviewResult, VisitState};

/// What the numbers of campaigns need from elsewhere.
pub async fn facts(app: &Arc<App>) -> Result<Facts, Problem> {
    Ok(Facts {
        open: app.survey.open_edits().await?,
        verified: verified_photos(app),
        heard: std::collections::BTreeMap::new(),
        now: app.survey.now(),
    })
}

/// SHA-256 of the photos that lie here whole.
fn verified_photos(_app: &App) -> HashSet<String> {
    HashSet::new()
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
