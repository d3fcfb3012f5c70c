//! A dense search that shares nothing with the engine: every quarter degree, rows of a hundredth of the depth, and along a row from edge to edge.
use geo_types::{Coord, Polygon};

type Edge = ((f64, f64), (f64, f64));

const ANGLES: u32 = 720;

/// Whether a rectangle fits on a polygon: at some quarter degree, in some row.
pub(super) fn fits(polygon: &Polygon<f64>, width: f64, depth: f64) -> bool {
    let origin = polygon.exterior().0[0];
    (0..ANGLES).any(|nth| fits_at(polygon, origin, f64::from(nth) * 180.0 / f64::from(ANGLES), (width, depth)))
}

fn fits_at(polygon: &Polygon<f64>, origin: Coord<f64>, degrees: f64, (width, depth): (f64, f64)) -> bool {
    let (sine, cosine) = (-degrees.to_radians()).sin_cos();
    let turned = |at: &Coord<f64>| {
        let (x, y) = (at.x - origin.x, at.y - origin.y);
        (x * cosine - y * sine, x * sine + y * cosine)
    };
    let rings: Vec<Vec<(f64, f64)>> = std::iter::once(polygon.exterior())
        .chain(polygon.interiors())
        .map(|ring| ring.0.iter().map(turned).collect())
        .collect();
    let edges: Vec<Edge> = rings
        .iter()
        .flat_map(|ring| ring.windows(2).map(|pair| (pair[0], pair[1])))
        .collect();
    let lowest = edges.iter().map(|edge| edge.0.1).fold(f64::INFINITY, f64::min);
    let highest = edges.iter().map(|edge| edge.0.1).fold(f64::NEG_INFINITY, f64::max);
    let mut row = lowest;
    while row + depth <= highest {
        if fits_in_row(&edges, (row, row + depth), width) {
            return true;
        }
        row += depth / 100.0;
    }
    false
}

/// Goes along a row; a place that an edge reaches into is left for the first one beyond that edge.
fn fits_in_row(edges: &[Edge], (low, high): (f64, f64), width: f64) -> bool {
    let spans: Vec<(f64, f64)> = edges.iter().filter_map(|edge| span(*edge, low, high)).collect();
    let end = spans.iter().map(|span| span.1).fold(f64::NEG_INFINITY, f64::max);
    let mut x = spans.iter().map(|span| span.0).fold(f64::INFINITY, f64::min);
    while x + width <= end {
        match spans.iter().find(|span| span.0 < x + width && span.1 > x) {
            Some(span) => x = span.1,
            None if is_inside(edges, x + width / 2.0, f64::midpoint(low, high)) => return true,
            // An empty place outside: on to the next edge.
            None => x = spans.iter().map(|span| span.1).filter(|end| *end > x).fold(f64::INFINITY, f64::min),
        }
    }
    false
}

/// From where to where an edge reaches within a band of heights.
fn span((a, b): Edge, low: f64, high: f64) -> Option<(f64, f64)> {
    let (a, b) = if a.1 <= b.1 { (a, b) } else { (b, a) };
    if b.1 <= low || a.1 >= high {
        return None;
    }
    let at = |y: f64| a.0 + (b.0 - a.0) * (y - a.1) / (b.1 - a.1);
    let (first, last) = (if a.1 < low { at(low) } else { a.0 }, if b.1 > high { at(high) } else { b.0 });
    Some((first.min(last), first.max(last)))
}

fn is_inside(edges: &[Edge], x: f64, y: f64) -> bool {
    let crossed = edges
        .iter()
        .filter(|(a, b)| (a.1 > y) != (b.1 > y) && a.0 + (b.0 - a.0) * (y - a.1) / (b.1 - a.1) > x);
    crossed.count() % 2 == 1
}
