//! `wishes`: what gives points, with which weight.
use std::sync::Arc;

use super::needs::{Asked, Homes};
use super::places::{FARTHEST_M, overlay};
use super::reading::Node;
use super::{Ask, Bound, Gate, On, Place, Relation, Scope, Unit, Valued, Wish, tests_of};
use crate::domain::catalogue::{Attribute, Kind};
use crate::domain::ids::{AttributeKey, CollectionKey};
use crate::domain::query::{Filter, Test};
use crate::suitability::tally::Unknown;
use crate::suitability::{Curve, Scale, pairwise};

/// Largest weight that can be given.
const HEAVIEST: f64 = 1e6;

/// What all wishes come to.
pub(super) struct Wished {
    pub wishes: Vec<Wish>,
    pub scale: Scale,
    pub consistency: Option<f64>,
    /// Gates made of vetoes.
    pub vetoes: Vec<Gate>,
}

pub(super) fn read(scope: &Scope<'_>, root: &Node<'_>, seeks: &[CollectionKey]) -> Option<Wished> {
    let items = root
        .member("wishes")
        .map(|node| node.items(scope.limits.wishes))
        .unwrap_or_default();
    let (mut wishes, mut weights, mut vetoes) = (Vec::new(), Vec::new(), Vec::new());
    for node in &items {
        let asked = Asked::new(scope, node, seeks);
        let weight = match node.member("weight") {
            None => Some(1.0),
            Some(node) => node.number_from(0.0, HEAVIEST),
        };
        let (Some(wish), Some(weight)) = (wish(&asked), weight) else {
            continue;
        };
        vetoes.extend(veto(&asked, &wish));
        wishes.push(wish);
        weights.push(weight);
    }
    let compared = match root.member("compare") {
        None => None,
        Some(node) => Some(compared(&node, &items)?),
    };
    let scale = Scale::new(compared.as_ref().map_or(&weights, |compared| &compared.weights));
    if scale.is_none()
        && let Some(node) = root.member("wishes")
    {
        node.fault_given("weights of 0", "at least one weight above 0");
    }
    Some(Wished {
        wishes,
        scale: scale?,
        consistency: compared.map(|compared| compared.ratio),
        vetoes,
    })
}

/// Comparisons of the wishes, row over column. What stands above the diagonal is read; below it must stand the contrary.
fn compared(node: &Node<'_>, wishes: &[Node<'_>]) -> Option<pairwise::Weights> {
    let count = wishes.len();
    let rows: Vec<Vec<Node<'_>>> = node.items(count).iter().map(|row| row.items(count)).collect();
    if count == 0 || rows.len() != count || rows.iter().any(|row| row.len() != count) {
        node.fault(format!("{count} rows of {count} numbers, one for each wish"));
        return None;
    }
    if let Some(weight) = wishes.iter().find_map(|wish| wish.member("weight")) {
        weight.fault("no weight beside compare");
    }
    let read: Vec<Vec<Option<f64>>> = rows.iter().map(|row| row.iter().map(comparison).collect()).collect();
    let matrix: Vec<Vec<f64>> = read.into_iter().map(|row| row.into_iter().collect()).collect::<Option<_>>()?;
    for (row, column) in (0..count).flat_map(|row| (0..=row).map(move |column| (row, column))) {
        let contrary = 1.0 / matrix[column][row];
        if (matrix[row][column] - contrary).abs() > ROUGHLY * contrary {
            rows[row][column].fault(format!("{contrary:.3}, the contrary of row {column}, column {row}"));
            return None;
        }
    }
    Some(pairwise::weights(&matrix))
}

/// How far a comparison may be from one over its contrary, as a share: `0.33` is taken for `1/3`.
const ROUGHLY: f64 = 0.02;

/// 1/9 to 9, as a number or a fraction of two.
fn comparison(node: &Node<'_>) -> Option<f64> {
    const MOST: f64 = 9.0;
    let fraction = |text: &str| {
        let (above, below) = text.split_once('/')?;
        Some(above.trim().parse::<f64>().ok()? / below.trim().parse::<f64>().ok()?)
    };
    let value = node.json.as_f64().or_else(|| node.json.as_str().and_then(fraction));
    let value = value.filter(|value| (1.0 / MOST - 1e-9..=MOST).contains(value));
    if value.is_none() {
        node.fault("a comparison from 1/9 to 9, as a number or a fraction such as \"1/3\"");
    }
    value
}

fn wish(asked: &Asked<'_>) -> Option<Wish> {
    let (has_attribute, has_distance) = (asked.node.member("attribute"), asked.node.member("distance"));
    match (has_attribute, has_distance) {
        (Some(node), None) => of_attribute(asked, &node),
        (None, Some(node)) => of_distance(asked, &node),
        (Some(_), Some(_)) | (None, None) => {
            asked.node.fault("exactly one of attribute, distance");
            None
        }
    }
}

fn of_attribute(asked: &Asked<'_>, at: &Node<'_>) -> Option<Wish> {
    let (attribute, homes) = asked.homes(at)?;
    let shared = ["attribute", "weight", "for"];
    let (of, curve, unit) = match &attribute.kind {
        Kind::Number(measure) | Kind::Range(measure) => {
            let own = ["worst", "best", "target", "tolerance", "trapezoid", "veto", "unknown", "unit"];
            asked.node.object(&[&own[..], &shared].concat())?;
            let unit = tests_of::unit(asked.scope.catalogue, asked.node, measure)?;
            let curve = curve(asked.node, ["worst", "best"], |node| {
                node.number().map(|number| number * unit.factor)
            })?;
            (Valued::Number(attribute.key.clone()), curve, unit)
        }
        Kind::Date => {
            asked
                .node
                .object(&[&["worst", "best", "trapezoid", "veto", "unknown"][..], &shared].concat())?;
            let curve = curve(asked.node, ["worst", "best"], |node| node.day().map(days_of))?;
            (Valued::Number(attribute.key.clone()), curve, plain())
        }
        Kind::Code { .. } => {
            asked.node.object(&[&["prefer"][..], &shared].concat())?;
            (preferred_codes(asked, attribute, &homes)?, step()?, plain())
        }
        Kind::Flag => {
            asked.node.object(&[&["prefer"][..], &shared].concat())?;
            let prefer = asked.node.member("prefer").map_or(Some(true), |node| node.flag())?;
            (Valued::Flag(attribute.key.clone(), prefer), step()?, plain())
        }
        Kind::Text { .. } => {
            at.fault("an attribute that can be valued; this one is a text");
            return None;
        }
    };
    Some(Wish {
        path: asked.node.path.clone(),
        about: Arc::clone(&attribute.key.0),
        of,
        curve,
        unit,
        on: homes.iter().map(Option::is_some).collect(),
    })
}

/// 0 for no, 1 for yes.
fn step() -> Option<Curve> {
    Curve::between(0.0, 1.0)
}

fn plain() -> Unit {
    Unit {
        key: "".into(),
        factor: 1.0,
        decimals: 0,
    }
}

fn preferred_codes(asked: &Asked<'_>, attribute: &Attribute, homes: &Homes<'_>) -> Option<Valued> {
    let Some(node) = asked.node.member("prefer") else {
        asked.node.fault("prefer, a list of codes");
        return None;
    };
    let mut codes = Vec::new();
    for item in node.items(asked.scope.limits.codes) {
        let code = item.json.as_str().unwrap_or_default();
        let resolve = |home: &Arc<Attribute>| asked.scope.catalogue.resolve_code(home, code, None);
        let found: Vec<_> = homes.iter().flatten().map(|home| resolve(home)).collect();
        match found.iter().find_map(|found| found.as_ref().ok()) {
            Some(_) => codes.extend(found.into_iter().flatten().flatten()),
            None => found
                .into_iter()
                .find_map(Result::err)
                .into_iter()
                .for_each(|error| item.fault(error.expected)),
        }
    }
    codes.sort();
    codes.dedup();
    Some(Valued::Codes(attribute.key.clone(), codes))
}

fn of_distance(asked: &Asked<'_>, node: &Node<'_>) -> Option<Wish> {
    let own = ["distance", "worst_m", "best_m", "veto_m", "unknown", "weight", "for"];
    asked.node.object(&own)?;
    node.object(&["overlay"])?;
    let overlay = overlay(asked, node)?;
    let curve = curve(asked.node, ["worst_m", "best_m"], |node| node.number_from(0.0, FARTHEST_M))?;
    Some(Wish {
        path: asked.node.path.clone(),
        about: "distance".into(),
        of: Valued::Distance(overlay),
        curve,
        unit: Unit {
            key: "m".into(),
            ..plain()
        },
        on: asked.seeks.iter().map(|collection| asked.of.contains(collection)).collect(),
    })
}

/// One of the three forms: worst and best, target and tolerance, four anchors.
fn curve(node: &Node<'_>, [worst, best]: [&str; 2], read: impl Fn(&Node<'_>) -> Option<f64>) -> Option<Curve> {
    let given = |name: &str| node.member(name);
    match (given(worst), given(best), given("target"), given("tolerance"), given("trapezoid")) {
        (Some(from), Some(to), None, None, None) => {
            let (from, to_value) = (read(&from), read(&to));
            let curve = Curve::between(from?, to_value?);
            if curve.is_none() {
                to.fault(format!("another value than {worst}"));
            }
            curve
        }
        (None, None, Some(target), Some(tolerance), None) => {
            let (target, distance) = (read(&target), read(&tolerance));
            let curve = Curve::near(target?, distance?);
            if curve.is_none() {
                tolerance.fault("a number above 0");
            }
            curve
        }
        (None, None, None, None, Some(anchors)) => {
            let items = anchors.items(4);
            let values: Vec<Option<f64>> = items.iter().map(&read).collect();
            let values: Vec<f64> = values.into_iter().collect::<Option<_>>()?;
            let curve = <[f64; 4]>::try_from(values).ok().and_then(Curve::trapezoid);
            if curve.is_none() {
                anchors.fault("four values in rising order: nothing from, all from, all to, nothing from");
            }
            curve
        }
        _ => {
            node.fault(format!("{worst} and {best}, or target and tolerance, or trapezoid"));
            None
        }
    }
}

/// Days since 1970-01-01, as columns hold them.
pub(super) fn days_of(day: jiff::civil::Date) -> f64 {
    const EPOCH: jiff::civil::Date = jiff::civil::date(1970, 1, 1);
    const DAY_HOURS: i64 = 24;
    (day.duration_since(EPOCH).as_hours() / DAY_HOURS) as f64
}

/// A veto is a gate: a value worse than it excludes the carrier, whatever its other points. An unknown value does not, unless the wish says so.
fn veto(asked: &Asked<'_>, wish: &Wish) -> Option<Gate> {
    let node = asked.node.member("veto").or_else(|| asked.node.member("veto_m"))?;
    let [zero_from, .., zero_to] = wish.curve.anchors();
    let keep = match (zero_from.is_finite(), zero_to.is_finite()) {
        (true, false) => Keep::Above,
        (false, true) => Keep::Below,
        (true, true) | (false, false) => {
            node.fault("a veto beside worst and best only");
            return None;
        }
    };
    let (ask, on) = match &wish.of {
        Valued::Distance(overlay) => {
            let (min_m, max_m) = keep.ends(node.number_from(0.0, FARTHEST_M)?);
            let place = Place {
                overlay: overlay.clone(),
                relation: Relation::Distance { min_m, max_m },
            };
            (Ask::Place(place), On::Each)
        }
        Valued::Number(attribute) => {
            let is_day = asked.node.member("worst").is_some_and(|node| node.json.is_string());
            let (ask, test) = if is_day {
                day_veto(&node, attribute, keep)?
            } else {
                number_veto(&node, attribute, (&wish.unit, keep))?
            };
            let attribute = attribute.clone();
            (ask, On::Filter(Filter::Test { attribute, test }))
        }
        Valued::Codes(..) | Valued::Flag(..) => return None,
    };
    Some(Gate {
        path: node.path.clone(),
        about: Arc::clone(&wish.about),
        unknown: asked.node.member("unknown").map_or(Unknown::Accept, |_| asked.unknown),
        ask,
        on: wish.on.iter().map(|asked| if *asked { on.clone() } else { On::NotAsked }).collect(),
    })
}

/// Which side of a veto a carrier must be on.
#[derive(Clone, Copy)]
enum Keep {
    Above,
    Below,
}

impl Keep {
    /// The veto as a lower or upper bound.
    fn ends<T>(self, veto: T) -> (Option<T>, Option<T>) {
        match self {
            Self::Above => (Some(veto), None),
            Self::Below => (None, Some(veto)),
        }
    }
}

fn day_veto(node: &Node<'_>, attribute: &AttributeKey, keep: Keep) -> Option<(Ask, Test)> {
    let (from, to) = keep.ends(node.day()?);
    let attribute = attribute.clone();
    Some((Ask::Day { attribute, from, to }, Test::Date { from, to }))
}

fn number_veto(node: &Node<'_>, attribute: &AttributeKey, (unit, keep): (&Unit, Keep)) -> Option<(Ask, Test)> {
    let asked = node.number()?;
    let base = asked * unit.factor;
    let (min, max) = keep.ends(Bound { asked, base });
    let ask = Ask::Number {
        attribute: attribute.clone(),
        min,
        max,
        unit: unit.clone(),
        tax: None,
    };
    let (low, high) = keep.ends(base);
    Some((ask, Test::Number { min: low, max: high }))
}
