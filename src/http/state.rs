//! What every handler is handed.
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::sync::{Semaphore, watch};
use uuid::Uuid;

use super::heavy::Heavy;
use super::metrics::Metrics;
use super::peers::Peers;
use super::settings::Settings;
use crate::accounts::Accounts;
use crate::devices::Devices;
use crate::domain::catalogue::Catalogue;
use crate::domain::ids::Revision;
use crate::domain::viewer::Role;
use crate::inventory::Inventory;
use crate::survey::Survey;

/// What the service stands on: records, people, phones with their photos, campaigns.
pub type PeopleAndThings = (Arc<Inventory>, Arc<Accounts>, Arc<Devices>, Arc<Survey>);

/// The service.
pub struct App {
    /// All records.
    pub inventory: Arc<Inventory>,
    /// All people.
    pub accounts: Arc<Accounts>,
    /// Phones in the field, and photos.
    pub devices: Arc<Devices>,
    /// All campaigns.
    pub survey: Arc<Survey>,
    /// Revision, and place in the log of campaigns, up to which what follows split and merged targets is in their places.
    pub settled: Mutex<Option<(Revision, u64)>>,
    /// What the operator decided.
    pub settings: Settings,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// Turns for heavy work.
    pub heavy: Heavy,
    /// What each address may ask for.
    pub peers: Peers,
    /// Places for requests at work.
    pub places: Semaphore,
    /// Places for change streams.
    pub streams: Arc<Semaphore>,
    /// Part of every tag: answers of another start may come from another store or catalogue and are never taken for the same.
    pub start: String,
    /// Makes the `OpenAPI` document. Handed down, because it is made from the table of routes, which names the handlers.
    pub document: fn(&Catalogue, Role) -> Value,
    /// Becomes true when the service is told to stop, which ends the streams.
    pub stopping: watch::Sender<bool>,
}

impl App {
    /// A service over these.
    pub(super) fn new(people_and_things: PeopleAndThings, settings: Settings, document: fn(&Catalogue, Role) -> Value) -> Arc<Self> {
        let (inventory, accounts, devices, survey) = people_and_things;
        let limits = &settings.limits;
        let metrics = Arc::new(Metrics::default());
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Arc::new(Self {
            heavy: Heavy::new(cores, limits.heavy_queue, Arc::clone(&metrics)),
            peers: Peers::new(limits.peer_requests_per_s, limits.peer_burst),
            places: Semaphore::new(limits.concurrent_requests),
            streams: Arc::new(Semaphore::new(limits.streams)),
            start: Uuid::new_v4().simple().to_string()[..8].to_owned(),
            stopping: watch::Sender::new(false),
            settled: Mutex::default(),
            document,
            inventory,
            accounts,
            devices,
            survey,
            settings,
            metrics,
        })
    }
}
