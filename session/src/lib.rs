//! Typed sessions for Rocket.

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod clock;
mod config;
mod cookie;
mod data;
mod error;
mod guard;
pub mod record;
mod seal;
mod session;
pub mod storage;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod token;

pub use crate::clock::{Clock, Now, SystemClock, Timestamp};
pub use crate::config::{Config, ConfigError, CookieConfig, MemoryConfig, Unavailable};
pub use crate::data::{SessionData, SessionIdentifier};
pub use crate::error::{EncodeError, SessionError, StorageError};
pub use crate::guard::GuardError;
pub use crate::seal::{InvalidSecret, Secret};
pub use crate::session::Session;
pub use crate::token::{Handle, Identity, InvalidHandle, Key, Tag};
pub use rocket_typed_session_derive::Session;
