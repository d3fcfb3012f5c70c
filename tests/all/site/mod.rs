//! The ground in answers: halls, net areas and assemblies on the demo park, beside direct evaluation that shares no shortcut with the answer.
mod assembly;
mod brute;
mod fits;
mod net_area;
mod postgis;
mod relax;
mod robust;

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use serde_json::Value;
use zaiti::domain::catalogue::Catalogue;
use zaiti::domain::viewer::{Role, Viewer};
use zaiti::index::Snapshot;
use zaiti::inventory::{GroundLimits, Inventory, Settings, SuitError, View};
use zaiti::suitability::requirement::Limits;

use crate::support::service::succeed;

/// The demo park, loaded once.
static DEMO: OnceLock<PathBuf> = OnceLock::new();

fn demo_file() -> PathBuf {
    let file = DEMO.get_or_init(|| {
        let folder = tempfile::Builder::new().prefix("zaiti-site-").tempdir().unwrap().keep();
        let file = folder.join("demo.gpkg");
        succeed(&["demo", "load", "--store", file.to_str().unwrap()], "");
        file
    });
    // The store is locked by whoever has it open.
    let own = tempfile::Builder::new()
        .prefix("zaiti-site-")
        .tempdir()
        .unwrap()
        .keep()
        .join("demo.gpkg");
    std::fs::copy(file, &own).unwrap();
    own
}

/// The demo park under limits.
struct Demo {
    inventory: Arc<Inventory>,
    folder: PathBuf,
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _gone = std::fs::remove_dir_all(&self.folder);
    }
}

impl Demo {
    async fn open(ground: GroundLimits) -> Self {
        let file = demo_file();
        let store = zaiti::store::open(file.to_str().unwrap()).await.unwrap();
        let settings = Settings {
            ground,
            ..Settings::default()
        };
        Self {
            inventory: Inventory::open(store, Catalogue::builtin().unwrap(), settings).await.unwrap(),
            folder: file.parent().unwrap().to_owned(),
        }
    }

    fn view(&self, role: Role) -> View {
        self.inventory.view(&Viewer { role, account: None })
    }

    fn ask(&self, role: Role, requirement: &Value) -> Value {
        self.try_ask(role, requirement).unwrap()
    }

    fn try_ask(&self, role: Role, requirement: &Value) -> Result<Value, SuitError> {
        let view = self.view(role);
        let limits = Limits {
            most_rows: 10_000,
            ..Limits::default()
        };
        let requirement = view.requirement(requirement, &limits).unwrap();
        view.suit(&requirement).map(|suited| suited.to_json().clone())
    }

    /// Paths and words of the faults in a requirement.
    fn faults(&self, requirement: &Value) -> Vec<String> {
        let faults = self
            .view(Role::Public)
            .requirement(requirement, &Limits::default())
            .unwrap_err()
            .faults;
        faults.iter().map(ToString::to_string).collect()
    }

    /// All records with nothing hidden, read beside the inventory.
    async fn records() -> Snapshot {
        let copy = demo_file();
        let store = zaiti::store::open(copy.to_str().unwrap()).await.unwrap();
        let snapshot = brute::read(&*store).await;
        drop(store);
        std::fs::remove_dir_all(copy.parent().unwrap()).unwrap();
        snapshot
    }
}
