//! What was asked for, and what sections share.
use std::cell::OnceCell;
use std::path::{Path, PathBuf};

use zaiti::index::Snapshot;

use super::line::seconds;
use super::parcels;

/// The command line: names of sections, `--parcels N`, `--huge` (growth up to ten times as many).
pub struct Options {
    sections: Vec<String>,
    pub parcels: usize,
    pub huge: bool,
    /// Work of a process of its own, so that its memory can be told.
    pub child: Option<Vec<String>>,
}

impl Options {
    pub fn read(known: &[&str]) -> Self {
        let mut options = Self {
            sections: Vec::new(),
            parcels: 1_000_000,
            huge: false,
            child: None,
        };
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--parcels" => options.parcels = arguments.next().and_then(|count| count.parse().ok()).unwrap_or(options.parcels),
                "--huge" => options.huge = true,
                "--child" => options.child = Some(arguments.by_ref().collect()),
                // Cargo says so to every benchmark.
                "--bench" => {}
                name if known.contains(&name) => options.sections.push(name.to_owned()),
                other => panic!("given {other}, expected {}, --parcels N or --huge", known.join(", ")),
            }
        }
        options
    }

    pub fn wants(&self, section: &str) -> bool {
        self.sections.is_empty() || self.sections.iter().any(|name| name == section)
    }
}

/// What sections share, made when the first one needs it.
pub struct Place {
    pub options: Options,
    folder: tempfile::TempDir,
    snapshot: OnceCell<Snapshot>,
    file: OnceCell<(PathBuf, f64)>,
}

impl Place {
    pub fn new(options: Options) -> Self {
        Self {
            options,
            folder: tempfile::tempdir().unwrap(),
            snapshot: OnceCell::new(),
            file: OnceCell::new(),
        }
    }

    /// All parcels in memory.
    pub fn snapshot(&self) -> &Snapshot {
        self.snapshot.get_or_init(|| parcels::snapshot(self.options.parcels))
    }

    /// A file that holds all parcels, closed. Sections that write take a copy.
    pub fn file(&self) -> &Path {
        &self.filled().0
    }

    /// The file, and the seconds that filling it took.
    pub fn filled(&self) -> &(PathBuf, f64) {
        self.file.get_or_init(|| {
            let path = self.path("parcels.gpkg");
            let took = seconds(|| super::store::fill(&path, self.options.parcels)).0;
            (path, took)
        })
    }

    /// A copy of that file, on disk, so that nothing measured later waits for it to get there.
    pub fn copy(&self, name: &str) -> PathBuf {
        let copy = self.path(name);
        std::fs::copy(self.file(), &copy).unwrap();
        std::fs::File::open(&copy).unwrap().sync_all().unwrap();
        copy
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}
