//! Loading the committed files through the same import that any file goes through.
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use super::super::place::Place;
use super::super::{Done, print, say};
use super::files::{Committed, EDITS, FILES};
use super::{accounts, campaign, requirements};
use crate::domain::edit::{Outcome, Receipt};
use crate::domain::viewer::{Role, Viewer};
use crate::formats::Options;
use crate::inventory::import::{Faulty, ImportReport, Job, Mapping, import};
use crate::inventory::{Bulk, EditRequest, Inventory};

/// Edits sent at once.
const EDITS_AT_ONCE: usize = 200;

/// A line of the edits' file.
#[derive(Deserialize)]
struct Line {
    by: String,
    code: String,
    id: Uuid,
    collection: String,
    set: Map<String, Json>,
    observed_at: Timestamp,
    evidence: Json,
}

/// Loads the park, makes the accounts, says what was done.
pub async fn load(place: &Place) -> anyhow::Result<Done> {
    let store = place.open_store().await?;
    let inventory = Inventory::open(Arc::clone(&store), place.catalogue.load()?, place.settings()).await?;
    let folder = Folder::new()?;
    let mut total = ImportReport::default();
    for file in FILES {
        let report = load_file(&inventory, &folder, file).await?;
        for refusal in &report.refusals {
            say(&format!("{}: {refusal}", file.name));
        }
        total.rows += report.rows;
        total.added += report.added;
        total.refused += report.refused;
    }
    let edits = load_edits(&inventory).await?;
    let kept = requirements::keep(&inventory).await?;
    print(&format!(
        "demo park: {} records, {} of them new, {} refused; {edits} later edits, {kept} requirements kept",
        total.rows, total.added, total.refused
    ));
    accounts::make(Arc::clone(&store)).await?;
    campaign::run(store, &inventory).await?;
    Ok(if total.refused > 0 { Done::Partly } else { Done::All })
}

async fn load_file(inventory: &Inventory, folder: &Folder, file: &Committed) -> anyhow::Result<ImportReport> {
    let viewer = steward();
    let path = folder.write(file)?;
    let mapping = mapping(inventory, file)?;
    let job = Job {
        path,
        read: Options::default(),
        into: file.into.into(),
        mapping,
        mode: Bulk::KeepGood,
        faulty: Faulty::Refuse,
        overlay: file.overlay(),
        viewer,
        observed_at: file.observed_at(),
        evidence: file.evidence,
    };
    import(inventory, job, Box::new(|_, _| {}))
        .await
        .with_context(|| format!("{} cannot be loaded", file.name))
}

/// Sends the edits as their authors would; gives how many are written. An edit that was sent before has its old answer and no second effect.
async fn load_edits(inventory: &Inventory) -> anyhow::Result<usize> {
    let lines: Vec<Line> = EDITS.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let mut written = 0;
    for (account, role) in [("surveyor", Role::Surveyor), ("staff", Role::Staff)] {
        let view = inventory.view(&steward());
        let of_author = lines.iter().filter(|line| line.by == account);
        let edits: Vec<_> = of_author
            .filter_map(|line| Some(request(line, view.item(&line.code)?.id)))
            .collect();
        for batch in edits.chunks(EDITS_AT_ONCE) {
            let batch = batch
                .iter()
                .cloned()
                .map(serde_json::from_value::<EditRequest>)
                .collect::<Result<_, _>>()?;
            let viewer = Viewer {
                role,
                account: Some(account.into()),
            };
            let receipts = inventory.edit(&viewer, batch).await?;
            written += receipts.iter().filter(|receipt| is_written(receipt)).count();
        }
    }
    Ok(written)
}

fn request(line: &Line, record: impl serde::Serialize) -> Json {
    json!({
        "id": line.id, "collection": line.collection, "record": record, "set": line.set,
        "observed_at": line.observed_at, "evidence": line.evidence,
    })
}

fn is_written(receipt: &Receipt) -> bool {
    match &receipt.outcome {
        Outcome::Applied { .. } | Outcome::Merged { .. } => true,
        Outcome::Conflict { .. } | Outcome::Proposed { .. } | Outcome::Returned { .. } => {
            say(&format!("an edit of the demo park was not written: {:?}", receipt.outcome));
            false
        }
    }
}

fn steward() -> Viewer {
    Viewer {
        role: Role::Steward,
        account: Some("steward".into()),
    }
}

/// Each field is the attribute of the same key. Only new records get values: what people have changed since stays as it is.
fn mapping(inventory: &Inventory, file: &Committed) -> anyhow::Result<Mapping> {
    if file.overlay().is_some() {
        return Ok(Mapping::default());
    }
    let view = inventory.view(&steward());
    let settable = view.catalogue().attributes_of(file.into).filter(|attribute| {
        let derived = attribute.derived.as_ref();
        derived.is_none_or(crate::domain::catalogue::Derivation::needs_units)
    });
    let rule = |key: &str| format!("[[field]]\nfrom = '{key}'\nto = '{key}'\nonce = true\n");
    let rules: Vec<_> = settable.map(|attribute| rule(attribute.key.as_str())).collect();
    let rules = rules.concat();
    Ok(Mapping::parse(&format!("code = ['{{code}}']\n{rules}"))?)
}

/// A folder of its own for the files while they are read; gone afterwards.
struct Folder(PathBuf);

impl Folder {
    fn new() -> anyhow::Result<Self> {
        let path = std::env::temp_dir().join(format!("zaiti-demo-{}", Uuid::new_v4().simple()));
        std::fs::create_dir(&path).with_context(|| format!("the folder {} cannot be made", path.display()))?;
        Ok(Self(path))
    }

    fn write(&self, file: &Committed) -> anyhow::Result<PathBuf> {
        let path = self.0.join(format!("{}.geojson", file.name));
        std::fs::write(&path, file.text).with_context(|| format!("{} cannot be written", path.display()))?;
        Ok(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left in the temporary folder does no harm.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
