//! The application on `rocket_flex_session`.

#![allow(clippy::needless_pass_by_value, reason = "Rocket hands guards to handlers by value")]

use std::time::Duration;

use rocket::{Build, Rocket, Route, get, post, routes};
use rocket_flex_session::{RocketFlexSession, Session};

use crate::account::{Account, DAYLIGHT};
use crate::case::Scenario;

/// The same data under another name: Rocket would ask for this library's fairing where it sees `Account`.
#[derive(Clone)]
struct Kept(Account);

#[get("/")]
fn plain() -> &'static str {
    DAYLIGHT
}

#[get("/")]
fn read(session: Session<'_, Kept>) -> &'static str {
    session.tap(|account| account.map_or(DAYLIGHT, |Kept(account)| account.shown()))
}

#[get("/")]
fn write(mut session: Session<'_, Kept>) -> &'static str {
    session.tap_mut(|account| {
        account.as_mut().map_or(DAYLIGHT, |Kept(account)| {
            let theme = account.other();
            theme.clone_into(&mut account.theme);
            theme
        })
    })
}

#[post("/")]
fn login(mut session: Session<'_, Kept>) -> &'static str {
    session.set(Kept(Account::next()));
    DAYLIGHT
}

pub(super) fn app(scenario: Scenario, life: Duration) -> Rocket<Build> {
    let seconds = u32::try_from(life.as_secs()).unwrap_or(u32::MAX);
    let sessions = RocketFlexSession::<Kept>::builder().with_options(|options| options.max_age = seconds).build();
    rocket::custom(super::figment()).attach(sessions).mount("/", routes(scenario))
}

fn routes(scenario: Scenario) -> Vec<Route> {
    match scenario {
        Scenario::Presence | Scenario::Attached | Scenario::Unused | Scenario::Login => routes![plain, login],
        Scenario::Anonymous | Scenario::Read => routes![read, login],
        Scenario::Write => routes![write, login],
    }
}
