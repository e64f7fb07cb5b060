//! The application on this library.

#![allow(clippy::needless_pass_by_value, reason = "Rocket hands guards to handlers by value")]

use std::rc::Rc;

use rocket::{get, routes};
use rocket_typed_session::{Session, Sessions};

use super::{App, local};
use crate::account::{Account, AccountMut, DAYLIGHT};
use crate::case::Storage;
use crate::servers::Servers;

#[get("/read")]
fn read(account: &Account) -> &'static str {
    account.shown()
}

#[get("/write")]
fn write(mut account: AccountMut<'_>) -> &'static str {
    let theme = account.other();
    account.set_theme(theme);
    theme
}

#[get("/")]
fn login(session: Session<'_, Account>) -> &'static str {
    session.start(Account::next());
    DAYLIGHT
}

pub(super) async fn app(storage: Storage, servers: &Servers) -> Rc<dyn App> {
    let address = match storage {
        Storage::Redis => servers.redis.clone(),
        Storage::Postgres => servers.postgres.clone(),
        Storage::Sqlite => format!("sqlite://{}", servers.directory.join("typed.db").display()),
    };
    let rocket = local::rocket();
    let figment = rocket.figment().clone().merge(("session.storage", address));
    let rocket = rocket.configure(figment).attach(Sessions::<Account>::fairing());
    local::launched(rocket.mount("/", routes![read, write, login])).await
}
