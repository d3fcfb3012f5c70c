//! From blocks to plots: each block is cut in two again and again until its pieces have the size that somebody asked for.
use geo::Area;
use geo_types::{Coord, LineString, Polygon};

use super::plane::{between, direction, distance_m};
use super::random::Random;
use super::streets::Block;
use crate::domain::geometry::SQUARE_METRES_PER_MU;

/// Shortest side of a plot, metres.
const LEAST_SIDE_M: f64 = 68.0;
/// What is cut off where two streets meet, so that drivers see each other, metres.
const SPLAY_M: f64 = 16.0;
/// Smallest plot, mu.
const LEAST_MU: f64 = 10.0;

/// A piece of a block.
pub struct Plot {
    /// Outline in the plane.
    pub outline: Polygon<f64>,
    /// Corners of the rectangle it was cut from: south-west, south-east, north-east, north-west.
    pub corners: [Coord<f64>; 4],
    /// What stands in its hole, if it has one.
    pub hole: Option<Coord<f64>>,
}

/// A rectangle in the block's own frame, both axes from 0 to 1.
#[derive(Clone, Copy, Debug)]
struct Piece {
    west: f64,
    east: f64,
    south: f64,
    north: f64,
}

const WHOLE: Piece = Piece {
    west: 0.0,
    east: 1.0,
    south: 0.0,
    north: 1.0,
};

/// The plots of a block, from north to south and west to east.
pub fn plots(block: &Block) -> Vec<Plot> {
    let mut random = Random::of(&format!("block {} {:?}", block.district, block.at));
    let mut pieces = Vec::new();
    let wanted = wanted_mu(&mut random);
    cut(block, (WHOLE, wanted), &mut random, &mut pieces);
    pieces.sort_by(|a, b| b.north.total_cmp(&a.north).then(a.west.total_cmp(&b.west)));
    let plots = pieces.into_iter().flat_map(|piece| shaped(block, piece, &mut random));
    plots.collect()
}

/// Size that somebody asks for, mu.
fn wanted_mu(random: &mut Random) -> f64 {
    let (least, most) = random.weighted(&[((24.0, 50.0), 14), ((70.0, 110.0), 38), ((110.0, 149.0), 48)]);
    random.between(least, most)
}

/// Cuts a piece until somebody gets what he asked for; who gets the other half asks for himself.
fn cut(block: &Block, (piece, wanted): (Piece, f64), random: &mut Random, done: &mut Vec<Piece>) {
    let (wide, deep) = piece.size_m(block);
    let (long, short) = if wide > deep { (wide, deep) } else { (deep, wide) };
    let is_small = wide * deep / SQUARE_METRES_PER_MU <= wanted || long < 2.0 * LEAST_SIDE_M;
    if is_small && long / short < 3.2 {
        done.push(piece);
        return;
    }
    let share = random
        .stepped(0.36, 0.64, 0.01)
        .clamp(LEAST_SIDE_M / long, 1.0 - LEAST_SIDE_M / long);
    let (mut first, mut second) = (piece, piece);
    if wide > deep {
        first.east = piece.west + (piece.east - piece.west) * share;
        second.west = first.east;
    } else {
        first.north = piece.south + (piece.north - piece.south) * share;
        second.south = first.north;
    }
    let (stays, other) = if random.chance(0.5) { (first, second) } else { (second, first) };
    cut(block, (stays, wanted), random, done);
    let wanted = wanted_mu(random);
    cut(block, (other, wanted), random, done);
}

/// Mostly the piece itself; now and then a smaller plot is taken out of its corner, or something stands in its middle.
fn shaped(block: &Block, piece: Piece, random: &mut Random) -> Vec<Plot> {
    let (wide, deep) = piece.size_m(block);
    let mu = wide * deep / SQUARE_METRES_PER_MU;
    if mu > 62.0 && random.chance(0.12) {
        return with_corner_out(block, piece, random);
    }
    let mut outline = Polygon::new(LineString(piece.ring(block)), Vec::new());
    let mut hole = None;
    if mu > 85.0 && random.chance(0.12) {
        let middle = piece.inner(random.between(0.3, 0.5), random.between(0.5, 0.7), (36.0 / wide, 30.0 / deep));
        let ring: Vec<_> = middle.corners(block).into_iter().rev().collect();
        hole = Some(middle.middle(block));
        outline.interiors_push(LineString(ring));
    }
    vec![Plot {
        outline,
        corners: piece.corners(block),
        hole,
    }]
}

/// Two plots: one in the north-eastern corner, and what is left around it.
fn with_corner_out(block: &Block, piece: Piece, random: &mut Random) -> Vec<Plot> {
    let (wide, deep) = piece.size_m(block);
    let least = LEAST_MU * SQUARE_METRES_PER_MU * random.between(1.1, 2.0);
    let side = least.sqrt().max(LEAST_SIDE_M);
    let corner = Piece {
        west: piece.east - (piece.east - piece.west) * (side / wide).min(0.6),
        south: piece.north - (piece.north - piece.south) * (least / side / deep).min(0.6),
        ..piece
    };
    let mut around = piece.ring(block);
    let corner_ring = corner.ring(block);
    let [south_west, south_east, _, north_west] = corner.corners(block);
    let [_, _, north_east, _] = piece.corners(block);
    // The ring runs from the south-western corner against the clock; what lies at the north-eastern corner is replaced.
    let keeps = |place: &Coord<f64>| distance_m(*place, north_east) > SPLAY_M + 1.0;
    let at = around.iter().position(|place| !keeps(place)).unwrap_or(around.len());
    around.retain(keeps);
    around.splice(at..at, [south_east, south_west, north_west]);
    let plot = |ring: Vec<Coord<f64>>, piece: Piece| Plot {
        outline: Polygon::new(LineString(ring), Vec::new()),
        corners: piece.corners(block),
        hole: None,
    };
    let largest = Piece {
        east: if wide > deep { corner.west } else { piece.east },
        north: if wide > deep { piece.north } else { corner.south },
        ..piece
    };
    vec![plot(around, largest), plot(corner_ring, corner)]
}

impl Piece {
    /// From west to east and from south to north, metres, in the middle.
    fn size_m(self, block: &Block) -> (f64, f64) {
        let [sw, se, ne, nw] = self.corners(block);
        (
            f64::midpoint(distance_m(sw, se), distance_m(nw, ne)),
            f64::midpoint(distance_m(sw, nw), distance_m(se, ne)),
        )
    }

    fn corners(self, block: &Block) -> [Coord<f64>; 4] {
        [
            (self.west, self.south),
            (self.east, self.south),
            (self.east, self.north),
            (self.west, self.north),
        ]
        .map(|(x, y)| {
            let [sw, se, ne, nw] = block.corners;
            between(between(sw, se, x), between(nw, ne, x), y)
        })
    }

    fn middle(self, block: &Block) -> Coord<f64> {
        let [sw, _, ne, _] = self.corners(block);
        between(sw, ne, 0.5)
    }

    /// A smaller piece in it: where its south-western corner lies and how large it is, as shares of this one.
    fn inner(self, x: f64, y: f64, (wide, deep): (f64, f64)) -> Self {
        let across = |share: f64| self.west + (self.east - self.west) * share;
        let up = |share: f64| self.south + (self.north - self.south) * share;
        Self {
            west: across(x),
            east: across(x + wide),
            south: up(y),
            north: up(y + deep),
        }
    }

    /// Its outline against the clock from the south-west, with the corners cut off where streets meet.
    fn ring(self, block: &Block) -> Vec<Coord<f64>> {
        let corners = self.corners(block);
        let at_crossing = |nth: usize| {
            let x = if matches!(nth, 0 | 3) {
                self.west == 0.0
            } else {
                (self.east - 1.0).abs() < f64::EPSILON
            };
            let y = if nth < 2 {
                self.south == 0.0
            } else {
                (self.north - 1.0).abs() < f64::EPSILON
            };
            x && y
        };
        let mut ring = Vec::with_capacity(9);
        for (nth, corner) in corners.into_iter().enumerate() {
            if at_crossing(nth) {
                let towards = |other: usize| corner + direction(corner, corners[other % 4]) * SPLAY_M;
                ring.extend([towards(nth + 3), towards(nth + 1)]);
            } else {
                ring.push(corner);
            }
        }
        ring
    }
}

impl Plot {
    /// Its area, m².
    pub fn area_m2(&self) -> f64 {
        self.outline.unsigned_area()
    }
}
