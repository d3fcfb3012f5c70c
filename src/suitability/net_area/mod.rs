//! How much of a parcel can be built on: gross less the union, never the sum, of setback and hard layers, as a waterfall.
//!
//! The setback is counted from the parcel's own line, not from what the layers leave of it. Areas are m² in the plane.
//!
//! Read in this order: [`Layer`], [`net_area`], [`NetArea`]; `exclusion` draws what a layer takes.
//!
//! Deliberately absent: which layers are hard, and until when a result holds (floors above know layers and revisions).
mod exclusion;
mod waterfall;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use jiff::civil::Date;

use crate::domain::geometry::Shape;

pub use super::removal::Setback;
pub use exclusion::covers;
pub use waterfall::{NetArea, Share, Taker, net_area};

/// A layer that nothing may be built on.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// Its name among the overlays.
    pub key: Arc<str>,
    /// Its shapes in plane metres; they may overlap, and lie anywhere. Lines and points take ground only with a buffer.
    pub shapes: Vec<Shape>,
    /// How far around the shapes nothing may be built, metres. Arcs are drawn up to 1 cm outside the true arc.
    pub buffer_m: f64,
    /// The day that the layer shows, where it is known.
    pub date: Option<Date>,
}
