//! The real program, run to its end.
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What a run came to.
#[derive(Debug)]
pub struct Run {
    /// Exit status.
    pub status: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Run {
    /// All that it said.
    pub fn said(&self) -> String {
        format!("{}{}", self.out, self.err)
    }

    /// The same run, if it ended with this status.
    #[track_caller]
    pub fn ends(self, status: i32) -> Self {
        assert_eq!(self.status, status, "{}", self.said());
        self
    }

    /// The same run, if it said all of this.
    #[track_caller]
    pub fn says(self, texts: &[&str]) -> Self {
        for text in texts {
            assert!(self.said().contains(text), "expected {text:?} in:\n{}", self.said());
        }
        self
    }
}

/// Runs the program in an environment that says nothing about it.
pub fn zaiti<S: AsRef<std::ffi::OsStr>>(arguments: &[S]) -> Run {
    with_input(arguments, Stdio::null())
}

/// Runs the program with an input.
pub fn with_input<S: AsRef<std::ffi::OsStr>>(arguments: &[S], input: Stdio) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zaiti"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("ZAITI_")) {
        command.env_remove(name);
    }
    let output = command.args(arguments).stdin(input).output().unwrap();
    let run = Run {
        status: output
            .status
            .code()
            .unwrap_or_else(|| panic!("{}: {}", output.status, String::from_utf8_lossy(&output.stderr))),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    };
    assert!(!run.err.contains("panicked"), "{}", run.err);
    run
}

/// A folder with a store of its own.
pub struct Park {
    folder: tempfile::TempDir,
    store: String,
}

impl Park {
    /// With an embedded store.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("park.gpkg").to_str().unwrap().to_owned();
        Self { folder, store }
    }

    /// With the store at this location.
    pub fn at(store: String) -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            store,
        }
    }

    /// A path in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Where the store is.
    pub fn store(&self) -> &str {
        &self.store
    }

    /// Writes a file into the folder.
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// Runs a subcommand on the store.
    pub fn run(&self, arguments: &[&str]) -> Run {
        zaiti(&[arguments, &["--store", &self.store]].concat())
    }

    /// Imports a file into the parcels.
    pub fn import(&self, file: &Path, more: &[&str]) -> Run {
        let file = file.to_str().unwrap();
        let into: &[&str] = if more.contains(&"--into") { &[] } else { &["--into", "parcels"] };
        self.run(&[&["import", file], into, more].concat())
    }

    /// Codes of the open records of a collection, sorted.
    pub fn codes(&self, collection: &str) -> Vec<String> {
        let csv = self
            .run(&["export", "--collection", collection, "--format", "csv", "--role", "admin"])
            .ends(0)
            .out;
        let mut codes: Vec<String> = csv.lines().skip(1).map(|line| line.split(',').next().unwrap().to_owned()).collect();
        codes.sort();
        codes
    }
}

/// A plot as a GeoJSON feature; its corner is at so many thousandths of a degree.
pub fn plot(id: &str, at: i32, more: &str) -> String {
    let (x, y) = (120.0 + f64::from(at) / 1_000.0, 31.0);
    let (e, n) = (x + 0.0005, y + 0.0005);
    feature(id, &format!("[[[{x},{y}],[{e},{y}],[{e},{n}],[{x},{n}],[{x},{y}]]]"), more)
}

/// A polygon as a GeoJSON feature; `more` are members of its properties, `,"name":"A"`.
pub fn feature(id: &str, coordinates: &str, more: &str) -> String {
    format!(r#"{{"type":"Feature","properties":{{"id":"{id}"{more}}},"geometry":{{"type":"Polygon","coordinates":{coordinates}}}}}"#)
}
