//! `zaiti serve`: the settings of the service, all of them flags and environment variables.
use std::net::SocketAddr;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use anyhow::Context;
use clap::{Args, ValueEnum};
use tokio::net::TcpListener;

use super::flags::{SurveyFlags, limits};
use super::logs::Logs;
use super::place::{Place, block_on};
use super::{Done, print};
use crate::accounts::Accounts;
use crate::devices::{Devices, PhotoLimits};
use crate::domain::names::Names;
use crate::http::{self, BaseMap, IfMatch, Limits, Proxy};
use crate::inventory::{self, GroundLimits, Inventory};
use crate::survey::Survey;

const DAY: Duration = Duration::from_hours(24);

/// Serve the web app and the HTTP API
#[derive(Args)]
pub struct Serve {
    #[command(flatten)]
    place: Place,
    /// Address and port to listen on; port 0 takes any free one
    #[arg(long, env = "ZAITI_LISTEN", default_value = "127.0.0.1:8080", value_name = "ADDRESS")]
    listen: SocketAddr,
    /// How often to look for what other processes have written to a shared store, milliseconds; 0 for never
    #[arg(long, env = "ZAITI_FOLLOW_MS", default_value = "500", value_name = "N")]
    follow_ms: u64,
    #[command(flatten)]
    installation: Installation,
    #[command(flatten)]
    limits: LimitFlags,
    #[command(flatten)]
    survey: SurveyFlags,
    #[command(flatten)]
    logs: Logs,
}

/// What the operator decides.
#[derive(Args)]
#[command(next_help_heading = "Installation")]
struct Installation {
    /// Name of the installation, in Chinese
    #[arg(long, env = "ZAITI_TITLE_ZH", default_value = "载体", value_name = "TEXT")]
    title_zh: String,
    /// Name of the installation, in English
    #[arg(long, env = "ZAITI_TITLE_EN", default_value = "Zaiti", value_name = "TEXT")]
    title_en: String,
    /// Name of the installation, in German
    #[arg(long, env = "ZAITI_TITLE_DE", default_value = "Zaiti", value_name = "TEXT")]
    title_de: String,
    /// Whom to ask: a mail address or telephone number, shown to everyone
    #[arg(long, env = "ZAITI_CONTACT", value_name = "TEXT")]
    contact: Option<String>,
    /// Address by which people reach the service, when it differs from the Host header (`https://park.example`)
    #[arg(long, env = "ZAITI_PUBLIC_URL", value_name = "URL")]
    public_url: Option<String>,
    /// A proxy stands in front: believe its X-Forwarded-For and X-Forwarded-Proto. Only when nobody can go round it
    #[arg(long, env = "ZAITI_TRUST_PROXY")]
    trust_proxy: bool,
    /// Raster base map, `https://host/{z}/{x}/{y}.png`; several addresses are separated by spaces
    #[arg(long, env = "ZAITI_BASE_MAP", value_name = "URL", value_delimiter = ' ')]
    base_map: Vec<String>,
    /// Text that must be shown with the base map
    #[arg(long, env = "ZAITI_BASE_MAP_ATTRIBUTION", default_value = "", value_name = "TEXT")]
    base_map_attribution: String,
    /// What a PATCH without If-Match gets: honoured = it applies to the current version, required = status 428
    #[arg(long, env = "ZAITI_IF_MATCH", default_value = "honoured", value_name = "RULE")]
    if_match: IfMatchRule,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum IfMatchRule {
    Honoured,
    Required,
}

limits! { "Limits" LimitFlags:
    max_body_bytes: usize = "ZAITI_MAX_BODY_BYTES", "2097152", "Largest body of a request, bytes (413)";
    header_timeout_s: u64 = "ZAITI_HEADER_TIMEOUT_S", "10", "Longest time for a client to send the head of a request, seconds (closed)";
    request_timeout_ms: u64 = "ZAITI_REQUEST_TIMEOUT_MS", "30000", "Longest time until an answer begins, milliseconds (408)";
    max_requests: usize = "ZAITI_MAX_REQUESTS", "512", "Most requests at work at the same moment (503)";
    max_connections: usize = "ZAITI_MAX_CONNECTIONS", "2048", "Most open connections (others wait)";
    peer_rate: u32 = "ZAITI_PEER_RATE", "100", "Requests per second from one address in the long run, 0 for any number (429)";
    peer_burst: u32 = "ZAITI_PEER_BURST", "500", "Requests from one address at once before that (429)";
    max_page_rows: usize = "ZAITI_MAX_PAGE_ROWS", "10000", "Most rows of a page (400)";
    max_within_vertices: usize = "ZAITI_MAX_WITHIN_VERTICES", "2000", "Most vertices of a polygon to search in (400); an address has room for about 2500";
    max_facets: usize = "ZAITI_MAX_FACETS", "64", "Most facets at once (400)";
    max_batch_edits: usize = "ZAITI_MAX_BATCH_EDITS", "500", "Most edits in a batch (413)";
    max_streams: usize = "ZAITI_MAX_STREAMS", "256", "Most open change streams (503)";
    heartbeat_ms: u64 = "ZAITI_HEARTBEAT_MS", "20000", "Time between two signs of life on a change stream, milliseconds";
    heavy_queue: usize = "ZAITI_HEAVY_QUEUE", "256", "Most heavy requests (facets, exports, low zooms) that wait for their turn (503)";
    max_photo_bytes: u64 = "ZAITI_MAX_PHOTO_BYTES", "20971520", "Largest photo, bytes (413)";
    max_photo_chunk_bytes: u64 = "ZAITI_MAX_PHOTO_CHUNK_BYTES", "1048576", "Largest chunk of a photo, bytes (413); phones send 262144 at once";
    max_photo_pixels: u64 = "ZAITI_MAX_PHOTO_PIXELS", "50000000", "Most pixels of a photo, which decides how much memory it takes to unpack it (413)";
    max_unfinished_photo_bytes: u64 = "ZAITI_MAX_UNFINISHED_PHOTO_BYTES", "2147483648", "Most bytes of photos of one account that are not whole yet, 0 for any number (507)";
    max_account_photo_bytes: u64 = "ZAITI_MAX_ACCOUNT_PHOTO_BYTES", "214748364800", "Most bytes of whole photos of one account, 0 for any number (507)";
    photo_idle_days: u32 = "ZAITI_PHOTO_IDLE_DAYS", "30", "Days after which a photo that nobody goes on with is removed, at the start and once a day, 0 for never; its sender begins again";
    max_tile_bytes: usize = "ZAITI_MAX_TILE_BYTES", "500000", "Largest tile before compression, bytes (what does not fit is told as counts)";
    max_ground_candidates: usize = "ZAITI_MAX_GROUND_CANDIDATES", "50000", "Most carriers whose ground one need or wish of a requirement looks at (400)";
    max_ground_ms: u64 = "ZAITI_MAX_GROUND_MS", "15000", "Longest time for all that one requirement asks of the ground, milliseconds (503)";
    max_assembly_parcels: usize = "ZAITI_MAX_ASSEMBLY_PARCELS", "5000", "Most parcels among which sets are looked for (400)";
    max_assembly_sets: u64 = "ZAITI_MAX_ASSEMBLY_SETS", "200000", "Most sets of parcels that are visited (beyond it the answer says best found)";
    max_assemblies: usize = "ZAITI_MAX_ASSEMBLIES", "5", "Most sets of parcels in an answer (it says how many were left off)";
    max_largest_halls: usize = "ZAITI_MAX_LARGEST_HALLS", "2000", "Most near misses of which the largest hall is looked for (beyond it the answer warns)";
    ground_threads: usize = "ZAITI_GROUND_THREADS", "0", "Threads that share what one requirement asks of the ground, 0 for as many as there are processors";
    ground_kept: usize = "ZAITI_GROUND_KEPT", "200000", "Carriers of which outlines and net areas are kept in memory";
}

impl LimitFlags {
    fn limits(&self) -> Limits {
        Limits {
            body_bytes: self.max_body_bytes,
            header_read: Duration::from_secs(self.header_timeout_s),
            request: Duration::from_millis(self.request_timeout_ms),
            concurrent_requests: self.max_requests,
            connections: self.max_connections,
            peer_requests_per_s: self.peer_rate,
            peer_burst: self.peer_burst,
            page_rows: self.max_page_rows,
            within_vertices: self.max_within_vertices,
            facets: self.max_facets,
            edits_per_batch: self.max_batch_edits,
            streams: self.max_streams,
            heartbeat: Duration::from_millis(self.heartbeat_ms),
            heavy_queue: self.heavy_queue,
            tile_bytes: self.max_tile_bytes,
        }
    }

    fn ground(&self) -> GroundLimits {
        let every_processor = GroundLimits::default().threads;
        GroundLimits {
            candidates: self.max_ground_candidates,
            time: Duration::from_millis(self.max_ground_ms),
            assembly_parcels: self.max_assembly_parcels,
            assembly_sets: self.max_assembly_sets,
            assemblies: self.max_assemblies,
            largest: self.max_largest_halls,
            threads: if self.ground_threads == 0 {
                every_processor
            } else {
                self.ground_threads
            },
            kept: self.ground_kept,
        }
    }
}

impl LimitFlags {
    fn of_photos(&self) -> PhotoLimits {
        PhotoLimits {
            bytes: self.max_photo_bytes,
            pixels: self.max_photo_pixels,
            unfinished_bytes: self.max_unfinished_photo_bytes,
            account_bytes: self.max_account_photo_bytes,
            idle: (self.photo_idle_days > 0).then(|| DAY * self.photo_idle_days),
            chunk_bytes: self.max_photo_chunk_bytes,
        }
    }
}

impl Installation {
    fn settings(self, limits: Limits) -> http::Settings {
        let base_map = BaseMap {
            tiles: self.base_map,
            attribution: self.base_map_attribution,
        };
        http::Settings {
            limits,
            if_match: match self.if_match {
                IfMatchRule::Honoured => IfMatch::Honoured,
                IfMatchRule::Required => IfMatch::Required,
            },
            proxy: if self.trust_proxy { Proxy::Trusted } else { Proxy::None },
            public_url: self.public_url,
            base_map: (!base_map.tiles.is_empty()).then_some(base_map),
            title: Names {
                zh: self.title_zh.into(),
                en: self.title_en.into(),
                de: self.title_de.into(),
            },
            contact: self.contact,
        }
    }
}

impl Serve {
    /// Serves until the process is told to stop.
    pub fn run(self) -> anyhow::Result<Done> {
        self.logs.start()?;
        block_on(self.serve())
    }

    async fn serve(self) -> anyhow::Result<Done> {
        let started = Instant::now();
        let catalogue = self.place.catalogue.load()?;
        let store = self.place.open_store().await?;
        let listener = TcpListener::bind(self.listen).await;
        let listener = listener.with_context(|| format!("cannot listen on {}: choose another address with --listen", self.listen))?;
        let address = listener.local_addr()?;
        let limits = self.limits.limits();
        let settings = inventory::Settings {
            request_edits: limits.edits_per_batch,
            kept_bytes: self.survey.limits().kept_bytes,
            tile_budget_bytes: limits.tile_bytes,
            ground: self.limits.ground(),
            ..self.place.settings()
        };
        let surroundings = inventory::of_machine();
        let inventory = Inventory::open(Arc::clone(&store), catalogue, settings).await?;
        if inventory.is_shared() && self.follow_ms > 0 {
            tokio::spawn(follow(Arc::downgrade(&inventory), Duration::from_millis(self.follow_ms)));
        }
        let devices = Devices::open(Arc::clone(&store), surroundings.clone(), self.limits.of_photos()).await?;
        tokio::spawn(clear_away(Arc::downgrade(&devices), DAY));
        let accounts = Accounts::open(Arc::clone(&store), Arc::clone(&surroundings.clock)).await?;
        let survey = Survey::open(store, surroundings, self.survey.settings(&self.place)).await?;
        let app = http::service((inventory, accounts, devices, survey), self.installation.settings(limits));
        let took_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        tracing::info!(%address, took_ms, "ready");
        print(&format!("zaiti is ready on http://{address}"));
        http::run(listener, app, stop_signal()).await;
        tracing::info!("stopped");
        Ok(Done::All)
    }
}

/// Reads what other processes write, as long as the inventory lives. A store that cannot be reached is asked again at the next turn; `/readyz` tells of it meanwhile.
async fn follow(inventory: Weak<Inventory>, every: Duration) {
    let mut turns = tokio::time::interval(every);
    turns.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        turns.tick().await;
        let Some(inventory) = inventory.upgrade() else { return };
        if let Err(error) = inventory.catch_up().await {
            tracing::debug!(%error, "could not look for what others have written");
        }
    }
}

/// Removes photos that nobody goes on with, now and then again and again, as long as the service lives.
async fn clear_away(devices: Weak<Devices>, every: Duration) {
    let mut turns = tokio::time::interval(every);
    loop {
        turns.tick().await;
        let Some(devices) = devices.upgrade() else { return };
        match devices.remove_idle().await {
            Ok((0, _)) => {}
            Ok((photos, bytes)) => tracing::info!(photos, bytes, "removed photos that nobody went on with"),
            Err(error) => tracing::warn!(%error, "could not look for photos that nobody goes on with"),
        }
    }
}

/// Done when the process gets SIGTERM or SIGINT.
async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let interrupt = async {
        let _ = tokio::signal::ctrl_c().await;
    };
    let terminate = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(error) => {
                tracing::warn!(%error, "SIGTERM cannot be listened to");
                std::future::pending::<()>().await;
            }
        }
    };
    tokio::select! { () = interrupt => {}, () = terminate => {} }
    tracing::info!("told to stop: no new connections, requests at work may end");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::devices::Chunk;
    use clap::Parser;

    #[derive(Parser)]
    struct Alone {
        #[command(flatten)]
        serve: Serve,
    }

    #[test]
    fn the_flags_have_the_defaults_of_the_limits() {
        let flags = Alone::parse_from(["serve"]).serve.limits;
        assert_eq!(format!("{:?}", flags.limits()), format!("{:?}", Limits::default()));
        assert_eq!(format!("{:?}", flags.ground()), format!("{:?}", GroundLimits::default()));
        assert_eq!(format!("{:?}", flags.of_photos()), format!("{:?}", PhotoLimits::default()));
    }
    /// A chunk of a photo that is never gone on with.
    async fn begin(devices: &Devices, sha256: &str) {
        let chunk = Chunk {
            sha256: sha256.to_owned(),
            offset: 0,
            total: 1_000,
            bytes: bytes::Bytes::from_static(b"\xFF\xD8\xFF\xE0 and so on"),
        };
        devices.take_chunk("li", chunk).await.unwrap();
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn what_nobody_goes_on_with_is_removed_again_and_again() {
        let folder = tempfile::tempdir().unwrap();
        let store = crate::store::open(folder.path().join("park.gpkg").to_str().unwrap()).await.unwrap();
        let limits = PhotoLimits {
            idle: Some(Duration::from_millis(1)),
            ..PhotoLimits::default()
        };
        let devices = Devices::open(store, inventory::of_machine(), limits).await.unwrap();
        let clearing = tokio::spawn(clear_away(Arc::downgrade(&devices), Duration::from_millis(5)));
        for sha256 in ["0", "1"].map(|digit| digit.repeat(64)) {
            begin(&devices, &sha256).await;
            let begun = Instant::now();
            while devices.received("li", &sha256).await.unwrap().bytes > 0 {
                assert!(begun.elapsed() < Duration::from_secs(30), "it stays");
                tokio::task::yield_now().await;
            }
        }
        // It ends with the service.
        drop(devices);
        clearing.await.unwrap();
    }
}
