//! A server that goes away under a site, and comes back.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

use rocket::tokio::join;
use rocket::tokio::time::sleep;
use rocket_typed_session::storage::SessionStorage;
use rocket_typed_session::testing::{Operation, When};

use crate::browser::{Answer, Browser};
use crate::logs;
use crate::site::Site;

/// A server, which can go.
pub trait Server {
    /// Has it go.
    fn go(&mut self);

    /// Has it come back as it was.
    fn come_back(&mut self);
}

/// How long things may take.
#[derive(Clone, Copy)]
pub struct Limits {
    /// How long an answer may take: the timeout of sessions, and what a busy machine adds.
    pub answer: Duration,
    /// How long after the server's return all is well.
    pub back: Duration,
}

impl Limits {
    /// Of a server that is gone: a connection to it is refused.
    pub const GONE: Self = Self { answer: Duration::from_millis(2_300), back: Duration::from_secs(1) };

    /// Of a server that says nothing: each answer takes the whole timeout.
    pub const SILENT: Self = Self { answer: Duration::from_millis(3_700), back: Duration::from_secs(5) };
}

/// The pages that somebody who is signed in may ask for: to read, to change something, and to get another token.
const PAGES: [(bool, &str); 7] = [
    (false, "/me"),
    (false, "/session"),
    (false, "/list"),
    (true, "/theme/dark"),
    (true, "/role/admin"),
    (true, "/rotate"),
    // Whose session it is cannot be known: the cookie stays, to sign out with later.
    (true, "/logout"),
];

/// How long it is tried to end a session at most, until it should be done: three attempts that wait for the timeout.
const END: Duration = Duration::from_mins(1);

/// While the server is away each request is answered 503 in time, and the cookie is left alone; a route without a
/// session does not notice. Within a moment of the server's return all is well, nothing was changed, and whose session
/// was to end as the server went is signed out. The password, if the storage connects with one, is told to nobody.
///
/// # Panics
///
/// Panics if it is otherwise.
pub async fn is_answered_for(
    server: &mut impl Server,
    storage: impl SessionStorage,
    limits: Limits,
    password: Option<&str>,
) {
    let site = Site::builder().storage(storage).open().await;
    let outage = Outage { site: &site, limits, password };
    let ada = site.member(1).await;
    let token = ada.token();
    for visits in 1..=2 {
        let leaving = site.member(2).await;
        let left = leaving.copy();
        outage.begins(server, &leaving).await;
        outage.lasts(&ada).await;
        server.come_back();
        outage.is_over(&ada).await;
        assert_eq!(ada.post("/visit").await.code(), 200);
        assert!(ada.get("/me").await.body.starts_with(&format!("1 Member light en nick {visits}")));
        assert_eq!(ada.token(), token);
        is_ended(&left).await;
    }
    for line in logs::all_after(0) {
        assert!(!tells(&line, password), "the password stands in {line}");
    }
    assert!(!tells(&format!("{:?}", site.events()), password));
}

fn tells(text: &str, password: Option<&str>) -> bool {
    password.is_some_and(|password| text.contains(password))
}

struct Outage<'s> {
    site: &'s Site,
    limits: Limits,
    password: Option<&'s str>,
}

impl Outage<'_> {
    async fn lasts(&self, ada: &Browser<'_>) {
        let down = Instant::now();
        while down.elapsed() < Duration::from_secs(3) {
            for (posts, path) in PAGES {
                self.is_unavailable(ada, posts, path).await;
            }
            self.is_unavailable(&self.site.browser(), true, "/login/3/member").await;
            assert_eq!(self.site.browser().get("/public").await.code(), 200);
            sleep(Duration::from_millis(50)).await;
        }
    }

    async fn is_unavailable(&self, browser: &Browser<'_>, posts: bool, path: &str) {
        let answer = self.answer(browser, posts, path).await;
        assert_eq!((answer.code(), answer.cookies.len()), (503, 0), "{path}: {answer:?}");
    }

    async fn answer(&self, browser: &Browser<'_>, posts: bool, path: &str) -> Answer {
        let began = Instant::now();
        let answer = if posts { browser.post(path).await } else { browser.get(path).await };
        assert!(began.elapsed() < self.limits.answer, "{path}: {:?}", began.elapsed());
        assert!(!tells(&format!("{answer:?}"), self.password), "{path}: {answer:?}");
        answer
    }

    /// The server goes after the sessions of requests are loaded, and before they are written: nobody is told that it
    /// was done, and who signs out loses the cookie.
    async fn begins(&self, server: &mut impl Server, leaving: &Browser<'_>) {
        let (editing, rotating) = (self.site.member(4).await, self.site.member(5).await);
        let gates = [Operation::Commit, Operation::Rotate, Operation::Delete]
            .map(|operation| self.site.parking().park(operation, When::Before));
        let goes = async {
            for gate in &gates {
                gate.reached().await;
            }
            server.go();
            for gate in &gates {
                gate.release();
            }
        };
        let (edit, rotation, end, ()) = join!(
            self.answer(&editing, true, "/theme/dark"),
            self.answer(&rotating, true, "/role/admin"),
            self.answer(leaving, true, "/logout"),
            goes
        );
        assert_eq!((edit.code(), edit.cookies.len()), (503, 0), "{edit:?}");
        assert_eq!((rotation.code(), rotation.cookies.len()), (503, 0), "{rotation:?}");
        assert_eq!((end.code(), end.cookies.len()), (503, 1), "{end:?}");
        assert_eq!(leaving.cookie("__Host-session"), None, "{end:?}");
    }

    async fn is_over(&self, ada: &Browser<'_>) {
        let back = Instant::now();
        loop {
            let answer = ada.get("/me").await;
            match answer.code() {
                200 => break,
                code => assert_eq!((code, answer.cookies.len()), (503, 0), "{answer:?}"),
            }
            assert!(back.elapsed() < self.limits.back, "it works {:?} after the return", self.limits.back);
            sleep(Duration::from_millis(10)).await;
        }
    }
}

/// Waits until a session is ended that was to end while the server was away.
async fn is_ended(left: &Browser<'_>) {
    let back = Instant::now();
    while left.copy().get("/me").await.code() != 401 {
        assert!(back.elapsed() < END, "who signed out is signed in still");
        sleep(Duration::from_millis(50)).await;
    }
}

/// Sends a signal to processes, some of which may have ended by themselves.
///
/// # Panics
///
/// Panics if there is no `kill`.
pub fn signal<'p>(signal: &str, pids: impl IntoIterator<Item = &'p str>) {
    let pids: Vec<_> = pids.into_iter().collect();
    Command::new("kill").arg(signal).args(&pids).stderr(Stdio::null()).status().expect("kill");
    if signal == "-STOP" {
        while pids.iter().any(|pid| is_running(pid)) {
            thread::sleep(Duration::from_millis(1));
        }
    }
}

/// Returns whether a thread of a process runs or may run: each stops by itself once it learns that it should.
fn is_running(pid: &str) -> bool {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    let stats = threads.filter_map(|thread| fs::read_to_string(thread.path().join("stat")).ok());
    // The state follows the name, which may be anything, in parentheses.
    stats.into_iter().any(|stat| !stat.rsplit(") ").next().is_some_and(|rest| rest.starts_with(['T', 't', 'Z', 'X'])))
}
