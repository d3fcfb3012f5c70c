//! Does a rectangle fit at one fixed angle? Exact up to rounding, without any overlay.
//!
//! The ground is turned so that the width lies along x, and cut into horizontal slabs between the heights of its corners. In a slab the ground is
//! a row of trapezoids [left(y), right(y)]. The lower left corners at which a segment of the width fits are [left(y), right(y) - width]: again
//! trapezoids, cut where they end. The rectangle fits if and only if some vertical line crosses a chain of stacked ones over its depth. The
//! height of a chain is piecewise linear in x between the x of their corners, so those are the only lines to look at; sets are closed, so a
//! corner sees the limits from both sides. O(T²) for T trapezoids, of which there are about twice as many as corners.
use geo_types::Coord;

use super::region::Region;

/// Heights and widths nearer than this are one, metres: turning a horizontal edge leaves it level within rounding only.
const SAME_M: f64 = 1e-9;

/// A region turned and cut; kept between angles to spare allocations.
#[derive(Debug, Default)]
pub(super) struct Slabs {
    turned: Vec<Coord<f64>>,
    order: Vec<u32>,
    level_of: Vec<u32>,
    levels: Vec<f64>,
    crossing: Vec<(f64, f64)>,
    pieces: Vec<Piece>,
    strips: Vec<Strip>,
    lines: Vec<f64>,
    /// For each strip the height of the tallest chain that may end with it, and that may begin with it.
    tallest: Vec<(f64, f64)>,
    rising: Vec<(u32, u32)>,
    active: Vec<(u32, u32)>,
}

/// A trapezoid of ground: x of its sides at both heights.
#[derive(Clone, Copy, Debug)]
struct Piece {
    low: f64,
    high: f64,
    left: (f64, f64),
    right: (f64, f64),
}

/// Lower left corners in one trapezoid, as bounds of y over x.
#[derive(Clone, Copy, Debug)]
struct Strip {
    low: f64,
    high: f64,
    min_x: f64,
    max_x: f64,
    /// x where the sides meet within the slab, or `min_x` once more.
    tip: f64,
    /// From and to at the lower and at the upper height; the wrong way round where there is nothing.
    base: (f64, f64),
    roof: (f64, f64),
    floors: [Slope; 2],
    ceilings: [Slope; 2],
}

/// y over x.
#[derive(Clone, Copy, Debug)]
struct Slope {
    x: f64,
    y: f64,
    rise: f64,
}

impl Slope {
    fn level(y: f64) -> Self {
        Self { x: 0.0, y, rise: 0.0 }
    }

    fn at(&self, x: f64) -> f64 {
        self.y + self.rise * (x - self.x)
    }
}

impl Slabs {
    /// Turns a region so that an angle (radians) comes to lie along x, and cuts it.
    pub(super) fn cut(&mut self, region: &Region, angle: f64) {
        let (sine, cosine) = angle.sin_cos();
        self.turned.clear();
        self.turned.extend(region.points.iter().map(|at| Coord {
            x: at.x * cosine + at.y * sine,
            y: at.y * cosine - at.x * sine,
        }));
        self.find_levels();
        self.sort_edges(region);
        self.pieces.clear();
        self.active.clear();
        let mut next = 0;
        for slab in 1..self.levels.len() {
            self.active.retain(|(_, top)| self.level_of[*top as usize] as usize >= slab);
            while let Some((bottom, top)) = self
                .rising
                .get(next)
                .filter(|edge| (self.level_of[edge.0 as usize] as usize) < slab)
            {
                self.active.push((*bottom, *top));
                next += 1;
            }
            self.cut_slab(slab);
        }
    }

    /// Edges that are not level, from their lower end to their upper, lowest first.
    fn sort_edges(&mut self, region: &Region) {
        let level = |point: u32| self.level_of[point as usize];
        self.rising.clear();
        self.rising
            .extend(region.edges.iter().filter_map(|(from, to)| match level(*from).cmp(&level(*to)) {
                std::cmp::Ordering::Less => Some((*from, *to)),
                std::cmp::Ordering::Equal => None,
                std::cmp::Ordering::Greater => Some((*to, *from)),
            }));
        self.rising.sort_unstable_by_key(|edge| level(edge.0));
    }

    /// Gives corners of the same height one level, so that no slab is thinner than rounding.
    fn find_levels(&mut self) {
        let turned = &self.turned;
        self.order.clear();
        self.order
            .extend(0..u32::try_from(turned.len()).expect("shapes have fewer points than 2^32"));
        self.order
            .sort_unstable_by(|one, other| turned[*one as usize].y.total_cmp(&turned[*other as usize].y));
        self.levels.clear();
        self.level_of.clear();
        self.level_of.resize(turned.len(), 0);
        for point in &self.order {
            let y = turned[*point as usize].y;
            if self.levels.last().is_none_or(|last| y - last > SAME_M) {
                self.levels.push(y);
            }
            self.level_of[*point as usize] = u32::try_from(self.levels.len() - 1).expect("no more levels than points");
        }
    }

    /// The trapezoids between a level and the one before it.
    fn cut_slab(&mut self, slab: usize) {
        let (low, high) = (self.levels[slab - 1], self.levels[slab]);
        self.crossing.clear();
        for (from, to) in &self.active {
            let (from, to) = (*from as usize, *to as usize);
            let (bottom, top) = (self.level_of[from] as usize, self.level_of[to] as usize);
            let (base, peak) = (self.levels[bottom], self.levels[top]);
            let (start, along) = (self.turned[from].x, self.turned[to].x - self.turned[from].x);
            let at = |y: f64| start + along * ((y - base) / (peak - base));
            let upper = if top == slab { self.turned[to].x } else { at(high) };
            self.crossing.push((at(low), upper));
        }
        self.crossing
            .sort_unstable_by(|one, other| (one.0 + one.1).total_cmp(&(other.0 + other.1)));
        let pairs = self.crossing.chunks_exact(2).map(|pair| Piece {
            low,
            high,
            left: pair[0],
            right: pair[1],
        });
        self.pieces.extend(pairs);
    }

    /// Lower left corner of a rectangle of this width and depth, in turned coordinates, in the middle of the room it has there.
    pub(super) fn place(&mut self, width: f64, depth: f64) -> Option<Coord<f64>> {
        let (Some(lowest), Some(highest)) = (self.levels.first(), self.levels.last()) else {
            return None;
        };
        if highest - lowest < depth - SAME_M {
            return None;
        }
        self.erode(width);
        self.keep_tall_chains(depth);
        self.gather_lines();
        let (x, start, height) = self.lines.iter().find_map(|x| {
            let (start, height) = self.chain(*x, depth)?;
            Some((*x, start, height))
        })?;
        let y = start + (height - depth).max(0.0) / 2.0;
        Some(Coord {
            x: self.centred(x, (y, y + depth), width).unwrap_or(x),
            y,
        })
    }

    fn erode(&mut self, width: f64) {
        self.strips.clear();
        self.strips.extend(self.pieces.iter().filter_map(|piece| piece.eroded(width)));
    }

    /// Drops strips on no chain as high as the depth, as far as their own heights and the ends at which they meet tell. This leaves few, and none
    /// in most cases where nothing fits.
    fn keep_tall_chains(&mut self, depth: f64) {
        let count = self.strips.len();
        self.tallest.clear();
        self.tallest.resize(count, (0.0, 0.0));
        for nth in 0..count {
            let own = self.strips[nth];
            let below = (0..nth).rev().map_while(|other| {
                let under = &self.strips[other];
                (under.high >= own.low || under.low >= own.low).then_some((other, under))
            });
            let meeting = below.filter(|(_, under)| under.high <= own.low && overlap(under.roof, own.base));
            self.tallest[nth].0 = own.height() + meeting.map(|(other, _)| self.tallest[other].0).fold(0.0, f64::max);
        }
        for nth in (0..count).rev() {
            let own = self.strips[nth];
            let above = (nth + 1..count).map_while(|other| {
                let over = &self.strips[other];
                (over.low <= own.high).then_some((other, over))
            });
            let meeting = above.filter(|(_, over)| over.low >= own.high && overlap(own.roof, over.base));
            self.tallest[nth].1 = own.height() + meeting.map(|(other, _)| self.tallest[other].1).fold(0.0, f64::max);
        }
        let mut nth = 0;
        let tallest = &self.tallest;
        self.strips.retain(|strip| {
            let (under, over) = tallest[nth];
            nth += 1;
            under + over - strip.height() >= depth - SAME_M
        });
    }

    /// The vertical lines to look at: through the corners of the strips.
    fn gather_lines(&mut self) {
        self.lines.clear();
        for strip in &self.strips {
            self.lines.extend([strip.min_x, strip.max_x, strip.tip]);
            let slopes = strip.floors.iter().chain(&strip.ceilings).filter(|slope| slope.rise != 0.0);
            for slope in slopes {
                for y in [strip.low, strip.high] {
                    let x = slope.x + (y - slope.y) / slope.rise;
                    if x > strip.min_x && x < strip.max_x {
                        self.lines.push(x);
                    }
                }
            }
        }
        self.lines.sort_unstable_by(f64::total_cmp);
        self.lines.dedup_by(|one, other| *one - *other < SAME_M / 4.0);
    }

    /// Foot and height of a chain of strips on a vertical line that is as high as the depth.
    fn chain(&self, x: f64, depth: f64) -> Option<(f64, f64)> {
        // Foot of the run that reaches the top of the slab below, and of the one that reaches the top of this slab.
        let (mut below, mut below_top) = (f64::INFINITY, f64::NEG_INFINITY);
        let (mut here, mut here_top) = (f64::INFINITY, f64::NEG_INFINITY);
        let mut slab = f64::NEG_INFINITY;
        let mut best: Option<(f64, f64)> = None;
        for strip in &self.strips {
            if strip.low > slab {
                slab = strip.low;
                (below, below_top) = (here, here_top);
                here = f64::INFINITY;
            }
            let Some((low, high)) = strip.span(x) else {
                continue;
            };
            let is_continued = low <= strip.low && below_top >= strip.low;
            let foot = if is_continued { below.min(low) } else { low };
            if high - foot >= depth - SAME_M && best.is_none_or(|(_, height)| high - foot > height) {
                best = Some((foot, high - foot));
            } else if best.is_some() {
                return best;
            }
            if high >= strip.high {
                (here, here_top) = (here.min(foot), strip.high);
            }
        }
        best
    }

    /// The x in the middle of the room that a rectangle between two heights has to move sideways.
    fn centred(&self, x: f64, (from, to): (f64, f64), width: f64) -> Option<f64> {
        let (mut least, mut most) = (f64::NEG_INFINITY, f64::INFINITY);
        let mut covered = from;
        for piece in self.pieces.iter().filter(|piece| piece.low < to && piece.high > from) {
            let (low, high) = (piece.low.max(from), piece.high.min(to));
            let left = piece.left_at(low).max(piece.left_at(high));
            let right = piece.right_at(low).min(piece.right_at(high)) - width;
            if left <= x + 2.0 * SAME_M && right >= x - 2.0 * SAME_M {
                (least, most) = (least.max(left), most.min(right));
                covered = covered.max(high);
            }
        }
        (covered >= to && most.is_finite() && least.is_finite()).then(|| f64::midpoint(least, most))
    }
}

impl Piece {
    fn left_at(&self, y: f64) -> f64 {
        self.left.0 + (self.left.1 - self.left.0) * ((y - self.low) / (self.high - self.low))
    }

    fn right_at(&self, y: f64) -> f64 {
        self.right.0 + (self.right.1 - self.right.0) * ((y - self.low) / (self.high - self.low))
    }

    /// Where a segment of a width can begin. Sides are let out by [`SAME_M`], so that a corner seen from its neighbour is still there.
    fn eroded(&self, width: f64) -> Option<Strip> {
        let left = (self.left.0 - SAME_M, self.left.1 - SAME_M);
        let right = (self.right.0 - width + SAME_M, self.right.1 - width + SAME_M);
        let room = (right.0 - left.0, right.1 - left.1);
        if room.0 < 0.0 && room.1 < 0.0 {
            return None;
        }
        let height = self.high - self.low;
        // Where the sides meet, if they do within the slab.
        let tip = (room.0 < 0.0 || room.1 < 0.0).then(|| left.0 + (left.1 - left.0) * (room.0 / (room.0 - room.1)));
        let ends = [(room.0 >= 0.0, left.0, right.0), (room.1 >= 0.0, left.1, right.1)];
        let (mut min_x, mut max_x) = (tip.unwrap_or(f64::INFINITY), tip.unwrap_or(f64::NEG_INFINITY));
        for (_, left, right) in ends.into_iter().filter(|(is_there, ..)| *is_there) {
            (min_x, max_x) = (min_x.min(left), max_x.max(right));
        }
        let mut strip = Strip {
            low: self.low,
            high: self.high,
            min_x,
            max_x,
            tip: tip.unwrap_or(min_x),
            base: (left.0, right.0),
            roof: (left.1, right.1),
            floors: [Slope::level(self.low); 2],
            ceilings: [Slope::level(self.high); 2],
        };
        // A side that is steep within rounding is a bound of x alone, which min_x and max_x are.
        let slope = |side: (f64, f64)| Slope {
            x: side.0,
            y: self.low,
            rise: height / (side.1 - side.0),
        };
        if left.1 - left.0 > SAME_M {
            strip.ceilings[0] = slope(left);
        } else if left.0 - left.1 > SAME_M {
            strip.floors[0] = slope(left);
        }
        if right.1 - right.0 > SAME_M {
            strip.floors[1] = slope(right);
        } else if right.0 - right.1 > SAME_M {
            strip.ceilings[1] = slope(right);
        }
        Some(strip)
    }
}

fn overlap(one: (f64, f64), other: (f64, f64)) -> bool {
    one.0.max(other.0) <= one.1.min(other.1)
}

impl Strip {
    fn height(&self) -> f64 {
        self.high - self.low
    }

    /// Heights at which a vertical line is inside.
    fn span(&self, x: f64) -> Option<(f64, f64)> {
        if x < self.min_x || x > self.max_x {
            return None;
        }
        let low = self.low.max(self.floors[0].at(x)).max(self.floors[1].at(x));
        let high = self.high.min(self.ceilings[0].at(x)).min(self.ceilings[1].at(x));
        (low <= high).then_some((low, high))
    }
}
