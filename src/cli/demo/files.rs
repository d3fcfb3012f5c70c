//! The files of the demo park: what is in each, how each is loaded, and the park that fills them.
use jiff::Timestamp;

use super::base_map;
use super::building_facts::building;
use super::buildings::placed;
use super::edits::edits;
use super::facts::{Feature, collection};
use super::overlays;
use super::parcels::parcels;
use super::random::Random;
use super::units::units;
use super::water;
use crate::domain::catalogue::{Effect, Names, Overlay};
use crate::domain::record::Evidence;
use crate::inventory::import::NewOverlay;

/// A file of `data/demo` as it is compiled in.
pub struct Committed {
    /// Its name without the ending.
    pub name: &'static str,
    /// What is in it.
    pub text: &'static str,
    /// Collection it goes into.
    pub into: &'static str,
    /// How it was observed.
    pub evidence: Evidence,
    /// When it was observed.
    observed_at: &'static str,
}

macro_rules! committed {
    ($($name:literal into $into:literal, $evidence:ident $day:literal;)*) => {
        /// In the order in which they are loaded.
        pub const FILES: &[Committed] = &[$(Committed {
            name: $name,
            text: include_str!(concat!("../../../data/demo/", $name, ".geojson")),
            into: $into,
            evidence: Evidence::$evidence,
            observed_at: concat!($day, "T08:00:00Z"),
        }),*];
    };
}

committed! {
    "base_water" into "base_water", Document "2017-11-30";
    "base_lakes" into "base_lake_water", Document "2026-06-30";
    "base_canals" into "base_canals", Document "2026-06-30";
    "base_green" into "base_green", Document "2026-06-30";
    "base_town_blocks" into "base_blocks", Document "2026-06-30";
    "base_streets" into "base_streets", Document "2026-06-30";
    "base_roads" into "base_roads", Document "2026-06-30";
    "base_motorways" into "base_motorways", Document "2026-06-30";
    "base_waters" into "base_water_names", Document "2026-06-30";
    "base_places" into "base_places", Document "2026-06-30";
    "river_1km" into "river_1km", Document "2025-12-31";
    "flood_ground" into "flood_ground", Document "2025-12-31";
    "power_line_corridor" into "power_line_corridor", Document "2026-03-31";
    "expressway_ramps" into "expressway_ramps", Document "2026-03-31";
    "substations" into "substations", Document "2026-03-31";
    "parcels_document" into "parcels", Document "2025-12-31";
    "parcels_measured" into "parcels", Measured "2026-09-18";
    "parcels_told" into "parcels", Told "2024-11-05";
    "buildings_document" into "buildings", Document "2025-11-30";
    "buildings_seen" into "buildings", Seen "2026-10-27";
    "units_seen" into "units", Seen "2026-11-12";
    "units_told" into "units", Told "2025-05-20";
}

/// What happened later: one edit a line.
pub const EDITS: &str = include_str!("../../../data/demo/edits.jsonl");

impl Committed {
    /// When what is in it was observed.
    pub fn observed_at(&self) -> Timestamp {
        self.observed_at.parse().unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// The layer that it defines; `None` for parcels, buildings and units.
    pub fn overlay(&self) -> Option<NewOverlay> {
        let (_, [zh, en, de], effect) = *LAYERS.iter().find(|(key, _, _)| *key == self.into)?;
        let is_water = self.into == "base_water";
        Some(NewOverlay {
            names: Names {
                zh: zh.into(),
                en: en.into(),
                de: de.into(),
            },
            overlay: Overlay {
                effect,
                buffer_m: 0.0,
                source: if is_water { WATER_SOURCE } else { OWN_SOURCE }.to_owned(),
                base_map: self.into.starts_with("base_"),
            },
        })
    }
}

/// Must be shown with the shoreline, as its licence asks.
const WATER_SOURCE: &str = "© OpenStreetMap contributors, ODbL 1.0";
const OWN_SOURCE: &str = "Demo park (invented)";

/// Key, names in zh, en and de, and effect of each layer.
const LAYERS: [(&str, [&str; 3], Effect); 15] = [
    ("base_water", ["江海水域", "River and sea", "Fluss und Meer"], Effect::Info),
    ("base_lake_water", ["湖泊", "Lakes", "Seen"], Effect::Info),
    ("base_canals", ["河道", "Canals", "Kanäle"], Effect::Info),
    ("base_green", ["公园绿地", "Gardens", "Grünflächen"], Effect::Info),
    ("base_blocks", ["生活区", "Housing", "Wohngebiete"], Effect::Info),
    ("base_streets", ["支路", "Streets", "Straßen"], Effect::Info),
    ("base_roads", ["主干路", "Main roads", "Hauptstraßen"], Effect::Info),
    ("base_motorways", ["高速公路", "Motorways", "Autobahnen"], Effect::Info),
    ("base_water_names", ["水域名称", "Names of waters", "Gewässernamen"], Effect::Info),
    ("base_places", ["地名", "Places", "Orte"], Effect::Info),
    (
        "river_1km",
        ["沿江一公里", "1 km along the river", "1 km am Fluss"],
        Effect::Restrict,
    ),
    ("flood_ground", ["低洼易涝区", "Low ground", "Niederung"], Effect::Warn),
    (
        "power_line_corridor",
        ["高压走廊", "Power-line corridor", "Hochspannungstrasse"],
        Effect::Exclude,
    ),
    (
        "expressway_ramps",
        ["高速出入口", "Motorway ramps", "Autobahnauffahrten"],
        Effect::Info,
    ),
    ("substations", ["变电站", "Substations", "Umspannwerke"], Effect::Info),
];

/// Every file of the park as it is generated: name with its ending, and text.
pub fn generated() -> Vec<(String, String)> {
    let parcels = parcels();
    let buildings: Vec<_> = placed(&parcels)
        .into_iter()
        .enumerate()
        .map(|(nth, one)| building(nth, one))
        .collect();
    let units = units(&buildings);
    let mut files = layers(&parcels);
    let shares = [("document", 60), ("measured", 28), ("told", 12)];
    split(&mut files, ("parcels", &shares), parcels.iter().map(|parcel| &parcel.feature));
    let shares = [("document", 45), ("seen", 55)];
    split(
        &mut files,
        ("buildings", &shares),
        buildings.iter().map(|building| &building.feature),
    );
    split(&mut files, ("units", &[("seen", 75), ("told", 25)]), units.iter());
    let named = |(name, text): (String, String)| (format!("{name}.geojson"), text);
    let mut files: Vec<_> = files.into_iter().map(named).collect();
    files.push(("edits.jsonl".to_owned(), edits(&parcels, &units)));
    files
}

fn layers(parcels: &[super::parcels::Parcel]) -> Vec<(String, String)> {
    let made = [
        ("base_lakes", base_map::lakes()),
        ("base_canals", base_map::canals()),
        ("base_green", base_map::green()),
        ("base_town_blocks", base_map::towns()),
        ("base_streets", base_map::side_streets()),
        ("base_roads", base_map::main_roads()),
        ("base_motorways", base_map::motorways()),
        ("base_waters", base_map::waters()),
        ("base_places", base_map::places()),
        ("river_1km", overlays::river_strip()),
        ("flood_ground", overlays::flood_ground()),
        ("power_line_corridor", overlays::power_line_corridors()),
        ("expressway_ramps", overlays::expressway_ramps()),
        ("substations", overlays::substations(parcels)),
    ];
    let water = ("base_water".to_owned(), water::FILE.to_owned());
    let text = |(name, features): (&str, Vec<Feature>)| (name.to_owned(), collection(name, &features.iter().collect::<Vec<_>>()));
    std::iter::once(water).chain(made.map(text)).collect()
}

/// Records by how they came to be known: one file for each way.
fn split<'a>(
    files: &mut Vec<(String, String)>,
    (name, shares): (&str, &[(&'static str, u32)]),
    features: impl Iterator<Item = &'a Feature>,
) {
    let known_by = |feature: &Feature| Random::of(&format!("{} known by", feature.code)).weighted(shares);
    let features: Vec<_> = features.map(|feature| (known_by(feature), feature)).collect();
    for (way, _) in shares {
        let of_way: Vec<_> = features
            .iter()
            .filter(|(known, _)| known == way)
            .map(|(_, feature)| *feature)
            .collect();
        let name = format!("{name}_{way}");
        let text = collection(&name, &of_way);
        files.push((name, text));
    }
}
