//! Servers that a test has go away, and come back.

use std::fs;

use rocket_typed_session_tests::outage::{self, signal};
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

    /// Returns the server with the processes that it began.
    fn pids(&self) -> Vec<String> {
        let file = if self.kind == "postgres" { "postgres/db/postmaster.pid" } else { "mariadb/db/pid" };
        let text = fs::read_to_string(self.own.directory().join(file)).unwrap();
        let pid = text.lines().next().unwrap();
        let begun = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
        std::iter::once(pid).chain(begun.split_whitespace()).map(str::to_owned).collect()
    }

    fn signal(&self, name: &str) {
        signal(name, self.pids().iter().map(String::as_str));
    }
}

/// A server that is killed, with all it began, which writes down nothing any more.
pub struct Killed<'s>(pub &'s Server);

impl outage::Server for Killed<'_> {
    fn go(&mut self) {
        self.0.signal("-KILL");
    }

    fn come_back(&mut self) {
        self.0.own.start(Some(self.0.kind));
    }
}

/// A server that hangs.
pub struct Frozen<'s>(pub &'s Server);

impl outage::Server for Frozen<'_> {
    fn go(&mut self) {
        self.0.signal("-STOP");
    }

    fn come_back(&mut self) {
        self.0.signal("-CONT");
    }
}
