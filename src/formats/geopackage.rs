//! GeoPackage (OGC 12-128): one feature table of an SQLite file, opened read-only as something that nobody changes.
//!
//! Deliberately absent: tiles, curves, and what another program has not yet written back from its journal.
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use geo_types::{Coord, Geometry, LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags, OptionalExtension, Row};
use serde_json::Value;

use super::georeference::Georeference;
use super::{BadFeature, Feature, Format, FormatError, Limits, Options, Place, Source, input};
use crate::domain::geometry::wkb;

/// The format.
pub(super) struct GeoPackage;

/// Features that may wait between the thread that reads the file and the one that uses them.
const FEATURES_AHEAD: usize = 256;

impl Format for GeoPackage {
    fn name(&self) -> &'static str {
        "GeoPackage"
    }

    fn endings(&self) -> &'static [&'static str] {
        &["gpkg"]
    }

    fn open(&self, path: &Path, options: &Options) -> Result<Source, FormatError> {
        options.expect_utf8()?;
        let connection = connect(path, options)?;
        let layer = Layer::choose(&connection, options)?;
        let count = connection
            .query_row(&format!("SELECT count(*) FROM {}", quoted(&layer.table)), [], |row| {
                row.get::<_, i64>(0)
            })
            .map_err(broken)?;
        let crs = layer.georeference.name().to_owned();
        let fields = layer.fields.iter().map(|field| field.name.clone()).collect();
        let (sender, receiver) = sync_channel(FEATURES_AHEAD);
        let limits = options.limits.clone();
        std::thread::Builder::new()
            .name("geopackage reader".to_owned())
            .spawn(move || layer.read(&connection, &limits, &sender))
            .map_err(|error| FormatError::from_io(&input::name_of(path), &error))?;
        Ok(Source {
            format: self.name(),
            fields,
            crs,
            notes: Vec::new(),
            count_hint: u64::try_from(count).ok(),
            features: Box::new(Reader(receiver)),
        })
    }
}

/// SQLite's rows borrow from their connection, so a thread of its own walks over them.
struct Reader(Receiver<Result<Feature, BadFeature>>);

impl Iterator for Reader {
    type Item = Result<Feature, BadFeature>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.recv().ok()
    }
}

#[expect(clippy::needless_pass_by_value, reason = "given to `map_err`")]
fn broken(error: rusqlite::Error) -> FormatError {
    FormatError::broken(Place::File, error.to_string(), "a sound GeoPackage")
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn connect(path: &Path, options: &Options) -> Result<Connection, FormatError> {
    check_length(input::open_file(path, &options.limits)?, &input::name_of(path))?;
    let journal = path.with_file_name(format!("{}-wal", input::name_of(path)));
    if journal.metadata().is_ok_and(|about| about.len() > 0) {
        return Err(FormatError::broken(
            Place::File,
            format!("changes in {} that are not yet in the file", input::name_of(&journal)),
            "a file that no other program has open",
        ));
    }
    let escaped: String = path.to_string_lossy().chars().map(escape_in_uri).collect();
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(format!("file:{escaped}?immutable=1"), flags).map_err(broken)?;
    connection
        .execute_batch("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;")
        .map_err(broken)?;
    Ok(connection)
}

/// SQLite takes what is missing of its last pages for zeros, so a file cut short could pass for a smaller one.
fn check_length(mut file: File, name: &str) -> Result<(), FormatError> {
    let mut head = [0; 100];
    let unreadable = |error| FormatError::from_io(name, &error);
    file.read_exact(&mut head).map_err(unreadable)?;
    let number = |at: usize| u64::from(u32::from_be_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]));
    // The file format's own rules: 1 stands for 65,536, and the number of pages counts only when 24 and 92 agree.
    let page_bytes = match u16::from_be_bytes([head[16], head[17]]) {
        1 => 65_536,
        bytes => u64::from(bytes),
    };
    let (given, promised) = (file.metadata().map_err(unreadable)?.len(), page_bytes * number(28));
    if number(24) == number(92) && given < promised {
        return Err(FormatError::broken(
            Place::File,
            format!("{given} bytes"),
            format!("{promised} bytes, as its header says"),
        ));
    }
    Ok(())
}

fn escape_in_uri(character: char) -> String {
    match character {
        '%' => "%25".to_owned(),
        '?' => "%3f".to_owned(),
        '#' => "%23".to_owned(),
        other => other.to_string(),
    }
}

/// A feature table.
struct Layer {
    table: String,
    georeference: Georeference,
    /// In the order of the table; the outline is none of them.
    fields: Vec<Field>,
    geometry_column: usize,
}

struct Field {
    name: String,
    column: usize,
    is_boolean: bool,
}

const LAYERS: &str = "SELECT c.table_name FROM gpkg_contents c JOIN gpkg_geometry_columns g USING (table_name) \
                      WHERE c.data_type = 'features' ORDER BY c.table_name";

impl Layer {
    fn choose(connection: &Connection, options: &Options) -> Result<Self, FormatError> {
        let mut statement = connection.prepare(LAYERS).map_err(broken)?;
        let layers = statement.query_map([], |row| row.get(0)).map_err(broken)?;
        let layers: Vec<String> = layers.collect::<Result<_, _>>().map_err(broken)?;
        let chosen = match &options.layer {
            Some(asked) => layers.iter().find(|layer| *layer == asked),
            None if layers.len() == 1 => layers.first(),
            None => None,
        };
        let Some(table) = chosen.cloned() else {
            let given = options.layer.clone().unwrap_or_else(|| "(none)".to_owned());
            return Err(FormatError::Layer { given, layers });
        };
        Self::describe(connection, table, options)
    }

    fn describe(connection: &Connection, table: String, options: &Options) -> Result<Self, FormatError> {
        let (geometry_name, srs): (String, i64) = connection
            .query_row(
                "SELECT column_name, srs_id FROM gpkg_geometry_columns WHERE table_name = ?1",
                [&table],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .map_err(broken)?;
        let mut statement = connection
            .prepare("SELECT name, type FROM pragma_table_info(?1) ORDER BY cid")
            .map_err(broken)?;
        let columns = statement
            .query_map([&table], |row| Ok((row.get(0)?, row.get(1)?)))
            .map_err(broken)?;
        let columns: Vec<(String, String)> = columns.collect::<Result<_, _>>().map_err(broken)?;
        let geometry_column = columns.iter().position(|(name, _)| name.eq_ignore_ascii_case(&geometry_name));
        let fields = columns.into_iter().enumerate().map(|(column, (name, kind))| Field {
            name,
            column,
            is_boolean: kind.eq_ignore_ascii_case("boolean"),
        });
        let fields = fields.filter(|field| Some(field.column) != geometry_column).collect();
        let missing = || FormatError::broken(Place::File, format!("no column `{geometry_name}`"), "the column of the outlines");
        Ok(Self {
            georeference: match &options.crs {
                Some(asked) => Georeference::by_name(asked)?,
                None => georeference(connection, srs)?,
            },
            geometry_column: geometry_column.ok_or_else(missing)?,
            table,
            fields,
        })
    }

    fn read(&self, connection: &Connection, limits: &Limits, features: &SyncSender<Result<Feature, BadFeature>>) {
        if let Err(error) = self.read_rows(connection, limits, features) {
            // When nobody listens any more, nobody wants to know.
            features.send(Err(error.into())).ok();
        }
    }

    fn read_rows(
        &self,
        connection: &Connection,
        limits: &Limits,
        features: &SyncSender<Result<Feature, BadFeature>>,
    ) -> Result<(), FormatError> {
        let mut statement = connection
            .prepare(&format!("SELECT * FROM {}", quoted(&self.table)))
            .map_err(broken)?;
        let mut rows = statement.query([]).map_err(broken)?;
        let mut number = 0;
        while let Some(row) = rows.next().map_err(broken)? {
            number += 1;
            if number > limits.max_features {
                return Err(FormatError::Limit {
                    place: Place::Row(number),
                    limit: "features of a file",
                    allowed: limits.max_features,
                    given: "more".to_owned(),
                });
            }
            if features.send(self.feature(row, Place::Row(number), limits)).is_err() {
                break;
            }
        }
        Ok(())
    }

    fn feature(&self, row: &Row<'_>, place: Place, limits: &Limits) -> Result<Feature, BadFeature> {
        let mut properties = Vec::with_capacity(self.fields.len());
        for field in &self.fields {
            let cell = row
                .get_ref(field.column)
                .map_err(|error| BadFeature::new(place, error.to_string(), "a value"))?;
            let value = value(cell, field).map_err(|(given, expected)| BadFeature::new(place, given, expected).in_field(&*field.name))?;
            properties.push((field.name.clone(), value));
        }
        let outline = match row.get_ref(self.geometry_column) {
            Ok(ValueRef::Null) => Ok(None),
            Ok(ValueRef::Blob(bytes)) => read_blob(bytes, limits),
            Ok(_) | Err(_) => Err(("no blob".to_owned(), "a GeoPackage geometry".to_owned())),
        };
        let outline = outline.map_err(|(given, expected)| BadFeature::new(place, given, expected).in_field("geometry"))?;
        Ok(Feature {
            place,
            geometry: outline.map(|outline| self.georeference.to_lon_lat(outline, place)).transpose()?,
            properties,
        })
    }
}

/// Given and expected.
type Fault = (String, String);

fn value(cell: ValueRef<'_>, field: &Field) -> Result<Value, Fault> {
    Ok(match cell {
        // Pictures and the like mean nothing here.
        ValueRef::Null | ValueRef::Blob(_) => Value::Null,
        ValueRef::Integer(number) if field.is_boolean => Value::Bool(number != 0),
        ValueRef::Integer(number) => Value::from(number),
        ValueRef::Real(number) => serde_json::Number::from_f64(number)
            .map(Value::Number)
            .ok_or_else(|| (number.to_string(), "a finite number".to_owned()))?,
        ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => Value::String(text.to_owned()),
            Err(error) => return Err((error.to_string(), "a text in UTF-8".to_owned())),
        },
    })
}

fn georeference(connection: &Connection, srs: i64) -> Result<Georeference, FormatError> {
    let described: Option<(String, i64, String)> = connection
        .query_row(
            "SELECT organization, organization_coordsys_id, definition FROM gpkg_spatial_ref_sys WHERE srs_id = ?1",
            [srs],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .optional()
        .map_err(broken)?;
    match described {
        Some((organization, code, _)) if organization.eq_ignore_ascii_case("EPSG") => Georeference::by_name(&format!("EPSG:{code}")),
        Some((_, _, definition)) if srs > 0 => Georeference::from_prj(&definition),
        Some(_) | None => Err(FormatError::Crs {
            given: format!("srs_id {srs}, which is not defined"),
            expected: "a defined one, or the reference system named on import".to_owned(),
        }),
    }
}

/// Reads a GeoPackage geometry (clause 2.1.3): a header with an envelope that is passed over, then WKB.
fn read_blob(bytes: &[u8], limits: &Limits) -> Result<Option<Geometry<f64>>, Fault> {
    let expected = || "a GeoPackage geometry".to_owned();
    let [b'G', b'P', _version, flags, _, _, _, _, rest @ ..] = bytes else {
        return Err(("other bytes at its start".to_owned(), expected()));
    };
    let envelope_bytes = match flags >> 1 & 7 {
        0 => 0,
        1 => 32,
        2 | 3 => 48,
        4 => 64,
        other => return Err((format!("the envelope kind {other}"), expected())),
    };
    if flags & 0x20 != 0 {
        return Err(("an extended geometry".to_owned(), "points, lines or polygons".to_owned()));
    }
    if flags & 0x10 != 0 {
        return Ok(None);
    }
    let body = rest
        .get(envelope_bytes..)
        .ok_or_else(|| ("a header cut short".to_owned(), expected()))?;
    let mut outline = Outline {
        most: limits.max_vertices,
        ..Outline::default()
    };
    wkb::scan(body, &mut outline).map_err(|fault| (fault.to_string(), "points, lines or polygons in WKB".to_owned()))?;
    outline.into_geometry()
}

/// Gathers what the bytes hold, as strictly as the other formats.
#[derive(Default)]
struct Outline {
    most: usize,
    count: usize,
    parts: Vec<(wkb::Part, Vec<Vec<Coord<f64>>>)>,
}

impl wkb::Visitor for Outline {
    fn part(&mut self, part: wkb::Part, _rings: usize) {
        self.parts.push((part, Vec::new()));
    }

    fn ring(&mut self, points: usize) {
        self.count += points;
        if let Some((_, rings)) = self.parts.last_mut() {
            rings.push(Vec::new());
        }
    }

    fn point(&mut self, lon: f64, lat: f64) {
        if self.count <= self.most
            && let Some(ring) = self.parts.last_mut().and_then(|(_, rings)| rings.last_mut())
        {
            ring.push(Coord { x: lon, y: lat });
        }
    }
}

impl Outline {
    fn into_geometry(self) -> Result<Option<Geometry<f64>>, Fault> {
        if self.count > self.most {
            return Err((
                format!("{} positions", self.count),
                format!("at most {} positions in one feature", self.most),
            ));
        }
        let Some((kind, _)) = self.parts.first() else { return Ok(None) };
        let kind = *kind;
        if kind == wkb::Part::Polygon
            && self
                .parts
                .iter()
                .flat_map(|(_, rings)| rings)
                .any(|ring| ring.first() != ring.last())
        {
            return Err((
                "a ring that ends elsewhere than it begins".to_owned(),
                "a ring whose last position is its first".to_owned(),
            ));
        }
        let parts = self.parts.into_iter().map(|(_, rings)| rings);
        Ok(Some(match kind {
            wkb::Part::Polygon => Geometry::MultiPolygon(MultiPolygon(parts.map(polygon).collect())),
            wkb::Part::Line => Geometry::MultiLineString(MultiLineString(parts.flatten().map(LineString).collect())),
            wkb::Part::Point => Geometry::MultiPoint(MultiPoint(parts.flatten().flatten().map(Point).collect())),
        }))
    }
}

fn polygon(rings: Vec<Vec<Coord<f64>>>) -> Polygon<f64> {
    let mut rings = rings.into_iter().map(LineString);
    let shell = rings.next().unwrap_or_else(|| LineString(Vec::new()));
    Polygon::new(shell, rings.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::read;

    /// A file with one table `plots` whose rows have these outlines.
    fn made(folder: &Path, outlines: &[Vec<u8>]) -> std::path::PathBuf {
        let path = folder.join("plots.gpkg");
        let connection = Connection::open(&path).unwrap();
        connection
            .execute_batch(
                "CREATE TABLE gpkg_contents (table_name TEXT, data_type TEXT);
                 CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT, srs_id INTEGER);
                 CREATE TABLE gpkg_spatial_ref_sys (srs_id INTEGER, organization TEXT, organization_coordsys_id INTEGER, definition TEXT);
                 CREATE TABLE plots (fid INTEGER PRIMARY KEY, name TEXT, geom BLOB, free BOOLEAN, area REAL);
                 INSERT INTO gpkg_contents VALUES ('plots', 'features');
                 INSERT INTO gpkg_geometry_columns VALUES ('plots', 'geom', 4326);
                 INSERT INTO gpkg_spatial_ref_sys VALUES (4326, 'epsg', 4326, 'GEOGCS[]');",
            )
            .unwrap();
        for outline in outlines {
            connection
                .execute("INSERT INTO plots (name, geom, free, area) VALUES ('北区', ?1, 1, 2.5)", [outline])
                .unwrap();
        }
        path
    }

    /// A triangle with this flag byte in its header.
    fn triangle(flags: u8) -> Vec<u8> {
        let mut bytes = vec![b'G', b'P', 0, flags, 0xe6, 0x10, 0, 0];
        bytes.extend([1, 3, 0, 0, 0, 1, 0, 0, 0, 4, 0, 0, 0]);
        let corners = [120.0, 31.0, 121.0, 31.0, 121.0, 32.0, 120.0, 31.0_f64];
        bytes.extend(corners.into_iter().flat_map(f64::to_le_bytes));
        bytes
    }

    fn outcome(path: &Path, limits: Limits) -> Vec<Result<Feature, String>> {
        let options = Options {
            limits,
            ..Options::default()
        };
        match read(path, &options) {
            Ok(source) => source.features.map(|feature| feature.map_err(|error| error.to_string())).collect(),
            Err(error) => vec![Err(error.to_string())],
        }
    }

    #[test]
    fn rows_come_with_their_kinds() {
        let folder = tempfile::tempdir().unwrap();
        let features = outcome(&made(folder.path(), &[triangle(1)]), Limits::default());
        let feature = features[0].as_ref().unwrap();
        assert!(matches!(feature.geometry, Some(Geometry::MultiPolygon(_))));
        let values: Vec<String> = feature.properties.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(values, ["fid=1", "name=\"北区\"", "free=true", "area=2.5"]);
    }

    #[test]
    fn outlines_that_lie_are_refused_by_row() {
        let mut huge = triangle(1);
        huge[17..21].copy_from_slice(&u32::MAX.to_le_bytes());
        let mut open = triangle(1);
        open.truncate(open.len() - 8);
        open.extend(31.5_f64.to_le_bytes());
        let mut far = triangle(1);
        far[37..45].copy_from_slice(&3_526_000.0_f64.to_le_bytes());
        let cases = [
            (
                huge,
                "given well-known binary ends after 77 bytes, inside the geometry, expected points, lines or polygons in WKB",
            ),
            (
                open,
                "given a ring that ends elsewhere than it begins, expected a ring whose last position is its first",
            ),
            (triangle(0x2f), "given the envelope kind 7, expected a GeoPackage geometry"),
            (triangle(0x21), "given an extended geometry, expected points, lines or polygons"),
            (
                b"GP\0\x03".to_vec(),
                "given other bytes at its start, expected a GeoPackage geometry",
            ),
            (Vec::new(), "given other bytes at its start, expected a GeoPackage geometry"),
        ];
        for (outline, expected) in cases {
            let folder = tempfile::tempdir().unwrap();
            let errors: Vec<_> = outcome(&made(folder.path(), &[outline, triangle(1)]), Limits::default())
                .into_iter()
                .collect();
            assert_eq!(errors[0].as_ref().unwrap_err(), &format!("row 1, geometry: {expected}"));
            assert!(errors[1].is_ok());
        }
        let folder = tempfile::tempdir().unwrap();
        let error = outcome(&made(folder.path(), &[far]), Limits::default()).remove(0).unwrap_err();
        assert!(error.starts_with("row 1, geometry: given position"), "{error}");
    }

    #[test]
    fn limits_hold() {
        let folder = tempfile::tempdir().unwrap();
        let path = made(folder.path(), &[triangle(1), triangle(1)]);
        let few_features = Limits {
            max_features: 1,
            ..Limits::default()
        };
        assert_eq!(
            outcome(&path, few_features)[1],
            Err("row 2: given more, expected features of a file of at most 1".to_owned())
        );
        let few_vertices = Limits {
            max_vertices: 3,
            ..Limits::default()
        };
        assert!(outcome(&path, few_vertices)[0].is_err());
    }

    #[test]
    fn a_file_cut_anywhere_never_panics() {
        let folder = tempfile::tempdir().unwrap();
        let path = made(folder.path(), &[triangle(1)]);
        let bytes = std::fs::read(&path).unwrap();
        for end in (0..bytes.len()).step_by(509) {
            std::fs::write(&path, &bytes[..end]).unwrap();
            assert!(outcome(&path, Limits::default()).iter().any(Result::is_err), "cut at {end}");
        }
    }

    #[test]
    fn a_file_that_another_program_writes_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = made(folder.path(), &[triangle(1)]);
        std::fs::write(folder.path().join("plots.gpkg-wal"), b"x").unwrap();
        let error = outcome(&path, Limits::default()).remove(0).unwrap_err();
        assert!(error.contains("plots.gpkg-wal"), "{error}");
    }
}
