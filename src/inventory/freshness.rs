//! When a record was last looked at on site: computed from where its values come from.
//!
//! It is written with the record on every change. Records from before there was such an attribute, or of a program that did not know it, get it in memory
//! when they are read; the store gets it with their next change.
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;

use crate::domain::catalogue::{Attribute, Catalogue, Derivation};
use crate::domain::ids::AttributeKey;
use crate::domain::record::{Evidence, RawRecord, Record};
use crate::domain::value::Value;
use crate::index::Fill;

/// Texts of sources whose day is remembered while the store is read: rows imported together say the same.
const REMEMBERED: usize = 4_096;

/// Day of the latest observation on site among the values that everyone may see who sees the attribute: else the day would tell of others.
pub fn last_seen(attribute: &Attribute, (catalogue, zone): (&Catalogue, &TimeZone), record: &Record) -> Option<Value> {
    let sources = record.provenance.iter();
    let seen =
        sources.filter(|(key, source)| is_on_site(source.evidence) && counts(catalogue, (record.collection.as_str(), key), attribute));
    seen.map(|(_, source)| source.observed_at).max().map(|at| day(zone, at))
}

/// Computes it for a record that lacks it.
pub fn fill(catalogue: &Catalogue, zone: &TimeZone, record: &mut Record) {
    let collection = record.collection.clone();
    for attribute in derived(catalogue, collection.as_str()) {
        if record.attributes.contains_key(&attribute.key) {
            continue;
        }
        if let Some(value) = last_seen(attribute, (catalogue, zone), record) {
            record.attributes.insert(attribute.key.clone(), value);
        }
    }
}

/// Takes it away, so that it is computed anew.
pub fn clear(catalogue: &Catalogue, record: &mut Record) {
    let collection = record.collection.clone();
    for attribute in derived(catalogue, collection.as_str()) {
        record.attributes.remove(&attribute.key);
    }
}

/// The same for the rows of a store while it is read, without making a record of any.
pub fn filled(mut fill: Fill, catalogue: &Arc<Catalogue>, zone: &TimeZone) -> Fill {
    let (catalogue, zone) = (Arc::clone(catalogue), zone.clone());
    let mut known: HashMap<String, String> = HashMap::new();
    let mut names: HashMap<String, Vec<String>> = HashMap::new();
    Box::new(move |raw| {
        let names = match names.get(raw.collection) {
            Some(names) => names,
            None => names
                .entry(raw.collection.to_owned())
                .or_insert_with(|| quoted(&catalogue, raw.collection)),
        };
        let lacks = |name: &String| !raw.attributes.contains(name.as_str());
        if raw.provenance.is_empty() || !names.iter().any(lacks) {
            return fill(raw);
        }
        let memo = format!("{} {}", raw.collection, raw.provenance);
        let added = match known.get(&memo) {
            Some(added) => added.clone(),
            None => members(&raw, (&catalogue, &zone))?,
        };
        let whole = with_members(raw.attributes, &added);
        if known.len() < REMEMBERED {
            known.insert(memo, added);
        }
        fill(RawRecord { attributes: &whole, ..raw })
    })
}

fn derived<'a>(catalogue: &'a Catalogue, collection: &'a str) -> impl Iterator<Item = &'a Attribute> {
    let attributes = catalogue.attributes_of(collection).map(|attribute| &**attribute);
    attributes.filter(|attribute| attribute.derived == Some(Derivation::LastSeen))
}

/// Names of such attributes as they stand in JSON.
fn quoted(catalogue: &Catalogue, collection: &str) -> Vec<String> {
    derived(catalogue, collection)
        .map(|attribute| format!("\"{}\":", attribute.key))
        .collect()
}

/// What of a source is needed here.
#[derive(Deserialize)]
struct Source {
    observed_at: Timestamp,
    evidence: Evidence,
}

/// `"last_seen_on":"2026-11-12"`, as members of an object.
fn members(raw: &RawRecord<'_>, (catalogue, zone): (&Catalogue, &TimeZone)) -> Result<String, String> {
    let sources: BTreeMap<AttributeKey, Source> = serde_json::from_str(raw.provenance).map_err(|error| error.to_string())?;
    let mut members = Vec::new();
    for attribute in derived(catalogue, raw.collection) {
        let seen = sources.iter();
        let seen = seen.filter(|(key, source)| is_on_site(source.evidence) && counts(catalogue, (raw.collection, key), attribute));
        if let Some(at) = seen.map(|(_, source)| source.observed_at).max() {
            members.push(format!("\"{}\":{}", attribute.key, day(zone, at).to_json()));
        }
    }
    Ok(members.join(","))
}

/// An object with more members; those that it has stand behind, and hold.
fn with_members(object: &str, members: &str) -> String {
    let rest = object.trim_start().strip_prefix('{').unwrap_or(object);
    let comma = if members.is_empty() || rest.trim_start().starts_with('}') {
        ""
    } else {
        ","
    };
    format!("{{{members}{comma}{rest}")
}

/// Whether somebody stood before it. A document is read at a desk.
fn is_on_site(evidence: Evidence) -> bool {
    match evidence {
        Evidence::Seen | Evidence::Measured => true,
        Evidence::Told | Evidence::Document => false,
    }
}

fn counts(catalogue: &Catalogue, (collection, key): (&str, &AttributeKey), attribute: &Attribute) -> bool {
    let source = catalogue.attribute(collection, key.as_str());
    source.is_some_and(|source| source.visibility <= attribute.visibility)
}

fn day(zone: &TimeZone, at: Timestamp) -> Value {
    Value::Date(zone.to_datetime(at).date())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_put_before_what_there_is() {
        for (object, members, whole) in [
            ("{}", "\"a\":1", "{\"a\":1}"),
            ("{ \"b\":2}", "\"a\":1", "{\"a\":1, \"b\":2}"),
            ("{\"b\":2}", "", "{\"b\":2}"),
        ] {
            assert_eq!(with_members(object, members), whole);
        }
    }
}
