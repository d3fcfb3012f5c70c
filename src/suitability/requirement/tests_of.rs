//! Needs about an attribute: a test by its kind, and how old the evidence may be.
use std::sync::Arc;

use super::needs::{Asked, Homes};
use super::reading::Node;
use super::{Ask, Bound, ByCode, Gate, On, Tax, Unit};
use crate::domain::catalogue::{Attribute, Catalogue, Kind, Measure};
use crate::domain::ids::AttributeKey;
use crate::domain::query::{Filter, Test};

/// Longest age of evidence that can be asked, days: some 27 years.
const MOST_DAYS: usize = 10_000;

/// One gate for the test, one for the age of the evidence; at least one of them must be asked.
pub(super) fn read(asked: &Asked<'_>) -> Vec<Gate> {
    let Some((attribute, homes)) = asked.node.member("attribute").and_then(|node| asked.homes(&node)) else {
        return Vec::new();
    };
    let own: &[&str] = match &attribute.kind {
        Kind::Number(_) | Kind::Range(_) => &["min", "max", "unit", "tax"],
        Kind::Code { .. } => &["any_of", "at_least", "scheme"],
        Kind::Flag => &["is"],
        Kind::Text { .. } => &["contains"],
        Kind::Date => &["min", "max"],
    };
    let shared = ["attribute", "evidence_days", "unknown", "for"];
    if asked.node.object(&[own, &shared].concat()).is_none() {
        return Vec::new();
    }
    let is_asked = own.iter().any(|name| asked.node.member(name).is_some());
    let evidence = evidence(asked, attribute, &homes);
    if !is_asked {
        if evidence.is_none() {
            asked.node.fault(format!("at least one of {}, evidence_days", own.join(", ")));
        }
        return evidence.into_iter().collect();
    }
    let test = match &attribute.kind {
        Kind::Number(measure) | Kind::Range(measure) => number(asked, attribute, measure, &homes),
        Kind::Code { .. } => codes(asked, attribute, &homes),
        Kind::Flag => flag(asked, attribute, &homes),
        Kind::Text { .. } => text(asked, attribute, &homes),
        Kind::Date => days(asked, attribute, &homes),
    };
    test.into_iter().chain(evidence).collect()
}

/// A gate with a filter in each collection that has the attribute.
fn gate(asked: &Asked<'_>, ask: Ask, homes: &Homes<'_>, filter: impl Fn(&Arc<Attribute>) -> Filter) -> Option<Gate> {
    let on = |home: Option<&Arc<Attribute>>| home.map_or(On::NotAsked, |attribute| On::Filter(filter(attribute)));
    Some(Gate {
        path: asked.node.path.clone(),
        about: Arc::clone(&homes.iter().flatten().next()?.key.0),
        unknown: asked.unknown,
        ask,
        on: homes.iter().copied().map(on).collect(),
    })
}

fn of(attribute: &AttributeKey, test: Test) -> Filter {
    Filter::Test {
        attribute: attribute.clone(),
        test,
    }
}

/// The unit in which a number is given; its base unit when nothing is said.
pub(super) fn unit(catalogue: &Catalogue, node: &Node<'_>, measure: &Measure) -> Option<Unit> {
    let quantity = catalogue.quantity(&measure.quantity)?;
    let given = node.member("unit");
    let found = match &given {
        None => Some(quantity.base()),
        Some(node) => node.json.as_str().and_then(|key| quantity.unit(key)),
    };
    if found.is_none()
        && let Some(node) = given
    {
        let keys: Vec<_> = quantity.units.iter().map(|unit| &*unit.key).collect();
        node.fault(format!("one of {}", keys.join(", ")));
    }
    found.map(|unit| Unit {
        key: Arc::clone(&unit.key),
        factor: unit.factor,
        decimals: measure.decimals,
    })
}

fn number(asked: &Asked<'_>, attribute: &Attribute, measure: &Measure, homes: &Homes<'_>) -> Option<Gate> {
    let unit = unit(asked.scope.catalogue, asked.node, measure)?;
    let bound = |name| -> Result<Option<Bound>, ()> {
        let Some(node) = asked.node.member(name) else { return Ok(None) };
        let asked = node.number().ok_or(())?;
        Ok(Some(Bound {
            asked,
            base: asked * unit.factor,
        }))
    };
    let (Ok(min), Ok(max)) = (bound("min"), bound("max")) else {
        return None;
    };
    if let (Some(low), Some(high), Some(node)) = (min, max, asked.node.member("max"))
        && low.asked > high.asked
    {
        node.fault(format!("not below min, {}", low.asked));
        return None;
    }
    if min.is_none() && max.is_none() {
        asked.node.fault("min or max");
        return None;
    }
    let tax = match asked.node.member("tax") {
        Some(node) => Some(tax(asked, &node, homes)?),
        None => None,
    };
    let ask = Ask::Number {
        attribute: attribute.key.clone(),
        min,
        max,
        unit,
        tax: tax.clone(),
    };
    let test = |factor: f64| {
        let by = |bound: Option<Bound>| bound.map(|bound| bound.base * factor);
        let (min, max) = (by(min), by(max));
        of(&attribute.key, Test::Number { min, max })
    };
    let filter = tax.map_or_else(
        || test(1.0),
        |tax| {
            let (with, without) = (test(1.0 / tax.to_asked(true)), test(1.0 / tax.to_asked(false)));
            let flag = |is: bool| of(&tax.flag, Test::Flag(is));
            // Where nobody says whether tax is in it, both readings have to pass.
            Filter::Any(vec![
                Filter::All(vec![flag(true), with.clone()]),
                Filter::All(vec![flag(false), without.clone()]),
                Filter::All(vec![with, without]),
            ])
        },
    );
    gate(asked, ask, homes, |_| filter.clone())
}

/// How tax is compared: the attribute's own flag and rate, where the asker may see the flag.
fn tax(asked: &Asked<'_>, node: &Node<'_>, homes: &Homes<'_>) -> Option<Tax> {
    let asked_with = match node.json.as_str() {
        Some("included") => true,
        Some("excluded") => false,
        Some(_) | None => {
            node.fault("included or excluded");
            return None;
        }
    };
    let mut taxed = None;
    for (collection, home) in asked.seeks.iter().zip(homes) {
        let Some(attribute) = home else { continue };
        let own = attribute.tax.as_ref();
        let own = own.filter(|own| asked.scope.attribute(collection, own.flag.as_str()).is_some());
        if own.is_none() {
            node.fault(format!("nothing: {} of {collection} says nothing of tax", attribute.key));
        }
        taxed = taxed.or(own);
    }
    taxed.map(|taxed| Tax {
        flag: taxed.flag.clone(),
        factor: 1.0 + taxed.percent / 100.0,
        asked_with,
    })
}

fn codes(asked: &Asked<'_>, attribute: &Attribute, homes: &Homes<'_>) -> Option<Gate> {
    let ask = |by| Ask::Codes {
        attribute: attribute.key.clone(),
        by,
    };
    let scheme = asked.node.member("scheme");
    match (asked.node.member("any_of"), asked.node.member("at_least")) {
        (Some(any_of), None) => {
            let scheme = match scheme {
                Some(node) => Some(self::scheme(asked, &node, homes)?),
                None => None,
            };
            let codes = any_of_codes(asked, &any_of, homes, scheme)?;
            let at = |home: &Arc<Attribute>| homes.iter().position(|other| other.is_some_and(|other| Arc::ptr_eq(other, home)));
            let given = any_of.json.as_array().into_iter().flatten().filter_map(|code| code.as_str());
            let by = ByCode::AnyOf {
                given: given.map(Arc::from).collect(),
                scheme: scheme.map(Arc::from),
            };
            gate(asked, ask(by), homes, |home| {
                let own = at(home).and_then(|at| codes.get(at)).cloned().unwrap_or_default();
                of(&home.key, Test::Code(own))
            })
        }
        (None, Some(at_least)) => {
            if let Some(node) = scheme {
                node.fault("any_of beside it");
            }
            let by = ByCode::AtLeast(at_least.json.as_str().unwrap_or_default().into());
            ordered_codes(asked, &at_least, homes, ask(by))
        }
        (Some(_), Some(node)) => {
            node.fault("any_of or at_least, not both");
            None
        }
        (None, None) => {
            asked.node.fault("any_of or at_least");
            None
        }
    }
}

fn scheme<'a>(asked: &Asked<'_>, node: &Node<'a>, homes: &Homes<'_>) -> Option<&'a str> {
    let given = node.json.as_str();
    let mut schemes: Vec<String> = Vec::new();
    for home in homes.iter().flatten() {
        if let Kind::Code { list } = &home.kind {
            schemes.extend(asked.scope.catalogue.schemes_of(list));
        }
    }
    schemes.dedup();
    let known = given.filter(|given| schemes.iter().any(|scheme| scheme == given));
    if known.is_none() {
        node.fault(format!("one of {}", schemes.join(", ")));
    }
    known
}

/// The codes of each collection that the given ones stand for. Each given one must be known in at least one collection.
fn any_of_codes(asked: &Asked<'_>, node: &Node<'_>, homes: &Homes<'_>, scheme: Option<&str>) -> Option<Vec<Vec<Arc<str>>>> {
    let items = node.items(asked.scope.limits.codes);
    if items.is_empty() {
        node.fault("at least one code");
        return None;
    }
    let mut codes = vec![Vec::new(); homes.len()];
    let mut sound = true;
    for item in &items {
        let code = item.json.as_str().unwrap_or_default();
        let mut refused = None;
        let mut is_known = false;
        for (own, home) in codes.iter_mut().zip(homes) {
            let Some(attribute) = home else { continue };
            match asked.scope.catalogue.resolve_code(attribute, code, scheme) {
                Ok(found) => {
                    is_known = true;
                    own.extend(found);
                }
                Err(error) => refused = Some(error),
            }
        }
        if let Some(error) = refused.filter(|_| !is_known) {
            item.fault(error.expected);
            sound = false;
        }
    }
    for own in &mut codes {
        own.sort();
        own.dedup();
    }
    sound.then_some(codes)
}

fn ordered_codes(asked: &Asked<'_>, node: &Node<'_>, homes: &Homes<'_>, ask: Ask) -> Option<Gate> {
    let code = node.json.as_str().unwrap_or_default();
    for home in homes.iter().flatten() {
        let Kind::Code { list } = &home.kind else { continue };
        let list = asked.scope.catalogue.list(list)?;
        if !list.ordered {
            node.fault(format!("any_of: {} has no order", list.key));
            return None;
        }
        if list.get(code).is_none() {
            node.fault(list.sample());
            return None;
        }
    }
    let at_least = |home: &Arc<Attribute>| match &home.kind {
        Kind::Code { list } => asked.scope.catalogue.list(list).map(|list| list.at_least(code)),
        Kind::Number(_) | Kind::Range(_) | Kind::Flag | Kind::Text { .. } | Kind::Date => None,
    };
    gate(asked, ask, homes, |home| {
        of(&home.key, Test::Code(at_least(home).unwrap_or_default()))
    })
}

fn flag(asked: &Asked<'_>, attribute: &Attribute, homes: &Homes<'_>) -> Option<Gate> {
    let is = asked.node.member("is")?.flag()?;
    let ask = Ask::Flag {
        attribute: attribute.key.clone(),
        is,
    };
    gate(asked, ask, homes, |home| of(&home.key, Test::Flag(is)))
}

fn text(asked: &Asked<'_>, attribute: &Attribute, homes: &Homes<'_>) -> Option<Gate> {
    let part = asked.node.member("contains")?.text(asked.scope.limits.text_chars)?.to_lowercase();
    let ask = Ask::Text {
        attribute: attribute.key.clone(),
    };
    gate(asked, ask, homes, |home| of(&home.key, Test::Contains(part.clone())))
}

fn days(asked: &Asked<'_>, attribute: &Attribute, homes: &Homes<'_>) -> Option<Gate> {
    let bound = |name| match asked.node.member(name) {
        None => Ok(None),
        Some(node) => node.day().map(Some).ok_or(()),
    };
    let (Ok(from), Ok(to)) = (bound("min"), bound("max")) else {
        return None;
    };
    if let (Some(first), Some(last), Some(node)) = (from, to, asked.node.member("max"))
        && first > last
    {
        node.fault(format!("not before min, {first}"));
        return None;
    }
    let ask = Ask::Day {
        attribute: attribute.key.clone(),
        from,
        to,
    };
    gate(asked, ask, homes, |home| of(&home.key, Test::Date { from, to }))
}

fn evidence(asked: &Asked<'_>, attribute: &Attribute, homes: &Homes<'_>) -> Option<Gate> {
    let node = asked.node.member("evidence_days")?;
    let days = node.whole(0, MOST_DAYS)?;
    let on = |home: Option<&Arc<Attribute>>| if home.is_some() { On::Each } else { On::NotAsked };
    Some(Gate {
        path: node.path.clone(),
        about: Arc::clone(&attribute.key.0),
        unknown: asked.unknown,
        ask: Ask::Evidence {
            attribute: attribute.key.clone(),
            days: u32::try_from(days).ok()?,
        },
        on: homes.iter().copied().map(on).collect(),
    })
}
