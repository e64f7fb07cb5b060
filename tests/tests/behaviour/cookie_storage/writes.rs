//! What is written with a response, and what is not.

use rocket_typed_session::Session;
use rocket_typed_session::storage::cookie::CookieStorage;
use rocket_typed_session::storage::memory::MemoryStorage;
use rocket_typed_session_tests::App;

use super::{COOKIE, Guest, User, app, pages, signed_in};

#[rocket::async_test]
async fn an_edit_sends_one_cookie_and_nothing_else_does() {
    let app = app().await;
    let browser = signed_in(&app, "member").await;
    assert_eq!(browser.post("/theme/dark").await.cookies.len(), 1);
    assert_eq!(browser.get("/session").await.body, "dark");
    for answer in [browser.post("/nothing").await, browser.get("/session").await, browser.post("/theme/dark").await] {
        assert!(answer.cookies.is_empty(), "{answer:?}");
    }
}

#[rocket::async_test]
async fn who_looks_and_then_edits_is_sent_a_cookie() {
    let app = app().await;
    let browser = app.browser();
    let answer = browser.post("/guest-seen/red").await;
    assert_eq!((answer.body.as_str(), answer.cookies.len()), ("{}", 1));
    assert_eq!(browser.post("/guest-seen/blue").await.body, "{\"seen\": \"red\"}");
    assert_eq!(browser.get("/guest/seen").await.body, "blue");
}

#[rocket::async_test]
async fn two_types_carry_two_cookies() {
    let app = app().await;
    let browser = signed_in(&app, "member").await;
    let answer = browser.post("/both/dark").await;
    assert_eq!(answer.cookies.len(), 2);
    assert_eq!(
        (browser.get("/session").await.body, browser.get("/guest/both").await.body),
        ("dark".into(), "dark".into())
    );
}

/// Behaviour 10.
#[rocket::async_test]
async fn a_type_in_its_cookie_lives_beside_one_in_memory() {
    let builder = App::builder().sessions::<User>(CookieStorage::new()).sessions::<Guest>(MemoryStorage::new());
    let app = builder.mount(pages::routes()).open().await;
    let browser = signed_in(&app, "member").await;
    assert_eq!(browser.post("/both/dark").await.cookies.len(), 2);
    let again = browser.post("/both/blue").await;
    assert!(again.set_cookie(COOKIE).is_some() && again.cookies.len() == 1, "{again:?}");
    assert_eq!(
        (browser.get("/session").await.body, browser.get("/guest/both").await.body),
        ("blue".into(), "blue".into())
    );
}

/// C-11
#[rocket::async_test]
async fn c_11_a_client_error_commits_and_a_server_error_does_not() {
    let app = app().await;
    let browser = signed_in(&app, "member").await;
    assert_eq!(browser.post("/fail/404/lost").await.cookies.len(), 1);
    assert_eq!(browser.get("/session").await.body, "lost");
    assert!(browser.post("/fail/500/never").await.cookies.is_empty());
    assert!(browser.post("/panic/never").await.cookies.is_empty());
    assert_eq!(browser.get("/session").await.body, "lost");
}

#[rocket::async_test]
async fn what_was_saved_is_sent_whatever_the_answer_is() {
    let app = app().await;
    let browser = signed_in(&app, "member").await;
    for (theme, status) in [("dark", 200), ("blue", 404), ("red", 500)] {
        let answer = browser.post(&format!("/save/{theme}/{status}")).await;
        assert_eq!((answer.code(), answer.cookies.len()), (status, 1));
        assert_eq!(browser.get("/session").await.body, theme);
    }
}

/// What needs a cookie can not be written once the response has started, and here everything needs one.
#[rocket::async_test]
async fn a_stream_saves_nothing_and_is_told() {
    let app = app().await;
    let browser = signed_in(&app, "member").await;
    let answer = browser.get("/stream/dark").await;
    assert_eq!((answer.body.as_str(), answer.cookies.len()), ("Err(TooLate)", 0));
    assert_eq!(browser.get("/session").await.body, "light");
}

/// C-04
#[rocket::async_test]
async fn c_04_everything_at_once_sends_one_cookie() {
    let app = app().await;
    let browser = signed_in(&app, "member").await;
    let copy = browser.copy();
    assert_eq!(copy.post("/restart/9").await.cookies.len(), 1);
    assert!(copy.get("/me").await.body.starts_with("9 "));
    let answer = browser.post("/all-at-once").await;
    assert_eq!(answer.cookies.len(), 1);
    assert_eq!(answer.set_cookie(COOKIE).unwrap().max_age(), Some(0));
}

/// Documented: the last response wins, for the whole session.
#[rocket::async_test]
async fn the_last_response_wins_for_the_whole_session() {
    let app = app().await;
    let browser = signed_in(&app, "member").await;
    let other = browser.copy();
    browser.post("/theme/dark").await;
    other.post("/notice/hello").await;
    assert_eq!(other.get("/me").await.body, "7 member light Some(\"hello\")");
}

mod schema {
    //! F-12, F-13: what a deploy does to sessions in cookies.

    use rocket::{get, post, routes};

    use super::*;

    mod before {
        use super::*;

        #[derive(Clone, Default, Session)]
        pub(super) struct Person {
            pub(super) name: String,
            pub(super) size: String,
            pub(super) unknown: u32,
        }

        #[post("/before/<name>")]
        pub(super) fn write(mut person: PersonMut<'_>, name: &str) {
            person.set_name(name);
            person.set_size("41");
            person.set_unknown(5);
        }

        #[get("/before")]
        pub(super) fn read(person: &Person) -> String {
            format!("{} {} {}", person.name, person.size, person.unknown)
        }
    }

    mod after {
        use super::*;

        #[derive(Clone, Default, Session)]
        pub(super) struct Person {
            #[session(alias = "name", rename = "nickname")]
            pub(super) called: String,
            #[session(migrate = number)]
            pub(super) size: u32,
            #[session(default = "new".to_owned())]
            pub(super) added: String,
        }

        fn number(value: serde_json::Value) -> Option<u32> {
            value.as_str()?.parse().ok()
        }

        #[get("/after")]
        pub(super) fn read(person: &Person) -> String {
            format!("{} {} {}", person.called, person.size, person.added)
        }

        #[post("/after/<size>")]
        pub(super) fn write(mut person: PersonMut<'_>, size: u32) {
            person.set_size(size);
        }
    }

    #[rocket::async_test]
    async fn a_deploy_signs_nobody_out_and_drops_no_field() {
        let old = App::builder().sessions::<before::Person>(CookieStorage::new());
        let old = old.mount(routes![before::write, before::read]).open().await;
        let new = App::builder().sessions::<after::Person>(CookieStorage::new());
        let new = new.mount(routes![after::write, after::read]).open().await;
        let browser = old.browser();
        browser.post("/before/ada").await;
        let deployed = browser.visiting(new.client());
        assert_eq!(deployed.get("/after").await.body, "ada 41 new");
        deployed.post("/after/42").await;
        assert_eq!(deployed.get("/after").await.body, "ada 42 new");
        assert!(deployed.visiting(old.client()).get("/before").await.body.ends_with(" 5"), "a field it does not have");
    }
}
