//! How sessions are kept: what an operator may choose.

mod cross_site;
pub(crate) mod duration;
mod error;
mod lifetimes;
mod nearest;
mod policy;
mod read;
mod same_site;
mod spot;
mod storage;
#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests;
mod valid;
mod written;

use std::fmt;
use std::time::Duration;

use rocket::data::{ByteUnit, ToByteUnit};
use rocket::http::SameSite;
use serde::Deserialize;

pub use self::cross_site::CrossSiteConfig;
pub use self::error::ConfigError;
pub(crate) use self::read::SHARED;
pub(crate) use self::spot::Spot;
pub(crate) use self::storage::Backend;
use self::written::Written;
use crate::seal::Secret;

/// How the sessions of one type are kept.
///
/// A type named `guest` reads the table `guest` of `Rocket.toml`; what that does not say, the table `session` does,
/// and what neither says has the defaults below. In either, values of the selected profile go before those of
/// `default`, and those of `global`, such as environment variables, before both. If the whole table is a text, it is
/// the `storage`: `ROCKET_SESSION=memory`. A key that does not exist stops the launch.
///
/// One more key has no field: `policy` stands for the `idle` and the `ttl` that a standard names. Beside it, in the same
/// table of the same profile, a written `idle` or `ttl` wins, and a `ttl` shortens the policy's `idle`. Between tables and
/// profiles it counts as both: in `guest` it wins over an `idle` in `session`, and in the selected profile over one in
/// `default`.
///
/// | `policy` | `idle` | `ttl` | |
/// |---|---|---|---|
/// | `"aal1"` | 30 days | 30 days | [`Config::aal1`] |
/// | `"aal2"` | 1 hour | 24 hours | [`Config::aal2`], which is the default |
/// | `"aal3"` | 15 minutes | 12 hours | [`Config::aal3`] |
/// | `"aal2-rev3"` | 30 minutes | 12 hours | [`Config::aal2_rev3`] |
///
/// Durations are written `"500ms"`, `"90s"`, `"15m"`, `"1h 30m"`, `"30d"` or as integers, in seconds; sizes `"4MiB"` or
/// as integers, in bytes.
///
/// ```toml
/// [default.session]
/// storage = "memory"
/// policy = "aal2"
/// idle = "30m"
/// cookie = { same_site = "Strict" }
/// ```
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use rocket_typed_session::Config;
///
/// let mut config = Config::aal2();
/// config.idle = Duration::from_secs(30 * 60);
/// config.cookie.persistent = true;
/// ```
#[derive(Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Config {
    /// Where sessions live: `"memory"`, which is the default, `"cookie"`, or the address of a database. A file of SQLite
    /// such as `"sqlite://app.db"` is looked for from the working directory of the process, wherever `Rocket.toml` is;
    /// `"sqlite:///var/lib/app.db"` is the same file from everywhere. It is made if it is not there.
    pub storage: String,
    /// The cookie that holds a session's token, or the session.
    pub cookie: CookieConfig,
    /// What requests of other origins may do: nothing, unless they are trusted.
    pub cross_site: CrossSiteConfig,
    /// How long an unused session lives. One hour (NIST SP 800-63B-4, AAL2), or `ttl` if that is shorter.
    #[serde(with = "duration")]
    pub idle: Duration,
    /// How long a session lives, however much it is used. 24 hours (NIST SP 800-63B-4, AAL2).
    #[serde(with = "duration")]
    pub ttl: Duration,
    /// How long a new session of nobody lives until its cookie comes back once. 10 minutes, or `idle` if that is
    /// shorter. It bounds what visitors without cookies cost; in the storage `cookie` they cost nothing.
    #[serde(with = "duration")]
    pub newborn: Duration,
    /// How often a session in use gets a new token ("renewal timeout" in the OWASP Session Management Cheat Sheet).
    /// Never, unless set; a sign-in and a change of role always give one. Not with the storage `cookie`.
    #[serde(with = "duration::optional")]
    pub renew: Option<Duration>,
    /// How long a session with a `stamp` is used before its stamp is compared again. 5 minutes. See
    /// [`Builder::stamp`](crate::Builder::stamp).
    #[serde(with = "duration")]
    pub stamp_every: Duration,
    /// The most sessions of one identifier; those seen longest ago end (OWASP ASVS 7.1.2). Any number, unless set.
    /// Not with the storage `cookie`, nor with one of your own that has no index.
    pub max_per_user: Option<u32>,
    /// Whether clients that keep no cookies may send `Authorization: Bearer <token>` (RFC 6750), as
    /// [`Session::bearer`](crate::Session::bearer) hands it out. No: the header is ignored. One session type of an
    /// application may: where it is set for `session`, write false for each other whose storage is not `cookie`.
    pub bearer: bool,
    /// Keys that were the `secret_key` before, written as that is. What they sealed still opens. None.
    ///
    /// Keep a key here for as long as the longest life of a session, by `ttl` or
    /// [`Session::set_ttl`](crate::Session::set_ttl): whose cookie it sealed is signed out when it goes. Where several
    /// processes share sessions, write the new key into the `previous_keys` of all of them first, and make it the
    /// `secret_key` after: until all know it, a process refuses what another seals with it.
    pub previous_keys: Vec<Secret>,
    /// What a request gets while the storage does not answer: `"refuse"`, which is the default, or `"pass"`.
    pub unavailable: Unavailable,
    /// How long one request waits for its storage, all calls together; after its response has started, each. 2 seconds.
    #[serde(with = "duration")]
    pub timeout: Duration,
    /// The bounds of the storage `memory`.
    pub memory: MemoryConfig,
    /// The tables and connections of a storage in a SQL database.
    pub sql: SqlConfig,
    /// The keys and connections of a storage in Redis.
    pub redis: RedisConfig,
    /// Whether the answer that ends a session has `Clear-Site-Data: "cache", "storage"` (OWASP ASVS 14.3.1). No.
    pub clear_site_data: bool,
    /// How often expired sessions are freed. One minute.
    #[serde(with = "duration")]
    pub sweep: Duration,
    /// How often an open stream that waits for the end of its session asks whether it lives. 10 seconds. What ends it in
    /// this process is noticed at once. See [`Session::ended`](crate::Session::ended).
    #[serde(with = "duration")]
    pub watch: Duration,
    /// The largest session that a request writes, as stored. 4 MiB. A request that would write more stores nothing, and is
    /// answered with 500; `save` returns [`TooLarge`](crate::StorageError::TooLarge).
    ///
    /// One that is up to twice as large is read: requests that add to it at once, each as much as fits, may exceed this
    /// together. What is larger still is not looked into, however it came there, and is no session.
    pub max_size: ByteUnit,
    #[serde(skip)]
    written: Written,
}

/// The cookie that holds a session's token, or the session.
///
/// Another `domain`, `path` or `partitioned` makes it another cookie to a browser, which keeps the one from before beside
/// it and sends both; of two that differ neither counts. Give it another `name` at the same time, which signs everybody
/// out.
#[derive(Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
#[allow(clippy::struct_excessive_bools, reason = "each is a key that an operator sets by itself")]
pub struct CookieConfig {
    /// Its name. `__Host-` and the name of the session type: `__Host-session`. The prefix makes browsers refuse such
    /// a cookie from other hosts and from plain HTTP (RFC 6265bis, section 4.1.3.2).
    pub name: Option<String>,
    /// The domain with whose subdomains it is shared. None: only the host that sets it gets it. Change `name` with it.
    pub domain: Option<String>,
    /// The path under which it is sent. `/`. Change `name` with it.
    pub path: String,
    /// Whether it is sent over HTTPS only, and by some browsers to `localhost`. Yes. From plain HTTP on another host a
    /// browser drops it then, and what it sends from there is refused as [`CrossSiteConfig`] says: to develop that way,
    /// write `secure = false`, and beside it a `name` without a prefix, such as `"sid"`.
    pub secure: bool,
    /// Whether it comes along from other sites: `"Lax"`, which is the default, `"Strict"` or `"None"`.
    #[serde(with = "same_site")]
    pub same_site: SameSite,
    /// Whether an embedding site has its own (CHIPS). No. Change `name` with it.
    pub partitioned: bool,
    /// Whether it outlives the browser for all sessions, or only for those with a `ttl` of their own. No (NIST SP
    /// 800-63B-4, section 5.1).
    pub persistent: bool,
    /// Whether scripts may read it, which lets any injected script steal the session. No (OWASP ASVS 3.3.4).
    pub insecure_script_access: bool,
    /// For the storage `cookie`: where it is kept which sessions were ended, named as `storage` is, with what `memory`,
    /// `sql` and `redis` say of it. None: whoever kept a copy of a cookie can use it until it expires.
    pub revocations: Option<String>,
    /// For the storage `cookie`: raising it ends all sessions. 0.
    pub epoch: u32,
}

/// The bounds of the storage `memory`. What happens at them says
/// [`MemoryStorage`](crate::storage::memory::MemoryStorage): nobody who is signed in is signed out.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct MemoryConfig {
    /// The most sessions. One million.
    pub sessions: usize,
    /// The most bytes of all sessions together: their data as JSON, and 512 for each. 1 GiB.
    pub bytes: ByteUnit,
}

/// The tables and connections of a storage in a SQL database.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct SqlConfig {
    /// The table; two more have names that begin with it. `sessions` for the session type `session`, and
    /// `guest_sessions` for the type `guest`. Session types that share a database have one each: where it is set for
    /// `session`, each other type needs one of its own.
    pub table: Option<String>,
    /// The schema of the tables. That of the connection, unless set.
    pub schema: Option<String>,
    /// The most connections. 10; SQLite has one more, which alone writes.
    pub connections: Option<u32>,
}

/// The keys and connections of a storage in Redis.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct RedisConfig {
    /// What all keys begin with. `session:` for the session type `session`, and `guest:` for the type `guest`. Session
    /// types that share a server have one each: where it is set for `session`, here or in the address, each other type
    /// needs one of its own.
    pub prefix: Option<String>,
    /// How many connections there are, in a Cluster to each primary. 4. With `wait` there are as many again, for writes.
    pub connections: Option<usize>,
    /// Which replicas must confirm each write. None: the primary alone.
    pub wait: Option<WaitConfig>,
}

/// Which replicas must confirm each write. A write that fewer confirmed answers 503, and is not undone.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct WaitConfig {
    /// How many.
    pub replicas: u32,
    /// How long they may take; less than `timeout`.
    #[serde(with = "duration")]
    pub timeout: Duration,
}

/// What a request gets while the storage does not answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unavailable {
    /// 503, whatever the handler answers.
    #[default]
    Refuse,
    /// What handlers make of `Err(GuardError::Storage)`. An `Option` of a guard is [`None`] then: a page that takes
    /// `Option<&User>` answers with 200 to a user who is signed in as it does to nobody. Let it take
    /// `Result<&User, GuardError>`.
    Pass,
}

const NEWBORN: Duration = Duration::from_mins(10);

impl Default for Config {
    fn default() -> Self {
        Self {
            storage: "memory".into(),
            cookie: CookieConfig::default(),
            cross_site: CrossSiteConfig::default(),
            idle: policy::AAL2.idle,
            ttl: policy::AAL2.ttl,
            newborn: NEWBORN,
            renew: None,
            stamp_every: Duration::from_mins(5),
            max_per_user: None,
            bearer: false,
            previous_keys: Vec::new(),
            unavailable: Unavailable::Refuse,
            timeout: Duration::from_secs(2),
            memory: MemoryConfig::default(),
            sql: SqlConfig::default(),
            redis: RedisConfig::default(),
            clear_site_data: false,
            sweep: Duration::from_mins(1),
            watch: Duration::from_secs(10),
            max_size: 4.mebibytes(),
            written: Written::in_code(policy::AAL2, NEWBORN),
        }
    }
}

impl Default for CookieConfig {
    fn default() -> Self {
        Self {
            name: None,
            domain: None,
            path: "/".into(),
            secure: true,
            same_site: SameSite::Lax,
            partitioned: false,
            persistent: false,
            insecure_script_access: false,
            revocations: None,
            epoch: 0,
        }
    }
}

impl Default for MemoryConfig {
    fn default() -> Self {
        Self { sessions: 1_000_000, bytes: 1.gibibytes() }
    }
}

impl Config {
    /// Returns the name of the cookie of the session type `name`.
    pub(crate) fn cookie_name(&self, name: &str) -> String {
        self.cookie.name.clone().unwrap_or_else(|| format!("__Host-{name}"))
    }

    /// Returns a key as it was written: with its table, or as a field.
    pub(crate) fn key(&self, path: &str) -> String {
        self.written.key(path)
    }

    /// Returns which storage it is, without the rest of its address.
    pub(crate) fn storage_kind(&self) -> &str {
        storage::scheme(&self.storage)
    }
}

impl RedisConfig {
    /// Returns the keys of what is revoked of the session type `name`, which are nobody else's.
    fn revoked(&self, name: &str) -> Self {
        let prefix = self.prefix.clone().unwrap_or_else(|| format!("{name}:"));
        Self { prefix: Some(prefix + "revoked:"), ..self.clone() }
    }
}

impl SqlConfig {
    /// Returns the tables of what is revoked of the session type `name`, which are nobody else's.
    fn revoked(&self, name: &str) -> Self {
        Self { table: Some(self.table_of(name) + "_revoked"), ..self.clone() }
    }

    /// Returns the table of the session type `name`.
    fn table_of(&self, name: &str) -> String {
        let derived = || match name {
            "session" => "sessions".to_owned(),
            name => name.replace(|letter: char| !letter.is_ascii_alphanumeric(), "_") + "_sessions",
        };
        self.table.clone().unwrap_or_else(derived)
    }
}

impl WaitConfig {
    /// Returns that so many replicas must confirm each write within a time.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use rocket_typed_session::{Config, WaitConfig};
    ///
    /// let mut config = Config::default();
    /// config.redis.wait = Some(WaitConfig::new(1, Duration::from_secs(1)));
    /// ```
    #[must_use]
    pub const fn new(replicas: u32, timeout: Duration) -> Self {
        Self { replicas, timeout }
    }
}

impl fmt::Debug for CookieConfig {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("CookieConfig")
            .field("name", &self.name)
            .field("domain", &self.domain)
            .field("path", &self.path)
            .field("secure", &self.secure)
            .field("same_site", &self.same_site)
            .field("partitioned", &self.partitioned)
            .field("persistent", &self.persistent)
            .field("insecure_script_access", &self.insecure_script_access)
            .field("revocations", &self.revocations.as_deref().map(storage::scheme))
            .field("epoch", &self.epoch)
            .finish()
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Config")
            .field("storage", &self.storage_kind())
            .field("cookie", &self.cookie)
            .field("cross_site", &self.cross_site)
            .field("idle", &self.idle)
            .field("ttl", &self.ttl)
            .field("newborn", &self.newborn)
            .field("renew", &self.renew)
            .field("stamp_every", &self.stamp_every)
            .field("max_per_user", &self.max_per_user)
            .field("bearer", &self.bearer)
            .field("previous_keys", &self.previous_keys)
            .field("unavailable", &self.unavailable)
            .field("timeout", &self.timeout)
            .field("memory", &self.memory)
            .field("sql", &self.sql)
            .field("redis", &self.redis)
            .field("clear_site_data", &self.clear_site_data)
            .field("sweep", &self.sweep)
            .field("watch", &self.watch)
            .field("max_size", &self.max_size)
            .finish_non_exhaustive()
    }
}
