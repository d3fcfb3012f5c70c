//! A survey campaign of the demo park, half done, with something in every state, so that each screen has something to show.
//!
//! Its days lie in the past: the clock is set for each step. Nothing is left to chance, and a park that has the campaign does not get it twice.
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;
use jiff::civil::{Date, date};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::super::print;
use crate::accounts::Accounts;
use crate::devices;
use crate::domain::surroundings::Surroundings;
use crate::domain::viewer::{Role, Viewer};
use crate::http::{Launch, drawn_up, facts_of};
use crate::inventory::{self, EditRequest, Inventory, Spot, View};
use crate::store::Store;
use crate::survey::{Campaign, Incoming, ReviewRequest, Sender, Settings, Survey, Verdict, Zone, balanced};

const CAMPAIGN: Uuid = Uuid::from_u128(0x0193_3a00_0000_7000_8000_0000_0000_2026);
const NAMESPACE: Uuid = Uuid::from_u128(0x8b1d_3c40_22f7_5d6e_b0a9_4e17_93c5_60f8);
const SURVEYORS_PHONE: Uuid = Uuid::from_u128(0x0193_3a00_0000_7000_8000_0000_0000_00d1);
const STAFFS_PHONE: Uuid = Uuid::from_u128(0x0193_3a00_0000_7000_8000_0000_0000_00d2);

/// Targets of the zone that is done.
const DONE_TARGETS: usize = 3;

/// Of each team's first zone, so many targets are visited.
const VISITED: usize = 12;

/// What came of visits, in turn: outcome, reason, and what was decided of it.
const TURNS: [(&str, &str, Option<Verdict>); 8] = [
    ("confirmed", "", Some(Verdict::Approved)),
    ("changed", "", None),
    ("no_access", "大门上锁,联系不上业主(示范)", Some(Verdict::Approved)),
    ("confirmed", "", Some(Verdict::Returned)),
    ("not_found", "现场无此建筑(示范)", None),
    ("confirmed", "", Some(Verdict::Rejected)),
    ("dropped", "已由招商部门核实(示范)", Some(Verdict::Approved)),
    ("confirmed", "", None),
];

/// Launches it and lets some days pass.
pub async fn run(store: Arc<dyn Store>, inventory: &Inventory) -> anyhow::Result<()> {
    let hand = Arc::new(AtomicI64::new(moment(date(2026, 11, 16), 1).as_second()));
    let told = Arc::clone(&hand);
    let surroundings = Surroundings {
        clock: Arc::new(move || Timestamp::from_second(told.load(Ordering::Relaxed)).unwrap_or_default()),
        ..inventory::of_machine()
    };
    let accounts = Accounts::open(Arc::clone(&store), Arc::clone(&surroundings.clock)).await?;
    let survey = Survey::open(store, surroundings, Settings::default()).await?;
    if survey.state().await?.campaigns.contains_key(&CAMPAIGN) {
        return Ok(());
    }
    let demo = Demo {
        view: inventory.view(&viewer("steward", Role::Steward)),
        survey,
        accounts,
        inventory,
        hand,
    };
    demo.launch().await?;
    let done = demo.divide().await?;
    demo.visit_done(&done).await?;
    demo.visit_others().await?;
    let campaign = demo.campaign().await?;
    print(&format!(
        "demo campaign: {} targets in {} zones, {} visits",
        campaign.targets.len(),
        campaign.zones.len(),
        campaign.visits.len()
    ));
    Ok(())
}

struct Demo<'a> {
    survey: Arc<Survey>,
    accounts: Arc<Accounts>,
    inventory: &'a Inventory,
    view: View,
    /// What the clock shows, seconds.
    hand: Arc<AtomicI64>,
}

fn moment(day: Date, hour: i8) -> Timestamp {
    jiff::tz::TimeZone::UTC.to_timestamp(day.at(hour, 0, 0, 0)).unwrap_or_default()
}

fn viewer(account: &str, role: Role) -> Viewer {
    Viewer {
        role,
        account: Some(account.into()),
    }
}

fn id(what: &str) -> Uuid {
    Uuid::new_v5(&NAMESPACE, what.as_bytes())
}

impl Demo<'_> {
    async fn campaign(&self) -> anyhow::Result<Arc<Campaign>> {
        Ok(self.survey.campaign(CAMPAIGN).await?)
    }

    fn now(&self, day: Date, hour: i8) {
        self.hand.store(moment(day, hour).as_second(), Ordering::Relaxed);
    }

    async fn launch(&self) -> anyhow::Result<()> {
        let launch: Launch = serde_json::from_value(json!({
            "id": CAMPAIGN, "name": "2026 年末载体调研(示范) Year-end survey (demo)", "deadline": "2026-12-31",
            "collections": ["parcels", "buildings"],
            "search": {"parcels": "status=AVAILABLE", "buildings": "status=VACANT,PARTLY_VACANT"},
            "start": {"lon": 120.985, "lat": 31.872}, "minutes": {"parcels": 15, "buildings": 25},
            "teams": [
                {"key": "a", "name": "一组 Team A", "members": ["surveyor"]},
                {"key": "b", "name": "二组 Team B", "members": ["staff"]},
            ],
        }))?;
        let drawn = drawn_up(&launch, (&self.view, &self.accounts), &self.survey).await;
        let (plan, targets) = drawn.map_err(anyhow::Error::msg)?;
        self.survey.launch("steward", plan, targets).await?;
        Ok(())
    }

    /// Two days for each team; the first targets of the first zone become a zone of their own. Gives their codes.
    async fn divide(&self) -> anyhow::Result<Vec<String>> {
        let campaign = self.campaign().await?;
        let teams = ["a".to_owned(), "b".to_owned()];
        let mut zones = balanced(&campaign, &teams, &[date(2026, 11, 17), date(2026, 11, 18)]);
        let first = zones.first_mut().map(|zone| &mut zone.codes);
        let done: Vec<String> = first
            .map(|codes| codes.drain(..DONE_TARGETS.min(codes.len())).collect())
            .unwrap_or_default();
        zones.insert(
            0,
            Zone {
                key: "done".to_owned(),
                name: "已完成片区 Finished zone".to_owned(),
                polygon: None,
                codes: done.clone(),
                team: Some("a".to_owned()),
                day: Some(date(2026, 11, 17)),
            },
        );
        self.survey.zone("steward", CAMPAIGN, (zones, None)).await?;
        Ok(done)
    }

    /// A zone from its visits to its sign-off.
    async fn visit_done(&self, codes: &[String]) -> anyhow::Result<()> {
        self.now(date(2026, 11, 17), 3);
        let first: Vec<Json> = codes
            .iter()
            .filter_map(|code| self.visit(("first", code), ("confirmed", ""), &[]))
            .collect();
        self.send("surveyor", first.clone()).await?;
        self.decide(&first, Verdict::Approved).await?;
        self.now(date(2026, 11, 18), 6);
        let drawn = self.survey.sample("steward", CAMPAIGN, Some("done")).await?;
        let sample = drawn.samples.get(&Some("done".to_owned()));
        let again = sample.into_iter().flat_map(|sample| &sample.codes);
        let second: Vec<Json> = again
            .filter_map(|code| self.visit(("second", code), ("confirmed", ""), &[]))
            .collect();
        self.send("surveyor", second.clone()).await?;
        self.decide(&second, Verdict::Approved).await?;
        self.now(date(2026, 11, 18), 9);
        let facts = facts_of(&self.survey, (&[], &devices::State::default())).await?;
        self.survey
            .sign_off("steward", (CAMPAIGN, Some("done")), (Vec::new(), &facts))
            .await?;
        Ok(())
    }

    /// A part of the other zones, with something in every state.
    async fn visit_others(&self) -> anyhow::Result<()> {
        let campaign = self.campaign().await?;
        let mut zones: BTreeMap<&str, Vec<(usize, String)>> = BTreeMap::new();
        for (code, target) in &campaign.targets {
            if let (Some(zone), Some(order)) = (target.zone.as_deref(), target.order) {
                zones.entry(zone).or_default().push((order, code.clone()));
            }
        }
        for (zone, day, account) in [("z1", 18, "surveyor"), ("z3", 19, "staff")] {
            let mut targets = zones.remove(zone).unwrap_or_default();
            targets.sort_unstable();
            for (at, (_, code)) in targets.into_iter().take(VISITED).enumerate() {
                self.now(date(2026, 11, day), i8::try_from(at % 8).unwrap_or_default());
                self.one(account, &code, TURNS[at % TURNS.len()]).await?;
            }
        }
        // Somebody looks at a target of another team.
        let foreign = zones.remove("z4").unwrap_or_default();
        for (_, code) in foreign.into_iter().take(1) {
            let visit = self.visit(("foreign", &code), ("confirmed", ""), &[]);
            self.send("surveyor", visit.into_iter().collect()).await?;
        }
        Ok(())
    }

    async fn one(&self, account: &str, code: &str, (outcome, reason, verdict): (&str, &str, Option<Verdict>)) -> anyhow::Result<()> {
        let mut edits = Vec::new();
        if outcome == "changed" && account == "surveyor" {
            edits.extend(self.edit(code).await?);
        }
        let Some(visit) = self.visit(("first", code), (outcome, reason), &edits) else {
            return Ok(());
        };
        self.send(account, vec![visit.clone()]).await?;
        match verdict {
            Some(verdict) => self.decide(&[visit], verdict).await,
            None => Ok(()),
        }
    }

    /// What the visit found, which waits for approval because anyone may see it.
    async fn edit(&self, code: &str) -> anyhow::Result<Option<Uuid>> {
        let Some(spot) = self.view.spot(code) else { return Ok(None) };
        let set = match spot.collection.as_str() {
            "parcels" => json!({"constraints": "北侧有临时堆土(示范)"}),
            _ => json!({"available_from": "2027-02-01"}),
        };
        let edit = id(&format!("edit {code}"));
        let request: EditRequest = serde_json::from_value(json!({
            "id": edit, "collection": spot.collection, "record": spot.id, "base_version": spot.version, "set": set, "evidence": "seen",
            "observed_at": self.survey.now(), "field": {"device": SURVEYORS_PHONE, "counter": 1, "visit": id(&format!("first {code}"))},
        }))?;
        self.inventory.edit(&viewer("surveyor", Role::Surveyor), vec![request]).await?;
        Ok(Some(edit))
    }

    fn visit(&self, (which, code): (&str, &str), (outcome, reason): (&str, &str), edits: &[Uuid]) -> Option<Json> {
        let Spot {
            id: record,
            collection,
            version,
            point,
            ..
        } = self.view.spot(code)?;
        let observed_at = self.survey.now();
        let mut visit = json!({
            "id": id(&format!("{which} {code}")), "campaign": CAMPAIGN, "record": record, "base_version": version, "outcome": outcome,
            "observed_at": observed_at, "device": SURVEYORS_PHONE, "counter": 1, "edits": edits,
        });
        if let Some([lon, lat]) = point {
            visit["position"] = json!({"lon": lon, "lat": lat, "accuracy_m": 5.0});
        }
        if !reason.is_empty() {
            visit["reason"] = json!(reason);
        }
        if outcome == "changed" {
            // Still on its way: the bytes have not come.
            let sha256 = format!("{0}{0}", id(&format!("photo {code}")).simple());
            let slot = &self.view.catalogue().photos.get(&collection)?.first()?.key;
            visit["photos"] =
                json!([{"sha256": sha256, "bytes": 2_400_000, "media_type": "image/jpeg", "slot": slot, "taken_at": observed_at}]);
        }
        if outcome == "no_access" {
            visit["retry_on"] = json!("2026-12-04");
        }
        Some(visit)
    }

    async fn send(&self, account: &str, mut visits: Vec<Json>) -> anyhow::Result<()> {
        let (role, device) = if account == "surveyor" {
            (Role::Surveyor, SURVEYORS_PHONE)
        } else {
            (Role::Staff, STAFFS_PHONE)
        };
        visits.iter_mut().for_each(|visit| visit["device"] = json!(device));
        let sender = Sender {
            account,
            role,
            handed_in_by: None,
            is_over: false,
            is_revoked: &|_device| false,
        };
        let visits: Vec<_> = visits.into_iter().filter_map(Incoming::read).collect();
        self.survey.receive(&sender, &visits).await?;
        Ok(())
    }

    async fn decide(&self, visits: &[Json], verdict: Verdict) -> anyhow::Result<()> {
        let reason = match verdict {
            Verdict::Approved | Verdict::Withdrawn => "",
            Verdict::Returned => "照片缺少全景(示范)",
            Verdict::Rejected => "位置不对(示范)",
        };
        let review = |visit: &Json| -> anyhow::Result<ReviewRequest> {
            Ok(serde_json::from_value(
                json!({"visit": visit["id"], "verdict": verdict, "reason": reason}),
            )?)
        };
        let reviews = visits.iter().map(review).collect::<Result<Vec<_>, _>>()?;
        self.survey.review("staff", CAMPAIGN, &reviews).await?;
        Ok(())
    }
}
