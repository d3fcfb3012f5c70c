//! Where: `bbox`, `within`, `near` with `radius_m`.
use std::collections::BTreeMap;

use geo_types::{Coord, Geometry, MultiPolygon, Rect};

use super::attributes::number;
use super::{Limits, ParameterError, geojson, wkt};
use crate::domain::geometry::{Shape, canonical_within};
use crate::domain::query::Region;

/// `west,south,east,north` in degrees.
pub(super) fn bbox(text: &str) -> Result<Rect<f64>, ParameterError> {
    let refuse = || {
        ParameterError::bad(
            "bbox",
            text,
            "west,south,east,north in degrees, west not east of east, south not north of north",
        )
    };
    let numbers = numbers("bbox", text)?;
    let [west, south, east, north] = numbers.as_slice() else {
        return Err(refuse());
    };
    let (low, high) = (Coord { x: *west, y: *south }, Coord { x: *east, y: *north });
    if !on_earth(low) || !on_earth(high) || west > east || south > north {
        return Err(refuse());
    }
    Ok(Rect::new(low, high))
}

/// A polygon as WKT or GeoJSON, valid, not too large.
pub(super) fn within(text: &str, limits: &Limits) -> Result<MultiPolygon<f64>, ParameterError> {
    let expected = "a POLYGON or MULTIPOLYGON as WKT, or a GeoJSON geometry of these types, lon/lat degrees";
    let read = if text.trim_start().starts_with('{') {
        geojson::polygons(text)
    } else {
        wkt::polygons(text)
    };
    let polygons = read.ok_or_else(|| ParameterError::bad("within", text, expected))?;
    let shape = canonical_within(Geometry::MultiPolygon(polygons), limits.vertices);
    match shape.map(|canonical| canonical.shape) {
        Ok(Shape::Polygons(polygons)) => Ok(polygons),
        Ok(Shape::None | Shape::Lines(_) | Shape::Points(_)) => Err(ParameterError::bad("within", text, expected)),
        Err(fault) => Err(ParameterError::bad(
            "within",
            text,
            format!("a valid polygon of at most {} corners; {fault}", limits.vertices),
        )),
    }
}

/// A circle; its two parameters belong together.
pub(super) fn near(given: &BTreeMap<&str, &str>, limits: &Limits) -> Result<Option<Region>, ParameterError> {
    let (near, radius) = match (given.get("near"), given.get("radius_m")) {
        (None, None) => return Ok(None),
        (Some(near), None) => return Err(ParameterError::bad("near", near, "radius_m beside it")),
        (None, Some(radius)) => return Err(ParameterError::bad("radius_m", radius, "near beside it")),
        (Some(near), Some(radius)) => (*near, *radius),
    };
    let centre = match numbers("near", near)?.as_slice() {
        [lon, lat] if on_earth(Coord { x: *lon, y: *lat }) => Coord { x: *lon, y: *lat },
        _ => return Err(ParameterError::bad("near", near, "lon,lat in degrees")),
    };
    let radius_m = number("radius_m", radius)?;
    if radius_m < 0.0 || radius_m > limits.radius_m {
        return Err(ParameterError::bad(
            "radius_m",
            radius,
            format!("metres from 0 to {}", limits.radius_m),
        ));
    }
    Ok(Some(Region::Radius {
        lon: centre.x,
        lat: centre.y,
        radius_m,
    }))
}

fn numbers(name: &str, text: &str) -> Result<Vec<f64>, ParameterError> {
    text.split(',').map(|piece| number(name, piece.trim())).collect()
}

fn on_earth(coord: Coord<f64>) -> bool {
    (-180.0..=180.0).contains(&coord.x) && (-90.0..=90.0).contains(&coord.y)
}
