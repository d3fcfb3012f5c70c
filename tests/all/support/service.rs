//! The real program, serving a store of the test's own.
#![expect(clippy::panic, clippy::print_stdout, reason = "here that is how a test fails, and says why")]
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use super::client::Client;
use super::postgres::{self, Database};

/// Password of every account that the tests make.
pub const PASSWORD: &str = "correct horse battery staple";

/// Kind of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    GeoPackage,
    PostGis,
}

/// A place for one store, removed with it. The program may be started on it again and again.
pub struct Place {
    folder: tempfile::TempDir,
    database: Option<Database<'static>>,
    starts: AtomicU32,
}

/// A running server; killed with the value.
pub struct Server {
    child: Child,
    /// `http://127.0.0.1:port`.
    pub url: String,
    log: PathBuf,
    // Kept open: a closed pipe would be an error for the program when it prints.
    _stdout: BufReader<std::process::ChildStdout>,
}

/// The program, without settings from the environment of the tests.
pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zaiti"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("ZAITI_") {
            command.env_remove(name);
        }
    }
    command
}

/// Runs a subcommand to its end with this on its standard input.
pub fn run(arguments: &[&str], input: &str) -> Output {
    let mut child = program()
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that refuses its arguments reads nothing.
    drop(child.stdin.take().unwrap().write_all(input.as_bytes()));
    child.wait_with_output().unwrap()
}

/// The same, when it must succeed; gives what was printed.
pub fn succeed(arguments: &[&str], input: &str) -> String {
    let output = run(arguments, input);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "zaiti {arguments:?} failed: {said}");
    String::from_utf8(output.stdout).unwrap()
}

impl Place {
    /// An empty place.
    pub fn new(kind: Kind) -> Self {
        let database = match kind {
            Kind::GeoPackage => None,
            Kind::PostGis => Some(postgres::database()),
        };
        Self::over(database)
    }

    /// A place for this database.
    pub fn over(database: Option<Database<'static>>) -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            database,
            starts: AtomicU32::new(0),
        }
    }

    /// As `--store` takes it.
    pub fn location(&self) -> String {
        match &self.database {
            None => self.file().to_str().unwrap().to_owned(),
            Some(database) => database.location(),
        }
    }

    /// The GeoPackage file.
    pub fn file(&self) -> PathBuf {
        self.folder.path().join("park.gpkg")
    }

    /// Runs a statement in the database.
    pub fn sql(&self, sql: &str) -> String {
        self.database.as_ref().unwrap().sql(sql)
    }

    /// A folder for files of the test.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Adds an account of the role's own name, with [`PASSWORD`].
    pub fn account(&self, role: &str) {
        let location = self.location();
        succeed(
            &["account", "add", role, "--role", role, "--password-stdin", "--store", &location],
            PASSWORD,
        );
    }

    /// Adds such an account and gives a token of it. On a GeoPackage no server may be running.
    pub fn token(&self, role: &str) -> String {
        self.account(role);
        let location = self.location();
        succeed(&["token", role, "--store", &location], "").trim().to_owned()
    }

    /// Adds an account of this name and role, and gives a token of it. On a GeoPackage no server may be running.
    pub fn named_token(&self, name: &str, role: &str) -> String {
        let location = self.location();
        succeed(
            &["account", "add", name, "--role", role, "--password-stdin", "--store", &location],
            PASSWORD,
        );
        succeed(&["token", name, "--store", &location], "").trim().to_owned()
    }

    /// Starts the program here, with limits that no test meets by chance.
    pub fn serve(&self) -> Server {
        self.serve_with(&["--peer-rate", "0"])
    }

    /// Starts the program here with these settings.
    pub fn serve_with(&self, settings: &[&str]) -> Server {
        Server::start(program(), self, settings)
    }

    /// Starts it by a shell that sets something first and is given the program as `$0`.
    pub fn serve_by(&self, script: &str, settings: &[&str]) -> Server {
        let mut shell = Command::new("sh");
        shell.args(["-c", script, env!("CARGO_BIN_EXE_zaiti")]);
        Server::start(shell, self, settings)
    }

    /// The same by a shell that may mount things that only it sees, and is given this as `$1`.
    pub fn serve_by_in(&self, script: &str, first: &str, settings: &[&str]) -> Server {
        let mut shell = Command::new("unshare");
        shell.args(["-rm", "sh", "-c", script, env!("CARGO_BIN_EXE_zaiti"), first]);
        Server::start(shell, self, settings)
    }
}

impl Server {
    fn start(mut command: Command, place: &Place, settings: &[&str]) -> Self {
        let number = place.starts.fetch_add(1, Ordering::Relaxed);
        let log = place.folder.path().join(format!("server-{number}.log"));
        let mut child = command
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(settings)
            .env("ZAITI_STORE", place.location())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let said = || std::fs::read_to_string(&log).unwrap();
        let url = line.trim().strip_prefix("zaiti is ready on ");
        let url = url.unwrap_or_else(|| panic!("no ready line but {line:?}: {}", said())).to_owned();
        Self {
            child,
            url,
            log,
            _stdout: stdout,
        }
    }

    /// Asks without an account.
    pub fn public(&self) -> Client {
        Client::new(&self.url, None)
    }

    /// Asks with a token.
    pub fn with(&self, token: &str) -> Client {
        Client::new(&self.url, Some(token))
    }

    /// `127.0.0.1:port`.
    pub fn address(&self) -> &str {
        self.url.strip_prefix("http://").unwrap()
    }

    /// Process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }

    /// Ends it as a crash would.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to stop.
    pub fn tell_to_stop(&self) {
        let told = Command::new("kill").args(["-TERM", &self.id().to_string()]).status().unwrap();
        assert!(told.success());
    }

    /// Waits for its end; gives the status and what was logged.
    pub fn wait(mut self) -> (Option<i32>, String) {
        let status = self.child.wait().unwrap();
        (status.code(), self.log())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
        if std::thread::panicking() {
            let log = self.log();
            let telling = log
                .lines()
                .filter(|line| ["WARN", "ERROR", "panicked"].iter().any(|word| line.contains(word)));
            println!("--- the server said\n{}", telling.collect::<Vec<_>>().join("\n"));
        }
    }
}
