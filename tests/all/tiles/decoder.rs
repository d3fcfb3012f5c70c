//! A strict reader of vector tiles: whatever the specification (2.1) says must or should be so is refused where it is not.
use std::collections::{BTreeMap, HashSet};

/// A value of a feature.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Text(String),
    Float(f32),
    Double(f64),
    Int(i64),
    Uint(u64),
    Sint(i64),
    Flag(bool),
}

pub type Point = [i64; 2];

/// A decoded geometry; rings without their closing point, shells and holes as their area says.
#[derive(Clone, Debug, PartialEq)]
pub enum Geometry {
    Unknown,
    Points(Vec<Point>),
    Lines(Vec<Vec<Point>>),
    Polygons(Vec<Vec<Vec<Point>>>),
}

#[derive(Clone, Debug)]
pub struct Feature {
    pub id: Option<u64>,
    pub tags: BTreeMap<String, Value>,
    pub geometry: Geometry,
}

#[derive(Clone, Debug)]
pub struct Layer {
    pub name: String,
    pub version: u64,
    pub extent: u64,
    pub features: Vec<Feature>,
    pub keys: Vec<String>,
    pub values: Vec<Value>,
}

type Result<T> = std::result::Result<T, String>;

/// A field of a message.
enum Field<'a> {
    Varint(u64),
    Fixed64([u8; 8]),
    Fixed32([u8; 4]),
    Sized(&'a [u8]),
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(length).ok_or("cut short")?;
        self.0 = rest;
        Ok(head)
    }

    fn varint(&mut self) -> Result<u64> {
        let mut number = 0u64;
        for at in 0..10 {
            let byte = self.take(1)?[0];
            number |= u64::from(byte & 0x7f) << (7 * at);
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err("a number of more than ten bytes".into())
    }

    fn field(&mut self) -> Result<Option<(u64, Field<'a>)>> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let tag = self.varint()?;
        let field = match tag & 7 {
            0 => Field::Varint(self.varint()?),
            1 => Field::Fixed64(self.take(8)?.try_into().unwrap()),
            2 => {
                let length = self.varint()?;
                Field::Sized(self.take(usize::try_from(length).map_err(|error| error.to_string())?)?)
            }
            5 => Field::Fixed32(self.take(4)?.try_into().unwrap()),
            other => return Err(format!("wire type {other}")),
        };
        Ok(Some((tag >> 3, field)))
    }
}

fn text(bytes: &[u8]) -> Result<String> {
    String::from_utf8(bytes.to_vec()).map_err(|error| error.to_string())
}

/// All layers of a tile.
pub fn decode(bytes: &[u8]) -> Result<Vec<Layer>> {
    let mut reader = Reader(bytes);
    let mut layers: Vec<Layer> = Vec::new();
    while let Some(field) = reader.field()? {
        match field {
            (3, Field::Sized(bytes)) => layers.push(layer(bytes)?),
            (number, _) => return Err(format!("field {number} in a tile")),
        }
    }
    let names: HashSet<_> = layers.iter().map(|layer| &layer.name).collect();
    if names.len() < layers.len() {
        return Err("two layers of one name".into());
    }
    Ok(layers)
}

fn layer(bytes: &[u8]) -> Result<Layer> {
    let (mut version, mut name, mut extent) = (None, None, None);
    let (mut features, mut keys, mut values) = (Vec::new(), Vec::new(), Vec::new());
    let mut reader = Reader(bytes);
    while let Some(field) = reader.field()? {
        match field {
            (15, Field::Varint(number)) => once(&mut version, number)?,
            (1, Field::Sized(bytes)) => once(&mut name, text(bytes)?)?,
            (2, Field::Sized(bytes)) => features.push(bytes),
            (3, Field::Sized(bytes)) => keys.push(text(bytes)?),
            (4, Field::Sized(bytes)) => values.push(value(bytes)?),
            (5, Field::Varint(number)) => once(&mut extent, number)?,
            (number, _) => return Err(format!("field {number} in a layer")),
        }
    }
    let version = version.ok_or("a layer without version")?;
    if !(1..=2).contains(&version) {
        return Err(format!("version {version}"));
    }
    let name = name.ok_or("a layer without name")?;
    let features: Result<Vec<_>> = features.into_iter().map(|bytes| feature(bytes, &keys, &values)).collect();
    Ok(Layer {
        name,
        version,
        extent: extent.unwrap_or(4096),
        features: features?,
        keys,
        values,
    })
}

fn once<T>(place: &mut Option<T>, value: T) -> Result<()> {
    if place.replace(value).is_some() {
        return Err("a field given twice".into());
    }
    Ok(())
}

fn value(bytes: &[u8]) -> Result<Value> {
    let mut found = None;
    let mut reader = Reader(bytes);
    while let Some(field) = reader.field()? {
        let value = match field {
            (1, Field::Sized(bytes)) => Value::Text(text(bytes)?),
            (2, Field::Fixed32(bytes)) => Value::Float(f32::from_le_bytes(bytes)),
            (3, Field::Fixed64(bytes)) => Value::Double(f64::from_le_bytes(bytes)),
            (4, Field::Varint(number)) => Value::Int(number.cast_signed()),
            (5, Field::Varint(number)) => Value::Uint(number),
            (6, Field::Varint(number)) => Value::Sint(unfolded(number)),
            (7, Field::Varint(number)) if number < 2 => Value::Flag(number == 1),
            (number, _) => return Err(format!("field {number} in a value")),
        };
        once(&mut found, value)?;
    }
    found.ok_or_else(|| "a value of no type".into())
}

fn unfolded(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -((number & 1).cast_signed())
}

fn feature(bytes: &[u8], keys: &[String], values: &[Value]) -> Result<Feature> {
    let (mut id, mut tags, mut kind, mut commands) = (None, None, None, None);
    let mut reader = Reader(bytes);
    while let Some(field) = reader.field()? {
        match field {
            (1, Field::Varint(number)) => once(&mut id, number)?,
            (2, Field::Sized(bytes)) => once(&mut tags, packed(bytes)?)?,
            (3, Field::Varint(number)) => once(&mut kind, number)?,
            (4, Field::Sized(bytes)) => once(&mut commands, packed(bytes)?)?,
            (number, _) => return Err(format!("field {number} in a feature")),
        }
    }
    let commands = commands.ok_or("a feature without geometry")?;
    let geometry = match kind.ok_or("a feature without type")? {
        0 => Geometry::Unknown,
        1 => points(&commands)?,
        2 => lines(&commands)?,
        3 => polygons(&commands)?,
        other => return Err(format!("geometry type {other}")),
    };
    Ok(Feature {
        id,
        tags: named(&tags.unwrap_or_default(), keys, values)?,
        geometry,
    })
}

fn packed(bytes: &[u8]) -> Result<Vec<u64>> {
    let mut reader = Reader(bytes);
    let mut numbers = Vec::new();
    while !reader.0.is_empty() {
        numbers.push(reader.varint()?);
    }
    Ok(numbers)
}

fn named(tags: &[u64], keys: &[String], values: &[Value]) -> Result<BTreeMap<String, Value>> {
    let (pairs, rest) = tags.as_chunks::<2>();
    if !rest.is_empty() {
        return Err("an odd number of tags".into());
    }
    let mut named = BTreeMap::new();
    for [key, value] in pairs {
        let key = usize::try_from(*key).ok().and_then(|at| keys.get(at)).ok_or("a tag of no key")?;
        let value = usize::try_from(*value)
            .ok()
            .and_then(|at| values.get(at))
            .ok_or("a tag of no value")?;
        if named.insert(key.clone(), value.clone()).is_some() {
            return Err(format!("{key} twice in a feature"));
        }
    }
    Ok(named)
}

/// Commands and the position they have come to.
struct Commands<'a> {
    rest: &'a [u64],
    at: Point,
}

impl Commands<'_> {
    /// How often the command comes that must come next.
    fn count(&mut self, command: u64) -> Result<usize> {
        let (head, rest) = self.rest.split_first().ok_or("commands end too early")?;
        self.rest = rest;
        if head & 7 != command {
            return Err(format!("command {} where {command} must be", head & 7));
        }
        usize::try_from(head >> 3).map_err(|error| error.to_string())
    }

    fn points(&mut self, count: usize) -> Result<Vec<Point>> {
        if count > self.rest.len() / 2 {
            return Err(format!("{count} points said, fewer there"));
        }
        let (points, rest) = self.rest.split_at(count * 2);
        self.rest = rest;
        let step = |pair: &[u64]| {
            self.at[0] += unfolded(pair[0]);
            self.at[1] += unfolded(pair[1]);
            self.at
        };
        Ok(points.chunks(2).map(step).collect())
    }

    /// A "move to" of one point and a "line to" of at least so many, no two alike one after another.
    fn path(&mut self, least: usize) -> Result<Vec<Point>> {
        if self.count(1)? != 1 {
            return Err("a path that begins more than once".into());
        }
        let mut path = self.points(1)?;
        let count = self.count(2)?;
        if count < least {
            return Err(format!("a path of {count} steps, at least {least} expected"));
        }
        path.extend(self.points(count)?);
        if path.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err("a step of no length".into());
        }
        Ok(path)
    }
}

fn points(commands: &[u64]) -> Result<Geometry> {
    let mut commands = Commands {
        rest: commands,
        at: [0; 2],
    };
    let count = commands.count(1)?;
    if count == 0 {
        return Err("no point".into());
    }
    let points = commands.points(count)?;
    if commands.rest.is_empty() {
        Ok(Geometry::Points(points))
    } else {
        Err("something after the points".into())
    }
}

fn lines(commands: &[u64]) -> Result<Geometry> {
    let mut commands = Commands {
        rest: commands,
        at: [0; 2],
    };
    let mut lines = vec![commands.path(1)?];
    while !commands.rest.is_empty() {
        lines.push(commands.path(1)?);
    }
    Ok(Geometry::Lines(lines))
}

fn polygons(commands: &[u64]) -> Result<Geometry> {
    let mut commands = Commands {
        rest: commands,
        at: [0; 2],
    };
    let mut polygons: Vec<Vec<Vec<Point>>> = Vec::new();
    loop {
        let ring = commands.path(2)?;
        if commands.count(7)? != 1 {
            return Err("a ring that closes not once".into());
        }
        if ring.first() == ring.last() {
            return Err("a ring that repeats its first point".into());
        }
        match (twice_area(&ring), polygons.last_mut()) {
            (0, _) => return Err("a ring without area".into()),
            (1.., _) => polygons.push(vec![ring]),
            (_, Some(polygon)) => polygon.push(ring),
            (_, None) => return Err("a hole before any shell".into()),
        }
        if commands.rest.is_empty() {
            return Ok(Geometry::Polygons(polygons));
        }
    }
}

/// By the surveyor's formula, y down: positive for shells.
pub fn twice_area(ring: &[Point]) -> i64 {
    let next = ring.iter().cycle().skip(1);
    ring.iter().zip(next).map(|(one, two)| one[0] * two[1] - two[0] * one[1]).sum()
}
