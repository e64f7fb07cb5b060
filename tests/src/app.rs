//! An application with session types and routes of a test's own.

use std::sync::Arc;

use parking_lot::Mutex;
use rocket::figment::Figment;
use rocket::local::asynchronous::Client;
use rocket::{Build, Catcher, Rocket, Route};
use rocket_typed_session::storage::Place;
use rocket_typed_session::testing::TestClock;
use rocket_typed_session::{Builder, Config, Event, SessionData, Sessions};

use crate::browser::Browser;
use crate::credentials::Watch;
use crate::logs;
use crate::told::Told;

/// Returns Rocket's configuration with a key.
pub fn figment() -> Figment {
    rocket::Config::figment()
        .merge(("log_level", "off"))
        .merge(("secret_key", "hPRYyVRiMyxpw5sBB1XeCMN1kFsDCqKvBi2QJxBVHQk="))
}

/// An application with session types and routes of a test's own.
pub struct App {
    client: Client,
    /// The time.
    pub clock: TestClock,
    events: Arc<Mutex<Vec<Event>>>,
    _watch: Watch,
}

/// An application, to be built.
pub struct AppBuilder {
    rocket: Rocket<Build>,
    config: Config,
    clock: TestClock,
    events: Arc<Mutex<Vec<Event>>>,
}

impl AppBuilder {
    /// Changes the configuration of the session types that are attached afterwards.
    #[must_use]
    pub fn config(mut self, change: impl FnOnce(&mut Config)) -> Self {
        change(&mut self.config);
        self
    }

    /// Sets a key of Rocket's configuration.
    #[must_use]
    pub fn rocket(self, key: &str, value: impl serde::Serialize) -> Self {
        let figment = self.rocket.figment().clone().merge((key, value));
        Self { rocket: self.rocket.configure(figment), ..self }
    }

    /// Sets the time.
    #[must_use]
    pub fn clock(self, clock: &TestClock) -> Self {
        Self { clock: clock.clone(), ..self }
    }

    /// Attaches a session type.
    #[must_use]
    pub fn sessions<T: SessionData>(self, storage: impl Into<Place>) -> Self {
        self.sessions_with::<T>(storage, |sessions| sessions)
    }

    /// Attaches a session type, with more to say of it.
    #[must_use]
    pub fn sessions_with<T: SessionData>(
        self,
        storage: impl Into<Place>,
        say: impl FnOnce(Builder<T>) -> Builder<T>,
    ) -> Self {
        let events = self.events.clone();
        let sessions = Sessions::<T>::builder()
            .config(self.config.clone())
            .storage(storage)
            .clock(self.clock.clone())
            .on_event(move |event| events.lock().push(event.clone()));
        Self { rocket: self.rocket.attach(say(sessions)), ..self }
    }

    /// Adds routes.
    #[must_use]
    pub fn mount(self, routes: Vec<Route>) -> Self {
        Self { rocket: self.rocket.mount("/", routes), ..self }
    }

    /// Adds catchers.
    #[must_use]
    pub fn register(self, catchers: Vec<Catcher>) -> Self {
        self.register_at("/", catchers)
    }

    /// Adds catchers of a path.
    #[must_use]
    pub fn register_at(self, base: &'static str, catchers: Vec<Catcher>) -> Self {
        Self { rocket: self.rocket.register(base, catchers), ..self }
    }

    /// Opens the application.
    ///
    /// # Panics
    ///
    /// Panics if the launch is refused.
    pub async fn open(self) -> App {
        let client = Client::untracked(self.rocket).await.expect("a valid rocket");
        App { client, clock: self.clock, events: self.events, _watch: Watch }
    }
}

impl App {
    /// Returns an application without session types or routes.
    pub fn builder() -> AppBuilder {
        logs::capture();
        let rocket = rocket::custom(figment());
        AppBuilder { rocket, config: Config::default(), clock: TestClock::new(), events: Arc::default() }
    }

    /// Returns the client, to send what no browser would.
    pub const fn client(&self) -> &Client {
        &self.client
    }

    /// Returns a browser without cookies.
    pub fn browser(&self) -> Browser<'_> {
        Browser::new(&self.client)
    }

    /// Returns the handle of the sessions of a type.
    ///
    /// # Panics
    ///
    /// Panics if the type is not attached.
    pub fn sessions<T: SessionData>(&self) -> &Sessions<T> {
        self.client.rocket().state().expect("an attached session type")
    }

    /// Returns the events so far, and forgets them.
    pub fn events(&self) -> Vec<Event> {
        std::mem::take(&mut *self.events.lock())
    }

    /// Returns the events so far, to be compared whole, and forgets them.
    pub fn told(&self) -> Vec<Told> {
        self.events().into_iter().map(Told::from).collect()
    }
}
