//! A mapping held against a catalogue and a collection: how a row's fields become a code and values.
use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use super::mapping::{GEOMETRY, Mapping, MappingError, Others, Piece, Rule, is_settable, pieces};
use super::report::Refusal;
use crate::domain::catalogue::{Attribute, Catalogue, Kind};
use crate::domain::geometry::{Shape, wkb};
use crate::domain::ids::AttributeKey;
use crate::domain::value::Value;
use crate::formats::Place;

/// Rules whose attributes are found.
pub(super) struct Columns {
    catalogue: Arc<Catalogue>,
    code: Vec<String>,
    rules: Vec<(Rule, Arc<Attribute>)>,
    /// Whether a row had the field of the rule of the same position.
    met: Vec<bool>,
    /// Whether any row was looked at.
    looked: bool,
}

/// A row's values.
pub(super) struct Values {
    /// To be set on every import.
    pub(super) always: BTreeMap<AttributeKey, Value>,
    /// To be set on new records only.
    pub(super) once: BTreeMap<AttributeKey, Value>,
}

/// Fields of a row in the order of the file.
type Properties = [(String, Json)];

impl Columns {
    /// Finds each rule's attribute.
    pub(super) fn bind(mapping: Mapping, catalogue: Arc<Catalogue>, collection: &str) -> Result<Self, MappingError> {
        let find = |rule: Rule| match catalogue.attribute(collection, &rule.to).filter(|attribute| is_settable(attribute)) {
            Some(attribute) => Ok((rule, attribute.clone())),
            None => Err(MappingError::Target {
                from: rule.from,
                to: rule.to,
                collection: collection.to_owned(),
                expected: attribute_keys(&catalogue, collection),
            }),
        };
        let rules = mapping.fields.into_iter().map(find).collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            code: mapping.code,
            met: vec![false; rules.len()],
            looked: false,
            rules,
            catalogue,
        })
    }

    /// The code of a row.
    pub(super) fn code(&self, place: Place, properties: &Properties, shape: &Shape) -> Result<String, Refusal> {
        let code = self.code.iter().find_map(|template| fill(template, properties, shape));
        code.ok_or_else(|| {
            let expected = match self.code.as_slice() {
                [] => "a field that tells rows apart".to_owned(),
                templates => format!("values for the code {}", templates.join(" or ")),
            };
            Refusal::new(place, Some("code"), "none", expected)
        })
    }

    /// The values of a row. A blank is unknown.
    pub(super) fn values(&mut self, place: Place, properties: &Properties) -> Result<Values, Refusal> {
        let mut values = Values {
            always: BTreeMap::new(),
            once: BTreeMap::new(),
        };
        self.looked = true;
        for (position, (rule, attribute)) in self.rules.iter().enumerate() {
            let Some(json) = field(properties, &rule.from) else { continue };
            self.met[position] = true;
            let read = self.read(rule, attribute, json);
            let value = read.map_err(|(given, expected)| Refusal::new(place, Some(&rule.from), given, expected))?;
            if let Some(value) = value {
                let into = if rule.once { &mut values.once } else { &mut values.always };
                into.insert(attribute.key.clone(), value);
            }
        }
        Ok(values)
    }

    /// A word on each field that no row had.
    pub(super) fn absent(&self) -> Vec<String> {
        let rules = self.rules.iter().zip(&self.met).filter(|(_, met)| self.looked && !**met);
        rules
            .map(|((rule, _), _)| format!("no row has the field {}, which should give {}", rule.from, rule.to))
            .collect()
    }

    fn read(&self, rule: &Rule, attribute: &Attribute, json: &Json) -> Result<Option<Value>, (String, String)> {
        if !rule.values.is_empty() {
            let Some(text) = text_of(json) else { return Ok(None) };
            match (rule.values.get(&text), rule.others) {
                (Some(meaning), _) => return self.parse(attribute, meaning, rule.unit.as_deref()),
                (None, Others::Skip) => return Ok(None),
                (None, Others::Refuse) => {
                    let known: Vec<_> = rule.values.keys().map(String::as_str).take(20).collect();
                    return Err((text, known.join(", ")));
                }
                (None, Others::Keep) => {}
            }
        }
        match (&attribute.kind, json) {
            (Kind::Number(_), Json::Number(_)) | (Kind::Range(_), Json::Object(_)) | (Kind::Flag, Json::Bool(_)) => {
                let value = Value::parse_json_in(attribute, &self.catalogue, json, rule.unit.as_deref());
                value.map(Some).map_err(|error| (error.given, error.expected))
            }
            _ => match text_of(json) {
                None => Ok(None),
                Some(text) => self.parse(attribute, &text, rule.unit.as_deref()),
            },
        }
    }

    fn parse(&self, attribute: &Attribute, text: &str, unit: Option<&str>) -> Result<Option<Value>, (String, String)> {
        Value::parse_text(attribute, &self.catalogue, text, unit).map_err(|error| (error.given, error.expected))
    }
}

fn attribute_keys(catalogue: &Catalogue, collection: &str) -> String {
    let settable = catalogue.attributes_of(collection).filter(|attribute| is_settable(attribute));
    settable.map(|attribute| attribute.key.as_str()).collect::<Vec<_>>().join(", ")
}

fn field<'a>(properties: &'a Properties, name: &str) -> Option<&'a Json> {
    properties.iter().find(|(field, _)| field == name).map(|(_, json)| json)
}

/// A value as a person would read it; `None` for blanks.
pub(super) fn text_of(json: &Json) -> Option<String> {
    match json {
        Json::Null => None,
        Json::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        other => Some(other.to_string()),
    }
}

fn fill(template: &str, properties: &Properties, shape: &Shape) -> Option<String> {
    let mut code = String::new();
    for piece in pieces(template) {
        match piece {
            Piece::Text(text) => code.push_str(text),
            Piece::Field(GEOMETRY) => code.push_str(&digest(shape)?),
            Piece::Field(name) => code.push_str(&text_of(field(properties, name)?)?),
        }
    }
    Some(code)
}

/// Half of the SHA-256 of an outline is enough to tell a billion outlines apart.
const DIGEST_BYTES: usize = 10;

fn digest(shape: &Shape) -> Option<String> {
    if *shape == Shape::None {
        return None;
    }
    let hash = Sha256::digest(wkb::write(shape));
    let first = hash.first_chunk::<DIGEST_BYTES>()?;
    Some(format!(
        "{:020x}",
        first.iter().fold(0_u128, |number, byte| number << 8 | u128::from(*byte))
    ))
}
