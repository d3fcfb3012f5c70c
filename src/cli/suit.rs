//! `zaiti suit`: a requirement from a file, answered as a table or as JSON.
use std::io::Read;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use serde_json::Value as Json;

use super::place::{Place, block_on};
use super::{Done, print};
use crate::domain::viewer::{Role, Viewer};
use crate::inventory::Inventory;
use crate::suitability::requirement::Limits;

/// Rank carriers for a project
#[derive(Args)]
pub struct Suit {
    /// Requirement, the same JSON that POST /api/v1/suitability takes; - for standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// As this role sees it
    #[arg(long, default_value = "staff", value_parser = super::account::role)]
    role: Role,
    /// The whole answer as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

impl Suit {
    /// Answers it. Status 1 when nothing matches.
    pub fn run(self) -> anyhow::Result<Done> {
        let document = self.document()?;
        block_on(async {
            let store = self.place.open_store().await?;
            let inventory = Inventory::open(store, self.place.catalogue.load()?, self.place.settings()).await?;
            let view = inventory.view(&Viewer {
                role: self.role,
                account: None,
            });
            let requirement = view.requirement(&document, &Limits::default())?;
            let suited = view.suit(&requirement)?;
            let answer = suited.to_json();
            if self.json {
                print(&serde_json::to_string_pretty(answer)?);
            } else {
                table(answer).iter().for_each(|line| print(line));
            }
            let nothing = answer["counts"]["matched"] == 0;
            Ok(if nothing { Done::Partly } else { Done::All })
        })
    }

    fn document(&self) -> anyhow::Result<Json> {
        let shown = self.file.display();
        let text = if self.file.as_os_str() == "-" {
            let mut text = String::new();
            std::io::stdin()
                .read_to_string(&mut text)
                .context("standard input cannot be read")?;
            text
        } else {
            std::fs::read_to_string(&self.file).with_context(|| format!("{shown} cannot be read"))?
        };
        serde_json::from_str(&text).with_context(|| format!("{shown} is not JSON"))
    }
}

/// The answer for people.
fn table(answer: &Json) -> Vec<String> {
    let counts = &answer["counts"];
    let mut lines = vec![format!(
        "{}revision {}: {} match, {} unknown, {} excluded ({} by one gate alone), of {}",
        answer["name"].as_str().map(|name| format!("{name}, ")).unwrap_or_default(),
        answer["revision"],
        counts["matched"],
        counts["unknown"],
        counts["excluded"],
        counts["near_misses"],
        counts["sought"]
    )];
    lines.extend(strings(&answer["warnings"]).map(|warning| format!("! {warning}")));
    section(&mut lines, "", &answer["results"], result);
    section(&mut lines, "unknown: to be asked on site", &answer["unknowns"], |item| {
        let open = items(&item["gates"]).filter(|gate| gate["state"] == "unknown");
        format!(
            "{}  {}",
            carrier(item),
            open.map(|gate| text(&gate["about"])).collect::<Vec<_>>().join(", ")
        )
    });
    section(&mut lines, "near misses", &answer["near_misses"], near);
    section(&mut lines, "to admit more", &answer["relaxations"], relaxation);
    lines
}

fn section(lines: &mut Vec<String>, title: &str, list: &Json, line: impl Fn(&Json) -> String) {
    let mut list = items(list).peekable();
    if list.peek().is_none() {
        return;
    }
    if !title.is_empty() {
        lines.push(String::new());
        lines.push(format!("{title}:"));
    }
    lines.extend(list.map(line));
}

fn result(item: &Json) -> String {
    let points = items(&item["points"]).map(|point| {
        let value = match point["state"].as_str() {
            Some("known") => measure(&point["value"], &point["unit"]),
            Some(state) => state.replace('_', " "),
            None => String::new(),
        };
        format!("{} {:.1} ({value})", text(&point["about"]), number(&point["points"]))
    });
    let points = points.collect::<Vec<_>>().join("  ");
    format!("{:>3}  {}  {:>5.1}  {points}", item["rank"], carrier(item), number(&item["score"]))
}

fn near(item: &Json) -> String {
    let failed = &item["failed"];
    let gap = failed["gap"].as_f64();
    let by = gap.map(|gap| format!(", short by {} {}", tidy(gap), text(&failed["unit"])));
    let fix = item["fix"]["kind"].as_str().map(|kind| {
        let fix = &item["fix"];
        let value = (!fix["value"].is_null()).then(|| measure(&fix["value"], &fix["unit"]));
        let more = ["attribute", "code", "state", "on"]
            .into_iter()
            .filter_map(|name| fix[name].as_str());
        let words: Vec<_> = std::iter::once(kind.replace('_', " "))
            .chain(value)
            .chain(more.map(str::to_owned))
            .collect();
        format!("  -> {}", words.join(" "))
    });
    format!(
        "{}  {} {} for {}{}{}",
        carrier(item),
        text(&failed["about"]),
        measure(&failed["value"], &Json::Null),
        measure(&failed["bound"], &Json::Null),
        by.unwrap_or_default(),
        fix.unwrap_or_default()
    )
}

fn relaxation(offer: &Json) -> String {
    let what = if let Some(code) = offer["add"].as_str() {
        format!("with {code}")
    } else if offer["without"] == true {
        "left out".to_owned()
    } else {
        let member = text(&offer["member"]);
        let name = member.rsplit('.').next().filter(|name| *name != text(&offer["about"]));
        let words = [name.unwrap_or_default(), &measure(&offer["to"], &offer["unit"])].join(" ");
        words.trim_start().to_owned()
    };
    let opens = if offer["opens"] == 0 {
        String::new()
    } else {
        format!(" ({} unknown)", offer["opens"])
    };
    format!("  +{}{opens}  {} {what}", offer["adds"], text(&offer["about"]))
}

fn carrier(item: &Json) -> String {
    format!("{:<12}", text(&item["code"]))
}

fn items(list: &Json) -> impl Iterator<Item = &Json> {
    list.as_array().into_iter().flatten()
}

fn strings(list: &Json) -> impl Iterator<Item = &str> {
    items(list).filter_map(Json::as_str)
}

fn text(json: &Json) -> String {
    json.as_str().unwrap_or_default().to_owned()
}

fn number(json: &Json) -> f64 {
    json.as_f64().unwrap_or_default()
}

/// At most three decimals.
fn tidy(number: f64) -> String {
    let text = format!("{number:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn measure(value: &Json, unit: &Json) -> String {
    let shown = match value {
        Json::Number(number) => tidy(number.as_f64().unwrap_or_default()),
        Json::Object(hall) if hall.contains_key("width_m") => {
            let side = |name: &str| tidy(number(&hall[name]));
            format!("{} x {}", side("width_m"), side("depth_m"))
        }
        Json::Object(range) => {
            let end = |name: &str| range.get(name).and_then(Json::as_f64).map(tidy).unwrap_or_default();
            format!("{}..{}", end("min"), end("max"))
        }
        Json::Null => "-".to_owned(),
        other => other.as_str().map_or_else(|| other.to_string(), str::to_owned),
    };
    match unit.as_str() {
        Some(unit) => format!("{shown} {unit}"),
        None => shown,
    }
}
