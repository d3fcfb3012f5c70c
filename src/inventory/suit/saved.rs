//! Requirements that are kept, and the answers they had.
//!
//! A run of a revision is kept as it was told: asked for again, it is given to the byte, also when the inventory has moved on. What a person sees
//! depends on their role, so a run is kept by role, and a requirement is shown to its author's role and those above.
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::domain::ids::Revision;
use crate::domain::viewer::{Role, Viewer};
use crate::store::{RequirementRun, SavedRequirement, StoreError};
use crate::suitability::requirement::Limits;

use super::{SuitError, UnfitRequirement};
use crate::inventory::open::Inventory;
use crate::inventory::request::hex;

/// Why a requirement is not kept or run.
#[derive(Debug, thiserror::Error)]
pub enum RequirementError {
    /// It cannot be used (any more: the catalogue may have changed since).
    #[error(transparent)]
    Unfit(#[from] UnfitRequirement),
    /// It asks too much of the ground.
    #[error(transparent)]
    Suit(#[from] SuitError),
    /// Something is wrong with this program.
    #[error("the work broke off")]
    BrokeOff,
    /// The store cannot be used now.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Inventory {
    /// Keeps a requirement with the answer that it has now; gives what is said of it.
    pub async fn save_requirement(&self, viewer: &Viewer, document: &Json, limits: &Limits) -> Result<Json, RequirementError> {
        let name = self.view(viewer).requirement(document, limits)?.name;
        let surroundings = &self.settings().surroundings;
        let saved = SavedRequirement {
            id: (surroundings.new_id)(),
            name: name.unwrap_or_default(),
            document: document.to_string(),
            author: author(viewer),
            role: viewer.role,
            saved_at: (surroundings.clock)(),
        };
        self.store().put_requirement(saved.clone()).await?;
        let run = self.run(viewer, &saved, limits).await?;
        let mut told = told(&saved);
        told["run"] = run_json(&run);
        Ok(told)
    }

    /// Requirements that the viewer may see, oldest first.
    pub async fn requirements(&self, viewer: &Viewer) -> Result<Json, RequirementError> {
        let all = self.store().requirements().await?;
        let seen = all.iter().filter(|saved| viewer.role >= saved.role);
        Ok(json!({"requirements": seen.map(told).collect::<Vec<_>>()}))
    }

    /// One requirement with its document and its runs; `None` when there is none that the viewer may see.
    pub async fn requirement(&self, viewer: &Viewer, id: Uuid) -> Result<Option<Json>, RequirementError> {
        let Some(saved) = self.saved(viewer, id).await? else {
            return Ok(None);
        };
        let runs = self.store().requirement_runs(id).await?;
        let own = runs.iter().filter(|run| run.role == viewer.role);
        let mut told = told(&saved);
        told["requirement"] = serde_json::from_str(&saved.document).unwrap_or(Json::Null);
        told["runs"] = own.map(run_json).collect();
        Ok(Some(told))
    }

    /// The answer of the present revision: the kept one where there is one, else a new one, which is kept.
    pub async fn run_requirement(&self, viewer: &Viewer, id: Uuid, limits: &Limits) -> Result<Option<String>, RequirementError> {
        let Some(saved) = self.saved(viewer, id).await? else {
            return Ok(None);
        };
        Ok(Some(self.run(viewer, &saved, limits).await?.answer))
    }

    /// The answer that a revision had, as it was told then; `None` when it was not run then by somebody of this role.
    pub async fn requirement_answer(&self, viewer: &Viewer, (id, revision): (Uuid, Revision)) -> Result<Option<String>, RequirementError> {
        if self.saved(viewer, id).await?.is_none() {
            return Ok(None);
        }
        let run = self.store().requirement_run(id, (revision, viewer.role)).await?;
        Ok(run.map(|run| run.answer))
    }

    async fn saved(&self, viewer: &Viewer, id: Uuid) -> Result<Option<SavedRequirement>, RequirementError> {
        let all = self.store().requirements().await?;
        Ok(all.into_iter().find(|saved| saved.id == id && viewer.role >= saved.role))
    }

    async fn run(&self, viewer: &Viewer, saved: &SavedRequirement, limits: &Limits) -> Result<RequirementRun, RequirementError> {
        let view = self.view(viewer);
        let revision = view.revision();
        if let Some(kept) = self.store().requirement_run(saved.id, (revision, viewer.role)).await? {
            return Ok(kept);
        }
        let document = serde_json::from_str(&saved.document).unwrap_or(Json::Null);
        let requirement = view.requirement(&document, limits)?;
        // What asks the ground takes long, and must not hold up those who wait for quick answers.
        let work = move || view.suit(&requirement).map(|suited| suited.to_json().to_string());
        let answer = tokio::task::spawn_blocking(work)
            .await
            .map_err(|_panic| RequirementError::BrokeOff)??;
        let run = RequirementRun {
            requirement: saved.id,
            revision,
            role: viewer.role,
            author: author(viewer),
            run_at: (self.settings().surroundings.clock)(),
            answer_sha256: hex(&Sha256::digest(answer.as_bytes())),
            answer,
        };
        self.store().put_requirement_run(run.clone()).await?;
        Ok(run)
    }
}

fn author(viewer: &Viewer) -> String {
    viewer.account.as_deref().unwrap_or_default().to_owned()
}

fn told(saved: &SavedRequirement) -> Json {
    json!({"id": saved.id, "name": saved.name, "author": saved.author, "role": saved.role, "saved_at": saved.saved_at})
}

fn run_json(run: &RequirementRun) -> Json {
    json!({"revision": run.revision, "author": run.author, "run_at": run.run_at, "answer_sha256": run.answer_sha256})
}

/// Lowest role that may keep requirements.
pub const KEEPERS: Role = Role::Staff;
