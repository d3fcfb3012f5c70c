//! Segments on the grid and how two of them meet, exactly.
use super::super::fault::At;
use super::super::grid::{Nano, from_nano};

/// An edge of a ring, with its box.
pub(super) struct Segment {
    start: Nano,
    end: Nano,
    pub(super) low: Nano,
    pub(super) high: Nano,
    /// Index of its ring.
    pub(super) ring: usize,
    /// Position within the ring.
    pub(super) position: usize,
}

/// How two segments meet.
pub(super) enum Meeting {
    /// Not at all.
    Apart,
    /// In one point that is an end of at least one of them.
    Touch(Nano),
    /// In one point inside both.
    Cross(At),
    /// Along a piece.
    Overlap(At),
}

impl Segment {
    pub(super) fn new(start: Nano, end: Nano, (ring, position): (usize, usize)) -> Self {
        Self {
            start,
            end,
            low: Nano {
                x: start.x.min(end.x),
                y: start.y.min(end.y),
            },
            high: Nano {
                x: start.x.max(end.x),
                y: start.y.max(end.y),
            },
            ring,
            position,
        }
    }

    pub(super) fn boxes_meet(&self, other: &Self) -> bool {
        self.low.x <= other.high.x && self.high.x >= other.low.x && self.low.y <= other.high.y && self.high.y >= other.low.y
    }

    pub(super) fn start(&self) -> Nano {
        self.start
    }

    pub(super) fn ends_in(&self, point: Nano) -> bool {
        self.start == point || self.end == point
    }

    /// How far a point of the segment lies from its start; only for comparing.
    pub(super) fn way_to(&self, point: Nano) -> i64 {
        (point.x - self.start.x).abs() + (point.y - self.start.y).abs()
    }

    fn in_box(&self, point: Nano) -> bool {
        (self.low.x..=self.high.x).contains(&point.x) && (self.low.y..=self.high.y).contains(&point.y)
    }

    pub(super) fn meet(&self, other: &Self) -> Meeting {
        let (start, end) = (side(other, self.start), side(other, self.end));
        let (other_start, other_end) = (side(self, other.start), side(self, other.end));
        if start == 0 && end == 0 {
            return self.meet_on_one_line(other);
        }
        let apart = start.signum() * end.signum() > 0 || other_start.signum() * other_end.signum() > 0;
        if apart {
            return Meeting::Apart;
        }
        let ends = [
            (start, self.start, other),
            (end, self.end, other),
            (other_start, other.start, self),
            (other_end, other.end, self),
        ];
        if let Some((_, point, _)) = ends.into_iter().find(|(side, point, of)| *side == 0 && of.in_box(*point)) {
            return Meeting::Touch(point);
        }
        if start == 0 || end == 0 || other_start == 0 || other_end == 0 {
            return Meeting::Apart;
        }
        let share = start as f64 / (start - end) as f64;
        let along = |from: i64, to: i64| (from as f64 + share * (to - from) as f64) / super::super::shape::GRID_PER_DEGREE;
        Meeting::Cross(At {
            lon: along(self.start.x, self.end.x),
            lat: along(self.start.y, self.end.y),
        })
    }

    /// Both lie on one line: their common piece is that of their boxes.
    fn meet_on_one_line(&self, other: &Self) -> Meeting {
        let low = Nano {
            x: self.low.x.max(other.low.x),
            y: self.low.y.max(other.low.y),
        };
        let high = Nano {
            x: self.high.x.min(other.high.x),
            y: self.high.y.min(other.high.y),
        };
        if low.x > high.x || low.y > high.y {
            return Meeting::Apart;
        }
        // The corner of the common box that lies on the line is an end of one of the segments.
        let ends = [self.start, self.end, other.start, other.end];
        let point = ends.into_iter().find(|end| self.in_box(*end) && other.in_box(*end)).unwrap_or(low);
        if low == high {
            Meeting::Touch(point)
        } else {
            Meeting::Overlap(at(point))
        }
    }
}

/// Twice the area of the triangle of the segment and the point: positive when the point lies to the left.
fn side(segment: &Segment, point: Nano) -> i128 {
    cross(segment.start, segment.end, point)
}

fn cross(origin: Nano, one: Nano, other: Nano) -> i128 {
    i128::from(one.x - origin.x) * i128::from(other.y - origin.y) - i128::from(other.x - origin.x) * i128::from(one.y - origin.y)
}

/// Whether the way from `before` over `tip` to `after` runs back on itself.
pub(in super::super) fn turns_back(before: Nano, tip: Nano, after: Nano) -> bool {
    let along = i128::from(before.x - tip.x) * i128::from(after.x - tip.x) + i128::from(before.y - tip.y) * i128::from(after.y - tip.y);
    along > 0 && cross(tip, before, after) == 0
}

/// The place of a grid point.
pub(super) fn at(point: Nano) -> At {
    At {
        lon: from_nano(point.x),
        lat: from_nano(point.y),
    }
}
