//! How many round trips and commands everything takes.

use std::sync::Arc;
use std::time::Duration;

use rocket::tokio::time::sleep;
use rocket_typed_session::record::{MetaPatch, Patch, Seen};
use rocket_typed_session::storage::redis::RedisStorage;
use rocket_typed_session::storage::{Rotation, SessionStorage};
use rocket_typed_session_tests::Site;
use rocket_typed_session_tests::trips::Trips;

use crate::failover::Servers;
use crate::proxy::Proxy;
use crate::scene::{HOUR, Kept, NOW, add, anonymous, create, create_anonymous, drawn, person, record, sign_in};
use crate::server::{Console, Private, builder};
use crate::shards::Shards;

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
async fn a_load_is_one_trip_of_one_script() {
    let Some(mut counted) = counted().await else { return };
    let kept = create(&*counted.storage, &person()).await;
    counted.warm(async |storage| drop(storage.load(&kept.key, NOW).await.unwrap())).await;
    counted.storage.load(&kept.key, NOW).await.unwrap();
    for command in ["hgetall", "zscore", "get"] {
        assert_eq!(counted.console.calls(command), 1, "{command}");
    }
    counted.one_script("load");
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
            sleep(Duration::from_millis(10)).await;
        }
        panic!("the records are freed");
    };
    freed(&mut counted.console, 1).await;
    counted.begin();
    assert_eq!(index.delete_all(&identity, None, NOW).await.unwrap(), 1);
    assert_eq!(counted.proxy.trips(), 1);
    assert_eq!(counted.console.calls("evalsha"), 1);
    freed(&mut counted.console, 0).await;
    assert!(!crate::scene::lives(&*counted.storage, &three.key).await);
}

#[rocket::async_test]
async fn requests_take_the_trips_that_are_promised() {
    let Some(counted) = counted().await else { return };
    let site = Site::builder().storage(counted.storage.clone()).open().await;
    assert_eq!(Trips::count(&site, || counted.proxy.trips()).await, Trips::PROMISED);
}

/// Puts a proxy before each primary of a Cluster, and has the Cluster name them in the place of the servers.
async fn proxied(url: &str) -> Vec<Arc<Proxy>> {
    let ports: Vec<u16> = Shards::of(url).ports().collect();
    let mut proxies = Vec::new();
    for port in &ports {
        let proxy = Proxy::before(*port).await;
        Console::new(*port).ask(&["CONFIG", "SET", "cluster-announce-port", &proxy.port.to_string()]);
        proxies.push(proxy);
    }
    for port in ports {
        let mut console = Console::new(port);
        let mut knows_all = || {
            let nodes = console.ask(&["CLUSTER", "NODES"]).text();
            proxies.iter().all(|proxy| nodes.contains(&format!(":{}@", proxy.port)))
        };
        while !knows_all() {
            sleep(Duration::from_millis(50)).await;
        }
    }
    proxies
}

/// Who signs in moves to another slot, mostly, in two steps.
#[rocket::async_test]
async fn requests_take_the_trips_that_are_promised_in_a_cluster() {
    let Some(servers) = Servers::start() else { return };
    let proxies = proxied(servers.cluster()).await;
    let storage = builder(&proxies[0].url().replace("redis", "redis-cluster")).pool_size(1).build().unwrap();
    let site = Site::builder().storage(storage).open().await;
    let trips = Trips::count_after(32, &site, || proxies.iter().map(|proxy| proxy.trips()).sum()).await;
    assert_eq!(trips, Trips { login: 3, ..Trips::PROMISED });
}
