//! MariaDB.

use std::sync::Arc;

use rocket_typed_session::storage::SessionStorage;
use rocket_typed_session::storage::sql::MysqlStorage;
use rocket_typed_session::testing::TextStorage;
use rocket_typed_session_tests::servers;

use crate::table;

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
