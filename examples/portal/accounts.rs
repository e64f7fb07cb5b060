//! The three people who can sign in.
//!
//! # This is a demonstration
//!
//! **Everyone's password is their name**, so that you can try the portal. An application keeps a hash of the password
//! (Argon2id, say), and verifies it with the crate that made it.

use super::session::{Role, User};

pub(super) struct Account {
    pub(super) id: i64,
    pub(super) name: &'static str,
    pub(super) role: Role,
}

pub(super) const ACCOUNTS: [Account; 3] = [
    Account { id: 1, name: "ada", role: Role::Admin },
    Account { id: 2, name: "bob", role: Role::Member },
    Account { id: 3, name: "eve", role: Role::Member },
];

impl Account {
    /// Returns the account of a name, if the password is its own.
    pub(super) fn verified(name: &str, password: &str) -> Option<&'static Self> {
        ACCOUNTS.iter().find(|account| account.name == name && account.accepts(password))
    }

    /// Returns the session that signing in starts.
    pub(super) fn user(&self) -> User {
        User {
            id: self.id,
            name: self.name.to_owned(),
            role: self.role,
            nickname: String::new(),
            theme: "system".to_owned(),
            language: "en".to_owned(),
            visits: 0,
            cart: [].into(),
            notice: None,
        }
    }

    /// Returns whether this is the account's password: in this demonstration, its name.
    fn accepts(&self, password: &str) -> bool {
        password == self.name
    }
}
