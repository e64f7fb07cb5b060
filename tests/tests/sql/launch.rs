//! Storages that the configuration names.

use rocket::figment::Figment;
use rocket::http::{Cookie, Status};
use rocket::local::asynchronous::Client;
use rocket::serde::json::serde_json::json;
use rocket::{get, routes};
use rocket_typed_session::{Session, Sessions};
use rocket_typed_session_tests::figment;
#[cfg(feature = "sqlite")]
use rocket_typed_session_tests::logs;

#[derive(Clone, Default, Session)]
struct Guest {
    #[session(merge = add)]
    visits: u64,
}

#[derive(Clone, Default, Session)]
#[session(name = "staff")]
struct Staff {
    #[session(identifier)]
    id: Option<i64>,
}

#[get("/")]
fn visit(mut guest: GuestMut<'_>) -> String {
    guest.add_visits(1);
    guest.visits().to_string()
}

#[get("/staff")]
fn staff(session: Session<'_, Staff>) {
    session.start(Staff { id: Some(7) });
}

async fn launch(figment: Figment) -> Result<Client, Box<rocket::Error>> {
    let rocket = rocket::custom(figment)
        .attach(Sessions::<Guest>::fairing())
        .attach(Sessions::<Staff>::fairing())
        .mount("/", routes![visit, staff]);
    Client::untracked(rocket).await.map_err(Box::new)
}

/// Returns what a visitor with a cookie sees, and the cookie that they get.
async fn look(client: &Client, path: &str, cookie: Option<Cookie<'static>>) -> (String, Option<Cookie<'static>>) {
    let answer = client.get(path).cookies(cookie).dispatch().await;
    assert_eq!(answer.status(), Status::Ok);
    let cookie = answer.cookies().iter().next().cloned();
    (answer.into_string().await.unwrap_or_default(), cookie)
}

/// Each type has tables of its own, and a restart keeps everyone signed in.
async fn keeps_sessions(url: &str, prefix: &str) {
    let guests = json!({ "storage": url, "sql": { "table": format!("{prefix}sessions") } });
    let staff = json!({ "sql": { "table": format!("{prefix}staff_sessions") } });
    let figment = figment().merge(("session", guests)).merge(("staff", staff));
    let client = launch(figment.clone()).await.unwrap();
    let (seen, cookie) = look(&client, "/", None).await;
    assert_eq!(seen, "1");
    assert!(look(&client, "/staff", None).await.1.is_some());
    assert_eq!(client.rocket().state::<Sessions<Staff>>().unwrap().count(&7).await.unwrap(), 1);
    drop(client);
    let client = launch(figment).await.unwrap();
    assert_eq!(look(&client, "/", cookie).await.0, "2");
    client.rocket().state::<Sessions<Guest>>().unwrap().end_everyone().await.unwrap();
    assert_eq!(client.rocket().state::<Sessions<Staff>>().unwrap().count(&7).await.unwrap(), 1);
}

#[cfg(feature = "sqlite")]
#[rocket::async_test]
async fn an_address_of_sqlite_selects_it() {
    let directory = tempfile::TempDir::new().unwrap();
    keeps_sessions(&format!("sqlite://{}", directory.path().join("app.db").display()), "").await;
}

/// Such a database is another one on each connection, and goes with the last.
#[cfg(feature = "sqlite")]
#[rocket::async_test]
async fn an_address_of_sqlite_that_names_no_file_keeps_sessions() {
    for address in [
        "sqlite:",
        "sqlite://",
        "sqlite://file:",
        "sqlite://?immutable=0",
        "sqlite::memory:",
        "sqlite://:memory:",
        "sqlite://file::memory:",
        "sqlite://x.db?mode=memory",
        "sqlite://x.db?mode=memory&cache=private",
        "sqlite://x.db?mode=memory&cache=shared",
        "sqlite://x.db?vfs=memdb",
    ] {
        let client = launch(figment().merge(("session.storage", address))).await.unwrap();
        let (seen, cookie) = look(&client, "/", None).await;
        assert_eq!(seen, "1", "{address}");
        let again = (0..8).map(|_| look(&client, "/", cookie.clone()));
        rocket::futures::future::join_all(again).await;
        assert_eq!(look(&client, "/", cookie).await.0, "10", "{address}");
    }
    assert!(!std::path::Path::new("x.db").exists());
}

#[cfg(feature = "postgres")]
#[rocket::async_test]
async fn an_address_of_postgres_selects_it() {
    let Some(url) = rocket_typed_session_tests::servers::address("SESSION_TEST_POSTGRES", "scripts/servers/sql") else {
        return;
    };
    keeps_sessions(&url, &(crate::table::unused() + "_")).await;
    keeps_sessions(&url.replace("postgres://", "postgresql://"), &(crate::table::unused() + "_")).await;
}

#[cfg(feature = "mysql")]
#[rocket::async_test]
async fn an_address_of_mariadb_selects_it() {
    let Some(url) = rocket_typed_session_tests::servers::address("SESSION_TEST_MYSQL", "scripts/servers/sql") else {
        return;
    };
    keeps_sessions(&url, &(crate::table::unused() + "_")).await;
    keeps_sessions(&url.replace("mysql://", "mariadb://"), &(crate::table::unused() + "_")).await;
}

#[cfg(feature = "sqlite")]
#[rocket::async_test]
async fn an_address_that_is_none_stops_the_launch() {
    for session in [
        json!({ "storage": "sqlite://app.db?hunter2=1" }),
        json!({ "storage": "sqlite://app.db", "sql": { "table": "a\"; DROP TABLE users" } }),
        json!({ "storage": "sqlite://app.db", "sql": { "connections": 0 } }),
    ] {
        let error = launch(figment().merge(("session", session))).await.err().unwrap();
        assert!(matches!(error.kind(), rocket::error::ErrorKind::FailedFairings(_)));
    }
}

/// Handles of one type would be those of the other, and to end everyone of one would end everyone of both.
#[cfg(feature = "sqlite")]
#[rocket::async_test]
async fn types_that_share_a_table_stop_the_launch() {
    let directory = tempfile::TempDir::new().unwrap();
    let url = |file: &str| format!("sqlite://{}", directory.path().join(file).display());
    let shared = json!({ "storage": url("app.db"), "sql": { "table": "shop" } });
    let with = |staff| figment().merge(("session", &shared)).merge(("staff", staff));
    logs::capture();
    for staff in [
        json!({}),
        json!({ "sql": { "table": "SHOP" } }),
        json!({ "storage": url("app.db").replace("sqlite://", "sqlite:") }),
    ] {
        logs::take();
        let error = launch(with(staff)).await.err().unwrap();
        let said = format!("{error}\n{}", logs::take());
        let expected = "two session types have the table `shop` of one database: give one another `staff.sql.table`";
        assert!(said.contains(expected), "{said}");
    }
    for staff in [json!({ "sql": { "table": "staff" } }), json!({ "storage": url("staff.db") })] {
        launch(with(staff)).await.unwrap();
    }
}

#[cfg(feature = "sqlite")]
#[rocket::async_test]
async fn types_without_a_table_have_one_by_their_name() {
    use sqlx::{Connection, SqliteConnection};

    let directory = tempfile::TempDir::new().unwrap();
    let url = format!("sqlite://{}", directory.path().join("app.db").display());
    drop(launch(figment().merge(("session.storage", &url))).await.unwrap());
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    let names = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE '%sessions' ORDER BY name";
    let names: Vec<(String,)> = sqlx::query_as(names).fetch_all(&mut connection).await.unwrap();
    assert_eq!(names, [("sessions".to_owned(),), ("staff_sessions".to_owned(),)]);
}
