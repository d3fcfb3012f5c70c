//! Which carriers suit a project, and why: the requirement, the sets that its gates make, points, order, explanation, robustness.
//!
//! Read in this order: [`requirement`] (what is asked, checked), [`tally`] (gates as sets of rows), [`Curve`] and [`Scale`] (from values to points),
//! [`explain`] and [`robust`] (why this order, and how firm it is), [`topsis`] and [`pairwise`] (a second opinion, and weights from comparisons),
//! [`relax`] (what would admit more).
//!
//! Deliberately absent: records and snapshots (a floor above reads values and turns answers into records), clocks, chance that is not seeded.
mod curve;
pub mod explain;
pub mod nearest;
pub mod pairwise;
pub mod relax;
pub mod requirement;
pub mod robust;
mod score;
#[cfg(test)]
mod seeded;
pub mod tally;
pub mod topsis;

pub use curve::Curve;
pub use score::{Scale, Scored, rank};
