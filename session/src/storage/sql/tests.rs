//! What only statements show.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

#[cfg(feature = "postgres")]
use rocket::tokio::net::{TcpListener, TcpStream};
#[cfg(feature = "postgres")]
use rocket::tokio::sync::Notify;

use super::codec::Codec;
use super::connections::Access;
#[cfg(feature = "sqlite")]
use super::dialect::Dialect;
#[cfg(feature = "postgres")]
use super::pool::{Lease, Patience};
#[cfg(feature = "sqlite")]
use super::statement::Tables;
use super::statement::{Param, Statement};
use super::storage::SqlStorage;
use crate::clock::Timestamp;
use crate::record::{FieldText, Fields};

/// Returns how a database would carry out a statement.
async fn plan<D: super::Database>(storage: &SqlStorage<D>, explain: &str, statement: &Statement) -> String {
    let mut lease = storage.connections.lease(Access::Write).await.unwrap();
    let params = statement.params(vec![Param::Int(1_000_000), Param::Int(16)]);
    let text = format!("{explain} {}", statement.text);
    let rows = D::rows(&mut lease, &Arc::from(text), &params).await.unwrap();
    let mut plan = String::new();
    for row in &rows {
        for column in 0..sqlx::Row::len(row) {
            plan += D::text(row, column).ok().flatten().unwrap_or_default();
            plan += " ";
        }
        plan += "\n";
    }
    lease.give_back();
    plan
}

/// L-09: expired sessions are found by an index, not by a look at all.
async fn sweeps_by_an_index<D: super::Database>(storage: SqlStorage<D>, explain: &str, many: &str, learn: &str) {
    use crate::storage::SessionStorage;
    storage.setup().await.unwrap();
    let mut lease = storage.connections.lease(Access::Write).await.unwrap();
    for text in [many, learn] {
        D::batch(&mut lease, Arc::from(text.replace("{table}", &storage.tables.name()))).await.unwrap();
    }
    lease.give_back();
    for statement in [&storage.connections.statements.expired, &storage.connections.statements.sweep_epoch] {
        let plan = plan(&storage, explain, statement).await;
        assert!(plan.contains("_by_expiry"), "{plan}");
        let table = storage.tables.name();
        let table = table.trim_matches(|quote| quote == '"' || quote == '`');
        assert!(!plan.contains(&format!("SCAN {table}")) && !plan.contains("Seq Scan on t"), "{plan}");
    }
    storage.shutdown().await;
}

/// Values of a row beside its number and expiry.
#[cfg(any(feature = "sqlite", feature = "mysql"))]
const VALUES: &str = "1, 0, 1, 0, 0, 0, 0, 0, 0";
const COLUMNS: &str = "token_hash, tag, own, data, expires_at, version, epoch, identified, newborn, rotation_due, \
                       created_at, seen_at, authenticated_at, renewed_at, deadline";

#[cfg(feature = "sqlite")]
#[rocket::async_test]
async fn a_sweep_of_sqlite_uses_the_index() {
    let storage = super::SqliteStorage::connect("sqlite::memory:").unwrap().table("t").build().unwrap();
    let many = format!(
        "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 5000) INSERT INTO {{table}} ({COLUMNS}) \
         SELECT 'k' || n, 't' || n, 'o', '{{}}', n * 10000, {VALUES}, 0 FROM n"
    );
    sweeps_by_an_index(storage, "EXPLAIN QUERY PLAN", &many, "ANALYZE").await;
}

/// Each session is found by its key, however many are looked for at once.
#[cfg(feature = "sqlite")]
#[rocket::async_test]
async fn loads_together_use_the_index() {
    use crate::storage::SessionStorage;
    let storage = super::SqliteStorage::connect("sqlite::memory:").unwrap().build().unwrap();
    storage.setup().await.unwrap();
    let mut lease = storage.connections.lease(Access::Write).await.unwrap();
    for (count, text) in (2..).zip(&storage.connections.statements.loads) {
        let params = vec![Param::Int(1); 3 * count];
        let rows =
            super::Sqlite::rows(&mut lease, &format!("EXPLAIN QUERY PLAN {text}").into(), &params).await.unwrap();
        let steps: Vec<&str> = rows.iter().filter_map(|row| super::Sqlite::text(row, 3).unwrap()).collect();
        let searches = |of: &str| steps.iter().filter(|step| step.starts_with(&format!("SEARCH {of} USING"))).count();
        assert_eq!((searches("s"), searches("m")), (count, count), "{steps:#?}");
        assert!(!steps.iter().any(|step| step.contains("MATERIALIZE") || step.contains("SCAN s")), "{steps:#?}");
    }
    lease.give_back();
    storage.shutdown().await;
}

/// A database in memory is its only connection: that a request stops waiting must not end every session.
#[cfg(feature = "sqlite")]
#[rocket::async_test]
async fn a_database_in_memory_survives_those_who_stop_waiting() {
    use rocket::futures::FutureExt;
    let storage = super::SqliteStorage::connect("sqlite::memory:").unwrap().build().unwrap();
    let mut lease = storage.connections.lease(Access::Write).await.unwrap();
    super::Sqlite::batch(&mut lease, "CREATE TABLE kept (n INTEGER)".into()).await.unwrap();
    lease.give_back();
    let texts = ["BEGIN IMMEDIATE", "INSERT INTO kept VALUES (1)", "BEGIN IMMEDIATE; INSERT INTO kept VALUES (1)"];
    for text in texts {
        for polls in 0..4 {
            let mut lease = storage.connections.lease(Access::Write).await.unwrap();
            let mut waiting = Box::pin(super::Sqlite::batch(&mut lease, text.into()));
            for _ in 0..polls {
                let _ = (&mut waiting).now_or_never();
                rocket::tokio::task::yield_now().await;
            }
        }
    }
    // Neither a transaction nor the lack of a table is met by the next.
    let mut lease = storage.connections.lease(Access::Write).await.unwrap();
    super::Sqlite::batch(&mut lease, "BEGIN IMMEDIATE; DELETE FROM kept; COMMIT".into()).await.unwrap();
    lease.give_back();
}

/// In the driver's words, as a build without `sql-tls` gets them for `?sslmode=require`.
#[test]
fn who_asks_for_tls_of_a_build_without_it_is_told_which_feature_to_turn_on() {
    let said = "TLS upgrade required by connect options but SQLx was built without TLS support enabled";
    let error = super::error::failed(sqlx::Error::Tls(said.into()));
    assert!(format!("{error:?}").contains("turn on the feature `sql-tls` of `rocket_typed_session`"), "{error:?}");
    let error = super::error::failed(sqlx::Error::Tls("server does not support TLS".into()));
    assert!(format!("{error:?}").contains("does not support"), "{error:?}");
}

#[cfg(any(feature = "postgres", feature = "mysql"))]
fn table() -> String {
    format!("t_plan_{}", std::process::id())
}

#[cfg(feature = "postgres")]
#[rocket::async_test]
async fn a_sweep_of_postgres_uses_the_index() {
    let Ok(url) = std::env::var("SESSION_TEST_POSTGRES") else { return };
    let storage = super::PostgresStorage::connect(&url).unwrap().table(table()).build().unwrap();
    let values = "1, 0, true, false, false, 0, 0, 0, 0, 0";
    let many = format!(
        "INSERT INTO {{table}} ({COLUMNS}) SELECT sha256(n::text::bytea), 't', 'o', '{{}}', n * 10000, {values} \
         FROM generate_series(1, 5000) n"
    );
    sweeps_by_an_index(storage, "EXPLAIN", &many, "ANALYZE {table}").await;
}

/// Carries what is sent to a server and back, until `silent` says to carry nothing more of what there is.
#[cfg(feature = "postgres")]
async fn relay(listener: TcpListener, server: String, silent: Arc<Notify>) {
    while let Ok((mut client, _)) = listener.accept().await {
        let (server, silent) = (server.clone(), silent.clone());
        rocket::tokio::spawn(async move {
            let mut server = TcpStream::connect(server).await.unwrap();
            let carried = rocket::tokio::io::copy_bidirectional(&mut client, &mut server);
            rocket::tokio::select! {
                _ = carried => {}
                () = silent.notified() => std::future::pending().await,
            }
        });
    }
}

/// Firewalls and balancers forget connections that nothing goes over, and tell neither side.
#[cfg(feature = "postgres")]
#[rocket::async_test]
async fn connections_that_were_dropped_without_a_word_cost_no_request() {
    use crate::storage::SessionStorage;
    let Ok(url) = std::env::var("SESSION_TEST_POSTGRES") else { return };
    let (login, place) = url.split_once('@').unwrap();
    let (server, database) = place.split_once('/').unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("{login}@{}/{database}", listener.local_addr().unwrap());
    let silent = Arc::new(Notify::new());
    rocket::tokio::spawn(relay(listener, server.into(), silent.clone()));
    let storage = super::PostgresStorage::connect(&url).unwrap().table(table()).build().unwrap();
    storage.setup().await.unwrap();
    let pool = &storage.connections.writers;
    let leases = [pool.lease(Patience::REQUEST).await.unwrap(), pool.lease(Patience::REQUEST).await.unwrap()];
    leases.into_iter().for_each(Lease::give_back);
    silent.notify_waiters();
    pool.age();
    for _ in 0..2 {
        let mut lease = pool.lease(Patience::REQUEST).await.unwrap();
        super::Postgres::batch(&mut lease, "SELECT 1".into()).await.unwrap();
    }
}

#[cfg(feature = "mysql")]
#[rocket::async_test]
async fn a_sweep_of_mysql_uses_the_index() {
    let Ok(url) = std::env::var("SESSION_TEST_MYSQL") else { return };
    let storage = super::MysqlStorage::connect(&url).unwrap().table(table()).build().unwrap();
    let many = format!(
        "INSERT INTO {{table}} ({COLUMNS}) WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 900) \
         SELECT UNHEX(SHA2(n, 256)), 't', 'o', '{{}}', n * 100000, {VALUES}, 0 FROM n"
    );
    sweeps_by_an_index(storage, "EXPLAIN FORMAT=TRADITIONAL", &many, "ANALYZE TABLE {table}").await;
}

#[cfg(feature = "sqlite")]
#[test]
fn names_that_are_no_tables_are_refused() {
    let long = "a".repeat(41);
    for name in ["", "a b", "a\"b", "a`b", "a;b", "1a", "a.b", "ä", "a-b", &long] {
        for (schema, table) in [(None, name), (Some(name), "sessions")] {
            let tables = Tables::new(super::Sqlite::SYNTAX, schema.map(Into::into), table.into());
            assert!(tables.is_err(), "{name}");
        }
    }
    let tables = Tables::new(super::Sqlite::SYNTAX, Some("app".into()), "guest_sessions".into()).unwrap();
    assert_eq!(tables.fill("{sessions} {keys}"), r#""app"."guest_sessions" "app"."guest_sessions_keys""#);
}

#[test]
fn fields_are_kept_as_they_are() {
    let texts = [
        "1",
        "-0",
        "-0.0",
        "1e300",
        "18446744073709551615",
        "123456789012345678901234567890",
        r#""a""#,
        r#""\u0000""#,
        r#""$text""#,
        r#"{"$text":"\"x\""}"#,
        r#"{"a":{"$text":"1"}}"#,
        r#"{"~41":1,"":2,"a b":[1e5]}"#,
        "[]",
        "{}",
        "null",
        r#"{"\u0000":"\u0000"}"#,
    ];
    for codec in [(true, false), (false, true), (true, true)].map(|(paths, parses)| Codec { paths, parses }) {
        for text in texts {
            let fields: Fields = [("\0~$".to_owned(), FieldText::Json(text.into()))].into();
            let stored = codec.encode(&fields);
            let kept = codec.decode(&stored).unwrap().fields();
            let json = |fields: &Fields| serde_json::from_str::<serde_json::Value>(&fields["\0~$"].json()).unwrap();
            assert_eq!(json(&kept), json(&fields), "{stored}");
            assert!(!codec.parses || !stored.replace("\\\\u", "").contains("\\u0000"), "{stored}");
        }
    }
    // Written by others.
    for (data, kept) in [(r#" { "a" : 1 , "a" : [ 2 ] } "#, "[ 2 ]"), (r#"{"\u0061":"\u0062"}"#, r#""\u0062""#)] {
        let fields = Codec { paths: true, parses: false }.decode(data).unwrap().fields();
        assert_eq!(fields, [("a".to_owned(), FieldText::Json(kept.into()))].into(), "{data}");
    }
    let entries = FieldText::Entries(BTreeMap::from([("7".into(), "1".into())]));
    let plain = Codec { paths: true, parses: false }.encode(&[("cart".to_owned(), entries)].into());
    assert_eq!(plain, r#"{"cart":{"7":1}}"#);
}

/// MySQL keeps integers and floating-point numbers of 64 bits, and makes of what is longer something near it.
#[test]
fn numbers_that_not_every_database_has_are_kept_as_texts() {
    let codec = Codec { paths: true, parses: true };
    let stored = |number: &str| codec.encode(&[("n".to_owned(), FieldText::Json(number.into()))].into());
    let plain = ["0", "-1", "18446744073709551615", "-9223372036854775808", "0.1", "-1.5", "0.30000000000000004"];
    for number in plain {
        assert_eq!(stored(number), format!("{{\"n\":{number}}}"));
    }
    let texts = ["-0", "-0.0", "18446744073709551616", "-9223372036854775809", "0.1234567890123456789", "1.10", "1e5"];
    for number in texts {
        assert_eq!(stored(number), format!("{{\"n\":{{\"$text\":\"{number}\"}}}}"));
    }
}

#[test]
fn a_time_that_no_column_holds_is_the_last() {
    let late = Timestamp::default().after(Duration::MAX);
    assert!(matches!(super::row::time(late), Param::Int(i64::MAX)));
}
