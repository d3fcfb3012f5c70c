//! Questions asked of a loaded catalogue.
use std::collections::HashMap;
use std::sync::Arc;

use super::model::{
    Attribute, Catalogue, CodeList, Collection, Derivation, INDUSTRIES, Kind, Measure, MergePolicy, Publish, Quantity, Unit,
};
use crate::domain::ids::AttributeKey;
use crate::domain::lifecycle::Lifecycle;
use crate::domain::names::Names;
use crate::domain::viewer::{Role, Visibility};

impl Catalogue {
    /// A catalogue of these collections and attributes and nothing else, unchecked. What is used is loaded; this is for small examples.
    pub fn of(collections: Vec<Collection>, attributes: Vec<Arc<Attribute>>) -> Self {
        let mut catalogue = Self {
            collections,
            attributes,
            ..Self::default()
        };
        catalogue.index();
        catalogue
    }

    /// The attribute of a collection, if it has one of that key.
    pub fn attribute(&self, collection: &str, key: &str) -> Option<&Arc<Attribute>> {
        self.lookup.get(collection)?.get(key)
    }

    /// The attributes of a collection, in the order in which people see them.
    pub fn attributes_of<'a>(&'a self, collection: &'a str) -> impl Iterator<Item = &'a Arc<Attribute>> {
        self.attributes.iter().filter(move |attribute| attribute.belongs_to(collection))
    }

    /// A collection by its key.
    pub fn collection(&self, key: &str) -> Option<&Collection> {
        self.collections.iter().find(|collection| collection.key.as_str() == key)
    }

    /// A code list by its key.
    pub fn list(&self, key: &str) -> Option<&Arc<CodeList>> {
        self.code_lists.get(key)
    }

    /// A quantity by its key.
    pub fn quantity(&self, key: &str) -> Option<&Arc<Quantity>> {
        self.quantities.get(key)
    }

    /// The life-cycle of a collection's `status`.
    pub fn lifecycle(&self, collection: &str) -> Option<&Arc<Lifecycle>> {
        self.lifecycles.get(collection)
    }

    /// This catalogue with these overlays and their fields (key and name in the source) in place of those it has.
    #[must_use]
    pub fn with_overlays(&self, overlays: &[(Collection, Vec<(String, String)>)]) -> Self {
        let mut next = self.clone();
        next.collections.retain(|collection| collection.overlay.is_none());
        next.attributes.retain(|attribute| {
            attribute
                .collections
                .iter()
                .any(|of| next.collections.iter().any(|collection| collection.key == *of))
        });
        for (collection, fields) in overlays {
            next.collections.push(collection.clone());
            next.attributes
                .extend(fields.iter().map(|field| Arc::new(self.overlay_attribute(collection, field))));
        }
        next.index();
        next
    }

    fn overlay_attribute(&self, collection: &Collection, (key, field): &(String, String)) -> Attribute {
        let name: Arc<str> = Arc::from(field.as_str());
        let overlay = collection.overlay.as_ref();
        let public = key == "name" || key == INDUSTRIES || overlay.is_some_and(|overlay| overlay.base_map);
        Attribute {
            key: AttributeKey::from(key.as_str()),
            collections: vec![collection.key.clone()],
            kind: Kind::Text {
                max_chars: self.overlay_fields.max_chars,
            },
            names: Names {
                zh: name.clone(),
                en: name.clone(),
                de: name.clone(),
            },
            help: self.overlay_fields.help.clone(),
            group: self.overlay_fields.group.clone(),
            source: overlay.map_or_else(|| Arc::from(""), |overlay| Arc::from(overlay.source.as_str())),
            visibility: if public {
                Visibility::Public
            } else {
                self.overlay_fields.visibility
            },
            editable_by: Role::Steward,
            merge: MergePolicy::Conflict,
            publish: Publish::OnApproval,
            survey: None,
            headings: vec![name.clone()],
            dbf: vec![name],
            criterion: None,
            facet: false,
            tile: public,
            raised_by: None,
            later: None,
            tax: None,
            agrees_with: None,
            derived: None,
        }
    }

    /// Fills what is made from `attributes`. Called after every change of them.
    pub(super) fn index(&mut self) {
        self.lookup = HashMap::new();
        for attribute in &self.attributes {
            for collection in &attribute.collections {
                let of = self.lookup.entry(collection.clone()).or_default();
                of.insert(attribute.key.clone(), attribute.clone());
            }
        }
    }
}

impl Attribute {
    /// Whether a collection has this attribute.
    pub fn belongs_to(&self, collection: &str) -> bool {
        self.collections.iter().any(|key| key.as_str() == collection)
    }

    /// How its numbers are measured; `None` for what is not a number or range.
    pub fn measure(&self) -> Option<&Measure> {
        match &self.kind {
            Kind::Number(measure) | Kind::Range(measure) => Some(measure),
            Kind::Code { .. } | Kind::Flag | Kind::Text { .. } | Kind::Date => None,
        }
    }

    /// Whether a role may set it. What is always derived nobody may; what comes from units may be set where there are none.
    pub fn editable(&self, role: Role) -> bool {
        let settable = self.derived.as_ref().is_none_or(Derivation::needs_units);
        settable && role >= self.editable_by && role.sees(self.visibility)
    }
}

impl Derivation {
    /// Whether it is computed only where the record has units; without, the value is set like any other.
    pub fn needs_units(&self) -> bool {
        match self {
            Self::SumOfAvailableUnits(_) | Self::StatusOfUnits(_) => true,
            Self::PlanarArea | Self::EllipsoidalArea | Self::LastSeen | Self::FirstOf(_) => false,
        }
    }
}

impl Kind {
    /// Its name in the catalogue's files and in JSON.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Number(_) => "number",
            Self::Range(_) => "range",
            Self::Code { .. } => "code",
            Self::Flag => "flag",
            Self::Text { .. } => "text",
            Self::Date => "date",
        }
    }
}

impl Quantity {
    /// The unit in which values are kept.
    ///
    /// # Panics
    /// Never for a loaded catalogue: a quantity without units is refused.
    pub fn base(&self) -> &Unit {
        self.units.first().expect("a quantity without units is refused when loading")
    }

    /// A unit by its key.
    pub fn unit(&self, key: &str) -> Option<&Unit> {
        self.units.iter().find(|unit| &*unit.key == key)
    }

    /// A unit as people write it: its key, a name in any language, or another spelling, ignoring case.
    pub fn unit_written(&self, text: &str) -> Option<&Unit> {
        let is = |word: &str| word.eq_ignore_ascii_case(text) || word.to_lowercase() == text.to_lowercase();
        self.units.iter().find(|unit| {
            let Names { zh, en, de } = &unit.names;
            [&unit.key, zh, en, de].into_iter().chain(&unit.aliases).any(|word| is(word))
        })
    }

    /// A value of a unit in base units; `None` for an unknown unit.
    pub fn to_base(&self, value: f64, unit: &str) -> Option<f64> {
        self.unit(unit).map(|unit| value * unit.factor)
    }

    /// A value in base units in another unit; `None` for an unknown unit.
    pub fn from_base(&self, value: f64, unit: &str) -> Option<f64> {
        self.unit(unit).map(|unit| value / unit.factor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::catalogue::{Effect, Overlay};

    fn overlay(key: &str, base_map: bool) -> (Collection, Vec<(String, String)>) {
        let collection = Collection {
            key: key.into(),
            names: Names::default(),
            overlay: Some(Overlay {
                effect: Effect::Warn,
                buffer_m: 10.0,
                source: "made up".to_owned(),
                base_map,
            }),
        };
        let fields = [("name", "NAME"), ("kind", "ART")].map(|(key, field)| (key.to_owned(), field.to_owned()));
        (collection, fields.to_vec())
    }

    #[test]
    fn overlays_are_collections_like_any_other() {
        let catalogue = Catalogue::builtin().unwrap();
        let with = catalogue.with_overlays(&[overlay("river", false), overlay("water", true)]);
        assert_eq!(with.collections.len(), 5);
        let visibility = |collection, key| with.attribute(collection, key).unwrap().visibility;
        assert_eq!(visibility("river", "name"), Visibility::Public);
        assert_eq!(visibility("river", "kind"), Visibility::Staff);
        assert_eq!(visibility("water", "kind"), Visibility::Public);
        let fewer = with.with_overlays(&[overlay("water", true)]);
        assert!(fewer.collection("river").is_none() && fewer.attribute("river", "kind").is_none());
        assert_eq!(fewer.attributes.len(), catalogue.attributes.len() + 2);
        assert_eq!(fewer.attributes_of("water").count(), 2);
        assert!(fewer.attribute("parcels", "area").is_some());
    }

    #[test]
    fn units_have_their_factors() {
        let catalogue = Catalogue::builtin().unwrap();
        let cases = [
            ("area", "mu", 30.0, 20_000.0),
            ("area", "ha", 1.0, 10_000.0),
            ("load", "kN_per_m2", 9.80665, 1.0),
            ("load", "kg_per_m2", 500.0, 0.5),
            ("rent", "cny_per_m2_day", 12.0, 365.0),
            ("area_price", "cny_10k_per_mu", 48.0, 720.0),
            ("power", "MVA", 1.25, 1250.0),
        ];
        for (quantity, unit, value, expected) in cases {
            let base = catalogue.quantity(quantity).unwrap().to_base(value, unit).unwrap();
            assert!(
                (base - expected).abs() <= expected * f64::EPSILON,
                "{value} {unit}: {base}, expected {expected}"
            );
        }
        assert_eq!(catalogue.quantity("area").unwrap().to_base(1.0, "fathom"), None);
    }

    #[test]
    fn people_see_only_what_is_theirs() {
        let json = Catalogue::builtin().unwrap().to_json(Role::Public);
        assert_eq!(json["lifecycles"]["parcels"]["transitions"], serde_json::json!([]));
        assert!(
            json["attributes"]
                .as_array()
                .unwrap()
                .iter()
                .all(|attribute| attribute["editable"] == false && attribute["visibility"] == "public")
        );
        assert_eq!(json["lists"]["guide2023"]["codes"][0]["code"], "08");
        let area = json["attributes"]
            .as_array()
            .unwrap()
            .iter()
            .find(|attribute| attribute["key"] == "area")
            .unwrap();
        assert_eq!(
            (&area["unit"], &area["derived"], &area["units"][1]["key"]),
            (&"m2".into(), &true.into(), &"mu".into())
        );
        let staff = Catalogue::builtin().unwrap().to_json(Role::Surveyor);
        let rent = staff["attributes"]
            .as_array()
            .unwrap()
            .iter()
            .find(|attribute| attribute["key"] == "rent")
            .unwrap();
        assert_eq!(rent["editable"], true);
    }
}
