//! Shapefiles: `.shp` with `.dbf`, `.prj` and `.cpg` beside it, or all of them in a `.zip`.
//!
//! Read by our own code rather than by a crate: the sizes in its headers are not to be believed, tables come in Chinese encodings
//! that they do not declare, and each bad row has to be named while the good ones are kept.
//!
//! Deliberately absent: the index `.shx`, since the records are read in order; heights and measures; memo fields.
mod encoding;
mod parts;
mod rings;
mod shapes;
mod table;
#[cfg(test)]
mod tests;

use std::path::Path;

use super::georeference::Georeference;
use super::{BadFeature, Feature, Format, FormatError, Options, Place, Source};
use encoding::Declared;
use parts::Parts;
use shapes::Shapes;
use table::{Layout, Row, Table};

/// The format.
pub(super) struct Shapefile;

impl Format for Shapefile {
    fn name(&self) -> &'static str {
        "Shapefile"
    }

    fn endings(&self) -> &'static [&'static str] {
        &["shp", "zip"]
    }

    fn open(&self, path: &Path, options: &Options) -> Result<Source, FormatError> {
        let parts = Parts::find(path, options)?;
        let missing = || FormatError::broken(Place::File, "no .shp", "a .shp");
        let shapes = Shapes::open(parts.open("shp")?.ok_or_else(missing)?, &options.limits)?;
        let mut notes = Vec::new();
        let georeference = georeference(&parts, &shapes, options, &mut notes)?;
        let table = open_table(&parts, options, &mut notes)?;
        Ok(Source {
            format: self.name(),
            fields: table.as_ref().map(|(table, _)| table.names().to_vec()).unwrap_or_default(),
            crs: georeference.name().to_owned(),
            notes,
            count_hint: table.as_ref().map(|(_, rows)| *rows),
            features: Box::new(Reader {
                shapes,
                table: table.map(|(table, _)| table),
                georeference,
                max_features: options.limits.max_features,
                count: 0,
                is_done: false,
            }),
        })
    }
}

fn georeference(parts: &Parts, shapes: &Shapes, options: &Options, notes: &mut Vec<String>) -> Result<Georeference, FormatError> {
    if let Some(asked) = &options.crs {
        return Georeference::by_name(asked);
    }
    if let Some(prj) = parts.text("prj")? {
        return Georeference::from_prj(&prj);
    }
    let [west, south, east, north] = shapes.bounds;
    // Written so that NaN, as in the header of an empty file, is no place either.
    let may_be_degrees = [west, east].iter().all(|x| x.abs() <= 180.0) && [south, north].iter().all(|y| y.abs() <= 90.0);
    if !may_be_degrees {
        return Err(FormatError::Crs {
            given: format!("none (no .prj), with bounds {west} {south} {east} {north}"),
            expected: "a .prj, or the reference system named on import".to_owned(),
        });
    }
    notes.push("no .prj: its bounds are taken as longitude and latitude".to_owned());
    Ok(Georeference::lon_lat())
}

/// The table and its number of rows.
fn open_table(parts: &Parts, options: &Options, notes: &mut Vec<String>) -> Result<Option<(Table, u64)>, FormatError> {
    let Some(mut input) = parts.open("dbf")? else {
        notes.push("no .dbf: the shapes have no values".to_owned());
        return Ok(None);
    };
    let layout = Layout::read(&mut input, &options.limits)?;
    let cpg = parts.text("cpg")?;
    let encoding = match encoding::declared(options.encoding.as_deref(), cpg.as_deref(), layout.language_byte)? {
        Declared::As(encoding, from) => {
            notes.push(format!("texts in {}, {from}", encoding.name()));
            encoding
        }
        Declared::Nothing => {
            let encoding = layout.guess_encoding(&mut input)?;
            notes.push(format!("texts in {}, by their bytes", encoding.name()));
            // The look has used up the rows.
            if let Some(again) = parts.open("dbf")? {
                input = again;
                Layout::read(&mut input, &options.limits)?;
            }
            encoding
        }
    };
    let unread = layout.unread_fields();
    if !unread.is_empty() {
        notes.push(format!("fields not read: {}", unread.join(", ")));
    }
    let rows = layout.rows;
    Ok(Some((Table::new(input, layout, encoding), rows)))
}

struct Reader {
    shapes: Shapes,
    table: Option<Table>,
    georeference: Georeference,
    max_features: u64,
    count: u64,
    is_done: bool,
}

impl Iterator for Reader {
    type Item = Result<Feature, BadFeature>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.is_done {
            match self.read_next() {
                Ok(Step::Deleted) => {}
                Ok(Step::Feature(feature)) => return Some(feature),
                Ok(Step::End) => self.is_done = true,
                Err(error) => {
                    self.is_done = true;
                    return Some(Err(error.into()));
                }
            }
        }
        None
    }
}

enum Step {
    Feature(Result<Feature, BadFeature>),
    /// A row that is marked as deleted.
    Deleted,
    End,
}

impl Reader {
    fn read_next(&mut self) -> Result<Step, FormatError> {
        let Some(record) = self.shapes.next_record()? else {
            return self.check_table_ends();
        };
        let place = self.shapes.place();
        self.count += 1;
        if self.count > self.max_features {
            return Err(FormatError::Limit {
                place,
                limit: "features of a file",
                allowed: self.max_features,
                given: "more".to_owned(),
            });
        }
        let values = match self.table.as_mut().map(Table::next_row).transpose()? {
            None => Ok(Vec::new()),
            Some(Row::Kept(values)) => values,
            Some(Row::Deleted) => return Ok(Step::Deleted),
            Some(Row::Missing) => Err(BadFeature::new(place, "no row in the .dbf", "a row for each shape")),
        };
        Ok(Step::Feature(self.join(place, record, values)))
    }

    fn join(&self, place: Place, record: shapes::Record, values: Result<table::Values, BadFeature>) -> Result<Feature, BadFeature> {
        let geometry = record?.map(|shape| self.georeference.to_lon_lat(shape, place)).transpose()?;
        Ok(Feature {
            place,
            geometry,
            properties: values?,
        })
    }

    /// Rows without a shape would be lost silently.
    fn check_table_ends(&mut self) -> Result<Step, FormatError> {
        match self.table.as_mut().map(Table::next_row).transpose()? {
            None | Some(Row::Missing) => Ok(Step::End),
            Some(Row::Deleted | Row::Kept(_)) => Err(FormatError::broken(
                Place::Row(self.count + 1),
                "a row in the .dbf without a shape",
                "as many shapes as rows",
            )),
        }
    }
}
