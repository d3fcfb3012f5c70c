//! Where a hall stands.
use geo_types::{Coord, LineString, MultiPolygon, Polygon};

/// How halls and court lie in the whole rectangle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Arrangement {
    /// The rectangle is the hall.
    OneHall,
    /// Hall, court, hall, along the depth.
    AcrossCourt {
        /// Depth of the court, metres.
        court_m: f64,
    },
    /// Two halls along the width, and the court before both, on the side of the first two corners.
    SideBySide {
        /// Depth of the court, metres.
        court_m: f64,
    },
}

/// A rectangle that was checked to fit, plane metres.
#[derive(Clone, Debug, PartialEq)]
pub struct Placement {
    /// Corners, counter-clockwise; the first two lie along the width.
    pub corners: [Coord<f64>; 4],
    /// Direction of the width, degrees counter-clockwise from east in the plane, from 0 to below 180.
    pub angle_deg: f64,
    /// Width of the whole rectangle, metres.
    pub width_m: f64,
    /// Depth of the whole rectangle, metres.
    pub depth_m: f64,
    /// What stands where in it.
    pub arrangement: Arrangement,
}

impl Placement {
    /// The outlines of the halls.
    pub fn halls(&self) -> MultiPolygon<f64> {
        let depth = self.depth_m;
        let parts = match self.arrangement {
            Arrangement::OneHall => vec![self.part((0.0, 1.0), (0.0, 1.0))],
            Arrangement::AcrossCourt { court_m } => {
                let hall = (1.0 - court_m / depth) / 2.0;
                vec![self.part((0.0, 1.0), (0.0, hall)), self.part((0.0, 1.0), (1.0 - hall, 1.0))]
            }
            Arrangement::SideBySide { court_m } => {
                let court = court_m / depth;
                vec![self.part((0.0, 0.5), (court, 1.0)), self.part((0.5, 1.0), (court, 1.0))]
            }
        };
        MultiPolygon(parts)
    }

    /// The outline of the truck court, where one was asked for.
    pub fn court(&self) -> Option<Polygon<f64>> {
        match self.arrangement {
            Arrangement::OneHall => None,
            Arrangement::AcrossCourt { court_m } => {
                let hall = (1.0 - court_m / self.depth_m) / 2.0;
                Some(self.part((0.0, 1.0), (hall, 1.0 - hall)))
            }
            Arrangement::SideBySide { court_m } => Some(self.part((0.0, 1.0), (0.0, court_m / self.depth_m))),
        }
    }

    /// The part between two shares of the width and two of the depth.
    fn part(&self, width: (f64, f64), depth: (f64, f64)) -> Polygon<f64> {
        let [origin, along, _, up] = self.corners;
        let at = |w: f64, d: f64| origin + (along - origin) * w + (up - origin) * d;
        let corners = vec![
            at(width.0, depth.0),
            at(width.1, depth.0),
            at(width.1, depth.1),
            at(width.0, depth.1),
        ];
        Polygon::new(LineString(corners), Vec::new())
    }
}
