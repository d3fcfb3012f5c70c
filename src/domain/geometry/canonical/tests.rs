use super::super::bounds;
use super::*;
use geo_types::GeometryCollection;
use proptest::prelude::*;

fn ring_of(points: &[(f64, f64)]) -> LineString<f64> {
    LineString::from(points.to_vec())
}

fn area(rings: &[&[(f64, f64)]]) -> Geometry<f64> {
    let mut rings = rings.iter().map(|ring| ring_of(ring));
    Polygon::new(rings.next().unwrap(), rings.collect()).into()
}

fn refused(rings: &[&[(f64, f64)]]) -> GeometryFault {
    canonical(area(rings)).unwrap_err()
}

const SQUARE: &[(f64, f64)] = &[(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0), (0.0, 0.0)];

#[test]
fn a_square_is_taken_as_it_is() {
    let taken = canonical(area(&[SQUARE])).unwrap();
    assert_eq!(taken.notes, Notes::default());
    assert_eq!(
        taken.shape,
        Shape::Polygons(MultiPolygon(vec![Polygon::new(ring_of(SQUARE), vec![])]))
    );
}

#[test]
fn turning_thinning_and_empty_parts_are_noted() {
    let shell: Vec<_> = SQUARE.iter().rev().flat_map(|at| [*at, *at]).collect();
    let hole = [(1.0, 1.0), (2.0, 1.0), (2.0, 2.0), (1.0, 1.0)];
    let given = Polygon::new(ring_of(&shell), vec![ring_of(&hole), LineString(vec![])]);
    let taken = canonical(MultiPolygon(vec![given, Polygon::new(LineString(vec![]), vec![])]).into()).unwrap();
    let expected = Notes {
        turned_rings: 2,
        repeated_points: 5,
        empty_parts: 2,
    };
    assert_eq!(taken.notes, expected);
    let Shape::Polygons(polygons) = &taken.shape else {
        panic!("{taken:?}")
    };
    assert!(twice_area(&polygons.0[0].exterior().0) > 0 && twice_area(&polygons.0[0].interiors()[0].0) < 0);
}

#[test]
fn bad_coordinates_are_named() {
    let metres = area(&[&[
        (40_592_745.0, 3_526_747.0),
        (40_592_845.0, 3_526_747.0),
        (40_592_745.0, 3_526_847.0),
    ]]);
    assert!(matches!(canonical(metres), Err(GeometryFault::OutOfRange(at)) if at.lon > 40_592_744.0));
    let nan = Geometry::Point(Point::new(f64::NAN, 1.0));
    assert!(matches!(canonical(nan), Err(GeometryFault::NotFinite(_))));
    let swapped = Geometry::Point(Point::new(31.86, 120.98));
    assert!(matches!(canonical(swapped), Err(GeometryFault::OutOfRange(_))));
}

#[test]
fn what_encloses_nothing_is_refused() {
    assert!(matches!(
        refused(&[&[(0.0, 0.0), (1.0, 0.0), (0.0, 0.0)]]),
        GeometryFault::TooFewPoints { points: 2, .. }
    ));
    assert!(matches!(
        refused(&[&[(0.0, 0.0), (1.0, 1.0), (2.0, 2.0), (0.0, 0.0)]]),
        GeometryFault::ZeroArea(_)
    ));
    assert_eq!(canonical(MultiPolygon(vec![]).into()), Err(GeometryFault::Empty));
    assert_eq!(
        canonical(Geometry::GeometryCollection(GeometryCollection(vec![]))),
        Err(GeometryFault::Empty)
    );
}

#[test]
fn mixed_dimensions_are_refused_and_plain_collections_taken() {
    let mixed = GeometryCollection(vec![Point::new(1.0, 1.0).into(), area(&[SQUARE])]);
    assert_eq!(canonical(Geometry::GeometryCollection(mixed)), Err(GeometryFault::Mixed));
    assert!(canonical(Geometry::GeometryCollection(GeometryCollection(vec![area(&[SQUARE])]))).is_ok());
}

#[test]
fn rings_that_cross_or_touch_themselves_are_refused_where_they_do() {
    // A zigzag of unequal lobes: of equal lobes the area is zero, which is found first.
    let bow = refused(&[&[(0.0, 0.0), (10.0, 10.0), (10.0, 0.0), (0.0, 4.0), (0.0, 0.0)]]);
    assert!(
        matches!(bow, GeometryFault::SelfIntersection(at) if (at.lon - 20.0 / 7.0).abs() < 1e-8),
        "{bow}"
    );
    let spike = refused(&[&[(0.0, 0.0), (10.0, 0.0), (15.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 0.0)]]);
    assert!(matches!(spike, GeometryFault::SelfIntersection(at) if at.lon > 14.9), "{spike}");
    let touch = refused(&[&[(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (5.0, 0.0), (0.0, 10.0), (0.0, 0.0)]]);
    assert!(
        matches!(touch, GeometryFault::SelfIntersection(at) if (at.lon - 5.0).abs() < 1e-9 && at.lat.abs() < 1e-9),
        "{touch}"
    );
}

#[test]
fn holes_must_lie_inside_apart_from_each_other() {
    let inside: &[(f64, f64)] = &[(2.0, 2.0), (2.0, 4.0), (4.0, 4.0), (4.0, 2.0), (2.0, 2.0)];
    let touching_once: &[(f64, f64)] = &[(0.0, 5.0), (1.0, 6.0), (1.0, 4.0), (0.0, 5.0)];
    assert!(canonical(area(&[SQUARE, inside, touching_once])).is_ok());

    let outside: &[(f64, f64)] = &[(12.0, 2.0), (12.0, 4.0), (14.0, 4.0), (12.0, 2.0)];
    assert!(matches!(refused(&[SQUARE, outside]), GeometryFault::HoleOutsideShell(_)));
    let across: &[(f64, f64)] = &[(8.0, 2.0), (8.0, 4.0), (14.0, 3.0), (8.0, 2.0)];
    assert!(matches!(refused(&[SQUARE, across]), GeometryFault::RingsCross(_)));
    let along: &[(f64, f64)] = &[(10.0, 2.0), (8.0, 3.0), (10.0, 4.0), (10.0, 2.0)];
    assert!(matches!(refused(&[SQUARE, along]), GeometryFault::RingsCross(_)));
    let nested: &[(f64, f64)] = &[(2.5, 2.5), (2.5, 3.0), (3.0, 3.0), (2.5, 2.5)];
    assert!(matches!(refused(&[SQUARE, inside, nested]), GeometryFault::HoleInHole(_)));
    let cutting: &[(f64, f64)] = &[(0.0, 5.0), (10.0, 5.0), (5.0, 6.0), (0.0, 5.0)];
    assert!(matches!(refused(&[SQUARE, cutting]), GeometryFault::CutApart(_)));
}

#[test]
fn parts_may_touch_in_points_only() {
    let square = |x: f64, y: f64, side: f64| {
        Polygon::new(
            ring_of(&[(x, y), (x + side, y), (x + side, y + side), (x, y + side), (x, y)]),
            vec![],
        )
    };
    let both = |a, b| canonical(MultiPolygon(vec![a, b]).into());
    assert!(both(square(0.0, 0.0, 1.0), square(1.0, 1.0, 1.0)).is_ok());
    assert!(matches!(
        both(square(0.0, 0.0, 1.0), square(1.0, 0.0, 1.0)),
        Err(GeometryFault::RingsCross(_))
    ));
    assert!(matches!(
        both(square(0.0, 0.0, 9.0), square(1.0, 1.0, 1.0)),
        Err(GeometryFault::PartsOverlap(_))
    ));
    assert!(matches!(
        both(square(1.0, 1.0, 1.0), square(0.0, 0.0, 9.0)),
        Err(GeometryFault::PartsOverlap(_))
    ));
    assert!(matches!(
        both(square(0.0, 0.0, 1.0), square(0.0, 0.0, 1.0)),
        Err(GeometryFault::RingsCross(_))
    ));
    // An island in a lake is no overlap.
    let lake = Polygon::new(
        ring_of(SQUARE),
        vec![ring_of(&[(2.0, 2.0), (2.0, 8.0), (8.0, 8.0), (8.0, 2.0), (2.0, 2.0)])],
    );
    assert!(both(lake, square(3.0, 3.0, 1.0)).is_ok());
}

#[test]
fn the_limit_counts_closing_points() {
    assert_eq!(
        canonical_within(area(&[SQUARE]), 4),
        Err(GeometryFault::TooManyVertices { given: 5, most: 4 })
    );
    assert!(canonical_within(area(&[SQUARE]), 5).is_ok());
}

#[test]
fn an_open_ring_is_refused() {
    let open = SQUARE[..4].iter().map(|(x, y)| Coord { x: *x, y: *y }).collect();
    assert!(matches!(closed_ring(open), Err(GeometryFault::UnclosedRing { first, last }) if first.lat < 1.0 && last.lat > 9.0));
}

#[test]
fn many_vertices_take_no_second() {
    let points: Vec<(f64, f64)> = (0..90_000)
        .map(|step| {
            let angle = f64::from(step) / 90_000.0 * std::f64::consts::TAU;
            let radius = 0.1 + 0.02 * (angle * 400.0).sin();
            (121.0 + radius * angle.cos(), 31.9 + radius * angle.sin())
        })
        .collect();
    let began = std::time::Instant::now();
    let taken = canonical(Polygon::new(LineString::from(points), vec![]).into()).unwrap();
    assert_eq!(taken.shape.vertices(), 90_001);
    assert!(began.elapsed().as_secs() < 5, "took {:?}", began.elapsed());
}

/// Star-shaped rings around a centre: always simple, in either direction.
fn star() -> impl Strategy<Value = Polygon<f64>> {
    let radii = prop::collection::vec(0.01..1.0_f64, 3..40);
    (radii, -170.0..170.0_f64, -80.0..80.0_f64, any::<bool>()).prop_map(|(radii, x, y, backwards)| {
        let step = std::f64::consts::TAU / radii.len() as f64;
        let mut points: Vec<(f64, f64)> = radii
            .iter()
            .enumerate()
            .map(|(nth, radius)| (x + radius * (nth as f64 * step).cos(), y + radius * (nth as f64 * step).sin()))
            .collect();
        if backwards {
            points.reverse();
        }
        Polygon::new(LineString::from(points), vec![])
    })
}

proptest! {
    #![proptest_config(super::super::seeded::cases(4000))]

    #[test]
    fn canonical_is_idempotent_and_oriented(star in star()) {
        let once = canonical(star.into()).unwrap();
        let Shape::Polygons(polygons) = once.shape.clone() else { panic!("{once:?}") };
        prop_assert!(twice_area(&polygons.0[0].exterior().0) > 0);
        let twice = canonical(polygons.into()).unwrap();
        prop_assert_eq!(twice.notes, Notes::default());
        prop_assert_eq!(bounds(&twice.shape), bounds(&once.shape));
        prop_assert_eq!(twice.shape, once.shape);
    }

    /// The verdict of `geo`, an independent implementation, on random closed walks. The coordinates are small whole numbers, so that touching,
    /// collinear and repeated points are common.
    #[test]
    fn the_verdict_on_rings_agrees_with_geo(walk in prop::collection::vec((0..8_i32, 0..8_i32), 3..9)) {
        use geo::Validation as _;
        let points: Vec<(f64, f64)> = walk.iter().map(|(x, y)| (f64::from(*x), f64::from(*y))).collect();
        let mut ring = LineString::from(points);
        ring.close();
        ring.0.dedup();
        let polygon = Polygon::new(ring, vec![]);
        let taken = canonical(polygon.clone().into());
        // `geo` takes a ring that only runs forth and back along one line.
        prop_assume!(!matches!(taken, Err(GeometryFault::ZeroArea(_))));
        prop_assert_eq!(taken.is_ok(), polygon.is_valid(), "{:?} for {:?}", taken, polygon);
    }
}

#[test]
fn rectangles_become_polygons() {
    let taken = canonical(Geometry::Rect(geo_types::Rect::new((0.0, 0.0), (1.0, 1.0)))).unwrap();
    assert_eq!(taken.shape.vertices(), 5);
}
