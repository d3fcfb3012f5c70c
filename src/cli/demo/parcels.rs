//! The parcels: which plot is in which state, and who stands behind it. What is planned for the land is in `parcel_plan`.
use geo_types::{Coord, Geometry};
use jiff::ToSpan;
use jiff::civil::{Date, date};

use super::facts::{Facts, Feature, INVENTED, TODAY};
use super::names;
use super::parcel_plan;
use super::plane::{between, distance_m};
use super::plots::{Plot, plots};
use super::random::{Random, round_to};
use super::streets::{Block, DISTRICTS, Use, blocks};

/// States in the order in which a district grows, from its oldest corner outwards, with their shares of all parcels.
const GROWTH: [(&str, f64); 7] = [
    ("REDEVELOP", 0.035),
    ("BUILT", 0.34),
    ("UNDER_CONSTRUCTION", 0.08),
    ("SUPPLIED", 0.075),
    ("AVAILABLE", 0.31),
    ("ACQUIRED", 0.085),
    ("PLANNED", 0.075),
];

/// A parcel with what later steps need of it.
pub struct Parcel {
    /// The record.
    pub feature: Feature,
    /// Its plot.
    pub plot: Plot,
    /// Its state.
    pub status: &'static str,
    /// Position of its district.
    pub district: usize,
}

/// All parcels, `P-0001` in the north-west of the first district.
pub fn parcels() -> Vec<Parcel> {
    let mut found: Vec<(Block, Plot)> = Vec::new();
    for block in blocks() {
        if block.used_for == Use::Industry {
            for plot in plots(&block) {
                found.push((block, plot));
            }
        }
    }
    let states = states(&found);
    let numbered = found.into_iter().zip(states).enumerate();
    numbered
        .map(|(nth, ((block, plot), status))| parcel(nth, (&block, plot), status))
        .collect()
}

/// The older a place, the further its parcels have come; some are ahead of their neighbours, and some behind.
fn states(found: &[(Block, Plot)]) -> Vec<&'static str> {
    let mut random = Random::of("states");
    let mut by_age: Vec<(f64, usize)> = Vec::with_capacity(found.len());
    for (nth, (block, plot)) in found.iter().enumerate() {
        let age = distance_m(middle(plot), old_town(block.district)) + random.between(-900.0, 900.0);
        by_age.push((age, nth));
    }
    by_age.sort_by(|left, right| left.0.total_cmp(&right.0));
    let mut states = vec!["PLANNED"; found.len()];
    for (rank, (_, nth)) in by_age.iter().enumerate() {
        let share = rank as f64 / found.len() as f64;
        let mut upto = 0.0;
        let state = GROWTH.iter().find(|(_, part)| {
            upto += part;
            share < upto
        });
        states[*nth] = refine(&mut random, state.map_or("PLANNED", |(state, _)| state));
    }
    states
}

/// Some of what is available is held or listed, some of what was supplied was recalled.
fn refine(random: &mut Random, state: &'static str) -> &'static str {
    match state {
        "AVAILABLE" => random.weighted(&[("AVAILABLE", 68), ("HELD", 18), ("LISTED", 14)]),
        "SUPPLIED" => random.weighted(&[("SUPPLIED", 80), ("RECALLED", 20)]),
        other => other,
    }
}

/// Where the district began.
fn old_town(district: usize) -> Coord<f64> {
    match district {
        0 => super::plane::place(121.004, 31.830),
        _ => super::plane::place(120.996, 31.866),
    }
}

/// Between the corners of the rectangle it was cut from.
pub fn middle(plot: &Plot) -> Coord<f64> {
    let [sw, _, ne, _] = plot.corners;
    between(sw, ne, 0.5)
}

fn parcel(nth: usize, (block, plot): (&Block, Plot), status: &'static str) -> Parcel {
    let code = format!("P-{:04}", nth + 1);
    let mut random = Random::of(&code);
    let mut facts = Facts::default();
    let [zh, en, _] = DISTRICTS[block.district].names;
    facts.set("name", format!("示范地块 {code}"));
    facts.set("district", format!("示范园区·{zh} Demo park (invented), {en}"));
    facts.set("remarks", INVENTED);
    facts.know("address", format!("{}{}号(示范)", block.street, random_number(&code)), &mut random);
    facts.set("status", status);
    let area_m2 = plot.area_m2();
    facts.know("area_declared", round_to(area_m2 * random_survey(&code), 0.01), &mut random);
    parcel_plan::plan(&mut random, &mut facts, (area_m2, middle(&plot)));
    parcel_plan::services(&mut random, &mut facts, middle(&plot));
    facts.power_upgrade(&code);
    supply(&mut random, &mut facts, (status, area_m2, &code));
    people(&mut random, &mut facts, status);
    Parcel {
        feature: Feature {
            code,
            facts,
            geometry: Geometry::Polygon(plot.outline.clone()),
        },
        plot,
        status,
        district: block.district,
    }
}

fn random_number(code: &str) -> i64 {
    Random::of(&format!("{code} number")).whole(1, 480)
}

/// What is declared differs a little from what is drawn.
fn random_survey(code: &str) -> f64 {
    Random::of(&format!("{code} survey")).between(0.996, 1.004)
}

/// From acquisition to production, as far as the parcel has come.
fn supply(random: &mut Random, facts: &mut Facts, (status, area_m2, code): (&str, f64, &str)) {
    let has = |states: &[&str]| states.contains(&status);
    if !has(&["PLANNED"]) {
        facts.know(
            "acquisition_approval",
            format!("示征复〔{}〕{}号", random.whole(2014, 2025), random.whole(1, 90)),
            random,
        );
    }
    if has(&["PLANNED", "ACQUIRED"]) {
        let progress = *random.pick(&["已签约,待腾空", "拆迁过半", "尚未启动", "仅余两户未签"]);
        facts.know("acquisition_progress", progress, random);
        facts.set_day("available_from", random.day(date(2027, 3, 1), date(2028, 12, 31)));
        facts.know_in(
            "available_note",
            "征收完成后分期交付 Handed over in stages once cleared",
            (random, 0.3),
        );
    }
    if has(&["AVAILABLE", "HELD", "LISTED"]) {
        facts.know("site_cleared", true, random);
        facts.know_in("is_standard_land", random_flag(code), (random, 0.6));
        let from = random.day(date(2026, 3, 1), date(2027, 9, 30));
        facts.know("available_from", from.to_string(), random);
        facts.know("price", round_to(random_price(code), 0.1), random);
        facts.know("price_floor", round_to(random_price(code) * 0.93, 0.1), random);
        facts.know_in("five_not", "approved_not_supplied", (random, 0.5));
    } else if has(&["PLANNED", "ACQUIRED"]) {
        facts.know_in("site_cleared", false, (random, 0.4));
    }
    if status == "LISTED" {
        facts.set("listing_number", format!("示挂〔2026〕{:03}号", random.whole(1, 120)));
    }
    if status == "HELD" {
        hold(random, facts);
    }
    if has(&["SUPPLIED", "UNDER_CONSTRUCTION", "BUILT", "REDEVELOP", "RECALLED"]) {
        contract(random, facts, (status, area_m2));
    }
}

fn random_flag(code: &str) -> bool {
    Random::of(&format!("{code} standard")).chance(0.6)
}

/// Yuan per m²: 18 to 32 wan yuan per mu.
fn random_price(code: &str) -> f64 {
    Random::of(&format!("{code} price")).between(270.0, 480.0)
}

/// An exclusive hold. Half of them end within months, the others in some years, so that the demo park always has some.
fn hold(random: &mut Random, facts: &mut Facts) {
    facts.set("hold_project", format!("{}项目", names::works(random)));
    facts.set("hold_holder", names::firm(random));
    facts.set("hold_approver", names::person(random));
    let reason = *random.pick(&["已签意向书,等待项目评审", "LOI signed, board decision expected", "增资扩产,待环评"]);
    facts.know("hold_reason", reason, random);
    let until = if random.chance(0.5) {
        random.day(date(2026, 12, 31), date(2027, 9, 30))
    } else {
        random.day(date(2029, 6, 30), date(2031, 12, 31))
    };
    facts.set_day("hold_until", until);
}

/// What follows the award: contract, agreed days, and how far construction has come.
fn contract(random: &mut Random, facts: &mut Facts, (status, area_m2): (&str, f64)) {
    let (from, to) = match status {
        "SUPPLIED" => (date(2024, 9, 1), date(2026, 9, 30)),
        "UNDER_CONSTRUCTION" => (date(2024, 1, 1), date(2025, 12, 31)),
        _ => (date(2011, 1, 1), date(2022, 12, 31)),
    };
    let supplied = random.day(from, to);
    let years = random.weighted(&[(50_i64, 60), (30, 20), (43, 5), (20, 15)]);
    facts.set("transferee", names::firm(random));
    facts.set("supply_contract", format!("示出让{}({:03})", supplied.year(), random.whole(1, 300)));
    facts.know("supplied_on", supplied.to_string(), random);
    facts.know("price_paid", round_to(area_m2 * random.between(200.0, 430.0), 10_000.0), random);
    facts.know("tenure_years", years, random);
    facts.know("tenure_start", supplied.to_string(), random);
    facts.know("tenure_end", supplied.saturating_add(years.years()).to_string(), random);
    facts.know("registered_on", supplied.saturating_add(75.days()).to_string(), random);
    let due = supplied.saturating_add(6.months());
    facts.set_day("construction_due", due);
    facts.know("completion_due", due.saturating_add(18.months()).to_string(), random);
    facts.know("production_due", due.saturating_add(24.months()).to_string(), random);
    built(random, facts, (status, due));
}

fn built(random: &mut Random, facts: &mut Facts, (status, due): (&str, Date)) {
    let is_done = matches!(status, "BUILT" | "REDEVELOP");
    if is_done || status == "UNDER_CONSTRUCTION" {
        let started = due.saturating_add(random.whole(-60, 200).days()).min(TODAY);
        facts.set_day("construction_started", started);
        if is_done {
            let completed = started.saturating_add(random.whole(360, 720).days());
            facts.set_day("completed_on", completed);
            facts.know("production_started", completed.saturating_add(120.days()).to_string(), random);
            facts.know_in("full_capacity_on", completed.saturating_add(700.days()).to_string(), (random, 0.5));
            facts.know("occupier", facts_firm(facts), random);
            let grade = random.weighted(&[("A", 20), ("B", 45), ("C", 25), ("D", 10)]);
            facts.know("performance_grade", grade, random);
            let five = *random.pick(&["used_in_part", "built_not_producing", "producing_below_target"]);
            facts.know_in("five_not", five, (random, 0.25));
        } else {
            facts.know_in("available_note", "二期厂房可对外出租 Second phase will be let", (random, 0.3));
        }
    }
    if status == "SUPPLIED" {
        facts.know_in("five_not", "supplied_not_used", (random, 0.6));
        let late = due < TODAY.saturating_add((-365).days());
        facts.know("idle_suspected", late, random);
        if late {
            facts.set("idle_confirmed", random.chance(0.4));
            facts.know_in("idle_document", format!("示闲认〔2026〕{}号", random.whole(1, 30)), (random, 0.4));
        }
    }
    if status == "RECALLED" {
        facts.set("recall_document", format!("示收回〔2026〕{}号", random.whole(1, 30)));
    }
    if status == "REDEVELOP" {
        facts.set("inefficient", true);
        facts.set_day("available_from", random.day(date(2027, 6, 1), date(2029, 6, 30)));
    }
}

fn facts_firm(facts: &Facts) -> String {
    facts.text("transferee").to_owned()
}

/// Owner, contacts, survey and flags.
fn people(random: &mut Random, facts: &mut Facts, status: &str) {
    let is_supplied = facts.has("transferee");
    let owner = if is_supplied {
        facts_firm(facts)
    } else {
        "示范园区开发有限公司(虚构)".to_owned()
    };
    let kind = match (is_supplied, owner.contains("invented)")) {
        (false, _) => "state",
        (true, true) => random.weighted(&[("private", 80), ("state", 14), ("collective", 6)]),
        (true, false) => "foreign",
    };
    facts.know("owner", owner, random);
    facts.know("owner_type", kind, random);
    facts.know_in("owner_contact", names::person(random), (random, 0.7));
    facts.know_in("owner_phone", names::phone(random), (random, 0.7));
    facts.know_in("backup_contact", names::person(random), (random, 0.3));
    facts.know_in("frozen", true, (random, 0.06));
    facts.know_in("disputed", true, (random, 0.04));
    facts.know_in("published_overseas", status == "AVAILABLE", (random, 0.3));
    facts.know_in("nearby_prices", "周边近期成交约22-28万元/亩(示范)", (random, 0.25));
    if random.chance(0.6) {
        facts.set("surveyed_by", names::person(random));
        facts.set_day("surveyed_on", random.day(date(2025, 10, 1), TODAY));
        facts.know_in("verified_by", names::person(random), (random, 0.5));
        let outcome = random.weighted(&[("surveyed", 85), ("unreachable", 9), ("refused", 6)]);
        facts.know("visit_outcome", outcome, random);
    }
}
