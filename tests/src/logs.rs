//! What is logged, at every level.

use std::panic;
use std::sync::Once;
use std::thread::{self, ThreadId};

use log::{LevelFilter, Log, Metadata, Record};
use parking_lot::Mutex;

/// Everything that was logged, in its order.
static LINES: Mutex<Vec<Line>> = Mutex::new(Vec::new());

struct Line {
    thread: ThreadId,
    text: String,
    /// Whether a test has taken it.
    taken: bool,
}

/// The target of what panics say.
pub const PANIC: &str = "panic";

struct Capture;

impl Log for Capture {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        let text = format!("{} {}: {}", record.level(), record.target(), record.args());
        LINES.lock().push(Line { thread: thread::current().id(), text, taken: false });
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
    LINES.lock().iter().filter(|line| !line.taken).map(|line| line.text.clone()).collect()
}

/// Returns what this process has logged, also what was taken, but for so many lines.
pub(crate) fn all_after(skipped: usize) -> Vec<String> {
    LINES.lock().iter().skip(skipped).map(|line| line.text.clone()).collect()
}

/// Returns whether a line is this library's.
pub fn is_own(line: &str) -> bool {
    let target = line.split(' ').nth(1).unwrap_or_default();
    target == "rocket_typed_session:" || target.starts_with("rocket_typed_session::")
}

/// Returns what this thread has logged, and forgets it.
pub fn take() -> String {
    let here = thread::current().id();
    let mut taken = String::new();
    for line in LINES.lock().iter_mut().filter(|line| line.thread == here && !line.taken) {
        line.taken = true;
        taken.push_str(&line.text);
        taken.push('\n');
    }
    taken
}
