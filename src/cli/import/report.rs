//! What came of an import, for people and as JSON.
use std::path::Path;
use std::time::Duration;

use serde_json::{Value as Json, json};

use crate::formats::Place;
use crate::inventory::import::{ImportReport, Mend, Refusal};

/// What there is to tell.
pub(super) struct Told<'a> {
    pub(super) file: &'a Path,
    pub(super) into: &'a str,
    pub(super) report: &'a ImportReport,
    pub(super) dry_run: bool,
    pub(super) took: Duration,
}

impl Told<'_> {
    /// Line by line: how it was read, the fields, the exceptions, and last the sum.
    pub(super) fn lines(&self, listed: usize) -> Vec<String> {
        let Self { report, .. } = self;
        let mut lines = vec![format!("{} into {}", self.file.display(), self.into)];
        lines.extend(report.notes.iter().map(|note| format!("  {note}")));
        lines.extend(self.fields());
        let mends = report.mends.iter().take(listed).map(ToString::to_string);
        list(("mended", report.mended), mends, &mut lines);
        let refusals = report.refusals.iter().take(listed).map(ToString::to_string);
        list(("refused", report.refused), refusals, &mut lines);
        lines.push(format!(
            "{} rows: {} added, {} changed, {} unchanged, {} refused",
            report.rows, report.added, report.changed, report.unchanged, report.refused
        ));
        lines.push(self.end());
        lines.push(format!("{:.2} s, {:.0} rows/s", self.took.as_secs_f64(), self.rows_per_s()));
        lines
    }

    fn fields(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let mut ignored = Vec::new();
        for (field, target) in &self.report.fields {
            match target {
                Some(target) => lines.push(format!("  {field} -> {target}")),
                None => ignored.push(field.as_str()),
            }
        }
        if !ignored.is_empty() {
            lines.push(format!("  ignored: {}", ignored.join(", ")));
        }
        lines
    }

    fn end(&self) -> String {
        let Self { report, .. } = self;
        match report.revision {
            _ if self.dry_run => "dry run: nothing is written".to_owned(),
            Some(revision) => format!("written in revision {revision}"),
            None if report.refused > 0 && report.added + report.changed > 0 => {
                "nothing is written, because rows are refused: mend them, or keep the good ones with --keep-good".to_owned()
            }
            None => "nothing to write".to_owned(),
        }
    }

    fn rows_per_s(&self) -> f64 {
        self.report.rows as f64 / self.took.as_secs_f64().max(1e-9)
    }

    /// The same for programs.
    pub(super) fn json(&self) -> String {
        let Self { report, .. } = self;
        let fields = report
            .fields
            .iter()
            .map(|(field, target)| json!({ "field": field, "attribute": target }));
        let json = json!({
            "file": self.file.display().to_string(),
            "into": self.into,
            "dry_run": self.dry_run,
            "rows": report.rows,
            "added": report.added,
            "changed": report.changed,
            "unchanged": report.unchanged,
            "refused": report.refused,
            "mended": report.mended,
            "revision": report.revision.map(|revision| revision.0),
            "notes": report.notes,
            "fields": fields.collect::<Vec<_>>(),
            "refusals": report.refusals.iter().map(refusal).collect::<Vec<_>>(),
            "mends": report.mends.iter().map(mend).collect::<Vec<_>>(),
            "took_ms": u64::try_from(self.took.as_millis()).unwrap_or(u64::MAX),
            "rows_per_s": self.rows_per_s().round(),
        });
        format!("{json:#}\n")
    }
}

/// A heading, the lines, and how many there are beyond those.
fn list((what, count): (&str, u64), listed: impl ExactSizeIterator<Item = String>, lines: &mut Vec<String>) {
    if count == 0 {
        return;
    }
    lines.push(format!("{what}:"));
    let left = count - u64::try_from(listed.len()).unwrap_or(count);
    lines.extend(listed.map(|line| format!("  {line}")));
    if left > 0 {
        lines.push(format!("  and {left} more"));
    }
}

fn refusal(refusal: &Refusal) -> Json {
    let mut json = place(refusal.place);
    json["field"] = json!(refusal.column);
    json["given"] = json!(refusal.given);
    json["expected"] = json!(refusal.expected);
    json
}

fn mend(mend: &Mend) -> Json {
    let mut json = place(mend.place);
    json["fault"] = json!(mend.fault);
    json["area_before_m2"] = json!(mend.area_before_m2);
    json["area_after_m2"] = json!(mend.area_after_m2);
    json
}

fn place(place: Place) -> Json {
    match place {
        Place::Line { line, column } => json!({ "line": line, "column": column }),
        Place::Row(row) => json!({ "row": row }),
        Place::File => json!({}),
    }
}
