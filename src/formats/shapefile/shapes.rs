//! The records of a `.shp` file (ESRI Shapefile Technical Description, July 1998), one after another.
use std::io::Read;

use geo_types::{Coord, Geometry, LineString, MultiLineString, MultiPoint, Point};

use super::rings;
use crate::formats::input::Input;
use crate::formats::{BadFeature, FormatError, Limits, Place};

const HEADER_BYTES: usize = 100;

/// Records of a `.shp` in order.
pub(super) struct Shapes {
    input: Input,
    limits: Limits,
    /// Bytes that the header promises.
    length: u64,
    offset: u64,
    row: u64,
    /// Bounds as the header gives them: west, south, east, north.
    pub(super) bounds: [f64; 4],
    content: Vec<u8>,
}

/// What a record holds: its outline in the file's coordinates.
pub(super) type Record = Result<Option<Geometry<f64>>, BadFeature>;

fn broken(place: Place, given: impl Into<String>, expected: &str) -> FormatError {
    FormatError::broken(place, given, expected)
}

impl Shapes {
    /// Reads the header.
    pub(super) fn open(mut input: Input, limits: &Limits) -> Result<Self, FormatError> {
        let mut header = [0; HEADER_BYTES];
        input.read_exact(&mut header).map_err(|error| match error.kind() {
            std::io::ErrorKind::UnexpectedEof => broken(Place::File, "a .shp that ends in its header", "100 bytes of header"),
            _ => FormatError::from_io("the .shp", &error),
        })?;
        let cursor = Bytes(&header);
        if cursor.big_u32(0) != Some(9994) || cursor.u32(28) != Some(1000) {
            return Err(broken(
                Place::File,
                "other bytes at its start",
                "the header of a .shp (9994, version 1000)",
            ));
        }
        let bound = |at: usize| cursor.f64(36 + 8 * at).unwrap_or(f64::NAN);
        Ok(Self {
            input,
            limits: limits.clone(),
            length: 2 * u64::from(cursor.big_u32(24).unwrap_or(0)),
            offset: HEADER_BYTES as u64,
            row: 0,
            bounds: [bound(0), bound(1), bound(2), bound(3)],
            content: Vec::new(),
        })
    }

    /// Number of the record read last, from 1.
    pub(super) fn place(&self) -> Place {
        Place::Row(self.row)
    }

    /// The next record; `None` at the end that the header gives. What lies behind that end is left alone.
    pub(super) fn next_record(&mut self) -> Result<Option<Record>, FormatError> {
        if self.offset >= self.length {
            return Ok(None);
        }
        self.row += 1;
        let mut header = [0; 8];
        self.input.read_exact(&mut header).map_err(|error| self.cut(&error))?;
        let content_bytes = 2 * u64::from(Bytes(&header).big_u32(4).unwrap_or(0));
        self.offset += 8 + content_bytes;
        if content_bytes > self.most_bytes() {
            return Err(FormatError::Limit {
                place: self.place(),
                limit: "bytes of a shape",
                allowed: self.most_bytes(),
                given: content_bytes.to_string(),
            });
        }
        // Through `take`, so that memory grows with the bytes that are there, not with the number in the header.
        self.content.clear();
        let read = self.input.by_ref().take(content_bytes).read_to_end(&mut self.content);
        if read.map_err(|error| FormatError::from_io("the .shp", &error))? as u64 != content_bytes {
            return Err(self.cut(&std::io::Error::from(std::io::ErrorKind::UnexpectedEof)));
        }
        let place = self.place();
        let shape = read_shape(Bytes(&self.content), &self.limits);
        Ok(Some(shape.map_err(|(given, expected)| {
            BadFeature::new(place, given, expected).in_field("geometry")
        })))
    }

    fn most_bytes(&self) -> u64 {
        // Four numbers of a vertex and its part's index, and the fixed fields.
        36 * self.limits.max_vertices as u64 + 256
    }

    fn cut(&self, error: &std::io::Error) -> FormatError {
        match error.kind() {
            std::io::ErrorKind::UnexpectedEof => broken(
                self.place(),
                "the end of the .shp",
                &format!("a record, the header promises {} bytes", self.length),
            ),
            _ => FormatError::from_io("the .shp", error),
        }
    }
}

/// Why a record is no shape: given and expected.
type Fault = (String, String);

fn fault(given: impl Into<String>, expected: impl Into<String>) -> Fault {
    (given.into(), expected.into())
}

/// Heights and measures (types 11 to 28) lie behind the positions and are not read.
fn read_shape(bytes: Bytes<'_>, limits: &Limits) -> Result<Option<Geometry<f64>>, Fault> {
    let kind = bytes
        .u32(0)
        .ok_or_else(|| fault("a record of less than 4 bytes", "a type of shape"))?;
    Ok(Some(match kind {
        0 => return Ok(None),
        1 | 11 | 21 => Geometry::Point(Point(bytes.position(4).ok_or_else(|| fault("a point cut short", "two numbers"))?)),
        8 | 18 | 28 => Geometry::MultiPoint(MultiPoint(points(bytes, limits)?)),
        3 | 13 | 23 => Geometry::MultiLineString(MultiLineString(lines(bytes, limits)?)),
        5 | 15 | 25 => {
            let rings = lines(bytes, limits)?;
            if rings.iter().any(|ring| ring.0.first() != ring.0.last()) {
                return Err(fault(
                    "a ring that ends elsewhere than it begins",
                    "a ring whose last position is its first",
                ));
            }
            Geometry::MultiPolygon(rings::assemble(rings))
        }
        31 => return Err(fault("a multipatch (a surface in space)", "points, lines or polygons")),
        other => return Err(fault(format!("the type of shape {other}"), "points, lines or polygons")),
    }))
}

fn points(bytes: Bytes<'_>, limits: &Limits) -> Result<Vec<Point<f64>>, Fault> {
    let count = checked_count(bytes, 36, limits.max_vertices, "positions")?;
    let positions = bytes
        .positions(40, count)
        .ok_or_else(|| fault(format!("a record too short for {count} positions"), "all of them"))?;
    Ok(positions.map(Point).collect())
}

fn lines(bytes: Bytes<'_>, limits: &Limits) -> Result<Vec<LineString<f64>>, Fault> {
    let part_count = checked_count(bytes, 36, limits.max_parts, "parts")?;
    let count = checked_count(bytes, 40, limits.max_vertices, "positions")?;
    let too_short = || {
        fault(
            format!("a record too short for {part_count} parts and {count} positions"),
            "all of them",
        )
    };
    let starts = bytes.u32s(44, part_count).ok_or_else(too_short)?;
    let positions: Vec<Coord<f64>> = bytes.positions(44 + 4 * part_count, count).ok_or_else(too_short)?.collect();
    let ends = starts.iter().skip(1).copied().chain([count]);
    starts
        .iter()
        .zip(ends)
        .map(|(start, end)| match positions.get(*start..end) {
            Some(part) => Ok(LineString(part.to_vec())),
            None => Err(fault(format!("a part from position {start} to {end} of {count}"), "parts in order")),
        })
        .collect()
}

fn checked_count(bytes: Bytes<'_>, at: usize, most: usize, what: &str) -> Result<usize, Fault> {
    let count = bytes
        .u32(at)
        .ok_or_else(|| fault("a record cut short", format!("the number of {what}")))? as usize;
    if count > most {
        return Err(fault(format!("{count} {what}"), format!("at most {most} {what} in one feature")));
    }
    Ok(count)
}

/// Little-endian numbers in a slice; `None` beyond its end.
#[derive(Clone, Copy)]
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn array<const N: usize>(self, at: usize) -> Option<[u8; N]> {
        self.0.get(at..)?.first_chunk().copied()
    }

    fn big_u32(self, at: usize) -> Option<u32> {
        self.array(at).map(u32::from_be_bytes)
    }

    fn u32(self, at: usize) -> Option<u32> {
        self.array(at).map(u32::from_le_bytes)
    }

    fn f64(self, at: usize) -> Option<f64> {
        self.array(at).map(f64::from_le_bytes)
    }

    fn position(self, at: usize) -> Option<Coord<f64>> {
        Some(Coord {
            x: self.f64(at)?,
            y: self.f64(at + 8)?,
        })
    }

    /// So many positions from there on. The slice holds them all, so collecting them allocates no more than is there.
    fn positions(self, at: usize, count: usize) -> Option<impl Iterator<Item = Coord<f64>> + use<'a>> {
        let bytes = self.0.get(at..at.checked_add(count.checked_mul(16)?)?)?;
        Some(bytes.chunks_exact(16).filter_map(|bytes| Bytes(bytes).position(0)))
    }

    fn u32s(self, at: usize, count: usize) -> Option<Vec<usize>> {
        let bytes = self.0.get(at..at.checked_add(count.checked_mul(4)?)?)?;
        Some(
            bytes
                .chunks_exact(4)
                .filter_map(|bytes| Bytes(bytes).u32(0))
                .map(|number| number as usize)
                .collect(),
        )
    }
}
