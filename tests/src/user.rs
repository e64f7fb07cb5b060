//! The session types of the site.

use std::collections::{BTreeMap, BTreeSet};

use rocket_typed_session::Session;
use serde::{Deserialize, Serialize};

use crate::credentials::PHONE;

/// What a user may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Visits.
    Member,
    /// Decides.
    Admin,
}

/// Somebody who is signed in.
#[derive(Clone, PartialEq, Session)]
#[session(required)]
#[session(guard(Admin, role = Role::Admin))]
#[session(guard(Vault, role = Role::Admin, fresh = "15m"))]
#[session(guard(Perhaps, role = Role::Admin, otherwise = forward))]
pub struct User {
    /// Who it is.
    #[session(identifier)]
    pub id: i64,
    /// What they may do.
    #[session(role)]
    pub role: Role,
    /// The colours of the pages.
    pub theme: String,
    /// The language of the pages.
    pub language: String,
    /// A name that only one request at a time can change.
    #[session(merge = reject)]
    pub nickname: String,
    /// How often they came.
    #[session(merge = add)]
    pub visits: u64,
    /// Product → quantity.
    #[session(merge = entries)]
    pub cart: BTreeMap<u32, u32>,
    /// What they marked.
    #[session(merge = members)]
    pub marks: BTreeSet<String>,
    /// Shown once.
    #[session(flash)]
    pub notice: Option<String>,
    /// Never printed.
    #[session(secret)]
    pub phone: String,
}

impl User {
    /// Returns a user as they sign in.
    pub fn new(id: i64, role: Role) -> Self {
        Self {
            id,
            role,
            theme: "light".into(),
            language: "en".into(),
            nickname: "nick".into(),
            visits: 0,
            cart: BTreeMap::new(),
            marks: BTreeSet::new(),
            notice: None,
            phone: PHONE.into(),
        }
    }
}

/// Somebody who is not signed in, and perhaps later is.
#[derive(Debug, Clone, Default, PartialEq, Session)]
#[session(name = "guest")]
pub struct Guest {
    /// Who it turns out to be.
    #[session(identifier)]
    pub account: Option<String>,
    /// How often they came.
    #[session(merge = add)]
    pub hits: u64,
    /// What they look for.
    pub search: String,
}
