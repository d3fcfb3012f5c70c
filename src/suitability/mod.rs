//! Which ground suits a project: whether a hall fits, how much of a parcel is left to build on, which neighbours make one site.
//!
//! Everything here is plane metres, as [`crate::domain::geometry::Plane`] draws them. Yes comes with a proof (a rectangle that was checked by
//! itself), and a search that ran out of its budget says so.
//!
//! Read in this order: [`Fault`] (what is refused), [`fit`], [`net_area`], [`assembly`]; `ground` and `removal` hold what they share.
//!
//! Deliberately absent: lon/lat, records and snapshots (a floor above looks up shapes and turns answers into records), clocks, caches.
pub mod assembly;
mod fault;
pub mod fit;
mod ground;
pub mod net_area;
mod removal;

pub use fault::Fault;
