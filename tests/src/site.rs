//! The site, on a storage that records, fails and parks on command.

use std::sync::Arc;

use parking_lot::Mutex;
use rocket::Rocket;
use rocket::figment::Figment;
use rocket::local::asynchronous::Client;
use rocket_typed_session::storage::SessionStorage;
use rocket_typed_session::testing::{FaultStorage, ParkStorage, SpyStorage, TestClock};
use rocket_typed_session::{Config, Event, EventKind, SessionData, Sessions};

use crate::app::figment;
use crate::browser::Browser;
use crate::credentials::Watch;
use crate::told::Told;
use crate::user::{Guest, User};
use crate::{logs, place, routes};

/// A storage under a lid that parks, one that fails, and one that records.
pub type Stack = Arc<SpyStorage<Arc<FaultStorage<Arc<ParkStorage<Arc<dyn SessionStorage>>>>>>>;

/// The site.
pub struct Site {
    client: Client,
    /// Where users' sessions live.
    pub storage: Stack,
    /// Where guests' sessions live.
    pub guests: Stack,
    /// The time.
    pub clock: TestClock,
    events: Arc<Mutex<Vec<Event>>>,
    _watch: Watch,
}

/// The site, to be built.
pub struct Builder {
    config: Config,
    guests: Config,
    figment: Figment,
    storage: Option<Arc<dyn SessionStorage>>,
    clock: TestClock,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            config: Config::default(),
            guests: Config::default(),
            figment: figment(),
            storage: None,
            clock: TestClock::new(),
        }
    }
}

impl Builder {
    /// Changes the configuration of both session types.
    #[must_use]
    pub fn config(mut self, change: impl Fn(&mut Config)) -> Self {
        change(&mut self.config);
        change(&mut self.guests);
        self
    }

    /// Changes the configuration of users' sessions.
    #[must_use]
    pub fn users(mut self, change: impl FnOnce(&mut Config)) -> Self {
        change(&mut self.config);
        self
    }

    /// Sets a key of Rocket's configuration.
    #[must_use]
    pub fn rocket(mut self, key: &str, value: impl serde::Serialize) -> Self {
        self.figment = self.figment.merge((key, value));
        self
    }

    /// Sets where users' sessions live; by default as the variable `SESSION_TEST_STORAGE` says, or in memory.
    #[must_use]
    pub fn storage(mut self, storage: impl SessionStorage) -> Self {
        self.storage = Some(Arc::new(storage));
        self
    }

    /// Sets the time.
    #[must_use]
    pub fn clock(mut self, clock: TestClock) -> Self {
        self.clock = clock;
        self
    }

    /// Opens the site.
    ///
    /// # Panics
    ///
    /// Panics if the launch is refused.
    pub async fn open(self) -> Site {
        logs::capture();
        let events = Arc::<Mutex<Vec<Event>>>::default();
        let storage = stack(self.storage.unwrap_or_else(place::storage));
        let guests = stack(place::storage());
        let rocket = rocket::custom(self.figment)
            .attach(sessions::<User>(&self.config, &storage, &self.clock, &events))
            .attach(sessions::<Guest>(&self.guests, &guests, &self.clock, &events));
        let client = Client::untracked(routes::mount(rocket)).await.expect("a valid rocket");
        Site { client, storage, guests, clock: self.clock, events, _watch: Watch }
    }
}

fn stack(storage: Arc<dyn SessionStorage>) -> Stack {
    let parking = Arc::new(ParkStorage::new(storage));
    Arc::new(SpyStorage::new(Arc::new(FaultStorage::new(parking))))
}

fn sessions<T: SessionData>(
    config: &Config,
    storage: &Stack,
    clock: &TestClock,
    events: &Arc<Mutex<Vec<Event>>>,
) -> rocket_typed_session::Builder<T> {
    let events = events.clone();
    Sessions::<T>::builder()
        .config(config.clone())
        .storage(storage.clone())
        .clock(clock.clone())
        .on_event(move |event| events.lock().push(event.clone()))
}

impl Site {
    /// Opens the site as it is by default.
    pub async fn open() -> Self {
        Builder::default().open().await
    }

    /// Returns the site to be built.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Returns the client, to send what no browser would.
    pub const fn client(&self) -> &Client {
        &self.client
    }

    /// Returns the application.
    pub fn rocket(&self) -> &Rocket<rocket::Orbit> {
        self.client.rocket()
    }

    /// Returns the handle of the sessions of a type.
    ///
    /// # Panics
    ///
    /// Panics if the type is not attached.
    pub fn sessions<T: SessionData>(&self) -> &Sessions<T> {
        self.rocket().state().expect("an attached session type")
    }

    /// Shuts the site down, as an application that is told to stop. Returns what was asked of its storage so far.
    pub async fn close(self) -> Stack {
        let storage = self.storage.clone();
        drop(self.client.terminate().await);
        storage
    }

    /// Returns a browser without cookies.
    pub fn browser(&self) -> Browser<'_> {
        Browser::new(&self.client)
    }

    /// Returns a browser that is signed in as a member.
    pub async fn member(&self, id: i64) -> Browser<'_> {
        self.signed_in(id, "member").await
    }

    /// Returns a browser that is signed in as an admin.
    pub async fn admin(&self, id: i64) -> Browser<'_> {
        self.signed_in(id, "admin").await
    }

    async fn signed_in(&self, id: i64, role: &str) -> Browser<'_> {
        let browser = self.browser();
        let answer = browser.post(&format!("/login/{id}/{role}")).await;
        assert_eq!(answer.code(), 200, "signing in: {answer:?}");
        browser
    }

    /// Returns the events so far, and forgets them.
    pub fn events(&self) -> Vec<Event> {
        std::mem::take(&mut *self.events.lock())
    }

    /// Returns the kinds of the events so far, and forgets them.
    pub fn event_kinds(&self) -> Vec<EventKind> {
        self.events().into_iter().map(|event| event.kind).collect()
    }

    /// Returns the events so far, to be compared whole, and forgets them.
    pub fn told(&self) -> Vec<Told> {
        self.events().into_iter().map(Told::from).collect()
    }

    /// Returns what would park, to command it.
    pub fn parking(&self) -> &ParkStorage<Arc<dyn SessionStorage>> {
        self.storage.inner().inner()
    }

    /// Returns what would fail, to command it.
    pub fn faults(&self) -> &FaultStorage<Arc<ParkStorage<Arc<dyn SessionStorage>>>> {
        self.storage.inner()
    }
}
