//! One GeoJSON object (a feature or a geometry) as RFC 7946 wants it.
use std::fmt;

use geo_types::{Geometry, GeometryCollection};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Unexpected, Visitor};
use serde_json::Value;

use super::coordinates::{Coordinates, CoordinatesSeed};
use crate::formats::Limits;

/// Named values in the order of the file.
pub(super) type Properties = Vec<(String, Value)>;

/// What an object says.
#[derive(Debug)]
pub(super) struct Content {
    pub(super) geometry: Option<Geometry<f64>>,
    pub(super) properties: Properties,
}

/// What an object may be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// A feature or a bare geometry.
    Any,
    /// A member of `features`.
    Feature,
    /// A member `geometry` or one of `geometries`.
    Geometry,
}

/// Reads one object from its bytes.
pub(super) fn parse(bytes: &[u8], role: Role, limits: &Limits) -> Result<Content, serde_json::Error> {
    let mut input = serde_json::Deserializer::from_slice(bytes);
    let seed = ObjectSeed { role, limits, depth: 0 };
    let content = seed.deserialize(&mut input)?;
    input.end()?;
    Ok(content.unwrap_or(Content {
        geometry: None,
        properties: Vec::new(),
    }))
}

/// Names of members that mean something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(field_identifier, rename_all = "lowercase")]
enum Member {
    Type,
    Geometry,
    Properties,
    Id,
    Bbox,
    Coordinates,
    Geometries,
    Features,
    #[serde(other)]
    Other,
}

#[derive(Clone, Copy)]
struct ObjectSeed<'a> {
    role: Role,
    limits: &'a Limits,
    depth: usize,
}

/// The member `geometry`, which may be null.
struct GeometryMember(Option<Geometry<f64>>);

/// Members as they come, before the type is known.
#[derive(Default)]
struct Members {
    kind: Option<String>,
    geometry: Option<GeometryMember>,
    properties: Option<Properties>,
    id: Option<Value>,
    bbox: Option<()>,
    coordinates: Option<Coordinates>,
    geometries: Option<Vec<Geometry<f64>>>,
    features: Option<()>,
}

impl<'de> DeserializeSeed<'de> for ObjectSeed<'_> {
    type Value = Option<Content>;

    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<Self::Value, D::Error> {
        input.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ObjectSeed<'_> {
    type Value = Option<Content>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self.role {
            Role::Any => "a GeoJSON object",
            Role::Feature => "a feature",
            Role::Geometry => "a geometry",
        })
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        match self.role {
            Role::Geometry if self.depth == 1 => Ok(None),
            Role::Any | Role::Feature | Role::Geometry => Err(E::invalid_type(Unexpected::Other("null"), &self)),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Members::default();
        while let Some(member) = map.next_key::<Member>()? {
            self.read_member(member, &mut members, &mut map)?;
        }
        let Some(kind) = members.kind.take() else {
            return Err(A::Error::invalid_value(Unexpected::Other("an object without `type`"), &self));
        };
        if kind == "Feature" && self.role != Role::Geometry {
            members.into_feature().map(Some)
        } else if GEOMETRY_TYPES.contains(&kind.as_str()) && self.role != Role::Feature {
            members.into_geometry(&kind).map(|geometry| {
                Some(Content {
                    geometry,
                    properties: Vec::new(),
                })
            })
        } else {
            Err(A::Error::invalid_value(Unexpected::Other(&format!("the type `{kind}`")), &self))
        }
    }
}

const GEOMETRY_TYPES: [&str; 7] = [
    "Point",
    "MultiPoint",
    "LineString",
    "MultiLineString",
    "Polygon",
    "MultiPolygon",
    "GeometryCollection",
];

impl ObjectSeed<'_> {
    fn read_member<'de, A: MapAccess<'de>>(&self, member: Member, into: &mut Members, map: &mut A) -> Result<(), A::Error> {
        match member {
            Member::Type => put(&mut into.kind, map.next_value()?, "type"),
            Member::Geometry => {
                let content = map.next_value_seed(self.inner()?)?;
                put(
                    &mut into.geometry,
                    GeometryMember(content.and_then(|content| content.geometry)),
                    "geometry",
                )
            }
            Member::Properties => put(&mut into.properties, map.next_value_seed(PropertiesSeed)?, "properties"),
            Member::Id => put(&mut into.id, map.next_value_seed(IdSeed)?, "id"),
            Member::Bbox => put(&mut into.bbox, map.next_value_seed(BboxSeed)?, "bbox"),
            Member::Coordinates => {
                let seed = CoordinatesSeed {
                    max_vertices: self.limits.max_vertices,
                };
                put(&mut into.coordinates, map.next_value_seed(seed)?, "coordinates")
            }
            Member::Geometries => put(
                &mut into.geometries,
                map.next_value_seed(GeometriesSeed(self.inner()?))?,
                "geometries",
            ),
            Member::Features => put(&mut into.features, map.next_value::<IgnoredAny>().map(|_| ())?, "features"),
            Member::Other => map.next_value::<IgnoredAny>().map(|_| ()),
        }
    }

    fn inner<E: Error>(&self) -> Result<Self, E> {
        if self.depth >= self.limits.max_depth {
            return Err(E::invalid_value(
                Unexpected::Other("a more deeply nested geometry"),
                &"fewer nested collections",
            ));
        }
        Ok(Self {
            role: Role::Geometry,
            limits: self.limits,
            depth: self.depth + 1,
        })
    }
}

fn put<T, E: Error>(slot: &mut Option<T>, value: T, name: &'static str) -> Result<(), E> {
    if slot.is_some() {
        return Err(E::invalid_value(
            Unexpected::Other(&format!("a second member `{name}`")),
            &"each member once",
        ));
    }
    *slot = Some(value);
    Ok(())
}

/// RFC 7946, section 7.1: members that define one type of object may not stand in another.
fn refuse<T, E: Error>(slot: Option<&T>, given: &'static str, expected: &'static str) -> Result<(), E> {
    match slot {
        Some(_) => Err(E::invalid_value(Unexpected::Other(given), &expected)),
        None => Ok(()),
    }
}

impl Members {
    fn into_feature<E: Error>(self) -> Result<Content, E> {
        let expected = "a feature with `geometry` and `properties` only";
        refuse(self.coordinates.as_ref(), "`coordinates` in a feature", expected)?;
        refuse(self.geometries.as_ref(), "`geometries` in a feature", expected)?;
        refuse(self.features.as_ref(), "`features` in a feature", expected)?;
        let missing = |given| E::invalid_value(Unexpected::Other(given), &"both, null when there is none");
        let GeometryMember(geometry) = self.geometry.ok_or_else(|| missing("a feature without `geometry`"))?;
        let mut properties = self.properties.ok_or_else(|| missing("a feature without `properties`"))?;
        if let Some(id) = self.id
            && !properties.iter().any(|(name, _)| name == "id")
        {
            properties.push(("id".to_owned(), id));
        }
        Ok(Content { geometry, properties })
    }

    fn into_geometry<E: Error>(self, kind: &str) -> Result<Option<Geometry<f64>>, E> {
        let expected = "a geometry with its own members only";
        refuse(self.geometry.as_ref(), "`geometry` in a geometry", expected)?;
        refuse(self.properties.as_ref(), "`properties` in a geometry", expected)?;
        refuse(self.features.as_ref(), "`features` in a geometry", expected)?;
        if kind == "GeometryCollection" {
            let geometries = self
                .geometries
                .ok_or_else(|| E::invalid_value(Unexpected::Other("a collection without `geometries`"), &"`geometries`"))?;
            return Ok(Some(Geometry::GeometryCollection(GeometryCollection(geometries))));
        }
        let coordinates = self
            .coordinates
            .ok_or_else(|| E::invalid_value(Unexpected::Other("a geometry without `coordinates`"), &"`coordinates`"))?;
        coordinates
            .into_geometry(kind)
            .map_err(|(given, expected)| E::invalid_value(Unexpected::Other(&given), &expected))
    }
}

struct GeometriesSeed<'a>(ObjectSeed<'a>);

impl<'de> DeserializeSeed<'de> for GeometriesSeed<'_> {
    type Value = Vec<Geometry<f64>>;

    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<Self::Value, D::Error> {
        input.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for GeometriesSeed<'_> {
    type Value = Vec<Geometry<f64>>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an array of geometries")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        // One deeper than the member itself, so that null is refused inside the array.
        let seed = ObjectSeed {
            depth: self.0.depth + 1,
            ..self.0
        };
        let mut geometries = Vec::new();
        while let Some(content) = items.next_element_seed(seed)? {
            geometries.extend(content.and_then(|content| content.geometry));
        }
        Ok(geometries)
    }
}

struct PropertiesSeed;

impl<'de> DeserializeSeed<'de> for PropertiesSeed {
    type Value = Properties;

    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<Self::Value, D::Error> {
        input.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for PropertiesSeed {
    type Value = Properties;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object or null as `properties`")
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut properties: Properties = Vec::new();
        while let Some((name, value)) = map.next_entry::<String, Value>()? {
            if properties.iter().any(|(other, _)| *other == name) {
                return Err(A::Error::invalid_value(
                    Unexpected::Other(&format!("a second property `{name}`")),
                    &"each property once",
                ));
            }
            properties.push((name, value));
        }
        Ok(properties)
    }
}

struct IdSeed;

impl<'de> DeserializeSeed<'de> for IdSeed {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<Value, D::Error> {
        match Value::deserialize(input)? {
            value @ (Value::String(_) | Value::Number(_)) => Ok(value),
            other => Err(D::Error::invalid_value(
                Unexpected::Other(&format!("the id `{other}`")),
                &"a string or a number",
            )),
        }
    }
}

/// Checks a `bbox`; nothing is done with it.
pub(super) struct BboxSeed;

impl<'de> DeserializeSeed<'de> for BboxSeed {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<(), D::Error> {
        let numbers = Vec::<f64>::deserialize(input)?;
        match numbers.len() {
            4 | 6 => Ok(()),
            count => Err(D::Error::invalid_value(
                Unexpected::Other(&format!("a bbox of {count} numbers")),
                &"4 or 6 numbers",
            )),
        }
    }
}
