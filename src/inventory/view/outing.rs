//! What a day in the field needs: where records lie, what lies around them, and how long ago somebody looked at them.
use std::cell::OnceCell;
use std::collections::HashSet;

use geo::{Centroid as _, InteriorPoint as _};
use geo_types::{Coord, Rect};
use jiff::Timestamp;

use super::View;
use super::search::{GeometryChoice, write_feature};
use crate::domain::geometry::{Shape, bounds};
use crate::domain::ids::{CarrierId, CollectionKey, Version};
use crate::domain::query::{Condition, Filter, Query, Region};
use crate::domain::record::{Closure, Evidence, Record};
use crate::index::{Members, Row, RowRef};
use crate::inventory::error::ReadError;
use crate::inventory::families::parent_code;
use crate::inventory::followers::followers;

/// A record as a place to go to.
#[derive(Clone, Debug, PartialEq)]
pub struct Spot {
    /// The record.
    pub id: CarrierId,
    /// Its code.
    pub code: String,
    /// Its collection.
    pub collection: CollectionKey,
    /// Its version.
    pub version: Version,
    /// A point on its ground, or on that of what it lies in; degrees.
    pub point: Option<[f64; 2]>,
    /// When a value of it was last seen, measured or read from a document.
    pub verified_at: Option<Timestamp>,
    /// Set when it is closed.
    pub closed: Option<Closure>,
}

/// Metres in a degree of latitude, within 0.6 % everywhere.
const METRES_PER_DEGREE: f64 = 111_000.0;

/// A record lies in another that lies in another: no deeper.
const MOST_PARENTS: usize = 2;

impl View {
    /// The first `most` records that match, by code, and how many match.
    pub fn spots(&self, query: &Query, most: usize) -> Result<(usize, Vec<Spot>), ReadError> {
        self.check(query)?;
        let query = Query {
            sort: Vec::new(),
            limit: most,
            after: None,
            ..query.clone()
        };
        let found = self.snapshot().search(&query);
        let spots = found.rows.iter().filter_map(|row| self.spot_of(self.snapshot().row(*row).id()));
        Ok((found.matched, spots.collect()))
    }

    /// The record with this code or id as a place to go to, closed or not.
    pub fn spot(&self, code_or_id: &str) -> Option<Spot> {
        self.spot_of(self.id_of(code_or_id)?)
    }

    /// The same by id.
    pub fn spot_of(&self, id: CarrierId) -> Option<Spot> {
        let record = self.snapshot().record(id)?;
        let shape = self.ground_of(&record);
        let seen = record
            .provenance
            .iter()
            .filter(|(key, each)| each.evidence > Evidence::Told && self.sees_field(record.collection.as_str(), key));
        Some(Spot {
            id,
            point: point(&shape),
            verified_at: seen.map(|(_, each)| each.observed_at).max(),
            version: record.version,
            code: record.code,
            collection: record.collection,
            closed: record.closed,
        })
    }

    /// Why a record is closed, and what follows it; `None` while it is open.
    pub fn closure_of(&self, id: CarrierId) -> Option<Closure> {
        self.snapshot().record(id)?.closed
    }

    /// These records, and what lies within so many metres of one of them.
    pub fn near<'a>(&'a self, places: &'a HashSet<CarrierId>, metres: f64) -> Near<'a> {
        Near {
            view: self,
            places,
            metres,
            boxes: OnceCell::new(),
        }
    }

    /// Open records that follow a closed one, directly or by others that were closed since, by code; none while it is open.
    pub fn heirs_of(&self, id: CarrierId) -> Vec<Spot> {
        // Asked of many records, nearly all of them open.
        if self.snapshot().row_of(id).is_some() {
            return Vec::new();
        }
        let all = self
            .snapshot()
            .record(id)
            .map_or_else(Vec::new, |record| followers(self.snapshot(), &record));
        all.into_iter().filter_map(|record| self.spot_of(record.id)).collect()
    }

    /// The outline of a record, or of what it lies in.
    fn ground_of(&self, record: &Record) -> Shape {
        let mut record = record.clone();
        for _ in 0..MOST_PARENTS {
            if record.geometry != Shape::None {
                break;
            }
            let parent = parent_code(&record).and_then(|code| self.id_of(&code));
            match parent.and_then(|id| self.snapshot().record(id)) {
                Some(parent) => record = parent,
                None => break,
            }
        }
        record.geometry
    }

    /// Records in groups and what lies within so many metres of them, as GeoJSON features like those of a search: of the collections of carriers, or of the
    /// overlays. Of these also what lies between the records of a group: who goes from one to the next needs a map without holes.
    pub fn around(&self, groups: &[Vec<CarrierId>], metres: f64, what: Around) -> Vec<u8> {
        let boxes = |group: &Vec<CarrierId>| -> Vec<Rect<f64>> {
            let each = group.iter().filter_map(|id| self.box_around(*id, metres));
            match what {
                Around::Carriers => each.collect(),
                Around::Overlays => each.reduce(|one, other| union(&one, &other)).into_iter().collect(),
            }
        };
        let boxes: Vec<Rect<f64>> = groups.iter().flat_map(boxes).collect();
        let ids = &groups.concat();
        let mut out = br#"{"type":"FeatureCollection","features":["#.to_vec();
        let mut is_first = true;
        for collection in &self.catalogue().collections {
            if collection.overlay.is_some() != (what == Around::Overlays) {
                continue;
            }
            let columns = self.snapshot().columns(&collection.key, &self.visible(&collection.key));
            let mut members = Members::new(&columns);
            for row in self.rows_around(&collection.key, (ids, &boxes)) {
                if !std::mem::take(&mut is_first) {
                    out.push(b',');
                }
                write_feature(&self.snapshot().row(row), &mut members, GeometryChoice::Full, &mut out);
            }
        }
        out.extend_from_slice(b"]}");
        out
    }

    /// The rows themselves, and those whose box meets one of the boxes.
    fn rows_around(&self, collection: &CollectionKey, (ids, boxes): (&[CarrierId], &[Rect<f64>])) -> Vec<RowRef> {
        let snapshot = self.snapshot();
        let own = ids.iter().filter_map(|id| snapshot.row_of(*id));
        let ids: HashSet<CarrierId> = ids.iter().copied().collect();
        let mut rows: Vec<RowRef> = own.filter(|row| snapshot.row(*row).collection() == collection).collect();
        if let Some(all) = boxes.iter().copied().reduce(|one, other| union(&one, &other)) {
            let condition = Condition {
                name: "bbox".into(),
                filter: Filter::Within(Region::Box(all)),
            };
            let matches = snapshot.matches(collection, &[condition]);
            let is_own = |row: &Row<'_>| row.bounds().is_none() || ids.contains(&row.id());
            let meets = |row: &Row<'_>| row.bounds().is_some_and(|bounds| boxes.iter().any(|each| overlap(each, &bounds)));
            let near = matches.iter().filter(|row| {
                let row = snapshot.row(*row);
                !is_own(&row) && meets(&row)
            });
            rows.extend(near);
        }
        rows
    }

    fn box_around(&self, id: CarrierId, metres: f64) -> Option<Rect<f64>> {
        let record = self.snapshot().record(id)?;
        let inner = bounds(&self.ground_of(&record))?;
        let up = metres / METRES_PER_DEGREE;
        let across = up / inner.center().y.to_radians().cos().max(0.01);
        let (low, high) = (inner.min(), inner.max());
        let corner = |x, y| Coord { x, y };
        Some(Rect::new(corner(low.x - across, low.y - up), corner(high.x + across, high.y + up)))
    }
}

/// Records, and what lies near them, as [`View::around`] finds it. What is asked of many is looked up once.
pub struct Near<'a> {
    view: &'a View,
    places: &'a HashSet<CarrierId>,
    metres: f64,
    boxes: OnceCell<Vec<Rect<f64>>>,
}

impl Near<'_> {
    /// Whether a record is one of them or lies near one.
    pub fn has(&self, id: CarrierId) -> bool {
        if self.places.contains(&id) {
            return true;
        }
        let wide = self.view.box_around(id, self.metres);
        wide.is_some_and(|wide| self.boxes().iter().any(|ground| overlap(&wide, ground)))
    }

    fn boxes(&self) -> &[Rect<f64>] {
        self.boxes.get_or_init(|| {
            let snapshot = self.view.snapshot();
            let of_ground = |id| snapshot.record(id).and_then(|record| bounds(&self.view.ground_of(&record)));
            let of = |id: &CarrierId| {
                let row = snapshot.row_of(*id).and_then(|row| snapshot.row(row).bounds());
                row.or_else(|| of_ground(*id))
            };
            self.places.iter().filter_map(of).collect()
        })
    }
}

/// What is looked for around records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Around {
    /// Parcels, buildings, units.
    Carriers,
    /// Zones, lines and points of overlays.
    Overlays,
}

/// A point within the ground, else in its middle; to the centimetre.
fn point(shape: &Shape) -> Option<[f64; 2]> {
    let point = match shape {
        Shape::None => None,
        Shape::Polygons(polygons) => polygons.interior_point().or_else(|| polygons.centroid()),
        Shape::Lines(lines) => lines.centroid(),
        Shape::Points(points) => points.0.first().copied(),
    };
    point.map(|point| [point.x(), point.y()].map(|degrees| (degrees * 1e7).round() / 1e7))
}

fn union(one: &Rect<f64>, other: &Rect<f64>) -> Rect<f64> {
    let (a, b, c, d) = (one.min(), one.max(), other.min(), other.max());
    let corner = |x, y| Coord { x, y };
    Rect::new(corner(a.x.min(c.x), a.y.min(c.y)), corner(b.x.max(d.x), b.y.max(d.y)))
}

fn overlap(one: &Rect<f64>, other: &Rect<f64>) -> bool {
    one.min().x <= other.max().x && other.min().x <= one.max().x && one.min().y <= other.max().y && other.min().y <= one.max().y
}
