//! The proof of a yes: a rectangle against the parcel as it was given, with exact predicates. Shares nothing with the search.
use geo::kernels::{Kernel as _, Orientation, RobustKernel};
use geo_types::{Coord, MultiPolygon, Polygon};

use super::super::removal::rings;

/// Whether the inside of a counter-clockwise convex quadrilateral lies on the parcel, on nothing that is kept clear, and at least as far from
/// each edge of the parcel as the edge asks for (in the order of the coordinates).
pub(super) fn holds(corners: &[Coord<f64>; 4], parcel: &MultiPolygon<f64>, setbacks: &[f64], keep_clear: &[&Polygon<f64>]) -> bool {
    let edges = || rings(parcel).flat_map(|ring| ring.0.windows(2).map(|pair| (pair[0], pair[1])));
    let middle = middle(corners);
    is_convex(corners, middle)
        && edges().all(|edge| !cuts(edge, corners))
        && parcel.iter().any(|part| covers(part, middle))
        && edges()
            .zip(setbacks)
            .all(|(edge, metres)| *metres <= 0.0 || distance_m(edge, corners) >= *metres)
        && keep_clear.iter().all(|polygon| is_clear(corners, middle, polygon))
}

fn middle(corners: &[Coord<f64>; 4]) -> Coord<f64> {
    let [a, b, c, d] = *corners;
    a + ((b - a) + (c - a) + (d - a)) / 4.0
}

/// Counter-clockwise around a point inside.
fn is_convex(corners: &[Coord<f64>; 4], middle: Coord<f64>) -> bool {
    (0..4).all(|nth| {
        let (from, to, next) = (corners[nth], corners[(nth + 1) % 4], corners[(nth + 2) % 4]);
        is_left(from, to, next) && is_left(from, to, middle)
    })
}

fn is_left(from: Coord<f64>, to: Coord<f64>, at: Coord<f64>) -> bool {
    RobustKernel::orient2d(from, to, at) == Orientation::CounterClockwise
}

/// Whether an edge meets the open inside. Two convex sets are apart if and only if a line along an edge of one of them parts them: one of the
/// four sides, or the edge itself.
fn cuts((from, to): (Coord<f64>, Coord<f64>), corners: &[Coord<f64>; 4]) -> bool {
    let beyond_a_side = (0..4).any(|nth| {
        let (a, b) = (corners[nth], corners[(nth + 1) % 4]);
        !is_left(a, b, from) && !is_left(a, b, to)
    });
    if beyond_a_side {
        return false;
    }
    let sides = corners.map(|corner| RobustKernel::orient2d(from, to, corner));
    let none_is = |turn: Orientation| sides.iter().all(|side| *side != turn);
    !(none_is(Orientation::Clockwise) || none_is(Orientation::CounterClockwise)) || (from == to)
}

/// Whether a point that no edge touches lies in a polygon: even and odd crossings of a ray eastwards.
fn covers(polygon: &Polygon<f64>, at: Coord<f64>) -> bool {
    let all = std::iter::once(polygon.exterior()).chain(polygon.interiors());
    let crossings = all.flat_map(|ring| ring.0.windows(2)).filter(|pair| {
        let (low, high) = if pair[0].y <= pair[1].y {
            (pair[0], pair[1])
        } else {
            (pair[1], pair[0])
        };
        low.y <= at.y && at.y < high.y && is_left(low, high, at)
    });
    crossings.count() % 2 == 1
}

fn is_clear(corners: &[Coord<f64>; 4], middle: Coord<f64>, polygon: &Polygon<f64>) -> bool {
    let mut all = std::iter::once(polygon.exterior()).chain(polygon.interiors());
    all.all(|ring| ring.0.windows(2).all(|pair| !cuts((pair[0], pair[1]), corners))) && !covers(polygon, middle)
}

/// Distance between an edge and a quadrilateral that do not cross: at a corner of one of them.
fn distance_m((from, to): (Coord<f64>, Coord<f64>), corners: &[Coord<f64>; 4]) -> f64 {
    let to_corners = corners.iter().map(|corner| point_to_segment_m(*corner, from, to));
    let to_sides = (0..4).flat_map(|nth| [from, to].map(|end| point_to_segment_m(end, corners[nth], corners[(nth + 1) % 4])));
    to_corners.chain(to_sides).fold(f64::INFINITY, f64::min)
}

fn point_to_segment_m(at: Coord<f64>, from: Coord<f64>, to: Coord<f64>) -> f64 {
    let (along, out) = (to - from, at - from);
    let length2 = along.x * along.x + along.y * along.y;
    let share = if length2 > 0.0 {
        ((out.x * along.x + out.y * along.y) / length2).clamp(0.0, 1.0)
    } else {
        0.0
    };
    let apart = out - along * share;
    apart.x.hypot(apart.y)
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo_types::LineString;

    fn rectangle(west: f64, south: f64, east: f64, north: f64) -> [Coord<f64>; 4] {
        [(west, south), (east, south), (east, north), (west, north)].map(|(x, y)| Coord { x, y })
    }

    fn polygon(corners: [Coord<f64>; 4]) -> Polygon<f64> {
        Polygon::new(LineString(corners.to_vec()), Vec::new())
    }

    /// A parcel of 100 x 100 with a hole from 40 to 60 and a second part beyond a gap.
    fn parcel() -> MultiPolygon<f64> {
        let hole = polygon(rectangle(40.0, 40.0, 60.0, 60.0)).exterior().clone();
        let shell = polygon(rectangle(0.0, 0.0, 100.0, 100.0)).exterior().clone();
        MultiPolygon(vec![Polygon::new(shell, vec![hole]), polygon(rectangle(110.0, 0.0, 150.0, 100.0))])
    }

    #[test]
    fn only_what_lies_on_one_part_and_off_its_holes_holds() {
        let cases = [
            (rectangle(0.0, 0.0, 40.0, 100.0), true),
            (rectangle(0.0, 0.0, 100.0, 40.0), true),
            (rectangle(0.0, 0.0, 40.000_000_1, 100.0), false),
            (rectangle(-1e-9, 0.0, 30.0, 30.0), false),
            (rectangle(30.0, 30.0, 70.0, 70.0), false),
            (rectangle(45.0, 45.0, 55.0, 55.0), false),
            (rectangle(101.0, 1.0, 109.0, 9.0), false),
            (rectangle(80.0, 0.0, 130.0, 30.0), false),
            (rectangle(110.0, 0.0, 150.0, 100.0), true),
            (rectangle(-10.0, -10.0, 200.0, 200.0), false),
            (rectangle(200.0, 200.0, 210.0, 210.0), false),
            (rectangle(30.0, 0.0, 0.0, 30.0), false),
        ];
        for (corners, expected) in cases {
            assert_eq!(holds(&corners, &parcel(), &[0.0; 12], &[]), expected, "{corners:?}");
        }
    }

    #[test]
    fn each_edge_asks_for_its_own_distance() {
        // South, east, north, west of the shell, then the same of the hole.
        let setbacks = |nth: usize, metres: f64| {
            let mut all = [0.0; 12];
            all[nth] = metres;
            all
        };
        let corners = rectangle(5.0, 10.0, 30.0, 90.0);
        for (nth, apart) in [(0, 10.0), (1, 70.0), (2, 10.0), (3, 5.0), (4, 10.0), (7, 10.0), (11, 80.0)] {
            assert!(holds(&corners, &parcel(), &setbacks(nth, apart), &[]), "{nth}");
            assert!(!holds(&corners, &parcel(), &setbacks(nth, apart + 1e-9), &[]), "{nth}");
        }
    }

    #[test]
    fn zones_are_kept_clear_from_inside_and_outside() {
        let corners = rectangle(0.0, 0.0, 40.0, 40.0);
        let cases = [
            (rectangle(40.0, 0.0, 50.0, 40.0), true),
            (rectangle(39.999_999, 0.0, 50.0, 40.0), false),
            (rectangle(10.0, 10.0, 11.0, 11.0), false),
            (rectangle(-10.0, -10.0, 90.0, 90.0), false),
            (rectangle(0.0, 0.0, 40.0, 40.0), false),
            (rectangle(70.0, 70.0, 90.0, 90.0), true),
        ];
        for (zone, expected) in cases {
            assert_eq!(holds(&corners, &parcel(), &[0.0; 12], &[&polygon(zone)]), expected, "{zone:?}");
        }
    }
}
