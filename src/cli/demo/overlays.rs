//! Layers over the park: the strip along the river, power lines, ramps, substations, ground that floods.
use geo::{BooleanOps, Buffer};
use geo_types::{Coord, Geometry, LineString, MultiPolygon, Point, Polygon};

use super::facts::{Facts, Feature};
use super::parcels::Parcel;
use super::plane::place;
use super::water;

/// Width of the strip along the river in which not every industry may settle, metres.
const STRIP_M: f64 = 1000.0;
/// Half of the corridor of a 220 kV line, metres (GB/T 50293: 30 to 40 in all).
const CORRIDOR_M: f64 = 20.0;

type NamedLine = (&'static str, &'static [(f64, f64)]);

/// The 220 kV lines, lon/lat.
const LINES: [NamedLine; 2] = [
    (
        "220kV示范一线",
        &[
            (120.9560, 31.8520),
            (120.9765, 31.8462),
            (121.0000, 31.8453),
            (121.0290, 31.8440),
            (121.0600, 31.8420),
        ],
    ),
    (
        "220kV示范二线",
        &[(121.0290, 31.8440), (121.0262, 31.8230), (121.0318, 31.8100), (121.0410, 31.7990)],
    ),
];

/// Entrances of motorways: zh, en, lon/lat.
const RAMPS: [(&str, &str, (f64, f64)); 3] = [
    ("示范南互通", "South interchange (invented)", (120.9829, 31.8320)),
    ("示范中互通", "Middle interchange (invented)", (120.9690, 31.8790)),
    ("示范北互通", "North interchange (invented)", (120.9475, 31.9560)),
];

/// Where the ramps are.
pub fn ramp_places() -> [Coord<f64>; 3] {
    RAMPS.map(|(_, _, (lon, lat))| place(lon, lat))
}

/// Land within a kilometre of the bank, as far as the park reaches.
pub fn river_strip() -> Vec<Feature> {
    let water = water::rivers();
    let [west, east] = [place(120.93, 31.78), place(121.07, 31.99)];
    let ring = vec![west, Coord { x: east.x, y: west.y }, east, Coord { x: west.x, y: east.y }];
    let frame = MultiPolygon(vec![Polygon::new(LineString(ring), Vec::new())]);
    let strip = water.buffer(STRIP_M).intersection(&frame).difference(&water);
    let largest = strip.into_iter().max_by(|a, b| area(a).total_cmp(&area(b)));
    let mut facts = named("沿江一公里", "One kilometre along the river");
    facts.set(
        "rule",
        "沿江一公里范围内禁止新建、扩建化工项目(示范) No new or larger chemical works (invented rule of the demo park)",
    );
    facts.set("industries", "C25,C26");
    facts.set("valid_from", "2021-03-01");
    let feature = |polygon| vec![feature(0, facts, Geometry::Polygon(polygon))];
    largest.map(feature).unwrap_or_default()
}

fn area(polygon: &Polygon<f64>) -> f64 {
    geo::Area::unsigned_area(polygon)
}

/// Corridors of the lines.
pub fn power_line_corridors() -> Vec<Feature> {
    let corridor = |(nth, (name, line)): (usize, &NamedLine)| {
        let line: LineString<f64> = line.iter().map(|(lon, lat)| place(*lon, *lat)).collect();
        let mut facts = named(name, "220 kV line (invented)");
        facts.set("voltage_kv", "220");
        facts.set("width_m", "40");
        // A corridor has the width of its line everywhere, ends too: flat.
        feature(nth, facts, Geometry::MultiPolygon(flat_buffer(&line)))
    };
    LINES.iter().enumerate().map(corridor).collect()
}

fn flat_buffer(line: &LineString<f64>) -> MultiPolygon<f64> {
    use geo::algorithm::buffer::{BufferStyle, LineCap, LineJoin};
    let style = BufferStyle::new(CORRIDOR_M).line_cap(LineCap::Butt).line_join(LineJoin::Miter(0.6));
    line.buffer_with_style(style)
}

/// Entrances of motorways.
pub fn expressway_ramps() -> Vec<Feature> {
    let ramp = |(nth, (zh, en, at)): (usize, &(&'static str, &'static str, (f64, f64)))| {
        let mut facts = named(zh, en);
        facts.set("road", "G15");
        feature(nth, facts, Geometry::Point(Point(place(at.0, at.1))))
    };
    RAMPS.iter().enumerate().map(ramp).collect()
}

/// Substations: the large ones at the lines, the small ones in the holes of parcels.
pub fn substations(parcels: &[Parcel]) -> Vec<Feature> {
    const LARGE: [(&str, (f64, f64)); 3] = [
        ("220kV示范变电站", (120.9772, 31.8472)),
        ("110kV江湾变电站", (121.0262, 31.8432)),
        ("110kV北园变电站", (120.9870, 31.8462)),
    ];
    let large = LARGE.iter().map(|(name, (lon, lat))| (*name, place(*lon, *lat)));
    let small = parcels.iter().filter_map(|parcel| parcel.plot.hole).map(|at| ("10kV开闭所", at));
    let feature = |(nth, (name, at)): (usize, (&str, Coord<f64>))| {
        let mut facts = named(name, "Substation (invented)");
        facts.set("voltage_kv", name.split("kV").next().unwrap_or_default());
        feature(nth, facts, Geometry::Point(Point(at)))
    };
    large.chain(small).enumerate().map(feature).collect()
}

/// Low ground by the bay.
pub fn flood_ground() -> Vec<Feature> {
    let ring = [
        (120.9965, 31.8128),
        (121.0040, 31.8118),
        (121.0098, 31.8077),
        (121.0150, 31.8010),
        (121.0195, 31.7985),
        (121.0230, 31.8022),
        (121.0165, 31.8085),
        (121.0100, 31.8138),
        (121.0020, 31.8172),
    ];
    let ring: LineString<f64> = ring.iter().map(|(lon, lat)| place(*lon, *lat)).collect();
    let mut facts = named("江湾低洼地", "Low ground by the bay");
    facts.set("flood_level", "2.8 m (1985国家高程基准)");
    vec![feature(0, facts, Geometry::Polygon(Polygon::new(ring, Vec::new())))]
}

/// Names and the word that it is invented.
pub fn named(zh: &str, en: &str) -> Facts {
    let mut facts = Facts::default();
    facts.set("name", zh);
    facts.set("name_zh", zh);
    facts.set("name_en", en);
    facts
}

/// A feature of a layer, by its number in it.
pub fn feature(nth: usize, mut facts: Facts, geometry: Geometry<f64>) -> Feature {
    facts.set("id", (nth + 1).to_string());
    Feature {
        code: String::new(),
        facts,
        geometry,
    }
}
