//! Does a hall fit on a parcel, turned as it likes, away from the boundary and from what must be kept clear?
//!
//! A yes comes with a rectangle that `verify` has checked against the parcel as it was given, with exact predicates and code that shares
//! nothing with the search. The search itself (`slabs` at one angle, `turn` over all of them) may therefore be fast rather than careful.
//!
//! Read in this order: [`Wanted`], [`Site`], [`Fit`], `slabs`, `turn`, `verify`, `measure`.
//!
//! Deliberately absent: rectangles that are bent to the ground, several halls at different angles, other rules than distances.
mod disc;
mod largest;
mod measure;
mod placement;
mod region;
mod site;
mod slabs;
mod turn;
mod verify;
mod wanted;

#[cfg(test)]
mod tests;

pub use super::removal::Setback;
pub use measure::Measure;
pub use placement::{Arrangement, Placement};
pub use site::{Fit, Site, WhyNot};
pub use wanted::{Search, Wanted};

/// A hall is taken to be so much smaller on each side, metres, that a parcel of exactly its size takes it in spite of rounded coordinates.
/// The rectangle that is given out is the smaller one, and is exact in itself.
const SLACK_M: f64 = 1e-6;
