//! Values of one record, and how records are written to files.
use std::collections::BTreeMap;

use geo_types::Geometry;
use jiff::ToSpan;
use jiff::civil::{Date, date};
use serde_json::Value as Json;

use super::plane::geojson;
use super::random::Random;

/// How often a value that could be known is known.
pub const KNOWN: f64 = 0.85;

/// The last day before the demo park was written down: nothing was observed later.
pub const TODAY: Date = jiff::civil::date(2026, 11, 20);

/// Said in the remarks of every record.
pub const INVENTED: &str = "示范数据,纯属虚构 / Invented data of the demo park";

/// Known values by attribute.
#[derive(Clone, Debug, Default)]
pub struct Facts(BTreeMap<String, Json>);

impl Facts {
    /// Sets a value.
    pub fn set(&mut self, key: &str, value: impl Into<Json>) {
        self.0.insert(key.to_owned(), value.into());
    }

    /// Sets a day.
    pub fn set_day(&mut self, key: &str, day: Date) {
        self.set(key, day.to_string());
    }

    /// Sets a value that is known as often as most.
    pub fn know(&mut self, key: &str, value: impl Into<Json>, random: &mut Random) {
        if random.chance(KNOWN) {
            self.set(key, value);
        }
    }

    /// Sets a value that is known in this share of records.
    pub fn know_in(&mut self, key: &str, value: impl Into<Json>, (random, share): (&mut Random, f64)) {
        if random.chance(share) {
            self.set(key, value);
        }
    }

    /// Of some records, the capacity once an approved upgrade is done, and by when: a good half more, in sizes of transformers.
    pub fn power_upgrade(&mut self, code: &str) {
        const SIZE_KVA: f64 = 800.0;
        let mut random = Random::of(&format!("{code} power upgrade"));
        let Some(power) = self.number("power_capacity").filter(|_| random.chance(0.25)) else {
            return;
        };
        let raised = (power * random.between(1.5, 2.5) / SIZE_KVA).ceil() * SIZE_KVA;
        self.set("power_upgrade_to", raised);
        let months = random.whole(1, 30);
        if random.chance(KNOWN) {
            self.set_day("power_upgrade_by", date(2027, 1, 1).saturating_add(months.months()));
        }
    }

    /// Whether a value is known.
    pub fn has(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    /// A text or code.
    pub fn text(&self, key: &str) -> &str {
        self.0.get(key).and_then(Json::as_str).unwrap_or_default()
    }

    /// A number.
    pub fn number(&self, key: &str) -> Option<f64> {
        self.0.get(key).and_then(Json::as_f64)
    }
}

/// A record of the demo park.
#[derive(Clone, Debug)]
pub struct Feature {
    /// Its code; empty for a feature of a layer, which has a number among its values.
    pub code: String,
    /// Its values.
    pub facts: Facts,
    /// Its outline in the plane.
    pub geometry: Geometry<f64>,
}

impl Feature {
    fn line(&self) -> String {
        let mut properties = self.facts.0.clone();
        if !self.code.is_empty() {
            properties.insert("code".to_owned(), self.code.as_str().into());
        }
        let properties: serde_json::Map<String, Json> = properties.into_iter().collect();
        format!(
            r#"{{"type":"Feature","properties":{},"geometry":{}}}"#,
            Json::Object(properties),
            geojson(&self.geometry)
        )
    }
}

/// A file, one feature per line.
pub fn collection(name: &str, features: &[&Feature]) -> String {
    let lines: Vec<_> = features.iter().map(|feature| feature.line()).collect();
    format!(
        "{{\"type\":\"FeatureCollection\",\"name\":\"{name}\",\"features\":[\n{}\n]}}\n",
        lines.join(",\n")
    )
}
