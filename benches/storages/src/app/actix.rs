//! The application on `actix-session`.

use std::rc::Rc;

use actix_session::storage::RedisSessionStore;
use actix_session::{Session, SessionMiddleware};
use actix_web::body::{MessageBody, to_bytes};
use actix_web::cookie::Key;
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::header;
use actix_web::test::{TestRequest, init_service};
use actix_web::web::get;
use rocket::async_trait;

use super::{Answer, App};
use crate::account::{Account, DAYLIGHT};
use crate::servers::Servers;

/// The name that the data has in a session.
const ACCOUNT: &str = "account";

async fn plain() -> &'static str {
    DAYLIGHT
}

async fn read(session: Session) -> &'static str {
    let account = session.get::<Account>(ACCOUNT).ok().flatten();
    account.as_ref().map_or(DAYLIGHT, Account::shown)
}

async fn write(session: Session) -> &'static str {
    let Some(mut account) = session.get::<Account>(ACCOUNT).ok().flatten() else { return DAYLIGHT };
    let theme = account.toggle();
    session.insert(ACCOUNT, account).map_or(DAYLIGHT, |()| theme)
}

async fn login(session: Session) -> &'static str {
    session.insert(ACCOUNT, Account::next()).map_or("", |()| DAYLIGHT)
}

struct Actix<S>(S);

#[async_trait(?Send)]
impl<S, B> App for Actix<S>
where
    S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = actix_web::Error>,
    B: MessageBody,
{
    async fn ask(&self, path: &'static str, cookie: Option<&str>) -> Answer {
        let request = TestRequest::get().uri(path);
        let request = if let Some(cookie) = cookie { request.insert_header((header::COOKIE, cookie)) } else { request };
        let response = self.0.call(request.to_request()).await.expect("an answer");
        let cookie = response.headers().get(header::SET_COOKIE).and_then(|value| value.to_str().ok()).map(super::pair);
        let body = to_bytes(response.into_body()).await.ok().expect("a body");
        Answer { body: String::from_utf8_lossy(&body).into_owned(), cookie }
    }
}

pub(super) async fn bare() -> Rc<dyn App> {
    Rc::new(Actix(init_service(actix_web::App::new().route("/bare", get().to(plain))).await))
}

pub(super) async fn app(servers: &Servers) -> Rc<dyn App> {
    let store = RedisSessionStore::new(servers.redis.as_str()).await.expect("Redis");
    let app = actix_web::App::new()
        .wrap(SessionMiddleware::new(store, Key::generate()))
        .route("/", get().to(login))
        .route("/read", get().to(read))
        .route("/write", get().to(write));
    Rc::new(Actix(init_service(app).await))
}
