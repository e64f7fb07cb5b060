//! What is logged, at every level.

use std::panic;
use std::sync::Once;
use std::thread::{self, ThreadId};

use log::{LevelFilter, Log, Metadata, Record};
use parking_lot::Mutex;

static LINES: Mutex<Vec<(ThreadId, String)>> = Mutex::new(Vec::new());

/// What tests have taken.
static TAKEN: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// The target of what panics say.
pub const PANIC: &str = "panic";

struct Capture;

impl Log for Capture {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        let line = format!("{} {}: {}", record.level(), record.target(), record.args());
        LINES.lock().push((thread::current().id(), line));
    }

    fn flush(&self) {}
}

/// Keeps what is logged from now on, in the place of Rocket's own logger, and what panics say.
pub fn capture() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        keep_panics();
        if log::set_boxed_logger(Box::new(Capture)).is_ok() {
            log::set_max_level(LevelFilter::Trace);
        }
    });
}

fn keep_panics() {
    let print = panic::take_hook();
    panic::set_hook(Box::new(move |panicked| {
        log::error!(target: PANIC, "{panicked}");
        print(panicked);
    }));
}

/// Returns what this process has logged.
pub fn lines() -> Vec<String> {
    LINES.lock().iter().map(|(_, line)| line.clone()).collect()
}

/// Returns what this process has logged, also what was taken.
pub(crate) fn all() -> Vec<String> {
    let mut all = TAKEN.lock().clone();
    all.extend(lines());
    all
}

/// Returns whether a line is this library's.
pub fn is_own(line: &str) -> bool {
    let target = line.split(' ').nth(1).unwrap_or_default();
    target == "rocket_typed_session:" || target.starts_with("rocket_typed_session::")
}

/// Returns what this thread has logged, and forgets it.
pub fn take() -> String {
    let here = thread::current().id();
    let mut lines = LINES.lock();
    let (own, others): (Vec<_>, Vec<_>) = lines.drain(..).partition(|(thread, _)| *thread == here);
    *lines = others;
    TAKEN.lock().extend(own.iter().map(|(_, line)| line.clone()));
    own.into_iter().map(|(_, line)| line + "\n").collect()
}
