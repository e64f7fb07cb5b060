//! What a page is told while it is open.

use std::time::Duration;

use rocket::tokio::time::timeout;

use crate::browser::Portal;

#[rocket::async_test]
async fn the_stream_closes_when_another_device_signs_this_one_out() {
    let portal = Portal::launch().await;
    let (laptop, phone) = (portal.signed_in("ada").await, portal.signed_in("ada").await);
    let stream = laptop.get("/api/events");
    let (answer, ended) =
        rocket::tokio::join!(timeout(Duration::from_mins(1), stream), phone.post("/api/devices/end-others", ""));
    let answer = answer.expect("an end");
    assert_eq!((answer.status, ended.status), (200, 200));
    assert_eq!(answer.header("Content-Type"), Some("text/event-stream"));
    // Rocket sends heartbeats, which are comments, between any two lines.
    let lines: Vec<&str> = answer.body.lines().filter(|line| !line.is_empty() && !line.starts_with(':')).collect();
    assert_eq!(lines, ["event:hello", "data:ada", "event:signed-out", "data:"]);
}

#[rocket::async_test]
async fn who_is_not_signed_in_gets_no_stream() {
    let portal = Portal::launch().await;
    portal.browser().get("/api/events").await.is_error(401, "missing");
}
