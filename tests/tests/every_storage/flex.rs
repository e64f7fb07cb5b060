//! What the tests of `rocket_flex_session` show on each of its storages, shown on each of these: its behaviours 28 to
//! 33, as `behaviour/flex.rs` counts them. The cookie is sealed here, so it equals no readable id.

use std::time::Duration;

use rocket_typed_session::record::{FieldText, Fields, Meta, Record};
use rocket_typed_session::storage::{Created, SessionIndex, SessionStorage};
use rocket_typed_session::testing::TestClock;
use rocket_typed_session::{Handle, Identity, Key};
use rocket_typed_session_tests::on_every_storage;
use rocket_typed_session_tests::place::Place;

use crate::{HOUR, assert_dead, open};

on_every_storage! {
    flex_28_a_session_is_set_and_read_expires_is_set_again_and_deleted
    flex_29_sessions_are_listed_by_their_identifier
    flex_30_ending_those_of_an_identifier_leaves_the_other_user
    flex_31_ending_all_but_one_keeps_that_one
    flex_32_a_deleted_session_is_listed_no_more
    flex_33_an_unknown_identifier_has_no_sessions
}

async fn flex_28_a_session_is_set_and_read_expires_is_set_again_and_deleted(place: &dyn Place) {
    let site = open(place).await;
    let browser = site.browser();
    assert_eq!(browser.get("/session").await.body, "nobody");
    let answer = browser.post("/set/7").await;
    assert_eq!(answer.set_cookie("__Host-session").unwrap().value, browser.token());
    assert!(browser.get("/me").await.body.starts_with("7 Member set"));
    assert_eq!(browser.post("/ttl/1").await.code(), 200);
    site.clock.advance(Duration::from_secs(2));
    assert_dead(&browser).await;
    let again = site.browser();
    assert_eq!(again.post("/set/7").await.code(), 200);
    assert!(again.get("/me").await.body.starts_with("7 Member set"));
    let copy = again.copy();
    assert_eq!(again.post("/logout").await.code(), 200);
    assert_dead(&copy).await;
}

fn identity(user: u8) -> Identity {
    Identity::new("flex", &user.to_string())
}

/// Three sessions: two of the first user, one of the second.
struct Three {
    storage: std::sync::Arc<dyn SessionStorage>,
    clock: TestClock,
    kept: [(Key, Handle); 3],
}

impl Three {
    async fn on(place: &dyn Place) -> Self {
        let (storage, clock) = (place.storage(), TestClock::new());
        storage.setup().await.unwrap();
        let mut kept = Vec::new();
        for (user, number) in [(1, 1), (1, 2), (2, 3)] {
            let tag = identity(user).tag();
            let mut handle = [number; 32];
            handle[..16].copy_from_slice(tag.as_bytes());
            let (key, handle) = (Key::new(tag, [number; 32]), Handle::from_bytes(handle));
            let created = storage.create(&key, record(handle, number, &clock), clock.timestamp()).await.unwrap();
            assert_eq!(created, Created::Created { evicted: Vec::new() });
            kept.push((key, handle));
        }
        Self { storage, clock, kept: kept.try_into().unwrap() }
    }

    fn index(&self) -> &dyn SessionIndex {
        self.storage.index().unwrap()
    }

    /// Returns the sessions of a user by their names, with their data, after checking that nothing contradicts it.
    async fn of(&self, user: u8) -> Vec<(Handle, String)> {
        let now = self.clock.timestamp();
        let records = self.index().list(&identity(user), now).await.unwrap();
        assert_eq!(self.index().count(&identity(user), now).await.unwrap(), records.len() as u64);
        assert!(records.iter().all(|record| record.meta.expires_at <= now.after(HOUR)));
        let read = |record: &Record| (record.meta.handle, record.fields().unwrap()["number"].json().into_owned());
        let mut list: Vec<_> = records.iter().map(|record| read(record)).collect();
        list.sort();
        list
    }

    async fn ends(&self, user: u8, except: Option<&Handle>) -> u64 {
        self.index().delete_all(&identity(user), except, self.clock.timestamp()).await.unwrap()
    }
}

fn record(handle: Handle, number: u8, clock: &TestClock) -> Record {
    let now = clock.timestamp();
    let meta = Meta {
        identified: true,
        authenticated_at: now,
        deadline: now.after(24 * HOUR),
        ..Meta::new(handle, now, now.after(HOUR))
    };
    Record::new(meta, Fields::from([("number".to_owned(), FieldText::Json(number.to_string()))]))
}

async fn flex_29_sessions_are_listed_by_their_identifier(place: &dyn Place) {
    let three = Three::on(place).await;
    let [(_, first), (_, second), (_, third)] = three.kept;
    assert_eq!(three.of(1).await, [(first, "1".to_owned()), (second, "2".to_owned())]);
    assert_eq!(three.of(2).await, [(third, "3".to_owned())]);
    three.storage.shutdown().await;
}

async fn flex_30_ending_those_of_an_identifier_leaves_the_other_user(place: &dyn Place) {
    let three = Three::on(place).await;
    assert_eq!(three.ends(1, None).await, 2);
    assert_eq!((three.of(1).await.len(), three.of(2).await.len()), (0, 1));
    three.storage.shutdown().await;
}

async fn flex_31_ending_all_but_one_keeps_that_one(place: &dyn Place) {
    let three = Three::on(place).await;
    let (_, second) = three.kept[1];
    // The user of three sessions has two of them ended.
    let tag = identity(1).tag();
    let mut handle = [9; 32];
    handle[..16].copy_from_slice(tag.as_bytes());
    let new = record(Handle::from_bytes(handle), 9, &three.clock);
    three.storage.create(&Key::new(tag, [9; 32]), new, three.clock.timestamp()).await.unwrap();
    assert_eq!(three.ends(1, Some(&second)).await, 2);
    assert_eq!(three.of(1).await, [(second, "2".to_owned())]);
    assert_eq!(three.of(2).await.len(), 1);
    three.storage.shutdown().await;
}

async fn flex_32_a_deleted_session_is_listed_no_more(place: &dyn Place) {
    let three = Three::on(place).await;
    let [(first, _), (_, second), _] = three.kept;
    assert!(three.storage.delete(&first, three.clock.timestamp()).await.unwrap());
    assert_eq!(three.of(1).await, [(second, "2".to_owned())]);
    three.storage.shutdown().await;
}

async fn flex_33_an_unknown_identifier_has_no_sessions(place: &dyn Place) {
    let three = Three::on(place).await;
    assert!(three.of(3).await.is_empty());
    assert_eq!(three.ends(3, None).await, 0);
    assert_eq!((three.of(1).await.len(), three.of(2).await.len()), (2, 1));
    three.storage.shutdown().await;
}
