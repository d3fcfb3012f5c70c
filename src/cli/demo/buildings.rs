//! Where buildings stand: rows of standard factories in compounds, halls of single firms, each behind its setbacks.
use geo::{Contains, Intersects};
use geo_types::{Coord, LineString, Polygon};

use super::parcels::Parcel;
use super::plane::{between, direction, distance_m, left_of};
use super::random::Random;

/// Buildings that the park has about.
const BUILDINGS: usize = 150;
/// Compounds of standard factories that are let floor by floor.
const COMPOUNDS: usize = 8;
/// Distance to the boundary, and between buildings, metres.
const SETBACK_M: f64 = 11.0;
const GAP_M: f64 = 16.0;

/// How a building came to be where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One of a compound, several storeys, let in units.
    Standard,
    /// A hall that is let in bays.
    LetHall,
    /// A firm's own.
    Own,
}

/// A footprint.
#[derive(Clone, Copy, Debug)]
pub struct Site {
    /// Middle of the building.
    pub middle: Coord<f64>,
    /// One metre along its longer side.
    pub along: Coord<f64>,
    /// Longer side, metres.
    pub long_m: f64,
    /// Shorter side, metres.
    pub wide_m: f64,
}

/// A building to be.
pub struct Placed<'a> {
    /// Where.
    pub site: Site,
    /// What for.
    pub kind: Kind,
    /// On this parcel.
    pub parcel: &'a Parcel,
    /// Position in its compound, from 1.
    pub number: usize,
}

impl Site {
    /// A part of it, as shares of its longer side.
    pub fn part(self, from: f64, to: f64) -> Self {
        Self {
            middle: self.middle + self.along * (self.long_m * (f64::midpoint(from, to) - 0.5)),
            long_m: self.long_m * (to - from),
            ..self
        }
    }

    /// Its outline.
    pub fn outline(self) -> Polygon<f64> {
        self.grown(0.0)
    }

    fn grown(self, by_m: f64) -> Polygon<f64> {
        let along = self.along * (self.long_m / 2.0 + by_m);
        let across = left_of(self.along) * (self.wide_m / 2.0 + by_m);
        let corners = [
            self.middle - along - across,
            self.middle + along - across,
            self.middle + along + across,
            self.middle - along + across,
        ];
        Polygon::new(LineString(corners.to_vec()), Vec::new())
    }

    /// Ground it covers, m².
    pub fn area_m2(self) -> f64 {
        self.long_m * self.wide_m
    }
}

/// All buildings, in the order of their parcels.
pub fn placed(parcels: &[Parcel]) -> Vec<Placed<'_>> {
    let built: Vec<&Parcel> = parcels
        .iter()
        .filter(|parcel| matches!(parcel.status, "BUILT" | "UNDER_CONSTRUCTION" | "REDEVELOP"))
        .collect();
    let mut random = Random::of("compounds");
    let mut large: Vec<usize> = (0..built.len()).filter(|nth| is_for_compound(built[*nth])).collect();
    let mut compounds = Vec::new();
    while compounds.len() < COMPOUNDS && !large.is_empty() {
        compounds.push(large.remove(random.index(large.len())));
    }
    let mut found = Vec::new();
    for (nth, parcel) in built.into_iter().enumerate() {
        if compounds.contains(&nth) {
            found.extend(compound(parcel));
        } else {
            found.extend(single(parcel));
        }
    }
    thinned(found)
}

fn is_for_compound(parcel: &Parcel) -> bool {
    parcel.status != "REDEVELOP" && parcel.plot.area_m2() > 34_000.0 && parcel.plot.outline.interiors().is_empty()
}

/// Not more than the park shall have: some firms' own offices, then halls, are left out (nobody has drawn them yet).
fn thinned(mut found: Vec<Placed<'_>>) -> Vec<Placed<'_>> {
    let mut random = Random::of("not drawn yet");
    while found.len() > BUILDINGS {
        let offices = found.iter().filter(|placed| placed.kind == Kind::Own && placed.number > 1).count();
        let spare = |placed: &Placed<'_>| placed.kind == Kind::Own && (offices < 12 || placed.number > 1);
        let spare: Vec<_> = (0..found.len()).filter(|nth| spare(&found[*nth])).collect();
        if spare.is_empty() {
            break;
        }
        found.remove(*random.pick(&spare));
    }
    found
}

/// The rectangle a plot was cut from: its middle, its longer direction, its sizes.
struct Frame {
    middle: Coord<f64>,
    along: Coord<f64>,
    long_m: f64,
    wide_m: f64,
}

fn frame(parcel: &Parcel) -> Frame {
    let [sw, se, ne, nw] = parcel.plot.corners;
    let (west, east) = (between(sw, nw, 0.5), between(se, ne, 0.5));
    let (south, north) = (between(sw, se, 0.5), between(nw, ne, 0.5));
    let (wide, deep) = (distance_m(west, east), distance_m(south, north));
    let middle = between(sw, ne, 0.5);
    if wide >= deep {
        let (long_m, wide_m) = (wide, deep);
        let along = direction(west, east);
        return Frame {
            middle,
            along,
            long_m,
            wide_m,
        };
    }
    Frame {
        middle,
        along: direction(south, north),
        long_m: deep,
        wide_m: wide,
    }
}

/// Rows of buildings, as many as fit.
fn compound(parcel: &Parcel) -> Vec<Placed<'_>> {
    let frame = frame(parcel);
    let mut random = Random::of(&format!("compound {}", parcel.feature.code));
    let wide_m = random.stepped(27.0, 36.0, 3.0);
    let (usable_long, usable_wide) = (frame.long_m - 2.0 * SETBACK_M, frame.wide_m - 2.0 * SETBACK_M);
    let rows = ((usable_wide + GAP_M) / (wide_m + GAP_M)).floor().clamp(1.0, 3.0);
    let columns = (usable_long / 125.0).ceil().clamp(1.0, 2.0);
    let long_m = ((usable_long + GAP_M) / columns - GAP_M).min(96.0);
    let row_step = (usable_wide - wide_m) / (rows - 1.0).max(1.0);
    let row_step = row_step.min(wide_m + 2.2 * GAP_M);
    let mut sites = Vec::new();
    for row in steps(rows) {
        for column in steps(columns) {
            let along = (column - (columns - 1.0) / 2.0) * (long_m + GAP_M);
            let across = (row - (rows - 1.0) / 2.0) * row_step;
            sites.push(Site {
                middle: frame.middle + frame.along * along + left_of(frame.along) * across,
                along: frame.along,
                long_m,
                wide_m,
            });
        }
    }
    let fitting = sites.into_iter().filter_map(|site| fit(parcel, site, &[]));
    let numbered = fitting.enumerate().map(|(nth, site)| Placed {
        site,
        kind: Kind::Standard,
        parcel,
        number: nth + 1,
    });
    numbered.collect()
}

fn steps(count: f64) -> impl Iterator<Item = f64> {
    std::iter::successors(Some(0.0), |step| Some(step + 1.0)).take_while(move |step| *step < count)
}

/// A firm's hall, perhaps with an office in front.
fn single(parcel: &Parcel) -> Vec<Placed<'_>> {
    let frame = frame(parcel);
    let mut random = Random::of(&format!("single {}", parcel.feature.code));
    let kind = if random.chance(0.3) { Kind::LetHall } else { Kind::Own };
    let wanted = Site {
        middle: frame.middle + left_of(frame.along) * random.between(-8.0, 8.0),
        along: frame.along,
        long_m: (frame.long_m - 2.0 * SETBACK_M) * random.between(0.62, 0.84),
        wide_m: ((frame.wide_m - 2.0 * SETBACK_M) * random.between(0.45, 0.62)).min(120.0),
    };
    let Some(hall) = fit(parcel, wanted, &[]) else {
        return Vec::new();
    };
    let mut found = vec![Placed {
        site: hall,
        kind,
        parcel,
        number: 1,
    }];
    if random.chance(0.35) {
        let side = if random.chance(0.5) { 1.0 } else { -1.0 };
        let office = Site {
            middle: hall.middle + left_of(hall.along) * (side * (hall.wide_m / 2.0 + GAP_M + 9.0)),
            long_m: (hall.long_m * 0.45).min(60.0),
            wide_m: 16.0,
            ..hall
        };
        let office = fit(parcel, office, &[hall]);
        found.extend(office.map(|site| Placed {
            site,
            kind: Kind::Own,
            parcel,
            number: 2,
        }));
    }
    found
}

/// The site, or a smaller one at the same place, that keeps its distance to the boundary and to what stands there already.
fn fit(parcel: &Parcel, site: Site, others: &[Site]) -> Option<Site> {
    let mut site = site;
    for _ in 0..14 {
        let ground = site.grown(SETBACK_M - 1.0);
        let is_free = others.iter().all(|other| !other.grown(GAP_M / 2.0).intersects(&site.outline()));
        if site.wide_m >= 12.0 && is_free && parcel.plot.outline.contains(&ground) {
            return Some(snapped(site));
        }
        site.long_m *= 0.93;
        site.wide_m *= 0.95;
    }
    None
}

/// Sizes that somebody would draw.
fn snapped(site: Site) -> Site {
    Site {
        long_m: (site.long_m * 2.0).floor() / 2.0,
        wide_m: (site.wide_m * 2.0).floor() / 2.0,
        ..site
    }
}
