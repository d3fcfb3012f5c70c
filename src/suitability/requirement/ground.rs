//! Needs about the ground itself: halls that must fit, what is left to build on, parcels put together.
//!
//! A parcel is asked with its setbacks and hard overlays. A building is asked for one hall only: whether its outline holds a floor of that size, which
//! setbacks and overlays no longer hinder. Units have no outline of their own and are not asked.
use super::needs::Asked;
use super::reading::Node;
use super::tests_of::{bounds, unit};
use super::{Ask, Assemble, Fits, Gate, NetArea, On, Scope, Together};
use crate::domain::catalogue::Measure;
use crate::domain::ids::CollectionKey;
use crate::suitability::Fault;
use crate::suitability::fit::{Search, Setback, Wanted};

/// The collection whose records are ground.
pub const PARCELS: &str = "parcels";
/// The collection whose records stand on ground.
const BUILDINGS: &str = "buildings";
/// The attribute of parcels in whose units ground is measured, and which parcels put together answer by their sum.
pub const AREA: &str = "area";

/// Longest side of a hall, metres.
const LONGEST_HALL_M: f64 = 2_000.0;
/// Most setbacks of one parcel, one for each edge.
const MOST_EDGES: usize = 500;

pub(super) fn fits(asked: &Asked<'_>) -> Option<Gate> {
    asked.node.object(&["fits", "unknown", "for"])?;
    let node = asked.node.member("fits")?;
    node.object(&["width_m", "depth_m", "setback_m", "halls", "court_m", "step_deg"])?;
    let side = |name: &str| match node.member(name) {
        Some(node) => node.number_from(1.0, LONGEST_HALL_M),
        None => {
            node.fault(format!("{name}, metres"));
            None
        }
    };
    let optional = |name: &str, otherwise: f64, (low, high)| node.member(name).map_or(Some(otherwise), |node| node.number_from(low, high));
    let (width_m, depth_m) = (side("width_m"), side("depth_m"));
    let halls = node.member("halls").map_or(Some(1), |node| node.whole(1, 2))?;
    let fits = Fits {
        width_m: width_m?,
        depth_m: depth_m?,
        setback: node
            .member("setback_m")
            .map_or(Some(Setback::Uniform(0.0)), |node| setback(&node))?,
        halls: u8::try_from(halls).ok()?,
        court_m: optional("court_m", 0.0, (0.0, LONGEST_HALL_M))?,
        step_deg: optional("step_deg", 1.0, (0.05, 45.0))?,
    };
    if let Some(court) = node.member("court_m").filter(|_| fits.halls == 1) {
        court.fault("nothing beside one hall");
        return None;
    }
    let of: &[&str] = if fits.halls == 1 { &[PARCELS, BUILDINGS] } else { &[PARCELS] };
    gate(asked, "fits", Ask::Fits(fits), of)
}

impl Fits {
    /// What is to be placed.
    pub fn wanted(&self) -> Result<Wanted, Fault> {
        if self.halls == 1 {
            Wanted::hall(self.width_m, self.depth_m)
        } else {
            Wanted::two_halls(self.width_m, self.depth_m, self.court_m)
        }
    }

    /// How hard to look.
    pub fn search(&self) -> Result<Search, Fault> {
        Search::at_step(self.step_deg)
    }
}

/// One for all edges, or one for each.
fn setback(node: &Node<'_>) -> Option<Setback> {
    if !node.json.is_array() {
        return node.number_from(0.0, LONGEST_HALL_M).map(Setback::Uniform);
    }
    let items = node.items(MOST_EDGES);
    let each: Vec<Option<f64>> = items.iter().map(|item| item.number_from(0.0, LONGEST_HALL_M)).collect();
    each.into_iter().collect::<Option<Vec<f64>>>().map(Setback::PerEdge)
}

pub(super) fn net_area(asked: &Asked<'_>) -> Option<Gate> {
    asked.node.object(&["net_area", "unknown", "for"])?;
    let node = asked.node.member("net_area")?;
    node.object(&["min", "max", "unit", "setback_m"])?;
    let unit = unit(asked.scope.catalogue, &node, area_measure(asked.scope)?)?;
    let (min, max) = bounds(&node, &unit)?;
    let setback_m = node
        .member("setback_m")
        .map_or(Some(0.0), |node| node.number_from(0.0, LONGEST_HALL_M))?;
    let ask = NetArea { min, max, unit, setback_m };
    gate(asked, "net_area", Ask::NetArea(ask), &[PARCELS])
}

/// `true`, or an object with a setback.
pub(super) fn net_setback(node: &Node<'_>) -> Option<f64> {
    match node.json {
        serde_json::Value::Bool(true) => Some(0.0),
        serde_json::Value::Object(_) => {
            node.object(&["setback_m"])?;
            node.member("setback_m")
                .map_or(Some(0.0), |node| node.number_from(0.0, LONGEST_HALL_M))
        }
        _ => {
            node.fault("true, or an object with setback_m");
            None
        }
    }
}

/// How ground is measured: as the area of parcels.
pub(super) fn area_measure<'a>(scope: &Scope<'a>) -> Option<&'a Measure> {
    scope.catalogue.attribute(PARCELS, AREA)?.measure()
}

/// Whether each collection sought is asked; told as a fault when none is.
pub(super) fn asked_of(asked: &Asked<'_>, can_answer: &[&str]) -> Option<Vec<bool>> {
    let is_asked = |collection: &CollectionKey| asked.of.contains(collection) && can_answer.contains(&collection.as_str());
    let each: Vec<bool> = asked.seeks.iter().map(is_asked).collect();
    if each.contains(&true) {
        return Some(each);
    }
    let names: Vec<_> = can_answer.iter().map(|key| key.strip_suffix('s').unwrap_or(key)).collect();
    asked.node.fault(format!("asked of {}", names.join(" or ")));
    None
}

fn gate(asked: &Asked<'_>, about: &str, ask: Ask, can_answer: &[&str]) -> Option<Gate> {
    let on = asked_of(asked, can_answer)?;
    Some(Gate {
        path: asked.node.path.clone(),
        about: about.into(),
        unknown: asked.unknown,
        ask,
        on: on.into_iter().map(|asked| if asked { On::Ground } else { On::NotAsked }).collect(),
    })
}

/// Sets of parcels answer a lower bound of area or net area together; without one every pair would do.
pub(super) fn assemble(node: &Node<'_>, seeks: &[CollectionKey], gates: &[Gate]) -> Option<Assemble> {
    const MOST_PARCELS: usize = 12;
    const WIDEST_GAP_M: f64 = 200.0;
    const SHORTEST_EDGE_M: f64 = 0.1;
    node.object(&["max_parcels", "gap_m", "shared_edge_m"])?;
    let metres = |name: &str, otherwise: f64, low: f64| {
        node.member(name)
            .map_or(Some(otherwise), |node| node.number_from(low, WIDEST_GAP_M))
    };
    let has_least = |gate: &Gate| match gate.ask.together() {
        Some(Together::Area { min, .. }) => min.is_some(),
        Some(Together::NetArea(net)) => net.min.is_some(),
        Some(Together::Fits(_)) | None => false,
    };
    if !seeks.iter().any(|key| key.as_str() == PARCELS) {
        node.fault("parcels among what is sought");
    } else if !gates.iter().any(has_least) {
        node.fault("beside a need of area or net_area with a min, which the parcels answer together");
    }
    Some(Assemble {
        max_parcels: node.member("max_parcels").map_or(Some(4), |node| node.whole(2, MOST_PARCELS))?,
        gap_m: metres("gap_m", 0.0, 0.0)?,
        shared_edge_m: metres("shared_edge_m", 1.0, SHORTEST_EDGE_M)?,
    })
}
