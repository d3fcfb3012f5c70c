//! Shapes that are awkward to draw, and tiles that are awkward to ask for.
use std::f64::consts::TAU;
use std::sync::Arc;

use geo_types::{Coord, LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon};
use zaiti::domain::geometry::Shape;
use zaiti::domain::record::Record;
use zaiti::tiles::{TileRequest, encode};

use super::decoder::{Geometry, twice_area};
use super::laws::{home, read, request, snapshot};
use crate::index::world::World;

fn on_grid(degrees: f64) -> f64 {
    (degrees * 1e9).round() / 1e9
}

fn closed(points: impl IntoIterator<Item = (f64, f64)>) -> LineString<f64> {
    let mut ring: Vec<_> = points
        .into_iter()
        .map(|(x, y)| Coord {
            x: on_grid(x),
            y: on_grid(y),
        })
        .collect();
    ring.push(ring[0]);
    LineString(ring)
}

fn square(west: f64, south: f64, side: f64) -> LineString<f64> {
    closed([
        (west, south),
        (west + side, south),
        (west + side, south + side),
        (west, south + side),
    ])
}

fn polygons(parts: Vec<(LineString<f64>, Vec<LineString<f64>>)>) -> Shape {
    Shape::Polygons(MultiPolygon(
        parts.into_iter().map(|(shell, holes)| Polygon::new(shell, holes)).collect(),
    ))
}

fn record(world: &mut World, shape: Shape) -> Arc<Record> {
    Arc::new(Record {
        geometry: shape,
        ..world.record()
    })
}

/// A star with so many vertices around a middle.
fn star((x, y): (f64, f64), radius: f64, vertices: u32) -> LineString<f64> {
    let vertex = |at: u32| {
        let turn = TAU * f64::from(at) / f64::from(vertices);
        let reach = radius * if at.is_multiple_of(2) { 1.0 } else { 0.97 };
        (x + reach * turn.cos(), y + reach * turn.sin() * 0.8)
    };
    closed((0..vertices).map(vertex))
}

fn polygons_of(bytes: &[u8], code: &str) -> Vec<Vec<Vec<[i64; 2]>>> {
    let (drawn, _) = read(bytes);
    match &drawn[code].geometry {
        Geometry::Polygons(polygons) => polygons.clone(),
        other => panic!("{other:?} for polygons"),
    }
}

#[test]
fn the_largest_real_polygon_keeps_to_the_budget_and_stays_a_polygon() {
    const VERTICES: u32 = 85_430;
    let mut world = World::new(1);
    let big = record(&mut world, polygons(vec![(star((121.0, 32.0), 0.4, VERTICES), Vec::new())]));
    let parcels: Vec<_> = (0..200u32)
        .map(|at| {
            record(
                &mut world,
                polygons(vec![(square(121.0 + f64::from(at) * 0.002, 31.9, 0.001), Vec::new())]),
            )
        })
        .collect();
    let all: Vec<_> = std::iter::once(Arc::clone(&big)).chain(parcels).collect();
    let snapshot = snapshot(&world, &all);
    for z in 0..=16 {
        for budget_bytes in [1_000, 5_000, 50_000, 500_000] {
            let request = TileRequest {
                budget_bytes,
                ..request(z, home(z, &big).unwrap())
            };
            let bytes = encode(&snapshot, &request);
            assert!(bytes.len() <= budget_bytes, "{} bytes of {budget_bytes} at {z}", bytes.len());
            let (drawn, _) = read(&bytes);
            if z >= 4 && budget_bytes >= 5_000 {
                assert!(drawn.contains_key(&big.code), "not drawn in {budget_bytes} bytes at {z}");
            }
        }
    }
}

#[test]
fn a_polygon_around_the_tile_fills_it_but_for_its_hole() {
    let mut world = World::new(2);
    let shape = polygons(vec![(square(120.0, 31.0, 2.0), vec![square(120.9, 31.9, 0.01)])]);
    let around = record(&mut world, shape);
    let snapshot = snapshot(&world, std::slice::from_ref(&around));
    let parts = polygons_of(&encode(&snapshot, &request(16, (54_800, 26_640))), &around.code);
    assert_eq!(parts.iter().flatten().map(|ring| twice_area(ring)).sum::<i64>(), 2 * 4_224 * 4_224);
    let hole = home(
        14,
        &record(&mut world, polygons(vec![(square(120.905, 31.905, 0.001), Vec::new())])),
    )
    .unwrap();
    let parts = polygons_of(&encode(&snapshot, &request(14, hole)), &around.code);
    assert_eq!(parts.len(), 1);
    assert_eq!(parts[0].len(), 2);
}

#[test]
fn holes_go_with_their_shell_and_small_ones_alone() {
    let mut world = World::new(3);
    let shape = polygons(vec![
        (square(121.0, 32.0, 0.000_02), vec![square(121.000_005, 32.000_005, 0.000_01)]),
        (
            square(121.01, 32.0, 0.02),
            vec![square(121.015, 32.005, 0.000_02), square(121.02, 32.01, 0.005)],
        ),
    ]);
    let parcel = record(&mut world, shape);
    let snapshot = snapshot(&world, std::slice::from_ref(&parcel));
    let parts = polygons_of(&encode(&snapshot, &request(10, home(10, &parcel).unwrap())), &parcel.code);
    assert_eq!(parts.iter().map(Vec::len).collect::<Vec<_>>(), [2]);
}

#[test]
fn parts_far_apart_are_drawn_each_in_its_place_and_nowhere_between() {
    let mut world = World::new(4);
    let shape = polygons(vec![
        (square(-70.0, 40.0, 0.01), Vec::new()),
        (square(120.0, -30.0, 0.01), Vec::new()),
    ]);
    let far = record(&mut world, shape);
    let here = record(&mut world, polygons(vec![(square(120.0, -30.0, 0.01), Vec::new())]));
    let between = record(&mut world, polygons(vec![(square(25.0, 5.0, 0.01), Vec::new())]));
    let snapshot = snapshot(&world, &[Arc::clone(&far), Arc::clone(&here), Arc::clone(&between)]);
    let drawn = |record: &Record| read(&encode(&snapshot, &request(13, home(13, record).unwrap()))).0;
    assert!(drawn(&far).contains_key(&far.code));
    assert!(drawn(&here).contains_key(&far.code));
    assert!(!drawn(&between).contains_key(&far.code));
}

#[test]
fn nothing_at_the_ends_of_the_earth_is_lost_or_too_much() {
    let mut world = World::new(5);
    let all: Vec<_> = [
        polygons(vec![(square(179.0, 0.0, 1.0), Vec::new()), (square(-180.0, 0.0, 1.0), Vec::new())]),
        polygons(vec![(
            closed([(-180.0, -90.0), (180.0, -90.0), (180.0, -60.0), (-180.0, -60.0)]),
            Vec::new(),
        )]),
        polygons(vec![(square(10.0, 88.0, 2.0), Vec::new())]),
        polygons(vec![(
            closed([(-180.0, -90.0), (180.0, -90.0), (180.0, 90.0), (-180.0, 90.0)]),
            Vec::new(),
        )]),
        Shape::Points(MultiPoint(vec![Point::new(180.0, 90.0), Point::new(-180.0, -90.0)])),
        Shape::Lines(MultiLineString(vec![LineString(vec![
            Coord { x: -180.0, y: 89.0 },
            Coord { x: 180.0, y: -89.0 },
        ])])),
        Shape::None,
    ]
    .into_iter()
    .map(|shape| record(&mut world, shape))
    .collect();
    let snapshot = snapshot(&world, &all);
    for z in [0u8, 1, 2, 5] {
        let side = 1u32 << z;
        let mut accounted = 0;
        for place in (0..side).flat_map(|x| (0..side).map(move |y| (x, y))) {
            let (drawn, counted) = read(&encode(&snapshot, &request(z, place)));
            let own = all
                .iter()
                .filter(|record| home(z, record) == Some(place) && drawn.contains_key(&record.code));
            accounted += own.count() + usize::try_from(counted).unwrap();
        }
        assert_eq!(accounted, 6, "at zoom {z}");
    }
    for z in [14, 20, 24] {
        for record in all.iter().filter(|record| home(z, record).is_some()) {
            read(&encode(&snapshot, &request(z, home(z, record).unwrap())));
        }
    }
}

#[test]
fn lines_are_cut_into_pieces_and_points_told_once() {
    let mut world = World::new(6);
    let (x, y) = (121.0, 32.0);
    let zigzag = (0..40).map(|at| Coord {
        x: on_grid(x + 0.002 * f64::from(at)),
        y: on_grid(y + if at % 2 == 0 { -0.1 } else { 0.1 }),
    });
    let line = record(&mut world, Shape::Lines(MultiLineString(vec![LineString(zigzag.collect())])));
    let twice = [Point::new(x, y), Point::new(x + 0.001, y), Point::new(x, y)];
    let points = record(&mut world, Shape::Points(MultiPoint(twice.to_vec())));
    let snapshot = snapshot(&world, &[Arc::clone(&line), Arc::clone(&points)]);
    let (drawn, counted) = read(&encode(&snapshot, &request(13, home(13, &points).unwrap())));
    let (Geometry::Lines(pieces), Geometry::Points(told)) = (&drawn[&line.code].geometry, &drawn[&points.code].geometry) else {
        panic!("{drawn:?}")
    };
    assert!(pieces.len() > 10, "{pieces:?}");
    assert_eq!((told.len(), counted), (2, 0));
}

#[test]
fn neighbours_share_their_border_to_the_unit() {
    let mut world = World::new(7);
    let border: Vec<(f64, f64)> = (0..200)
        .map(|at| (121.0 + 0.000_3 * (f64::from(at) * 1.7).sin(), 32.0 + f64::from(at) * 0.000_1))
        .collect();
    let with_side = |x: f64| {
        let mut ring = border.clone();
        ring.extend([(x, border[199].1), (x, border[0].1)]);
        polygons(vec![(closed(ring), Vec::new())])
    };
    let (left, right) = (record(&mut world, with_side(120.98)), record(&mut world, with_side(121.02)));
    let snapshot = snapshot(&world, &[Arc::clone(&left), Arc::clone(&right)]);
    for z in 9..16 {
        let bytes = encode(&snapshot, &request(z, home(z, &left).unwrap()));
        let area = |code: &str| polygons_of(&bytes, code).iter().flatten().map(|ring| twice_area(ring)).sum::<i64>();
        let points = |code: &str| polygons_of(&bytes, code).concat().concat();
        let all: Vec<_> = points(&left.code).into_iter().chain(points(&right.code)).collect();
        let side = |axis: usize| all.iter().map(|point| point[axis]).max().unwrap() - all.iter().map(|point| point[axis]).min().unwrap();
        assert_eq!(
            area(&left.code) + area(&right.code),
            2 * side(0) * side(1),
            "a gap or an overlap at {z}"
        );
    }
}

#[test]
fn tiles_that_are_none_are_empty() {
    let mut world = World::new(8);
    let parcel = record(&mut world, polygons(vec![(square(121.0, 32.0, 0.01), Vec::new())]));
    let snapshot = snapshot(&world, &[parcel]);
    for (z, x, y) in [(0, 1, 0), (3, 0, 8), (25, 0, 0), (255, 7, 7), (24, u32::MAX, 0)] {
        assert!(encode(&snapshot, &request(z, (x, y))).is_empty());
    }
    let elsewhere = TileRequest {
        collection: "nowhere".into(),
        ..request(0, (0, 0))
    };
    assert!(encode(&snapshot, &elsewhere).is_empty());
}
