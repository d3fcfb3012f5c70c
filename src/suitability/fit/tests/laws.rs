//! Laws, on seeded random parcels.
use geo::{BoundingRect as _, Buffer as _};
use geo_types::{Coord, MultiPolygon, Polygon};
use rand::RngExt as _;

use super::super::{Fit, Measure, Search, Setback, Site, Wanted};
use super::random::{parcel, seeded};
use super::{ask, brute, check, polygon, turned};

/// So many parcels; the same every time.
const PARCELS: u64 = 60;

/// No false yes, and next to none missed of those that a dense search finds with 2 % to spare.
#[test]
fn a_dense_search_agrees() {
    let (mut found, mut missed, mut answers) = (0, Vec::new(), [0; 3]);
    for seed in 0..PARCELS {
        let mut rng = seeded(seed);
        let ground = parcel(&mut rng);
        let (width, depth) = (rng.random_range(25.0..75.0), rng.random_range(15.0..50.0));
        // Every other with a setback, which another library's inset stands for.
        let metres = f64::from(u8::from(seed % 2 == 1)) * rng.random_range(1.0..5.0);
        let inset = if metres > 0.0 { ground.buffer(-metres) } else { ground.clone() };
        let fit = ask(&ground, &Setback::Uniform(metres), &[], &Wanted::hall(width, depth).unwrap());
        let by_force = inset.iter().any(|part| brute::fits(part, width * 1.02, depth * 1.02));
        if matches!(fit, Fit::No(_)) {
            let larger = inset.iter().any(|part| brute::fits(part, width * 1.002, depth * 1.002));
            assert!(!larger, "{seed}: {fit:?} claims that there is no angle");
        }
        found += u32::from(by_force);
        if by_force && !matches!(fit, Fit::Yes(_)) {
            missed.push(seed);
        }
        answers[match fit {
            Fit::Yes(_) => 0,
            Fit::No(_) => 1,
            Fit::NotFound { .. } => 2,
        }] += 1;
    }
    println!("{found} found by force, missed {missed:?}; yes, no, not found: {answers:?}");
    assert!(answers[0] >= 10 && answers[1] >= 10, "a test of nothing: {answers:?}");
    assert!(missed.len() as f64 <= 0.01 * f64::from(found), "missed {missed:?} of {found}");
}

/// A yes on random ground with setbacks and zones stands every check; there are some of each.
#[test]
fn every_yes_keeps_its_distances() {
    let mut yes = [0; 2];
    for seed in 1000..1000 + PARCELS {
        let mut rng = seeded(seed);
        let ground = parcel(&mut rng);
        let zones: Vec<Polygon<f64>> = (0..rng.random_range(0..3)).map(|_| zone(&mut rng, &ground)).collect();
        let wanted = Wanted::hall(rng.random_range(8.0..40.0), rng.random_range(8.0..30.0)).unwrap();
        let each: Vec<f64> = (0..edges(&ground)).map(|_| f64::from(rng.random_range(0..3)) * 4.0).collect();
        let setbacks = [Setback::Uniform(rng.random_range(1.0..8.0)), Setback::PerEdge(each)];
        for (nth, setback) in setbacks.iter().enumerate() {
            yes[nth] += u32::from(matches!(ask(&ground, setback, &zones, &wanted), Fit::Yes(_)));
        }
    }
    assert!(yes.iter().all(|count| *count >= 10), "a test of nothing: {yes:?}");
}

#[test]
fn turning_and_moving_the_parcel_changes_no_answer() {
    for seed in 2000..2000 + PARCELS {
        let mut rng = seeded(seed);
        let ground = parcel(&mut rng);
        let site = Site::new(&ground, &Setback::Uniform(3.0), &[]).unwrap();
        let Some(largest) = site.largest(1.6, &Search::default()).unwrap() else {
            continue;
        };
        check(&largest, &ground, &Setback::Uniform(3.0), &[]);
        let shift = Coord {
            x: rng.random_range(-1e5..1e5),
            y: rng.random_range(-1e6..1e6),
        };
        let moved = MultiPolygon(vec![turned(&ground.0[0], rng.random_range(0.0..360.0), shift)]);
        // What hangs on a hair may tip; a hundredth of room on either side may not.
        for (share, expected) in [(0.97, true), (1.03, false)] {
            let wanted = Wanted::hall(largest.width_m * share, largest.depth_m * share).unwrap();
            for place in [&ground, &moved] {
                let fit = ask(place, &Setback::Uniform(3.0), &[], &wanted);
                assert_eq!(matches!(fit, Fit::Yes(_)), expected, "{seed}: {share}: {fit:?}");
            }
        }
    }
}

#[test]
fn a_smaller_hall_fits_wherever_a_larger_one_did() {
    let mut tried = 0;
    for seed in 3000..3000 + PARCELS {
        let mut rng = seeded(seed);
        let ground = parcel(&mut rng);
        let (width, depth) = (rng.random_range(10.0..50.0), rng.random_range(10.0..40.0));
        let setback = Setback::Uniform(2.0);
        let Fit::Yes(placement) = ask(&ground, &setback, &[], &Wanted::hall(width, depth).unwrap()) else {
            continue;
        };
        tried += 1;
        for share in [0.999, 0.9, 0.5] {
            let site = Site::new(&ground, &setback, &[]).unwrap();
            let smaller = Wanted::hall(width * share, depth * rng.random_range(0.5..1.0)).unwrap();
            assert_eq!(Measure::of(&ground).rules_out(&smaller, 2.0), None);
            let fit = site.fit(&smaller, &Search::default().first_at(placement.angle_deg));
            assert!(matches!(fit, Fit::Yes(_)), "{seed}: {share}: {fit:?}");
        }
    }
    assert!(tried >= 10, "a test of nothing: {tried}");
}

fn edges(ground: &MultiPolygon<f64>) -> usize {
    let rings = ground
        .iter()
        .flat_map(|part| std::iter::once(part.exterior()).chain(part.interiors()));
    rings.map(|ring| ring.0.len() - 1).sum()
}

/// A triangle somewhere around a parcel.
fn zone(rng: &mut rand_chacha::ChaCha8Rng, ground: &MultiPolygon<f64>) -> Polygon<f64> {
    let around = ground.bounding_rect().unwrap();
    let mut corner = || Coord {
        x: rng.random_range(around.min().x - 30.0..around.max().x + 30.0),
        y: rng.random_range(around.min().y - 30.0..around.max().y + 30.0),
    };
    let first = corner();
    let near = |at: Coord<f64>| first + (at - first) * 0.3;
    let (second, third) = (near(corner()), near(corner()));
    Polygon::new(geo_types::LineString(vec![first, second, third]), Vec::new())
}

/// Ground made for a hall to the millimetre, at any angle and size: setback on three sides, a zone flush with the hall on the fourth.
#[test]
fn a_hall_fits_the_ground_made_for_it() {
    for seed in 4000..4000 + 5 * PARCELS {
        let mut rng = seeded(seed);
        let size = |rng: &mut rand_chacha::ChaCha8Rng, most: f64| (rng.random_range(10.0..most) * 1000.0_f64).round() / 1000.0;
        let most = [60.0, 400.0, 3000.0][rng.random_range(0..3)];
        let (width, depth, metres) = (size(&mut rng, most), size(&mut rng, most), f64::from(rng.random_range(0..40)));
        let degrees = rng.random_range(0.0..360.0);
        let at = Coord {
            x: rng.random_range(-1e5..1e5),
            y: rng.random_range(2e6..5e6),
        };
        let rectangle = |west: f64, south: f64, east: f64, north: f64| {
            turned(&polygon(&[(west, south), (east, south), (east, north), (west, north)]), degrees, at)
        };
        let parcel = MultiPolygon(vec![rectangle(-metres, -metres, width + metres + 7.0, depth + metres)]);
        let zones = [rectangle(width, -500.0, width + 500.0, depth + 500.0)];
        let setback = Setback::Uniform(metres);
        let fit = ask(&parcel, &setback, &zones, &Wanted::hall(width, depth).unwrap());
        assert!(matches!(fit, Fit::Yes(_)), "{seed}: {width} x {depth}, {metres} m: {fit:?}");
        let larger = Wanted::hall(width + 0.01, depth + 0.01).unwrap();
        assert!(!matches!(ask(&parcel, &setback, &zones, &larger), Fit::Yes(_)), "{seed}");
    }
}
