//! Doubles for tests: a clock to set, and storages that fail, hang, park or record on command.

mod clock;

pub use self::clock::TestClock;
