//! The meaning of a query, one record at a time: shares no code with the index.
use std::cmp::Ordering;

use geo::{Distance, Geodesic, Intersects};
use geo_types::{Coord, LineString, Point};

use zaiti::domain::catalogue::{Catalogue, Kind};
use zaiti::domain::geometry::Shape;
use zaiti::domain::query::{Cursor, CursorValue, Filter, Region, SortKey, Test};
use zaiti::domain::record::Record;
use zaiti::domain::value::{Range, Value};

/// Truth of a filter for a record; `None` is unknown.
pub fn truth(filter: &Filter, record: &Record) -> Option<bool> {
    match filter {
        Filter::All(parts) => parts.iter().map(|part| truth(part, record)).fold(Some(true), and),
        Filter::Any(parts) => parts
            .iter()
            .map(|part| truth(part, record).map(|t| !t))
            .fold(Some(true), and)
            .map(|t| !t),
        Filter::Not(part) => truth(part, record).map(|t| !t),
        Filter::Test { attribute, test } => test_value(test, record.attributes.get(attribute)),
        Filter::Within(region) => Some(within(region, &record.geometry)),
        Filter::Words { words, attributes } => Some(words.iter().all(|word| {
            record.code.to_lowercase().contains(word.as_str())
                || attributes.iter().any(|key| match record.attributes.get(key) {
                    Some(Value::Text(text)) => text.to_lowercase().contains(word.as_str()),
                    _ => false,
                })
        })),
    }
}

fn and(left: Option<bool>, right: Option<bool>) -> Option<bool> {
    match (left, right) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

fn test_value(test: &Test, value: Option<&Value>) -> Option<bool> {
    if let Test::Known(known) = test {
        return Some(value.is_some() == *known);
    }
    match (test, value?) {
        (Test::Number { min, max }, Value::Number(number)) => {
            Some(min.is_none_or(|min| *number >= min) && max.is_none_or(|max| *number <= max))
        }
        (Test::Number { min, max }, Value::Range(range)) => Some(overlaps(range, *min, *max)),
        (Test::Code(codes), Value::Code(code)) => Some(codes.contains(code)),
        (Test::Flag(wanted), Value::Flag(flag)) => Some(wanted == flag),
        (Test::Date { from, to }, Value::Date(date)) => Some(from.is_none_or(|from| *date >= from) && to.is_none_or(|to| *date <= to)),
        (Test::Contains(part), Value::Text(whole)) => Some(whole.to_lowercase().contains(&part.to_lowercase())),
        _ => None,
    }
}

fn overlaps(range: &Range, min: Option<f64>, max: Option<f64>) -> bool {
    let below = match (range.min, max) {
        (Some(low), Some(max)) => low < max || (range.min_inclusive && low <= max),
        _ => true,
    };
    let above = match (range.max, min) {
        (Some(high), Some(min)) => high > min || (range.max_inclusive && high >= min),
        _ => true,
    };
    below && above
}

fn within(region: &Region, shape: &Shape) -> bool {
    match region {
        Region::Box(rect) => match shape {
            Shape::None => false,
            Shape::Polygons(shape) => shape.intersects(rect),
            Shape::Lines(shape) => shape.intersects(rect),
            Shape::Points(shape) => shape.intersects(rect),
        },
        Region::Polygon(region) => match shape {
            Shape::None => false,
            Shape::Polygons(shape) => shape.intersects(region),
            Shape::Lines(shape) => shape.intersects(region),
            Shape::Points(shape) => shape.intersects(region),
        },
        Region::Radius { lon, lat, radius_m } => distance_m(Point::new(*lon, *lat), shape).is_some_and(|distance| distance <= *radius_m),
    }
}

fn distance_m(from: Point<f64>, shape: &Shape) -> Option<f64> {
    let lines: Vec<&LineString<f64>> = match shape {
        Shape::None => return None,
        Shape::Polygons(shape) => {
            if shape.intersects(&from) {
                return Some(0.0);
            }
            shape
                .iter()
                .flat_map(|polygon| std::iter::once(polygon.exterior()).chain(polygon.interiors()))
                .collect()
        }
        Shape::Lines(shape) => shape.iter().collect(),
        Shape::Points(shape) => return shape.iter().map(|point| Geodesic.distance(from, *point)).min_by(f64::total_cmp),
    };
    lines
        .into_iter()
        .flat_map(LineString::lines)
        .map(|line| segment_m(from, line.start, line.end))
        .min_by(f64::total_cmp)
}

/// Golden-section search of the nearest point of a segment.
fn segment_m(from: Point<f64>, start: Coord<f64>, end: Coord<f64>) -> f64 {
    let at = |t: f64| Geodesic.distance(from, Point(start + (end - start) * t));
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..60 {
        let (a, b) = (low + (high - low) / 3.0, high - (high - low) / 3.0);
        if at(a) < at(b) { high = b } else { low = a }
    }
    at(f64::midpoint(low, high)).min(at(0.0)).min(at(1.0))
}

/// Sort value of a record.
pub fn sort_value(catalogue: &Catalogue, record: &Record, key: &SortKey) -> Option<CursorValue> {
    let Some(attribute) = &key.attribute else {
        return Some(CursorValue::Text(record.code.clone()));
    };
    let number = match record.attributes.get(attribute)? {
        Value::Number(number) => *number,
        Value::Range(range) => range.min.or(range.max)?,
        Value::Flag(flag) => f64::from(u8::from(*flag)),
        Value::Date(date) => f64::from(days(*date)),
        Value::Text(text) => return Some(CursorValue::Text(text.to_string())),
        Value::Code(code) => {
            let described = catalogue
                .attributes
                .iter()
                .find(|entry| entry.key == *attribute && entry.collections.contains(&record.collection))?;
            let Kind::Code { list } = &described.kind else { return None };
            #[expect(clippy::cast_precision_loss, reason = "lists are short")]
            let position = catalogue.code_lists.get(list)?.codes.iter().position(|entry| entry.code == *code)? as f64;
            position
        }
    };
    Some(CursorValue::Number(number))
}

/// Days since 1970-01-01.
pub fn days(date: jiff::civil::Date) -> i32 {
    date.duration_since(jiff::civil::date(1970, 1, 1))
        .as_hours()
        .div_euclid(24)
        .try_into()
        .unwrap_or(0)
}

/// Position of a record in an order.
pub fn cursor_of(catalogue: &Catalogue, record: &Record, sort: &[SortKey]) -> Cursor {
    Cursor {
        values: sort.iter().map(|key| sort_value(catalogue, record, key)).collect(),
        code: record.code.clone(),
    }
}

/// Compares two positions.
pub fn compare(sort: &[SortKey], left: &Cursor, right: &Cursor) -> Ordering {
    for (at, key) in sort.iter().enumerate() {
        let order = match (
            left.values.get(at).and_then(Option::as_ref),
            right.values.get(at).and_then(Option::as_ref),
        ) {
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
            (Some(left), Some(right)) => {
                let order = match (left, right) {
                    (CursorValue::Number(left), CursorValue::Number(right)) => left.total_cmp(right),
                    (CursorValue::Text(left), CursorValue::Text(right)) => left.cmp(right),
                    (CursorValue::Number(_), CursorValue::Text(_)) => Ordering::Less,
                    (CursorValue::Text(_), CursorValue::Number(_)) => Ordering::Greater,
                };
                if key.descending { order.reverse() } else { order }
            }
        };
        if order.is_ne() {
            return order;
        }
    }
    left.code.cmp(&right.code)
}
