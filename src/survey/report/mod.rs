//! The report of a campaign: one HTML document that prints well, in three languages, with a hash of its content.
//!
//! For a campaign that is signed off it is made from what was known then, so that it is the same whenever it is asked for.
mod words;

use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value as Json;

use super::campaign::{Campaign, TargetState, VisitState};
use super::digest::sha256;
use super::event::{NoAccessReason, VisitOutcome};
use super::numbers::{Facts, Part, numbers};

use super::told::in_order;
use crate::domain::catalogue::Catalogue;

pub use words::Lang;

/// Its style, which nothing else on the page may bring.
pub const STYLE: &str = include_str!("report.css");

/// Numbers that the report has, in order.
const NUMBERS: [&str; 14] = [
    "targets",
    "visited",
    "accounted_for",
    "confirmed",
    "changed",
    "no_access",
    "not_found",
    "dropped",
    "excepted",
    "to_review",
    "quarantined",
    "conflicts_open",
    "photos_taken",
    "photos_verified",
];

/// What people call a collection in the language of the report.
pub type Label<'a> = dyn Fn(&str) -> String + 'a;

/// The report as an HTML document.
pub fn report(campaign: &Campaign, facts: &Facts, (lang, label): (Lang, &Label<'_>)) -> String {
    let main = main(campaign, facts, (lang, label));
    let hash = sha256(main.as_bytes());
    let (tag, name, word) = (lang.tag(), escaped(&campaign.plan.name), |key| lang.word(key));
    let (title, label, help) = (word("report"), word("hash"), escaped(word("hash_help")));
    format!(
        "<!doctype html>\n<html lang=\"{tag}\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n\
         <meta name=\"content-sha256\" content=\"{hash}\">\n<title>{title}: {name}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n{main}\n\
         <footer>{label} ({help}): {hash}</footer>\n</body>\n</html>\n"
    )
}

fn main(campaign: &Campaign, facts: &Facts, (lang, label): (Lang, &Label<'_>)) -> String {
    let end = campaign.signed.as_deref();
    let frozen = end.and_then(|end| end.frozen.as_deref()).unwrap_or(campaign);
    let told = match end {
        Some(end) => end.numbers.clone(),
        None => serde_json::to_value(numbers(campaign, &Part::Whole, facts)).unwrap_or(Json::Null),
    };
    let mut page = Page {
        out: String::from(
            "<main>
",
        ),
        lang,
        label,
        zone: &facts.zone,
    };
    page.head(campaign, facts.now);
    page.numbers(&told);
    page.zones(frozen, facts);
    page.exceptions(campaign);
    page.sample(frozen);
    page.results(frozen);
    page.changes(campaign);
    page.out.push_str("</main>");
    page.out
}

struct Page<'a> {
    out: String,
    lang: Lang,
    label: &'a Label<'a>,
    zone: &'a TimeZone,
}

impl Page<'_> {
    /// A moment by the clock of the park, to the minute.
    fn moment(&self, at: Timestamp) -> String {
        let there = self.zone.to_datetime(at);
        format!("{} {:02}:{:02}", there.date(), there.hour(), there.minute())
    }

    /// The same, and which clock that is.
    fn moment_and_clock(&self, at: Timestamp) -> String {
        let minutes = self.zone.to_offset(at).seconds() / 60;
        let (sign, hours, rest) = (if minutes < 0 { '-' } else { '+' }, minutes.abs() / 60, minutes.abs() % 60);
        let rest = if rest == 0 { String::new() } else { format!(":{rest:02}") };
        format!("{} UTC{sign}{hours}{rest}", self.moment(at))
    }

    fn word(&self, key: &str) -> &'static str {
        self.lang.word(key)
    }

    fn put(&mut self, html: std::fmt::Arguments<'_>) {
        // Writing to a text cannot fail.
        let _ = self.out.write_fmt(html);
    }

    fn head(&mut self, campaign: &Campaign, now: Timestamp) {
        let plan = &campaign.plan;
        self.put(format_args!(
            "<h1>{}</h1>\n<p>{}</p>\n<dl>\n",
            escaped(&plan.name),
            self.word("report")
        ));
        match campaign.signed.as_deref() {
            Some(end) => {
                self.fact("signed_by", &end.by);
                self.fact("signed_at", &self.moment_and_clock(end.at));
            }
            None => {
                let text = format!("{} ({})", self.moment_and_clock(now), self.word("not_signed"));
                self.fact("as_of", &text);
            }
        }
        let launched = format!("{} ({})", self.moment(campaign.launched_at), campaign.launched_by);
        self.fact("launched", &launched);
        self.fact("deadline", &plan.deadline.to_string());
        let collections: Vec<_> = plan.collections.iter().map(|key| (self.label)(key.as_str())).collect();
        self.fact("collections", &collections.join(", "));
        let searches = plan.search.iter().filter(|(_, search)| !search.is_empty());
        let searches: Vec<_> = searches
            .map(|(key, search)| format!("{}: {search}", (self.label)(key.as_str())))
            .collect();
        self.fact("search", &searches.join("; "));
        self.fact("revision", &plan.revision.to_string());
        self.out.push_str("</dl>\n");
    }

    fn fact(&mut self, key: &str, value: &str) {
        let value = if value.is_empty() {
            self.word("none").to_owned()
        } else {
            escaped(value)
        };
        self.put(format_args!("<dt>{}</dt><dd>{value}</dd>\n", self.word(key)));
    }

    fn numbers(&mut self, told: &Json) {
        self.put(format_args!("<h2>{}</h2>\n<table>\n<tbody>\n", self.word("numbers")));
        let targets = told["targets"].as_f64().unwrap_or_default();
        for key in NUMBERS {
            let count = told[key].as_f64().unwrap_or_default();
            let share = match key {
                "visited" | "accounted_for" if targets > 0.0 => self.lang.percent(count / targets),
                _ => String::new(),
            };
            self.put(format_args!(
                "<tr><th>{}</th><td class=\"n\">{count}</td><td class=\"n\">{share}</td></tr>\n",
                self.word(key)
            ));
        }
        self.out.push_str("</tbody>\n</table>\n");
    }

    /// A table with these headings; says that there is nothing where there is nothing.
    fn table(&mut self, title: &str, headings: &[&str], rows: &[Vec<String>]) {
        self.put(format_args!("<h2>{}</h2>\n", self.word(title)));
        if rows.is_empty() {
            self.put(format_args!("<p>{}</p>\n", self.word("none")));
            return;
        }
        self.out.push_str("<table>\n<thead><tr>");
        for heading in headings {
            self.put(format_args!("<th>{}</th>", self.word(heading)));
        }
        self.out.push_str("</tr></thead>\n<tbody>\n");
        for row in rows {
            self.out.push_str("<tr>");
            for cell in row {
                self.put(format_args!("<td>{}</td>", escaped(cell)));
            }
            self.out.push_str("</tr>\n");
        }
        self.out.push_str("</tbody>\n</table>\n");
    }

    fn zones(&mut self, campaign: &Campaign, facts: &Facts) {
        let rows: Vec<_> = campaign
            .zones
            .iter()
            .map(|state| {
                let zone = &state.zone;
                let told = numbers(campaign, &Part::Zones([zone.key.as_str()].into()), facts);
                let end = state.signed.as_deref();
                vec![
                    format!("{} ({})", zone.name, zone.key),
                    zone.team.clone().unwrap_or_default(),
                    zone.day.map(|day| day.to_string()).unwrap_or_default(),
                    told.targets.to_string(),
                    told.visited.to_string(),
                    told.accounted_for.to_string(),
                    end.map(|end| end.by.clone()).unwrap_or_default(),
                    end.map(|end| self.moment(end.at)).unwrap_or_default(),
                ]
            })
            .collect();
        let headings = [
            "zone",
            "team",
            "day",
            "targets",
            "visited",
            "accounted_for",
            "signed_by",
            "signed_at",
        ];
        self.table("zones", &headings, &rows);
    }

    fn exceptions(&mut self, campaign: &Campaign) {
        let of_zones = campaign
            .zones
            .iter()
            .filter_map(|zone| Some((zone.zone.key.as_str(), zone.signed.as_deref()?)));
        let of_whole = campaign.signed.as_deref().map(|end| ("", end));
        let rows: Vec<_> = of_zones
            .chain(of_whole)
            .flat_map(|(zone, end)| {
                let row =
                    move |each: &super::event::Exception| vec![each.code.clone(), zone.to_owned(), each.reason.clone(), end.by.clone()];
                end.exceptions.iter().map(row)
            })
            .collect();
        self.table("exceptions", &["code", "zone", "reason", "approved_by"], &rows);
    }

    fn sample(&mut self, campaign: &Campaign) {
        let mut rows = Vec::new();
        for sample in campaign.samples.values() {
            for target in sample.codes.iter().filter_map(|code| campaign.targets.get(code)) {
                let visits = target
                    .visits
                    .iter()
                    .filter_map(|id| campaign.visits.get(id))
                    .filter(|visit| visit.counts());
                let (before, after): (Vec<_>, Vec<_>) = visits.partition(|visit| visit.seq < sample.seq);
                let told = |visit: Option<&&std::sync::Arc<VisitState>>| visit.map(|visit| self.outcome(visit)).unwrap_or_default();
                rows.push(vec![target.target.code.clone(), told(before.last()), told(after.last())]);
            }
        }
        self.table("sample", &["code", "first_visit", "second_visit"], &rows);
    }

    fn outcome(&self, visit: &VisitState) -> String {
        let word = self.word(match visit.visit.outcome {
            VisitOutcome::Confirmed => "confirmed",
            VisitOutcome::Changed => "changed",
            VisitOutcome::NoAccess => "no_access",
            VisitOutcome::NotFound => "not_found",
            VisitOutcome::Dropped => "dropped",
        });
        let listed = visit.visit.reason_key.map(|key| {
            self.word(match key {
                NoAccessReason::Locked => "reason_locked",
                NoAccessReason::Refused => "reason_refused",
                NoAccessReason::Danger => "reason_danger",
                NoAccessReason::Site => "reason_site",
            })
        });
        match listed.or(visit.visit.reason.as_deref()) {
            Some(reason) => format!("{word}: {reason}"),
            None => word.to_owned(),
        }
    }

    fn results(&mut self, campaign: &Campaign) {
        let rows: Vec<_> = in_order(campaign, &Part::Whole)
            .into_iter()
            .map(|target| self.result(campaign, target))
            .collect();
        let headings = [
            "code",
            "collection",
            "zone",
            "outcome",
            "seen_at",
            "surveyor",
            "reviewed_by",
            "photos",
        ];
        self.table("results", &headings, &rows);
    }

    fn result(&self, campaign: &Campaign, target: &TargetState) -> Vec<String> {
        let visit = campaign.standing(target);
        let outcome = match (visit, &target.exception, &target.replaced) {
            (Some(visit), _, _) => self.outcome(visit),
            (None, Some(_), _) => self.word("excepted").to_owned(),
            (None, None, Some(replaced)) => format!("{} {} ({})", self.word("replaced"), replaced.heirs.join(", "), replaced.by),
            (None, None, None) => String::new(),
        };
        let of = |told: &dyn Fn(&VisitState) -> String| visit.map(|visit| told(visit)).unwrap_or_default();
        vec![
            target.target.code.clone(),
            (self.label)(target.target.collection.as_str()),
            target.zone.clone().unwrap_or_default(),
            outcome,
            of(&|visit| self.moment(visit.made_at(campaign.launched_at))),
            of(&|visit| visit.author.clone()),
            of(&|visit| visit.review.as_ref().map(|review| review.by.clone()).unwrap_or_default()),
            of(&|visit| visit.visit.photos.len().to_string()),
        ]
    }

    fn changes(&mut self, campaign: &Campaign) {
        let rows: Vec<_> = campaign
            .log
            .iter()
            .map(|line| {
                let what = self.word(&format!("log_{}", line.what));
                vec![
                    self.moment(line.at),
                    line.by.clone(),
                    format!("{what} {}", line.about.join(" ")),
                    line.reason.clone(),
                ]
            })
            .collect();
        self.table("changes", &["when", "who", "what", "reason"], &rows);
    }
}

/// Names and reasons are what people typed: they are text, never markup.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// Labels by a catalogue; a collection that it lacks is called by its key.
pub fn labels(catalogue: &Catalogue, lang: Lang) -> impl Fn(&str) -> String + '_ {
    move |key| {
        let found = catalogue.collection(key);
        found.map_or_else(|| key.to_owned(), |collection| lang.of_names(&collection.names).to_owned())
    }
}
