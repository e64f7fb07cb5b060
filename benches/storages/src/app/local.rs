//! Rocket, asked through its local client.

use std::rc::Rc;

use rocket::http::{Cookie, Header};
use rocket::local::asynchronous::Client;
use rocket::{Build, Rocket, async_trait, get, routes};

use super::{Answer, App};
use crate::account::DAYLIGHT;

#[get("/bare")]
fn plain() -> &'static str {
    DAYLIGHT
}

struct Local(Client);

#[async_trait(?Send)]
impl App for Local {
    async fn ask(&self, path: &'static str, cookie: Option<&str>) -> Answer {
        let mut request = self.0.get(path);
        if let Some((pair, (name, value))) = cookie.and_then(|cookie| Some((cookie, cookie.split_once('=')?))) {
            // Rocket's server hands on the header, too.
            request =
                request.cookie((name.to_owned(), value.to_owned())).header(Header::new("Cookie", pair.to_owned()));
        }
        let response = request.dispatch().await;
        let cookie = response.cookies().iter().next().map(Cookie::stripped).map(|cookie| cookie.to_string());
        Answer { body: response.into_string().await.unwrap_or_default(), cookie }
    }
}

pub(super) async fn launched(rocket: Rocket<Build>) -> Rc<dyn App> {
    Rc::new(Local(Client::untracked(rocket).await.expect("an application that launches")))
}

/// Returns an application that says nothing while it runs, and has a secret key.
pub(super) fn rocket() -> Rocket<Build> {
    let figment = rocket::Config::figment()
        .merge(("log_level", "off"))
        .merge(("secret_key", "hPRYyVRiMyxpw5sBB1XeCMN1kFsDCqKvBi2QJxBVHQk="));
    rocket::custom(figment)
}

pub(super) async fn bare() -> Rc<dyn App> {
    launched(rocket().mount("/", routes![plain])).await
}
