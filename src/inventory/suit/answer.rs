//! The answer as JSON.
use serde_json::{Value as Json, json};

use crate::domain::ids::AttributeKey;
use crate::domain::value::Value;
use crate::index::Row;
use crate::suitability::requirement::{Ask, Gate, NetArea, On, Unit, Valued};
use crate::suitability::{Scored, tally};

use super::assembly::{Site, Sites};
use super::gaps::Miss;
use super::places::outlined;
use super::{Place, SuitError, Work, why};

/// Something in the order of results.
enum Entry<'a> {
    Single(&'a Scored<'a, Place>),
    Site(&'a Site),
}

/// What the order and its reasons are made of.
pub(super) struct Standing<'a> {
    pub code: &'a str,
    pub score: f64,
    pub worths: &'a [f64],
}

impl Entry<'_> {
    fn standing(&self) -> Standing<'_> {
        match self {
            Self::Single(scored) => Standing::of(scored),
            Self::Site(site) => site.standing(),
        }
    }
}

impl<'a> Standing<'a> {
    pub(super) fn of(scored: &'a Scored<'a, Place>) -> Self {
        Self {
            code: scored.code,
            score: scored.score,
            worths: &scored.worths,
        }
    }

    /// Higher score first, then the lower code.
    pub(super) fn order(&self, other: &Standing<'_>) -> std::cmp::Ordering {
        other.score.total_cmp(&self.score).then_with(|| self.code.cmp(other.code))
    }
}

impl Work<'_> {
    pub(super) fn answer(&self) -> Result<Json, SuitError> {
        let (limit, parts) = (self.asked.limit, self.asked.parts);
        let compared = if parts.robustness { why::MOST_COMPARED } else { 0 };
        let matched = self.best(self.places(|sets| &sets.tally.matched), limit.max(compared));
        let open = self.best(self.places(|sets| &sets.tally.open), limit);
        let sites = self.sites()?;
        let mut answer = json!({
            "revision": self.eyes.revision(),
            "name": self.asked.name,
            "industry": self.asked.industry,
            "as_of": self.as_of.to_string(),
            "counts": self.counts(),
            "gates": self.gates_json(),
            "wishes": self.wishes_json(),
            "results": self.results(&matched, sites.as_ref()),
            "unknowns": open.iter().map(|scored| self.item(scored)).collect::<Vec<_>>(),
            "consistency": self.consistency(),
        });
        if let Some(sites) = &sites {
            answer["assemblies"] = self.sites_json(sites);
        }
        if parts.near_misses {
            let misses = self.near_misses()?;
            answer["near_misses"] = misses.iter().map(|(scored, miss)| self.near_json(scored, miss)).collect();
        }
        if parts.relaxations {
            answer["relaxations"] = json!(self.relaxations()?);
        }
        if parts.facets {
            answer["facets"] = self.facets();
        }
        if parts.robustness {
            answer["robustness"] = self.robustness(&matched, sites.as_ref());
        }
        answer["warnings"] = json!(self.warnings());
        Ok(answer)
    }

    fn counts(&self) -> Json {
        let sum = |words: &dyn Fn(&super::Sets) -> usize| self.parts.iter().map(|part| words(&part.sets)).sum::<usize>();
        let sought = sum(&|sets| sets.live.count());
        let matched = sum(&|sets| tally::count(&sets.tally.matched));
        let unknown = sum(&|sets| tally::count(&sets.tally.open));
        json!({
            "sought": sought,
            "matched": matched,
            "unknown": unknown,
            "excluded": sought - matched - unknown,
            "near_misses": sum(&|sets| tally::count(&sets.tally.once)),
        })
    }

    fn gates_json(&self) -> Vec<Json> {
        let only = |gate: usize| {
            let parts = self.parts.iter();
            parts.map(|part| tally::count(&part.sets.tally.only[gate])).sum::<usize>()
        };
        let gate = |(number, gate): (usize, &Gate)| {
            let not_asked: Vec<_> = self
                .asked
                .seeks
                .iter()
                .zip(&gate.on)
                .filter(|(_, on)| matches!(on, On::NotAsked))
                .map(|(collection, _)| collection)
                .collect();
            json!({"gate": gate.path, "about": gate.about, "unit": gate_unit(gate), "only": only(number), "not_asked_of": not_asked})
        };
        self.asked.gates.iter().enumerate().map(gate).collect()
    }

    fn wishes_json(&self) -> Vec<Json> {
        let finite = |anchor: f64, unit: &Unit| anchor.is_finite().then_some(anchor / unit.factor);
        let wishes = self.asked.wishes.iter().zip(self.asked.scale.weights());
        wishes
            .map(|(wish, weight)| {
                let anchors: Vec<_> = wish.curve.anchors().iter().map(|anchor| finite(*anchor, &wish.unit)).collect();
                let unit = (!wish.unit.key.is_empty()).then_some(&wish.unit.key);
                json!({"wish": wish.path, "about": wish.about, "weight": weight, "unit": unit, "anchors": anchors})
            })
            .collect()
    }

    /// Carriers and sets of parcels in one order, each with what it has before the one behind it among those listed.
    fn results(&self, matched: &[Scored<'_, Place>], sites: Option<&Sites>) -> Vec<Json> {
        let singles = matched.iter().take(self.asked.limit).map(Entry::Single);
        let sites = sites.into_iter().flat_map(|sites| &sites.found).map(Entry::Site);
        let mut all: Vec<Entry<'_>> = singles.chain(sites).collect();
        all.sort_by(|one, two| one.standing().order(&two.standing()));
        all.truncate(self.asked.limit);
        let item = |(at, entry): (usize, &Entry<'_>)| {
            let mut item = match entry {
                Entry::Single(scored) => self.item(scored),
                Entry::Site(site) => self.site_json(site),
            };
            item["rank"] = json!(at + 1);
            let next = all.get(at + 1).map(Entry::standing);
            item["beats"] = next.map_or(Json::Null, |next| self.beats(&entry.standing(), &next));
            item
        };
        all.iter().enumerate().map(item).collect()
    }

    /// What is said of every carrier that is listed.
    fn item(&self, scored: &Scored<'_, Place>) -> Json {
        let place = scored.carrier;
        let row = self.snapshot.row(place.row);
        let name = AttributeKey::from("name");
        let shown = self.eyes.sees_field(row.collection().as_str(), &name);
        let outlined = outlined(self.snapshot, place.row).map(|at| self.snapshot.row(at));
        let bounds = outlined
            .and_then(|outlined| outlined.bounds())
            .map(|bounds| [bounds.min().x, bounds.min().y, bounds.max().x, bounds.max().y]);
        json!({
            "code": row.code(),
            "id": row.id(),
            "collection": row.collection(),
            "name": row.text_of(&name).filter(|_| shown),
            "bbox": bounds,
            "score": scored.score,
            "points": self.points(&row, scored),
            "gates": self.states(&row, place),
        })
    }

    pub(super) fn points(&self, row: &Row<'_>, scored: &Scored<'_, Place>) -> Vec<Json> {
        let points = self.asked.scale.points(&scored.worths);
        let each = self.asked.wishes.iter().zip(points).zip(&scored.worths);
        each.map(|((wish, points), worth)| {
            let asked = wish.on[scored.carrier.part];
            let value = match &wish.of {
                Valued::Number(key) | Valued::Codes(key, _) | Valued::Flag(key, _) => {
                    row.value(key).map(|value| in_unit(&value, &wish.unit))
                }
                Valued::Distance(overlay) => self.grounds.distance_m(overlay, scored.carrier.row).map(|metres| json!(metres)),
                Valued::NetArea { setback_m } => self
                    .net_m2(*setback_m, scored.carrier)
                    .map(|net_m2| json!(net_m2 / wish.unit.factor)),
            };
            let value = value.filter(|_| asked);
            let state = match (asked, &value) {
                (false, _) => "not_asked",
                (true, None) => "unknown",
                (true, Some(_)) => "known",
            };
            let mut point = json!({
                "wish": wish.path, "about": wish.about, "points": points, "worth": worth, "state": state, "value": value,
                "unit": (!wish.unit.key.is_empty()).then_some(&wish.unit.key),
            });
            add_source(row, wish.of.attribute().filter(|_| asked), &mut point);
            point
        })
        .collect()
    }

    pub(super) fn states(&self, row: &Row<'_>, place: Place) -> Vec<Json> {
        let sets = &self.parts[place.part].sets;
        let each = self.asked.gates.iter().enumerate().zip(&sets.verdicts);
        each.map(|((number, gate), judged)| {
            let state = if matches!(gate.on[place.part], On::NotAsked) {
                "not_asked"
            } else if judged.passed.contains(place.row) {
                "pass"
            } else if judged.unknown.contains(place.row) {
                "unknown"
            } else {
                "fail"
            };
            let measured = sets.measured[number].get(&place.row);
            let value = || gate.attribute().and_then(|key| row.value(key));
            let (value, unit) = match (&gate.ask, measured) {
                _ if state == "not_asked" => (Json::Null, None),
                (_, Some(measured)) => (measured.json(), Some(measured.unit())),
                (Ask::Number { unit, .. }, None) => (value().map_or(Json::Null, |value| in_unit(&value, unit)), gate_unit(gate)),
                (_, None) => (value().as_ref().map_or(Json::Null, Value::to_json), gate_unit(gate)),
            };
            let mut json = json!({"gate": gate.path, "about": gate.about, "state": state, "unit": unit, "value": value});
            if state != "not_asked" {
                self.add_ground(number, place, &mut json);
                if let Some(key) = gate.attribute() {
                    add_source(row, Some(key), &mut json);
                }
            }
            json
        })
        .collect()
    }

    fn near_json(&self, scored: &Scored<'_, Place>, miss: &Miss) -> Json {
        let gate = &self.asked.gates[miss.gate];
        let mut item = self.item(scored);
        item["fix"] = self.fix(miss.gate, scored.carrier);
        item["failed"] = json!({
            "gate": gate.path, "about": gate.about, "value": miss.value, "bound": miss.bound, "gap": miss.gap, "unit": miss.unit,
        });
        item
    }
}

pub(super) fn gate_unit(gate: &Gate) -> Option<&str> {
    match &gate.ask {
        Ask::Number { unit, .. } | Ask::NetArea(NetArea { unit, .. }) => Some(&*unit.key).filter(|key| !key.is_empty()),
        Ask::Codes { .. }
        | Ask::Flag { .. }
        | Ask::Text { .. }
        | Ask::Day { .. }
        | Ask::AvailableBy { .. }
        | Ask::Evidence { .. }
        | Ask::Place(_)
        | Ask::Fits(_) => None,
    }
}

/// A value in the asker's unit.
pub(super) fn in_unit(value: &Value, unit: &Unit) -> Json {
    match value {
        Value::Number(number) => json!(number / unit.factor),
        Value::Range(range) => {
            let mut range = *range;
            range.min = range.min.map(|min| min / unit.factor);
            range.max = range.max.map(|max| max / unit.factor);
            Value::Range(range).to_json()
        }
        Value::Code(_) | Value::Flag(_) | Value::Text(_) | Value::Date(_) => value.to_json(),
    }
}

/// Where a value comes from.
fn add_source(row: &Row<'_>, key: Option<&AttributeKey>, json: &mut Json) {
    let source = key.and_then(|key| row.provenance(key));
    json["evidence"] = json!(source.map(|source| source.evidence));
    json["observed_at"] = json!(source.map(|source| source.observed_at));
}
