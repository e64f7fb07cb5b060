//! How many round trips and commands everything takes.

use std::sync::Arc;

use rocket_typed_session::record::{MetaPatch, Patch, Seen};
use rocket_typed_session::storage::redis::RedisStorage;
use rocket_typed_session::storage::{Rotation, SessionStorage};
use rocket_typed_session_tests::Site;

use crate::proxy::Proxy;
use crate::scene::{HOUR, Kept, NOW, add, anonymous, create, create_anonymous, drawn, person, record, sign_in};
use crate::server::{Console, Private};

/// A storage behind a proxy, before a server of its own.
struct Counted {
    _server: Private,
    proxy: Arc<Proxy>,
    storage: Arc<RedisStorage>,
    console: Console,
}

async fn counted() -> Option<Counted> {
    let server = Private::start(&[])?;
    let proxy = Proxy::before(server.port).await;
    let storage = Arc::new(RedisStorage::builder(&proxy.url()).unwrap().pool_size(1).build().unwrap());
    storage.setup().await.unwrap();
    let console = server.console();
    Some(Counted { _server: server, proxy, storage, console })
}

impl Counted {
    async fn warm(&mut self, warming: impl AsyncFnOnce(&RedisStorage)) {
        warming(&self.storage).await;
        self.begin();
    }

    fn begin(&mut self) {
        self.console.ask(&["CONFIG", "RESETSTAT"]);
        self.proxy.trips();
    }

    #[track_caller]
    fn one_script(&mut self, what: &str) {
        assert_eq!(self.proxy.trips(), 1, "round trips: {what}");
        assert_eq!(self.console.calls("evalsha"), 1, "scripts: {what}");
        assert_eq!(self.console.calls("eval"), 0, "texts of scripts: {what}");
        self.begin();
    }
}

#[rocket::async_test]
async fn a_load_is_one_trip_of_three_commands() {
    let Some(mut counted) = counted().await else { return };
    let kept = create(&*counted.storage, &person()).await;
    counted.begin();
    counted.storage.load(&kept.key, NOW).await.unwrap();
    assert_eq!(counted.proxy.trips(), 1);
    for command in ["hgetall", "zscore", "get"] {
        assert_eq!(counted.console.calls(command), 1, "{command}");
    }
    assert_eq!(counted.console.calls("evalsha"), 0);
}

/// Runs every writing operation once.
async fn everything(storage: &RedisStorage, mut after: impl FnMut(&str)) {
    let (identity, other) = (person(), person());
    let kept = create(storage, &identity).await;
    after("create");
    add(storage, &kept.key, 1).await.unwrap();
    after("commit");
    let seen = Seen { at: NOW, expires_at: NOW.after(HOUR), client: None };
    assert!(storage.touch(&kept.key, seen, NOW).await.unwrap());
    after("touch");
    let Kept { key: renewed, .. } = drawn(identity.tag());
    let how = Rotation::Renewal { grace: HOUR };
    storage.rotate(&kept.key, &renewed, Patch::default(), how, NOW).await.unwrap();
    after("renewal");
    assert!(storage.delete(&kept.key, NOW).await.unwrap());
    after("delete");
    let visitor = create_anonymous(storage).await;
    after("create anonymous");
    let (somebody, _) = sign_in(storage, &visitor.key, &identity).await;
    after("privilege");
    let again = drawn(other.tag());
    let how = Rotation::Restart(record(again.handle, true));
    storage
        .rotate(&somebody.key, &again.key, Patch::new(MetaPatch::default(), <_>::default()), how, NOW)
        .await
        .unwrap();
    after("restart");
    let index = storage.index().unwrap();
    assert_eq!(index.list(&other, NOW).await.unwrap().len(), 1);
    after("list");
    assert_eq!(index.count(&other, NOW).await.unwrap(), 1);
    after("count");
    assert!(!storage.delete(&anonymous().key, NOW).await.unwrap());
    after("delete nothing");
}

#[rocket::async_test]
async fn each_write_is_one_trip_of_one_script() {
    let Some(mut counted) = counted().await else { return };
    counted.warm(async |storage| everything(storage, |_| ()).await).await;
    let storage = counted.storage.clone();
    everything(&storage, |what| counted.one_script(what)).await;
}

#[rocket::async_test]
async fn ending_by_the_index_is_one_trip_and_frees_the_records_afterwards() {
    let Some(mut counted) = counted().await else { return };
    let identity = person();
    let (one, two, three) = (
        create(&*counted.storage, &identity).await,
        create(&*counted.storage, &identity).await,
        create(&*counted.storage, &identity).await,
    );
    let index = counted.storage.clone();
    let index = index.index().unwrap();
    index.delete(&one.handle, NOW).await.unwrap();
    index.delete_all(&identity, Some(&two.handle), NOW).await.unwrap();
    let freed = async |console: &mut Console, left: usize| {
        for _ in 0..200 {
            if console.keys("session:{*}:???????????????????????????????????????????").len() == left {
                return;
            }
            rocket::tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        panic!("the records are freed");
    };
    freed(&mut counted.console, 1).await;
    counted.begin();
    assert_eq!(index.delete_all(&identity, None, NOW).await.unwrap(), 1);
    let trips = counted.proxy.trips();
    assert!(trips <= 2, "one to end, and perhaps one in the background by now: {trips}");
    assert_eq!(counted.console.calls("evalsha"), 1);
    freed(&mut counted.console, 0).await;
    assert!(!crate::scene::lives(&*counted.storage, &three.key).await);
}

#[rocket::async_test]
async fn requests_take_the_trips_that_are_promised() {
    let Some(counted) = counted().await else { return };
    let site = Site::builder().storage(counted.storage.clone()).open().await;
    let (warm, ada, eve) = (site.member(1).await, site.member(2).await, site.member(2).await);
    for path in ["/theme/dark", "/role/admin", "/login/5/member", "/end-others", "/logout"] {
        warm.post(path).await;
    }
    site.member(1).await.get("/list").await;
    ada.get("/me").await;
    let visitor = site.browser();
    counted.proxy.trips();

    let expect = |what: &str, trips: u64| assert_eq!(counted.proxy.trips(), trips, "{what}");
    visitor.get("/public").await;
    expect("unused", 0);
    ada.get("/me").await;
    expect("read", 1);
    ada.post("/visit").await;
    expect("write", 2);
    visitor.post("/login/7/member").await;
    expect("a fresh sign-in", 1);
    visitor.post("/login/8/member").await;
    expect("a sign-in that rotates", 2);
    ada.post("/role/admin").await;
    expect("a change of role", 2);
    ada.get("/list").await;
    expect("list", 2);
    visitor.post("/logout").await;
    expect("sign-out", 2);
    ada.post("/end-others").await;
    // The records of those that ended are freed in the background.
    let trips = counted.proxy.trips();
    assert!((2..=3).contains(&trips), "ending the others: {trips}");
    assert_eq!(eve.get("/me").await.code(), 401);
}
