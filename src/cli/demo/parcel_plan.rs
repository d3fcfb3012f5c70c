//! What is planned for a parcel and what reaches it: indicators of the detailed plan, demands on the investor, pipes and cables, distances.
use geo_types::Coord;

use super::facts::Facts;
use super::overlays;
use super::plane::distance_m;
use super::random::{Random, round_to};

/// Planned use in the guide of 2023, the old plan letter, the cadastral use, and how often.
const USES: [((&str, &str, &str), u32); 11] = [
    (("100101", "M1", "0601"), 34),
    (("100102", "M2", "0601"), 26),
    (("1001", "M", "0601"), 9),
    (("100103", "M3", "0601"), 3),
    (("1001M0", "M0", "0601"), 5),
    (("1001Ma", "Ma", "0601"), 6),
    (("1001Mb", "Mb", "0601"), 2),
    (("110101", "W1", "0604"), 8),
    (("110102", "W2", "0604"), 3),
    (("0802", "A35", "08"), 3),
    (("16", "E", "12"), 2),
];

/// Indicators of the detailed plan.
pub fn plan(random: &mut Random, facts: &mut Facts, (area_m2, middle): (f64, Coord<f64>)) {
    let (planned, letter, cadastral) = random.weighted(&USES);
    let is_research = matches!(planned, "0802" | "1001M0" | "1001Ma" | "1001Mb");
    facts.know_in("planned_use", planned, (random, 0.95));
    facts.know_in("plan_letter", letter, (random, 0.75));
    facts.know_in("cadastral_use", cadastral, (random, 0.8));
    let ratio = match (is_research, random.whole(0, 3)) {
        (true, _) => "≥2.5".to_owned(),
        (false, 0) => "≥2.0".to_owned(),
        (false, 1) => "1.2-2.0".to_owned(),
        (false, 2) => format!("≥{:.1}", random.stepped(1.2, 1.6, 0.1)),
        (false, _) => format!("{:.1}-{:.1}", random.stepped(0.7, 1.2, 0.1), random.stepped(1.5, 2.2, 0.1)),
    };
    facts.know("plot_ratio", ratio, random);
    facts.know("site_coverage", format!("{}-60", random.whole(6, 9) * 5), random);
    facts.know_in("building_coefficient", "≥40", (random, 0.7));
    if random.chance(0.35) {
        facts.know("height_limit_none", true, random);
    } else {
        facts.know("height_limit", random_of(random, &[24.0, 36.0, 50.0, 60.0, 80.0]), random);
        facts.know_in("height_limit_none", false, (random, 0.4));
    }
    facts.know("green_ratio", format!("≤{}", random.pick(&["10", "13", "15", "20"])), random);
    facts.know_in("service_land_share", 7.0, (random, 0.8));
    facts.know_in("service_floor_share", 15.0, (random, 0.8));
    facts.know("setback_road", random_of(random, &[8.0, 10.0, 12.0, 15.0]), random);
    facts.know_in("setback_river", random_of(random, &[10.0, 15.0, 20.0, 30.0]), (random, 0.4));
    facts.know_in("setback_boundary", random_of(random, &[4.0, 6.0, 8.0]), (random, 0.7));
    facts.know_in(
        "planning_conditions",
        format!("示规条〔{}〕{:03}号", random.whole(2018, 2026), random.whole(1, 400)),
        (random, 0.5),
    );
    facts.know_in("area_net", round_to(area_m2 * random.between(0.86, 0.99), 0.01), (random, 0.7));
    if random.chance(0.2) {
        let constraint = *random.pick(&[
            "西侧有10kV架空线",
            "北侧有规划河道",
            "地块内有现状沟塘",
            "东侧有燃气管线",
            "A ditch crosses the site",
        ]);
        facts.set("constraints", constraint);
    }
    demands(random, facts, middle);
}

fn random_of(random: &mut Random, from: &[f64]) -> f64 {
    *random.pick(from)
}

/// What is asked of an investor.
fn demands(random: &mut Random, facts: &mut Facts, middle: Coord<f64>) {
    let intensity = random.stepped(350.0, 600.0, 10.0);
    facts.know("investment_intensity", intensity, random);
    facts.know("output_per_mu", round_to(intensity * random.between(1.1, 1.6), 10.0), random);
    facts.know("tax_per_mu", round_to(intensity * random.between(0.06, 0.13), 0.5), random);
    facts.know_in("energy_yield", random.stepped(1.5, 4.0, 0.1), (random, 0.5));
    facts.know_in("emission_yield", random.stepped(1200.0, 3000.0, 0.1), (random, 0.4));
    facts.know_in(
        "commitments",
        "固定资产投资、亩均税收、能耗按监管协议 Investment, tax and energy as agreed",
        (random, 0.3),
    );
    let barred = *random.pick(&["化工、危化品仓储", "电镀、印染", "铸造、喷涂", "Chemicals, plating"]);
    facts.know_in("industries_barred", barred, (random, 0.5));
    let wanted = *random.pick(&[
        "智能装备",
        "电子信息",
        "生命健康",
        "新材料、汽车零部件",
        "Medical technology, electronics",
    ]);
    facts.know_in("industries_wanted", wanted, (random, 0.6));
    tenure(random, facts, middle);
}

/// Rights to the land and its numbers in the registers.
fn tenure(random: &mut Random, facts: &mut Facts, middle: Coord<f64>) {
    facts.know("land_grade", random.whole(7, 9), random);
    facts.know(
        "right_type",
        random.weighted(&[("state_construction", 93), ("collective_construction", 5), ("undetermined", 2)]),
        random,
    );
    let modes = [
        ("grant", 55),
        ("flexible_grant", 18),
        ("lease", 8),
        ("lease_and_grant", 6),
        ("lease_then_grant", 8),
        ("allocation", 2),
        ("capital", 2),
        ("authorised", 1),
    ];
    facts.know("supply_mode", random.weighted(&modes), random);
    let serial = random.whole(1, 99_999);
    let parcel_code = format!("320688{:03}{:03}GB{serial:05}", random.whole(1, 9), random.whole(1, 20));
    facts.know_in("unit_code", format!("{parcel_code}W00000000"), (random, 0.5));
    facts.know_in("parcel_code", parcel_code, (random, 0.6));
    facts.know_in("certificate_number", format!("示(2026)虚构不动产权第{serial:07}号"), (random, 0.4));
    facts.know_in("abuttals", "东至道路,南至河道,西至邻地,北至道路(示范)", (random, 0.4));
    facts.know_in(
        "map_sheet",
        format!("{:.2}-{:.2}", 3520.0 + middle.y / 1000.0, 590.0 + middle.x / 1000.0),
        (random, 0.5),
    );
    facts.know(
        "eia_possible",
        random.weighted(&[("yes", 62), ("conditional", 28), ("no", 10)]),
        random,
    );
    facts.know_in("protection_distance", random_of(random, &[50.0, 100.0, 200.0]), (random, 0.3));
    facts.know_in(
        "description",
        "示范园区可供地块,近过江通道 Plot of the demo park, near the river crossing",
        (random, 0.25),
    );
}

/// Pipes and cables to the site, and how far things are.
pub fn services(random: &mut Random, facts: &mut Facts, middle: Coord<f64>) {
    let level = random.weighted(&[("seven", 25), ("five", 50), ("three", 15), ("raw", 10)]);
    facts.know("services_ready", level, random);
    let (is_served, is_well_served) = (level != "raw", level == "seven");
    if is_served {
        let power = random_of(random, &[630.0, 800.0, 1000.0, 1250.0, 1600.0, 2000.0, 2500.0, 4000.0, 8000.0]);
        facts.know("power_capacity", power, random);
        facts.know("power_voltage", if power > 2500.0 { 20.0 } else { 10.0 }, random);
        facts.know("water_supply", round_to(power * random.between(0.1, 0.4), 10.0), random);
        facts.know_in("water_pipe_mm", random_of(random, &[100.0, 150.0, 200.0, 300.0]), (random, 0.7));
        facts.know_in("sewage_capacity", round_to(power * random.between(0.08, 0.3), 10.0), (random, 0.7));
    }
    facts.know("power_expandable", random.chance(0.7), random);
    facts.know_in("power_dual_supply", random.chance(0.3), (random, 0.6));
    facts.know("sewage_connected", is_served, random);
    facts.know("steam_available", is_well_served, random);
    if is_well_served {
        facts.know("steam_capacity", random.stepped(2.0, 30.0, 0.5), random);
        facts.know("steam_pressure", random.stepped(0.6, 1.6, 0.1), random);
        facts.know("gas_capacity", random.stepped(100.0, 2000.0, 50.0), random);
    }
    facts.know("gas_available", is_served && random.chance(0.85), random);
    facts.know_in("telecom", "光纤到红线,5G覆盖 Fibre at the boundary", (random, 0.5));
    facts.know("ground_level", random.stepped(2.6, 4.4, 0.05), random);
    facts.know_in("flood_standard", random_of(random, &[50.0, 100.0]), (random, 0.8));
    let nearest = |places: &[Coord<f64>]| places.iter().map(|place| distance_m(*place, middle)).fold(f64::MAX, f64::min);
    facts.know(
        "motorway_distance",
        round_to(nearest(&overlays::ramp_places()) * 1.3, 100.0),
        random,
    );
    facts.know("main_road_distance", random.stepped(20.0, 900.0, 10.0), random);
    facts.know_in("road_lanes", random_of(random, &[2.0, 4.0, 6.0]), (random, 0.8));
}
