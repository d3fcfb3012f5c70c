//! The units: floors of standard factories in two or three parts, bays of halls, each with its own part of the footprint.
use geo_types::Geometry;
use jiff::ToSpan;
use jiff::civil::date;

use super::building_facts::Building;
use super::buildings::Kind;
use super::facts::{Facts, Feature, INVENTED, TODAY};
use super::premises;
use super::random::{Random, round_to};

/// A part of a floor: letter, zh, and its share of the longer side.
type Part = (&'static str, &'static str, (f64, f64));

/// All units, by building and floor.
pub fn units(buildings: &[Building<'_>]) -> Vec<Feature> {
    let mut found = Vec::new();
    for building in buildings.iter().filter(|building| building.has_units) {
        let mut random = Random::of(&format!("{} floors", building.feature.code));
        for floor in floors(building) {
            for part in parts(building, &mut random) {
                found.push(unit(building, floor, part));
            }
        }
    }
    found
}

fn floors(building: &Building<'_>) -> impl Iterator<Item = i64> + use<> {
    let storeys = building.build.storeys;
    (1..=8_i64).take_while(move |floor| *floor as f64 <= storeys)
}

/// The far ends of a building are called by where they lie.
fn parts(building: &Building<'_>, random: &mut Random) -> Vec<Part> {
    let along = building.placed.site.along;
    let names: [(&str, &str); 2] = if along.x.abs() >= along.y.abs() {
        if along.x > 0.0 {
            [("W", "西"), ("E", "东")]
        } else {
            [("E", "东"), ("W", "西")]
        }
    } else if along.y > 0.0 {
        [("S", "南"), ("N", "北")]
    } else {
        [("N", "北"), ("S", "南")]
    };
    let [(first, first_zh), (last, last_zh)] = names;
    let is_hall = building.placed.kind == Kind::LetHall;
    let count = if is_hall {
        random.weighted(&[(2, 50), (3, 50)])
    } else {
        random.weighted(&[(1, 12), (2, 76), (3, 12)])
    };
    match count {
        1 => vec![("A", "整层", (0.0, 1.0))],
        2 => vec![(first, first_zh, (0.0, 0.5)), (last, last_zh, (0.5, 1.0))],
        _ => {
            let cut = random.stepped(0.3, 0.36, 0.01);
            vec![
                (first, first_zh, (0.0, cut)),
                ("M", "中", (cut, 1.0 - cut)),
                (last, last_zh, (1.0 - cut, 1.0)),
            ]
        }
    }
}

fn unit(building: &Building<'_>, floor: i64, (letter, letter_zh, (from, to)): Part) -> Feature {
    let code = format!("{}-{floor}F-{letter}", building.feature.code);
    let mut random = Random::of(&code);
    let site = building.placed.site.part(from, to);
    let mut facts = Facts::default();
    facts.set("parent", building.feature.code.as_str());
    facts.set("name", format!("示范单元 {} {floor}层{letter_zh}", building.feature.code));
    facts.set("remarks", INVENTED);
    facts.know("unit_number", format!("{floor}{letter}"), &mut random);
    facts.know_in("floor", floor, (&mut random, 0.95));
    let area = round_to(site.area_m2(), 0.01);
    facts.know_in("area", area, (&mut random, 0.95));
    facts.know_in("lettable_area", round_to(area * 0.94, 0.01), (&mut random, 0.6));
    facts.know_in("divisible", area > 1200.0, (&mut random, 0.6));
    facts.know_in(
        "smallest_lettable_area",
        if area > 1200.0 { 500.0 } else { 0.0 },
        (&mut random, 0.5),
    );
    construction(&mut random, &mut facts, (building, floor));
    premises::logistics(&mut random, &mut facts, building.build);
    premises::fire(&mut random, &mut facts, building.build);
    premises::permits(&mut random, &mut facts);
    facts.know_in(
        "power_capacity",
        round_to(building.build.power * (to - from) * 0.6, 10.0),
        (&mut random, 0.7),
    );
    status(&mut random, &mut facts, building);
    let owner = building.feature.facts.text("owner").to_owned();
    premises::people(
        &mut random,
        &mut facts,
        if owner.is_empty() {
            "示范园区开发有限公司(虚构)"
        } else {
            &owner
        },
    );
    facts.know_in(
        "certificate_number",
        format!("示(2024)虚构不动产权第{:07}号", random.whole(1, 99_999)),
        (&mut random, 0.2),
    );
    facts.know_in(
        "unit_code",
        format!("320688001001GB{:05}F0001{:04}", random.whole(1, 99_999), random.whole(1, 99)),
        (&mut random, 0.2),
    );
    Feature {
        code,
        facts,
        geometry: Geometry::Polygon(site.outline()),
    }
}

/// As the building on the ground floor, lower and weaker above.
fn construction(random: &mut Random, facts: &mut Facts, (building, floor): (&Building<'_>, i64)) {
    let build = building.build;
    if floor == 1 {
        return premises::construction(random, facts, build);
    }
    let clear = round_to(build.upper_m - 1.1, 0.05);
    facts.know("storey_height", build.upper_m, random);
    facts.know("clear_height", clear, random);
    facts.know_in("ceiling_height", round_to(clear - 0.5, 0.05), (random, 0.25));
    facts.know("floor_load", build.upper_load, random);
    premises::frame(random, facts, build);
}

fn status(random: &mut Random, facts: &mut Facts, building: &Building<'_>) {
    let mut of_building = Random::of(&format!("{} letting", building.feature.code));
    let demand = of_building.share();
    let is_done = building.completed <= TODAY;
    let status = match (is_done, demand) {
        (false, share) if share < 0.3 => "PLANNED",
        (false, _) => random.weighted(&[("UNDER_CONSTRUCTION", 75), ("PRE_LEASED", 25)]),
        // Some buildings are empty, some are full.
        (true, share) if share < 0.08 => "VACANT",
        (true, share) if share > 0.85 => "LEASED",
        (true, _) => random.weighted(&[
            ("LEASED", 45),
            ("VACANT", 22),
            ("VACATING", 8),
            ("HELD", 6),
            ("PRE_LEASED", 4),
            ("OWNER_OCCUPIED", 6),
            ("OUT_OF_SERVICE", 4),
            ("SOLD", 4),
            ("DEMOLISHED", 1),
        ]),
    };
    facts.set("status", status);
    follow(random, facts, building);
}

/// What belongs to a state.
fn follow(random: &mut Random, facts: &mut Facts, building: &Building<'_>) {
    let status = facts.text("status").to_owned();
    let handed_over = building.completed.saturating_add(45.days());
    match status.as_str() {
        "PLANNED" | "UNDER_CONSTRUCTION" => facts.know("available_from", handed_over.to_string(), random),
        "VACANT" | "HELD" => {
            facts.know(
                "vacant_since",
                random
                    .day(date(2024, 3, 1).max(handed_over.min(date(2026, 8, 1))), TODAY)
                    .to_string(),
                random,
            );
            facts.know(
                "available_from",
                random.day(date(2026, 9, 1), date(2027, 6, 30)).to_string(),
                random,
            );
        }
        "PRE_LEASED" => {
            premises::lease(random, facts, (date(2026, 6, 1), date(2031, 12, 31)));
            facts.set_day("lease_start", random.day(date(2027, 1, 1), date(2027, 12, 31)));
            facts.set_day("lease_end", random.day(date(2030, 1, 1), date(2032, 12, 31)));
        }
        "LEASED" => premises::lease(random, facts, (date(2023, 1, 1), date(2031, 12, 31))),
        "VACATING" => {
            premises::lease(random, facts, (date(2021, 1, 1), date(2027, 10, 31)));
            let free = random.day(date(2027, 1, 1), date(2027, 12, 31));
            facts.set_day("lease_end", free);
            facts.set_day("available_from", free.saturating_add(30.days()));
            facts.know_in("available_note", "承租人搬迁,可提前看房 Viewing is possible before", (random, 0.4));
        }
        _ => {}
    }
    if status == "HELD" {
        premises::hold(random, facts);
    }
    if matches!(status.as_str(), "VACANT" | "HELD" | "VACATING" | "PLANNED" | "UNDER_CONSTRUCTION") {
        premises::terms(random, facts, building.build);
        facts.know_in(
            "description",
            "示范单元,随时可看 Unit of the demo park, open to view",
            (random, 0.3),
        );
    }
}
