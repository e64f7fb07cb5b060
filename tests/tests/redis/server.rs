//! The servers to test on.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use std::{env, fs};

use rocket_typed_session::storage::SessionStorage;
use rocket_typed_session::storage::redis::{RedisBuilder, RedisStorage};
use rocket_typed_session::testing::TextStorage;
use rocket_typed_session_tests::servers::address;

pub(crate) const SINGLE: &str = "SESSION_TEST_REDIS";
pub(crate) const CLUSTER: &str = "SESSION_TEST_REDIS_CLUSTER";
pub(crate) const SENTINEL: &str = "SESSION_TEST_REDIS_SENTINEL";

/// Returns the address of a server, if there is one.
pub(crate) fn url(variable: &'static str) -> Option<String> {
    address(variable, "scripts/servers/redis")
}

/// Returns what no other test's keys begin with.
pub(crate) fn prefix() -> String {
    format!("test:{}:", unique())
}

fn unique() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let nanos = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos();
    format!("{nanos}-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Returns the builder of a storage with a prefix of its own.
pub(crate) fn builder(url: &str) -> RedisBuilder {
    RedisStorage::builder(url).unwrap().prefix(prefix()).pool_size(2)
}

/// Returns a storage of its own, or one of texts where the test is left out.
pub(crate) fn or_text(variable: &'static str) -> Arc<dyn SessionStorage> {
    match url(variable) {
        Some(url) => Arc::new(builder(&url).build().unwrap()),
        None => Arc::new(TextStorage::new()),
    }
}

/// What a server answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reply {
    Text(String),
    Error(String),
    Array(Vec<Reply>),
    Nil,
}

impl Reply {
    pub(crate) fn text(self) -> String {
        match self {
            Self::Text(text) => text,
            other => panic!("{other:?} is no text"),
        }
    }

    pub(crate) fn texts(self) -> Vec<String> {
        match self {
            Self::Array(replies) => replies.into_iter().map(Self::text).collect(),
            other => panic!("{other:?} is no array"),
        }
    }
}

/// A connection that a test commands a server by.
pub(crate) struct Console(BufReader<TcpStream>);

impl Console {
    pub(crate) fn new(port: u16) -> Self {
        Self(BufReader::new(TcpStream::connect(("127.0.0.1", port)).unwrap()))
    }

    /// Returns a console of the first server in an address.
    pub(crate) fn of(url: &str) -> Self {
        let host = url.split("://").nth(1).unwrap().split(['?', '/']).next().unwrap();
        Self::new(host.rsplit(':').next().unwrap().parse().unwrap())
    }

    pub(crate) fn ask(&mut self, words: &[&str]) -> Reply {
        let mut command = format!("*{}\r\n", words.len());
        for word in words {
            command.extend(["$", &word.len().to_string(), "\r\n", word, "\r\n"]);
        }
        self.0.get_mut().write_all(command.as_bytes()).unwrap();
        self.reply()
    }

    fn reply(&mut self) -> Reply {
        let mut line = String::new();
        self.0.read_line(&mut line).unwrap();
        let (kind, rest) = line.trim_end().split_at(1);
        match kind {
            "+" | ":" => Reply::Text(rest.into()),
            "-" => Reply::Error(rest.into()),
            "$" | "*" if rest == "-1" => Reply::Nil,
            "$" => {
                let mut bytes = vec![0; rest.parse::<usize>().unwrap() + 2];
                self.0.read_exact(&mut bytes).unwrap();
                bytes.truncate(bytes.len() - 2);
                Reply::Text(String::from_utf8(bytes).unwrap())
            }
            "*" => Reply::Array((0..rest.parse::<usize>().unwrap()).map(|_| self.reply()).collect()),
            _ => panic!("{line:?}"),
        }
    }

    /// Returns how often each command was sent by clients or scripts since the last reset.
    pub(crate) fn calls(&mut self, command: &str) -> u64 {
        let stats = self.ask(&["INFO", "commandstats"]).text();
        let own = format!("cmdstat_{command}:calls=");
        let line = stats.lines().find_map(|line| line.strip_prefix(&own));
        line.map_or(0, |line| line.split(',').next().unwrap().parse().unwrap())
    }

    pub(crate) fn keys(&mut self, pattern: &str) -> Vec<String> {
        let mut keys = self.ask(&["KEYS", pattern]).texts();
        keys.sort();
        keys
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
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let dir = env::temp_dir().join(format!("session-redis-{}", unique()));
        fs::create_dir_all(&dir).unwrap();
        let options = options.iter().map(|option| (*option).to_owned()).collect();
        let mut server = Self { port, dir, options, child: None };
        server.run();
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
