//! The doubles do what they say.

use std::sync::Arc;
use std::time::Duration;

use rocket::tokio;
use rocket_typed_session::record::{FieldPatch, FieldText, Fields, MetaPatch, Patch, Record};
use rocket_typed_session::storage::memory::MemoryStorage;
use rocket_typed_session::storage::{Commit, Loaded, SessionStorage};
use rocket_typed_session::testing::{
    Fault, FaultStorage, Operation, ParkStorage, SpyStorage, TestClock, TextStorage, When,
};
use rocket_typed_session::{Clock, Handle, Key, Now, StorageError};

use crate::user::{identity, meta};

fn now() -> Now {
    TestClock::new().timestamp()
}

fn session() -> (Key, Record) {
    let tag = identity(1).tag();
    let mut handle = [1; 32];
    handle[..16].copy_from_slice(tag.as_bytes());
    let meta = meta(Handle::from_bytes(handle), true, now(), now().after(Duration::from_hours(1)));
    let fields = Fields::from([("name".to_owned(), FieldText::Json("\"Ada\"".into()))]);
    (Key::new(tag, [7; 32]), Record::new(meta, fields))
}

fn rename() -> Patch {
    let set = Fields::from([("name".to_owned(), FieldText::Json("\"Eve\"".into()))]);
    Patch::new(MetaPatch::default(), FieldPatch { set, ..FieldPatch::default() })
}

async fn name(storage: &dyn SessionStorage) -> Option<String> {
    match storage.load(&session().0, now()).await.unwrap() {
        Loaded::Live { record, .. } => Some(record.fields().unwrap()["name"].json().into_owned()),
        Loaded::Moved | Loaded::Absent => None,
    }
}

async fn with_session<S: SessionStorage>(storage: S) -> S {
    let (key, record) = session();
    storage.create(&key, record, now()).await.unwrap();
    storage
}

#[rocket::async_test]
async fn a_fault_before_changes_nothing() {
    let storage = with_session(FaultStorage::new(MemoryStorage::new())).await;
    storage.fail(Operation::Commit, Fault::Before);
    let outcome = storage.commit(&session().0, rename(), now()).await;
    assert!(matches!(outcome, Err(StorageError::Unavailable(_))));
    assert_eq!(name(&storage).await.unwrap(), "\"Ada\"");
}

#[rocket::async_test]
async fn a_fault_after_leaves_the_change() {
    let storage = with_session(FaultStorage::new(MemoryStorage::new())).await;
    storage.fail(Operation::Commit, Fault::After);
    assert!(storage.commit(&session().0, rename(), now()).await.is_err());
    assert_eq!(name(&storage).await.unwrap(), "\"Eve\"");
}

#[rocket::async_test]
async fn faults_are_counted_and_cleared() {
    let storage = with_session(FaultStorage::new(TextStorage::new())).await;
    let key = session().0;
    storage.fail_next(Operation::Load, Fault::Before, 2);
    for fails in [true, true, false] {
        assert_eq!(storage.load(&key, now()).await.is_err(), fails);
    }
    storage.fail(Operation::Load, Fault::After);
    storage.fail(Operation::DeleteAll, Fault::Before);
    assert!(storage.load(&key, now()).await.is_err());
    assert!(storage.index().unwrap().delete_all(&identity(1), None, now()).await.is_err());
    storage.clear();
    assert_eq!(name(&storage).await.unwrap(), "\"Ada\"");
    assert_eq!(storage.index().unwrap().count(&identity(1), now()).await.unwrap(), 1);
}

#[rocket::async_test]
async fn a_hanging_operation_never_answers() {
    let storage = with_session(FaultStorage::new(MemoryStorage::new())).await;
    storage.fail_next(Operation::Load, Fault::Hang, 1);
    let key = session().0;
    tokio::select! {
        biased;
        _ = storage.load(&key, now()) => panic!("it answered"),
        () = tokio::task::yield_now() => {}
    }
    assert!(storage.load(&key, now()).await.is_ok());
}

#[rocket::async_test]
async fn a_parked_request_waits_before_its_operation() {
    let storage = Arc::new(with_session(ParkStorage::new(MemoryStorage::new())).await);
    let parked = storage.park(Operation::Commit, When::Before);
    let request = tokio::spawn({
        let storage = storage.clone();
        async move { storage.commit(&session().0, rename(), now()).await.unwrap() }
    });
    parked.reached().await;
    parked.reached().await;
    assert!(!request.is_finished());
    assert!(storage.delete(&session().0, now()).await.unwrap());
    parked.release();
    assert_eq!(request.await.unwrap(), Commit::Gone);
}

#[rocket::async_test]
async fn a_parked_request_waits_after_its_operation() {
    let storage = Arc::new(with_session(ParkStorage::new(MemoryStorage::new())).await);
    let parked = storage.park(Operation::Commit, When::After);
    let request = tokio::spawn({
        let storage = storage.clone();
        async move { storage.commit(&session().0, rename(), now()).await.unwrap() }
    });
    parked.reached().await;
    assert_eq!(name(&*storage).await.unwrap(), "\"Eve\"");
    assert!(!request.is_finished());
    drop(parked);
    assert_eq!(request.await.unwrap(), Commit::DONE);
}

#[rocket::async_test]
async fn a_spy_records_what_was_asked_and_dumps_what_is_stored() {
    let storage = with_session(SpyStorage::new(MemoryStorage::new())).await;
    storage.commit(&session().0, rename(), now()).await.unwrap();
    storage.index().unwrap().list(&identity(1), now()).await.unwrap();
    assert_eq!(storage.count(Operation::Commit), 1);
    assert_eq!(storage.count(Operation::List), 1);
    assert_eq!(storage.count(Operation::Delete), 0);
    let calls = storage.calls();
    let operations: Vec<Operation> = calls.iter().map(|call| call.operation).collect();
    assert_eq!(operations, [Operation::Create, Operation::Commit, Operation::List]);
    assert!(calls[0].text.contains("Ada") && calls[1].text.contains("Eve"));
    assert_eq!(calls[1].keys, [session().0]);
    let dump = storage.dump(now()).await.unwrap();
    assert!(dump.contains("Ada") && dump.contains("Eve") && dump.contains(&"07".repeat(32)));
    storage.clear();
    assert!(storage.calls().is_empty());
}

#[test]
fn a_clock_stands_still_until_it_is_told() {
    let clock = TestClock::new();
    let other = clock.clone();
    assert_eq!(clock.now(), clock.now());
    other.advance(Duration::from_secs(5));
    assert_eq!(clock.timestamp(), now().after(Duration::from_secs(5)));
    clock.set(std::time::UNIX_EPOCH);
    assert_eq!(other.timestamp().as_millis(), 0);
}
