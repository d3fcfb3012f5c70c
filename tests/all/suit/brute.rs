//! The meaning of a requirement, one record at a time, from its JSON: shares no code with the engine.
use jiff::civil::Date;
use serde_json::Value as Json;
use zaiti::domain::catalogue::{Catalogue, Kind};
use zaiti::domain::lifecycle::{Availability, State};
use zaiti::domain::record::Record;
use zaiti::domain::value::Value;

type Test<'a> = Box<dyn Fn(&Record) -> Option<bool> + 'a>;

/// A gate: its path, and what it says of a record once its rule for unknown values is applied (`None` is open).
pub struct Gate<'a> {
    pub path: String,
    pub about: String,
    test: Test<'a>,
    unknown: Option<bool>,
}

impl Gate<'_> {
    pub fn says(&self, record: &Record) -> Option<bool> {
        (self.test)(record).or(self.unknown)
    }
}

/// What all gates make of a record.
#[derive(Clone, Debug, PartialEq)]
pub enum Fate {
    Matched,
    Open,
    /// Numbers of the gates that fail, and whether another is open.
    Failed(Vec<usize>, bool),
}

pub fn fate(gates: &[Gate<'_>], record: &Record) -> Fate {
    let says: Vec<_> = gates.iter().map(|gate| gate.says(record)).collect();
    let failed: Vec<usize> = (0..says.len()).filter(|at| says[*at] == Some(false)).collect();
    let open = says.contains(&None);
    match (failed.is_empty(), open) {
        (true, false) => Fate::Matched,
        (true, true) => Fate::Open,
        (false, _) => Fate::Failed(failed, open),
    }
}

/// The gates of a requirement, in its order; vetoes of wishes last.
pub fn gates<'a>(catalogue: &'a Catalogue, requirement: &'a Json) -> Vec<Gate<'a>> {
    let mut found = Vec::new();
    for (at, need) in list(&requirement["needs"]).iter().enumerate() {
        let unknown = rule(&need["unknown"], None);
        if let Some(day) = need["available_by"].as_str() {
            let day: Date = day.parse().unwrap();
            found.push(Gate {
                path: format!("needs[{at}]"),
                about: "available_by".into(),
                test: Box::new(move |record| available(catalogue, record, day)),
                unknown,
            });
            continue;
        }
        let key = need["attribute"].as_str().unwrap();
        if ["min", "max", "any_of", "at_least", "is", "contains"]
            .iter()
            .any(|name| !need[*name].is_null())
        {
            found.push(Gate {
                path: format!("needs[{at}]"),
                about: key.into(),
                test: Box::new(move |record| test(catalogue, need, record.attributes.get(key))),
                unknown,
            });
        }
        if let Some(days) = need["evidence_days"].as_i64() {
            let as_of: Date = requirement["as_of"].as_str().unwrap().parse().unwrap();
            found.push(Gate {
                path: format!("needs[{at}].evidence_days"),
                about: "evidence".into(),
                test: Box::new(move |record| {
                    record.attributes.get(key)?;
                    let seen = record.provenance.get(key)?.observed_at.as_second().div_euclid(86_400);
                    Some(i64::from(crate::index::scalar::days(as_of)) - seen <= days)
                }),
                unknown,
            });
        }
    }
    for (at, wish) in list(&requirement["wishes"]).iter().enumerate() {
        let Some(veto) = wish["veto"].as_f64() else { continue };
        let key = wish["attribute"].as_str().unwrap();
        let rising = wish["best"].as_f64() > wish["worst"].as_f64();
        found.push(Gate {
            path: format!("wishes[{at}].veto"),
            about: key.into(),
            test: Box::new(move |record| {
                let (low, high) = span(record.attributes.get(key)?);
                Some(if rising { high.reaches(veto) } else { low.stays_below(veto) })
            }),
            unknown: rule(&wish["unknown"], Some(true)),
        });
    }
    found
}

fn rule(json: &Json, otherwise: Option<bool>) -> Option<bool> {
    match json.as_str() {
        Some("accept") => Some(true),
        Some("refuse") => Some(false),
        _ => otherwise,
    }
}

pub fn list(json: &Json) -> &[Json] {
    json.as_array().map_or(&[], Vec::as_slice)
}

/// An end of an interval.
#[derive(Clone, Copy)]
struct End {
    at: f64,
    closed: bool,
}

impl End {
    fn reaches(self, bound: f64) -> bool {
        self.at > bound || (self.closed && self.at >= bound)
    }

    fn stays_below(self, bound: f64) -> bool {
        self.at < bound || (self.closed && self.at <= bound)
    }
}

fn span(value: &Value) -> (End, End) {
    let end = |at, closed| End { at, closed };
    match value {
        Value::Number(number) => (end(*number, true), end(*number, true)),
        Value::Range(range) => (
            end(range.min.unwrap_or(f64::NEG_INFINITY), range.min_inclusive),
            end(range.max.unwrap_or(f64::INFINITY), range.max_inclusive),
        ),
        other => panic!("{other:?} is no number"),
    }
}

fn test(catalogue: &Catalogue, need: &Json, value: Option<&Value>) -> Option<bool> {
    let key = need["attribute"].as_str().unwrap();
    let attribute = catalogue.attribute("parcels", key).unwrap();
    Some(match (&attribute.kind, value?) {
        (Kind::Number(measure) | Kind::Range(measure), value) => {
            let quantity = catalogue.quantity(&measure.quantity).unwrap();
            let factor = need["unit"].as_str().map_or(1.0, |unit| quantity.unit(unit).unwrap().factor);
            let (low, high) = span(value);
            let bound = |name: &str| need[name].as_f64().map(|bound| bound * factor);
            bound("min").is_none_or(|min| high.reaches(min)) && bound("max").is_none_or(|max| low.stays_below(max))
        }
        (Kind::Code { list: of }, Value::Code(code)) => {
            let codes = catalogue.list(of).unwrap();
            let position = |code: &str| codes.codes.iter().position(|entry| &*entry.code == code).unwrap();
            let mut above = vec![code.to_string()];
            while let Some(parent) = &codes.codes[position(above.last().unwrap())].parent {
                above.push(parent.to_string());
            }
            if let Some(least) = need["at_least"].as_str() {
                position(code) <= position(least) || above.iter().any(|code| code == least)
            } else {
                list(&need["any_of"])
                    .iter()
                    .any(|wanted| above.iter().any(|code| *wanted == **code))
            }
        }
        (Kind::Flag, Value::Flag(flag)) => need["is"] == *flag,
        (Kind::Text { .. }, Value::Text(text)) => {
            let part = need["contains"].as_str().unwrap().trim().to_lowercase();
            text.to_lowercase().contains(&part)
        }
        (Kind::Date, Value::Date(day)) => {
            let bound = |name: &str| need[name].as_str().map(|day| day.parse::<Date>().unwrap());
            bound("min").is_none_or(|min| *day >= min) && bound("max").is_none_or(|max| *day <= max)
        }
        (kind, value) => panic!("{key}: {value:?} is no {kind:?}"),
    })
}

/// Whether a parcel can be had by a day: what is not known stays open only where the answer hangs on it.
fn available(catalogue: &Catalogue, record: &Record, day: Date) -> Option<bool> {
    let lifecycle = catalogue.lifecycle("parcels").unwrap();
    let date = |key: &str| match record.attributes.get(key) {
        Some(Value::Date(day)) => Some(*day),
        _ => None,
    };
    let in_time = |availability: Availability| match (availability, date("available_from")) {
        (Availability::Now, None) => Some(true),
        (Availability::FromDate, None) => None,
        (Availability::Now | Availability::FromDate, Some(from)) => Some(from <= day),
        (Availability::Never, _) => Some(false),
    };
    let in_state = |state: &State| match &state.lapse {
        None => in_time(state.availability),
        Some(lapse) => match (date(lapse.on.as_str()), in_time(lifecycle.state(&lapse.to)?.availability)) {
            (_, Some(false)) => Some(false),
            (Some(ends), _) if ends > day => Some(false),
            (Some(_), after) => after,
            (None, _) => None,
        },
    };
    match record.attributes.get("status") {
        Some(Value::Code(status)) => in_state(lifecycle.state(status)?),
        // It could be in any state; that is a no only when all of them are.
        _ => {
            let all = lifecycle.states.iter().all(|state| in_state(state) == Some(false));
            all.then_some(false)
        }
    }
}

/// Worth of a wish, 0 where the value is unknown.
pub fn worth(wish: &Json, record: &Record) -> f64 {
    let Some(value) = record.attributes.get(wish["attribute"].as_str().unwrap()) else {
        return 0.0;
    };
    let number = |name: &str| wish[name].as_f64();
    match value {
        Value::Flag(flag) => f64::from(u8::from(wish["prefer"] == *flag)),
        Value::Code(code) => f64::from(u8::from(list(&wish["prefer"]).iter().any(|wanted| *wanted == **code))),
        Value::Number(_) | Value::Range(_) => {
            let (low, high) = span(value);
            if let (Some(worst), Some(best)) = (number("worst"), number("best")) {
                let at = if best > worst { high.at } else { low.at };
                let share = (at - worst) / (best - worst);
                share.clamp(0.0, 1.0)
            } else {
                let (target, tolerance) = (number("target").unwrap(), number("tolerance").unwrap());
                let at = target.clamp(low.at, high.at);
                (1.0 - (at - target).abs() / tolerance).max(0.0)
            }
        }
        Value::Text(_) | Value::Date(_) => panic!("not valued here"),
    }
}
