//! Gross, what each takes, net.
use std::sync::Arc;

use geo::BoundingRect as _;
use geo_types::{Coord, MultiPolygon, Polygon};
use jiff::civil::Date;

use super::super::Fault;
use super::super::ground::{area_m2, middle, seen_from, tidy, within, without};
use super::super::removal::{Setback, each, uniform};
use super::Layer;
use super::exclusion::{self, Place};

/// The areas of a parcel, m² in the plane.
#[derive(Clone, Debug, PartialEq)]
pub struct NetArea {
    /// The whole parcel.
    pub gross_m2: f64,
    /// What can be built on.
    pub net_m2: f64,
    /// What several take at once. Together with what each alone takes it is gross less net.
    pub overlap_m2: f64,
    /// The largest piece of the net ground that hangs together.
    pub largest_part_m2: f64,
    /// What takes how much: the setback, then the layers as they were given.
    pub shares: Vec<Share>,
    /// The ground that can be built on, plane metres.
    pub net: MultiPolygon<f64>,
}

/// What one thing takes of a parcel.
#[derive(Clone, Debug, PartialEq)]
pub struct Share {
    /// What it is.
    pub taker: Taker,
    /// All that it covers of the parcel.
    pub own_m2: f64,
    /// What it takes and nothing else does.
    pub only_m2: f64,
    /// What it takes of that which those before it left. These add up to gross less net: the steps of the waterfall.
    pub step_m2: f64,
}

/// What takes ground.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taker {
    /// The distance to the boundary.
    Setback,
    /// A layer.
    Layer {
        /// Its name among the overlays.
        key: Arc<str>,
        /// The day that it shows.
        date: Option<Date>,
    },
}

/// The net area of a parcel in plane metres. A parcel without ground has areas of zero.
pub fn net_area(parcel: &MultiPolygon<f64>, setback: &Setback, layers: &[Layer]) -> Result<NetArea, Fault> {
    let setbacks = setback.per_edge(parcel)?;
    let origin = middle(parcel);
    let near_origin = seen_from(parcel, origin);
    let ground = tidy(&near_origin);
    let mut taken = Vec::new();
    if setbacks.iter().any(|metres| *metres > 0.0) {
        let strips = match setback {
            Setback::Uniform(metres) => uniform(&ground, *metres),
            Setback::PerEdge(_) => each(&near_origin, &setbacks),
        };
        taken.push((Taker::Setback, within(&ground, strips)?));
    }
    if let Some(around) = ground.bounding_rect() {
        let place = Place {
            ground: &ground,
            origin,
            around,
        };
        for layer in layers {
            let named = Taker::Layer {
                key: layer.key.clone(),
                date: layer.date,
            };
            taken.push((named, exclusion::of(&place, layer)?));
        }
    }
    let mut found = add_up(&ground, &taken)?;
    found.net = seen_from(&found.net, Coord { x: 0.0, y: 0.0 } - origin);
    Ok(found)
}

fn add_up(ground: &MultiPolygon<f64>, taken: &[(Taker, MultiPolygon<f64>)]) -> Result<NetArea, Fault> {
    let all = |is_meant: &dyn Fn(usize) -> bool| -> Vec<Polygon<f64>> {
        let meant = taken.iter().enumerate().filter(|(nth, _)| is_meant(*nth));
        meant.flat_map(|(_, (_, polygons))| polygons.0.iter().cloned()).collect()
    };
    let gross_m2 = area_m2(ground);
    let net = without(ground, all(&|_| true))?;
    let net_m2 = area_m2(&net);
    let mut shares = Vec::with_capacity(taken.len());
    let mut left_m2 = gross_m2;
    for (nth, (taker, polygons)) in taken.iter().enumerate() {
        let without_others_m2 = area_m2(&without(ground, all(&|other| other != nth))?);
        let is_last = nth + 1 == taken.len();
        let now_m2 = if is_last {
            net_m2
        } else {
            area_m2(&without(ground, all(&|other| other <= nth))?)
        };
        // Snapping to the library's grid leaves differences of square millimetres where nothing is taken.
        shares.push(Share {
            taker: taker.clone(),
            own_m2: area_m2(polygons),
            only_m2: (without_others_m2 - net_m2).max(0.0),
            step_m2: left_m2 - now_m2,
        });
        left_m2 = now_m2;
    }
    let only_m2: f64 = shares.iter().map(|share| share.only_m2).sum();
    Ok(NetArea {
        gross_m2,
        net_m2,
        overlap_m2: (gross_m2 - net_m2 - only_m2).max(0.0),
        largest_part_m2: net
            .iter()
            .map(|part| area_m2(&MultiPolygon(vec![part.clone()])))
            .fold(0.0, f64::max),
        shares,
        net,
    })
}
