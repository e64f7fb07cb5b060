//! Types of the application that panic.

use super::*;

static SERIALIZE: AtomicBool = AtomicBool::new(false);
static CLONE: AtomicBool = AtomicBool::new(false);
static COMPARE: AtomicBool = AtomicBool::new(false);

/// A text whose traits panic on command.
#[derive(Default, Deserialize)]
struct Trap(String);

impl Serialize for Trap {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        assert!(!SERIALIZE.load(Ordering::SeqCst), "in Serialize");
        self.0.serialize(serializer)
    }
}

impl Clone for Trap {
    fn clone(&self) -> Self {
        assert!(!CLONE.load(Ordering::SeqCst), "in Clone");
        Self(self.0.clone())
    }
}

impl PartialEq for Trap {
    fn eq(&self, other: &Self) -> bool {
        assert!(!COMPARE.load(Ordering::SeqCst), "in PartialEq");
        self.0 == other.0
    }
}

#[derive(Clone, Default, Session)]
#[session(name = "fragile")]
struct Fragile {
    trap: Trap,
    count: u32,
}

#[post("/set/<text>?<serialize>&<clone>&<compare>")]
fn set(mut fragile: FragileMut<'_>, text: String, serialize: bool, clone: bool, compare: bool) -> &'static str {
    fragile.set_trap(Trap(text));
    let count = fragile.count() + 1;
    fragile.set_count(count);
    SERIALIZE.store(serialize, Ordering::SeqCst);
    CLONE.store(clone, Ordering::SeqCst);
    COMPARE.store(compare, Ordering::SeqCst);
    "set"
}

#[post("/restart?<serialize>")]
fn restart(session: Session<'_, Fragile>, serialize: bool) {
    session.end();
    session.start(Fragile { trap: Trap("new".into()), count: 100 });
    SERIALIZE.store(serialize, Ordering::SeqCst);
}

#[post("/calm")]
fn calm() {
    for trap in [&SERIALIZE, &CLONE, &COMPARE] {
        trap.store(false, Ordering::SeqCst);
    }
}

#[rocket::get("/")]
fn show(fragile: &Fragile) -> String {
    format!("{} {}", fragile.trap.0, fragile.count)
}

#[catch(500)]
fn sorry() -> &'static str {
    "sorry"
}

async fn app(storage: impl SessionStorage) -> App {
    let app = App::builder().sessions::<Fragile>(storage).mount(routes![set, restart, calm, show]);
    app.register(catchers![sorry]).open().await
}

// One test: the traps are of the whole process.
#[rocket::async_test]
async fn a_panic_of_the_applications_types_during_a_commit_is_an_error_and_nothing_worse() {
    let memory = Arc::new(MemoryStorage::new());
    commits_panic(&app(memory.clone()).await, &memory).await;
    // A double commits nothing at once.
    let memory = Arc::new(MemoryStorage::new());
    let faults = Arc::new(FaultStorage::new(memory.clone()));
    let app = app(faults.clone()).await;
    commits_panic(&app, &memory).await;

    // Where the end fails, too, nobody knows whether it is ended.
    let visitor = app.browser();
    assert_eq!(visitor.post("/set/calm").await.code(), 200);
    faults.fail(Delete, Before);
    let answer = visitor.post("/restart?serialize=true").await;
    assert_eq!((answer.code(), answer.cookies.len()), (503, 1));
    assert_eq!(answer.header("Vary").as_deref(), Some("Cookie"));
    calm();
}

async fn commits_panic(app: &App, memory: &MemoryStorage) {
    let browser = app.browser();
    assert_eq!(browser.post("/set/calm").await.code(), 200);
    for trap in ["serialize", "clone", "compare"] {
        let answer = browser.post(&format!("/set/{trap}?{trap}=true")).await;
        if trap != "clone" {
            // Nobody else wrote: nothing need be cloned to commit.
            assert_eq!((answer.code(), answer.body.as_str()), (500, "sorry"), "{trap}");
            assert!(answer.cookies.is_empty());
        }
        browser.post("/calm").await;
        assert_eq!(browser.post("/set/calm").await.code(), 200, "{trap}");
        assert_eq!(memory.len(), 1);
    }
    assert_eq!(browser.get("/").await.body, "calm 5");

    let visitor = app.browser();
    let answer = visitor.post("/set/first?serialize=true").await;
    assert_eq!((answer.code(), answer.cookies.len()), (500, 0));
    visitor.post("/calm").await;
    assert_eq!(visitor.post("/set/second").await.code(), 200);
    assert_eq!(visitor.get("/").await.body, "second 1");

    // What was ended is ended, though what was to begin panics.
    let thief = browser.copy();
    let answer = browser.post("/restart?serialize=true").await;
    assert_eq!((answer.code(), answer.cookies.len()), (500, 1));
    browser.post("/calm").await;
    assert_eq!(thief.get("/").await.body, " 0");
    assert_eq!(memory.len(), 1);
}

static DESERIALIZE: AtomicBool = AtomicBool::new(false);

/// A text that panics on command when it is read.
#[derive(Clone, Default, PartialEq, Serialize)]
struct Bomb(String);

impl<'de> Deserialize<'de> for Bomb {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        assert!(!DESERIALIZE.load(Ordering::SeqCst), "in Deserialize");
        String::deserialize(deserializer).map(Self)
    }
}

#[derive(Clone, Default, Session)]
#[session(name = "armed")]
struct Armed {
    bomb: Bomb,
}

#[post("/arm")]
fn arm(mut armed: ArmedMut<'_>) {
    armed.set_bomb(Bomb("tick".into()));
}

#[rocket::async_test]
async fn what_expired_is_freed_and_told_though_it_panics_when_it_is_read() {
    let app = App::builder().sessions::<Armed>(TextStorage::new()).mount(routes![arm]).open().await;
    for _ in 0..2 {
        assert_eq!(app.browser().post("/arm").await.code(), 200);
    }
    app.events();
    DESERIALIZE.store(true, Ordering::SeqCst);
    app.clock.advance(Duration::from_hours(2));
    assert_eq!(app.sessions::<Armed>().delete_expired().await.unwrap(), 2);
    let told = app.events();
    let told: Vec<_> = told.iter().map(|event| (&event.kind, event.handle.is_some(), &event.identifier)).collect();
    assert_eq!(told, [(&EventKind::Expired, true, &None); 2]);
}
