use std::collections::BTreeSet;

use geo::{Area as _, Euclidean, Length as _};
use geo_types::{Coord, LineString, Polygon};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::*;

const FAR: Coord<f64> = Coord {
    x: 92_745.729,
    y: 3_526_747.15,
};

/// A box of a layout: west, south, east, north.
#[derive(Clone, Copy)]
struct Lot(f64, f64, f64, f64);

impl Lot {
    /// Turned, and surveyed to the millimetre.
    fn outline(self, degrees: f64) -> MultiPolygon<f64> {
        let Lot(west, south, east, north) = self;
        let (sine, cosine) = degrees.to_radians().sin_cos();
        let at = |x: f64, y: f64| Coord {
            x: ((FAR.x + x * cosine - y * sine) * 1000.0).round() / 1000.0,
            y: ((FAR.y + x * sine + y * cosine) * 1000.0).round() / 1000.0,
        };
        let corners = vec![at(west, south), at(east, south), at(east, north), at(west, north)];
        MultiPolygon(vec![Polygon::new(LineString(corners), Vec::new())])
    }

    fn area_m2(self) -> f64 {
        (self.2 - self.0) * (self.3 - self.1)
    }

    /// The gap to another lot and the length along which they face each other over it.
    fn facing(self, other: Self) -> Option<(f64, f64)> {
        let overlap = |a: (f64, f64), b: (f64, f64)| a.1.min(b.1) - a.0.max(b.0);
        let (x, y) = (
            overlap((self.0, self.2), (other.0, other.2)),
            overlap((self.1, self.3), (other.1, other.3)),
        );
        match (x > 1e-6, y > 1e-6) {
            (true, false) => Some((-y, x)),
            (false, true) => Some((-x, y)),
            (true, true) | (false, false) => None,
        }
    }
}

/// Columns of lots of random depths, some columns beyond a road of 8 m.
fn layout(rng: &mut ChaCha8Rng, count: usize) -> Vec<Lot> {
    let mut lots = Vec::new();
    let mut west = 0.0;
    while lots.len() < count {
        let width = f64::from(rng.random_range(3..8)) * 10.0;
        let mut south = 0.0;
        for _ in 0..rng.random_range(2..5) {
            let depth = f64::from(rng.random_range(4..12)) * 5.0;
            lots.push(Lot(west, south, west + width, south + depth));
            south += depth;
        }
        west += width + if rng.random_range(0..2) == 0 { 8.0 } else { 0.0 };
    }
    lots.truncate(count);
    lots
}

fn parcels(rng: &mut ChaCha8Rng, lots: &[Lot], degrees: f64) -> Vec<Parcel> {
    let parcel = |(nth, lot): (usize, &Lot)| Parcel {
        code: format!("P-{nth:04}").into(),
        outline: lot.outline(degrees),
        area_m2: lot.area_m2(),
        owner: match rng.random_range(0..5) {
            0 => None,
            owner => Some(format!("owner {owner}").into()),
        },
        available: match rng.random_range(0..6) {
            0 => None,
            month => Some(Date::new(2027, month, 1).unwrap()),
        },
    };
    lots.iter().enumerate().map(parcel).collect()
}

fn rules() -> Rules {
    Rules {
        max_parcels: 4,
        min_m2: 4000.0,
        max_m2: 9000.0,
        min_shared_m: 12.0,
        gap_m: 10.0,
        budget: 1_000_000,
        limit: 1000,
    }
}

/// Pieces, owners, last day (unknown is later than any), a thousand less the compactness in thousandths.
type Judged = (usize, usize, (bool, Option<Date>), u32);

/// What the engine compares, for a set given as bits; `None` where it is no site.
fn judged(lots: &[Lot], parcels: &[Parcel], rules: &Rules, set: u32) -> Option<Judged> {
    let members: Vec<usize> = (0..lots.len()).filter(|nth| set & (1 << nth) != 0).collect();
    let area: f64 = members.iter().map(|nth| lots[*nth].area_m2()).sum();
    if !(2..=rules.max_parcels).contains(&members.len()) || area < rules.min_m2 || area > rules.max_m2 {
        return None;
    }
    let pieces = |reach: f64| {
        let mut groups: Vec<BTreeSet<usize>> = members.iter().map(|nth| BTreeSet::from([*nth])).collect();
        for one in &members {
            for other in &members {
                let linked = lots[*one]
                    .facing(lots[*other])
                    .is_some_and(|(gap, length)| gap <= reach && length >= rules.min_shared_m);
                if linked {
                    let (near, far): (Vec<_>, Vec<_>) = groups.into_iter().partition(|group| group.contains(one) || group.contains(other));
                    groups = far;
                    groups.push(near.into_iter().flatten().collect());
                }
            }
        }
        groups.len()
    };
    if pieces(rules.gap_m.max(1e-6)) != 1 {
        return None;
    }
    let unknown = members.iter().filter(|nth| parcels[**nth].owner.is_none()).count();
    let known: BTreeSet<_> = members.iter().filter_map(|nth| parcels[*nth].owner.clone()).collect();
    let order = |nth: &usize| (parcels[*nth].available.is_none(), parcels[*nth].available);
    let latest = members.iter().map(order).max().unwrap();
    // The union's own perimeter, by another library, on the layout before it was turned.
    let union = geo::unary_union(&members.iter().map(|nth| straight(lots[*nth])).collect::<Vec<_>>());
    let rings = union
        .iter()
        .flat_map(|part| std::iter::once(part.exterior()).chain(part.interiors()));
    let perimeter: f64 = rings.map(|ring| Euclidean.length(ring)).sum();
    let compactness = 4.0 * std::f64::consts::PI * union.unsigned_area() / (perimeter * perimeter);
    let bulk = (1000.0 - compactness * 1000.0).round().max(0.0);
    Some((pieces(1e-6), unknown + known.len(), latest, format!("{bulk}").parse().unwrap()))
}

fn straight(Lot(west, south, east, north): Lot) -> Polygon<f64> {
    let corners = [(west, south), (east, south), (east, north), (west, north)];
    Polygon::new(LineString(corners.map(|(x, y)| Coord { x, y }).to_vec()), Vec::new())
}

fn bits(assembly: &Assembly) -> u32 {
    let bit = |code: &Arc<str>| 1 << code[2..].parse::<u32>().unwrap();
    assembly.codes.iter().map(bit).sum()
}

#[test]
fn all_subsets_agree() {
    let mut sites = 0;
    for seed in 0..60 {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let count = rng.random_range(5..=12);
        let lots = layout(&mut rng, count);
        let degrees = if seed % 2 == 0 { 0.0 } else { rng.random_range(0.0..360.0) };
        let parcels = parcels(&mut rng, &lots, degrees);
        let rules = Rules {
            max_parcels: rng.random_range(2..=5),
            gap_m: f64::from(rng.random_range(0..2)) * 10.0,
            ..rules()
        };
        let found = assemble(&parcels, &rules).unwrap();
        let all: Vec<u32> = (0..1 << count)
            .filter(|set| judged(&lots, &parcels, &rules, *set).is_some())
            .collect();
        assert_eq!(found.proof, Proof::BestOfAll(all.len() as u64), "{seed}");
        sites += all.len();
        let key = |set: u32| judged(&lots, &parcels, &rules, set).unwrap();
        let keys: Vec<_> = all.iter().map(|set| key(*set)).collect();
        let given: Vec<_> = found.found.iter().map(|assembly| key(bits(assembly))).collect();
        agree(&keys, &given, degrees);
        for assembly in &found.found {
            let (pieces, owners, (_, latest), bulk) = key(bits(assembly));
            assert_eq!(
                (assembly.pieces, assembly.owners, assembly.latest),
                (pieces, owners, latest),
                "{seed}"
            );
            assert!(
                (1.0 - assembly.compactness - f64::from(bulk) / 1000.0).abs() < 2e-3,
                "{seed}: {assembly:?}"
            );
            assert!(assembly.pieces == 1 || !assembly.gaps.is_empty(), "{seed}: {assembly:?}");
        }
    }
    assert!(sites > 1000, "a test of little: {sites}");
}

/// What is given is what nothing beats: exactly where the layout lies straight; within two thousandths of compactness where it was turned and
/// surveyed to the millimetre.
fn agree(all: &[Judged], given: &[Judged], degrees: f64) {
    let spare = if degrees > 0.0 { 2 } else { 0 };
    let covers =
        |one: &Judged, other: &Judged, more: u32| one.0 <= other.0 && one.1 <= other.1 && one.2 <= other.2 && one.3 <= other.3 + more;
    for one in given {
        let better = all
            .iter()
            .find(|other| **other != *one && covers(&(other.0, other.1, other.2, other.3 + spare), one, 0));
        assert_eq!(better, None, "beats {one:?}");
    }
    for one in all {
        assert!(
            given.iter().any(|other| covers(other, one, spare)),
            "{one:?} is beaten by nothing given"
        );
    }
    if spare == 0 {
        assert!(given.is_sorted(), "{given:?}");
    }
}

#[test]
fn each_connected_set_is_visited_once() {
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let lots = layout(&mut rng, 12);
    let parcels = parcels(&mut rng, &lots, 30.0);
    let open = Rules {
        max_parcels: 12,
        min_m2: 0.0,
        max_m2: 1e9,
        ..rules()
    };
    let found = assemble(&parcels, &open).unwrap();
    let pairs_and_more = (0..1 << 12).filter(|set| judged(&lots, &parcels, &open, *set).is_some()).count() as u64;
    // Single parcels are visited, and are no assemblies.
    assert_eq!(
        (found.proof, found.visited),
        (Proof::BestOfAll(pairs_and_more), pairs_and_more + 12)
    );
    let different: BTreeSet<_> = found.found.iter().map(bits).collect();
    assert_eq!(different.len(), found.found.len());
}

#[test]
fn the_budget_is_kept_and_what_is_found_is_not_called_proven() {
    let mut rng = ChaCha8Rng::seed_from_u64(6);
    let lots = layout(&mut rng, 300);
    let mut parcels = parcels(&mut rng, &lots, 12.0);
    let larger = Rules {
        max_parcels: 6,
        max_m2: 25_000.0,
        ..rules()
    };
    let proven = assemble(&parcels, &larger).unwrap();
    assert!(matches!(proven.proof, Proof::BestOfAll(_)), "{:?}", proven.proof);
    for budget in [0, 1, 10, 1000, proven.visited / 2] {
        let found = assemble(&parcels, &Rules { budget, ..larger.clone() }).unwrap();
        assert!(found.visited <= budget && found.proof == Proof::BestFound, "{budget}: {found:?}");
    }
    // With half the budget that a proof takes, most of the front is found.
    let budget = proven.visited / 2;
    let found = assemble(&parcels, &Rules { budget, ..larger.clone() }).unwrap();
    let codes = |answer: &Assemblies| -> BTreeSet<Vec<Arc<str>>> { answer.found.iter().map(|assembly| assembly.codes.clone()).collect() };
    let shared = codes(&proven).intersection(&codes(&found)).count();
    assert!(
        shared * 2 >= proven.found.len(),
        "{shared} of {} in {} visits",
        proven.found.len(),
        proven.visited
    );

    // The order in which parcels are given, and asking again, change nothing.
    parcels.reverse();
    assert_eq!(assemble(&parcels, &larger), Ok(proven.clone()));
    assert_eq!(assemble(&parcels, &Rules { budget, ..larger.clone() }), Ok(found));
    let few = assemble(&parcels, &Rules { limit: 2, ..larger }).unwrap();
    assert_eq!((few.found.as_slice(), few.left_off), (&proven.found[..2], proven.found.len() - 2));
}

#[test]
fn a_parcel_in_between_is_no_gap() {
    let between = |middle: bool| {
        let mut lots = vec![Lot(0.0, 0.0, 50.0, 50.0), Lot(58.0, 0.0, 108.0, 50.0)];
        if middle {
            lots.push(Lot(52.0, 0.0, 56.0, 50.0));
        }
        let parcels = parcels(&mut ChaCha8Rng::seed_from_u64(1), &lots, 0.0);
        let two = Rules { max_parcels: 2, ..rules() };
        assemble(&parcels, &two).unwrap()
    };
    let [across] = between(false).found.try_into().unwrap();
    assert_eq!((across.pieces, across.gaps.len()), (2, 1));
    assert_eq!(between(true).found, vec![]);
}

#[test]
fn corners_do_not_join_and_centimetres_do_not_part() {
    let joined = |other: Lot| {
        let lots = [Lot(0.0, 0.0, 50.0, 50.0), other];
        let parcels = parcels(&mut ChaCha8Rng::seed_from_u64(1), &lots, 0.0);
        let touching = Rules { gap_m: 0.0, ..rules() };
        assemble(&parcels, &touching).unwrap().found.len() == 1
    };
    assert!(joined(Lot(50.0, 0.0, 100.0, 50.0)));
    assert!(joined(Lot(50.008, 38.0, 100.0, 88.0)));
    assert!(joined(Lot(49.992, 0.0, 100.0, 50.0)));
    assert!(!joined(Lot(50.0, 38.1, 100.0, 88.0)));
    assert!(!joined(Lot(50.0, 50.0, 100.0, 100.0)));
    assert!(!joined(Lot(50.1, 0.0, 100.0, 50.0)));
}

#[test]
fn rules_without_sense_are_refused() {
    let refused = |rules: Rules| assemble(&[], &rules).unwrap_err().to_string();
    assert_eq!(
        refused(Rules { max_parcels: 1, ..rules() }),
        "the number of parcels is 1: expected 2 to 12"
    );
    assert_eq!(
        refused(Rules { min_m2: 1e6, ..rules() }),
        "the least area is 1000000: expected no more than the most area"
    );
    assert_eq!(
        refused(Rules {
            gap_m: f64::NAN,
            ..rules()
        }),
        "the gap is NaN: expected a finite number, 0 or more"
    );
}
