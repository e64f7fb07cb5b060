//! The fairing of a session type.

use std::any::{TypeId, type_name};
use std::error::Error;
use std::fmt;
use std::sync::Arc;

use rocket::fairing::{self, Fairing, Info, Kind};
use rocket::tokio;
use rocket::{Build, Orbit, Rocket, async_trait};

use super::names::{Entry, Names};
use super::{Sessions, announce, limits};
use crate::clock::{Clock, SystemClock};
use crate::commit::Committer;
use crate::config::{Config, ConfigError};
use crate::core::{Carrier, Core};
use crate::cross_site;
use crate::data::{SessionData, SessionStamp};
use crate::event::{Event, Listener};
use crate::seal::{Keyring, Purpose, RecordSeal, Seal};
use crate::stamp::{AnyStamps, Source, Stamps, source};
use crate::storage::cookie::Cookies;
use crate::storage::{Place, SessionStorage};

/// The fairing of sessions of type `T`: attach it with [`Rocket::attach`].
///
/// What is not set here is read from `Rocket.toml`.
///
/// # Examples
///
/// ```
/// use rocket_typed_session::storage::memory::MemoryStorage;
/// use rocket_typed_session::{Session, Sessions};
///
/// #[derive(Clone, Default, Session)]
/// struct Guest {
///     #[session(merge = add)]
///     hits: u64,
/// }
///
/// let storage = MemoryStorage::builder().max_sessions(10_000).build();
/// let sessions = Sessions::<Guest>::builder().storage(storage).on_event(|event| println!("{event:?}"));
/// let rocket = rocket::build().attach(sessions);
/// ```
pub struct Builder<T> {
    config: Option<Config>,
    place: Option<Place>,
    clock: Arc<dyn Clock>,
    listener: Listener,
    stamp: Option<Arc<Source<T>>>,
}

impl<T> Default for Builder<T> {
    fn default() -> Self {
        Self { config: None, place: None, clock: Arc::new(SystemClock), listener: Listener::default(), stamp: None }
    }
}

impl<T: SessionData> Builder<T> {
    /// Sets where sessions live, instead of what the configuration names: a [`SessionStorage`], or a
    /// [`CookieStorage`](crate::storage::cookie::CookieStorage). One storage serves one session type.
    #[must_use]
    pub fn storage(self, storage: impl Into<Place>) -> Self {
        Self { place: Some(storage.into()), ..self }
    }

    /// Sets the configuration, instead of what `Rocket.toml` says. Keys are read from Rocket's `secret_key` still. An `idle`
    /// and a `newborn` that are left as they were shorten to a `ttl` or `idle` that is set, as they do there.
    #[must_use]
    pub fn config(self, config: Config) -> Self {
        Self { config: Some(config), ..self }
    }

    /// Sets the clock that all lifetimes are judged by.
    #[must_use]
    pub fn clock(self, clock: impl Clock) -> Self {
        Self { clock: Arc::new(clock), ..self }
    }

    /// Sets the function that is told what happens to sessions. It must not block.
    #[must_use]
    pub fn on_event(self, listen: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        Self { listener: Listener::new(listen), ..self }
    }

    /// Sets where the security stamps of accounts are looked up, for a struct with a field `#[session(stamp)]`.
    ///
    /// A stamp is what changes with an account's password, and with whatever else is to sign its owner out: the time of
    /// the change, a counter, a random text. A session keeps the one that it began with. `ask` is given the session's
    /// identifier and returns the stamp that the account has now, or [`None`] for an account that is gone. If it is
    /// not the session's, the session ends, and the request has none. That is found out where the session is first
    /// loaded, so that it catches who signed in with the old password just before it was changed, and then at most
    /// once in [`stamp_every`](crate::Config::stamp_every) (5 minutes). Call
    /// [`end_others`](crate::Session::end_others) beside it to end the others at once.
    ///
    /// Who changes the password stays signed in by `user.set_stamp(new)`, named after the field; it rotates the token
    /// (OWASP Session Management Cheat Sheet, "Renew the Session ID After Any Privilege Level Change"). Write the
    /// account, and then call [`save`](crate::Session::save) at once: a request of the same session between the two
    /// finds a stamp that is not its account's, and ends the session. A client by `Authorization` needs its new token
    /// handed out, by [`bearer`](crate::Session::bearer) in the place of `save`.
    ///
    /// Each process remembers by itself what it has compared, so nothing is written for it, and no process relies on
    /// another: of several, each asks. Requests of one session that come at once ask once. If `ask` fails, or does not
    /// answer within the request's [`timeout`](crate::Config::timeout), the answer is that to a storage that failed:
    /// 503. A session of nobody has no account, and is not compared. One that was stored before the struct had the
    /// field has the field's default: to add a stamp to a struct in use ends the sessions of all whose account has
    /// another. One whose stamp can not be read ends, unless the field says `undecodable = default`.
    ///
    /// Without this a struct that has such a field is refused at launch.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::collections::HashMap;
    /// use std::convert::Infallible;
    /// use std::sync::{Arc, Mutex};
    ///
    /// use rocket::{State, post};
    /// use rocket_typed_session::{Session, SessionError, Sessions};
    ///
    /// #[derive(Clone, Session)]
    /// #[session(required)]
    /// struct User {
    ///     #[session(identifier)]
    ///     id: i64,
    ///     #[session(stamp)]
    ///     password_version: u64,
    /// }
    ///
    /// type Versions = Arc<Mutex<HashMap<i64, u64>>>;
    ///
    /// #[post("/password")]
    /// async fn change_password(mut user: UserMut<'_>, versions: &State<Versions>) -> Result<(), SessionError> {
    ///     let version = user.password_version + 1;
    ///     // .. and the new password's hash.
    ///     versions.lock().unwrap().insert(user.id, version);
    ///     user.set_password_version(version);
    ///     user.session().save().await
    /// }
    ///
    /// let versions = Versions::default();
    /// let accounts = versions.clone();
    /// let sessions = Sessions::<User>::builder().stamp(move |id| {
    ///     let version = accounts.lock().unwrap().get(&id).copied();
    ///     async move { Ok::<_, Infallible>(version) }
    /// });
    /// let rocket = rocket::build().manage(versions).attach(sessions);
    /// ```
    #[must_use]
    pub fn stamp<A, E>(self, ask: impl Fn(T::Id) -> A + Send + Sync + 'static) -> Self
    where
        T: SessionStamp,
        A: Future<Output = Result<Option<T::Stamp>, E>> + Send + 'static,
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        Self { stamp: Some(source(ask)), ..self }
    }

    fn config_of(&self, rocket: &Rocket<Build>) -> Result<Config, ConfigError> {
        match &self.config {
            Some(config) => config.clone().in_code(T::NAME),
            None => Config::from_figment(rocket.figment(), T::NAME),
        }
    }

    fn entry(&self, config: &Config) -> Entry {
        let spot = if self.place.is_some() { None } else { config.spot(T::NAME) };
        let data = (TypeId::of::<T>(), type_name::<T>());
        Entry { name: T::NAME, data, config: config.clone(), spot }
    }

    fn place_of(&self, config: &Config) -> Result<Place, ConfigError> {
        match &self.place {
            Some(place) => Ok(place.clone()),
            None => config.place(T::NAME),
        }
    }

    /// Says where sessions live; what is set in code somebody chose.
    fn announce(&self, rocket: &Rocket<Build>, config: &Config) {
        announce::announce(T::NAME, config, self.place.as_ref());
        if self.place.is_none() && self.config.is_none() {
            announce::warn_of_default(T::NAME, rocket.figment());
        }
    }

    fn stamps_of(&self, config: &Config) -> Result<Option<AnyStamps>, ConfigError> {
        match &self.stamp {
            None if T::STAMPED => Err(ConfigError::NoStampSource { data: type_name::<T>() }),
            source => Ok(source.clone().map(|source| Arc::new(Stamps::new(source, config.stamp_every)) as _)),
        }
    }

    fn configured(&self, rocket: &Rocket<Build>, names: &Names) -> Result<(Config, Sessions<T>), ConfigError> {
        let config = self.config_of(rocket)?;
        names.enter(self.entry(&config))?;
        let sessions = self.sessions(rocket, &config)?;
        Ok((config, sessions))
    }

    fn sessions(&self, rocket: &Rocket<Build>, config: &Config) -> Result<Sessions<T>, ConfigError> {
        let place = self.place_of(config)?;
        let keyring = Keyring::from_figment(rocket.figment(), &config.previous_keys)?;
        let cookie = config.cookie_name(T::NAME);
        let (storage, carrier): (Arc<dyn SessionStorage>, _) = match place {
            Place::Storage(storage) => {
                limits::of_storage::<T>(&*storage)?;
                if config.cookie.epoch != 0 || config.cookie.revocations.is_some() {
                    log::warn!(
                        "sessions `{}`: only sessions in cookies have `cookie.epoch` and `cookie.revocations`",
                        T::NAME
                    );
                }
                let seal = |purpose| Seal::new(&keyring, purpose, &cookie, T::NAME);
                let bearer = config.bearer.then(|| Box::new(seal(Purpose::Bearer)));
                (storage, Carrier::Token { cookie: seal(Purpose::Token), bearer })
            }
            Place::Cookie(given) => {
                limits::of_cookies::<T>(config)?;
                let revocations = given.given().map_or_else(|| config.revocations(T::NAME), |given| Ok(Some(given)))?;
                let seal = RecordSeal::new(&keyring, &cookie, T::NAME);
                let cookies = Cookies::new(seal, cookie.len(), config.cookie.epoch, revocations, config.ttl);
                let cookies = Arc::new(cookies);
                (Arc::new(cookies.carry(None)), Carrier::Record(cookies))
            }
        };
        let stamps = self.stamps_of(config)?;
        let core = Core::new(T::NAME, config, storage, self.clock.clone(), carrier, self.listener.clone(), stamps);
        Ok(Sessions::new(core))
    }
}

#[async_trait]
impl<T: SessionData> Fairing for Builder<T> {
    fn info(&self) -> Info {
        Info { name: type_name::<Sessions<T>>(), kind: Kind::Ignite | Kind::Liftoff | Kind::Shutdown }
    }

    async fn on_ignite(&self, rocket: Rocket<Build>) -> fairing::Result {
        let (rocket, names) = Names::of(rocket);
        let (config, sessions) = match self.configured(&rocket, &names) {
            Ok(configured) => configured,
            Err(error) => {
                let text = error.to_string();
                if names.refuse(error) {
                    log::error!("sessions `{}`: {text}", T::NAME);
                }
                return Err(rocket);
            }
        };
        if let Err(error) = sessions.core().storage.setup().await {
            log::error!("sessions `{}`: {}", T::NAME, crate::core::chain(&error));
            return Err(rocket);
        }
        self.announce(&rocket, &config);
        Ok(cross_site::mount(rocket).manage(sessions.clone()).attach(Committer::new(sessions)))
    }

    async fn on_liftoff(&self, rocket: &Rocket<Orbit>) {
        if let Some(sessions) = rocket.state::<Sessions<T>>() {
            tokio::spawn(sessions.clone().sweep(rocket.shutdown()));
        }
    }

    async fn on_shutdown(&self, rocket: &Rocket<Orbit>) {
        if let Some(sessions) = rocket.state::<Sessions<T>>() {
            tokio::spawn(sessions.clone().close(rocket.config().shutdown.clone()));
        }
    }
}

impl<T: SessionData> fmt::Debug for Builder<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Builder").field("name", &T::NAME).field("config", &self.config).finish_non_exhaustive()
    }
}
