//! Distances to overlays, and lying in them, beside what PostGIS says of the same shapes.
use std::collections::BTreeMap;
use std::fmt::Write as _;

use geo::Centroid as _;
use geo_types::{Coord, Geometry, LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value as Json, json};
use zaiti::domain::catalogue::Effect;
use zaiti::domain::geometry::{Shape, canonical};
use zaiti::domain::viewer::Role;

use super::made::{Made, ask};
use crate::support::postgres::{Database, database};

/// Metres that the two may differ by: they look for the nearest points in different planes.
const TOLERANCE_M: f64 = 0.002;

const CORNER: Coord<f64> = Coord { x: 120.98, y: 31.85 };

fn place(random: &mut ChaCha8Rng) -> Coord<f64> {
    CORNER
        + Coord {
            x: random.random_range(0.0..0.04),
            y: random.random_range(0.0..0.04),
        }
}

/// A star around a place, some 100 m wide, perhaps with a hole.
fn star(random: &mut ChaCha8Rng, at: Coord<f64>) -> Polygon<f64> {
    let mut ring = |from: f64, to: f64| {
        let corner = |nth: u32| {
            let (angle, far) = (f64::from(nth) / 9.0 * std::f64::consts::TAU, random.random_range(from..to));
            at + Coord {
                x: far * angle.cos(),
                y: far * angle.sin(),
            }
        };
        LineString((0..9).map(corner).collect())
    };
    let (shell, hole) = (ring(0.0003, 0.002), ring(0.0001, 0.0002));
    Polygon::new(shell, if random.random_bool(0.3) { vec![hole] } else { Vec::new() })
}

fn shape(random: &mut ChaCha8Rng) -> Shape {
    let at = place(random);
    let geometry = match random.random_range(0..6u32) {
        0 => Geometry::from(Point(at)),
        1 => MultiPoint(vec![Point(at), Point(place(random))]).into(),
        2 => MultiLineString(vec![LineString(vec![
            at,
            at + Coord { x: 0.003, y: 0.001 },
            at + Coord { x: 0.002, y: 0.004 },
        ])])
        .into(),
        3 => {
            let other = place(random);
            MultiPolygon(vec![star(random, at), star(random, other)]).into()
        }
        _ => star(random, at).into(),
    };
    canonical(geometry).map_or(Shape::None, |found| found.shape)
}

fn polygons(random: &mut ChaCha8Rng) -> Shape {
    let at = place(random);
    canonical(star(random, at).into()).unwrap().shape
}

fn text(shape: &Shape) -> String {
    let at = |at: &Coord<f64>| format!("{} {}", at.x, at.y);
    let line = |line: &LineString<f64>| format!("({})", line.0.iter().map(at).collect::<Vec<_>>().join(","));
    let part = |part: &Polygon<f64>| {
        let rings: Vec<_> = std::iter::once(part.exterior()).chain(part.interiors()).map(line).collect();
        format!("({})", rings.join(","))
    };
    let words = match shape {
        Shape::None => return "NULL::geometry".to_owned(),
        Shape::Points(points) => format!(
            "MULTIPOINT({})",
            points.iter().map(|point| at(&point.0)).collect::<Vec<_>>().join(",")
        ),
        Shape::Lines(lines) => format!("MULTILINESTRING({})", lines.iter().map(line).collect::<Vec<_>>().join(",")),
        Shape::Polygons(polygons) => format!("MULTIPOLYGON({})", polygons.iter().map(part).collect::<Vec<_>>().join(",")),
    };
    format!("ST_GeomFromText('{words}', 4326)")
}

struct World {
    parcels: Vec<(String, Shape)>,
    overlays: BTreeMap<&'static str, Vec<Shape>>,
    made: Made,
}

impl World {
    fn new() -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(41);
        let kinds = [
            ("mixed", Effect::Info, 0.0),
            ("zones", Effect::Exclude, 0.0),
            ("guarded", Effect::Exclude, 120.0),
        ];
        let mut world = Self {
            parcels: (0..180).map(|at| (format!("P-{at:03}"), polygons(&mut random))).collect(),
            overlays: BTreeMap::new(),
            made: Made::new(&kinds),
        };
        for (name, shape) in &world.parcels {
            world.made.add(("parcels", name), shape.clone(), &[]);
        }
        for (key, count) in [("mixed", 12), ("zones", 60), ("guarded", 14)] {
            let one = |random: &mut ChaCha8Rng| if key == "zones" { polygons(random) } else { shape(random) };
            let shapes: Vec<Shape> = (0..count).map(|_| one(&mut random)).collect();
            for (at, shape) in shapes.iter().enumerate() {
                world.made.add((key, &format!("{key}-{at}")), shape.clone(), &[]);
            }
            world.overlays.insert(key, shapes);
        }
        world
    }

    /// What PostGIS selects of each parcel `p` and all shapes `u` of an overlay, which are the rows of `o`.
    fn sql(&self, database: &Database<'_>, (overlay, select): (&str, &str)) -> Vec<Vec<f64>> {
        let shapes: Vec<String> = self.overlays[overlay].iter().map(|shape| format!("({})", text(shape))).collect();
        let mut found = Vec::new();
        for portion in self.parcels.chunks(30) {
            let mut sql = format!("WITH o(g) AS (VALUES {}) SELECT {select} FROM (VALUES ", shapes.join(", "));
            for (nth, (_, shape)) in portion.iter().enumerate() {
                let comma = if nth == 0 { "" } else { ", " };
                write!(sql, "{comma}({nth}, {})", text(shape)).unwrap();
            }
            sql.push_str(") AS v(n, p) ORDER BY n");
            let printed = database.sql(&sql);
            found.extend(
                printed
                    .lines()
                    .map(|line| line.split('|').map(|cell| cell.parse().unwrap()).collect::<Vec<f64>>()),
            );
        }
        assert_eq!(found.len(), self.parcels.len());
        found
    }
}

/// State and value of the only gate, by code.
fn states(answer: &Json) -> BTreeMap<&str, (&str, Option<f64>)> {
    let lists = ["results", "unknowns", "near_misses"].map(|list| answer[list].as_array().unwrap());
    let each = lists.into_iter().flatten();
    each.map(|item| {
        let gate = &item["gates"][0];
        (
            item["code"].as_str().unwrap(),
            (gate["state"].as_str().unwrap(), gate["value"].as_f64()),
        )
    })
    .collect()
}

fn asked(need: &Json) -> Json {
    json!({"seeks": ["parcel"], "needs": [need], "limit": 200})
}

/// The nearest points in a plane that keeps angles, and the length between them on the ellipsoid. (Distances of geographies are measured on a sphere
/// first, which is some decimetres off.)
const NEAREST: &str = "(SELECT min(coalesce(ST_Length(ST_Transform(ST_ShortestLine(ST_Transform(p, 32651), ST_Transform(g, 32651)), 4326)::geography), 0)) FROM o)";

#[test]
fn distances_are_those_of_postgis_and_not_of_centroids() {
    let world = World::new();
    let database = database();
    let snapshot = world.made.snapshot();
    let mut otherwise = 0;
    for overlay in ["mixed", "zones", "guarded"] {
        let select = format!("{NEAREST}, (SELECT min(ST_Distance(ST_Centroid(p)::geography, ST_Centroid(g)::geography)) FROM o)");
        let rows = world.sql(&database, (overlay, &select));
        for (bound, bounds) in [("max_m", [150.0, 600.0, 1_500.0]), ("min_m", [1.0, 300.0, 900.0])] {
            for metres in bounds {
                let answer = ask(
                    &snapshot,
                    Role::Public,
                    &asked(&json!({"distance": {"overlay": overlay, bound: metres}})),
                );
                let states = states(&answer);
                for ((name, _), row) in world.parcels.iter().zip(&rows) {
                    let (nearest, of_centroids) = (row[0], row[1]);
                    let (state, value) = states[name.as_str()];
                    assert!(
                        (value.unwrap() - nearest).abs() < TOLERANCE_M,
                        "{name} {overlay}: {value:?}, PostGIS {nearest}"
                    );
                    let holds = |has: f64| if bound == "max_m" { has <= metres } else { has >= metres };
                    if (nearest - metres).abs() > TOLERANCE_M {
                        assert_eq!(state, if holds(nearest) { "pass" } else { "fail" }, "{name} {overlay}: {nearest}");
                        otherwise += usize::from(holds(nearest) != holds(of_centroids));
                    }
                }
            }
        }
    }
    assert!(otherwise > 100, "centroids would have said the same but for {otherwise}");
}

#[test]
fn lying_outside_and_inside_is_what_postgis_says() {
    let world = World::new();
    let database = database();
    let snapshot = world.made.snapshot();
    let mut counts = BTreeMap::new();
    let mut check = |need: &Json, expected: &mut dyn FnMut(usize) -> Option<bool>| {
        let answer = ask(&snapshot, Role::Public, &asked(need));
        let states = states(&answer);
        for (at, (name, _)) in world.parcels.iter().enumerate() {
            let Some(holds) = expected(at) else { continue };
            assert_eq!(states[name.as_str()].0, if holds { "pass" } else { "fail" }, "{name} {need}");
            *counts.entry((need.to_string(), holds)).or_insert(0) += 1;
        }
    };
    // Away from features by more than their buffer, whatever their kind.
    let guarded = world.sql(&database, ("guarded", NEAREST));
    check(&json!({"outside": {"overlay": "guarded"}}), &mut |at| {
        let nearest = guarded[at][0];
        ((nearest - 120.0).abs() > TOLERANCE_M).then_some(nearest > 120.0)
    });
    // A square metre in common is a border drawn twice.
    let common = "ST_Area(ST_Intersection(p, (SELECT ST_Union(g) FROM o))::geography)";
    let zones = world.sql(&database, ("zones", common));
    check(&json!({"outside": {"overlay": "zones"}}), &mut |at| {
        ((zones[at][0] - 1.0).abs() > 0.1).then_some(zones[at][0] < 1.0)
    });
    assert!(counts.len() == 4 && counts.values().all(|count| *count > 10), "{counts:?}");
}

#[test]
fn a_parcel_is_inside_when_all_of_it_is_covered() {
    let mut random = ChaCha8Rng::seed_from_u64(42);
    let kinds = [("zones", Effect::Restrict, 0.0)];
    let mut world = World {
        parcels: Vec::new(),
        overlays: BTreeMap::new(),
        made: Made::new(&kinds),
    };
    let zones: Vec<Shape> = (0..30).map(|_| polygons(&mut random)).collect();
    for (at, zone) in zones.iter().enumerate() {
        world.made.add(("zones", &format!("Z-{at}")), zone.clone(), &[]);
        // Smaller ones around the middle of the zone: some within it, some across its border.
        let Shape::Polygons(ground) = zone else { panic!("ground") };
        let middle = ground.centroid().unwrap().0;
        for (nth, share) in [0.05, 0.3, 0.8].into_iter().enumerate() {
            let smaller = geo::MapCoords::map_coords(ground, |at: Coord<f64>| middle + (at - middle) * share);
            let name = format!("P-{at:02}-{nth}");
            let shape = canonical(smaller.into()).unwrap().shape;
            world.made.add(("parcels", &name), shape.clone(), &[]);
            world.parcels.push((name, shape));
        }
    }
    world.overlays.insert("zones", zones);
    let left = world.sql(
        &database(),
        ("zones", "ST_Area(ST_Difference(p, (SELECT ST_Union(g) FROM o))::geography)"),
    );
    let answer = ask(
        &world.made.snapshot(),
        Role::Public,
        &asked(&json!({"inside": {"overlay": "zones"}})),
    );
    let states = states(&answer);
    let mut counts = [0, 0];
    for ((name, _), row) in world.parcels.iter().zip(&left) {
        if (row[0] - 1.0).abs() > 0.1 {
            let is_inside = row[0] < 1.0;
            assert_eq!(
                states[name.as_str()].0,
                if is_inside { "pass" } else { "fail" },
                "{name}: {row:?} m2 outside"
            );
            counts[usize::from(is_inside)] += 1;
        }
    }
    assert!(counts.iter().all(|count| *count > 10), "{counts:?}");
}
