//! Real parcels through the import, then their tiles as a viewer gets them.
use std::collections::BTreeSet;

use zaiti::domain::catalogue::Catalogue;
use zaiti::domain::query::Query;
use zaiti::domain::record::Evidence;
use zaiti::domain::viewer::{Role, Viewer};
use zaiti::formats::Options;
use zaiti::inventory::import::{Faulty, Job, Mapping, import};
use zaiti::inventory::{Bulk, Inventory, Settings, TileAddress, View};

use super::laws::read;
use crate::support::shared::shared_data;

/// Non-empty tiles below the given ones.
fn children(places: &BTreeSet<(u32, u32)>) -> impl Iterator<Item = (u32, u32)> + '_ {
    let four = |(x, y): &(u32, u32)| [(0, 0), (1, 0), (0, 1), (1, 1)].map(|(east, south)| (2 * x + east, 2 * y + south));
    places.iter().flat_map(four)
}

fn check_zooms(view: &View, query: &Query, records: u64) {
    let mut places = BTreeSet::from([(0, 0)]);
    for z in 0..=16u8 {
        let (mut drawn, mut counted, mut filled) = (BTreeSet::new(), 0, BTreeSet::new());
        for (x, y) in places {
            let tile = view.tile(TileAddress { z, x, y }, query).unwrap();
            assert!(tile.bytes.len() <= 500_000);
            if tile.bytes.is_empty() {
                continue;
            }
            let (features, count) = read(&tile.bytes);
            drawn.extend(features.into_keys());
            counted += count;
            filled.insert((x, y));
        }
        assert_eq!(drawn.len() as u64 + counted, records, "at zoom {z}");
        assert!(z > 4 || drawn.is_empty(), "parcels smaller than a pixel are drawn at zoom {z}");
        assert!(
            z < 14 || counted * 10 < records,
            "{counted} of {records} are only counted at zoom {z}"
        );
        places = children(&filled).collect();
    }
}

#[tokio::test]
async fn the_real_industrial_parcels_are_all_in_the_tiles() {
    let Some(path) = shared_data("ma_parcels/ma_industrial_parcels.geojson") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let store = zaiti::store::open(folder.path().join("zaiti.gpkg").to_str().unwrap())
        .await
        .unwrap();
    let inventory = Inventory::open(store, Catalogue::builtin().unwrap(), Settings::default())
        .await
        .unwrap();
    let viewer = Viewer {
        role: Role::Steward,
        account: Some("steward".into()),
    };
    let job = Job {
        path,
        read: Options::default(),
        into: "parcels".into(),
        mapping: Mapping::builtin("massgis").unwrap().unwrap(),
        mode: Bulk::KeepGood,
        faulty: Faulty::Refuse,
        overlay: None,
        viewer: viewer.clone(),
        observed_at: "2027-01-01T00:00:00Z".parse().unwrap(),
        evidence: Evidence::Document,
    };
    let report = import(&inventory, job, Box::new(|_, _| {})).await.unwrap();
    assert!(report.added > 2_000);
    let query = Query {
        collection: "parcels".into(),
        conditions: Vec::new(),
        sort: Vec::new(),
        limit: 1,
        after: None,
    };
    check_zooms(&inventory.view(&viewer), &query, report.added);
}
