//! The parameters as a list, for the description of the API: made by the same table that reads them.
use serde_json::{Value, json};

use super::attributes::{Part, list_of, parts_of};
use super::parse::FIXED;
use super::{Scope, available};
use crate::domain::catalogue::{Attribute, Kind};
use crate::domain::ids::AttributeKey;

/// One parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct ParameterDoc {
    /// Its name.
    pub name: String,
    /// What it means, in English.
    pub description: String,
    /// JSON Schema of its value.
    pub schema: Value,
    /// The attribute it is made from.
    pub attribute: Option<AttributeKey>,
}

/// All parameters that a role may use on a collection.
pub fn parameters(scope: &Scope<'_>) -> Vec<ParameterDoc> {
    let fixed = FIXED
        .into_iter()
        .filter(|name| *name != "available_by" || available::is_offered(scope));
    let mut documents: Vec<_> = fixed.map(|name| fixed_document(scope, name)).collect();
    for attribute in scope.attributes() {
        documents.extend(parts_of(scope, attribute).map(|part| ParameterDoc {
            name: part.name(attribute),
            description: description(scope, attribute, part),
            schema: schema(scope, attribute, part),
            attribute: Some(attribute.key.clone()),
        }));
    }
    documents
}

fn fixed_document(scope: &Scope<'_>, name: &str) -> ParameterDoc {
    let limits = scope.limits;
    let text = json!({"type": "string"});
    let (description, schema) = match name {
        "bbox" => ("Box west,south,east,north in degrees; shapes that touch it match.", text),
        "within" => (
            "Polygon as WKT or GeoJSON geometry, lon/lat degrees; shapes that touch it match.",
            text,
        ),
        "near" => ("Point lon,lat in degrees, with radius_m.", text),
        "radius_m" => (
            "Radius around near in metres, to the nearest point of the shape.",
            json!({"type": "number", "minimum": 0, "maximum": limits.radius_m}),
        ),
        "q" => (
            "Words, each of which must be in the code or a text.",
            json!({"type": "string", "maxLength": limits.text_chars}),
        ),
        "available_by" => ("Day by which the carrier can be had.", json!({"type": "string", "format": "date"})),
        "sort" => (
            "Attributes or code, separated by commas; - before one for largest first. Unknown values come last.",
            text,
        ),
        "limit" => (
            "Most rows of the page.",
            json!({"type": "integer", "minimum": 1, "maximum": limits.most_rows, "default": limits.rows}),
        ),
        _ => ("Where the page begins: next of the answer before.", text),
    };
    ParameterDoc {
        name: name.to_owned(),
        description: description.to_owned(),
        schema,
        attribute: None,
    }
}

fn description(scope: &Scope<'_>, attribute: &Attribute, part: Part) -> String {
    let name = &attribute.names.en;
    match part {
        Part::Is => match &attribute.kind {
            Kind::Flag => format!("{name}: yes or no."),
            Kind::Text { .. } => format!("{name}: contains this, ignoring case."),
            Kind::Code { .. } | Kind::Number(_) | Kind::Range(_) | Kind::Date => {
                format!("{name}: any of these codes, separated by commas; a code stands for all below it.")
            }
        },
        Part::Scheme => format!("{name}: scheme in which the codes are given."),
        Part::Min if list_of(scope, attribute).is_some() => format!("{name}: at least this code in the order of the list."),
        Part::Min => format!("{name}: smallest."),
        Part::Max => format!("{name}: largest."),
        Part::Unit => format!("{name}: unit of smallest and largest."),
        Part::Unknown => format!("{name}: only what is unknown, exclude what is unknown, or include it."),
    }
}

fn schema(scope: &Scope<'_>, attribute: &Attribute, part: Part) -> Value {
    let codes = || list_of(scope, attribute).map(|list| list.codes.iter().map(|code| code.code.to_string()).collect::<Vec<_>>());
    match (part, &attribute.kind) {
        (Part::Unknown, _) => json!({"type": "string", "enum": ["only", "exclude", "include"]}),
        (Part::Is, Kind::Flag) => json!({"type": "boolean"}),
        (Part::Is, Kind::Code { .. }) => json!({"type": "array", "items": {"type": "string", "enum": schema_codes(scope, attribute)}}),
        (Part::Scheme, Kind::Code { list }) => json!({"type": "string", "enum": scope.catalogue.schemes_of(list)}),
        (Part::Min, Kind::Code { .. }) => json!({"type": "string", "enum": codes()}),
        (Part::Unit, Kind::Number(measure) | Kind::Range(measure)) => {
            let units = scope
                .catalogue
                .quantity(&measure.quantity)
                .into_iter()
                .flat_map(|quantity| &quantity.units);
            json!({"type": "string", "enum": units.map(|unit| &unit.key).collect::<Vec<_>>()})
        }
        (Part::Min | Part::Max, Kind::Number(_) | Kind::Range(_)) => json!({"type": "number"}),
        (Part::Min | Part::Max, Kind::Date) => json!({"type": "string", "format": "date"}),
        (Part::Is | Part::Scheme | Part::Min | Part::Max | Part::Unit, _) => json!({"type": "string"}),
    }
}

/// Codes of the attribute's own list, and of the schemes in which they may be given.
fn schema_codes(scope: &Scope<'_>, attribute: &Attribute) -> Vec<String> {
    let Kind::Code { list } = &attribute.kind else {
        return Vec::new();
    };
    let lists = scope.catalogue.schemes_of(list);
    let codes = lists
        .iter()
        .filter_map(|key| scope.catalogue.list(key))
        .flat_map(|list| &list.codes);
    let mut codes: Vec<_> = codes.map(|code| code.code.to_string()).collect();
    codes.sort();
    codes.dedup();
    codes
}
