//! Well-known binary: written as ISO WKB, little endian, always the multi kind; read from any of its common variants.
//!
//! Read are both byte orders, plain and multi kinds, Z and M in ISO and in PostGIS numbering (dropped), and a PostGIS SRID (skipped).
//! Source: OGC 06-103r4 section 8; PostGIS "Extended WKB".
use geo_types::{Coord, LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon};

use super::shape::Shape;

const POINT: u32 = 1;
const LINE: u32 = 2;
const POLYGON: u32 = 3;
const MULTI_POINT: u32 = 4;
const MULTI_LINE: u32 = 5;
const MULTI_POLYGON: u32 = 6;
const LITTLE_ENDIAN: u8 = 1;

/// Why bytes are no well-known binary of a shape.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WkbFault {
    /// The bytes end inside the geometry.
    #[error("well-known binary ends after {length} bytes, inside the geometry")]
    Truncated {
        /// Bytes there are.
        length: usize,
    },
    /// Bytes follow after the geometry.
    #[error("{extra} bytes follow after the geometry")]
    Trailing {
        /// Bytes too many.
        extra: usize,
    },
    /// The byte order mark is neither 0 nor 1.
    #[error("byte order {given} is neither 0 (big endian) nor 1 (little endian)")]
    ByteOrder {
        /// What stood there.
        given: u8,
    },
    /// A kind that no shape has, such as a curve or a collection.
    #[error("geometry type {given} is not a point, line or polygon, plain or multi")]
    Kind {
        /// The type number in the file.
        given: u32,
    },
}

/// What a shape consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// One polygon: its shell, then its holes.
    Polygon,
    /// One line.
    Line,
    /// One point.
    Point,
}

/// Takes a shape in the order in which it lies in the bytes, without anything being built.
pub trait Visitor {
    /// A part begins, with this many rings (1 for lines and points).
    fn part(&mut self, part: Part, rings: usize);
    /// A ring, line or point begins, with this many coordinates, closing point included.
    fn ring(&mut self, points: usize);
    /// A coordinate, degrees.
    fn point(&mut self, lon: f64, lat: f64);
}

/// Writes a shape; no bytes for [`Shape::None`].
pub fn write(shape: &Shape) -> Vec<u8> {
    let mut out = Vec::with_capacity(32 + 16 * shape.vertices());
    match shape {
        Shape::None => {}
        Shape::Polygons(polygons) => {
            head(&mut out, MULTI_POLYGON, polygons.0.len());
            for polygon in polygons {
                head(&mut out, POLYGON, 1 + polygon.interiors().len());
                coords(&mut out, &polygon.exterior().0);
                for hole in polygon.interiors() {
                    coords(&mut out, &hole.0);
                }
            }
        }
        Shape::Lines(lines) => {
            head(&mut out, MULTI_LINE, lines.0.len());
            for line in lines {
                out.push(LITTLE_ENDIAN);
                out.extend_from_slice(&LINE.to_le_bytes());
                coords(&mut out, &line.0);
            }
        }
        Shape::Points(points) => {
            head(&mut out, MULTI_POINT, points.0.len());
            for point in points {
                out.push(LITTLE_ENDIAN);
                out.extend_from_slice(&POINT.to_le_bytes());
                coord(&mut out, point.0);
            }
        }
    }
    out
}

fn head(out: &mut Vec<u8>, kind: u32, parts: usize) {
    out.push(LITTLE_ENDIAN);
    out.extend_from_slice(&kind.to_le_bytes());
    length(out, parts);
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a shape has at most `canonical_within`'s limit of points, far below 2^32"
)]
fn length(out: &mut Vec<u8>, count: usize) {
    out.extend_from_slice(&(count as u32).to_le_bytes());
}

fn coords(out: &mut Vec<u8>, coords: &[Coord<f64>]) {
    length(out, coords.len());
    for at in coords {
        coord(out, *at);
    }
}

fn coord(out: &mut Vec<u8>, at: Coord<f64>) {
    out.extend_from_slice(&at.x.to_le_bytes());
    out.extend_from_slice(&at.y.to_le_bytes());
}

/// Reads a shape that [`super::canonical`] once made; an empty slice and an empty multi kind are [`Shape::None`].
///
/// The structure is checked, the rules of a canonical shape are not: bytes from strangers go through [`geometry`] and `canonical`.
pub fn read(bytes: &[u8]) -> Result<Shape, WkbFault> {
    let mut builder = Builder::default();
    scan(bytes, &mut builder)?;
    Ok(builder.shape())
}

/// Reads foreign bytes, to be given to [`super::canonical`].
pub fn geometry(bytes: &[u8]) -> Result<geo_types::Geometry<f64>, WkbFault> {
    Ok(match read(bytes)? {
        Shape::None => MultiPolygon(Vec::new()).into(),
        Shape::Polygons(polygons) => polygons.into(),
        Shape::Lines(lines) => lines.into(),
        Shape::Points(points) => points.into(),
    })
}

/// Walks over a shape without building it. What was visited before a fault is to be thrown away.
pub fn scan(bytes: &[u8], visitor: &mut impl Visitor) -> Result<(), WkbFault> {
    if bytes.is_empty() {
        return Ok(());
    }
    let mut cursor = Cursor { bytes, position: 0 };
    let header = cursor.header()?;
    match header.kind {
        MULTI_POINT | MULTI_LINE | MULTI_POLYGON => {
            for _ in 0..cursor.u32(header)? {
                let part = cursor.header()?;
                if part.kind + 3 != header.kind {
                    return Err(WkbFault::Kind { given: part.kind });
                }
                cursor.part(part, visitor)?;
            }
        }
        _ => cursor.part(header, visitor)?,
    }
    match bytes.len() - cursor.position {
        0 => Ok(()),
        extra => Err(WkbFault::Trailing { extra }),
    }
}

#[derive(Clone, Copy)]
struct Header {
    little: bool,
    kind: u32,
    /// Bytes of one coordinate: 16, 24 or 32.
    stride: usize,
}

struct Cursor<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl Cursor<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], WkbFault> {
        let truncated = WkbFault::Truncated { length: self.bytes.len() };
        let taken = self
            .bytes
            .get(self.position..)
            .and_then(|rest| rest.first_chunk::<N>())
            .ok_or(truncated)?;
        self.position += N;
        Ok(*taken)
    }

    fn u32(&mut self, header: Header) -> Result<u32, WkbFault> {
        let raw = self.take::<4>()?;
        Ok(if header.little {
            u32::from_le_bytes(raw)
        } else {
            u32::from_be_bytes(raw)
        })
    }

    fn f64(&mut self, header: Header) -> Result<f64, WkbFault> {
        let raw = self.take::<8>()?;
        Ok(if header.little {
            f64::from_le_bytes(raw)
        } else {
            f64::from_be_bytes(raw)
        })
    }

    fn header(&mut self) -> Result<Header, WkbFault> {
        let little = match self.take::<1>()? {
            [0] => false,
            [LITTLE_ENDIAN] => true,
            [given] => return Err(WkbFault::ByteOrder { given }),
        };
        let raw = self.u32(Header {
            little,
            kind: 0,
            stride: 16,
        })?;
        let (has_z, has_m, has_srid) = (raw & 0x8000_0000 != 0, raw & 0x4000_0000 != 0, raw & 0x2000_0000 != 0);
        let iso = raw & 0x1fff_ffff;
        let (kind, dimension) = (iso % 1000, iso / 1000);
        if !(POINT..=MULTI_POLYGON).contains(&kind) || dimension > 3 {
            return Err(WkbFault::Kind { given: raw });
        }
        let more = if dimension > 0 {
            usize::from(dimension == 3) + 1
        } else {
            usize::from(has_z) + usize::from(has_m)
        };
        let header = Header {
            little,
            kind,
            stride: 16 + 8 * more,
        };
        if has_srid {
            self.u32(header)?;
        }
        Ok(header)
    }

    fn part(&mut self, header: Header, visitor: &mut impl Visitor) -> Result<(), WkbFault> {
        match header.kind {
            POINT => {
                visitor.part(Part::Point, 1);
                visitor.ring(1);
                self.point(header, visitor)
            }
            LINE => {
                visitor.part(Part::Line, 1);
                self.ring(header, visitor)
            }
            POLYGON => {
                let rings = self.u32(header)? as usize;
                visitor.part(Part::Polygon, rings);
                (0..rings).try_for_each(|_| self.ring(header, visitor))
            }
            given => Err(WkbFault::Kind { given }),
        }
    }

    fn ring(&mut self, header: Header, visitor: &mut impl Visitor) -> Result<(), WkbFault> {
        let points = self.u32(header)? as usize;
        let truncated = WkbFault::Truncated { length: self.bytes.len() };
        // Checked before the visitor hears the number and reserves memory for it.
        if points
            .checked_mul(header.stride)
            .is_none_or(|needed| needed > self.bytes.len() - self.position)
        {
            return Err(truncated);
        }
        visitor.ring(points);
        (0..points).try_for_each(|_| self.point(header, visitor))
    }

    fn point(&mut self, header: Header, visitor: &mut impl Visitor) -> Result<(), WkbFault> {
        let (x, y) = (self.f64(header)?, self.f64(header)?);
        for _ in 0..(header.stride - 16) / 8 {
            self.take::<8>()?;
        }
        visitor.point(x, y);
        Ok(())
    }
}

/// Gathers what `scan` visits.
#[derive(Default)]
struct Builder {
    parts: Vec<(Part, Vec<Vec<Coord<f64>>>)>,
}

impl Visitor for Builder {
    fn part(&mut self, part: Part, _rings: usize) {
        self.parts.push((part, Vec::new()));
    }

    fn ring(&mut self, points: usize) {
        if let Some((_, rings)) = self.parts.last_mut() {
            rings.push(Vec::with_capacity(points));
        }
    }

    fn point(&mut self, lon: f64, lat: f64) {
        if let Some(ring) = self.parts.last_mut().and_then(|(_, rings)| rings.last_mut()) {
            ring.push(Coord { x: lon, y: lat });
        }
    }
}

impl Builder {
    fn shape(self) -> Shape {
        match self.parts.first() {
            None => Shape::None,
            Some((Part::Polygon, _)) => Shape::Polygons(MultiPolygon(self.parts.into_iter().map(|(_, rings)| assemble(rings)).collect())),
            Some((Part::Line, _)) => Shape::Lines(MultiLineString(self.into_rings().map(LineString).collect())),
            Some((Part::Point, _)) => Shape::Points(MultiPoint(self.into_rings().flatten().map(Point).collect())),
        }
    }

    fn into_rings(self) -> impl Iterator<Item = Vec<Coord<f64>>> {
        self.parts.into_iter().flat_map(|(_, rings)| rings)
    }
}

fn assemble(rings: Vec<Vec<Coord<f64>>>) -> Polygon<f64> {
    let mut rings = rings.into_iter().map(LineString);
    let shell = rings.next().unwrap_or_else(|| LineString(Vec::new()));
    Polygon::new(shell, rings.collect())
}

#[cfg(test)]
mod tests {
    use super::super::canonical;
    use super::*;
    use geo_types::{Geometry, polygon};
    use proptest::prelude::*;

    fn hex(text: &str) -> Vec<u8> {
        let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
        digits
            .chunks(2)
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect()
    }

    #[test]
    fn foreign_variants_read_as_the_same_point() {
        let cases = [
            ("ISO little endian", "01 01000000 000000000000f03f 0000000000000040"),
            ("ISO big endian", "00 00000001 3ff0000000000000 4000000000000000"),
            ("ISO Z", "01 e9030000 000000000000f03f 0000000000000040 0000000000000840"),
            (
                "ISO ZM",
                "01 b90b0000 000000000000f03f 0000000000000040 0000000000000840 0000000000000840",
            ),
            ("PostGIS with SRID 4326", "01 01000020 e6100000 000000000000f03f 0000000000000040"),
            ("PostGIS Z", "01 01000080 000000000000f03f 0000000000000040 0000000000000840"),
        ];
        for (name, text) in cases {
            let expected = Shape::Points(MultiPoint(vec![Point::new(1.0, 2.0)]));
            assert_eq!(read(&hex(text)), Ok(expected), "{name}");
        }
    }

    #[test]
    fn broken_bytes_are_refused() {
        let cases = [
            ("02 01000000", WkbFault::ByteOrder { given: 2 }),
            ("01 0100", WkbFault::Truncated { length: 3 }),
            ("01 07000000 00000000", WkbFault::Kind { given: 7 }),
            ("01 02000000 ffffffff", WkbFault::Truncated { length: 9 }),
            ("01 01000000 000000000000f03f 0000000000000040 00", WkbFault::Trailing { extra: 1 }),
        ];
        for (text, fault) in cases {
            assert_eq!(read(&hex(text)), Err(fault), "{text}");
        }
    }

    #[test]
    fn nothing_is_no_bytes() {
        assert_eq!(write(&Shape::None), Vec::<u8>::new());
        assert_eq!(read(&[]), Ok(Shape::None));
        assert_eq!(read(&hex("01 06000000 00000000")), Ok(Shape::None));
    }

    #[test]
    fn every_cut_of_good_bytes_is_refused_without_panic() {
        let square: Geometry<f64> = polygon![(x: 0.0, y: 0.0), (x: 1.0, y: 0.0), (x: 1.0, y: 1.0), (x: 0.0, y: 1.0)].into();
        let bytes = write(&canonical(square).unwrap().shape);
        for end in 1..bytes.len() {
            assert!(read(&bytes[..end]).is_err(), "{end} of {} bytes", bytes.len());
        }
    }

    proptest! {
        #![proptest_config(super::super::seeded::cases(256))]

        #[test]
        fn what_is_written_is_read(parts in prop::collection::vec((-170.0..170.0_f64, -80.0..80.0_f64, 0.001..1.0_f64), 1..5)) {
            let points = parts.iter().map(|(x, y, _)| Point::new(*x, *y)).collect();
            let lines = parts.iter().map(|(x, y, d)| LineString::from(vec![(*x, *y), (x + d, y - d)])).collect();
            let squares = parts.iter().enumerate().map(|(nth, (x, y, d))| {
                // Parts two degrees apart, so that they never overlap.
                let (x, y) = (x / 100.0 + 2.0 * nth as f64, *y);
                polygon![(x: x, y: y), (x: x + d, y: y), (x: x + d, y: y + d), (x: x, y: y + d)]
            }).collect();
            for geometry in [Geometry::from(MultiPoint(points)), MultiLineString(lines).into(), MultiPolygon(squares).into()] {
                let shape = canonical(geometry).unwrap().shape;
                prop_assert_eq!(read(&write(&shape)), Ok(shape));
            }
        }
    }
}
