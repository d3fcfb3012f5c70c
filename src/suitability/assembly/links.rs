//! Who touches whom, and who faces whom across a gap.
use geo::BoundingRect as _;
use geo_types::{Coord, MultiPolygon, Rect};

use super::super::ground::tidy;
use super::super::removal::rings;

/// Corners are snapped to this grid, metres: surveys of neighbours differ by millimetres.
const SNAP_M: f64 = 0.01;
/// Edges of which both ends were snapped run within this of each other where they are one, metres.
const TOUCH_M: f64 = 1.5 * SNAP_M;
/// Edges face each other when their directions differ by less than 30°.
const FACING_COSINE: f64 = 0.866;

/// An outline made ready to be compared.
#[derive(Clone, Debug)]
pub(super) struct Outline {
    pub(super) around: Rect<f64>,
    pub(super) perimeter_m: f64,
    edges: Vec<Edge>,
}

/// An edge with the ground on its left.
#[derive(Clone, Copy, Debug)]
struct Edge {
    from: Coord<f64>,
    to: Coord<f64>,
    length: f64,
}

/// What two outlines have in common.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Contact {
    /// Length of shared edges, metres.
    pub(super) shared_m: f64,
    /// Length along which they face each other within the gap, shared edges included, metres.
    pub(super) facing_m: f64,
    /// The middle of the gap where they face each other longest.
    pub(super) middle: Option<Coord<f64>>,
}

impl Outline {
    /// `None` for an outline without ground.
    pub(super) fn new(outline: &MultiPolygon<f64>) -> Option<Self> {
        let snapped = tidy(&snapped(outline));
        let edges: Vec<Edge> = rings(&snapped)
            .flat_map(|ring| ring.0.windows(2))
            .map(|pair| Edge {
                from: pair[0],
                to: pair[1],
                length: (pair[1] - pair[0]).x.hypot((pair[1] - pair[0]).y),
            })
            .collect();
        Some(Self {
            around: snapped.bounding_rect()?,
            perimeter_m: edges.iter().map(|edge| edge.length).sum(),
            edges,
        })
    }

    /// Compares with another outline; edges count as facing up to a gap.
    pub(super) fn contact(&self, other: &Self, gap_m: f64) -> Contact {
        let mut contact = Contact::default();
        let mut longest = 0.0;
        let mut facing: Vec<(f64, f64)> = Vec::new();
        for edge in &self.edges {
            facing.clear();
            for across in &other.edges {
                let Some(overlap) = edge.overlap(across) else { continue };
                if overlap.depth.0.abs() <= TOUCH_M && overlap.depth.1.abs() <= TOUCH_M {
                    contact.shared_m += overlap.span.1 - overlap.span.0;
                }
                let Some((from, to)) = overlap.within(gap_m) else { continue };
                facing.push((from, to));
                if to - from > longest {
                    longest = to - from;
                    contact.middle = Some(edge.beside(f64::midpoint(from, to), overlap.depth_at(f64::midpoint(from, to)) / 2.0));
                }
            }
            contact.facing_m += covered(&mut facing);
        }
        contact
    }
}

/// Where one edge lies beside another: along it, and how far out at both ends.
struct Overlap {
    span: (f64, f64),
    depth: (f64, f64),
}

impl Overlap {
    fn depth_at(&self, along: f64) -> f64 {
        let share = (along - self.span.0) / (self.span.1 - self.span.0);
        self.depth.0 + (self.depth.1 - self.depth.0) * share
    }

    /// The part that is no further out than the gap and not inside.
    fn within(&self, gap_m: f64) -> Option<(f64, f64)> {
        let (mut from, mut to) = self.span;
        let slope = (self.depth.1 - self.depth.0) / (to - from);
        for (limit, sign) in [(gap_m.max(TOUCH_M), 1.0), (TOUCH_M, -1.0)] {
            let (start, rise) = (sign * self.depth.0, sign * slope);
            if rise > 0.0 {
                to = to.min(self.span.0 + (limit - start) / rise);
            } else if rise < 0.0 {
                from = from.max(self.span.0 + (limit - start) / rise);
            } else if start > limit {
                return None;
            }
        }
        (from < to).then_some((from, to))
    }
}

impl Edge {
    /// How another edge that runs the other way lies beside this one.
    fn overlap(&self, other: &Self) -> Option<Overlap> {
        let along = (self.to - self.from) / self.length;
        let place = |at: Coord<f64>| {
            let out = at - self.from;
            // Along the edge, and to its right, which is outside.
            (out.x * along.x + out.y * along.y, out.x * along.y - out.y * along.x)
        };
        let (first, last) = (place(other.to), place(other.from));
        if last.0 - first.0 < FACING_COSINE * other.length {
            return None;
        }
        let span = (first.0.max(0.0), last.0.min(self.length));
        if span.1 - span.0 <= 0.0 {
            return None;
        }
        let depth = |t: f64| first.1 + (last.1 - first.1) * (t - first.0) / (last.0 - first.0);
        Some(Overlap {
            span,
            depth: (depth(span.0), depth(span.1)),
        })
    }

    /// The point at a way along the edge and a way out.
    fn beside(&self, along: f64, out: f64) -> Coord<f64> {
        let direction = (self.to - self.from) / self.length;
        self.from
            + direction * along
            + Coord {
                x: direction.y,
                y: -direction.x,
            } * out
    }
}

/// Length of a union of intervals.
fn covered(intervals: &mut [(f64, f64)]) -> f64 {
    intervals.sort_unstable_by(|one, other| one.0.total_cmp(&other.0));
    let (mut total, mut reached) = (0.0, f64::NEG_INFINITY);
    for (from, to) in intervals.iter().copied() {
        total += (to - from.max(reached)).max(0.0);
        reached = reached.max(to);
    }
    total
}

fn snapped(outline: &MultiPolygon<f64>) -> MultiPolygon<f64> {
    use geo::MapCoords as _;
    let snap = |value: f64| (value / SNAP_M).round() * SNAP_M;
    outline.map_coords(|at| Coord {
        x: snap(at.x),
        y: snap(at.y),
    })
}
