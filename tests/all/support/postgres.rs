//! A PostgreSQL cluster of the tests' own, with PostGIS, thrown away when the test program ends, however it ends.
//!
//! It runs as a user that is not root, listens on a socket in its own folder and nowhere else, and syncs to disk as in earnest.
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// The cluster that most tests share.
static SHARED: OnceLock<Cluster> = OnceLock::new();

/// Database that the others are copies of.
const TEMPLATE: &str = "with_postgis";

/// A running cluster.
pub struct Cluster {
    folder: PathBuf,
    databases: AtomicU32,
    /// Waits for our end of its input to close, then stops the server and removes the folder. Its input closes even when we are killed.
    _janitor: Child,
}

/// A fresh database with PostGIS; dropped with the value.
pub struct Database<'a> {
    cluster: &'a Cluster,
    name: String,
}

/// A database in the shared cluster.
pub fn database() -> Database<'static> {
    SHARED.get_or_init(Cluster::start).database()
}

impl Cluster {
    /// Makes and starts a cluster.
    pub fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("zaiti-pg-").tempdir().unwrap().keep();
        if owner().is_some() {
            run(Command::new("chown").arg(owner().unwrap()).arg(&folder));
        }
        let janitor = janitor(&folder);
        run(as_owner("initdb").arg("-D").arg(folder.join("data")).args([
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "-N",
        ]));
        let cluster = Self {
            folder,
            databases: AtomicU32::new(0),
            _janitor: janitor,
        };
        cluster.serve();
        cluster.sql("postgres", &format!("CREATE DATABASE {TEMPLATE}"));
        cluster.sql(TEMPLATE, "CREATE EXTENSION postgis");
        cluster
    }

    /// Starts the server, and returns when it answers.
    pub fn serve(&self) {
        let options = format!(
            "-c listen_addresses= -c unix_socket_directories={} -c max_connections=200",
            self.folder.display()
        );
        run(self.pg_ctl("start").arg("-l").arg(self.folder.join("log")).arg("-o").arg(options));
    }

    /// Stops the server as a power cut would.
    pub fn cut_off(&self) {
        run(self.pg_ctl("stop").args(["-m", "immediate"]));
    }

    fn pg_ctl(&self, what: &str) -> Command {
        let mut command = as_owner("pg_ctl");
        command.arg(what).arg("-w").arg("-s").arg("-D").arg(self.folder.join("data"));
        command
    }

    /// Makes a database.
    pub fn database(&self) -> Database<'_> {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.sql("postgres", &format!("CREATE DATABASE {name} TEMPLATE {TEMPLATE}"));
        Database { cluster: self, name }
    }

    /// Runs a statement as the superuser and returns what it prints.
    pub fn sql(&self, database: &str, sql: &str) -> String {
        self.psql(database, &["-c", sql])
    }

    fn psql(&self, database: &str, what: &[&str]) -> String {
        let usual = ["-U", "postgres", "-d", database, "-v", "ON_ERROR_STOP=1", "-qAt"];
        run(as_owner("psql").arg("-h").arg(&self.folder).args(usual).args(what))
    }
}

impl Database<'_> {
    /// Where it is, as `store::open` takes it.
    pub fn location(&self) -> String {
        format!("postgres://postgres@localhost/{}?host={}", self.name, self.cluster.folder.display())
    }

    /// Runs a statement as the superuser and returns what it prints.
    pub fn sql(&self, sql: &str) -> String {
        self.cluster.sql(&self.name, sql)
    }

    /// The same of statements that are too long for an argument of a program.
    pub fn script(&self, sql: &str) -> String {
        let file = std::env::temp_dir().join(format!("zaiti-{}-{}.sql", std::process::id(), self.name));
        std::fs::write(&file, sql).unwrap();
        let printed = self.cluster.psql(&self.name, &["-f", file.to_str().unwrap()]);
        std::fs::remove_file(file).unwrap();
        printed
    }
}

impl Drop for Database<'_> {
    fn drop(&mut self) {
        // While a test fails its server may be gone; the janitor removes everything anyway.
        if !std::thread::panicking() {
            self.cluster.sql("postgres", &format!("DROP DATABASE {} WITH (FORCE)", self.name));
        }
    }
}

/// The user that the server runs as when we are root, which PostgreSQL refuses.
fn owner() -> Option<&'static str> {
    static OWNER: OnceLock<Option<&str>> = OnceLock::new();
    *OWNER.get_or_init(|| {
        let is_root = run(Command::new("id").arg("-u")).trim() == "0";
        let has_postgres = Command::new("id")
            .arg("postgres")
            .output()
            .is_ok_and(|output| output.status.success());
        is_root.then_some(if has_postgres { "postgres" } else { "nobody" })
    })
}

/// A program of PostgreSQL, to be run as the owner, in a folder that the owner may read.
fn as_owner(program: &str) -> Command {
    let path = programs().join(program);
    let mut command = match owner() {
        None => Command::new(path),
        Some(owner) => {
            let mut command = Command::new("runuser");
            command.args(["-u", owner, "--"]).arg(path);
            command
        }
    };
    command.current_dir("/").env_remove("PGHOST").env_remove("PGPORT");
    command
}

/// The newest installed server.
fn programs() -> &'static Path {
    static PROGRAMS: OnceLock<PathBuf> = OnceLock::new();
    PROGRAMS.get_or_init(|| {
        let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
        let newest = versions
            .map(|version| version.path().join("bin"))
            .filter(|bin| bin.join("initdb").exists())
            .max();
        newest.expect("the tests need PostgreSQL with PostGIS: apt-get install postgresql-15 postgresql-15-postgis-3")
    })
}

fn janitor(folder: &Path) -> Child {
    let stop = as_owner("pg_ctl");
    let words = std::iter::once(stop.get_program())
        .chain(stop.get_args())
        .map(|word| word.to_string_lossy().into_owned())
        .collect::<Vec<_>>()
        .join(" ");
    let script = format!(
        "cat >/dev/null; {words} stop -w -s -m immediate -D {0}/data; rm -rf {0}",
        folder.display()
    );
    Command::new("setsid")
        .args(["sh", "-c", &script])
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn run(command: &mut Command) -> String {
    // The server must not hold the pipes of its starter: it would be waited for.
    let starts_server = command.get_args().any(|argument| argument == "start");
    let output = if starts_server {
        let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
        std::process::Output {
            status,
            stdout: Vec::new(),
            stderr: Vec::new(),
        }
    } else {
        command.output().unwrap()
    };
    assert!(
        output.status.success(),
        "{command:?} failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}
