//! Why a geometry is refused, and where.
use geo_types::Coord;

/// A place in lon/lat degrees, written so that people can paste it into a map.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct At {
    /// Longitude, degrees (or whatever stood there, when it is no longitude).
    pub lon: f64,
    /// Latitude, degrees.
    pub lat: f64,
}

impl std::fmt::Display for At {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}, {}", self.lon, self.lat)
    }
}

impl From<Coord<f64>> for At {
    fn from(coord: Coord<f64>) -> Self {
        Self {
            lon: coord.x,
            lat: coord.y,
        }
    }
}

/// Why a geometry is not taken. Nothing is mended on the way in; [`super::repair`] mends on request.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum GeometryFault {
    /// A coordinate is infinite or not a number.
    #[error("a coordinate is not a finite number: {0}")]
    NotFinite(At),
    /// A coordinate is no longitude or latitude; often projected metres, or latitude and longitude exchanged.
    #[error("{0} is not a longitude within -180 to 180 and a latitude within -90 to 90")]
    OutOfRange(At),
    /// The last point of a ring is not its first.
    #[error("a ring is not closed: it begins at {first} and ends at {last}")]
    UnclosedRing {
        /// First point.
        first: At,
        /// Last point.
        last: At,
    },
    /// A ring without an inside, a line without length.
    #[error("{points} different points at {at} are too few: a ring needs 3, a line 2")]
    TooFewPoints {
        /// Points that differ from their neighbour.
        points: usize,
        /// First of them.
        at: At,
    },
    /// A ring that encloses nothing.
    #[error("a ring at {0} encloses no area")]
    ZeroArea(At),
    /// A ring crosses or touches itself, or runs back over its own edge.
    #[error("a ring crosses or touches itself at {0}")]
    SelfIntersection(At),
    /// Two rings of one geometry cross or share an edge.
    #[error("two rings cross or overlap at {0}")]
    RingsCross(At),
    /// A hole does not lie inside the shell it belongs to.
    #[error("a hole lies outside its shell at {0}")]
    HoleOutsideShell(At),
    /// A hole lies inside another hole.
    #[error("a hole lies inside another hole at {0}")]
    HoleInHole(At),
    /// Holes that touch cut the inside into pieces.
    #[error("holes cut the polygon into pieces at {0}")]
    CutApart(At),
    /// Two parts of a multipolygon cover the same ground.
    #[error("two parts cover the same ground at {0}")]
    PartsOverlap(At),
    /// More points than the limit of the door it came through.
    #[error("{given} points are too many: at most {most} are taken")]
    TooManyVertices {
        /// Points given.
        given: usize,
        /// The limit.
        most: usize,
    },
    /// A geometry without any point.
    #[error("the geometry is empty")]
    Empty,
    /// Points, lines and polygons in one geometry.
    #[error("points, lines and polygons are mixed in one geometry")]
    Mixed,
    /// The overlay library failed; the geometry is left as it was.
    #[error("this geometry could not be mended: {0}")]
    Unmendable(String),
}
