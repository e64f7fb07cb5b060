//! Tables of their own on the server of a test run.

use rocket_typed_session::storage::SessionStorage;
pub use rocket_typed_session_tests::servers::unused;

use crate::given::{field, kept, now, person, visit};

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
