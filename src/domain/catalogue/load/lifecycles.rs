//! Life-cycles: each becomes a code list of its states, and the transitions between them.
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use super::lists::positions;
use super::places::{Faults, Placed, Source, arcs, names_of};
use crate::domain::catalogue::entries::{LifecycleEntry, StateEntry, TransitionEntry};
use crate::domain::catalogue::error::Problem;
use crate::domain::catalogue::model::{Catalogue, Code, CodeList, Kind};
use crate::domain::ids::{AttributeKey, CollectionKey};
use crate::domain::lifecycle::{Lapse, Lifecycle, State, Transition};

pub fn add(catalogue: &mut Catalogue, entries: &[Placed<'_, LifecycleEntry>], faults: &mut Faults) {
    let mut seen: HashSet<String> = catalogue.code_lists.keys().map(ToString::to_string).collect();
    for placed in entries {
        let Placed { source, entry } = placed;
        faults.key(*source, &entry.key);
        faults.once(*source, ("code list", &entry.key), &mut seen);
        let states = states(placed, faults);
        add_list(catalogue, placed, &states, faults);
        let transitions = transitions(placed, faults);
        check_reachable(*source, entry, &transitions, faults);
        let lifecycle = Arc::new(Lifecycle {
            list: Arc::from(entry.key.get_ref().as_str()),
            states,
            transitions,
        });
        let known: Vec<_> = catalogue.collections.iter().map(|collection| collection.key.to_string()).collect();
        for collection in &entry.collections {
            faults.among(*source, ("collection", collection), &known);
            let key = CollectionKey::from(collection.get_ref().as_str());
            if catalogue.lifecycles.insert(key, lifecycle.clone()).is_some() {
                let key = collection.get_ref().clone();
                faults.add(
                    *source,
                    collection.span().start,
                    Problem::Duplicate {
                        what: "life-cycle of",
                        key,
                    },
                );
            }
        }
    }
}

fn states(Placed { source, entry }: &Placed<'_, LifecycleEntry>, faults: &mut Faults) -> Vec<State> {
    let mut seen = HashSet::new();
    let mut read = |state: &StateEntry| {
        faults.once(*source, ("state", &state.code), &mut seen);
        let names = names_of(&state.zh, &state.en, &state.de);
        faults.texts(*source, state.code.span().start, &names);
        State {
            code: Arc::from(state.code.get_ref().as_str()),
            names,
            availability: state.availability,
            lapse: lapse(*source, entry, state, faults),
            may_end_on: state.may_end_on.as_ref().map(|on| AttributeKey::from(on.get_ref().as_str())),
            colour: faults.colour(*source, &state.colour),
        }
    };
    entry.states.iter().map(&mut read).collect()
}

fn lapse(source: Source<'_>, lifecycle: &LifecycleEntry, state: &StateEntry, faults: &mut Faults) -> Option<Lapse> {
    let (Some(on), Some(to)) = (&state.lapses_on, &state.lapses_to) else {
        if let Some(alone) = state.lapses_on.as_ref().or(state.lapses_to.as_ref()) {
            let problem = Problem::BadValue {
                what: "lapse",
                given: alone.get_ref().clone(),
                expected: "both lapses_on and lapses_to, or neither",
            };
            faults.add(source, alone.span().start, problem);
        }
        return None;
    };
    faults.among(source, ("state", to), &codes_of(lifecycle));
    Some(Lapse {
        on: AttributeKey::from(on.get_ref().as_str()),
        to: Arc::from(to.get_ref().as_str()),
    })
}

fn codes_of(lifecycle: &LifecycleEntry) -> Vec<String> {
    lifecycle.states.iter().map(|state| state.code.get_ref().clone()).collect()
}

/// The states are a code list too, so that `status` is an attribute like any other.
fn add_list(catalogue: &mut Catalogue, Placed { source, entry }: &Placed<'_, LifecycleEntry>, states: &[State], faults: &mut Faults) {
    let code = |(state, entry): (&State, &StateEntry)| Code {
        code: state.code.clone(),
        parent: None,
        names: state.names.clone(),
        colour: Some(state.colour.clone()),
        aliases: arcs(&entry.aliases),
    };
    let codes: Vec<Code> = states.iter().zip(&entry.states).map(code).collect();
    let list = CodeList {
        key: Arc::from(entry.key.get_ref().as_str()),
        names: faults.names(*source, &entry.names),
        source: Arc::from(entry.source.as_str()),
        ordered: false,
        positions: positions(&codes),
        codes,
        mapping: BTreeMap::new(),
    };
    catalogue.code_lists.insert(list.key.clone(), Arc::new(list));
}

fn transitions(Placed { source, entry }: &Placed<'_, LifecycleEntry>, faults: &mut Faults) -> Vec<Transition> {
    let codes = codes_of(entry);
    let mut seen = HashSet::new();
    let mut read = |way: &TransitionEntry| {
        faults.among(*source, ("state", &way.from), &codes);
        faults.among(*source, ("state", &way.to), &codes);
        let pair = (way.from.get_ref().clone(), way.to.get_ref().clone());
        let offset = way.from.span().start;
        if !seen.insert(pair.clone()) {
            let key = format!("{} -> {}", pair.0, pair.1);
            faults.add(*source, offset, Problem::Duplicate { what: "transition", key });
        }
        let names = names_of(&way.zh, &way.en, &way.de);
        faults.texts(*source, offset, &names);
        Transition {
            from: Arc::from(pair.0.as_str()),
            to: Arc::from(pair.1.as_str()),
            names,
            needs: way.needs.iter().map(|need| AttributeKey::from(need.get_ref().as_str())).collect(),
            role: way.role,
        }
    };
    entry.transitions.iter().map(&mut read).collect()
}

fn check_reachable(source: Source<'_>, entry: &LifecycleEntry, transitions: &[Transition], faults: &mut Faults) {
    let Some(first) = entry.states.first() else {
        let problem = Problem::BadValue {
            what: "states",
            given: "none".to_owned(),
            expected: "at least one",
        };
        faults.add(source, entry.key.span().start, problem);
        return;
    };
    let mut reached: HashSet<&str> = HashSet::from([first.code.get_ref().as_str()]);
    let mut before = 0;
    while before < reached.len() {
        before = reached.len();
        let next: Vec<&str> = transitions
            .iter()
            .filter(|way| reached.contains(&*way.from))
            .map(|way| &*way.to)
            .collect();
        reached.extend(next);
    }
    for state in entry.states.iter().filter(|state| !reached.contains(state.code.get_ref().as_str())) {
        let problem = Problem::Unreachable {
            state: state.code.get_ref().clone(),
            first: first.code.get_ref().clone(),
        };
        faults.add(source, state.code.span().start, problem);
    }
}

/// Checks what points to attributes: what transitions need and when states lapse or may end.
pub fn check(catalogue: &Catalogue, entries: &[Placed<'_, LifecycleEntry>], faults: &mut Faults) {
    for Placed { source, entry } in entries {
        for collection in &entry.collections {
            let of = collection.get_ref().as_str();
            let needs = entry.transitions.iter().flat_map(|way| &way.needs);
            for need in needs.filter(|need| catalogue.attribute(of, need.get_ref()).is_none()) {
                let problem = Problem::Unknown {
                    what: "attribute",
                    given: format!("{} of {of}", need.get_ref()),
                    expected: Vec::new(),
                };
                faults.add(*source, need.span().start, problem);
            }
            for on in entry
                .states
                .iter()
                .flat_map(|state| [&state.lapses_on, &state.may_end_on])
                .flatten()
            {
                let found = catalogue.attribute(of, on.get_ref());
                if !found.is_some_and(|attribute| attribute.kind == Kind::Date) {
                    let problem = Problem::Unknown {
                        what: "date attribute",
                        given: format!("{} of {of}", on.get_ref()),
                        expected: Vec::new(),
                    };
                    faults.add(*source, on.span().start, problem);
                }
            }
        }
    }
}
