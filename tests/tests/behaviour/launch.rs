//! What stops a launch, and what is said of it.

use std::process::Command;
use std::sync::Arc;

use rocket::figment::Figment;
use rocket::figment::providers::{Env, Format, Serialized, Toml};
use rocket::http::SameSite;
use rocket::local::asynchronous::Client;
use rocket::{Build, Rocket, Route, get, routes};
use rocket_typed_session::storage::memory::MemoryStorage;
use rocket_typed_session::{Builder, Config, GuardError, Session, SessionData, Sessions};
use rocket_typed_session_tests::{SetCookie, Unlisted, User, figment, logs};

#[derive(Clone, Default, Session)]
#[session(guard(Chief, role = "admin"))]
struct Person {
    #[session(role)]
    role: String,
}

#[derive(Clone, Default, Session)]
#[session(name = "guest")]
struct Guest {
    hits: u32,
}

/// Another type of the same name.
#[derive(Clone, Default, Session)]
struct Double {
    hits: u32,
}

type Checked<G> = Result<G, GuardError>;

/// A key, and a configuration that is wrong about it.
type Wrong<'c> = (&'static str, &'c dyn Fn(&mut Config));

#[get("/")]
fn by_reference(person: &Person) -> String {
    person.role.clone()
}

#[get("/")]
fn by_value(person: Person) -> String {
    person.role
}

#[get("/")]
fn editing(person: PersonMut<'_>) -> String {
    person.role.clone()
}

#[get("/")]
fn optional(person: Option<&Person>) -> String {
    person.map_or_else(String::new, |person| person.role.clone())
}

#[get("/")]
fn checked(person: Result<&Person, GuardError>) -> String {
    person.map_or_else(|error| error.to_string(), |person| person.role.clone())
}

#[get("/")]
fn named(chief: Chief<'_>) -> String {
    chief.role.clone()
}

#[get("/")]
fn optionally_named(chief: Option<Chief<'_>>) -> String {
    chief.map_or_else(String::new, |chief| chief.role.clone())
}

#[get("/")]
fn aliased(chief: Checked<Chief<'_>>) -> String {
    chief.map_or_else(|error| error.to_string(), |chief| chief.role.clone())
}

#[get("/")]
fn aliased_reference(person: Checked<&Person>) -> String {
    person.map_or_else(|error| error.to_string(), |person| person.role.clone())
}

#[get("/")]
fn living(session: Session<'_, Person>) -> String {
    session.get().map_or_else(String::new, |person| person.role.clone())
}

#[get("/")]
fn optionally_living(session: Option<Session<'_, Person>>) -> &'static str {
    session.map_or("none", |_| "some")
}

/// Launches, and returns what was logged if that is refused.
async fn refusal(rocket: impl FnOnce() -> Rocket<Build>) -> Option<String> {
    logs::capture();
    logs::take();
    match Client::untracked(rocket()).await {
        Ok(_) => None,
        // An error of Rocket's that is not looked at panics when it is dropped.
        Err(error) => Some(format!("{error}\n{}", logs::take())),
    }
}

async fn refused_with(change: impl FnOnce(&mut Config)) -> Option<String> {
    let mut config = Config::default();
    change(&mut config);
    let sessions = Sessions::<Person>::builder().config(config).storage(MemoryStorage::new());
    refusal(|| rocket::custom(figment()).attach(sessions)).await
}

/// F-16: nobody could be listed, counted or signed out everywhere.
#[rocket::async_test]
async fn f_16_an_identifier_is_refused_without_an_index() {
    fn sessions<T: SessionData>() -> Builder<T> {
        Sessions::builder().storage(Unlisted::new(Arc::new(MemoryStorage::new())))
    }
    let said = refusal(|| rocket::custom(figment()).attach(sessions::<User>())).await.unwrap();
    assert!(said.contains("asked for by the field `id`: implement `SessionStorage::index`, or leave out"), "{said}");
    assert_eq!(refusal(|| rocket::custom(figment()).attach(sessions::<Guest>())).await, None);
}

fn toml(text: &str) -> Figment {
    figment().merge(Toml::string(text).nested())
}

async fn refused_as(figment: Figment) -> Option<String> {
    refusal(|| rocket::custom(figment).attach(Sessions::<Person>::fairing())).await
}

/// Returns the cookie that a first edit is answered with, under a configuration.
async fn cookie_of(figment: Figment) -> SetCookie {
    #[get("/hit")]
    fn hit(mut guest: GuestMut<'_>) {
        guest.set_hits(1);
    }
    logs::capture();
    let rocket = rocket::custom(figment).attach(Sessions::<Guest>::fairing()).mount("/", routes![hit]);
    let client = Client::untracked(rocket).await.unwrap();
    let answer = client.get("/hit").dispatch().await;
    SetCookie::parse(answer.headers().get_one("Set-Cookie").unwrap())
}

/// C-01, C-03 (OWASP ASVS 3.3.1 to 3.3.3, RFC 6265bis 4.1.3, CHIPS): what contradicts itself is refused, and the key is
/// named.
#[rocket::async_test]
async fn c_01_cookies_that_browsers_would_drop_stop_the_launch() {
    let named = |config: &mut Config, name: &str| config.cookie.name = Some(name.into());
    let cases: [Wrong<'_>; 13] = [
        ("cookie.domain", &|config| config.cookie.domain = Some("example.com".into())),
        ("cookie.path", &|config| config.cookie.path = "/app".into()),
        ("cookie.secure", &|config| config.cookie.secure = false),
        ("cookie.domain", &|config| {
            named(config, "__hOST-sid");
            config.cookie.domain = Some("example.com".into());
        }),
        ("cookie.secure", &|config| {
            named(config, "__Secure-sid");
            config.cookie.secure = false;
        }),
        ("cookie.same_site", &|config| {
            named(config, "sid");
            (config.cookie.secure, config.cookie.same_site) = (false, SameSite::None);
        }),
        ("cookie.partitioned", &|config| {
            named(config, "sid");
            (config.cookie.secure, config.cookie.partitioned) = (false, true);
        }),
        ("cookie.partitioned", &|config| config.cookie.partitioned = true),
        ("cookie.name", &|config| named(config, "")),
        ("cookie.name", &|config| named(config, "a b")),
        ("cookie.name", &|config| named(config, &"n".repeat(257))),
        ("cookie.path", &|config| config.cookie.path = "/a;Domain=evil.example".into()),
        ("cookie.domain", &|config| config.cookie.domain = Some("example.com; Path=/x".into())),
    ];
    for (at, (key, change)) in cases.into_iter().enumerate() {
        let lines = refused_with(change).await.unwrap_or_else(|| panic!("case {at} is launched"));
        assert!(lines.contains(key), "case {at}: {lines}");
    }
}

/// C-01, C-03: every combination of attributes that browsers accept is launched, and no other.
#[rocket::async_test]
async fn c_01_the_attributes_of_a_cookie_agree_or_stop_the_launch() {
    for case in 0..96_u32 {
        let bit = |place: u32| case >> place & 1 == 1;
        let same_site = [SameSite::Lax, SameSite::Strict, SameSite::None][(case / 32) as usize];
        let (host, domain, path, secure, partitioned) = (bit(0), bit(1), bit(2), bit(3), bit(4));
        let refused = refused_with(|config| {
            config.cookie.name = Some(if host { "__Host-sid" } else { "sid" }.into());
            config.cookie.domain = domain.then(|| "example.com".into());
            config.cookie.path = if path { "/app" } else { "/" }.into();
            (config.cookie.secure, config.cookie.partitioned, config.cookie.same_site) =
                (secure, partitioned, same_site);
        })
        .await;
        let none = same_site == SameSite::None;
        let accepted =
            (!host || (!domain && !path && secure)) && (!none || secure) && (!partitioned || (secure && none));
        assert_eq!(refused.is_none(), accepted, "case {case}");
    }
}

/// Lifetimes and bounds that make no sense, A-12 with a cap of none among them.
#[rocket::async_test]
async fn lifetimes_and_bounds_that_make_no_sense_stop_the_launch() {
    let hours = std::time::Duration::from_hours;
    let cases: [Wrong<'_>; 7] = [
        ("idle", &|config| config.idle = hours(48)),
        ("newborn", &|config| config.newborn = hours(2)),
        ("renew", &|config| config.renew = Some(hours(24))),
        ("ttl", &|config| config.ttl = hours(0)),
        ("timeout", &|config| config.timeout = hours(0)),
        ("max_per_user", &|config| config.max_per_user = Some(0)),
        ("max_size", &|config| config.max_size = 0.into()),
    ];
    for (key, change) in cases {
        let lines = refused_with(change).await.unwrap_or_else(|| panic!("{key} is launched"));
        assert!(lines.contains(&format!("`Config::{key}`")), "{key}: {lines}");
    }
}

/// An `idle` that nobody set is no contradiction.
#[rocket::async_test]
async fn a_short_ttl_in_code_is_launched() {
    assert_eq!(refused_with(|config| config.ttl = std::time::Duration::from_mins(5)).await, None);
}

/// C-06: two years are launched, with a warning.
#[rocket::async_test]
async fn c_06_a_lifetime_beyond_400_days_is_warned_of() {
    let mut config = Config::default();
    config.ttl = std::time::Duration::from_hours(24 * 730);
    logs::capture();
    logs::take();
    let sessions = Sessions::<Person>::builder().config(config);
    Client::untracked(rocket::custom(figment()).attach(sessions)).await.unwrap();
    let lines = logs::take();
    assert!(lines.contains("WARN rocket_typed_session") && lines.contains("400 days"), "{lines}");
}

/// A route with any guard of a type whose fairing is missing stops the launch, which names the type.
#[rocket::async_test]
async fn a_guard_without_its_fairing_stops_the_launch() {
    let routes: [(&str, Vec<Route>); 11] = [
        ("&T", routes![by_reference]),
        ("T", routes![by_value]),
        ("TMut", routes![editing]),
        ("Option<&T>", routes![optional]),
        ("Result<&T, _>", routes![checked]),
        ("named", routes![named]),
        ("Option<named>", routes![optionally_named]),
        ("alias of Result<named, _>", routes![aliased]),
        ("alias of Result<&T, _>", routes![aliased_reference]),
        ("Session", routes![living]),
        ("Option<Session>", routes![optionally_living]),
    ];
    for (guard, routes) in routes {
        let (with, without) = (routes.clone(), routes);
        let bare = || rocket::custom(figment()).attach(Sessions::<Guest>::fairing()).mount("/", without);
        let lines = refusal(bare).await.unwrap_or_else(|| panic!("{guard} is launched"));
        assert!(lines.contains("Person"), "{guard}: {lines}");
        let attached = || rocket::custom(figment()).attach(Sessions::<Person>::fairing()).mount("/", with);
        assert_eq!(refusal(attached).await, None, "{guard}");
    }
}

/// Two types of one name, one type twice, two types of one cookie.
#[rocket::async_test]
async fn session_types_that_share_a_name_or_a_cookie_stop_the_launch() {
    let build = || rocket::custom(figment()).attach(Sessions::<Person>::fairing());
    let lines = refusal(|| build().attach(Sessions::<Double>::fairing())).await.unwrap();
    assert!(lines.contains("two session types are named `session`"), "{lines}");
    let lines = refusal(|| build().attach(Sessions::<Person>::fairing())).await.unwrap();
    assert!(lines.contains("::Person` is attached twice: attach one of `Sessions::<"), "{lines}");
    let mut config = Config::default();
    config.cookie.name = Some("__Host-session".into());
    let guests = Sessions::<Guest>::builder().config(config);
    let lines = refusal(|| build().attach(guests)).await.unwrap();
    assert!(lines.contains("`__Host-session`"), "{lines}");
    assert_eq!(refusal(|| build().attach(Sessions::<Guest>::fairing())).await, None);
}

/// An unknown key is refused in any table, and the key that may have been meant is named.
#[rocket::async_test]
async fn unknown_keys_stop_the_launch() {
    let cases = [
        ("[default.session]\nidel = '5m'", "`session.idel`: did you mean `idle`"),
        ("[default.session]\nfoo_bar_baz = 1", "`session.foo_bar_baz`: remove it"),
        ("[default.session.cookie]\nsamesite = 'Lax'", "`session.cookie.samesite`: did you mean `same_site`"),
        ("[default.session.memory]\nsession = 5", "`session.memory.session`: did you mean `sessions`"),
    ];
    for (text, said) in cases {
        let lines = refused_as(toml(text)).await.unwrap_or_else(|| panic!("{text} is launched"));
        assert!(lines.contains(said), "{text}: {lines}");
    }
}

/// What is wrong in the table that all types share is said once, and what is wrong in one's own by itself.
#[rocket::async_test]
async fn what_is_wrong_for_all_types_is_said_once() {
    let said = async |text: &str| {
        let rocket = || rocket::custom(toml(text)).attach(Sessions::<Person>::fairing());
        let lines = refusal(|| rocket().attach(Sessions::<Guest>::fairing())).await.unwrap();
        lines.matches("there is no key `").count()
    };
    assert_eq!(said("[default.session]\nidel = '5m'").await, 1);
    assert_eq!(said("[default.session]\nidel = '5m'\n[default.guest]\nidel = '5m'").await, 2);
}

/// A value of the wrong form is refused without being quoted: it may be a secret.
#[rocket::async_test]
async fn wrong_values_stop_the_launch_and_are_not_quoted() {
    let cases = [
        ("idle = 'soon-secret'", "session.idle"),
        ("storage = 'ftp://user:soon-secret@host'", "ftp"),
        ("storage = 'soon-secret'", "there is no storage"),
        ("previous_keys = ['soon-secret']", "session.previous_keys"),
        ("unavailable = 'soon-secret'", "session.unavailable"),
        ("policy = 'soon-secret'", "session.policy"),
    ];
    for (line, said) in cases {
        let lines = refused_as(toml(&format!("[default.session]\n{line}"))).await;
        let lines = lines.unwrap_or_else(|| panic!("{line} is launched"));
        let own: String = lines.lines().filter(|line| line.contains("rocket_typed_session")).collect();
        assert!(own.contains(said), "{line}: {lines}");
        assert!(line.starts_with("storage = 'soon") || !own.contains("soon-secret"), "{line}: {own}");
    }
}

/// The table of a named type goes before the shared one, key by key, and falls back to it.
#[rocket::async_test]
async fn the_table_of_a_named_type_falls_back_to_the_shared_one() {
    let shared = "[default.session]\ncookie = { same_site = 'Strict', persistent = true }\n";
    let cookie = cookie_of(toml(shared)).await;
    assert_eq!((cookie.name.as_str(), cookie.attribute("SameSite")), ("__Host-guest", Some("Strict")));
    assert_eq!(cookie.max_age(), Some(600));
    let own = format!("{shared}[default.guest]\nnewborn = '5m'\ncookie = {{ name = 'g' }}");
    let cookie = cookie_of(toml(&own)).await;
    assert_eq!(
        (cookie.name.as_str(), cookie.attribute("SameSite"), cookie.max_age()),
        ("g", Some("Strict"), Some(300))
    );
}

/// The selected profile goes before `default`, and `global` before both.
#[rocket::async_test]
async fn profiles_go_before_default() {
    let text = "[default.session]\nnewborn = 60\ncookie = { persistent = true }\n[debug.session]\nnewborn = 120";
    assert_eq!(cookie_of(toml(text).select("debug")).await.max_age(), Some(120));
    assert_eq!(cookie_of(toml(text).select("staging")).await.max_age(), Some(60));
    let global = format!("{text}\n[global.session]\nnewborn = 180");
    assert_eq!(cookie_of(toml(&global).select("debug")).await.max_age(), Some(180));
}

/// `ROCKET_SESSION=memory` is the storage; the real variable is set for a process of its own.
#[rocket::async_test]
async fn the_environment_names_the_storage() {
    let with_environment = || figment().merge(Env::prefixed("ROCKET_").global());
    match std::env::var("ROCKET_SESSION").as_deref() {
        Ok("memory") => assert_eq!(refused_as(with_environment()).await, None),
        Ok("{idle=60,newborn=30,cookie={persistent=true}}") => {
            assert_eq!(cookie_of(with_environment()).await.max_age(), Some(30));
        }
        Ok(_) => {
            let lines = refused_as(with_environment()).await.unwrap();
            assert!(lines.contains("there is no storage `carrier-pigeon`"), "{lines}");
        }
        Err(_) => {
            ["memory", "carrier-pigeon", "{idle=60,newborn=30,cookie={persistent=true}}"].into_iter().for_each(again);
        }
    }
}

fn again(session: &str) {
    let name = "launch::the_environment_names_the_storage";
    let mut command = Command::new(std::env::current_exe().unwrap());
    let output = command.args([name, "--exact", "--nocapture"]).env("ROCKET_SESSION", session).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{session}: {text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// A text in the place of the table is the storage, from `Rocket.toml`, too; a number is nothing.
#[rocket::async_test]
async fn a_text_in_the_place_of_the_table_is_the_storage() {
    assert_eq!(refused_as(toml("[default]\nsession = 'memory'")).await, None);
    assert!(refused_as(toml("[default]\nsession = 'carrier-pigeon'")).await.unwrap().contains("carrier-pigeon"));
    assert!(refused_as(toml("[default]\nsession = 5")).await.unwrap().contains("`session`"));
}

/// In the debug profile a random key stands in; in every other, a key must be configured.
#[rocket::async_test]
async fn without_a_key_only_the_debug_profile_is_launched() {
    let keyless = || Figment::from(rocket::Config::default()).merge(Serialized::default("log_level", "off"));
    assert_eq!(refused_as(keyless().select("debug")).await, None);
    for profile in ["release", "staging"] {
        let lines = refused_as(keyless().select(profile)).await.unwrap_or_else(|| panic!("{profile} is launched"));
        assert!(lines.contains(&format!("the profile `{profile}` has no `secret_key`")), "{lines}");
    }
    let weak = figment().merge(("secret_key", vec![0_u8; 32])).select("release");
    assert!(refused_as(weak).await.is_some());
}

/// Called by hand without the fairing, a guard is a logged 500, not a panic.
#[rocket::async_test]
async fn a_guard_called_by_hand_without_its_fairing_is_a_500() {
    #[get("/hand")]
    fn hand(by_hand: ByHand) -> String {
        by_hand.0
    }
    struct ByHand(String);
    #[rocket::async_trait]
    impl<'r> rocket::request::FromRequest<'r> for ByHand {
        type Error = GuardError;

        async fn from_request(request: &'r rocket::Request<'_>) -> rocket::request::Outcome<Self, GuardError> {
            request.guard::<&Person>().await.map(|person| Self(person.role.clone()))
        }
    }
    logs::capture();
    logs::take();
    let client = Client::untracked(rocket::custom(figment()).mount("/", routes![hand])).await.unwrap();
    let answer = client.get("/hand").dispatch().await;
    assert_eq!(answer.status().code, 500);
    assert!(logs::take().contains("Person"));
}
