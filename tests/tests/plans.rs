//! How databases find what a sweep frees. A binary of its own, since all of one write into one log.

#![cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]

use std::collections::BTreeSet;
use std::time::Duration;

use rocket::tokio::sync::Mutex;
use rocket_typed_session::storage::SWEPT_AFTER;
use rocket_typed_session_tests::place::{Kind, Place};
use rocket_typed_session_tests::{Site, User, logs};

const HOUR: Duration = Duration::from_hours(1);

/// Held by the test that writes into the log.
static ALONE: Mutex<()> = Mutex::const_new(());

/// Returns the statements that find what is freed, a batch at a time, as the client writes them into the log.
fn sent() -> Vec<String> {
    let finds = |line: &str| line.contains(" LIMIT ");
    let lines = logs::lines().into_iter().filter(|line| line.contains("sqlx::query") && finds(line));
    let statement = |line: String| {
        let (_, statement) = line.split_once("db.statement=\"")?;
        let (statement, _) = statement.split_once("\" rows_affected")?;
        Some(statement.replace("\\n", " ").replace("\\\"", "\""))
    };
    lines.filter_map(statement).collect()
}

/// Returns a statement with values for what it is given: the time, and the minute.
fn filled(statement: &str, time: u64) -> String {
    let (time, minute) = (time.to_string(), (time / 60_000).to_string());
    let statement = statement.replace("minute <= ?", &format!("minute <= {minute}")).replace("$2", &minute);
    statement.replace("$1", &time).replace('?', &time)
}

/// Returns the plans of what a sweep among many living sessions and keys sends.
async fn plans(place: &dyn Place) -> Vec<Vec<String>> {
    let _alone = ALONE.lock().await;
    let patient = |config: &mut rocket_typed_session::Config| config.timeout = Duration::from_secs(20);
    let site = Site::builder().storage(place.storage()).config(patient).open().await;
    for id in 0..20 {
        assert_eq!(site.member(id).await.post("/rotate").await.code(), 200);
    }
    site.clock.advance(HOUR + SWEPT_AFTER);
    for id in 0..300 {
        assert_eq!(site.member(id).await.post("/rotate").await.code(), 200);
    }
    let before = sent().len();
    assert_eq!(site.sessions::<User>().delete_expired().await.unwrap(), 20);
    let statements: BTreeSet<String> = sent().split_off(before).into_iter().collect();
    assert_eq!(statements.len(), 3, "sessions that everyone's end ended, that expired, and keys: {statements:?}");
    let mut plans = Vec::new();
    for statement in statements {
        plans.push(place.plan(filled(&statement, site.clock.timestamp().as_millis())).await);
    }
    plans
}

/// Asserts that each plan reads by an index of what expires or ends, and nothing as a whole.
async fn reads_by_an_index(kind: Kind, whole: &str) {
    let Some(place) = kind.place() else { return };
    let plans = plans(&*place).await;
    for plan in &plans {
        assert!(plan.iter().any(|step| step.contains("_by_expiry") || step.contains("_by_end")), "{plans:?}");
        assert!(!plan.iter().any(|step| step.starts_with(whole) || step.contains("Seq Scan")), "{plans:?}");
    }
}

#[cfg(feature = "sqlite")]
#[rocket::async_test]
async fn l_09_a_sweep_reads_by_an_index_in_sqlite() {
    reads_by_an_index(Kind::Sqlite, "SCAN").await;
}

#[cfg(feature = "postgres")]
#[rocket::async_test]
async fn l_09_a_sweep_reads_by_an_index_in_postgres() {
    reads_by_an_index(Kind::Postgres, "Seq Scan").await;
}

#[cfg(feature = "mysql")]
#[rocket::async_test]
async fn l_09_a_sweep_reads_by_an_index_in_mariadb() {
    reads_by_an_index(Kind::Mariadb, "ALL").await;
}
