//! The base map beside the water: motorway, streets, canals, green, and the names of places.
use geo_types::{Coord, Geometry, LineString, Point, Polygon};

use super::facts::{Facts, Feature};
use super::overlays::{feature, named};
use super::plane::place;
use super::streets::{Block, Use, blocks, streets};

type LonLat = (f64, f64);
type Line = &'static [LonLat];

/// G15 with the Sutong bridge, by hand and generalised.
const G15: Line = &[
    (120.9150, 32.1000),
    (120.9290, 32.0500),
    (120.9405, 31.9950),
    (120.9475, 31.9560),
    (120.9560, 31.9250),
    (120.9650, 31.8930),
    (120.9745, 31.8600),
    (120.9835, 31.8300),
    (120.9890, 31.8130),
    (120.9965, 31.7820),
    (121.0030, 31.7560),
    (121.0050, 31.7300),
    (121.0030, 31.6800),
];

/// Roads between the districts and to the towns around, invented: zh, pinyin.
const ROADS: [(&str, &str, Line); 8] = [
    ("青檀大道", "Qingtan", &[(121.0021, 31.8414), (121.0027, 31.8470)]),
    ("丹桂大道", "Dangui", &[(121.0163, 31.8409), (121.0159, 31.8465)]),
    (
        "通江大道",
        "Tongjiang",
        &[
            (120.9986, 31.8718),
            (120.9990, 31.9000),
            (121.0050, 31.9400),
            (121.0159, 31.9649),
            (121.0200, 31.9950),
        ],
    ),
    (
        "示范大道",
        "Shifan",
        &[(120.9690, 31.8790), (120.9770, 31.8745), (120.9850, 31.8722)],
    ),
    (
        "示范大道",
        "Shifan",
        &[(121.0190, 31.8712), (121.0500, 31.8710), (121.0950, 31.8690)],
    ),
    (
        "锦绣路",
        "Jinxiu",
        &[
            (120.9475, 31.9560),
            (120.9800, 31.9600),
            (121.0159, 31.9649),
            (121.0600, 31.9660),
            (121.1000, 31.9690),
        ],
    ),
    ("望江路", "Wangjiang", &[(120.9829, 31.8320), (120.9917, 31.8330)]),
    (
        "海棠大道",
        "Haitang",
        &[(121.0337, 31.8227), (121.0600, 31.8200), (121.0950, 31.8160)],
    ),
];

/// Canals, invented but where such canals would run: zh, en.
const CANALS: [(&str, &str, Line); 5] = [
    (
        "团结河",
        "Tuanjie Canal",
        &[
            (120.9330, 31.9120),
            (120.9600, 31.9110),
            (121.0000, 31.9140),
            (121.0500, 31.9130),
            (121.1000, 31.9170),
        ],
    ),
    (
        "新江海河",
        "Xinjianghai Canal",
        &[
            (121.0500, 31.7955),
            (121.0490, 31.8300),
            (121.0515, 31.8700),
            (121.0505, 31.9130),
            (121.0540, 31.9700),
            (121.0560, 32.0200),
        ],
    ),
    (
        "中心竖河",
        "Zhongxin Canal",
        &[(120.9805, 31.8446), (120.9795, 31.8700), (120.9850, 31.9140), (120.9880, 31.9900)],
    ),
    (
        "横港",
        "Henggang",
        &[
            (120.9400, 31.8440),
            (120.9805, 31.8446),
            (121.0000, 31.8441),
            (121.0200, 31.8434),
            (121.0502, 31.8420),
        ],
    ),
    (
        "北横河",
        "Beiheng Canal",
        &[(120.9500, 31.9820), (120.9880, 31.9805), (121.0300, 31.9790), (121.0545, 31.9800)],
    ),
];

/// Names of places: zh, en, de, lon/lat, size.
const PLACES: [(&str, &str, &str, LonLat, &str); 11] = [
    ("南通市区", "Nantong", "Nantong", (120.8650, 31.9950), "city"),
    ("江湾片区", "Riverbend", "Flussbogen", (121.0360, 31.8340), "park"),
    ("北园片区", "North Park", "Nordpark", (121.0290, 31.8590), "park"),
    ("张芝山镇", "Zhangzhishan", "Zhangzhishan", (121.0159, 31.9649), "town"),
    ("南通开发区", "Nantong ETDZ", "Nantong ETDZ", (120.9480, 31.8900), "town"),
    ("竹行", "Zhuhang", "Zhuhang", (120.9560, 31.9330), "town"),
    ("海门", "Haimen", "Haimen", (121.1700, 31.8950), "city"),
    ("常熟", "Changshu", "Changshu", (120.8400, 31.7150), "city"),
    ("太仓", "Taicang", "Taicang", (121.0800, 31.7000), "city"),
    ("川姜", "Chuanjiang", "Chuanjiang", (121.0750, 31.9900), "town"),
    ("苏通大桥", "Sutong Bridge", "Sutong-Brücke", (120.9975, 31.7800), "bridge"),
];

/// Names on the water.
const WATERS: [(&str, &str, &str, (f64, f64)); 4] = [
    ("镜湖", "Mirror Lake", "Spiegelsee", (121.0176, 31.8222)),
    ("长江", "Yangtze", "Jangtsekiang", (120.9750, 31.7930)),
    ("长江", "Yangtze", "Jangtsekiang", (120.8600, 31.9000)),
    ("长江", "Yangtze", "Jangtsekiang", (121.1500, 31.7600)),
];

fn path(line: &[(f64, f64)]) -> Geometry<f64> {
    let places = line.iter().map(|(lon, lat)| place(*lon, *lat));
    Geometry::LineString(places.collect::<LineString<f64>>())
}

fn in_three([zh, en, de]: [&str; 3]) -> Facts {
    let mut facts = named(zh, en);
    facts.set("name_de", de);
    facts
}

fn numbered(features: impl Iterator<Item = (Facts, Geometry<f64>)>) -> Vec<Feature> {
    let feature = |(nth, (facts, geometry)): (usize, (Facts, Geometry<f64>))| feature(nth, facts, geometry);
    features.enumerate().map(feature).collect()
}

fn street_names((zh, pinyin): (&str, &str)) -> Facts {
    let (kind, german) = if zh.ends_with("大道") {
        ("Avenue", "-Allee")
    } else {
        ("Road", "-Straße")
    };
    in_three([zh, &format!("{pinyin} {kind}"), &format!("{pinyin}{german}")])
}

/// The motorway.
pub fn motorways() -> Vec<Feature> {
    numbered(std::iter::once((in_three(["G15 沈海高速", "G15", "G15"]), path(G15))))
}

/// Avenues and the roads between districts.
pub fn main_roads() -> Vec<Feature> {
    let avenues = streets().into_iter().filter(|street| street.is_avenue);
    let avenues = avenues.map(|street| (street_names(street.name), Geometry::LineString(LineString(street.line))));
    let roads = ROADS.iter().map(|(zh, pinyin, line)| (street_names((zh, pinyin)), path(line)));
    numbered(roads.chain(avenues))
}

/// The narrower streets of the grids.
pub fn side_streets() -> Vec<Feature> {
    let narrow = streets().into_iter().filter(|street| !street.is_avenue);
    numbered(narrow.map(|street| (street_names(street.name), Geometry::LineString(LineString(street.line)))))
}

/// Canals.
pub fn canals() -> Vec<Feature> {
    numbered(CANALS.iter().map(|(zh, en, line)| (in_three([zh, en, en]), path(line))))
}

/// Gardens and the lakes in them.
pub fn green() -> Vec<Feature> {
    let gardens = blocks()
        .into_iter()
        .filter(|block| matches!(block.used_for, Use::Green | Use::Lake));
    numbered(gardens.map(|block| (in_three(["示范公园", "Garden", "Park"]), Geometry::Polygon(whole(&block)))))
}

/// Lakes. Their names are among the waters: a name on the outline would be written once in every tile.
pub fn lakes() -> Vec<Feature> {
    let lakes = blocks().into_iter().filter(|block| block.used_for == Use::Lake);
    numbered(lakes.map(|block| (Facts::default(), Geometry::Polygon(rounded(&block)))))
}

/// Housing and shops.
pub fn towns() -> Vec<Feature> {
    let towns = blocks().into_iter().filter(|block| block.used_for == Use::Town);
    numbered(towns.map(|block| (in_three(["生活区", "Housing", "Wohngebiet"]), Geometry::Polygon(whole(&block)))))
}

fn whole(block: &Block) -> Polygon<f64> {
    Polygon::new(LineString(block.corners.to_vec()), Vec::new())
}

/// A lake with a soft shore in its block: corners cut three times (Chaikin 1974).
fn rounded(block: &Block) -> Polygon<f64> {
    let middle = block.corners.iter().fold(Coord { x: 0.0, y: 0.0 }, |sum, corner| sum + *corner) / 4.0;
    let pulled = [0.8, 0.62, 0.84, 0.7];
    let mut ring: Vec<Coord<f64>> = block
        .corners
        .iter()
        .zip(pulled)
        .map(|(corner, by)| middle + (*corner - middle) * by)
        .collect();
    for _ in 0..3 {
        let next = ring.iter().skip(1).chain(ring.first());
        ring = ring
            .iter()
            .zip(next)
            .flat_map(|(a, b)| [*a + (*b - *a) * 0.25, *a + (*b - *a) * 0.75])
            .collect();
    }
    Polygon::new(LineString(ring), Vec::new())
}

/// Names of places.
pub fn places() -> Vec<Feature> {
    numbered(PLACES.iter().map(|(zh, en, de, (lon, lat), size)| {
        let mut facts = in_three([zh, en, de]);
        facts.set("size", *size);
        (facts, Geometry::Point(Point(place(*lon, *lat))))
    }))
}

/// Names on the water.
pub fn waters() -> Vec<Feature> {
    numbered(
        WATERS
            .iter()
            .map(|(zh, en, de, (lon, lat))| (in_three([zh, en, de]), Geometry::Point(Point(place(*lon, *lat))))),
    )
}
