//! The servers to test on.

use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};
use std::{env, fs};

use rocket_typed_session::storage::SessionStorage;
use rocket_typed_session::storage::redis::{RedisBuilder, RedisStorage};
use rocket_typed_session::testing::TextStorage;
use rocket_typed_session_tests::outage::signal;
use rocket_typed_session_tests::servers::{address, unused, unused_port};

pub(crate) use rocket_typed_session_tests::console::{Console, Reply};

pub(crate) const SINGLE: &str = "SESSION_TEST_REDIS";
pub(crate) const CLUSTER: &str = "SESSION_TEST_REDIS_CLUSTER";
pub(crate) const SENTINEL: &str = "SESSION_TEST_REDIS_SENTINEL";

/// Returns the address of a server, if there is one.
pub(crate) fn url(variable: &'static str) -> Option<String> {
    address(variable, "scripts/servers/redis")
}

/// Returns the builder of a storage with a prefix of its own.
pub(crate) fn builder(url: &str) -> RedisBuilder {
    RedisStorage::builder(url).unwrap().prefix(format!("test:{}:", unused())).pool_size(2)
}

/// Returns a storage of its own, or one of texts where the test is left out.
pub(crate) fn or_text(variable: &'static str) -> Arc<dyn SessionStorage> {
    match url(variable) {
        Some(url) => Arc::new(builder(&url).build().unwrap()),
        None => Arc::new(TextStorage::new()),
    }
}

/// A server of one test's own.
pub(crate) struct Private {
    pub(crate) port: u16,
    dir: PathBuf,
    options: Vec<String>,
    child: Option<Child>,
}

impl Private {
    /// Starts a server, if tests have any.
    pub(crate) fn start(options: &[&str]) -> Option<Self> {
        url(SINGLE)?;
        let port = unused_port();
        let dir = env::temp_dir().join(format!("session-redis-{}", unused()));
        fs::create_dir_all(&dir).unwrap();
        let options = options.iter().map(|option| (*option).to_owned()).collect();
        let mut server = Self { port, dir, options, child: None };
        server.run();
        Some(server)
    }

    /// Starts a Cluster of one server, if tests have any.
    pub(crate) fn start_cluster() -> Option<Self> {
        let bus = unused_port().to_string();
        let server = Self::start(&["--cluster-enabled", "yes", "--cluster-port", &bus])?;
        let mut console = server.console();
        console.ask(&["CONFIG", "SET", "cluster-announce-ip", "127.0.0.1"]);
        console.ask(&["CLUSTER", "ADDSLOTSRANGE", "0", "16383"]);
        while !console.ask(&["CLUSTER", "INFO"]).text().contains("cluster_state:ok") {
            sleep(Duration::from_millis(5));
        }
        Some(server)
    }

    pub(crate) fn run(&mut self) {
        let port = self.port.to_string();
        let mut command = Command::new("redis-server");
        command.args(["--port", &port, "--bind", "127.0.0.1", "--save", ""]).arg("--dir").arg(&self.dir);
        self.child = Some(command.args(&self.options).stdout(Stdio::null()).spawn().unwrap());
        let started = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(started.elapsed() < Duration::from_secs(10), "the server starts");
            sleep(Duration::from_millis(5));
        }
        while matches!(self.console().ask(&["PING"]), Reply::Error(error) if error.starts_with("LOADING")) {
            sleep(Duration::from_millis(5));
        }
    }

    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.as_ref().map(|child| child.id().to_string());
        signal(name, pid.as_deref());
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    pub(crate) fn console(&self) -> Console {
        Console::new(self.port)
    }
}

impl Drop for Private {
    fn drop(&mut self) {
        self.kill();
        let _ = fs::remove_dir_all(&self.dir);
    }
}
