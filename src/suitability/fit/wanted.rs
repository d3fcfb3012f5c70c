//! What is to be placed, and how hard to look.
use super::super::Fault;
use super::super::fault::{not_negative, positive};
use super::placement::Arrangement;

/// One hall, or two with a truck court. Checked: all lengths are finite and positive. Metres.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wanted {
    width: f64,
    depth: f64,
    court: Option<f64>,
}

impl Wanted {
    /// One hall of a width and a depth, metres.
    pub fn hall(width_m: f64, depth_m: f64) -> Result<Self, Fault> {
        Ok(Self {
            width: positive("the width of a hall", width_m)?,
            depth: positive("the depth of a hall", depth_m)?,
            court: None,
        })
    }

    /// Two such halls with a truck court of a depth.
    ///
    /// Two arrangements are tried, in this order: the halls face each other across the court, together width x (2 depth + court); or they stand
    /// side by side with the court in front of both, together 2 width x (depth + court). The court is held to the same setback as the halls.
    /// Courts around a corner, or halls at different angles, are not looked for.
    pub fn two_halls(width_m: f64, depth_m: f64, court_m: f64) -> Result<Self, Fault> {
        Ok(Self {
            court: Some(not_negative("the depth of a truck court", court_m)?),
            ..Self::hall(width_m, depth_m)?
        })
    }

    /// The same with all lengths multiplied by a share above 0.
    pub(super) fn scaled(&self, share: f64) -> Self {
        Self {
            width: self.width * share,
            depth: self.depth * share,
            court: self.court.map(|court| court * share),
        }
    }

    /// The arrangements to try, each with its whole width and depth.
    pub(super) fn arrangements(&self) -> Vec<(Arrangement, f64, f64)> {
        let (width, depth) = (self.width, self.depth);
        match self.court {
            None => vec![(Arrangement::OneHall, width, depth)],
            Some(court) => vec![
                (Arrangement::AcrossCourt { court_m: court }, width, 2.0 * depth + court),
                (Arrangement::SideBySide { court_m: court }, 2.0 * width, depth + court),
            ],
        }
    }
}

/// How hard to look.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Search {
    step_deg: f64,
    first_deg: Option<f64>,
}

impl Search {
    /// Looks until neighbouring angles tried are nearer than a step, degrees; 1 is a good one. A step is above 0 and at most 45.
    pub fn at_step(step_deg: f64) -> Result<Self, Fault> {
        if step_deg > 0.0 && step_deg <= 45.0 {
            return Ok(Self { step_deg, first_deg: None });
        }
        Err(Fault::Number {
            what: "the step of the angle",
            given: step_deg,
            expected: "degrees above 0, at most 45",
        })
    }

    /// Tries an angle before all others: the one at which the last hall was placed, since neighbours lie alike.
    #[must_use]
    pub fn first_at(self, angle_deg: f64) -> Self {
        Self {
            first_deg: angle_deg.is_finite().then_some(angle_deg),
            ..self
        }
    }

    /// Degrees between neighbouring angles.
    pub fn step_deg(&self) -> f64 {
        self.step_deg
    }

    pub(super) fn step_rad(&self) -> f64 {
        self.step_deg.to_radians()
    }

    pub(super) fn first_rad(&self) -> Option<f64> {
        self.first_deg.map(f64::to_radians)
    }
}

impl Default for Search {
    /// One degree.
    fn default() -> Self {
        Self {
            step_deg: 1.0,
            first_deg: None,
        }
    }
}
