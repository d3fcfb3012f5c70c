//! Order of visits: a short open path from a start through all stops.
//!
//! Up to [`EXACT`] stops the shortest path is found (Held and Karp 1962, dynamic programming over sets); above that the path goes to the nearest
//! neighbour each time and is then improved by turning parts round (2-opt, Croes 1958) and moving short parts elsewhere (Or-opt, Or 1976) until
//! neither helps or the budget is spent. Time O(n²) per round.

/// Most stops for which the shortest path is found for certain.
pub const EXACT: usize = 10;

/// Pairs that are looked at, at most; above it the path so far stands. About a second.
const BUDGET: usize = 40_000_000;

/// Longest part that Or-opt moves.
const LONGEST_MOVED: usize = 3;

/// What is too small to be an improvement, metres: without it, rounding could go round for ever.
const SLACK_M: f64 = 1e-6;

/// A place in a plane, metres.
pub type Spot = [f64; 2];

/// Order in which to visit the stops, as places in `stops`. Without a start, the path begins at the first stop of the shortest one found from the
/// westernmost stop.
pub fn order(start: Option<Spot>, stops: &[Spot]) -> Vec<usize> {
    let Some(start) = start.or_else(|| westernmost(stops)) else {
        return Vec::new();
    };
    if stops.len() <= EXACT {
        return shortest(start, stops);
    }
    let mut path = Path {
        start,
        stops,
        order: nearest_neighbour(start, stops),
        budget: BUDGET,
    };
    path.improve();
    path.order
}

/// Length of the open path from the start through the stops in this order, metres.
pub fn length_m(start: Spot, stops: &[Spot], order: &[usize]) -> f64 {
    let places = std::iter::once(start).chain(order.iter().map(|at| stops[*at]));
    let places: Vec<_> = places.collect();
    places.windows(2).map(|pair| distance(pair[0], pair[1])).sum()
}

/// The greedy path: always on to the nearest stop that is left.
pub fn nearest_neighbour(start: Spot, stops: &[Spot]) -> Vec<usize> {
    let mut left: Vec<usize> = (0..stops.len()).collect();
    let mut at = start;
    let mut order = Vec::with_capacity(stops.len());
    while let Some((place, _)) = left
        .iter()
        .enumerate()
        .map(|(place, stop)| (place, distance(at, stops[*stop])))
        .min_by(|one, other| one.1.total_cmp(&other.1))
    {
        let stop = left.swap_remove(place);
        at = stops[stop];
        order.push(stop);
    }
    order
}

/// Distance in the plane, metres.
pub fn distance(one: Spot, other: Spot) -> f64 {
    (one[0] - other[0]).hypot(one[1] - other[1])
}

fn westernmost(stops: &[Spot]) -> Option<Spot> {
    stops
        .iter()
        .copied()
        .min_by(|one, other| one[0].total_cmp(&other[0]).then(one[1].total_cmp(&other[1])))
}

/// The shortest path, by the best way to have visited each set of stops and to stand at each of them.
fn shortest(start: Spot, stops: &[Spot]) -> Vec<usize> {
    let count = stops.len();
    let mut best = vec![vec![(f64::INFINITY, usize::MAX); count]; 1 << count];
    for (stop, place) in stops.iter().enumerate() {
        best[1 << stop][stop] = (distance(start, *place), usize::MAX);
    }
    for set in 1..1_usize << count {
        for last in (0..count).filter(|stop| set & (1 << stop) != 0) {
            let so_far = best[set][last].0;
            for next in (0..count).filter(|stop| set & (1 << stop) == 0) {
                let way = so_far + distance(stops[last], stops[next]);
                let known = &mut best[set | 1 << next][next];
                if way < known.0 {
                    *known = (way, last);
                }
            }
        }
    }
    let mut set = (1 << count) - 1;
    let Some(mut last) = (0..count).min_by(|one, other| best[set][*one].0.total_cmp(&best[set][*other].0)) else {
        return Vec::new();
    };
    let mut order = vec![last];
    while best[set][last].1 != usize::MAX {
        let before = best[set][last].1;
        set &= !(1 << last);
        last = before;
        order.push(last);
    }
    order.reverse();
    order
}

/// A path that is being improved.
struct Path<'a> {
    start: Spot,
    stops: &'a [Spot],
    order: Vec<usize>,
    budget: usize,
}

impl Path<'_> {
    fn improve(&mut self) {
        while self.turn_round() || self.move_part() {}
    }

    /// The place before a position: the start before the first.
    fn before(&self, position: usize) -> Spot {
        if position == 0 {
            self.start
        } else {
            self.stops[self.order[position - 1]]
        }
    }

    fn at(&self, position: usize) -> Spot {
        self.stops[self.order[position]]
    }

    /// The place at a position; `None` behind the end, where the path is open.
    fn maybe(&self, position: usize) -> Option<Spot> {
        self.order.get(position).map(|stop| self.stops[*stop])
    }

    fn spend(&mut self) -> bool {
        self.budget = self.budget.saturating_sub(1);
        self.budget > 0
    }

    /// Turns each part round that makes the path shorter; whether one did.
    fn turn_round(&mut self) -> bool {
        let mut is_better = false;
        for from in 0..self.order.len() {
            for to in from + 1..self.order.len() {
                if !self.spend() {
                    return false;
                }
                let (first, last) = (self.at(from), self.at(to));
                let into = distance(self.before(from), last) - distance(self.before(from), first);
                let out = self.maybe(to + 1).map_or(0.0, |next| distance(first, next) - distance(last, next));
                if into + out < -SLACK_M {
                    self.order[from..=to].reverse();
                    is_better = true;
                }
            }
        }
        is_better
    }

    /// Moves each short part to where the path gets shorter; whether one did.
    fn move_part(&mut self) -> bool {
        let mut is_better = false;
        for length in 1..=LONGEST_MOVED.min(self.order.len().saturating_sub(1)) {
            for from in 0..=self.order.len() - length {
                if self.budget == 0 {
                    return false;
                }
                is_better |= self.move_from(from, length);
            }
        }
        is_better
    }

    fn move_from(&mut self, from: usize, length: usize) -> bool {
        let (first, last) = (self.at(from), self.at(from + length - 1));
        let (before, after) = (self.before(from), self.maybe(from + length));
        let gained = distance(before, first) + after.map_or(0.0, |after| distance(last, after) - distance(before, after));
        let part: Vec<usize> = self.order[from..from + length].to_vec();
        let rest: Vec<usize> = self.order[..from].iter().chain(&self.order[from + length..]).copied().collect();
        for gap in (0..=rest.len()).filter(|gap| *gap != from) {
            if !self.spend() {
                return false;
            }
            let left = if gap == 0 { self.start } else { self.stops[rest[gap - 1]] };
            let right = rest.get(gap).map(|stop| self.stops[*stop]);
            let cost =
                |one: Spot, other: Spot| distance(left, one) + right.map_or(0.0, |right| distance(other, right) - distance(left, right));
            let (straight, turned) = (cost(first, last), cost(last, first));
            if straight.min(turned) < gained - SLACK_M {
                let mut moved = part;
                if turned < straight {
                    moved.reverse();
                }
                let (head, tail) = rest.split_at(gap);
                self.order = [head, &moved, tail].concat();
                return true;
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn spots(most: usize) -> impl Strategy<Value = Vec<Spot>> {
        // A coarse grid, so that equal places and equal distances are met.
        prop::collection::vec([(0_i32..40).prop_map(f64::from), (0_i32..40).prop_map(f64::from)], 0..most)
    }

    fn is_permutation(order: &[usize], count: usize) -> bool {
        let mut sorted = order.to_vec();
        sorted.sort_unstable();
        sorted == (0..count).collect::<Vec<_>>()
    }

    fn by_trying_all(start: Spot, stops: &[Spot], order: &mut Vec<usize>) -> f64 {
        if order.len() == stops.len() {
            return length_m(start, stops, order);
        }
        let mut best = f64::INFINITY;
        for stop in 0..stops.len() {
            if !order.contains(&stop) {
                order.push(stop);
                best = best.min(by_trying_all(start, stops, order));
                order.pop();
            }
        }
        best
    }

    proptest! {
        #[test]
        fn every_stop_once_and_never_longer_than_the_greedy_path(stops in spots(60), x in 0_i32..40, y in 0_i32..40) {
            let start = [f64::from(x), f64::from(y)];
            let order = order(Some(start), &stops);
            prop_assert!(is_permutation(&order, stops.len()));
            let greedy = length_m(start, &stops, &nearest_neighbour(start, &stops));
            prop_assert!(length_m(start, &stops, &order) <= greedy + 1e-9);
        }

        #[test]
        fn neither_rule_can_make_it_shorter(stops in spots(40)) {
            let found = order(Some([0.0, 0.0]), &stops);
            let mut path = Path { start: [0.0, 0.0], stops: &stops, order: found.clone(), budget: BUDGET };
            path.improve();
            prop_assert!(length_m(path.start, &stops, &found) <= length_m(path.start, &stops, &path.order) + 1e-6);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn up_to_eight_stops_nothing_is_shorter(stops in spots(9), x in 0_i32..40) {
            let start = [f64::from(x), 7.0];
            let found = length_m(start, &stops, &order(Some(start), &stops));
            prop_assert!((found - by_trying_all(start, &stops, &mut Vec::new())).abs() < 1e-9);
        }
    }

    #[test]
    fn a_large_zone_is_done_in_time_and_well() {
        // A street that is walked up and down by the greedy rule.
        let stops: Vec<Spot> = (0..600)
            .map(|at| [f64::from(at * 37 % 600) * 10.0, f64::from(at % 2) * 30.0])
            .collect();
        let order = order(Some([0.0, 0.0]), &stops);
        assert!(is_permutation(&order, stops.len()));
        let greedy = length_m([0.0, 0.0], &stops, &nearest_neighbour([0.0, 0.0], &stops));
        assert!(length_m([0.0, 0.0], &stops, &order) <= greedy);
    }

    #[test]
    fn without_a_start_it_begins_in_the_west() {
        assert_eq!(order(None, &[[5.0, 0.0], [1.0, 0.0], [9.0, 0.0]]), [1, 0, 2]);
        assert_eq!(order(None, &[]), Vec::<usize>::new());
    }
}
