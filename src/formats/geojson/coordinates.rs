//! The nested arrays of a geometry, read flat: positions in one list, ends of arrays in others.
use std::fmt;

use geo_types::{Coord, Geometry, LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon};
use serde::de::{DeserializeSeed, Deserializer, Error, SeqAccess, Unexpected, Visitor};

const TOO_SHALLOW: &str = "an array of coordinates (more deeply nested)";

/// Coordinates before the type of their geometry is known.
#[derive(Debug, Default)]
pub(super) struct Coordinates {
    /// 0 for one position, 1 for a list of positions, and so on; `None` for an empty array.
    height: Option<usize>,
    positions: Vec<Coord<f64>>,
    /// For each height above 0, the ends of its arrays, counted in items of the height below.
    ends: [Vec<usize>; MAX_HEIGHT],
}

const MAX_HEIGHT: usize = 3;

/// Why coordinates do not make the geometry that the type says: given and expected.
pub(super) type Fault = (String, &'static str);

impl Coordinates {
    /// Makes the geometry of this type; `None` when there are no positions at all (RFC 7946, section 3.1: to be taken as a null geometry).
    pub(super) fn into_geometry(self, kind: &str) -> Result<Option<Geometry<f64>>, Fault> {
        let wanted = match kind {
            "Point" => 0,
            "MultiPoint" | "LineString" => 1,
            "MultiLineString" | "Polygon" => 2,
            _ => 3,
        };
        match self.height {
            None => return Ok(None),
            Some(height) if height != wanted => {
                return Err((
                    format!("coordinates nested {height} deep above a position"),
                    expected_nesting(wanted),
                ));
            }
            Some(_) => {}
        }
        Ok(Some(match kind {
            "Point" => Geometry::Point(Point(self.positions[0])),
            "MultiPoint" => Geometry::MultiPoint(MultiPoint(self.positions.into_iter().map(Point).collect())),
            "LineString" => Geometry::LineString(line(self.positions)?),
            "MultiLineString" => Geometry::MultiLineString(MultiLineString(self.arrays(0, line)?)),
            "Polygon" => Geometry::Polygon(polygon(self.arrays(0, ring)?)),
            _ => Geometry::MultiPolygon(self.multi_polygon()?),
        }))
    }

    fn arrays<T>(&self, level: usize, make: impl Fn(Vec<Coord<f64>>) -> Result<T, Fault>) -> Result<Vec<T>, Fault> {
        let mut start = 0;
        let mut items = Vec::with_capacity(self.ends[level].len());
        for end in &self.ends[level] {
            items.push(make(self.positions[start..*end].to_vec())?);
            start = *end;
        }
        Ok(items)
    }

    fn multi_polygon(&self) -> Result<MultiPolygon<f64>, Fault> {
        let mut rings = self.arrays(0, ring)?.into_iter();
        let mut start = 0;
        let mut polygons = Vec::with_capacity(self.ends[1].len());
        for end in &self.ends[1] {
            polygons.push(polygon(rings.by_ref().take(end - start).collect()));
            start = *end;
        }
        Ok(MultiPolygon(polygons))
    }
}

fn expected_nesting(height: usize) -> &'static str {
    match height {
        0 => "one position",
        1 => "an array of positions",
        2 => "an array of arrays of positions",
        _ => "an array of polygons, each an array of rings",
    }
}

fn line(positions: Vec<Coord<f64>>) -> Result<LineString<f64>, Fault> {
    match positions.len() {
        0 | 1 => Err((format!("a line of {} position", positions.len()), "two or more positions")),
        _ => Ok(LineString(positions)),
    }
}

fn ring(positions: Vec<Coord<f64>>) -> Result<LineString<f64>, Fault> {
    if positions.first() != positions.last() {
        return Err((
            "a ring that ends elsewhere than it begins".to_owned(),
            "a ring whose last position is its first",
        ));
    }
    if positions.len() < 4 {
        return Err((format!("a ring of {} positions", positions.len()), "four or more positions"));
    }
    Ok(LineString(positions))
}

fn polygon(rings: Vec<LineString<f64>>) -> Polygon<f64> {
    let mut rings = rings.into_iter();
    let shell = rings.next().unwrap_or_else(|| LineString(Vec::new()));
    Polygon::new(shell, rings.collect())
}

/// Reads a `coordinates` member.
pub(super) struct CoordinatesSeed {
    /// Most positions.
    pub(super) max_vertices: usize,
}

impl<'de> DeserializeSeed<'de> for CoordinatesSeed {
    type Value = Coordinates;

    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<Coordinates, D::Error> {
        let mut coordinates = Coordinates::default();
        let node = input.deserialize_any(Nested {
            into: &mut coordinates,
            max_vertices: self.max_vertices,
            depth: 0,
        })?;
        match node {
            Node::Array(height) => coordinates.height = Some(height),
            Node::Empty => {}
            Node::Number(_) => return Err(D::Error::invalid_value(Unexpected::Other("a number"), &TOO_SHALLOW)),
        }
        Ok(coordinates)
    }
}

enum Node {
    Number(f64),
    /// An array of this height.
    Array(usize),
    Empty,
}

struct Nested<'a> {
    into: &'a mut Coordinates,
    max_vertices: usize,
    depth: usize,
}

impl Nested<'_> {
    fn inner(&mut self) -> Nested<'_> {
        Nested {
            into: self.into,
            max_vertices: self.max_vertices,
            depth: self.depth + 1,
        }
    }

    /// The rest of a position whose first number is known. What follows the second number (height, measure) is checked to be numbers and left.
    fn position<'de, A: SeqAccess<'de>>(&mut self, x: f64, items: &mut A) -> Result<Node, A::Error> {
        let Some(y) = items.next_element_seed(OneNumber)? else {
            return Err(A::Error::invalid_value(
                Unexpected::Other("a position of 1 number"),
                &"two numbers, longitude and latitude",
            ));
        };
        while items.next_element_seed(OneNumber)?.is_some() {}
        if self.into.positions.len() >= self.max_vertices {
            let given = format!("more than {} positions", self.max_vertices);
            return Err(A::Error::invalid_value(Unexpected::Other(&given), &"fewer vertices in one feature"));
        }
        self.into.positions.push(Coord { x, y });
        Ok(Node::Array(0))
    }

    /// The rest of an array whose first item is an array of this height.
    fn array<'de, A: SeqAccess<'de>>(&mut self, height: usize, items: &mut A) -> Result<Node, A::Error> {
        if height >= MAX_HEIGHT {
            return Err(A::Error::invalid_value(
                Unexpected::Other("a more deeply nested array"),
                &"a position",
            ));
        }
        let mut count = 1;
        while let Some(node) = items.next_element_seed(self.inner())? {
            match node {
                Node::Array(other) if other == height => count += 1,
                Node::Array(_) | Node::Empty => {
                    return Err(A::Error::invalid_value(
                        Unexpected::Other("an array of another depth than the one before it"),
                        &"arrays of one depth",
                    ));
                }
                Node::Number(_) => return Err(A::Error::invalid_value(Unexpected::Other("a number"), &TOO_SHALLOW)),
            }
        }
        let end = match height {
            0 => self.into.positions.len(),
            _ => self.into.ends[height].last().copied().unwrap_or(0) + count,
        };
        self.into.ends[height].push(end);
        Ok(Node::Array(height + 1))
    }
}

impl<'de> DeserializeSeed<'de> for Nested<'_> {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<Node, D::Error> {
        input.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Nested<'_> {
    type Value = Node;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a number or an array of coordinates")
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Node, E> {
        Ok(Node::Number(number))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Node, E> {
        Ok(Node::Number(number as f64))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Node, E> {
        Ok(Node::Number(number as f64))
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<Node, A::Error> {
        if self.depth > MAX_HEIGHT {
            return Err(A::Error::invalid_value(
                Unexpected::Other("a more deeply nested array"),
                &"a position",
            ));
        }
        match items.next_element_seed(self.inner())? {
            None if self.depth == 0 => Ok(Node::Empty),
            None | Some(Node::Empty) => Err(A::Error::invalid_value(Unexpected::Other("an empty array"), &"coordinates")),
            Some(Node::Number(x)) => self.position(x, &mut items),
            Some(Node::Array(height)) => self.array(height, &mut items),
        }
    }
}

/// A number of a position.
struct OneNumber;

impl<'de> DeserializeSeed<'de> for OneNumber {
    type Value = f64;

    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<f64, D::Error> {
        input.deserialize_any(self)
    }
}

impl Visitor<'_> for OneNumber {
    type Value = f64;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a number")
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<f64, E> {
        Ok(number)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<f64, E> {
        Ok(number as f64)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<f64, E> {
        Ok(number as f64)
    }
}
