//! SQLite.

use std::sync::Arc;
use std::time::Duration;

use rocket::tokio::task::JoinSet;
use rocket_typed_session::EventKind;
use rocket_typed_session::record::Record;
use rocket_typed_session::storage::sql::SqliteStorage;
use rocket_typed_session::storage::{Commit, SessionStorage};
use rocket_typed_session_tests::{Site, User};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions};
use sqlx::{Connection, SqliteConnection};

use crate::file::File;
use crate::given::{field, kept, now, patch, person, visit};
use crate::streams;

mod promises {
    use rocket_typed_session::testing::conformance;

    use crate::file::File;

    conformance!(File::new().kept());
}

mod promises_in_memory {
    use rocket_typed_session::storage::sql::SqliteStorage;
    use rocket_typed_session::testing::conformance;

    conformance!(SqliteStorage::connect("sqlite::memory:").unwrap().build().unwrap());
}

mod promises_through_a_given_pool {
    use rocket_typed_session::testing::conformance;

    conformance!({
        let file = crate::file::File::new();
        let storage = super::given(&file).table("mine").build().unwrap();
        // The file lives as long as the test.
        std::mem::forget(file);
        storage
    });
}

fn given(file: &File) -> rocket_typed_session::storage::sql::SqlBuilder<rocket_typed_session::storage::sql::Sqlite> {
    let options = SqliteConnectOptions::new().filename(file.path()).create_if_missing(true);
    let options = options.journal_mode(SqliteJournalMode::Wal).foreign_keys(true);
    SqliteStorage::from_pool(SqlitePoolOptions::new().max_connections(4).connect_lazy_with(options))
}

/// Runs writers on storages in turn, and expects that no one fails.
async fn write(storages: &[Arc<SqliteStorage>], writers: usize, each: usize) {
    let key = kept(&*storages[0], person("ada")).await;
    let mut tasks = JoinSet::new();
    for number in 0..writers {
        let storage = storages[number % storages.len()].clone();
        tasks.spawn(async move {
            for _ in 0..each {
                assert_eq!(storage.commit(&key, visit(), now()).await.unwrap(), Commit::DONE);
                kept(&*storage, person("bob")).await;
                assert!(field(&*storage, &key, "visits").await.is_some());
            }
        });
    }
    tasks.join_all().await;
    assert_eq!(field(&*storages[0], &key, "visits").await, Some((writers * each).to_string()));
}

#[rocket::async_test]
async fn sixty_four_writers_are_never_busy() {
    let file = File::new();
    file.storage.setup().await.unwrap();
    write(std::slice::from_ref(&file.storage), 64, 20).await;
}

#[rocket::async_test]
async fn writers_of_two_processes_are_never_busy() {
    let file = File::new();
    let again = Arc::new(file.again());
    let (first, second) = rocket::tokio::join!(file.storage.setup(), again.setup());
    assert!(first.is_ok() && second.is_ok(), "{first:?} {second:?}");
    write(&[file.storage.clone(), again], 64, 20).await;
}

#[rocket::async_test]
async fn a_restart_keeps_sessions() {
    let file = File::new();
    file.storage.setup().await.unwrap();
    let key = kept(&file.storage, person("ada")).await;
    assert_eq!(file.storage.commit(&key, visit(), now()).await.unwrap(), Commit::DONE);
    file.storage.shutdown().await;
    let again = file.again();
    again.setup().await.unwrap();
    assert_eq!(field(&again, &key, "visits").await.as_deref(), Some("1"));
}

#[rocket::async_test]
async fn a_crash_keeps_sessions() {
    let file = File::new();
    file.storage.setup().await.unwrap();
    let key = kept(&file.storage, person("ada")).await;
    assert_eq!(file.storage.commit(&key, visit(), now()).await.unwrap(), Commit::DONE);
    // What was not closed leaves a log beside the file, as after a crash.
    let again = file.again();
    again.setup().await.unwrap();
    assert_eq!(field(&again, &key, "visits").await.as_deref(), Some("1"));
}

#[rocket::async_test]
async fn data_can_be_read_and_queried() {
    let file = File::new();
    file.storage.setup().await.unwrap();
    let key = kept(&file.storage, person("ada")).await;
    file.storage.commit(&key, patch(), now()).await.unwrap();
    let mut connection = SqliteConnection::connect(&format!("sqlite://{}", file.path().display())).await.unwrap();
    let data: (String,) = sqlx::query_as("SELECT data FROM sessions").fetch_one(&mut connection).await.unwrap();
    assert_eq!(data.0, r#"{"cart":{"8":2},"theme":"light","visits":1}"#);
    let light = "SELECT COUNT(*) FROM sessions WHERE data ->> 'theme' = 'light'";
    let count: (i64,) = sqlx::query_as(light).fetch_one(&mut connection).await.unwrap();
    assert_eq!(count.0, 1);
    let mode: (String,) = sqlx::query_as("PRAGMA journal_mode").fetch_one(&mut connection).await.unwrap();
    assert_eq!(mode.0, "wal");
}

#[rocket::async_test]
async fn a_lock_of_another_process_ends_in_time() {
    let file = File::new();
    file.storage.setup().await.unwrap();
    let key = kept(&file.storage, person("ada")).await;
    let mut other = SqliteConnection::connect(&format!("sqlite://{}", file.path().display())).await.unwrap();
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
    // Readers do not wait for writers.
    assert!(field(&file.storage, &key, "visits").await.is_some());
    let commit = rocket::tokio::time::timeout(Duration::from_secs(1), file.storage.commit(&key, visit(), now())).await;
    assert!(commit.is_err());
    sqlx::raw_sql("ROLLBACK").execute(&mut other).await.unwrap();
    let commit = rocket::tokio::time::timeout(Duration::from_secs(1), file.storage.commit(&key, visit(), now())).await;
    assert_eq!(commit.unwrap().unwrap(), Commit::DONE);
}

#[rocket::async_test]
async fn a_stream_closes_when_another_process_ends_its_session() {
    let file = File::new();
    streams::closes_when_another_process_ends_its_session(file.storage.clone(), file.again()).await;
}

/// What another process does to the file for long is an outage: of writes, for readers do not wait.
#[rocket::async_test]
async fn a_file_that_is_locked_is_answered_for_in_time_and_used_when_it_is_free() {
    let file = File::new();
    let site = Site::builder().storage(file.storage.clone()).open().await;
    let ada = site.member(1).await;
    let token = ada.token();
    let mut other = SqliteConnection::connect(&format!("sqlite://{}", file.path().display())).await.unwrap();
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
    let writes = ["/visit", "/rotate", "/login/2/member"].map(|path| ada.post(path));
    for answer in rocket::futures::future::join_all(writes).await {
        assert_eq!((answer.code(), answer.cookies.len()), (503, 0), "{answer:?}");
    }
    assert_eq!((ada.get("/me").await.code(), site.browser().get("/public").await.code()), (200, 200));
    sqlx::raw_sql("ROLLBACK").execute(&mut other).await.unwrap();
    assert_eq!(ada.post("/visit").await.code(), 200);
    assert_eq!(ada.token(), token);
}

#[rocket::async_test]
async fn what_expired_is_freed_though_it_can_not_be_read() {
    let file = File::new();
    file.storage.setup().await.unwrap();
    let readable = kept(&file.storage, person("ada")).await;
    kept(&file.storage, person("bob")).await;
    let url = format!("sqlite://{}", file.path().display());
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    let spoil = "UPDATE sessions SET data = '[]' WHERE token_hash <> ?";
    sqlx::query(spoil).bind(&readable.hash()[..]).execute(&mut connection).await.unwrap();
    let swept = file.storage.sweep().unwrap().sweep(now().after(Duration::from_hours(48))).await.unwrap();
    let fields = |record: &Arc<Record>| record.fields().unwrap().len();
    let mut fields: Vec<usize> = swept.expired.iter().map(fields).collect();
    fields.sort_unstable();
    assert_eq!((fields[0], fields[1] > 0, fields.len()), (0, true, 2));
    let left: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM sessions").fetch_one(&mut connection).await.unwrap();
    assert_eq!(left, 0);
}

/// F-13
#[rocket::async_test]
async fn f_13_a_session_whose_data_can_not_be_read_keeps_no_other_from_being_listed() {
    let file = File::new();
    let site = Site::builder().storage(file.storage.clone()).open().await;
    let (spoilt, sessions) = (site.member(1).await, site.sessions::<User>());
    let handle = sessions.list(&1).await.unwrap()[0].handle;
    let whole = site.member(1).await;
    let mut connection = SqliteConnection::connect(&format!("sqlite://{}", file.path().display())).await.unwrap();
    let spoil = sqlx::query("UPDATE sessions SET data = 'no JSON' WHERE own = ?").bind(&handle.to_bytes()[16..]);
    assert_eq!(spoil.execute(&mut connection).await.unwrap().rows_affected(), 1);
    site.events();
    for told in [1, 0] {
        let listed = sessions.list(&1).await.unwrap();
        assert_eq!((listed.len(), listed[0].handle != handle), (1, true));
        let unread = |kind: &EventKind| matches!(kind, EventKind::Undecodable { .. });
        assert_eq!(site.event_kinds().iter().filter(|kind| unread(kind)).count(), told);
    }
    let codes = (spoilt.get("/me").await.code(), whole.get("/me").await.code());
    assert_eq!(codes, (503, 200));
    assert!(sessions.end_one(&handle).await.unwrap());
    assert_eq!(spoilt.get("/me").await.code(), 401);
}

/// A file without WAL, whose readers wait for a writer, too.
#[rocket::async_test]
async fn a_launch_waits_for_the_file_to_look_and_to_make_the_tables() {
    const WAIT: Duration = Duration::from_secs(2);
    let file = File::new();
    let options = SqliteConnectOptions::new().filename(file.path()).create_if_missing(true).busy_timeout(WAIT);
    let mut other = SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::raw_sql("BEGIN EXCLUSIVE").execute(&mut other).await.unwrap();
    let release = async {
        rocket::tokio::time::sleep(WAIT * 3 / 2).await;
        sqlx::raw_sql("COMMIT").execute(&mut other).await.unwrap();
    };
    let pool = SqlitePoolOptions::new().connect_lazy_with(options.clone());
    let storage = SqliteStorage::from_pool(pool).build().unwrap();
    let (launched, ()) = rocket::futures::join!(storage.setup(), release);
    launched.unwrap();
}
