//! The ground that a surveyor is sent to, with its neighbours: of it they see what staff see, of all else what the public sees.
use super::state::App;
use crate::domain::viewer::{Role, Viewer};
use crate::inventory::View;

/// What lies so near to a target belongs to its ground, and is packed with it, metres.
pub const NEIGHBOURS_M: f64 = 300.0;

/// A view for one record. Whether it lies on the asker's ground is judged as of now, whatever the day that is looked at.
pub fn record_view(app: &App, viewer: &Viewer, view: View, code: &str) -> View {
    if viewer.role != Role::Surveyor {
        return view;
    }
    let account = viewer.account.as_deref().unwrap_or_default();
    let ground = app.survey.at_hand().ground_of(account);
    let now = app.inventory.view(viewer);
    let is_own = now.id_of(code).is_some_and(|id| now.near(&ground, NEIGHBOURS_M).has(id));
    if is_own { view.in_the_field() } else { view }
}
