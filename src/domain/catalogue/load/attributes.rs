//! Attributes: their form, what they point to, and what they are derived from.
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use toml::Spanned;

use super::places::{Faults, Placed, Source, arcs};
use crate::domain::catalogue::entries::{AttributeEntry, KindEntry};
use crate::domain::catalogue::error::Problem;
use crate::domain::catalogue::model::{Attribute, Catalogue, Derivation, Kind, Later, Measure};
use crate::domain::ids::{AttributeKey, CollectionKey};

pub fn add(catalogue: &mut Catalogue, entries: &[Placed<'_, AttributeEntry>], faults: &mut Faults) {
    let mut seen = HashSet::new();
    let mut headings = HashSet::new();
    for placed in entries {
        let Placed { source, entry } = placed;
        check_headings(placed, &mut headings, faults);
        faults.attribute_key(*source, &entry.key);
        for collection in &entry.collections {
            if !seen.insert((collection.get_ref().clone(), entry.key.get_ref().clone())) {
                let key = format!("{} of {}", entry.key.get_ref(), collection.get_ref());
                faults.add(*source, entry.key.span().start, Problem::Duplicate { what: "attribute", key });
            }
        }
        if let Some(kind) = kind(catalogue, placed, faults) {
            let attribute = attribute(catalogue, placed, kind, faults);
            catalogue.attributes.push(Arc::new(attribute));
        }
    }
    let groups: HashMap<Arc<str>, usize> = catalogue
        .groups
        .iter()
        .enumerate()
        .map(|(at, (key, _))| (key.clone(), at))
        .collect();
    catalogue.attributes.sort_by_key(|attribute| groups.get(&attribute.group).copied());
}

/// A heading read into two attributes of a collection could not be told apart by an import.
fn check_headings(Placed { source, entry }: &Placed<'_, AttributeEntry>, seen: &mut HashSet<(String, String)>, faults: &mut Faults) {
    for collection in &entry.collections {
        for heading in entry.headings.iter().chain(&entry.dbf) {
            let of = collection.get_ref();
            let text = heading.get_ref();
            if !seen.insert((of.clone(), text.clone())) {
                let key = format!("{text} of {of}");
                faults.add(*source, heading.span().start, Problem::Duplicate { what: "heading", key });
            }
        }
    }
}

fn attribute(catalogue: &Catalogue, Placed { source, entry }: &Placed<'_, AttributeEntry>, kind: Kind, faults: &mut Faults) -> Attribute {
    let collections: Vec<_> = catalogue.collections.iter().map(|collection| collection.key.to_string()).collect();
    for collection in &entry.collections {
        faults.among(*source, ("collection", collection), &collections);
    }
    let groups: Vec<_> = catalogue.groups.iter().map(|(key, _)| key.to_string()).collect();
    faults.among(*source, ("group", &entry.group), &groups);
    if entry.source.get_ref().trim().is_empty() {
        faults.add(
            *source,
            entry.source.span().start,
            bad("source", "", "a standard and clause, or the practice it comes from"),
        );
    }
    Attribute {
        key: AttributeKey::from(entry.key.get_ref().as_str()),
        collections: entry
            .collections
            .iter()
            .map(|key| CollectionKey::from(key.get_ref().as_str()))
            .collect(),
        kind,
        names: faults.names(*source, &entry.names),
        help: faults.names(*source, &entry.help),
        group: Arc::from(entry.group.get_ref().as_str()),
        source: Arc::from(entry.source.get_ref().as_str()),
        visibility: entry.visibility,
        editable_by: entry.editable_by,
        merge: entry.merge,
        publish: entry.publish,
        survey: entry.survey,
        headings: arcs(entry.headings.iter().map(Spanned::get_ref)),
        dbf: arcs(entry.dbf.iter().map(Spanned::get_ref)),
        criterion: entry.criterion,
        facet: entry.facet,
        tile: entry.tile,
        raised_by: entry.raised_by.as_ref().map(|key| AttributeKey::from(key.get_ref().as_str())),
        later: entry.later.as_ref().map(|later| later.get_ref().clone()),
        tax: entry.tax.as_ref().map(|tax| tax.get_ref().clone()),
        agrees_with: entry.agrees_with.as_ref().map(|other| other.get_ref().clone()),
        derived: entry.derived.as_ref().map(|derived| derived.get_ref().clone()),
    }
}

fn bad(what: &'static str, given: &str, expected: &'static str) -> Problem {
    Problem::BadValue {
        what,
        given: given.to_owned(),
        expected,
    }
}

/// The kind with all that belongs to it, and nothing that does not.
fn kind(catalogue: &Catalogue, Placed { source, entry }: &Placed<'_, AttributeEntry>, faults: &mut Faults) -> Option<Kind> {
    let measured = entry.quantity.is_some() || entry.min.is_some() || entry.max.is_some() || entry.decimals.is_some();
    let wants_measure = matches!(entry.kind, KindEntry::Number | KindEntry::Range);
    let wants_list = matches!(entry.kind, KindEntry::Code);
    let wants_chars = matches!(entry.kind, KindEntry::Text);
    let place = entry.key.span().start;
    if (measured && !wants_measure) || (entry.list.is_some() && !wants_list) || (entry.max_chars.is_some() && !wants_chars) {
        let expected = "quantity, min, max, decimals for a number or range, list for a code, max_chars for a text";
        faults.add(
            *source,
            place,
            bad("fields that do not belong to the kind", entry.key.get_ref(), expected),
        );
        return None;
    }
    match entry.kind {
        KindEntry::Number => measure(catalogue, *source, entry, faults).map(Kind::Number),
        KindEntry::Range => measure(catalogue, *source, entry, faults).map(Kind::Range),
        KindEntry::Flag => Some(Kind::Flag),
        KindEntry::Date => Some(Kind::Date),
        KindEntry::Text => match entry.max_chars {
            Some(max_chars) if max_chars > 0 => Some(Kind::Text { max_chars }),
            _ => {
                faults.add(*source, place, bad("max_chars", "none", "a number above 0 for a text"));
                None
            }
        },
        KindEntry::Code => {
            let Some(list) = &entry.list else {
                faults.add(*source, place, bad("list", "none", "the key of a code list for a code"));
                return None;
            };
            let lists: Vec<_> = catalogue.code_lists.keys().map(ToString::to_string).collect();
            faults.among(*source, ("code list", list), &lists).then(|| Kind::Code {
                list: Arc::from(list.get_ref().as_str()),
            })
        }
    }
}

fn measure(catalogue: &Catalogue, source: Source<'_>, entry: &AttributeEntry, faults: &mut Faults) -> Option<Measure> {
    let place = entry.key.span().start;
    let (Some(quantity), Some(min), Some(max), Some(decimals)) = (&entry.quantity, entry.min, entry.max, entry.decimals) else {
        faults.add(
            source,
            place,
            bad("number or range", entry.key.get_ref(), "quantity, min, max and decimals"),
        );
        return None;
    };
    if !(min.is_finite() && max.is_finite() && min < max) {
        faults.add(
            source,
            place,
            bad(
                "min and max",
                &format!("{min} and {max}"),
                "two numbers, the first below the second",
            ),
        );
    }
    let quantities: Vec<_> = catalogue.quantities.keys().map(ToString::to_string).collect();
    faults.among(source, ("quantity", quantity), &quantities).then(|| Measure {
        quantity: Arc::from(quantity.get_ref().as_str()),
        min,
        max,
        decimals,
    })
}

/// Checks what can only be known with all attributes at hand: derivations, one kind per key, `status` of the life-cycle.
pub fn check(catalogue: &Catalogue, entries: &[Placed<'_, AttributeEntry>], faults: &mut Faults) {
    let mut kinds: HashMap<&str, (&'static str, Option<&Measure>)> = HashMap::new();
    for Placed { source, entry } in entries {
        let key = entry.key.get_ref().as_str();
        check_flags(catalogue, (*source, entry), faults);
        check_later(catalogue, (*source, entry), faults);
        for collection in &entry.collections {
            let of = collection.get_ref().as_str();
            let Some(attribute) = catalogue.attribute(of, key) else { continue };
            let quantity = |measure: Option<&Measure>| measure.map(|measure| measure.quantity.clone());
            let kind = (attribute.kind.name(), attribute.measure());
            let first = kinds.entry(key).or_insert(kind);
            if first.0 != kind.0 || quantity(first.1) != quantity(kind.1) {
                let problem = bad("kind", key, "the same kind and quantity in every collection that has this key");
                faults.add(*source, entry.key.span().start, problem);
            }
            check_status(catalogue, (*source, entry), of, faults);
            check_agreement(catalogue, (*source, entry), of, faults);
            if let Some(derived) = &entry.derived {
                check_derived(catalogue, (*source, derived), (of, key), faults);
            }
        }
    }
}

/// Flags beside an attribute are flags of at least one of its collections.
fn check_flags(catalogue: &Catalogue, (source, entry): (Source<'_>, &AttributeEntry), faults: &mut Faults) {
    let raised_by = entry.raised_by.as_ref().map(|key| (key.get_ref().as_str(), key.span().start));
    let tax = entry.tax.as_ref().map(|tax| (tax.get_ref().flag.as_str(), tax.span().start));
    for (key, offset) in raised_by.into_iter().chain(tax) {
        let collections = entry.collections.iter().map(|of| of.get_ref().as_str());
        let found: Vec<_> = collections.filter_map(|of| catalogue.attribute(of, key)).collect();
        if found.is_empty() || found.iter().any(|flag| flag.kind != Kind::Flag) {
            faults.add(source, offset, bad("flag", key, "a flag of the same collections"));
        }
    }
    if let Some(tax) = entry.tax.as_ref().filter(|tax| !(0.0..=100.0).contains(&tax.get_ref().percent)) {
        let given = tax.get_ref().percent.to_string();
        faults.add(source, tax.span().start, bad("percent", &given, "a number from 0 to 100"));
    }
}

/// A future value is of the same kind and quantity in the same collections, and so is the date from which it holds.
fn check_later(catalogue: &Catalogue, (source, entry): (Source<'_>, &AttributeEntry), faults: &mut Faults) {
    let Some(later) = &entry.later else { return };
    let Later { value, on } = later.get_ref();
    let of: Vec<&str> = entry.collections.iter().map(|of| of.get_ref().as_str()).collect();
    let found = |key: &AttributeKey| of.iter().filter_map(|of| catalogue.attribute(of, key.as_str())).collect::<Vec<_>>();
    let own = entry.key.get_ref().as_str();
    let quantity = |attribute: &Attribute| attribute.measure().map(|measure| measure.quantity.clone());
    let is_alike = |other: &Arc<Attribute>| {
        let own = of.iter().find_map(|of| catalogue.attribute(of, own));
        own.is_some_and(|own| own.kind.name() == other.kind.name() && quantity(own) == quantity(other))
    };
    let values = found(value);
    if value.as_str() == own || values.is_empty() || !values.into_iter().all(is_alike) {
        let expected = "another attribute of the same kind and quantity in the same collections";
        faults.add(source, later.span().start, bad("later value", value.as_str(), expected));
    }
    let days = found(on);
    if days.is_empty() || days.iter().any(|day| day.kind != Kind::Date) {
        faults.add(
            source,
            later.span().start,
            bad("later on", on.as_str(), "a date of the same collections"),
        );
    }
}

fn check_status(catalogue: &Catalogue, (source, entry): (Source<'_>, &AttributeEntry), of: &str, faults: &mut Faults) {
    let (Some(lifecycle), Some(list)) = (catalogue.lifecycle(of), &entry.list) else {
        return;
    };
    if entry.key.get_ref() == "status" && list.get_ref().as_str() != &*lifecycle.list {
        let problem = bad("list of status", list.get_ref(), "the list of the collection's life-cycle");
        faults.add(source, list.span().start, problem);
    }
}

/// The other number for the same fact is there, measured alike, and seen by the same people: else a contradiction would tell of what is hidden.
fn check_agreement(catalogue: &Catalogue, (source, entry): (Source<'_>, &AttributeEntry), of: &str, faults: &mut Faults) {
    let Some(agreement) = &entry.agrees_with else { return };
    let (offset, wish) = (agreement.span().start, agreement.get_ref());
    let quantity = |attribute: &Attribute| match &attribute.kind {
        Kind::Number(measure) => Some(measure.quantity.clone()),
        Kind::Range(_) | Kind::Code { .. } | Kind::Flag | Kind::Text { .. } | Kind::Date => None,
    };
    let own = catalogue.attribute(of, entry.key.get_ref());
    let other = catalogue.attribute(of, wish.attribute.as_str());
    let fits = own.zip(other).is_some_and(|(own, other)| {
        own.key != other.key && quantity(own).is_some() && quantity(own) == quantity(other) && own.visibility == other.visibility
    });
    if !fits {
        let expected = "another number of the same collection and quantity that the same people see";
        faults.add(source, offset, bad("agrees_with", wish.attribute.as_str(), expected));
    }
    if !(wish.percent > 0.0 && wish.percent <= 100.0) {
        faults.add(
            source,
            offset,
            bad("percent", &wish.percent.to_string(), "a number above 0, up to 100"),
        );
    }
}

fn check_derived(
    catalogue: &Catalogue,
    (source, derived): (Source<'_>, &Spanned<Derivation>),
    (of, key): (&str, &str),
    faults: &mut Faults,
) {
    let units = "units";
    let needed: Vec<(&str, &str)> = match derived.get_ref() {
        Derivation::PlanarArea | Derivation::EllipsoidalArea | Derivation::LastSeen => Vec::new(),
        Derivation::FirstOf(keys) => keys.iter().map(|key| (of, key.as_str())).collect(),
        Derivation::SumOfAvailableUnits(key) => vec![(units, key.as_str())],
        Derivation::StatusOfUnits(_) => vec![(units, "status")],
    };
    let offset = derived.span().start;
    for (collection, needed) in needed {
        let Some(from) = catalogue.attribute(collection, needed) else {
            let problem = Problem::Unknown {
                what: "attribute",
                given: format!("{needed} of {collection}"),
                expected: Vec::new(),
            };
            faults.add(source, offset, problem);
            continue;
        };
        // Else the derived value would tell what its source keeps to fewer people.
        if catalogue.attribute(of, key).is_some_and(|to| to.visibility < from.visibility) {
            let expected = "nobody who may not see the attribute that it is derived from";
            faults.add(source, offset, bad("visibility", &format!("{key} derived from {needed}"), expected));
        }
    }
    if let Derivation::StatusOfUnits(codes) = derived.get_ref() {
        let states = catalogue.lifecycle(of);
        for code in [&codes.all, &codes.some, &codes.none] {
            if states.and_then(|lifecycle| lifecycle.state(code)).is_none() {
                let problem = Problem::Unknown {
                    what: "state",
                    given: format!("{code} of {of}"),
                    expected: Vec::new(),
                };
                faults.add(source, offset, problem);
            }
        }
    }
    check_last_seen(catalogue, (source, derived), (of, key), faults);
    if derivation_leads_back(catalogue, of, key) {
        let key = key.to_owned();
        faults.add(
            source,
            offset,
            Problem::Cycle {
                what: "derivation of",
                key,
            },
        );
    }
}

/// What was seen last is a day.
fn check_last_seen(
    catalogue: &Catalogue,
    (source, derived): (Source<'_>, &Spanned<Derivation>),
    (of, key): (&str, &str),
    faults: &mut Faults,
) {
    let is_day = catalogue.attribute(of, key).is_some_and(|attribute| attribute.kind == Kind::Date);
    if *derived.get_ref() == Derivation::LastSeen && !is_day {
        faults.add(source, derived.span().start, bad("kind", key, "date, for what was last seen"));
    }
}

fn derivation_leads_back(catalogue: &Catalogue, of: &str, key: &str) -> bool {
    let mut seen: HashSet<&str> = HashSet::new();
    let mut open = vec![key];
    while let Some(at) = open.pop() {
        let Some(Derivation::FirstOf(keys)) = catalogue.attribute(of, at).and_then(|attribute| attribute.derived.as_ref()) else {
            continue;
        };
        for next in keys {
            if next.as_str() == key {
                return true;
            }
            if seen.insert(next.as_str()) {
                open.push(next.as_str());
            }
        }
    }
    false
}
