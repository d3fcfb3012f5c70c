//! Beyond the budget of the exact search: sets grow level by level, and of each level only the most promising go on.
use std::collections::BTreeSet;

use super::Rules;
use super::front::{Front, Key};
use super::graph::{Graph, Sum};

/// So many sets of each level go on.
const WIDTH: usize = 2_000;

/// What comes first when sets are cut off; the rest of the key decides after it.
#[derive(Clone, Copy, Debug)]
enum Wish {
    Compact,
    FewOwners,
    Soon,
    Whole,
}

struct Set {
    key: Key,
    members: Vec<u32>,
    sum: Sum,
}

/// What becomes of a set that is visited.
enum Visited {
    /// The budget is spent: it was not.
    Not,
    /// It can never keep the rules.
    Hopeless,
    Kept(Set),
}

/// Offers what several beams find, one for each wish, each with its share of the budget. Gives the number of sets visited.
pub(super) fn visit(graph: &Graph, rules: &Rules, budget: u64, front: &mut Front) -> u64 {
    let mut left = budget;
    let mut offered: BTreeSet<Vec<u32>> = BTreeSet::new();
    let wishes = [Wish::Compact, Wish::FewOwners, Wish::Soon, Wish::Whole];
    for (nth, wish) in wishes.into_iter().enumerate() {
        let share = left / (wishes.len() - nth) as u64;
        let mut beam = Beam {
            graph,
            rules,
            wish,
            left: share,
        };
        let mut level = beam.singles();
        for _ in 1..rules.max_parcels {
            level = beam.grown(&level);
            for set in level.iter().filter(|set| set.sum.area_m2 >= rules.min_m2) {
                if offered.insert(set.members.clone()) {
                    front.offer(set.key, &set.members);
                }
            }
            level.truncate(WIDTH);
        }
        left -= share - beam.left;
    }
    budget - left
}

struct Beam<'a> {
    graph: &'a Graph,
    rules: &'a Rules,
    wish: Wish,
    left: u64,
}

impl Beam<'_> {
    fn singles(&mut self) -> Vec<Set> {
        let mut level = Vec::new();
        for member in 0..u32::try_from(self.graph.nodes.len()).unwrap_or(u32::MAX) {
            match self.set(&[], &Sum::default(), member) {
                Visited::Not => break,
                Visited::Hopeless => {}
                Visited::Kept(set) => level.push(set),
            }
        }
        self.sort(&mut level);
        level
    }

    /// All sets of one parcel more, best first.
    fn grown(&mut self, level: &[Set]) -> Vec<Set> {
        let mut known: BTreeSet<Vec<u32>> = BTreeSet::new();
        let mut next = Vec::new();
        for set in level {
            let mut around: Vec<u32> = set
                .members
                .iter()
                .flat_map(|member| &self.graph.nodes[*member as usize].links)
                .map(|link| link.to)
                .collect();
            around.sort_unstable();
            around.dedup();
            around.retain(|member| !set.members.contains(member));
            for added in around {
                let mut members = set.members.clone();
                members.push(added);
                members.sort_unstable();
                if !known.insert(members) {
                    continue;
                }
                match self.set(&set.members, &set.sum, added) {
                    Visited::Not => {
                        self.sort(&mut next);
                        return next;
                    }
                    Visited::Hopeless => {}
                    Visited::Kept(found) => next.push(found),
                }
            }
        }
        self.sort(&mut next);
        next
    }

    /// Visits a set with one parcel more.
    fn set(&mut self, members: &[u32], before: &Sum, added: u32) -> Visited {
        let Some(left) = self.left.checked_sub(1) else {
            return Visited::Not;
        };
        self.left = left;
        let sum = self.graph.plus(before, members, added);
        let more = self.rules.max_parcels - members.len() - 1;
        let can_reach = sum.area_m2 + more as f64 * self.graph.largest_m2 >= self.rules.min_m2;
        if sum.area_m2 > self.rules.max_m2 || !can_reach {
            return Visited::Hopeless;
        }
        let mut members = [members, &[added]].concat();
        members.sort_unstable();
        let key = self.graph.key(&sum, &members);
        Visited::Kept(Set { key, members, sum })
    }

    fn sort(&self, level: &mut [Set]) {
        let rank = |key: &Key| match self.wish {
            Wish::Compact => [key.bulk, key.pieces, key.owners, key.day],
            Wish::FewOwners => [key.owners, key.bulk, key.pieces, key.day],
            Wish::Soon => [key.day, key.bulk, key.pieces, key.owners],
            Wish::Whole => [key.pieces, key.bulk, key.owners, key.day],
        };
        level.sort_unstable_by(|one, other| rank(&one.key).cmp(&rank(&other.key)).then_with(|| one.members.cmp(&other.members)));
    }
}
