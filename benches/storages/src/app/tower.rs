//! The application on `tower-sessions`, with axum.

use std::rc::Rc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use axum::routing::get;
use rocket::async_trait;
use sqlx::{PgPool, SqlitePool};
use tower::ServiceExt;
use tower_sessions::{Expiry, Session, SessionManagerLayer, SessionStore};
use tower_sessions_redis_store::RedisStore;
use tower_sessions_sqlx_store::{PostgresStore, SqliteStore};

use super::{Answer, App};
use crate::account::{Account, DAYLIGHT};
use crate::case::Storage;
use crate::servers::Servers;

/// The name that the data has in a session.
const ACCOUNT: &str = "account";

async fn plain() -> &'static str {
    DAYLIGHT
}

async fn read(session: Session) -> &'static str {
    let account = session.get::<Account>(ACCOUNT).await.ok().flatten();
    account.as_ref().map_or(DAYLIGHT, Account::shown)
}

async fn write(session: Session) -> &'static str {
    let Some(mut account) = session.get::<Account>(ACCOUNT).await.ok().flatten() else { return DAYLIGHT };
    let theme = account.toggle();
    session.insert(ACCOUNT, account).await.map_or(DAYLIGHT, |()| theme)
}

async fn login(session: Session) -> &'static str {
    session.insert(ACCOUNT, Account::next()).await.map_or("", |()| DAYLIGHT)
}

struct Axum(Router);

#[async_trait(?Send)]
impl App for Axum {
    async fn ask(&self, path: &'static str, cookie: Option<&str>) -> Answer {
        let request = Request::get(path);
        let request = if let Some(cookie) = cookie { request.header(header::COOKIE, cookie) } else { request };
        let request = request.body(Body::empty()).expect("a request");
        let Ok(response) = self.0.clone().oneshot(request).await;
        let cookie = response.headers().get(header::SET_COOKIE).and_then(|value| value.to_str().ok()).map(super::pair);
        let body = to_bytes(response.into_body(), 1024).await.expect("a body");
        Answer { body: String::from_utf8_lossy(&body).into_owned(), cookie }
    }
}

pub(super) fn bare() -> Rc<dyn App> {
    Rc::new(Axum(Router::new().route("/bare", get(plain))))
}

pub(super) async fn app(storage: Storage, servers: &Servers) -> Rc<dyn App> {
    match storage {
        Storage::Redis => on(RedisStore::new(servers.pool().await)),
        Storage::Postgres => {
            let store = PostgresStore::new(PgPool::connect(&servers.postgres).await.expect("PostgreSQL"));
            store.migrate().await.expect("a table");
            on(store)
        }
        Storage::Sqlite => {
            let pool = SqlitePool::connect_with(servers.sqlite("tower.db")).await.expect("SQLite");
            let store = SqliteStore::new(pool);
            store.migrate().await.expect("a table");
            on(store)
        }
    }
}

fn on(store: impl SessionStore + Clone) -> Rc<dyn App> {
    let sessions = SessionManagerLayer::new(store).with_expiry(Expiry::OnInactivity(rocket::time::Duration::days(1)));
    let routes = Router::new().route("/", get(login)).route("/read", get(read)).route("/write", get(write));
    Rc::new(Axum(routes.layer(sessions)))
}
