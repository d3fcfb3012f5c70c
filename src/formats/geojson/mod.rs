//! GeoJSON (RFC 7946): a collection, a single feature or geometry, or one object per line or record (RFC 8142), gzip or not.
//!
//! Features are found by walking over brackets ([`scan`]) and read one at a time ([`object`]), so memory does not grow with the file.
mod coordinates;
mod fault;
mod object;
mod root;
mod scan;
#[cfg(test)]
mod tests;

use std::path::Path;

use super::georeference::Georeference;
use super::{BadFeature, Feature, Format, FormatError, Limits, Options, Place, Source, input};
use object::Role;
use root::Root;
use scan::{RECORD_SEPARATOR, Scanner, Taken};

/// The format.
pub(super) struct GeoJson;

impl Format for GeoJson {
    fn name(&self) -> &'static str {
        "GeoJSON"
    }

    fn endings(&self) -> &'static [&'static str] {
        &["geojson", "json", "geojsonl", "geojsons", "geojsonseq", "jsonl", "ndjson"]
    }

    fn open(&self, path: &Path, options: &Options) -> Result<Source, FormatError> {
        options.expect_utf8()?;
        options.expect_no_layer()?;
        let name = input::name_of(path);
        let text = input::open_text(path, &options.limits)?;
        let mut scanner = Scanner::new(text, name.clone(), options.limits.clone());
        scanner.skip_byte_order_mark()?;
        let first = scanner.skip_space()?;
        let body = if first == Some(RECORD_SEPARATOR) {
            Body::Records {
                separator: RECORD_SEPARATOR,
            }
        } else if is_line_delimited(&name) {
            Body::Records { separator: b'\n' }
        } else {
            Body::Root(Root::open(&mut scanner)?)
        };
        let georeference = match (&options.crs, &body) {
            (Some(asked), _) => Georeference::by_name(asked)?,
            (None, Body::Root(root)) => root.georeference(),
            (None, Body::Records { .. } | Body::Done) => Georeference::lon_lat(),
        };
        Ok(Source {
            format: self.name(),
            fields: Vec::new(),
            crs: georeference.name().to_owned(),
            notes: Vec::new(),
            count_hint: None,
            features: Box::new(Reader {
                scanner,
                body,
                georeference,
                limits: options.limits.clone(),
                bytes: Vec::new(),
                count: 0,
            }),
        })
    }
}

/// By the ending: then a broken first line is one bad line, not a bad file.
fn is_line_delimited(name: &str) -> bool {
    let name = name.to_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    ["geojsonl", "geojsons", "geojsonseq", "jsonl", "ndjson"]
        .iter()
        .any(|ending| name.ends_with(&format!(".{ending}")))
}

/// What is left to read.
enum Body {
    /// A root object.
    Root(Root),
    /// One object per line or record.
    Records {
        /// Ends a record.
        separator: u8,
    },
    /// Nothing.
    Done,
}

struct Reader {
    scanner: Scanner,
    body: Body,
    georeference: Georeference,
    limits: Limits,
    bytes: Vec<u8>,
    count: u64,
}

impl Iterator for Reader {
    type Item = Result<Feature, BadFeature>;

    fn next(&mut self) -> Option<Self::Item> {
        let found = match self.find_next() {
            Ok(found) => found?,
            Err(error) => return Some(Err(self.end_with(error))),
        };
        self.count += 1;
        if self.count > self.limits.max_features {
            let error = FormatError::Limit {
                place: found.place,
                limit: "features of a file",
                allowed: self.limits.max_features,
                given: "more".to_owned(),
            };
            return Some(Err(self.end_with(error)));
        }
        Some(self.read(&found))
    }
}

/// One object whose bytes are in the buffer.
struct Found {
    place: Place,
    role: Role,
    taken: Taken,
}

impl Reader {
    fn end_with(&mut self, error: FormatError) -> BadFeature {
        self.body = Body::Done;
        error.into()
    }

    fn find_next(&mut self) -> Result<Option<Found>, FormatError> {
        match &mut self.body {
            Body::Done => Ok(None),
            Body::Records { separator } => find_record(&mut self.scanner, *separator, &mut self.bytes),
            Body::Root(root) => {
                if let Some((place, role, taken)) = root.next_value(&mut self.scanner, &mut self.bytes)? {
                    return Ok(Some(Found { place, role, taken }));
                }
                if root.is_collection() {
                    return match self.scanner.skip_space()? {
                        None => Ok(None),
                        other => Err(self.scanner.unexpected(other, "nothing behind the collection")),
                    };
                }
                self.body = Body::Records { separator: b'\n' };
                find_record(&mut self.scanner, b'\n', &mut self.bytes)
            }
        }
    }

    fn read(&self, found: &Found) -> Result<Feature, BadFeature> {
        match found.taken {
            Taken::Whole => {}
            Taken::TooLong => {
                let expected = format!("at most {} bytes", self.limits.max_feature_bytes);
                return Err(BadFeature::new(found.place, "a longer feature", expected));
            }
            Taken::TooDeep => {
                let expected = format!("at most {} levels", self.limits.max_depth);
                return Err(BadFeature::new(found.place, "deeper nesting", expected));
            }
        }
        let content =
            object::parse(&self.bytes, found.role, &self.limits).map_err(|error| fault::in_feature(&error, found.place, &self.bytes))?;
        let geometry = content.geometry.map(|geometry| self.georeference.to_lon_lat(geometry, found.place));
        Ok(Feature {
            place: found.place,
            geometry: geometry.transpose()?,
            properties: content.properties,
        })
    }
}

fn find_record(scanner: &mut Scanner, separator: u8, bytes: &mut Vec<u8>) -> Result<Option<Found>, FormatError> {
    loop {
        match scanner.skip_space()? {
            None => return Ok(None),
            Some(RECORD_SEPARATOR) => scanner.consume(1),
            Some(_) => break,
        }
    }
    let place = scanner.place();
    let taken = scanner.take_until(separator, bytes)?;
    Ok(Some(Found {
        place,
        role: Role::Any,
        taken,
    }))
}
