//! Values computed from others: areas of the shape, "the first that is known", a building's values from its units.
use std::sync::Arc;

use crate::domain::catalogue::{Attribute, Catalogue, Derivation, UnitsStatus};
use crate::domain::edit::Edit;
use crate::domain::geometry::{Shape, ellipsoidal_area_m2, planar_area_m2};
use crate::domain::ids::AttributeKey;
use crate::domain::lifecycle::Availability;
use crate::domain::record::Record;
use crate::domain::value::Value;

use super::draft::{Draft, Superseded};
use crate::inventory::freshness::last_seen;

/// Attribute that holds the state.
pub const STATUS: &str = "status";

/// Areas are kept to this part of a square metre, as certificates give them.
const AREA_STEPS_PER_M2: f64 = 100.0;

/// Longest chain of derived values that build on each other (`first_of` of a `first_of`).
const PASSES: usize = 3;

/// Whether an attribute is computed for this record. A building without units has its own status and area.
pub fn is_derived(draft: &Draft<'_>, attribute: &Attribute, code: &str) -> bool {
    match &attribute.derived {
        None => false,
        Some(Derivation::PlanarArea | Derivation::EllipsoidalArea | Derivation::LastSeen | Derivation::FirstOf(_)) => true,
        Some(Derivation::SumOfAvailableUnits(_) | Derivation::StatusOfUnits(_)) => !draft.children(code).is_empty(),
    }
}

/// Computes all derived values of a record anew. Shape areas only where the shape is another one, so that a better formula alone changes no record.
pub fn recompute(draft: &Draft<'_>, before: Option<&Record>, record: &mut Record) {
    let catalogue = draft.catalogue();
    let collection = record.collection.clone();
    let units = Units::of(draft, record);
    let areas = Areas::of(draft, before, record);
    for _ in 0..PASSES {
        let mut settled = true;
        for attribute in catalogue
            .attributes_of(collection.as_str())
            .filter(|attribute| attribute.derived.is_some())
        {
            if !is_derived(draft, attribute, &record.code) {
                continue;
            }
            let value = match &attribute.derived {
                Some(Derivation::FirstOf(keys)) => keys.iter().find_map(|key| record.attributes.get(key)).cloned(),
                Some(Derivation::PlanarArea) => areas.planar.clone(),
                Some(Derivation::EllipsoidalArea) => areas.ellipsoidal.clone(),
                Some(Derivation::LastSeen) => last_seen(attribute, (catalogue, draft.zone()), record),
                Some(Derivation::SumOfAvailableUnits(key)) => units.available_sum(key),
                Some(Derivation::StatusOfUnits(names)) => units.status(catalogue, (collection.as_str(), names)),
                None => continue,
            };
            settled &= set(record, &attribute.key, value);
        }
        if settled {
            return;
        }
    }
}

/// Brings the parents of written records up to date, as part of the same edit.
pub fn settle(draft: &mut Draft<'_>, edit: &Edit) {
    for code in std::mem::take(&mut draft.stale_parents) {
        let Some(before) = draft.id_by_code(&code).and_then(|id| draft.record(id)) else {
            continue;
        };
        let mut after = Record::clone(&before);
        recompute(draft, Some(&before), &mut after);
        if after.attributes != before.attributes {
            draft.put(edit, Some(&before), (after, Superseded::new()));
        }
    }
    // A building's own parcel derives nothing from it.
    draft.stale_parents.clear();
}

/// Says whether nothing changed.
fn set(record: &mut Record, key: &AttributeKey, value: Option<Value>) -> bool {
    if record.attributes.get(key) == value.as_ref() {
        return true;
    }
    match value {
        Some(value) => record.attributes.insert(key.clone(), value),
        None => record.attributes.remove(key),
    };
    record.provenance.remove(key);
    false
}

/// The areas of a shape, measured once: the sines of a thousand points cost more than all else that is derived.
struct Areas {
    planar: Option<Value>,
    ellipsoidal: Option<Value>,
}

impl Areas {
    fn of(draft: &Draft<'_>, before: Option<&Record>, record: &Record) -> Self {
        let area = |derivation: &Derivation, measure: fn(&Shape) -> f64| {
            let mut attributes = draft.catalogue().attributes_of(record.collection.as_str());
            let attribute = attributes.find(|attribute| attribute.derived.as_ref() == Some(derivation))?;
            area(attribute, before, record, measure)
        };
        Self {
            planar: area(&Derivation::PlanarArea, planar_area_m2),
            ellipsoidal: area(&Derivation::EllipsoidalArea, ellipsoidal_area_m2),
        }
    }
}

fn area(attribute: &Attribute, before: Option<&Record>, record: &Record, measure: fn(&Shape) -> f64) -> Option<Value> {
    if !matches!(record.geometry, Shape::Polygons(_)) {
        return None;
    }
    let known = record.attributes.get(&attribute.key);
    if known.is_some() && before.is_some_and(|before| before.geometry == record.geometry) {
        return known.cloned();
    }
    Some(Value::Number(
        (measure(&record.geometry) * AREA_STEPS_PER_M2).round() / AREA_STEPS_PER_M2,
    ))
}

/// A state: what it means for availability, and its code.
type State = (Availability, Arc<str>);

/// The open units of a building.
struct Units {
    /// Each with its state's availability and code.
    units: Vec<(Arc<Record>, Option<State>)>,
}

impl Units {
    fn of(draft: &Draft<'_>, record: &Record) -> Self {
        let state = |unit: &Record| {
            let lifecycle = draft.catalogue().lifecycle(unit.collection.as_str())?;
            let Some(Value::Code(code)) = unit.attributes.get(STATUS) else {
                return None;
            };
            lifecycle.state(code).map(|state| (state.availability, state.code.clone()))
        };
        let units = draft.children(&record.code).iter().filter_map(|id| draft.record(*id));
        Self {
            units: units.map(|unit| (unit.clone(), state(&unit))).collect(),
        }
    }

    /// The sum of an attribute over the units that can be had now; unknown as soon as one of them does not say it.
    fn available_sum(&self, key: &AttributeKey) -> Option<Value> {
        let mut sum = 0.0;
        for (unit, _) in self.units.iter().filter(|(_, state)| matches!(state, Some((Availability::Now, _)))) {
            match unit.attributes.get(key) {
                Some(Value::Number(number)) => sum += number,
                Some(Value::Range(_) | Value::Code(_) | Value::Flag(_) | Value::Text(_) | Value::Date(_)) | None => return None,
            }
        }
        Some(Value::Number(sum))
    }

    /// The state in which all units are, where buildings have it too (planned, on hold); else by how many are available. Unknown where a unit's state is,
    /// unless some are available anyway.
    fn status(&self, catalogue: &Catalogue, (collection, names): (&str, &UnitsStatus)) -> Option<Value> {
        let lifecycle = catalogue.lifecycle(collection)?;
        let states: Vec<_> = self.units.iter().filter_map(|(_, state)| state.as_ref()).collect();
        let all_known = states.len() == self.units.len();
        let available = states.iter().filter(|(availability, _)| *availability == Availability::Now).count();
        let (_, first) = states.first()?;
        let shared = all_known && states.iter().all(|(_, code)| code == first) && lifecycle.state(first).is_some();
        let code = match available {
            _ if shared => first,
            0 if !all_known => return None,
            0 => &names.none,
            _ if available == self.units.len() => &names.all,
            _ => &names.some,
        };
        lifecycle.state(code).map(|state| Value::Code(state.code.clone()))
    }
}
