//! What a carrier lacks at the one gate that it fails, in the asker's unit.
use jiff::civil::Date;
use serde_json::{Value as Json, json};

use crate::domain::available::{self, Opening};
use crate::domain::ids::AttributeKey;
use crate::domain::value::Value;
use crate::index::{Cell, Row};
use crate::suitability::requirement::{Ask, Bound, Place as Overlaid, Relation, Unit};

use super::places::Measured;
use super::values::Span;
use super::{Place, Work};

/// How a carrier misses a gate.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Miss {
    /// The gate.
    pub gate: usize,
    /// What it has, in the asker's unit.
    pub value: Json,
    /// What was asked, in the asker's unit.
    pub bound: Json,
    /// The difference, in the asker's unit; `None` where there is no measure of it.
    pub gap: Option<f64>,
    /// Unit of the three.
    pub unit: Option<String>,
    /// The gap as a share of what was asked; 1 where there is no measure of it.
    pub relative: f64,
}

impl Miss {
    fn without_measure(gate: usize, value: Json, bound: Json) -> Self {
        Self {
            gate,
            value,
            bound,
            gap: None,
            unit: None,
            relative: 1.0,
        }
    }
}

/// Days that weigh as much as all of a bound.
const YEAR_DAYS: f64 = 365.0;

impl Work<'_> {
    pub(super) fn miss(&self, gate: usize, place: Place) -> Miss {
        let row = self.snapshot.row(place.row);
        let asked = &self.asked.gates[gate];
        let value = || asked.attribute().and_then(|key| row.value(key));
        let plain = |bound: Json| Miss::without_measure(gate, value().as_ref().map_or(Json::Null, Value::to_json), bound);
        match &asked.ask {
            Ask::Number { min, max, unit, .. } => match self.spans(gate, &row) {
                Some([span, _]) => number_miss(gate, span, (*min, *max), unit),
                None => plain(Json::Null),
            },
            Ask::Day { attribute, from, to } => {
                let Some(Value::Date(has)) = row.value(attribute) else {
                    return plain(Json::Null);
                };
                let bound = match (from, to) {
                    (Some(from), _) if has < *from => *from,
                    (_, Some(to)) => *to,
                    (Some(from), None) => *from,
                    (None, None) => has,
                };
                day_miss(gate, has, bound)
            }
            Ask::AvailableBy { day } => match self.opening(&row).and_then(|opening| opening.day) {
                Some(opens) => day_miss(gate, opens, *day),
                None => {
                    let status = row.value(&available::STATUS.into());
                    Miss::without_measure(gate, status.as_ref().map_or(Json::Null, Value::to_json), json!(day.to_string()))
                }
            },
            Ask::Flag { is, .. } => plain(json!(is)),
            Ask::Evidence { days, .. } => match self.measured(gate, place) {
                Some(measured) => measured_miss(gate, measured, f64::from(*days)),
                None => plain(json!(days)),
            },
            Ask::Place(asked) => match self.measured(gate, place) {
                Some(measured) => self.place_miss(gate, asked, measured),
                None => plain(Json::Null),
            },
            Ask::Codes { .. } | Ask::Text { .. } | Ask::Fits(_) => plain(Json::Null),
        }
    }

    pub(super) fn measured(&self, gate: usize, place: Place) -> Option<Measured> {
        self.parts[place.part].sets.measured[gate].get(&place.row).copied()
    }

    fn place_miss(&self, gate: usize, asked: &Overlaid, measured: Measured) -> Miss {
        let bound = match (asked.relation, measured) {
            (Relation::Distance { min_m: Some(min), .. }, Measured::Metres(metres)) if metres < min => min,
            (Relation::Distance { min_m, max_m }, _) => max_m.or(min_m).unwrap_or_default(),
            (Relation::Outside, Measured::Metres(_)) => self.grounds.buffer_m(&asked.overlay),
            (Relation::Outside, Measured::Share(_) | Measured::Days(_)) => 0.0,
            (Relation::Inside, _) => 1.0,
        };
        measured_miss(gate, measured, bound)
    }

    /// The number or range that a gate compares, in the base unit and with the asker's view of tax. Where nobody says whether tax is in it, two
    /// readings have to pass: the first is the harder one at each end, the second the easier one.
    pub(super) fn spans(&self, gate: usize, row: &Row<'_>) -> Option<[Span; 2]> {
        let Ask::Number { attribute, tax, .. } = &self.asked.gates[gate].ask else {
            return None;
        };
        let span = self.cell(row, attribute).and_then(Span::of)?;
        let Some(tax) = tax else { return Some([span, span]) };
        let factors = match row.value(&tax.flag) {
            Some(flag) => [tax.to_asked(flag == Value::Flag(true)); 2],
            None => [tax.to_asked(true), tax.to_asked(false)],
        };
        let (small, large) = (factors[0].min(factors[1]), factors[0].max(factors[1]));
        let read = |low: f64, high: f64| Span {
            low: span.low * low,
            high: span.high * high,
            ..span
        };
        Some([read(large, small), read(small, large)])
    }

    pub(super) fn cell<'r>(&self, row: &Row<'r>, key: &AttributeKey) -> Option<Cell<'r>> {
        let reader = self.snapshot.reader(row.collection(), key)?;
        row.cell(&reader)
    }

    /// When a carrier can be had, as far as the viewer may see it.
    pub(super) fn opening(&self, row: &Row<'_>) -> Option<Opening> {
        let collection = row.collection();
        let lifecycle = self.eyes.catalogue().lifecycle(collection.as_str())?;
        let state = row.text_of(&available::STATUS.into())?;
        available::opening(lifecycle, state, |key| self.day(row, key))
    }

    /// From when it is unknown whether a carrier can be had, while before it is known that it cannot.
    pub(super) fn open_from(&self, row: &Row<'_>) -> Option<Date> {
        let collection = row.collection().as_str();
        let lifecycle = self.eyes.catalogue().lifecycle(collection)?;
        let state = row.text_of(&available::STATUS.into());
        available::open_from(
            lifecycle,
            state,
            |key| self.day(row, key),
            |key| self.eyes.sees_field(collection, key),
        )
    }

    fn day(&self, row: &Row<'_>, key: &AttributeKey) -> Option<Date> {
        let shown = self.eyes.sees_field(row.collection().as_str(), key);
        match row.value(key).filter(|_| shown) {
            Some(Value::Date(day)) => Some(day),
            Some(_) | None => None,
        }
    }
}

fn number_miss(gate: usize, span: Span, (min, max): (Option<Bound>, Option<Bound>), unit: &Unit) -> Miss {
    let below = min.filter(|bound| span.high < bound.base || (!span.high_closed && span.high <= bound.base));
    let (has, bound) = match (below, max, min) {
        (Some(bound), ..) => (span.high, bound),
        (None, Some(bound), _) | (None, None, Some(bound)) => (span.low, bound),
        (None, None, None) => return Miss::without_measure(gate, Json::Null, Json::Null),
    };
    let has_asked = has / unit.factor;
    let gap = (has_asked - bound.asked).abs();
    Miss {
        gate,
        value: json!(has_asked),
        bound: json!(bound.asked),
        gap: Some(gap),
        unit: (!unit.key.is_empty()).then(|| unit.key.to_string()),
        relative: gap / bound.asked.abs().max(f64::MIN_POSITIVE),
    }
}

fn measured_miss(gate: usize, measured: Measured, bound: f64) -> Miss {
    let (Measured::Metres(has) | Measured::Share(has) | Measured::Days(has)) = measured;
    let gap = (has - bound).abs();
    Miss {
        gate,
        value: measured.json(),
        bound: json!(bound),
        gap: gap.is_finite().then_some(gap),
        unit: Some(measured.unit().to_owned()),
        relative: if matches!(measured, Measured::Share(_)) {
            gap
        } else {
            gap / bound.max(1.0)
        },
    }
}

fn day_miss(gate: usize, has: jiff::civil::Date, bound: jiff::civil::Date) -> Miss {
    let days = (has.duration_since(bound).as_hours().abs() / 24) as f64;
    Miss {
        gate,
        value: json!(has.to_string()),
        bound: json!(bound.to_string()),
        gap: Some(days),
        unit: Some("days".to_owned()),
        relative: days / YEAR_DAYS,
    }
}
