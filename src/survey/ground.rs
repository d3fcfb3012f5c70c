//! Which zone a target lies in.
use std::collections::BTreeMap;

use geo::Intersects as _;
use geo_types::{Coord, LineString, Point, Polygon};
use serde_json::Value as Json;

use super::event::{Target, Zone};

/// Zones, ready to be asked.
pub struct Ground<'a> {
    named: BTreeMap<&'a str, &'a str>,
    painted: Vec<(&'a str, Polygon<f64>)>,
}

impl<'a> Ground<'a> {
    /// Of these zones. A polygon that cannot be read is not there; the check of what is sent refuses it.
    pub fn of(zones: &'a [Zone]) -> Self {
        let named = zones
            .iter()
            .rev()
            .flat_map(|zone| zone.codes.iter().map(|code| (code.as_str(), zone.key.as_str())));
        let painted = zones
            .iter()
            .filter_map(|zone| Some((zone.key.as_str(), polygon(zone.polygon.as_ref()?).ok()?)));
        Self {
            named: named.collect(),
            painted: painted.collect(),
        }
    }

    /// Key of the zone: the one that names its code, else the first whose polygon has its point.
    pub fn zone_of(&self, target: &Target) -> Option<&'a str> {
        if let Some(key) = self.named.get(target.code.as_str()) {
            return Some(key);
        }
        let [x, y] = target.point?;
        let point = Point::new(x, y);
        self.painted
            .iter()
            .find(|(_, polygon)| polygon.intersects(&point))
            .map(|(key, _)| *key)
    }
}

/// Reads a GeoJSON polygon of lon/lat degrees; the error says what is wrong.
pub fn polygon(json: &Json) -> Result<Polygon<f64>, String> {
    if json["type"] != "Polygon" {
        return Err("expected a GeoJSON geometry of the type Polygon".to_owned());
    }
    let rings: Vec<Vec<Vec<f64>>> =
        serde_json::from_value(json["coordinates"].clone()).map_err(|error| format!("expected rings of [longitude, latitude]: {error}"))?;
    let mut read = rings.into_iter().map(ring);
    let outer = read.next().ok_or("expected at least one ring")??;
    Ok(Polygon::new(outer, read.collect::<Result<_, _>>()?))
}

fn ring(points: Vec<Vec<f64>>) -> Result<LineString<f64>, String> {
    let place = |point: Vec<f64>| match point[..] {
        [x, y] if (-180.0..=180.0).contains(&x) && (-90.0..=90.0).contains(&y) => Ok(Coord { x, y }),
        _ => Err(format!("given {point:?}, expected [longitude, latitude] in degrees")),
    };
    let coords: Vec<_> = points.into_iter().map(place).collect::<Result<_, _>>()?;
    match (coords.len() >= 4, coords.first() == coords.last()) {
        (true, true) => Ok(LineString(coords)),
        (false, _) | (_, false) => Err("expected rings of at least four points, the last like the first".to_owned()),
    }
}
