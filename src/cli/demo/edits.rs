//! What happened in the park after it was written down: edits by the people of the demo, so that records have a history.
//!
//! Their ids are made from their content's place, not by chance: an edit that is sent again has no second effect.
use jiff::ToSpan;
use jiff::civil::{Date, date};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::facts::{Facts, Feature};
use super::names;
use super::parcels::Parcel;
use super::random::{Random, round_to};

/// Namespace of the ids of edits.
const NAMESPACE: Uuid = Uuid::from_u128(0x1f6d_5a0c_77e1_5b2e_8a43_0c9d_62b7_d301);

/// Share of the records to which something happened.
const SHARE: f64 = 0.34;

/// Says what happened to a record, if anything did: by whom, on what evidence, and the values set.
type Event = (&'static str, &'static str, Json);

/// One line per edit, as the file has them.
pub fn edits(parcels: &[Parcel], units: &[Feature]) -> String {
    let of_parcels = parcels.iter().filter_map(|parcel| {
        let event = parcel_event(&parcel.feature)?;
        Some(line("parcels", &parcel.feature.code, event))
    });
    let of_units = units.iter().filter_map(|unit| Some(line("units", &unit.code, unit_event(unit)?)));
    let lines: Vec<_> = of_parcels.chain(of_units).collect();
    lines.join("\n") + "\n"
}

fn line(collection: &str, code: &str, (by, evidence, set): Event) -> String {
    let mut random = Random::of(&format!("{code} edited"));
    let day = random.day(date(2026, 10, 12), date(2026, 11, 20));
    let id = Uuid::new_v5(&NAMESPACE, code.as_bytes());
    json!({
        "by": by, "code": code, "id": id, "collection": collection, "set": set,
        "observed_at": format!("{day}T{:02}:{:02}:00Z", random.whole(0, 9), random.whole(0, 59)), "evidence": evidence,
    })
    .to_string()
}

fn parcel_event(parcel: &Feature) -> Option<Event> {
    let mut random = Random::of(&format!("{} happened", parcel.code));
    if !random.chance(SHARE) {
        return None;
    }
    Some(match parcel.facts.text("status") {
        "AVAILABLE" if random.chance(0.3) => held(&mut random),
        "AVAILABLE" => {
            let price = parcel.facts.number("price").unwrap_or(330.0);
            (
                "staff",
                "document",
                json!({"price": round_to(price * random.between(0.92, 1.08), 0.1)}),
            )
        }
        "UNDER_CONSTRUCTION" if random.chance(0.4) => (
            "surveyor",
            "seen",
            json!({"status": "BUILT", "completed_on": "2026-10-09", "constraints": "竣工验收已通过(示范)"}),
        ),
        "SUPPLIED" if random.chance(0.6) => (
            "surveyor",
            "seen",
            json!({"status": "UNDER_CONSTRUCTION", "construction_started": "2026-10-20"}),
        ),
        "PLANNED" | "ACQUIRED" => ("surveyor", "told", json!({"acquisition_progress": "已全部腾空(示范)"})),
        _ => ("surveyor", "seen", seen(&mut random, &parcel.facts)),
    })
}

fn held(random: &mut Random) -> Event {
    let set = json!({
        "status": "HELD",
        "hold_project": format!("{}项目", names::works(random)),
        "hold_holder": names::foreign_firm(random),
        "hold_approver": names::person(random),
        "hold_until": random.day(date(2027, 3, 31), date(2030, 12, 31)).to_string(),
    });
    ("staff", "document", set)
}

/// An unchanged parcel, looked at again.
fn seen(random: &mut Random, facts: &Facts) -> Json {
    let mut set = json!({"surveyed_by": names::person(random), "surveyed_on": "2026-11-10", "visit_outcome": "surveyed"});
    if let (Some(level), Some(values)) = (facts.number("ground_level"), set.as_object_mut()) {
        values.insert("ground_level".to_owned(), json!(level));
    }
    set
}

fn unit_event(unit: &Feature) -> Option<Event> {
    let mut random = Random::of(&format!("{} happened", unit.code));
    if !random.chance(SHARE) {
        return None;
    }
    let facts = &unit.facts;
    let free_on = |random: &mut Random| -> Date { random.day(date(2027, 1, 15), date(2027, 10, 31)) };
    Some(match facts.text("status") {
        "VACANT" if random.chance(0.35) => {
            let lease = date(2026, 11, 1);
            let set = json!({"status": "LEASED", "tenant": names::firm(&mut random), "lease_start": lease.to_string(),
                "lease_end": lease.saturating_add(36.months()).to_string(), "vacant_since": null, "available_from": null});
            ("surveyor", "seen", set)
        }
        "VACANT" | "HELD" => {
            let rent = facts.number("rent").unwrap_or(16.0);
            (
                "staff",
                "told",
                json!({"rent": round_to(rent * random.between(0.9, 1.0), 0.1), "rent_free_months": random.whole(1, 6)}),
            )
        }
        "LEASED" if random.chance(0.3) => {
            let free = free_on(&mut random);
            (
                "surveyor",
                "told",
                json!({"status": "VACATING", "available_from": free.to_string(), "lease_end": free.to_string()}),
            )
        }
        "LEASED" | "OWNER_OCCUPIED" => (
            "surveyor",
            "seen",
            json!({"surveyed_on": "2026-11-12", "visit_outcome": "surveyed"}),
        ),
        "UNDER_CONSTRUCTION" if random.chance(0.3) => {
            let set = json!({"status": "PRE_LEASED", "tenant": names::firm(&mut random), "lease_start": free_on(&mut random).to_string()});
            ("staff", "document", set)
        }
        _ => ("surveyor", "measured", json!({"clear_height": random.stepped(3.6, 7.6, 0.05)})),
    })
}
