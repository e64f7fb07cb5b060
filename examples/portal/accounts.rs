//! The three people who can sign in.
//!
//! # This is a demonstration
//!
//! **Everyone's password is their name**, so that you can try the portal, until they change it; a restart forgets that.
//! An application keeps a hash of the password (Argon2id, say), and verifies it with the crate that made it.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rocket_typed_session::Builder;

use super::session::{Role, User};

pub(super) struct Account {
    pub(super) id: i64,
    pub(super) name: &'static str,
    role: Role,
}

pub(super) const ACCOUNTS: [Account; 3] = [
    Account { id: 1, name: "ada", role: Role::Admin },
    Account { id: 2, name: "bob", role: Role::Member },
    Account { id: 3, name: "eve", role: Role::Member },
];

/// The passwords that were changed, by account.
#[derive(Clone, Default)]
pub(super) struct Accounts(Arc<Mutex<BTreeMap<i64, Password>>>);

#[derive(Clone, Default)]
struct Password {
    text: String,
    /// How often it was changed: the security stamp of the account.
    changes: u64,
}

impl Accounts {
    /// Returns the session that signing in starts, if name and password go together.
    pub(super) fn verified(&self, name: &str, password: &str) -> Option<User> {
        let account = ACCOUNTS.iter().find(|account| account.name == name)?;
        let own = self.passwords().get(&account.id).cloned();
        let own = own.unwrap_or_else(|| Password { text: account.name.to_owned(), changes: 0 });
        (password == own.text).then(|| account.user(own.changes))
    }

    /// Changes a password, and returns how often that was done: the account's new security stamp.
    pub(super) fn change(&self, id: i64, password: &str) -> u64 {
        let mut passwords = self.passwords();
        let own = passwords.entry(id).or_default();
        *own = Password { text: password.to_owned(), changes: own.changes + 1 };
        own.changes
    }

    /// Has sessions ended that began before their account's password was changed.
    pub(super) fn guard(&self, users: Builder<User>) -> Builder<User> {
        let accounts = self.clone();
        users.stamp(move |id| {
            let changes = accounts.passwords().get(&id).map_or(0, |own| own.changes);
            let is_known = ACCOUNTS.iter().any(|account| account.id == id);
            std::future::ready(Ok::<_, Infallible>(is_known.then_some(changes)))
        })
    }

    fn passwords(&self) -> MutexGuard<'_, BTreeMap<i64, Password>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Account {
    fn user(&self, password_changes: u64) -> User {
        User {
            id: self.id,
            name: self.name.to_owned(),
            role: self.role,
            password_changes,
            nickname: String::new(),
            theme: "system".to_owned(),
            language: "en".to_owned(),
            visits: 0,
            cart: [].into(),
            notice: None,
        }
    }
}
