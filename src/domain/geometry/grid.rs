//! The storage grid: whole numbers of 1e-9 degree.
use geo_types::Coord;

use super::shape::GRID_PER_DEGREE;

/// Degrees to whole nano-degrees, the nearest. Exact for canonical coordinates.
#[expect(
    clippy::cast_possible_truncation,
    reason = "degrees within 180 are 1.8e11 nano-degrees; other input saturates"
)]
pub fn to_nano(degrees: f64) -> i64 {
    (degrees * GRID_PER_DEGREE).round() as i64
}

/// Nano-degrees to the one `f64` that stands for them: the double nearest to the decimal number, so that text and binary agree.
pub fn from_nano(nano: i64) -> f64 {
    nano as f64 / GRID_PER_DEGREE
}

/// A coordinate on the grid, exact, for the predicates of `validity`.
pub(super) type Nano = Coord<i64>;

/// The grid point of a coordinate.
pub(super) fn nano(coord: Coord<f64>) -> Nano {
    Coord {
        x: to_nano(coord.x),
        y: to_nano(coord.y),
    }
}

/// The nearest coordinate on the grid. A fixed point of itself, because 1.8e11 is far below 2^53.
pub(super) fn snap(coord: Coord<f64>) -> Coord<f64> {
    self::coord(nano(coord))
}

/// The coordinate of a grid point.
pub(super) fn coord(nano: Nano) -> Coord<f64> {
    Coord {
        x: from_nano(nano.x),
        y: from_nano(nano.y),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(super::super::seeded::cases(1000))]

        #[test]
        fn a_grid_point_survives_the_way_through_f64(nano in -180_000_000_000_i64..=180_000_000_000) {
            prop_assert_eq!(to_nano(from_nano(nano)), nano);
        }

        #[test]
        fn snapping_twice_is_snapping_once(x in -180.0..180.0_f64, y in -90.0..90.0_f64) {
            let once = snap(Coord { x, y });
            prop_assert_eq!(snap(once), once);
            prop_assert!((once.x - x).abs() <= 0.6e-9 && (once.y - y).abs() <= 0.6e-9);
        }
    }
}
