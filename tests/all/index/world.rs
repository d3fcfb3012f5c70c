//! Random records, queries and edits, the same for the same seed.
use std::collections::BTreeMap;
use std::sync::Arc;

use geo_types::{Coord, LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon, Rect};
use jiff::Timestamp;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use uuid::Uuid;
use zaiti::domain::catalogue::{Attribute, Catalogue, Kind};
use zaiti::domain::geometry::Shape;
use zaiti::domain::ids::{AttributeKey, CarrierId, CollectionKey, Revision, Version};
use zaiti::domain::query::{Condition, Filter, Region, SortKey, Test};
use zaiti::domain::record::{Closure, Evidence, Provenance, Record};
use zaiti::domain::value::{Range, Value};

pub struct World {
    pub random: ChaCha8Rng,
    pub catalogue: Arc<Catalogue>,
    made: u64,
}

fn on_grid(degrees: f64) -> f64 {
    (degrees * 1e9).round() / 1e9
}

fn at(x: f64, y: f64) -> Coord<f64> {
    Coord {
        x: on_grid(x),
        y: on_grid(y),
    }
}

impl World {
    pub fn new(seed: u64) -> Self {
        Self {
            random: ChaCha8Rng::seed_from_u64(seed),
            catalogue: Arc::new(Catalogue::builtin().unwrap()),
            made: 0,
        }
    }

    pub fn parcels() -> CollectionKey {
        "parcels".into()
    }

    pub fn attributes(&self) -> Vec<Arc<Attribute>> {
        self.catalogue
            .attributes
            .iter()
            .filter(|entry| entry.collections.contains(&Self::parcels()))
            .cloned()
            .collect()
    }

    fn place(&mut self) -> (f64, f64) {
        // A few dense parks on a common lattice, so that borders and corners are really shared.
        let park = f64::from(self.random.random_range(0..4u32)) * 0.03;
        let lot = |random: &mut ChaCha8Rng| f64::from(random.random_range(0..24u32)) * 0.000_5;
        (120.9 + park + lot(&mut self.random), 31.9 + park + lot(&mut self.random))
    }

    fn square(&mut self) -> Polygon<f64> {
        let (x, y) = self.place();
        let side = 0.000_5 * f64::from(self.random.random_range(1..3u32));
        let ring = |x: f64, y: f64, side: f64| vec![at(x, y), at(x + side, y), at(x + side, y + side), at(x, y + side), at(x, y)];
        let mut hole = ring(x + side * 0.25, y + side * 0.25, side * 0.5);
        hole.reverse();
        let holes = if self.random.random_bool(0.2) {
            vec![LineString(hole)]
        } else {
            Vec::new()
        };
        Polygon::new(LineString(ring(x, y, side)), holes)
    }

    pub fn shape(&mut self) -> Shape {
        match self.random.random_range(0..20u32) {
            0 => Shape::None,
            1 => Shape::Lines(MultiLineString(vec![LineString(
                (0..3).map(|_| self.place()).map(|(x, y)| at(x, y)).collect(),
            )])),
            2 => Shape::Points(MultiPoint((0..2).map(|_| self.place()).map(|(x, y)| Point(at(x, y))).collect())),
            3 => Shape::Polygons(MultiPolygon(vec![self.square(), self.square()])),
            4 if self.random.random_bool(0.1) => {
                let far = Polygon::new(
                    LineString(vec![at(-70.0, -30.0), at(-60.0, -30.0), at(-65.0, -20.0), at(-70.0, -30.0)]),
                    Vec::new(),
                );
                Shape::Polygons(MultiPolygon(vec![far]))
            }
            _ => Shape::Polygons(MultiPolygon(vec![self.square()])),
        }
    }

    pub fn value(&mut self, attribute: &Attribute) -> Value {
        let random = &mut self.random;
        let number = |random: &mut ChaCha8Rng| match random.random_range(0..10u32) {
            0 => random.random_range(-1e6..1e6),
            1 => 0.1 + 0.2,
            _ => f64::from(random.random_range(0..4_000i32)) / 10.0,
        };
        match &attribute.kind {
            Kind::Number(_) => Value::Number(number(random)),
            Kind::Range(_) => {
                let (low, wide) = (number(random), number(random).abs());
                let min = random.random_bool(0.8).then_some(low);
                let max = if min.is_none() || random.random_bool(0.7) {
                    Some(low + wide)
                } else {
                    None
                };
                Value::Range(Range {
                    min,
                    max,
                    min_inclusive: min.is_none() || random.random_bool(0.7),
                    max_inclusive: max.is_none() || random.random_bool(0.7),
                })
            }
            Kind::Code { list } => Value::Code(Arc::clone(&self.catalogue.code_lists[list].codes.choose(random).unwrap().code)),
            Kind::Flag => Value::Flag(random.random_bool(0.5)),
            Kind::Text { .. } => Value::Text(
                ["Ärger GmbH", "苏通 厂房", "Nord \"7\"", "east\\9"]
                    .choose(random)
                    .copied()
                    .unwrap()
                    .into(),
            ),
            Kind::Date => Value::Date(jiff::civil::date(
                random.random_range(1_990..2_040),
                random.random_range(1..13),
                random.random_range(1..29),
            )),
        }
    }

    fn values(&mut self) -> BTreeMap<AttributeKey, Value> {
        let mut values = BTreeMap::new();
        for attribute in self.attributes().iter().take(24) {
            if self.random.random_bool(0.6) {
                values.insert(attribute.key.clone(), self.value(attribute));
            }
        }
        if self.random.random_bool(0.05) {
            values.insert("no_longer_known".into(), Value::Text("kept".into()));
        }
        values
    }

    pub fn record(&mut self) -> Record {
        self.made += 1;
        let values = self.values();
        let provenance = Provenance {
            observed_at: Timestamp::UNIX_EPOCH,
            evidence: Evidence::Seen,
            author: format!("surveyor {}", self.made % 3),
        };
        let sources = values
            .keys()
            .take(usize::from(self.random.random_bool(0.3)))
            .map(|key| (key.clone(), provenance.clone()))
            .collect();
        Record {
            id: CarrierId(Uuid::from_u128(
                u128::from(self.random.random::<u64>()) << 64 | u128::from(self.made),
            )),
            collection: Self::parcels(),
            code: format!("P-{:05}", self.made * 7_919 % 100_000),
            geometry: self.shape(),
            version: Version(1),
            revision: Revision(1),
            changed_at: Timestamp::from_microsecond(1_700_000_000_000_000 + i64::from(self.random.random_range(0..5u32))).unwrap(),
            attributes: values,
            provenance: sources,
            closed: None,
        }
    }

    pub fn edit(&mut self, record: &Record, revision: Revision) -> Record {
        let mut record = record.clone();
        record.version.0 += 1;
        record.revision = revision;
        match self.random.random_range(0..8u32) {
            0 => {
                record.closed = Some(Closure {
                    reason: "split".into(),
                    successors: vec!["P-1".into()],
                });
            }
            1 => record.closed = None,
            2 | 3 => record.geometry = self.shape(),
            4 => record.attributes = self.values(),
            _ => {
                let attributes = self.attributes();
                let attribute = attributes[..24].choose(&mut self.random).unwrap();
                record.attributes.insert(attribute.key.clone(), self.value(attribute));
            }
        }
        record
    }

    fn region(&mut self) -> Region {
        let (x, y) = self.place();
        let (wide, high) = (
            self.random.random_range(0.0..0.02),
            0.000_5 * f64::from(self.random.random_range(1..20u32)),
        );
        match self.random.random_range(0..3u32) {
            0 => Region::Box(Rect::new(at(x, y), at(x + wide, y + high))),
            1 => {
                let shell = vec![
                    at(x, y),
                    at(x + wide, y),
                    at(x + wide * 0.5, y + high * 0.5),
                    at(x + wide, y + high),
                    at(x, y + high),
                    at(x, y),
                ];
                Region::Polygon(MultiPolygon(vec![Polygon::new(LineString(shell), Vec::new())]))
            }
            _ => Region::Radius {
                lon: x + 0.000_123,
                lat: y + 0.000_077,
                radius_m: self.random.random_range(10.0..3_000.0),
            },
        }
    }

    fn test(&mut self, attribute: &Attribute) -> Test {
        if self.random.random_bool(0.15) {
            return Test::Known(self.random.random_bool(0.5));
        }
        let given = self.value(attribute);
        let low = self.random.random_bool(0.7);
        match given {
            Value::Number(number) => Test::Number {
                min: low.then_some(number),
                max: (!low || self.random.random_bool(0.5)).then_some(number + 50.0),
            },
            Value::Range(range) => Test::Number {
                min: range.min,
                max: range.max,
            },
            Value::Code(code) => {
                let other = self.value(attribute);
                Test::Code(if let Value::Code(other) = other {
                    vec![code, other]
                } else {
                    vec![code]
                })
            }
            Value::Flag(flag) => Test::Flag(flag),
            Value::Text(text) => Test::Contains(text.chars().take(3).collect()),
            Value::Date(date) => Test::Date {
                from: low.then_some(date),
                to: (!low).then_some(date),
            },
        }
    }

    pub fn filter(&mut self, depth: usize) -> Filter {
        let attributes = self.attributes();
        let parts = |world: &mut Self| (0..world.random.random_range(1..4u32)).map(|_| world.filter(depth - 1)).collect();
        match self.random.random_range(0..12u32) {
            0 if depth > 0 => Filter::All(parts(self)),
            1 if depth > 0 => Filter::Any(parts(self)),
            2 if depth > 0 => Filter::Not(Box::new(self.filter(depth - 1))),
            3 | 4 => Filter::Within(self.region()),
            5 => Filter::Words {
                words: vec![["ärger", "p-0", "厂房", "9"].choose(&mut self.random).copied().unwrap().into()],
                attributes: vec!["name".into(), "address".into()],
            },
            _ => {
                let attribute = Arc::clone(attributes[..24].choose(&mut self.random).unwrap());
                Filter::Test {
                    attribute: attribute.key.clone(),
                    test: self.test(&attribute),
                }
            }
        }
    }

    pub fn conditions(&mut self) -> Vec<Condition> {
        let count = self.random.random_range(0..4u32);
        let named = |filter: Filter| {
            let name = if let Filter::Test { attribute, .. } = &filter {
                Arc::clone(&attribute.0)
            } else {
                "q".into()
            };
            Condition { name, filter }
        };
        (0..count).map(|_| named(self.filter(2))).collect()
    }

    pub fn sort(&mut self) -> Vec<SortKey> {
        let attributes = self.attributes();
        let count = self.random.random_range(0..3usize);
        let keys: Vec<_> = attributes[..24].sample(&mut self.random, count).cloned().collect();
        keys.iter()
            .map(|attribute| SortKey {
                attribute: Some(attribute.key.clone()),
                descending: self.random.random_bool(0.5),
            })
            .collect()
    }
}
