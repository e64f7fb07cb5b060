//! A site of another origin, served on a free port of this machine.

use rocket::fairing::AdHoc;
use rocket::response::content::RawHtml;
use rocket::tokio::sync::oneshot;
use rocket::{Config, Shutdown, State, get, routes, tokio};

/// A running site whose only page has a form that is sent to another; it stops when this goes.
pub(crate) struct Stranger {
    port: u16,
    shutdown: Shutdown,
}

struct Target(String);

#[get("/")]
fn page(target: &State<Target>) -> RawHtml<String> {
    RawHtml(format!("<form action='{}' method='post'><button>A kitten</button></form>", target.0))
}

impl Stranger {
    pub(crate) async fn serve(target: String) -> Self {
        let (sender, receiver) = oneshot::channel();
        let liftoff = AdHoc::on_liftoff("Port", |rocket| {
            let _ = sender.send(rocket.config().port);
            Box::pin(async {})
        });
        let config = Config { port: 0, ..Config::debug_default() };
        let rocket = rocket::custom(config).manage(Target(target)).mount("/", routes![page]).attach(liftoff);
        let rocket = rocket.ignite().await.expect("the other site ignites");
        let shutdown = rocket.shutdown();
        tokio::spawn(rocket.launch());
        Self { port: receiver.await.expect("the other site launches"), shutdown }
    }

    /// Returns the address of the page: of the same site as the portal, whose cookie is sent along, but not of its
    /// origin.
    pub(crate) fn address(&self) -> String {
        format!("http://localhost:{}/", self.port)
    }
}

impl Drop for Stranger {
    fn drop(&mut self) {
        self.shutdown.clone().notify();
    }
}
