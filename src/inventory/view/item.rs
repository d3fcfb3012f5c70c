//! One record with all that belongs to it.
use serde_json::{Map, Value as Json, json};

use crate::domain::geometry::{bounds, write_geojson};
use crate::domain::ids::{CarrierId, CollectionKey, Version};
use crate::domain::record::Record;
use crate::domain::value::Value;
use crate::domain::viewer::Role;

use super::View;
use crate::inventory::families::parent_code;

/// One record.
pub struct Item {
    /// Its id.
    pub id: CarrierId,
    /// Its code.
    pub code: String,
    /// Its collection.
    pub collection: CollectionKey,
    /// Its version.
    pub version: Version,
    /// Whether it is closed.
    pub is_closed: bool,
    json: Json,
}

impl Item {
    /// The record as a GeoJSON feature with sibling members for provenance, closure, relatives and allowed transitions.
    pub fn to_json(&self) -> &Json {
        &self.json
    }
}

impl View {
    /// The record with this code or id. A closed one still answers; the public learns of it only that it is closed, and what follows it.
    pub fn item(&self, code_or_id: &str) -> Option<Item> {
        let record = self.id_of(code_or_id).and_then(|id| self.snapshot().record(id))?;
        let is_closed = record.closed.is_some();
        let json = if is_closed && self.role == Role::Public {
            self.tombstone(&record)
        } else {
            self.feature(&record)
        };
        Some(Item {
            id: record.id,
            code: record.code,
            collection: record.collection,
            version: record.version,
            is_closed,
            json,
        })
    }

    fn feature(&self, record: &Record) -> Json {
        let mut properties = Map::new();
        properties.insert("code".to_owned(), json!(record.code));
        properties.insert("version".to_owned(), json!(record.version));
        properties.insert("collection".to_owned(), json!(record.collection));
        let shown = record
            .attributes
            .iter()
            .filter(|(key, _)| self.sees_field(record.collection.as_str(), key));
        properties.extend(shown.map(|(key, value)| (key.to_string(), value.to_json())));
        let corners = bounds(&record.geometry).map(|bounds| [bounds.min().x, bounds.min().y, bounds.max().x, bounds.max().y]);
        json!({
            "type": "Feature",
            "id": record.id,
            "bbox": corners,
            "geometry": geometry(record),
            "properties": properties,
            "revision": self.revision(),
            "provenance": self.provenance(record),
            "closed": record.closed,
            "children": self.children(record),
            "parent": self.parent(record),
            "allowed_transitions": self.transitions(record),
        })
    }

    /// What the public learns of a closed record. The reason is in the closer's words, which were not written for the public.
    fn tombstone(&self, record: &Record) -> Json {
        let successors = record.closed.as_ref().map(|closed| &closed.successors);
        json!({
            "type": "Feature",
            "id": record.id,
            "bbox": null,
            "geometry": null,
            "properties": {"code": record.code, "version": record.version, "collection": record.collection},
            "revision": self.revision(),
            "provenance": {},
            "closed": {"reason": null, "successors": successors},
            "children": [],
            "parent": null,
            "allowed_transitions": [],
        })
    }

    fn provenance(&self, record: &Record) -> Json {
        let shown = record
            .provenance
            .iter()
            .filter(|(key, _)| self.sees_field(record.collection.as_str(), key));
        let line = |provenance: &crate::domain::record::Provenance| {
            let author = (self.role > Role::Public).then_some(&provenance.author);
            json!({"observed_at": provenance.observed_at, "evidence": provenance.evidence, "author": author})
        };
        shown
            .map(|(key, provenance)| (key.to_string(), line(provenance)))
            .collect::<Map<_, _>>()
            .into()
    }

    fn children(&self, record: &Record) -> Vec<&str> {
        let snapshot = self.snapshot();
        let ids = self.published.families.children(&record.code).iter();
        let mut codes: Vec<_> = ids
            .filter_map(|id| snapshot.row_of(*id))
            .map(|row| snapshot.row(row).code())
            .collect();
        codes.sort_unstable();
        codes
    }

    fn parent(&self, record: &Record) -> Json {
        let is_shown = self.sees_field(record.collection.as_str(), &crate::inventory::families::PARENT.into());
        parent_code(record).filter(|_| is_shown).map_or(Json::Null, |code| json!(code))
    }

    fn transitions(&self, record: &Record) -> Vec<Json> {
        let lifecycle = self.catalogue().lifecycle(record.collection.as_str());
        let (Some(lifecycle), Some(Value::Code(from))) = (lifecycle, record.attributes.get("status")) else {
            return Vec::new();
        };
        let derived = record.collection.as_str() == "buildings" && !self.published.families.children(&record.code).is_empty();
        if self.role == Role::Public || self.is_past || record.closed.is_some() || derived {
            return Vec::new();
        }
        let allowed = lifecycle.allowed(from, self.role);
        allowed
            .iter()
            .map(|way| json!({"to": way.to, "names": way.names, "needs": way.needs}))
            .collect()
    }
}

fn geometry(record: &Record) -> Json {
    let mut text = Vec::new();
    write_geojson(&record.geometry, &mut text);
    serde_json::from_slice(&text).unwrap_or(Json::Null)
}
