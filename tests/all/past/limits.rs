//! Points that there are not, and how far back one may look.
use jiff::{Timestamp, ToSpan};
use zaiti::domain::viewer::{Role, Viewer};
use zaiti::inventory::{AsOf, At, PastError};

use super::World;
use super::world::viewer;
use crate::support::service::Kind;

async fn ask(world: &World, text: &str) -> Result<AsOf, PastError> {
    let at = world.inventory.read_at(text)?;
    world.inventory.view_at(&Viewer::public(), at).await
}

async fn refused(world: &World, text: &str) -> PastError {
    match ask(world, text).await {
        Ok(_) => panic!("{text} has an answer"),
        Err(error) => error,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_point_that_there_is_not_is_refused_with_the_nearest_that_there_is() {
    let mut world = World::new(Kind::GeoPackage, 3).await;
    assert!(matches!(refused(&world, "0").await, PastError::Empty));
    let begin = world.time();
    for _ in 0..10 {
        world.live().await;
    }
    let latest = world.inventory.view(&viewer(Role::Public)).revision();
    assert!(matches!(refused(&world, "0").await, PastError::BeforeFirst { revision, at } if revision.0 == 1 && at > begin));
    assert!(matches!(refused(&world, &begin.to_string()).await, PastError::BeforeFirst { .. }));
    assert!(matches!(refused(&world, "2026-09-30").await, PastError::BeforeFirst { .. }));
    assert!(matches!(
        refused(&world, &(latest.0 + 1).to_string()).await,
        PastError::Future { .. }
    ));
    assert!(matches!(refused(&world, "2030-01-01").await, PastError::Future { .. }));
    let asked = ask(&world, &latest.to_string()).await.unwrap();
    assert!(asked.is_settled && asked.view.revision() == latest);
}

/// The end of today is still to come: what is told of it is the present, and may change.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn today_is_the_present_and_yesterday_is_settled() {
    let mut world = World::new(Kind::GeoPackage, 4).await;
    let mut days: Vec<(String, u64)> = Vec::new();
    for _ in 0..30 {
        world.live().await;
        // The park's clock is eight hours ahead of UTC.
        let day = world.time().checked_add(8.hours()).unwrap().to_string()[..10].to_owned();
        let revision = world.inventory.view(&viewer(Role::Public)).revision().0;
        days.retain(|(known, _)| *known != day);
        days.push((day, revision));
        let today = ask(&world, &days.last().unwrap().0).await.unwrap();
        assert_eq!((today.view.revision().0, today.is_settled), (revision, false));
    }
    assert!(days.len() > 10);
    for (day, revision) in &days[..days.len() - 1] {
        let then = ask(&world, day).await.unwrap();
        assert_eq!((then.view.revision().0, then.is_settled), (*revision, true), "{day}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_more_is_undone_than_may_be() {
    let mut world = World::new(Kind::GeoPackage, 5).await;
    for _ in 0..30 {
        world.live().await;
    }
    world.reopen(|settings| settings.past_lines = 12).await;
    let PastError::TooFarBack { limit: 12, reach } = refused(&world, "1").await else {
        panic!("revision 1 has an answer");
    };
    let at = |revision| At::Revision(zaiti::domain::ids::Revision(revision));
    let who = viewer(Role::Staff);
    assert_eq!(world.inventory.view_at(&who, at(reach.0)).await.unwrap().view.revision(), reach);
    assert!(world.inventory.view_at(&who, at(reach.0 - 1)).await.is_err());
    let later: Timestamp = world.time();
    assert!(ask(&world, &later.to_string()).await.is_ok());
}
