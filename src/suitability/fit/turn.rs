//! All angles: edge directions first, then branch and bound.
//!
//! The bound. Let a rectangle W x D fit at an angle, and let m be an angle at most h away. A rectangle w x d about the same centre at angle m lies
//! inside it when, seen from it, the box around the turned one is no larger: `w cos e + d sin e <= W` and `w sin e + d cos e <= D` for all e from
//! 0 to h. Both left sides grow with e as long as `tan e <= min(w, d) / max(w, d)`, so it is enough to ask at e = h. Equality there gives
//! `w = (W cos h - D sin h) / cos 2h` and `d = (D cos h - W sin h) / cos 2h`. So if w x d does not fit at m, then W x D fits at no angle within h
//! of m.
use std::f64::consts::{FRAC_PI_2, PI};

use geo_types::Coord;

use super::region::Region;
use super::slabs::Slabs;

/// The first intervals are so wide, radians (22.5°).
const FIRST_INTERVAL: f64 = PI / 8.0;
/// So many angles are tried before anything is excluded: the given one and the longest edge, both ways.
const LIKELIEST: usize = 4;

/// A rectangle found at an angle: its lower left corner in turned coordinates.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    pub(super) angle: f64,
    pub(super) corner: Coord<f64>,
}

/// What a search over all angles ends with.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Outcome<T> {
    /// Found and accepted.
    Found(T),
    /// At no angle whatever.
    Excluded,
    /// At no angle that was tried.
    Open,
}

/// Where to begin and when to stop, radians.
#[derive(Clone, Copy, Debug)]
pub(super) struct Angles {
    pub(super) first: Option<f64>,
    pub(super) step: f64,
}

/// Looks for a rectangle at all angles; `accept` checks what is found, and the search goes on where it refuses.
///
/// The likeliest directions come first; then wide intervals are excluded, which settles most halls that do not fit; then the other directions
/// in what is left; then ever smaller intervals.
pub(super) fn search<T>(region: &Region, size: (f64, f64), angles: Angles, mut accept: impl FnMut(Spot) -> Option<T>) -> Outcome<T> {
    let mut slabs = Slabs::default();
    let mut at = |slabs: &mut Slabs, angle: f64| {
        let corner = slabs.place(size.0, size.1)?;
        accept(Spot { angle, corner })
    };
    let mut directions = first_angles(region, angles.first);
    for angle in directions.by_ref().take(LIKELIEST) {
        slabs.cut(region, angle);
        if let Some(found) = at(&mut slabs, angle) {
            return Outcome::Found(found);
        }
    }
    let mut open = intervals(size);
    open.retain(|interval| !is_excluded(&mut slabs, region, size, *interval));
    for angle in directions.filter(|angle| open.iter().any(|interval| is_within(*angle, *interval, size))) {
        slabs.cut(region, angle);
        if let Some(found) = at(&mut slabs, angle) {
            return Outcome::Found(found);
        }
    }
    let mut outcome = Outcome::Excluded;
    while let Some((middle, half)) = open.pop() {
        if is_excluded(&mut slabs, region, size, (middle, half)) {
            continue;
        }
        if let Some(found) = at(&mut slabs, middle) {
            return Outcome::Found(found);
        }
        if 2.0 * half > angles.step {
            open.extend([(middle + half / 2.0, half / 2.0), (middle - half / 2.0, half / 2.0)]);
        } else {
            outcome = Outcome::Open;
        }
    }
    outcome
}

/// Whether the rectangle fits at no angle of an interval. Leaves the region cut at its middle.
pub(super) fn is_excluded(slabs: &mut Slabs, region: &Region, size: (f64, f64), (middle, half): (f64, f64)) -> bool {
    slabs.cut(region, middle);
    shrunk(size, half).is_some_and(|(width, depth)| slabs.place(width, depth).is_none())
}

/// Whether an angle lies in an interval, half turns apart being the same, quarter turns for a square.
fn is_within(angle: f64, (middle, half): (f64, f64), size: (f64, f64)) -> bool {
    let whole = period(size);
    let apart = (angle - middle).rem_euclid(whole);
    apart.min(whole - apart) <= half * (1.0 + 1e-9)
}

/// The given angle and its normal, then the directions of edges and their normals.
pub(super) fn first_angles(region: &Region, first: Option<f64>) -> impl Iterator<Item = f64> {
    let directions = first.into_iter().chain(region.directions.iter().copied());
    directions.flat_map(|angle| [angle, angle + FRAC_PI_2])
}

/// The turn after which a rectangle is the same: half a turn, a quarter for a square.
fn period(size: (f64, f64)) -> f64 {
    if (size.0 - size.1).abs() <= 0.0 { FRAC_PI_2 } else { PI }
}

/// Middles and half widths that cover all angles: half a turn, a quarter for a square.
pub(super) fn intervals(size: (f64, f64)) -> Vec<(f64, f64)> {
    let whole = period(size);
    let mut found = Vec::new();
    let mut middle = whole - FIRST_INTERVAL / 2.0;
    while middle > 0.0 {
        found.push((middle, FIRST_INTERVAL / 2.0));
        middle -= FIRST_INTERVAL;
    }
    found
}

/// The largest rectangle that lies in one of the given size at every angle within `half` of its own; `None` where the bound does not hold.
pub(super) fn shrunk((width, depth): (f64, f64), half: f64) -> Option<(f64, f64)> {
    let (sine, cosine) = half.sin_cos();
    let scale = (2.0 * half).cos();
    let (w, d) = ((width * cosine - depth * sine) / scale, (depth * cosine - width * sine) / scale);
    let holds = scale > 0.0 && w > 0.0 && d > 0.0 && sine * w.max(d) <= cosine * w.min(d);
    holds.then_some((w, d))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bound that a no rests on: turned by anything up to the half width, the shrunk rectangle stays within the asked one, and touches it at
    /// the half width.
    #[test]
    fn the_shrunk_rectangle_stays_inside_at_every_angle_of_the_interval() {
        let mut checked = 0;
        for size in [(120.0, 60.0), (60.0, 120.0), (50.0, 50.0), (200.0, 9.0), (1.0, 0.9)] {
            for half in [0.001, 0.01, 0.05, 0.1, 0.2, 0.3, 0.7] {
                let Some((width, depth)) = shrunk(size, half) else { continue };
                checked += 1;
                for nth in 0..=100 {
                    let (sine, cosine) = (half * f64::from(nth) / 100.0).sin_cos();
                    let around = (width * cosine + depth * sine, width * sine + depth * cosine);
                    assert!(around.0 <= size.0 + 1e-9 && around.1 <= size.1 + 1e-9, "{size:?} {half} {nth}");
                    let touches = (around.0 - size.0).abs() < 1e-9 && (around.1 - size.1).abs() < 1e-9;
                    assert!(touches || nth < 100, "{size:?} {half}");
                }
            }
        }
        assert!(checked > 20, "{checked}");
    }

    #[test]
    fn the_intervals_cover_the_turn() {
        for (size, whole) in [((2.0, 1.0), PI), ((1.0, 1.0), FRAC_PI_2)] {
            let found = intervals(size);
            for nth in 0..1000 {
                let angle = f64::from(nth) / 1000.0 * whole;
                assert!(found.iter().any(|(middle, half)| (angle - middle).abs() <= half + 1e-12), "{angle}");
                assert!(found.iter().any(|interval| is_within(angle + 3.0 * whole, *interval, size)));
            }
            let total: f64 = found.iter().map(|(_, half)| 2.0 * half).sum();
            assert!((total - whole).abs() < 1e-12);
        }
    }
}
