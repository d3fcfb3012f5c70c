//! The ellipsoid of CGCS2000 (GB 22021-2008).

/// Semi-axes, metres.
pub(super) const A: f64 = 6_378_137.0;
pub(super) const B: f64 = 6_356_752.314_140_36;
/// First eccentricity, squared.
pub(super) const E2: f64 = 1.0 - B * B / (A * A);
/// Third flattening.
pub(super) const N: f64 = (A - B) / (A + B);
