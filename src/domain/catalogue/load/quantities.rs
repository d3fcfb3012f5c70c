//! Quantities and their units.
use std::collections::HashSet;
use std::sync::Arc;

use super::places::{Faults, Placed, arcs};
use crate::domain::catalogue::entries::QuantityEntry;
use crate::domain::catalogue::error::Problem;
use crate::domain::catalogue::model::{Catalogue, Quantity, Unit};

pub fn add(catalogue: &mut Catalogue, entries: &[Placed<'_, QuantityEntry>], faults: &mut Faults) {
    let mut seen = HashSet::new();
    for placed in entries {
        let Placed { source, entry } = placed;
        faults.key(*source, &entry.key);
        faults.once(*source, ("quantity", &entry.key), &mut seen);
        let quantity = quantity(placed, faults);
        catalogue.quantities.insert(quantity.key.clone(), Arc::new(quantity));
    }
}

fn quantity(Placed { source, entry }: &Placed<'_, QuantityEntry>, faults: &mut Faults) -> Quantity {
    let mut seen = HashSet::new();
    let mut units = Vec::new();
    for unit in &entry.unit {
        faults.unit_key(*source, &unit.key);
        faults.once(*source, ("unit", &unit.key), &mut seen);
        let factor = unit.factor.get_ref().value();
        let is_base = units.is_empty();
        if !factor.is_finite() || factor <= 0.0 || (is_base && (factor - 1.0).abs() > 0.0) {
            let problem = Problem::BadValue {
                what: "factor",
                given: factor.to_string(),
                expected: if is_base {
                    "1 for the first unit, in which values are kept"
                } else {
                    "a number above 0"
                },
            };
            faults.add(*source, unit.factor.span().start, problem);
        }
        units.push(Unit {
            key: Arc::from(unit.key.get_ref().as_str()),
            names: faults.names(*source, &unit.names),
            aliases: arcs(&unit.aliases),
            factor,
        });
    }
    if units.is_empty() {
        let problem = Problem::BadValue {
            what: "unit",
            given: "none".to_owned(),
            expected: "at least one",
        };
        faults.add(*source, entry.key.span().start, problem);
    }
    Quantity {
        key: Arc::from(entry.key.get_ref().as_str()),
        units,
    }
}
