//! What requests get while the server is away, and after.

use std::time::{Duration, Instant};

use rocket::tokio::time::{sleep, timeout};
use rocket_typed_session::storage::{Commit, Loaded, SessionStorage};

use crate::given::{field, kept, now, person, visit};
use crate::wire::Wire;

/// While the wire is cut every operation fails at once; within a second of its mending all is well, for the many
/// connections that are kept, too.
pub async fn passes(storage: &dyn SessionStorage, wire: &Wire) {
    storage.setup().await.unwrap();
    let key = kept(storage, person("ada")).await;
    let loads = (0..8).map(|_| storage.load(&key, now()));
    for load in rocket::futures::future::join_all(loads).await {
        assert!(matches!(load.unwrap(), Loaded::Live { .. }));
    }
    wire.cut().await;
    for _ in 0..3 {
        let began = Instant::now();
        assert!(storage.load(&key, now()).await.is_err());
        assert!(storage.commit(&key, visit(), now()).await.is_err());
        assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    }
    wire.mend().await;
    for _ in 0..8 {
        assert_eq!(
            timeout(Duration::from_secs(1), storage.commit(&key, visit(), now())).await.unwrap().unwrap(),
            Commit::DONE
        );
    }
    assert_eq!(field(storage, &key, "visits").await.as_deref(), Some("8"));
}

/// A cut that no request noticed: a load finds its way through connections that are broken.
pub async fn passes_unnoticed(storage: &dyn SessionStorage, wire: &Wire) {
    storage.setup().await.unwrap();
    let key = kept(storage, person("ada")).await;
    let loads = (0..8).map(|_| storage.load(&key, now()));
    rocket::futures::future::join_all(loads).await;
    wire.cut().await;
    wire.mend().await;
    assert!(matches!(storage.load(&key, now()).await.unwrap(), Loaded::Live { .. }));
    assert_eq!(storage.commit(&key, visit(), now()).await.unwrap(), Commit::DONE);
}

/// Answers that get lost are an unknown outcome: nothing is sent twice.
pub async fn counts_nothing_twice(storage: &dyn SessionStorage, wire: &Wire) {
    storage.setup().await.unwrap();
    let key = kept(storage, person("ada")).await;
    assert_eq!(storage.commit(&key, visit(), now()).await.unwrap(), Commit::DONE);
    wire.deafen(true);
    assert!(timeout(Duration::from_millis(300), storage.commit(&key, visit(), now())).await.is_err());
    wire.deafen(false);
    assert_eq!(field(storage, &key, "visits").await.as_deref(), Some("2"));
    // The new connection learns the statement.
    assert_eq!(storage.commit(&key, visit(), now()).await.unwrap(), Commit::DONE);
    wire.deafen(true);
    let lost = async {
        sleep(Duration::from_millis(100)).await;
        wire.cut().await;
    };
    let (outcome, ()) = rocket::tokio::join!(storage.commit(&key, visit(), now()), lost);
    assert!(outcome.is_err());
    wire.deafen(false);
    wire.mend().await;
    assert_eq!(field(storage, &key, "visits").await.as_deref(), Some("4"));
}
