//! GeoJSON text of shapes, without floats: the encoder of every answer.
use std::io::Write as _;

use geo_types::{Coord, LineString, Polygon};

use super::grid::to_nano;
use super::shape::Shape;

const NANO: u64 = 1_000_000_000;

/// Appends a GeoJSON geometry: at most 9 decimals, trailing zeros cut, `null` for [`Shape::None`].
/// One part is written as the plain kind (`Polygon`), several as the multi kind.
pub fn write_geojson(shape: &Shape, out: &mut Vec<u8>) {
    match shape {
        Shape::None => out.extend_from_slice(b"null"),
        Shape::Polygons(polygons) => match polygons.0.as_slice() {
            [polygon] => geometry(out, "Polygon", |out| write_polygon(polygon, out)),
            many => geometry(out, "MultiPolygon", |out| array(out, many, write_polygon)),
        },
        Shape::Lines(lines) => match lines.0.as_slice() {
            [line] => geometry(out, "LineString", |out| write_line(line, out)),
            many => geometry(out, "MultiLineString", |out| array(out, many, write_line)),
        },
        Shape::Points(points) => match points.0.as_slice() {
            [point] => geometry(out, "Point", |out| write_coord(&point.0, out)),
            many => geometry(out, "MultiPoint", |out| array(out, many, |point, out| write_coord(&point.0, out))),
        },
    }
}

/// Appends `[lon,lat]` of a position in nano-degrees.
pub fn write_position(lon_nano: i64, lat_nano: i64, out: &mut Vec<u8>) {
    out.push(b'[');
    write_nano_degrees(lon_nano, out);
    out.push(b',');
    write_nano_degrees(lat_nano, out);
    out.push(b']');
}

/// Two digits of each number below 100.
const PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[b'0'; 2]; 100];
    let (mut tens, mut at) = (b'0', 0);
    while tens <= b'9' {
        let mut ones = b'0';
        while ones <= b'9' {
            pairs[at] = [tens, ones];
            (at, ones) = (at + 1, ones + 1);
        }
        tens += 1;
    }
    pairs
};

/// Appends nano-degrees as a decimal number of degrees: `120980000000` becomes `120.98`.
pub fn write_nano_degrees(nano: i64, out: &mut Vec<u8>) {
    const MOST_WHOLE: u64 = 1_000;
    const POINT: usize = 3;
    if nano < 0 {
        out.push(b'-');
    }
    let magnitude = nano.unsigned_abs();
    let (whole, fraction) = (magnitude / NANO, usize::try_from(magnitude % NANO).unwrap_or(0));
    // Three digits, a point, nine digits; what is not needed of it at both ends is not written.
    let mut text = *b"000.000000000";
    let mut put = |at: usize, pair: usize| text[at..at + 2].copy_from_slice(&PAIRS[pair % 100]);
    put(4, fraction / 10_000_000);
    put(6, fraction / 100_000);
    put(8, fraction / 1_000);
    put(10, fraction / 10);
    put(11, fraction);
    let mut start = POINT;
    if whole < MOST_WHOLE {
        let whole = usize::try_from(whole).unwrap_or(0);
        put(0, whole / 10);
        put(1, whole);
        start = usize::from(whole < 100) + usize::from(whole < 10);
    } else {
        out.extend_from_slice(itoa::Buffer::new().format(whole).as_bytes());
    }
    let mut end = text.len();
    while text[end - 1] == b'0' && end > POINT {
        end -= 1;
    }
    if fraction == 0 {
        end = POINT;
    }
    // Copied as one piece of fixed length and then cut: cheaper than a copy of a length that the compiler does not know.
    let mut padded = [0; 16];
    padded[..text.len()].copy_from_slice(&text);
    let moved = u128::from_le_bytes(padded) >> (8 * start);
    let length = out.len() + end - start;
    out.extend_from_slice(&moved.to_le_bytes());
    out.truncate(length);
}

fn geometry(out: &mut Vec<u8>, kind: &str, coordinates: impl FnOnce(&mut Vec<u8>)) {
    write!(out, r#"{{"type":"{kind}","coordinates":"#).expect("writing to memory does not fail");
    coordinates(out);
    out.push(b'}');
}

fn array<T>(out: &mut Vec<u8>, items: &[T], write: impl Fn(&T, &mut Vec<u8>)) {
    out.push(b'[');
    for (position, item) in items.iter().enumerate() {
        if position > 0 {
            out.push(b',');
        }
        write(item, out);
    }
    out.push(b']');
}

fn write_polygon(polygon: &Polygon<f64>, out: &mut Vec<u8>) {
    out.push(b'[');
    write_line(polygon.exterior(), out);
    for hole in polygon.interiors() {
        out.push(b',');
        write_line(hole, out);
    }
    out.push(b']');
}

fn write_line(line: &LineString<f64>, out: &mut Vec<u8>) {
    array(out, &line.0, write_coord);
}

fn write_coord(coord: &Coord<f64>, out: &mut Vec<u8>) {
    write_position(to_nano(coord.x), to_nano(coord.y), out);
}

#[cfg(test)]
mod tests {
    use super::super::grid::from_nano;
    use super::*;
    use geo_types::{MultiLineString, MultiPoint, MultiPolygon, line_string, point, polygon};
    use proptest::prelude::*;

    fn text(nano: i64) -> String {
        let mut out = Vec::new();
        write_nano_degrees(nano, &mut out);
        String::from_utf8(out).unwrap()
    }

    fn json(shape: &Shape) -> String {
        let mut out = Vec::new();
        write_geojson(shape, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn degrees_are_cut_after_the_last_digit() {
        let cases = [
            (0, "0"),
            (1, "0.000000001"),
            (-1, "-0.000000001"),
            (120_980_000_000, "120.98"),
            (31_020_000_000, "31.02"),
            (-5_000_000_000, "-5"),
            (-180_000_000_000, "-180"),
            (179_999_999_999, "179.999999999"),
            (100_000_000, "0.1"),
        ];
        for (nano, expected) in cases {
            assert_eq!(text(nano), expected);
        }
    }

    #[test]
    fn each_kind_has_its_geojson() {
        let cases = [
            (Shape::None, "null"),
            (
                Shape::Points(MultiPoint(vec![point!(x: 121.0, y: 31.5)])),
                r#"{"type":"Point","coordinates":[121,31.5]}"#,
            ),
            (
                Shape::Points(MultiPoint(vec![point!(x: 1.0, y: 2.0), point!(x: 3.0, y: 4.0)])),
                r#"{"type":"MultiPoint","coordinates":[[1,2],[3,4]]}"#,
            ),
            (
                Shape::Lines(MultiLineString(vec![line_string![(x: 1.0, y: 2.0), (x: 3.0, y: 4.5)]])),
                r#"{"type":"LineString","coordinates":[[1,2],[3,4.5]]}"#,
            ),
            (
                Shape::Polygons(MultiPolygon(vec![polygon![
                    exterior: [(x: 0.0, y: 0.0), (x: 9.0, y: 0.0), (x: 9.0, y: 9.0), (x: 0.0, y: 0.0)],
                    interiors: [[(x: 5.0, y: 1.0), (x: 8.0, y: 4.0), (x: 8.0, y: 1.0), (x: 5.0, y: 1.0)]],
                ]])),
                r#"{"type":"Polygon","coordinates":[[[0,0],[9,0],[9,9],[0,0]],[[5,1],[8,4],[8,1],[5,1]]]}"#,
            ),
        ];
        for (shape, expected) in cases {
            assert_eq!(json(&shape), expected);
        }
    }

    proptest! {
        #![proptest_config(super::super::seeded::cases(1000))]

        #[test]
        fn the_text_reads_back_as_the_same_double(nano in -180_000_000_000_i64..=180_000_000_000) {
            prop_assert_eq!(text(nano).parse::<f64>().unwrap().to_bits(), from_nano(nano).to_bits());
        }
    }
}
