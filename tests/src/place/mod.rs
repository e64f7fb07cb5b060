//! The storages that tests run on, each alone in a place of its own.

mod kept;
mod memory;
#[cfg(feature = "redis")]
mod redis;
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
mod sql;

use std::sync::Arc;

use rocket::async_trait;
use rocket_typed_session::storage::SessionStorage;

pub use self::kept::Kept;
use self::memory::{Memory, Text};

/// Where the sessions of one test live, and nobody else's.
#[async_trait]
pub trait Place: Send + Sync {
    /// Returns a storage there. Another has the same sessions, as another process of an application does.
    fn storage(&self) -> Arc<dyn SessionStorage>;

    /// Returns all that is held, as somebody sees it who gets hold of it.
    async fn dump(&self) -> Vec<u8> {
        Vec::new()
    }

    /// Returns how many sessions are held, living or not; [`None`] where nobody can count them.
    async fn held(&self) -> Option<u64>;

    /// Returns how a database would carry out a statement, step by step.
    async fn plan(&self, _statement: String) -> Vec<String> {
        Vec::new()
    }
}

/// Returns a storage that the tests of this run are on, in a place of its own.
///
/// # Panics
///
/// Panics if its server is missing.
pub fn storage() -> Arc<dyn SessionStorage> {
    let place = Kind::of_the_run().place().expect("a place");
    Arc::new(Kept::new(place.storage(), place))
}

/// A kind of storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is called as what it is")]
pub enum Kind {
    Memory,
    Text,
    #[cfg(feature = "sqlite")]
    Sqlite,
    #[cfg(feature = "postgres")]
    Postgres,
    #[cfg(feature = "mysql")]
    Mariadb,
    #[cfg(feature = "redis")]
    Redis,
    #[cfg(feature = "redis")]
    RedisCluster,
}

impl Kind {
    /// Returns the kind that the tests of this run are on: that of the variable `SESSION_TEST_STORAGE`, or memory.
    ///
    /// # Panics
    ///
    /// Panics if there is no such kind in this build.
    pub fn of_the_run() -> Self {
        let Ok(name) = std::env::var("SESSION_TEST_STORAGE") else { return Self::Memory };
        match name.as_str() {
            "memory" => Self::Memory,
            "text" => Self::Text,
            #[cfg(feature = "sqlite")]
            "sqlite" => Self::Sqlite,
            #[cfg(feature = "postgres")]
            "postgres" => Self::Postgres,
            #[cfg(feature = "mysql")]
            "mariadb" => Self::Mariadb,
            #[cfg(feature = "redis")]
            "redis" => Self::Redis,
            #[cfg(feature = "redis")]
            "redis_cluster" => Self::RedisCluster,
            _ => panic!("no storage is called {name:?} here"),
        }
    }

    /// Returns a place of this kind; none if its server is missing, and may be.
    pub fn place(self) -> Option<Box<dyn Place>> {
        match self {
            Self::Memory => Some(Box::new(Memory(Arc::default()))),
            Self::Text => Some(Box::new(Text(Arc::default()))),
            #[cfg(feature = "sqlite")]
            Self::Sqlite => Some(Box::new(sql::File::new())),
            #[cfg(feature = "postgres")]
            Self::Postgres => Some(Box::new(sql::PostgresTable::new()?)),
            #[cfg(feature = "mysql")]
            Self::Mariadb => Some(Box::new(sql::MariadbTable::new()?)),
            #[cfg(feature = "redis")]
            Self::Redis => Some(Box::new(redis::Prefix::new("SESSION_TEST_REDIS")?)),
            #[cfg(feature = "redis")]
            Self::RedisCluster => Some(Box::new(redis::Prefix::new("SESSION_TEST_REDIS_CLUSTER")?)),
        }
    }
}

/// Writes a test of each scenario for each kind of storage, in a module of the kind's name. A scenario is an
/// `async fn(&dyn Place)`; what follows `kinds:` is a `fn(Kind)`, to open places by itself. What follows `stored:` is
/// of the storages that hold sessions outside of the memory, and `swept:` of those in which sessions do not expire by
/// themselves.
#[macro_export]
macro_rules! on_every_storage {
    (stored: $($scenario:ident)*) => {
        $crate::on_every_storage! { @stored place; $($scenario)* }
    };
    (kinds: $($scenario:ident)*) => {
        $crate::on_every_storage! { @on memory Memory kind; $($scenario)* }
        $crate::on_every_storage! { @stored kind; $($scenario)* }
    };
    (swept: $($scenario:ident)*) => {
        $crate::on_every_storage! { @on memory Memory place; $($scenario)* }
        $crate::on_every_storage! { @sql place; $($scenario)* }
    };
    (@sql $given:ident; $($scenario:ident)*) => {
        #[cfg(feature = "sqlite")]
        $crate::on_every_storage! { @on sqlite Sqlite $given; $($scenario)* }
        #[cfg(feature = "postgres")]
        $crate::on_every_storage! { @on postgres Postgres $given; $($scenario)* }
        #[cfg(feature = "mysql")]
        $crate::on_every_storage! { @on mariadb Mariadb $given; $($scenario)* }
    };
    (@stored $given:ident; $($scenario:ident)*) => {
        $crate::on_every_storage! { @sql $given; $($scenario)* }
        #[cfg(feature = "redis")]
        $crate::on_every_storage! { @on redis Redis $given; $($scenario)* }
        #[cfg(feature = "redis")]
        $crate::on_every_storage! { @on redis_cluster RedisCluster $given; $($scenario)* }
    };
    (@on $storage:ident $kind:ident place; $($scenario:ident)*) => {
        mod $storage {
            $(
                #[rocket::async_test]
                async fn $scenario() {
                    let Some(place) = $crate::place::Kind::$kind.place() else { return };
                    super::$scenario(&*place).await;
                }
            )*
        }
    };
    (@on $storage:ident $kind:ident kind; $($scenario:ident)*) => {
        mod $storage {
            $(
                #[test]
                fn $scenario() {
                    super::$scenario($crate::place::Kind::$kind);
                }
            )*
        }
    };
    ($($scenario:ident)*) => {
        $crate::on_every_storage! { @on memory Memory place; $($scenario)* }
        $crate::on_every_storage! { @on text Text place; $($scenario)* }
        $crate::on_every_storage! { @stored place; $($scenario)* }
    };
}
