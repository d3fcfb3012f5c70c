//! The ground on which a rectangle may lie, flattened for the search.
use std::f64::consts::FRAC_PI_2;

use geo::BoundingRect as _;
use geo_types::{Coord, MultiPolygon};

use super::super::removal::rings;

/// So many edge directions are tried before the search over all angles, longest edges first.
const MOST_DIRECTIONS: usize = 16;
/// Edges shorter than this share of the ground are crumbs of arcs and tell no direction.
const SHORTEST_SHARE: f64 = 0.03;
/// Directions nearer than this are one, radians.
const SAME_DIRECTION: f64 = 1e-7;

/// Free ground near the origin: its edges, and the directions worth trying first.
#[derive(Clone, Debug, Default)]
pub(super) struct Region {
    pub(super) points: Vec<Coord<f64>>,
    /// Edges between points, both orders of height.
    pub(super) edges: Vec<(u32, u32)>,
    /// Directions of edges, radians from 0 to below a right angle, longest edge first.
    pub(super) directions: Vec<f64>,
    /// Longer side of the box around it, metres.
    pub(super) extent_m: f64,
}

impl Region {
    pub(super) fn new(ground: &MultiPolygon<f64>) -> Self {
        let mut region = Self {
            extent_m: ground.bounding_rect().map_or(0.0, |around| around.width().max(around.height())),
            ..Self::default()
        };
        let mut lengths: Vec<(f64, f64)> = Vec::new();
        for ring in rings(ground) {
            let first = region.points.len();
            let open = &ring.0[..ring.0.len().saturating_sub(1)];
            region.points.extend(open);
            for (nth, pair) in ring.0.windows(2).enumerate() {
                region.edges.push((index(first + nth), index(first + (nth + 1) % open.len())));
                let along = pair[1] - pair[0];
                lengths.push((along.x.hypot(along.y), along.y.atan2(along.x).rem_euclid(FRAC_PI_2)));
            }
        }
        lengths.retain(|(length, _)| *length >= SHORTEST_SHARE * region.extent_m);
        lengths.sort_by(|one, other| other.0.total_cmp(&one.0));
        for (_, direction) in lengths {
            let is_known = region.directions.iter().any(|known| (known - direction).abs() < SAME_DIRECTION);
            if !is_known && region.directions.len() < MOST_DIRECTIONS {
                region.directions.push(direction);
            }
        }
        region
    }
}

fn index(at: usize) -> u32 {
    u32::try_from(at).expect("shapes have fewer points than 2^32")
}
