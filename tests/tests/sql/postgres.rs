//! PostgreSQL.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use rocket::tokio::join;
use rocket::tokio::time::timeout;
use rocket_typed_session::record::{FieldPatch, MetaPatch, Patch};
use rocket_typed_session::storage::sql::PostgresStorage;
use rocket_typed_session::storage::{Commit, Rotation, SessionStorage};
use rocket_typed_session::testing::TextStorage;
use rocket_typed_session::{Identity, Key};
use rocket_typed_session_tests::outage::{Limits, is_answered_for};
use rocket_typed_session_tests::{Site, servers, trips as requests};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use crate::given::{handle, kept, key, now, person, seen};
use crate::killed::{Frozen, Killed, Server};
use crate::trips::Trips;
use crate::wire::Wire;
use crate::{outage, streams, table, trips};

/// The server asks for none; the address has one.
const PASSWORD: &str = "hunter2-of-session";

/// Returns the address of the server, if there is one.
fn url() -> Option<String> {
    servers::address("SESSION_TEST_POSTGRES", "scripts/servers/sql")
}

/// Returns the address of the pooler before it, if there is one.
fn pooler() -> Option<String> {
    servers::address("SESSION_TEST_PGBOUNCER", "scripts/servers/sql")
}

fn storage(url: &str) -> PostgresStorage {
    PostgresStorage::connect(url).unwrap().table(table::unused()).build().unwrap()
}

/// Returns a storage to test; without a server, one that says nothing about this one.
fn any(url: Option<String>) -> Arc<dyn SessionStorage> {
    match url {
        Some(url) => Arc::new(storage(&url)),
        None => Arc::new(TextStorage::new()),
    }
}

mod promises {
    use rocket_typed_session::testing::conformance;

    conformance!(super::any(super::url()));
}

mod promises_behind_pgbouncer {
    use rocket_typed_session::testing::conformance;

    conformance!(super::any(super::pooler()));
}

#[rocket::async_test]
async fn operations_ask_the_server_once() {
    let Some(url) = url() else { return };
    let (wire, url) = Wire::to(&url).await;
    assert_eq!(trips::count(&storage(&url), &wire).await, Trips::rotating_in(1));
}

#[rocket::async_test]
async fn requests_take_the_trips_that_are_promised() {
    let Some(url) = url() else { return };
    let (wire, url) = Wire::to(&url).await;
    let site = Site::builder().storage(storage(&url)).open().await;
    assert_eq!(requests::Trips::count(&site, || wire.trips()).await, trips::REQUESTS);
}

#[rocket::async_test]
async fn who_signs_in_waits_for_a_turn_where_sessions_are_counted() {
    let Some(url) = url() else { return };
    let (wire, url) = Wire::to(&url).await;
    let site = Site::builder().storage(storage(&url)).users(|config| config.max_per_user = Some(5)).open().await;
    let expected = requests::Trips { fresh_login: 5, login: 10, ..trips::REQUESTS };
    assert_eq!(requests::Trips::count(&site, || wire.trips()).await, expected);
}

/// No request waits for a launch.
#[rocket::async_test]
async fn a_connection_of_the_launch_may_take_longer_than_that_of_a_request() {
    let Some(url) = url() else { return };
    let (wire, url) = Wire::to(&url).await;
    wire.delay(Duration::from_millis(1300));
    let storage = storage(&url);
    storage.setup().await.unwrap();
}

#[rocket::async_test]
async fn an_outage_passes() {
    let Some(url) = url() else { return };
    let (wire, url) = Wire::to(&url).await;
    outage::passes(&storage(&url), &wire).await;
}

#[rocket::async_test]
async fn an_outage_that_nobody_noticed_passes() {
    let Some(url) = url() else { return };
    let (wire, url) = Wire::to(&url).await;
    outage::passes_unnoticed(&storage(&url), &wire).await;
}

#[rocket::async_test]
async fn a_lost_answer_counts_nothing_twice() {
    let Some(url) = url() else { return };
    let (wire, url) = Wire::to(&url).await;
    outage::counts_nothing_twice(&storage(&url), &wire).await;
}

#[rocket::async_test]
async fn a_killed_server_is_answered_for_in_time_and_used_within_a_second_of_its_return() {
    let Some(server) = Server::start("postgres", "SESSION_TEST_POSTGRES") else { return };
    let url = server.url.replace("session@", &format!("session:{PASSWORD}@"));
    is_answered_for(&mut Killed(&server), storage(&url), Limits::GONE, Some(PASSWORD)).await;
}

#[rocket::async_test]
async fn a_server_that_hangs_is_answered_for_in_time_and_used_when_it_goes_on() {
    let Some(server) = Server::start("postgres", "SESSION_TEST_POSTGRES") else { return };
    let url = server.url.replace("session@", &format!("session:{PASSWORD}@"));
    is_answered_for(&mut Frozen(&server), storage(&url), Limits::SILENT, Some(PASSWORD)).await;
}

/// After a switchover the server that was the primary only reads: here that of the connections which there are.
#[rocket::async_test]
async fn a_write_that_its_connection_may_not_do_is_done_on_another() {
    let Some(server) = Server::start("postgres", "SESSION_TEST_POSTGRES") else { return };
    let storage = storage(&server.url);
    storage.setup().await.unwrap();
    let key = kept(&storage, person("ada")).await;
    let mut owner = PgConnection::connect(&server.url).await.unwrap();
    owner.execute("ALTER ROLE session SET default_transaction_read_only = off").await.unwrap();
    owner.execute("ALTER SYSTEM SET default_transaction_read_only = on").await.unwrap();
    owner.execute("SELECT pg_reload_conf()").await.unwrap();
    let reads_only = "SHOW default_transaction_read_only";
    while sqlx::query_scalar::<_, String>(reads_only).fetch_one(&mut owner).await.unwrap() == "off" {}
    assert!(storage.touch(&key, seen(), now()).await.unwrap());
}

fn given() -> Arc<dyn SessionStorage> {
    let Some(url) = url() else { return Arc::new(TextStorage::new()) };
    let options: PgConnectOptions = url.parse().unwrap();
    let options = options.options([("default_transaction_isolation", "repeatable read")]);
    let pool = PgPoolOptions::new().test_before_acquire(false).connect_lazy_with(options);
    Arc::new(PostgresStorage::from_pool(pool).table(table::unused()).build().unwrap())
}

/// A pool of the application, at its own level of isolation.
mod promises_at_repeatable_read {
    use rocket_typed_session::testing::conformance;

    conformance!(super::given());
}

#[rocket::async_test]
async fn processes_that_start_together_get_along() {
    for url in [url(), pooler()].into_iter().flatten() {
        let table = table::unused();
        let storage = || PostgresStorage::connect(&url).unwrap().table(&table).connections(4).build().unwrap();
        table::is_made_once([storage(), storage(), storage(), storage()]).await;
    }
}

#[rocket::async_test]
async fn who_may_not_read_the_tables_is_told_so() {
    let Some(url) = url() else { return };
    let (table, role) = (table::unused(), table::unused());
    let mut owner = PgConnection::connect(&url).await.unwrap();
    owner.execute(AssertSqlSafe(format!("CREATE ROLE {role} LOGIN"))).await.unwrap();
    let storage = |url: &str| PostgresStorage::connect(url).unwrap().table(&table).build().unwrap();
    storage(&url).setup().await.unwrap();
    let own = storage(&url.replace("session@", &format!("{role}@")));
    let error = format!("{:?}", own.setup().await.unwrap_err());
    assert!(error.contains("permission denied for table"), "{error}");
    let grant = format!("GRANT ALL ON {table}, {table}_keys, {table}_meta TO {role}");
    owner.execute(AssertSqlSafe(grant)).await.unwrap();
    own.setup().await.unwrap();
}

/// Returns a storage at a server that ends no deadlock in the time of a test.
async fn patient() -> Option<PostgresStorage> {
    let options: PgConnectOptions = url()?.parse().unwrap();
    let options = options.options([("deadlock_timeout", "1min")]);
    let pool = PgPoolOptions::new().test_before_acquire(false).connect_lazy_with(options);
    let storage = PostgresStorage::from_pool(pool).table(table::unused()).build().unwrap();
    storage.setup().await.unwrap();
    Some(storage)
}

async fn in_time<R>(work: impl Future<Output = R>) -> R {
    timeout(Duration::from_secs(20), work).await.expect("nobody waits for each other")
}

/// Makes a session one of somebody who may have five. Returns its new key.
async fn sign_in(storage: &PostgresStorage, old: Key, whom: Identity) -> (Key, Commit) {
    let new = key(whom.tag());
    let meta = MetaPatch { handle: Some(handle(whom.tag())), identified: Some(true), ..MetaPatch::default() };
    let mut patch = Patch::new(meta, FieldPatch::default());
    patch.max_per_user = NonZeroU32::new(5);
    (new, storage.rotate(&old, &new, patch, Rotation::Privilege, now()).await.unwrap())
}

#[rocket::async_test]
async fn sessions_that_change_places_do_not_wait_for_each_other() {
    let Some(storage) = patient().await else { return };
    let (mut here, mut there) = (person("ada"), person("bob"));
    let (mut first, mut second) = (kept(&storage, here).await, kept(&storage, there).await);
    for _ in 0..60 {
        let moved = in_time(async { join!(sign_in(&storage, first, there), sign_in(&storage, second, here)) }).await;
        let done = Commit::Committed { rotated: true, evicted: Vec::new() };
        assert_eq!((&moved.0.1, &moved.1.1), (&done, &done));
        (first, second) = (moved.0.0, moved.1.0);
        (here, there) = (there, here);
    }
}

#[rocket::async_test]
async fn who_signs_in_and_who_ends_all_do_not_wait_for_each_other() {
    let Some(storage) = patient().await else { return };
    let ada = person("ada");
    let index = storage.index().unwrap();
    for _ in 0..60 {
        let mut last = kept(&storage, ada).await;
        for _ in 0..3 {
            last = kept(&storage, ada).await;
        }
        let all = index.delete_all(&ada, None, now());
        let ((_, moved), ended) = in_time(async { join!(sign_in(&storage, last, ada), all) }).await;
        assert!(matches!(moved, Commit::Committed { .. } | Commit::Gone | Commit::Moved), "{moved:?}");
        assert!(ended.unwrap() >= 3);
    }
}

#[rocket::async_test]
async fn a_stream_closes_when_another_process_ends_its_session() {
    let Some(url) = url() else { return };
    let table = table::unused();
    let open = || PostgresStorage::connect(&url).unwrap().table(&*table).build().unwrap();
    streams::closes_when_another_process_ends_its_session(open(), open()).await;
}
