//! Every connected set, once.
//!
//! From each parcel as the root only parcels later in the order are added, and of the neighbours of a new member only those that no earlier
//! member reaches: S. Wernicke, Efficient detection of network motifs, IEEE/ACM TCBB 3 (2006), algorithm ESU.
use super::Rules;
use super::front::Front;
use super::graph::{Graph, Sum};

/// How far a visit came.
pub(super) struct Visit {
    pub(super) visited: u64,
    pub(super) is_complete: bool,
}

/// Offers every connected set that keeps the rules, until the budget is spent.
pub(super) fn visit(graph: &Graph, rules: &Rules, budget: u64, front: &mut Front) -> Visit {
    let mut walk = Walk {
        graph,
        rules,
        front,
        left: budget,
        members: Vec::with_capacity(rules.max_parcels),
        open: Vec::new(),
        is_reached: vec![false; graph.nodes.len()],
    };
    let mut roots = 0..u32::try_from(graph.nodes.len()).unwrap_or(u32::MAX);
    let is_complete = roots.all(|root| walk.start_at(root));
    Visit {
        visited: budget - walk.left,
        is_complete,
    }
}

struct Walk<'a> {
    graph: &'a Graph,
    rules: &'a Rules,
    front: &'a mut Front,
    left: u64,
    members: Vec<u32>,
    /// Parcels that may be added, those of the deeper sets on top.
    open: Vec<u32>,
    /// Members, their neighbours, and all that was tried.
    is_reached: Vec<bool>,
}

impl Walk<'_> {
    fn start_at(&mut self, root: u32) -> bool {
        self.is_reached[root as usize] = true;
        let goes_on = self.add(root, root, Sum::default(), 0);
        self.is_reached[root as usize] = false;
        goes_on
    }

    /// Visits the set with one member more and all that grow from it with the open parcels from `first` on. False when the budget is spent.
    fn add(&mut self, root: u32, added: u32, before: Sum, first: usize) -> bool {
        if self.left == 0 {
            return false;
        }
        self.left -= 1;
        let sum = self.graph.plus(&before, &self.members, added);
        // More parcels only make it larger.
        if sum.area_m2 > self.rules.max_m2 {
            return true;
        }
        self.members.push(added);
        if self.members.len() >= 2 && sum.area_m2 >= self.rules.min_m2 {
            self.front.offer(self.graph.key(&sum, &self.members), &self.members);
        }
        let more = self.rules.max_parcels - self.members.len();
        let can_reach = sum.area_m2 + more as f64 * self.graph.largest_m2 >= self.rules.min_m2;
        let goes_on = more == 0 || !can_reach || self.grow(root, added, sum, first);
        self.members.pop();
        goes_on
    }

    fn grow(&mut self, root: u32, added: u32, sum: Sum, first: usize) -> bool {
        let before = self.open.len();
        for link in &self.graph.nodes[added as usize].links {
            let is_reached = &mut self.is_reached[link.to as usize];
            if link.to > root && !*is_reached {
                *is_reached = true;
                self.open.push(link.to);
            }
        }
        let end = self.open.len();
        let goes_on = (first..end).all(|place| {
            let next = self.open[place];
            self.add(root, next, sum, place + 1)
        });
        for place in before..end {
            self.is_reached[self.open[place] as usize] = false;
        }
        self.open.truncate(before);
        goes_on
    }
}
