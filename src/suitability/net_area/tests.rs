use geo_types::{Coord, LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::super::ground::{area_m2, within};
use super::*;

const FAR: Coord<f64> = Coord {
    x: 92_745.729,
    y: 3_526_747.15,
};

fn rectangle(x: f64, y: f64, width: f64, depth: f64) -> Polygon<f64> {
    let corners = [(x, y), (x + width, y), (x + width, y + depth), (x, y + depth)];
    Polygon::new(LineString(corners.map(|(x, y)| FAR + Coord { x, y }).to_vec()), Vec::new())
}

fn parcel() -> MultiPolygon<f64> {
    MultiPolygon(vec![rectangle(0.0, 0.0, 100.0, 60.0)])
}

fn layer(key: &str, shape: Shape, buffer_m: f64) -> Layer {
    Layer {
        key: key.into(),
        shapes: vec![shape],
        buffer_m,
        date: None,
    }
}

fn zone(key: &str, polygon: Polygon<f64>) -> Layer {
    layer(key, Shape::Polygons(MultiPolygon(vec![polygon])), 0.0)
}

fn line(key: &str, coords: &[(f64, f64)], buffer_m: f64) -> Layer {
    let coords = coords.iter().map(|(x, y)| FAR + Coord { x: *x, y: *y }).collect();
    layer(key, Shape::Lines(MultiLineString(vec![LineString(coords)])), buffer_m)
}

#[track_caller]
fn near(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance, "found {found}, expected {expected}");
}

#[test]
fn a_parcel_on_paper() {
    let layers = [
        zone("river", rectangle(-50.0, 40.0, 80.0, 100.0)),
        line("cable", &[(-1000.0, 30.0), (1000.0, 30.0)], 15.0),
    ];
    let found = net_area(&parcel(), &Setback::Uniform(5.0), &layers).unwrap();
    near(found.gross_m2, 6000.0, 1e-6);
    // Setback 6000 - 90 x 50; river 30 x 20; cable 100 x 30, from 15 to 45.
    let [setback, river, cable] = found.shares.as_slice() else {
        panic!("{found:?}")
    };
    near(setback.own_m2, 1500.0, 1e-3);
    near(river.own_m2, 600.0, 1e-3);
    near(cable.own_m2, 3000.0, 1e-3);
    // Only the river: x 5 to 30, y 45 to 55; only the cable: x 5 to 95, y 15 to 45, less x 5 to 30, y 40 to 45.
    near(river.only_m2, 250.0, 1e-3);
    near(cable.only_m2, 90.0 * 30.0 - 125.0, 1e-3);
    // Steps: the setback; the river inside it; the cable inside both.
    near(setback.step_m2, 1500.0, 1e-3);
    near(river.step_m2, 25.0 * 15.0, 1e-3);
    near(cable.step_m2, 2575.0, 1e-3);
    near(found.net_m2, 4500.0 - 375.0 - 2575.0, 1e-3);
    near(found.largest_part_m2, 90.0 * 10.0, 1e-3);
    assert_eq!(found.net.0.len(), 2);
    assert_eq!(setback.taker, Taker::Setback);
}

#[test]
fn the_same_ground_is_never_taken_twice() {
    let twice = [
        zone("a", rectangle(0.0, 0.0, 50.0, 60.0)),
        zone("b", rectangle(0.0, 0.0, 50.0, 60.0)),
    ];
    let found = net_area(&parcel(), &Setback::Uniform(0.0), &twice).unwrap();
    near(found.net_m2, 3000.0, 1e-3);
    near(found.overlap_m2, 3000.0, 1e-3);
    for share in &found.shares {
        near(share.own_m2, 3000.0, 1e-3);
        near(share.only_m2, 0.0, 1e-3);
    }
    let everything = [zone("all", rectangle(-1.0, -1.0, 200.0, 200.0))];
    let found = net_area(&parcel(), &Setback::Uniform(0.0), &everything).unwrap();
    assert!(found.net_m2 <= 0.0 && found.net.0.is_empty() && found.largest_part_m2 <= 0.0);
}

#[test]
fn what_takes_nothing_is_listed_with_zero() {
    let layers = [
        zone("far", rectangle(500.0, 0.0, 10.0, 10.0)),
        line("a line without a buffer", &[(10.0, -10.0), (10.0, 90.0)], 0.0),
    ];
    let found = net_area(&parcel(), &Setback::Uniform(0.0), &layers).unwrap();
    assert!(found.net_m2 >= found.gross_m2 && found.shares.len() == 2);
    assert!(found.shares.iter().all(|share| share.own_m2 <= 0.0 && share.only_m2 <= 0.0));
    let nothing = net_area(&MultiPolygon(Vec::new()), &Setback::Uniform(3.0), &layers).unwrap();
    assert!(nothing.gross_m2 <= 0.0 && nothing.net_m2 <= 0.0);
}

#[test]
fn buffers_are_round() {
    let at = |x: f64, y: f64| FAR + Coord { x, y };
    let disc = std::f64::consts::PI * 100.0;
    // Where the disc, the capsule or the widened square lie whole in the parcel.
    let cases = [
        (Shape::Points(MultiPoint(vec![Point(at(50.0, 30.0))])), disc),
        (
            Shape::Lines(MultiLineString(vec![LineString(vec![
                at(40.0, 30.0),
                at(50.0, 30.0),
                at(50.0, 30.0),
                at(60.0, 30.0),
            ])])),
            disc + 400.0,
        ),
        (
            Shape::Polygons(MultiPolygon(vec![rectangle(45.0, 25.0, 10.0, 10.0)])),
            disc + 400.0 + 100.0,
        ),
    ];
    for (shape, expected) in cases {
        let found = net_area(&parcel(), &Setback::Uniform(0.0), &[layer("x", shape, 10.0)]).unwrap();
        let taken = found.gross_m2 - found.net_m2;
        // Outside the true arc by at most 1 cm along 2 pi 10 m.
        assert!(taken > expected - 1e-3 && taken < expected + 0.63, "{taken} for {expected}");
    }
}

#[test]
fn a_negative_buffer_is_refused() {
    let fault = net_area(&parcel(), &Setback::Uniform(0.0), &[line("x", &[(0.0, 0.0), (1.0, 1.0)], -1.0)]).unwrap_err();
    assert_eq!(
        fault.to_string(),
        "the buffer of a layer is -1: expected a finite number, 0 or more"
    );
}

/// Random parcels and layers: laws, and a third opinion by throwing points.
#[test]
fn areas_add_up_and_agree_with_thrown_points() {
    for seed in 0..40 {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let parcel = MultiPolygon(vec![blob(&mut rng, (0.0, 0.0), 60.0)]);
        let setback = Setback::Uniform(rng.random_range(0.0..6.0));
        let mut layers = layers(&mut rng);
        let found = net_area(&parcel, &setback, &layers).unwrap();

        let steps: f64 = found.shares.iter().map(|share| share.step_m2).sum();
        near(found.net_m2 + steps, found.gross_m2, 1e-6);
        // Gross is net and the union of what is taken, computed the other way round.
        let taken = Place::of(&parcel, &setback, &layers);
        near(found.net_m2 + taken, found.gross_m2, 1e-6 * found.gross_m2);
        for share in &found.shares {
            assert!(
                share.only_m2 <= share.step_m2 + 1e-3 && share.step_m2 <= share.own_m2 + 1e-3,
                "{share:?}"
            );
        }

        layers.reverse();
        let reversed = net_area(&parcel, &setback, &layers).unwrap();
        near(reversed.net_m2, found.net_m2, 1e-6 * found.gross_m2);

        let share = thrown(&mut rng, &parcel, &setback, &layers);
        // Six standard deviations of a share among 4,000 points.
        near(
            found.net_m2 / found.gross_m2,
            share,
            6.0 * (share * (1.0 - share) / 4000.0).sqrt() + 0.002,
        );
    }
}

/// What all take together, from the pieces rather than from what is left.
struct Place;

impl Place {
    fn of(parcel: &MultiPolygon<f64>, setback: &Setback, layers: &[Layer]) -> f64 {
        use super::super::ground::{middle, seen_from, tidy};
        use geo::BoundingRect as _;
        let origin = middle(parcel);
        let ground = tidy(&seen_from(parcel, origin));
        let place = exclusion::Place {
            ground: &ground,
            origin,
            around: ground.bounding_rect().unwrap(),
        };
        let mut taken = super::super::removal::uniform(&ground, setback.least_m());
        taken.extend(layers.iter().flat_map(|layer| exclusion::of(&place, layer).unwrap()));
        area_m2(&within(&ground, taken).unwrap())
    }
}

/// The share of points thrown on the parcel that nothing takes, by distances alone.
fn thrown(rng: &mut ChaCha8Rng, parcel: &MultiPolygon<f64>, setback: &Setback, layers: &[Layer]) -> f64 {
    use geo::{Contains as _, Distance as _, Euclidean};
    let (mut inside, mut free) = (0.0, 0.0);
    while inside < 4000.0 {
        let at = Point(
            FAR + Coord {
                x: rng.random_range(-60.0..60.0),
                y: rng.random_range(-60.0..60.0),
            },
        );
        if !parcel.contains(&at) {
            continue;
        }
        inside += 1.0;
        let is_taken = |layer: &Layer| {
            let apart = |shape: &Shape| match shape {
                Shape::None => f64::INFINITY,
                Shape::Polygons(polygons) => Euclidean.distance(&at, polygons),
                Shape::Lines(lines) => Euclidean.distance(&at, lines),
                Shape::Points(points) => Euclidean.distance(&at, points),
            };
            layer.shapes.iter().any(|shape| apart(shape) <= layer.buffer_m)
        };
        let is_at_edge = Euclidean.distance(&at, parcel.0[0].exterior()) < setback.least_m();
        if !is_at_edge && !layers.iter().any(is_taken) {
            free += 1.0;
        }
    }
    free / inside
}

fn layers(rng: &mut ChaCha8Rng) -> Vec<Layer> {
    let place = |rng: &mut ChaCha8Rng| (rng.random_range(-70.0..70.0), rng.random_range(-70.0..70.0));
    let polygons = |rng: &mut ChaCha8Rng| {
        let at = place(rng);
        Shape::Polygons(MultiPolygon(vec![blob(rng, at, 30.0)]))
    };
    let far = |rng: &mut ChaCha8Rng| {
        let (from, to) = (place(rng), place(rng));
        // A line that goes on for kilometres, and a short one.
        let ends = [(from.0 * 100.0, from.1 * 100.0), from, to];
        Shape::Lines(MultiLineString(vec![LineString(ends.map(|(x, y)| FAR + Coord { x, y }).to_vec())]))
    };
    let points = |rng: &mut ChaCha8Rng| {
        let found = (0..3).map(|_| place(rng)).map(|(x, y)| Point(FAR + Coord { x, y }));
        Shape::Points(MultiPoint(found.collect()))
    };
    let shapes = vec![polygons(rng), polygons(rng), far(rng), points(rng)];
    let named = shapes.into_iter().zip(["river", "farmland", "cable", "wells"]);
    named
        .map(|(shape, key)| layer(key, shape, f64::from(rng.random_range(0..3)) * 4.0))
        .collect()
}

fn blob(rng: &mut ChaCha8Rng, (x, y): (f64, f64), radius: f64) -> Polygon<f64> {
    let corner = |nth: u32| {
        let angle = f64::from(nth) / 9.0 * std::f64::consts::TAU;
        let distance = rng.random_range(0.3..1.0) * radius;
        FAR + Coord {
            x: x + distance * angle.cos(),
            y: y + distance * angle.sin(),
        }
    };
    Polygon::new(LineString((0..9).map(corner).collect()), Vec::new())
}
