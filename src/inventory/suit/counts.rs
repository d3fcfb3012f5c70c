//! Facets: counts of values among the carriers that match without the gates on the same attribute.
use serde_json::{Map, Value as Json};

use crate::domain::ids::AttributeKey;
use crate::suitability::requirement::{Ask, Gate};
use crate::suitability::tally::matched_without;

use super::Work;
use super::sets::views;
use crate::inventory::view::{facet_json, unit};

/// Whether a gate is left out when this attribute is counted: how old its evidence is says nothing of its value.
fn is_on(gate: &Gate, key: &AttributeKey) -> bool {
    !matches!(gate.ask, Ask::Evidence { .. }) && gate.attribute() == Some(key)
}

impl Work<'_> {
    /// By collection, the attributes that the catalogue counts and the viewer may see.
    pub(super) fn facets(&self) -> Json {
        let each = self.asked.seeks.iter().zip(&self.parts).map(|(collection, part)| {
            let catalogue = self.eyes.catalogue();
            let counted = catalogue
                .attributes_of(collection.as_str())
                .filter(|attribute| attribute.facet && self.eyes.sees_field(collection.as_str(), &attribute.key));
            let verdicts = views(self.asked, &part.sets.verdicts);
            let facet = |key: &AttributeKey| {
                let is_asked = self.asked.gates.iter().any(|gate| is_on(gate, key));
                let rows = if is_asked {
                    matched_without(part.sets.live.words(), &verdicts, |gate| is_on(&self.asked.gates[gate], key))
                } else {
                    part.sets.tally.matched.clone()
                };
                let facet = self.snapshot.facet_of(collection, key, &part.sets.live.with(rows))?;
                Some(facet_json(&facet, unit(catalogue, collection, key).as_deref()))
            };
            let facets: Vec<Json> = counted.filter_map(|attribute| facet(&attribute.key)).collect();
            (collection.to_string(), Json::Array(facets))
        });
        Json::Object(each.collect::<Map<_, _>>())
    }
}
