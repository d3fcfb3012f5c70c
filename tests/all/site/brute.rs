//! Direct evaluation: every record, every feature of every hard overlay, no box queries, no prefilter, nothing kept.
use std::collections::BTreeMap;
use std::sync::Arc;

use geo_types::MultiPolygon;
use zaiti::domain::catalogue::{Catalogue, Effect};
use zaiti::domain::geometry::Plane;
use zaiti::domain::record::Record;
use zaiti::index::{Builder, Snapshot};
use zaiti::store::{Sink, Store};
use zaiti::suitability::fit::{Fit, Search, Setback, Site, Wanted};
use zaiti::suitability::net_area::{Layer, covers};

pub async fn read(store: &dyn Store) -> Snapshot {
    let overlays = store.overlays().await.unwrap().into_iter();
    let overlays: Vec<_> = overlays.map(|each| (each.collection, each.fields)).collect();
    let builder = Builder::new(Arc::new(Catalogue::builtin().unwrap().with_overlays(&overlays)), 1);
    let sinks = builder.sinks().into_iter().map(|fill| fill as Sink<'_>).collect();
    let revision = store.load(sinks).await.unwrap();
    builder.finish(revision)
}

pub fn records(snapshot: &Snapshot, collection: &str) -> Vec<Record> {
    let rows = snapshot.matches(&collection.into(), &[]);
    let ids: Vec<_> = rows.iter().map(|row| snapshot.row(row).id()).collect();
    ids.into_iter().map(|id| snapshot.record(id).unwrap()).collect()
}

/// A record's ground in its plane.
pub fn ground(record: &Record) -> Option<(Plane, MultiPolygon<f64>)> {
    let plane = Plane::around(&record.geometry)?;
    let ground = plane.ground(&record.geometry);
    (!ground.0.is_empty()).then_some((plane, ground))
}

/// Every feature of every hard overlay.
pub fn hard_layers(snapshot: &Snapshot, plane: Plane) -> Vec<Layer> {
    let hard = snapshot.catalogue().collections.iter().filter_map(|collection| {
        let overlay = collection.overlay.as_ref().filter(|overlay| overlay.effect == Effect::Exclude)?;
        Some(Layer {
            key: collection.key.0.clone(),
            shapes: records(snapshot, collection.key.as_str())
                .iter()
                .map(|record| plane.draw(&record.geometry))
                .collect(),
            buffer_m: overlay.buffer_m,
            date: None,
        })
    });
    hard.collect()
}

/// What the pure functions say of each parcel, by code; `None` without outline.
pub fn fits(snapshot: &Snapshot, wanted: &Wanted, setback: &Setback, step_deg: f64) -> BTreeMap<String, Option<Fit>> {
    let fit = |record: &Record| {
        let (plane, ground) = ground(record)?;
        let keep_clear = covers(&ground, &hard_layers(snapshot, plane)).ok()?;
        let site = Site::new(&ground, setback, &keep_clear).ok()?;
        Some(site.fit(wanted, &Search::at_step(step_deg).unwrap()))
    };
    let parcels = records(snapshot, "parcels");
    parcels.iter().map(|record| (record.code.clone(), fit(record))).collect()
}
