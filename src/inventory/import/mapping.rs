//! Which field of a file becomes which attribute: read from a mapping file, from the command line, or found by the catalogue's headings.
use std::collections::BTreeMap;

use serde::Deserialize;

use super::fields::Fields;
use crate::domain::catalogue::{Attribute, Catalogue};

/// A mapping as written.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// What the file is, for people.
    #[serde(default)]
    pub about: String,
    /// Templates of a record's code: `{FIELD}` stands for the field's value, `{geometry}` for a digest of the outline.
    /// The first whose fields are all known is taken. Equal codes are the same record, in this file and in the next.
    #[serde(default)]
    pub code: Vec<String>,
    /// The fields, in any order. Several may come from the same field.
    #[serde(default, rename = "field")]
    pub fields: Vec<Rule>,
}

/// What becomes of one field.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Name of the field.
    pub from: String,
    /// Other names that it has in other files of the source; the first that a file has is taken.
    #[serde(default)]
    pub or: Vec<String>,
    /// Key of the attribute.
    pub to: String,
    /// Unit of its numbers, where it is not the base unit of the attribute.
    #[serde(default)]
    pub unit: Option<String>,
    /// What single values of the field mean.
    #[serde(default)]
    pub values: BTreeMap<String, String>,
    /// What to do with a value that `values` does not list.
    #[serde(default)]
    pub others: Others,
    /// Only given to new records: later the park's own word counts, not the file's (states above all).
    #[serde(default)]
    pub once: bool,
    /// Somebody named the field for this very file, so the file must have it. A mapping serves many files, and their rows may lack a field.
    #[serde(skip)]
    pub required: bool,
}

/// What to do with a value that a rule does not list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Others {
    /// Read as it stands.
    #[default]
    Keep,
    /// Left unknown.
    Skip,
    /// The row is refused.
    Refuse,
}

/// The mappings of `data/mappings`.
const BUILTIN: [(&str, &str); 5] = [
    ("hangzhou", include_str!("../../../data/mappings/hangzhou.toml")),
    ("massgis", include_str!("../../../data/mappings/massgis.toml")),
    ("nantong", include_str!("../../../data/mappings/nantong.toml")),
    ("tochigi", include_str!("../../../data/mappings/tochigi.toml")),
    ("tokyo", include_str!("../../../data/mappings/tokyo.toml")),
];

/// Why a mapping cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MappingError {
    /// Not TOML, or not the form of a mapping.
    #[error("{0}")]
    Form(String),
    /// A target that the collection does not have, or that is computed.
    #[error("{from} -> {to}: given an attribute that {collection} cannot be given, expected one of {expected}")]
    Target {
        /// Field.
        from: String,
        /// Attribute as given.
        to: String,
        /// The collection.
        collection: String,
        /// Its attributes.
        expected: String,
    },
    /// A field that the file does not have.
    #[error("given the field {given}, expected one of {expected}")]
    Field {
        /// As given.
        given: String,
        /// Fields of the file.
        expected: String,
    },
    /// Nothing says what the records' codes are.
    #[error("given no field that tells records apart, expected a template of the code, such as --code {{ID}}; fields: {fields}")]
    NoCode {
        /// Fields of the file.
        fields: String,
    },
}

impl Mapping {
    /// Reads a mapping file.
    pub fn parse(text: &str) -> Result<Self, MappingError> {
        toml::from_str(text).map_err(|error| MappingError::Form(error.to_string().trim().to_owned()))
    }

    /// A mapping that is compiled in, by its name; `None` when there is none of this name.
    pub fn builtin(name: &str) -> Option<Result<Self, MappingError>> {
        BUILTIN
            .iter()
            .find(|(builtin, _)| *builtin == name)
            .map(|(_, text)| Self::parse(text))
    }

    /// Names of the mappings that are compiled in.
    pub fn builtin_names() -> impl Iterator<Item = &'static str> {
        BUILTIN.iter().map(|(name, _)| *name)
    }

    /// Adds a rule given as `FIELD=attribute` or `FIELD=attribute:unit`; it takes the place of rules with the same target.
    pub fn add(&mut self, text: &str) -> Result<(), MappingError> {
        let form = || MappingError::Form(format!("given {text}, expected FIELD=attribute or FIELD=attribute:unit"));
        let (from, target) = text.rsplit_once('=').ok_or_else(form)?;
        let (to, unit) = target
            .split_once(':')
            .map_or((target, None), |(to, unit)| (to, Some(unit.to_owned())));
        if from.trim().is_empty() || to.trim().is_empty() {
            return Err(form());
        }
        self.fields.retain(|rule| rule.to != to.trim());
        self.fields.push(Rule {
            unit,
            required: true,
            ..Rule::new(from.trim(), to.trim())
        });
        Ok(())
    }

    /// What the catalogue's headings and short field names tell about fields that nothing else is said of.
    pub(super) fn add_known(&mut self, catalogue: &Catalogue, collection: &str, fields: &[String]) {
        for field in fields {
            if self.fields.iter().any(|rule| rule.from == *field) {
                continue;
            }
            let targets = catalogue.attributes_of(collection).filter(|attribute| is_settable(attribute));
            let mut free = targets.filter(|attribute| !self.fields.iter().any(|rule| rule.to == attribute.key.as_str()));
            if let Some(attribute) = free.find(|attribute| is_named(attribute, field)) {
                let rule = Rule {
                    unit: unit_in(field).filter(|unit| is_unit(catalogue, attribute, unit)),
                    ..Rule::new(field, attribute.key.as_str())
                };
                self.fields.push(rule);
            }
        }
    }

    /// The mapping for a file: of other names of a field those that the file has, and only templates whose fields it has, where it lists all of its fields.
    pub(super) fn fit(&mut self, fields: &Fields) -> Result<(), MappingError> {
        for rule in &mut self.fields {
            if !fields.has(&rule.from)
                && let Some(other) = rule.or.iter().find(|other| fields.has(other))
            {
                rule.from.clone_from(other);
            }
        }
        let missing = |given: &str| MappingError::Field {
            given: given.to_owned(),
            expected: fields.names.join(", "),
        };
        let lacks = |name: &&str| !fields.has(name) && fields.are_listed;
        let absent = self
            .fields
            .iter()
            .find(|rule| lacks(&rule.from.as_str()) || (rule.required && !fields.has(&rule.from)));
        if let Some(rule) = absent {
            return Err(missing(&rule.from));
        }
        let lacking = |template: &String| fields_of(template).find(lacks).map(str::to_owned);
        let first = self.code.iter().find_map(lacking);
        self.code.retain(|template| lacking(template).is_none());
        match first {
            Some(field) if self.code.is_empty() => Err(missing(&field)),
            _ => Ok(()),
        }
    }

    /// Fields that the file must have because somebody named them for it.
    pub(super) fn required(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().filter(|rule| rule.required).map(|rule| rule.from.as_str())
    }

    /// What becomes of a field: the attributes that it gives, and the code.
    pub(super) fn targets(&self, field: &str) -> Option<String> {
        let code = self.code.iter().any(|template| fields_of(template).any(|name| name == field));
        let attributes = self.fields.iter().filter(|rule| rule.from == field).map(|rule| rule.to.as_str());
        let targets: Vec<_> = code.then_some("code").into_iter().chain(attributes).collect();
        Some(targets.join(", ")).filter(|targets| !targets.is_empty())
    }
}

/// Fields that a template reads.
fn fields_of(template: &str) -> impl Iterator<Item = &str> {
    pieces(template).into_iter().filter_map(|piece| match piece {
        Piece::Field(name) if name != GEOMETRY => Some(name),
        Piece::Field(_) | Piece::Text(_) => None,
    })
}

impl Rule {
    fn new(from: &str, to: &str) -> Self {
        Self {
            from: from.to_owned(),
            or: Vec::new(),
            to: to.to_owned(),
            unit: None,
            values: BTreeMap::new(),
            others: Others::default(),
            once: false,
            required: false,
        }
    }
}

/// The name by which a template calls the outline.
pub(super) const GEOMETRY: &str = "geometry";

/// A piece of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    Text(&'a str),
    Field(&'a str),
}

/// `P-{ID}` is a text and a field. A brace without its twin is text.
pub(super) fn pieces(template: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, behind)) = after.split_once('}') else { break };
        pieces.extend([Piece::Text(before), Piece::Field(name)]);
        rest = behind;
    }
    pieces.push(Piece::Text(rest));
    pieces.retain(|piece| *piece != Piece::Text(""));
    pieces
}

/// What is always computed nobody gives.
pub(super) fn is_settable(attribute: &Attribute) -> bool {
    attribute
        .derived
        .as_ref()
        .is_none_or(crate::domain::catalogue::Derivation::needs_units)
}

/// The catalogue's own names for a field: headings of ledgers, short names of tables, the key, with or without a unit behind.
fn is_named(attribute: &Attribute, field: &str) -> bool {
    let bare = field.split(['(', '（']).next().unwrap_or(field).trim();
    let is = |name: &str| name == field || name.eq_ignore_ascii_case(bare);
    let names = [&attribute.names.zh, &attribute.names.en, &attribute.names.de];
    is(attribute.key.as_str()) || attribute.headings.iter().chain(&attribute.dbf).chain(names).any(|name| is(name))
}

/// `亩` of `面积(亩)`.
fn unit_in(field: &str) -> Option<String> {
    let (_, unit) = field.split_once(['(', '（'])?;
    Some(unit.trim_end_matches([')', '）']).trim().to_owned())
}

fn is_unit(catalogue: &Catalogue, attribute: &Attribute, unit: &str) -> bool {
    let quantity = attribute.measure().and_then(|measure| catalogue.quantity(&measure.quantity));
    quantity.is_some_and(|quantity| quantity.unit_written(unit).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_come_apart() {
        assert_eq!(
            pieces("P-{ID}/{n}x"),
            [
                Piece::Text("P-"),
                Piece::Field("ID"),
                Piece::Text("/"),
                Piece::Field("n"),
                Piece::Text("x")
            ]
        );
        assert_eq!(pieces("{"), [Piece::Text("{")]);
    }

    #[test]
    fn headings_and_short_names_of_the_catalogue_are_known() {
        let catalogue = Catalogue::builtin().unwrap();
        let mut mapping = Mapping::default();
        let fields = ["DKBH", "地块名称", "面积(亩)", "RJL", "status", "nonsense", "area"].map(str::to_owned);
        mapping.add_known(&catalogue, "parcels", &fields);
        let found: Vec<_> = mapping
            .fields
            .iter()
            .map(|rule| (rule.from.as_str(), rule.to.as_str(), rule.unit.as_deref()))
            .collect();
        assert_eq!(
            found,
            [
                ("地块名称", "name", None),
                ("面积(亩)", "area_declared", Some("亩")),
                ("RJL", "plot_ratio", None),
                ("status", "status", None)
            ]
        );
    }

    #[test]
    fn what_is_said_on_the_command_line_comes_first() {
        let mut mapping = Mapping::parse("code = ['{A}']\n[[field]]\nfrom = 'X'\nto = 'name'").unwrap();
        mapping.add("GROSS=area_declared:ha").unwrap();
        mapping.add("Y=name").unwrap();
        let found: Vec<_> = mapping
            .fields
            .iter()
            .map(|rule| (rule.from.as_str(), rule.to.as_str(), rule.unit.as_deref()))
            .collect();
        assert_eq!(found, [("GROSS", "area_declared", Some("ha")), ("Y", "name", None)]);
        assert!(mapping.add("nothing").is_err());
        assert!(Mapping::parse("[[field]]\nfrom = 'X'\nto = 'name'\nunti = 'ha'").is_err());
    }
}
