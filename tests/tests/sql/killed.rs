//! A server that is killed, and comes back, under a site.

use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rocket::tokio::time::sleep;
use rocket_typed_session::storage::SessionStorage;
use rocket_typed_session_tests::{Site, servers};
use tempfile::TempDir;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../scripts/servers/sql");

/// A server of one test's own.
pub struct Server {
    directory: TempDir,
    kind: &'static str,
    pub url: String,
}

impl Server {
    /// Starts a server, if tests have any.
    pub fn start(kind: &'static str, variable: &'static str) -> Option<Self> {
        servers::address(variable, "scripts/servers/sql")?;
        let directory = TempDir::new().unwrap();
        // Whom the server runs as finds its files.
        assert!(Command::new("chmod").arg("a+rx").arg(directory.path()).status().unwrap().success());
        let mut server = Self { directory, kind, url: String::new() };
        server.url = server.run();
        Some(server)
    }

    /// Starts the server as it was, and returns its address once it answers.
    pub fn run(&self) -> String {
        // What goes on in the background keeps what it inherits.
        let lines = self.directory.path().join("variables");
        let out = fs::File::create(&lines).unwrap();
        let started = Command::new(SCRIPT).arg("start").arg(self.directory.path()).arg(self.kind).stdout(out).status();
        assert!(started.unwrap().success());
        fs::read_to_string(lines).unwrap().trim().split_once('=').unwrap().1.to_owned()
    }

    /// Kills the server with the processes that it began, which write down nothing any more.
    pub fn kill(&self) {
        let pid = fs::read_to_string(self.directory.path().join(format!("{}.pid", self.kind))).unwrap();
        let pid = pid.trim();
        let begun = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
        let pids = std::iter::once(pid).chain(begun.split_whitespace());
        // One of them may end by itself meanwhile.
        Command::new("kill").arg("-KILL").args(pids).stderr(Stdio::null()).status().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = Command::new(SCRIPT).arg("stop").arg(self.directory.path()).status();
    }
}

/// While the server is away each request is answered 503 in time, and the cookie is left alone; a route without a
/// session does not notice; and within a second of the server's return all is well.
pub async fn is_answered_for(server: &Server, storage: impl SessionStorage) {
    let site = Site::builder().storage(storage).open().await;
    let ada = site.member(1).await;
    let token = ada.token();
    for visits in 1..=2 {
        server.kill();
        let down = Instant::now();
        while down.elapsed() < Duration::from_secs(3) {
            for path in ["/me", "/session", "/list"] {
                let began = Instant::now();
                let answer = ada.get(path).await;
                assert_eq!((answer.code(), answer.cookies.len()), (503, 0), "{answer:?}");
                assert!(began.elapsed() < Duration::from_millis(2_300), "{:?}", began.elapsed());
            }
            assert_eq!(site.browser().get("/public").await.code(), 200);
            sleep(Duration::from_millis(50)).await;
        }
        server.run();
        let back = Instant::now();
        loop {
            match ada.get("/me").await.code() {
                200 => break,
                code => assert_eq!(code, 503),
            }
            assert!(back.elapsed() < Duration::from_secs(1), "it works within a second");
            sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(ada.post("/visit").await.code(), 200);
        assert!(ada.get("/me").await.body.starts_with(&format!("1 Member light en nick {visits}")));
        assert_eq!(ada.token(), token);
    }
}
