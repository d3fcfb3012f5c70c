//! What a viewer gets of the catalogue: only the attributes, and through them the lists, that the role may see.
use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::model::{Attribute, Catalogue, CodeList, Derivation, Direction, Kind, Measure};
use crate::domain::lifecycle::Lifecycle;
use crate::domain::viewer::Role;

impl Catalogue {
    /// The members `collections`, `groups`, `attributes`, `lists` and `lifecycles` as an object. Counts, revision and viewer are not known here.
    pub fn to_json(&self, role: Role) -> Value {
        let visible: Vec<_> = self.attributes.iter().filter(|attribute| role.sees(attribute.visibility)).collect();
        let groups: BTreeSet<&str> = visible.iter().map(|attribute| &*attribute.group).collect();
        let lists: BTreeSet<&str> = visible.iter().filter_map(|attribute| list_of(attribute)).collect();
        let schemes: BTreeSet<String> = lists.iter().flat_map(|list| self.schemes_of(list)).collect();
        let collection = |collection: &super::Collection| {
            let overlay = collection.overlay.as_ref();
            let photos = self.photos.get(&collection.key).into_iter().flatten();
            let photos: Vec<_> = photos.map(|photo| json!({"key": photo.key, "names": photo.names})).collect();
            json!({"key": collection.key, "names": collection.names, "overlay": overlay, "photos": photos})
        };
        json!({
            "collections": self.collections.iter().map(collection).collect::<Vec<_>>(),
            "groups": self.groups.iter().filter(|(key, _)| groups.contains(&**key))
                .map(|(key, names)| json!({"key": key, "names": names})).collect::<Vec<_>>(),
            "attributes": visible.iter().map(|attribute| self.attribute_json(attribute, role)).collect::<Vec<_>>(),
            "lists": schemes.iter().filter_map(|key| self.list(key)).map(|list| (list.key.to_string(), list_json(list))).collect::<Map<_, _>>(),
            "lifecycles": self.lifecycles.iter().map(|(key, lifecycle)| (key.to_string(), lifecycle_json(lifecycle, role))).collect::<Map<_, _>>(),
        })
    }

    fn attribute_json(&self, attribute: &Attribute, role: Role) -> Value {
        let mut object = json!({
            "key": attribute.key,
            "collections": attribute.collections,
            "kind": attribute.kind.name(),
            "names": attribute.names,
            "help": attribute.help,
            "group": attribute.group,
            "source": attribute.source,
            "visibility": attribute.visibility,
            "searchable": role.eyes().sees(attribute.visibility),
            "editable": attribute.editable(role),
            "taxed": attribute.tax.is_some(),
            "derived": attribute.derived.is_some(),
            "criterion": attribute.criterion.map(Direction::name),
            "facet": attribute.facet,
            "tile": attribute.tile,
        });
        match &attribute.kind {
            Kind::Number(measure) | Kind::Range(measure) => self.add_measure(measure, &mut object),
            Kind::Code { list } => object["list"] = json!(list),
            Kind::Text { max_chars } => object["max_chars"] = json!(max_chars),
            Kind::Flag | Kind::Date => {}
        }
        if attribute.derived == Some(Derivation::LastSeen) {
            object["last_seen"] = json!(true);
        }
        object
    }

    fn add_measure(&self, measure: &Measure, object: &mut Value) {
        object["quantity"] = json!(measure.quantity);
        object["min"] = json!(measure.min);
        object["max"] = json!(measure.max);
        object["decimals"] = json!(measure.decimals);
        if let Some(quantity) = self.quantity(&measure.quantity) {
            object["unit"] = json!(quantity.base().key);
            let unit = |unit: &super::Unit| json!({"key": unit.key, "names": unit.names, "factor": unit.factor});
            object["units"] = quantity.units.iter().map(unit).collect();
        }
    }
}

impl Direction {
    /// Its name in the catalogue's files and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::More => "more",
            Self::Less => "less",
            Self::Fits => "fits",
        }
    }
}

fn list_of(attribute: &Attribute) -> Option<&str> {
    match &attribute.kind {
        Kind::Code { list } => Some(list),
        Kind::Number(_) | Kind::Range(_) | Kind::Flag | Kind::Text { .. } | Kind::Date => None,
    }
}

fn list_json(list: &CodeList) -> Value {
    let code = |code: &super::Code| json!({"code": code.code, "parent": code.parent, "names": code.names, "colour": code.colour});
    json!({
        "names": list.names,
        "source": list.source,
        "ordered": list.ordered,
        "codes": list.codes.iter().map(code).collect::<Vec<_>>(),
    })
}

fn lifecycle_json(lifecycle: &Lifecycle, role: Role) -> Value {
    let states = lifecycle.states.iter();
    let ways = lifecycle.transitions.iter().filter(|way| role >= way.role);
    json!({
        "list": lifecycle.list,
        "states": states.map(|state| json!({
            "code": state.code, "names": state.names, "availability": state.availability, "colour": state.colour,
        })).collect::<Vec<_>>(),
        "transitions": ways.map(|way| json!({"from": way.from, "to": way.to, "names": way.names, "needs": way.needs})).collect::<Vec<_>>(),
    })
}
