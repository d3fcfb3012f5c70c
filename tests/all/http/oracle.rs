//! What a search must find, said again in the plainest way: over the rows of a full export, one after the other.
use serde_json::{Map, Value};
use zaiti::domain::catalogue::{Attribute, Catalogue, CodeList, Kind};

use crate::support::client::Client;

/// Properties and outline of a record.
pub type Row = Map<String, Value>;

/// All open records of a collection.
pub fn rows(client: &Client, collection: &str) -> Vec<Row> {
    let export = client.read(&format!("/api/v1/exports?collection={collection}"));
    let features = export["features"].as_array().unwrap();
    features
        .iter()
        .map(|feature| feature["properties"].as_object().unwrap().clone())
        .collect()
}

/// A query of one attribute, and which rows pass it.
pub struct Question {
    pub query: String,
    pub passes: Box<dyn Fn(&Row) -> bool>,
}

impl Question {
    fn new(query: String, key: &str, unknown: bool, passes: impl Fn(&Value) -> bool + 'static) -> Self {
        let key = key.to_owned();
        Self {
            query,
            passes: Box::new(move |row| row.get(&key).map_or(unknown, &passes)),
        }
    }
}

/// Questions about an attribute, with values that the rows have.
pub fn questions(catalogue: &Catalogue, attribute: &Attribute, rows: &[Row]) -> Vec<Question> {
    let key = attribute.key.as_str();
    let ask = |query: String, passes: Box<dyn Fn(&Value) -> bool>| Question::new(query, key, false, passes);
    let known: Vec<&Value> = rows.iter().filter_map(|row| row.get(key)).collect();
    let mut all = vec![
        Question::new(format!("{key}_unknown=only"), key, true, |_| false),
        Question::new(format!("{key}_unknown=exclude"), key, false, |_| true),
    ];
    let Some(some) = known.get(known.len() / 2) else { return all };
    match &attribute.kind {
        Kind::Number(_) | Kind::Range(_) => all.extend(numbers(catalogue, attribute, &known)),
        Kind::Code { list } => all.extend(codes(catalogue.list(list).unwrap(), key, &known)),
        Kind::Flag => {
            all.push(ask(format!("{key}=true"), Box::new(|value| *value == true)));
            all.push(Question::new(format!("{key}=false&{key}_unknown=include"), key, true, |value| {
                *value == false
            }));
        }
        Kind::Text { .. } => {
            for part in ["beta", "BETA%20G", "%E8%BD%BD%E4%BD%93"] {
                let plain = ["beta", "beta g", "载体"][["beta", "BETA%20G", "%E8%BD%BD%E4%BD%93"]
                    .iter()
                    .position(|each| *each == part)
                    .unwrap()];
                all.push(ask(
                    format!("{key}={part}"),
                    Box::new(move |value| value.as_str().unwrap().contains(plain)),
                ));
            }
        }
        Kind::Date => {
            let day = some.as_str().unwrap().to_owned();
            let (from, to) = (day.clone(), day.clone());
            all.push(ask(
                format!("{key}_min={day}"),
                Box::new(move |value| value.as_str().unwrap() >= from.as_str()),
            ));
            all.push(Question::new(
                format!("{key}_max={day}&{key}_unknown=include"),
                key,
                true,
                move |value| value.as_str().unwrap() <= to.as_str(),
            ));
        }
    }
    all
}

/// Lower and upper end of a number or range.
fn ends(value: &Value) -> (f64, f64) {
    let end = |name: &str, open: f64| value.get(name).and_then(Value::as_f64).unwrap_or(open);
    value.as_f64().map_or_else(
        || (end("min", f64::NEG_INFINITY), end("max", f64::INFINITY)),
        |number| (number, number),
    )
}

fn numbers(catalogue: &Catalogue, attribute: &Attribute, known: &[&Value]) -> Vec<Question> {
    let key = attribute.key.as_str();
    let mut lows: Vec<f64> = known.iter().map(|value| ends(value).0).collect();
    lows.sort_by(f64::total_cmp);
    let (low, high) = (lows[lows.len() / 4], lows[lows.len() * 3 / 4]);
    let mut all = Vec::new();
    for unit in &catalogue.quantity(&attribute.measure().unwrap().quantity).unwrap().units {
        // What the text says, times the factor: the same arithmetic as anybody's.
        let (said_low, said_high) = (low / unit.factor, high / unit.factor);
        let (from, to) = (said_low * unit.factor, said_high * unit.factor);
        let unit = &unit.key;
        all.push(Question::new(
            format!("{key}_min={said_low}&{key}_max={said_high}&{key}_unit={unit}"),
            key,
            false,
            move |value| ends(value).1 >= from && ends(value).0 <= to,
        ));
    }
    all.push(Question::new(format!("{key}_min={high}"), key, false, move |value| {
        ends(value).1 >= high
    }));
    all.push(Question::new(
        format!("{key}_max={low}&{key}_unknown=include"),
        key,
        true,
        move |value| ends(value).0 <= low,
    ));
    all
}

/// Whether a code is this one or lies below it.
pub fn is_within(list: &CodeList, code: &str, above: &str) -> bool {
    let mut at = Some(code);
    while let Some(code) = at {
        if code == above {
            return true;
        }
        at = list
            .codes
            .iter()
            .find(|each| &*each.code == code)
            .and_then(|each| each.parent.as_deref());
    }
    false
}

fn codes(list: &std::sync::Arc<CodeList>, key: &str, known: &[&Value]) -> Vec<Question> {
    let mut given: Vec<&str> = known.iter().map(|value| value.as_str().unwrap()).collect();
    given.sort_unstable();
    given.dedup();
    let parents: Vec<&str> = given
        .iter()
        .filter_map(|code| list.codes.iter().find(|each| &*each.code == *code)?.parent.as_deref())
        .collect();
    let mut all = Vec::new();
    let question = |wanted: Vec<String>| {
        let (list, name) = (list.clone(), crate::support::client::coded(&wanted.join(",")));
        Question::new(format!("{key}={name}"), key, false, move |value| {
            wanted.iter().any(|above| is_within(&list, value.as_str().unwrap(), above))
        })
    };
    all.push(question(vec![given[0].to_owned()]));
    all.push(question(given.iter().step_by(2).take(50).map(|code| (*code).to_owned()).collect()));
    all.extend(parents.first().map(|parent| question(vec![(*parent).to_owned()])));
    if list.ordered {
        let middle = list.codes[list.codes.len() / 2].code.to_string();
        let place = |code: &str| list.codes.iter().position(|each| &*each.code == code).unwrap();
        let enough: Vec<String> = list
            .codes
            .iter()
            .map(|each| each.code.to_string())
            .filter(|code| place(code) <= place(&middle))
            .collect();
        let name = crate::support::client::coded(&middle);
        let list = list.clone();
        all.push(Question::new(format!("{key}_min={name}"), key, false, move |value| {
            let code = value.as_str().unwrap();
            enough.iter().any(|each| each == code) || is_within(&list, code, &middle)
        }));
    }
    all
}
