//! MariaDB.

use std::sync::Arc;

use rocket::tokio::io::{AsyncReadExt, AsyncWriteExt};
use rocket::tokio::net::TcpListener;
use rocket_typed_session::storage::sql::MysqlStorage;
use rocket_typed_session::storage::{Loaded, SessionStorage};
use rocket_typed_session::testing::TextStorage;
use rocket_typed_session_tests::outage::{Limits, is_answered_for};
use rocket_typed_session_tests::{Site, servers, trips as requests};
use sqlx::mysql::{MySqlConnectOptions, MySqlPoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, MySqlConnection};

use crate::given::{kept, now, person, seen};
use crate::killed::{Frozen, Killed, Server};
use crate::trips::Trips;
use crate::wire::Wire;
use crate::{outage, streams, table, trips};

const PASSWORD: &str = "hunter2-of-ada";

/// Returns the address of the server, if there is one.
fn url() -> Option<String> {
    servers::address("SESSION_TEST_MYSQL", "scripts/servers/sql")
}

fn storage(url: &str) -> MysqlStorage {
    MysqlStorage::connect(url).unwrap().table(table::unused()).build().unwrap()
}

/// Returns a storage to test; without a server, one that says nothing about this one.
fn any() -> Arc<dyn SessionStorage> {
    match url() {
        Some(url) => Arc::new(storage(&url)),
        None => Arc::new(TextStorage::new()),
    }
}

mod promises {
    use rocket_typed_session::testing::conformance;

    conformance!(super::any());
}

#[rocket::async_test]
async fn operations_ask_the_server_once() {
    let Some(url) = url() else { return };
    let (wire, url) = Wire::to(&url).await;
    assert_eq!(trips::count(&storage(&url), &wire).await, Trips::rotating_in(6));
}

#[rocket::async_test]
async fn who_may_not_read_the_tables_is_told_so() {
    let Some(url) = url() else { return };
    let (table, user) = (table::unused(), table::unused());
    let mut owner = MySqlConnection::connect(&url).await.unwrap();
    let user_is = format!("CREATE USER {user} IDENTIFIED BY 'session'");
    owner.execute(AssertSqlSafe(user_is)).await.unwrap();
    owner.execute(AssertSqlSafe(format!("GRANT CREATE ON session.* TO {user}"))).await.unwrap();
    let storage = |url: &str| MysqlStorage::connect(url).unwrap().table(&table).build().unwrap();
    storage(&url).setup().await.unwrap();
    // What a connection may is what its user could when it began.
    let own = || storage(&url.replacen("session:session", &format!("{user}:session"), 1));
    let error = format!("{:?}", own().setup().await.unwrap_err());
    assert!(error.contains("SELECT command denied"), "{error}");
    owner.execute(AssertSqlSafe(format!("GRANT ALL ON session.* TO {user}"))).await.unwrap();
    own().setup().await.unwrap();
    owner.execute(AssertSqlSafe(format!("DROP USER {user}"))).await.unwrap();
}

/// Answers like a MySQL that has no TLS, and whose users sign in by `caching_sha2_password`, as they do by default.
async fn asks_for_the_whole_password(listener: TcpListener) -> std::io::Result<()> {
    const GREETING: &[u8] =
        b"\x0a8.0.46\0\x01\0\0\0salted_8\0\x08\xa2\xff\x02\0\x08\x01\x15\0\0\0\0\0\0\0\0\0\0salted_more_\0\
          caching_sha2_password\0";
    let (mut stream, _) = listener.accept().await?;
    for (sequence, packet) in [(0, GREETING), (2, b"\x01\x04"), (4, b"\x01a public key")] {
        let head = [u8::try_from(packet.len()).unwrap(), 0, 0, sequence];
        stream.write_all(&[&head, packet].concat()).await?;
        let mut head = [0; 4];
        stream.read_exact(&mut head).await?;
        stream.read_exact(&mut vec![0; usize::from(u16::from_le_bytes([head[0], head[1]]))]).await?;
    }
    Ok(())
}

#[rocket::async_test]
async fn who_lacks_tls_for_a_user_that_needs_it_is_told_so() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("mysql://ada:secret@{}/session", listener.local_addr().unwrap());
    rocket::tokio::spawn(asks_for_the_whole_password(listener));
    let error = format!("{:?}", storage(&url).setup().await.unwrap_err());
    assert!(error.contains("`sql-tls`") && !error.contains("secret"), "{error}");
}

#[rocket::async_test]
async fn requests_take_the_trips_that_are_promised() {
    let Some(url) = url() else { return };
    let (wire, url) = Wire::to(&url).await;
    let site = Site::builder().storage(storage(&url)).open().await;
    assert_eq!(
        requests::Trips::count(&site, || wire.trips()).await,
        requests::Trips { login: 7, role: 7, ..trips::REQUESTS }
    );
}

#[rocket::async_test]
async fn who_signs_in_waits_for_a_turn_where_sessions_are_counted() {
    let Some(url) = url() else { return };
    let (wire, url) = Wire::to(&url).await;
    let site = Site::builder().storage(storage(&url)).users(|config| config.max_per_user = Some(5)).open().await;
    let expected = requests::Trips { fresh_login: 5, login: 10, role: 7, ..trips::REQUESTS };
    assert_eq!(requests::Trips::count(&site, || wire.trips()).await, expected);
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
    let Some(server) = Server::start("mariadb", "SESSION_TEST_MYSQL") else { return };
    let url = with_a_password(&server.url).await;
    is_answered_for(&mut Killed(&server), storage(&url), Limits::GONE, Some(PASSWORD)).await;
}

#[rocket::async_test]
async fn a_server_that_hangs_is_answered_for_in_time_and_used_when_it_goes_on() {
    let Some(server) = Server::start("mariadb", "SESSION_TEST_MYSQL") else { return };
    let url = with_a_password(&server.url).await;
    is_answered_for(&mut Frozen(&server), storage(&url), Limits::SILENT, Some(PASSWORD)).await;
}

/// A server may leave it to each client to commit what it writes.
#[rocket::async_test]
async fn what_is_acknowledged_is_committed() {
    let Some(server) = Server::start("mariadb", "SESSION_TEST_MYSQL") else { return };
    let mut owner = MySqlConnection::connect(&server.url).await.unwrap();
    owner.execute("SET GLOBAL autocommit = 0").await.unwrap();
    let table = table::unused();
    let open = || MysqlStorage::connect(&server.url).unwrap().table(&table).build().unwrap();
    let (storage, other) = (open(), open());
    storage.setup().await.unwrap();
    let key = kept(&storage, person("ada")).await;
    assert!(matches!(other.load(&key, now()).await.unwrap(), Loaded::Live { .. }));
    let pool = MySqlPoolOptions::new().connect_lazy(&server.url).unwrap();
    let given = MysqlStorage::from_pool(pool).table(&table).build().unwrap();
    let error = format!("{:?}", given.setup().await.unwrap_err());
    assert!(error.contains("`SET autocommit = 1`"), "{error}");
}

/// After a switchover the server that was the primary only reads.
#[rocket::async_test]
async fn a_connection_that_may_write_no_more_is_replaced() {
    let Some(server) = Server::start("mariadb", "SESSION_TEST_MYSQL") else { return };
    let mut owner = MySqlConnection::connect(&server.url).await.unwrap();
    owner.execute("CREATE USER ada@'%' IDENTIFIED BY 'session'").await.unwrap();
    owner.execute("GRANT CREATE, INDEX, SELECT, INSERT, UPDATE, DELETE ON session.* TO ada@'%'").await.unwrap();
    let url = server.url.replace("session:", "ada:");
    let storage = MysqlStorage::connect(&url).unwrap().connections(1).build().unwrap();
    storage.setup().await.unwrap();
    let key = kept(&storage, person("ada")).await;
    let newest = "SELECT MAX(id) FROM information_schema.processlist WHERE user = 'ada'";
    let before: i64 = sqlx::query_scalar(newest).fetch_one(&mut owner).await.unwrap();
    owner.execute("SET GLOBAL read_only = 1").await.unwrap();
    assert!(storage.touch(&key, seen(), now()).await.is_err());
    owner.execute("SET GLOBAL read_only = 0").await.unwrap();
    assert!(storage.touch(&key, seen(), now()).await.unwrap());
    let after: i64 = sqlx::query_scalar(newest).fetch_one(&mut owner).await.unwrap();
    assert!(before < after, "{before} {after}");
}

/// Returns the address of a server for somebody whose password is no word that stands everywhere.
async fn with_a_password(url: &str) -> String {
    // What a test asks for itself is no line of the library's.
    let root = url.replace("session:session@", "root@");
    let options = root.parse::<MySqlConnectOptions>().unwrap().disable_statement_logging();
    let pool = MySqlPoolOptions::new().connect_with(options).await.unwrap();
    let create = format!("CREATE USER ada@'%' IDENTIFIED BY '{PASSWORD}'");
    sqlx::raw_sql(AssertSqlSafe(create)).execute(&pool).await.unwrap();
    sqlx::raw_sql("GRANT ALL ON *.* TO ada@'%'").execute(&pool).await.unwrap();
    pool.close().await;
    url.replace("session:session@", &format!("ada:{PASSWORD}@"))
}

fn given() -> Arc<dyn SessionStorage> {
    let Some(url) = url() else { return Arc::new(TextStorage::new()) };
    let pool = MySqlPoolOptions::new().connect_lazy(&url).unwrap();
    Arc::new(MysqlStorage::from_pool(pool).table(table::unused()).build().unwrap())
}

/// A pool of the application, at the server's level of isolation, which is REPEATABLE READ.
mod promises_at_repeatable_read {
    use rocket_typed_session::testing::conformance;

    conformance!(super::given());
}

/// Rows that are found count, also if nothing about them changes.
#[rocket::async_test]
async fn a_touch_that_changes_nothing_finds_its_session() {
    let Some(url) = url() else { return };
    let pool = MySqlPoolOptions::new().connect_lazy(&url).unwrap();
    for storage in [storage(&url), MysqlStorage::from_pool(pool).table(table::unused()).build().unwrap()] {
        storage.setup().await.unwrap();
        let key = kept(&storage, person("ada")).await;
        let seen = seen();
        for _ in 0..2 {
            assert!(storage.touch(&key, seen.clone(), now()).await.unwrap());
        }
    }
}

#[rocket::async_test]
async fn processes_that_start_together_get_along() {
    let Some(url) = url() else { return };
    let table = table::unused();
    let storage = || MysqlStorage::connect(&url).unwrap().table(&table).connections(4).build().unwrap();
    table::is_made_once([storage(), storage(), storage(), storage()]).await;
}

#[rocket::async_test]
async fn a_stream_closes_when_another_process_ends_its_session() {
    let Some(url) = url() else { return };
    let table = table::unused();
    let open = || MysqlStorage::connect(&url).unwrap().table(&*table).build().unwrap();
    streams::closes_when_another_process_ends_its_session(open(), open()).await;
}
