//! How much of a parcel can be built on, as a waterfall.
use jiff::civil::Date;
use serde_json::{Value as Json, json};

use super::View;
use crate::domain::ids::CollectionKey;
use crate::inventory::ground::HardLayers;
use crate::inventory::outline::multi_json;
use crate::suitability::net_area::{NetArea, Share, Taker};
use crate::suitability::requirement::PARCELS;

impl View {
    /// The net area of the open parcel with this code or id, for a setback in metres; `None` when there is no such parcel.
    pub fn net_area(&self, code_or_id: &str, setback_m: f64) -> Option<Json> {
        let snapshot = self.snapshot();
        let row = self.id_of(code_or_id).and_then(|id| snapshot.row_of(id))?;
        let row = snapshot.row(row);
        if row.collection().as_str() != PARCELS {
            return None;
        }
        let layers = HardLayers::of(snapshot);
        let mut near = layers.near();
        let plot = self.ground().plot(&row);
        let net = self.ground().net_area(&row, &mut near, setback_m);
        let area = |area: fn(&NetArea) -> f64| net.as_ref().map(|net| area(net));
        let shares = net.iter().flat_map(|net| &net.shares);
        Some(json!({
            "revision": self.revision(),
            "code": row.code(),
            "id": row.id(),
            "version": row.version(),
            "setback_m": setback_m,
            "gross_m2": area(|net| net.gross_m2),
            "net_m2": area(|net| net.net_m2),
            "overlap_m2": area(|net| net.overlap_m2),
            "largest_part_m2": area(|net| net.largest_part_m2),
            "shares": shares.map(|share| self.share(share)).collect::<Vec<_>>(),
            "geometry": plot.zip(net.as_ref()).map(|(plot, net)| multi_json(&plot.plane.to_lon_lat(&net.net))),
        }))
    }

    fn share(&self, share: &Share) -> Json {
        let mut json = json!({"own_m2": share.own_m2, "only_m2": share.only_m2, "step_m2": share.step_m2});
        match &share.taker {
            Taker::Setback => json["taker"] = json!("setback"),
            Taker::Layer { key, .. } => {
                let layer = CollectionKey(key.clone());
                json["taker"] = json!("layer");
                json["layer"] = json!(layer);
                json["revision"] = json!(self.collection_revision(&layer));
                json["date"] = json!(self.seen(&layer).map(|day| day.to_string()));
            }
        }
        json
    }

    /// The day (UTC) on which the newest fact of a collection was observed, of those that the viewer may see.
    fn seen(&self, collection: &CollectionKey) -> Option<Date> {
        let snapshot = self.snapshot();
        let visible = self.visible(collection);
        let rows = snapshot.rows(collection);
        let newest = |row| {
            let row = snapshot.row(row);
            let seen = visible
                .iter()
                .filter_map(|key| row.provenance(key))
                .map(|source| source.observed_at);
            seen.max()
        };
        let newest = rows.iter().filter_map(newest).max()?;
        Some(jiff::tz::Offset::UTC.to_datetime(newest).date())
    }
}
