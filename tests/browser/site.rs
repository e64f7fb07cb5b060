//! The portal, served on a free port of this machine.

use rocket::fairing::AdHoc;
use rocket::tokio::sync::oneshot;
use rocket::{Config, Shutdown, tokio};
use rocket_typed_session::Sessions;
use rocket_typed_session::testing::TestClock;
use rocket_typed_session_examples::portal::{self, Guest, User};

/// A running portal; it stops when this goes.
pub(crate) struct Site {
    pub(crate) clock: TestClock,
    port: u16,
    shutdown: Shutdown,
}

impl Site {
    pub(crate) async fn serve() -> Self {
        let clock = TestClock::new();
        let users = Sessions::<User>::builder().clock(clock.clone());
        let guests = Sessions::<Guest>::builder().clock(clock.clone());
        let (sender, receiver) = oneshot::channel();
        let liftoff = AdHoc::on_liftoff("Port", |rocket| {
            let _ = sender.send(rocket.config().port);
            Box::pin(async {})
        });
        let config = Config { port: 0, ..Config::debug_default() };
        let rocket = portal::build(rocket::custom(config), users, guests).attach(liftoff);
        let rocket = rocket.ignite().await.expect("the portal ignites");
        let shutdown = rocket.shutdown();
        tokio::spawn(rocket.launch());
        Self { clock, port: receiver.await.expect("the portal launches"), shutdown }
    }

    /// Returns the address of a page. Browsers take `localhost` for as safe as HTTPS, so that it may keep the cookie.
    pub(crate) fn address(&self, path: &str) -> String {
        format!("http://localhost:{}{path}", self.port)
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.shutdown.clone().notify();
    }
}
