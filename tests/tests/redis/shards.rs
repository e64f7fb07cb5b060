//! Slots of a Cluster that move between its servers.

use std::fs::File;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rocket_typed_session::Identity;
use rocket_typed_session_tests::servers::unused;

use crate::server::Console;

/// The primaries of a Cluster, by their names and ports.
///
/// One test at a time has them: servers that take slots from each other at once come to differ on who has which.
#[derive(Clone)]
pub(crate) struct Shards(Vec<(String, u16)>, #[allow(dead_code, reason = "it is held")] Arc<File>);

impl Shards {
    pub(crate) fn of(url: &str) -> Self {
        let turn = File::create(std::env::temp_dir().join("session-test-shards.lock")).unwrap();
        turn.lock().unwrap();
        let nodes = Console::of(url).ask(&["CLUSTER", "NODES"]).text();
        let masters = nodes.lines().filter(|line| line.contains("master") && !line.contains("fail"));
        Self(
            masters
                .map(|line| {
                    let words: Vec<&str> = line.split(' ').collect();
                    let port = words[1].split('@').next().unwrap().rsplit(':').next().unwrap();
                    (words[0].to_owned(), port.parse().unwrap())
                })
                .collect(),
            Arc::new(turn),
        )
    }

    pub(crate) fn ports(&self) -> impl Iterator<Item = u16> {
        self.0.iter().map(|(_, port)| *port)
    }

    /// Returns the server that has the keys of a slot.
    pub(crate) fn owner(&self, slot: &str) -> Option<usize> {
        self.0.iter().position(|(_, port)| Console::new(*port).ask(&["CLUSTER", "COUNTKEYSINSLOT", slot]).text() != "0")
    }

    /// Moves a slot from the server that has it to another, key by key.
    pub(crate) fn shift(&self, slot: &str, from: usize, to: usize) {
        let mut shift = self.begin(slot, from, to);
        while shift.step() {
            std::thread::sleep(Duration::from_millis(2));
        }
        shift.settle();
    }

    /// Begins to move a slot; its keys stay where they are.
    pub(crate) fn begin(&self, slot: &str, from: usize, to: usize) -> Shift {
        let others = self.0.iter().enumerate().filter(|(at, _)| ![from, to].contains(at));
        let others = others.map(|(_, (_, port))| Console::new(*port)).collect();
        let (from, to) = (self.0[from].clone(), self.0[to].clone());
        let (mut source, mut target) = (Console::new(from.1), Console::new(to.1));
        target.ask(&["CLUSTER", "SETSLOT", slot, "IMPORTING", &from.0]);
        source.ask(&["CLUSTER", "SETSLOT", slot, "MIGRATING", &to.0]);
        Shift { slot: slot.to_owned(), source, target, others, to }
    }

    /// Begins to move a slot to the next server. Returns what moves it back, too.
    pub(crate) fn begin_next(&self, slot: &str) -> (Shift, impl FnOnce() + use<>) {
        let from = self.owner(slot).expect("the slot has keys");
        let to = (from + 1) % self.0.len();
        let (shards, name) = (self.clone(), slot.to_owned());
        (self.begin(slot, from, to), move || shards.shift(&name, to, from))
    }
}

/// A slot on its way.
pub(crate) struct Shift {
    slot: String,
    source: Console,
    target: Console,
    others: Vec<Console>,
    to: (String, u16),
}

impl Shift {
    /// Moves one key more, if there is one.
    pub(crate) fn step(&mut self) -> bool {
        let keys = self.source.ask(&["CLUSTER", "GETKEYSINSLOT", &self.slot, "1"]).texts();
        for key in &keys {
            self.source.ask(&["MIGRATE", "127.0.0.1", &self.to.1.to_string(), key, "0", "1000"]);
        }
        !keys.is_empty()
    }

    /// Moves what is left, and gives the slot to the server that has its keys.
    pub(crate) fn settle(self) {
        drop(self);
    }
}

impl Shift {
    /// Tells every server who has the slot, until none says anything else.
    ///
    /// One that does not know yet that the new owner's claim is the newest takes an old one that is on its way for it.
    fn proclaim(&mut self) {
        let started = Instant::now();
        let mut servers: Vec<_> = [&mut self.target, &mut self.source].into_iter().chain(&mut self.others).collect();
        loop {
            let views: Vec<_> = servers.iter_mut().map(|server| View::of(server, &self.to.0)).collect();
            let own = views[0].as_ref();
            if own.is_some_and(|own| own.has(&self.slot) && views.iter().flatten().eq(vec![own; servers.len()])) {
                return;
            }
            if started.elapsed() > Duration::from_secs(10) {
                // In a test that fails anyhow, that is what is to be seen.
                assert!(std::thread::panicking(), "the servers do not agree on who has slot {}", self.slot);
                return;
            }
            for server in &mut servers {
                server.ask(&["CLUSTER", "SETSLOT", &self.slot, "NODE", &self.to.0]);
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

/// What one server knows of another: how new its claim is, and what it has.
#[derive(PartialEq)]
struct View {
    epoch: String,
    slots: Vec<String>,
}

impl View {
    fn of(console: &mut Console, name: &str) -> Option<Self> {
        let nodes = console.ask(&["CLUSTER", "NODES"]).text();
        let line = nodes.lines().find(|line| line.starts_with(name))?;
        let mut words = line.split(' ').map(str::to_owned).skip(6);
        let epoch = words.next()?;
        Some(Self { epoch, slots: words.skip(1).filter(|slots| !slots.starts_with('[')).collect() })
    }

    fn has(&self, slot: &str) -> bool {
        let number = |text: &str| text.parse::<u16>().unwrap();
        self.slots.iter().any(|slots| {
            let (first, last) = slots.split_once('-').unwrap_or((slots, slots));
            (number(first)..=number(last)).contains(&number(slot))
        })
    }
}

impl Drop for Shift {
    /// A test that fails leaves no slot between two servers.
    fn drop(&mut self) {
        while self.step() {}
        self.proclaim();
    }
}

/// Returns an identity whose slot no other test moves.
pub(crate) fn somebody() -> Identity {
    Identity::new("test", &unused())
}

/// Returns the slot of an identity's keys.
pub(crate) fn slot_of(console: &mut Console, identity: &Identity) -> String {
    use base64::Engine;
    let tag = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(identity.tag().as_bytes());
    console.ask(&["CLUSTER", "KEYSLOT", &tag]).text()
}
