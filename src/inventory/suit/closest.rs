//! The nearest of many misses.
use super::Place;
use super::gaps::Miss;
use crate::suitability::Scored;

/// The nearest of many misses. What lies farther off than those that are kept is not even scored.
pub(super) struct Closest<'a> {
    most: usize,
    kept: Vec<(Scored<'a, Place>, Miss)>,
    /// None of the kept lies farther off, once there are enough.
    farthest: f64,
}

impl<'a> Closest<'a> {
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            kept: Vec::new(),
            farthest: f64::INFINITY,
        }
    }

    pub(super) fn add(&mut self, miss: Miss, scored: impl FnOnce() -> Scored<'a, Place>) {
        /// So many more than wanted are kept before the farthest are let go.
        const SLACK: usize = 256;
        if miss.relative.total_cmp(&self.farthest).is_gt() {
            return;
        }
        self.kept.push((scored(), miss));
        if self.kept.len() >= self.most + SLACK {
            self.let_go();
        }
    }

    fn let_go(&mut self) {
        if self.most == 0 {
            self.kept.clear();
        } else if self.kept.len() > self.most {
            let (_, last, _) = self.kept.select_nth_unstable_by(self.most - 1, order);
            self.farthest = last.1.relative;
            self.kept.truncate(self.most);
        }
    }

    pub(super) fn sorted(mut self) -> Vec<(Scored<'a, Place>, Miss)> {
        self.let_go();
        self.kept.sort_unstable_by(order);
        self.kept
    }
}

/// The nearer miss first, then the better carrier.
fn order((one, miss): &(Scored<'_, Place>, Miss), (two, other): &(Scored<'_, Place>, Miss)) -> std::cmp::Ordering {
    miss.relative.total_cmp(&other.relative).then_with(|| one.order(two))
}
