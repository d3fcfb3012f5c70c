//! Cheap measures of a parcel that rule most halls out before anything is cut.
use geo::ConvexHull as _;
use geo_types::{Coord, MultiPolygon, Polygon};

use super::super::ground::{area_m2, middle, seen_from, tidy};
use super::disc::may_hold;
use super::site::WhyNot;
use super::wanted::Wanted;

/// What is measured once per parcel and kept, part by part, with the parts themselves for the disc test.
#[derive(Clone, Debug, Default)]
pub struct Measure {
    parts: Vec<Part>,
}

#[derive(Clone, Debug)]
struct Part {
    polygon: Polygon<f64>,
    area_m2: f64,
    /// Smallest width of the convex hull over all directions, metres.
    narrowest_m: f64,
    /// Largest distance between two corners, metres.
    longest_m: f64,
}

impl Measure {
    /// Measures a parcel, plane metres.
    pub fn of(parcel: &MultiPolygon<f64>) -> Self {
        Self::of_tidy(&tidy(&seen_from(parcel, middle(parcel))))
    }

    pub(super) fn of_tidy(ground: &MultiPolygon<f64>) -> Self {
        Self {
            parts: ground.iter().map(Part::of).collect(),
        }
    }

    /// Why no arrangement can fit on any part at a distance from the boundary, if that is plain already. A no is certain.
    ///
    /// A rectangle that keeps a distance s from the boundary lies on the parcel together with its rim of s, so the part must hold a rectangle with
    /// rounded corners that is 2 s wider and deeper.
    pub fn rules_out(&self, wanted: &Wanted, setback_m: f64) -> Option<WhyNot> {
        let mut reason = WhyNot::Area;
        for (_, width, depth) in wanted.arrangements() {
            for part in &self.parts {
                reason = reason.max(part.rules_out(width, depth, setback_m)?);
            }
        }
        Some(reason)
    }

    /// No share of what is wanted above this one can fit, from 0 to 1: how far it must shrink at least. A bound, found without cutting anything.
    pub fn most_share(&self, wanted: &Wanted, setback_m: f64) -> f64 {
        const FINEST: f64 = 1.0 / 256.0;
        if self.rules_out(wanted, setback_m).is_none() {
            return 1.0;
        }
        let (mut low, mut high) = (0.0, 1.0);
        while high - low > FINEST {
            let share = f64::midpoint(low, high);
            if self.rules_out(&wanted.scaled(share), setback_m).is_none() {
                low = share;
            } else {
                high = share;
            }
        }
        high
    }

    /// The parts on which a rectangle may fit, and the furthest reason why the others hold none.
    pub(super) fn promising(&self, width_m: f64, depth_m: f64) -> (MultiPolygon<f64>, WhyNot) {
        let mut reason = WhyNot::Area;
        let mut kept = Vec::new();
        for part in &self.parts {
            match part.rules_out(width_m, depth_m, 0.0) {
                None => kept.push(part.polygon.clone()),
                Some(why) => reason = reason.max(why),
            }
        }
        (MultiPolygon(kept), reason)
    }

    /// Area of the largest part, m².
    pub(super) fn largest_part_m2(&self) -> f64 {
        self.parts.iter().map(|part| part.area_m2).fold(0.0, f64::max)
    }
}

impl Part {
    fn of(polygon: &Polygon<f64>) -> Self {
        let hull = polygon.convex_hull();
        let (narrowest_m, longest_m) = widths(&hull.exterior().0);
        Self {
            area_m2: area_m2(&MultiPolygon(vec![polygon.clone()])),
            narrowest_m,
            longest_m,
            polygon: polygon.clone(),
        }
    }

    fn rules_out(&self, width: f64, depth: f64, setback: f64) -> Option<WhyNot> {
        // Rounding of areas and hulls must not turn an exact fit away.
        const SPARE: f64 = 1.0 - 1e-7;
        let (shorter, rim) = (width.min(depth), 2.0 * setback);
        let rounded_m2 = (width + rim) * (depth + rim) - (4.0 - std::f64::consts::PI) * setback * setback;
        if self.area_m2 < rounded_m2 * SPARE {
            Some(WhyNot::Area)
        } else if self.longest_m < (width.hypot(depth) + rim) * SPARE {
            Some(WhyNot::Length)
        } else if self.narrowest_m < (shorter + rim) * SPARE || !may_hold(&self.polygon, (shorter / 2.0 + setback) * SPARE) {
            Some(WhyNot::Width)
        } else {
            None
        }
    }
}

/// Smallest width and largest distance of a convex ring. The smallest width stands on one of the edges.
fn widths(ring: &[Coord<f64>]) -> (f64, f64) {
    let (mut narrowest, mut longest) = (f64::INFINITY, 0.0_f64);
    for pair in ring.windows(2) {
        let along = pair[1] - pair[0];
        let length = along.x.hypot(along.y);
        let mut height = 0.0_f64;
        for at in ring {
            let out = *at - pair[0];
            longest = longest.max(out.x.hypot(out.y));
            height = height.max((along.x * out.y - along.y * out.x).abs() / length);
        }
        if length > 0.0 {
            narrowest = narrowest.min(height);
        }
    }
    (narrowest, longest)
}
