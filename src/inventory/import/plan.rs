//! From rows of a file to edits: what is new, what differs, what cannot be taken.
//!
//! Pure: the same rows over the same snapshot give the same plan.
use std::collections::{BTreeMap, HashSet};

use geo_types::Geometry;
use jiff::Timestamp;
use uuid::Uuid;

use super::columns::Columns;
use super::report::{ImportReport, LISTED, Mend, Refusal};
use crate::domain::catalogue::Catalogue;
use crate::domain::edit::{Change, Edit};
use crate::domain::geometry::{GeometryFault, Shape, canonical_within, repair};
use crate::domain::ids::{AttributeKey, CarrierId, CollectionKey, EditId};
use crate::domain::record::{CODE_CHARS, Evidence, Record};
use crate::domain::surroundings::NewId;
use crate::domain::value::Value;
use crate::formats::{Feature, Features, Place};
use crate::index::Snapshot;

/// Namespace of the ids that imports make (UUID version 5 of collection and code), so that the same row is the same record whenever and wherever it is imported.
const NAMESPACE: Uuid = Uuid::from_u128(0x6d0f_9b0e_5c1f_5e0a_9a65_2f3c_51ad_9e01);

/// What to do with an outline that is not valid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Faulty {
    /// The row is refused.
    #[default]
    Refuse,
    /// It is mended, and the report says where and by how much.
    Mend,
}

/// What all edits of an import have in common.
#[derive(Clone)]
pub(super) struct Common {
    /// Where the rows go.
    pub(super) collection: CollectionKey,
    /// Account name of the importer.
    pub(super) author: String,
    /// When the facts were observed.
    pub(super) observed_at: Timestamp,
    /// On what evidence.
    pub(super) evidence: Evidence,
    /// What to do with outlines that are not valid.
    pub(super) faulty: Faulty,
    /// Most vertices of an outline.
    pub(super) max_vertices: usize,
    /// Ids of edits.
    pub(super) new_id: NewId,
}

/// Goes through a file row by row.
pub(super) struct Plan {
    pub(super) features: Features,
    pub(super) columns: Columns,
    pub(super) common: Common,
    pub(super) snapshot: Snapshot,
    seen: HashSet<Uuid>,
    /// What came of the rows so far.
    pub(super) report: ImportReport,
}

/// A row that wants something of the writer.
pub(super) struct Planned {
    pub(super) place: Place,
    pub(super) edit: Result<Edit, Refusal>,
}

impl Plan {
    /// Begins at the first row.
    pub(super) fn new(features: Features, columns: Columns, common: Common, snapshot: Snapshot) -> Self {
        Self {
            features,
            columns,
            common,
            snapshot,
            seen: HashSet::new(),
            report: ImportReport::default(),
        }
    }

    /// Notes a row that cannot be taken.
    pub(super) fn refuse(&mut self, refusal: Refusal) {
        self.report.refused += 1;
        if self.report.refusals.len() < LISTED {
            self.report.refusals.push(refusal);
        }
    }

    fn plan(&mut self, feature: Feature) -> Result<Option<Edit>, Refusal> {
        let place = feature.place;
        let shape = self.shape(feature.geometry, place)?;
        let code = self.columns.code(place, &feature.properties, &shape)?;
        check_code(place, &code)?;
        let id = Uuid::new_v5(&NAMESPACE, format!("{}\0{code}", self.common.collection).as_bytes());
        if !self.seen.insert(id) {
            return Err(Refusal::new(place, Some("code"), format!("a second row {code}"), "each code once"));
        }
        let values = self.columns.values(place, &feature.properties)?;
        let stored = self.snapshot.id_by_code(&code).and_then(|id| self.snapshot.record(id));
        let Some(stored) = stored else {
            let mut attributes = values.always;
            attributes.extend(values.once);
            self.report.added += 1;
            return Ok(Some(self.edit(
                CarrierId(id),
                None,
                Change::Create {
                    code,
                    geometry: shape,
                    attributes,
                },
            )));
        };
        self.check_stored(place, &stored)?;
        let change = difference(&stored, values.always, shape);
        let Some(change) = change else {
            self.report.unchanged += 1;
            return Ok(None);
        };
        self.report.changed += 1;
        Ok(Some(self.edit(stored.id, Some(&stored), change)))
    }

    fn shape(&mut self, geometry: Option<Geometry<f64>>, place: Place) -> Result<Shape, Refusal> {
        let is_overlay = is_overlay(self.snapshot.catalogue(), &self.common.collection);
        let Some(geometry) = geometry else {
            if is_overlay {
                return Err(Refusal::new(place, Some("geometry"), "none", "an outline"));
            }
            return Ok(Shape::None);
        };
        let shape = match self.common.faulty {
            Faulty::Refuse => canonical_within(geometry, self.common.max_vertices).map(|canonical| canonical.shape),
            Faulty::Mend => self.mended(geometry, place),
        };
        let refuse = |fault: GeometryFault| {
            let expected = match self.common.faulty {
                Faulty::Refuse => "a valid outline (or ask for it to be mended)",
                Faulty::Mend => "an outline that can be mended",
            };
            Refusal::new(place, Some("geometry"), fault.to_string(), expected)
        };
        match shape.map_err(refuse)? {
            Shape::Lines(_) | Shape::Points(_) if !is_overlay => Err(Refusal::new(place, Some("geometry"), "points or lines", "polygons")),
            shape @ (Shape::None | Shape::Polygons(_) | Shape::Lines(_) | Shape::Points(_)) => Ok(shape),
        }
    }

    fn mended(&mut self, geometry: Geometry<f64>, place: Place) -> Result<Shape, GeometryFault> {
        // Most outlines are sound, and looking costs less than mending.
        let fault = match canonical_within(geometry.clone(), self.common.max_vertices) {
            Ok(canonical) => return Ok(canonical.shape),
            Err(fault) => fault,
        };
        let mended = repair(geometry)?;
        self.report.mended += 1;
        if self.report.mends.len() < LISTED {
            self.report.mends.push(Mend {
                place,
                fault: fault.to_string(),
                area_before_m2: mended.area_before_m2,
                area_after_m2: mended.area_after_m2,
            });
        }
        Ok(mended.shape)
    }

    fn check_stored(&self, place: Place, stored: &Record) -> Result<(), Refusal> {
        if stored.collection != self.common.collection {
            let given = format!("{}, which is one of {}", stored.code, stored.collection);
            return Err(Refusal::new(
                place,
                Some("code"),
                given,
                format!("a code that is new or one of {}", self.common.collection),
            ));
        }
        if stored.closed.is_some() {
            return Err(Refusal::new(
                place,
                Some("code"),
                format!("{}, which is closed", stored.code),
                "a code that is new or open",
            ));
        }
        Ok(())
    }

    fn edit(&self, record: CarrierId, stored: Option<&Record>, change: Change) -> Edit {
        Edit {
            field: None,
            id: EditId((self.common.new_id)()),
            record,
            collection: self.common.collection.clone(),
            base_version: stored.map(|stored| stored.version),
            change,
            observed_at: self.common.observed_at,
            evidence: self.common.evidence,
            author: self.common.author.clone(),
        }
    }
}

impl Iterator for Plan {
    type Item = Planned;

    /// The next row that is new, different, or refused.
    fn next(&mut self) -> Option<Planned> {
        loop {
            let feature = self.features.next()?;
            self.report.rows += 1;
            let (place, edit) = match feature {
                Ok(feature) => (feature.place, self.plan(feature)),
                Err(bad) => (bad.place, Err(bad.into())),
            };
            match edit {
                Ok(None) => {}
                Ok(Some(edit)) => return Some(Planned { place, edit: Ok(edit) }),
                Err(refusal) => {
                    self.refuse(refusal.clone());
                    return Some(Planned { place, edit: Err(refusal) });
                }
            }
        }
    }
}

/// Whether a collection is an overlay.
pub(super) fn is_overlay(catalogue: &Catalogue, collection: &CollectionKey) -> bool {
    catalogue
        .collection(collection.as_str())
        .is_some_and(|collection| collection.overlay.is_some())
}

/// What the file says otherwise than the record. What the file leaves blank stays as it is: a ledger's empty cell is no observation.
fn difference(stored: &Record, mut values: BTreeMap<AttributeKey, Value>, shape: Shape) -> Option<Change> {
    values.retain(|key, value| stored.attributes.get(key) != Some(value));
    let geometry = (shape != Shape::None && shape != stored.geometry).then_some(shape);
    if values.is_empty() && geometry.is_none() {
        return None;
    }
    Some(Change::Set {
        attributes: values.into_iter().map(|(key, value)| (key, Some(value))).collect(),
        geometry,
    })
}

fn check_code(place: Place, code: &str) -> Result<(), Refusal> {
    if code.chars().count() > CODE_CHARS || code.chars().any(char::is_control) {
        return Err(Refusal::new(
            place,
            Some("code"),
            code.escape_debug().to_string(),
            format!("at most {CODE_CHARS} printable characters"),
        ));
    }
    Ok(())
}
