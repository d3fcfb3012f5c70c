//! Speed and memory, each beside a named baseline measured in the same run. `make bench`, or `make bench BENCH=tiles` for one section.
//!
//! One line a measurement: what, value, baseline, how many times better than it, and the goal where there is one. Ratios are what to look at: the
//! machine and whoever shares it move the values by a fifth and more. Nothing here fails; the tests are elsewhere.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a benchmark prints, and stops where it cannot go on"
)]
mod bare;
mod child;
#[path = "../../tests/all/support/postgres.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod cluster;
mod http;
mod index;
mod line;
mod parcels;
mod place;
mod rival;
mod site;
mod store;
mod suit;
mod sync;
mod tiles;

use place::{Options, Place};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Section = (&'static str, &'static str, fn(&Place));

const SECTIONS: [Section; 7] = [
    (
        "index",
        "the snapshot in memory: memory, window queries, facets, growth",
        index::run,
    ),
    ("suit", "suitability: gates, wishes, what almost suits", suit::run),
    ("tiles", "vector tiles, none from a cache", tiles::run),
    (
        "store",
        "the GeoPackage: to ready, durable edits, readers beside a writer",
        store::run,
    ),
    ("site", "what asks the ground: halls, net areas, sets of parcels", site::run),
    ("sync", "two hundred phones that come back into the network at once", sync::run),
    ("http", "the service on loopback, clients in the same process", http::run),
];

fn main() {
    let options = Options::read(&SECTIONS.map(|(name, ..)| name));
    if let Some(work) = &options.child {
        child::run(work, &options);
        return;
    }
    let place = Place::new(options);
    println!(
        "{} parcels of 12 vertices with ten attributes, clustered in parks",
        place.options.parcels
    );
    for (name, about, run) in SECTIONS {
        if place.options.wants(name) {
            println!("\n{name}: {about}");
            run(&place);
        }
    }
}
