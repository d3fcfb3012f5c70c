//! Areas in square metres: on the ellipsoid, and in the Gauss-Krüger plane in which Chinese land is measured.
use geo_types::{Coord, LineString, Polygon};

use super::ellipsoid::{B, E2};
use super::gauss_krueger::{forward, meridian_of};
use super::shape::{Shape, bounds};

/// One mu (亩) is 2000/3 m².
pub const SQUARE_METRES_PER_MU: f64 = 2000.0 / 3.0;

/// Area on the CGCS2000 ellipsoid, m², edges taken as straight in lon/lat: what the national land survey calls 椭球面积.
/// Zero for lines, points and nothing.
///
/// Source: 国土调查办发〔2008〕32号, trapezoids between parallels. A rectangle of 300 x 200 m in the plane of zone 40 at 120.97 E, 31.85 N has
/// 59,987.44 m².
pub fn ellipsoidal_area_m2(shape: &Shape) -> f64 {
    rings_total(shape, |polygon| {
        let origin = polygon.exterior().0.first().map_or(0.0, |first| first.x);
        move |ring: &LineString<f64>| {
            let trapezoid = |pair: &[Coord<f64>]| {
                let mean_lon = f64::midpoint(pair[0].x, pair[1].x) - origin;
                mean_lon.to_radians() * belt_m2(pair[0].y.to_radians(), pair[1].y.to_radians())
            };
            ring.0.windows(2).map(trapezoid).sum::<f64>()
        }
    })
}

/// Area of the belt between two parallels, per radian of longitude, m². The sines of half the difference keep short edges exact.
fn belt_m2(from: f64, to: f64) -> f64 {
    const E4: f64 = E2 * E2;
    const E6: f64 = E4 * E2;
    const E8: f64 = E4 * E4;
    const SERIES: [f64; 5] = [
        1.0 + 3.0 / 6.0 * E2 + 30.0 / 80.0 * E4 + 35.0 / 112.0 * E6 + 630.0 / 2304.0 * E8,
        -(1.0 / 6.0 * E2 + 15.0 / 80.0 * E4 + 21.0 / 112.0 * E6 + 420.0 / 2304.0 * E8),
        3.0 / 80.0 * E4 + 7.0 / 112.0 * E6 + 180.0 / 2304.0 * E8,
        -(1.0 / 112.0 * E6 + 45.0 / 2304.0 * E8),
        5.0 / 2304.0 * E8,
    ];
    let (half, middle) = ((to - from) / 2.0, f64::midpoint(from, to));
    let term = |(nth, factor): (usize, &f64)| {
        let odd = (2 * nth + 1) as f64;
        factor * (odd * half).sin() * (odd * middle).cos()
    };
    2.0 * B * B * SERIES.iter().enumerate().map(term).sum::<f64>()
}

/// Area in the 3° Gauss-Krüger zone (CGCS2000) around the middle of the shape, m²: the area of contracts and certificates. Zero for lines, points
/// and nothing.
///
/// The zone is that of `round(lon / 3)`. Within it the plane exceeds the ellipsoid by up to 0.034 % at the rim, 0.021 % at 120.97 E.
pub fn planar_area_m2(shape: &Shape) -> f64 {
    let Some(around) = bounds(shape) else { return 0.0 };
    let meridian = meridian_of(around.center().x);
    rings_total(shape, |polygon| {
        let origin = polygon.exterior().0.first().map_or((0.0, 0.0), |first| forward(*first, meridian));
        move |ring: &LineString<f64>| {
            let mut before: Option<(f64, f64)> = None;
            let mut twice = 0.0;
            for coord in &ring.0 {
                let (east, north) = forward(*coord, meridian);
                let here = (east - origin.0, north - origin.1);
                if let Some(before) = before {
                    twice += before.0 * here.1 - here.0 * before.1;
                }
                before = Some(here);
            }
            twice / 2.0
        }
    })
}

/// Sums a measure over all rings, holes being subtracted by their direction.
fn rings_total<F: Fn(&LineString<f64>) -> f64>(shape: &Shape, measure_in: impl Fn(&Polygon<f64>) -> F) -> f64 {
    let Shape::Polygons(polygons) = shape else { return 0.0 };
    let total: f64 = polygons
        .iter()
        .map(|polygon| {
            let measure = measure_in(polygon);
            std::iter::once(polygon.exterior())
                .chain(polygon.interiors())
                .map(measure)
                .sum::<f64>()
        })
        .sum();
    total.abs()
}

#[cfg(test)]
mod tests {
    use super::super::canonical;
    use super::*;
    use geo_types::{MultiPolygon, polygon};
    use proptest::prelude::*;

    /// Corners of 300 x 200 m at E 40 592 000, N 3 526 000 in zone 40 (EPSG:4528), by PROJ.
    fn rectangle() -> Shape {
        let proj = proj4rs::Proj::from_proj_string("+proj=tmerc +lon_0=120 +x_0=40500000 +ellps=GRS80 +units=m").unwrap();
        let degrees = proj4rs::Proj::from_proj_string("+proj=longlat +ellps=GRS80").unwrap();
        let corner = |east: f64, north: f64| {
            let mut at = (east, north, 0.0);
            proj4rs::transform::transform(&proj, &degrees, &mut at).unwrap();
            (at.0.to_degrees(), at.1.to_degrees())
        };
        let (east, north) = (40_592_000.0, 3_526_000.0);
        let ring = vec![
            corner(east, north),
            corner(east + 300.0, north),
            corner(east + 300.0, north + 200.0),
            corner(east, north + 200.0),
        ];
        canonical(Polygon::new(LineString::from(ring), vec![]).into()).unwrap().shape
    }

    #[test]
    fn plane_and_ellipsoid_agree_with_proj() {
        assert!(
            (planar_area_m2(&rectangle()) - 60_000.0).abs() < 0.05,
            "{}",
            planar_area_m2(&rectangle())
        );
        assert!(
            (ellipsoidal_area_m2(&rectangle()) - 59_987.44).abs() < 0.05,
            "{}",
            ellipsoidal_area_m2(&rectangle())
        );
    }

    #[test]
    fn holes_are_subtracted_and_the_rest_has_no_area() {
        let square = |from: f64, to: f64| polygon![(x: from, y: from), (x: to, y: from), (x: to, y: to), (x: from, y: to)];
        let ring = Polygon::new(square(0.0, 0.03).exterior().clone(), vec![square(0.01, 0.02).exterior().clone()]);
        let area = |polygon: Polygon<f64>| {
            let shape = canonical(polygon.into()).unwrap().shape;
            (planar_area_m2(&shape), ellipsoidal_area_m2(&shape))
        };
        let (whole, hole, rest) = (area(square(0.0, 0.03)), area(square(0.01, 0.02)), area(ring));
        assert!((whole.0 - hole.0 - rest.0).abs() < 0.01 && (whole.1 - hole.1 - rest.1).abs() < 0.01);
        assert_eq!((planar_area_m2(&Shape::None), ellipsoidal_area_m2(&Shape::None)), (0.0, 0.0));
    }

    #[test]
    fn the_whole_ellipsoid_has_its_known_area() {
        let globe = polygon![(x: -180.0, y: -90.0), (x: 180.0, y: -90.0), (x: 180.0, y: 90.0), (x: -180.0, y: 90.0)];
        let area = ellipsoidal_area_m2(&Shape::Polygons(MultiPolygon(vec![globe])));
        assert!((area / 510_065_621_724_088.4 - 1.0).abs() < 1e-10, "{area}");
    }

    proptest! {
        #![proptest_config(super::super::seeded::cases(1000))]

        #[test]
        fn moving_along_a_parallel_keeps_the_ellipsoidal_area(dx in -100.0..50.0_f64, w in 0.001..0.01_f64, h in 0.001..0.01_f64) {
            let at = |x: f64| {
                let ring = polygon![(x: x, y: 31.8), (x: x + w, y: 31.8 + h / 3.0), (x: x + w / 2.0, y: 31.8 + h)];
                ellipsoidal_area_m2(&canonical(ring.into()).unwrap().shape)
            };
            prop_assert!((at(121.0) / at(121.0 + dx) - 1.0).abs() < 1e-4);
        }
    }
}
