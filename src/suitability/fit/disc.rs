//! Could a disc lie in a polygon? A quick no for narrow ground.
use geo::BoundingRect as _;
use geo_types::{Coord, Polygon};

/// Squares smaller than this share of the radius are not cut further: the disc then nearly fits, and the answer is "perhaps".
const FINEST: f64 = 0.05;

/// Whether a disc of a radius may lie in a polygon; `false` is certain.
///
/// Best first over squares: the distance from a point to the boundary changes by no more than the way gone, so a square whose middle is further
/// than its half diagonal short of the radius holds no centre. Algorithm as in polylabel, asked for a decision rather than the place.
pub(super) fn may_hold(polygon: &Polygon<f64>, radius: f64) -> bool {
    let Some(around) = polygon.bounding_rect() else { return false };
    if around.width().min(around.height()) < 2.0 * radius {
        return false;
    }
    let half = around.width().min(around.height()) / 2.0;
    let mut open = Vec::new();
    let mut y = around.min().y + half;
    while y - half < around.max().y {
        let mut x = around.min().x + half;
        while x - half < around.max().x {
            open.push((Coord { x, y }, half));
            x += 2.0 * half;
        }
        y += 2.0 * half;
    }
    while let Some((middle, half)) = open.pop() {
        let inside = depth_m(polygon, middle);
        if inside >= radius {
            return true;
        }
        if inside + half * std::f64::consts::SQRT_2 < radius {
            continue;
        }
        if half < FINEST * radius {
            return true;
        }
        let quarter = half / 2.0;
        for (x, y) in [(-quarter, -quarter), (quarter, -quarter), (-quarter, quarter), (quarter, quarter)] {
            open.push((middle + Coord { x, y }, quarter));
        }
    }
    false
}

/// Distance to the boundary, negative outside.
fn depth_m(polygon: &Polygon<f64>, at: Coord<f64>) -> f64 {
    let mut nearest = f64::INFINITY;
    let mut is_inside = false;
    for ring in std::iter::once(polygon.exterior()).chain(polygon.interiors()) {
        for pair in ring.0.windows(2) {
            let (from, to) = (pair[0], pair[1]);
            let (along, out) = (to - from, at - from);
            let length2 = along.x * along.x + along.y * along.y;
            let share = ((out.x * along.x + out.y * along.y) / length2).clamp(0.0, 1.0);
            let apart = out - along * share;
            nearest = nearest.min(apart.x * apart.x + apart.y * apart.y);
            if (from.y > at.y) != (to.y > at.y) && (out.y / along.y * along.x > out.x) {
                is_inside = !is_inside;
            }
        }
    }
    if is_inside { nearest.sqrt() } else { -nearest.sqrt() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo_types::polygon;

    #[test]
    fn narrow_ground_holds_no_wide_disc() {
        let angle = polygon![(x: 0.0, y: 0.0), (x: 100.0, y: 0.0), (x: 100.0, y: 20.0), (x: 20.0, y: 20.0), (x: 20.0, y: 100.0), (x: 0.0, y: 100.0)];
        // The widest disc sits in the corner: r = 20 (2 - sqrt 2) = 11.715...
        for (radius, expected) in [(9.0, true), (11.7, true), (13.0, false), (30.0, false)] {
            assert_eq!(may_hold(&angle, radius), expected, "{radius}");
        }
    }
}
