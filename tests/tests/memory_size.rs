//! What sessions take in memory, counted by the allocator.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "they are tests")]

use std::alloc::System;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rocket::tokio::runtime::Builder;
use rocket_typed_session::record::{Meta, Record};
use rocket_typed_session::storage::memory::MemoryStorage;
use rocket_typed_session::storage::{Loaded, SessionStorage, Sweep};
use rocket_typed_session::testing::{TestClock, record_of};
use rocket_typed_session::{Handle, Key, Session, Timestamp};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const SESSIONS: u32 = 100_000;

/// What a session of [`user`] takes at most, in bytes.
const EACH: usize = 670;

/// Held by the test that counts, since everything in the process is counted.
static COUNTING: Mutex<()> = Mutex::new(());

#[derive(Clone, Session)]
#[session(required)]
struct User {
    #[session(identifier)]
    id: i64,
    name: String,
    theme: String,
    cart: Vec<u64>,
    visits: u64,
}

/// Returns the bytes in use, with what the allocator of glibc adds to each piece: at most 23 bytes.
fn in_use() -> usize {
    let stats = ALLOCATOR.stats();
    let pieces = stats.allocations - stats.deallocations;
    stats.bytes_allocated - stats.bytes_deallocated + 16 * pieces
}

fn user(id: i64) -> User {
    User { id, name: "Ada Augusta of Lovelace!".into(), theme: "midnight".into(), cart: (0..10).collect(), visits: 1 }
}

fn spread(number: u32, purpose: u32) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (part, chunk) in bytes.chunks_exact_mut(8).enumerate() {
        let mut hasher = DefaultHasher::new();
        (number, purpose, part).hash(&mut hasher);
        chunk.copy_from_slice(&hasher.finish().to_ne_bytes());
    }
    bytes
}

/// Returns the key and the record of a session, of somebody or of nobody.
fn session(number: u32, identified: bool, now: Timestamp) -> (Key, Record) {
    let handle = Handle::from_bytes(spread(number, if identified { 1 } else { 3 }));
    let meta = Meta {
        identified,
        authenticated_at: now,
        deadline: now.after(Duration::from_hours(12)),
        ..Meta::new(handle, now, now.after(Duration::from_mins(30)))
    };
    (Key::new(handle.tag(), spread(number, 2)), record_of(meta, user(i64::from(number))))
}

async fn fill(storage: &MemoryStorage, clock: &TestClock) {
    for number in 0..SESSIONS {
        let now = clock.timestamp();
        let (key, record) = session(number, true, now);
        storage.create(&key, record, now).await.unwrap();
        clock.advance(Duration::from_millis(10));
    }
}

/// The requirement's own number: a million sessions are begun where there is room for ten thousand.
#[test]
fn f_15_a_million_visitors_take_no_more_than_the_bounds_allow() {
    const MEMBERS: u32 = 1_000;
    const ROOM: usize = 10_000;
    const BYTES: usize = ROOM << 10;
    let _counting = COUNTING.lock().unwrap_or_else(PoisonError::into_inner);
    let runtime = Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let (now, before) = (TestClock::new().timestamp(), in_use());
        let storage = MemoryStorage::builder().max_sessions(ROOM).max_bytes(BYTES).build();
        let mut members = Vec::new();
        for number in 0..MEMBERS {
            let (key, record) = session(number, true, now);
            storage.create(&key, record, now).await.unwrap();
            members.push(key);
        }
        for number in 0..1_000_000 {
            let (key, record) = session(number, false, now);
            storage.create(&key, record, now).await.unwrap();
            if number % 1_000 == 0 {
                let used = in_use().saturating_sub(before);
                assert!(storage.len() <= ROOM && storage.bytes() <= BYTES, "{storage:?}");
                assert!(used <= BYTES, "{used} bytes");
            }
        }
        for key in members {
            assert!(matches!(storage.load(&key, now).await.unwrap(), Loaded::Live { .. }), "who is signed in stays");
        }
    });
}

#[test]
fn a_session_takes_at_most_670_bytes_and_leaves_none() {
    let _counting = COUNTING.lock().unwrap_or_else(PoisonError::into_inner);
    let runtime = Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let clock = TestClock::new();
        let storage = MemoryStorage::new();
        let before = in_use();
        fill(&storage, &clock).await;
        let each = (in_use() - before) / SESSIONS as usize;
        println!("{each} bytes per session");
        assert!(each <= EACH, "{each} bytes per session");
        clock.advance(Duration::from_hours(2));
        let mut freed = 0;
        loop {
            let swept = Sweep::sweep(&storage, clock.timestamp()).await.unwrap();
            freed += swept.expired.len();
            if !swept.more {
                break;
            }
        }
        assert_eq!(freed, SESSIONS as usize);
        let left = in_use().saturating_sub(before);
        println!("{left} bytes left");
        assert!(storage.is_empty() && storage.bytes() == 0);
        assert!(left < 64 << 10, "{left} bytes left");
    });
}
