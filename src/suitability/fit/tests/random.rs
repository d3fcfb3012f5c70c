//! Seeded random parcels.
use std::f64::consts::TAU;

use geo::{Contains as _, Distance as _, Euclidean};
use geo_types::{Coord, LineString, MultiPolygon, Point, Polygon};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

pub(super) fn seeded(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

/// Coordinates are whole millimetres at magnitudes of a Gauss-Krüger plane.
const ORIGIN: Coord<f64> = Coord {
    x: 92_745.0,
    y: 3_526_747.0,
};

pub(super) fn millimetres(at: Coord<f64>) -> Coord<f64> {
    let round = |value: f64| (value * 1000.0).round() / 1000.0;
    Coord {
        x: round(ORIGIN.x + at.x),
        y: round(ORIGIN.y + at.y),
    }
}

/// A simple polygon of a number of corners within 60 m, of one of three makes: a star, a closed walk through random points with its crossings
/// taken out, a row of bays. Every third has a hole.
pub(super) fn parcel(rng: &mut ChaCha8Rng) -> MultiPolygon<f64> {
    let corners = rng.random_range(6..=14);
    let outline = match rng.random_range(0..3) {
        0 => star(rng, corners, (25.0, 60.0)),
        1 => walk(rng, corners),
        _ => bays(rng),
    };
    let shell = Polygon::new(LineString(outline), Vec::new());
    let mut holes = Vec::new();
    if rng.random_range(0..3) == 0 {
        for _ in 0..40 {
            let at = Coord {
                x: rng.random_range(-50.0..50.0),
                y: rng.random_range(-50.0..50.0),
            };
            let hole: Vec<Coord<f64>> = star(rng, 5, (2.0, 6.0)).into_iter().map(|corner| corner + at).collect();
            let place = Point(at);
            if shell.contains(&place) && Euclidean.distance(&place, shell.exterior()) > 8.0 {
                holes.push(hole);
                break;
            }
        }
    }
    let closed = |coords: &Vec<Coord<f64>>| LineString(coords.iter().copied().map(millimetres).collect());
    let polygon = Polygon::new(closed(&shell.exterior().0), holes.iter().map(closed).collect());
    MultiPolygon(vec![polygon])
}

fn star(rng: &mut ChaCha8Rng, corners: u32, (least, most): (f64, f64)) -> Vec<Coord<f64>> {
    let corner = |nth: u32, rng: &mut ChaCha8Rng| {
        let angle = (f64::from(nth) + rng.random_range(-0.3..0.3)) / f64::from(corners) * TAU;
        let radius = rng.random_range(least..most);
        Coord {
            x: radius * angle.cos(),
            y: radius * angle.sin(),
        }
    };
    (0..corners).map(|nth| corner(nth, rng)).collect()
}

/// Random points in the order of a tour, two edges that cross being swapped until none do.
fn walk(rng: &mut ChaCha8Rng, corners: u32) -> Vec<Coord<f64>> {
    let mut tour: Vec<Coord<f64>> = (0..corners)
        .map(|_| Coord {
            x: rng.random_range(-60.0..60.0),
            y: rng.random_range(-60.0..60.0),
        })
        .collect();
    let count = tour.len();
    let side = |a: Coord<f64>, b: Coord<f64>, c: Coord<f64>| (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x) > 0.0;
    let cross = |a, b, c, d| side(a, b, c) != side(a, b, d) && side(c, d, a) != side(c, d, b);
    'again: loop {
        for i in 0..count {
            for j in i + 2..count {
                let (a, b, c, d) = (tour[i], tour[i + 1], tour[j], tour[(j + 1) % count]);
                if (j + 1) % count != i && cross(a, b, c, d) {
                    tour[i + 1..=j].reverse();
                    continue 'again;
                }
            }
        }
        return tour;
    }
}

/// A comb: a base with bays of random depths along it, turned by a random angle.
fn bays(rng: &mut ChaCha8Rng) -> Vec<Coord<f64>> {
    let mut outline = vec![Coord { x: 55.0, y: -45.0 }];
    let mut x = 55.0;
    while x > -55.0 {
        let next = (x - rng.random_range(15.0..60.0_f64)).max(-55.0);
        let y = rng.random_range(-25.0..45.0);
        outline.extend([Coord { x, y }, Coord { x: next, y }]);
        x = next;
    }
    outline.push(Coord { x, y: -45.0 });
    let (sine, cosine) = rng.random_range(0.0..TAU).sin_cos();
    let turned = |at: Coord<f64>| Coord {
        x: at.x * cosine - at.y * sine,
        y: at.x * sine + at.y * cosine,
    };
    outline.into_iter().map(turned).collect()
}
