//! Cases that a person can check on paper.
use geo::Area as _;
use geo_types::{Coord, MultiPolygon, Polygon};

use super::super::{Arrangement, Fit, Measure, Search, Setback, Site, Wanted, WhyNot};
use super::{ask, check, polygon, turned};

const NO_SETBACK: Setback = Setback::Uniform(0.0);
const FAR: Coord<f64> = Coord {
    x: 92_745.729,
    y: 3_526_747.15,
};

fn rectangle(width: f64, depth: f64) -> Polygon<f64> {
    polygon(&[(0.0, 0.0), (width, 0.0), (width, depth), (0.0, depth)])
}

fn is_yes(fit: &Fit) -> bool {
    matches!(fit, Fit::Yes(_))
}

#[test]
fn a_rectangle_fits_in_itself_at_odd_angles() {
    for degrees in [0.0, 0.3, 17.0, 33.333, 45.0, 89.99, 90.0, 123.456, 179.5] {
        let parcel = MultiPolygon(vec![turned(&rectangle(120.0, 60.0), degrees, FAR)]);
        let fit = ask(&parcel, &NO_SETBACK, &[], &Wanted::hall(120.0, 60.0).unwrap());
        let Fit::Yes(placement) = fit else { panic!("{degrees}: {fit:?}") };
        let apart = (placement.angle_deg - degrees).abs();
        assert!(apart.min(180.0 - apart) < 1e-6, "{degrees}: {}", placement.angle_deg);
        let with_setback = |hall: (f64, f64)| ask(&parcel, &Setback::Uniform(10.0), &[], &Wanted::hall(hall.0, hall.1).unwrap());
        assert!(is_yes(&with_setback((100.0, 40.0))) && is_yes(&with_setback((40.0, 100.0))));
        assert!(!is_yes(&with_setback((100.001, 40.0))) && !is_yes(&with_setback((100.0, 40.001))));
    }
}

#[test]
fn the_reason_why_nothing_fits_is_the_furthest_reached() {
    let corner = polygon(&[(0.0, 0.0), (100.0, 0.0), (100.0, 20.0), (20.0, 20.0), (20.0, 100.0), (0.0, 100.0)]);
    let notched = polygon(&[
        (0.0, 0.0),
        (100.0, 0.0),
        (100.0, 60.0),
        (55.0, 60.0),
        (50.0, 40.0),
        (45.0, 60.0),
        (0.0, 60.0),
    ]);
    let cases = [
        (corner.clone(), (100.0, 20.0), None),
        (corner.clone(), (20.0, 100.0), None),
        (corner.clone(), (90.0, 50.0), Some(WhyNot::Area)),
        (corner.clone(), (150.0, 10.0), Some(WhyNot::Length)),
        (corner, (30.0, 30.0), Some(WhyNot::Width)),
        (notched.clone(), (100.0, 40.0), None),
        (notched, (90.0, 45.0), Some(WhyNot::Form)),
    ];
    for (ground, (width, depth), expected) in cases {
        let fit = ask(&MultiPolygon(vec![ground]), &NO_SETBACK, &[], &Wanted::hall(width, depth).unwrap());
        match expected {
            None => assert!(is_yes(&fit), "{width} x {depth}: {fit:?}"),
            Some(why) => assert_eq!(fit, Fit::No(why), "{width} x {depth}"),
        }
    }
}

#[test]
fn a_hole_or_a_zone_in_the_middle_leaves_the_sides() {
    let (parcel, pond) = (
        rectangle(100.0, 100.0),
        turned(&rectangle(20.0, 20.0), 0.0, Coord { x: 40.0, y: 40.0 }),
    );
    let holed = MultiPolygon(vec![Polygon::new(parcel.exterior().clone(), vec![pond.exterior().clone()])]);
    let whole = MultiPolygon(vec![parcel]);
    for (width, depth, expected) in [(100.0, 40.0, true), (40.0, 100.0, true), (100.0, 41.0, false), (60.0, 60.0, false)] {
        let wanted = Wanted::hall(width, depth).unwrap();
        assert_eq!(is_yes(&ask(&holed, &NO_SETBACK, &[], &wanted)), expected, "{width} x {depth}");
        // The same zone twice, and run through the other way, is the same zone.
        let mut other_way = pond.clone();
        other_way.exterior_mut(|ring| ring.0.reverse());
        let zones = [pond.clone(), other_way];
        assert_eq!(is_yes(&ask(&whole, &NO_SETBACK, &zones, &wanted)), expected, "{width} x {depth}");
    }
    // A hole has a boundary from which to stay away, a zone has not.
    let wanted = Wanted::hall(80.0, 30.0).unwrap();
    assert!(!is_yes(&ask(&holed, &Setback::Uniform(10.0), &[], &wanted)));
    assert!(is_yes(&ask(&whole, &Setback::Uniform(10.0), &[pond], &wanted)));
}

#[test]
fn parts_are_taken_one_by_one() {
    let parts = MultiPolygon(vec![
        rectangle(50.0, 50.0),
        turned(&rectangle(50.0, 50.0), 0.0, Coord { x: 51.0, y: 0.0 }),
    ]);
    assert!(is_yes(&ask(&parts, &NO_SETBACK, &[], &Wanted::hall(50.0, 50.0).unwrap())));
    assert!(!is_yes(&ask(&parts, &NO_SETBACK, &[], &Wanted::hall(60.0, 30.0).unwrap())));
}

#[test]
fn a_setback_can_eat_the_parcel() {
    let parcel = MultiPolygon(vec![rectangle(100.0, 30.0)]);
    let wanted = Wanted::hall(10.0, 1.0).unwrap();
    assert!(is_yes(&ask(&parcel, &Setback::Uniform(14.0), &[], &wanted)));
    for metres in [15.0, 40.0, 1000.0] {
        assert_eq!(ask(&parcel, &Setback::Uniform(metres), &[], &wanted), Fit::No(WhyNot::Area));
        let site = Site::new(&parcel, &Setback::Uniform(metres), &[]).unwrap();
        assert_eq!(site.largest(1.0, &Search::default()), Ok(None));
    }
}

#[test]
fn each_edge_can_have_its_own_setback() {
    let parcel = MultiPolygon(vec![turned(&rectangle(100.0, 60.0), 20.0, FAR)]);
    let setback = Setback::PerEdge(vec![20.0, 5.0, 0.0, 10.0]);
    for (width, depth, expected) in [(85.0, 40.0, true), (85.01, 40.0, false), (85.0, 40.01, false), (40.0, 85.0, true)] {
        assert_eq!(
            is_yes(&ask(&parcel, &setback, &[], &Wanted::hall(width, depth).unwrap())),
            expected,
            "{width} x {depth}"
        );
    }
    let fault = Site::new(&parcel, &Setback::PerEdge(vec![1.0]), &[]).unwrap_err();
    assert_eq!(
        fault.to_string(),
        "1 setbacks were given for a parcel of 4 edges: expected one for each, exterior before holes, part by part"
    );
}

/// A disc of 2,000 corners: the largest square has a side of radius x root 2.
#[test]
fn many_corners_are_searched_on_a_simpler_outline() {
    let corner = |nth: u32| {
        let angle = f64::from(nth) / 2000.0 * std::f64::consts::TAU;
        (100.0 * angle.cos(), 100.0 * angle.sin())
    };
    let disc = MultiPolygon(vec![turned(&polygon(&(0..2000).map(corner).collect::<Vec<_>>()), 0.0, FAR)]);
    for (metres, setback) in [(100.0, 0.0), (90.0, 10.0)] {
        let side = metres * std::f64::consts::SQRT_2;
        let asked = |side: f64| ask(&disc, &Setback::Uniform(setback), &[], &Wanted::hall(side, side).unwrap());
        assert!(is_yes(&asked(side - 0.3)), "{:?}", asked(side - 0.3));
        assert_eq!(asked(side + 0.01), Fit::NotFound { step_deg: 1.0 });
    }
}

#[test]
fn two_halls_face_each_other_or_stand_side_by_side() {
    let wanted = Wanted::two_halls(60.0, 25.0, 20.0).unwrap();
    let tall = MultiPolygon(vec![turned(&rectangle(62.0, 71.0), 31.0, FAR)]);
    let wide = MultiPolygon(vec![turned(&rectangle(121.0, 46.0), 31.0, FAR)]);
    for (parcel, facing) in [(tall, true), (wide, false)] {
        let Fit::Yes(placement) = ask(&parcel, &NO_SETBACK, &[], &wanted) else {
            panic!("the halls fit")
        };
        assert_eq!(matches!(placement.arrangement, Arrangement::AcrossCourt { .. }), facing);
        let (halls, court) = (placement.halls(), placement.court().unwrap());
        assert_eq!(halls.0.len(), 2);
        for hall in &halls {
            assert!((hall.unsigned_area() - 60.0 * 25.0).abs() < 1e-3);
        }
        let court_m2 = if facing { 60.0 * 20.0 } else { 120.0 * 20.0 };
        assert!((court.unsigned_area() - court_m2).abs() < 1e-3);
        let whole = placement.width_m * placement.depth_m;
        assert!((halls.unsigned_area() + court.unsigned_area() - whole).abs() < 1e-3);
    }
    let small = MultiPolygon(vec![rectangle(69.0, 69.0)]);
    assert!(!is_yes(&ask(&small, &NO_SETBACK, &[], &wanted)));
}

#[test]
fn the_largest_rectangle_of_a_ratio_is_found() {
    let triangle = polygon(&[(0.0, 0.0), (100.0, 0.0), (0.0, 100.0)]);
    let hypotenuse = 100.0 * std::f64::consts::SQRT_2;
    // In the right angle w + d = 100; on the hypotenuse w + 2 d = 141.4, or d + 2 w.
    for (ratio, depth) in [(1.0, 50.0), (3.0, hypotenuse / 5.0), (0.25, hypotenuse / 1.5)] {
        let parcel = MultiPolygon(vec![turned(&triangle, 12.0, FAR)]);
        let site = Site::new(&parcel, &NO_SETBACK, &[]).unwrap();
        let found = site.largest(ratio, &Search::default()).unwrap().unwrap();
        check(&found, &parcel, &NO_SETBACK, &[]);
        assert!((found.depth_m / depth - 1.0).abs() < 3e-4, "{ratio}: {}", found.depth_m);
        assert!((found.width_m / found.depth_m - ratio).abs() < 1e-9);
    }
}

#[test]
fn a_measure_never_turns_away_what_fits() {
    let parcel = MultiPolygon(vec![turned(&rectangle(120.0, 60.0), 33.0, FAR)]);
    let measure = Measure::of(&parcel);
    let rules_out = |width: f64, depth: f64, setback: f64| measure.rules_out(&Wanted::hall(width, depth).unwrap(), setback);
    assert_eq!(rules_out(120.0, 60.0, 0.0), None);
    assert_eq!(rules_out(100.0, 40.0, 10.0), None);
    assert_eq!(rules_out(100.0, 40.0, 10.2), Some(WhyNot::Width));
    assert_eq!(rules_out(134.0, 1.0, 2.0), Some(WhyNot::Length));
    assert_eq!(rules_out(100.0, 73.0, 0.0), Some(WhyNot::Area));
}

#[test]
fn numbers_without_sense_are_refused() {
    for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(Wanted::hall(bad, 1.0).is_err() && Wanted::hall(1.0, bad).is_err() && Search::at_step(bad).is_err());
    }
    assert!(Wanted::two_halls(1.0, 1.0, -1.0).is_err());
    let parcel = MultiPolygon(vec![rectangle(10.0, 10.0)]);
    assert_eq!(
        Site::new(&parcel, &Setback::Uniform(-1.0), &[]).unwrap_err().to_string(),
        "a setback is -1: expected a finite number, 0 or more"
    );
}
