//! An application on a port, for what no local client sends.

use parking_lot::Mutex;
use rocket::fairing::AdHoc;
use rocket::tokio::spawn;
use rocket::tokio::sync::oneshot;
use rocket::{Build, Rocket, Shutdown};

/// Serves an application on a free port, and returns that, and what shuts it down.
///
/// # Panics
///
/// Panics if the launch is refused.
pub async fn serve(rocket: Rocket<Build>) -> (u16, Shutdown) {
    let (port, launched) = oneshot::channel();
    let port = Mutex::new(Some(port));
    let figment = rocket.figment().clone().merge(("port", 0));
    let rocket = rocket.configure(figment).attach(AdHoc::on_liftoff("port", move |rocket| {
        Box::pin(async move {
            let _ = port.lock().take().map(|port| port.send(rocket.config().port));
        })
    }));
    let rocket = rocket.ignite().await.expect("a valid rocket");
    let shutdown = rocket.shutdown();
    spawn(rocket.launch());
    (launched.await.expect("a port"), shutdown)
}
