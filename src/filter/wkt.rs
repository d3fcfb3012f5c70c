//! POLYGON and MULTIPOLYGON of well-known text (OGC 06-103r4, 7.2). No Z, no M, no SRID.
use geo_types::{Coord, LineString, MultiPolygon, Polygon};

use crate::domain::geometry::closed_ring;

/// Reads the text; `None` for anything else, unclosed rings included.
pub(super) fn polygons(text: &str) -> Option<MultiPolygon<f64>> {
    let text = text.trim();
    let split = text.find('(')?;
    let (name, mut rest) = text.split_at(split);
    let polygons = match name.trim().to_ascii_uppercase().as_str() {
        "POLYGON" => vec![polygon(&mut rest)?],
        "MULTIPOLYGON" => list(&mut rest, polygon)?,
        _ => return None,
    };
    rest.trim().is_empty().then_some(MultiPolygon(polygons))
}

/// `( item , item ... )`
fn list<T>(rest: &mut &str, item: impl Fn(&mut &str) -> Option<T>) -> Option<Vec<T>> {
    let mut found = Vec::new();
    eat(rest, '(')?;
    loop {
        found.push(item(rest)?);
        if eat(rest, ',').is_none() {
            break;
        }
    }
    eat(rest, ')')?;
    Some(found)
}

fn polygon(rest: &mut &str) -> Option<Polygon<f64>> {
    let mut rings = list(rest, ring)?;
    let shell = rings.remove(0);
    Some(Polygon::new(shell, rings))
}

fn ring(rest: &mut &str) -> Option<LineString<f64>> {
    closed_ring(list(rest, position)?).ok()
}

fn position(rest: &mut &str) -> Option<Coord<f64>> {
    let end = rest.find([',', ')', '('])?;
    let (words, after) = rest.split_at(end);
    *rest = after;
    let mut numbers = words
        .split_ascii_whitespace()
        .map(|word| word.parse::<f64>().ok().filter(|number| number.is_finite()));
    let coord = Coord {
        x: numbers.next()??,
        y: numbers.next()??,
    };
    numbers.next().is_none().then_some(coord)
}

fn eat(rest: &mut &str, sign: char) -> Option<()> {
    *rest = rest.trim_start().strip_prefix(sign)?;
    Some(())
}
