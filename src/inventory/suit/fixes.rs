//! What is known that would mend a near miss.
use serde_json::{Value as Json, json};

use crate::domain::available::{self, AVAILABLE_FROM};
use crate::domain::lifecycle::Availability;
use crate::domain::query::{Condition, Filter, Test};
use crate::domain::value::Value;
use crate::index::{Row, RowRef};
use crate::suitability::requirement::{Ask, Bound, Gate, PARCELS};

use super::answer::{gate_unit, in_unit};
use super::values::Span;
use super::{Place, Work};

/// The quantity that adds up.
const AREA: &str = "area";

/// What neighbours add up to.
struct Summed<'a> {
    bounds: (Bound, Option<Bound>),
    of: Box<dyn Fn(RowRef) -> Option<f64> + 'a>,
}

/// Parcels are neighbours up to this distance, metres: points of borders are good to some decimetres.
const NEIGHBOUR_M: f64 = 0.5;

impl Work<'_> {
    /// The fix of a carrier that fails this gate; `null` when none is known (to this viewer).
    pub(super) fn fix(&self, gate: usize, place: Place) -> Json {
        let row = self.snapshot.row(place.row);
        let asked = &self.asked.gates[gate];
        let found = match &asked.ask {
            Ask::AvailableBy { .. } => self.opens(place),
            Ask::Codes { attribute, .. } if attribute.as_str() == available::STATUS => self.opens(place),
            Ask::Number { .. } => {
                let raised = || self.raised(asked, &row);
                self.later(asked, &row).or_else(raised).or_else(|| self.neighbour(gate, place))
            }
            Ask::NetArea(_) => self.neighbour(gate, place),
            Ask::Codes { .. }
            | Ask::Flag { .. }
            | Ask::Text { .. }
            | Ask::Day { .. }
            | Ask::Evidence { .. }
            | Ask::Place(_)
            | Ask::Fits(_) => None,
        };
        found.unwrap_or(Json::Null)
    }

    /// A reservation that ends, a unit that is being vacated, a day from which it can be had, or a lease that may end.
    fn opens(&self, place: Place) -> Option<Json> {
        let row = self.snapshot.row(place.row);
        let Some(opening) = self.opening(place) else {
            return self.may_end(&row);
        };
        let on = opening.day?;
        let kind = if opening.lapse.is_some() {
            "hold_lapses"
        } else {
            "available_later"
        };
        let state = row.text_of(&available::STATUS.into());
        Some(json!({"kind": kind, "on": on.to_string(), "state": state}))
    }

    /// A state that is not open, with a day to come on which it may end.
    fn may_end(&self, row: &Row<'_>) -> Option<Json> {
        let collection = row.collection().as_str();
        let code = row.text_of(&available::STATUS.into())?;
        let state = self.eyes.catalogue().lifecycle(collection)?.state(code)?;
        let key = state.may_end_on.as_ref().filter(|key| self.eyes.sees_field(collection, key))?;
        match row.value(key)? {
            Value::Date(on) if on >= self.as_of => Some(json!({"kind": "may_end", "on": on.to_string(), "state": code, "attribute": key})),
            Value::Date(_) | Value::Number(_) | Value::Range(_) | Value::Code(_) | Value::Flag(_) | Value::Text(_) => None,
        }
    }

    /// A future value that is known and would do.
    fn later(&self, gate: &Gate, row: &Row<'_>) -> Option<Json> {
        let Ask::Number {
            attribute, min, max, unit, ..
        } = &gate.ask
        else {
            return None;
        };
        let collection = row.collection().as_str();
        let later = self.eyes.catalogue().attribute(collection, attribute.as_str())?.later.as_ref()?;
        let sees = |key| self.eyes.sees_field(collection, key);
        let read = self.snapshot.reader(row.collection(), &later.value)?;
        let span = Span::of(row.cell(&read)?).filter(|_| sees(&later.value))?;
        let does = min.is_none_or(|min| span.high >= min.base) && max.is_none_or(|max| span.low <= max.base);
        let value = row.value(&later.value).filter(|_| does)?;
        let on = row.value(&later.on).filter(|_| sees(&later.on));
        Some(json!({
            "kind": "later_value", "attribute": later.value, "value": in_unit(&value, unit), "unit": gate_unit(gate),
            "on": on.as_ref().map(Value::to_json),
        }))
    }

    /// A flag that says that what is too little can be raised.
    fn raised(&self, gate: &Gate, row: &Row<'_>) -> Option<Json> {
        let Ask::Number {
            min: Some(_), attribute, ..
        } = &gate.ask
        else {
            return None;
        };
        let collection = row.collection().as_str();
        let attribute = self.eyes.catalogue().attribute(collection, attribute.as_str())?;
        let flag = attribute.raised_by.as_ref().filter(|flag| self.eyes.sees_field(collection, flag))?;
        (row.value(flag) == Some(Value::Flag(true))).then(|| json!({"kind": "can_be_raised", "attribute": flag}))
    }

    /// What parcels add up to for a gate of area or net area: its bounds, and what a parcel has.
    fn added_up(&self, gate: usize, place: Place) -> Option<Summed<'_>> {
        let part = place.part;
        match &self.asked.gates[gate].ask {
            Ask::NetArea(net) => Some(Summed {
                bounds: (net.min?, net.max),
                of: Box::new(move |row| self.net_m2(net.setback_m, Place { part, row })),
            }),
            Ask::Number { attribute, min, max, .. } => {
                let of = self.asked.seeks[part].as_str();
                let measured = self.eyes.catalogue().attribute(of, attribute.as_str())?.measure()?;
                (&*measured.quantity == AREA).then_some(Summed {
                    bounds: ((*min)?, *max),
                    of: Box::new(|row| self.snapshot.row(row).number_of(attribute)),
                })
            }
            Ask::Codes { .. }
            | Ask::Flag { .. }
            | Ask::Text { .. }
            | Ask::Day { .. }
            | Ask::AvailableBy { .. }
            | Ask::Evidence { .. }
            | Ask::Place(_)
            | Ask::Fits(_) => None,
        }
    }

    /// A neighbour that can be had now and passes all gates but this one, and makes the area with it.
    fn neighbour(&self, gate: usize, place: Place) -> Option<Json> {
        const MARGIN_DEGREES: f64 = 1e-5;
        let collection = &self.asked.seeks[place.part];
        let Summed { bounds: (min, max), of } = self.added_up(gate, place)?;
        let row = self.snapshot.row(place.row);
        let bounds = row.bounds().filter(|_| collection.as_str() == PARCELS)?;
        let [low, high] = [(bounds.min(), -MARGIN_DEGREES), (bounds.max(), MARGIN_DEGREES)].map(|(at, by)| (at.x + by, at.y + by));
        let own = of(place.row)?;
        let mut near: Vec<RowRef> = Vec::new();
        let area = geo_types::Rect::new(low, high);
        self.snapshot
            .visit_box(collection, area, &self.free(collection.as_str()), |other| near.push(other));
        let sets = &self.parts[place.part].sets;
        let suits = |other: RowRef| {
            let others = sets.verdicts.iter().enumerate().filter(|(number, _)| *number != gate);
            sets.live.contains(other) && others.into_iter().all(|(_, judged)| judged.passed.contains(other))
        };
        let makes = |size: f64| own + size >= min.base && max.is_none_or(|max| own + size <= max.base);
        let touches = |other: RowRef| self.grounds.apart_m(place.row, other).is_some_and(|apart| apart <= NEIGHBOUR_M);
        let sized = near.into_iter().filter(|other| *other != place.row && suits(*other));
        let sized = sized.filter_map(|other| Some((of(other).filter(|size| makes(*size))?, other)));
        let mut found: Vec<(f64, RowRef)> = sized.filter(|(_, other)| touches(*other)).collect();
        let code = |other: RowRef| self.snapshot.row(other).code();
        found.sort_by(|(one, first), (two, second)| one.total_cmp(two).then_with(|| code(*first).cmp(code(*second))));
        let (_, smallest) = found.first()?;
        Some(json!({"kind": "free_neighbour", "code": code(*smallest)}))
    }

    /// In a state that can be had now, and no later day is known.
    fn free(&self, collection: &str) -> Vec<Condition> {
        let states = self.eyes.catalogue().lifecycle(collection).map(|lifecycle| {
            let now = lifecycle.states.iter().filter(|state| state.availability == Availability::Now);
            now.map(|state| state.code.clone()).collect()
        });
        let test = |key: &str, test: Test| Condition {
            name: key.into(),
            filter: Filter::Test {
                attribute: key.into(),
                test,
            },
        };
        vec![
            test(available::STATUS, Test::Code(states.unwrap_or_default())),
            test(AVAILABLE_FROM, Test::Known(false)),
        ]
    }
}
