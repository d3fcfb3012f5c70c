//! A question about one collection: its view and its checked query, however it was asked.
use std::sync::Arc;

use axum::extract::{Extension, FromRequestParts};
use axum::http::HeaderMap;
use axum::http::request::Parts;

use super::conditional::Tag;
use super::own_ground;
use super::parameters::Asked;
use super::problem::{self, Problem};
use super::state::App;
use super::viewer::{Asker, own_url};
use crate::domain::ids::Revision;
use crate::domain::query::{Filter, Query, Region};
use crate::domain::viewer::Viewer;
use crate::inventory::{AsOf, At, View};

/// Below this many records even the whole collection is looked through in less than a millisecond.
const FEW_RECORDS: usize = 20_000;

/// A box of at most this many square degrees (about 3 x 3 km) holds few enough records.
const SMALL_BOX: f64 = 0.001;

/// A radius of at most this many metres holds few enough records.
const SMALL_RADIUS_M: f64 = 2_000.0;

/// Parameter with a revision that the asker has seen. It also gives every revision an address of its own, so that no cache gives an older answer.
pub const REVISION: &str = "rev";

/// Parameter with a point in the past.
pub const AT: &str = "at";

/// Who asks what, in the view of one revision.
pub struct Asking {
    /// One revision, as this viewer may see it.
    pub view: View,
    /// Parameters as given.
    pub asked: Asked,
    /// Headers as given.
    pub headers: HeaderMap,
    /// Whether the answer will always be the same: one of the past, after which there was another.
    pub is_settled: bool,
    viewer: Viewer,
    app: Arc<App>,
}

impl FromRequestParts<Arc<App>> for Asking {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let asker = Asker::from_request_parts(parts, app).await?;
        let given = Extension::<Asked>::from_request_parts(parts, app).await;
        let given = given.map(|given| given.0).unwrap_or_default();
        let AsOf { view, is_settled } = match given.value(AT) {
            None => now(app, &asker.viewer),
            Some(text) => as_of(app, &asker.viewer, text).await?,
        };
        Ok(Self {
            view,
            asked: given,
            headers: parts.headers.clone(),
            is_settled,
            viewer: asker.viewer,
            app: Arc::clone(app),
        })
    }
}

fn now(app: &App, viewer: &Viewer) -> AsOf {
    AsOf {
        view: app.inventory.view(viewer),
        is_settled: false,
    }
}

/// The view of the past; one that has to be made first waits for its turn among the heavy work.
async fn as_of(app: &App, viewer: &Viewer, text: &str) -> Result<AsOf, Problem> {
    let at = app.inventory.read_at(text)?;
    if let Some(known) = app.inventory.view_at_hand(viewer, at) {
        return Ok(known);
    }
    // Another process may have written the revision that is asked for.
    if let At::Revision(revision) = at
        && revision > app.inventory.view(viewer).revision()
    {
        app.inventory.catch_up().await?;
    }
    let _turn = app.heavy.turn().await?;
    Ok(app.inventory.view_at(viewer, at).await?)
}

impl Asking {
    /// The same question of a revision that is not older than the one given as `rev`: what another process has written to a shared store is read first.
    pub async fn of_revision(mut self) -> Result<Self, Problem> {
        let Some(wanted) = self.asked.number(REVISION)?.map(Revision) else {
            return Ok(self);
        };
        if let Some(at) = self.asked.value(AT) {
            return Err(Problem::new(problem::BAD_PARAMETER, "a state of the past has its revision already")
                .about(REVISION)
                .given(wanted.to_string())
                .expected(format!("{REVISION} or {AT}={at}, not both")));
        }
        if wanted > self.view.revision() {
            self.app.inventory.catch_up().await?;
            self.view = self.app.inventory.view(&self.viewer);
        }
        if wanted <= self.view.revision() {
            return Ok(self);
        }
        Err(Problem::new(problem::BAD_PARAMETER, "there is no such revision yet")
            .about(REVISION)
            .given(wanted.to_string())
            .expected(format!("at most {}", self.view.revision())))
    }

    /// The same question about one record: a surveyor sees more of it where it is of the ground that they are sent to.
    pub fn of_record(mut self, code: &str) -> Self {
        self.view = own_ground::record_view(&self.app, &self.viewer, self.view, code);
        self
    }

    /// Key of the collection that the parameters name.
    pub fn collection(&self) -> Result<&str, Problem> {
        self.asked.required("collection", format!("one of {}", self.collections()))
    }

    /// The checked query on a collection. `own` are the parameters that the route itself reads.
    pub fn query(&self, collection: &str, own: &[&str]) -> Result<Query, Problem> {
        let limits = self.app.settings.limits.of_filter();
        Ok(self.view.query(collection, &self.asked.without(own), &limits)?)
    }

    /// Tag of an answer that depends on one collection, on what the viewer may see and on what is asked.
    pub fn tag(&self, query: &Query) -> Tag {
        let revision = self.view.collection_revision(&query.collection);
        Tag::of(&[&self.app.start, &query.collection, &revision, &self.view.role()])
    }

    /// Whether the answer may take more than a millisecond.
    pub fn is_heavy(&self, query: &Query) -> bool {
        let small = query.conditions.iter().any(|condition| match &condition.filter {
            Filter::Within(Region::Box(area)) => area.width() * area.height() <= SMALL_BOX,
            Filter::Within(Region::Radius { radius_m, .. }) => *radius_m <= SMALL_RADIUS_M,
            Filter::Within(Region::Polygon(_))
            | Filter::All(_)
            | Filter::Any(_)
            | Filter::Not(_)
            | Filter::Test { .. }
            | Filter::Words { .. } => false,
        });
        !small && self.view.count(&query.collection) > FEW_RECORDS
    }

    /// Does the work here when it is light, else in its turn on a thread of its own.
    pub async fn weighed<T: Send + 'static>(self, heavy: bool, work: impl FnOnce(Self) -> T + Send + 'static) -> Result<T, Problem> {
        if !heavy {
            return Ok(work(self));
        }
        let app = Arc::clone(&self.app);
        app.heavy.run(move || work(self)).await
    }

    /// Limits of the service.
    pub fn limits(&self) -> &super::settings::Limits {
        &self.app.settings.limits
    }

    /// Part of every tag that changes with each start.
    pub fn start(&self) -> &str {
        &self.app.start
    }

    /// Address by which the asker reaches this service, without a slash at its end.
    pub fn own_url(&self) -> String {
        own_url(&self.headers, &self.app.settings)
    }

    fn collections(&self) -> String {
        let keys: Vec<_> = self
            .view
            .catalogue()
            .collections
            .iter()
            .map(|collection| collection.key.as_str())
            .collect();
        keys.join(", ")
    }
}
