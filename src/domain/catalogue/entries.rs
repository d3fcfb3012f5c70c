//! The shape of the catalogue's files. Every file may hold entries of every kind; unknown fields are refused.
use serde::Deserialize;
use toml::Spanned;

use super::model::{Agreement, Asked, Derivation, Direction, MergePolicy, Publish, Taxed};
use crate::domain::lifecycle::Availability;
use crate::domain::names::Names;
use crate::domain::viewer::{Role, Visibility};

/// One file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct File {
    pub collection: Vec<CollectionEntry>,
    pub group: Vec<GroupEntry>,
    pub quantity: Vec<QuantityEntry>,
    pub list: Vec<ListEntry>,
    pub mapping: Vec<MappingEntry>,
    pub lifecycle: Vec<LifecycleEntry>,
    pub attribute: Vec<AttributeEntry>,
    pub overlay_fields: Option<OverlayFieldsEntry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CollectionEntry {
    pub key: Spanned<String>,
    pub names: Spanned<Names>,
    #[serde(default)]
    pub photos: Vec<PhotoEntry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhotoEntry {
    pub key: Spanned<String>,
    pub names: Spanned<Names>,
    #[serde(default)]
    pub required: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupEntry {
    pub key: Spanned<String>,
    pub names: Spanned<Names>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OverlayFieldsEntry {
    pub group: Spanned<String>,
    pub max_chars: Spanned<usize>,
    pub visibility: Visibility,
    pub help: Spanned<Names>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuantityEntry {
    pub key: Spanned<String>,
    pub unit: Vec<UnitEntry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitEntry {
    pub key: Spanned<String>,
    pub names: Spanned<Names>,
    pub factor: Spanned<Factor>,
    #[serde(default)]
    pub aliases: Vec<String>,
}

/// A factor as a number or as a fraction, so that 2000/3 need not be rounded by hand.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(untagged)]
pub enum Factor {
    Number(f64),
    Fraction([f64; 2]),
}

impl Factor {
    pub fn value(self) -> f64 {
        match self {
            Self::Number(factor) => factor,
            Self::Fraction([above, below]) => above / below,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListEntry {
    pub key: Spanned<String>,
    pub names: Spanned<Names>,
    pub source: String,
    #[serde(default)]
    pub ordered: bool,
    /// A code's parent is the longest code that it begins with, where no parent is given.
    #[serde(default)]
    pub prefix_tree: bool,
    pub codes: Vec<CodeEntry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeEntry {
    pub code: Spanned<String>,
    pub parent: Option<Spanned<String>>,
    pub zh: String,
    pub en: String,
    pub de: String,
    pub colour: Option<Spanned<String>>,
    #[serde(default)]
    pub aliases: Vec<String>,
}

/// Codes of different lists that mean the same: each row names one code per list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MappingEntry {
    pub source: String,
    pub rows: Vec<Spanned<std::collections::BTreeMap<String, String>>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LifecycleEntry {
    pub key: Spanned<String>,
    pub names: Spanned<Names>,
    #[serde(rename = "in")]
    pub collections: Vec<Spanned<String>>,
    pub source: String,
    pub states: Vec<StateEntry>,
    pub transitions: Vec<TransitionEntry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StateEntry {
    pub code: Spanned<String>,
    pub zh: String,
    pub en: String,
    pub de: String,
    pub availability: Availability,
    pub colour: Spanned<String>,
    #[serde(default)]
    pub aliases: Vec<String>,
    pub lapses_on: Option<Spanned<String>>,
    pub lapses_to: Option<Spanned<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransitionEntry {
    pub from: Spanned<String>,
    pub to: Spanned<String>,
    pub zh: String,
    pub en: String,
    pub de: String,
    #[serde(default)]
    pub needs: Vec<Spanned<String>>,
    pub role: Role,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KindEntry {
    Number,
    Range,
    Code,
    Flag,
    Text,
    Date,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttributeEntry {
    pub key: Spanned<String>,
    #[serde(rename = "in")]
    pub collections: Vec<Spanned<String>>,
    pub kind: KindEntry,
    pub quantity: Option<Spanned<String>>,
    pub min: Option<f64>,
    pub max: Option<f64>,
    pub decimals: Option<u8>,
    pub list: Option<Spanned<String>>,
    pub max_chars: Option<usize>,
    pub names: Spanned<Names>,
    pub help: Spanned<Names>,
    pub group: Spanned<String>,
    pub source: Spanned<String>,
    pub visibility: Visibility,
    pub editable_by: Role,
    pub merge: MergePolicy,
    #[serde(default)]
    pub publish: Publish,
    pub survey: Option<Asked>,
    #[serde(default)]
    pub headings: Vec<Spanned<String>>,
    #[serde(default)]
    pub dbf: Vec<Spanned<String>>,
    pub criterion: Option<Direction>,
    #[serde(default)]
    pub facet: bool,
    #[serde(default)]
    pub tile: bool,
    pub raised_by: Option<Spanned<String>>,
    pub tax: Option<Spanned<Taxed>>,
    pub agrees_with: Option<Spanned<Agreement>>,
    pub derived: Option<Spanned<Derivation>>,
}
