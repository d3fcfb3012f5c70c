//! Each field of an edit: the value at its base, the one sent, the one that stands, each with who and when.
use geo::{Distance as _, Euclidean};
use geo_types::{Coord, Point};
use serde_json::{Value as Json, json};

use crate::domain::edit::{Action, Decision, HistoryEntry, Position};
use crate::domain::geometry::{Plane, Shape, planar_area_m2, write_geojson};
use crate::domain::ids::{AttributeKey, Version};
use crate::domain::record::Record;
use crate::domain::value::Value;
use crate::domain::viewer::Role;
use crate::index::Snapshot;
use crate::inventory::outline::shape;
use crate::inventory::request::EditRequest;

/// The record at the moment that is told of: now, or when somebody decided.
pub struct Moment<'a> {
    now: Option<&'a Record>,
    /// What had happened by then, oldest first.
    before: &'a [HistoryEntry],
    /// What has happened since.
    later: &'a [HistoryEntry],
    /// What was written by the decision; `None` where nothing was, or nobody has decided.
    written: Option<&'a HistoryEntry>,
}

impl<'a> Moment<'a> {
    /// Now.
    pub fn now(now: Option<&'a Record>, history: &'a [HistoryEntry]) -> Self {
        Self {
            now,
            before: history,
            later: &[],
            written: None,
        }
    }

    /// When this was decided. `written` is the line of the edit that was written by it, perhaps in the history of another record.
    pub fn of_decision(
        decision: &Decision,
        (now, history): (Option<&'a Record>, &'a [HistoryEntry]),
        written: Option<&'a HistoryEntry>,
    ) -> Self {
        let own = written.and_then(|line| history.iter().position(|entry| entry.edit == line.edit));
        let split = own.unwrap_or_else(|| history.partition_point(|entry| entry.changed_at <= decision.at));
        let (before, later) = history.split_at(split);
        Self {
            now,
            before,
            later,
            written,
        }
    }

    fn stands(&self, key: &AttributeKey) -> Option<&Value> {
        let now = self.now.and_then(|record| record.attributes.get(key));
        value_before(self.later.iter(), key, now)
    }

    /// The value at a version.
    fn base(&self, version: Version, key: &AttributeKey) -> Option<&Value> {
        let since = self.before.iter().filter(|entry| entry.version > version);
        value_before(since, key, self.stands(key))
    }

    /// The line by which the value of a field came about, up to a version.
    fn source(&self, key: &AttributeKey, up_to: Option<Version>) -> Option<&HistoryEntry> {
        let known = self.before.iter().rev();
        let mut known = known.filter(|entry| up_to.is_none_or(|version| entry.version <= version));
        known.find(|entry| entry.changes.contains_key(key))
    }

    /// The line by which the outline came about, up to a version.
    fn redrawn(&self, up_to: Option<Version>) -> Option<&HistoryEntry> {
        let known = self.before.iter().rev();
        let mut known = known.filter(|entry| up_to.is_none_or(|version| entry.version <= version));
        known.find(|entry| entry.geometry_before.is_some() || entry.action == Action::Created)
    }

    fn outline_stands(&self) -> Option<&Shape> {
        let now = self.now.map(|record| &record.geometry);
        self.later.iter().find_map(|entry| entry.geometry_before.as_ref()).or(now)
    }

    /// The outline at a version: as it was before it was first redrawn since.
    fn outline_at(&self, version: Version) -> Option<&Shape> {
        let mut since = self.before.iter().filter(|entry| entry.version > version);
        since
            .find_map(|entry| entry.geometry_before.as_ref())
            .or_else(|| self.outline_stands())
    }

    fn written(&self, key: &AttributeKey) -> Option<&Value> {
        self.written?.changes.get(key)?.1.as_ref()
    }
}

fn value_before<'a>(mut since: impl Iterator<Item = &'a HistoryEntry>, key: &AttributeKey, now: Option<&'a Value>) -> Option<&'a Value> {
    since.find_map(|entry| entry.changes.get(key)).map_or(now, |(old, _)| old.as_ref())
}

/// All fields that an edit would set.
pub fn fields(snapshot: &Snapshot, (role, request): (Role, &EditRequest), moment: &Moment<'_>) -> Vec<Json> {
    let created = request.create.iter().flat_map(|create| &create.attributes);
    let values = request.set.iter().chain(created).map(|(key, sent)| {
        let mine = request
            .in_base_unit(snapshot.catalogue(), role, key)
            .unwrap_or_else(|| sent.clone());
        field((&AttributeKey::from(key.as_str()), mine), request.base_version, moment)
    });
    let mut fields: Vec<Json> = values.collect();
    let outline = request.geometry.as_ref().or(request.create.as_ref().map(|create| &create.geometry));
    fields.extend(outline.map(|mine| outline_field(mine, request.base_version, moment)));
    fields
}

fn field((key, mine): (&AttributeKey, Json), base: Option<Version>, moment: &Moment<'_>) -> Json {
    let source = moment.source(key, None);
    let known = moment.now.filter(|_| moment.later.is_empty() && moment.written.is_none());
    let known = known.and_then(|record| record.provenance.get(key));
    let note = source.and_then(|entry| entry.field.as_ref());
    let first = base.and_then(|version| moment.source(key, Some(version)));
    json!({
        "key": key,
        "base": base.and_then(|version| moment.base(version, key)).map(Value::to_json),
        "base_by": first.map(|entry| &entry.author),
        "base_at": first.map(|entry| entry.observed_at),
        "mine": mine,
        "theirs": moment.stands(key).map(Value::to_json),
        "theirs_by": known.map(|known| &known.author).or(source.map(|entry| &entry.author)),
        "theirs_at": known.map(|known| known.observed_at).or(source.map(|entry| entry.observed_at)),
        "theirs_evidence": known.map(|known| known.evidence).or(source.map(|entry| entry.evidence)),
        "theirs_position": note.and_then(|note| note.position),
        "theirs_away_m": note.and_then(|note| note.position).and_then(|place| away_m(moment.now?, place)),
        "theirs_device": note.map(|note| note.device).filter(|device| !device.is_nil()),
        "theirs_visit": note.and_then(|note| note.visit),
        "written": moment.written(key).map(Value::to_json),
    })
}

/// The outline at its base, the one sent and the one that stands, each with its area.
fn outline_field(mine: &Json, base: Option<Version>, moment: &Moment<'_>) -> Json {
    let (last, first) = (moment.redrawn(None), base.and_then(|version| moment.redrawn(Some(version))));
    let theirs = moment.outline_stands();
    let was = base.and_then(|version| moment.outline_at(version));
    // What was sent has been taken in once; if a later program reads it otherwise, its area is unknown rather than wrong.
    let sent = shape(mine).ok();
    json!({
        "key": "geometry",
        "base": was.map(outline),
        "base_by": first.map(|entry| &entry.author),
        "base_at": first.map(|entry| entry.observed_at),
        "mine": mine,
        "theirs": theirs.map(outline),
        "theirs_by": last.map(|entry| &entry.author),
        "theirs_at": last.map(|entry| entry.observed_at),
        "theirs_evidence": last.map(|entry| entry.evidence),
        "theirs_position": null,
        "theirs_away_m": null,
        "theirs_device": null,
        "theirs_visit": null,
        "written": null,
        "areas_planar_m2": {"base": was.map(planar_area_m2), "mine": sent.as_ref().map(planar_area_m2), "theirs": theirs.map(planar_area_m2)},
    })
}

fn outline(shape: &Shape) -> Json {
    let mut text = Vec::new();
    write_geojson(shape, &mut text);
    serde_json::from_slice(&text).unwrap_or(Json::Null)
}

/// How far a position is from a record's ground, whole metres in the plane of its zone; 0 on it, `None` where nobody knows where it lies.
pub fn away_m(record: &Record, stand: Position) -> Option<f64> {
    let plane = Plane::around(&record.geometry)?;
    let at = Point(plane.place(Coord {
        x: stand.lon,
        y: stand.lat,
    }));
    let apart = match plane.draw(&record.geometry) {
        Shape::None => return None,
        Shape::Polygons(polygons) => Euclidean.distance(&at, &polygons),
        Shape::Lines(lines) => Euclidean.distance(&at, &lines),
        Shape::Points(points) => Euclidean.distance(&at, &points),
    };
    Some(apart.round())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::geometry::canonical;
    use crate::domain::ids::{CarrierId, Revision};

    /// One thousandth of a degree of latitude is 110.9 m here.
    #[test]
    fn distances_are_from_the_nearest_border_and_nothing_on_the_ground() {
        let corners = [(120.9, 31.85), (120.901, 31.85), (120.901, 31.851), (120.9, 31.851), (120.9, 31.85)];
        let ring = geo_types::Polygon::new(corners.to_vec().into(), Vec::new());
        let record = |geometry| Record {
            id: CarrierId(uuid::Uuid::nil()),
            collection: "parcels".into(),
            code: "P".into(),
            geometry,
            version: Version(1),
            revision: Revision(1),
            changed_at: jiff::Timestamp::UNIX_EPOCH,
            attributes: std::collections::BTreeMap::new(),
            provenance: std::collections::BTreeMap::new(),
            closed: None,
        };
        let parcel = record(canonical(ring.into()).expect("a square").shape);
        for ((lon, lat), expected) in [((120.9005, 31.8505), 0.0), ((120.9005, 31.852), 111.0), ((120.9, 31.849), 111.0)] {
            let place = Position { lon, lat, accuracy_m: 5.0 };
            assert_eq!(away_m(&parcel, place), Some(expected), "{lon} {lat}");
            assert_eq!(away_m(&record(Shape::None), place), None);
        }
    }
}
