//! Where the processes of one test keep their sessions.

use rocket_typed_session_tests::servers::unused;
use tempfile::TempDir;

/// Where the processes of one test keep their sessions, and nobody else's.
pub(crate) struct Home {
    sessions: String,
    guests: String,
    _file: Option<TempDir>,
}

impl Home {
    /// Returns a table of SQLite in a file.
    pub(crate) fn sqlite() -> Self {
        let directory = TempDir::new().unwrap();
        let url = format!("sqlite://{}", directory.path().join("portal.db").display());
        Self { _file: Some(directory), ..Self::tables(&url) }
    }

    /// Returns tables on a server.
    #[cfg(any(feature = "postgres", feature = "mysql"))]
    pub(crate) fn sql(variable: &'static str) -> Option<Self> {
        let url = rocket_typed_session_tests::servers::address(variable, "scripts/servers/sql")?;
        Some(Self::tables(&url))
    }

    /// Returns keys with a prefix on a server, or a Cluster.
    #[cfg(feature = "redis")]
    pub(crate) fn redis(variable: &'static str) -> Option<Self> {
        let url = rocket_typed_session_tests::servers::address(variable, "scripts/servers/redis")?;
        let prefix = unused();
        let sessions = format!(r#"{{storage="{url}",timeout="20s",watch="200ms",redis={{prefix="{prefix}:"}}}}"#);
        Some(Self { sessions, guests: format!(r#"{{redis={{prefix="{prefix}:guest:"}}}}"#), _file: None })
    }

    fn tables(url: &str) -> Self {
        let table = unused();
        let sessions = format!(r#"{{storage="{url}",timeout="20s",watch="200ms",sql={{table="{table}"}}}}"#);
        Self { sessions, guests: format!(r#"{{sql={{table="{table}_guest"}}}}"#), _file: None }
    }

    /// Returns keys with a prefix on a server whose address is known.
    #[cfg(feature = "redis-tls")]
    pub(crate) fn at(url: &str, prefix: &str) -> Self {
        let guests = format!(r#"{{redis={{prefix="{prefix}guest:"}}}}"#);
        Self { sessions: format!("{url}?prefix={prefix}&pool=2"), guests, _file: None }
    }

    /// Returns what tells a process of it. It has longer than usual for each request: the machine may be busy.
    pub(crate) fn variables(&self) -> [(&'static str, &str); 2] {
        [("ROCKET_SESSION", &self.sessions), ("ROCKET_GUEST", &self.guests)]
    }

    /// Returns what tells a process of it whose users may have so many sessions.
    pub(crate) fn bounded(&self, sessions: usize) -> (&'static str, String) {
        ("ROCKET_SESSION", self.sessions.replacen('{', &format!("{{max_per_user={sessions},"), 1))
    }
}
