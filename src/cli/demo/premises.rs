//! What buildings and units have in common: construction, lifts and docks, fire safety, permits, rent, and people.
use jiff::ToSpan;
use jiff::civil::{Date, date};

use super::buildings::{Kind, Placed};
use super::facts::{Facts, TODAY};
use super::names;
use super::random::{Random, round_to};

/// How a building is built.
#[derive(Clone, Copy, Debug)]
pub struct Build {
    /// Storeys above ground.
    pub storeys: f64,
    /// Floor to floor on the ground floor, metres.
    pub storey_m: f64,
    /// Floor to floor further up, metres.
    pub upper_m: f64,
    /// What the ground floor carries, t/m².
    pub load: f64,
    /// What the upper floors carry, t/m².
    pub upper_load: f64,
    /// Code of the structure.
    pub structure: &'static str,
    /// What its overhead cranes lift, t; 0 for none.
    pub crane: f64,
    /// Between columns along and across, metres.
    pub grid: (f64, f64),
    /// Fire-hazard class.
    pub fire: &'static str,
    /// Transformers, kVA.
    pub power: f64,
    /// Rent asked on the ground floor, yuan per m² and month.
    pub rent: f64,
}

/// A likely way to build what is placed here.
pub fn build(random: &mut Random, placed: &Placed<'_>) -> Build {
    let is_office = placed.kind == Kind::Own && placed.number > 1;
    let storeys = match placed.kind {
        Kind::Standard => random.weighted(&[(3.0, 30), (4.0, 55), (5.0, 15)]),
        Kind::LetHall => 1.0,
        Kind::Own if is_office => random.weighted(&[(3.0, 50), (5.0, 50)]),
        Kind::Own => random.weighted(&[(1.0, 70), (2.0, 30)]),
    };
    let is_hall = storeys < 2.0;
    let storey_m = match (is_hall, is_office) {
        (true, _) => random.stepped(8.0, 13.5, 0.5),
        (false, true) => random.stepped(3.6, 4.2, 0.1),
        (false, false) => random.stepped(6.0, 8.0, 0.2),
    };
    let (structure, crane) = frame_of(random, (is_hall, is_office));
    Build {
        storeys,
        storey_m,
        upper_m: if is_office { 3.6 } else { random.stepped(4.5, 6.0, 0.1) },
        load: if is_office {
            0.5
        } else {
            random.weighted(&[(2.0, 10), (3.0, 40), (5.0, 40), (8.0, 10)])
        },
        upper_load: if is_office {
            0.3
        } else {
            random.weighted(&[(0.5, 10), (0.8, 20), (1.0, 45), (1.5, 15), (2.5, 10)])
        },
        structure,
        crane,
        grid: random.weighted(&[
            ((8.0, 8.0), 20),
            ((9.0, 9.0), 25),
            ((8.4, 8.4), 30),
            ((6.0, 24.0), 15),
            ((9.0, 30.0), 10),
        ]),
        fire: random.weighted(&[("甲", 2), ("乙", 4), ("丙", 30), ("丙一", 6), ("丙二", 38), ("丁", 14), ("戊", 6)]),
        power: *random.pick(&TRANSFORMERS),
        rent: random.stepped(13.0, 24.0, 0.5) + if is_hall { 1.5 } else { 0.0 },
    }
}

/// Structure and what its cranes lift: cranes are in halls.
fn frame_of(random: &mut Random, (is_hall, is_office): (bool, bool)) -> (&'static str, f64) {
    let crane = if is_hall && random.chance(0.6) {
        random.weighted(&[(5.0, 35), (10.0, 35), (16.0, 15), (20.0, 8), (32.0, 5), (50.0, 2)])
    } else {
        0.0
    };
    let structure = match (is_hall, random.whole(0, 9)) {
        (true, 0..=5) => "steel_portal",
        (true, 6..=7) => "steel",
        (true, _) => "rc_bent",
        (false, 0..=8) => "rc_frame",
        (false, _) => {
            if is_office {
                "brick"
            } else {
                "other"
            }
        }
    };
    (structure, crane)
}

/// Transformers of the usual sizes, kVA, as often as they stand here.
const TRANSFORMERS: [f64; 12] = [
    315.0, 400.0, 630.0, 630.0, 630.0, 800.0, 800.0, 1000.0, 1000.0, 1250.0, 1600.0, 2000.0,
];

/// The ground floor of a building.
pub fn construction(random: &mut Random, facts: &mut Facts, build: Build) {
    facts.know("storey_height", build.storey_m, random);
    let clear = round_to(build.storey_m - if build.storeys < 2.0 { 0.9 } else { 1.2 }, 0.05);
    facts.know("clear_height", clear, random);
    facts.know_in("ceiling_height", round_to(clear - 0.6, 0.05), (random, 0.25));
    facts.know("floor_load", build.load, random);
    frame(random, facts, build);
    facts.know_in("crane_capacity", build.crane, (random, 0.75));
    if build.crane > 0.0 {
        facts.know("crane_count", random.whole(1, 3), random);
        facts.know_in("crane_rail_level", round_to(clear - 1.6, 0.05), (random, 0.7));
    }
    facts.know_in("crane_addable", build.storeys < 2.0, (random, 0.6));
}

/// Structure and columns, the same on every floor.
pub fn frame(random: &mut Random, facts: &mut Facts, build: Build) {
    facts.know("structure", build.structure, random);
    let (along, across) = build.grid;
    facts.know_in("column_spacing", along, (random, 0.7));
    facts.know_in("column_spacing_cross", across, (random, 0.6));
    facts.know_in("span", across, (random, 0.4));
}

/// Lifts and docks.
pub fn logistics(random: &mut Random, facts: &mut Facts, build: Build) {
    if build.storeys > 1.0 {
        facts.know("goods_lifts", random.whole(1, 4), random);
        facts.know("goods_lift_capacity", random.weighted(&[(2.0, 25), (3.0, 50), (5.0, 25)]), random);
        facts.know_in("goods_lift_cabin", "2.5×3.0×2.4 m", (random, 0.4));
        facts.know_in("passenger_lifts", random.whole(0, 2), (random, 0.7));
    } else {
        facts.know_in("goods_lifts", 0, (random, 0.7));
    }
    facts.know_in("docks", random.whole(0, 8), (random, 0.7));
    facts.know_in("dock_levellers", random.whole(0, 4), (random, 0.5));
    facts.know_in("canopy_width", random.stepped(2.0, 8.0, 0.5), (random, 0.5));
    facts.know_in("large_trucks", random.chance(0.7), (random, 0.7));
    facts.know_in("yard_depth", random.stepped(12.0, 40.0, 1.0), (random, 0.6));
    facts.know_in("compressed_air", random.chance(0.3), (random, 0.6));
    facts.know_in("nitrogen", random.chance(0.1), (random, 0.5));
}

/// Fire safety: with sprinklers compartments are twice as large.
pub fn fire(random: &mut Random, facts: &mut Facts, build: Build) {
    facts.know_in("fire_class", build.fire, (random, 0.9));
    facts.know("fire_resistance", random.weighted(&[("1", 15), ("2", 80), ("3", 5)]), random);
    let sprinklers = random.chance(0.45);
    facts.know("sprinklers", sprinklers, random);
    let compartment = if build.storeys < 2.0 { 8000.0 } else { 4000.0 };
    facts.know_in(
        "fire_compartment_area",
        compartment * if sprinklers { 2.0 } else { 1.0 },
        (random, 0.6),
    );
    let accepted = random.chance(0.9);
    facts.know("fire_accepted", accepted, random);
    if accepted {
        facts.know_in(
            "fire_acceptance_number",
            format!("示消验〔{}〕{:04}号", random.whole(2016, 2026), random.whole(1, 999)),
            (random, 0.6),
        );
    }
}

/// What may be made here.
pub fn permits(random: &mut Random, facts: &mut Facts) {
    let eia = random.weighted(&[("yes", 60), ("conditional", 30), ("no", 10)]);
    facts.know("eia_possible", eia, random);
    if eia != "no" {
        facts.know_in(
            "eia_approval",
            format!("示环审〔{}〕{}号", random.whole(2018, 2026), random.whole(1, 200)),
            (random, 0.4),
        );
        facts.know_in("discharge_permit", format!("示排污{:06}", random.whole(1, 999_999)), (random, 0.4));
        facts.know_in("voc_quota", random.stepped(0.05, 3.0, 0.001), (random, 0.3));
        facts.know_in("cod_quota", random.stepped(0.1, 6.0, 0.001), (random, 0.3));
        facts.know_in("ammonia_quota", random.stepped(0.01, 0.6, 0.001), (random, 0.3));
    }
    let barred = *random.pick(&["化工、危化品仓储", "电镀、印染", "喷涂、铸造", "Plating, dyeing"]);
    facts.know_in("industries_barred", barred, (random, 0.5));
    let wanted = *random.pick(&["智能装备", "电子信息", "生命健康", "汽车零部件", "Medical technology"]);
    facts.know_in("industries_wanted", wanted, (random, 0.5));
}

/// What it costs. Most is offered for rent.
pub fn terms(random: &mut Random, facts: &mut Facts, build: Build) {
    let offer = random.weighted(&[("rent", 78), ("both", 15), ("sale", 7)]);
    facts.know("offer", offer, random);
    if offer != "sale" {
        facts.know("rent", build.rent, random);
        facts.know_in("rent_floor", round_to(build.rent * 0.9, 0.5), (random, 0.7));
        facts.know_in("rent_incl_vat", random.chance(0.6), (random, 0.7));
        facts.know("service_charge", random.stepped(1.0, 3.5, 0.1), random);
        facts.know_in("rent_free_months", random.whole(0, 6), (random, 0.6));
        facts.know_in(
            "rent_steps",
            "前两年不递增,第三年起每年3% Flat for two years, then 3 % a year",
            (random, 0.5),
        );
        facts.know_in("payment_terms", *random.pick(&["押二付三", "押一付三", "押三付六"]), (random, 0.6));
        facts.know_in("deposit_months", random.whole(1, 3), (random, 0.6));
        facts.know(
            "lease_months_least",
            random.weighted(&[(12, 30), (24, 20), (36, 40), (60, 10)]),
            random,
        );
        facts.know_in("subletting", random.chance(0.2), (random, 0.5));
    }
    if offer != "rent" {
        facts.know("sale_price", random.stepped(2800.0, 4800.0, 50.0), random);
    }
    facts.know_in("tax_demand", random.stepped(10.0, 60.0, 1.0), (random, 0.4));
}

/// A lease that runs now, with the span in which it ends.
pub fn lease(random: &mut Random, facts: &mut Facts, (from, to): (Date, Date)) {
    facts.set("tenant", names::firm(random));
    let start = random.day(from, TODAY);
    facts.set_day("lease_start", start);
    let end = start.saturating_add(random.weighted(&[(24_i64, 20), (36, 50), (60, 30)]).months());
    facts.know("lease_end", end.max(date(2027, 1, 31)).min(to).to_string(), random);
}

/// An exclusive hold; half of them end within months.
pub fn hold(random: &mut Random, facts: &mut Facts) {
    facts.set("hold_project", format!("{}项目", names::works(random)));
    facts.set("hold_holder", names::firm(random));
    facts.know("hold_approver", names::person(random), random);
    facts.know("hold_reason", "意向金已付,等待签约 Deposit paid, contract expected", random);
    let until = if random.chance(0.5) {
        random.day(date(2026, 12, 31), date(2027, 9, 30))
    } else {
        random.day(date(2029, 6, 30), date(2031, 12, 31))
    };
    facts.set_day("hold_until", until);
}

/// Owner, contacts, survey and flags.
pub fn people(random: &mut Random, facts: &mut Facts, owner: &str) {
    let kind = if owner.starts_with("示范园区") {
        "state"
    } else if owner.contains("invented)") {
        random.weighted(&[("private", 85), ("collective", 10), ("person", 5)])
    } else {
        "foreign"
    };
    facts.know("owner", owner, random);
    facts.know("owner_type", kind, random);
    facts.know_in("owner_contact", names::person(random), (random, 0.7));
    facts.know_in("owner_phone", names::phone(random), (random, 0.7));
    facts.know_in("backup_contact", names::person(random), (random, 0.25));
    facts.know_in("frozen", true, (random, 0.04));
    facts.know_in("disputed", true, (random, 0.03));
    facts.know_in("published_overseas", random.chance(0.5), (random, 0.3));
    if random.chance(0.6) {
        facts.set("surveyed_by", names::person(random));
        facts.set_day("surveyed_on", random.day(date(2025, 10, 1), TODAY));
        facts.know_in("verified_by", names::person(random), (random, 0.5));
        let outcome = random.weighted(&[("surveyed", 85), ("unreachable", 9), ("refused", 4), ("demolished", 2)]);
        facts.know("visit_outcome", outcome, random);
    }
}
