//! The canonical shape of a record.
use geo_types::{Coord, MultiLineString, MultiPoint, MultiPolygon, Rect};

/// Storage grid: coordinates are multiples of 1e-9 degree (0.11 mm), so that fixed-point arenas hold them without loss.
pub const GRID_PER_DEGREE: f64 = 1e9;

/// A canonical shape: finite lon/lat degrees on the storage grid, rings closed, shells counter-clockwise, holes clockwise,
/// no empty parts, no repeated neighbouring points. Made only by `canonical`, which says what it changed or why it refuses.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Shape {
    /// Unknown, or inherited (a unit without its own outline).
    #[default]
    None,
    /// Parcels, buildings, zones.
    Polygons(MultiPolygon<f64>),
    /// Lines of an overlay: corridors, roads.
    Lines(MultiLineString<f64>),
    /// Points of an overlay: ramps, substations.
    Points(MultiPoint<f64>),
}

impl Shape {
    /// Calls `visit` with every coordinate, ring by ring, closing points included.
    pub fn for_each_coord(&self, mut visit: impl FnMut(Coord<f64>)) {
        match self {
            Shape::None => {}
            Shape::Polygons(polygons) => {
                for polygon in polygons {
                    for ring in std::iter::once(polygon.exterior()).chain(polygon.interiors()) {
                        ring.0.iter().copied().for_each(&mut visit);
                    }
                }
            }
            Shape::Lines(lines) => lines.iter().flat_map(|line| line.0.iter().copied()).for_each(visit),
            Shape::Points(points) => points.iter().map(|point| point.0).for_each(visit),
        }
    }

    /// Number of coordinates, closing points included.
    pub fn vertices(&self) -> usize {
        let mut count = 0;
        self.for_each_coord(|_| count += 1);
        count
    }
}

/// The smallest lon/lat box around a shape, degrees; `None` for [`Shape::None`]. A point's box has no extent.
pub fn bounds(shape: &Shape) -> Option<Rect<f64>> {
    let mut corners: Option<(Coord<f64>, Coord<f64>)> = None;
    shape.for_each_coord(|at| {
        let (low, high) = corners.get_or_insert((at, at));
        *low = Coord {
            x: low.x.min(at.x),
            y: low.y.min(at.y),
        };
        *high = Coord {
            x: high.x.max(at.x),
            y: high.y.max(at.y),
        };
    });
    corners.map(|(low, high)| Rect::new(low, high))
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo_types::{MultiPoint, point};

    #[test]
    fn bounds_of_nothing_and_of_points() {
        assert_eq!(bounds(&Shape::None), None);
        let points = Shape::Points(MultiPoint(vec![point!(x: 121.0, y: 31.9), point!(x: 120.9, y: 31.95)]));
        let rect = bounds(&points).unwrap();
        assert_eq!(
            (rect.min().x, rect.min().y, rect.max().x, rect.max().y),
            (120.9, 31.9, 121.0, 31.95)
        );
    }
}
