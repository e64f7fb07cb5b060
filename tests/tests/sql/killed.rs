//! A server that is killed, and comes back, under a site.

use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rocket::tokio::time::sleep;
use rocket_typed_session::storage::SessionStorage;
use rocket_typed_session_tests::Site;
use rocket_typed_session_tests::servers::{self, Own};

/// A server of one test's own.
pub struct Server {
    own: Own,
    kind: &'static str,
    pub url: String,
}

impl Server {
    /// Starts a server, if tests have any.
    pub fn start(kind: &'static str, variable: &'static str) -> Option<Self> {
        servers::address(variable, "scripts/servers/sql")?;
        let own = Own::new("sql");
        let url = own.start(Some(kind)).remove(0);
        Some(Self { own, kind, url })
    }

    /// Starts the server as it was.
    pub fn run(&self) {
        self.own.start(Some(self.kind));
    }

    /// Kills the server with the processes that it began, which write down nothing any more.
    pub fn kill(&self) {
        let file = if self.kind == "postgres" { "postgres/db/postmaster.pid" } else { "mariadb/db/pid" };
        let text = fs::read_to_string(self.own.directory().join(file)).unwrap();
        let pid = text.lines().next().unwrap();
        let begun = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
        let pids = std::iter::once(pid).chain(begun.split_whitespace());
        // One of them may end by itself meanwhile.
        Command::new("kill").arg("-KILL").args(pids).stderr(Stdio::null()).status().unwrap();
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
