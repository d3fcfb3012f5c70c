//! Which rings of a polygon record are shells, and which holes belong to which shell.
//!
//! The format tells by the direction of a ring, but many programs write directions at random, so the rings' nesting decides:
//! a ring inside an even number of others is a shell, inside an odd number a hole of the smallest of them.
use geo::coordinate_position::{CoordPos, coord_pos_relative_to_ring};
use geo::{Area, BoundingRect, Contains};
use geo_types::{Coord, LineString, MultiPolygon, Polygon, Rect};

/// Sorts closed rings into polygons. The order of the shells is kept.
pub(super) fn assemble(rings: Vec<LineString<f64>>) -> MultiPolygon<f64> {
    if rings.len() == 1 {
        return MultiPolygon(rings.into_iter().map(|ring| Polygon::new(ring, Vec::new())).collect());
    }
    let outlines: Vec<Outline> = rings.into_iter().map(Outline::new).collect();
    // Largest first: a ring can only lie inside one before it.
    let mut by_size: Vec<usize> = (0..outlines.len()).collect();
    by_size.sort_by(|a, b| outlines[*b].area.total_cmp(&outlines[*a].area));
    let mut depths = vec![0_usize; outlines.len()];
    let mut parents = vec![None; outlines.len()];
    for (position, ring) in by_size.iter().enumerate() {
        // Smallest container first: its depth is known, and its own containers need no look.
        let container = by_size[..position]
            .iter()
            .rev()
            .find(|other| outlines[**other].holds(&outlines[*ring]));
        if let Some(container) = container {
            depths[*ring] = depths[*container] + 1;
            parents[*ring] = Some(*container);
        }
    }
    let mut holes: Vec<Vec<LineString<f64>>> = vec![Vec::new(); outlines.len()];
    let mut shells = Vec::new();
    for (at, outline) in outlines.into_iter().enumerate() {
        match parents[at] {
            Some(parent) if depths[at] % 2 == 1 => holes[parent].push(outline.ring),
            _ => shells.push((at, outline.ring)),
        }
    }
    let polygons = shells
        .into_iter()
        .map(|(at, shell)| Polygon::new(shell, std::mem::take(&mut holes[at])));
    MultiPolygon(polygons.collect())
}

struct Outline {
    ring: LineString<f64>,
    bounds: Option<Rect<f64>>,
    area: f64,
}

impl Outline {
    fn new(ring: LineString<f64>) -> Self {
        let area = Polygon::new(ring.clone(), Vec::new()).unsigned_area();
        Self {
            bounds: ring.bounding_rect(),
            area,
            ring,
        }
    }

    /// Whether another ring, no larger than this one, lies inside. Rings may touch.
    fn holds(&self, other: &Self) -> bool {
        let (Some(bounds), Some(others)) = (self.bounds, other.bounds) else {
            return false;
        };
        if !bounds.contains(&others) && bounds != others {
            return false;
        }
        let position = |at: &Coord<f64>| coord_pos_relative_to_ring(*at, &self.ring);
        let middles = other.ring.lines().map(|line| (line.start + line.end) / 2.0);
        let points = other.ring.0.iter().copied().chain(middles);
        // The first point that is not on the border decides; rings that only touch have most of them off it.
        points.map(|at| position(&at)).find(|position| *position != CoordPos::OnBoundary) == Some(CoordPos::Inside)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(x: f64, y: f64, side: f64) -> LineString<f64> {
        LineString::from(vec![(x, y), (x + side, y), (x + side, y + side), (x, y + side), (x, y)])
    }

    fn reversed(mut ring: LineString<f64>) -> LineString<f64> {
        ring.0.reverse();
        ring
    }

    /// Number of holes of each polygon, in order of the shells.
    fn holes(rings: Vec<LineString<f64>>) -> Vec<usize> {
        assemble(rings).iter().map(|polygon| polygon.interiors().len()).collect()
    }

    #[test]
    fn nesting_decides_whatever_the_directions_and_the_order() {
        let (big, hole, island, apart) = (
            square(0.0, 0.0, 9.0),
            square(1.0, 1.0, 5.0),
            square(2.0, 2.0, 1.0),
            square(20.0, 0.0, 3.0),
        );
        for turn in [LineString::clone as fn(&LineString<f64>) -> LineString<f64>, |ring| {
            reversed(ring.clone())
        }] {
            assert_eq!(holes(vec![big.clone(), turn(&hole), turn(&island), turn(&apart)]), [1, 0, 0]);
            assert_eq!(holes(vec![turn(&island), turn(&hole), apart.clone(), big.clone()]), [0, 0, 1]);
        }
    }

    #[test]
    fn a_hole_that_touches_its_shell_is_a_hole() {
        assert_eq!(holes(vec![square(0.0, 0.0, 4.0), square(0.0, 0.0, 1.0)]), [1]);
    }

    #[test]
    fn neighbours_that_touch_are_both_shells() {
        assert_eq!(holes(vec![square(0.0, 0.0, 2.0), square(2.0, 0.0, 1.0)]), [0, 0]);
    }

    #[test]
    fn a_neighbour_in_the_bay_of_another_is_a_shell() {
        let bay = LineString::from(vec![
            (0.0, 0.0),
            (5.0, 0.0),
            (5.0, 5.0),
            (4.0, 5.0),
            (4.0, 1.0),
            (1.0, 1.0),
            (1.0, 5.0),
            (0.0, 5.0),
            (0.0, 0.0),
        ]);
        assert_eq!(holes(vec![bay, square(1.0, 1.0, 3.0)]), [0, 0]);
    }
}
