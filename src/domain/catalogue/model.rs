//! The shape of the catalogue in memory.
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::domain::ids::{AttributeKey, CollectionKey};
use crate::domain::lifecycle::Lifecycle;
use crate::domain::names::Names;
use crate::domain::viewer::{Role, Visibility};

/// The whole catalogue. Immutable once loaded; replaced as a whole when an overlay is added.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    /// Carriers first (`parcels`, `buildings`, `units`), then overlays.
    pub collections: Vec<Collection>,
    /// In the order in which people see them. One entry may serve several collections.
    pub attributes: Vec<Arc<Attribute>>,
    /// Code lists by key (`guide2023`, `gb50137`, `gbt21010`, `fire_class`, `structure`, ...). The states of a life-cycle are a list too.
    pub code_lists: BTreeMap<Arc<str>, Arc<CodeList>>,
    /// Life-cycle of the attribute `status`, by collection.
    pub lifecycles: BTreeMap<CollectionKey, Arc<Lifecycle>>,
    /// Quantities with their units: `area`, `length`, `power`, `load`, `rent`, ...
    pub quantities: BTreeMap<Arc<str>, Arc<Quantity>>,
    /// Headings under which attributes are grouped on cards, in order: key and names.
    pub groups: Vec<(Arc<str>, Names)>,
    /// What the text attributes of overlays look like.
    pub overlay_fields: OverlayFields,
    /// Photos that surveyors are asked for, by collection, in order.
    pub photos: BTreeMap<CollectionKey, Vec<PhotoWanted>>,
    /// Attributes by collection and key, made from `attributes`.
    pub(super) lookup: HashMap<CollectionKey, HashMap<AttributeKey, Arc<Attribute>>>,
}

/// What the text attributes of overlays look like: their names come with the layer, the rest is said here.
#[derive(Clone, Debug, Default)]
pub struct OverlayFields {
    /// Key of their group.
    pub group: Arc<str>,
    /// Longest text, characters.
    pub max_chars: usize,
    /// Who may see them, where the overlay is not part of the base map (those are public).
    pub visibility: Visibility,
    /// Said as their help.
    pub help: Names,
}

/// A photo that surveyors are asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PhotoWanted {
    /// What it shows.
    pub key: Arc<str>,
    /// What people call it.
    pub names: Names,
    /// Whether a visit that has seen its target is not complete without it.
    pub required: bool,
}

/// A collection of records.
#[derive(Clone, Debug)]
pub struct Collection {
    /// `parcels`, `buildings`, `units` or an overlay's key.
    pub key: CollectionKey,
    /// What people call it.
    pub names: Names,
    /// `Some` for an overlay.
    pub overlay: Option<Overlay>,
}

/// Field of an overlay's feature that says for which industries its rule holds: codes of GB/T 4754 such as `C25,C26`, separated by commas. Without it the
/// rule holds for all. It is public, because the answer to any requirement shows what it says.
pub const INDUSTRIES: &str = "industries";

/// What makes a collection an overlay.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Overlay {
    /// What lying inside it means for a site.
    pub effect: Effect,
    /// Width added around its shapes before testing, metres.
    pub buffer_m: f64,
    /// Where it comes from.
    pub source: String,
    /// Drawn as part of the base map (water, roads, places).
    pub base_map: bool,
}

/// What lying inside an overlay means for a site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// Cannot be built on.
    Exclude,
    /// Not for every industry.
    Restrict,
    /// Worth a look.
    Warn,
    /// Only said.
    Info,
}

/// One attribute.
#[derive(Clone, Debug)]
pub struct Attribute {
    /// `[a-z][a-z0-9_]*`; not ending in `_min`, `_max`, `_unit`, `_unknown`, `_scheme`, `_tax`, which are search parameters.
    pub key: AttributeKey,
    /// Collections that have it.
    pub collections: Vec<CollectionKey>,
    /// What its values are.
    pub kind: Kind,
    /// Its names.
    pub names: Names,
    /// One sentence of help.
    pub help: Names,
    /// Key of its group.
    pub group: Arc<str>,
    /// Standard and clause, or practice.
    pub source: Arc<str>,
    /// Who may see it.
    pub visibility: Visibility,
    /// Lowest role that may change it. Others' changes become proposals.
    pub editable_by: Role,
    /// What happens when two people change it at once.
    pub merge: MergePolicy,
    /// When anyone sees what was found on site, where anyone may see it at all.
    pub publish: Publish,
    /// Whether surveyors are asked for it.
    pub survey: Option<Asked>,
    /// Ledger headings it is read from.
    pub headings: Vec<Arc<str>>,
    /// DBF field names it is read from.
    pub dbf: Vec<Arc<str>>,
    /// Whether and in which direction it is a criterion.
    pub criterion: Option<Direction>,
    /// Shown as a facet in the search panel by default.
    pub facet: bool,
    /// Carried by vector tiles.
    pub tile: bool,
    /// Flag that says that it can be raised where it is too little.
    pub raised_by: Option<AttributeKey>,
    /// What it will be, when that is known.
    pub later: Option<Later>,
    /// For a price: how it is told whether tax is in it.
    pub tax: Option<Taxed>,
    /// For a number: another attribute that tells of the same fact, and how far the two may be apart before a person has to look.
    pub agrees_with: Option<Agreement>,
    /// Computed from others whenever the record is written; then nobody may set it, except where it comes from units and there are none.
    pub derived: Option<Derivation>,
}

/// Where a future value is kept.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Later {
    /// Attribute that holds the value: of the same kind and quantity.
    pub value: AttributeKey,
    /// Date attribute that says from when it holds.
    pub on: AttributeKey,
}

/// Another number for the same fact.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agreement {
    /// The other attribute, of the same collections and quantity.
    pub attribute: AttributeKey,
    /// How far the two may be apart, percent of the other.
    pub percent: f64,
}

/// How it is told whether tax is in a price.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Taxed {
    /// Flag that says that it is.
    pub flag: AttributeKey,
    /// Rate, percent of the price without tax.
    pub percent: f64,
}

/// Kind of an attribute's values.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// A number with a quantity; stored in the quantity's base unit.
    Number(Measure),
    /// An interval of numbers.
    Range(Measure),
    /// A code of a list.
    Code {
        /// Key of the list.
        list: Arc<str>,
    },
    /// Yes or no.
    Flag,
    /// Free text.
    Text {
        /// Longest text, characters.
        max_chars: usize,
    },
    /// A day.
    Date,
}

/// How a number is measured and what is plausible.
#[derive(Clone, Debug, PartialEq)]
pub struct Measure {
    /// Key of the quantity.
    pub quantity: Arc<str>,
    /// Smallest possible value, base unit.
    pub min: f64,
    /// Largest possible value, base unit.
    pub max: f64,
    /// Digits after the point when shown in the base unit.
    pub decimals: u8,
}

/// A quantity and the units it may be given in.
#[derive(Clone, Debug)]
pub struct Quantity {
    /// `area`, `length`, `ratio`, `percent`, `load`, `power`, `mass`, `count`, `money`, `rent`, ...
    pub key: Arc<str>,
    /// The base unit first.
    pub units: Vec<Unit>,
}

/// A unit of a quantity.
#[derive(Clone, Debug, PartialEq)]
pub struct Unit {
    /// ASCII key used in parameters: `m2`, `mu`, `ha`, `t_per_m2`.
    pub key: Arc<str>,
    /// What people see: `m²`, `亩`.
    pub names: Names,
    /// Other spellings in ledgers: `平方米`, `㎡`.
    pub aliases: Vec<Arc<str>>,
    /// Base units in one of this unit (1 mu = 2000/3 m²).
    pub factor: f64,
}

/// Codes of other lists by other list and own code.
pub type Mapping = BTreeMap<(Arc<str>, Arc<str>), Vec<Arc<str>>>;

/// A list of codes; a tree when codes have parents; ordered when the order means something.
#[derive(Clone, Debug)]
pub struct CodeList {
    /// Its key.
    pub key: Arc<str>,
    /// Its names.
    pub names: Names,
    /// Standard it comes from.
    pub source: Arc<str>,
    /// Whether earlier codes are "more" (fire hazard: 甲 before 乙), so that "at least" has a meaning.
    pub ordered: bool,
    /// In order. Parents before children.
    pub codes: Vec<Code>,
    /// For a land-use scheme: codes of other schemes that a code corresponds to, by (other scheme, own code).
    pub mapping: Mapping,
    /// Position of each code in `codes`.
    pub(super) positions: HashMap<Arc<str>, usize>,
}

/// One code.
#[derive(Clone, Debug)]
pub struct Code {
    /// The code itself.
    pub code: Arc<str>,
    /// Its parent in the tree.
    pub parent: Option<Arc<str>>,
    /// Its names.
    pub names: Names,
    /// `#rrggbb` for maps.
    pub colour: Option<Arc<str>>,
    /// Other words for it in ledgers.
    pub aliases: Vec<Arc<str>>,
}

/// What happens when two people change the same attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MergePolicy {
    /// Both are kept, a person decides.
    Conflict,
    /// The later observation wins, the other stays in the history.
    Latest,
    /// Texts are appended.
    Append,
}

/// When a value found on a visit becomes public.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Publish {
    /// Once somebody has approved it; until then the value before it stands.
    #[default]
    OnApproval,
    /// As soon as it is written.
    AtOnce,
}

/// How surveyors are asked for a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Asked {
    /// It is on the form.
    Asked,
    /// A visit that finds a change is not complete without it.
    Required,
}

/// In which direction a criterion is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// More is better.
    More,
    /// Less is better.
    Less,
    /// Only fits or does not.
    Fits,
}

/// How a derived attribute is computed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Derivation {
    /// Area in the 3-degree Gauss-Krueger zone of the shape, m².
    PlanarArea,
    /// Area on the CGCS2000 ellipsoid, m².
    EllipsoidalArea,
    /// Day of the latest observation on site (seen or measured) among the record's values. Only values count that all who see this attribute may see.
    LastSeen,
    /// The first of these attributes that is known.
    FirstOf(Vec<AttributeKey>),
    /// Sum over a building's units in an available state of this attribute of the unit. A building without units keeps what was set.
    SumOfAvailableUnits(AttributeKey),
    /// Building status from its units' status. A building without units keeps what was set.
    StatusOfUnits(UnitsStatus),
}

/// What a building's status is, by how many of its units are in an available state.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitsStatus {
    /// All of them.
    pub all: Arc<str>,
    /// Some of them.
    pub some: Arc<str>,
    /// None of them.
    pub none: Arc<str>,
}
