//! What stops a launch, and what is read of the configuration.

use std::collections::{BTreeMap, BTreeSet};

use rocket::figment::Figment;
use rocket::figment::providers::{Format, Toml};
use rocket::local::asynchronous::Client;
use rocket_typed_session::storage::cookie::CookieStorage;
use rocket_typed_session::{Session, SessionData, Sessions};
use rocket_typed_session_tests::{Browser, figment, logs};

use super::{Guest, User, pages};

#[derive(Clone, Default, Session)]
struct Merging {
    plain: String,
    #[session(merge = add)]
    visits: u64,
    #[session(merge = entries)]
    cart: BTreeMap<u32, u32>,
    #[session(merge = members)]
    marks: BTreeSet<String>,
    #[session(merge = reject)]
    nickname: String,
}

#[derive(Clone, Default, Session)]
struct Bag(BTreeMap<String, String>);

#[derive(Clone, Default, Session)]
struct Owned {
    #[session(identifier, rename = "number")]
    id: Option<i64>,
    #[session(merge = replace)]
    theme: String,
}

fn toml(text: &str) -> Figment {
    figment().merge(Toml::string(text).nested())
}

async fn refusal<T: SessionData>(text: &str) -> Option<String> {
    logs::capture();
    logs::take();
    let rocket = rocket::custom(toml(text)).attach(Sessions::<T>::fairing());
    match Client::untracked(rocket).await {
        Ok(_) => None,
        Err(error) => Some(format!("{error}\n{}", logs::take())),
    }
}

async fn assert_refused<T: SessionData>(text: &str, said: &[&str]) {
    let lines = refusal::<T>(text).await.unwrap_or_else(|| panic!("{text} is launched"));
    for said in said {
        assert!(lines.contains(said), "{text}: {lines}");
    }
}

const COOKIES: &str = "[default.session]\nstorage = 'cookie'\n";

/// F-16
#[rocket::async_test]
async fn f_16_fields_that_merge_are_refused_by_name() {
    let named = ["`visits` (`merge = add`)", "`cart` (`merge = entries`)", "`marks` (`merge = members`)"];
    assert_refused::<Merging>(COOKIES, &named).await;
    let said = ["`nickname` (`merge = reject`)", "write `merge = replace`", "the last response wins"];
    assert_refused::<Merging>(COOKIES, &said).await;
    assert!(!refusal::<Merging>(COOKIES).await.unwrap().contains("`plain`"));
    assert_refused::<Bag>(COOKIES, &["(`merge = entries`)"]).await;
    assert_eq!(refusal::<Merging>("[default.session]\nstorage = 'memory'").await, None);
}

/// F-16
#[rocket::async_test]
async fn f_16_an_identifier_is_refused_by_name() {
    let said = ["list or end the sessions of one identifier", "the field `number`", "leave out `identifier`"];
    assert_refused::<Owned>(COOKIES, &said).await;
}

/// F-16: given in code, too.
#[rocket::async_test]
async fn f_16_what_is_given_in_code_is_refused_alike() {
    logs::capture();
    logs::take();
    let sessions = Sessions::<Owned>::builder().storage(CookieStorage::new());
    let error = Client::untracked(rocket::custom(figment()).attach(sessions)).await.unwrap_err();
    assert!(format!("{error}{}", logs::take()).contains("the storage `cookie` can not list or end"));
}

/// F-16
#[rocket::async_test]
async fn f_16_keys_that_no_cookie_can_follow_are_refused() {
    let said = ["count the sessions of one identifier", "leave out `session.max_per_user`"];
    assert_refused::<User>(&format!("{COOKIES}max_per_user = 3"), &said).await;
    let said = ["renew a token", "leave out `session.renew`"];
    assert_refused::<User>(&format!("{COOKIES}renew = '15m'"), &said).await;
}

/// What the shared table says of another storage is not asked of a type that lives in its cookie.
#[rocket::async_test]
async fn shared_keys_of_another_storage_are_passed_over() {
    let shared = "[default.session]\nstorage = 'memory'\nmax_per_user = 3\nrenew = '15m'\nbearer = true\n";
    assert_eq!(refusal::<Guest>(&format!("{shared}[default.guest]\nstorage = 'cookie'")).await, None);
    let own = format!("{shared}[default.guest]\nstorage = 'cookie'\nmax_per_user = 3");
    assert_refused::<Guest>(&own, &["leave out `guest.max_per_user`"]).await;
}

#[rocket::async_test]
async fn unknown_keys_of_the_cookie_are_refused_with_what_was_meant() {
    let cases = [("revocation = 'memory'", "`revocations`"), ("epcoh = 1", "`epoch`")];
    for (line, meant) in cases {
        let text = format!("{COOKIES}[default.session.cookie]\n{line}");
        assert_refused::<User>(&text, &["there is no key `session.cookie.", &format!("did you mean {meant}")]).await;
    }
}

#[rocket::async_test]
async fn revocations_are_kept_in_another_storage() {
    for address in ["cookie", "soon-secret", "ftp://soon-secret", ""] {
        let text = format!("{COOKIES}cookie = {{ revocations = '{address}' }}");
        assert_refused::<User>(&text, &["`session.cookie.revocations` takes `memory`"]).await;
        assert!(!refusal::<User>(&text).await.unwrap().contains("soon-secret"));
    }
    let text = format!("{COOKIES}cookie = {{ epoch = -1 }}");
    assert_refused::<User>(&text, &["`session.cookie.epoch`"]).await;
}

/// `Rocket.toml` alone makes the sessions of a type live in their cookies, for good with revocations.
#[rocket::async_test]
async fn the_configuration_alone_names_cookie_and_revocations() {
    let text = "[default]\nsession = 'cookie'\n[default.guest]\nstorage = 'cookie'";
    let rocket = rocket::custom(toml(text)).attach(Sessions::<User>::fairing()).attach(Sessions::<Guest>::fairing());
    let client = Client::untracked(rocket.mount("/", pages::routes())).await.unwrap();
    let browser = Browser::new(&client);
    browser.post("/login/7/member").await;
    assert!(browser.get("/me").await.body.starts_with("7 member light"));

    let text = format!("{COOKIES}cookie = {{ revocations = 'memory', epoch = 4 }}");
    let rocket = rocket::custom(toml(&text)).attach(Sessions::<User>::fairing()).attach(Sessions::<Guest>::fairing());
    let client = Client::untracked(rocket.mount("/", pages::routes())).await.unwrap();
    let browser = Browser::new(&client);
    browser.post("/login/7/member").await;
    let copy = browser.copy();
    browser.post("/logout").await;
    assert_eq!(copy.get("/session").await.body, "nobody");
}

/// T-06
#[test]
fn t_06_nothing_prints_where_revocations_are_kept() {
    let mut config = rocket_typed_session::Config::default();
    config.cookie.revocations = Some("postgres://user:hunter2@host/db".into());
    let printed = format!("{config:?} {:?}", CookieStorage::new());
    assert!(printed.contains("postgres") && !printed.contains("hunter2"), "{printed}");
}

/// C-01, C-03
#[rocket::async_test]
async fn c_01_attributes_that_contradict_each_other_stop_the_launch_here_too() {
    for (attribute, key) in [
        ("domain = 'example.com'", "cookie.domain"),
        ("path = '/app'", "cookie.path"),
        ("secure = false", "cookie.secure"),
        ("partitioned = true", "cookie.partitioned"),
        ("name = 'sid', secure = false, same_site = 'None'", "cookie.same_site"),
    ] {
        assert_refused::<User>(&format!("{COOKIES}cookie = {{ {attribute} }}"), &[key]).await;
    }
    let agreeing = "cookie = { same_site = 'None', partitioned = true }";
    assert_eq!(refusal::<User>(&format!("{COOKIES}{agreeing}")).await, None);
}
