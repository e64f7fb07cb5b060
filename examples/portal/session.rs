//! What the portal remembers between two requests.

use std::collections::BTreeMap;

use rocket::FromFormField;
use rocket_typed_session::Session;
use serde::{Deserialize, Serialize};

/// Somebody who is signed in.
#[derive(Clone, Session)]
#[session(required)]
#[session(guard(Admin, role = Role::Admin))]
#[session(guard(Vault, role = Role::Admin, fresh = "15m"))]
pub struct User {
    /// Whose session this is.
    #[session(identifier)]
    pub(super) id: i64,
    /// The name to sign in with.
    pub(super) name: String,
    /// What this user may do.
    #[session(role)]
    pub(super) role: Role,
    /// How often the password had been changed when this session began. Once it is changed again, the session ends.
    #[session(stamp)]
    pub(super) password_changes: u64,
    /// What to be called. Of two requests that change it at once, the second is told.
    #[session(merge = reject)]
    pub(super) nickname: String,
    /// The look of the pages.
    pub(super) theme: String,
    /// The code of the language to be greeted in.
    pub(super) language: String,
    /// How often the user counted a visit. No concurrent count is lost.
    #[session(merge = add)]
    pub(super) visits: u64,
    /// How many of which product. Changes to different products do not get into each other's way.
    #[session(merge = entries)]
    pub(super) cart: BTreeMap<u32, u32>,
    /// A message for the next page, and for no other.
    #[session(flash)]
    pub(super) notice: Option<String>,
}

/// What a user may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, FromFormField)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Everything.
    #[field(value = "admin")]
    Admin,
    /// What everybody who signed in may do.
    #[field(value = "member")]
    Member,
}

/// A visitor, signed in or not: a second session, with a cookie of its own.
#[derive(Clone, Default, Session)]
#[session(name = "guest")]
pub struct Guest {
    /// How often the visitor pressed the button.
    #[session(merge = add)]
    pub(super) hits: u64,
}

impl User {
    /// Returns what to call the user.
    pub(super) fn calling_name(&self) -> &str {
        if self.nickname.is_empty() { &self.name } else { &self.nickname }
    }

    pub(super) fn is_admin(&self) -> bool {
        self.role == Role::Admin
    }

    /// Returns how many things are in the cart.
    pub(super) fn cart_size(&self) -> u64 {
        self.cart.values().copied().map(u64::from).sum()
    }
}

impl Role {
    /// Returns the role's name.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Member => "member",
        }
    }
}
