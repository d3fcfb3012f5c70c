//! Bytes of vector files: one file (or folder) per format behind [`Format`], and the registry [`FORMATS`].
//!
//! A reader gives features one by one, in lon/lat degrees, and says of each bad one where it stands, what was given and what was expected.
//! Nothing here panics or allocates on the word of a file: every size is checked against [`Limits`] first.
//! A new format is its file and one line in [`FORMATS`].
//!
//! Deliberately absent: what the fields mean (`inventory::import` maps them) and whether a shape is valid
//! ([`crate::domain::geometry`] says so).
//!
//! Read in this order: this file, [`error`](FormatError), [`Limits`], then a format.
mod error;
mod geojson;
mod geopackage;
mod georeference;
mod input;
mod limits;
mod shapefile;

use std::path::Path;

use geo_types::Geometry;

pub use error::{BadFeature, FormatError, Place};
pub use limits::Limits;

/// One format.
pub trait Format: Sync {
    /// What people call it.
    fn name(&self) -> &'static str;
    /// Endings of its files' names, lower case, without the dot.
    fn endings(&self) -> &'static [&'static str];
    /// Opens a file of it.
    fn open(&self, path: &Path, options: &Options) -> Result<Source, FormatError>;
}

/// Every format that can be read.
pub static FORMATS: &[&dyn Format] = &[&geojson::GeoJson, &geopackage::GeoPackage, &shapefile::Shapefile];

/// How to read a file.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// What it may ask of the machine.
    pub limits: Limits,
    /// Layer to read, for files with several.
    pub layer: Option<String>,
    /// Reference system as `EPSG:4528`, for files that do not say theirs, or say a wrong one.
    pub crs: Option<String>,
    /// Encoding of texts (`GB18030`), for files that do not say theirs, or say a wrong one.
    pub encoding: Option<String>,
}

impl Options {
    /// For formats whose texts are always UTF-8.
    fn expect_utf8(&self) -> Result<(), FormatError> {
        let is_utf8 = |given: &&String| ["utf-8", "utf8"].iter().any(|name| given.eq_ignore_ascii_case(name));
        match self.encoding.as_ref().filter(|given| !is_utf8(given)) {
            None => Ok(()),
            Some(given) => Err(FormatError::Unsuited {
                option: "encoding",
                given: given.clone(),
                reason: "texts of this format are always UTF-8",
            }),
        }
    }

    /// For formats without layers.
    fn expect_no_layer(&self) -> Result<(), FormatError> {
        match &self.layer {
            None => Ok(()),
            Some(given) => Err(FormatError::Unsuited {
                option: "layer",
                given: given.clone(),
                reason: "this format has no layers",
            }),
        }
    }
}

/// An opened file.
pub struct Source {
    /// Name of the format.
    pub format: &'static str,
    /// Names of the fields, in order, where the file lists them before its features.
    pub fields: Vec<String>,
    /// Reference system of the file's coordinates in words; features come in lon/lat all the same.
    pub crs: String,
    /// What a person should know about how it is read: a guessed encoding, skipped deleted rows.
    pub notes: Vec<String>,
    /// About how many features will come, for a progress bar.
    pub count_hint: Option<u64>,
    /// The features in order.
    pub features: Features,
}

/// Features, good and bad, in the order of the file. Ends after a bad one that [ends the file](BadFeature::ends_file).
pub type Features = Box<dyn Iterator<Item = Result<Feature, BadFeature>> + Send>;

/// One feature.
#[derive(Clone, Debug, PartialEq)]
pub struct Feature {
    /// Where it begins.
    pub place: Place,
    /// Its outline, lon/lat degrees; not yet checked for validity.
    pub geometry: Option<Geometry<f64>>,
    /// Its values in the order of the file. An `id` of the feature itself is the field `id` where there is none of this name.
    pub properties: Vec<(String, serde_json::Value)>,
}

/// Opens a file by the ending of its name (a `.gz` behind it does not count).
pub fn read(path: &Path, options: &Options) -> Result<Source, FormatError> {
    let name = input::name_of(path).to_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    match FORMATS.iter().find(|format| format.endings().contains(&ending)) {
        Some(format) => format.open(path, options),
        None => Err(FormatError::Unknown {
            file: input::name_of(path),
            expected: known_formats(),
        }),
    }
}

fn known_formats() -> String {
    let one = |format: &&dyn Format| format!("{} (.{})", format.name(), format.endings().join(", ."));
    FORMATS.iter().map(one).collect::<Vec<_>>().join(", ")
}
