//! Zones of about the same work: the ground is cut in two, again and again, where the minutes divide as the teams do.
//!
//! Each cut is a straight line across the longer side, so zones hang together and do not overlap. Each zone's minutes differ from its share by at most
//! one stop per cut.
use super::route::Spot;

/// What one visit point holds: place in the plane, and minutes of all targets there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stop {
    /// Where, metres.
    pub at: Spot,
    /// Minutes.
    pub minutes: f64,
}

/// A zone: its stops and the box of ground it covers, metres: west, south, east, north.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// Places in the list of stops.
    pub stops: Vec<usize>,
    /// The ground.
    pub ground: [f64; 4],
}

/// Metres of ground around the outermost stops.
const MARGIN_M: f64 = 150.0;

/// So many zones of about the same minutes, west and south first. There may be fewer stops than zones: then some are empty and left out.
pub fn zones(stops: &[Stop], count: usize) -> Vec<Cell> {
    let all: Vec<usize> = (0..stops.len()).collect();
    let mut cells = Vec::new();
    if let (Some(ground), true) = (around(stops), count > 0) {
        cut(stops, (Cell { stops: all, ground }, count), &mut cells);
    }
    cells
}

fn around(stops: &[Stop]) -> Option<[f64; 4]> {
    let first = stops.first()?.at;
    let start = [first[0], first[1], first[0], first[1]];
    let [west, south, east, north] = stops.iter().fold(start, |[west, south, east, north], stop| {
        let [x, y] = stop.at;
        [west.min(x), south.min(y), east.max(x), north.max(y)]
    });
    Some([west - MARGIN_M, south - MARGIN_M, east + MARGIN_M, north + MARGIN_M])
}

fn cut(stops: &[Stop], (cell, count): (Cell, usize), cells: &mut Vec<Cell>) {
    if cell.stops.is_empty() {
        return;
    }
    if count == 1 {
        cells.push(cell);
        return;
    }
    let [west, south, east, north] = cell.ground;
    let axis = usize::from(north - south > east - west);
    let mut sorted = cell.stops;
    let key = |stop: &usize| (stops[*stop].at[axis], stops[*stop].at[1 - axis]);
    sorted.sort_by(|one, other| {
        let (one, other) = (key(one), key(other));
        one.0.total_cmp(&other.0).then(one.1.total_cmp(&other.1))
    });
    let near = count / 2;
    let at = divide(stops, &sorted, (near, count));
    let far_stops = sorted.split_off(at);
    let edge = |stop: Option<&usize>, without: f64| stop.map_or(without, |stop| stops[*stop].at[axis]);
    let line = f64::midpoint(
        edge(sorted.last(), cell.ground[axis]),
        edge(far_stops.first(), cell.ground[axis + 2]),
    );
    let (mut near_ground, mut far_ground) = (cell.ground, cell.ground);
    near_ground[axis + 2] = line;
    far_ground[axis] = line;
    let near_cell = Cell {
        stops: sorted,
        ground: near_ground,
    };
    let far_cell = Cell {
        stops: far_stops,
        ground: far_ground,
    };
    cut(stops, (near_cell, near), cells);
    cut(stops, (far_cell, count - near), cells);
}

/// How many of the sorted stops go to the near side, so that its minutes come closest to its share; each side gets a stop per zone where there are enough.
fn divide(stops: &[Stop], sorted: &[usize], (near, count): (usize, usize)) -> usize {
    let total: f64 = sorted.iter().map(|stop| stops[*stop].minutes).sum();
    let share = total * near as f64 / count as f64;
    let mut minutes = 0.0;
    let mut best = (f64::INFINITY, 0);
    let (least, most) = (
        near.min(sorted.len()),
        sorted.len().saturating_sub(count - near).max(near.min(sorted.len())),
    );
    for at in 0..=sorted.len() {
        let off = f64::abs(minutes - share);
        if (least..=most).contains(&at) && off < best.0 {
            best = (off, at);
        }
        minutes += sorted.get(at).map_or(0.0, |stop| stops[*stop].minutes);
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn stops() -> impl Strategy<Value = Vec<Stop>> {
        let stop = (0_i32..5_000, 0_i32..5_000, 5_u8..60).prop_map(|(x, y, minutes)| Stop {
            at: [f64::from(x), f64::from(y)],
            minutes: f64::from(minutes),
        });
        prop::collection::vec(stop, 1..200)
    }

    proptest! {
        #[test]
        fn each_stop_is_in_one_zone_and_the_work_is_shared(stops in stops(), count in 1_usize..16) {
            let cells = zones(&stops, count);
            let mut all: Vec<usize> = cells.iter().flat_map(|cell| cell.stops.clone()).collect();
            all.sort_unstable();
            prop_assert_eq!(all, (0..stops.len()).collect::<Vec<_>>());
            prop_assert_eq!(cells.len(), count.min(stops.len()));
            if stops.len() < count * 4 {
                return Ok(());
            }
            // One stop per cut on the way down, halved by each later cut.
            let largest = stops.iter().map(|stop| stop.minutes).fold(0.0, f64::max);
            let share = stops.iter().map(|stop| stop.minutes).sum::<f64>() / count as f64;
            for cell in &cells {
                let minutes: f64 = cell.stops.iter().map(|stop| stops[*stop].minutes).sum();
                prop_assert!((minutes - share).abs() <= 2.0 * largest, "{minutes} of {share}, largest {largest}");
            }
        }

        #[test]
        fn zones_hang_together_and_do_not_overlap(stops in stops(), count in 1_usize..16) {
            let cells = zones(&stops, count);
            for (at, cell) in cells.iter().enumerate() {
                let [west, south, east, north] = cell.ground;
                for stop in &cell.stops {
                    let [x, y] = stops[*stop].at;
                    prop_assert!(west <= x && x <= east && south <= y && y <= north);
                }
                for other in &cells[at + 1..] {
                    let [w, s, e, n] = other.ground;
                    prop_assert!(east <= w || e <= west || north <= s || n <= south);
                }
            }
        }
    }
}
