//! What a session takes in memory, counted by the allocator. One test, since everything in the process is counted.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "they are tests")]

use std::alloc::System;
use std::time::Duration;

use rocket::tokio::runtime::Builder;
use rocket_typed_session::record::Meta;
use rocket_typed_session::storage::memory::MemoryStorage;
use rocket_typed_session::storage::{SessionStorage, Sweep};
use rocket_typed_session::testing::{TestClock, record_of};
use rocket_typed_session::{Handle, Identity, Key, Session};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const SESSIONS: u32 = 100_000;

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
    let text = Identity::new(&purpose.to_string(), &number.to_string());
    let other = Identity::new(&number.to_string(), &purpose.to_string());
    let mut bytes = [0; 32];
    bytes[..16].copy_from_slice(text.tag().as_bytes());
    bytes[16..].copy_from_slice(other.tag().as_bytes());
    bytes
}

async fn fill(storage: &MemoryStorage, clock: &TestClock) {
    for number in 0..SESSIONS {
        let tag = Identity::new("user", &number.to_string()).tag();
        let mut handle = spread(number, 1);
        handle[..16].copy_from_slice(tag.as_bytes());
        let now = clock.timestamp();
        let meta = Meta {
            handle: Handle::from_bytes(handle),
            version: 1,
            identified: true,
            newborn: false,
            rotation_due: false,
            created_at: now,
            seen_at: now,
            authenticated_at: now,
            renewed_at: now,
            expires_at: now.after(Duration::from_mins(30)),
            deadline: now.after(Duration::from_hours(12)),
            ttl: None,
            client: None,
        };
        let record = record_of(meta, user(i64::from(number)));
        storage.create(&Key::new(tag, spread(number, 2)), record, now).await.unwrap();
        clock.advance(Duration::from_millis(10));
    }
}

#[test]
fn a_session_takes_at_most_670_bytes_and_leaves_none() {
    let runtime = Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let clock = TestClock::new();
        let storage = MemoryStorage::new();
        let before = in_use();
        fill(&storage, &clock).await;
        let each = (in_use() - before) / SESSIONS as usize;
        println!("{each} bytes per session");
        assert!(each <= 670, "{each} bytes per session");
        clock.advance(Duration::from_hours(2));
        assert_eq!(Sweep::sweep(&storage, clock.timestamp()).await.unwrap(), u64::from(SESSIONS));
        let left = in_use().saturating_sub(before);
        println!("{left} bytes left");
        assert!(storage.is_empty() && storage.bytes() == 0);
        assert!(left < 64 << 10, "{left} bytes left");
    });
}
