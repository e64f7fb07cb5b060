//! What a launch says of where sessions live.

use rocket::figment::Figment;
use rocket::figment::providers::{Format, Toml};
use rocket::local::asynchronous::Client;
use rocket_typed_session::storage::cookie::CookieStorage;
use rocket_typed_session::storage::memory::MemoryStorage;
use rocket_typed_session::{Builder, Config, Session, Sessions};
use rocket_typed_session_tests::{figment, logs};

#[derive(Clone, Default, Session)]
#[session(name = "guest")]
struct Guest {
    hits: u32,
}

/// Launches, and returns what this library said.
async fn said(figment: Figment, sessions: Builder<Guest>) -> Vec<String> {
    logs::capture();
    logs::take();
    Client::untracked(rocket::custom(figment).attach(sessions)).await.unwrap();
    logs::take().lines().filter(|line| logs::is_own(line)).map(str::to_owned).collect()
}

fn written(text: &str) -> Figment {
    figment().merge(Toml::string(text).nested())
}

fn info(text: &str) -> String {
    format!("INFO rocket_typed_session::sessions::announce: {text}")
}

#[rocket::async_test]
async fn a_launch_says_where_sessions_live_and_in_which_cookie() {
    let configured = Sessions::<Guest>::fairing;
    let cases = [
        (figment(), configured(), "sessions `guest`: storage `memory`, cookie `__Host-guest`"),
        (
            written("[default]\nsession = 'cookie'"),
            configured(),
            "sessions `guest`: storage `cookie`, cookie `__Host-guest`",
        ),
        (
            written("[default.guest]\nstorage = 'memory'\ncookie = { name = 'sid' }"),
            configured(),
            "sessions `guest`: storage `memory`, cookie `sid`",
        ),
        (
            written("[default]\nsession = 'cookie'"),
            configured().storage(MemoryStorage::new()),
            "sessions `guest`: storage set in code, cookie `__Host-guest`",
        ),
        (
            figment(),
            configured().storage(CookieStorage::new()),
            "sessions `guest`: storage `cookie`, cookie `__Host-guest`",
        ),
    ];
    for (figment, sessions, expected) in cases {
        assert_eq!(said(figment, sessions).await, [info(expected)]);
    }
}

/// An address may hold a password.
#[cfg(feature = "sqlite")]
#[rocket::async_test]
async fn a_launch_says_of_an_address_nothing_but_its_kind() {
    let folder = tempfile::tempdir().unwrap();
    let address = format!("sqlite://{}/hunter2.db", folder.path().display());
    let said = said(written(&format!("[default.session]\nstorage = '{address}'")), Sessions::fairing()).await;
    assert_eq!(said, [info("sessions `guest`: storage `sqlite`, cookie `__Host-guest`")]);
}

/// Who tries it out needs no warning, nor does who has chosen.
#[rocket::async_test]
async fn outside_of_debug_a_launch_warns_of_memory_that_nobody_chose() {
    let release = |text: &str| written(text).select("release");
    let warned =
        |said: &[String]| said.iter().any(|line| line.starts_with("WARN ") && line.contains("`guest.storage`"));
    let unchosen = said(release(""), Sessions::fairing()).await;
    assert!(warned(&unchosen), "{unchosen:?}");
    let elsewhere = said(release("[debug.guest]\nstorage = 'memory'"), Sessions::fairing()).await;
    assert!(warned(&elsewhere), "{elsewhere:?}");

    let chosen = [
        (figment().select("debug"), Sessions::fairing()),
        (release("[default.session]\nstorage = 'memory'"), Sessions::fairing()),
        (release("[release]\nguest = 'memory'"), Sessions::fairing()),
        (release("[global.session]\nstorage = 'memory'"), Sessions::fairing()),
        (release(""), Sessions::fairing().storage(MemoryStorage::new())),
        (release(""), Sessions::fairing().config(Config::default())),
    ];
    for (figment, sessions) in chosen {
        let said = said(figment, sessions).await;
        assert!(!warned(&said), "{said:?}");
    }
}
