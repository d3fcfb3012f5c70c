//! What a carrier lacks at the one gate that it fails, in the asker's unit.
use jiff::civil::Date;
use serde_json::{Value as Json, json};

use crate::domain::available;
use crate::domain::value::Value;
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
            Ask::Number { min, max, unit, .. } => match self.spans(gate, place) {
                Some([span, _]) => number_miss(gate, span, (*min, *max), unit),
                None => plain(Json::Null),
            },
            Ask::Day { from, to, .. } => {
                let Some(has) = self.day(gate, place) else {
                    return plain(Json::Null);
                };
                day_miss(gate, has, day_bound(has, (*from, *to)))
            }
            Ask::AvailableBy { day } => match self.opening(place).and_then(|opening| opening.day) {
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
            Ask::NetArea(net) => match self.net_m2(net.setback_m, place) {
                Some(net_m2) => number_miss(gate, Span::at(net_m2), (net.min, net.max), &net.unit),
                None => plain(Json::Null),
            },
            Ask::Codes { .. } | Ask::Text { .. } | Ask::Fits(_) => plain(Json::Null),
        }
    }

    /// The gap as a share of what was asked, as [`Work::miss`] says it.
    pub(super) fn relative(&self, gate: usize, place: Place) -> f64 {
        match &self.asked.gates[gate].ask {
            Ask::Number { min, max, unit, .. } => {
                let spans = self.spans(gate, place);
                let gap = spans.and_then(|[span, _]| number_gap(span, (*min, *max), unit));
                gap.map_or(1.0, |gap| gap.relative)
            }
            Ask::Day { from, to, .. } => self
                .day(gate, place)
                .map_or(1.0, |has| days_apart(has, day_bound(has, (*from, *to))) / YEAR_DAYS),
            Ask::AvailableBy { day } => {
                let opens = self.opening(place).and_then(|opening| opening.day);
                opens.map_or(1.0, |opens| days_apart(opens, *day) / YEAR_DAYS)
            }
            Ask::Codes { .. } | Ask::Flag { .. } | Ask::Text { .. } | Ask::Fits(_) => 1.0,
            // These were measured one by one, which took longer than what is told of them.
            Ask::Evidence { .. } | Ask::Place(_) | Ask::NetArea(_) => self.miss(gate, place).relative,
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
    pub(super) fn spans(&self, gate: usize, place: Place) -> Option<[Span; 2]> {
        let Ask::Number { tax, .. } = &self.asked.gates[gate].ask else {
            return None;
        };
        let span = self.cell(gate, place).and_then(Span::of)?;
        let Some(tax) = tax else { return Some([span, span]) };
        let factors = match self.with_tax(gate, place) {
            Some(with) => [tax.to_asked(with); 2],
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
}

/// A number, the bound that it misses, and by how much, in the asker's unit.
struct Gap {
    has: f64,
    bound: f64,
    apart: f64,
    relative: f64,
}

fn number_gap(span: Span, (min, max): (Option<Bound>, Option<Bound>), unit: &Unit) -> Option<Gap> {
    let below = min.filter(|bound| span.high < bound.base || (!span.high_closed && span.high <= bound.base));
    let (has, bound) = match (below, max, min) {
        (Some(bound), ..) => (span.high, bound.asked),
        (None, Some(bound), _) | (None, None, Some(bound)) => (span.low, bound.asked),
        (None, None, None) => return None,
    };
    let has = has / unit.factor;
    let apart = (has - bound).abs();
    Some(Gap {
        has,
        bound,
        apart,
        relative: apart / bound.abs().max(f64::MIN_POSITIVE),
    })
}

fn number_miss(gate: usize, span: Span, bounds: (Option<Bound>, Option<Bound>), unit: &Unit) -> Miss {
    let Some(gap) = number_gap(span, bounds, unit) else {
        return Miss::without_measure(gate, Json::Null, Json::Null);
    };
    Miss {
        gate,
        value: json!(gap.has),
        bound: json!(gap.bound),
        gap: Some(gap.apart),
        unit: (!unit.key.is_empty()).then(|| unit.key.to_string()),
        relative: gap.relative,
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

/// The bound that a day misses.
fn day_bound(has: Date, bounds: (Option<Date>, Option<Date>)) -> Date {
    match bounds {
        (Some(from), _) if has < from => from,
        (_, Some(to)) => to,
        (Some(from), None) => from,
        (None, None) => has,
    }
}

fn days_apart(one: Date, other: Date) -> f64 {
    (one.duration_since(other).as_hours().abs() / 24) as f64
}

fn day_miss(gate: usize, has: Date, bound: Date) -> Miss {
    let days = days_apart(has, bound);
    Miss {
        gate,
        value: json!(has.to_string()),
        bound: json!(bound.to_string()),
        gap: Some(days),
        unit: Some("days".to_owned()),
        relative: days / YEAR_DAYS,
    }
}
