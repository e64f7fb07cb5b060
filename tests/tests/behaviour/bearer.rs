//! Clients that keep no cookies, and send their token in the `Authorization` header.

use std::sync::Arc;
use std::time::Duration;

use rocket::figment::util::map;
use rocket::http::Method;
use rocket::local::asynchronous::Client;
use rocket::{Build, Rocket, get, post, routes};
use rocket_typed_session::storage::SessionStorage;
use rocket_typed_session::storage::cookie::CookieStorage;
use rocket_typed_session::testing::{Fault, FaultStorage, Operation, SpyStorage};
use rocket_typed_session::{BearerToken, Config, EventKind, RefusedCookie, Session, SessionError, Sessions};
use rocket_typed_session_tests::{Answer, App, Browser, figment, logs, place};

#[derive(Clone, Session)]
#[session(required)]
#[session(guard(Admin, role = "admin"))]
#[session(guard(Vault, fresh = "15m"))]
struct Member {
    #[session(identifier)]
    id: i64,
    #[session(role)]
    role: String,
    theme: String,
}

/// Somebody who needs not sign in.
#[derive(Clone, Default, Session)]
#[session(name = "guest")]
struct Guest {
    hits: u64,
}

/// Somebody who signs in with a cookie.
#[derive(Clone, Session)]
#[session(name = "staff", required)]
struct Staff {
    theme: String,
}

type Result<T> = std::result::Result<T, SessionError>;

fn start(session: &Session<'_, Member>) {
    session.start(Member { id: 7, role: "member".into(), theme: "light".into() });
}

#[post("/login")]
fn login(session: Session<'_, Member>) {
    start(&session);
}

#[post("/token")]
async fn token(session: Session<'_, Member>) -> Result<String> {
    start(&session);
    Ok(session.bearer().await?.as_str().to_owned())
}

#[post("/again")]
async fn again(session: Session<'_, Member>) -> Result<String> {
    Ok(session.bearer().await?.as_str().to_owned())
}

#[post("/shown")]
async fn shown(session: Session<'_, Member>) -> Result<String> {
    start(&session);
    let token: BearerToken = session.bearer().await?;
    Ok(format!("{token:?}"))
}

#[post("/role/<role>")]
fn role(mut member: MemberMut<'_>, role: &str) {
    member.set_role(role);
}

#[post("/role/<role>/token")]
async fn role_and_token(mut member: MemberMut<'_>, role: &str) -> Result<String> {
    member.set_role(role);
    Ok(member.session().bearer().await?.as_str().to_owned())
}

#[post("/theme/<theme>")]
fn theme(mut member: MemberMut<'_>, theme: &str) {
    member.set_theme(theme);
}

#[post("/remember")]
fn remember(mut member: MemberMut<'_>) {
    member.set_theme("dark");
    member.session().set_ttl(Duration::from_hours(240));
}

/// Wants somebody whose session is in a cookie, too.
#[get("/both")]
fn both(_member: &Member, _staff: &Staff) {}

/// Tries to hand a token out to whom a cookie was promised before.
#[post("/try")]
async fn try_again(session: Session<'_, Member>) -> String {
    start(&session);
    session.save().await.unwrap();
    session.bearer().await.is_err().to_string()
}

#[post("/logout")]
fn logout(session: Session<'_, Member>) {
    session.end();
}

#[post("/logout/token")]
async fn logout_and_token(session: Session<'_, Member>) -> String {
    session.end();
    format!("{:?}", session.bearer().await.err())
}

#[get("/me")]
fn me(member: &Member) -> String {
    format!("{} {} {}", member.id, member.role, member.theme)
}

#[get("/admin")]
fn admin(admin: Admin<'_>) -> String {
    admin.role.clone()
}

#[get("/vault")]
fn vault(vault: Vault<'_>) -> String {
    vault.role.clone()
}

#[get("/public")]
fn public() {}

#[post("/hit")]
fn hit(mut guest: GuestMut<'_>) -> String {
    let hits = guest.hits + 1;
    guest.set_hits(hits);
    hits.to_string()
}

struct Scene {
    app: App,
    storage: Arc<SpyStorage<Arc<FaultStorage<Arc<dyn SessionStorage>>>>>,
}

impl Scene {
    async fn open() -> Self {
        Self::with(|config| config.bearer = true).await
    }

    async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let storage = Arc::new(SpyStorage::new(Arc::new(FaultStorage::new(place::storage()))));
        let app = App::builder().config(change).sessions::<Member>(storage.clone());
        let app = app.config(|config| config.bearer = false).sessions::<Staff>(place::storage()).mount(routes![
            login,
            token,
            again,
            shown,
            role,
            role_and_token,
            theme,
            logout,
            logout_and_token,
            me,
            admin,
            vault,
            public,
            remember,
            both,
            try_again
        ]);
        Self { app: app.open().await, storage }
    }

    async fn token(&self) -> String {
        let answer = self.app.browser().post("/token").await;
        assert_eq!(answer.code(), 200, "{answer:?}");
        self.app.events();
        self.storage.clear();
        answer.body
    }

    async fn send(&self, method: Method, path: &str, token: &str) -> Answer {
        self.app.browser().send(method, path, &[("Authorization", &format!("Bearer {token}"))]).await
    }

    async fn get(&self, path: &str, token: &str) -> Answer {
        self.send(Method::Get, path, token).await
    }

    async fn post(&self, path: &str, token: &str) -> Answer {
        self.send(Method::Post, path, token).await
    }
}

fn assert_plain(answer: &Answer) {
    assert!(answer.cookies.is_empty(), "{answer:?}");
    assert_eq!(answer.header("Vary").as_deref(), Some("Cookie, Authorization"), "{answer:?}");
}

fn challenge(answer: &Answer) -> Option<String> {
    answer.header("WWW-Authenticate")
}

#[rocket::async_test]
async fn a_token_is_handed_out_and_does_what_a_cookie_does() {
    let scene = Scene::open().await;
    let handed = scene.app.browser().post("/token").await;
    assert_plain(&handed);
    assert_eq!(handed.header("Cache-Control").as_deref(), Some("no-store"));
    let token = handed.body;
    assert_eq!(token.len(), 124);

    let answer = scene.get("/me", &token).await;
    assert_eq!((answer.code(), answer.body.as_str()), (200, "7 member light"));
    assert_plain(&answer);
    assert_eq!(answer.header("Cache-Control"), None);
    let answer = scene.post("/theme/dark", &token).await;
    assert_eq!(answer.code(), 200);
    assert_plain(&answer);
    assert_eq!(scene.get("/me", &token).await.body, "7 member dark");
    assert_eq!(scene.app.sessions::<Member>().count(&7).await.unwrap(), 1);

    let answer = scene.post("/logout", &token).await;
    assert_plain(&answer);
    assert_eq!(scene.get("/me", &token).await.code(), 401);
    assert_eq!(scene.app.sessions::<Member>().count(&7).await.unwrap(), 0);
}

#[rocket::async_test]
async fn who_signs_out_is_handed_no_token_and_keeps_no_cookie() {
    let scene = Scene::open().await;
    let browser = scene.app.browser();
    browser.post("/login").await;
    let answer = browser.post("/logout/token").await;
    assert_eq!((answer.body.as_str(), answer.cookies.len()), ("Some(Missing)", 1), "{answer:?}");
    assert_eq!(browser.cookie("__Host-session"), None);
}

#[rocket::async_test]
async fn a_route_without_sessions_says_nothing_of_them() {
    let scene = Scene::open().await;
    let answer = scene.get("/public", "nonsense").await;
    assert_eq!((answer.code(), answer.header("Vary"), challenge(&answer)), (200, None, None));
}

#[rocket::async_test]
async fn s_03_the_header_is_ignored_unless_it_is_switched_on() {
    let on = Scene::open().await;
    let token = on.token().await;
    let off = Scene::with(|_| ()).await;
    let answer = off.get("/me", &token).await;
    assert_eq!((answer.code(), challenge(&answer)), (401, None));
    assert_eq!(answer.header("Vary").as_deref(), Some("Cookie"));
    assert!(off.app.events().is_empty());

    let browser = off.app.browser();
    browser.post("/login").await;
    let answer = browser.send(Method::Get, "/me", &[("Authorization", "Bearer nonsense")]).await;
    assert_eq!(answer.code(), 200);
    assert_eq!(browser.post("/token").await.code(), 500, "it can not be handed out either");
    assert_eq!(browser.get("/me").await.code(), 200, "and nothing was written");
}

#[rocket::async_test]
async fn what_is_no_token_never_reaches_the_storage() {
    let scene = Scene::open().await;
    let token = scene.token().await;
    let mut tampered = token.clone().into_bytes();
    tampered[60] = if tampered[60] == b'A' { b'B' } else { b'A' };
    let tampered = String::from_utf8(tampered).unwrap();
    let wrong = ["", "nonsense", &token[1..], &format!("{token}A"), &tampered, &"A".repeat(65_536), "../../etc"];
    for wrong in wrong {
        let answer = scene.get("/me", wrong).await;
        assert_eq!(answer.code(), 401, "{wrong:?}");
        assert_eq!(challenge(&answer).as_deref(), Some("Bearer error=\"invalid_token\""));
        assert_plain(&answer);
        let kinds: Vec<_> = scene.app.events().into_iter().map(|event| event.kind).collect();
        assert!(matches!(kinds[..], [EventKind::Refused(_)]), "{kinds:?}");
    }
    assert!(scene.storage.calls().is_empty());
}

#[rocket::async_test]
async fn s_03_a_cookie_is_no_bearer_token_nor_the_reverse() {
    let scene = Scene::open().await;
    let token = scene.token().await;
    let browser = scene.app.browser();
    browser.post("/login").await;
    scene.storage.clear();
    scene.app.events();
    assert_eq!(scene.get("/me", &browser.token()).await.code(), 401);
    let thief = scene.app.browser();
    thief.set_cookie("__Host-session", &token);
    assert_eq!(thief.get("/me").await.code(), 401);
    let kinds: Vec<_> = scene.app.events().into_iter().map(|event| event.kind).collect();
    let refused = EventKind::Refused(RefusedCookie::UnknownKey);
    assert_eq!(kinds, [refused.clone(), refused]);
    assert!(scene.storage.calls().is_empty());
}

#[rocket::async_test]
async fn beside_a_bearer_token_no_cookie_counts() {
    let scene = Scene::open().await;
    let token = scene.token().await;
    let browser = scene.app.browser();
    browser.post("/login").await;
    browser.post("/theme/cookie").await;
    let with = async |token: &str| browser.send(Method::Get, "/me", &[("Authorization", token)]).await;
    assert_eq!(with(&format!("Bearer {token}")).await.body, "7 member light");
    let answer = with("Bearer nonsense").await;
    assert!(answer.code() == 401 && answer.cookies.is_empty(), "{answer:?}");
    for other in ["Basic YTpi", "Bearers x", ""] {
        assert_eq!(with(other).await.body, "7 member cookie", "{other}");
    }
    assert_eq!(with(&format!("bEARER  {token} ")).await.body, "7 member light");
}

#[rocket::async_test]
async fn two_bearer_tokens_are_none() {
    let scene = Scene::open().await;
    let token = format!("Bearer {}", scene.token().await);
    let headers = [("Authorization", &*token), ("Authorization", &*token)];
    assert_eq!(scene.app.browser().send(Method::Get, "/me", &headers).await.code(), 401);
    assert!(scene.storage.calls().is_empty());
}

#[rocket::async_test]
async fn who_is_refused_is_told_why_as_rfc_6750_says() {
    let scene = Scene::open().await;
    let token = scene.token().await;
    let answer = scene.app.browser().get("/me").await;
    assert_eq!((answer.code(), challenge(&answer).as_deref()), (401, Some("Bearer")));
    let answer = scene.get("/admin", &token).await;
    assert_eq!((answer.code(), challenge(&answer).as_deref()), (403, Some("Bearer error=\"insufficient_scope\"")));
    scene.app.clock.advance(Duration::from_mins(16));
    let answer = scene.get("/vault", &token).await;
    let stale = "Bearer error=\"insufficient_user_authentication\"";
    assert_eq!((answer.code(), challenge(&answer).as_deref()), (401, Some(stale)));
    scene.app.clock.advance(Duration::from_hours(1));
    let answer = scene.get("/me", &token).await;
    assert_eq!((answer.code(), challenge(&answer).as_deref()), (401, Some("Bearer error=\"invalid_token\"")));

    let browser = scene.app.browser();
    browser.post("/login").await;
    let answer = browser.get("/admin").await;
    assert_eq!((answer.code(), challenge(&answer)), (403, None), "a browser is told nothing");
}

#[rocket::async_test]
async fn a_change_of_privilege_hands_out_a_new_token_or_does_not_happen() {
    let scene = Scene::open().await;
    let token = scene.token().await;
    let answer = scene.post("/role/admin", &token).await;
    assert!(answer.code() == 500 && answer.cookies.is_empty(), "{answer:?}");
    assert_eq!(scene.get("/me", &token).await.body, "7 member light", "nothing was written");

    let answer = scene.post("/role/admin/token", &token).await;
    assert_eq!(answer.code(), 200);
    assert_plain(&answer);
    assert_eq!(scene.get("/admin", &answer.body).await.code(), 200);
    assert_eq!(scene.get("/me", &token).await.code(), 401, "the token before is dead");

    let newer = scene.post("/again", &answer.body).await.body;
    assert_eq!((scene.get("/me", &newer).await.code(), scene.get("/me", &answer.body).await.code()), (200, 401));
    assert_eq!(scene.post("/login", &newer).await.code(), 500, "nor does it sign in anew");
    assert_eq!(scene.get("/me", &newer).await.code(), 200);
}

/// It needs no token: there is no cookie to live longer.
#[rocket::async_test]
async fn a_lifetime_is_set_without_a_new_token() {
    let scene = Scene::open().await;
    let token = scene.token().await;
    let answer = scene.post("/remember", &token).await;
    assert_eq!(answer.code(), 200);
    assert_plain(&answer);
    scene.app.clock.advance(Duration::from_hours(230));
    assert_eq!(scene.get("/me", &token).await.body, "7 member dark");
}

#[rocket::async_test]
async fn a_good_token_is_not_blamed_for_a_missing_cookie() {
    let scene = Scene::open().await;
    let token = scene.token().await;
    let answer = scene.get("/both", &token).await;
    assert_eq!((answer.code(), challenge(&answer)), (401, None));
    let answer = scene.get("/both", "nonsense").await;
    assert_eq!((answer.code(), challenge(&answer).as_deref()), (401, Some("Bearer error=\"invalid_token\"")));
}

#[rocket::async_test]
async fn who_is_handed_no_token_keeps_the_cookie() {
    let scene = Scene::open().await;
    let browser = scene.app.browser();
    scene.storage.inner().fail(Operation::Rotate, Fault::Before);
    let answer = browser.post("/try").await;
    assert_eq!((answer.body.as_str(), answer.cookies.len()), ("true", 1));
    assert_eq!(browser.get("/me").await.code(), 200);
}

#[rocket::async_test]
async fn a_rotation_that_falls_due_waits_until_a_token_is_handed_out() {
    let scene = Scene::with(|config| {
        config.bearer = true;
        config.renew = Some(Duration::from_mins(1));
    });
    let scene = scene.await;
    let token = scene.token().await;
    let handle = scene.app.sessions::<Member>().list(&7).await.unwrap()[0].handle;
    scene.app.sessions::<Member>().update(&handle, |member| member.role = "admin".into()).await.unwrap();
    scene.app.clock.advance(Duration::from_mins(30));
    for _ in 0..2 {
        assert_eq!(scene.get("/admin", &token).await.code(), 200);
    }
    assert_eq!(scene.storage.count(Operation::Rotate), 0);
    let newer = scene.post("/again", &token).await.body;
    assert_eq!((scene.get("/me", &newer).await.code(), scene.get("/me", &token).await.code()), (200, 401));
}

#[rocket::async_test]
async fn a_session_that_is_handed_over_leaves_its_cookie() {
    let scene = Scene::open().await;
    let browser = scene.app.browser();
    browser.post("/login").await;
    let answer = browser.post("/again").await;
    assert_plain(&answer);
    assert_eq!(scene.get("/me", &answer.body).await.code(), 200);
    assert_eq!(browser.get("/me").await.code(), 401);
}

#[rocket::async_test]
async fn without_a_session_there_is_no_token() {
    let scene = Scene::open().await;
    assert_eq!(scene.app.browser().post("/again").await.code(), 401);
}

#[rocket::async_test]
async fn debug_does_not_show_a_token() {
    let scene = Scene::open().await;
    assert_eq!(scene.app.browser().post("/shown").await.body, "BearerToken");
}

#[rocket::async_test]
async fn the_first_edit_of_such_a_client_begins_no_session() {
    let storage = Arc::new(SpyStorage::new(place::storage()));
    let app =
        App::builder().config(|config| config.bearer = true).sessions::<Guest>(storage.clone()).mount(routes![hit]);
    let app = app.open().await;
    let visit =
        async |browser: &Browser<'_>, headers: &[(&str, &str)]| browser.send(Method::Post, "/hit", headers).await;
    let answer = visit(&app.browser(), &[("Authorization", "Bearer nonsense")]).await;
    assert_eq!((answer.code(), challenge(&answer).as_deref()), (401, Some("Bearer error=\"invalid_token\"")));
    assert!(answer.cookies.is_empty() && storage.calls().is_empty());
    assert_eq!(visit(&app.browser(), &[]).await.cookies.len(), 1, "a browser's does");
}

/// Who reads the log is not sent after cookies.
#[rocket::async_test]
async fn a_refused_token_is_logged_as_one() {
    logs::capture();
    let scene = Scene::open().await;
    logs::take();
    assert_eq!(scene.get("/me", "nonsense").await.code(), 401);
    let said = logs::take();
    assert!(said.contains("WARN rocket_typed_session::event: a cookie or token of `session` was refused: "), "{said}");
}

/// Launches an application, and returns what stopped it.
async fn refusal(rocket: Rocket<Build>) -> Option<String> {
    match Client::untracked(rocket).await {
        Ok(_) => None,
        Err(error) => Some(error.to_string() + &logs::take()),
    }
}

#[rocket::async_test]
async fn two_session_types_do_not_share_the_header() {
    logs::capture();
    let rocket = |guests: bool| {
        let figment =
            figment().merge(("session", map! { "bearer" => true })).merge(("guest", map! { "bearer" => guests }));
        rocket::custom(figment).attach(Sessions::<Member>::fairing()).attach(Sessions::<Guest>::fairing())
    };
    let said = refusal(rocket(true)).await.unwrap();
    let expected = "`guest.bearer` is true for two session types, and a request has one `Authorization` header: write \
                    false for one of them";
    assert!(said.contains(expected), "{said}");
    assert_eq!(refusal(rocket(false)).await, None);
}

#[rocket::async_test]
async fn a_session_in_its_cookie_has_no_token() {
    logs::capture();
    let figment = figment().merge(("guest", map! { "bearer" => true }));
    let rocket = rocket::custom(figment).attach(Sessions::<Guest>::builder().storage(CookieStorage::new()));
    let said = refusal(rocket).await.unwrap();
    let expected = "the storage `cookie` can not have bearer tokens, since there is nothing that they could lead to: \
                    leave out `guest.bearer`";
    assert!(said.contains(expected), "{said}");
}
