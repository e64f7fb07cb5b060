//! Two instances of an application on one Redis.

use std::sync::Arc;

use rocket::futures::future::join_all;
use rocket::tokio::join;
use rocket_typed_session::record::Patch;
use rocket_typed_session::storage::redis::RedisStorage;
use rocket_typed_session::storage::{Commit, Loaded, Rotation, SessionStorage, Via};
use rocket_typed_session::{Identity, Key};
use rocket_typed_session_tests::{Browser, Site};

use crate::proxy::Proxy;
use crate::scene::{HOUR, Kept, NOW, add, create, drawn, person, sign_in};
use crate::server::{CLUSTER, Private, SENTINEL, SINGLE, builder, url};
use crate::streams;

async fn two(variable: &'static str) -> Option<(Site, Site)> {
    let builder = builder(&url(variable)?);
    let mut sites = Vec::new();
    for _ in 0..2 {
        let storage = Arc::new(builder.clone().build().unwrap());
        sites.push(Site::builder().storage(storage).open().await);
    }
    let second = sites.pop()?;
    Some((sites.pop()?, second))
}

/// Returns the same browser on the other instance.
fn there<'s>(browser: &Browser<'_>, site: &'s Site) -> Browser<'s> {
    let other = site.browser();
    other.set_cookie("__Host-session", &browser.token());
    other
}

async fn instances_share(variable: &'static str) {
    let Some((one, two)) = two(variable).await else { return };
    let here = one.member(1).await;
    let there = there(&here, &two);
    assert_eq!(there.get("/me").await.code(), 200, "signed in on one, seen by the other");
    let visits = (0..200).map(|n| if n % 2 == 0 { here.post("/visit") } else { there.post("/visit") });
    for answer in join_all(visits).await {
        assert_eq!(answer.code(), 200);
    }
    let me = here.get("/me").await.body;
    assert!(me.contains("200"), "200 counted: {me}");
    assert_eq!(there.post("/logout").await.code(), 200);
    assert_eq!(here.get("/me").await.code(), 401, "ended on one, dead on the other");
}

#[rocket::async_test]
async fn instances_share_a_server() {
    instances_share(SINGLE).await;
}

#[rocket::async_test]
async fn instances_share_a_cluster() {
    instances_share(CLUSTER).await;
}

#[rocket::async_test]
async fn instances_share_what_sentinels_name() {
    instances_share(SENTINEL).await;
}

/// Behaviour 28, and the ends of sessions by their owner.
#[rocket::async_test]
async fn a_cluster_signs_in_and_out_by_owner() {
    let Some((one, two)) = two(CLUSTER).await else { return };
    let (first, second) = (one.member(7).await, two.member(7).await);
    assert_eq!(second.post("/end-others").await.code(), 200);
    assert_eq!((first.get("/me").await.code(), second.get("/me").await.code()), (401, 200));
    // To sign in as somebody else moves the session to another slot.
    let old = second.copy();
    assert_eq!(second.post("/login/8/member").await.code(), 200);
    assert_eq!((old.get("/me").await.code(), second.get("/me").await.code()), (401, 200));
    let third = one.member(8).await;
    assert_eq!(third.post("/end-all").await.code(), 200);
    assert_eq!((second.get("/me").await.code(), third.get("/me").await.code()), (401, 401));
}

#[rocket::async_test]
async fn a_stream_closes_when_another_instance_ends_its_session() {
    for variable in [SINGLE, CLUSTER, SENTINEL] {
        let Some(url) = url(variable) else { continue };
        let builder = builder(&url);
        let (here, there) = (builder.clone().build().unwrap(), builder.build().unwrap());
        streams::closes_when_another_process_ends_its_session(here, there).await;
    }
}

/// Two storages on one server, of which one is behind a proxy.
struct Pair {
    _server: Private,
    proxy: Arc<Proxy>,
    here: RedisStorage,
    there: RedisStorage,
}

async fn pair() -> Option<Pair> {
    let server = Private::start(&[])?;
    let proxy = Proxy::before(server.port).await;
    let storage = async |url: &str| {
        let storage = RedisStorage::builder(url).unwrap().pool_size(1).build().unwrap();
        storage.setup().await.unwrap();
        storage
    };
    let (here, there) = (storage(&proxy.url()).await, storage(&server.url()).await);
    Some(Pair { _server: server, proxy, here, there })
}

/// It takes two round trips: one for its key, and one for the session.
#[rocket::async_test]
async fn a_session_that_is_given_another_key_while_it_is_looked_up_is_found() {
    let Some(Pair { _server, proxy, here, there }) = pair().await else { return };
    let identity = person();
    let kept = create(&there, &identity).await;
    let find = async || here.index().unwrap().find(&kept.handle, NOW).await.unwrap().map(|(key, _)| key);

    let (held, Kept { key, .. }) = (proxy.hold("EVALSHA"), drawn(identity.tag()));
    let rotate = async {
        held.reached().await;
        there.rotate(&kept.key, &key, Patch::default(), Rotation::Privilege, NOW).await.unwrap();
        held.release();
    };
    assert_eq!(join!(find(), rotate).0, Some(key));

    let held = proxy.hold("EVALSHA");
    let end = async {
        held.reached().await;
        assert!(there.delete(&key, NOW).await.unwrap());
        held.release();
    };
    assert_eq!(join!(find(), end).0, None);
}

/// Loads a session, while something is done before a read reaches the server, of which there are as many before as are
/// given: one of a key that is not the current one.
async fn load_during(pair: &Pair, key: &Key, before: usize, done: impl Future<Output = ()>) -> Loaded {
    let mut held = pair.proxy.hold("EVALSHA");
    let meanwhile = async {
        held.reached().await;
        for _ in 0..before {
            let next = pair.proxy.hold("EVALSHA");
            held.release();
            held = next;
            held.reached().await;
        }
        done.await;
        held.release();
    };
    join!(pair.here.load(key, NOW), meanwhile).0.unwrap()
}

/// Returns a session, and a key that is pending for it.
async fn renewed(storage: &RedisStorage, identity: &Identity) -> (Kept, Key) {
    let (kept, Kept { key, .. }) = (create(storage, identity).await, drawn(identity.tag()));
    let how = Rotation::Renewal { grace: HOUR };
    storage.rotate(&kept.key, &key, Patch::default(), how, NOW).await.unwrap();
    (kept, key)
}

fn via(loaded: &Loaded) -> Option<Via> {
    if let Loaded::Live { via, .. } = loaded { Some(*via) } else { None }
}

#[rocket::async_test]
async fn a_session_whose_pending_key_is_presented_while_it_is_loaded_lives() {
    let Some(pair) = pair().await else { return };
    for (presents_pending, before, expected) in [(false, 0, Via::Grace), (true, 1, Via::Current)] {
        let (kept, pending) = renewed(&pair.there, &person()).await;
        let present = async { assert_eq!(add(&pair.there, &pending, 1).await.unwrap(), Commit::DONE) };
        let key = if presents_pending { pending } else { kept.key };
        let loaded = load_during(&pair, &key, before, present).await;
        assert_eq!(via(&loaded), Some(expected), "{loaded:?}");
    }
}

#[rocket::async_test]
async fn a_session_that_is_renewed_again_while_it_is_loaded_in_grace_lives() {
    let Some(pair) = pair().await else { return };
    let identity = person();
    let (kept, first) = renewed(&pair.there, &identity).await;
    assert_eq!(add(&pair.there, &first, 1).await.unwrap(), Commit::DONE);
    let renew = async {
        let Kept { key: second, .. } = drawn(identity.tag());
        let how = Rotation::Renewal { grace: HOUR };
        pair.there.rotate(&first, &second, Patch::default(), how, NOW).await.unwrap();
        assert_eq!(add(&pair.there, &second, 1).await.unwrap(), Commit::DONE);
    };
    let loaded = load_during(&pair, &kept.key, 1, renew).await;
    assert_eq!(via(&loaded), Some(Via::Grace), "{loaded:?}");
}

#[rocket::async_test]
async fn a_session_that_is_moved_while_it_is_loaded_has_moved() {
    let Some(pair) = pair().await else { return };
    for before in [0, 1] {
        let (kept, pending) = renewed(&pair.there, &person()).await;
        let key = if before == 0 { kept.key } else { pending };
        let sign_in = async { drop(sign_in(&pair.there, &key, &person()).await.1.unwrap()) };
        let loaded = load_during(&pair, &key, before, sign_in).await;
        assert!(matches!(loaded, Loaded::Moved), "{loaded:?}");
    }
}

#[rocket::async_test]
async fn a_session_that_is_ended_while_it_is_loaded_is_absent() {
    let Some(pair) = pair().await else { return };
    for before in [0, 1] {
        let identity = person();
        let (kept, pending) = renewed(&pair.there, &identity).await;
        let key = if before == 0 { kept.key } else { pending };
        let end = async { assert_eq!(pair.there.index().unwrap().delete_all(&identity, None, NOW).await.unwrap(), 1) };
        let loaded = load_during(&pair, &key, before, end).await;
        assert!(matches!(loaded, Loaded::Absent), "{loaded:?}");
    }
}
