//! The application on `rocket_flex_session`.

#![allow(clippy::needless_pass_by_value, reason = "Rocket hands guards to handlers by value")]

use std::rc::Rc;

use rocket::{get, routes};
use rocket_flex_session::error::SessionError;
use rocket_flex_session::storage::SessionStorage;
use rocket_flex_session::storage::redis::{RedisFormat, RedisFredStorage, RedisValue, SessionRedis};
use rocket_flex_session::storage::sqlx::{SessionSqlx, SqlxPostgresStorage, SqlxSqliteStorage};
use rocket_flex_session::{RocketFlexSession, Session, SessionIdentifier};
use sqlx::{Executor, PgPool, SqlitePool};

use super::{App, local};
use crate::account::{Account, DAYLIGHT};
use crate::case::Storage;
use crate::servers::Servers;

/// The same data under another name: Rocket would ask for this library's fairing where it sees `Account`.
#[derive(Clone)]
struct Kept(Account);

impl SessionIdentifier for Kept {
    type Id = String;

    fn identifier(&self) -> Option<String> {
        self.0.id.map(|id| id.to_string())
    }
}

impl SessionRedis for Kept {
    const REDIS_FORMAT: RedisFormat = RedisFormat::String;

    type Error = SessionError;

    fn into_redis(self) -> Result<RedisValue, SessionError> {
        self.text().map(RedisValue::String)
    }

    fn from_redis(value: RedisValue) -> Result<Self, SessionError> {
        Self::parse(&value.into_string().map_err(|_| SessionError::InvalidData)?)
    }
}

impl Kept {
    fn text(&self) -> Result<String, SessionError> {
        serde_json::to_string(&self.0).map_err(|error| SessionError::Serialization(Box::new(error)))
    }

    fn parse(text: &str) -> Result<Self, SessionError> {
        serde_json::from_str(text).map(Self).map_err(|error| SessionError::Parsing(Box::new(error)))
    }
}

macro_rules! kept_in {
    ($($database:ident),*) => {$(
        impl SessionSqlx<sqlx::$database> for Kept {
            type Error = SessionError;
            type Data = String;

            fn into_sql(self) -> Result<String, SessionError> {
                self.text()
            }

            fn from_sql(text: String) -> Result<Self, SessionError> {
                Self::parse(&text)
            }
        }
    )*};
}

kept_in!(Postgres, Sqlite);

#[get("/read")]
fn read(session: Session<'_, Kept>) -> &'static str {
    session.tap(|account| account.map_or(DAYLIGHT, |Kept(account)| account.shown()))
}

#[get("/write")]
fn write(mut session: Session<'_, Kept>) -> &'static str {
    session.tap_mut(|account| account.as_mut().map_or(DAYLIGHT, |Kept(account)| account.toggle()))
}

#[get("/")]
fn login(mut session: Session<'_, Kept>) -> &'static str {
    session.set(Kept(Account::next()));
    DAYLIGHT
}

pub(super) async fn app(storage: Storage, servers: &Servers) -> Rc<dyn App> {
    match storage {
        Storage::Redis => on(RedisFredStorage::builder().pool(servers.pool().await).build()).await,
        Storage::Postgres => {
            let pool = PgPool::connect(&servers.postgres).await.expect("PostgreSQL");
            table(&pool, "timestamptz").await;
            on(SqlxPostgresStorage::builder().pool(pool).table_name("flex_sessions").build()).await
        }
        Storage::Sqlite => {
            let pool = SqlitePool::connect_with(servers.sqlite("flex.db")).await.expect("SQLite");
            table(&pool, "TEXT").await;
            on(SqlxSqliteStorage::builder().pool(pool).table_name("flex_sessions").build()).await
        }
    }
}

async fn on(storage: impl SessionStorage<Kept> + 'static) -> Rc<dyn App> {
    let sessions = RocketFlexSession::<Kept>::builder().storage(storage).build();
    local::launched(local::rocket().attach(sessions).mount("/", routes![read, write, login])).await
}

/// Makes the table that the documentation asks for.
async fn table<D: sqlx::Database>(pool: &sqlx::Pool<D>, time: &str)
where
    for<'c> &'c sqlx::Pool<D>: Executor<'c, Database = D>,
{
    let columns = format!("id TEXT NOT NULL PRIMARY KEY, data TEXT NOT NULL, user_id TEXT, expires {time} NOT NULL");
    let statement = format!("CREATE TABLE IF NOT EXISTS flex_sessions ({columns})");
    pool.execute(statement.as_str()).await.expect("a table");
    pool.execute("CREATE INDEX IF NOT EXISTS flex_by_user ON flex_sessions (user_id)").await.expect("an index");
}
