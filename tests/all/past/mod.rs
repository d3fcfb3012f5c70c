//! The inventory as of a point in its past: what was recorded then is what is told of then, by both stores.
use std::sync::Arc;

use crate::support::park::Park;
use crate::support::postgres;
use crate::support::service::Kind;

mod limits;
mod told;
mod world;

use told::{Told, tell};
use world::World;
use zaiti::inventory::At;

const BATCHES: usize = 24;

macro_rules! on_both_stores {
    ($($case:ident),+ $(,)?) => {
        $(mod $case {
            use crate::support::service::Kind;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn geopackage() {
                super::$case(Kind::GeoPackage).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgis() {
                super::$case(Kind::PostGis).await;
            }
        })+
    };
}

on_both_stores!(the_past_is_what_it_was, a_store_of_old_tells_the_past_too);

/// A world with random edits, and what it told after each batch.
async fn lived(kind: Kind, seed: u64) -> (World, Vec<Told>) {
    let mut world = World::new(kind, seed).await;
    let mut recorded = Vec::new();
    for _ in 0..BATCHES {
        world.live().await;
        recorded.push(tell(&world, world.now()).await);
    }
    assert!(
        world.closed() > 2 && world.codes.len() > 20,
        "closed {}, of {}",
        world.closed(),
        world.codes.len()
    );
    (world, recorded)
}

/// What is told of each revision, in no order, by number and by time.
async fn compare(world: &World, recorded: &[Told]) {
    let mut differing = 0;
    for step in 0..recorded.len() {
        let then = &recorded[step * 17 % recorded.len()];
        let by_number = tell(world, world.at(At::Revision(then.revision)).await).await;
        then.assert_same(&by_number);
        let at = world.inventory.read_at(&then.time.to_string()).unwrap();
        // A revision in which everything waits for a person has no moment of its own: what was told before it holds.
        let by_time = tell(world, world.at(at).await).await;
        then.assert_same(&by_time);
        assert!(by_time.revision <= then.revision);
        differing += usize::from(by_number.tags != recorded.last().unwrap().tags);
    }
    assert!(differing > recorded.len() / 2, "a past answer has a tag of its own");
}

async fn the_past_is_what_it_was(kind: Kind) {
    let (mut world, recorded) = lived(kind, 1).await;
    compare(&world, &recorded).await;
    // The same of what is read from the store anew, one state in memory at a time.
    world.reopen(|settings| settings.past_states = 1).await;
    compare(&world, &recorded[recorded.len() / 2..]).await;
}

/// Lines from before it was kept where values came from, and records from before there was a day of the last look.
async fn a_store_of_old_tells_the_past_too(kind: Kind) {
    let (mut world, recorded) = lived(kind, 7).await;
    world.make_old().await;
    compare(&world, &recorded).await;
}
