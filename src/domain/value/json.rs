//! Values as JSON: number, string (code, text, day), bool, and `{"min", "max", "min_inclusive", "max_inclusive"}` for a range.
use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value as Json, json};

use super::check::form;
use super::{Range, Value, ValueError, date};
use crate::domain::catalogue::{Attribute, Catalogue, Kind};
use crate::domain::ids::AttributeKey;

impl Value {
    /// Reads and checks a JSON value in the attribute's base unit.
    pub fn parse_json(attribute: &Attribute, catalogue: &Catalogue, json: &Json) -> Result<Self, ValueError> {
        Self::parse_json_in(attribute, catalogue, json, None)
    }

    /// Reads and checks a JSON value given in a unit (its key or a name); `None` is the base unit.
    pub fn parse_json_in(attribute: &Attribute, catalogue: &Catalogue, json: &Json, unit: Option<&str>) -> Result<Self, ValueError> {
        let given = given(json);
        let value = read(&attribute.kind, json).ok_or_else(|| ValueError::new(attribute, &given, form(&attribute.kind)))?;
        let factor = match unit {
            None => 1.0,
            Some(unit) => super::number::factor(attribute, catalogue, unit)?,
        };
        value.scaled(factor).check(attribute, catalogue, &given)
    }

    /// The value as JSON, in the base unit.
    pub fn to_json(&self) -> Json {
        match self {
            Self::Number(number) => json!(number),
            Self::Range(range) => range_json(range),
            Self::Code(text) | Self::Text(text) => Json::String(text.to_string()),
            Self::Flag(flag) => Json::Bool(*flag),
            Self::Date(day) => Json::String(day.to_string()),
        }
    }

    /// Numbers times a factor; everything else as it is.
    pub(super) fn scaled(self, factor: f64) -> Self {
        match self {
            Self::Number(number) => Self::Number(number * factor),
            Self::Range(range) => Self::Range(Range {
                min: range.min.map(|min| min * factor),
                max: range.max.map(|max| max * factor),
                ..range
            }),
            Self::Code(_) | Self::Flag(_) | Self::Text(_) | Self::Date(_) => self,
        }
    }
}

fn given(json: &Json) -> String {
    match json {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The form only: whether limits and lists hold is not asked.
fn read(kind: &Kind, json: &Json) -> Option<Value> {
    match kind {
        Kind::Number(_) => finite(json).map(Value::Number),
        Kind::Range(_) => range(json.as_object()?).map(Value::Range),
        Kind::Code { .. } => json.as_str().map(|code| Value::Code(Arc::from(code))),
        Kind::Flag => json.as_bool().map(Value::Flag),
        Kind::Text { .. } => json.as_str().map(|text| Value::Text(Arc::from(text))),
        Kind::Date => date::iso(json.as_str()?).map(Value::Date),
    }
}

fn finite(json: &Json) -> Option<f64> {
    // Adding zero turns -0 into 0, so that equal values are equal bytes.
    json.as_f64().filter(|number| number.is_finite()).map(|number| number + 0.0)
}

fn range(object: &Map<String, Json>) -> Option<Range> {
    let mut range = Range {
        min: None,
        max: None,
        min_inclusive: true,
        max_inclusive: true,
    };
    for (name, json) in object {
        match name.as_str() {
            // `null` is open, like absence.
            "min" | "max" if json.is_null() => {}
            "min" => range.min = Some(finite(json)?),
            "max" => range.max = Some(finite(json)?),
            "min_inclusive" => range.min_inclusive = json.as_bool()?,
            "max_inclusive" => range.max_inclusive = json.as_bool()?,
            _ => return None,
        }
    }
    // What is open has no border: one way to say it, so that equal ranges are equal.
    range.min_inclusive |= range.min.is_none();
    range.max_inclusive |= range.max.is_none();
    (range.min.is_some() || range.max.is_some()).then_some(range)
}

fn range_json(range: &Range) -> Json {
    let mut object = Map::new();
    for (name, inclusive, bound, is_inclusive) in [
        ("min", "min_inclusive", range.min, range.min_inclusive),
        ("max", "max_inclusive", range.max, range.max_inclusive),
    ] {
        if let Some(bound) = bound {
            object.insert(name.to_owned(), json!(bound));
            object.insert(inclusive.to_owned(), Json::Bool(is_inclusive));
        }
    }
    Json::Object(object)
}

/// Attributes as a JSON object text, in base units.
pub fn attributes_to_json(attributes: &BTreeMap<AttributeKey, Value>) -> String {
    let object: Map<_, _> = attributes.iter().map(|(key, value)| (key.to_string(), value.to_json())).collect();
    Json::Object(object).to_string()
}

/// Reads what [`attributes_to_json`] wrote. Only the form is checked: a stored value that a newer catalogue finds implausible, or whose code
/// it no longer lists, must still be readable. An attribute that the catalogue does not know at all is an error.
pub fn attributes_from_json(catalogue: &Catalogue, collection: &str, text: &str) -> Result<BTreeMap<AttributeKey, Value>, String> {
    let object: Map<String, Json> = serde_json::from_str(text).map_err(|error| format!("attributes are not a JSON object: {error}"))?;
    let entry = |(key, json): (&String, &Json)| {
        let attribute = catalogue
            .attribute(collection, key)
            .ok_or_else(|| format!("the catalogue has no attribute {key} of {collection}"))?;
        let value = read(&attribute.kind, json).ok_or_else(|| format!("{key}: given {json}, expected {}", form(&attribute.kind)))?;
        Ok((attribute.key.clone(), value))
    };
    object.iter().map(entry).collect()
}
