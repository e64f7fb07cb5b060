//! What Redis holds.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use rocket_typed_session::Key;
use rocket_typed_session::record::{Client, FieldPatch, MetaPatch, Patch};
use rocket_typed_session::storage::redis::RedisStorage;
use rocket_typed_session::storage::{Commit, Loaded, Rotation, SessionStorage};

use crate::scene::{HOUR, NOW, add, create, create_anonymous, drawn, lives, person, record, visits};
use crate::server::{Console, Private};

async fn storage(server: &Private) -> RedisStorage {
    let storage = RedisStorage::builder(&server.url()).unwrap().build().unwrap();
    storage.setup().await.unwrap();
    storage
}

fn hash(console: &mut Console, key: &str) -> BTreeMap<String, String> {
    let texts = console.ask(&["HGETALL", key]).texts();
    texts.chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect()
}

/// Returns the one key that ends so.
fn key(console: &mut Console, end: &str) -> String {
    let keys = console.keys(&format!("session:{{*}}:{end}"));
    assert_eq!(keys.len(), 1, "{keys:?}");
    keys[0].clone()
}

const ANY: &str = "???????????????????????????????????????????";

#[rocket::async_test]
async fn a_session_is_a_hash_that_a_person_can_read() {
    let Some(server) = Private::start(&[]) else { return };
    let (storage, mut console) = (storage(&server).await, server.console());
    let kept = drawn(person().tag());
    let mut new = record(kept.handle, true);
    new.meta.client = Some(Arc::new(Client { ip: "192.0.2.7".parse().ok(), agent: Some("Mozilla/5.0".into()) }));
    storage.create(&kept.key, new, NOW).await.unwrap();
    let name = key(&mut console, ANY);
    let hash = hash(&mut console, &name);
    let read = |name: &str| hash.get(name).map(String::as_str);
    assert_eq!(read("theme"), Some("\"dark\""));
    assert_eq!((read("cart"), read("cart/17")), (Some("{}"), Some("2")));
    assert_eq!(read("@handle"), Some(kept.handle.to_string().as_str()));
    assert_eq!((read("@version"), read("@identified")), (Some("1"), Some("true")));
    assert_eq!(read("@client"), Some("{\"agent\":\"Mozilla/5.0\",\"ip\":\"192.0.2.7\"}"));
    assert_eq!(read("@expires_at"), Some("1893459600000"));
    assert!(hash.keys().all(|name| name.starts_with('@') || ["theme", "visits", "cart", "cart/17"].contains(&&**name)));
}

#[rocket::async_test]
async fn everything_but_the_epoch_leaves_by_itself() {
    let Some(server) = Private::start(&[]) else { return };
    let (storage, mut console) = (storage(&server).await, server.console());
    create_anonymous(&storage).await;
    let kept = create(&storage, &person()).await;
    crate::scene::sign_in(&storage, &kept.key, &person()).await.1.unwrap();
    let longest = i64::try_from((HOUR + Duration::from_mins(5)).as_millis()).unwrap();
    for key in console.keys("*") {
        let left: i64 = console.ask(&["PTTL", &key]).text().parse().unwrap();
        if key == "session:epoch" {
            assert_eq!(left, -1);
        } else {
            assert!((300_000..=longest).contains(&left), "{key}: {left}");
        }
    }
}

#[rocket::async_test]
async fn an_index_lives_as_long_as_its_longest_session() {
    let Some(server) = Private::start(&[]) else { return };
    let (storage, mut console, identity) = (storage(&server).await, server.console(), person());
    for hours in [5, 1] {
        let kept = drawn(identity.tag());
        let mut new = record(kept.handle, true);
        new.meta.expires_at = NOW.after(hours * HOUR);
        storage.create(&kept.key, new, NOW).await.unwrap();
    }
    for end in ["i", "h"] {
        let key = key(&mut console, end);
        let left: u64 = console.ask(&["PTTL", &key]).text().parse().unwrap();
        assert!(left > 5 * 3_600_000, "{key}: {left}");
    }
}

#[rocket::async_test]
async fn an_index_is_rid_of_what_expired_when_it_is_used() {
    let Some(server) = Private::start(&[]) else { return };
    let (storage, mut console, identity) = (storage(&server).await, server.console(), person());
    for _ in 0..3 {
        create(&storage, &identity).await;
    }
    let index = key(&mut console, "i");
    assert_eq!(console.ask(&["ZCARD", &index]).text(), "3");
    let late = NOW.after(HOUR + Duration::from_mins(6));
    assert_eq!(storage.index().unwrap().count(&identity, late).await.unwrap(), 0);
    assert_eq!(console.ask(&["ZCARD", &index]).text(), "0");
}

/// Signs in so often, each time when the sessions before have expired. Returns how many the index and the handles have.
async fn sign_in_often(storage: &RedisStorage, console: &mut Console, rotating: bool) -> [u64; 2] {
    let (identity, mut now) = (person(), NOW);
    for _ in 0..50 {
        let (guest, member) = (drawn(identity.tag()), drawn(identity.tag()));
        let first = if rotating { guest } else { member };
        let mut new = record(first.handle, !rotating);
        new.meta.expires_at = now.after(HOUR);
        storage.create(&first.key, new, now).await.unwrap();
        if rotating {
            let meta = MetaPatch { handle: Some(member.handle), identified: Some(true), ..MetaPatch::default() };
            let patch = Patch::new(meta, FieldPatch::default());
            storage.rotate(&guest.key, &member.key, patch, Rotation::Privilege, now).await.unwrap();
        }
        now = now.after(2 * HOUR);
    }
    let index = key(console, "i");
    let handles = key(console, "h");
    [["ZCARD", &index], ["HLEN", &handles]].map(|command| console.ask(&command).text().parse().unwrap())
}

#[rocket::async_test]
async fn who_signs_in_often_leaves_little() {
    for rotating in [false, true] {
        let Some(server) = Private::start(&[]) else { return };
        let (storage, mut console) = (storage(&server).await, server.console());
        let [members, handles] = sign_in_often(&storage, &mut console, rotating).await;
        assert!(members <= 18 && handles <= 19, "{members} and {handles}");
    }
}

/// what an index does not have, ending all can not miss.
#[rocket::async_test]
async fn a_11_a_session_that_its_index_lost_is_dead() {
    let Some(server) = Private::start(&[]) else { return };
    let (storage, mut console, identity) = (storage(&server).await, server.console(), person());
    let (lost, kept) = (create(&storage, &identity).await, create(&storage, &identity).await);
    let index = key(&mut console, "i");
    let members = console.ask(&["ZRANGE", &index, "0", "-1"]).texts();
    for member in members {
        console.ask(&["ZREM", &index, &member]);
        if !lives(&storage, &lost.key).await {
            break;
        }
        console.ask(&["ZADD", &index, "99999999999999", &member]);
    }
    assert_eq!((lives(&storage, &lost.key).await, lives(&storage, &kept.key).await), (false, true));
    assert_eq!(add(&storage, &lost.key, 1).await.unwrap(), Commit::Gone);
    assert_eq!(storage.index().unwrap().delete_all(&identity, None, NOW).await.unwrap(), 1);
    assert!(!lives(&storage, &kept.key).await);
}

#[rocket::async_test]
async fn a_11_a_session_of_somebody_dies_with_its_index() {
    let Some(server) = Private::start(&[]) else { return };
    let (storage, mut console, identity) = (storage(&server).await, server.console(), person());
    let kept = create(&storage, &identity).await;
    let index = key(&mut console, "i");
    console.ask(&["DEL", &index]);
    assert!(!lives(&storage, &kept.key).await);
    assert_eq!(add(&storage, &kept.key, 1).await.unwrap(), Commit::Gone);
    assert!(!storage.delete(&kept.key, NOW).await.unwrap());
    // Somebody's next session does not revive it.
    let next = create(&storage, &identity).await;
    assert!(lives(&storage, &next.key).await);
    assert!(!lives(&storage, &kept.key).await);
    assert_eq!(storage.index().unwrap().count(&identity, NOW).await.unwrap(), 1);
}

#[rocket::async_test]
async fn a_session_is_ended_by_its_handle_without_the_hash_of_handles() {
    let Some(server) = Private::start(&[]) else { return };
    let (storage, mut console, identity) = (storage(&server).await, server.console(), person());
    let (one, two, three) =
        (create(&storage, &identity).await, create(&storage, &identity).await, create(&storage, &identity).await);
    let handles = key(&mut console, "h");
    let index = storage.index().unwrap();
    console.ask(&["DEL", &handles]);
    assert!(index.find(&one.handle, NOW).await.unwrap().is_some());
    assert!(index.delete(&one.handle, NOW).await.unwrap());
    console.ask(&["DEL", &handles]);
    assert_eq!(index.delete_all(&identity, Some(&two.handle), NOW).await.unwrap(), 1);
    let alive: Vec<bool> =
        [lives(&storage, &one.key).await, lives(&storage, &two.key).await, lives(&storage, &three.key).await].into();
    assert_eq!(alive, [false, true, false]);
}

#[rocket::async_test]
async fn a_lost_epoch_signs_everyone_out_and_revives_nobody() {
    let Some(server) = Private::start(&[]) else { return };
    let (storage, mut console) = (storage(&server).await, server.console());
    let first = create(&storage, &person()).await;
    storage.delete_everyone(NOW).await.unwrap();
    let second = create(&storage, &person()).await;
    console.ask(&["DEL", "session:epoch"]);
    assert!(!lives(&storage, &first.key).await && !lives(&storage, &second.key).await);
    let third = create(&storage, &person()).await;
    let alive =
        [lives(&storage, &first.key).await, lives(&storage, &second.key).await, lives(&storage, &third.key).await];
    assert_eq!(alive, [false, false, true]);
}

#[rocket::async_test]
async fn what_is_no_session_is_an_error() {
    let Some(server) = Private::start(&[]) else { return };
    let (storage, mut console) = (storage(&server).await, server.console());
    let kept = create_anonymous(&storage).await;
    let name = key(&mut console, ANY);
    console.ask(&["HDEL", &name, "@version"]);
    assert!(storage.load(&kept.key, NOW).await.is_err());
    console.ask(&["DEL", &name]);
    console.ask(&["SET", &name, "text"]);
    assert!(storage.load(&kept.key, NOW).await.is_err());
    assert!(add(&storage, &kept.key, 1).await.is_err());
}

#[rocket::async_test]
async fn a_name_that_could_be_taken_for_another_is_refused() {
    let Some(server) = Private::start(&[]) else { return };
    let storage = storage(&server).await;
    let kept = create(&storage, &person()).await;
    for name in ["@version", "cart/17", "/"] {
        let set = [(name.to_owned(), rocket_typed_session::record::FieldText::Json("1".into()))].into();
        let patch = Patch::new(MetaPatch::default(), FieldPatch { set, ..FieldPatch::default() });
        assert!(storage.commit(&kept.key, patch, NOW).await.is_err(), "{name}");
    }
}

#[rocket::async_test]
async fn additions_are_exact_in_64_bits() {
    let Some(server) = Private::start(&[]) else { return };
    let (storage, mut console) = (storage(&server).await, server.console());
    let kept = create_anonymous(&storage).await;
    let name = key(&mut console, ANY);
    let stored = [
        "0",
        "-0",
        "1",
        "-1",
        "9007199254740993",
        "9223372036854775807",
        "-9223372036854775808",
        "-9223372036854775809",
        "18446744073709551615",
        "18446744073709551616",
        "1.0",
        "1e3",
        "\"7\"",
        "null",
        "[]",
        "{}",
        "007",
        "",
        "-",
        "-5",
        " 30\n",
        "\t-5 ",
        "3 0",
    ];
    let deltas = [0, 1, -1, 5, -5, i64::MAX, i64::MIN, i64::MAX - 1, 1 << 53];
    let ranges = [(i64::MIN, i64::MAX), (0, i64::MAX), (0, 255), (-128, 127), (-9, -3), (0, 1 << 53)];
    for text in stored {
        for delta in deltas {
            for (min, max) in ranges {
                console.ask(&["HSET", &name, "visits", text]);
                let addition = rocket_typed_session::record::Addition { delta, min, max };
                let add = [("visits".to_owned(), addition)].into();
                let fields = FieldPatch { add, ..FieldPatch::default() };
                let mut model =
                    [("visits".to_owned(), rocket_typed_session::record::FieldText::Json(text.into()))].into();
                fields.apply(&mut model).unwrap();
                storage.commit(&kept.key, Patch::new(MetaPatch::default(), fields), NOW).await.unwrap();
                let sum = visits(&storage, &kept.key).await.to_string();
                assert_eq!(sum, model["visits"].json(), "{text} + {delta} in {min}..={max}");
            }
        }
    }
}

#[rocket::async_test]
async fn what_replaces_a_map_leaves_no_entries() {
    let Some(server) = Private::start(&[]) else { return };
    let (storage, mut console) = (storage(&server).await, server.console());
    let kept = create(&storage, &person()).await;
    let set = [("cart".to_owned(), rocket_typed_session::record::FieldText::Json("7".into()))].into();
    let patch = Patch::new(MetaPatch::default(), FieldPatch { set, ..FieldPatch::default() });
    storage.commit(&kept.key, patch, NOW).await.unwrap();
    let name = key(&mut console, ANY);
    let hash = hash(&mut console, &name);
    assert_eq!(hash.get("cart").map(String::as_str), Some("7"));
    assert!(!hash.contains_key("cart/17"));
    assert!(matches!(storage.load(&kept.key, NOW).await.unwrap(), Loaded::Live { .. }));
}

/// F-13
#[rocket::async_test]
async fn f_13_a_session_that_can_not_be_read_keeps_no_other_from_being_listed_or_found() {
    let Some(server) = Private::start(&[]) else { return };
    let (storage, mut console, identity) = (storage(&server).await, server.console(), person());
    let whole = create(&storage, &identity).await;
    let index = storage.index().unwrap();
    let mut names = vec![key(&mut console, ANY)];
    for spoil in ["redis.call('HSET', KEYS[1], 'theme', '\\255')", "redis.call('HDEL', KEYS[1], '@version')"] {
        let spoilt = create(&storage, &identity).await;
        let name =
            console.keys(&format!("session:{{*}}:{ANY}")).into_iter().find(|name| !names.contains(name)).unwrap();
        console.ask(&["EVAL", spoil, "1", &name]);
        names.push(name);
        assert!(storage.load(&spoilt.key, NOW).await.is_err(), "{spoil}");
        let listed = index.list(&identity, NOW).await.unwrap();
        let read: Vec<_> = listed.iter().filter(|record| !record.fields().unwrap().is_empty()).collect();
        assert_eq!((read.len(), read[0].meta.handle), (1, whole.handle), "{spoil}");
    }
    let handles = key(&mut console, "h");
    console.ask(&["DEL", &handles]);
    assert!(index.find(&whole.handle, NOW).await.unwrap().is_some(), "by a search among all");
    assert_eq!(index.delete_all(&identity, Some(&whole.handle), NOW).await.unwrap(), 2);
    assert!(lives(&storage, &whole.key).await);
}

/// F-13
#[rocket::async_test]
async fn f_13_a_session_that_can_not_be_read_is_ended_by_its_handle_without_the_hash_of_handles() {
    let Some(server) = Private::start(&[]) else { return };
    let (storage, mut console, identity) = (storage(&server).await, server.console(), person());
    let spoilt = create(&storage, &identity).await;
    let name = key(&mut console, ANY);
    console.ask(&["HDEL", &name, "@version"]);
    let whole = create(&storage, &identity).await;
    let handles = key(&mut console, "h");
    console.ask(&["DEL", &handles]);
    assert!(storage.index().unwrap().delete(&spoilt.handle, NOW).await.unwrap());
    assert!(console.keys(&name).is_empty());
    assert!(lives(&storage, &whole.key).await);
}

/// Has a session's pending key presented.
async fn follow(storage: &RedisStorage, old: &Key, pending: &Key) {
    let how = Rotation::Renewal { grace: HOUR };
    storage.rotate(old, pending, Patch::default(), how, NOW).await.unwrap();
    assert_eq!(add(storage, pending, 1).await.unwrap(), Commit::DONE);
}

fn left(console: &mut Console, key: &str) -> i64 {
    console.ask(&["PTTL", key]).text().parse().unwrap()
}

#[rocket::async_test]
async fn a_key_in_grace_that_the_server_forgot_leaves_by_itself() {
    let Some(server) = Private::start(&[]) else { return };
    let (storage, mut console, identity) = (storage(&server).await, server.console(), person());
    let kept = create(&storage, &identity).await;
    let name = key(&mut console, ANY);
    let [second, third] = [(); 2].map(|()| drawn(identity.tag()).key);
    follow(&storage, &kept.key, &second).await;
    console.ask(&["UNLINK", &name]);
    follow(&storage, &second, &third).await;
    assert!((300_000..=3_900_000).contains(&left(&mut console, &name)), "{}", left(&mut console, &name));
}

#[rocket::async_test]
async fn a_session_that_the_server_would_keep_for_good_gets_another_deadline() {
    let Some(server) = Private::start(&[]) else { return };
    let (storage, mut console) = (storage(&server).await, server.console());
    let kept = create(&storage, &person()).await;
    let name = key(&mut console, ANY);
    // As a tool may have restored it.
    console.ask(&["PERSIST", &name]);
    let meta = MetaPatch { deadline: Some(NOW.after(12 * HOUR)), ..MetaPatch::default() };
    let done = storage.commit(&kept.key, Patch::new(meta, FieldPatch::default()), NOW).await.unwrap();
    assert_eq!(done, Commit::DONE);
    assert!(lives(&storage, &kept.key).await);
}

#[rocket::async_test]
async fn a_pending_key_waits_as_long_as_a_session_that_is_prolonged() {
    let Some(server) = Private::start(&[]) else { return };
    let (storage, mut console, identity) = (storage(&server).await, server.console(), person());
    let (kept, pending, late) = (create(&storage, &identity).await, drawn(identity.tag()).key, NOW.after(720 * HOUR));
    let name = key(&mut console, ANY);
    let how = Rotation::Renewal { grace: HOUR };
    storage.rotate(&kept.key, &pending, Patch::default(), how, NOW).await.unwrap();
    let meta = MetaPatch { deadline: Some(late), expires_at: Some(late), ..MetaPatch::default() };
    storage.commit(&kept.key, Patch::new(meta, FieldPatch::default()), NOW).await.unwrap();
    let keys = console.keys(&format!("session:{{*}}:{ANY}"));
    assert_eq!(keys.len(), 2, "{keys:?}");
    assert!(left(&mut console, &name) > 719 * 3_600_000);
    for key in keys {
        assert!(left(&mut console, &key) > 719 * 3_600_000, "{key}: {}", left(&mut console, &key));
    }
}
