//! Points in which different rings touch, and whether they cut a polygon into pieces.
use std::collections::{BTreeMap, BTreeSet};

use super::super::fault::GeometryFault;
use super::super::grid::Nano;
use super::{Ring, segment};

/// Every touch between two rings.
#[derive(Default)]
pub(super) struct Touches {
    found: BTreeSet<(usize, usize, (i64, i64))>,
}

impl Touches {
    pub(super) fn add(&mut self, one: usize, other: usize, at: Nano) {
        self.found.insert((one.min(other), one.max(other), (at.x, at.y)));
    }

    /// Pairs of polygons that touch.
    pub(super) fn polygons(&self, rings: &[Ring]) -> BTreeSet<(usize, usize)> {
        let pair = |(one, other, _): &(usize, usize, _)| {
            let (one, other) = (rings[*one].polygon, rings[*other].polygon);
            (one.min(other), one.max(other))
        };
        self.found.iter().map(pair).filter(|(one, other)| one != other).collect()
    }

    /// Rings of one polygon and the points in which they touch must form a forest: a circle among them encloses a piece of the inside.
    /// Rings that cross in their corners touch twice and are found here as well.
    pub(super) fn check(&self, rings: &[Ring]) -> Result<(), GeometryFault> {
        let mut links = BTreeSet::new();
        for (one, other, point) in &self.found {
            if rings[*one].polygon == rings[*other].polygon {
                links.insert((rings[*one].polygon, *point, *one));
                links.insert((rings[*one].polygon, *point, *other));
            }
        }
        let mut forest = Forest::default();
        for (polygon, (x, y), ring) in links {
            if !forest.join(Node::Ring(ring), Node::Point(polygon, x, y)) {
                return Err(GeometryFault::CutApart(segment::at(Nano { x, y })));
            }
        }
        Ok(())
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Node {
    Ring(usize),
    Point(usize, i64, i64),
}

/// Union-find over rings and points.
#[derive(Default)]
struct Forest {
    parent: BTreeMap<Node, Node>,
}

impl Forest {
    fn root(&self, mut node: Node) -> Node {
        while let Some(parent) = self.parent.get(&node) {
            node = *parent;
        }
        node
    }

    /// Joins two trees; `false` when they were one already.
    fn join(&mut self, one: Node, other: Node) -> bool {
        let (one, other) = (self.root(one), self.root(other));
        if one == other {
            return false;
        }
        self.parent.insert(other, one);
        true
    }
}
