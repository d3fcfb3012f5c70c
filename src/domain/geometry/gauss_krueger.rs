//! The 3° Gauss-Krüger plane on the ellipsoid of CGCS2000, both ways.
//!
//! Krüger's series to the fourth order: exact to a micrometre within a zone. Source: L. Krüger, Konforme Abbildung des Erdellipsoids in der
//! Ebene (1912); C. Karney, Transverse Mercator with an accuracy of a few nanometers, J. Geodesy 85 (2011), equations 7 to 12 and 35 to 36.
use geo_types::Coord;

use super::ellipsoid::{A, E2, N};

const N2: f64 = N * N;
const N3: f64 = N2 * N;
const N4: f64 = N2 * N2;
const RADIUS: f64 = A / (1.0 + N) * (1.0 + N2 / 4.0 + N4 / 64.0);

/// Longitude of the meridian in the middle of the zone around a longitude.
pub(super) fn meridian_of(longitude: f64) -> f64 {
    (longitude / 3.0).round() * 3.0
}

/// Easting from the meridian and northing from the equator, metres.
pub(super) fn forward(at: Coord<f64>, meridian: f64) -> (f64, f64) {
    const ALPHA: [f64; 4] = [
        N / 2.0 - 2.0 / 3.0 * N2 + 5.0 / 16.0 * N3 + 41.0 / 180.0 * N4,
        13.0 / 48.0 * N2 - 3.0 / 5.0 * N3 + 557.0 / 1440.0 * N4,
        61.0 / 240.0 * N3 - 103.0 / 140.0 * N4,
        49561.0 / 161_280.0 * N4,
    ];
    let eccentricity = E2.sqrt();
    let (latitude, longitude) = (at.y.to_radians(), (at.x - meridian).to_radians());
    let sine = latitude.sin();
    let tangent = (sine.atanh() - eccentricity * (eccentricity * sine).atanh()).sinh();
    let xi = tangent.atan2(longitude.cos());
    let eta = (longitude.sin() / tangent.hypot(longitude.cos())).asinh();
    let (east, north) = series((eta, xi), &ALPHA);
    (RADIUS * (eta + east), RADIUS * (xi + north))
}

/// Longitude and latitude in degrees of an easting from the meridian and a northing.
pub(super) fn inverse(at: (f64, f64), meridian: f64) -> Coord<f64> {
    const BETA: [f64; 4] = [
        N / 2.0 - 2.0 / 3.0 * N2 + 37.0 / 96.0 * N3 - 1.0 / 360.0 * N4,
        1.0 / 48.0 * N2 + 1.0 / 15.0 * N3 - 437.0 / 1440.0 * N4,
        17.0 / 480.0 * N3 - 37.0 / 840.0 * N4,
        4397.0 / 161_280.0 * N4,
    ];
    /// Each round shrinks the error by the square of the eccentricity, 0.0067.
    const ROUNDS: usize = 8;
    let (eta, xi) = (at.0 / RADIUS, at.1 / RADIUS);
    let (east, north) = series((eta, xi), &BETA);
    let (eta, xi) = (eta - east, xi - north);
    let conformal = (xi.sin() / eta.sinh().hypot(xi.cos())).asinh();
    let eccentricity = E2.sqrt();
    let sine = (0..ROUNDS).fold(conformal.tanh(), |sine, _| {
        (conformal + eccentricity * (eccentricity * sine).atanh()).tanh()
    });
    Coord {
        x: meridian + eta.sinh().atan2(xi.cos()).to_degrees(),
        y: sine.asin().to_degrees(),
    }
}

/// The sums of Krüger's series for east and north.
fn series((eta, xi): (f64, f64), factors: &[f64; 4]) -> (f64, f64) {
    let (mut east, mut north) = (0.0, 0.0);
    for (nth, factor) in factors.iter().enumerate() {
        let times = 2.0 * (nth + 1) as f64;
        east += factor * (times * xi).cos() * (times * eta).sinh();
        north += factor * (times * xi).sin() * (times * eta).cosh();
    }
    (east, north)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn forward_agrees_with_proj() {
        let cases = [
            ((120.98, 31.86), (92_745.729, 3_526_747.150)),
            ((121.00, 31.85), (94_648.799, 3_525_655.497)),
            ((120.95, 31.90), (89_867.610, 3_531_157.566)),
        ];
        for ((x, y), (east, north)) in cases {
            let found = forward(Coord { x, y }, 120.0);
            assert!((found.0 - east).abs() < 0.0006 && (found.1 - north).abs() < 0.0006, "{found:?}");
        }
    }

    proptest! {
        #![proptest_config(super::super::seeded::cases(1000))]

        /// 1e-11 degree is a micrometre.
        #[test]
        fn there_and_back_is_the_same_place(x in 118.3..121.7_f64, y in -60.0..60.0_f64) {
            let back = inverse(forward(Coord { x, y }, 120.0), 120.0);
            prop_assert!((back.x - x).abs() < 2e-11 && (back.y - y).abs() < 1e-11, "{back:?}");
        }
    }
}
