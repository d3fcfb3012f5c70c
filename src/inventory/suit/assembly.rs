//! Neighbouring parcels that suit a project together.
//!
//! Members are parcels that can be had some day and pass every gate but those that they answer together: areas and net areas by their sum, halls by
//! their joined ground. A set is worth to a wish about area or net area what its sum is worth, to any other what its worst member is worth.
use std::collections::HashMap;
use std::sync::Arc;

use geo_types::{Coord, MultiPolygon, Rect};
use jiff::civil::{Date, date};
use serde_json::{Value as Json, json};

use super::answer::Standing;
use super::fits::{self, Fitted};
use super::{Place, SuitError, Work};
use crate::domain::geometry::Plane;
use crate::domain::ids::AttributeKey;
use crate::inventory::ground::Plot;
use crate::inventory::outline::multi_json;
use crate::suitability::assembly::{Assemblies, Assembly, Parcel, Proof, Rules, assemble, joined};
use crate::suitability::requirement::{AREA, Assemble, Bound, Fits, NetArea, PARCELS, Together, Valued, Wish};
use crate::suitability::{Fault, Scored};

/// Whoever must be dealt with.
const OWNER: &str = "owner";
/// Stands for a parcel that could always be had.
const ALWAYS: Date = date(1, 1, 1);
/// So many times the sets that are listed are looked at when halls or a second area must be checked.
const SPARE: usize = 20;

/// The sets of parcels of an answer.
pub(super) struct Sites {
    /// Best first.
    pub found: Vec<Site>,
    proof: Proof,
    visited: u64,
    parcels: usize,
    left_off: usize,
}

/// One set of parcels.
pub(super) struct Site {
    assembly: Assembly,
    code: String,
    score: f64,
    /// By wish, with the member that is worst in it; `None` where the sum counts.
    worths: Vec<f64>,
    worst: Vec<Option<Place>>,
    members: Vec<Place>,
    outline: MultiPolygon<f64>,
    around: Rect<f64>,
    fitted: HashMap<usize, Fitted>,
}

impl Site {
    pub(super) fn standing(&self) -> Standing<'_> {
        Standing {
            code: &self.code,
            score: self.score,
            worths: &self.worths,
        }
    }
}

/// Bounds of the sum that sets are found by, m², and how a member counts.
struct Counting<'a> {
    min_m2: f64,
    max_m2: f64,
    by: By<'a>,
}

/// The areas of all members together; unknown where one is.
struct Sum {
    m2: Option<f64>,
}

enum By<'a> {
    Area,
    Net(&'a NetArea),
}

impl Work<'_> {
    /// Sets of parcels, if the requirement asks for them.
    pub(super) fn sites(&self) -> Result<Option<Sites>, SuitError> {
        let Some(asked) = &self.asked.assemble else { return Ok(None) };
        let Some(part) = self.asked.seeks.iter().position(|key| key.as_str() == PARCELS) else {
            return Ok(None);
        };
        let counting = self.counting();
        let members = self.members(part, &counting)?;
        let plane = Plane::at(self.middle(&members));
        let rules = self.rules(asked, &counting);
        let parcels: Vec<Parcel> = members.iter().filter_map(|place| self.parcel(*place, plane, &counting)).collect();
        let found = assemble(&parcels, &rules).map_err(|fault| refused(&fault))?;
        let places: HashMap<Arc<str>, Place> = members.iter().map(|place| (self.code(*place).into(), *place)).collect();
        self.judged(found, (parcels.len(), plane), &places).map(Some)
    }

    /// Sets that pass what they answer together, best first.
    fn judged(&self, found: Assemblies, (parcels, plane): (usize, Plane), places: &HashMap<Arc<str>, Place>) -> Result<Sites, SuitError> {
        let limit = self.sites.limits().assemblies;
        let (mut proof, mut left_off) = (found.proof, found.left_off);
        let mut sites = Vec::new();
        for assembly in found.found {
            let members: Vec<Place> = assembly.codes.iter().filter_map(|code| places.get(code).copied()).collect();
            match self.site(assembly, members, plane)? {
                Some(site) => sites.push(site),
                // One that it beats in the four measures may pass where it does not.
                None => proof = Proof::BestFound,
            }
        }
        left_off += sites.len().saturating_sub(limit);
        sites.truncate(limit);
        sites.sort_by(|one, two| one.standing().order(&two.standing()));
        Ok(Sites {
            found: sites,
            proof,
            visited: found.visited,
            parcels,
            left_off,
        })
    }

    fn code(&self, place: Place) -> &str {
        self.snapshot.row(place.row).code()
    }

    /// By area where a need of area has a lower bound, else by net area.
    fn counting(&self) -> Counting<'_> {
        let asked: Vec<Together<'_>> = self.asked.gates.iter().filter_map(|gate| gate.ask.together()).collect();
        let is_by_area = asked.iter().any(|together| matches!(together, Together::Area { min: Some(_), .. }));
        let bounds = asked.into_iter().filter_map(|together| match together {
            Together::Area { min, max, .. } => is_by_area.then_some((min, max, By::Area)),
            Together::NetArea(net) => (!is_by_area).then_some((net.min, net.max, By::Net(net))),
            Together::Fits(_) => None,
        });
        let base = |bound: Option<Bound>, otherwise: f64| bound.map_or(otherwise, |bound| bound.base);
        let mut counting = Counting {
            min_m2: 0.0,
            max_m2: f64::MAX,
            by: By::Area,
        };
        for (min, max, by) in bounds {
            counting.min_m2 = counting.min_m2.max(base(min, 0.0));
            counting.max_m2 = counting.max_m2.min(base(max, f64::MAX));
            counting.by = by;
        }
        counting
    }

    fn counted_m2(&self, place: Place, by: &By<'_>) -> Option<f64> {
        let counted = match by {
            By::Area => self.snapshot.row(place.row).number_of(&AREA.into()),
            By::Net(net) => self.net_m2(net.setback_m, place),
        };
        counted.filter(|m2| *m2 > 0.0)
    }

    fn members(&self, part: usize, counting: &Counting<'_>) -> Result<Vec<Place>, SuitError> {
        let rows = self.parts[part].sets.members(self.asked);
        let places = rows.iter().map(|row| Place { part, row });
        let can_be_had = |place: &Place| self.opening(*place).is_some();
        let members: Vec<Place> = places
            .filter(|place| can_be_had(place) && self.counted_m2(*place, &counting.by).is_some())
            .collect();
        let limit = self.sites.limits().assembly_parcels;
        if members.len() <= limit {
            return Ok(members);
        }
        Err(SuitError::TooManyParcels {
            given: members.len(),
            limit,
        })
    }

    /// Longitude of the middle of them all.
    fn middle(&self, members: &[Place]) -> f64 {
        let boxes = members.iter().filter_map(|place| self.snapshot.row(place.row).bounds());
        boxes.reduce(|all, one| around(&all, &one)).map_or(0.0, |all| all.center().x)
    }

    fn parcel(&self, place: Place, drawn_in: Plane, counting: &Counting<'_>) -> Option<Parcel> {
        let row = self.snapshot.row(place.row);
        let owner = AttributeKey::from(OWNER);
        let shown = self.eyes.sees_field(row.collection().as_str(), &owner);
        let opening = self.opening(place)?;
        Some(Parcel {
            code: row.code().into(),
            outline: drawn_in.ground(&row.shape()),
            area_m2: self.counted_m2(place, &counting.by)?,
            // To somebody who may not see owners each parcel has its own: neither the number nor the order tells of them.
            owner: row.text_of(&owner).filter(|_| shown).map(Arc::from),
            available: Some(opening.day.unwrap_or(ALWAYS)),
        })
    }

    fn rules(&self, asked: &Assemble, counting: &Counting<'_>) -> Rules {
        let limits = self.sites.limits();
        let gates = self.asked.gates.iter().filter_map(|gate| gate.ask.together());
        let is_checked = gates.count() > 1;
        Rules {
            max_parcels: asked.max_parcels,
            min_m2: counting.min_m2,
            max_m2: counting.max_m2,
            min_shared_m: asked.shared_edge_m,
            gap_m: asked.gap_m,
            budget: limits.assembly_sets,
            limit: limits.assemblies * if is_checked { SPARE } else { 1 },
        }
    }

    /// A set with its worths; `None` when it fails what its members answer together.
    fn site(&self, assembly: Assembly, members: Vec<Place>, plane: Plane) -> Result<Option<Site>, SuitError> {
        let boxes = members.iter().filter_map(|place| self.snapshot.row(place.row).bounds());
        let Some(around) = boxes.reduce(|all, one| around(&all, &one)) else {
            return Ok(None);
        };
        let outlines: Vec<_> = members
            .iter()
            .map(|place| plane.ground(&self.snapshot.row(place.row).shape()))
            .collect();
        let mut site = Site {
            code: assembly.codes.join("+"),
            outline: MultiPolygon(outlines.iter().flat_map(|outline| outline.0.iter().cloned()).collect()),
            assembly,
            score: 0.0,
            worths: Vec::new(),
            worst: Vec::new(),
            fitted: HashMap::new(),
            around,
            members,
        };
        if !self.passes(&mut site, plane)? {
            return Ok(None);
        }
        site.outline = plane.to_lon_lat(&site.outline);
        let scored: Vec<Scored<'_, Place>> = site.members.iter().map(|place| self.scored(*place)).collect();
        for (at, wish) in self.asked.wishes.iter().enumerate() {
            let (worth, worst) = self.worth((at, wish), &scored);
            site.worths.push(worth);
            site.worst.push(worst);
        }
        site.score = self.asked.scale.score(&site.worths);
        Ok(Some(site))
    }

    fn passes(&self, site: &mut Site, plane: Plane) -> Result<bool, SuitError> {
        for (number, gate) in self.asked.gates.iter().enumerate() {
            let holds = match gate.ask.together() {
                None => true,
                Some(Together::Area { min, max, .. }) => self.area_sum_m2(&site.members).is_some_and(|m2| is_within(m2, min, max)),
                Some(Together::NetArea(net)) => self
                    .net_sum_m2(net.setback_m, &site.members)
                    .is_some_and(|m2| is_within(m2, net.min, net.max)),
                Some(Together::Fits(fits)) => {
                    let fitted = self.fit_site(fits, site, plane)?;
                    let holds = fitted.as_ref().and_then(Fitted::holds) == Some(true);
                    site.fitted.extend(fitted.map(|fitted| (number, fitted)));
                    holds
                }
            };
            if !holds {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// A hall on the joined ground; `None` where it cannot be joined.
    fn fit_site(&self, fits: &Fits, site: &Site, plane: Plane) -> Result<Option<Fitted>, SuitError> {
        let parts: Vec<_> = site.outline.iter().map(|part| MultiPolygon(vec![part.clone()])).collect();
        let ground = joined(&parts.iter().collect::<Vec<_>>());
        let plot = ground.ok().and_then(|ground| Plot::new(plane, ground, site.around));
        let (Some(plot), Some(first)) = (plot, site.members.first()) else {
            return Ok(None);
        };
        let asking = fits::Asking::new(self.eyes, fits, &PARCELS.into());
        Ok(self.sites.each(&[first.row], |near, _| asking.fit_on(near, &plot))?.pop())
    }

    fn net_sum_m2(&self, setback_m: f64, members: &[Place]) -> Option<f64> {
        members.iter().map(|place| self.net_m2(setback_m, *place)).sum()
    }

    fn area_sum_m2(&self, members: &[Place]) -> Option<f64> {
        let area = |place: &Place| self.snapshot.row(place.row).number_of(&AREA.into());
        members.iter().map(area).sum()
    }

    /// What the sum is worth, or the worst member, with that member.
    fn worth(&self, (at, wish): (usize, &Wish), members: &[Scored<'_, Place>]) -> (f64, Option<Place>) {
        let places: Vec<Place> = members.iter().map(|scored| scored.carrier).collect();
        if let Some(sum) = self.summed(wish, &places) {
            return (sum.m2.map_or(0.0, |m2| wish.curve.worth(m2)), None);
        }
        let worst = members.iter().min_by(|one, two| one.worths[at].total_cmp(&two.worths[at]));
        worst.map_or((0.0, None), |scored| (scored.worths[at], Some(scored.carrier)))
    }

    /// The sum that a wish values, if it values one.
    fn summed(&self, wish: &Wish, members: &[Place]) -> Option<Sum> {
        match &wish.of {
            Valued::Number(key) if key.as_str() == AREA => Some(Sum {
                m2: self.area_sum_m2(members),
            }),
            Valued::NetArea { setback_m } => Some(Sum {
                m2: self.net_sum_m2(*setback_m, members),
            }),
            Valued::Number(_) | Valued::Codes(..) | Valued::Flag(..) | Valued::Distance(_) => None,
        }
    }

    /// A set as an item beside single carriers.
    pub(super) fn site_json(&self, site: &Site) -> Json {
        let [low, high] = [site.around.min(), site.around.max()];
        let assembly = &site.assembly;
        let sees_owner = self.eyes.sees_field(PARCELS, &AttributeKey::from(OWNER));
        json!({
            "code": site.code,
            "id": null,
            "collection": PARCELS,
            "name": null,
            "bbox": [low.x, low.y, high.x, high.y],
            "score": site.score,
            "points": self.site_points(site),
            "gates": self.site_gates(site),
            "assembly": {
                "codes": assembly.codes,
                "area_m2": assembly.area_m2,
                "pieces": assembly.pieces,
                "gaps": assembly.gaps,
                "owners": sees_owner.then_some(assembly.owners),
                "latest": assembly.latest.filter(|day| *day > ALWAYS).map(|day| day.to_string()),
                "compactness": assembly.compactness,
                "as_good": assembly.as_good,
            },
            "geometry": multi_json(&site.outline),
        })
    }

    fn site_points(&self, site: &Site) -> Vec<Json> {
        let points: Vec<f64> = self.asked.scale.points(&site.worths).collect();
        let each = self.asked.wishes.iter().enumerate();
        each.map(|(at, wish)| match site.worst[at] {
            Some(place) => {
                let row = self.snapshot.row(place.row);
                let mut point = self.points(&row, &self.scored(place)).swap_remove(at);
                point["of"] = json!(row.code());
                point
            }
            None => {
                let sum = self.summed(wish, &site.members).and_then(|sum| sum.m2);
                json!({
                    "wish": wish.path, "about": wish.about, "points": points[at], "worth": site.worths[at],
                    "state": if sum.is_some() { "known" } else { "unknown" },
                    "value": sum.map(|m2| m2 / wish.unit.factor), "unit": wish.unit.key, "evidence": null, "observed_at": null, "of": null,
                })
            }
        })
        .collect()
    }

    /// Sums and halls of the set itself; of the other gates what the first member says that is not known to pass, else the first.
    fn site_gates(&self, site: &Site) -> Vec<Json> {
        let states = |place: &Place| self.states(&self.snapshot.row(place.row), *place);
        let members: Vec<Vec<Json>> = site.members.iter().map(states).collect();
        let each = self.asked.gates.iter().enumerate();
        each.filter_map(|(number, gate)| {
            let told = members.iter().zip(&site.members);
            let open = told.clone().find(|(states, _)| states[number]["state"] != "pass");
            let (states, place) = open.or_else(|| told.clone().next())?;
            let mut json = states[number].clone();
            json["of"] = json!(self.code(*place));
            if let Some(together) = gate.ask.together() {
                for told_of_one in ["of", "evidence", "observed_at"] {
                    json[told_of_one] = Json::Null;
                }
                json["state"] = json!("pass");
                json["value"] = match together {
                    Together::Area { unit, .. } => json!(self.area_sum_m2(&site.members).map(|m2| m2 / unit.factor)),
                    Together::NetArea(net) => json!(self.net_sum_m2(net.setback_m, &site.members).map(|m2| m2 / net.unit.factor)),
                    Together::Fits(_) => Json::Null,
                };
                if let Some(fitted) = site.fitted.get(&number) {
                    json["fit"] = fitted.to_json();
                }
            }
            Some(json)
        })
        .collect()
    }

    /// What is said of all sets.
    pub(super) fn sites_json(&self, sites: &Sites) -> Json {
        let sets = match sites.proof {
            Proof::BestOfAll(sets) => Some(sets),
            Proof::BestFound => None,
        };
        json!({
            "said": sets.map_or("best found".to_owned(), |sets| format!("best of all {sets} sets")),
            "sets": sets,
            "visited": sites.visited,
            "parcels": sites.parcels,
            "left_off": sites.left_off,
            "found": sites.found.iter().map(|site| self.site_json(site)).collect::<Vec<_>>(),
        })
    }
}

/// Both bounds belong to what is wanted.
fn is_within(m2: f64, min: Option<Bound>, max: Option<Bound>) -> bool {
    min.is_none_or(|min| m2 >= min.base) && max.is_none_or(|max| m2 <= max.base)
}

fn refused(fault: &Fault) -> SuitError {
    SuitError::Assembly { reason: fault.to_string() }
}

fn around(one: &Rect<f64>, other: &Rect<f64>) -> Rect<f64> {
    let low = Coord {
        x: one.min().x.min(other.min().x),
        y: one.min().y.min(other.min().y),
    };
    let high = Coord {
        x: one.max().x.max(other.max().x),
        y: one.max().y.max(other.max().y),
    };
    Rect::new(low, high)
}
