//! Doubles for tests: a clock to set, and storages that fail, hang, park or record on command.
//!
//! A double wraps any storage, an `Arc<dyn SessionStorage>` too, and is a storage itself. Keep one clone of an [`Arc`]
//! of it to command it, and give the other to the application.
//!
//! [`Arc`]: std::sync::Arc

mod clock;
mod double;
mod text;

pub use self::clock::TestClock;
pub use self::double::{
    Call, Double, Fault, FaultStorage, Faults, Operation, ParkStorage, Parked, Parking, Spy, SpyStorage, When,
};
pub use self::text::TextStorage;
