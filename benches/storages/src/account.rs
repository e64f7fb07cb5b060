//! What every session holds.

use std::sync::atomic::{AtomicI64, Ordering};

use rocket_typed_session::Session;
use serde::{Deserialize, Serialize};

/// The theme of who has no session.
pub(crate) const DAYLIGHT: &str = "daylight";

/// The theme of who has just signed in.
pub(crate) const MIDNIGHT: &str = "midnight";

/// The data of a session, the same in every library.
#[derive(Debug, Clone, Default, Serialize, Deserialize, Session)]
pub struct Account {
    #[session(identifier)]
    pub(crate) id: Option<i64>,
    pub(crate) name: String,
    pub(crate) theme: String,
    pub(crate) cart: Vec<u64>,
    pub(crate) visits: u64,
}

impl Account {
    /// Returns the account of somebody who has not been here before.
    pub(crate) fn next() -> Self {
        static NEXT: AtomicI64 = AtomicI64::new(1);
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        Self {
            id: Some(id),
            name: format!("member {id:017}"),
            theme: MIDNIGHT.to_owned(),
            cart: (100..110).collect(),
            visits: 1,
        }
    }

    /// Returns the theme as a text that outlives the account.
    pub(crate) fn shown(&self) -> &'static str {
        if self.theme == MIDNIGHT { MIDNIGHT } else { DAYLIGHT }
    }

    /// Returns the theme that it has not.
    pub(crate) fn other(&self) -> &'static str {
        if self.theme == MIDNIGHT { DAYLIGHT } else { MIDNIGHT }
    }

    /// Takes the theme that it has not, and returns it.
    pub(crate) fn toggle(&mut self) -> &'static str {
        let theme = self.other();
        theme.clone_into(&mut self.theme);
        theme
    }
}
