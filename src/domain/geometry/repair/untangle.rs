//! Rings that touch themselves, taken apart into rings that do not.
//!
//! The overlay library may run through a touching point twice in one ring; a canonical ring must not.
use geo_types::{Coord, LineString, Polygon};

use super::super::canonical::twice_area;
use super::super::validity;

/// Takes polygons apart at points that a ring visits twice. Loops that run as a shell does are shells, the others are holes of the smallest
/// shell around them.
pub(super) fn untangle(polygons: &[Polygon<f64>]) -> Vec<Polygon<f64>> {
    polygons.iter().flat_map(untangle_one).collect()
}

fn rings(polygon: &Polygon<f64>) -> impl Iterator<Item = &LineString<f64>> {
    std::iter::once(polygon.exterior()).chain(polygon.interiors())
}

fn untangle_one(polygon: &Polygon<f64>) -> Vec<Polygon<f64>> {
    let mut shells = Vec::new();
    let mut holes = Vec::new();
    for (nth, ring) in rings(polygon).enumerate() {
        let mut ring = validity::noded(ring).0;
        // The first ring is the shell: counter-clockwise, as the others are not.
        if (twice_area(&ring) > 0) != (nth == 0) {
            ring.reverse();
        }
        for found in loops(&ring) {
            match twice_area(&found) {
                0 => {}
                area if area > 0 => shells.push((area, LineString(found), Vec::new())),
                _ => holes.push(LineString(found)),
            }
        }
    }
    shells.sort_by_key(|(area, ..)| *area);
    for hole in holes {
        if let Some((.., inside)) = shells.iter_mut().find(|(_, shell, _)| surrounds(shell, &hole)) {
            inside.push(hole);
        }
    }
    shells.into_iter().map(|(_, shell, holes)| Polygon::new(shell, holes)).collect()
}

/// Closed loops of a ring, each visiting a point once.
fn loops(ring: &[Coord<f64>]) -> Vec<Vec<Coord<f64>>> {
    let key = |at: &Coord<f64>| (at.x.to_bits(), at.y.to_bits());
    let mut found = Vec::new();
    let mut way: Vec<Coord<f64>> = Vec::new();
    let mut position = std::collections::HashMap::new();
    for at in ring {
        if let Some(start) = position.get(&key(at)).copied() {
            let mut closed: Vec<Coord<f64>> = way.drain(start + 1..).collect();
            for passed in &closed {
                position.remove(&key(passed));
            }
            closed.insert(0, *at);
            closed.push(*at);
            found.push(closed);
        } else {
            position.insert(key(at), way.len());
            way.push(*at);
        }
    }
    found
}

/// Whether a hole's first point that is no corner of the shell lies inside it. Neither crosses the other.
fn surrounds(shell: &LineString<f64>, hole: &LineString<f64>) -> bool {
    use geo::coordinate_position::{CoordPos, CoordinatePosition as _};
    let area = Polygon::new(shell.clone(), Vec::new());
    let middles = hole.lines().map(|edge| (edge.start + edge.end) / 2.0);
    let positions = hole.coords().copied().chain(middles).map(|at| area.coordinate_position(&at));
    positions.into_iter().find(|position| *position != CoordPos::OnBoundary) == Some(CoordPos::Inside)
}
