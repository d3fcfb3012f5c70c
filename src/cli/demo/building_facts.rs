//! What is known of a building: how it is built, what it can carry, what it costs.
use geo_types::Geometry;
use jiff::ToSpan;
use jiff::civil::{Date, date};

use super::buildings::{Kind, Placed};
use super::facts::{Facts, Feature, INVENTED, TODAY};
use super::names;
use super::premises::{self, Build};
use super::random::{Random, round_to};
use super::streets::DISTRICTS;

/// A building with what its units need of it.
pub struct Building<'a> {
    /// The record.
    pub feature: Feature,
    /// Where it stands and what for.
    pub placed: Placed<'a>,
    /// How it is built.
    pub build: Build,
    /// When it was or will be completed.
    pub completed: Date,
    /// Whether it is let in units.
    pub has_units: bool,
}

/// The record of a building.
pub fn building(nth: usize, placed: Placed<'_>) -> Building<'_> {
    let code = format!("B-{:04}", nth + 1);
    let mut random = Random::of(&code);
    let build = premises::build(&mut random, &placed);
    let completed = completed(&mut random, &placed);
    let has_units = placed.kind != Kind::Own;
    let mut facts = Facts::default();
    identity(&mut random, &mut facts, (&placed, &code));
    areas(&mut random, &mut facts, (&placed, build));
    premises::construction(&mut random, &mut facts, build);
    whole_building(&mut random, &mut facts, build);
    premises::logistics(&mut random, &mut facts, build);
    premises::fire(&mut random, &mut facts, build);
    premises::permits(&mut random, &mut facts);
    utilities(&mut random, &mut facts, build);
    facts.power_upgrade(&code);
    papers(&mut random, &mut facts, completed);
    if !has_units {
        status(&mut random, &mut facts, (&placed, completed));
    }
    if has_units || facts.has("vacant_since") {
        premises::terms(&mut random, &mut facts, build);
    }
    premises::people(&mut random, &mut facts, owner(&placed));
    Building {
        feature: Feature {
            code,
            facts,
            geometry: Geometry::Polygon(placed.site.outline()),
        },
        placed,
        build,
        completed,
        has_units,
    }
}

fn completed(random: &mut Random, placed: &Placed<'_>) -> Date {
    match placed.parcel.status {
        "UNDER_CONSTRUCTION" => random.day(date(2027, 2, 1), date(2028, 3, 31)),
        _ => placed
            .parcel
            .feature
            .facts
            .text("completed_on")
            .parse()
            .unwrap_or(date(2019, 6, 30)),
    }
}

fn owner<'a>(placed: &'a Placed<'_>) -> &'a str {
    match placed.kind {
        Kind::Standard => "示范园区开发有限公司(虚构)",
        Kind::LetHall | Kind::Own => placed.parcel.feature.facts.text("transferee"),
    }
}

fn identity(random: &mut Random, facts: &mut Facts, (placed, code): (&Placed<'_>, &str)) {
    let [zh, en, _] = DISTRICTS[placed.parcel.district].names;
    let parcel = &placed.parcel.feature;
    facts.set("parent", parcel.code.as_str());
    facts.set("district", format!("示范园区·{zh} Demo park (invented), {en}"));
    facts.set("remarks", INVENTED);
    facts.know("building_number", format!("{}#", placed.number), random);
    let mut of_complex = Random::of(&format!("complex {}", parcel.code));
    let works = names::works(&mut of_complex);
    match placed.kind {
        Kind::Standard => {
            let complex = format!("示范标准厂房 {} {works}", parcel.code);
            facts.set("name", format!("示范标准厂房 {code} {}#", placed.number));
            facts.know("complex", complex, random);
        }
        Kind::LetHall => facts.set("name", format!("示范厂房 {code}")),
        Kind::Own => facts.set("name", works),
    }
    if parcel.facts.has("address") {
        facts.know("address", format!("{}{}#", parcel.facts.text("address"), placed.number), random);
    }
    let kind = match (placed.kind, placed.number) {
        (Kind::Standard, _) => random.weighted(&[("standard_factory", 60), ("high_spec_factory", 40)]),
        (Kind::LetHall, _) => random.weighted(&[("factory", 70), ("warehouse", 30)]),
        (Kind::Own, 1) => random.weighted(&[("factory", 80), ("warehouse", 12), ("rd", 5), ("other", 3)]),
        (Kind::Own, _) => random.weighted(&[("office", 50), ("dormitory", 20), ("ancillary", 20), ("rd", 10)]),
    };
    facts.know_in("building_type", kind, (random, 0.93));
    if placed.kind == Kind::Standard {
        let text = "示范园区标准厂房,按层或分割出租 Standard factory of the demo park, let by floor or in parts";
        facts.know_in("description", text, (random, 0.4));
    }
}

fn areas(random: &mut Random, facts: &mut Facts, (placed, build): (&Placed<'_>, Build)) {
    let floor_m2 = placed.site.area_m2();
    let total = round_to(floor_m2 * build.storeys, 0.01);
    facts.know_in("floor_area", total, (random, 0.93));
    facts.know("title_area", round_to(total * random.between(0.985, 1.0), 0.01), random);
    let doubled = if build.storey_m > 8.0 { floor_m2 } else { 0.0 };
    facts.know_in("plot_ratio_area", round_to(total + doubled, 0.01), (random, 0.6));
    facts.know_in("site_area", round_to(floor_m2 * random.between(1.6, 2.4), 1.0), (random, 0.5));
    facts.know_in("lettable_area", round_to(total * 0.94, 0.01), (random, 0.7));
    facts.know_in("ancillary_area", round_to(total * random.between(0.02, 0.09), 1.0), (random, 0.5));
    facts.know_in("open_area", round_to(floor_m2 * random.between(0.2, 0.7), 10.0), (random, 0.5));
    if placed.kind == Kind::Own {
        facts.know_in("own_use_area", total, (random, 0.6));
    } else {
        facts.know_in("let_area", round_to(total * random.between(0.3, 0.9), 1.0), (random, 0.4));
        facts.know_in("smallest_lettable_area", random.stepped(500.0, 2500.0, 100.0), (random, 0.6));
    }
}

/// What only a whole building has.
fn whole_building(random: &mut Random, facts: &mut Facts, build: Build) {
    facts.know_in("storeys", build.storeys, (random, 0.95));
    facts.know_in("storeys_below", random.weighted(&[(0, 90), (1, 10)]), (random, 0.6));
    let height = build.storey_m + build.upper_m * (build.storeys - 1.0) + 0.9;
    facts.know("height", round_to(height, 0.1), random);
    facts.know_in("eaves_height", round_to(height - 0.6, 0.05), (random, 0.6));
    if build.storeys > 1.0 {
        facts.know("storey_height_upper", build.upper_m, random);
        facts.know("floor_load_upper", build.upper_load, random);
    }
    facts.know_in("stands_alone", build.storeys < 2.0 && random.chance(0.5), (random, 0.7));
    facts.know_in("dormitory_area", random.stepped(0.0, 3000.0, 100.0), (random, 0.3));
    facts.know_in("canteen", random.chance(0.4), (random, 0.6));
    facts.know_in("parking_spaces", random.whole(10, 220), (random, 0.7));
}

fn utilities(random: &mut Random, facts: &mut Facts, build: Build) {
    facts.know("power_capacity", build.power, random);
    facts.know("power_expandable", random.chance(0.6), random);
    facts.know_in("power_voltage", 10.0, (random, 0.8));
    facts.know_in("power_dual_supply", random.chance(0.2), (random, 0.6));
    facts.know_in("water_supply", random.stepped(20.0, 400.0, 10.0), (random, 0.6));
    facts.know_in("water_pipe_mm", random.weighted(&[(80, 20), (100, 50), (150, 30)]), (random, 0.5));
    facts.know("sewage_connected", random.chance(0.9), random);
    facts.know_in("sewage_capacity", random.stepped(10.0, 300.0, 10.0), (random, 0.5));
    let has_steam = random.chance(0.3);
    facts.know("steam_available", has_steam, random);
    if has_steam {
        facts.know("steam_capacity", random.stepped(0.5, 12.0, 0.5), random);
        facts.know("steam_pressure", random.stepped(0.6, 1.2, 0.1), random);
    }
    let has_gas = random.chance(0.65);
    facts.know("gas_available", has_gas, random);
    if has_gas {
        facts.know_in("gas_capacity", random.stepped(50.0, 800.0, 50.0), (random, 0.6));
    }
    facts.know_in("telecom", "光纤入户 Fibre in the building", (random, 0.6));
    facts.know_in(
        "protection_distance",
        random.weighted(&[(0, 60), (50, 25), (100, 15)]),
        (random, 0.3),
    );
    facts.know_in("ground_level", random.stepped(3.0, 4.6, 0.05), (random, 0.6));
    facts.know_in("flood_standard", random.weighted(&[(50, 40), (100, 60)]), (random, 0.6));
    facts.know_in("motorway_distance", random.stepped(1200.0, 9000.0, 100.0), (random, 0.8));
    facts.know_in("main_road_distance", random.stepped(20.0, 600.0, 10.0), (random, 0.8));
    facts.know_in("road_lanes", random.weighted(&[(2, 30), (4, 50), (6, 20)]), (random, 0.7));
    facts.know_in("nearby_prices", "同类厂房15-22元/㎡/月(示范)", (random, 0.3));
}

fn papers(random: &mut Random, facts: &mut Facts, completed: Date) {
    let is_done = completed <= TODAY;
    if is_done {
        facts.set_day("completed_on", completed);
        facts.know("built_year", i64::from(completed.year()), random);
        let certified = random.chance(0.85);
        facts.know("title_certificate", certified, random);
        if certified {
            let number = format!("示({})虚构不动产权第{:07}号", completed.year() + 1, random.whole(1, 99_999));
            facts.know_in("certificate_number", number, (random, 0.7));
            let unit = format!("320688001001GB{:05}F00010001", random.whole(1, 99_999));
            facts.know_in("unit_code", unit, (random, 0.5));
        }
    } else {
        facts.know("available_from", completed.saturating_add(30.days()).to_string(), random);
        facts.know_in("available_note", "分层交付 Handed over floor by floor", (random, 0.5));
    }
    facts.know("land_certificate", random.chance(0.93), random);
}

/// Of a building that has no units: its own state, and what belongs to it.
fn status(random: &mut Random, facts: &mut Facts, (placed, completed): (&Placed<'_>, Date)) {
    let status = match placed.parcel.status {
        "UNDER_CONSTRUCTION" => random.weighted(&[("UNDER_CONSTRUCTION", 75), ("PLANNED", 25)]),
        "REDEVELOP" => random.weighted(&[("OUT_OF_SERVICE", 40), ("DEMOLISHED", 40), ("VACANT", 20)]),
        _ => random.weighted(&[
            ("OWNER_OCCUPIED", 50),
            ("FULLY_LET", 10),
            ("VACANT", 14),
            ("PARTLY_VACANT", 5),
            ("SOLD", 4),
            ("HELD", 12),
            ("OUT_OF_SERVICE", 4),
        ]),
    };
    facts.set("status", status);
    let area = facts.number("floor_area").unwrap_or_else(|| placed.site.area_m2());
    if matches!(status, "VACANT" | "HELD" | "PARTLY_VACANT") {
        let least = completed.saturating_add(200.days()).min(date(2026, 6, 1));
        facts.set_day("vacant_since", random.day(least.max(date(2024, 1, 1)), TODAY));
        facts.know(
            "available_from",
            random.day(date(2026, 10, 1), date(2027, 9, 30)).to_string(),
            random,
        );
        let share = if status == "PARTLY_VACANT" { random.between(0.2, 0.6) } else { 1.0 };
        facts.know("area_available", round_to(area * share, 0.01), random);
    }
    if status == "FULLY_LET" {
        premises::lease(random, facts, (date(2023, 1, 1), date(2028, 12, 31)));
    }
    if status == "HELD" {
        premises::hold(random, facts);
    }
}
