#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod bearer;
mod clock;
mod commit;
mod config;
mod cookie;
mod core;
mod cross_site;
mod data;
mod ended;
mod error;
mod event;
mod guard;
pub mod record;
mod seal;
mod session;
mod sessions;
mod soon;
mod stamp;
mod state;
pub mod storage;
mod streams;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod token;
mod unread;

pub use crate::bearer::BearerToken;
pub use crate::clock::{Clock, Now, SystemClock, Timestamp};
pub use crate::config::{
    Config, ConfigError, CookieConfig, CrossSiteConfig, MemoryConfig, RedisConfig, SqlConfig, Unavailable, WaitConfig,
};
pub use crate::data::{SessionData, SessionIdentifier, SessionStamp};
pub use crate::ended::Ended;
pub use crate::error::{EncodeError, SessionError, StorageError};
pub use crate::event::{EndedBy, Event, EventKind, RefusedCookie};
pub use crate::guard::GuardError;
pub use crate::seal::{InvalidSecret, Secret};
pub use crate::session::{Entry, Session};
pub use crate::sessions::{Builder, Sessions};
pub use crate::token::{Handle, Identity, InvalidHandle, Key, Tag};
pub use rocket_typed_session_derive::Session;
