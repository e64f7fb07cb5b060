//! The servers to test on.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use rocket_typed_session::storage::SessionStorage;
use rocket_typed_session::storage::redis::{RedisBuilder, RedisStorage};
use rocket_typed_session::testing::TextStorage;
use rocket_typed_session_tests::servers::address;

pub(crate) const SINGLE: &str = "SESSION_TEST_REDIS";
pub(crate) const CLUSTER: &str = "SESSION_TEST_REDIS_CLUSTER";
pub(crate) const SENTINEL: &str = "SESSION_TEST_REDIS_SENTINEL";

/// Returns the address of a server, if there is one.
pub(crate) fn url(variable: &'static str) -> Option<String> {
    address(variable, "scripts/servers/redis")
}

/// Returns what no other test's keys begin with.
pub(crate) fn prefix() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let nanos = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos();
    format!("test:{nanos}:{}:{}:", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Returns the builder of a storage with a prefix of its own.
pub(crate) fn builder(url: &str) -> RedisBuilder {
    RedisStorage::builder(url).unwrap().prefix(prefix())
}

/// Returns a storage of its own, or one of texts where the test is left out.
pub(crate) fn or_text(variable: &'static str) -> Arc<dyn SessionStorage> {
    match url(variable) {
        Some(url) => Arc::new(builder(&url).pool_size(2).build().unwrap()),
        None => Arc::new(TextStorage::new()),
    }
}
