//! Sessions that end, or get another key, while their slot moves between servers.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use rocket::futures::future::join_all;
use rocket::tokio::spawn;
use rocket::tokio::task::JoinHandle;
use rocket::tokio::time::sleep;
use rocket_typed_session::record::{MetaPatch, Patch};
use rocket_typed_session::storage::redis::{RedisBuilder, RedisStorage};
use rocket_typed_session::storage::{Commit, Loaded, Rotation, SessionStorage};
use rocket_typed_session::{Handle, Identity, Key, StorageError};

use crate::scene::{HOUR, Kept, NOW, add, create, create_anonymous, drawn, lives, person, record, sign_in_as, visits};
use crate::server::{CLUSTER, Console, builder, url};
use crate::shards::{Shards, Shift, slot_of, somebody};

/// How long a client waits for a slot that does not move on.
const SHORT: Duration = Duration::from_millis(500);
/// No slot takes so long to move.
const LONG: Duration = Duration::from_mins(2);

/// A Cluster, and clients of it.
struct Cluster {
    url: String,
    shards: Shards,
    /// Gives up while a slot is held.
    hasty: Arc<RedisStorage>,
    patient: Arc<RedisStorage>,
}

impl Cluster {
    async fn find() -> Option<Self> {
        let url = url(CLUSTER)?;
        let builder = builder(&url);
        let (hasty, patient) = (built(&builder, SHORT).await, built(&builder, LONG).await);
        Some(Self { shards: Shards::of(&url), url, hasty, patient })
    }

    /// Begins to move an identity's slot, and moves so many of its keys. Returns what moves it back, too.
    fn begin(&self, identity: &Identity, moved: usize) -> (Shift, impl FnOnce() + use<>) {
        let slot = slot_of(&mut Console::of(&self.url), identity);
        let (mut shift, back) = self.shards.begin_next(&slot);
        for _ in 0..moved {
            assert!(shift.step());
        }
        (shift, back)
    }

    /// Returns what is told while a slot is on its way: held as it is until then, or moved on meanwhile.
    async fn outcome<T: Send + 'static>(mut shift: Shift, held: bool, telling: JoinHandle<T>) -> T {
        if held {
            let told = telling.await.unwrap();
            shift.settle();
            return told;
        }
        while shift.step() {
            sleep(Duration::from_millis(2)).await;
        }
        shift.settle();
        telling.await.unwrap()
    }
}

async fn built(builder: &RedisBuilder, timeout: Duration) -> Arc<RedisStorage> {
    let storage = Arc::new(builder.clone().timeout(timeout).build().unwrap());
    storage.setup().await.unwrap();
    storage
}

/// What is known of somebody's sessions.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    loaded: Vec<Handle>,
    listed: Vec<Handle>,
    counted: u64,
}

impl Seen {
    async fn once(storage: &RedisStorage, identity: &Identity, kept: &[Kept]) -> Self {
        let index = storage.index().unwrap();
        let mut loaded = Vec::new();
        for kept in kept {
            if lives(storage, &kept.key).await {
                loaded.push(kept.handle);
            }
        }
        let list = index.list(identity, NOW).await.unwrap();
        let mut listed: Vec<_> = list.iter().map(|record| record.meta.handle).collect();
        loaded.sort_unstable_by_key(Handle::to_string);
        listed.sort_unstable_by_key(Handle::to_string);
        Self { loaded, listed, counted: index.count(identity, NOW).await.unwrap() }
    }

    /// Returns which of somebody's sessions live, once nothing goes on: loads, the list and the count agree.
    async fn living(storage: &RedisStorage, identity: &Identity, kept: &[Kept]) -> Vec<Handle> {
        let mut seen = Self::once(storage, identity, kept).await;
        loop {
            let again = Self::once(storage, identity, kept).await;
            if again == seen {
                break;
            }
            seen = again;
        }
        assert_eq!(seen.loaded, seen.listed);
        assert_eq!(seen.loaded.len() as u64, seen.counted);
        seen.loaded
    }
}

fn handles(kept: &[Kept]) -> Vec<Handle> {
    let mut handles: Vec<_> = kept.iter().map(|kept| kept.handle).collect();
    handles.sort_unstable_by_key(Handle::to_string);
    handles
}

/// Writes to a session until it is gone, or there is enough.
struct Writer {
    /// Whether its session is known to have ended.
    over: Arc<AtomicBool>,
    stop: Arc<AtomicBool>,
    acknowledged: Arc<AtomicI64>,
    task: JoinHandle<()>,
}

impl Writer {
    fn start(storage: &Arc<RedisStorage>, kept: Kept) -> Self {
        let (over, stop, acknowledged) = <(Arc<AtomicBool>, Arc<AtomicBool>, Arc<AtomicI64>)>::default();
        let (storage, ended, stopped, counted) = (storage.clone(), over.clone(), stop.clone(), acknowledged.clone());
        let task = spawn(async move {
            while !stopped.load(Ordering::SeqCst) {
                let dead = ended.load(Ordering::SeqCst);
                let answer = add(&*storage, &kept.key, 1).await.unwrap();
                let written = matches!(answer, Commit::Committed { .. });
                assert!(!(written && dead), "written to after its end");
                counted.fetch_add(i64::from(written), Ordering::SeqCst);
                sleep(Duration::from_millis(5)).await;
            }
        });
        Self { over, stop, acknowledged, task }
    }

    /// Stops, and returns how many additions were acknowledged.
    async fn finish(self) -> i64 {
        self.stop.store(true, Ordering::SeqCst);
        self.task.await.unwrap();
        self.acknowledged.load(Ordering::SeqCst)
    }
}

/// A way to end sessions of somebody who has three.
#[derive(Debug, Clone, Copy)]
enum Ending {
    Key,
    Handle,
    All,
    Others,
}

impl Ending {
    /// Ends what this ends, and returns how many sessions.
    async fn end(self, storage: &RedisStorage, identity: &Identity, kept: &[Kept]) -> Result<u64, StorageError> {
        let index = storage.index().unwrap();
        match self {
            Self::Key => storage.delete(&kept[0].key, NOW).await.map(u64::from),
            Self::Handle => index.delete(&kept[0].handle, NOW).await.map(u64::from),
            Self::All => index.delete_all(identity, None, NOW).await,
            Self::Others => index.delete_all(identity, Some(&kept[0].handle), NOW).await,
        }
    }

    /// Splits somebody's sessions in those that this ends, and others.
    fn split(self, kept: &[Kept]) -> (Vec<Kept>, Vec<Kept>) {
        let ends = |at: usize| match self {
            Self::Key | Self::Handle => at == 0,
            Self::All => true,
            Self::Others => at != 0,
        };
        let (ended, others): (Vec<_>, Vec<_>) = kept.iter().enumerate().partition(|(at, _)| ends(*at));
        let plain = |list: Vec<(usize, &Kept)>| list.into_iter().map(|(_, kept)| *kept).collect();
        (plain(ended), plain(others))
    }
}

/// Asserts that none of these lives, wherever the keys of their slot are, as far as that is answered.
async fn assert_ended_already(storage: &RedisStorage, identity: &Identity, ended: &[Kept], others: &[Kept]) {
    let index = storage.index().unwrap();
    for loaded in join_all(ended.iter().map(|kept| storage.load(&kept.key, NOW))).await {
        assert!(!matches!(loaded, Ok(Loaded::Live { .. })), "it lives on while its slot moves");
    }
    if let Ok(list) = index.list(identity, NOW).await {
        assert!(list.iter().all(|record| ended.iter().all(|kept| kept.handle != record.meta.handle)));
    }
    if let Ok(count) = index.count(identity, NOW).await {
        assert_eq!(count, others.len() as u64);
    }
}

/// How often what was asked while a slot moved was done, and how often it is unknown.
#[derive(Debug, Default)]
struct Answers {
    done: AtomicU64,
    unknown: AtomicU64,
}

impl Answers {
    fn count(&self, is_done: bool) {
        let number = if is_done { &self.done } else { &self.unknown };
        number.fetch_add(1, Ordering::SeqCst);
    }

    /// Asserts that there were both while slots were held, and only the one while they were not.
    fn assert_all(held: &Self, moving: &Self) {
        println!("held: {held:?}, moving on: {moving:?}");
        assert!(held.done.load(Ordering::SeqCst) > 0 && held.unknown.load(Ordering::SeqCst) > 0);
        assert!(moving.done.load(Ordering::SeqCst) > 0 && moving.unknown.load(Ordering::SeqCst) == 0);
    }
}

/// Ends sessions after so many keys of their slot were moved. Returns whether the answer says that it is done.
async fn end_while_moving(cluster: &Cluster, ending: Ending, moved: usize, held: bool) -> bool {
    let (identity, patient) = (somebody(), &cluster.patient);
    let mut kept = Vec::new();
    for _ in 0..3 {
        kept.push(create(&**patient, &identity).await);
    }
    let (ended, others) = ending.split(&kept);
    let (shift, back) = cluster.begin(&identity, moved);
    let writers: Vec<_> = kept.iter().map(|kept| Writer::start(patient, *kept)).collect();
    let over: Vec<_> =
        kept.iter().zip(&writers).filter(|(kept, _)| ended.iter().any(|one| one.handle == kept.handle)).collect();
    let over: Vec<_> = over.into_iter().map(|(_, writer)| writer.over.clone()).collect();
    let asking = {
        let storage = if held { cluster.hasty.clone() } else { patient.clone() };
        let (identity, kept, ended, others) = (identity, kept.clone(), ended.clone(), others.clone());
        spawn(async move {
            let answer = ending.end(&storage, &identity, &kept).await;
            if answer.is_ok() {
                for over in over {
                    over.store(true, Ordering::SeqCst);
                }
                assert_ended_already(&storage, &identity, &ended, &others).await;
            }
            answer
        })
    };
    let answer = Cluster::outcome(shift, held, asking).await;
    for writer in writers {
        writer.finish().await;
    }
    let living = Seen::living(patient, &identity, &kept).await;
    if let Ok(number) = &answer {
        assert_eq!(*number, ended.len() as u64);
        assert_eq!(living, handles(&others));
    } else {
        assert!(living == handles(&others) || living == handles(&kept), "half ended");
        // Whoever is told so asks again.
        ending.end(patient, &identity, &kept).await.unwrap();
        assert_eq!(Seen::living(patient, &identity, &kept).await, handles(&others));
    }
    back();
    let next = create(&**patient, &identity).await;
    let all: Vec<_> = kept.iter().copied().chain([next]).collect();
    let alive: Vec<_> = others.into_iter().chain([next]).collect();
    assert_eq!(Seen::living(patient, &identity, &all).await, handles(&alive), "something came back");
    answer.is_ok()
}

#[rocket::async_test]
async fn no_session_is_half_ended_while_its_slot_moves() {
    let Some(cluster) = Cluster::find().await else { return };
    let (held, moving) = (Answers::default(), Answers::default());
    // Three sessions, their index and the hash of their handles.
    for moved in 0..=5 {
        let ways = [Ending::Key, Ending::Handle, Ending::All, Ending::Others];
        for ending in ways {
            held.count(end_while_moving(&cluster, ending, moved, true).await);
            moving.count(end_while_moving(&cluster, ending, moved, false).await);
        }
    }
    Answers::assert_all(&held, &moving);
}

/// A way to give a session another key, whose slot is on its way.
#[derive(Debug, Clone, Copy)]
enum Change {
    /// A visitor signs in, and what is known of him is kept.
    SignIn,
    /// A visitor signs in, and starts anew.
    Start,
    /// Somebody gets another role.
    Role,
}

impl Change {
    async fn old(self, storage: &RedisStorage, identity: &Identity) -> Kept {
        match self {
            Self::SignIn | Self::Start => create_anonymous(storage).await,
            Self::Role => create(storage, identity).await,
        }
    }

    async fn rotate(self, storage: &RedisStorage, old: &Kept, new: &Kept) -> Result<Commit, StorageError> {
        let meta = MetaPatch { handle: Some(new.handle), identified: Some(true), ..MetaPatch::default() };
        let patch = match self {
            Self::SignIn => Patch::new(meta, <_>::default()),
            Self::Start | Self::Role => Patch::default(),
        };
        let how = match self {
            Self::Start => Rotation::Restart(record(new.handle, true)),
            Self::SignIn | Self::Role => Rotation::Privilege,
        };
        storage.rotate(&old.key, &new.key, patch, how, NOW).await
    }
}

/// Waits until what was made of a session that nobody has the token of is deleted.
async fn forgotten(storage: &RedisStorage, kept: &Kept) {
    let deleting = async {
        while lives(storage, &kept.key).await {
            sleep(Duration::from_millis(20)).await;
        }
    };
    rocket::tokio::time::timeout(LONG, deleting).await.expect("it is deleted in the background");
}

/// Gives a session another key after so many keys of the target's slot were moved. Returns whether the answer says that
/// it is done.
async fn change_while_moving(cluster: &Cluster, change: Change, moved: usize, held: bool) -> bool {
    let (identity, patient) = (somebody(), &cluster.patient);
    let others = [create(&**patient, &identity).await, create(&**patient, &identity).await];
    let old = change.old(patient, &identity).await;
    let mut new = drawn(identity.tag());
    if matches!(change, Change::Role) {
        new.handle = old.handle;
    }
    let (shift, back) = cluster.begin(&identity, moved);
    let writer = Writer::start(patient, old);
    let asking = {
        let storage = if held { cluster.hasty.clone() } else { patient.clone() };
        spawn(async move { change.rotate(&storage, &old, &new).await })
    };
    let answer = Cluster::outcome(shift, held, asking).await;
    let acknowledged = writer.finish().await;
    let done = matches!(answer, Ok(Commit::Committed { rotated: true, .. }));
    assert!(done || answer.is_err(), "{answer:?}");
    if done {
        assert!(!lives(&**patient, &old.key).await && lives(&**patient, &new.key).await);
    } else {
        forgotten(patient, &new).await;
    }
    let current = if done { new } else { old };
    if lives(&**patient, &current.key).await && !(done && matches!(change, Change::Start)) {
        assert_eq!(visits(&**patient, &current.key).await, acknowledged);
    }
    let mine = (done || matches!(change, Change::Role)).then_some(current);
    back();
    let all: Vec<_> = others.into_iter().chain(mine).collect();
    assert_eq!(Seen::living(patient, &identity, &all).await, handles(&all));
    done
}

#[rocket::async_test]
async fn a_session_gets_its_new_key_or_keeps_the_old_while_the_slot_moves() {
    let Some(cluster) = Cluster::find().await else { return };
    let (held, moving) = (Answers::default(), Answers::default());
    // Two sessions, their index and the hash of their handles.
    for moved in 0..=4 {
        for change in [Change::SignIn, Change::Start, Change::Role] {
            held.count(change_while_moving(&cluster, change, moved, true).await);
            moving.count(change_while_moving(&cluster, change, moved, false).await);
        }
    }
    println!("held: {held:?}, moving on: {moving:?}");
    assert_eq!(held.done.load(Ordering::SeqCst), 0, "a new key has no place in a slot that is on its way");
    assert_eq!(moving.unknown.load(Ordering::SeqCst), 0);
}

/// A way to end a session in several steps, or to give it the key that waits for that.
#[derive(Debug, Clone, Copy)]
enum Several {
    /// The pending key is presented.
    Presented,
    /// The session gets a key in another slot.
    Departed,
    /// It is ended by its key.
    Ended,
}

impl Several {
    /// Returns whether it is done.
    async fn carry_out(self, storage: &RedisStorage, presented: &Key, new: Kept) -> Result<bool, StorageError> {
        Ok(match self {
            Self::Presented => add(storage, presented, 1).await? == Commit::DONE,
            Self::Departed => matches!(sign_in_as(storage, presented, new).await?, Commit::Committed { .. }),
            Self::Ended => storage.delete(presented, NOW).await?,
        })
    }
}

/// Takes several steps while the slot of somebody's only session moves, by its own key or its pending one.
async fn take_steps_while_moving(cluster: &Cluster, several: Several, by_pending: bool, held: bool) {
    let (identity, patient) = (somebody(), &cluster.patient);
    let old = create(&**patient, &identity).await;
    let (pending, new) = (drawn(identity.tag()).key, drawn(person().tag()));
    let how = Rotation::Renewal { grace: HOUR };
    patient.rotate(&old.key, &pending, Patch::default(), how, NOW).await.unwrap();
    let presented = if by_pending { pending } else { old.key };
    let (shift, back) = cluster.begin(&identity, 0);
    let asking = {
        let storage = if held { cluster.hasty.clone() } else { patient.clone() };
        spawn(async move { several.carry_out(&storage, &presented, new).await })
    };
    let answer = Cluster::outcome(shift, held, asking).await;
    if held {
        assert!(answer.is_err(), "{several:?}: {answer:?}");
        forgotten(patient, &new).await;
        let living = [lives(&**patient, &old.key).await, lives(&**patient, &pending).await];
        assert_eq!(living, [true, true], "{several:?}: what is not done is not begun");
        assert_eq!(visits(&**patient, &presented).await, 0);
        assert!(several.carry_out(patient, &presented, new).await.unwrap());
    } else {
        assert!(answer.unwrap(), "{several:?}");
    }
    let living = [lives(&**patient, &presented).await, lives(&**patient, &new.key).await];
    let expected = match several {
        Several::Presented => [true, false],
        Several::Departed => [false, true],
        Several::Ended => [false, false],
    };
    assert_eq!(living, expected, "{several:?}");
    back();
}

#[rocket::async_test]
async fn nothing_that_takes_several_steps_stops_between_them_while_the_slot_moves() {
    let Some(cluster) = Cluster::find().await else { return };
    for held in [true, false] {
        for by_pending in [false, true] {
            for several in [Several::Departed, Several::Ended] {
                take_steps_while_moving(&cluster, several, by_pending, held).await;
            }
        }
        take_steps_while_moving(&cluster, Several::Presented, true, held).await;
    }
}

#[rocket::async_test]
async fn a_load_finds_the_session_of_its_key_while_a_slot_moves() {
    let Some(cluster) = Cluster::find().await else { return };
    let storage = Arc::new(builder(&cluster.url).pool_size(1).timeout(SHORT).build().unwrap());
    storage.setup().await.unwrap();
    let identity = somebody();
    let mut kept = Vec::new();
    for _ in 0..20 {
        kept.push(create(&*storage, &identity).await);
    }
    for _ in 0..60 {
        kept.push(create_anonymous(&*storage).await);
    }
    let (shift, back) = cluster.begin(&identity, 11);
    let (mut own, mut anothers, mut nobodys) = (0, 0, 0);
    for _ in 0..10 {
        for (kept, loaded) in kept.iter().zip(join_all(kept.iter().map(|kept| storage.load(&kept.key, NOW))).await) {
            match loaded {
                Ok(Loaded::Live { record, .. }) if record.meta.handle == kept.handle => own += 1,
                Ok(Loaded::Live { .. }) => anothers += 1,
                Ok(_) => nobodys += 1,
                // Where the key is already, it is found as soon as all are there.
                Err(_) => {}
            }
        }
    }
    assert!(own > 0);
    assert_eq!((anothers, nobodys), (0, 0));
    shift.settle();
    back();
}
