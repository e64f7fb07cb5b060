//! A connection that a test commands a Redis server by.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

/// What a server answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// A text, or a number.
    Text(String),
    /// A refusal.
    Error(String),
    /// Several answers.
    Array(Vec<Reply>),
    /// Nothing.
    Nil,
}

impl Reply {
    /// Returns the text.
    ///
    /// # Panics
    ///
    /// Panics if this is none.
    pub fn text(self) -> String {
        match self {
            Self::Text(text) => text,
            other => panic!("{other:?} is no text"),
        }
    }

    /// Returns the texts.
    ///
    /// # Panics
    ///
    /// Panics if this is no array of texts.
    pub fn texts(self) -> Vec<String> {
        match self {
            Self::Array(replies) => replies.into_iter().map(Self::text).collect(),
            other => panic!("{other:?} is no array"),
        }
    }
}

/// A connection that a test commands a server by.
pub struct Console(BufReader<TcpStream>);

#[allow(clippy::missing_panics_doc, reason = "without its server a test fails")]
impl Console {
    /// Connects to the server on a port.
    pub fn new(port: u16) -> Self {
        Self(BufReader::new(TcpStream::connect(("127.0.0.1", port)).expect("the server listens")))
    }

    /// Connects to the first server in an address.
    pub fn of(url: &str) -> Self {
        let host = url.split("://").nth(1).and_then(|rest| rest.split(['?', '/']).next()).expect("a host");
        Self::new(port(host))
    }

    /// Connects to every server in an address.
    pub fn all(url: &str) -> Vec<Self> {
        let others = url.split('?').nth(1).unwrap_or_default().split('&').filter_map(|pair| pair.strip_prefix("node="));
        std::iter::once(Self::of(url)).chain(others.map(|host| Self::new(port(host)))).collect()
    }

    /// Sends a command, and returns the answer.
    pub fn ask(&mut self, words: &[&str]) -> Reply {
        let mut command = format!("*{}\r\n", words.len());
        for word in words {
            command.extend(["$", &word.len().to_string(), "\r\n", word, "\r\n"]);
        }
        self.0.get_mut().write_all(command.as_bytes()).expect("the server reads");
        self.reply()
    }

    fn reply(&mut self) -> Reply {
        let mut line = String::new();
        self.0.read_line(&mut line).expect("the server answers");
        let (kind, rest) = line.trim_end().split_at(1);
        let length = || rest.parse::<usize>().expect("a length");
        match kind {
            "+" | ":" => Reply::Text(rest.into()),
            "-" => Reply::Error(rest.into()),
            "$" | "*" if rest == "-1" => Reply::Nil,
            "$" => {
                let mut bytes = vec![0; length() + 2];
                self.0.read_exact(&mut bytes).expect("the server answers");
                bytes.truncate(bytes.len() - 2);
                Reply::Text(String::from_utf8(bytes).expect("UTF-8"))
            }
            "*" => Reply::Array((0..length()).map(|_| self.reply()).collect()),
            _ => panic!("{line:?}"),
        }
    }

    /// Returns how often each command was sent by clients or scripts since the last reset.
    pub fn calls(&mut self, command: &str) -> u64 {
        let stats = self.ask(&["INFO", "commandstats"]).text();
        let own = format!("cmdstat_{command}:calls=");
        let line = stats.lines().find_map(|line| line.strip_prefix(&own));
        line.map_or(0, |line| line.split(',').next().and_then(|calls| calls.parse().ok()).expect("a number"))
    }

    /// Returns the keys that this server holds.
    pub fn keys(&mut self, pattern: &str) -> Vec<String> {
        let mut keys = self.ask(&["KEYS", pattern]).texts();
        keys.sort();
        keys
    }
}

fn port(host: &str) -> u16 {
    host.rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port")
}
