//! The `OpenAPI` document, made from the route table and the catalogue.
//!
//! What differs by viewer: the search parameters and the properties of records, which are those of the attributes that the role may see.
mod parameters;

use serde_json::{Map, Value, json};

use super::parameters::Accepts;
use super::problem;
use super::route::{Answers, Doc};
use crate::domain::catalogue::{Attribute, Catalogue, Kind};
use crate::domain::viewer::Role;

/// Schemas of bodies and answers, except those that follow from the catalogue.
const SCHEMAS: &str = include_str!("schemas.json");

/// The document.
pub fn document(docs: &[Doc], catalogue: &Catalogue, role: Role) -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for doc in docs {
        let operations = paths.entry(openapi_path(doc.path)).or_insert_with(|| json!({}));
        operations[doc.method.as_str().to_lowercase()] = operation(doc);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Zaiti", "version": env!("CARGO_PKG_VERSION"),
            "description": "The inventory of a development zone's industrial land and factory buildings. Unknown parameters are refused.",
        },
        "paths": paths,
        "components": {
            "schemas": schemas(catalogue, role),
            "parameters": parameters::of_filters(catalogue, role),
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "zaiti_session", "description": "Writes also need the header X-Zaiti: 1."},
            },
            "responses": {"Problem": {"description": "What went wrong", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}},
        },
        "security": [{}, {"token": []}, {"session": []}],
        "x-problems": problem::ALL.iter().map(|kind| json!({"type": format!("/problems/{}", kind.name), "status": kind.status.as_u16(), "title": kind.title})).collect::<Vec<_>>(),
        "x-filters": parameters::names_by_collection(catalogue, role),
    })
}

/// `OpenAPI` knows no wildcard.
fn openapi_path(path: &str) -> String {
    path.replace("{*", "{")
}

fn operation(doc: &Doc) -> Value {
    let mut operation = json!({
        "operationId": operation_id(doc),
        "summary": doc.about,
        "parameters": parameters::of_route(doc),
        "responses": {"default": {"$ref": "#/components/responses/Problem"}},
    });
    let (status, answer) = answer(doc.answers);
    operation["responses"][status] = answer;
    if let Some(schema) = doc.body {
        operation["requestBody"] = json!({"required": true, "content": {"application/json": {"schema": reference(schema)}}});
    }
    if doc.accepts == Accepts::PageState {
        operation["description"] = json!("The query string is the state of the page; the server does not read it.");
    }
    operation
}

/// `get_api_v1_carriers_code`.
fn operation_id(doc: &Doc) -> String {
    let words = doc.path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    std::iter::once(doc.method.as_str().to_lowercase().as_str())
        .chain(words)
        .collect::<Vec<_>>()
        .join("_")
}

fn reference(schema: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{schema}")})
}

fn answer(answers: Answers) -> (&'static str, Value) {
    let of = |kind: &str, schema: Value| json!({"description": "As asked for", "content": {kind: {"schema": schema}}});
    let bytes = || json!({"type": "string", "format": "binary"});
    match answers {
        Answers::Json(schema) => ("200", of("application/json", reference(schema))),
        Answers::GeoJson(schema) => ("200", of("application/geo+json", reference(schema))),
        Answers::Tile => ("200", of("application/vnd.mapbox-vector-tile", bytes())),
        Answers::Events => ("200", of("text/event-stream", json!({"type": "string"}))),
        Answers::Text(kind) => ("200", of(kind, json!({"type": "string"}))),
        Answers::File => ("200", of("application/octet-stream", bytes())),
        Answers::Nothing => ("204", json!({"description": "Done"})),
    }
}

fn schemas(catalogue: &Catalogue, role: Role) -> Value {
    let mut schemas: Value = serde_json::from_str(SCHEMAS).expect("schemas.json is checked by a test");
    for collection in &catalogue.collections {
        let seen = catalogue
            .attributes_of(collection.key.as_str())
            .filter(|attribute| role.sees(attribute.visibility));
        let properties: Map<String, Value> = seen.map(|attribute| (attribute.key.to_string(), value_schema(attribute))).collect();
        let about = format!("{}: what a record says beside code, version and collection.", collection.names.en);
        schemas[schema_name(collection.key.as_str())] = json!({"type": "object", "description": about, "properties": properties});
    }
    schemas
}

/// `parcels` becomes `ParcelsProperties`.
fn schema_name(collection: &str) -> String {
    let words = collection.split('_').map(|word| {
        let mut letters = word.chars();
        letters
            .next()
            .map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + letters.as_str())
    });
    words.collect::<String>() + "Properties"
}

fn value_schema(attribute: &Attribute) -> Value {
    let mut schema = match &attribute.kind {
        Kind::Number(measure) => json!({"type": "number", "minimum": measure.min, "maximum": measure.max}),
        Kind::Range(_) => json!({"allOf": [reference("Range")]}),
        Kind::Code { list } => json!({"type": "string", "x-code-list": list}),
        Kind::Flag => json!({"type": "boolean"}),
        Kind::Text { max_chars } => json!({"type": "string", "maxLength": max_chars}),
        Kind::Date => json!({"type": "string", "format": "date"}),
    };
    schema["description"] = json!(format!("{}. {}", attribute.names.en, attribute.help.en));
    schema
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schemas_are_json_and_refer_to_each_other_only() {
        let schemas: Map<String, Value> = serde_json::from_str(SCHEMAS).unwrap();
        for part in SCHEMAS.split("#/components/schemas/").skip(1) {
            let name = part.split('"').next().unwrap();
            assert!(schemas.contains_key(name), "{name}");
        }
    }

    #[test]
    fn names_of_schemas() {
        assert_eq!(schema_name("parcels"), "ParcelsProperties");
        assert_eq!(schema_name("river_1km"), "River1kmProperties");
    }
}
