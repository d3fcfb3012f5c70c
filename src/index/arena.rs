//! Shapes of many rows as whole grid counts in a few shared segments: a shard's clone copies pointers, no coordinates.
use std::sync::Arc;

use geo_types::{Coord, LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon};

use super::grid::{Span, to_degrees, to_grid};
use crate::domain::geometry::Shape;

/// What a sequence of points of a shape is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RingKind {
    /// Outer ring of a polygon, counter-clockwise, closed. Begins a new polygon.
    Shell,
    /// Hole of the polygon begun last, clockwise, closed.
    Hole,
    /// A line.
    Line,
    /// All points of a shape of points.
    Points,
}

/// Where a row's shape lies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    ring: u32,
    /// Segment in the lower 30 bits, kind in the upper two.
    segment: u32,
}

/// What a shape is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ShapeKind {
    None,
    Polygons,
    Lines,
    Points,
}

/// Ring of a shape that has no part at all.
const NO_RING: u32 = u32::MAX;
/// Flags beside a ring's end.
const SHELL: u32 = 1 << 31;
const LAST: u32 = 1 << 30;
const END: u32 = LAST - 1;

impl Place {
    fn new(kind: ShapeKind, segment: usize, ring: u32) -> Self {
        let kind = match kind {
            ShapeKind::None => 0,
            ShapeKind::Polygons => 1,
            ShapeKind::Lines => 2,
            ShapeKind::Points => 3,
        };
        let segment = u32::try_from(segment).unwrap_or(END) & END;
        Self {
            ring,
            segment: kind << 30 | segment,
        }
    }

    pub(super) fn kind(self) -> ShapeKind {
        match self.segment >> 30 {
            0 => ShapeKind::None,
            1 => ShapeKind::Polygons,
            2 => ShapeKind::Lines,
            _ => ShapeKind::Points,
        }
    }
}

/// A run of shapes. Offsets are from the origin, 8 bytes a point; a shape too wide for that has a segment of its own with 16.
#[derive(Clone, Debug, Default)]
struct Segment {
    origin: [i64; 2],
    near: Vec<[i32; 2]>,
    far: Vec<[i64; 2]>,
    rings: Vec<u32>,
}

/// All shapes of a table.
#[derive(Clone, Debug, Default)]
pub(super) struct Arena {
    segments: Vec<Arc<Segment>>,
}

/// A shape before it has its place: rings one after another, closing points left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Outline {
    kind: Option<ShapeKind>,
    points: Vec<[i64; 2]>,
    /// End in `points` and whether it begins a polygon.
    rings: Vec<(u32, bool)>,
    pub(super) span: Span,
}

impl Default for Span {
    fn default() -> Self {
        Self::EMPTY
    }
}

/// Points of one ring in counts of 1e-9 degree, the closing one left out.
#[derive(Clone, Debug)]
pub struct GridPoints<'a> {
    origin: [i64; 2],
    near: std::slice::Iter<'a, [i32; 2]>,
    far: std::slice::Iter<'a, [i64; 2]>,
}

impl<'a> GridPoints<'a> {
    /// The points as steps from an origin; `None` for a shape so wide that they are not kept like that.
    pub fn near(&self) -> Option<([i64; 2], &'a [[i32; 2]])> {
        self.far.as_slice().is_empty().then_some((self.origin, self.near.as_slice()))
    }
}

impl Iterator for GridPoints<'_> {
    type Item = [i64; 2];

    #[inline]
    fn next(&mut self) -> Option<[i64; 2]> {
        if let Some([x, y]) = self.near.next() {
            return Some([self.origin[0] + i64::from(*x), self.origin[1] + i64::from(*y)]);
        }
        self.far.next().copied()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let length = self.near.len() + self.far.len();
        (length, Some(length))
    }
}

impl ExactSizeIterator for GridPoints<'_> {}

/// A ring, line or list of points.
#[derive(Clone, Debug)]
pub struct GridRing<'a> {
    /// What it is.
    pub kind: RingKind,
    /// Its points.
    pub points: GridPoints<'a>,
}

impl GridRing<'_> {
    /// All points in degrees, rings closed.
    pub(super) fn degrees(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        let closing = match self.kind {
            RingKind::Shell | RingKind::Hole => self.points.clone().next(),
            RingKind::Line | RingKind::Points => None,
        };
        self.points.clone().chain(closing).map(|[x, y]| (to_degrees(x), to_degrees(y)))
    }
}

impl Outline {
    pub(super) fn clear(&mut self) {
        self.kind = None;
        self.points.clear();
        self.rings.clear();
        self.span = Span::EMPTY;
    }

    pub(super) fn ring(&mut self, kind: RingKind, points: impl Iterator<Item = (f64, f64)>) {
        self.grid_ring(kind, points.map(|(x, y)| [to_grid(x), to_grid(y)]), Closing::Given);
    }

    fn grid_ring(&mut self, kind: RingKind, points: impl Iterator<Item = [i64; 2]>, closing: Closing) {
        self.kind = Some(match kind {
            RingKind::Shell | RingKind::Hole => ShapeKind::Polygons,
            RingKind::Line => ShapeKind::Lines,
            RingKind::Points => ShapeKind::Points,
        });
        if kind == RingKind::Points && !self.rings.is_empty() {
            // All points of a row are one run, however the source cuts them.
            self.rings.pop();
        }
        for point in points {
            self.span.add(point);
            self.points.push(point);
        }
        if closing == Closing::Given && matches!(kind, RingKind::Shell | RingKind::Hole) {
            self.points.pop();
        }
        self.rings.push((end_of(self.points.len()), kind == RingKind::Shell));
    }

    pub(super) fn of(shape: &Shape) -> Self {
        let mut outline = Self::default();
        let degrees = |line: &LineString<f64>| line.0.iter().map(|at| (at.x, at.y)).collect::<Vec<_>>().into_iter();
        match shape {
            Shape::None => {}
            Shape::Polygons(shape) => {
                outline.kind = Some(ShapeKind::Polygons);
                for polygon in shape {
                    outline.ring(RingKind::Shell, degrees(polygon.exterior()));
                    polygon
                        .interiors()
                        .iter()
                        .for_each(|hole| outline.ring(RingKind::Hole, degrees(hole)));
                }
            }
            Shape::Lines(shape) => {
                outline.kind = Some(ShapeKind::Lines);
                shape.iter().for_each(|line| outline.ring(RingKind::Line, degrees(line)));
            }
            Shape::Points(shape) => {
                outline.kind = Some(ShapeKind::Points);
                outline.ring(RingKind::Points, shape.iter().map(|point| (point.x(), point.y())));
            }
        }
        outline
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Closing {
    Given,
    LeftOut,
}

fn end_of(points: usize) -> u32 {
    u32::try_from(points).unwrap_or(END).min(END)
}

impl Arena {
    /// Most points of a segment: what the ends of rings can say.
    const SEGMENT_POINTS: usize = 1 << 29;

    /// Adds a shape to one of the last segments, or to a new one.
    pub(super) fn push(&mut self, outline: &Outline) -> Place {
        let Some(kind) = outline.kind else { return Place::default() };
        if outline.rings.is_empty() {
            return Place::new(kind, 0, NO_RING);
        }
        let tail = self.segments.len().saturating_sub(4);
        let fitting = self.segments[tail..]
            .iter()
            .rposition(|segment| segment.takes(outline))
            .map(|at| tail + at);
        let at = fitting.unwrap_or_else(|| {
            self.segments.push(Arc::new(Segment {
                origin: outline.span.centre(),
                ..Segment::default()
            }));
            self.segments.len() - 1
        });
        let ring = Arc::make_mut(&mut self.segments[at]).push(outline);
        Place::new(kind, at, ring)
    }

    /// Adds a shape to a segment of its own, so that the others stay shared.
    pub(super) fn push_apart(&mut self, outline: &Outline) -> Place {
        let mut apart = Self::default();
        let place = apart.push(outline);
        if apart.segments.is_empty() {
            return place;
        }
        self.segments.append(&mut apart.segments);
        Place::new(place.kind(), self.segments.len() - 1, place.ring)
    }

    pub(super) fn segments(&self) -> usize {
        self.segments.len()
    }

    pub(super) fn shrink(&mut self) {
        for segment in &mut self.segments {
            let segment = Arc::make_mut(segment);
            segment.near.shrink_to_fit();
            segment.rings.shrink_to_fit();
        }
    }

    /// Rings of a row.
    pub(super) fn rings(&self, place: Place) -> impl Iterator<Item = GridRing<'_>> + use<'_> {
        let segment = match place.kind() {
            ShapeKind::None => None,
            ShapeKind::Polygons | ShapeKind::Lines | ShapeKind::Points => {
                if place.ring == NO_RING {
                    None
                } else {
                    self.segments.get((place.segment & END) as usize)
                }
            }
        };
        let kind = place.kind();
        let mut next = segment.map(|_| place.ring as usize);
        std::iter::from_fn(move || {
            let (at, segment) = (next?, segment?);
            let ring = *segment.rings.get(at)?;
            next = (ring & LAST == 0).then_some(at + 1);
            let start = at.checked_sub(1).map_or(0, |before| segment.rings[before] & END) as usize;
            Some(GridRing {
                kind: match kind {
                    ShapeKind::Polygons | ShapeKind::None => {
                        if ring & SHELL == 0 {
                            RingKind::Hole
                        } else {
                            RingKind::Shell
                        }
                    }
                    ShapeKind::Lines => RingKind::Line,
                    ShapeKind::Points => RingKind::Points,
                },
                points: segment.points(start, (ring & END) as usize),
            })
        })
    }

    pub(super) fn span(&self, place: Place) -> Span {
        let mut span = Span::EMPTY;
        self.rings(place).for_each(|ring| ring.points.for_each(|point| span.add(point)));
        span
    }

    /// Copies a row's shape out, to be put into another arena.
    pub(super) fn outline(&self, place: Place, into: &mut Outline) {
        into.clear();
        if place.kind() != ShapeKind::None {
            into.kind = Some(place.kind());
        }
        for ring in self.rings(place) {
            into.grid_ring(ring.kind, ring.points, Closing::LeftOut);
        }
    }

    pub(super) fn shape(&self, place: Place) -> Shape {
        let line = |ring: &GridRing<'_>| LineString(ring.degrees().map(|(x, y)| Coord { x, y }).collect());
        match place.kind() {
            ShapeKind::None => Shape::None,
            ShapeKind::Polygons => {
                let mut polygons: Vec<Polygon<f64>> = Vec::new();
                for ring in self.rings(place) {
                    match (ring.kind, polygons.last_mut()) {
                        (RingKind::Hole, Some(polygon)) => polygon.interiors_push(line(&ring)),
                        _ => polygons.push(Polygon::new(line(&ring), Vec::new())),
                    }
                }
                Shape::Polygons(MultiPolygon(polygons))
            }
            ShapeKind::Lines => Shape::Lines(MultiLineString(self.rings(place).map(|ring| line(&ring)).collect())),
            ShapeKind::Points => Shape::Points(MultiPoint(self.rings(place).flat_map(|ring| line(&ring).0).map(Point).collect())),
        }
    }
}

impl Segment {
    fn takes(&self, outline: &Outline) -> bool {
        let near = |value: i64, axis: usize| i32::try_from(value - self.origin[axis]).is_ok();
        let span = &outline.span;
        self.far.is_empty()
            && self.near.len() + outline.points.len() < Arena::SEGMENT_POINTS
            && near(span.west, 0)
            && near(span.east, 0)
            && near(span.south, 1)
            && near(span.north, 1)
    }

    fn push(&mut self, outline: &Outline) -> u32 {
        let first = end_of(self.rings.len());
        let base = end_of(self.near.len() + self.far.len());
        let near = |point: &[i64; 2]| {
            Some([
                i32::try_from(point[0] - self.origin[0]).ok()?,
                i32::try_from(point[1] - self.origin[1]).ok()?,
            ])
        };
        if self.takes(outline) {
            self.near.extend(outline.points.iter().filter_map(near));
        } else {
            self.far.extend_from_slice(&outline.points);
        }
        for (end, shell) in &outline.rings {
            self.rings.push((base + end) | if *shell { SHELL } else { 0 });
        }
        if let Some(last) = self.rings.last_mut() {
            *last |= LAST;
        }
        first
    }

    fn points(&self, start: usize, end: usize) -> GridPoints<'_> {
        let near = self.near.get(start..end).unwrap_or_default();
        let far = if near.is_empty() {
            self.far.get(start..end).unwrap_or_default()
        } else {
            &[]
        };
        GridPoints {
            origin: self.origin,
            near: near.iter(),
            far: far.iter(),
        }
    }
}
