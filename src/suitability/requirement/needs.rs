//! `needs`: what must hold.
use std::sync::Arc;

use super::document::{chosen, one_of};
use super::reading::Node;
use super::{Ask, Gate, On, Scope, places, tests_of};
use crate::domain::available::{self, AVAILABLE_FROM, STATUS};
use crate::domain::catalogue::Attribute;
use crate::domain::ids::CollectionKey;
use crate::suitability::tally::Unknown;

/// What a need may be about; each has exactly one of these.
const KINDS: [&str; 6] = ["attribute", "available_by", "fits", "distance", "inside", "outside"];

pub(super) fn read(scope: &Scope<'_>, root: &Node<'_>, seeks: &[CollectionKey]) -> Vec<Gate> {
    let items = root.member("needs").map(|node| node.items(scope.limits.needs));
    items.unwrap_or_default().iter().flat_map(|node| need(scope, node, seeks)).collect()
}

fn need(scope: &Scope<'_>, node: &Node<'_>, seeks: &[CollectionKey]) -> Vec<Gate> {
    let Some(object) = node.json.as_object() else {
        node.fault("an object");
        return Vec::new();
    };
    let given: Vec<&str> = KINDS.into_iter().filter(|kind| object.contains_key(*kind)).collect();
    let asked = Asked::new(scope, node, seeks);
    match given.as_slice() {
        ["attribute"] => tests_of::read(&asked),
        ["available_by"] => available_by(&asked).into_iter().collect(),
        ["fits"] => places::fits(&asked).into_iter().collect(),
        ["distance"] => places::distance(&asked).into_iter().collect(),
        ["inside"] => places::inside(&asked).into_iter().collect(),
        ["outside"] => places::outside(&asked).into_iter().collect(),
        _ => {
            node.fault(format!("exactly one of {}", KINDS.join(", ")));
            Vec::new()
        }
    }
}

/// A need or wish with what all kinds of it share.
pub(super) struct Asked<'a> {
    pub scope: &'a Scope<'a>,
    pub node: &'a Node<'a>,
    /// All collections sought.
    pub seeks: &'a [CollectionKey],
    /// Those of them that it is for.
    pub of: Vec<CollectionKey>,
    pub unknown: Unknown,
}

/// An attribute in each collection sought that has it, in the order sought.
pub(super) type Homes<'a> = Vec<Option<&'a Arc<Attribute>>>;

impl<'a> Asked<'a> {
    pub(super) fn new(scope: &'a Scope<'a>, node: &'a Node<'a>, seeks: &'a [CollectionKey]) -> Self {
        let sought: Vec<&CollectionKey> = seeks.iter().collect();
        let of = node.member("for").map(|node| chosen(&node.items(seeks.len()), &sought));
        Self {
            scope,
            node,
            seeks,
            of: of.unwrap_or_else(|| seeks.to_vec()),
            unknown: node.member("unknown").map_or(Unknown::Open, |node| unknown(&node)),
        }
    }

    /// Where an attribute is (of one kind everywhere, as the catalogue demands; code lists may differ); told as a fault when it is nowhere (for this asker).
    pub(super) fn homes(&self, at: &Node<'_>) -> Option<(&'a Attribute, Homes<'a>)> {
        let key = at.json.as_str().unwrap_or_default();
        let home = |collection: &CollectionKey| {
            let is_for = self.of.contains(collection);
            self.scope.attribute(collection, key).filter(|_| is_for)
        };
        let homes: Homes<'a> = self.seeks.iter().map(home).collect();
        let Some(first) = homes.iter().flatten().next() else {
            at.fault(self.attributes());
            return None;
        };
        Some((first, homes))
    }

    fn attributes(&self) -> String {
        let mut keys: Vec<&str> = Vec::new();
        for collection in &self.of {
            for attribute in self.scope.catalogue.attributes_of(collection.as_str()) {
                let key = attribute.key.as_str();
                if self.scope.role.sees(attribute.visibility) && !keys.contains(&key) {
                    keys.push(key);
                }
            }
        }
        let of: Vec<&str> = self.of.iter().map(one_of).collect();
        format!("an attribute of {}: {}", of.join(", "), keys.join(", "))
    }

    /// A gate that asks each carrier of the collections it is for.
    pub(super) fn each(&self, about: &str, ask: Ask) -> Gate {
        let on = |collection| if self.of.contains(collection) { On::Each } else { On::NotAsked };
        Gate {
            path: self.node.path.clone(),
            about: about.into(),
            unknown: self.unknown,
            ask,
            on: self.seeks.iter().map(on).collect(),
        }
    }
}

fn unknown(node: &Node<'_>) -> Unknown {
    match node.json.as_str() {
        Some("accept") => Unknown::Accept,
        Some("refuse") => Unknown::Refuse,
        Some(_) | None => {
            node.fault("accept or refuse");
            Unknown::Open
        }
    }
}

fn available_by(asked: &Asked<'_>) -> Option<Gate> {
    asked.node.object(&["available_by", "unknown", "for"])?;
    let given = asked.node.member("available_by")?;
    let day = given.day()?;
    let sees = |collection: &CollectionKey, key: &str| asked.scope.attribute(collection, key).is_some();
    let on = |collection: &CollectionKey| {
        let lifecycle = asked.scope.catalogue.lifecycle(collection.as_str());
        let asks = asked.of.contains(collection) && sees(collection, STATUS) && sees(collection, AVAILABLE_FROM);
        match lifecycle.filter(|_| asks) {
            Some(lifecycle) => On::Filter(available::by(lifecycle, day, |key| sees(collection, key.as_str()))),
            None => On::NotAsked,
        }
    };
    let on: Vec<On> = asked.seeks.iter().map(on).collect();
    if on.iter().all(|on| matches!(on, On::NotAsked)) {
        given.fault("a collection whose availability is known");
    }
    Some(Gate {
        path: asked.node.path.clone(),
        about: "available_by".into(),
        unknown: asked.unknown,
        ask: Ask::AvailableBy { day },
        on,
    })
}
