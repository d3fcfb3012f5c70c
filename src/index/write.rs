//! JSON text of values and shapes, straight from columns and arena.
use std::io::Write;

use super::arena::{Arena, GridRing, Place, RingKind, ShapeKind};
use super::columns::Cell;
use super::grid::to_degrees;
use super::schema::{Codes, date_of, day_text};
use crate::domain::geometry::{write_nano_degrees, write_position};
use crate::domain::value::Range;

/// Appends a number as JSON, whole ones without a point.
pub(super) fn number(number: f64, out: &mut Vec<u8>) {
    const WHOLE: f64 = 9.0e15;
    if number.fract() == 0.0 && number.abs() < WHOLE {
        #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
        out.extend_from_slice(itoa::Buffer::new().format(number as i64).as_bytes());
    } else {
        serde_json::to_writer(out, &number).expect("writing to memory cannot fail");
    }
}

/// Appends a grid count in degrees as JSON has a double: always with a point, tiny ones with an exponent.
pub(super) fn degrees(count: i64, out: &mut Vec<u8>) {
    const GRID: i64 = 1_000_000_000;
    /// Below this the shortest form has an exponent.
    const TINY: u64 = 10_000;
    if count.unsigned_abs() < TINY {
        serde_json::to_writer(out, &to_degrees(count)).expect("writing to memory cannot fail");
        return;
    }
    write_nano_degrees(count, out);
    if count % GRID == 0 {
        out.extend_from_slice(b".0");
    }
}

/// Appends a JSON string.
pub(super) fn text(text: &str, out: &mut Vec<u8>) {
    if text.bytes().all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\') {
        out.push(b'"');
        out.extend_from_slice(text.as_bytes());
        out.push(b'"');
    } else {
        serde_json::to_writer(out, text).expect("writing to memory cannot fail");
    }
}

/// Appends a value as JSON.
pub(super) fn cell(codes: Option<&Codes>, cell: Cell<'_>, out: &mut Vec<u8>) {
    match cell {
        Cell::Number(value) => number(value, out),
        Cell::Range(range) => interval(&range, out),
        Cell::Code(code) => {
            let quoted = codes.and_then(|list| list.quoted.get(usize::from(code)));
            out.extend_from_slice(quoted.map_or("\"\"", |code| code).as_bytes());
        }
        Cell::Text(value) => text(value, out),
        Cell::Flag(flag) => out.extend_from_slice(if flag { b"true" } else { b"false" }),
        Cell::Days(days) => match day_text(days) {
            Some(day) => {
                out.push(b'"');
                out.extend_from_slice(&day);
                out.push(b'"');
            }
            None => write!(out, "\"{}\"", date_of(days)).expect("writing to memory cannot fail"),
        },
    }
}

/// Appends `{"min":1.2,"max":2,"min_inclusive":true,"max_inclusive":true}`; an open end is left out with its flag.
fn interval(range: &Range, out: &mut Vec<u8>) {
    out.push(b'{');
    let mut any = false;
    for (name, bound, inclusive) in [("min", range.min, range.min_inclusive), ("max", range.max, range.max_inclusive)] {
        let Some(bound) = bound else { continue };
        out.extend_from_slice(if any { b",\"" } else { b"\"" });
        any = true;
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b"\":");
        number(bound, out);
        out.extend_from_slice(b",\"");
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(if inclusive { b"_inclusive\":true" } else { b"_inclusive\":false" });
    }
    out.push(b'}');
}

/// Appends a GeoJSON geometry.
pub(super) fn geometry(arena: &Arena, place: Place, out: &mut Vec<u8>) {
    let parts = |kind: RingKind| arena.rings(place).filter(|ring| ring.kind == kind).count();
    let (name, many) = match place.kind() {
        ShapeKind::None => {
            out.extend_from_slice(b"null");
            return;
        }
        ShapeKind::Polygons => ("Polygon", parts(RingKind::Shell) != 1),
        ShapeKind::Lines => ("LineString", parts(RingKind::Line) != 1),
        ShapeKind::Points => ("Point", arena.rings(place).map(|ring| ring.points.len()).sum::<usize>() != 1),
    };
    out.extend_from_slice(if many { b"{\"type\":\"Multi" } else { b"{\"type\":\"" });
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\",\"coordinates\":");
    if many {
        out.push(b'[');
    }
    match place.kind() {
        ShapeKind::Polygons => polygons(arena.rings(place), out),
        ShapeKind::None | ShapeKind::Lines | ShapeKind::Points => {
            for (at, ring) in arena.rings(place).enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                points(&ring, out);
            }
        }
    }
    if many {
        out.push(b']');
    }
    out.push(b'}');
}

fn polygons<'a>(rings: impl Iterator<Item = GridRing<'a>>, out: &mut Vec<u8>) {
    for (at, ring) in rings.enumerate() {
        if at > 0 {
            out.extend_from_slice(if ring.kind == RingKind::Shell { b"],[" } else { b"," });
        } else {
            out.push(b'[');
        }
        points(&ring, out);
    }
    out.push(b']');
}

/// A ring or line in brackets; points without.
fn points(ring: &GridRing<'_>, out: &mut Vec<u8>) {
    let bare = ring.kind == RingKind::Points;
    if !bare {
        out.push(b'[');
    }
    let start = out.len();
    let mut first = start..start;
    for (at, [x, y]) in ring.points.clone().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        write_position(x, y, out);
        if at == 0 {
            first.end = out.len();
        }
    }
    if matches!(ring.kind, RingKind::Shell | RingKind::Hole) && !first.is_empty() {
        out.push(b',');
        out.extend_from_within(first);
    }
    if !bare {
        out.push(b']');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn degrees_are_written_as_doubles_are() {
        let counts = [
            0,
            1,
            -1,
            9_999,
            10_000,
            -10_001,
            1_000_000_000,
            -180_000_000_000,
            179_999_999_999,
            120_980_000_000,
            7,
        ];
        for count in counts {
            let mut out = Vec::new();
            degrees(count, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), serde_json::json!(to_degrees(count)).to_string());
        }
    }
}
