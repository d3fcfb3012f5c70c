//! Whether a hall fits on a carrier's ground, and by how much it does not.
use std::rc::Rc;

use geo_types::{MultiPolygon, Polygon};
use serde_json::{Value as Json, json};

use super::gaps::Miss;
use super::ground;
use super::halls;
use super::{Eyes, Place, SuitError, Work};
use crate::domain::geometry::Plane;
use crate::domain::ids::CollectionKey;
use crate::index::RowRef;
use crate::inventory::ground::{Near, Plot};
use crate::inventory::outline::{multi_json, polygon_json};
use crate::suitability::fit::{Arrangement, Fit, Placement, Search, Setback, Site, Wanted, WhyNot};
use crate::suitability::net_area::covers;
use crate::suitability::requirement::{Ask, Fits, PARCELS};
use crate::suitability::{Fault, Scored};

/// What the ground says to a hall.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Fitted {
    /// Here, proven; the plane is the one of the placement.
    Here(Box<Placement>, Plane),
    /// Nowhere, proven.
    Nowhere(WhyNot),
    /// At none of the angles tried.
    NotFound {
        /// Degrees between them.
        step_deg: f64,
    },
    /// Cannot be said.
    Unknown(String),
}

impl Fitted {
    /// Whether the gate is passed; `None` is unknown.
    pub(super) fn holds(&self) -> Option<bool> {
        match self {
            Self::Here(..) => Some(true),
            Self::Nowhere(_) | Self::NotFound { .. } => Some(false),
            Self::Unknown(_) => None,
        }
    }

    /// What is said of it, with the rectangle in lon/lat where there is one.
    pub(super) fn to_json(&self) -> Json {
        match self {
            Self::Here(placement, plane) => {
                let mut json = placed(placement, *plane);
                json["said"] = json!("fits");
                json
            }
            Self::Nowhere(why) => json!({"said": "does not fit", "why": reason(*why)}),
            Self::NotFound { step_deg } => json!({"said": format!("not found at {step_deg} degree")}),
            Self::Unknown(why) => json!({"said": "unknown", "why": why}),
        }
    }
}

fn reason(why: WhyNot) -> &'static str {
    match why {
        WhyNot::Area => "not enough free ground in one piece",
        WhyNot::Length => "the free ground is not long enough",
        WhyNot::Width => "the free ground is nowhere wide enough",
        WhyNot::Form => "the free ground has another form",
    }
}

/// A placement as JSON: the whole rectangle, what stands where in it, its angle in the plane.
pub(super) fn placed(placement: &Placement, plane: Plane) -> Json {
    let lon_lat = |polygons: &MultiPolygon<f64>| plane.to_lon_lat(polygons);
    let rectangle = geo_types::LineString(placement.corners.to_vec());
    let rectangle = MultiPolygon(vec![Polygon::new(rectangle, Vec::new())]);
    let court = placement.court().map(|court| MultiPolygon(vec![court]));
    let halls = lon_lat(&placement.halls());
    json!({
        "geometry": lon_lat(&rectangle).0.first().map(polygon_json),
        "angle_deg": placement.angle_deg,
        "width_m": placement.width_m,
        "depth_m": placement.depth_m,
        "arrangement": match placement.arrangement {
            Arrangement::OneHall => "one_hall",
            Arrangement::AcrossCourt { .. } => "across_court",
            Arrangement::SideBySide { .. } => "side_by_side",
        },
        "halls": multi_json(&halls),
        "court": court.and_then(|court| lon_lat(&court).0.first().map(polygon_json)),
    })
}

/// The largest share of what is wanted that fits, and where.
pub(super) struct Largest {
    pub share: f64,
    placement: Placement,
    plane: Plane,
}

/// One need of a hall, asked of the carriers of one collection.
pub(super) struct Asking<'a> {
    eyes: Eyes<'a>,
    fits: &'a Fits,
    has_ground: bool,
}

impl<'a> Asking<'a> {
    pub(super) fn new(eyes: Eyes<'a>, fits: &'a Fits, collection: &CollectionKey) -> Self {
        Self {
            has_ground: collection.as_str() == PARCELS,
            eyes,
            fits,
        }
    }

    /// Distance from the boundary. What stands already keeps its own distances.
    fn setback(&self) -> Setback {
        if self.has_ground {
            self.fits.setback.clone()
        } else {
            Setback::Uniform(0.0)
        }
    }

    pub(super) fn fit(&self, near: &mut Near<'_>, row: RowRef) -> Fitted {
        let row = self.eyes.snapshot.row(row);
        let Some(plot) = self.eyes.ground.plot(&row) else {
            return Fitted::Unknown("it has no outline".to_owned());
        };
        self.fit_on(near, &plot)
    }

    pub(super) fn fit_on(&self, near: &mut Near<'_>, plot: &Plot) -> Fitted {
        let found = self.ask(|wanted, search| {
            let setback = self.setback();
            setback.check(&plot.outline)?;
            if let Some(why) = plot.measure.rules_out(wanted, setback.least_m()) {
                return Ok(Fit::No(why));
            }
            self.site(near, plot, |site| Ok(site.fit(wanted, search)))
        });
        match found {
            Ok(Fit::Yes(placement)) => Fitted::Here(Box::new(placement), plot.plane),
            Ok(Fit::No(why)) => Fitted::Nowhere(why),
            Ok(Fit::NotFound { step_deg }) => Fitted::NotFound { step_deg },
            Err(fault) => Fitted::Unknown(fault.to_string()),
        }
    }

    fn ask<T>(&self, ask: impl FnOnce(&Wanted, &Search) -> Result<T, Fault>) -> Result<T, Fault> {
        ask(&self.fits.wanted()?, &self.fits.search()?)
    }

    fn site<T>(&self, near: &mut Near<'_>, plot: &Plot, ask: impl FnOnce(&Site<'_>) -> Result<T, Fault>) -> Result<T, Fault> {
        let keep_clear = if self.has_ground {
            covers(&plot.outline, &near.layers(plot))?
        } else {
            Vec::new()
        };
        ask(&Site::new(&plot.outline, &self.setback(), &keep_clear)?)
    }

    /// No larger share of what is wanted fits; found without cutting anything.
    fn most_share(&self, row: RowRef) -> f64 {
        let Some(plot) = self.eyes.ground.plot(&self.eyes.snapshot.row(row)) else {
            return 0.0;
        };
        let share = self.ask(|wanted, _| Ok(plot.measure.most_share(wanted, self.setback().least_m())));
        share.unwrap_or(0.0)
    }

    /// The largest share of what is wanted that fits, and where.
    fn largest_share(&self, near: &mut Near<'_>, row: RowRef) -> Option<Largest> {
        let row = self.eyes.snapshot.row(row);
        let plot = self.eyes.ground.plot(&row)?;
        let found = self.ask(|wanted, search| self.site(near, &plot, |site| site.largest_share(wanted, search)));
        let (share, placement) = found.ok().flatten()?;
        Some(Largest {
            share,
            placement,
            plane: plot.plane,
        })
    }
}

/// Carriers that fail one gate of a hall and no other, those that miss least first.
pub(super) struct Nearest {
    /// What each lacks as a share of the hall, and the largest that fits.
    pub known: Vec<(f64, Place, Option<Largest>)>,
    /// Carriers that were not looked at and may miss less than some of these.
    pub left_off: usize,
}

impl<'a> Work<'a> {
    /// Near misses of a gate of a hall: at least as many as can be listed.
    pub(super) fn fit_misses(&self, gate: usize) -> Result<Vec<(Scored<'a, Place>, Miss)>, SuitError> {
        let Ask::Fits(fits) = &self.asked.gates[gate].ask else {
            return Ok(Vec::new());
        };
        let miss = |(relative, place, found): &(f64, Place, Option<Largest>)| {
            (self.scored(*place), fit_miss((gate, fits), *relative, found.as_ref()))
        };
        Ok(self.nearest(gate, fits)?.known.iter().map(miss).collect())
    }

    /// Found once, for the list and for what would admit more.
    pub(super) fn nearest(&self, gate: usize, fits: &Fits) -> Result<Rc<Nearest>, SuitError> {
        if let Some(known) = self.nearest.borrow().get(&gate) {
            return Ok(Rc::clone(known));
        }
        let found = Rc::new(self.find_nearest(gate, fits)?);
        self.nearest.borrow_mut().insert(gate, Rc::clone(&found));
        Ok(found)
    }

    /// Looking for the largest hall takes long, so it is done best first: a carrier is looked at only while a bound says that it may miss less
    /// than the last of those that are wanted.
    fn find_nearest(&self, gate: usize, fits: &Fits) -> Result<Nearest, SuitError> {
        let wanted = self.asked.limit.max(halls::MOST);
        // Not the whole of the work, which threads cannot share.
        let (eyes, seeks) = (self.eyes, &self.asked.seeks);
        let asking = move |place: &Place| Asking::new(eyes, fits, &seeks[place.part]);
        let mut open: Vec<(f64, Place)> = self
            .places(|sets| &sets.tally.only[gate])
            .map(|place| (1.0 - asking(&place).most_share(place.row), place))
            .collect();
        let code = |place: &Place| self.snapshot.row(place.row).code();
        open.sort_by(|(one, place), (two, other)| one.total_cmp(two).then_with(|| code(place).cmp(code(other))));
        let mut left_off = open.len().saturating_sub(self.sites.limits().largest);
        open.truncate(self.sites.limits().largest);
        let mut known: Vec<(f64, Place, Option<Largest>)> = Vec::new();
        for portion in open.chunks(2 * ground::PORTION) {
            known.sort_by(|one, two| one.0.total_cmp(&two.0));
            let last = known.get(wanted - 1).map(|known| known.0);
            if last.is_some_and(|last| portion[0].0 > last) {
                left_off = 0;
                break;
            }
            let rows: Vec<RowRef> = portion.iter().map(|(_, place)| place.row).collect();
            let parts: std::collections::HashMap<RowRef, &Place> = portion.iter().map(|(_, place)| (place.row, place)).collect();
            let found = self.sites.each(&rows, |near, row| asking(parts[&row]).largest_share(near, row))?;
            let relative = |found: &Option<Largest>| found.as_ref().map_or(1.0, |found| 1.0 - found.share);
            known.extend(
                portion
                    .iter()
                    .zip(found)
                    .map(|((_, place), found)| (relative(&found), *place, found)),
            );
        }
        known.sort_by(|one, two| one.0.total_cmp(&two.0));
        Ok(Nearest { known, left_off })
    }
}

/// The gap is what the longer side of a hall lacks, metres.
fn fit_miss((gate, fits): (usize, &Fits), relative: f64, found: Option<&Largest>) -> Miss {
    let share = 1.0 - relative;
    let sides = |share: f64| json!({"width_m": fits.width_m * share, "depth_m": fits.depth_m * share});
    let mut value = sides(share);
    if let Some(found) = found {
        value["fit"] = placed(&found.placement, found.plane);
    }
    Miss {
        gate,
        value: if found.is_some() { value } else { Json::Null },
        bound: sides(1.0),
        unit: Some("m".to_owned()),
        gap: found.is_some().then_some(fits.width_m.max(fits.depth_m) * relative),
        relative,
    }
}
