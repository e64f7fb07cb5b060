//! Tables of their own on the server of a test run.

use std::sync::atomic::{AtomicU32, Ordering};

use rocket_typed_session::storage::SessionStorage;

use crate::given::{field, kept, now, person, visit};

/// Returns the name of a table that no other test uses.
pub fn unused() -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    format!("t{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed))
}

/// Several processes that start at the same time make the tables once, and writers of each get along.
pub async fn is_made_once<S: SessionStorage>(storages: [S; 4]) {
    let setups = storages.iter().map(SessionStorage::setup);
    for setup in rocket::futures::future::join_all(setups).await {
        setup.unwrap();
    }
    let key = kept(&storages[0], person("ada")).await;
    let writers = (0..64).map(|number| {
        let storage = &storages[number % 4];
        async move { storage.commit(&key, visit(), now()).await.unwrap() }
    });
    rocket::futures::future::join_all(writers).await;
    assert_eq!(field(&storages[3], &key, "visits").await.as_deref(), Some("64"));
}
