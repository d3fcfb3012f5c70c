//! Regions of the ground made ready: which rows have a point in common with them.
use geo_types::{Coord, LineString, Rect};

use super::arena::{Arena, Place, RingKind};
use super::distance::Circle;
use super::exact::{Edge, covers, cross, inside};
use super::grid::Span;
use crate::domain::query::Region;

/// A region with what makes testing fast.
#[derive(Debug)]
pub(super) enum Prepared {
    /// A box or polygon.
    Area(Outlined),
    /// A circle on the ellipsoid.
    Circle(Circle),
}

/// A region as a set of edges.
#[derive(Debug)]
pub(super) struct Outlined {
    bounds: Option<Rect<f64>>,
    /// All grid positions in the bounds.
    inner: Span,
    /// Whether it is nothing but its bounds.
    is_box: bool,
    edges: Vec<Edge>,
    /// One corner of each outer ring.
    corners: Vec<Coord<f64>>,
    stripes: Stripes,
}

/// Numbers of the edges that reach into each of equally high stripes.
#[derive(Debug, Default)]
struct Stripes {
    south: f64,
    per_degree: f64,
    lists: Vec<Vec<u32>>,
}

impl Prepared {
    pub(super) fn new(region: &Region) -> Self {
        match region {
            Region::Box(bounds) => Self::Area(Outlined::new(&bounds.to_polygon().into(), true)),
            Region::Polygon(polygons) => Self::Area(Outlined::new(polygons, false)),
            Region::Radius { lon, lat, radius_m } => Self::Circle(Circle::new(*lon, *lat, *radius_m)),
        }
    }

    /// All grid positions of a region that is nothing but a box.
    pub(super) fn box_alone(&self) -> Option<Span> {
        match self {
            Self::Area(area) => area.is_box.then_some(area.inner),
            Self::Circle(_) => None,
        }
    }

    /// Rows whose box does not touch this cannot be in the region.
    pub(super) fn span(&self) -> Span {
        match self {
            Self::Area(area) => area.inner,
            Self::Circle(circle) => circle.span(),
        }
    }

    /// Whether a shape within this box has a point in common with the region.
    pub(super) fn holds(&self, span: &Span, arena: &Arena, place: Place) -> bool {
        if self.box_alone().is_some_and(|area| !span.is_empty() && area.contains(span)) {
            return true;
        }
        let Some(around) = &span.degrees() else { return false };
        match self {
            Self::Area(outlined) => outlined.holds(around, arena, place),
            Self::Circle(circle) => circle.holds(around, arena, place),
        }
    }
}

impl Outlined {
    fn new(polygons: &geo_types::MultiPolygon<f64>, is_box: bool) -> Self {
        let rings = || {
            polygons
                .iter()
                .flat_map(|polygon| std::iter::once(polygon.exterior()).chain(polygon.interiors()))
        };
        let edges: Vec<Edge> = rings().flat_map(LineString::lines).map(|line| [line.start, line.end]).collect();
        let bounds = edges.iter().flatten().fold(None, |bounds: Option<Rect<f64>>, at| {
            let (min, max) = bounds.map_or((*at, *at), |bounds| (bounds.min(), bounds.max()));
            let low = Coord {
                x: min.x.min(at.x),
                y: min.y.min(at.y),
            };
            Some(Rect::new(
                low,
                Coord {
                    x: max.x.max(at.x),
                    y: max.y.max(at.y),
                },
            ))
        });
        Self {
            stripes: bounds.as_ref().map_or_else(Stripes::default, |bounds| Stripes::new(bounds, &edges)),
            corners: polygons
                .iter()
                .filter_map(|polygon| polygon.exterior().0.first().copied())
                .collect(),
            inner: bounds.as_ref().map_or(Span::EMPTY, Span::inside),
            bounds,
            is_box,
            edges,
        }
    }

    fn holds(&self, around: &Rect<f64>, arena: &Arena, place: Place) -> bool {
        let near = self.near(around);
        if near.is_empty() {
            return self.contains(around.min());
        }
        self.meets(&near, arena, place)
    }

    /// Edges whose box touches a box. Where there is none, the box is wholly inside or wholly outside.
    fn near(&self, around: &Rect<f64>) -> Vec<Edge> {
        let touches = |[from, to]: &Edge| {
            from.x.min(to.x) <= around.max().x
                && from.x.max(to.x) >= around.min().x
                && from.y.min(to.y) <= around.max().y
                && from.y.max(to.y) >= around.min().y
        };
        let mut numbers: Vec<u32> = self.stripes.between(around.min().y, around.max().y).flatten().copied().collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers
            .into_iter()
            .map(|number| self.edges[number as usize])
            .filter(touches)
            .collect()
    }

    fn meets(&self, near: &[Edge], arena: &Arena, place: Place) -> bool {
        for ring in arena.rings(place) {
            let mut points = ring.degrees().map(|(x, y)| Coord { x, y });
            if ring.kind == RingKind::Points {
                if points.any(|at| self.contains(at)) {
                    return true;
                }
                continue;
            }
            let Some(first) = points.next() else { continue };
            let mut before = first;
            for at in points {
                if near.iter().any(|edge| cross([before, at], *edge)) {
                    return true;
                }
                before = at;
            }
            // No border is crossed: one point speaks for the whole ring.
            if self.contains(first) {
                return true;
            }
        }
        self.corners.iter().any(|corner| covers(arena, place, *corner))
    }

    fn contains(&self, at: Coord<f64>) -> bool {
        if self.is_box {
            return self.bounds.as_ref().is_some_and(|bounds| within(bounds, at));
        }
        let edges = self
            .stripes
            .between(at.y, at.y)
            .flatten()
            .map(|number| self.edges[*number as usize]);
        inside(at, edges)
    }
}

impl Stripes {
    fn new(bounds: &Rect<f64>, edges: &[Edge]) -> Self {
        const EDGES_A_STRIPE: usize = 8;
        let count = (edges.len() / EDGES_A_STRIPE).clamp(1, 4096);
        let height = bounds.height();
        let mut stripes = Self {
            south: bounds.min().y,
            per_degree: if height > 0.0 { count as f64 / height } else { 0.0 },
            lists: vec![Vec::new(); count],
        };
        for (number, [from, to]) in (0u32..).zip(edges) {
            let (low, high) = (stripes.stripe(from.y.min(to.y)), stripes.stripe(from.y.max(to.y)));
            stripes.lists[low..=high].iter_mut().for_each(|list| list.push(number));
        }
        stripes
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the cast saturates; what is outside belongs to the outermost stripes"
    )]
    fn stripe(&self, y: f64) -> usize {
        (((y - self.south) * self.per_degree) as usize).min(self.lists.len().saturating_sub(1))
    }

    fn between(&self, low: f64, high: f64) -> impl Iterator<Item = &Vec<u32>> {
        let lists = if self.lists.is_empty() {
            &[]
        } else {
            &self.lists[self.stripe(low)..=self.stripe(high)]
        };
        lists.iter()
    }
}

fn within(bounds: &Rect<f64>, at: Coord<f64>) -> bool {
    at.x >= bounds.min().x && at.x <= bounds.max().x && at.y >= bounds.min().y && at.y <= bounds.max().y
}
