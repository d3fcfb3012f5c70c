//! The way of a day: a team goes through its zones of one day on one open path, zone after zone, from where the campaign sets out.
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use geo_types::Coord;

use super::campaign::Campaign;
use super::event::{Target, Zone};
use super::ground::Ground;
use super::route::{self, Spot};
use crate::domain::geometry::Plane;

/// Order of visits by zone: codes.
pub type Orders = BTreeMap<String, Vec<String>>;

/// Speed between targets, on roads and with stops, metres per minute (15 km/h).
const METRES_PER_MINUTE: f64 = 250.0;

/// Targets of each zone.
type Members<'a> = BTreeMap<&'a str, Vec<&'a Target>>;

/// Zones in the order in which their teams go through them, and the order of visits of each. A team that has several zones on one day begins each where the
/// one before ends; of the given sequence and the one that always goes on to the nearest zone the shorter is taken. Zones move only to places of the same
/// team and day, and only where each target stays in its zone: of two that overlap, the first has what lies in both.
pub(super) fn planned(campaign: &Campaign, zones: &[Zone]) -> (Vec<Zone>, Orders) {
    let ground = Ground::of(zones);
    let targets: Vec<&Target> = campaign.on_the_way().map(|target| &target.target).collect();
    let members = members(&ground, &targets);
    let (outset, mut sequence) = (Outset::of(campaign), (0..zones.len()).collect::<Vec<_>>());
    for day in days(zones).into_iter().filter(|day| day.len() > 1) {
        let nearest = outset.nearest_first(zones, &members, &day);
        if outset.walk(zones, &members, &nearest).1 < outset.walk(zones, &members, &day).1 {
            for (place, zone) in day.iter().zip(nearest) {
                sequence[*place] = zone;
            }
        }
    }
    let moved: Vec<Zone> = sequence.into_iter().map(|at| zones[at].clone()).collect();
    let after = Ground::of(&moved);
    let stay = targets.iter().all(|target| after.zone_of(target) == ground.zone_of(target));
    let zones = if stay { moved } else { zones.to_vec() };
    let all = (0..zones.len()).collect();
    let orders = outset.orders(&zones, &members, &all);
    (zones, orders)
}

/// Whether ways that were found for one state of a campaign are those of another: the same targets lie at the same places, and teams set out from the same one.
pub(super) fn is_same_ground(one: &Campaign, other: &Campaign) -> bool {
    let targets = one.on_the_way().map(|target| &target.target);
    one.plan.start == other.plan.start && targets.eq(other.on_the_way().map(|target| &target.target))
}

/// Order of visits of these zones and of what their teams visit on the same day.
pub(super) fn ordered(campaign: &Campaign, targets: &[&Target], (zones, touched): (&[Zone], &BTreeSet<&str>)) -> Orders {
    let ground = Ground::of(zones);
    let is_touched = |at: &usize| touched.contains(zones[*at].key.as_str());
    let days = days(zones).into_iter().filter(|day| day.iter().any(is_touched));
    let places = days.flatten().collect();
    Outset::of(campaign).orders(zones, &members(&ground, targets), &places)
}

/// Places of the zones of each team and day. A zone without either is by itself.
fn days(zones: &[Zone]) -> Vec<Vec<usize>> {
    let mut days: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (at, zone) in zones.iter().enumerate() {
        let alone = (zone.team.is_none() || zone.day.is_none()).then_some(at);
        days.entry((alone, &zone.team, zone.day)).or_default().push(at);
    }
    days.into_values().collect()
}

fn members<'a>(ground: &Ground<'a>, targets: &[&'a Target]) -> Members<'a> {
    let mut members = Members::new();
    for target in targets {
        if let Some(zone) = ground.zone_of(target) {
            members.entry(zone).or_default().push(target);
        }
    }
    members
}

/// Where teams set out, in the plane in which a campaign is measured.
struct Outset {
    plane: Plane,
    start: Option<Spot>,
    /// Ways that were found, by key of the zone and where the team comes from: several sequences of zones are tried that have them in common.
    legs: RefCell<HashMap<LegKey, Leg>>,
}

/// A zone, and the bits of the place where the team comes from.
type LegKey = (String, Option<[u64; 2]>);

/// The way through one zone.
#[derive(Clone)]
struct Leg {
    codes: Vec<String>,
    length_m: f64,
    /// Where it ends; `None` where no target has a place.
    end: Option<Spot>,
}

impl Outset {
    fn of(campaign: &Campaign) -> Self {
        let plane = plane(campaign);
        let start = campaign.plan.start.map(|place| spot(plane, [place.lon, place.lat]));
        let legs = RefCell::default();
        Self { plane, start, legs }
    }

    /// Order of visits of the zones at these places.
    fn orders(&self, zones: &[Zone], members: &Members<'_>, places: &BTreeSet<usize>) -> Orders {
        let mut orders = Orders::new();
        for day in days(zones).into_iter().filter(|day| day.iter().any(|at| places.contains(at))) {
            let (codes, _) = self.walk(zones, members, &day);
            let keys = day.iter().map(|at| zones[*at].key.clone());
            orders.extend(keys.zip(codes).filter(|(_, codes)| !codes.is_empty()));
        }
        orders
    }

    /// Codes in the order of visits of each of these zones, one after the other, and the length of the way, metres.
    fn walk(&self, zones: &[Zone], members: &Members<'_>, day: &[usize]) -> (Vec<Vec<String>>, f64) {
        let (mut at, mut length_m, mut codes) = (self.start, 0.0, Vec::with_capacity(day.len()));
        for place in day {
            let leg = self.leg(at, (zones, members, *place));
            length_m += leg.length_m;
            at = leg.end.or(at);
            codes.push(leg.codes);
        }
        (codes, length_m)
    }

    /// The same zones, each time on to the one with the nearest target. Without a start the first stays the first.
    fn nearest_first(&self, zones: &[Zone], members: &Members<'_>, day: &[usize]) -> Vec<usize> {
        let (mut at, mut left, mut sequence) = (self.start, day.to_vec(), Vec::with_capacity(day.len()));
        while !left.is_empty() {
            let metres = |place: usize| {
                let points = targets_of(zones, members, place).iter().filter_map(|target| target.point);
                let ways = points.map(|point| at.map_or(0.0, |at| route::distance(at, spot(self.plane, point))));
                ways.fold(f64::INFINITY, f64::min)
            };
            let next = (0..left.len()).min_by(|one, other| metres(left[*one]).total_cmp(&metres(left[*other])));
            let place = left.remove(next.unwrap_or_default());
            at = self.leg(at, (zones, members, place)).end.or(at);
            sequence.push(place);
        }
        sequence
    }

    fn leg(&self, from: Option<Spot>, (zones, members, place): (&[Zone], &Members<'_>, usize)) -> Leg {
        let key = (zones[place].key.clone(), from.map(|from| from.map(f64::to_bits)));
        if let Some(found) = self.legs.borrow().get(&key) {
            return found.clone();
        }
        let leg = self.way(from, targets_of(zones, members, place));
        self.legs.borrow_mut().insert(key, leg.clone());
        leg
    }

    /// Targets at one point are visited together; those without one come last.
    fn way(&self, from: Option<Spot>, targets: &[&Target]) -> Leg {
        let (stops, members) = stops_of(self.plane, targets);
        let order = route::order(from, &stops);
        let first = order.first().map(|first| stops[*first]);
        let length_m = first.map_or(0.0, |first| route::length_m(from.unwrap_or(first), &stops, &order));
        let end = order.last().map(|last| stops[*last]);
        let placed = order.into_iter().flat_map(|stop| &members[stop]).map(|target| target.code.clone());
        let lost = targets
            .iter()
            .filter(|target| target.point.is_none())
            .map(|target| target.code.clone());
        Leg {
            codes: placed.chain(lost).collect(),
            length_m,
            end,
        }
    }
}

fn targets_of<'m, 'a>(zones: &[Zone], members: &'m Members<'a>, place: usize) -> &'m [&'a Target] {
    members.get(zones[place].key.as_str()).map_or(&[], Vec::as_slice)
}

/// Points without repetition, and the targets at each, by code.
pub(super) fn stops_of<'a>(plane: Plane, targets: &[&'a Target]) -> (Vec<Spot>, Vec<Vec<&'a Target>>) {
    let mut at: BTreeMap<[u64; 2], (Spot, Vec<&Target>)> = BTreeMap::new();
    for target in targets {
        if let Some(point) = target.point {
            let stop = at
                .entry(point.map(f64::to_bits))
                .or_insert_with(|| (spot(plane, point), Vec::new()));
            stop.1.push(target);
        }
    }
    let mut stops: Vec<_> = at.into_values().collect();
    stops
        .iter_mut()
        .for_each(|(_, targets)| targets.sort_by(|one, other| one.code.cmp(&other.code)));
    stops.into_iter().unzip()
}

/// The plane in which a campaign is measured: that of its first target.
pub(super) fn plane(campaign: &Campaign) -> Plane {
    let lon = campaign
        .targets
        .values()
        .find_map(|target| target.target.point)
        .map_or(120.0, |[lon, _]| lon);
    Plane::at(lon)
}

fn spot(plane: Plane, [x, y]: [f64; 2]) -> Spot {
    let at = plane.place(Coord { x, y });
    [at.x, at.y]
}

/// Minutes that these targets take: the visits, and the way between them in their order from where the team comes, degrees; from the start of the campaign
/// where it comes from no other zone.
pub fn minutes(campaign: &Campaign, targets: &[&Target], from: Option<[f64; 2]>) -> f64 {
    let visits: f64 = targets.iter().map(|target| campaign.minutes(target)).sum();
    let plane = plane(campaign);
    let start = from.or(campaign.plan.start.map(|place| [place.lon, place.lat]));
    let places: Vec<Spot> = start
        .into_iter()
        .chain(targets.iter().filter_map(|target| target.point))
        .map(|at| spot(plane, at))
        .collect();
    let way_m: f64 = places.windows(2).map(|pair| route::distance(pair[0], pair[1])).sum();
    visits + way_m / METRES_PER_MINUTE
}
