//! A server that has no room, and forgets nothing.

use rocket_typed_session::record::Patch;
use rocket_typed_session::storage::redis::RedisStorage;
use rocket_typed_session::storage::{Commit, Rotation, SessionStorage};

use crate::scene::{NOW, add, anonymous, create, create_anonymous, drawn, lives, person, record, sign_in};
use crate::server::{Console, Private};

async fn storage(server: &Private) -> RedisStorage {
    let storage = RedisStorage::builder(&server.url()).unwrap().build().unwrap();
    storage.setup().await.unwrap();
    storage
}

/// Leaves the server no room, whatever it holds.
fn fill(console: &mut Console) {
    assert_eq!(console.ask(&["CONFIG", "SET", "maxmemory", "1"]).text(), "OK");
}

#[rocket::async_test]
async fn a_full_server_takes_no_new_session_of_nobody() {
    let Some(server) = Private::start(&[]) else { return };
    let (storage, mut console) = (storage(&server).await, server.console());
    let member = create(&storage, &person()).await;
    let before = console.keys("*");
    fill(&mut console);
    for _ in 0..3 {
        let visitor = anonymous();
        let created = storage.create(&visitor.key, record(visitor.handle, false), NOW).await;
        assert!(created.is_err(), "{created:?}");
        let how = Rotation::Restart(record(visitor.handle, false));
        let started = storage.rotate(&anonymous().key, &visitor.key, Patch::default(), how, NOW).await;
        assert!(started.is_err(), "{started:?}");
    }
    assert!(add(&storage, &member.key, 1).await.is_err(), "nor does one grow");
    assert_eq!(console.keys("*"), before);
    console.ask(&["CONFIG", "SET", "maxmemory", "0"]);
    assert!(lives(&storage, &create_anonymous(&storage).await.key).await);
}

#[rocket::async_test]
async fn a_full_server_lets_in_who_signs_in() {
    let Some(server) = Private::start(&[]) else { return };
    let (storage, mut console) = (storage(&server).await, server.console());
    let (visitor, other) = (create_anonymous(&storage).await, create_anonymous(&storage).await);
    fill(&mut console);
    let (member, signed_in) = sign_in(&storage, &visitor.key, &person()).await;
    assert!(matches!(signed_in, Ok(Commit::Committed { rotated: true, .. })), "{signed_in:?}");
    let another = drawn(person().tag());
    for old in [other.key, anonymous().key] {
        let how = Rotation::Restart(record(another.handle, true));
        let started = storage.rotate(&old, &another.key, Patch::default(), how, NOW).await;
        assert!(matches!(started, Ok(Commit::Committed { rotated: true, .. })), "{started:?}");
        assert!(lives(&storage, &another.key).await);
        assert!(storage.delete(&another.key, NOW).await.unwrap());
    }
    for key in [member.key, create(&storage, &person()).await.key] {
        assert!(lives(&storage, &key).await);
    }
}

#[rocket::async_test]
async fn a_full_server_ends_sessions() {
    let Some(server) = Private::start(&[]) else { return };
    let (storage, mut console, identity) = (storage(&server).await, server.console(), person());
    let visitor = create_anonymous(&storage).await;
    let mut kept = Vec::new();
    for _ in 0..4 {
        kept.push(create(&storage, &identity).await);
    }
    let other = create(&storage, &person()).await;
    fill(&mut console);
    let index = storage.index().unwrap();
    assert!(storage.delete(&kept[0].key, NOW).await.unwrap());
    assert!(index.delete(&kept[1].handle, NOW).await.unwrap());
    assert_eq!(index.delete_all(&identity, None, NOW).await.unwrap(), 2);
    storage.delete_everyone(NOW).await.unwrap();
    for kept in kept.iter().chain([&visitor, &other]) {
        assert!(!lives(&storage, &kept.key).await);
    }
}
