//! Reference systems: from a file's coordinates to lon/lat and back.
//!
//! CGCS2000, WGS 84, ETRS89, NAD83 and JGD2011 are taken as one: they differ by less than two metres, in China by less than 0.1 m.
//! Xian 80, Beijing 54, Tokyo and NAD27 lie about 100 m apart from it; turning them needs local parameters, so they are refused.
mod chinese;
mod epsg;
mod prj;
mod wkt;

use std::sync::Arc;

use geo::MapCoords as _;
use geo_types::{Coord, Geometry};
use proj4rs::{proj::Proj, transform::transform};

pub use chinese::{bd09_from_gcj02, gcj02_from_bd09, gcj02_from_wgs84, wgs84_from_gcj02};
pub use epsg::from_epsg;
pub use prj::from_prj_text;

/// Why a reference system or a coordinate in it is refused.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CrsFault {
    /// No such system is known here.
    #[error(
        "the reference system {given} is not known; known are EPSG:4326, 4490, 4513 to 4554 (CGCS2000 zones), 32601 to 32760 (UTM), 3857, \
         JGD2011 and NAD83 Massachusetts, GCJ-02, BD-09, and .prj texts of transverse Mercator and conic projections"
    )]
    Unknown {
        /// What was asked for.
        given: String,
    },
    /// A datum that lies about 100 m apart.
    #[error("{given} lies about 100 m apart from CGCS2000 and needs parameters of the place: convert the data to CGCS2000 first")]
    OldDatum {
        /// Its name.
        given: String,
    },
    /// A description that cannot be read.
    #[error("the .prj text cannot be read: {detail}")]
    Unreadable {
        /// What is wrong with it.
        detail: String,
    },
    /// A coordinate that the system does not allow: most often it is the wrong system.
    #[error("{x}, {y} is no coordinate of {crs}: expected {expected}")]
    Outside {
        /// First number given.
        x: f64,
        /// Second number given.
        y: f64,
        /// Name of the system.
        crs: Arc<str>,
        /// What the system allows, for people.
        expected: String,
    },
}

/// A reference system with axes in the order east, north (longitude, latitude), whatever EPSG says.
#[derive(Clone, Debug)]
pub struct Crs {
    name: Arc<str>,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    LonLat,
    Gcj02,
    Bd09,
    Projected(Arc<Projected>),
}

/// A projection and how far from its middle it is used.
#[derive(Debug)]
struct Projected {
    proj: Proj,
    degrees: Proj,
    lon_0: f64,
    reach_deg: f64,
}

/// What `Crs::projected` needs beside a name.
struct Projection {
    /// PROJ string.
    proj: String,
    /// Longitude of its middle, degrees.
    lon_0: f64,
    /// Longest distance from the middle at which a coordinate is believed, degrees of longitude.
    reach_deg: f64,
}

impl Crs {
    /// Longitude and latitude in degrees, CGCS2000 or WGS 84.
    pub fn lon_lat() -> Self {
        Self::named("EPSG:4326", Kind::LonLat)
    }

    /// The system of Amap and Tencent, 0.5 km off. For display; boundaries must not come through it, the public formula fits to 1 or 2 m.
    pub fn gcj02() -> Self {
        Self::named("GCJ-02", Kind::Gcj02)
    }

    /// The system of Baidu.
    pub fn bd09() -> Self {
        Self::named("BD-09", Kind::Bd09)
    }

    /// By the name that people give: `EPSG:4528`, `4528`, `urn:ogc:def:crs:EPSG::4528`, `CRS84`, `CGCS2000`, `GCJ-02`, `BD-09`.
    pub fn by_name(name: &str) -> Result<Self, CrsFault> {
        let upper = name.trim().to_uppercase();
        let last = upper.rsplit([':', '/']).next().unwrap_or(&upper);
        match last {
            "CRS84" | "WGS84" | "WGS 84" | "WGS-84" | "CGCS2000" => return Ok(Self::lon_lat()),
            "GCJ-02" | "GCJ02" => return Ok(Self::gcj02()),
            "BD-09" | "BD09" => return Ok(Self::bd09()),
            _ => {}
        }
        match last.parse() {
            Ok(code) => from_epsg(code),
            Err(_not_a_code) => Err(CrsFault::Unknown { given: name.to_owned() }),
        }
    }

    fn named(name: &str, kind: Kind) -> Self {
        Self { name: name.into(), kind }
    }

    fn projected(name: &str, projection: &Projection) -> Result<Self, CrsFault> {
        let unreadable = |fault: proj4rs::errors::Error| CrsFault::Unreadable {
            detail: format!("{fault} in {}", projection.proj),
        };
        let proj = Proj::from_proj_string(&projection.proj).map_err(unreadable)?;
        // Degrees on the same ellipsoid: no datum is changed.
        let (axis, minor) = proj.ellipse_parameters();
        let degrees = Proj::from_proj_string(&format!("+proj=longlat +a={axis} +b={minor}")).map_err(unreadable)?;
        let projected = Projected {
            proj,
            degrees,
            lon_0: projection.lon_0,
            reach_deg: projection.reach_deg,
        };
        Ok(Self::named(name, Kind::Projected(Arc::new(projected))))
    }

    /// What people call it, such as `EPSG:4528`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Longitude and latitude of a coordinate; refused when the system does not allow it.
    pub fn to_lon_lat(&self, at: Coord<f64>) -> Result<Coord<f64>, CrsFault> {
        match &self.kind {
            Kind::LonLat => self.check_degrees(at),
            Kind::Gcj02 => self.check_degrees(at).map(wgs84_from_gcj02),
            Kind::Bd09 => self.check_degrees(at).map(|at| wgs84_from_gcj02(gcj02_from_bd09(at))),
            Kind::Projected(projected) => projected.inverse(at).ok_or_else(|| self.outside(at, projected.expected())),
        }
    }

    /// A coordinate of this system for a longitude and latitude.
    pub fn from_lon_lat(&self, at: Coord<f64>) -> Result<Coord<f64>, CrsFault> {
        match &self.kind {
            Kind::LonLat => self.check_degrees(at),
            Kind::Gcj02 => self.check_degrees(at).map(gcj02_from_wgs84),
            Kind::Bd09 => self.check_degrees(at).map(|at| bd09_from_gcj02(gcj02_from_wgs84(at))),
            Kind::Projected(projected) => projected.forward(at).ok_or_else(|| self.outside(at, projected.expected())),
        }
    }

    /// A whole geometry in longitude and latitude. The first coordinate that is refused is named.
    pub fn geometry_to_lon_lat(&self, geometry: &Geometry<f64>) -> Result<Geometry<f64>, CrsFault> {
        geometry.try_map_coords(|at| self.to_lon_lat(at))
    }

    fn check_degrees(&self, at: Coord<f64>) -> Result<Coord<f64>, CrsFault> {
        // Written so that NaN fails.
        if at.x.abs() <= 180.0 && at.y.abs() <= 90.0 {
            return Ok(at);
        }
        let expected = "a longitude within -180 to 180 and a latitude within -90 to 90".to_owned();
        Err(self.outside(at, expected))
    }

    fn outside(&self, at: Coord<f64>, expected: String) -> CrsFault {
        CrsFault::Outside {
            x: at.x,
            y: at.y,
            crs: self.name.clone(),
            expected,
        }
    }
}

impl Projected {
    fn inverse(&self, at: Coord<f64>) -> Option<Coord<f64>> {
        // Degrees in a file that says metres would otherwise become a place near the origin.
        if at.x.abs() <= 180.0 && at.y.abs() <= 90.0 {
            return None;
        }
        let mut point = (at.x, at.y, 0.0);
        transform(&self.proj, &self.degrees, &mut point).ok()?;
        let found = Coord {
            x: point.0.to_degrees(),
            y: point.1.to_degrees(),
        };
        self.is_near(found).then_some(found)
    }

    fn forward(&self, at: Coord<f64>) -> Option<Coord<f64>> {
        if !self.is_near(at) {
            return None;
        }
        let mut point = (at.x.to_radians(), at.y.to_radians(), 0.0);
        transform(&self.degrees, &self.proj, &mut point).ok()?;
        Some(Coord { x: point.0, y: point.1 })
    }

    fn is_near(&self, at: Coord<f64>) -> bool {
        let apart = (at.x - self.lon_0 + 540.0).rem_euclid(360.0) - 180.0;
        apart.abs() <= self.reach_deg && at.y.abs() <= 90.0
    }

    fn expected(&self) -> String {
        format!("east and north within {}° of the meridian {}°", self.reach_deg, self.lon_0)
    }
}

#[cfg(test)]
mod tests;
