//! Shapes as drawing commands: snapped, cleaned, cut, turned the right way round.
use super::clip::{self, HIGH, LOW, Point};
use super::frame::Frame;
use super::wire::{varint, zigzag};
use crate::index::{GridRing, RingKind, Row};

/// Twice the least area of a ring that is drawn, in square units: an eighth of a screen pixel (8 units wide where a tile fills 512 pixels).
const LEAST_TWICE_AREA: i64 = 16;

const MOVE_TO: u64 = 1;
const LINE_TO: u64 = 2;
/// "Close the path", once.
const CLOSE: u8 = 15;

/// What a feature's geometry is, as MVT numbers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Drawn {
    Points = 1,
    Lines = 2,
    Polygons = 3,
}

/// Draws one shape at a time into [`Self::commands`].
#[derive(Default)]
pub(super) struct Pen {
    /// The geometry drawn last, as it stands in a feature.
    pub commands: Vec<u8>,
    cursor: Point,
    ring: Vec<Point>,
    spare: Vec<Point>,
}

impl Pen {
    /// Draws a row; `None` when nothing of it is to be seen here. `coarse` snaps to every 2^coarse-th unit.
    pub(super) fn draw(&mut self, frame: &Frame, row: &Row<'_>, coarse: u32) -> Option<Drawn> {
        self.commands.clear();
        self.cursor = [0, 0];
        let mut shell_drawn = false;
        let mut kind = None;
        for ring in row.outline() {
            kind = Some(ring.kind);
            match ring.kind {
                RingKind::Shell => shell_drawn = self.polygon_ring(frame, &ring, coarse),
                RingKind::Hole if shell_drawn => {
                    self.polygon_ring(frame, &ring, coarse);
                }
                RingKind::Hole => {}
                RingKind::Line => self.line(frame, ring, coarse),
                RingKind::Points => self.points(frame, ring),
            }
        }
        let drawn = match kind? {
            RingKind::Shell | RingKind::Hole => Drawn::Polygons,
            RingKind::Line => Drawn::Lines,
            RingKind::Points => Drawn::Points,
        };
        (!self.commands.is_empty()).then_some(drawn)
    }

    /// Says whether anything was left to draw.
    fn polygon_ring(&mut self, frame: &Frame, ring: &GridRing<'_>, coarse: u32) -> bool {
        let [low, high] = self.snapped(frame, ring, coarse);
        if high.iter().any(|value| *value < LOW) || low.iter().any(|value| *value > HIGH) {
            return false;
        }
        if clip::reaches_out(low, high) {
            clip::ring(&mut self.ring, &mut self.spare);
            self.clean();
        }
        mend_seam(&mut self.ring);
        let area = twice_area(&self.ring);
        if area.abs() < LEAST_TWICE_AREA {
            return false;
        }
        // Rounding can turn a thin ring over, so which way it runs is seen only now: shells with a positive area where y points down, holes with a negative.
        if (area > 0) != (ring.kind == RingKind::Shell) {
            self.ring.reverse();
        }
        self.path();
        self.commands.push(CLOSE);
        true
    }

    /// Fills `ring` with the snapped points, without repeats and spikes, and gives their box.
    fn snapped(&mut self, frame: &Frame, ring: &GridRing<'_>, coarse: u32) -> [Point; 2] {
        let around = match ring.points.near() {
            Some(near) => frame.points(near, &mut self.ring),
            None => self.snapped_far(frame, ring),
        };
        if coarse > 0 {
            self.ring.iter_mut().for_each(|point| *point = coarsened(*point, coarse));
        }
        if has_repeat_or_spike(&self.ring) {
            self.clean();
        }
        around.map(|corner| coarsened(corner, coarse))
    }

    fn snapped_far(&mut self, frame: &Frame, ring: &GridRing<'_>) -> [Point; 2] {
        self.ring.clear();
        let (mut low, mut high) = ([i64::MAX; 2], [i64::MIN; 2]);
        for point in ring.points.clone() {
            let point = frame.point(point);
            for axis in 0..2 {
                low[axis] = low[axis].min(point[axis]);
                high[axis] = high[axis].max(point[axis]);
            }
            self.ring.push(point);
        }
        [low, high]
    }

    fn clean(&mut self) {
        self.spare.clear();
        for point in self.ring.drain(..) {
            push_without_spike(&mut self.spare, point);
        }
        std::mem::swap(&mut self.ring, &mut self.spare);
    }

    fn line(&mut self, frame: &Frame, line: GridRing<'_>, coarse: u32) {
        let mut points = line.points.map(|point| coarsened(frame.point(point), coarse));
        let Some(mut before) = points.next() else { return };
        self.ring.clear();
        for point in points {
            if point == before {
                continue;
            }
            match clip::segment(before, point) {
                Some([from, to]) => {
                    if self.ring.last() != Some(&from) {
                        self.piece();
                        self.ring.push(from);
                    }
                    if from != to {
                        self.ring.push(to);
                    }
                }
                None => self.piece(),
            }
            before = point;
        }
        self.piece();
    }

    /// Draws the piece of a line gathered so far and begins a new one.
    fn piece(&mut self) {
        if self.ring.len() > 1 {
            self.path();
        }
        self.ring.clear();
    }

    fn points(&mut self, frame: &Frame, points: GridRing<'_>) {
        let inside = |point: &Point| point.iter().all(|value| (LOW..=HIGH).contains(value));
        self.ring.clear();
        self.ring.extend(points.points.map(|point| frame.point(point)).filter(inside));
        self.ring.sort_unstable();
        self.ring.dedup();
        if !self.ring.is_empty() {
            varint(MOVE_TO | (self.ring.len() as u64) << 3, &mut self.commands);
            self.steps(0);
        }
    }

    /// "Move to" the first point, "line to" the others.
    fn path(&mut self) {
        varint(MOVE_TO | 1 << 3, &mut self.commands);
        let first = self.ring[0];
        self.step(first);
        varint(LINE_TO | (self.ring.len() as u64 - 1) << 3, &mut self.commands);
        self.steps(1);
    }

    fn steps(&mut self, from: usize) {
        /// Most bytes of a step that stays near the tile.
        const STEP_BYTES: usize = 6;
        self.commands.reserve((self.ring.len() - from) * STEP_BYTES);
        for at in from..self.ring.len() {
            self.step(self.ring[at]);
        }
    }

    #[inline]
    fn step(&mut self, to: Point) {
        varint(zigzag(to[0] - self.cursor[0]), &mut self.commands);
        varint(zigzag(to[1] - self.cursor[1]), &mut self.commands);
        self.cursor = to;
    }
}

fn coarsened(point: Point, coarse: u32) -> Point {
    if coarse == 0 {
        return point;
    }
    point.map(|value| (value + (1 << coarse >> 1)) >> coarse << coarse)
}

/// Whether there is anything for [`push_without_spike`] to leave out: mostly not.
fn has_repeat_or_spike(points: &[Point]) -> bool {
    let repeats = points.windows(2).any(|pair| pair[0] == pair[1]);
    repeats || points.windows(3).any(|three| three[0] == three[2])
}

/// Adds a point, unless it repeats the last one; a way out and straight back is taken away.
#[inline]
fn push_without_spike(points: &mut Vec<Point>, point: Point) {
    match points.as_slice() {
        [.., last] if *last == point => {}
        [.., before, _] if *before == point => {
            points.pop();
        }
        _ => points.push(point),
    }
}

/// The same where the ring closes.
fn mend_seam(points: &mut Vec<Point>) {
    while let [first, second, .., before, last] = points.as_slice() {
        if last == first || before == first {
            points.pop();
        } else if last == second {
            points.remove(0);
        } else {
            return;
        }
    }
}

/// Twice the area by the surveyor's formula; positive where the ring runs clockwise on a screen.
fn twice_area(points: &[Point]) -> i64 {
    let Some(mut before) = points.last() else { return 0 };
    let mut area = 0;
    for point in points {
        area += before[0] * point[1] - point[0] * before[1];
        before = point;
    }
    area
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cleaned(points: &[Point]) -> Vec<Point> {
        let mut ring = Vec::new();
        for point in points {
            push_without_spike(&mut ring, *point);
        }
        mend_seam(&mut ring);
        ring
    }

    #[test]
    fn spikes_go_wherever_the_ring_begins() {
        let spiked = [[0, 0], [9, 0], [20, 0], [9, 0], [9, 9], [0, 9]];
        for start in 0..spiked.len() {
            let mut turned = spiked;
            turned.rotate_left(start);
            let mut left = cleaned(&turned);
            left.sort_unstable();
            assert_eq!(left, [[0, 0], [0, 9], [9, 0], [9, 9]], "from {start}");
        }
    }

    #[test]
    fn a_clockwise_square_has_a_positive_area() {
        assert_eq!(twice_area(&[[0, 0], [3, 0], [3, 3], [0, 3]]), 18);
    }

    #[test]
    fn coarse_points_are_the_nearest() {
        assert_eq!(coarsened([13, -13], 3), [16, -16]);
        assert_eq!(coarsened([11, -11], 3), [8, -8]);
    }
}
