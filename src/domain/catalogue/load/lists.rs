//! Code lists, their trees, and the mapping between them.
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use toml::Spanned;

use super::places::{Faults, Placed, Source, arcs, names_of};
use crate::domain::catalogue::entries::{CodeEntry, ListEntry, MappingEntry};
use crate::domain::catalogue::error::Problem;
use crate::domain::catalogue::model::{Catalogue, Code, CodeList};

pub fn add(catalogue: &mut Catalogue, entries: &[Placed<'_, ListEntry>], faults: &mut Faults) {
    let mut seen = HashSet::new();
    for placed in entries {
        let Placed { source, entry } = placed;
        faults.key(*source, &entry.key);
        faults.once(*source, ("code list", &entry.key), &mut seen);
        let codes: Vec<Code> = {
            let mut seen = HashSet::new();
            let mut code = |code: &CodeEntry| {
                faults.once(*source, ("code", &code.code), &mut seen);
                read_code(*source, entry, code, faults)
            };
            entry.codes.iter().map(&mut code).collect()
        };
        check_parents(*source, &entry.codes, &codes, faults);
        let list = CodeList {
            key: Arc::from(entry.key.get_ref().as_str()),
            names: faults.names(*source, &entry.names),
            source: Arc::from(entry.source.as_str()),
            ordered: entry.ordered,
            positions: positions(&codes),
            codes,
            mapping: BTreeMap::new(),
        };
        catalogue.code_lists.insert(list.key.clone(), Arc::new(list));
    }
}

/// Position of each code.
pub fn positions(codes: &[Code]) -> HashMap<Arc<str>, usize> {
    codes.iter().enumerate().map(|(at, code)| (code.code.clone(), at)).collect()
}

fn read_code(source: Source<'_>, list: &ListEntry, entry: &CodeEntry, faults: &mut Faults) -> Code {
    let names = names_of(&entry.zh, &entry.en, &entry.de);
    faults.texts(source, entry.code.span().start, &names);
    let text = entry.code.get_ref();
    if text.is_empty() || text.contains([',', ' ']) {
        let problem = Problem::BadKey {
            given: text.clone(),
            expected: "a code without blanks and commas, which separate codes in parameters",
        };
        faults.add(source, entry.code.span().start, problem);
    }
    let by_prefix = || longest_prefix(list, text).filter(|_| list.prefix_tree);
    Code {
        code: Arc::from(text.as_str()),
        parent: entry
            .parent
            .as_ref()
            .map(Spanned::get_ref)
            .or_else(by_prefix)
            .map(|parent| Arc::from(parent.as_str())),
        names,
        colour: entry.colour.as_ref().map(|colour| faults.colour(source, colour)),
        aliases: arcs(&entry.aliases),
    }
}

fn longest_prefix<'a>(list: &'a ListEntry, text: &str) -> Option<&'a String> {
    let others = list.codes.iter().map(|other| other.code.get_ref());
    others
        .filter(|other| other.len() < text.len() && text.starts_with(other.as_str()))
        .max_by_key(|other| other.len())
}

fn check_parents(source: Source<'_>, entries: &[CodeEntry], codes: &[Code], faults: &mut Faults) {
    let parents: HashMap<&str, Option<&str>> = codes.iter().map(|code| (&*code.code, code.parent.as_deref())).collect();
    for (entry, code) in entries.iter().zip(codes) {
        let Some(parent) = code.parent.as_deref() else { continue };
        let offset = entry.parent.as_ref().unwrap_or(&entry.code).span().start;
        if !parents.contains_key(parent) {
            let problem = Problem::Unknown {
                what: "parent code",
                given: parent.to_owned(),
                expected: Vec::new(),
            };
            faults.add(source, offset, problem);
        } else if leads_back(&code.code, &parents) {
            let problem = Problem::Cycle {
                what: "code",
                key: code.code.to_string(),
            };
            faults.add(source, offset, problem);
        }
    }
}

fn leads_back(code: &str, parents: &HashMap<&str, Option<&str>>) -> bool {
    let mut at = parents.get(code).copied().flatten();
    let mut steps = 0;
    while let Some(parent) = at {
        steps += 1;
        if parent == code {
            return true;
        }
        if steps > parents.len() {
            return false;
        }
        at = parents.get(parent).copied().flatten();
    }
    false
}

/// Notes, for each pair of lists that a row names, that their codes correspond, both ways.
pub fn map(catalogue: &mut Catalogue, entries: &[Placed<'_, MappingEntry>], faults: &mut Faults) {
    for Placed { source, entry } in entries {
        if entry.source.trim().is_empty() {
            let problem = Problem::BadValue {
                what: "source of a mapping",
                given: String::new(),
                expected: "the standard or practice it comes from",
            };
            faults.add(*source, entry.rows.first().map_or(0, |row| row.span().start), problem);
        }
        for row in &entry.rows {
            if check_row(catalogue, *source, row, faults) {
                add_row(catalogue, row.get_ref());
            }
        }
    }
}

fn check_row(catalogue: &Catalogue, source: Source<'_>, row: &Spanned<BTreeMap<String, String>>, faults: &mut Faults) -> bool {
    let mut right = true;
    for (list, code) in row.get_ref() {
        let problem = match catalogue.list(list) {
            None => Problem::Unknown {
                what: "code list",
                given: list.clone(),
                expected: catalogue.code_lists.keys().map(ToString::to_string).collect(),
            },
            Some(found) if found.get(code).is_none() => Problem::Unknown {
                what: "code",
                given: format!("{code} of {list}"),
                expected: Vec::new(),
            },
            Some(_) => continue,
        };
        faults.add(source, row.span().start, problem);
        right = false;
    }
    right
}

fn add_row(catalogue: &mut Catalogue, row: &BTreeMap<String, String>) {
    for (list, code) in row {
        for (other, target) in row.iter().filter(|(other, _)| *other != list) {
            let Some(list) = catalogue.code_lists.get_mut(list.as_str()) else {
                continue;
            };
            let pair = (Arc::from(other.as_str()), Arc::from(code.as_str()));
            let targets = Arc::make_mut(list).mapping.entry(pair).or_default();
            let target: Arc<str> = Arc::from(target.as_str());
            if !targets.contains(&target) {
                targets.push(target);
            }
        }
    }
}
