//! What waits for the one writer of a file shares a transaction, and what waits to read it, a statement.

use std::sync::Arc;
use std::time::Duration;

use rocket::futures::FutureExt;
use rocket::futures::future::join_all;
use rocket::tokio::runtime::Builder;
use rocket::tokio::spawn;
use rocket::tokio::task::{JoinHandle, spawn_blocking};
use rocket::tokio::time::sleep;
use rocket_typed_session::record::{FieldPatch, FieldText, MetaPatch, Patch};
use rocket_typed_session::storage::sql::SqliteStorage;
use rocket_typed_session::storage::{Commit, Loaded, Rotation, SessionStorage};
use rocket_typed_session::{Key, StorageError};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};
use sqlx::{Connection, SqliteConnection};

use crate::file::File;
use crate::given::{field, kept, key, now, person, seen, visit};

type Outcome = Result<Commit, StorageError>;

/// A file that somebody else writes, so that all others wait.
struct Busy(SqliteConnection);

impl Busy {
    async fn new(file: &File) -> Self {
        let mut other = SqliteConnection::connect(&format!("sqlite://{}", file.path().display())).await.unwrap();
        sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
        Self(other)
    }

    /// Lets the others write once they wait.
    async fn ends(mut self) {
        sleep(Duration::from_millis(100)).await;
        sqlx::raw_sql("COMMIT").execute(&mut self.0).await.unwrap();
    }
}

async fn open() -> File {
    let file = File::new();
    file.storage.setup().await.unwrap();
    file
}

async fn sessions(file: &File, count: usize) -> Vec<Key> {
    let mut keys = Vec::new();
    for _ in 0..count {
        keys.push(kept(&file.storage, person("ada")).await);
    }
    keys
}

/// Writes what is no JSON into a session.
async fn spoil(file: &File, key: &Key) {
    let mut other = SqliteConnection::connect(&format!("sqlite://{}", file.path().display())).await.unwrap();
    let spoil = sqlx::query("UPDATE sessions SET data = 'no JSON' WHERE token_hash = ?");
    spoil.bind(key.hash().as_slice()).execute(&mut other).await.unwrap();
}

fn commit(storage: &Arc<SqliteStorage>, key: Key, patch: Patch) -> JoinHandle<Outcome> {
    let storage = storage.clone();
    spawn(async move { storage.commit(&key, patch, now()).await })
}

fn themed(theme: &str) -> Patch {
    let set = [("theme".to_owned(), FieldText::Json(format!("\"{theme}\"")))];
    Patch::new(MetaPatch::default(), FieldPatch { set: set.into(), ..FieldPatch::default() })
}

async fn outcomes(tasks: Vec<JoinHandle<Outcome>>) -> Vec<Outcome> {
    join_all(tasks).await.into_iter().map(Result::unwrap).collect()
}

#[rocket::async_test]
async fn what_waits_shares_a_transaction() {
    let file = open().await;
    let keys = sessions(&file, 32).await;
    let log = file.path().with_extension("db-wal");
    let before = log.metadata().unwrap().len();
    let busy = Busy::new(&file).await;
    let tasks = keys.iter().map(|key| commit(&file.storage, *key, visit())).collect();
    busy.ends().await;
    assert!(outcomes(tasks).await.into_iter().all(|outcome| outcome.unwrap() == Commit::DONE));
    for key in &keys {
        assert_eq!(field(&file.storage, key, "visits").await.as_deref(), Some("1"));
    }
    // Each commit of its own writes a page at least.
    let pages = (log.metadata().unwrap().len() - before) / 4096;
    assert!(pages < 24, "{pages}");
}

#[rocket::async_test]
async fn everybody_learns_of_his_own() {
    let file = open().await;
    let keys = sessions(&file, 6).await;
    let [live, twice, ended, moved, conflicting, used] = keys[..] else { panic!("{keys:?}") };
    assert!(file.storage.delete(&ended, now()).await.unwrap());
    let new = key(person("ada").tag());
    file.storage.rotate(&moved, &new, visit(), Rotation::Privilege, now()).await.unwrap();
    let stranger = key(person("bob").tag());
    let expect = FieldPatch { expect: [("theme".into(), "\"blue\"".into())].into(), ..FieldPatch::default() };
    let conflict = Patch::new(MetaPatch::default(), expect);

    let busy = Busy::new(&file).await;
    let mut tasks: Vec<_> =
        [live, twice, ended, moved, new, stranger, twice, live].map(|key| commit(&file.storage, key, visit())).into();
    tasks.push(commit(&file.storage, conflicting, conflict));
    tasks.push(commit(&file.storage, live, themed("light")));
    let touches = [used, ended].map(|key| {
        let storage = file.storage.clone();
        spawn(async move { storage.touch(&key, seen(), now()).await.unwrap() })
    });
    busy.ends().await;

    let outcomes: Vec<_> = outcomes(tasks).await.into_iter().map(Result::unwrap).collect();
    let done = Commit::DONE;
    let expected = [&done, &done, &Commit::Gone, &Commit::Moved, &done, &Commit::Gone, &done, &done];
    assert_eq!(outcomes.iter().take(8).collect::<Vec<_>>(), expected);
    assert_eq!(outcomes[8..], [Commit::Conflict("theme".into()), Commit::DONE]);
    assert_eq!(join_all(touches).await.into_iter().map(Result::unwrap).collect::<Vec<_>>(), [true, false]);
    for (key, visits) in [(live, "2"), (twice, "2"), (new, "2"), (conflicting, "0")] {
        assert_eq!(field(&file.storage, &key, "visits").await.as_deref(), Some(visits));
    }
    assert_eq!(field(&file.storage, &live, "theme").await.as_deref(), Some("\"light\""));
}

#[rocket::async_test]
async fn one_that_fails_harms_no_other() {
    let file = open().await;
    let keys = sessions(&file, 8).await;
    spoil(&file, &keys[3]).await;
    let busy = Busy::new(&file).await;
    let tasks = keys.iter().map(|key| commit(&file.storage, *key, themed("light"))).collect();
    busy.ends().await;
    for (number, outcome) in outcomes(tasks).await.into_iter().enumerate() {
        if number == 3 {
            assert!(outcome.is_err(), "{outcome:?}");
        } else {
            assert_eq!(outcome.unwrap(), Commit::DONE);
            assert_eq!(field(&file.storage, &keys[number], "theme").await.as_deref(), Some("\"light\""));
        }
    }
}

#[rocket::async_test]
async fn who_gives_up_harms_no_other() {
    let file = open().await;
    let keys = sessions(&file, 8).await;
    let busy = Busy::new(&file).await;
    let mut tasks: Vec<_> = keys.iter().map(|key| commit(&file.storage, *key, visit())).collect();
    sleep(Duration::from_millis(50)).await;
    for task in tasks.drain(..4) {
        task.abort();
    }
    busy.ends().await;
    assert!(outcomes(tasks).await.into_iter().all(|outcome| outcome.unwrap() == Commit::DONE));
    for key in &keys[4..] {
        assert_eq!(field(&file.storage, key, "visits").await.as_deref(), Some("1"));
    }
    // The first was on its way, perhaps.
    for key in &keys[..4] {
        assert_eq!(file.storage.commit(key, visit(), now()).await.unwrap(), Commit::DONE);
        assert!(matches!(field(&file.storage, key, "visits").await.as_deref(), Some("1" | "2")));
    }
}

/// What is acknowledged was written, and what fails was not, though the file may not grow any more.
#[rocket::async_test]
async fn a_full_file_fails_whom_it_has_no_room_for() {
    let file = open().await;
    let keys = sessions(&file, 16).await;
    let options = SqliteConnectOptions::new().filename(file.path()).journal_mode(SqliteJournalMode::Wal);
    let full = options.foreign_keys(true).pragma("max_page_count", "40");
    let full = Arc::new(SqliteStorage::connect_with(full).build().unwrap());
    full.setup().await.unwrap();
    let long = "x".repeat(12_000);
    let busy = Busy::new(&file).await;
    let tasks = keys.iter().map(|key| commit(&full, *key, themed(&long))).collect();
    busy.ends().await;
    let outcomes = outcomes(tasks).await;
    assert!(outcomes.iter().any(Result::is_ok) && outcomes.iter().any(Result::is_err), "{outcomes:?}");
    for (key, outcome) in keys.iter().zip(outcomes) {
        let written = field(&file.storage, key, "theme").await.is_some_and(|theme| theme.len() > 12_000);
        assert_eq!(written, outcome.is_ok());
    }
    assert_eq!(full.commit(&keys[0], visit(), now()).await.unwrap(), Commit::DONE);
}

/// A transaction that can not end was none, and nobody is told otherwise.
#[rocket::async_test]
async fn nobody_is_answered_before_the_end() {
    let file = File::new();
    let options = SqliteConnectOptions::new().filename(file.path()).create_if_missing(true).foreign_keys(true);
    let options = options.journal_mode(SqliteJournalMode::Delete).busy_timeout(Duration::ZERO);
    let storage = Arc::new(SqliteStorage::connect_with(options.clone()).build().unwrap());
    storage.setup().await.unwrap();
    let mut keys = Vec::new();
    for _ in 0..8 {
        keys.push(kept(&*storage, person("ada")).await);
    }
    // Without a log, who reads keeps others from the end of what they write, not from its beginning.
    let mut reader = SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::raw_sql("BEGIN; SELECT * FROM sessions").execute(&mut reader).await.unwrap();
    let tasks = keys.iter().map(|key| commit(&storage, *key, visit())).collect();
    for outcome in outcomes(tasks).await {
        assert!(outcome.is_err(), "{outcome:?}");
    }
    sqlx::raw_sql("ROLLBACK").execute(&mut reader).await.unwrap();
    for key in &keys {
        assert_eq!(field(&*storage, key, "visits").await.as_deref(), Some("0"));
    }
    let tasks = keys.iter().map(|key| commit(&storage, *key, visit())).collect();
    assert!(outcomes(tasks).await.into_iter().all(|outcome| outcome.unwrap() == Commit::DONE));
    for key in &keys {
        assert_eq!(field(&*storage, key, "visits").await.as_deref(), Some("1"));
    }
}

/// Returns which sessions some keys lead to, all asked for at once: the visits of each, or why there are none.
async fn loaded(storage: &Arc<SqliteStorage>, keys: &[Key]) -> Vec<Result<String, StorageError>> {
    let load = async |key: Key| match storage.load(&key, now()).await? {
        Loaded::Live { record, via } => Ok(format!("{:?} {via:?}", record.fields().unwrap()["visits"].json())),
        other => Ok(format!("{other:?}")),
    };
    join_all(keys.iter().map(|key| load(*key))).await
}

#[rocket::async_test]
async fn everybody_loads_his_own() {
    let file = open().await;
    let mut keys = sessions(&file, 24).await;
    for (visits, key) in keys.iter().enumerate() {
        for _ in 0..visits {
            file.storage.commit(key, visit(), now()).await.unwrap();
        }
    }
    assert!(file.storage.delete(&keys[3], now()).await.unwrap());
    let [new, pending] = [(); 2].map(|()| key(person("ada").tag()));
    let renewal = Rotation::Renewal { grace: Duration::from_mins(1) };
    for (old, new, how) in [(keys[5], new, Rotation::Privilege), (keys[6], pending, renewal)] {
        file.storage.rotate(&old, &new, visit(), how, now()).await.unwrap();
    }
    keys.extend([new, pending, key(person("bob").tag()), keys[7], keys[7]]);

    for _ in 0..8 {
        let mut found = loaded(&file.storage, &keys).await.into_iter().map(Result::unwrap);
        for visits in 0..24 {
            let expected = match visits {
                3 => "Absent".into(),
                5 => "Moved".into(),
                6 => "\"7\" Current".into(),
                visits => format!("\"{visits}\" Current"),
            };
            assert_eq!(found.next(), Some(expected));
        }
        let rest: Vec<_> = found.collect();
        assert_eq!(rest, ["\"6\" Current", "\"7\" Pending", "Absent", "\"7\" Current", "\"7\" Current"]);
    }
}

#[rocket::async_test]
async fn one_that_can_not_be_read_harms_no_other() {
    let file = open().await;
    let keys = sessions(&file, 16).await;
    spoil(&file, &keys[3]).await;
    for _ in 0..8 {
        for (number, found) in loaded(&file.storage, &keys).await.into_iter().enumerate() {
            match found {
                Ok(found) => assert_eq!((found.as_str(), number == 3), ("\"0\" Current", false)),
                Err(error) => assert_eq!(number, 3, "{error}"),
            }
        }
    }
}

#[rocket::async_test]
async fn who_does_not_wait_for_a_load_harms_no_other() {
    let file = open().await;
    let keys = sessions(&file, 16).await;
    for given_up in 1..8 {
        let loads = keys.iter().map(|key| {
            let (storage, key) = (file.storage.clone(), *key);
            spawn(async move { storage.load(&key, now()).await })
        });
        let mut loads: Vec<_> = loads.collect();
        for load in loads.drain(..given_up) {
            load.abort();
        }
        for load in loads {
            assert!(matches!(load.await.unwrap().unwrap(), Loaded::Live { .. }));
        }
    }
}

/// Whoever worked off what waits is gone with his runtime; nobody else suffers from it.
#[rocket::async_test]
async fn what_waits_for_a_runtime_that_stops_is_carried_out_all_the_same() {
    let file = open().await;
    let key = sessions(&file, 1).await[0];
    let url = format!("sqlite://{}", file.path().display());
    let storage = Arc::new(SqliteStorage::connect(&url).unwrap().connections(1).build().unwrap());
    let other = Builder::new_current_thread().build().unwrap();
    let begun = storage.clone();
    let other = spawn_blocking(move || {
        other.block_on(async {
            assert!(begun.load(&key, now()).now_or_never().is_none());
            assert!(begun.commit(&key, visit(), now()).now_or_never().is_none());
        });
        other
    });
    let other = other.await.unwrap();

    let tasks = [storage.clone(), storage.clone()].map(|storage| {
        spawn(async move {
            assert!(matches!(storage.load(&key, now()).await.unwrap(), Loaded::Live { .. }));
            assert_eq!(storage.commit(&key, visit(), now()).await.unwrap(), Commit::DONE);
        })
    });
    sleep(Duration::from_millis(50)).await;
    assert!(tasks.iter().all(|task| !task.is_finished()));
    spawn_blocking(move || drop(other)).await.unwrap();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(field(&*storage, &key, "visits").await.as_deref(), Some("2"));
}
