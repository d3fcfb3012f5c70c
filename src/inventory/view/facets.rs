//! Facets: what else there is to choose.
use serde_json::{Value as Json, json};

use crate::domain::catalogue::Catalogue;
use crate::domain::ids::{AttributeKey, CollectionKey, Revision};
use crate::domain::query::Query;
use crate::index::{Facet, FacetCounts};

use super::View;
use crate::inventory::error::ReadError;

/// Counts of some attributes' values.
pub struct FacetPage {
    /// Revision that was counted.
    pub revision: Revision,
    /// Number of all that match the whole query.
    pub matched: usize,
    /// The facets, in the order asked for.
    pub facets: Vec<Facet>,
    /// Base units of the numbers among them.
    units: Vec<Option<String>>,
}

impl View {
    /// Counts values, each attribute's under all conditions but its own. Without any attribute named, those that the catalogue shows by default.
    pub fn facets(&self, query: &Query, attributes: &[AttributeKey]) -> Result<FacetPage, ReadError> {
        self.check(query)?;
        let collection = &query.collection;
        let hidden = attributes.iter().find(|key| !self.sees_field(collection.as_str(), key));
        if let Some(key) = hidden {
            return Err(self.unknown("facets", key.as_str(), collection));
        }
        let usual: Vec<_> = self
            .catalogue()
            .attributes_of(collection.as_str())
            .filter(|each| each.facet && self.sees(each))
            .collect();
        let usual: Vec<AttributeKey> = usual.into_iter().map(|each| each.key.clone()).collect();
        let facets = self
            .snapshot()
            .facets(query, if attributes.is_empty() { &usual } else { attributes });
        let units = facets
            .iter()
            .map(|facet| unit(self.catalogue(), collection, &facet.attribute))
            .collect();
        Ok(FacetPage {
            revision: self.revision(),
            matched: self.snapshot().matches(collection, &query.conditions).count(),
            facets,
            units,
        })
    }
}

impl FacetPage {
    /// The counts as JSON.
    pub fn to_json(&self) -> Json {
        let facets: Vec<_> = self
            .facets
            .iter()
            .zip(&self.units)
            .map(|(facet, unit)| facet_json(facet, unit.as_deref()))
            .collect();
        json!({"revision": self.revision, "numberMatched": self.matched, "facets": facets})
    }
}

pub(in crate::inventory) fn unit(catalogue: &Catalogue, collection: &CollectionKey, key: &AttributeKey) -> Option<String> {
    let measure = catalogue.attribute(collection.as_str(), key.as_str())?.measure()?.clone();
    catalogue
        .quantity(&measure.quantity)
        .map(|quantity| quantity.base().key.to_string())
}

pub(in crate::inventory) fn facet_json(facet: &Facet, unit: Option<&str>) -> Json {
    let (attribute, unknown) = (&facet.attribute, facet.unknown);
    match &facet.counts {
        FacetCounts::Codes(codes) => {
            let counts: Vec<_> = codes
                .iter()
                .map(|each| json!({"code": each.code, "count": each.count, "total": each.total}))
                .collect();
            json!({"attribute": attribute, "kind": "codes", "unknown": unknown, "counts": counts})
        }
        FacetCounts::Histogram { extent, bins } => {
            let (min, max) = extent.map_or((None, None), |(min, max)| (Some(min), Some(max)));
            let bins: Vec<_> = bins
                .iter()
                .map(|bin| json!({"from": bin.from, "to": bin.to, "count": bin.count, "total": bin.total}))
                .collect();
            json!({"attribute": attribute, "kind": "histogram", "unknown": unknown, "unit": unit, "min": min, "max": max, "bins": bins})
        }
        FacetCounts::Flag { yes, no } => json!({"attribute": attribute, "kind": "flag", "unknown": unknown, "yes": yes, "no": no}),
        FacetCounts::Text { known } => json!({"attribute": attribute, "kind": "text", "unknown": unknown, "known": known}),
    }
}
