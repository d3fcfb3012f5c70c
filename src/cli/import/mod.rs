//! `zaiti import`: rows of a file into a collection.
//!
//! Read in this order: [`Import`], `limits`, `overlay`, `progress`, `report`.
mod limits;
mod overlay;
mod progress;
mod report;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, ensure};
use clap::{Args, ValueEnum};
use jiff::Timestamp;
use uuid::Uuid;

use self::limits::LimitFlags;
use self::overlay::OverlayFlags;
use super::place::{Place, block_on};
use super::{Done, print, say};
use crate::domain::record::Evidence;
use crate::domain::viewer::{Role, Viewer};
use crate::formats::Options;
use crate::inventory::import::{Faulty, ImportReport, Job, Mapping, import};
use crate::inventory::{Bulk, Inventory};
use crate::store;

/// Bring the rows of a file into a collection
#[derive(Args)]
#[command(
    after_help = "The same file twice changes nothing. Without --mapping and --map, fields are known by the headings of the catalogue.\n\
    Exit status: 0 every row is in; 1 some are (with --keep-good); 2 none is."
)]
pub struct Import {
    /// File to read: GeoJSON (one document, or one feature per line, also gzipped), GeoPackage, Shapefile (.shp or .zip)
    file: PathBuf,
    /// parcels, buildings, units, the key of an overlay, or with --effect the key of a new overlay
    #[arg(long, value_name = "COLLECTION")]
    into: String,
    #[command(flatten)]
    fields: FieldFlags,
    #[command(flatten)]
    reading: ReadingFlags,
    /// Judge every row and report, write nothing
    #[arg(long)]
    dry_run: bool,
    /// Write the good rows even if others are refused; without it, all or none
    #[arg(long)]
    keep_good: bool,
    /// Mend outlines that are not valid, and report their areas before and after
    #[arg(long)]
    repair: bool,
    /// Most refused and most mended rows to list; a report file lists up to 100000 of each
    #[arg(long, value_name = "N", default_value_t = 50)]
    list: usize,
    /// Write the report to this file too, as JSON
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    #[command(flatten)]
    witness: WitnessFlags,
    #[command(flatten)]
    overlay: OverlayFlags,
    #[command(flatten)]
    limits: LimitFlags,
    #[command(flatten)]
    place: Place,
}

/// Which field becomes what.
#[derive(Args)]
#[command(next_help_heading = "Fields")]
struct FieldFlags {
    /// A field's attribute, and its unit where that is not the base unit: `SQFT=area_declared:sqft`; may be given several times
    #[arg(long, value_name = "FIELD=ATTRIBUTE[:UNIT]")]
    map: Vec<String>,
    /// Mapping file, or the name of a built-in mapping: hangzhou, massgis, nantong, tochigi, tokyo
    #[arg(long, value_name = "FILE|NAME")]
    mapping: Option<String>,
    /// What the records' codes are made of: `P-{ID}`, or `{geometry}` for a digest of the outline; of several, the first whose fields are known
    #[arg(long, value_name = "TEMPLATE")]
    code: Vec<String>,
}

/// How the file is read.
#[derive(Args)]
#[command(next_help_heading = "Reading")]
struct ReadingFlags {
    /// Layer to read, for files with several
    #[arg(long, value_name = "NAME")]
    layer: Option<String>,
    /// Reference system, where the file does not say it or says a wrong one: `EPSG:4528`
    #[arg(long, value_name = "CRS")]
    crs: Option<String>,
    /// Encoding of texts, where the file does not say it or says a wrong one: `GB18030`
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,
}

/// On whose word.
#[derive(Args)]
#[command(next_help_heading = "Provenance")]
struct WitnessFlags {
    /// When the facts were observed: a day (2026-03-01) or a time (2026-03-01T09:00:00Z); now when left out
    #[arg(long, value_name = "DATE", value_parser = time)]
    observed_at: Option<Timestamp>,
    /// On what evidence
    #[arg(long, value_enum, default_value = "document", value_name = "KIND")]
    evidence: EvidenceKind,
    /// Who imports, as histories name it
    #[arg(long, default_value = "import", value_name = "NAME")]
    author: String,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum EvidenceKind {
    Told,
    Seen,
    Measured,
    Document,
}

impl Import {
    /// Imports, and says what came of it.
    pub fn run(self) -> anyhow::Result<Done> {
        self.check_paths()?;
        let mapping = self.fields.mapping()?;
        let report_file = self.report.as_deref().map(create).transpose()?;
        block_on(async {
            let started = Instant::now();
            let rehearsal = self.rehearsal();
            let location = rehearsal.as_ref().map_or_else(|| self.place.store.clone(), Rehearsal::location);
            let catalogue = self.place.catalogue.load()?;
            let store = match &rehearsal {
                Some(_) => store::open(&location).await?,
                None => self.place.open_store().await?,
            };
            let inventory = Inventory::open(store, catalogue, self.place.settings()).await?;
            let job = self.job(mapping, &inventory)?;
            let bar = progress::bar();
            let report = import(&inventory, job, progress::on(&bar)).await;
            bar.finish_and_clear();
            let told = report::Told {
                file: &self.file,
                into: &self.into,
                report: &report?,
                dry_run: self.dry_run,
                took: started.elapsed(),
            };
            told.lines(self.list).iter().for_each(|line| print(line));
            if let Some((path, mut file)) = report_file {
                // The rows are in by now: a report that cannot be written must not look like an import that failed.
                if let Err(error) = file.write_all(told.json().as_bytes()) {
                    say(&format!(
                        "zaiti: the report {} cannot be written ({error}); what is said above holds",
                        path.display()
                    ));
                }
            }
            Ok(self.done(told.report))
        })
    }

    fn done(&self, report: &ImportReport) -> Done {
        let good = report.added + report.changed + report.unchanged;
        match (report.refused, good) {
            (0, _) => Done::All,
            (_, 1..) if self.keep_good => Done::Partly,
            _ => Done::Nothing,
        }
    }

    fn check_paths(&self) -> anyhow::Result<()> {
        let file = std::fs::canonicalize(&self.file).with_context(|| format!("{} cannot be read", self.file.display()))?;
        let is_file = |path: &Path| std::fs::canonicalize(path).is_ok_and(|path| path == file);
        if let Some(report) = &self.report {
            ensure!(
                !is_file(report),
                "the report would take the place of {}: name another file",
                self.file.display()
            );
        }
        ensure!(
            !is_file(Path::new(&self.place.store)),
            "{} is the store itself: name a file to read",
            self.file.display()
        );
        Ok(())
    }

    fn job(&self, mapping: Mapping, inventory: &Inventory) -> anyhow::Result<Job> {
        let now = (crate::inventory::of_machine().clock)();
        let observed_at = self.witness.observed_at.unwrap_or(now);
        ensure!(observed_at <= now, "--observed-at {observed_at}: expected a time up to now ({now})");
        Ok(Job {
            path: self.file.clone(),
            read: Options {
                limits: self.limits.limits(),
                layer: self.reading.layer.clone(),
                crs: self.reading.crs.clone(),
                encoding: self.reading.encoding.clone(),
            },
            into: self.into.as_str().into(),
            mapping,
            mode: match (self.dry_run, self.keep_good) {
                (true, _) => Bulk::DryRun,
                (false, true) => Bulk::KeepGood,
                (false, false) => Bulk::AllOrNothing,
            },
            faulty: if self.repair { Faulty::Mend } else { Faulty::Refuse },
            overlay: self.overlay.new_overlay((&self.into, &self.file), inventory)?,
            viewer: Viewer {
                // Who can open the store may do everything with it anyway.
                role: Role::Admin,
                account: Some(self.witness.author.as_str().into()),
            },
            observed_at,
            evidence: self.witness.evidence.into(),
        })
    }

    /// A dry run makes no store: where there is none, it is tried on one that is thrown away.
    fn rehearsal(&self) -> Option<Rehearsal> {
        let is_missing = !self.place.store.contains("://") && !Path::new(&self.place.store).exists();
        (self.dry_run && is_missing).then(Rehearsal::new)
    }
}

/// A folder for a store that is thrown away.
struct Rehearsal(PathBuf);

impl Rehearsal {
    fn new() -> Self {
        Self(std::env::temp_dir().join(format!("zaiti-{}", Uuid::new_v4())))
    }

    fn location(&self) -> String {
        let made = std::fs::create_dir_all(&self.0);
        if let Err(error) = made {
            tracing::warn!(%error, "the temporary folder cannot be made");
        }
        self.0.join("rehearsal.gpkg").to_string_lossy().into_owned()
    }
}

impl Drop for Rehearsal {
    fn drop(&mut self) {
        // What is left in the system's temporary folder, the system removes.
        drop(std::fs::remove_dir_all(&self.0));
    }
}

impl FieldFlags {
    fn mapping(&self) -> anyhow::Result<Mapping> {
        let mut mapping = self.mapping.as_deref().map_or_else(|| Ok(Mapping::default()), read_mapping)?;
        for rule in &self.map {
            mapping.add(rule).with_context(|| format!("--map {rule}"))?;
        }
        if !self.code.is_empty() {
            mapping.code.clone_from(&self.code);
        }
        Ok(mapping)
    }
}

/// A path, or the name of a mapping that is compiled in. A file of that name goes before.
fn read_mapping(name: &str) -> anyhow::Result<Mapping> {
    let path = Path::new(name);
    if !path.is_file()
        && let Some(mapping) = Mapping::builtin(name)
    {
        return mapping.with_context(|| format!("the built-in mapping {name}"));
    }
    let text = std::fs::read_to_string(path).with_context(|| {
        let builtin: Vec<_> = Mapping::builtin_names().collect();
        format!(
            "--mapping {name}: expected a file of UTF-8 text, or one of the built-in mappings {}",
            builtin.join(", ")
        )
    })?;
    Mapping::parse(&text).with_context(|| format!("the mapping {name}"))
}

fn create(path: &Path) -> anyhow::Result<(&Path, std::fs::File)> {
    let file = std::fs::File::create(path).with_context(|| format!("the report {} cannot be written", path.display()))?;
    Ok((path, file))
}

fn time(text: &str) -> Result<Timestamp, String> {
    let time = text.parse().or_else(|_no_time| format!("{text}T00:00:00Z").parse());
    time.map_err(|_no_day: jiff::Error| "expected a day such as 2026-03-01, or a time such as 2026-03-01T09:00:00Z".to_owned())
}

impl From<EvidenceKind> for Evidence {
    fn from(kind: EvidenceKind) -> Self {
        match kind {
            EvidenceKind::Told => Self::Told,
            EvidenceKind::Seen => Self::Seen,
            EvidenceKind::Measured => Self::Measured,
            EvidenceKind::Document => Self::Document,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_times_are_read() {
        assert_eq!(time("2026-03-01").unwrap().to_string(), "2026-03-01T00:00:00Z");
        assert_eq!(time("2026-03-01T09:00:00+08:00").unwrap().to_string(), "2026-03-01T01:00:00Z");
        assert!(time("1.3.2026").unwrap_err().contains("2026-03-01"));
    }
}
