//! A parcel made ready for questions, and the answer to one.
use geo::{BoundingRect as _, CoordsIter as _, Simplify as _};
use geo_types::{Coord, MultiPolygon, Polygon};

use super::super::Fault;
use super::super::ground::{clipped, is_near, middle, seen_from, tidy, widened, without};
use super::super::removal::{Setback, each, uniform};
use super::measure::Measure;
use super::placement::{Arrangement, Placement};
use super::region::Region;
use super::turn::{Angles, Outcome, Spot, search};
use super::wanted::{Search, Wanted};
use super::{SLACK_M, verify};

/// Rim around a parcel beyond which shapes are cut off, metres.
const RIM_M: f64 = 1.0;
/// The overlay library's grid over ground of 1 m, metres, with room to spare: wide ground is snapped more coarsely, and takes more slack.
const GRID_SHARE: f64 = 4e-9;

/// Parcels of more corners are searched on a simpler outline: the search takes time with the square of the corners.
const MANY_CORNERS: usize = 100;
/// How far the simpler outline may stray, metres; so much is added to the setback, which keeps every place good.
const SIMPLER_M: f64 = 0.1;

/// A parcel less its setback and what must be kept clear.
#[derive(Debug)]
pub struct Site<'a> {
    parcel: &'a MultiPolygon<f64>,
    setbacks: Vec<f64>,
    keep_clear: Vec<&'a Polygon<f64>>,
    origin: Coord<f64>,
    free: MultiPolygon<f64>,
    measure: Measure,
    slack_m: f64,
    /// The search ran on a simpler outline, so that a no is none.
    is_simpler: bool,
}

/// Whether it fits.
#[derive(Clone, Debug, PartialEq)]
pub enum Fit {
    /// Here, checked.
    Yes(Placement),
    /// At no angle; this is the furthest that it got.
    No(WhyNot),
    /// At no angle that was tried; it would be a matter of centimetres to a few decimetres.
    NotFound {
        /// Degrees between the angles tried.
        step_deg: f64,
    },
}

/// Why nothing fits, in the order in which it is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WhyNot {
    /// Not enough free ground in one piece.
    Area,
    /// The ground is not as long as the diagonal.
    Length,
    /// The ground is nowhere as wide as the shorter side.
    Width,
    /// The ground has another form, whatever the angle.
    Form,
}

impl<'a> Site<'a> {
    /// Makes a parcel ready: plane metres, with polygons that must be kept clear (they may overlap, and lie anywhere).
    pub fn new(parcel: &'a MultiPolygon<f64>, setback: &Setback, keep_clear: &'a [Polygon<f64>]) -> Result<Self, Fault> {
        let setbacks = setback.per_edge(parcel)?;
        let origin = middle(parcel);
        let around = parcel.bounding_rect();
        let keep_clear: Vec<&Polygon<f64>> = keep_clear
            .iter()
            .filter(|polygon| around.is_some_and(|around| is_near(polygon, around)))
            .collect();
        let near_origin = seen_from(parcel, origin);
        let mut ground = tidy(&near_origin);
        let is_simpler = ground.coords_count() > MANY_CORNERS;
        let spare = if is_simpler { SIMPLER_M } else { 0.0 };
        let mut removed = match setback {
            // Edges are counted on the parcel as given: tidying may drop some.
            Setback::PerEdge(_) => each(&near_origin, &setbacks),
            Setback::Uniform(_) => Vec::new(),
        };
        if is_simpler {
            ground = tidy(&ground.simplify(SIMPLER_M));
        }
        removed.extend(uniform(&ground, setback.least_m() + spare));
        let rim = ground.bounding_rect().map(|around| widened(around, RIM_M));
        let moved = keep_clear
            .iter()
            .map(|polygon| seen_from(&MultiPolygon(vec![(*polygon).clone()]), origin));
        removed.extend(moved.flatten().filter_map(|polygon| clipped(&polygon, rim?)));
        let free = without(&ground, removed)?;
        Ok(Self {
            parcel,
            setbacks,
            keep_clear,
            origin,
            slack_m: SLACK_M.max(Region::new(&ground).extent_m * GRID_SHARE),
            measure: Measure::of_tidy(&free),
            free,
            is_simpler,
        })
    }

    /// The ground that is left to stand on, plane metres. Arcs around inner corners are drawn up to 1 cm outside the true arc; parcels of more than a
    /// hundred corners lose another 0.1 m to a simpler outline.
    pub fn free(&self) -> MultiPolygon<f64> {
        seen_from(&self.free, Coord { x: 0.0, y: 0.0 } - self.origin)
    }

    /// Whether what is wanted fits. On a parcel of more than a hundred corners, what has less than 0.2 m to spare may not be found.
    pub fn fit(&self, wanted: &Wanted, search: &Search) -> Fit {
        let mut furthest = Fit::No(WhyNot::Area);
        for (arrangement, width, depth) in wanted.arrangements() {
            furthest = match (self.fit_one(arrangement, (width, depth), search), furthest) {
                (Fit::Yes(placement), _) => return Fit::Yes(placement),
                (Fit::No(one), Fit::No(other)) => Fit::No(one.max(other)),
                (open @ Fit::NotFound { .. }, _) | (Fit::No(_), open) => open,
            };
        }
        match furthest {
            Fit::No(_) if self.is_simpler => Fit::NotFound {
                step_deg: search.step_deg(),
            },
            Fit::Yes(_) | Fit::No(_) | Fit::NotFound { .. } => furthest,
        }
    }

    fn fit_one(&self, arrangement: Arrangement, (width, depth): (f64, f64), wish: &Search) -> Fit {
        let (ground, why) = self.measure.promising(width, depth);
        if ground.0.is_empty() {
            return Fit::No(why);
        }
        let angles = Angles {
            first: wish.first_rad(),
            step: wish.step_rad(),
        };
        let size = (width - 2.0 * self.slack_m, depth - 2.0 * self.slack_m);
        let accept = |spot: Spot| self.checked(spot, arrangement, (width, depth));
        match search(&Region::new(&ground), size, angles, accept) {
            Outcome::Found(placement) => Fit::Yes(placement),
            Outcome::Excluded => Fit::No(WhyNot::Form),
            Outcome::Open => Fit::NotFound { step_deg: wish.step_deg() },
        }
    }

    /// The rectangle at a spot, if it holds against the parcel as given.
    pub(super) fn checked(&self, spot: Spot, arrangement: Arrangement, (width_m, depth_m): (f64, f64)) -> Option<Placement> {
        let (sine, cosine) = spot.angle.sin_cos();
        let (low, high) = (
            spot.corner,
            spot.corner
                + Coord {
                    x: width_m - 2.0 * self.slack_m,
                    y: depth_m - 2.0 * self.slack_m,
                },
        );
        let back = |x: f64, y: f64| {
            self.origin
                + Coord {
                    x: x * cosine - y * sine,
                    y: x * sine + y * cosine,
                }
        };
        let corners = [back(low.x, low.y), back(high.x, low.y), back(high.x, high.y), back(low.x, high.y)];
        verify::holds(&corners, self.parcel, &self.setbacks, &self.keep_clear).then(|| Placement {
            corners,
            angle_deg: spot.angle.to_degrees().rem_euclid(180.0),
            width_m,
            depth_m,
            arrangement,
        })
    }

    pub(super) fn ground(&self) -> &MultiPolygon<f64> {
        &self.free
    }

    pub(super) fn largest_part_m2(&self) -> f64 {
        self.measure.largest_part_m2()
    }
}
