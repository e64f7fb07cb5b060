//! Servers that tests need.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use parking_lot::Mutex;

/// Returns the address of a server, from the environment.
///
/// Without one the test is left out, and a note says so once, unless `SESSION_TEST_REQUIRED=1` asks for every test.
///
/// # Panics
///
/// Panics if the server is missing and required.
pub fn address(variable: &'static str, script: &str) -> Option<String> {
    static NOTED: Mutex<BTreeSet<&str>> = Mutex::new(BTreeSet::new());
    if let Ok(address) = std::env::var(variable) {
        return Some(address);
    }
    assert!(std::env::var("SESSION_TEST_REQUIRED").is_err(), "`{variable}` is not set: see `{script}`");
    if NOTED.lock().insert(variable) {
        // Not a macro: what those print is swallowed when tests pass.
        let _ = writeln!(
            std::io::stderr(),
            "left out: the tests that need `{variable}`; run them with `export $({script} start target/{script})`, or all \
             tests with `scripts/test`"
        );
    }
    None
}

/// Returns a name that nobody else uses on a server.
pub fn unused() -> String {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let nanos = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.subsec_nanos());
    format!("t{}_{nanos}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed))
}

/// Returns a port that nobody listens on.
///
/// # Panics
///
/// Panics if there is none.
pub fn unused_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port()
}

/// Servers of one test's own, which it may kill.
pub struct Own {
    script: PathBuf,
    directory: PathBuf,
}

impl Own {
    /// Returns servers of a script in `scripts/servers`, which are not started yet.
    ///
    /// # Panics
    ///
    /// Panics if they have no place on the disk.
    pub fn new(script: &str) -> Self {
        let places = std::env::var("SESSION_TEST_SERVERS").map_or_else(|_| std::env::temp_dir(), PathBuf::from);
        let directory = places.join(format!("{script}-{}", unused()));
        fs::create_dir_all(&directory).expect("a directory");
        // Whom a server runs as finds its files.
        assert!(Command::new("chmod").arg("a+rx").arg(&directory).status().expect("chmod").success());
        Self { script: Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/servers").join(script), directory }
    }

    /// Returns where the servers have their files.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Starts the servers, or those of a kind, as they were, and returns their addresses once they answer.
    ///
    /// # Panics
    ///
    /// Panics if they do not.
    pub fn start(&self, kind: Option<&str>) -> Vec<String> {
        // What goes on in the background keeps what it inherits.
        let variables = self.directory.join("variables");
        let out = File::create(&variables).expect("a file");
        let started = Command::new(&self.script).arg("start").arg(&self.directory).args(kind).stdout(out).status();
        assert!(started.expect("a script").success(), "the servers of {} start", self.script.display());
        let lines = fs::read_to_string(variables).expect("the variables");
        lines.lines().filter_map(|line| Some(line.split_once('=')?.1.to_owned())).collect()
    }

    /// Starts those that were killed, as they were, and waits until all go together again.
    ///
    /// # Panics
    ///
    /// Panics if they do not.
    pub fn again(&self) {
        let started = Command::new(&self.script).arg("again").arg(&self.directory).stdout(Stdio::null()).status();
        assert!(started.expect("a script").success(), "the servers of {} start again", self.script.display());
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        let _ = Command::new(&self.script).arg("stop").arg(&self.directory).status();
        let _ = fs::remove_dir_all(&self.directory);
    }
}
