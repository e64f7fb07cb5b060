//! The application on this library.

#![allow(clippy::needless_pass_by_value, reason = "Rocket hands guards to handlers by value")]

use std::time::Duration;

use rocket::{Build, Rocket, Route, get, post, routes};
use rocket_typed_session::{Session, Sessions};

use crate::account::{Account, AccountMut, DAYLIGHT};
use crate::case::Scenario;

#[get("/")]
fn plain() -> &'static str {
    DAYLIGHT
}

#[get("/")]
fn read(account: &Account) -> &'static str {
    account.shown()
}

#[get("/")]
fn write(mut account: AccountMut<'_>) -> &'static str {
    let theme = account.other();
    account.set_theme(theme);
    theme
}

#[post("/")]
fn login(session: Session<'_, Account>) -> &'static str {
    session.start(Account::next());
    DAYLIGHT
}

pub(super) fn app(scenario: Scenario, life: Duration) -> Rocket<Build> {
    let figment = super::figment().merge(("session.idle", life.as_secs())).merge(("session.ttl", life.as_secs()));
    rocket::custom(figment).attach(Sessions::<Account>::fairing()).mount("/", routes(scenario))
}

fn routes(scenario: Scenario) -> Vec<Route> {
    match scenario {
        Scenario::Presence | Scenario::Attached | Scenario::Unused | Scenario::Login => routes![plain, login],
        Scenario::Anonymous | Scenario::Read => routes![read, login],
        Scenario::Write => routes![write, login],
    }
}
