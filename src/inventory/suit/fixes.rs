//! What is known that would mend a near miss.
use serde_json::{Value as Json, json};

use crate::domain::available::{self, AVAILABLE_FROM};
use crate::domain::lifecycle::Availability;
use crate::domain::query::{Condition, Filter, Test};
use crate::domain::value::Value;
use crate::index::{Row, RowRef};
use crate::suitability::requirement::{Ask, Gate};

use super::{Place, Work};

/// Only ground can be put together, and only its areas add up.
const PARCELS: &str = "parcels";
const AREA: &str = "area";

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
            Ask::Number { min: Some(_), .. } => self.raised(asked, &row).or_else(|| self.neighbour(gate, place)),
            Ask::Number { .. }
            | Ask::Codes { .. }
            | Ask::Flag { .. }
            | Ask::Text { .. }
            | Ask::Day { .. }
            | Ask::Evidence { .. }
            | Ask::Place(_)
            | Ask::Fits(_)
            | Ask::NetArea(_) => None,
        };
        found.unwrap_or(Json::Null)
    }

    /// A reservation that ends, a unit that is being vacated, or a day from which it can be had.
    fn opens(&self, place: Place) -> Option<Json> {
        let opening = self.opening(place)?;
        let on = opening.day?;
        let kind = if opening.lapse.is_some() {
            "hold_lapses"
        } else {
            "available_later"
        };
        let state = self.snapshot.row(place.row).text_of(&available::STATUS.into());
        Some(json!({"kind": kind, "on": on.to_string(), "state": state}))
    }

    /// A flag that says that what is too little can be raised.
    fn raised(&self, gate: &Gate, row: &Row<'_>) -> Option<Json> {
        let collection = row.collection().as_str();
        let attribute = self.eyes.catalogue().attribute(collection, gate.attribute()?.as_str())?;
        let flag = attribute.raised_by.as_ref().filter(|flag| self.eyes.sees_field(collection, flag))?;
        (row.value(flag) == Some(Value::Flag(true))).then(|| json!({"kind": "can_be_raised", "attribute": flag}))
    }

    /// A neighbour that can be had now and passes all gates but this one, and makes the area with it.
    fn neighbour(&self, gate: usize, place: Place) -> Option<Json> {
        const MARGIN_DEGREES: f64 = 1e-5;
        let collection = &self.asked.seeks[place.part];
        let Ask::Number {
            min: Some(min), attribute, ..
        } = &self.asked.gates[gate].ask
        else {
            return None;
        };
        let row = self.snapshot.row(place.row);
        let measured = self
            .eyes
            .catalogue()
            .attribute(collection.as_str(), attribute.as_str())?
            .measure()?;
        let is_area = collection.as_str() == PARCELS && &*measured.quantity == AREA;
        let bounds = row.bounds().filter(|_| is_area)?;
        let [low, high] = [(bounds.min(), -MARGIN_DEGREES), (bounds.max(), MARGIN_DEGREES)].map(|(at, by)| (at.x + by, at.y + by));
        let own = row.number_of(attribute)?;
        let mut found: Vec<(f64, RowRef)> = Vec::new();
        let area = geo_types::Rect::new(low, high);
        self.snapshot.visit_box(collection, area, &self.free(collection.as_str()), |other| {
            let size = self.snapshot.row(other).number_of(attribute).unwrap_or_default();
            if other != place.row && own + size >= min.base {
                found.push((size, other));
            }
        });
        let sets = &self.parts[place.part].sets;
        let suits = |other: RowRef| {
            let others = sets.verdicts.iter().enumerate().filter(|(number, _)| *number != gate);
            sets.live.contains(other) && others.into_iter().all(|(_, judged)| judged.passed.contains(other))
        };
        found.retain(|(_, other)| suits(*other) && self.grounds.apart_m(place.row, *other).is_some_and(|apart| apart <= NEIGHBOUR_M));
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
