//! Parameters in the document: those of the path, of the route, and of the filter.
use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::domain::catalogue::Catalogue;
use crate::domain::viewer::Role;
use crate::filter::{self, ParameterDoc, Scope};
use crate::http::parameters::{Accepts, PAGING};
use crate::http::route::Doc;

/// Parameters of a route: names in its path, its own, and a pointer to those of the filter.
pub fn of_route(doc: &Doc) -> Vec<Value> {
    let in_path = doc.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let mut all: Vec<Value> = in_path
        .map(|name| json!({"name": name.trim_start_matches('*'), "in": "path", "required": true, "schema": {"type": "string"}}))
        .collect();
    match doc.accepts {
        Accepts::Only(names) => all.extend(names.iter().map(|name| own(name))),
        Accepts::Filters(names) => {
            all.extend(names.iter().map(|name| own(name)));
            all.push(json!({"$ref": "#/components/parameters/filters"}));
        }
        Accepts::Search(names) => {
            all.extend(names.iter().chain(&PAGING).map(|name| own(name)));
            all.push(json!({"$ref": "#/components/parameters/filters"}));
        }
        Accepts::PageState => {}
    }
    all
}

fn of_field(name: &str) -> (bool, Value, &'static str) {
    match name {
        "preview" => (
            false,
            json!({"type": "boolean", "default": false}),
            "show what it would be, and write nothing",
        ),
        "state" => (
            false,
            json!({"type": "string", "enum": ["open", "decided"], "default": "open"}),
            "what waits, oldest first, or what was decided, latest first",
        ),
        "offset" => (
            true,
            json!({"type": "integer", "minimum": 0}),
            "bytes of the photo before this chunk",
        ),
        "size" => (true, json!({"type": "integer", "minimum": 1}), "bytes of the whole photo"),
        "visit" => (false, json!({"type": "string", "format": "uuid"}), "only what this visit found"),
        _ => (
            false,
            json!({"type": "string", "enum": ["zh", "en", "de"], "default": "zh"}),
            "language",
        ),
    }
}

fn own(name: &str) -> Value {
    let (required, schema, about) = match name {
        "collection" => (
            true,
            json!({"type": "string"}),
            "parcels, buildings, units or the key of an overlay",
        ),
        "geometry" => (
            false,
            json!({"type": "string", "enum": ["full", "none"], "default": "full"}),
            "none leaves geometry null",
        ),
        "facets" => (
            false,
            json!({"type": "string"}),
            "attributes to count, separated by commas; without it those that the catalogue shows by default",
        ),
        "format" => (
            false,
            json!({"type": "string", "enum": ["geojson", "csv"], "default": "geojson"}),
            "form of the file",
        ),
        "rev" => (
            false,
            json!({"type": "integer", "minimum": 0}),
            "revision that the asker has seen: the answer is not older",
        ),
        "at" => (
            false,
            json!({"type": "string"}),
            "the state as of then: a day (until its end in the park), a time (RFC 3339), or the number of a revision",
        ),
        "since" => (
            false,
            json!({"type": "integer", "minimum": 0, "default": 0}),
            "revision after which changes are told",
        ),
        "sort" => (
            false,
            json!({"type": "string"}),
            "attributes or code, separated by commas; - before one for largest first; unknown values come last",
        ),
        "code" => (false, json!({"type": "string"}), "only of the record with this code or id"),
        "after" => (false, json!({"type": "string"}), "where the page begins: next of the answer before"),
        "preview" | "lang" | "state" | "offset" | "size" | "visit" => of_field(name),
        _ => (false, json!({"type": "integer", "minimum": 1}), "most lines of the page"),
    };
    json!({"name": name, "in": "query", "required": required, "schema": schema, "description": about})
}

/// All filters as one exploded object, because which of them there are depends on the collection; each property says to which it belongs.
pub fn of_filters(catalogue: &Catalogue, role: Role) -> Value {
    let mut found: BTreeMap<String, (ParameterDoc, Vec<String>)> = BTreeMap::new();
    for (collection, docs) in by_collection(catalogue, role) {
        for doc in docs {
            found
                .entry(doc.name.clone())
                .or_insert_with(|| (doc, Vec::new()))
                .1
                .push(collection.clone());
        }
    }
    let properties: Map<String, Value> = found
        .into_iter()
        .map(|(name, (doc, collections))| (name, property(doc, &collections)))
        .collect();
    json!({
        "filters": {
            "name": "filters", "in": "query", "required": false, "style": "form", "explode": true,
            "description": "Each property is a parameter of its own. Which of them a collection has stands in x-filters.",
            "schema": {"type": "object", "properties": properties, "additionalProperties": false},
        }
    })
}

fn property(doc: ParameterDoc, collections: &[String]) -> Value {
    let mut schema = doc.schema;
    schema["description"] = json!(doc.description);
    schema["x-collections"] = json!(collections);
    if let Some(attribute) = doc.attribute {
        schema["x-attribute"] = json!(attribute);
    }
    schema
}

/// Names of the filters of each collection.
pub fn names_by_collection(catalogue: &Catalogue, role: Role) -> Value {
    let names = |docs: Vec<ParameterDoc>| docs.into_iter().map(|doc| json!(doc.name)).collect::<Vec<_>>();
    by_collection(catalogue, role)
        .map(|(collection, docs)| (collection, Value::from(names(docs))))
        .collect::<Map<_, _>>()
        .into()
}

fn by_collection(catalogue: &Catalogue, role: Role) -> impl Iterator<Item = (String, Vec<ParameterDoc>)> {
    catalogue.collections.iter().map(move |collection| {
        let scope = Scope {
            catalogue,
            role,
            collection: collection.key.as_str(),
            limits: &filter::Limits::default(),
        };
        let mut conditions = filter::parameters(&scope);
        conditions.retain(|doc| !PAGING.contains(&doc.name.as_str()));
        (collection.key.to_string(), conditions)
    })
}
