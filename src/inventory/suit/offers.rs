//! What would admit more: for each gate, values of its bounds, codes to add, or leaving it out, with exact counts.
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;
use serde_json::{Value as Json, json};

use crate::domain::catalogue::{Attribute, Catalogue, Code, CodeList, Kind};
use crate::domain::ids::AttributeKey;
use crate::index::Cell;
use crate::suitability::relax::{Needed, Offer, Side, offers};
use crate::suitability::requirement::{Ask, Bound, ByCode, Gate, NetArea, Relation, Unit};
use crate::suitability::tally;

use super::places::Measured;
use super::sets::Sets;
use super::{Place, SuitError, Work};

/// Codes offered for one gate.
const MOST_CODES: usize = 5;

/// Carriers that something admits, and those that would then be open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Count {
    adds: usize,
    opens: usize,
}

impl Count {
    pub(super) fn add(&mut self, is_open: bool) {
        if is_open {
            self.opens += 1;
        } else {
            self.adds += 1;
        }
    }
}

impl Count {
    /// Rows of a bitmap, some of which are open.
    fn add_all(&mut self, rows: &[u64], open: &[u64]) {
        let opens: usize = rows.iter().zip(open).map(|(row, open)| (row & open).count_ones() as usize).sum();
        self.opens += opens;
        self.adds += tally::count(rows) - opens;
    }
}

impl Work<'_> {
    /// All relaxations, gate by gate; those that move a bound before leaving the gate out.
    pub(super) fn relaxations(&self) -> Result<Vec<Json>, SuitError> {
        let each = (0..self.asked.gates.len()).map(|gate| self.relaxations_of(gate));
        Ok(each.collect::<Result<Vec<_>, _>>()?.concat())
    }

    fn relaxations_of(&self, number: usize) -> Result<Vec<Json>, SuitError> {
        let gate = &self.asked.gates[number];
        let without = self.without(number);
        if without == Count::default() {
            return Ok(Vec::new());
        }
        let mut found = match &gate.ask {
            Ask::Number { min, max, unit, .. } => self.number_offers(number, (*min, *max), unit),
            Ask::Day { from, to, .. } => self.day_offers(number, (*from, *to)),
            Ask::AvailableBy { .. } => {
                let needed = self.failing(number).map(|(place, open)| {
                    let admits = self.opening(place).and_then(|opening| opening.day);
                    let eases = if admits.is_none() { self.open_from(place) } else { None };
                    NeededDay { admits, eases, open }
                });
                days(gate, "available_by", (Side::Max, needed.collect()))
            }
            Ask::Codes { attribute, by } => self.code_offers(number, attribute, by),
            Ask::Evidence { .. } => self.measured_offers(number, (gate.path.clone(), "days"), Side::Max),
            Ask::Place(place) => self.distance_offers(number, place.relation),
            Ask::NetArea(net) => [self.net_offers(number, net), self.net_setbacks(number, net)?].concat(),
            Ask::Fits(fits) => [self.hall_offers(number, fits)?, self.hall_setbacks(number, fits)?].concat(),
            Ask::Flag { .. } | Ask::Text { .. } => Vec::new(),
        };
        found.extend(self.accepting(number));
        found.push(offered(gate, json!({"without": true}), without));
        Ok(found)
    }

    /// Carriers that fail this gate and no other, each with whether it is open in another.
    pub(super) fn failing(&self, gate: usize) -> impl Iterator<Item = (Place, bool)> + '_ {
        self.places(move |sets| &sets.tally.only[gate]).map(move |place| {
            let sets = &self.parts[place.part].sets;
            (place, sets.live.is_among(&sets.tally.once_open, place.row))
        })
    }

    fn without(&self, gate: usize) -> Count {
        let mut count = Count::default();
        for part in &self.parts {
            count.add_all(&part.sets.tally.only[gate], &part.sets.tally.once_open);
        }
        count
    }

    /// Where unknown is refused: taking it as passed.
    fn accepting(&self, number: usize) -> Option<Json> {
        let gate = &self.asked.gates[number];
        // The rule is that of the whole need: where it has two gates, this one's count would not be what changing the rule does.
        let of_need = self.asked.gates.iter().filter(|other| need_of(&other.path) == need_of(&gate.path));
        if of_need.count() > 1 {
            return None;
        }
        let mut count = Count::default();
        for Sets { tally, verdicts, .. } in self.parts.iter().map(|part| &part.sets) {
            let unknown = tally.only[number].iter().zip(verdicts[number].unknown.words());
            let unknown: Vec<u64> = unknown.map(|(only, unknown)| only & unknown).collect();
            count.add_all(&unknown, &tally.once_open);
        }
        let member = format!("{}.unknown", need_of(&gate.path));
        (count != Count::default()).then(|| offered(gate, json!({"member": member, "to": "accept"}), count))
    }

    fn number_offers(&self, number: usize, (min, max): (Option<Bound>, Option<Bound>), unit: &Unit) -> Vec<Json> {
        let gate = &self.asked.gates[number];
        let (mut below, mut above) = (Vec::new(), Vec::new());
        for (place, open) in self.failing(number) {
            let Some([hard, easy]) = self.spans(number, place) else { continue };
            let at_high = Needed {
                eases: Some(easy.high),
                open,
                ..Needed::at(hard.high, hard.high_closed)
            };
            let at_low = Needed {
                eases: Some(easy.low),
                open,
                ..Needed::at(hard.low, hard.low_closed)
            };
            match min.filter(|bound| !Side::Min.admits(bound.base, &at_high)) {
                Some(_) => below.push(at_high),
                None => above.push(at_low),
            }
        }
        bound_offers(gate, unit, [(min, below), (max, above)], "")
    }

    fn net_offers(&self, number: usize, net: &NetArea) -> Vec<Json> {
        let known = self.failing(number).filter_map(|(place, open)| {
            let net_m2 = self.net_m2(net.setback_m, place)?;
            Some(Needed {
                open,
                ..Needed::at(net_m2, true)
            })
        });
        let is_below = |needed: &Needed| net.min.is_some_and(|bound| needed.value < bound.base);
        let (below, above): (Vec<_>, Vec<_>) = known.partition(is_below);
        let gate = &self.asked.gates[number];
        bound_offers(gate, &net.unit, [(net.min, below), (net.max, above)], "net_area.")
    }

    fn distance_offers(&self, number: usize, relation: Relation) -> Vec<Json> {
        let Relation::Distance { min_m, max_m } = relation else {
            return Vec::new();
        };
        let member = |name: &str| member(&self.asked.gates[number], &format!("distance.{name}"));
        let offers = |bound: Option<f64>, name, side| bound.map(|_| self.measured_offers(number, (member(name), "m"), side));
        let found = [offers(min_m, "min_m", Side::Min), offers(max_m, "max_m", Side::Max)];
        found.into_iter().flatten().flatten().collect()
    }

    /// Offers for what was measured row by row; of two bounds, each gets the carriers that miss this one.
    fn measured_offers(&self, number: usize, (member, unit): (String, &str), side: Side) -> Vec<Json> {
        let gate = &self.asked.gates[number];
        let needed = self.failing(number).filter_map(|(place, open)| {
            let (Measured::Metres(value) | Measured::Share(value) | Measured::Days(value)) = self.measured(number, place)?;
            let misses = match gate.ask.ends_m() {
                Some((Some(min), Some(max))) => (side == Side::Min && value < min) || (side == Side::Max && value > max),
                Some(_) | None => true,
            };
            misses.then_some(Needed {
                open,
                ..Needed::at(value, true)
            })
        });
        let offer = |offer: Offer| {
            let count = Count {
                adds: offer.adds,
                opens: offer.opens,
            };
            let to = if unit == "days" { json!(whole(offer.to)) } else { json!(offer.to) };
            offered(gate, json!({"member": member, "to": to, "unit": unit}), count)
        };
        offers(side, 1.0, needed.collect()).into_iter().map(offer).collect()
    }

    fn day_offers(&self, number: usize, (from, to): (Option<Date>, Option<Date>)) -> Vec<Json> {
        let gate = &self.asked.gates[number];
        let needed = self.failing(number).filter_map(|(place, open)| {
            let admits = Some(self.day(number, place)?);
            Some(NeededDay { admits, eases: None, open })
        });
        let before = |needed: &NeededDay| from.is_some_and(|from| needed.admits.is_some_and(|day| day < from));
        let (early, late): (Vec<_>, Vec<_>) = needed.partition(before);
        let mut all = if from.is_some() {
            days(gate, "min", (Side::Min, early))
        } else {
            Vec::new()
        };
        if to.is_some() {
            all.extend(days(gate, "max", (Side::Max, late)));
        }
        all
    }

    /// By collection and code, carriers that fail this gate and no other.
    fn codes_had(&self, number: usize) -> BTreeMap<(usize, Arc<str>), Count> {
        let mut by_position: BTreeMap<(usize, u16), Count> = BTreeMap::new();
        for (place, open) in self.failing(number) {
            if let Some(Cell::Code(code)) = self.cell(number, place) {
                by_position.entry((place.part, code)).or_default().add(open);
            }
        }
        let text = |(part, position): (usize, u16)| Some((part, self.parts[part].reads.code(number, position)?));
        by_position.into_iter().filter_map(|(at, count)| Some((text(at)?, count))).collect()
    }

    /// Codes to add: in the scheme that was asked in, with what each of them stands for; of an ordered list the next classes that admit some.
    fn code_offers(&self, number: usize, attribute: &AttributeKey, by: &ByCode) -> Vec<Json> {
        let gate = &self.asked.gates[number];
        let catalogue = self.eyes.catalogue();
        let has = self.codes_had(number);
        let home = |part: usize| catalogue.attribute(self.asked.seeks[part].as_str(), attribute.as_str());
        let nearest = has.keys().filter_map(|(part, code)| nearest(catalogue, home(*part)?, by, code));
        let offers = nearest.collect::<BTreeSet<_>>().into_iter().map(|offer| {
            let mut sum = Count::default();
            for ((part, code), count) in &has {
                if home(*part).is_some_and(|home| admits(catalogue, home, by, (&offer, code))) {
                    sum.adds += count.adds;
                    sum.opens += count.opens;
                }
            }
            (offer, sum)
        });
        let mut offers: Vec<(Arc<str>, Count)> = offers.collect();
        offers.sort_by(|(one, first), (two, second)| (second.adds, second.opens, one).cmp(&(first.adds, first.opens, two)));
        let offer = |(code, count): (Arc<str>, Count)| match by {
            ByCode::AnyOf { .. } => offered(gate, json!({"member": member(gate, "any_of"), "add": code}), count),
            ByCode::AtLeast(_) => offered(gate, json!({"member": member(gate, "at_least"), "to": code}), count),
        };
        offers.into_iter().take(MOST_CODES).map(offer).collect()
    }
}

/// Whether asking for one code would pass a carrier that has another.
fn admits(catalogue: &Catalogue, home: &Attribute, by: &ByCode, (asked, has): (&Arc<str>, &Arc<str>)) -> bool {
    match by {
        ByCode::AnyOf { scheme, .. } => catalogue
            .resolve_code(home, asked, scheme.as_deref())
            .is_ok_and(|found| found.contains(has)),
        ByCode::AtLeast(_) => list_of(catalogue, home).is_some_and(|list| list.at_least(asked).contains(has)),
    }
}

/// The narrowest code that would pass a carrier with this one: the code itself, or its counterpart in the scheme that was asked in.
fn nearest(catalogue: &Catalogue, home: &Attribute, by: &ByCode, has: &Arc<str>) -> Option<Arc<str>> {
    let own = list_of(catalogue, home)?;
    let ByCode::AnyOf { scheme: Some(scheme), .. } = by else {
        return Some(Arc::clone(has));
    };
    if *scheme == own.key {
        return Some(Arc::clone(has));
    }
    let stand_for = |code: &Code| catalogue.resolve_code(home, &code.code, Some(scheme)).ok();
    let codes = catalogue.list(scheme)?.codes.iter();
    let found = codes
        .filter_map(|code| Some((code, stand_for(code)?)))
        .filter(|(_, codes)| codes.contains(has));
    found.min_by_key(|(_, codes)| codes.len()).map(|(code, _)| Arc::clone(&code.code))
}

fn list_of<'a>(catalogue: &'a Catalogue, home: &Attribute) -> Option<&'a Arc<CodeList>> {
    match &home.kind {
        Kind::Code { list } => catalogue.list(list),
        Kind::Number(_) | Kind::Range(_) | Kind::Flag | Kind::Text { .. } | Kind::Date => None,
    }
}

/// A bound with the carriers that miss it.
type Missed = (Option<Bound>, Vec<Needed>);

/// Offers for a lower and an upper bound, `within` leads from the gate to the members.
fn bound_offers(gate: &Gate, unit: &Unit, bounds: [Missed; 2], within: &str) -> Vec<Json> {
    let of_side = |((name, side), (bound, needed)): ((&str, Side), Missed)| {
        let found = bound.map(|_| offers(side, unit.factor, needed)).unwrap_or_default();
        let offer = |offer: Offer| {
            let count = Count {
                adds: offer.adds,
                opens: offer.opens,
            };
            let unit = (!unit.key.is_empty()).then_some(&unit.key);
            offered(
                gate,
                json!({"member": member(gate, &format!("{within}{name}")), "to": offer.to, "unit": unit}),
                count,
            )
        };
        found.into_iter().map(offer).collect::<Vec<_>>()
    };
    [("min", Side::Min), ("max", Side::Max)]
        .into_iter()
        .zip(bounds)
        .flat_map(of_side)
        .collect()
}

/// At which number of carriers a day is offered.
const DAY_TARGETS: [usize; 3] = [1, 5, 20];

/// What a day must reach for a carrier.
#[derive(Clone, Copy)]
struct NeededDay {
    /// To be admitted, if any day does it.
    admits: Option<Date>,
    /// To be unknown instead of failing.
    eases: Option<Date>,
    /// Whether the carrier is unknown in another gate.
    open: bool,
}

fn days(gate: &Gate, name: &str, (side, needed): (Side, Vec<NeededDay>)) -> Vec<Json> {
    let mut order: Vec<Date> = needed.iter().filter_map(|needed| needed.admits.or(needed.eases)).collect();
    let nearer = |one: &Date, two: &Date| match side {
        Side::Min => two.cmp(one),
        Side::Max => one.cmp(two),
    };
    // Only the nearest few are looked at.
    let most = DAY_TARGETS[DAY_TARGETS.len() - 1];
    if order.len() > most {
        order.select_nth_unstable_by(most - 1, nearer);
        order.truncate(most);
    }
    order.sort_unstable_by(nearer);
    let mut found: Vec<(Date, Json)> = Vec::new();
    for to in DAY_TARGETS.iter().filter_map(|target| order.get(target - 1)) {
        if found.iter().any(|(known, _)| known == to) {
            continue;
        }
        let reached = |day: Option<Date>| {
            day.is_some_and(|day| match side {
                Side::Min => day >= *to,
                Side::Max => day <= *to,
            })
        };
        let mut count = Count::default();
        for needed in &needed {
            if reached(needed.admits) {
                count.add(needed.open);
            } else if reached(needed.eases) {
                count.add(true);
            }
        }
        found.push((
            *to,
            offered(gate, json!({"member": member(gate, name), "to": to.to_string()}), count),
        ));
    }
    found.into_iter().map(|(_, json)| json).collect()
}

/// Path of the member that holds a bound. A veto is itself the bound.
fn member(gate: &Gate, name: &str) -> String {
    if gate.path.starts_with("wishes") {
        gate.path.clone()
    } else {
        format!("{}.{name}", gate.path)
    }
}

/// Days are whole: so many, or the next.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates; ages are some thousand days"
)]
fn whole(days: f64) -> u64 {
    days.ceil() as u64
}

/// `needs[2]` of `needs[2].evidence_days`.
fn need_of(path: &str) -> &str {
    path.split('.').next().unwrap_or(path)
}

pub(super) fn offered(gate: &Gate, mut what: Json, count: Count) -> Json {
    what["gate"] = json!(gate.path);
    what["about"] = json!(gate.about);
    what["adds"] = json!(count.adds);
    what["opens"] = json!(count.opens);
    what
}
