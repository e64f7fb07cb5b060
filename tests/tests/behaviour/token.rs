//! The token: random, ours alone, kept as a hash, and shown to nobody.

use std::collections::HashSet;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use parking_lot::Mutex;
use rocket::fairing::AdHoc;
use rocket::http::Method;
use rocket::tokio::{self, sync::oneshot};
use rocket_typed_session::storage::SessionStorage;
use rocket_typed_session::storage::memory::MemoryStorage;
use rocket_typed_session::testing::{Fault, Operation, SpyStorage, When};
use rocket_typed_session::{Config, EventKind, RefusedCookie, Secret, Session, Sessions};
use rocket_typed_session_tests::credentials::{self, hex};
use rocket_typed_session_tests::place::Kind;
use rocket_typed_session_tests::{Answer, Browser, Site, User, figment, logs, overtake};

const COOKIE: &str = "__Host-session";

/// Every page that a member may visit and stay signed in.
const PAGES: [(Method, &str); 28] = [
    (Method::Get, "/public"),
    (Method::Get, "/me"),
    (Method::Get, "/owned"),
    (Method::Get, "/why"),
    (Method::Get, "/session"),
    (Method::Get, "/times"),
    (Method::Get, "/handle"),
    (Method::Get, "/list"),
    (Method::Get, "/debug"),
    (Method::Get, "/admin"),
    (Method::Get, "/vault"),
    (Method::Get, "/notice"),
    (Method::Get, "/headed"),
    (Method::Get, "/lost/page"),
    (Method::Get, "/stream/night"),
    (Method::Get, "/guest"),
    (Method::Post, "/guest/hit"),
    (Method::Post, "/theme/dark"),
    (Method::Post, "/redirect/blue"),
    (Method::Post, "/phone/0448342222"),
    (Method::Post, "/role/member"),
    (Method::Post, "/rotate"),
    (Method::Post, "/authenticate"),
    (Method::Post, "/ttl/900"),
    (Method::Post, "/set/7"),
    (Method::Post, "/fail/500/red"),
    (Method::Post, "/end-others"),
    (Method::Post, "/login/7/member"),
];

fn decoded(cookie: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(cookie).expect("base64url")
}

fn assert_absent(cookies: &HashSet<String>, text: &str) {
    credentials::assert_absent(cookies.iter().map(String::as_str), text);
}

async fn visit_all(browser: &Browser<'_>) -> (HashSet<String>, Vec<Answer>) {
    let mut cookies = HashSet::from([browser.token()]);
    let mut answers = Vec::new();
    for (method, page) in PAGES {
        answers.push(browser.send(method, page, &[]).await);
        cookies.insert(browser.token());
    }
    (cookies, answers)
}

/// T-01 (OWASP ASVS 7.2.3): the bits themselves are tested where they are drawn.
#[rocket::async_test]
async fn t_01_every_sign_in_has_a_token_and_a_key_of_its_own() {
    const SIGN_INS: usize = 1_000;
    let site = Site::open().await;
    let mut cookies = HashSet::new();
    for _ in 0..SIGN_INS {
        let cookie = site.member(7).await.token();
        assert!(decoded(&cookie).len() >= 1 + 4 + 24 + 32 + 16, "room for 256 bits under the seal");
        cookies.insert(cookie);
    }
    let keys: HashSet<_> =
        site.storage.calls().iter().flat_map(|call| call.keys.clone()).map(|key| *key.hash()).collect();
    assert_eq!((cookies.len(), keys.len()), (SIGN_INS, SIGN_INS));
}

/// T-02 (OWASP ASVS 7.2.2, RFC 6265bis 8.4): session fixation with a token of another installation under the same key.
#[rocket::async_test]
async fn t_02_a_token_that_this_storage_does_not_know_is_not_adopted() {
    let (elsewhere, site) = (Site::open().await, Site::open().await);
    let foreign = elsewhere.member(7).await.token();
    let keys = elsewhere.storage.calls()[0].keys.clone();
    let browser = site.browser();
    browser.set_cookie(COOKIE, &foreign);
    let answer = browser.post("/login/7/member").await;
    assert_eq!(answer.code(), 200);
    assert_ne!(browser.token(), foreign);
    let written = site.storage.calls().into_iter().filter(|call| call.operation != Operation::Load);
    assert!(written.flat_map(|call| call.keys).all(|key| !keys.contains(&key)));
    browser.set_cookie(COOKIE, &foreign);
    assert_eq!(browser.get("/me").await.code(), 401);
}

/// T-02: a visitor's first edit begins a session under a token of ours, too.
#[rocket::async_test]
async fn t_02_a_first_edit_adopts_no_token_either() {
    let (elsewhere, site) = (Site::open().await, Site::open().await);
    let visitor = elsewhere.browser();
    visitor.post("/guest/hit").await;
    let foreign = visitor.cookie("__Host-guest").unwrap();
    let browser = site.browser();
    browser.set_cookie("__Host-guest", &foreign);
    assert_eq!(browser.post("/guest/hit").await.body, "1");
    assert_ne!(browser.cookie("__Host-guest").unwrap(), foreign);
    browser.set_cookie("__Host-guest", &foreign);
    assert_eq!(browser.get("/guest/session").await.body, "nobody");
}

/// T-03 (path traversal by session id: CVE-2024-3400; injection into keys of a store).
#[rocket::async_test]
async fn t_03_malformed_tokens_are_no_session_and_do_not_reach_the_storage() {
    let site = Site::open().await;
    let sealed = site.member(7).await.token();
    site.storage.clear();
    let (head, tail) = sealed.split_at(60);
    let zeros = "A".repeat(sealed.len());
    let huge = "A".repeat(64 << 10);
    let values = [
        "",
        "\"\"",
        "=",
        "%00",
        "..",
        "../../etc/passwd",
        "..%2f..%2fpasswd",
        "*",
        "?",
        "[a-z]*",
        "session:*",
        "KEYS *",
        "' OR 1=1 --",
        "1; DROP TABLE sessions",
        "{\"id\":7}",
        "null",
        "ü",
        "\u{1}\u{7f}",
        &zeros,
        &huge,
        head,
        tail,
        &format!("{sealed}A"),
        &format!("{sealed}="),
        &format!(" {head} {tail}"),
        &format!("{tail}{head}"),
        &sealed.to_lowercase(),
        &sealed.to_uppercase(),
        &format!("{head}\0{}", &tail[1..]),
        &sealed[1..],
    ];
    for value in values {
        let browser = site.browser();
        browser.set_cookie(COOKIE, value);
        let answer = browser.get("/session").await;
        assert_eq!((answer.code(), answer.body.as_str()), (200, "nobody"), "{value}");
        assert_eq!(browser.post("/theme/dark").await.code(), 401, "{value}");
        assert!(answer.cookies.is_empty(), "{value}");
    }
    assert!(site.storage.calls().is_empty(), "{:?}", site.storage.calls());
}

/// T-03, over a socket: bytes that are no text, which the local client can not send.
#[rocket::async_test]
async fn t_03_bytes_that_are_no_text_are_no_session() {
    let storage = Arc::new(SpyStorage::new(MemoryStorage::new()));
    let (port, launched) = oneshot::channel();
    let port = Mutex::new(Some(port));
    let rocket = rocket::custom(figment().merge(("port", 0)).merge(("address", "127.0.0.1")))
        .attach(Sessions::<User>::builder().storage(storage.clone()))
        .attach(AdHoc::on_liftoff("Port", move |rocket| {
            Box::pin(async move {
                let _ = port.lock().take().map(|port| port.send(rocket.config().port));
            })
        }))
        .mount("/", rocket::routes![visit]);
    let rocket = rocket.ignite().await.unwrap();
    let shutdown = rocket.shutdown();
    let serving = tokio::spawn(rocket.launch());
    let port = launched.await.unwrap();
    for bytes in [&b"\xff\xfe\x80"[..], b"\xc3\x28", b"%ff%fe", b"AA\x00AA", &[0xff; 124]] {
        let answer = tokio::task::spawn_blocking(move || raw(port, bytes)).await.unwrap();
        let refused = answer.starts_with("HTTP/1.1 400") || answer.ends_with("\r\n\r\nnobody");
        assert!(refused && !answer.contains("et-cookie"), "{bytes:?}: {answer}");
    }
    assert!(storage.calls().is_empty());
    shutdown.notify();
    let _ = serving.await;
}

#[rocket::get("/")]
fn visit(session: Session<'_, User>) -> &'static str {
    session.get().map_or("nobody", |_| "somebody")
}

fn raw(port: u16, cookie: &[u8]) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let head = format!("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nCookie: {COOKIE}=");
    stream.write_all(&[head.as_bytes(), cookie, b"\r\n\r\n"].concat()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

/// T-03 (key namespace collision: CVE-2011-4136): the token of one session type is none of another's.
#[rocket::async_test]
async fn t_03_a_token_of_another_session_type_is_refused_unseen() {
    let site = Site::open().await;
    let browser = site.browser();
    browser.post("/guest/hit").await;
    let guest = browser.cookie("__Host-guest").unwrap();
    site.events();
    browser.set_cookie(COOKIE, &guest);
    assert_eq!(browser.get("/me").await.code(), 401);
    assert!(site.storage.calls().is_empty());
    assert_eq!(site.event_kinds(), [EventKind::Refused(RefusedCookie::Forged)]);
}

/// T-04 (ids readable in a store: CVE-2019-16782).
#[rocket::async_test]
async fn t_04_nothing_in_the_storage_is_a_credential() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    browser.post("/theme/dark").await;
    browser.post("/rotate").await;
    let cookies = HashSet::from([browser.token()]);
    let dump = site.storage.dump(site.clock.timestamp()).await.unwrap();
    assert!(dump.contains("\\\"dark\\\""), "the dump shows what is stored: {dump}");
    assert_absent(&cookies, &dump);

    let handle = browser.get("/handle").await.body;
    let keys: Vec<_> = site.storage.calls().into_iter().flat_map(|call| call.keys).collect();
    let named = keys.iter().flat_map(|key| {
        let whole = [&key.tag().as_bytes()[..], key.hash()].concat();
        [hex(key.hash()), URL_SAFE_NO_PAD.encode(key.hash()), hex(&whole), URL_SAFE_NO_PAD.encode(whole)]
    });
    for stored in named.chain([handle]) {
        let thief = site.browser();
        thief.set_cookie(COOKIE, &stored);
        assert_eq!(thief.get("/me").await.code(), 401);
    }
}

/// T-05 (OWASP ASVS 14.2.1).
#[rocket::async_test]
async fn t_05_the_token_stands_in_the_cookie_alone() {
    let site = Site::open().await;
    let (cookies, answers) = visit_all(&site.member(7).await).await;
    assert!(cookies.len() >= 6, "rotations among the pages: {}", cookies.len());
    for answer in &answers {
        assert_absent(&cookies, &answer.visible());
    }
    let redirect = answers.iter().find(|answer| answer.code() == 303).unwrap();
    assert_eq!(redirect.header("Location").as_deref(), Some("/me"));
}

/// T-06 (OWASP ASVS 16.2.5; ids in logs: CVE-2023-20866): also of failures, and in events.
#[rocket::async_test]
async fn t_06_neither_logs_nor_events_hold_tokens_or_secret_fields() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    let (mut cookies, _) = visit_all(&browser).await;
    for operation in [Operation::Load, Operation::Commit, Operation::Rotate, Operation::Delete] {
        site.faults().fail(operation, Fault::Before);
        for page in ["/theme/dark", "/rotate", "/logout/500"] {
            browser.copy().post(page).await;
        }
        site.faults().clear();
    }
    let tampered = format!("{}A", &browser.token()[..123]);
    let forger = site.browser();
    forger.set_cookie(COOKIE, &tampered);
    forger.get("/me").await;
    cookies.insert(tampered);

    let events = site.events();
    assert!(events.len() > 10, "{events:?}");
    let lines = logs::lines();
    assert!(lines.iter().any(|line| line.starts_with("ERROR rocket_typed_session") && line.contains("storage")));
    assert!(lines.iter().any(|line| line.contains("rocket") && line.contains("/theme/dark")), "requests are logged");
    let own = lines.iter().filter(|line| line.contains("rocket_typed_session")).cloned().collect::<String>();
    for text in [&lines.concat(), &format!("{events:?}"), &own] {
        assert_absent(&cookies, text);
        assert!(!text.contains("+41 44 668 18 00"));
    }
    assert!(!own.contains("0448342222"));
}

/// T-06: of handlers and catchers that panic while they hold a session.
#[rocket::async_test]
async fn t_06_neither_panics_nor_their_answers_hold_tokens_or_secret_fields() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    let cookies = HashSet::from([browser.token()]);
    site.faults().fail(Operation::Commit, Fault::Before);
    logs::take();
    for page in [
        "/panic/dark",
        "/hard/broken/edit",
        "/hard/redirecting/panic/dark",
        "/hard/panic-with-everything",
        "/logout/panic",
    ] {
        let answer = browser.copy().post(page).await;
        assert_absent(&cookies, &answer.visible());
        assert!(!answer.body.contains("+41 44 668 18 00"), "{page}");
    }
    let said = logs::take();
    assert_eq!(said.lines().filter(|line| line.starts_with(&format!("ERROR {}: ", logs::PANIC))).count(), 5, "{said}");
    assert!(said.contains("light"), "what is no secret is said: {said}");
    assert_absent(&cookies, &said);
    assert!(!said.contains("+41 44 668 18 00"), "{said}");
}

/// T-06: what a field marked secret holds is in no `Debug`.
#[rocket::async_test]
async fn t_06_a_secret_field_is_not_in_debug() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    let shown = browser.get("/debug").await.body + &browser.post("/phone/0448342222").await.body;
    assert!(shown.contains("light"), "{shown}");
    assert!(!shown.contains("0448342222") && !shown.contains("+41 44 668 18 00"), "{shown}");
}

/// T-07 (NIST SP 800-63B-4, 5.1.1): the token is sealed; what it holds says nothing even when it repeats.
#[rocket::async_test]
async fn t_07_the_cookie_says_nothing_of_its_session() {
    let storage = Arc::new(MemoryStorage::new());
    let site = Site::builder().storage(storage).open().await;
    let (first, second) = (site.member(7_777_777).await, site.member(7_777_777).await);
    let handle = first.get("/handle").await.body;
    let tag = decoded(&handle)[..16].to_vec();
    let (first, second) = (decoded(&first.token()), decoded(&second.token()));
    for bytes in [&first, &second] {
        let text = String::from_utf8_lossy(bytes).into_owned() + &hex(bytes);
        assert!(!["7777777", "light", "nick", "ember"].iter().any(|plain| text.contains(plain)));
        assert!(!bytes.windows(16).any(|window| window == tag));
    }
    let same = first.iter().zip(&second).skip(5).filter(|(one, other)| one == other).count();
    assert!(same < 8, "{same} of {} bytes are the same", first.len());
}

/// Starts an application with a key, and with keys from before.
async fn started(storage: &Arc<dyn SessionStorage>, current: u8, previous: &[u8]) -> Site {
    let secrets = previous.iter().map(|key| Secret::from_bytes([*key; 32]).unwrap()).collect::<Vec<_>>();
    let config = |config: &mut Config| config.previous_keys.clone_from(&secrets);
    let builder = Site::builder().storage(storage.clone()).config(config);
    builder.rocket("secret_key", vec![current; 32]).open().await
}

/// F-09: three starts of an application, each with another key.
#[rocket::async_test]
async fn f_09_tokens_are_opened_by_previous_keys_until_they_are_retired() {
    let Some(place) = Kind::of_the_run().place() else { return };
    let storage: Arc<dyn SessionStorage> = place.storage();
    let first = started(&storage, 1, &[]).await;
    let signed_in = first.member(7).await.token();

    let second = started(&storage, 2, &[1]).await;
    let browser = second.browser();
    browser.set_cookie(COOKIE, &signed_in);
    assert_eq!(browser.get("/me").await.code(), 200);
    let sealed_anew = browser.token();
    assert_ne!(sealed_anew, signed_in);

    let third = started(&storage, 3, &[2]).await;
    let (retired, current) = (third.browser(), third.browser());
    retired.set_cookie(COOKIE, &signed_in);
    third.storage.clear();
    let answer = retired.get("/session").await;
    assert_eq!((answer.code(), answer.body.as_str(), answer.cookies.len()), (200, "nobody", 0));
    assert!(third.storage.calls().is_empty(), "what no key opens is not looked for");
    current.set_cookie(COOKIE, &sealed_anew);
    assert_eq!(current.get("/me").await.code(), 200);
}

/// F-09: the same token under the current key, sent once.
#[rocket::async_test]
async fn f_09_a_token_under_a_previous_key_is_sealed_anew_and_stays_the_same() {
    let Some(place) = Kind::of_the_run().place() else { return };
    let storage: Arc<dyn SessionStorage> = place.storage();
    let first = started(&storage, 1, &[]).await;
    let (reader, writer, remembered) = (first.member(7).await, first.member(7).await, first.member(8).await);
    assert_eq!(remembered.post("/ttl/86400").await.code(), 200);
    let (reader, remembered) = (reader.token(), remembered.token());

    let second = started(&storage, 2, &[1]).await;
    let bearing = |token: &str| {
        let browser = second.browser();
        browser.set_cookie(COOKIE, token);
        browser
    };
    let seen = async |token: &str| {
        let answer = bearing(token).get("/me").await;
        (answer.code(), answer.set_cookie(COOKIE).map(|set| (set.max_age(), set.value)))
    };
    let (code, set) = seen(&reader).await;
    let (age, anew) = set.unwrap();
    assert_eq!((code, age), (200, None), "it lives as long as the browser is open");
    assert_eq!(seen(&anew).await, (200, None), "once");
    assert_eq!(seen(&remembered).await.1.unwrap().0, Some(86_400));
    for page in ["/theme/dark", "/rotate"] {
        let writer = bearing(&writer.token());
        let answer = writer.post(page).await;
        assert_eq!((answer.code(), answer.cookies.len(), writer.get("/me").await.cookies.len()), (200, 1, 0), "{page}");
    }
    let failed = bearing(&reader).post("/fail/500/x").await;
    assert_eq!((failed.code(), failed.cookies.len()), (500, 0), "nothing goes with an error of the server");
    let current = started(&storage, 2, &[]).await;
    for (token, code) in [(&anew, 200), (&reader, 401)] {
        let browser = current.browser();
        browser.set_cookie(COOKIE, token);
        assert_eq!(browser.get("/me").await.code(), code);
    }
}

/// F-09: whoever is overtaken does not take the newer token from the browser.
#[rocket::async_test]
async fn f_09_a_token_that_was_replaced_meanwhile_is_not_sealed_anew() {
    let Some(place) = Kind::of_the_run().place() else { return };
    let storage: Arc<dyn SessionStorage> = place.storage();
    let half = Duration::from_mins(30);
    let opened = async |current: u8, previous: &[u8]| {
        let previous: Vec<_> = previous.iter().map(|key| Secret::from_bytes([*key; 32]).unwrap()).collect();
        let builder = Site::builder().storage(storage.clone()).rocket("secret_key", vec![current; 32]);
        builder.config(|config| (config.previous_keys, config.renew) = (previous.clone(), Some(half))).open().await
    };
    let first = opened(1, &[]).await;
    for (path, code) in [("/rotate", 200), ("/logout", 200), ("/me", 200), ("/owned", 200)] {
        for slow in ["/me", "/theme/dark"] {
            let signed_in = first.member(7).await.token();
            let second = opened(2, &[1]).await;
            let (late, other) = (second.browser(), second.browser());
            late.set_cookie(COOKIE, &signed_in);
            other.set_cookie(COOKIE, &signed_in);
            let meanwhile = async {
                if ["/me", "/owned"].contains(&path) {
                    second.clock.advance(half);
                    assert_eq!(other.get(path).await.cookies.len(), 1);
                    if path == "/me" {
                        // The new token is presented.
                        assert_eq!(other.get(path).await.code(), code);
                    }
                } else {
                    assert_eq!(other.post(path).await.code(), code);
                }
            };
            let request = async { if slow == "/me" { late.get(slow).await } else { late.post(slow).await } };
            let (answer, ()) = overtake(second.parking(), (Operation::Load, When::After), request, meanwhile).await;
            assert!(answer.cookies.is_empty(), "{slow} overtaken by {path}: {answer:?}");
        }
    }
}
