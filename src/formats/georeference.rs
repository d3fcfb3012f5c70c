//! From a file's coordinates to lon/lat.
use geo_types::{Coord, Geometry};

use super::{BadFeature, FormatError, Place};
use crate::domain::geometry::crs::{Crs, CrsFault, from_prj_text};

/// The reference system of a file's coordinates.
#[derive(Clone, Debug)]
pub struct Georeference {
    crs: Crs,
    /// Coordinates are longitudes and latitudes already.
    is_lon_lat: bool,
}

impl Georeference {
    /// Longitude and latitude, CGCS2000 taken as WGS 84.
    pub fn lon_lat() -> Self {
        Self {
            crs: Crs::lon_lat(),
            is_lon_lat: true,
        }
    }

    /// As a person or a file names it: `EPSG:4528`, `urn:ogc:def:crs:OGC:1.3:CRS84`.
    pub fn by_name(name: &str) -> Result<Self, FormatError> {
        Crs::by_name(name).map(Self::of).map_err(|fault| refused(name, &fault))
    }

    /// As a `.prj` describes it (WKT 1).
    pub fn from_prj(text: &str) -> Result<Self, FormatError> {
        let short: String = text
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .chars()
            .take(SHOWN_CHARS)
            .collect();
        from_prj_text(text).map(Self::of).map_err(|fault| refused(&short, &fault))
    }

    fn of(crs: Crs) -> Self {
        Self {
            is_lon_lat: crs.name() == Crs::lon_lat().name(),
            crs,
        }
    }

    /// What people call it.
    pub fn name(&self) -> &str {
        self.crs.name()
    }

    /// Coordinates as longitude and latitude; refuses what is no place on earth, or far outside the system's own area.
    pub fn to_lon_lat(&self, geometry: Geometry<f64>, place: Place) -> Result<Geometry<f64>, BadFeature> {
        if self.is_lon_lat {
            check_lon_lat(&geometry, place)?;
            return Ok(geometry);
        }
        let turned = self.crs.geometry_to_lon_lat(&geometry);
        let turned = turned.map_err(|fault| match fault {
            CrsFault::Outside { x, y, crs, expected } => {
                BadFeature::new(place, format!("position {x} {y}"), format!("{expected}, as {crs} has")).in_field("geometry")
            }
            CrsFault::Unknown { .. } | CrsFault::OldDatum { .. } | CrsFault::Unreadable { .. } => {
                BadFeature::new(place, fault.to_string(), format!("coordinates of {}", self.name())).in_field("geometry")
            }
        })?;
        check_lon_lat(&turned, place)?;
        Ok(turned)
    }
}

/// Longest piece of a `.prj` that an error repeats, characters.
const SHOWN_CHARS: usize = 120;

fn refused(given: &str, fault: &CrsFault) -> FormatError {
    FormatError::Crs {
        given: given.to_owned(),
        expected: format!("one that is known here ({fault}), or another one named on import"),
    }
}

/// Refuses positions that are no place on earth: most often a file whose reference system is not what it says.
fn check_lon_lat(geometry: &Geometry<f64>, place: Place) -> Result<(), BadFeature> {
    use geo::CoordsIter;
    match geometry.coords_iter().find(|at| !is_on_earth(*at)) {
        None => Ok(()),
        Some(at) => Err(BadFeature::new(
            place,
            format!("position {} {}", at.x, at.y),
            "a longitude in -180..180 and a latitude in -90..90 (is the reference system right?)",
        )
        .in_field("geometry")),
    }
}

fn is_on_earth(at: Coord<f64>) -> bool {
    // Written so that NaN fails.
    (-180.0..=180.0).contains(&at.x) && (-90.0..=90.0).contains(&at.y)
}
