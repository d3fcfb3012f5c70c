//! Which carriers suit a project, and why.
//!
//! Two halves. **Carriers**: the requirement, the sets that its gates make, points, order, explanation, robustness. **Ground**: whether a hall fits,
//! how much of a parcel is left to build on, which neighbours make one site; everything there is plane metres, as
//! [`crate::domain::geometry::Plane`] draws them, yes comes with a proof, and a search that ran out of its budget says so.
//!
//! Read in this order: [`requirement`] (what is asked, checked), [`tally`] (gates as sets of rows), [`Curve`] and [`Scale`] (from values to points),
//! [`explain`] and [`robust`] (why this order, and how firm it is), [`topsis`] and [`pairwise`] (a second opinion, and weights from comparisons),
//! [`relax`] (what would admit more); then [`Fault`] (what is refused), [`fit`], [`net_area`], [`assembly`]; `ground` and `removal` hold what these share.
//!
//! Deliberately absent: records and snapshots (a floor above reads values and shapes and turns answers into records), clocks, caches, chance that is
//! not seeded.
pub mod assembly;
mod curve;
pub mod explain;
mod fault;
pub mod fit;
mod ground;
pub mod nearest;
pub mod net_area;
pub mod pairwise;
pub mod relax;
mod removal;
pub mod requirement;
pub mod robust;
mod score;
#[cfg(test)]
mod seeded;
pub mod tally;
pub mod topsis;

pub use curve::Curve;
pub use fault::Fault;
pub use score::{Best, Scale, Scored};
