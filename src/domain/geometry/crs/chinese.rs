//! GCJ-02 and BD-09, the shifted systems of Chinese web maps, by the public formulas.
//!
//! They fit the real systems to 1 or 2 m: good for display, never for boundaries.
use std::f64::consts::PI;

use geo_types::Coord;

/// Krasovsky 1940, metres, and its squared eccentricity.
const A: f64 = 6_378_245.0;
const EE: f64 = 0.006_693_421_622_965_943;
/// Rounds until the inverse stands still; five reach 1e-9 m.
const ROUNDS: usize = 10;
const STILL_DEG: f64 = 1e-11;

/// GCJ-02 of a WGS 84 position, degrees. Outside the box of the formula (72.004 to 137.8347 E, 0.8293 to 55.8271 N) nothing is shifted.
pub fn gcj02_from_wgs84(at: Coord<f64>) -> Coord<f64> {
    if !(72.004..=137.8347).contains(&at.x) || !(0.8293..=55.8271).contains(&at.y) {
        return at;
    }
    let (x, y) = (at.x - 105.0, at.y - 35.0);
    let waves = (20.0 * (6.0 * x * PI).sin() + 20.0 * (2.0 * x * PI).sin()) * 2.0 / 3.0;
    let north = -100.0
        + 2.0 * x
        + 3.0 * y
        + 0.2 * y * y
        + 0.1 * x * y
        + 0.2 * x.abs().sqrt()
        + waves
        + (20.0 * (y * PI).sin() + 40.0 * (y / 3.0 * PI).sin()) * 2.0 / 3.0
        + (160.0 * (y / 12.0 * PI).sin() + 320.0 * (y * PI / 30.0).sin()) * 2.0 / 3.0;
    let east = 300.0
        + x
        + 2.0 * y
        + 0.1 * x * x
        + 0.1 * x * y
        + 0.1 * x.abs().sqrt()
        + waves
        + (20.0 * (x * PI).sin() + 40.0 * (x / 3.0 * PI).sin()) * 2.0 / 3.0
        + (150.0 * (x / 12.0 * PI).sin() + 300.0 * (x / 30.0 * PI).sin()) * 2.0 / 3.0;
    let latitude = at.y.to_radians();
    let m = 1.0 - EE * latitude.sin().powi(2);
    Coord {
        x: at.x + (east / (A / m.sqrt() * latitude.cos())).to_degrees(),
        y: at.y + (north / (A * (1.0 - EE) / (m * m.sqrt()))).to_degrees(),
    }
}

/// WGS 84 of a GCJ-02 position, degrees: the exact inverse of [`gcj02_from_wgs84`].
pub fn wgs84_from_gcj02(at: Coord<f64>) -> Coord<f64> {
    invert(at, gcj02_from_wgs84)
}

/// BD-09 of a GCJ-02 position, degrees.
pub fn bd09_from_gcj02(at: Coord<f64>) -> Coord<f64> {
    const TURN: f64 = PI * 3000.0 / 180.0;
    let radius = at.x.hypot(at.y) + 0.000_02 * (at.y * TURN).sin();
    let angle = at.y.atan2(at.x) + 0.000_003 * (at.x * TURN).cos();
    Coord {
        x: radius * angle.cos() + 0.0065,
        y: radius * angle.sin() + 0.006,
    }
}

/// GCJ-02 of a BD-09 position, degrees: the exact inverse of [`bd09_from_gcj02`].
pub fn gcj02_from_bd09(at: Coord<f64>) -> Coord<f64> {
    invert(at, bd09_from_gcj02)
}

fn invert(at: Coord<f64>, forward: impl Fn(Coord<f64>) -> Coord<f64>) -> Coord<f64> {
    let mut found = at;
    for _ in 0..ROUNDS {
        let error = forward(found) - at;
        found = found - error;
        if error.x.abs() < STILL_DEG && error.y.abs() < STILL_DEG {
            break;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: Coord<f64>, expected: (f64, f64), degrees: f64) -> bool {
        (found.x - expected.0).abs() < degrees && (found.y - expected.1).abs() < degrees
    }

    #[test]
    fn known_pairs_are_met() {
        let cases = [
            ((120.98, 31.86), (120.984_363_99, 31.857_982_24)),
            ((116.391_28, 39.906_98), (116.397_521_10, 39.908_381_24)),
            // Three pairs published with googollee/eviltransform.
            ((121.527_210_6, 31.177_427_6), (121.531_541_859_215, 31.175_303_983_645_97)),
            ((113.912_316, 22.543_847), (113.917_176_480_836_3, 22.540_796_131_694_766)),
            ((116.377_817, 39.911_954), (116.384_047_224_566_57, 39.913_345_455_360_69)),
        ];
        for ((x, y), gcj) in cases {
            assert!(near(gcj02_from_wgs84(Coord { x, y }), gcj, 6e-9), "{x} {y}");
            assert!(near(wgs84_from_gcj02(Coord { x: gcj.0, y: gcj.1 }), (x, y), 6e-9), "{x} {y}");
        }
        let gcj = gcj02_from_wgs84(Coord { x: 120.98, y: 31.86 });
        assert!(near(bd09_from_gcj02(gcj), (120.990_838_24, 31.864_088_34), 6e-9));
    }

    #[test]
    fn inverses_are_exact() {
        for nth in 0..100 {
            let at = Coord {
                x: 80.0 + 0.5 * f64::from(nth),
                y: 20.0 + 0.3 * f64::from(nth),
            };
            assert!(near(wgs84_from_gcj02(gcj02_from_wgs84(at)), at.x_y(), 1e-10));
            assert!(near(gcj02_from_bd09(bd09_from_gcj02(at)), at.x_y(), 1e-10));
        }
    }

    #[test]
    fn abroad_nothing_is_shifted() {
        let vienna = Coord { x: 16.37, y: 48.21 };
        assert_eq!(gcj02_from_wgs84(vienna), vienna);
        assert_eq!(wgs84_from_gcj02(vienna), vienna);
    }
}
