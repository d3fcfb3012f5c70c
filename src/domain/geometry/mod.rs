//! Shapes on the ground: the canonical form, well-known binary, areas, reference systems, validity and repair.
//!
//! Everything here is lon/lat degrees, CGCS2000 taken as WGS 84, unless a name says otherwise. Web Mercator is never used for areas.
//!
//! Read in this order: [`Shape`], [`canonical`] (the only door to a shape), [`GeometryFault`] (why it stays shut), [`repair`] (a second door,
//! opened only where somebody asked for it), [`wkb`], [`write_geojson`], the areas, [`Plane`], [`crs`].
//!
//! Deliberately absent: file formats, and any silent mending.
mod area;
mod canonical;
pub mod crs;
mod ellipsoid;
mod fault;
mod gauss_krueger;
mod geojson;
mod grid;
mod plane;
mod repair;
#[cfg(test)]
mod seeded;
mod shape;
mod validity;
pub mod wkb;

pub use area::{SQUARE_METRES_PER_MU, ellipsoidal_area_m2, planar_area_m2};
pub use canonical::{Canonical, MOST_VERTICES, Notes, canonical, canonical_within, closed_ring};
pub use fault::{At, GeometryFault};
pub use geojson::{write_geojson, write_nano_degrees, write_position};
pub use grid::{from_nano, to_nano};
pub use plane::Plane;
pub use repair::{Mending, Repaired, repair};
pub use shape::{GRID_PER_DEGREE, Shape, bounds};
