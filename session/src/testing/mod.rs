//! Doubles for tests: a clock to set, and storages that fail, hang, park or record on command.
//!
//! A double wraps any storage, an `Arc<dyn SessionStorage>` too, and is a storage itself. Keep one clone of an [`Arc`]
//! of it to command it, and give the other to the application.
//!
//! [`Arc`]: std::sync::Arc

mod clock;
#[doc(hidden)]
#[allow(
    missing_docs,
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::unchecked_time_subtraction,
    reason = "each promise is a test: its name says it, and it panics if it is not kept"
)]
pub mod conformance;
mod double;
#[doc(hidden)]
#[allow(missing_docs, clippy::missing_errors_doc, reason = "for this project's own tests")]
pub mod stored;
mod text;
mod typed;

pub use self::clock::TestClock;
#[doc(hidden)]
pub use self::conformance::keeps as __keeps;
pub use self::double::{
    Call, Double, Fault, FaultStorage, Faults, Operation, ParkStorage, Parked, Parking, Spy, SpyStorage, When,
};
pub use self::text::TextStorage;
pub use self::typed::{patch_of, record_of, value_of};
#[doc(inline)]
pub use crate::__conformance as conformance;
